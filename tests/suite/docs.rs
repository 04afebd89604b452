//! The samples of the documentation are executed.
//!
//! A block fenced as `claims` is a policy without errors; with `error=slug` behind the word, one that gives that error.
//! Its catalog is the nearest `yaml` block before it in the same section, else the one of the page that follows
//! `<!-- catalog -->`. The policy that follows `<!-- prelude -->` is a second file of all policies after it on the page
//! that have no `yaml` block of their own. Blocks fenced as `json request` and `json result` belong to the policy before
//! them, and so do `json inputs` and `text inputs`, which are what `claimsc inputs` says of it.
//!
//! A block fenced as `console` is a session in a folder of the page's own, with `policies` in it: behind `$` stands a command, or several with `|`
//! between them, and at the end `>` with a file, then what the last one prints on both streams. `[..]` stands for any text within a line, and a line `...`
//! for any lines.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use claimsc::Policy;
use claimsc::analysis::inputs::{Question, Row, inputs};
use claimsc::diag::Severity;
use claimsc::report::inputs as report_of;
use serde_json::Value;

use super::folder::{compile, decide, entries, in_repository, name, normal, read, report};

#[test]
fn samples_of_the_documentation_run() {
    let mut pages = vec![in_repository("README.md")];
    let documents = entries(&in_repository("docs"));
    pages.extend(
        documents.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")),
    );
    let mut failures = Vec::new();
    let samples: usize = pages.iter().map(|page| run(page, &mut failures)).sum();
    report(&failures);
    assert!(samples > 30, "{samples} samples");
}

#[test]
fn commands_of_the_documentation_run() {
    let mut pages = vec![in_repository("README.md")];
    pages.extend(entries(&in_repository("policies")).iter().map(|folder| folder.join("README.md")));
    let mut commands = 0;
    for page in pages {
        for block in blocks(&read(&page)).iter().filter(|block| block.info == "sh") {
            let lines = block.text.lines();
            // What else stands there makes files or takes long.
            for line in
                lines.filter_map(|line| line.strip_prefix("cargo run -- ")).filter(|l| l.starts_with("eval"))
            {
                let mut command = Command::new(env!("CARGO_BIN_EXE_claimsc"));
                let output = command.args(line.split(' ')).current_dir(in_repository("")).output();
                let output = output.expect("the program starts");
                assert!(output.status.success(), "{}: {line}\n{output:?}", page.display());
                commands += 1;
            }
        }
    }
    assert!(commands > 6, "{commands} commands");
}

#[test]
fn sessions_of_the_documentation_are_as_shown() {
    let documents = entries(&in_repository("docs"));
    let pages =
        documents.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let (mut failures, mut sessions) = (Vec::new(), 0);
    for page in pages {
        let folder = tempfile::tempdir().expect("a folder");
        copy(&in_repository("policies"), &folder.path().join("policies"));
        for block in blocks(&read(&page)).iter().filter(|block| block.info == "console") {
            for session in block.text.split("$ ").filter(|session| !session.is_empty()) {
                let (command, shown) = session.split_once('\n').expect("a command is a line");
                sessions += 1;
                let printed = pipeline(command, folder.path());
                if let Err(line) = is_shown(shown, &printed) {
                    failures.push(format!("{}:{}: {line}\n{command}\n{printed}", name(&page), block.line));
                }
            }
        }
    }
    report(&failures);
    assert!(sessions > 8, "{sessions} sessions");
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for path in entries(from) {
        let target = to.join(name(&path));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy");
        }
    }
}

/// What the last command of a pipeline prints. The first may be `echo '..'`.
fn pipeline(line: &str, folder: &Path) -> String {
    let (mut input, mut printed) = (Vec::new(), String::new());
    let (line, file) = line.split_once(" > ").map_or((line, None), |(line, file)| (line, Some(file)));
    for command in line.split(" | ") {
        if let Some(text) = command.strip_prefix("echo '") {
            input = text.trim_end_matches('\'').into();
            continue;
        }
        let arguments = command.strip_prefix("claimsc ").expect("a command of claimsc");
        let mut child = Command::new(env!("CARGO_BIN_EXE_claimsc"))
            .args(arguments.split(' '))
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A command that does not read closes the pipe, which is fine.
        let _ = child.stdin.take().expect("it is piped").write_all(&input);
        let output = child.wait_with_output().expect("the program ends");
        printed = String::from_utf8([&*output.stdout, &*output.stderr].concat()).expect("UTF-8");
        input = output.stdout;
    }
    if let Some(file) = file {
        fs::write(folder.join(file), input).expect("it is written");
        return String::new();
    }
    printed
}

/// Whether a program printed what a page shows; else the line that it did not print.
fn is_shown(shown: &str, printed: &str) -> Result<(), String> {
    let mut lines = printed.lines();
    let mut skips = false;
    for line in shown.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        if line == "..." {
            skips = true;
            continue;
        }
        let parts: Vec<String> = line.split("[..]").map(regex::escape).collect();
        let pattern = regex::Regex::new(&format!("^{}$", parts.join(".*"))).expect("a pattern");
        let is_there = if skips {
            lines.any(|printed| pattern.is_match(printed.trim_end()))
        } else {
            lines
                .by_ref()
                .map(str::trim_end)
                .find(|printed| !printed.is_empty())
                .is_some_and(|p| pattern.is_match(p))
        };
        if !is_there {
            return Err(format!("not printed: {line}"));
        }
        skips = false;
    }
    match lines.next() {
        Some(more) if !skips => Err(format!("printed and not shown: {more}")),
        _ => Ok(()),
    }
}

