//! The workload by hand: what an expert would write in Rust for rules that are known beforehand.
//!
//! One hash look-up finds the claims of an audience and a client; each claim has its conditions and a value, and names and
//! constants are JSON already. There are no types to check, no errors, no conflicts, no traces and no limits: this is the
//! floor, not a rival. The program is generic over where attributes come from ([`Person`]) and what becomes of the claims
//! ([`Sink`]), so that each pair of them is compiled into a program of its own.

pub(crate) mod person;
pub(crate) mod sink;
pub(crate) mod table;

use std::collections::BTreeMap;

use regex::Regex;

use self::person::{Person, Scopes};
use self::sink::{Name, Sink};
use self::table::Table;
use super::{Client, Condition, Form, NAMESPACE, PATTERNS, Rule, Workload, audience_id, client_id};

/// All rules of a workload, found by audience and client.
pub(crate) struct Hand {
    by_pair: Table<usize>,
    by_audience: Table<usize>,
    by_client: Table<usize>,
    /// The claims of each entry of a table.
    programs: Vec<Vec<Claim>>,
    /// The program of rules for everybody.
    always: Option<usize>,
    patterns: Vec<Regex>,
}

/// What is written into one claim: the first of the writes that takes place.
struct Claim {
    name: String,
    /// The name as JSON, with the colon.
    key: String,
    first: Write,
    others: Vec<Write>,
}

struct Write {
    test: Test,
    value: Value,
}

enum Test {
    Always,
    Scope(&'static str),
    Verified,
    /// What most workloads do not have, out of the way.
    Rare(Box<Rare>),
}

struct Rare {
    /// Where the rule is for all clients but one.
    not_client: Option<String>,
    condition: Condition,
    group: String,
}

enum Value {
    Read(Form),
    /// A constant, and the whole member as JSON with a comma behind.
    Constant {
        text: String,
        member: String,
    },
}

/// Who asks for what.
#[derive(Clone, Copy)]
pub(crate) struct Facets<'a, G> {
    pub(crate) audience: &'a str,
    pub(crate) client: &'a str,
    pub(crate) granted: G,
}

impl Hand {
    pub(crate) fn new(workload: &Workload) -> Self {
        let mut hand = Hand {
            by_pair: Table::default(),
            by_audience: Table::default(),
            by_client: Table::default(),
            programs: Vec::new(),
            always: None,
            patterns: PATTERNS
                .iter()
                .map(|text| Regex::new(&format!("^(?:{text})$")).expect("valid"))
                .collect(),
        };
        let mut rules: BTreeMap<(Option<usize>, Option<usize>), Vec<&Rule>> = BTreeMap::new();
        for rule in &workload.rules {
            let client = match rule.client {
                Client::Is(client) => Some(client),
                Client::Any | Client::IsNot(_) => None,
            };
            rules.entry((rule.audience, client)).or_default().push(rule);
        }
        for ((audience, client), rules) in rules {
            let program = hand.programs.len();
            hand.programs.push(claims(&rules));
            match (audience, client) {
                (Some(audience), Some(client)) => {
                    hand.by_pair.insert(&audience_id(audience), &client_id(client), program);
                }
                (Some(audience), None) => hand.by_audience.insert(&audience_id(audience), "", program),
                (None, Some(client)) => hand.by_client.insert("", &client_id(client), program),
                (None, None) => hand.always = Some(program),
            }
        }
        hand
    }

