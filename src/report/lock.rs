//! `claims.lock`: the matrix as a file for version control, so that a change of behaviour is a change of lines.
//!
//! Each line is one effect with the requests that it is about, and depends on nothing but this effect: a change of one
//! rule changes the lines of that rule. Where rules stand and what they are called is no part of it. `*` stands for all
//! that are possible, so that one more client or audience is one more line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::analysis::matrix::{Audiences, Matrix, Party, Row, Subject, Write};
use crate::standard::Grant;

use super::visible;

/// The first lines of every file; other ones are of another version.
const HEAD: &str = "\
# What tokens carry. Written by `claimsc matrix --lock`; review its changes, do not edit it.
# claims.lock 1
# client | alias | id
# audience | alias | id
# allowed | clients | grants | audiences
# undecided | subject | expression | clients | grants | audiences
# subject | claim | effect | condition | labels | clients | grants | audiences
";

/// Between the fields of a line.
const SEPARATOR: &str = " | ";
const ALL: &str = "*";
const OTHER: &str = "(other)";
const NONE: &str = "(none)";

/// The text of the file.
pub fn write(matrix: &Matrix) -> String {
    lines(matrix).into_iter().fold(HEAD.to_owned(), |text, line| text + &line + "\n")
}

/// Why a file is no `claims.lock`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// The line, counted from 1.
    pub line: usize,
    /// The fact.
    pub message: String,
}

/// How behaviour and file differ, grouped by the requests that are concerned; `None` if they do not.
///
/// # Errors
///
/// The file is not one that [`write()`] could have written.
pub fn compare(matrix: &Matrix, file: &str) -> Result<Option<String>, Malformed> {
    let (old, new) = (parse(file)?, lines(matrix));
    let removed: Vec<&String> = old.difference(&new).collect();
    let added: Vec<&String> = new.difference(&old).collect();
    if removed.is_empty() && added.is_empty() {
        return Ok(None);
    }
    let mut groups: BTreeMap<String, Vec<(String, char)>> = BTreeMap::new();
    for (line, sign) in removed.iter().map(|line| (line, '-')).chain(added.iter().map(|line| (line, '+'))) {
        let (heading, text) = told(line);
        groups.entry(heading).or_default().push((text, sign));
    }
    let mut out = String::new();
    for (heading, mut lines) in groups {
        // What was stands before what is, claim by claim.
        lines.sort_by(|(a, s), (b, t)| (name(a), t, a).cmp(&(name(b), s, b)));
        let _ = writeln!(out, "{heading}");
        for (text, sign) in lines {
            let _ = writeln!(out, "{sign} {text}");
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{} only in the file (-), {} only in the policy (+)", removed.len(), added.len());
    Ok(Some(out))
}

fn name(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

/// The lines of a file behind its head.
fn parse(file: &str) -> Result<BTreeSet<String>, Malformed> {
    let malformed = |line: usize, message: &str| Malformed { line: line + 1, message: message.to_owned() };
    // Version control may give lines of Windows.
    let file = file.replace("\r\n", "\n");
    let mut head = HEAD.lines().enumerate().zip(file.lines().map(Some).chain(std::iter::repeat(None)));
    if let Some(((at, _), _)) = head.find(|((_, wanted), line)| *line != Some(*wanted)) {
        return Err(malformed(at, "it does not begin like a file of this version"));
    }
    let mut lines = BTreeSet::new();
    for (at, line) in file.lines().enumerate().skip(HEAD.lines().count()) {
        let fields: Vec<_> = line.split(SEPARATOR).collect();
        let wanted = match fields.first().copied() {
            Some("client" | "audience") => 3,
            Some("allowed") => 4,
            Some("undecided") => 6,
            Some(word) if Subject::parse(word).is_some() => 8,
            _ => return Err(malformed(at, "it begins with no known word")),
        };
        if fields.len() != wanted {
            return Err(malformed(at, &format!("it has {} fields, not {wanted}", fields.len())));
        }
        if !lines.insert(line.to_owned()) {
            return Err(malformed(at, "it stands there twice"));
        }
    }
    Ok(lines)
}

/// The requests that a line is about, and the rest of it in words.
fn told(line: &str) -> (String, String) {
    let place = |clients: &str, grants: &str, audiences: &str| {
        let every = |text: &str, what: &str| {
            if text == ALL { format!("every {what}") } else { text.to_owned() }
        };
        format!(
            "{}, {} -> {}",
            every(clients, "client"),
            every(grants, "grant"),
            every(audiences, "audience")
        )
    };
    match line.split(SEPARATOR).collect::<Vec<_>>().as_slice() {
        [subject, claim, effect, condition, labels, clients, grants, audiences] => {
            let labels = if labels.is_empty() { String::new() } else { format!("  [{labels}]") };
            let heading = format!("{subject}: {}", place(clients, grants, audiences));
            (heading, format!("{claim}  {effect}  {condition}{labels}"))
        }
        ["undecided", subject, expression, clients, grants, audiences] => {
            let heading = format!("{subject}: {}", place(clients, grants, audiences));
            (heading, format!("undecided: {expression}"))
        }
        ["allowed", clients, grants, audiences] => {
            ("possible requests".to_owned(), place(clients, grants, audiences))
        }
        [kind, alias, id] => (format!("{kind}s"), format!("{alias} = {id}")),
        _ => (String::new(), line.to_owned()),
    }
}

/// Clients by grant and audiences.
type Points<'a> = BTreeMap<(Grant, &'a Audiences), BTreeSet<&'a Party>>;

fn lines(matrix: &Matrix) -> BTreeSet<String> {
    let mut lines = parties(matrix);
    let mut domains: BTreeMap<Subject, Points<'_>> = BTreeMap::new();
    let mut effects: BTreeMap<(Subject, Vec<String>), Points<'_>> = BTreeMap::new();
    for row in &matrix.rows {
        add(domains.entry(row.subject).or_default(), row);
        for cell in &row.cells {
            for write in &cell.writes {
                add(effects.entry((row.subject, effect(row.subject, &cell.name, write))).or_default(), row);
            }
        }
        for expression in &row.undecided {
            let fields = vec!["undecided".to_owned(), row.subject.to_string(), expression.to_string()];
            add(effects.entry((row.subject, fields)).or_default(), row);
        }
    }
    if let Some(domain) = domains.get(&Subject::Request) {
        for region in regions(domain, None) {
            lines.insert(line(["allowed".to_owned()].into_iter().chain(region)));
        }
    }
    for ((subject, fields), points) in &effects {
        for region in regions(points, domains.get(subject)) {
            lines.insert(line(fields.iter().cloned().chain(region)));
        }
    }
    lines
}

/// Who the aliases are.
fn parties(matrix: &Matrix) -> BTreeSet<String> {
    let named = |kind: &'static str| {
        move |party: &Party| match party {
            Party::Listed { alias, id, .. } => {
                Some(line([kind.to_owned(), alias.to_string(), id.to_string()].into_iter()))
            }
            Party::Other => None,
        }
    };
    let clients = matrix.rows.iter().flat_map(|row| &row.clients).filter_map(named("client"));
    let audiences = matrix.rows.iter().flat_map(|row| &row.audiences).flatten().filter_map(named("audience"));
    clients.chain(audiences).collect()
}

fn effect(subject: Subject, name: &str, write: &Write) -> Vec<String> {
    let member = write.member.as_deref().map(|member| format!(" .{member}")).unwrap_or_default();
    let value = write.value.as_deref().map(|value| format!(" {value}")).unwrap_or_default();
    let digest = write.digest.as_deref().map(|digest| format!(" {digest}")).unwrap_or_default();
    let condition = super::matrix::condition(&write.condition);
    // Of requests the name is the verb.
    let verb = if subject == Subject::Request { "" } else { write.verb.as_str() };
    let does = format!("{verb}{member}{value}{digest}").trim_start().to_owned();
    vec![subject.to_string(), name.to_owned(), does, condition, write.labels.join(", ")]
}

fn add<'a>(points: &mut Points<'a>, row: &'a Row) {
    for grant in &row.grants {
        for audiences in &row.audiences {
            points.entry((*grant, audiences)).or_default().extend(&row.clients);
        }
    }
}

