//! Whatever the catalog: a request about which little is chosen can be evaluated.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::reader::faults;
use super::*;
use crate::value::Object;

/// Catalogs that make it hard to be complete.
const NASTY: &[&str] = &[
    // Defaults, with and without members that are required.
    r#"
user:
  a: { type: string, default: x }
  b: { type: "string[]", default: [x, y] }
  c: { type: "{ d: string, e: string? }", default: { d: x } }
  f: { type: timestamp, default: "2026-01-01T00:00:00Z" }
  g: { type: duration, default: 5m }
  h: { type: int, optional: true, default: 7 }
"#,
    // Required parts in optional parts and the other way round.
    r#"
user:
  a: "{ b: string, c: { d: int, e: { f: bool }? } }?"
  g: "{ h: { i: string? }, j: { k: { l: email } } }"
  m: "{}"
  n: "{ o: map[{ p: string }] }"
"#,
    // What is open.
    r#"
user:
  a: "{ b: string, ... }"
  c: "{ ... }?"
  d: map[json]
  e: json
  f: { type: json, max_bytes: 2 }
  g: { type: json, max_bytes: 1 }
  h: { type: "{ a: string, ... }", max_bytes: 9 }
connection: { id: string, strategy: string, metadata: "{ tier: string }" }
organization: { id: int, plan: { enum: [b, a] } }
session: { auth_time: timestamp, sid: string }
actor: { sub: string, since: timestamp }
request: { ip: string, geo: "{ country: string }" }
external:
  risk: "{ score: int }"
  crm: { type: "{ tier: string }", optional: true }
  any: json
"#,
    // Bounds.
    r#"
user:
  a: { type: string, max_length: 1 }
  b: { type: string, max_length: 1 }
  c: { type: email, max_length: 1 }
  d: { type: "string[]", max_items: 0 }
  e: { type: "map[string]", max_items: 0, max_length: 1 }
  f: { type: int, min: 5, max: 5 }
  g: { type: int, min: 5, max: 5 }
  h: { type: int, max: -3 }
  i: { type: number, min: -1, max: 0 }
  j: { type: string, max_length: 0 }
  k: { type: email, max_length: 12 }
  l: { type: email, max_length: 12 }
  given_name_as_it_stands_in_the_passport_that_was_shown_when_the_account_was_opened: string
"#,
    // Names that repeat, and constants that are bound later.
    r#"
user: { name: string, a: "{ name: string, name2: string }", b: "{ name: string }", sub: string, email: email, mail: email }
organization: { id: string, name: string }
client_metadata: { tier: { enum: [silver, gold] }, quota: int, since: timestamp, name: string }
config:
  beta: string
  regions: string[]
  max_age: { type: duration, default: 12h }
  bound: { type: string, value: x }
  soon: timestamp
  maybe: string?
"#,
];

fn all() -> Vec<(String, Catalog)> {
    let mut catalogs = vec![("default".to_owned(), Catalog::default_world())];
    for (index, members) in NASTY.iter().enumerate() {
        let yaml = format!("language: 1\nissuer: https://id.acme.example/\n{members}");
        catalogs.push((format!("nasty {index}"), catalog(&yaml)));
    }
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["policies", "tests/corpus"] {
        let folders = fs::read_dir(repository.join(folder)).unwrap();
        files.extend(folders.map(|entry| entry.unwrap().path().join("claims.yaml")));
    }
    files.extend(["all_keys", "example"].map(|name| repository.join(format!("tests/catalog/{name}.yaml"))));
    files.sort();
    for file in files.into_iter().filter(|file| file.exists()) {
        catalogs.push((file.display().to_string(), catalog(&fs::read_to_string(&file).unwrap())));
    }
    assert!(catalogs.len() > 40, "there are {} catalogs", catalogs.len());
    catalogs
}

/// Every grant, with and without a user where both occur; listed clients and another.
fn frames(catalog: &Catalog) -> Vec<Choices> {
    let mut frames = Vec::new();
    let listed = catalog.clients.values().take(3).map(|client| &*client.id);
    for client in listed.chain(["elsewhere"]) {
        for grant in Grant::ALL {
            frames.push(choices(*grant, client));
            if grant.user() == UserPresence::Maybe {
                frames.push(Choices { user: true, ..choices(*grant, client) });
            }
        }
    }
    frames
}

#[test]
fn every_catalog_has_requests_that_lack_nothing() {
    for (name, catalog) in all() {
        for choices in frames(&catalog) {
            let request = request(&catalog, &choices).unwrap_or_else(|| panic!("{name}: {choices:?}"));
            let faults = faults(&catalog, &request, &choices.failed);
            assert!(faults.is_empty(), "{name}: {faults:?} in {}", request.to_json());
        }
    }
}

#[test]
fn every_catalog_has_requests_whose_sources_failed() {
    for (name, catalog) in all() {
        let crate::ty::ShapeKind::Record(sources) = &catalog.input(Root::External).unwrap().kind else {
            panic!("{name}");
        };
        let failed = sources.members.iter().map(|(source, _)| source.clone()).collect();
        let choices = Choices { failed, ..choices(Grant::AuthorizationCode, "elsewhere") };
        let request = request(&catalog, &choices).unwrap_or_else(|| panic!("{name}"));
        let faults = faults(&catalog, &request, &choices.failed);
        assert!(faults.is_empty(), "{name}: {faults:?} in {}", request.to_json());
    }
}

/// Everything that is optional and at most two members deep, once there and once chosen to be absent.
#[test]
fn every_optional_part_can_be_there() {
    for (name, catalog) in all() {
        for root in Root::ALL {
            let frame = choices(Grant::AuthorizationCode, "elsewhere");
            let mut parts = Vec::new();
            optional_parts(&Path::root(root), catalog.input(root).unwrap(), 2, &mut parts);
            for part in parts {
                for chosen in [Some(Value::object(Object::new())), None] {
                    let mut choices = frame.clone();
                    choices.values.insert(part.clone(), chosen.clone());
                    let request = request(&catalog, &choices);
                    let request = request.unwrap_or_else(|| panic!("{name}: {part} {chosen:?}"));
                    let faults = faults(&catalog, &request, &choices.failed);
                    assert!(faults.is_empty(), "{name}: {part}: {faults:?} in {}", request.to_json());
                }
            }
        }
    }
}

/// Optional records, of which nothing else need be chosen.
fn optional_parts(at: &Path, shape: &crate::ty::Shape, depth: usize, parts: &mut Vec<Path>) {
    let crate::ty::ShapeKind::Record(record) = &shape.kind else { return };
    if shape.may_be_absent() {
        parts.push(at.clone());
    }
    for (name, shape) in record.members.iter().filter(|_| depth > 0) {
        optional_parts(&at.member(name), shape, depth - 1, parts);
    }
}

#[test]
fn free_parts_are_readable() {
    let mut out = String::new();
    for members in NASTY {
        let catalog = catalog(&format!("language: 1\nissuer: https://id.acme.example/\n{members}"));
        let free = with(
            choices(Grant::AuthorizationCode, "elsewhere"),
            &[("connection", "{}"), ("organization", "{}"), ("actor", "{}")],
        );
        let request = request(&catalog, &free).unwrap();
        writeln!(out, "{}", members.trim_start_matches('\n')).unwrap();
        for (name, value) in request.as_object().unwrap() {
            writeln!(out, "{name}: {}", value.to_json()).unwrap();
        }
        out.push_str("----\n");
    }
    insta::assert_snapshot!(out);
}
