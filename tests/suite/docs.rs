//! The samples of the documentation are executed.
//!
//! A block fenced as `claims` is a policy without errors; with `error=slug` behind the word, one that gives that error.
//! Its catalog is the nearest `yaml` block before it in the same section, else the one of the page that follows
//! `<!-- catalog -->`. The policy that follows `<!-- prelude -->` is a second file of all policies after it on the page that have
//! no `yaml` block of their own. Blocks fenced as `json request` and `json result` belong to the policy before them.

use std::path::Path;

use claimsc::diag::Severity;
use serde_json::Value;

use super::folder::{compile, decide, entries, in_repository, name, normal, read, report};

struct Block {
    line: usize,
    /// What stands behind the fence.
    info: String,
    text: String,
    section: usize,
    /// The word of the comment before it.
    role: Option<&'static str>,
}

/// Comments that say what the next block is for.
const ROLES: [(&str, &str); 2] = [("<!-- catalog -->", "catalog"), ("<!-- prelude -->", "prelude")];

#[test]
fn samples_of_the_documentation_run() {
    let mut pages = vec![in_repository("README.md")];
    pages.extend(entries(&in_repository("docs")).into_iter().filter(|path| name(path).ends_with(".md")));
    let mut failures = Vec::new();
    let samples: usize = pages.iter().map(|page| run_page(page, &mut failures)).sum();
    report(&failures);
    assert!(samples > 30, "{samples} samples");
}

/// Runs the samples of a page and counts them.
fn run_page(page: &Path, failures: &mut Vec<String>) -> usize {
    let blocks = blocks(&read(page));
    let page_catalog = blocks.iter().find(|block| block.role == Some("catalog")).map(|block| block.text.as_str());
    let mut samples = 0;
    let mut prelude: Option<&str> = None;
    let mut policy = None;
    let mut request: Option<Value> = None;
    for (index, block) in blocks.iter().enumerate() {
        let place = format!("{}:{}", name(page), block.line);
        let mut words = block.info.split_whitespace();
        match (words.next(), words.next()) {
            (Some("claims"), expected) => {
                samples += 1;
                let own = blocks[..index].iter().rev().find(|b| b.section == block.section && b.info == "yaml" && b.role.is_none());
                let catalog = own.map(|block| block.text.as_str()).or(page_catalog);
                let mut files = vec![("policy.claims".to_owned(), block.text.clone())];
                if let (None, Some(text)) = (own, prelude) {
                    files.push(("prelude.claims".to_owned(), text.to_owned()));
                }
                if block.role == Some("prelude") {
                    prelude = Some(&block.text);
                }
                let compiled = compile(catalog, &files, Severity::Error);
                let expected = expected.and_then(|word| word.strip_prefix("error="));
                policy = match (compiled, expected) {
                    (Ok(policy), None) => Some(policy),
                    (Ok(_), Some(slug)) => {
                        failures.push(format!("{place}: `{slug}` expected, but there is no error\n{}", block.text));
                        None
                    }
                    (Err(errors), Some(slug)) if errors.contains(&format!(" {slug}: ")) => None,
                    (Err(errors), _) => {
                        failures.push(format!("{place}\n{}{errors}", block.text));
                        None
                    }
                };
            }
            (Some("json"), Some("request")) => request = Some(json(&place, &block.text)),
            (Some("json"), Some("result")) => {
                samples += 1;
                let (Some(policy), Some(request)) = (&policy, &request) else {
                    failures.push(format!("{place}: no policy and request before this result"));
                    continue;
                };
                let expected = normal(&json(&place, &block.text));
                let result = normal(&decide(policy, request));
                if result != expected {
                    failures.push(format!("{place}\nexpected {expected}\n     got {result}"));
                }
            }
            _ => {}
        }
    }
    samples
}

fn json(place: &str, text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{place}: {error}"))
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut is_open, mut section, mut role) = (false, 0, None);
    for (index, line) in page.lines().enumerate() {
        if let Some(info) = line.strip_prefix("```") {
            if !is_open {
                let info = info.trim().to_owned();
                blocks.push(Block { line: index + 1, info, text: String::new(), section, role });
                role = None;
            }
            is_open = !is_open;
        } else if is_open {
            if let Some(block) = blocks.last_mut() {
                block.text.push_str(line);
                block.text.push('\n');
            }
        } else if line.starts_with('#') {
            section += 1;
        } else if let Some((_, word)) = ROLES.iter().find(|(comment, _)| *comment == line.trim()) {
            role = Some(*word);
        }
    }
    blocks
}
