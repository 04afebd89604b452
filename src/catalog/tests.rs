//! Fixtures of claims.yaml with what is found in them and what they mean; hostile text; the published schema.

mod schema_agrees;

use std::fmt::Write as _;

use super::{Catalog, Root, bind_config, read, schema};
use crate::diag::Diagnostic;
use crate::source::Sources;
use crate::ty::{Labels, Shape, ShapeKind};
use crate::value::{JsonLimits, Value};

/// What is read from a text, and its findings with their places.
fn read_text(text: &str) -> (Catalog, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::new();
    let file = sources.add("claims.yaml", text);
    let (catalog, findings) = read(file, text);
    (catalog, findings, sources)
}

fn render_findings(findings: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for finding in findings {
        let at = sources.start(finding.span);
        let code = finding.code;
        writeln!(out, "{}:{} {} {}: {}", at.line, at.column, code.code, code.slug, finding.message).unwrap();
        writeln!(out, "    at `{}`", sources.text(finding.span).escape_debug()).unwrap();
        for label in &finding.labels {
            let at = sources.start(label.span);
            writeln!(out, "    {}:{} {}", at.line, at.column, label.text).unwrap();
        }
        if let Some(help) = &finding.help {
            writeln!(out, "    help: {help}").unwrap();
        }
        for fix in &finding.fixes {
            let edits: Vec<String> =
                fix.edits.iter().map(|e| format!("`{}`", e.text.escape_debug())).collect();
            writeln!(out, "    fix ({}): {}: {}", fix.applicability.as_str(), fix.title, edits.join(", "))
                .unwrap();
        }
    }
    if out.is_empty() { "no findings\n".to_owned() } else { out }
}

fn names(labels: Labels, catalog: &Catalog) -> String {
    let names: Vec<&str> = labels.indexes().map(|i| catalog.labels.get(i).map_or("?", |l| l)).collect();
    names.join("+")
}

/// A type with its bounds, default and labels behind it.
fn render_shape(shape: &Shape, catalog: &Catalog, level: usize) -> String {
    let mut out = match &shape.kind {
        ShapeKind::Record(record) => {
            let mut text = "{".to_owned();
            for (name, member) in &record.members {
                let member = render_shape(member, catalog, level + 1);
                write!(text, "\n{}{name}: {member}", "  ".repeat(level + 1)).unwrap();
            }
            text + if record.open { " ... }" } else { " }" }
        }
        ShapeKind::List(element) => format!("list of {}", render_shape(element, catalog, level)),
        ShapeKind::Map(value) => format!("map of {}", render_shape(value, catalog, level)),
        ShapeKind::Error => "error".to_owned(),
        _ => shape.ty().kind.to_string(),
    };
    if shape.optional {
        out.push('?');
    }
    let b = shape.bounds;
    for (name, bound) in
        [("max_length", b.max_length), ("max_items", b.max_items), ("max_bytes", b.max_bytes)]
    {
        if let Some(bound) = bound {
            write!(out, " {name}={bound}").unwrap();
        }
    }
    for (name, bound) in [("min", b.min), ("max", b.max)] {
        if let Some(bound) = bound {
            write!(out, " {name}={bound}").unwrap();
        }
    }
    if let Some(default) = &shape.default {
        write!(out, " default={}", default.to_json()).unwrap();
    }
    if !shape.labels.is_empty() {
        write!(out, " [{}]", names(shape.labels, catalog)).unwrap();
    }
    out
}