    /// Writes the claims of a request.
    #[inline]
    pub(crate) fn run<'a, P: Person<'a>, S: Sink<'a, P>>(
        &'a self,
        facets: Facets<'a, impl Scopes>,
        person: P,
        sink: &mut S,
    ) {
        let programs = [
            self.by_pair.get(facets.audience, facets.client),
            self.by_audience.get(facets.audience, ""),
            self.by_client.get("", facets.client),
            self.always,
        ];
        for program in programs.into_iter().flatten() {
            for claim in &self.programs[program] {
                if self.fires(&claim.first.test, facets, person) {
                    claim.first.value.write(claim, person, sink);
                } else if let Some(write) =
                    claim.others.iter().find(|write| self.fires(&write.test, facets, person))
                {
                    write.value.write(claim, person, sink);
                }
            }
        }
    }

    #[inline]
    fn fires<'a, P: Person<'a>>(&self, test: &Test, facets: Facets<'_, impl Scopes>, person: P) -> bool {
        match test {
            Test::Always => true,
            Test::Scope(scope) => facets.granted.has(scope),
            Test::Verified => person.email_verified() == Some(true),
            Test::Rare(rare) => self.rarely_fires(rare, facets, person),
        }
    }

    fn rarely_fires<'a, P: Person<'a>>(
        &self,
        rare: &Rare,
        facets: Facets<'_, impl Scopes>,
        person: P,
    ) -> bool {
        if rare.not_client.as_ref().is_some_and(|client| client == facets.client) {
            return false;
        }
        match rare.condition {
            Condition::Always => true,
            Condition::Scope(scope) => facets.granted.has(scope),
            Condition::Verified => person.email_verified() == Some(true),
            Condition::InGroup(_) => person.groups().is_some_and(|mut all| all.any(|one| one == rare.group)),
            Condition::Matches(pattern) => {
                person.nickname().is_some_and(|name| self.patterns[pattern].is_match(name))
            }
        }
    }
}

impl Value {
    #[inline]
    fn write<'a, P: Person<'a>, S: Sink<'a, P>>(&'a self, claim: &'a Claim, person: P, sink: &mut S) {
        let name = Name { plain: &claim.name, json: &claim.key };
        match self {
            Value::Constant { text, member } => sink.constant(name, text, member),
            Value::Read(form) => read(*form, name, person, sink),
        }
    }
}

/// Writes a value that comes from the request, if it is there.
#[expect(
    clippy::inline_always,
    reason = "the form is known where rules are code, so that nothing is left to decide"
)]
#[inline(always)]
pub(crate) fn read<'a, P: Person<'a>, S: Sink<'a, P>>(form: Form, name: Name<'a>, person: P, sink: &mut S) {
    let is_there = match form {
        Form::Email => person.email().map(|text| sink.text(name, text)),
        Form::Roles => person.roles().map(|texts| sink.texts(name, texts)),
        Form::Handle => person.nickname().map(|text| sink.lower(name, "acct:", text)),
        Form::Verified => person.email_verified().map(|value| sink.truth(name, value)),
        Form::Country => person.country().map(|text| sink.text(name, text)),
        Form::Department => Some(person.department().unwrap_or("none")).map(|text| sink.text(name, text)),
        Form::AppRoles => person.roles().map(|texts| sink.upper(name, texts, "app-")),
        Form::Groups => person.groups().map(|texts| sink.filtered(name, texts, "group-1")),
        Form::Constant(_) => None,
    };
    let _absent = is_there.is_none();
}

/// The claims of rules, sorted by name as claimsc writes them, the writes of each from the strongest to the weakest.
fn claims(rules: &[&Rule]) -> Vec<Claim> {
    let mut by_name: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        by_name.entry(&rule.claim).or_default().push(rule);
    }
    let claims = by_name.into_iter().map(|(name, mut rules)| {
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.level));
        let name = format!("{NAMESPACE}{name}");
        let mut writes = rules.into_iter().map(|rule| Write::new(&name, rule));
        let first = writes.next().expect("a claim has a rule");
        Claim { key: format!("\"{name}\":"), first, others: writes.collect(), name }
    });
    claims.collect()
}

impl Write {
    fn new(name: &str, rule: &Rule) -> Self {
        let not_client = match rule.client {
            Client::IsNot(client) => Some(client_id(client)),
            Client::Any | Client::Is(_) => None,
        };
        let test = match (&not_client, rule.condition) {
            (None, Condition::Always) => Test::Always,
            (None, Condition::Scope(scope)) => Test::Scope(scope),
            (None, Condition::Verified) => Test::Verified,
            (_, condition) => {
                let group = match condition {
                    Condition::InGroup(group) => format!("group-{group}"),
                    _ => String::new(),
                };
                Test::Rare(Box::new(Rare { not_client, condition, group }))
            }
        };
        let value = match rule.value {
            Form::Constant(number) => {
                let member = format!("\"{name}\":\"tier-{number}\",");
                Value::Constant { text: format!("tier-{number}"), member }
            }
            form => Value::Read(form),
        };
        Write { test, value }
    }
}