/// One field, which cannot be taken for two.
fn line(fields: impl Iterator<Item = String>) -> String {
    let fields: Vec<_> =
        fields.map(|field| visible(&field).replace('|', "\\u{7c}").replace(['\n', '\t'], " ")).collect();
    fields.join(SEPARATOR)
}

/// A list, or all that are possible.
type Choice<T> = Option<BTreeSet<T>>;

/// Points as few products of lists, always the same ones for the same points. With a `domain`, what is everything that
/// is possible there is written as such.
fn regions(points: &Points<'_>, domain: Option<&Points<'_>>) -> BTreeSet<[String; 3]> {
    let possible = |clients: &Choice<&Party>, at: &(Grant, &Audiences)| {
        domain.and_then(|domain| domain.get(at)).is_some_and(|all| match clients {
            Some(clients) => !clients.is_disjoint(all),
            None => true,
        })
    };
    let everywhere = || domain.into_iter().flat_map(BTreeMap::keys);
    let mut by_grant: BTreeMap<(Choice<&Party>, &Audiences), BTreeSet<Grant>> = BTreeMap::new();
    for (at, clients) in points {
        let is_all = domain.and_then(|domain| domain.get(at)) == Some(clients);
        let clients = (!is_all).then(|| clients.clone());
        by_grant.entry((clients, at.1)).or_default().insert(at.0);
    }
    let mut by_audience: BTreeMap<(Choice<&Party>, Choice<Grant>), BTreeSet<&Audiences>> = BTreeMap::new();
    for ((clients, audiences), grants) in by_grant {
        let all: BTreeSet<Grant> =
            everywhere().filter(|at| at.1 == audiences && possible(&clients, at)).map(|at| at.0).collect();
        let grants = (all != grants).then_some(grants);
        by_audience.entry((clients, grants)).or_default().insert(audiences);
    }
    let regions = by_audience.into_iter().map(|((clients, grants), audiences)| {
        let all: BTreeSet<&Audiences> = everywhere()
            .filter(|at| {
                grants.as_ref().is_none_or(|grants| grants.contains(&at.0)) && possible(&clients, at)
            })
            .map(|at| at.1)
            .collect();
        let audiences = (all != audiences).then_some(audiences);
        [listed(clients, name_of), listed(grants, |grant| grant.to_string()), listed(audiences, set)]
    });
    regions.collect()
}

/// Sorted by name: the order of claims.yaml is none of behaviour.
fn listed<T>(items: Choice<T>, name: impl Fn(T) -> String) -> String {
    let Some(items) = items else { return ALL.to_owned() };
    let names: BTreeSet<String> = items.into_iter().map(name).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn name_of(party: &Party) -> String {
    party.alias().map_or(OTHER, |alias| alias).to_owned()
}

fn set(audiences: &Audiences) -> String {
    let names: BTreeSet<String> = audiences.iter().map(name_of).collect();
    if names.is_empty() { NONE.to_owned() } else { names.into_iter().collect::<Vec<_>>().join("+") }
}

#[cfg(test)]
mod tests;