/// Everything that is not as without a claims.yaml.
#[expect(clippy::too_many_lines, reason = "one line for each part of a catalog")]
fn render_catalog(c: &Catalog) -> String {
    let mut out = String::new();
    let mut line = |name: &str, text: String| {
        if !text.is_empty() && text != "[]" && text != "None" && text != "{}" {
            writeln!(out, "{name}: {text}").unwrap();
        }
    };
    let list = |items: &[std::sync::Arc<str>]| items.join(" ");
    line("issuer", c.issuer.as_deref().unwrap_or_default().to_owned());
    line("profile", c.profile.to_string());
    line("owned_domains", list(&c.owned_domains));
    for (name, namespace) in &c.foreign_namespaces {
        line("foreign", format!("{name} ({})", namespace.reason));
    }
    for (name, claim) in &c.private_claims {
        let ty = claim.ty.as_ref().map(|ty| format!(": {ty}")).unwrap_or_default();
        line("private", format!("{name}{ty} ({})", claim.reason));
    }
    line("labels", list(&c.labels[4..]));
    line("lifetimes", format!("{:?} {:?}", c.lifetimes.access_token, c.lifetimes.id_token));
    for (name, constant) in &c.config {
        line(
            "config",
            format!("{name} = {}", constant.value.as_ref().map_or("?".to_owned(), Value::to_json)),
        );
    }
    for (alias, a) in &c.audiences {
        let accepts = a.accepts.map(|l| format!(" accepts[{}]", names(l, c))).unwrap_or_default();
        line(
            "audience",
            format!(
                "{alias} {}{accepts} {:?} {:?} {:?} {:?}",
                a.id, a.max_token_bytes, a.scopes, a.lifetimes.access_token, a.lifetimes.id_token
            ),
        );
    }
    line("audience world", format!("{:?}", c.audience_world));
    line("audience sets", format!("{:?}", c.audience_sets));
    line("default audience", c.default_audience.as_deref().unwrap_or_default().to_owned());
    line("issuer endpoints", list(&c.issuer_endpoints));
    for (alias, a) in &c.clients {
        let accepts = a.accepts.map(|l| format!(" accepts[{}]", names(l, c))).unwrap_or_default();
        line(
            "client",
            format!(
                "{alias} {}{accepts} {:?} {:?} {:?} {:?} {} {:?}",
                a.id,
                a.name,
                a.confidential,
                a.grants,
                a.audiences,
                a.metadata.to_json(),
                a.lifetimes.access_token
            ),
        );
    }
    line("client world", format!("{:?}", c.client_world));
    for (alias, p) in c.connections.iter().chain(&c.organizations) {
        line("party", format!("{alias} {} {:?} {:?}", p.id, p.name, p.strategy));
    }
    let standard = Catalog::default_world();
    for root in Root::ALL {
        let shape = c.input(root).unwrap();
        if Some(shape) != standard.input(root) {
            line(root.as_str(), render_shape(shape, c, 0));
        }
    }
    line("explicit delegation", if c.explicit_delegation { "yes".to_owned() } else { String::new() });
    line("locked", format!("{:?}", c.locked.iter().map(|(slug, _)| slug).collect::<Vec<_>>()));
    out
}

#[test]
fn fixtures() {
    insta::glob!("../../tests/catalog", "*.yaml", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let (catalog, findings, sources) = read_text(&text);
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../../tests/catalog");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            let report = format!(
                "{text}\n--- findings\n{}--- catalog\n{}",
                render_findings(&findings, &sources),
                render_catalog(&catalog)
            );
            insta::assert_snapshot!("catalog", report);
        });
    });
}

/// Text that is no acceptable YAML: every finding has a place, and nothing panics.
#[test]
fn text_that_is_no_catalog() {
    let cases = [
        "",
        "\n# nothing\n",
        "language",
        "- language: 1",
        "language: 1\nlanguage: 1",
        "language: 2",
        "language: \"1\"",
        "language:",
        "issuer: https://a.example/\n",
        "\u{feff}issuer: https://a.example/\r\nlanguage: 1\r\nprofil: generic\r\n",
        "language: 1\nuser:\n\tsub: string",
        "language: 1\nuser: { ünï: strng, \"é\": strïng }",
        "language: 1\nuser: { roles: string[], sub: string }",
        "language: 1\nuser: { roles: string[]?, sub: string }",
        "language: 1\nuser: { a: map[string] }",
        "language: 1\nuser: { a: { b: string[] } }",
        "language: 1\nuser: { tenant: string?, admin: bool? }",
        "language: 1\nuser:\n  a: string[]?\n  b: map[int]\n  c: { d: string? }",
        "language: 1\nuser:\n  plan: \"free\" | \"pro\"",
        "language: 1\nuser: { sub: string",
        "language: 1\nlabels: [a, b",
        "language: 1\n  issuer: x",
        "language: 1\nissuer: a: b",
        "language: 1\nissuer: @x",
        "language: 1\nissuer: 'x",
        "language: 1\nissuer: \"\\q\"",
        "language: 1\nissuer: a\0b",
        "language: 1\nissuer: \"a\\0b\"",
        "%YAML 1.1\n---\nlanguage: 1",
        "language: 1\n...\ntrailing: 1",
        "language: 1\nissuer: |\n  https://a.example/\n",
        "language: 1\n\"is\\u0073uers\": x",
    ];
    let mut out = String::new();
    for text in cases {
        let (_, findings, sources) = read_text(text);
        for finding in &findings {
            assert!(finding.span.end as usize <= text.len(), "{text:?}");
        }
        let rendered = render_findings(&findings, &sources);
        writeln!(out, "{text:?}\n{rendered}").unwrap();
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../tests/catalog");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("text_that_is_no_catalog", out));
}

/// Hostile files are refused quickly, with few findings.
#[test]
fn hostile_files() {
    let many = |count: usize, text: fn(usize) -> String| (0..count).map(text).collect::<Vec<_>>().concat();
    let bomb = |i: usize| format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i.max(1) - 1); 9].join(", "));
    let cases = [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        "\"".repeat(100_000),
        "a: ".repeat(100_000),
        "!".repeat(100_000),
        "&a ".repeat(100_000),
        "%".repeat(100_000),
        "\t".repeat(100_000),
        "\0".repeat(100_000),
        "a".repeat((1 << 20) + 1),
        many(30, bomb),
        many(100_000, |i| format!("k{i}: 1\n")),
        format!("language: 1\nuser:\n{}", many(50_000, |i| format!("  a{i}: strng\n"))),
        format!("language: 1\nuser: {{ a: \"string{}\" }}", "[]".repeat(100_000)),
        format!("language: 1\nuser: {{ a: \"string{}\" }}", "?".repeat(100_000)),
        format!("language: 1\nuser: {{ a: \"{}\" }}", "map[".repeat(100_000)),
        format!(
            "language: 1\nuser: {{ a: {{ type: json, default: {}1{} }} }}",
            "[".repeat(20),
            "]".repeat(20)
        ),
        format!("language: 1\naudiences: {{{}}}", many(20_000, |i| format!("a{i}: {{ id: x }}, "))),
    ];
    for text in &cases {
        let start = text.get(..40).unwrap_or(text);
        let (_, findings, _) = read_text(text);
        assert!(!findings.is_empty() && findings.len() <= 101, "{start}: {}", findings.len());
    }
}

