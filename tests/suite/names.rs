//! The pages of tests/names: what is said about claim names. The snapshot is the page with the findings and decisions
//! in it. Pages called `good-..` may not have any but notes.
//!
//! A `yaml` block is the claims.yaml of the policies in its section; `config` binds the constants of the policy after it.

use std::fmt::Write as _;

use claimsc::diag::{Diagnostic, Severity};
use claimsc::report::{pretty, terminal};
use claimsc::value::JsonLimits;
use claimsc::{Compiler, Policy, Request, Value};

/// What the blocks so far have settled.
#[derive(Default)]
struct Page {
    catalog: Option<String>,
    config: Option<Value>,
    policy: Option<Policy>,
}

#[test]
fn findings_about_names() {
    insta::glob!("../names", "*.md", |path| {
        let out = page(path, Proofs::Without);
        insta::with_settings!({ omit_expression => true, description => "" }, {
            insta::assert_snapshot!(out);
        });
    });
}

/// Whether policies are proven too: pages about something else need not be right in every respect.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proofs {
    With,
    Without,
}

/// A page with what the compiler says about its policies.
pub(crate) fn page(path: &std::path::Path, proofs: Proofs) -> String {
    let page = std::fs::read_to_string(path).expect("readable page").replace("\r\n", "\n");
    let is_good = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("good-"));
    let mut state = Page::default();
    let mut out = String::new();
    for (index, part) in page.split("```").enumerate() {
        if index % 2 == 0 {
            if part.contains("\n#") {
                state = Page::default();
            }
            out.push_str(part);
            continue;
        }
        let (language, text) = part.split_once('\n').expect("a language behind the fence");
        let _ = write!(out, "```{language}\n{text}```");
        let _ = write!(out, "{}", state.take(language, text, is_good, proofs));
    }
    out
}

impl Page {
    /// Takes a block and says what follows from it.
    fn take(&mut self, language: &str, text: &str, is_good: bool, proofs: Proofs) -> String {
        match language {
            "yaml" => self.catalog = Some(text.to_owned()),
            "config" => self.config = Value::parse_json(text.as_bytes(), JsonLimits::default()).ok(),
            "claims" => return self.compile(text, is_good, proofs),
            "json" => {
                let policy = self.policy.as_ref().expect("a policy before the request");
                let request = Request::from_json(text.as_bytes()).expect("a request");
                return format!("\n\n```result\n{}```", pretty(&policy.evaluate(&request).to_json()));
            }
            _ => panic!("`{language}` means nothing here"),
        }
        String::new()
    }

    fn compile(&mut self, text: &str, is_good: bool, proofs: Proofs) -> String {
        let mut compiler = Compiler::new();
        if let Some(catalog) = &self.catalog {
            compiler.catalog("claims.yaml", catalog);
        }
        if let Some(config) = self.config.take() {
            compiler.config(config);
        }
        if proofs == Proofs::Without {
            compiler.without_proofs();
        }
        let compilation = compiler.source("p.claims", text).compile();
        let worse: Vec<Diagnostic> =
            compilation.diagnostics.iter().filter(|d| d.severity != Severity::Note).cloned().collect();
        self.policy = compilation.policy;
        if worse.is_empty() {
            return String::new();
        }
        let found = terminal::render(&worse, &compilation.sources, terminal::Style::PLAIN);
        assert!(!is_good, "{found}");
        format!("\n\n```findings\n{}\n```", found.trim_end())
    }
}
