//! A table made by hand, with everything that can stand in one.

use std::sync::Arc;

use super::{Cell, Condition, Matrix, Party, Row, Subject, Verb, Write};
use crate::standard::{Grant, Token};

pub(crate) const NS: &str = "https://acme.example/claims/";

pub(crate) fn party(position: usize, alias: &str) -> Party {
    Party::Listed { position, alias: alias.into(), id: format!("{alias}-id").into() }
}

pub(crate) fn write(verb: Verb, value: &str, condition: Condition) -> Write {
    Write {
        verb,
        member: None,
        condition,
        value: (verb != Verb::Remove).then(|| value.into()),
        digest: None,
        ty: (verb != Verb::Remove).then(|| "string".into()),
        labels: Vec::new(),
        max_bytes: None,
        rule: None,
        place: "policy.claims:3".into(),
    }
}

fn cell(name: &str, writes: Vec<Write>) -> Cell {
    Cell { name: name.into(), writes }
}

fn test(text: &str) -> Condition {
    Condition::test(text)
}

/// One row for one combination.
pub(crate) fn row(
    client: Party,
    grant: Grant,
    audience: &[Party],
    subject: Subject,
    cells: Vec<Cell>,
) -> Row {
    Row {
        clients: vec![client],
        grants: vec![grant],
        audiences: vec![audience.to_vec()],
        subject,
        cells,
        max_bytes: (subject != Subject::Request).then_some(640),
        max_token_bytes: matches!(subject, Subject::Token(Token::Access)).then_some(1_800),
        undecided: Vec::new(),
    }
}

fn level() -> Cell {
    let is_staff =
        Condition::all([test("user.email_verified"), test(r#"user.email.domain = "acme.example""#)]);
    let pro = Condition::all([test(r#"user.plan = "pro""#), is_staff.clone().negated()]);
    let mut by_hand =
        write(Verb::Override, "user.app_metadata.level", test("user.app_metadata.level exists"));
    by_hand.rule = Some("by_hand".into());
    by_hand.place = "people.claims:22".into();
    let mut guest = write(Verb::Default, r#""guest""#, Condition::Always);
    guest.place = "people.claims:30".into();
    cell(
        &format!("{NS}level"),
        vec![
            by_hand,
            write(Verb::Add, r#""staff""#, is_staff),
            write(Verb::Add, r#""customer""#, pro),
            guest,
        ],
    )
}

fn access(audience: &str) -> Vec<Cell> {
    let mut email = write(Verb::Add, "user.email", Condition::Always);
    email.labels = vec!["pii".into()];
    email.ty = Some("email?".into());
    email.max_bytes = Some(300);
    let mut phone = write(Verb::Add, "user.phone_number", test(r#""phone" in scopes"#));
    phone.member = Some("phone".into());
    phone.labels = vec!["pii".into(), "user_editable".into()];
    let removed = write(Verb::Remove, "", test("client.metadata.tier = \"</script><b>\""));
    match audience {
        "api" => vec![
            cell("department", vec![removed]),
            cell(&format!("{NS}contact"), vec![phone]),
            cell(&format!("{NS}email"), vec![email]),
            level(),
        ],
        _ => vec![level()],
    }
}

fn request() -> Vec<Cell> {
    let mfa = test(r#""mfa" in (session.amr ?? [])"#);
    let mut refusal = write(Verb::Deny, r#"access_denied "multi-factor sign-in is required""#, mfa.negated());
    refusal.ty = None;
    let mut limit = write(Verb::LimitLifetime, "5m", test("client.confidential").negated());
    limit.ty = None;
    vec![cell("deny", vec![refusal]), cell("limit lifetime", vec![limit])]
}

/// Clients `spa` and `web` and any other, audiences `api` and `partner` and none.
pub(crate) fn sample() -> Matrix {
    let api = party(0, "api");
    let partner = party(1, "partner");
    let sets: [&[Party]; 4] =
        [&[], std::slice::from_ref(&api), &[api.clone(), partner.clone()], std::slice::from_ref(&partner)];
    let mut rows = Vec::new();
    for client in [party(0, "spa"), party(1, "web"), Party::Other] {
        for grant in [Grant::AuthorizationCode, Grant::RefreshToken] {
            for set in sets {
                let name = if set == [api.clone()] { "api" } else { "" };
                let mut add = |subject, cells| rows.push(row(client.clone(), grant, set, subject, cells));
                add(Subject::Request, request());
                add(Subject::Token(Token::Access), access(name));
                add(Subject::Token(Token::Id), Vec::new());
            }
        }
    }
    let mut machine = row(
        party(2, "job"),
        Grant::ClientCredentials,
        std::slice::from_ref(&partner),
        Subject::Token(Token::Access),
        vec![cell(
            &format!("{NS}* matching /<img src=x>|[a-z]{{1,3}}/"),
            vec![write(
                Verb::Add,
                r#"{ "a|b" | c: "it's \"<script>alert(1)</script>\" & more" }"#,
                Condition::Always,
            )],
        )],
    );
    machine.undecided = vec![r#"request.headers["x-<i>tenant</i>"].trim() = client.id"#.into()];
    (machine.max_bytes, machine.max_token_bytes) = (None, None);
    rows.push(machine);
    Matrix::new(rows, vec![(Arc::from("ns"), Arc::from(NS))])
}
