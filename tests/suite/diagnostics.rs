//! Every diagnostic keeps what its page promises: the example gives it, the fix mends it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use claimsc::compile::{Compilation, Compiler};
use claimsc::decision::Decision;
use claimsc::diag::{Code, Severity};
use claimsc::registry;
use claimsc::request::Request;
use claimsc::value::{JsonLimits, Value};

/// A page in its parts.
struct Page {
    example: Section,
    fix: Section,
}

/// The fenced blocks of a section, each as language and text.
#[derive(Default)]
struct Section {
    blocks: Vec<(String, String)>,
}

impl Section {
    fn block(&self, language: &str) -> Option<&str> {
        self.blocks.iter().find(|(found, _)| found == language).map(|(_, text)| text.as_str())
    }

    fn compile(&self, catalog: Option<&str>) -> Result<Compilation, String> {
        let mut compiler = Compiler::new();
        if let Some(catalog) = catalog {
            compiler.catalog("claims.yaml", catalog);
        }
        if let Some(config) = self.block("json config") {
            let config = Value::parse_json(config.as_bytes(), JsonLimits::default())
                .map_err(|error| format!("has a config: {error}"))?;
            compiler.config(config);
        }
        compiler.source("policy.claims", self.block("claims").unwrap_or_default());
        if self.block("json").is_some() {
            // The page is about what the evaluator says, whatever the proofs would have said before.
            compiler.without_proofs();
        }
        Ok(compiler.compile())
    }
}

/// Reads a page and complains about its form.
fn page(code: &Code) -> Result<Page, String> {
    let mut lines = code.page.lines();
    let heading = format!("# {} {}", code.code, code.slug);
    if lines.next() != Some(&heading) {
        return Err(format!("does not begin with `{heading}`"));
    }
    if registry::fact(code).is_empty() || registry::fact(code).starts_with('#') {
        return Err("states no fact below its heading".to_owned());
    }
    let mut titles = Vec::new();
    let mut sections = Vec::new();
    let mut block: Option<(String, String)> = None;
    for line in lines {
        match (&mut block, line.strip_prefix("```"), line.strip_prefix("## ")) {
            (None, Some(language), _) => block = Some((language.to_owned(), String::new())),
            (Some(_), Some(_), _) => {
                let section: &mut Section = sections.last_mut().ok_or("has a block before its sections")?;
                section.blocks.extend(block.take());
            }
            (Some((_, text)), None, _) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None, Some(title)) => {
                titles.push(title);
                sections.push(Section::default());
            }
            (None, None, None) => {}
        }
    }
    if titles != ["Why", "Example", "Fix"] || block.is_some() {
        return Err(format!("has the sections {titles:?}, not Why, Example, Fix"));
    }
    let fix = sections.pop().unwrap_or_default();
    let example = sections.pop().unwrap_or_default();
    Ok(Page { example, fix })
}

/// Whether the example is told, not shown: some limits and file errors do not fit on a page, or are no text.
fn is_told(code: &Code, example: &Section) -> bool {
    code.code.starts_with("C00") && example.block("claims").is_none() && example.block("text").is_some()
}

#[test]
fn codes_and_slugs_are_unique_and_well_formed() {
    let mut names = BTreeSet::new();
    for code in registry::all() {
        assert!(names.insert(code.code), "{} is used twice", code.code);
        assert!(names.insert(code.slug), "{} is used twice", code.slug);
        let digits = code.code.strip_prefix('C').unwrap_or_default();
        assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", code.code);
        assert!(
            code.slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
            "{}",
            code.slug
        );
        assert!(registry::FAMILIES.iter().any(|(family, _)| code.code.starts_with(family)), "{}", code.code);
    }
}

#[test]
fn what_makes_a_policy_wrong_cannot_be_allowed() {
    for code in registry::all() {
        let is_fixed = ["C00", "C01", "C02", "C03", "C05"].iter().any(|family| code.code.starts_with(family));
        assert!(
            !(code.allowed && is_fixed && code.severity == Severity::Error),
            "{} could be silenced by `@allow`",
            code.slug
        );
    }
}

