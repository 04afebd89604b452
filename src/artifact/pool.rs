//! What records refer to by number: strings, regular expressions, methods and types, each once.

use std::sync::Arc;

use regex::Regex;

use super::Fault;
use super::bytes::Cursor;
#[cfg(feature = "compiler")]
use super::bytes::put_number;
use super::checker::Checker;
use super::types;
#[cfg(feature = "compiler")]
use super::writer::Writer;
use crate::builtins::{self, Builtin, MAX_COMPILED};

/// Bytes that all compiled regular expressions of an artifact may take, by a cautious count.
const MAX_REGEXES: usize = 512 << 20;
/// What a small regular expression may take; larger ones are tried with more.
const SMALL_REGEX: usize = 16 << 10;
/// What one with groups may take beyond that: it has a second automaton, whose size only the crate knows and bounds.
const GROUPS: usize = 1 << 20;

/// The pool of an artifact.
#[derive(Debug, Default)]
pub(super) struct Pool {
    pub(super) strings: Vec<Arc<str>>,
    pub(super) regexes: Vec<Arc<Regex>>,
    pub(super) builtins: Vec<&'static Builtin>,
    /// Where each type stands; a type refers only to those before it.
    pub(super) types: Vec<u32>,
}

impl Pool {
    /// Reads and checks a pool. What it allocates is bounded by what it reads.
    pub(super) fn open(cursor: &mut Cursor<'_>) -> Result<Self, Fault> {
        let mut pool = Pool { strings: strings(cursor)?, ..Pool::default() };
        let mut left = MAX_REGEXES;
        for _ in 0..cursor.expect_count()? {
            let pattern = pool.string(cursor)?;
            pool.regexes.push(regex(pattern, &mut left)?);
        }
        for _ in 0..cursor.expect_count()? {
            let signature = pool.string(cursor)?;
            let row = builtins::methods().find(|row| *row.signature == **signature);
            pool.builtins.push(row.ok_or(Fault::Builtin)?);
        }
        let mut checker = Checker::new(*cursor, &pool);
        let types = types::check_all(&mut checker);
        let end = checker.cursor.at();
        cursor.go_to(end);
        Ok(Pool { types: types?, ..pool })
    }

    fn string(&self, cursor: &mut Cursor<'_>) -> Result<&Arc<str>, Fault> {
        let id = usize::try_from(cursor.expect_number()?).unwrap_or(usize::MAX);
        self.strings.get(id).ok_or(Fault::String)
    }
}

/// Lengths of all strings, then their bytes.
fn strings(cursor: &mut Cursor<'_>) -> Result<Vec<Arc<str>>, Fault> {
    let count = cursor.expect_count()?;
    let mut lengths = *cursor;
    for _ in 0..count {
        cursor.expect_number()?;
    }
    let mut strings = Vec::with_capacity(count);
    for _ in 0..count {
        let length = usize::try_from(lengths.expect_number()?).unwrap_or(usize::MAX);
        let text = std::str::from_utf8(cursor.expect_bytes(length)?);
        strings.push(text.map_err(|_| Fault::Utf8)?.into());
    }
    Ok(strings)
}

/// Compiles a regular expression within what is left for all of them.
fn regex(pattern: &str, left: &mut usize) -> Result<Arc<Regex>, Fault> {
    let mut limit = SMALL_REGEX;
    while limit <= *left {
        match builtins::compile_again(pattern, limit) {
            Ok(regex) => {
                let groups = if regex.captures_len() > 1 { GROUPS } else { 0 };
                *left = left.checked_sub(limit + groups).ok_or(Fault::Regexes)?;
                return Ok(regex);
            }
            Err(regex::Error::CompiledTooBig(_)) if limit < MAX_COMPILED => limit *= 4,
            Err(_) => return Err(Fault::Regex),
        }
    }
    Err(Fault::Regexes)
}

/// Writes the pool that stands before what was written.
#[cfg(feature = "compiler")]
pub(super) fn write(mut written: Writer, to: &mut Vec<u8>) -> Vec<u8> {
    let mut rest = Vec::new();
    for set in [std::mem::take(&mut written.regexes), std::mem::take(&mut written.builtins)] {
        put_number(&mut rest, set.len() as u64);
        for text in set {
            let (id, _) = written.strings.insert_full(text);
            put_number(&mut rest, id as u64);
        }
    }
    put_number(&mut rest, written.types.len() as u64);
    written.types.iter().for_each(|ty| rest.extend_from_slice(ty));
    put_number(to, written.strings.len() as u64);
    for text in &written.strings {
        put_number(to, text.len() as u64);
    }
    for text in &written.strings {
        to.extend_from_slice(text.as_bytes());
    }
    to.append(&mut rest);
    written.out
}
