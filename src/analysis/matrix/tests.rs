mod agreement;
mod residual;

use super::testing::{party, row, sample};
use super::*;

#[test]
fn rows_that_say_the_same_are_one() {
    let matrix = sample();
    let shown: Vec<String> = matrix
        .rows
        .iter()
        .map(|row| {
            let sizes = (row.clients.len(), row.grants.len(), row.audiences.len());
            format!("{sizes:?} {}", row.subject)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "(3, 2, 4) request",
            "(3, 2, 3) access_token",
            "(3, 2, 4) id_token",
            "(3, 2, 1) access_token",
            "(1, 1, 1) access_token"
        ]
    );
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let mut rows = Vec::new();
    for client in [Party::Other, party(1, "b"), party(0, "a")] {
        for grant in [Grant::RefreshToken, Grant::AuthorizationCode] {
            rows.push(row(client.clone(), grant, &[], Subject::Request, Vec::new()));
        }
    }
    let forwards = Matrix::new(rows.clone(), Vec::new());
    rows.reverse();
    assert_eq!(forwards, Matrix::new(rows, Vec::new()));
    let [one] = forwards.rows.as_slice() else { panic!("one row: {forwards:?}") };
    assert_eq!(one.clients, [party(0, "a"), party(1, "b"), Party::Other]);
    assert_eq!(one.grants, [Grant::AuthorizationCode, Grant::RefreshToken]);
}

#[test]
fn a_bound_of_many_is_the_largest() {
    let rows = |a: Option<u64>, b: Option<u64>| {
        let mut rows = vec![
            row(party(0, "a"), Grant::Implicit, &[], Subject::Request, Vec::new()),
            row(party(1, "b"), Grant::Implicit, &[], Subject::Request, Vec::new()),
        ];
        rows[0].max_bytes = a;
        rows[1].max_bytes = b;
        Matrix::new(rows, Vec::new()).rows[0].max_bytes
    };
    assert_eq!(rows(Some(3), Some(5)), Some(5));
    assert_eq!(rows(Some(3), None), None);
}

#[test]
fn names_are_shown_as_they_are_written() {
    let matrix = sample();
    assert_eq!(matrix.short_name("https://acme.example/claims/email"), "ns/email");
    assert_eq!(matrix.short_name("https://acme.example/claims/"), "https://acme.example/claims/");
    assert_eq!(matrix.short_name("department"), "department");
}
