//! Which labels arrive at whom, and through which claims: everything, accepted or not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::implicit::{self, Guards};
use super::recipients::{Readers, Recipient, Who, all_labels};
use super::shown::{Key, Sought, Target};
use super::{Claim, Flow, trust};
use crate::analysis::Study;
use crate::ir::Unit;
use crate::logic::formula::Formula;
use crate::logic::meaning::{Name, Write};
use crate::logic::witness::Verdict;
use crate::standard::Token;
use crate::ty::Labels;

/// What is known of a flow that is not proven absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Neither shown nor proven absent.
    Undecided,
    /// A request shows it.
    Shown,
}

/// A claim through which something arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The name of the claim.
    pub claim: Arc<str>,
    /// The same as policies write it, with the alias of a namespace.
    pub short: String,
    /// Whether a value with the label arrives; `None`: proven absent.
    pub value: Option<Known>,
    /// Whether a condition that reads the label decides the claim; `None`: proven absent.
    pub guard: Option<Known>,
    /// Whether the recipient, or the claim, accepts values with the label.
    pub accepted: bool,
}

/// A recipient, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The alias in claims.yaml; `None` for all that it does not list, and for tokens without audience.
    pub alias: Option<Arc<str>>,
    /// The alias, or words.
    pub name: String,
}

/// Recipients at whom the same arrives of one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The label.
    pub label: Arc<str>,
    /// `audience`: they read access tokens; `client`: they read ID tokens, userinfo and SAML assertions.
    pub kind: &'static str,
    /// The recipients, in the order of claims.yaml.
    pub readers: Vec<Reader>,
    /// Whether they accept the label; `None` where each claim says so (`untrusted`, `user_editable`).
    pub accepts: Option<bool>,
    /// Claims through which it arrives, by name; where there is none, it is proven that it does not.
    pub arrivals: Vec<Arrival>,
}

/// Label by label, who gets what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Equal rows of one label and kind are one.
    pub rows: Vec<Row>,
}

impl Table {
    /// Whether a value arrives where its label is not accepted.
    pub fn has_leak(&self) -> bool {
        let mut arrivals = self.rows.iter().flat_map(|row| &row.arrivals);
        arrivals.any(|arrival| !arrival.accepted && arrival.value == Some(Known::Shown))
    }
}

/// Where something arrives: the label, and the kind and number of the recipient.
type Place = (usize, Readers, usize);

/// Asks about every label and recipient.
pub fn table(study: &mut Study<'_>) -> Table {
    let mut flow = Flow::new(study);
    flow.study.budget.shrinking = 0;
    flow.study.parts_decide = true;
    let guards = Guards::of(&mut flow);
    let mut asked = Asked { flow, arrivals: BTreeMap::new() };
    let mut seen = BTreeSet::new();
    for group in asked.flow.study.groups().iter() {
        let mut claim = Claim::of(&asked.flow, group);
        for index in &group.writes {
            let Some(write) = asked.flow.study.write(*index) else { continue };
            if write.name == group.name && seen.insert(*index) {
                asked.values(&mut claim, &write);
                asked.guards(&mut claim, &write, &guards);
            }
        }
    }
    asked.removals(&guards);
    Table { rows: asked.rows() }
}

/// What was asked so far.
struct Asked<'s, 'u> {
    flow: Flow<'s, 'u>,
    arrivals: BTreeMap<Place, BTreeMap<Arc<str>, Arrival>>,
}

