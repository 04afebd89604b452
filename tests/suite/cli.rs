//! Whole commands: what is typed, what is printed on either stream, and the exit code, together.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a scene that cannot be set up is a failed test"
)]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

#[path = "cli/audit.rs"]
mod audit;
#[path = "cli/build.rs"]
mod build;
#[path = "cli/check.rs"]
mod check;
#[path = "cli/contract.rs"]
mod contract;
#[path = "cli/diff.rs"]
mod diff;
#[path = "cli/eval.rs"]
mod eval;
#[path = "cli/files.rs"]
mod files;
#[path = "cli/fingerprint.rs"]
mod fingerprint;
#[path = "cli/fix.rs"]
mod fix;
#[path = "cli/flows.rs"]
mod flows;
#[path = "cli/formats.rs"]
mod formats;
#[path = "cli/init.rs"]
mod init;
#[path = "cli/inputs.rs"]
mod inputs;
#[path = "cli/inspect.rs"]
mod inspect;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/matrix.rs"]
mod matrix;
#[path = "cli/mint.rs"]
mod mint;
#[path = "cli/profiles.rs"]
mod profiles;
#[path = "cli/program.rs"]
mod program;

/// A folder to run commands in, and a record of what happens there.
struct Scene {
    folder: TempDir,
    record: String,
}

/// What one command left behind.
struct Run {
    stdout: String,
    stderr: String,
    exit: i32,
}

impl Run {
    /// The first line on standard output.
    fn first_line(&self) -> &str {
        self.stdout.lines().next().unwrap_or_default()
    }
}

impl Scene {
    fn new() -> Self {
        Scene { folder: tempfile::tempdir().unwrap(), record: String::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file; its text goes into the record.
    fn file(mut self, name: &str, text: &str) -> Self {
        let _ = writeln!(self.record, "==> {name} <==\n{}\n", text.trim_end());
        self.bytes(name, text.as_bytes())
    }

    /// Writes a file that is too large or too odd for the record.
    fn bytes(self, name: &str, bytes: &[u8]) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_claimsc"));
        command.args(arguments.split_whitespace()).current_dir(self.folder.path()).env_clear();
        command
    }

    /// Runs `claimsc` with these arguments and text on standard input.
    fn feed(&self, arguments: &str, input: &[u8]) -> Run {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that does not read closes the pipe, which is fine.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        Run {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            exit: output.status.code().expect("the command was killed"),
        }
    }

    fn run(&self, arguments: &str) -> Run {
        self.feed(arguments, b"")
    }

    /// Runs a command and adds all of it to the record.
    fn show(mut self, arguments: &str) -> Self {
        let Run { stdout, stderr, exit } = self.run(arguments);
        let _ = writeln!(self.record, "$ claimsc {arguments}");
        for (name, text) in [("stdout", stdout), ("stderr", stderr)] {
            if !text.is_empty() {
                let _ = writeln!(self.record, "--- {name}\n{text}");
            }
        }
        let _ = writeln!(self.record, "--- exit {exit}\n");
        self
    }

    /// The record, without the name of the temporary folder.
    fn record(self) -> String {
        self.record.replace(&*self.folder.path().to_string_lossy(), "[FOLDER]")
    }
}

/// A policy without findings, with its catalog.
fn clean() -> Scene {
    Scene::new().bytes("policy.claims", POLICY.as_bytes()).bytes("claims.yaml", CATALOG.as_bytes())
}

const POLICY: &str = r#"namespace ns = "https://acme.example/claims/"

rule staff: if audience = api and user.email_verified then add ns/plan = user.plan
if audience = api then deny "no suspended users" unless user.plan != "suspended" or grant = client_credentials
if client = job then add ns/job = true
"#;

const CATALOG: &str = r#"language: 1
issuer: https://id.acme.example/
owned_domains: [acme.example]
audiences:
  api: { id: "https://api.acme.example" }
clients:
  web: { id: web, grants: [authorization_code] }
  job: { id: job, grants: [client_credentials] }
user:
  extends: oidc
  email_verified: bool
  plan: { enum: [free, pro, suspended] }
"#;

/// A request that the clean policy answers with tokens.
const REQUEST: &str = r#"{
  "grant": "authorization_code", "client": "web", "audience": "https://api.acme.example",
  "scopes": ["openid"], "user": { "sub": "u1", "email_verified": true, "plan": "pro" }
}"#;

fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}