#[test]
fn config_is_bound_by_name_and_type() {
    let (catalog, findings, _) = read_text(
        "language: 1\nconfig: { a: int, b: { type: int, max: 9 }, c: string?, d: { type: int, default: 1 }, e: { type: int, value: 1 }, f: { g: \"timestamp\" } }",
    );
    assert!(findings.is_empty());
    let bind = |json: &str| {
        let mut catalog = catalog.clone();
        let value = Value::parse_json(json.as_bytes(), JsonLimits::default()).unwrap();
        bind_config(&mut catalog, &value).map(|()| {
            let values = catalog.config.iter().map(|(name, constant)| {
                format!("{name}={}", constant.value.as_ref().map_or("-".to_owned(), Value::to_json))
            });
            values.collect::<Vec<_>>().join(" ")
        })
    };
    let good = r#"{ "a": 1, "b": 9, "f": { "g": "1970-01-01T00:01:00Z" } }"#;
    assert_eq!(bind(good).unwrap(), r#"a=1 b=9 c=- d=- e=1 f={"g":60}"#);
    let errors =
        bind(r#"{ "a": "x", "b": 10, "c": null, "e": 2, "f": { "g": 1, "h": 2 }, "z": 1 }"#).unwrap_err();
    assert_eq!(
        errors,
        [
            "`config.a` is not a whole number in 64 bits",
            "`config.b` is greater than 9",
            "`config.e` has its value in claims.yaml",
            "`config.f.h` is not declared",
            "claims.yaml has no constant `config.z`",
        ]
    );
    assert_eq!(bind("{}").unwrap_err().len(), 3);
    assert_eq!(bind("[]").unwrap_err(), ["the config is not an object, but a list"]);
}

/// `UPDATE_DOCS=1` writes the file anew.
#[test]
fn the_published_schema_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/claims.schema.json");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, schema()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), schema(), "set UPDATE_DOCS=1 to update it");
}

/// The document of the language describes claims.yaml by this file.
#[test]
fn the_example_of_the_manual_has_no_mistakes() {
    let (_, findings, _) = read_text(include_str!("../../tests/catalog/example.yaml"));
    assert!(findings.is_empty());
}

/// Every place of a finding can be shown, whatever is broken where.
#[test]
fn places_are_places_in_the_text() {
    let text = include_str!("../../tests/catalog/shapes_good.yaml").replace("tier", "tïer");
    let boundaries = (0..=text.len()).filter(|i| text.is_char_boundary(*i)).step_by(29);
    for at in boundaries {
        let (head, tail) = text.split_at(at);
        for inserted in ["[", "\t", "\"", ": ", "é", "\r\n- "] {
            let broken = format!("{head}{inserted}{tail}");
            let (_, findings, _) = read_text(&broken);
            for finding in &findings {
                let places = finding.labels.iter().map(|label| label.span).chain([finding.span]);
                let edits = finding.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
                for span in places.chain(edits) {
                    assert!(broken.get(span.start as usize..span.end as usize).is_some(), "{broken}");
                }
            }
        }
        let _ = read_text(head);
    }
}
