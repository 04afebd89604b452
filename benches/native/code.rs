//! The first thousand rules of the spread workload as code, as a generator of Rust would write them: one function for each
//! audience and client, with every name and constant in its place, found by one hash look-up. What the programs of
//! `workload/hand` cost because they are data shows beside it.

use super::workload::Form;
use super::workload::hand::person::{Person, Scopes};
use super::workload::hand::sink::{Name, Sink};
use super::workload::hand::table::Table;
use super::workload::hand::{Facets, read};

/// How many rules there are.
pub(crate) const RULES: usize = 1_000;

type Program<G, P, S> = fn(G, P, &mut S);

/// The functions by audience and client.
pub(crate) struct Programs<G, P, S>(Table<Program<G, P, S>>);

impl<'a, G: Scopes, P: Person<'a>, S: Sink<'a, P>> Programs<G, P, S> {
    pub(crate) fn new() -> Self {
        let mut table = Table::default();
        for (audience, client, program) in programs() {
            table.insert(audience, client, program);
        }
        Programs(table)
    }

    /// Writes the claims of a request.
    #[inline]
    pub(crate) fn run(&self, facets: Facets<'_, G>, person: P, sink: &mut S) {
        if let Some(program) = self.0.get(facets.audience, facets.client) {
            program(facets.granted, person, sink);
        }
    }
}

macro_rules! form {
    (email) => {
        Form::Email
    };
    (roles) => {
        Form::Roles
    };
    (handle) => {
        Form::Handle
    };
    (verified) => {
        Form::Verified
    };
    (country) => {
        Form::Country
    };
    (department) => {
        Form::Department
    };
}

macro_rules! holds {
    ($granted:ident, $person:ident) => {
        true
    };
    ($granted:ident, $person:ident, profile) => {
        $granted.has("profile")
    };
    ($granted:ident, $person:ident, verified) => {
        $person.email_verified() == Some(true)
    };
}

macro_rules! write_claim {
    ($person:ident, $sink:ident, $plain:expr, $json:expr, $word:ident) => {
        read(form!($word), Name { plain: $plain, json: $json }, $person, $sink)
    };
    ($person:ident, $sink:ident, $plain:expr, $json:expr, $word:ident $text:literal) => {
        $sink.constant(Name { plain: $plain, json: $json }, $text, concat!($json, "\"", $text, "\","))
    };
}

/// Audience, client and a number in the names of claims; then the claims, sorted by name: a condition, the form of the
/// value, another number, and the text of a constant.
macro_rules! programs {
    ($($audience:ident $client:ident $n:literal:
        $($([$condition:ident])? $word:ident $place:literal $($text:literal)?),*;)*
    ) => {
        #[rustfmt::skip]
        fn programs<'a, G: Scopes, P: Person<'a>, S: Sink<'a, P>>()
        -> Vec<(&'static str, &'static str, Program<G, P, S>)> {
            vec![$((
                concat!("https://", stringify!($audience), ".acme.example"),
                stringify!($client),
                |granted, person, sink| {
                    $(if holds!(granted, person $(, $condition)?) {
                        write_claim!(
                            person,
                            sink,
                            concat!("https://acme.example/claims/", stringify!($word), "_", $n, "_", $place),
                            concat!("\"https://acme.example/claims/", stringify!($word), "_", $n, "_", $place, "\":"),
                            $word $($text)?
                        );
                    })*
                },
            )),*]
        }
    };
}

