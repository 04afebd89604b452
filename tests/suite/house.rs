//! The rules of the house that a compiler does not hold: layers point one way, vendors stay in their rooms, the
//! library does no input or output, files and functions stay small.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground up. A room may use those before it.
const FLOORS: &[&str] = &[
    "ascii", "parallel", "source", "diag", "standard", "value", "ty", "ast", "suggest", "syntax", "catalog",
    "builtins", "ir", "lower", "check", "request", "input", "decision", "eval", "artifact", "program",
    "policy", "mint", "logic", "analysis", "inspect", "registry", "compile", "report", "cli",
];

/// Words of a vendor and the rooms that may say them.
const VENDORS: &[(&str, &[&str])] = &[
    ("pest", &["syntax"]),
    ("Rule::", &["syntax"]),
    ("serde_json", &["input"]),
    ("serde_yaml", &["catalog"]),
    ("psl::", &["catalog"]),
    ("miette", &["report"]),
    ("clap", &["cli"]),
    ("strsim", &["suggest", "registry"]),
    ("batsat", &["logic"]),
    ("regex_automata", &["logic"]),
    ("sha2::", &["artifact", "logic", "analysis", "report"]),
    ("unicode_normalization", &["check"]),
    ("unicode_security", &["check"]),
    ("aws_lc_rs", &["mint"]),
    ("jsonwebtoken", &["mint"]),
    ("zeroize", &["mint", "cli"]),
    ("std::thread", &["parallel", "cli"]),
];

/// What does input or output, reads a clock or the environment, or ends the process.
const EFFECTS: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "std::net::Tcp",
    "SystemTime",
    "Instant::now",
    "println!",
    "eprintln!",
];

const MAX_LINES: usize = 500;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Path and text of every file of what stands beside the library: the example server, with its tests and benches, and what
/// is fuzzed.
fn beside() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in ["src", "tests/suite", "benches"] {
        files(&root.join("examples/server").join(folder), &mut paths);
    }
    files(&root.join("fuzz/targets"), &mut paths);
    let name = |path: &Path| path.strip_prefix(root).expect("below the root").display().to_string();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).expect("UTF-8"))).collect()
}

/// Path, room and text of every file of the library and the program, tests cut off.
fn sources() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("src"), &mut paths);
    let mut sources = Vec::new();
    for path in paths {
        let name =
            path.strip_prefix(root).expect("below the root").to_str().expect("UTF-8").replace('\\', "/");
        let is_test =
            ["/tests.rs", "/testing.rs", "_tests.rs", "/manual.rs"].iter().any(|end| name.ends_with(end))
                || name.contains("/tests/");
        let first =
            name.trim_start_matches("src/").split(['/', '.']).next().expect("a first part").to_owned();
        if is_test || matches!(first.as_str(), "lib" | "main") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("UTF-8");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
        sources.push((name, first, code));
    }
    assert!(sources.len() > 50, "the sources were found");
    sources
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

#[test]
fn layers_point_one_way() {
    let floor: BTreeMap<&str, usize> = FLOORS.iter().enumerate().map(|(i, room)| (*room, i)).collect();
    let mut wrong = Vec::new();
    for (name, room, text) in sources() {
        let own = *floor.get(room.as_str()).unwrap_or_else(|| panic!("{name}: `{room}` stands on no floor"));
        for line in text.lines().filter(|line| !is_comment(line)) {
            for used in line.split("crate::").skip(1) {
                let word = used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                if let Some(other) = floor.get(word)
                    && *other > own
                {
                    wrong.push(format!("{name}: `{room}` uses `{word}`, which stands above it"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn vendors_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for (name, room, text) in sources() {
        for (word, rooms) in VENDORS {
            let says = text.lines().filter(|line| !is_comment(line)).any(|line| line.contains(word));
            if says && !rooms.contains(&room.as_str()) {
                wrong.push(format!("{name}: `{word}` belongs to {}", rooms.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_program_has_effects() {
    let mut wrong = Vec::new();
    for (name, room, text) in sources() {
        for effect in EFFECTS {
            let has = text.lines().filter(|line| !is_comment(line)).any(|line| line.contains(effect));
            if has && room != "cli" {
                wrong.push(format!("{name}: `{effect}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_small() {
    let long: Vec<String> = sources()
        .into_iter()
        .map(|(name, _, text)| (name, text))
        .chain(beside())
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_project_speaks_of_itself() {
    // Written in two parts, so that this file does not say them.
    let words =
        [["/tm", "p/"], ["/wo", "rk/"], ["../sha", "red"], ["TO", "DO"], ["FIX", "ME"]].map(|w| w.concat());
    let mut wrong = Vec::new();
    for (name, text) in sources().into_iter().map(|(name, _, text)| (name, text)).chain(beside()) {
        for word in &words {
            if text.contains(word.as_str()) {
                wrong.push(format!("{name}: `{word}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