impl<'u> Asked<'_, 'u> {
    /// What the value of a write carries.
    fn values(&mut self, claim: &mut Claim<'u>, write: &Write) {
        let flow = &mut self.flow;
        let Some(statement) = flow.study.statement(write) else { return };
        let labels = flow.study.meaning.written_labels(write);
        for label in Flow::each(labels) {
            for readers in Readers::BOTH {
                let flow = &mut self.flow;
                let tokens = write.tokens.and(readers.tokens());
                let is_decisive = tokens.contains(Token::Access) || tokens.contains(Token::Saml);
                // Of the labels of trust, the claim says which it takes, and only where others decide by it.
                let is_taken = !flow.private.contains(label)
                    && (!is_decisive || trust::accepted(flow, write).contains(label));
                let arrives = flow.arrives(claim, write, readers);
                let carried = flow.study.meaning.written_labelled(&mut flow.study.f, write, label);
                let question = flow.study.f.both(arrives, carried);
                let target = (statement, &write.name, tokens);
                let all: Vec<usize> = (0..flow.recipients.readers(readers).len()).collect();
                let sought = (target, Some((label, write.part.as_deref())));
                for (at, known) in flow.reading(claim, question, (readers, &all), sought) {
                    let arrival = self.arrival((label, readers, at), &write.name);
                    arrival.value = arrival.value.max(Some(known));
                    arrival.accepted = arrival.accepted || is_taken;
                }
            }
        }
    }

    /// What the conditions of a write tell.
    fn guards(&mut self, claim: &mut Claim<'u>, write: &Write, guards: &Guards) {
        let Some(statement) = self.flow.study.statement(write) else { return };
        for label in Flow::each(guards.labels(self.flow.study.unit, statement, self.flow.private)) {
            for readers in Readers::BOTH {
                let tokens = write.tokens.and(readers.tokens());
                if !tokens.is_empty() {
                    let arrives = self.flow.arrives(claim, write, readers);
                    self.decided(claim, (statement, &write.name, tokens), (label, readers), arrives);
                }
            }
        }
    }

    fn removals(&mut self, guards: &Guards) {
        for removal in implicit::removals(&mut self.flow, guards) {
            let mut claim = Claim::removed(removal.index);
            let target = (removal.statement, &removal.name, removal.tokens);
            self.decided(&mut claim, target, (removal.label, removal.readers), removal.arrives);
        }
    }

    fn decided(
        &mut self,
        claim: &mut Claim<'u>,
        target: Target<'_, 'u>,
        (label, readers): (Labels, Readers),
        arrives: Formula,
    ) {
        for read in implicit::conditions(&mut self.flow, target.0, (label, readers)) {
            let recipients = self.flow.recipients.clone();
            let all: Vec<&Recipient> = recipients.readers(readers).iter().collect();
            let depending = implicit::depending(&mut self.flow, &read, label, &all);
            let places: Vec<usize> = all
                .iter()
                .enumerate()
                .filter(|(_, one)| depending.iter().any(|other| other.who == one.who))
                .map(|(at, _)| at)
                .collect();
            for (at, known) in self.flow.reading(claim, arrives, (readers, &places), (target, None)) {
                let arrival = self.arrival((label, readers, at), target.1);
                arrival.guard = arrival.guard.max(Some(known));
            }
        }
    }

    /// The entry of a claim.
    fn arrival(&mut self, (label, readers, at): (Labels, Readers, usize), name: &Name) -> &mut Arrival {
        let unit = self.flow.study.unit;
        let index = label.indexes().next().unwrap_or_default();
        let claim: Arc<str> = name.to_string().into();
        let is_private = self.flow.private.contains(label);
        let accepts =
            self.flow.recipients.readers(readers).get(at).is_some_and(|one| one.accepts.contains(label));
        let place = self.arrivals.entry((index, readers, at)).or_default();
        place.entry(claim.clone()).or_insert_with(|| Arrival {
            short: short(unit, &claim),
            claim,
            value: None,
            guard: None,
            accepted: is_private && accepts,
        })
    }

    /// One row for each label and all recipients at whom the same arrives.
    fn rows(self) -> Vec<Row> {
        let catalog = &self.flow.study.unit.catalog;
        let mut rows: Vec<Row> = Vec::new();
        for index in all_labels(catalog).indexes() {
            let Some(name) = catalog.labels.get(index) else { continue };
            let label = Labels::bit(index);
            for readers in Readers::BOTH {
                let first = rows.len();
                for (at, one) in self.flow.recipients.readers(readers).iter().enumerate() {
                    let arrivals = self.arrivals.get(&(index, readers, at));
                    let arrivals: Vec<Arrival> =
                        arrivals.into_iter().flat_map(|all| all.values().cloned()).collect();
                    let accepts = self.flow.private.contains(label).then(|| one.accepts.contains(label));
                    let reader = reader(&one.who);
                    let equal = rows.iter_mut().skip(first);
                    match equal.into_iter().find(|row| row.accepts == accepts && row.arrivals == arrivals) {
                        Some(row) => row.readers.push(reader),
                        None => rows.push(Row {
                            label: name.clone(),
                            kind: readers.word(),
                            readers: vec![reader],
                            accepts,
                            arrivals,
                        }),
                    }
                }
            }
        }
        rows
    }
}

fn reader(who: &Who) -> Reader {
    let alias = match who {
        Who::Audience(alias, _) | Who::Client(alias, _) => Some(alias.clone()),
        Who::OtherAudience | Who::NoAudience | Who::OtherClient => None,
    };
    Reader { alias, name: who.name().to_owned() }
}

/// A claim as policies write it.
fn short(unit: &Unit, claim: &str) -> String {
    let alias = unit.namespaces.iter().filter_map(|namespace| {
        let rest = claim.strip_prefix(&*namespace.prefix)?;
        Some((rest.len(), format!("{}/{rest}", namespace.alias)))
    });
    alias.min().map_or_else(|| claim.to_owned(), |(_, short)| short)
}

impl<'u> Flow<'_, 'u> {
    /// Which of some recipients read the tokens of a question, and what is known of it.
    fn reading(
        &mut self,
        claim: &mut Claim<'u>,
        question: Formula,
        (readers, places): (Readers, &[usize]),
        (target, value): (Target<'_, 'u>, Option<(Labels, Option<&str>)>),
    ) -> Vec<(usize, Known)> {
        if question == Formula::FALSE || target.2.is_empty() {
            return Vec::new();
        }
        let recipients = self.recipients.clone();
        // Recipients of whom the policy and claims.yaml say the same share an answer.
        let mut answers: BTreeMap<Key, Option<Known>> = BTreeMap::new();
        let mut found = Vec::new();
        for at in places {
            let Some(one) = recipients.readers(readers).get(*at) else { continue };
            let key = self.key(question, one);
            let is_false = key.0 == Formula::FALSE;
            let known = match answers.get(&key) {
                _ if is_false => None,
                Some(known) => *known,
                None => {
                    claim.solver(self, &[question, one.is, !self.denied]);
                    let sought = Sought { target, statements: &claim.statements, value };
                    let verdict = claim
                        .instance
                        .as_mut()
                        .map(|instance| self.seek(instance, (question, one.is), &[one], sought));
                    let known = match verdict {
                        Some(Verdict::Never) => None,
                        Some(Verdict::Shown(_)) => Some(Known::Shown),
                        Some(Verdict::Undecided(_)) | None => Some(Known::Undecided),
                    };
                    answers.insert(key, known);
                    known
                }
            };
            found.extend(known.map(|known| (*at, known)));
        }
        found
    }
}