programs! {
    a0 c0 0: email 0, [verified] handle 2, [profile] roles 1, [profile] tier 4 "tier-4", verified 3;
    a0 c1 1: [verified] country 0, department 1, [profile] email 2, handle 4, [verified] roles 3;
    a1 c1 2: [verified] country 4, [verified] handle 1, [profile] roles 0, [profile] tier 3 "tier-4", verified 2;
    a1 c2 3: department 0, [profile] email 1, handle 3, [verified] roles 2, [profile] verified 4;
    a2 c2 4: [verified] country 3, department 4, [verified] handle 0, [profile] tier 2 "tier-4", verified 1;
    a2 c3 5: [profile] email 0, handle 2, [verified] roles 1, [verified] tier 4 "tier-11", [profile] verified 3;
    a3 c3 6: [verified] country 2, department 3, [profile] email 4, [profile] tier 1 "tier-4", verified 0;
    a3 c4 7: country 4, handle 1, [verified] roles 0, [verified] tier 3 "tier-11", [profile] verified 2;
    a4 c4 8: [verified] country 1, department 2, [profile] email 3, [verified] roles 4, [profile] tier 0 "tier-4";
    a4 c5 9: country 3, [profile] department 4, handle 0, [verified] tier 2 "tier-11", [profile] verified 1;
    a5 c5 10: [verified] country 0, department 1, [profile] email 2, handle 4, [verified] roles 3;
    a5 c6 11: country 2, [profile] department 3, [verified] email 4, [verified] tier 1 "tier-11", [profile] verified 0;
    a6 c6 12: department 0, [profile] email 1, handle 3, [verified] roles 2, [profile] verified 4;
    a6 c7 13: country 1, [profile] department 2, [verified] email 3, roles 4, [verified] tier 0 "tier-11";
    a7 c7 14: [profile] email 0, handle 2, [verified] roles 1, [verified] tier 4 "tier-11", [profile] verified 3;
    a7 c0 15: country 0, [profile] department 1, [verified] email 2, [profile] handle 4, roles 3;
    a8 c0 16: country 4, handle 1, [verified] roles 0, [verified] tier 3 "tier-11", [profile] verified 2;
    a8 c1 17: [profile] department 0, [verified] email 1, [profile] handle 3, roles 2, [verified] verified 4;
    a9 c1 18: country 3, [profile] department 4, handle 0, [verified] tier 2 "tier-11", [profile] verified 1;
    a9 c2 19: [verified] email 0, [profile] handle 2, roles 1, tier 4 "tier-18", [verified] verified 3;
    a10 c2 20: country 2, [profile] department 3, [verified] email 4, [verified] tier 1 "tier-11", [profile] verified 0;
    a10 c3 21: [profile] country 4, [profile] handle 1, roles 0, tier 3 "tier-18", [verified] verified 2;
    a11 c3 22: country 1, [profile] department 2, [verified] email 3, roles 4, [verified] tier 0 "tier-11";
    a11 c4 23: [profile] country 3, [verified] department 4, [profile] handle 0, tier 2 "tier-18", [verified] verified 1;
    a12 c4 24: country 0, [profile] department 1, [verified] email 2, [profile] handle 4, roles 3;
    a12 c5 25: [profile] country 2, [verified] department 3, email 4, tier 1 "tier-18", [verified] verified 0;
    a13 c5 26: [profile] department 0, [verified] email 1, [profile] handle 3, roles 2, [verified] verified 4;
    a13 c6 27: [profile] country 1, [verified] department 2, email 3, [profile] roles 4, tier 0 "tier-18";
    a14 c6 28: [verified] email 0, [profile] handle 2, roles 1, tier 4 "tier-18", [verified] verified 3;
    a14 c7 29: [profile] country 0, [verified] department 1, email 2, [verified] handle 4, [profile] roles 3;
    a15 c7 30: [profile] country 4, [profile] handle 1, roles 0, tier 3 "tier-18", [verified] verified 2;
    a15 c0 31: [verified] department 0, email 1, [verified] handle 3, [profile] roles 2, verified 4;
    a16 c0 32: [profile] country 3, [verified] department 4, [profile] handle 0, tier 2 "tier-18", [verified] verified 1;
    a16 c1 33: email 0, [verified] handle 2, [profile] roles 1, [profile] tier 4 "tier-25", verified 3;
    a17 c1 34: [profile] country 2, [verified] department 3, email 4, tier 1 "tier-18", [verified] verified 0;
    a17 c2 35: [verified] country 4, [verified] handle 1, [profile] roles 0, [profile] tier 3 "tier-25", verified 2;
    a18 c2 36: [profile] country 1, [verified] department 2, email 3, [profile] roles 4, tier 0 "tier-18";
    a18 c3 37: [verified] country 3, department 4, [verified] handle 0, [profile] tier 2 "tier-25", verified 1;
    a19 c3 38: [profile] country 0, [verified] department 1, email 2, [verified] handle 4, [profile] roles 3;
    a19 c4 39: [verified] country 2, department 3, [profile] email 4, [profile] tier 1 "tier-25", verified 0;
    a20 c4 0: [verified] department 0, email 1, [verified] handle 3, [profile] roles 2, verified 4;
    a20 c5 1: [verified] country 1, department 2, [profile] email 3, [verified] roles 4, [profile] tier 0 "tier-25";
    a21 c5 2: email 0, [verified] handle 2, [profile] roles 1, [profile] tier 4 "tier-25", verified 3;
    a21 c6 3: [verified] country 0, department 1, [profile] email 2, handle 4, [verified] roles 3;
    a22 c6 4: [verified] country 4, [verified] handle 1, [profile] roles 0, [profile] tier 3 "tier-25", verified 2;
    a22 c7 5: department 0, [profile] email 1, handle 3, [verified] roles 2, [profile] verified 4;
    a23 c7 6: [verified] country 3, department 4, [verified] handle 0, [profile] tier 2 "tier-25", verified 1;
    a23 c0 7: [profile] email 0, handle 2, [verified] roles 1, [verified] tier 4 "tier-32", [profile] verified 3;
    a24 c0 8: [verified] country 2, department 3, [profile] email 4, [profile] tier 1 "tier-25", verified 0;
    a24 c1 9: country 4, handle 1, [verified] roles 0, [verified] tier 3 "tier-32", [profile] verified 2;
    a25 c1 10: [verified] country 1, department 2, [profile] email 3, [verified] roles 4, [profile] tier 0 "tier-25";
    a25 c2 11: country 3, [profile] department 4, handle 0, [verified] tier 2 "tier-32", [profile] verified 1;
    a26 c2 12: [verified] country 0, department 1, [profile] email 2, handle 4, [verified] roles 3;
    a26 c3 13: country 2, [profile] department 3, [verified] email 4, [verified] tier 1 "tier-32", [profile] verified 0;
    a27 c3 14: department 0, [profile] email 1, handle 3, [verified] roles 2, [profile] verified 4;
    a27 c4 15: country 1, [profile] department 2, [verified] email 3, roles 4, [verified] tier 0 "tier-32";
    a28 c4 16: [profile] email 0, handle 2, [verified] roles 1, [verified] tier 4 "tier-32", [profile] verified 3;
    a28 c5 17: country 0, [profile] department 1, [verified] email 2, [profile] handle 4, roles 3;
    a29 c5 18: country 4, handle 1, [verified] roles 0, [verified] tier 3 "tier-32", [profile] verified 2;
    a29 c6 19: [profile] department 0, [verified] email 1, [profile] handle 3, roles 2, [verified] verified 4;
    a30 c6 20: country 3, [profile] department 4, handle 0, [verified] tier 2 "tier-32", [profile] verified 1;
    a30 c7 21: [verified] email 0, [profile] handle 2, roles 1, tier 4 "tier-39", [verified] verified 3;
    a31 c7 22: country 2, [profile] department 3, [verified] email 4, [verified] tier 1 "tier-32", [profile] verified 0;
    a31 c0 23: [profile] country 4, [profile] handle 1, roles 0, tier 3 "tier-39", [verified] verified 2;
    a32 c0 24: country 1, [profile] department 2, [verified] email 3, roles 4, [verified] tier 0 "tier-32";
    a32 c1 25: [profile] country 3, [verified] department 4, [profile] handle 0, tier 2 "tier-39", [verified] verified 1;
    a33 c1 26: country 0, [profile] department 1, [verified] email 2, [profile] handle 4, roles 3;
    a33 c2 27: [profile] country 2, [verified] department 3, email 4, tier 1 "tier-39", [verified] verified 0;
    a34 c2 28: [profile] department 0, [verified] email 1, [profile] handle 3, roles 2, [verified] verified 4;
    a34 c3 29: [profile] country 1, [verified] department 2, email 3, [profile] roles 4, tier 0 "tier-39";
    a35 c3 30: [verified] email 0, [profile] handle 2, roles 1, tier 4 "tier-39", [verified] verified 3;
    a35 c4 31: [profile] country 0, [verified] department 1, email 2, [verified] handle 4, [profile] roles 3;
    a36 c4 32: [profile] country 4, [profile] handle 1, roles 0, tier 3 "tier-39", [verified] verified 2;
    a36 c5 33: [verified] department 0, email 1, [verified] handle 3, [profile] roles 2, verified 4;
    a37 c5 34: [profile] country 3, [verified] department 4, [profile] handle 0, tier 2 "tier-39", [verified] verified 1;
    a37 c6 35: email 0, [verified] handle 2, [profile] roles 1, [profile] tier 4 "tier-46", verified 3;
    a38 c6 36: [profile] country 2, [verified] department 3, email 4, tier 1 "tier-39", [verified] verified 0;
    a38 c7 37: [verified] country 4, [verified] handle 1, [profile] roles 0, [profile] tier 3 "tier-46", verified 2;
    a39 c7 38: [profile] country 1, [verified] department 2, email 3, [profile] roles 4, tier 0 "tier-39";
    a39 c0 39: [verified] country 3, department 4, [verified] handle 0, [profile] tier 2 "tier-46", verified 1;
    a40 c0 0: [profile] country 0, [verified] department 1, email 2, [verified] handle 4, [profile] roles 3;
    a40 c1 1: [verified] country 2, department 3, [profile] email 4, [profile] tier 1 "tier-46", verified 0;
    a41 c1 2: [verified] department 0, email 1, [verified] handle 3, [profile] roles 2, verified 4;
    a41 c2 3: [verified] country 1, department 2, [profile] email 3, [verified] roles 4, [profile] tier 0 "tier-46";
    a42 c2 4: email 0, [verified] handle 2, [profile] roles 1, [profile] tier 4 "tier-46", verified 3;
    a42 c3 5: [verified] country 0, department 1, [profile] email 2, handle 4, [verified] roles 3;
    a43 c3 6: [verified] country 4, [verified] handle 1, [profile] roles 0, [profile] tier 3 "tier-46", verified 2;
    a43 c4 7: department 0, [profile] email 1, handle 3, [verified] roles 2, [profile] verified 4;
    a44 c4 8: [verified] country 3, department 4, [verified] handle 0, [profile] tier 2 "tier-46", verified 1;
    a44 c5 9: [profile] email 0, handle 2, [verified] roles 1, [verified] tier 4 "tier-3", [profile] verified 3;
    a45 c5 10: [verified] country 2, department 3, [profile] email 4, [profile] tier 1 "tier-46", verified 0;
    a45 c6 11: country 4, handle 1, [verified] roles 0, [verified] tier 3 "tier-3", [profile] verified 2;
    a46 c6 12: [verified] country 1, department 2, [profile] email 3, [verified] roles 4, [profile] tier 0 "tier-46";
    a46 c7 13: country 3, [profile] department 4, handle 0, [verified] tier 2 "tier-3", [profile] verified 1;
    a47 c7 14: [verified] country 0, department 1, [profile] email 2, handle 4, [verified] roles 3;
    a47 c0 15: country 2, [profile] department 3, [verified] email 4, [verified] tier 1 "tier-3", [profile] verified 0;
    a48 c0 16: department 0, [profile] email 1, handle 3, [verified] roles 2, [profile] verified 4;
    a48 c1 17: country 1, [profile] department 2, [verified] email 3, roles 4, [verified] tier 0 "tier-3";
    a49 c1 18: [profile] email 0, handle 2, [verified] roles 1, [verified] tier 4 "tier-3", [profile] verified 3;
    a49 c2 19: country 0, [profile] department 1, [verified] email 2, [profile] handle 4, roles 3;
    a50 c2 20: country 4, handle 1, [verified] roles 0, [verified] tier 3 "tier-3", [profile] verified 2;
    a50 c3 21: [profile] department 0, [verified] email 1, [profile] handle 3, roles 2, [verified] verified 4;
    a51 c3 22: country 3, [profile] department 4, handle 0, [verified] tier 2 "tier-3", [profile] verified 1;
    a51 c4 23: [verified] email 0, [profile] handle 2, roles 1, tier 4 "tier-10", [verified] verified 3;
    a52 c4 24: country 2, [profile] department 3, [verified] email 4, [verified] tier 1 "tier-3", [profile] verified 0;
    a52 c5 25: [profile] country 4, [profile] handle 1, roles 0, tier 3 "tier-10", [verified] verified 2;
    a53 c5 26: country 1, [profile] department 2, [verified] email 3, roles 4, [verified] tier 0 "tier-3";
    a53 c6 27: [profile] country 3, [verified] department 4, [profile] handle 0, tier 2 "tier-10", [verified] verified 1;
    a54 c6 28: country 0, [profile] department 1, [verified] email 2, [profile] handle 4, roles 3;
    a54 c7 29: [profile] country 2, [verified] department 3, email 4, tier 1 "tier-10", [verified] verified 0;
    a55 c7 30: [profile] department 0, [verified] email 1, [profile] handle 3, roles 2, [verified] verified 4;
    a55 c0 31: [profile] country 1, [verified] department 2, email 3, [profile] roles 4, tier 0 "tier-10";
    a56 c0 32: [verified] email 0, [profile] handle 2, roles 1, tier 4 "tier-10", [verified] verified 3;
    a56 c1 33: [profile] country 0, [verified] department 1, email 2, [verified] handle 4, [profile] roles 3;
    a57 c1 34: [profile] country 4, [profile] handle 1, roles 0, tier 3 "tier-10", [verified] verified 2;
    a57 c2 35: [verified] department 0, email 1, [verified] handle 3, [profile] roles 2, verified 4;
    a58 c2 36: [profile] country 3, [verified] department 4, [profile] handle 0, tier 2 "tier-10", [verified] verified 1;
    a58 c3 37: email 0, [verified] handle 2, [profile] roles 1, [profile] tier 4 "tier-17", verified 3;
    a59 c3 38: [profile] country 2, [verified] department 3, email 4, tier 1 "tier-10", [verified] verified 0;
    a59 c4 39: [verified] country 4, [verified] handle 1, [profile] roles 0, [profile] tier 3 "tier-17", verified 2;
    a60 c4 0: [profile] country 1, [verified] department 2, email 3, [profile] roles 4, tier 0 "tier-10";
    a60 c5 1: [verified] country 3, department 4, [verified] handle 0, [profile] tier 2 "tier-17", verified 1;
    a61 c5 2: [profile] country 0, [verified] department 1, email 2, [verified] handle 4, [profile] roles 3;
    a61 c6 3: [verified] country 2, department 3, [profile] email 4, [profile] tier 1 "tier-17", verified 0;
    a62 c6 4: [verified] department 0, email 1, [verified] handle 3, [profile] roles 2, verified 4;
    a62 c7 5: [verified] country 1, department 2, [profile] email 3, [verified] roles 4, [profile] tier 0 "tier-17";
    a63 c7 6: email 0, [verified] handle 2, [profile] roles 1, [profile] tier 4 "tier-17", verified 3;
    a63 c0 7: [verified] country 0, department 1, [profile] email 2, handle 4, [verified] roles 3;
    a64 c0 8: [verified] country 4, [verified] handle 1, [profile] roles 0, [profile] tier 3 "tier-17", verified 2;
    a64 c1 9: department 0, [profile] email 1, handle 3, [verified] roles 2, [profile] verified 4;
    a65 c1 10: [verified] country 3, department 4, [verified] handle 0, [profile] tier 2 "tier-17", verified 1;
    a65 c2 11: [profile] email 0, handle 2, [verified] roles 1, [verified] tier 4 "tier-24", [profile] verified 3;
    a66 c2 12: [verified] country 2, department 3, [profile] email 4, [profile] tier 1 "tier-17", verified 0;
    a66 c3 13: country 4, handle 1, [verified] roles 0, [verified] tier 3 "tier-24", [profile] verified 2;
    a67 c3 14: [verified] country 1, department 2, [profile] email 3, [verified] roles 4, [profile] tier 0 "tier-17";
    a67 c4 15: country 3, [profile] department 4, handle 0, [verified] tier 2 "tier-24", [profile] verified 1;
    a68 c4 16: [verified] country 0, department 1, [profile] email 2, handle 4, [verified] roles 3;
    a68 c5 17: country 2, [profile] department 3, [verified] email 4, [verified] tier 1 "tier-24", [profile] verified 0;
    a69 c5 18: department 0, [profile] email 1, handle 3, [verified] roles 2, [profile] verified 4;
    a69 c6 19: country 1, [profile] department 2, [verified] email 3, roles 4, [verified] tier 0 "tier-24";
    a70 c6 20: [profile] email 0, handle 2, [verified] roles 1, [verified] tier 4 "tier-24", [profile] verified 3;
    a70 c7 21: country 0, [profile] department 1, [verified] email 2, [profile] handle 4, roles 3;
    a71 c7 22: country 4, handle 1, [verified] roles 0, [verified] tier 3 "tier-24", [profile] verified 2;
    a71 c0 23: [profile] department 0, [verified] email 1, [profile] handle 3, roles 2, [verified] verified 4;
    a72 c0 24: country 3, [profile] department 4, handle 0, [verified] tier 2 "tier-24", [profile] verified 1;
    a72 c1 25: [verified] email 0, [profile] handle 2, roles 1, tier 4 "tier-31", [verified] verified 3;
    a73 c1 26: country 2, [profile] department 3, [verified] email 4, [verified] tier 1 "tier-24", [profile] verified 0;
    a73 c2 27: [profile] country 4, [profile] handle 1, roles 0, tier 3 "tier-31", [verified] verified 2;
    a74 c2 28: country 1, [profile] department 2, [verified] email 3, roles 4, [verified] tier 0 "tier-24";
    a74 c3 29: [profile] country 3, [verified] department 4, [profile] handle 0, tier 2 "tier-31", [verified] verified 1;
    a75 c3 30: country 0, [profile] department 1, [verified] email 2, [profile] handle 4, roles 3;
    a75 c4 31: [profile] country 2, [verified] department 3, email 4, tier 1 "tier-31", [verified] verified 0;
    a76 c4 32: [profile] department 0, [verified] email 1, [profile] handle 3, roles 2, [verified] verified 4;
    a76 c5 33: [profile] country 1, [verified] department 2, email 3, [profile] roles 4, tier 0 "tier-31";
    a77 c5 34: [verified] email 0, [profile] handle 2, roles 1, tier 4 "tier-31", [verified] verified 3;
    a77 c6 35: [profile] country 0, [verified] department 1, email 2, [verified] handle 4, [profile] roles 3;
    a78 c6 36: [profile] country 4, [profile] handle 1, roles 0, tier 3 "tier-31", [verified] verified 2;
    a78 c7 37: [verified] department 0, email 1, [verified] handle 3, [profile] roles 2, verified 4;
    a79 c7 38: [profile] country 3, [verified] department 4, [profile] handle 0, tier 2 "tier-31", [verified] verified 1;
    a79 c0 39: email 0, [verified] handle 2, [profile] roles 1, [profile] tier 4 "tier-38", verified 3;
    a80 c0 0: [profile] country 2, [verified] department 3, email 4, tier 1 "tier-31", [verified] verified 0;
    a80 c1 1: [verified] country 4, [verified] handle 1, [profile] roles 0, [profile] tier 3 "tier-38", verified 2;
    a81 c1 2: [profile] country 1, [verified] department 2, email 3, [profile] roles 4, tier 0 "tier-31";
    a81 c2 3: [verified] country 3, department 4, [verified] handle 0, [profile] tier 2 "tier-38", verified 1;
    a82 c2 4: [profile] country 0, [verified] department 1, email 2, [verified] handle 4, [profile] roles 3;
    a82 c3 5: [verified] country 2, department 3, [profile] email 4, [profile] tier 1 "tier-38", verified 0;
    a83 c3 6: [verified] department 0, email 1, [verified] handle 3, [profile] roles 2, verified 4;
    a83 c4 7: [verified] country 1, department 2, [profile] email 3, [verified] roles 4, [profile] tier 0 "tier-38";
    a84 c4 8: email 0, [verified] handle 2, [profile] roles 1, [profile] tier 4 "tier-38", verified 3;
    a84 c5 9: [verified] country 0, department 1, [profile] email 2, handle 4, [verified] roles 3;
    a85 c5 10: [verified] country 4, [verified] handle 1, [profile] roles 0, [profile] tier 3 "tier-38", verified 2;
    a85 c6 11: department 0, [profile] email 1, handle 3, [verified] roles 2, [profile] verified 4;
    a86 c6 12: [verified] country 3, department 4, [verified] handle 0, [profile] tier 2 "tier-38", verified 1;
    a86 c7 13: [profile] email 0, handle 2, [verified] roles 1, [verified] tier 4 "tier-45", [profile] verified 3;
    a87 c7 14: [verified] country 2, department 3, [profile] email 4, [profile] tier 1 "tier-38", verified 0;
    a87 c0 15: country 4, handle 1, [verified] roles 0, [verified] tier 3 "tier-45", [profile] verified 2;
    a88 c0 16: [verified] country 1, department 2, [profile] email 3, [verified] roles 4, [profile] tier 0 "tier-38";
    a88 c1 17: country 3, [profile] department 4, handle 0, [verified] tier 2 "tier-45", [profile] verified 1;
    a89 c1 18: [verified] country 0, department 1, [profile] email 2, handle 4, [verified] roles 3;
    a89 c2 19: country 2, [profile] department 3, [verified] email 4, [verified] tier 1 "tier-45", [profile] verified 0;
    a90 c2 20: department 0, [profile] email 1, handle 3, [verified] roles 2, [profile] verified 4;
    a90 c3 21: country 1, [profile] department 2, [verified] email 3, roles 4, [verified] tier 0 "tier-45";
    a91 c3 22: [profile] email 0, handle 2, [verified] roles 1, [verified] tier 4 "tier-45", [profile] verified 3;
    a91 c4 23: country 0, [profile] department 1, [verified] email 2, [profile] handle 4, roles 3;
    a92 c4 24: country 4, handle 1, [verified] roles 0, [verified] tier 3 "tier-45", [profile] verified 2;
    a92 c5 25: [profile] department 0, [verified] email 1, [profile] handle 3, roles 2, [verified] verified 4;
    a93 c5 26: country 3, [profile] department 4, handle 0, [verified] tier 2 "tier-45", [profile] verified 1;
    a93 c6 27: [verified] email 0, [profile] handle 2, roles 1, tier 4 "tier-2", [verified] verified 3;
    a94 c6 28: country 2, [profile] department 3, [verified] email 4, [verified] tier 1 "tier-45", [profile] verified 0;
    a94 c7 29: [profile] country 4, [profile] handle 1, roles 0, tier 3 "tier-2", [verified] verified 2;
    a95 c7 30: country 1, [profile] department 2, [verified] email 3, roles 4, [verified] tier 0 "tier-45";
    a95 c0 31: [profile] country 3, [verified] department 4, [profile] handle 0, tier 2 "tier-2", [verified] verified 1;
    a96 c0 32: country 0, [profile] department 1, [verified] email 2, [profile] handle 4, roles 3;
    a96 c1 33: [profile] country 2, [verified] department 3, email 4, tier 1 "tier-2", [verified] verified 0;
    a97 c1 34: [profile] department 0, [verified] email 1, [profile] handle 3, roles 2, [verified] verified 4;
    a97 c2 35: [profile] country 1, [verified] department 2, email 3, [profile] roles 4, tier 0 "tier-2";
    a98 c2 36: [verified] email 0, [profile] handle 2, roles 1, tier 4 "tier-2", [verified] verified 3;
    a98 c3 37: [profile] country 0, [verified] department 1, email 2, [verified] handle 4, [profile] roles 3;
    a99 c3 38: [profile] country 4, [profile] handle 1, roles 0, tier 3 "tier-2", [verified] verified 2;
    a99 c4 39: [verified] department 0, email 1, [verified] handle 3, [profile] roles 2, verified 4;
}
