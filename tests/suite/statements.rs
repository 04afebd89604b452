//! The pages of tests/statements: what is proven, refuted and left undecided. The snapshot is the page with the verdicts
//! and findings in it, each with the request that shows it.
//!
//! A `yaml` block is the claims.yaml of the policies after it.

use std::fmt::Write as _;

use claimsc::Compiler;
use claimsc::report::{concise, proofs_text};

#[test]
fn statements_are_decided() {
    insta::glob!("../statements", "*.md", |path| {
        let page = std::fs::read_to_string(path).expect("readable page").replace("\r\n", "\n");
        let mut catalog = String::new();
        let mut out = String::new();
        for (index, part) in page.split("```").enumerate() {
            if index % 2 == 0 {
                out.push_str(part);
                continue;
            }
            let (language, text) = part.split_once('\n').expect("a language behind the fence");
            let _ = write!(out, "```{language}\n{text}```");
            match language {
                "yaml" => text.clone_into(&mut catalog),
                "claims" => out.push_str(&decided(&catalog, text)),
                _ => panic!("`{language}` means nothing here"),
            }
        }
        insta::with_settings!({ omit_expression => true, description => "" }, {
            insta::assert_snapshot!(out);
        });
    });
}

fn decided(catalog: &str, policy: &str) -> String {
    let mut compiler = Compiler::new();
    compiler.catalog("claims.yaml", catalog).source("p.claims", policy);
    let compilation = compiler.compile();
    let sources = &compilation.sources;
    let mut out = String::from("\n\n```result\n");
    for finding in compilation.diagnostics.iter().filter(|finding| finding.code.code.starts_with("C06")) {
        out.push_str(&concise(std::slice::from_ref(finding), sources, &|name| name.to_owned()));
        // Without the summary.
        out.truncate(out.trim_end().rfind('\n').map_or(0, |at| at + 1));
        for label in finding.labels.iter().filter(|label| !label.text.starts_with("for example")) {
            let _ = writeln!(out, "    {} {}", sources.place(label.span), label.text);
        }
        if let Some(request) = &finding.witness {
            let _ = writeln!(out, "    {request}");
        }
    }
    let errors = compilation.diagnostics.iter().filter(|finding| !finding.code.code.starts_with("C06"));
    for error in errors.filter(|finding| finding.severity == claimsc::diag::Severity::Error) {
        let _ = writeln!(out, "{} {}", error.code.slug, error.message);
    }
    match &compilation.promises {
        Some(promises) => out.push_str(&proofs_text(promises, sources)),
        None => out.push_str("not decided\n"),
    }
    out + "```"
}