/// Runs the samples of a page and counts them.
fn run(path: &Path, failures: &mut Vec<String>) -> usize {
    let mut page = Page::default();
    let mut samples = 0;
    for block in blocks(&read(path)) {
        samples += usize::from(block.is_executed());
        if let Err(problem) = page.take(block) {
            failures.push(format!("{}:{problem}", name(path)));
        }
    }
    samples
}

/// A fenced block.
#[derive(Default)]
struct Block {
    line: usize,
    /// What stands behind the fence.
    info: String,
    text: String,
    /// How many headings stand before it.
    section: usize,
    role: Role,
}

/// What the comment before a block says that it is for.
#[derive(Default, Clone, Copy, PartialEq)]
enum Role {
    #[default]
    Sample,
    /// The catalog of the whole page.
    Catalog,
    /// A file of all policies of the page.
    Prelude,
}

impl Block {
    fn is_executed(&self) -> bool {
        self.info.starts_with("claims")
            || ["json result", "json inputs", "text inputs"].contains(&&*self.info)
    }
}

/// What the blocks so far have settled.
#[derive(Default)]
struct Page {
    catalog: Option<String>,
    prelude: Option<String>,
    /// A `yaml` block and its section.
    own_catalog: Option<(usize, String)>,
    policy: Option<Policy>,
    request: Option<Value>,
}

impl Page {
    fn take(&mut self, block: Block) -> Result<(), String> {
        let words: Vec<&str> = block.info.split_whitespace().collect();
        match *words.as_slice() {
            ["yaml"] if block.role == Role::Catalog => self.catalog = Some(block.text),
            ["yaml"] => self.own_catalog = Some((block.section, block.text)),
            ["claims"] => self.sample(&block, None)?,
            ["claims", word] => match word.strip_prefix("error=") {
                Some(slug) => self.sample(&block, Some(slug))?,
                None => return Err(format!("{}: `{word}` means nothing behind `claims`", block.line)),
            },
            ["json", "request"] => self.request = Some(json(&block)?),
            ["json", "result"] => self.check_result(&block)?,
            ["json", "inputs"] => self.check_inputs(&block, |rows, _| {
                serde_json::from_str::<Value>(&report_of::json(rows).to_json()).expect("JSON").to_string()
            })?,
            ["text", "inputs"] => self.check_inputs(&block, report_of::text)?,
            _ => {}
        }
        Ok(())
    }

    fn sample(&mut self, block: &Block, expected: Option<&str>) -> Result<(), String> {
        self.policy = None;
        let mut files = vec![("policy.claims".to_owned(), block.text.clone())];
        let own = self.own_catalog.as_ref().filter(|(section, _)| *section == block.section);
        let catalog = if let Some((_, text)) = own {
            Some(text)
        } else {
            files.extend(self.prelude.clone().map(|text| ("prelude.claims".to_owned(), text)));
            self.catalog.as_ref()
        };
        let compiled = compile(catalog.map(String::as_str), &files, Severity::Error);
        if block.role == Role::Prelude {
            self.prelude = Some(block.text.clone());
        }
        match (compiled, expected) {
            (Ok(policy), None) => self.policy = Some(policy),
            (Err(errors), Some(slug)) if errors.contains(&format!(" {slug}: ")) => {}
            (Ok(_), Some(slug)) => return Err(format!("{}: `{slug}` is not reported", block.line)),
            (Err(errors), _) => return Err(format!("{}\n{errors}", block.line)),
        }
        Ok(())
    }

    /// What `claimsc inputs` says of the policy, in the form of the block.
    fn check_inputs(
        &self,
        block: &Block,
        render: impl Fn(&[Row], &claimsc::catalog::Catalog) -> String,
    ) -> Result<(), String> {
        let Some(policy) = &self.policy else {
            return Err(format!("{}: inputs without a policy", block.line));
        };
        let unit = policy.unit();
        let found = render(&inputs(unit, &Question::default()), &unit.catalog);
        let expected = json(block).map_or_else(|_| block.text.clone(), |value| value.to_string());
        if found == expected {
            return Ok(());
        }
        Err(format!("{}\nexpected {expected}\n     got {found}", block.line))
    }

    fn check_result(&self, block: &Block) -> Result<(), String> {
        let (Some(policy), Some(request)) = (&self.policy, &self.request) else {
            return Err(format!("{}: a result without policy and request", block.line));
        };
        let expected = normal(&json(block)?);
        let result = normal(&decide(policy, request));
        if result == expected {
            return Ok(());
        }
        Err(format!("{}\nexpected {expected}\n     got {result}", block.line))
    }
}

fn json(block: &Block) -> Result<Value, String> {
    serde_json::from_str(&block.text).map_err(|error| format!("{}: {error}", block.line))
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let (mut section, mut role) = (0, Role::Sample);
    for (index, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, Some(info)) => {
                let info = info.trim().to_owned();
                open = Some(Block { line: index + 1, info, section, role, text: String::new() });
                role = Role::Sample;
            }
            (None, None) if line.starts_with('#') => section += 1,
            (None, None) => match line.trim() {
                "<!-- catalog -->" => role = Role::Catalog,
                "<!-- prelude -->" => role = Role::Prelude,
                _ => {}
            },
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}
