//! The programs that run validators, each in the language of its libraries, and what they answer.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A program with the libraries that it drives.
pub(crate) struct Program {
    pub(crate) language: &'static str,
    /// The libraries, as it names them.
    pub(crate) libraries: &'static [&'static str],
    /// What starts it, and its arguments from the folder of its language.
    command: &'static [&'static str],
    /// What is there once its libraries are installed.
    installed: &'static str,
    /// What has to be there for [`INSTALL`] to work.
    needs: &'static str,
    /// Whether CI fails without it.
    pub(crate) is_required: bool,
}

const INSTALL: &str = "tests/validators/install";

pub(crate) const PROGRAMS: [Program; 3] = [
    Program {
        language: "node",
        libraries: &["jose", "jsonwebtoken"],
        command: &["node", "validate.mjs"],
        installed: "node_modules/.package-lock.json",
        needs: "Node.js 20.19 or newer with npm",
        is_required: true,
    },
    Program {
        language: "python",
        libraries: &["PyJWT", "Authlib"],
        command: &["venv/bin/python", "validate.py"],
        installed: "venv/bin/python",
        needs: "Python 3.10 or newer with venv",
        is_required: true,
    },
    Program {
        language: "java",
        libraries: &["nimbus-jose-jwt", "google-oauth-client"],
        command: &["java", "-cp", "target/classes:target/lib/*", "Validate"],
        installed: "target/classes/Validate.class",
        needs: "JDK 17 or newer with Maven",
        is_required: false,
    },
];

/// Why there is no answer.
pub(crate) enum NoAnswer {
    /// It is not installed.
    NotInstalled,
    /// It runs and goes wrong.
    Failed(String),
}

impl Program {
    pub(crate) fn how_to_install(&self) -> String {
        format!("not installed; have {} and run {INSTALL}", self.needs)
    }

    /// Runs the program over all cases.
    pub(crate) fn run(&self, cases: &str) -> Result<Value, NoAnswer> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/validators").join(self.language);
        if !folder.join(self.installed).exists() {
            return Err(NoAnswer::NotInstalled);
        }
        let failed = |what: &str| NoAnswer::Failed(format!("{}: {what}", self.command.join(" ")));
        let program = if self.command[0].contains('/') {
            folder.join(self.command[0])
        } else {
            PathBuf::from(self.command[0])
        };
        let mut child = Command::new(program)
            .args(&self.command[1..])
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(&error.to_string()))?;
        let mut input = child.stdin.take().expect("piped");
        // It reads everything before it answers. If it does not, its status and its words tell more.
        let _ = input.write_all(cases.as_bytes());
        drop(input);
        let output = child.wait_with_output().map_err(|error| failed(&error.to_string()))?;
        let words = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(failed(&format!("{}\n{words}", output.status)));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| failed(&format!("{error}\n{words}")))
    }
}
