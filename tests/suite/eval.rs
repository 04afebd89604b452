//! Policies and requests of tests/eval, with what is decided about them. Each page is a policy in one file or several,
//! its claims.yaml, and requests; the snapshot is the page with the decisions in it.

use std::fmt::Write as _;

use claimsc::Request;
use claimsc::diag::Severity;
use claimsc::report::{explanation, pretty};

use super::folder::compile_unproven;

/// A block of a page: the text before it, its language and text.
struct Block<'a> {
    before: &'a str,
    language: &'a str,
    text: &'a str,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let parts: Vec<&str> = page.split("```").collect();
    let fenced = parts.chunks_exact(2).filter_map(|pair| match pair {
        [before, fenced] => fenced.split_once('\n').map(|(language, text)| Block { before, language, text }),
        _ => None,
    });
    fenced.collect()
}

#[test]
fn decisions() {
    insta::glob!("../eval", "*.md", |path| {
        let page = std::fs::read_to_string(path).expect("readable page").replace("\r\n", "\n");
        let blocks = blocks(&page);
        let of = |language: &'static str| {
            blocks.iter().filter(move |block| block.language == language).map(|block| block.text)
        };
        let catalog = of("yaml").next();
        let names = (0..).map(|n: u32| format!("{n}.claims"));
        let files: Vec<_> = names.zip(of("claims").map(str::to_owned)).collect();
        let compiled = |files: &[(String, String)]| match compile_unproven(catalog, files, Severity::Error) {
            Ok(policy) => policy,
            Err(errors) => panic!("{}\n{errors}", path.display()),
        };
        let policy = compiled(&files);
        let reversed = compiled(&files.iter().rev().cloned().collect::<Vec<_>>());

        let mut out = String::new();
        for Block { before, language, text } in &blocks {
            let _ = write!(out, "{before}```{language}\n{text}```");
            if *language != "json" {
                continue;
            }
            let decision = match Request::from_json(text.as_bytes()) {
                Ok(request) => {
                    let decision = policy.evaluate(&request);
                    assert_eq!(decision, policy.evaluate(&request), "the same every time");
                    assert_eq!(decision, reversed.evaluate(&request), "whatever the order of files");
                    pretty(&decision.to_json())
                }
                Err(error) => format!("malformed: {error}\n"),
            };
            let _ = write!(out, "\n\n```result\n{decision}```");
        }
        insta::with_settings!({ omit_expression => true, description => "" }, {
            insta::assert_snapshot!(out);
        });
    });
}

#[test]
fn explanations() {
    let catalog = "language: 1\nowned_domains: [acme.example]\nuser: { sub: string, staff: bool, plan: \"string?\", groups: \"string[]\" }\n";
    let text = r#"namespace ns = "https://acme.example/claims/"

default ns/plan = "free"
add ns/plan = user.plan
rule staff: if user.staff and user.plan exists then {
  add ns/level = "staff"
} else if "ops" in user.groups then add ns/level = "ops"
else add ns/level = "guest"
add ns/home = user.plan to saml
remove ns/secret unless user.staff
"#;
    let mut compiler = claimsc::Compiler::new();
    compiler.catalog("claims.yaml", catalog).source("p.claims", text).without_proofs();
    let compilation = compiler.compile();
    let policy = compilation.policy.expect("a policy without errors");
    let mut out = format!("{catalog}\n{text}");
    for (request, show_values) in [
        (
            r#"{ "grant": "password", "client": "c", "user": { "sub": "1", "staff": false, "groups": ["ops"] } }"#,
            true,
        ),
        (r#"{ "grant": "jwt_bearer", "client": "c" }"#, false),
    ] {
        let explained =
            policy.explain(&Request::from_json(request.as_bytes()).expect("a request"), show_values);
        let _ = write!(out, "\n{request}\n{}", explanation::text(&explained, &compilation.sources));
    }
    insta::assert_snapshot!(out);
}