#[test]
fn every_page_keeps_its_promise() {
    let mut complaints = String::new();
    for code in registry::all() {
        if let Err(complaint) = page(code).and_then(|page| keeps_promise(code, &page)) {
            let _ = writeln!(complaints, "docs/diagnostics/{}.md {complaint}", code.slug);
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

fn keeps_promise(code: &Code, page: &Page) -> Result<(), String> {
    let Page { example, fix } = page;
    let catalog = example.block("yaml");
    let mended = fix.compile(fix.block("yaml").or(catalog))?;
    let found = findings(&mended);
    if found.iter().any(|(found, severity)| *found == code.code || *severity == Severity::Error) {
        return Err(format!("has a fix that gives {found:?}"));
    }
    if is_told(code, example) {
        return Ok(());
    }
    if example.blocks.is_empty() {
        return Err("has no example".to_owned());
    }
    let compilation = example.compile(catalog)?;
    let mut found: BTreeSet<_> = findings(&compilation);
    let is_note = code.severity == Severity::Note;
    found.retain(|(found, severity)| *severity != Severity::Note || (is_note && *found == code.code));
    if let Some(request) = example.block("json") {
        found.extend(evaluation(&compilation, request)?.into_iter().map(|code| (code, Severity::Error)));
        let mended = evaluation(&mended, fix.block("json").unwrap_or(request))?;
        if mended.contains(code.code) {
            return Err(format!("has a fix whose evaluation gives {mended:?}"));
        }
    }
    let codes: BTreeSet<_> = found.iter().map(|(code, _)| *code).collect();
    if codes != BTreeSet::from([code.code]) {
        return Err(format!("has an example that gives {codes:?}, not {} alone", code.code));
    }
    Ok(())
}

fn findings(compilation: &Compilation) -> BTreeSet<(&'static str, Severity)> {
    compilation.diagnostics.iter().map(|d| (d.code.code, d.severity)).collect()
}

/// The codes of the errors that a request gives.
fn evaluation(compilation: &Compilation, request: &str) -> Result<BTreeSet<&'static str>, String> {
    let policy = compilation.policy.as_ref().ok_or("has a request, but its policy does not compile")?;
    let request =
        Request::from_json(request.as_bytes()).map_err(|error| format!("has a request: {error}"))?;
    Ok(match policy.evaluate(&request) {
        Decision::Error(errors) => errors.iter().map(|error| error.code).collect(),
        Decision::Issue(_) | Decision::Deny(_) => BTreeSet::new(),
    })
}

/// `docs/diagnostics/README.md` lists all pages. `UPDATE_DOCS=1 cargo test` writes it anew.
#[test]
fn the_index_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/diagnostics/README.md");
    let index = index();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &index).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, index, "run `UPDATE_DOCS=1 cargo test` to write it anew");
}

fn index() -> String {
    let mut out = String::from(
        "# Diagnostics\n\nEvery finding has a stable code and a slug; `claimsc explain` takes either and shows the \
         page. \"Allow\" marks what\n`@allow(slug, \"reason\")` can silence. This index is generated from the compiler.\n",
    );
    for (prefix, title) in registry::FAMILIES {
        let codes = registry::family(prefix);
        if codes.is_empty() {
            continue;
        }
        let _ = writeln!(
            out,
            "\n## {prefix} {title}\n\n| code | slug | severity | allow | what it says |\n|---|---|---|---|---|"
        );
        for code in codes {
            let allow = if code.allowed { "yes" } else { "" };
            let fact = registry::fact(code).replace('|', "\\|");
            let _ = writeln!(
                out,
                "| {} | [{slug}]({slug}.md) | {} | {allow} | {fact} |",
                code.code,
                code.severity.as_str(),
                slug = code.slug,
            );
        }
    }
    out
}

#[test]
fn no_page_is_left_over() {
    let slugs: BTreeSet<_> = registry::all().into_iter().map(|code| format!("{}.md", code.slug)).collect();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/diagnostics")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            name == "README.md" || slugs.contains(&name),
            "docs/diagnostics/{name} belongs to no diagnostic"
        );
    }
}
