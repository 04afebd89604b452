//! Starts the program and reads what it logs.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The program, listening on loopback. It ends with the value.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Program {
    /// Starts it on a free port with more arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_claimsc-server"));
        command.args(["--listen", "127.0.0.1:0"]).args(arguments).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        let mut start = String::new();
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("it ended: {start}")).expect("UTF-8");
            start.push_str(&line);
            start.push('\n');
            if let Some((_, rest)) = line.split_once(" address=") {
                break rest.split(' ').next().and_then(|text| text.parse().ok()).expect("an address");
            }
        };
        let log = Arc::new(Mutex::new(start));
        let kept = log.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut log = kept.lock().expect("no panic");
                log.push_str(&line);
                log.push('\n');
            }
        });
        Program { child, address, log }
    }

    /// The issuer identifier.
    pub(crate) fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until it has logged something: what it writes arrives here a moment later.
    pub(crate) fn expect_log(&self, text: &str) {
        let start = Instant::now();
        while !self.log().contains(text) {
            assert!(start.elapsed() < Duration::from_secs(60), "no `{text}` in\n{}", self.log());
            std::thread::yield_now();
        }
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("no panic").clone()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
