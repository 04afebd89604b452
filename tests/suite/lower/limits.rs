//! Policies that are made to take long, go deep or grow.

use std::fmt::Write as _;

use claimsc::Compiler;
use claimsc::compile::Compilation;

/// Compiles. Without limits, some of these policies would never end.
fn compile(text: &str) -> Compilation {
    Compiler::new()
        .catalog("claims.yaml", "language: 1\n")
        .source("policy.claims", text)
        .without_proofs()
        .compile()
}

fn codes(compilation: &Compilation) -> Vec<&'static str> {
    let mut codes: Vec<_> = super::of_lowering(compilation).map(|finding| finding.code.slug).collect();
    codes.dedup();
    codes
}

#[test]
fn functions_that_double_end_at_the_limit() {
    let mut text = String::from("let a0(x) = [x]\n");
    for i in 1..60 {
        let _ = writeln!(text, "let a{i}(x) = a{0}(x) + a{0}(x)", i - 1);
    }
    text += "add roles = a59(user.sub)\n";
    assert_eq!(codes(&compile(&text)), ["expansion-too-large"]);
}

#[test]
fn functions_that_call_each_other_deeply_end_at_the_limit() {
    let mut text = String::from("let a0(x) = x\n");
    for i in 1..400 {
        let _ = writeln!(text, "let a{i}(x) = a{}(x)", i - 1);
    }
    text += "add roles = [a399(user.sub)]\n";
    let compilation = compile(&text);
    assert!(
        codes(&compilation).iter().all(|slug| slug.starts_with("expansion-too-")),
        "{:?}",
        codes(&compilation)
    );
    assert!(compilation.policy.is_none());
}

#[test]
fn lets_that_stand_for_each_other_end_at_the_limit_in_either_order() {
    let line = |i: usize| match i {
        0 => "let a0 = user.sub\n".to_owned(),
        i => format!("let a{i} = a{}\n", i - 1),
    };
    for text in [(0..10_000).map(line).collect::<String>(), (0..10_000).rev().map(line).collect()] {
        let compilation = compile(&(text + "add roles = [a9999]\n"));
        assert_eq!(codes(&compilation), ["expansion-too-deep"]);
        assert_eq!(compilation.diagnostics.len(), 1);
    }
}

#[test]
fn lets_whose_types_double_end_at_the_limit() {
    let mut text = String::from("let a0 = { a: user.sub, b: user.sub }\n");
    for i in 1..60 {
        let _ = writeln!(text, "let a{i} = {{ a: a{0}, b: [a{0}] }}", i - 1);
    }
    assert_eq!(codes(&compile(&(text + "add ns = a59\n"))).first(), Some(&"expansion-too-deep"));
}

#[test]
fn lets_that_double_cost_nothing() {
    let mut text = String::from("let a0 = [user.sub]\n");
    for i in 1..100 {
        let _ = writeln!(text, "let a{i} = a{0} + a{0}", i - 1);
    }
    assert!(compile(&(text + "add roles = a99\n")).policy.is_some());

    let mut text = String::from("let a0 = user.sub = \"x\"\nlet b0 = user.sub\n");
    for i in 1..50 {
        let _ = writeln!(text, "let a{i} = a{0} and (a{0} or not a{0})", i - 1);
        let _ = writeln!(text, "let b{i} = \"${{b{0}}}${{b{0}}}\".take(9)", i - 1);
    }
    text += "if a49 then add roles = [b49]\nif user exists and a49 and b49 = b49.lower() then deny \"no\"\n";
    text += "if a49 and b49 exists then add groups = [b49]\n";
    assert_eq!(codes(&compile(&text)), ["always-exists"]);
}

#[test]
fn wide_policies_compile() {
    let mut lets = String::from("{\n");
    let mut chain = String::new();
    let mut appends = String::new();
    for i in 0..10_000 {
        let _ = writeln!(lets, "let a{i} = \"v{i}\" add roles = [a{i}]");
        let _ = writeln!(appends, "append roles = [\"v{i}\"]");
    }
    for i in 0..2_000 {
        let _ = writeln!(
            chain,
            "{}if user.sub = \"v{i}\" then {{ add roles = [\"v{i}\"] }}",
            if i > 0 { "else " } else { "" }
        );
    }
    for text in [format!("if user exists then {lets}}}\n"), chain, appends] {
        let compilation = compile(&text);
        assert_eq!(codes(&compilation), Vec::<&str>::new());
    }
}

#[test]
fn many_local_lets_are_no_deep_stack() {
    let mut text = String::from("if user exists then {\n");
    for i in 0..20_000 {
        let _ = writeln!(text, "let a{i} = 1");
    }
    text += "add roles = [\"a\"]\n}\n";
    assert_eq!(codes(&compile(&text)), ["unused-let"]);
}

#[test]
fn a_function_that_is_called_much_is_typed_each_time() {
    let mut text = String::from("let f(x) = if x.starts_with(\"a\") then [x, x] else [\"b\"]\n");
    for i in 0..2_000 {
        let _ = writeln!(text, "append roles = f(user.sub + \"{i}\")");
    }
    assert_eq!(codes(&compile(&text)), Vec::<&str>::new());
}
