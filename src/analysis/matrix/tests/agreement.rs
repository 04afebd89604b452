//! The table agrees with the evaluator: of every request that comes with a policy of this repository, the row says which
//! statements act. Each condition is compiled as it is printed and evaluated with the request.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::analysis::matrix::{Condition, Matrix, Party, Row, Subject, Write};
use crate::decision::Decision;
use crate::diag::Severity;
use crate::eval::{Effect, Explanation};
use crate::ir::{Action, Unit};
use crate::policy::Policy;
use crate::request::Request;
use crate::source::Sources;
use crate::value::{JsonLimits, Object, Value};
use crate::{catalog, lower, syntax};

const PROBE: &str = "https://probe.example/holds";

#[derive(Debug, Default)]
struct Tally {
    requests: usize,
    /// Conditions that were evaluated.
    conditions: usize,
    /// Conditions that are not quite the language's.
    unreadable: usize,
    wrong: Vec<String>,
}

#[test]
fn rows_say_what_the_evaluator_does() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tally = Tally::default();
    for folder in ["policies", "tests/corpus"].iter().flat_map(|name| folders(&root.join(name))) {
        let (yaml, sources, requests) = read(&folder);
        let unit =
            unit(&yaml, &sources, |_| ()).unwrap_or_else(|errors| panic!("{}: {errors}", folder.display()));
        let policy = Policy::seal(unit);
        let matrix = Matrix::of(policy.unit());
        let mut probes = Probes { yaml, known: BTreeMap::new() };
        for request in requests {
            let name = folder.file_name().unwrap().to_string_lossy();
            compare(&name, &policy, &matrix, &mut probes, &request, &mut tally);
        }
    }
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    assert!(tally.requests > 150 && tally.conditions > 550, "{tally:?}");
    assert!(tally.unreadable * 40 < tally.conditions, "{tally:?}");
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

type Texts = Vec<(String, String)>;

/// claims.yaml, the policy's files, and requests.
fn read(folder: &Path) -> (String, Texts, Vec<Value>) {
    let text = |path: &Path| fs::read_to_string(path).unwrap();
    let json = |path: &Path| Value::parse_json(text(path).as_bytes(), JsonLimits::default()).unwrap();
    let mut sources = Vec::new();
    let mut requests = Vec::new();
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let requested =
        fs::read_dir(folder.join("requests")).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = files.chain(requested).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "claims") {
            sources.push((name, text(&path)));
        } else if name == "examples.json" {
            let all = json(&path);
            let examples = all.get("examples").and_then(Value::as_list).unwrap();
            requests.extend(examples.iter().map(|example| example.get("request").unwrap().clone()));
        } else if path.extension().is_some_and(|extension| extension == "json")
            && !name.ends_with(".expected.json")
        {
            requests.push(json(&path));
        }
    }
    (text(&folder.join("claims.yaml")), sources, requests)
}

fn unit(yaml: &str, texts: &Texts, change: impl FnOnce(&mut catalog::Catalog)) -> Result<Unit, String> {
    let mut sources = Sources::new();
    let (mut catalog, _) = catalog::read(sources.add("claims.yaml", yaml), yaml);
    change(&mut catalog);
    let mut found = Vec::new();
    let mut files = Vec::new();
    for (name, text) in texts {
        let parsed = syntax::parse(sources.add(name, text), text);
        found.extend(parsed.findings);
        files.push(parsed.file);
    }
    let (unit, more) = lower::lower(&files, &sources, &Arc::new(catalog));
    found.extend(more);
    let errors: Vec<_> =
        found.into_iter().filter(|one| one.severity == Severity::Error).map(|one| one.message).collect();
    if errors.is_empty() { Ok(unit) } else { Err(errors.join("; ")) }
}

/// Conditions as policies.
struct Probes {
    yaml: String,
    known: BTreeMap<String, Option<Policy>>,
}

impl Probes {
    /// Whether a condition is true; `None` if it cannot be read or evaluated.
    fn holds(&mut self, condition: &Condition, request: &Value) -> Option<bool> {
        match condition {
            Condition::Always => Some(true),
            Condition::Never => Some(false),
            Condition::Except(condition, other) => {
                Some(self.holds(condition, request)? && !self.holds(other, request)?)
            }
            other => self.text_holds(&other.to_string(), request),
        }
    }

    fn text_holds(&mut self, condition: &str, request: &Value) -> Option<bool> {
        // Digests stand behind what a text does not say; the tables that they are about are not known here.
        let condition = &without_digests(condition);
        let yaml = &self.yaml;
        let policy = self.known.entry(condition.to_owned()).or_insert_with(|| {
            let text = format!(
                "claim probe = \"{PROBE}\"\nif {condition} then add probe = true to access_token, id_token, userinfo, saml"
            );
            // What a rule must mention is no matter of its condition.
            let unit = unit(yaml, &vec![("probe.claims".to_owned(), text)], |catalog| catalog.explicit_delegation = false);
            unit.ok().map(Policy::seal)
        });
        match policy.as_ref()?.evaluate(&Request::from_value(request).ok()?) {
            Decision::Issue(issued) => Some(issued.tokens.values().any(|claims| claims.contains_key(PROBE))),
            _ => None,
        }
    }
}

