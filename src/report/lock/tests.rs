use std::sync::Arc;

use super::*;
use crate::analysis::matrix::testing::{party, row, sample, write as written};
use crate::analysis::matrix::{Cell, Condition, Verb};
use crate::standard::Token;

const ACCESS: Subject = Subject::Token(Token::Access);

fn claim(name: &str, value: &str) -> Cell {
    Cell { name: name.into(), writes: vec![written(Verb::Add, value, Condition::Always)] }
}

/// Two clients, of which one may do two grants; two audiences.
fn matrix(cells: impl Fn(&Party, Grant, &str) -> Vec<Cell>) -> Matrix {
    let mut rows = Vec::new();
    for (client, grants) in [
        (party(0, "job"), vec![Grant::ClientCredentials]),
        (party(1, "web"), vec![Grant::AuthorizationCode, Grant::RefreshToken]),
    ] {
        for grant in grants {
            for (i, audience) in ["api", "shop"].into_iter().enumerate() {
                let set = [party(i, audience)];
                rows.push(row(client.clone(), grant, &set, Subject::Request, Vec::new()));
                rows.push(row(client.clone(), grant, &set, ACCESS, cells(&client, grant, audience)));
            }
        }
    }
    Matrix::new(rows, Vec::new())
}

fn body(matrix: &Matrix) -> Vec<String> {
    let text = write(matrix);
    let lines = text.strip_prefix(HEAD).unwrap().lines().filter(|line| line.starts_with("access_token"));
    lines.map(ToOwned::to_owned).collect()
}

#[test]
fn the_whole_file() {
    insta::assert_snapshot!(write(&sample()));
}

#[test]
fn a_file_is_sorted_and_reads_back() {
    let text = write(&sample());
    let lines: Vec<_> = text.lines().skip(HEAD.lines().count()).collect();
    assert!(lines.is_sorted(), "{lines:#?}");
    assert_eq!(compare(&sample(), &text), Ok(None));
    assert_eq!(compare(&sample(), &text.replace('\n', "\r\n")), Ok(None));
}

#[test]
fn what_holds_everywhere_is_one_line() {
    assert_eq!(
        body(&matrix(|_, _, _| vec![claim("env", "1")])),
        ["access_token | env | add 1 | always |  | * | * | *"]
    );
    let only = matrix(|_, _, audience| if audience == "api" { vec![claim("env", "1")] } else { Vec::new() });
    assert_eq!(body(&only), ["access_token | env | add 1 | always |  | * | * | api"]);
    let one =
        matrix(
            |client, _, _| {
                if client.alias() == Some(&Arc::from("web")) { vec![claim("env", "1")] } else { Vec::new() }
            },
        );
    assert_eq!(
        body(&one),
        ["access_token | env | add 1 | always |  | * | authorization_code, refresh_token | *"]
    );
}

#[test]
fn a_change_of_one_rule_changes_its_lines_only() {
    let with = |value: &'static str| {
        matrix(move |_, grant, audience| {
            let own = if grant == Grant::RefreshToken { value } else { "1" };
            let other = claim("other", if audience == "api" { "2" } else { "3" });
            vec![claim("own", own), other]
        })
    };
    let (before, after) = (with("1"), with("4"));
    let changed: Vec<_> = body(&before).into_iter().filter(|line| !body(&after).contains(line)).collect();
    assert_eq!(changed, ["access_token | own | add 1 | always |  | * | * | *"]);
    insta::assert_snapshot!(compare(&after, &write(&before)).unwrap().unwrap());
}

#[test]
fn where_a_rule_stands_and_what_it_is_called_does_not_matter() {
    let mut moved = sample();
    for write in moved.rows.iter_mut().flat_map(|row| &mut row.cells).flat_map(|cell| &mut cell.writes) {
        write.place = "elsewhere.claims:99".into();
        write.rule = Some("renamed".into());
    }
    assert_eq!(write(&moved), write(&sample()));
}

#[test]
fn no_text_can_look_like_two_fields() {
    let odd = matrix(|_, _, _| vec![claim("a | b\n| c", "\" | always\u{1b}\"")]);
    assert_eq!(
        body(&odd),
        ["access_token | a \\u{7c} b \\u{7c} c | add \" \\u{7c} always\\u{1b}\" | always |  | * | * | *"]
    );
    assert_eq!(compare(&odd, &write(&odd)), Ok(None));
}

#[test]
fn what_is_no_lock_is_refused() {
    let text = write(&sample());
    let refused = |text: &str| {
        let Malformed { line, message } = compare(&sample(), text).unwrap_err();
        format!("{line}: {message}")
    };
    assert_eq!(refused(""), "1: it does not begin like a file of this version");
    assert_eq!(
        refused(&text.replace("claims.lock 1", "claims.lock 2")),
        "2: it does not begin like a file of this version"
    );
    assert_eq!(refused(&format!("{HEAD}<<<<<<< HEAD\n")), "8: it begins with no known word");
    assert_eq!(refused(&format!("{HEAD}client | spa\n")), "8: it has 2 fields, not 3");
    let line = "client | spa | spa-id\n";
    assert_eq!(refused(&format!("{HEAD}{line}{line}")), "9: it stands there twice");
}

#[test]
fn the_order_of_rules_does_not_matter() {
    let catalog = "language: 1\nowned_domains: [acme.example]\naudiences: { api: { id: api }, shop: { id: shop } }\n\
        clients: { web: { id: web }, job: { id: job, grants: [client_credentials] } }\n\
        user: { extends: oidc, plan: { enum: [free, pro] }, level: int, groups: 'string[]' }\n";
    let head = "namespace ns = \"https://acme.example/claims/\"\n";
    let rules = [
        "if user.plan = \"pro\" and user.level > 3 and client = web then default ns/a = 1",
        "if user.level > 3 or \"x\" in user.groups or user.email.domain = \"acme.example\" then default ns/b = 2",
        "if not (user.email.domain = \"acme.example\" and user.email_verified) and user exists then default ns/c = 3",
        "if \"x\" in user.groups then { if user.level > 5 then default ns/d = 4 else if user.level > 3 then default ns/d = 5 }",
        "deny \"no\" unless grant = client_credentials or user.level > 0 or \"y\" in user.groups",
        "if api in audience and user.level < 9 then add ns/e.x = user.email else add ns/e.y = user.plan",
    ];
    let locked = |rules: &[&str]| {
        let mut compiler = crate::Compiler::new();
        compiler.catalog("claims.yaml", catalog).source("p.claims", &format!("{head}{}", rules.join("\n")));
        let compilation = compiler.compile();
        let messages: Vec<_> = compilation.diagnostics.iter().map(|one| &one.message).collect();
        write(&Matrix::of(compilation.policy.unwrap_or_else(|| panic!("{messages:#?}")).unit()))
    };
    let wanted = locked(&rules);
    assert!(wanted.lines().count() > HEAD.lines().count() + 10, "{wanted}");
    let mut others = rules;
    for _ in 0..rules.len() {
        others.rotate_left(1);
        assert_eq!(locked(&others), wanted);
        let mut reversed = others;
        reversed.reverse();
        assert_eq!(locked(&reversed), wanted);
    }
}
