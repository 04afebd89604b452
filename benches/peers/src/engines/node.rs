//! V8 by the program `node`, which measures itself: commands and answers are lines of JSON. Its second figure starts from
//! JSON text, and what lies between the processes is not counted.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;

use serde_json::{Value, json};

use crate::engine::Peer;
use crate::workload::turns::Contender;

/// A process with one script.
pub(crate) struct Node(Rc<RefCell<Process>>);

pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// The version of `node`, if there is one.
pub(crate) fn version() -> Option<String> {
    let output = Command::new("node").arg("-p").arg("process.versions.v8").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

impl Node {
    /// Starts a process and loads a script; also gives the nanoseconds and bytes that this took.
    pub(crate) fn load(script: &str) -> Result<(Self, f64, f64), String> {
        let mut child = Command::new("node")
            .args(["-e", include_str!("node.js")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("node: {error}"))?;
        let (input, output) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        let mut process = Process { child, input, output: BufReader::new(output) };
        let answer = process.ask(&json!({ "command": "load", "source": script }));
        let [nanos, bytes] = ["nanos", "bytes"].map(|name| answer[name].as_f64().expect("a number"));
        Ok((Node(Rc::new(RefCell::new(process))), nanos, bytes))
    }
}

impl Process {
    fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.input, "{command}").expect("node reads");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("node answers");
        serde_json::from_str(&line).expect("node answers with JSON")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The process is of no use any more; whether it has ended by itself does not matter.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Peer for Node {
    fn contenders(&self, name: &str, requests: &[Value]) -> [Box<dyn Contender>; 2] {
        let texts: Vec<String> = requests.iter().map(Value::to_string).collect();
        let set = self.0.borrow_mut().ask(&json!({ "command": "requests", "texts": texts }));
        [false, true].map(|text| -> Box<dyn Contender> {
            Box::new(Turns { process: self.0.clone(), name: name.to_owned(), set: set.clone(), text })
        })
    }
}

struct Turns {
    process: Rc<RefCell<Process>>,
    name: String,
    set: Value,
    /// Whether requests and claims are JSON text.
    text: bool,
}

impl Contender for Turns {
    fn name(&self) -> &str {
        &self.name
    }

    fn claims(&mut self, request: usize) -> Value {
        let Turns { set, text, .. } = self;
        let command = json!({ "command": "claims", "set": set, "request": request, "text": text });
        self.process.borrow_mut().ask(&command)
    }

    fn turn(&mut self, order: &[usize], repeats: usize) -> f64 {
        let Turns { set, text, .. } = self;
        let command =
            json!({ "command": "turn", "set": set, "order": order, "repeats": repeats, "text": text });
        self.process.borrow_mut().ask(&command).as_f64().expect("a number")
    }
}