fn without_digests(condition: &str) -> String {
    let mut parts = condition.split(" #");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

fn compare(
    name: &str,
    policy: &Policy,
    matrix: &Matrix,
    probes: &mut Probes,
    json: &Value,
    tally: &mut Tally,
) {
    let Ok(request) = Request::from_value(json) else { return };
    let decision = policy.evaluate(&request);
    let Decision::Issue(_) = &decision else { return };
    let result = decision.to_json();
    let seen = seen(json, &result);
    tally.requests += 1;
    let explanation = policy.explain(&request, false);
    let subjects = request.grant().tokens().iter().map(Subject::Token);
    for subject in std::iter::once(Subject::Request).chain(subjects) {
        let rows: Vec<&Row> =
            matrix.rows.iter().filter(|row| fits(row, subject, &request, &result, policy.unit())).collect();
        let [row] = rows.as_slice() else {
            tally.wrong.push(format!("{name}: {} rows for {subject} of {}", rows.len(), json.to_json()));
            continue;
        };
        for write in row.cells.iter().flat_map(|cell| &cell.writes) {
            let Some(fired) = fired(policy.unit(), &explanation, write) else { continue };
            match probes.holds(&write.condition, &seen) {
                Some(holds) if holds == fired => tally.conditions += 1,
                Some(holds) => tally.wrong.push(format!(
                    "{name}: {} {subject} `{}` is {holds}, fired: {fired}\n  {}",
                    write.place,
                    write.condition,
                    json.to_json()
                )),
                None => tally.unreadable += 1,
            }
        }
        let Subject::Token(token) = subject else { continue };
        for claim in explanation.claims.iter().filter(|claim| claim.token == token) {
            for rule in claim.written_by.iter().chain(&claim.removed_by) {
                if !has(row, &claim.name, &rule.place) {
                    tally.wrong.push(format!("{name}: {subject} lacks {} by {}", claim.name, rule.place));
                }
            }
        }
    }
}

/// Whether a row has a write of a claim by the statement at a place.
fn has(row: &Row, claim: &str, place: &str) -> bool {
    let names = |name: &str| match name.split_once("* matching ") {
        Some((prefix, _)) => claim.starts_with(prefix),
        None => name == claim || name.starts_with("config."),
    };
    let cells = row.cells.iter().filter(|cell| names(&cell.name));
    cells.flat_map(|cell| &cell.writes).any(|write| *write.place == *place)
}

/// Whether the statement of a write has acted; `None` where its place is not its alone, or where it writes several
/// claims.
fn fired(unit: &Unit, explanation: &Explanation, write: &Write) -> Option<bool> {
    let mut at =
        unit.statements.iter().zip(&explanation.statements).filter(|(one, _)| one.place == write.place);
    let (statement, trace) = at.next()?;
    let is_refusal = write.verb.as_str() == "deny" && matches!(statement.action, Action::Write { .. });
    if at.next().is_some() || is_refusal || matches!(statement.action, Action::Spread { .. }) {
        return None;
    }
    match trace.effect {
        Effect::Fired => Some(true),
        Effect::NotFired(_) => Some(false),
        Effect::NoToken => None,
    }
}

fn fits(row: &Row, subject: Subject, request: &Request, result: &Value, unit: &Unit) -> bool {
    let is = |party: &Party, wanted: &str| matches!(party, Party::Listed { id, .. } if **id == *wanted);
    let id = request.client().id();
    let is_client = match unit.catalog.client(id) {
        Some(_) => row.clients.iter().any(|client| is(client, id)),
        None => row.clients.contains(&Party::Other),
    };
    let audience = result.get("audience").and_then(Value::as_list).unwrap_or_default();
    let audience: Vec<&str> = audience.iter().filter_map(Value::as_str).collect();
    let is_set = |set: &Vec<Party>| {
        set.len() == audience.len()
            && audience.iter().all(|id| match unit.catalog.audience(id) {
                Some(_) => set.iter().any(|one| is(one, id)),
                None => set.contains(&Party::Other),
            })
    };
    row.subject == subject
        && is_client
        && row.grants.contains(&request.grant())
        && row.audiences.iter().any(is_set)
}

/// The request as the statements about claims see it: with the scopes and the audience that the token will carry.
fn seen(json: &Value, result: &Value) -> Value {
    let mut members: Object = json.as_object().unwrap().clone();
    let asked = ["scopes", "audience"]
        .map(|name| (Arc::from(name), json.get(name).cloned().unwrap_or_else(|| Value::list(Vec::new()))));
    if json.get("requested").is_none() {
        members.insert("requested".into(), Value::object(asked.into_iter().collect()));
    }
    for name in ["scopes", "audience"] {
        members.insert(name.into(), result.get(name).unwrap().clone());
    }
    Value::object(members)
}
