//! The engine as a whole: order, and explanations.

use crate::ast::Level;
use crate::eval::testing::*;
use crate::ir::*;

fn busy_policy() -> Policy {
    let mut policy = Policy::of_user(&[
        ("email", shape("email?")),
        ("n", shape("int")),
        ("roles", shape("string[]")),
        ("staff", shape("bool")),
    ]);
    let (email, n) = (policy.read("user.email"), policy.read("user.n"));
    let (roles, staff) = (policy.read("user.roles"), policy.read("user.staff"));
    policy.add("email", email);
    policy.add("n", n.clone());
    policy.add("n", lit("1.0"));
    policy.add_if(staff.clone(), "object.a", lit("1"));
    let chain = policy.chain(vec![staff, equal(n.clone(), lit("2"))]);
    for branch in 0..3 {
        let action = policy.write(Level::Default, "object.b", lit(&branch.to_string()));
        policy.act_in(vec![Step { chain, branch }], action);
    }
    for list in [roles, lit(r#"["z", "a"]"#)] {
        let action = policy.write(Level::Append, "roles", list);
        policy.act(action);
    }
    policy.act(Action::AddScope(lit("\"q\"")));
    policy.act(Action::AddScope(lit("\"b\"")));
    policy.act(Action::LimitLifetime(lit("60")));
    policy.deny_if(equal(n.clone(), lit("3")), "three");
    policy.deny_if(equal(n, lit("3")), "not three");
    policy
}

/// Neither the order of statements nor where they stand in a file changes a decision.
#[test]
fn the_order_of_statements_never_matters() {
    let policy = busy_policy();
    let count = policy.unit.statements.len();
    for user in [
        r#"{ "n": 1, "roles": ["m", "a"], "staff": true, "email": "a@b" }"#,
        r#"{ "n": 1, "roles": [], "staff": false }"#,
        r#"{ "n": 2, "roles": ["m"], "staff": false }"#,
        r#"{ "n": 3, "roles": ["m"], "staff": true }"#,
        r#"{ "n": "x", "roles": [1], "staff": true }"#,
    ] {
        let request =
            format!(r#"{{ "grant": "jwt_bearer", "client": "c", "scopes": "z b", "user": {user} }}"#);
        let expected = decide(&policy.unit, &request);
        for shift in 0..count {
            for reverse in [false, true] {
                let mut unit = policy.unit.clone();
                unit.statements.rotate_left(shift);
                if reverse {
                    unit.statements.reverse();
                }
                assert_eq!(decide(&unit, &request), expected);
            }
        }
    }
}

fn explain(policy: &Policy, user: &str, show_values: bool) -> String {
    let request = format!(r#"{{ "grant": "jwt_bearer", "client": "c", "user": {user} }}"#);
    let explanation = crate::eval::explain(&policy.unit, &self::request(&request), show_values);
    format!("{explanation:?}")
}

#[test]
fn explanations_say_what_wrote_and_what_kept_from_writing() {
    let mut policy = Policy::of_user(&[("email", shape("email?")), ("staff", shape("bool"))]);
    let (email, staff) = (policy.read("user.email"), policy.read("user.staff"));
    policy.add("email", email.clone()).rule = Some("first".into());
    let action = policy.write(Level::Default, "email", lit("\"none\""));
    policy.act(action);
    policy.add_if(and(vec![lit("true"), staff, exists(email)]), "x", lit("1"));
    let request = request(
        r#"{ "grant": "jwt_bearer", "client": "c", "user": { "email": "s3cret@x", "staff": false } }"#,
    );
    let explanation = crate::eval::explain(&policy.unit, &request, false);
    let [claim] = explanation.claims.as_slice() else { panic!("{explanation:?}") };
    assert_eq!(claim.written_by[0].rule.as_deref(), Some("first"));
    assert_eq!(&*claim.beaten[0].rule.place, "p.claims:2");
    assert_eq!(&*claim.beaten[0].by[0].place, "p.claims:1");
    assert!(claim.value.is_none());
    let crate::eval::Effect::NotFired(reasons) = &explanation.statements[2].effect else { panic!() };
    assert_eq!(reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>(), ["false"]);
}

#[test]
fn explanations_hold_values_only_where_they_are_asked_for() {
    let mut policy = busy_policy();
    let email = policy.read("user.email");
    policy.add_if(equal(email, lit("\"x\"")), "x", lit("1"));
    let user = r#"{ "n": 1, "roles": ["s3cret"], "staff": false, "email": "s3cret@x" }"#;
    assert!(!explain(&policy, user, false).contains("s3cret"));
    let with_values = explain(&policy, user, true);
    assert!(with_values.contains(r#"values: [("user.email", String("s3cret@x"))]"#), "{with_values}");
    assert!(
        explain(&policy, r#"{ "n": 1, "roles": [], "staff": false }"#, false)
            .contains("`user.email` is absent")
    );
    let errors = explain(&policy, r#"{ "n": "s3cret", "roles": [], "staff": false }"#, true);
    assert!(errors.contains("C0901") && !errors.contains("s3cret"), "{errors}");
}
