//! The examples of methods are executed: the manual shows nothing that is not so.

use claimsc::builtins::{EXAMPLE_REQUEST, methods};
use claimsc::diag::Severity;
use claimsc::{Compiler, Request, Value};

#[test]
fn examples_give_what_the_manual_says() {
    let request = Request::from_json(EXAMPLE_REQUEST.as_bytes()).unwrap();
    let mut wrong = Vec::new();
    for (expression, expected) in methods().flat_map(|row| row.examples) {
        let policy = format!("namespace ns = \"https://acme.example/\"\nadd ns/x = {expression}\n");
        let compilation = Compiler::new().source("example.claims", &policy).compile();
        // Alone, an example may do what a policy should not, such as writing the time into a claim.
        for finding in
            compilation.diagnostics.iter().filter(|d| d.severity != Severity::Note && !d.code.allowed)
        {
            wrong.push(format!("{expression}: {}", finding.message));
        }
        let Some(policy) = compilation.policy else { continue };
        let decision = policy.evaluate(&request).to_json();
        let found = match decision.get("access_token") {
            Some(token) => token.get("https://acme.example/x").map_or("absent".to_owned(), Value::to_json),
            None => decision.to_json(),
        };
        if found != *expected {
            wrong.push(format!("{expression}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
