//! The steps of one request: an end to what multiplies, and the same end whatever the order.

use claimsc::Request;
use claimsc::decision::Decision;
use claimsc::diag::Severity;
use claimsc::policy::Policy;

use super::folder::compile;

const HEAD: &str = r#"namespace ns = "https://acme.example/claims/"
let xs = user.groups
"#;
const CATALOG: &str =
    "language: 1\nowned_domains: [acme.example]\nuser: { groups: \"string[]\", vip: bool }\n";

fn policy(text: &str) -> Policy {
    let files = [("p.claims".to_owned(), format!("{HEAD}{text}"))];
    compile(Some(CATALOG), &files, Severity::Error).unwrap_or_else(|errors| panic!("{errors}"))
}

fn request(groups: usize, vip: bool) -> Request {
    let groups: Vec<String> = (0..groups).map(|n| format!("\"g{n}\"")).collect();
    let text = format!(
        r#"{{ "grant": "authorization_code", "client": "spa", "user": {{ "groups": [{}], "vip": {vip} }} }}"#,
        groups.join(",")
    );
    Request::from_json(text.as_bytes()).expect("well-formed request")
}

/// The codes of the errors; none if a token is issued.
fn codes(policy: &Policy, request: &Request) -> Vec<&'static str> {
    match policy.evaluate(request) {
        Decision::Error(errors) => errors.iter().map(|error| error.code).collect(),
        Decision::Issue(_) => Vec::new(),
        Decision::Deny(_) => panic!("nothing is denied here"),
    }
}

#[test]
fn six_nested_maps_over_a_thousand_elements_end() {
    let nested = policy(
        "add ns/x = xs.flat_map(a => xs.flat_map(b => xs.flat_map(c => xs.flat_map(d => xs.flat_map(e => xs.map(f =>
            \"${a}${b}${c}${d}${e}${f}\"))))))",
    );
    // Without a bound it would take years.
    assert_eq!(codes(&nested, &request(1000, true)), ["C0931"]);
    assert_eq!(codes(&nested, &request(3, true)), [""; 0]);
}

#[test]
fn two_loops_over_lists_of_an_ordinary_size_are_fine() {
    let pairs = policy("add ns/x = xs.filter(a => xs.any(b => b != a and b.contains(a))).length()");
    assert_eq!(codes(&pairs, &request(500, true)), [""; 0]);
}

/// Neither the place of an operand nor that of a statement decides whether the steps are enough.
#[test]
fn order_makes_no_difference() {
    let costly = "xs.any(a => xs.any(b => xs.any(c => \"${a}${b}\" = c)))";
    for operands in [[costly, "user.vip"], ["user.vip", costly]] {
        let either = policy(&format!("if {} then add ns/x = 1", operands.join(" or ")));
        assert_eq!(codes(&either, &request(1000, true)), [""; 0], "{operands:?}");
        assert_eq!(codes(&either, &request(1000, false)), ["C0931"], "{operands:?}");
    }
    let (costly, failing) = (format!("if {costly} then add ns/x = 1"), "add ns/y = xs.at_most(3)".to_owned());
    for statements in [[&costly, &failing], [&failing, &costly]] {
        let both = policy(&statements.map(String::as_str).join("\n"));
        assert_eq!(codes(&both, &request(1000, false)), ["C0931"], "{statements:?}");
    }
}
