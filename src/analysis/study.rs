//! A policy under study: what it means, and what all analyses ask of it.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::part::Parts;
use super::statements::Promise;
use crate::decision::Decision;
use crate::diag::Diagnostic;
use crate::eval;
use crate::ir::{Statement, Unit};
use crate::logic::formula::{Formula, Formulas};
use crate::logic::meaning::{Meaning, Name, Write};
use crate::logic::solver::{Budget, Doubt, Instance};
use crate::logic::witness::{self, Verdict, Witness};
use crate::request::Request;
use crate::source::Sources;

/// All writes that may be about one claim.
#[derive(Debug, Clone)]
pub struct Group {
    /// The claim.
    pub name: Name,
    /// Into [`Meaning::writes`], in their order; those whose names are not known before a request are in every group
    /// that they may belong to.
    pub writes: Vec<usize>,
}

/// A policy, its meaning, and the solvers that are asked about it.
pub struct Study<'u> {
    /// The policy.
    pub unit: &'u Unit,
    /// Its texts, for fixes that depend on how something is written.
    pub sources: Option<&'u Sources>,
    /// Where all formulas live.
    pub f: Formulas,
    /// What the policy means.
    pub meaning: Meaning<'u>,
    /// What is true of every request.
    pub world: Formula,
    /// What may be spent on one question.
    pub budget: Budget,
    /// What is known of every `ensure` and contract.
    pub promises: Vec<Promise>,
    groups: Rc<[Group]>,
    /// See [`Meaning::fit_names`]: tried first, because other requests may be refused.
    fit_names: Vec<Formula>,
    /// Whether it is enough that the part of the policy which concerns a request decides about it. Requests that are
    /// shown to people are executed by the whole of it.
    pub parts_decide: bool,
    parts: Parts<'u>,
}

impl<'u> Study<'u> {
    /// A policy without errors in syntax, names and types.
    pub fn new(unit: &'u Unit) -> Self {
        Study::with(unit, Formulas::new())
    }

    /// The same in a room of one's own for formulas.
    pub fn with(unit: &'u Unit, mut f: Formulas) -> Self {
        let mut meaning = Meaning::new(unit, &mut f);
        let world = meaning.world(&mut f);
        let groups = grouped(meaning.writes()).into();
        let fit_names = meaning.fit_names(&mut f);
        Study {
            unit,
            sources: None,
            f,
            meaning,
            world,
            budget: unit.catalog.budget,
            promises: Vec::new(),
            groups,
            fit_names,
            parts_decide: false,
            parts: Parts::of(unit),
        }
    }

    /// The writes of each claim, by name.
    pub fn groups(&self) -> Rc<[Group]> {
        self.groups.clone()
    }

    /// A write, by its place in [`Meaning::writes`].
    pub fn write(&self, index: usize) -> Option<Write> {
        self.meaning.writes().get(index).cloned()
    }

    /// The statement of a write.
    pub fn statement(&self, write: &Write) -> Option<&'u Statement> {
        self.unit.statements.get(write.statement)
    }

    /// A solver for questions made of these formulas.
    pub fn instance(&mut self, formulas: impl IntoIterator<Item = Formula>) -> Instance<'u> {
        let formulas: Vec<Formula> = formulas.into_iter().chain([self.world]).collect();
        Instance::new(self.unit, self.budget, &mut self.f, formulas)
    }

    /// Looks for a request in which all of the question holds; see [`witness::find`].
    pub fn find(
        &mut self,
        instance: &mut Instance<'u>,
        question: &[Formula],
        shows: &mut dyn FnMut(&Request, &Decision) -> bool,
    ) -> Verdict {
        let unit = self.unit;
        if !self.parts.is_whole() {
            let verdict = self.seek(instance, question, &mut |parts, request| {
                shows(request, &eval::evaluate(parts.concerning(request), request))
            });
            let Verdict::Shown(witness) = verdict else { return verdict };
            let request = Request::from_value(&witness.request);
            if request.is_ok_and(|request| shows(&request, &witness.decision)) {
                return Verdict::Shown(witness);
            }
        }
        self.seek(instance, question, &mut |_, request| shows(request, &eval::evaluate(unit, request)))
    }

    /// A question as it is asked: where names of claims are bound later first with fit ones, then with any.
    fn attempts(&self, question: &[Formula]) -> Vec<Vec<Formula>> {
        let plain: Vec<Formula> = question.iter().copied().chain([self.world]).collect();
        let with_names = plain.iter().chain(&self.fit_names).copied().collect();
        if self.fit_names.is_empty() { vec![plain] } else { vec![with_names, plain] }
    }

    /// Looks for a request in which all of the question holds, executing some statements only (and those that decide
    /// audience and scopes): enough for what is about them, whatever the rest of the policy does.
    pub fn find_among(
        &mut self,
        instance: &mut Instance<'u>,
        question: &[Formula],
        statements: &[usize],
        shows: &mut dyn FnMut(&Unit, &Request, &Decision) -> bool,
    ) -> Verdict {
        self.seek(instance, question, &mut |parts, request| {
            let part = parts.among(statements);
            shows(part, request, &eval::evaluate(part, request))
        })
    }

    fn seek(
        &mut self,
        instance: &mut Instance<'u>,
        question: &[Formula],
        shows: &mut dyn FnMut(&mut Parts<'u>, &Request) -> bool,
    ) -> Verdict {
        let (catalog, budget) = (&self.unit.catalog, self.budget);
        let mut verdict = Verdict::Never;
        for question in self.attempts(question) {
            let parts = &mut self.parts;
            verdict = witness::find(catalog, instance, &mut self.f, &question, budget, &mut |request| {
                shows(parts, request)
            });
            if matches!(verdict, Verdict::Shown(_)) {
                break;
            }
        }
        verdict.map(|(json, request)| {
            let unit = if self.parts_decide { self.parts.concerning(&request) } else { self.unit };
            Box::new(Witness { decision: eval::evaluate(unit, &request), request: json })
        })
    }

    /// Whether all of the question can hold in one request; `false` is a proof.
    pub fn is_possible(&mut self, instance: &mut Instance<'u>, question: &[Formula]) -> bool {
        let question: Vec<Formula> = question.iter().copied().chain([self.world]).collect();
        instance.is_possible(&mut self.f, &question)
    }

    /// What is in the way of an answer, for people: the source of expressions that are not understood, by their places.
    /// Where a budget is spent, its name and how to raise it come first.
    pub fn explain_doubts(&self, mut diagnostic: Diagnostic, doubts: &[Doubt]) -> Diagnostic {
        let mut other = Vec::new();
        let (mut spent, mut is_labelled) = (Vec::new(), false);
        for doubt in doubts {
            match doubt {
                Doubt::Opaque(text) => match self.meaning.opaque_span(text) {
                    Some(span) => {
                        diagnostic = diagnostic.also(span, "this is not understood well enough");
                        is_labelled = true;
                    }
                    None => other.push(&**text),
                },
                Doubt::Other(words) => other.push(words),
                Doubt::Spent(cost) => spent.push(*cost),
            }
        }
        if let Some(cost) = spent.first() {
            let count = self.unit.catalog.budget.of(*cost);
            let more = count.saturating_mul(10).max(10);
            let spent = format!(
                "the budget of {count} {cost} is spent: raise it under `budgets` in claims.yaml, or with \
                 `--budget {cost}={more}`"
            );
            return match diagnostic.help.clone().filter(|_| is_labelled) {
                Some(help) => diagnostic.help(format!("{help}; {spent}")),
                None => diagnostic.help(spent),
            };
        }
        if other.is_empty() {
            diagnostic
        } else {
            diagnostic.help(format!("in the way: {}", other.join(", ")))
        }
    }
}

/// A finding with the request that shows it; the line of claims.yaml that lists its client is labelled.
pub(super) fn witnessed(diagnostic: Diagnostic, unit: &Unit, witness: &Witness) -> Diagnostic {
    let client = witness.request.get("client").and_then(|client| client.as_str());
    let diagnostic = match client.and_then(|id| unit.catalog.client(id)) {
        Some(client) => diagnostic.also(client.span, "for example for this client"),
        None => diagnostic,
    };
    diagnostic.witness(witness.request.to_json())
}

/// The writes of each claim, by name.
pub(super) fn grouped(writes: &[Write]) -> Vec<Group> {
    let mut known: BTreeMap<Arc<str>, Group> = BTreeMap::new();
    let mut open: Vec<(usize, &Write)> = Vec::new();
    for (index, write) in writes.iter().enumerate() {
        match &write.name {
            Name::Literal(name) | Name::Config(name) => {
                let group = || Group { name: write.name.clone(), writes: Vec::new() };
                known.entry(name.clone()).or_insert_with(group).writes.push(index);
                if matches!(write.name, Name::Config(_)) {
                    open.push((index, write));
                }
            }
            Name::Members(..) => open.push((index, write)),
        }
    }
    let mut groups: Vec<Group> = known.into_values().collect();
    for group in &mut groups {
        let also = open.iter().filter(|(_, write)| write.name.may_be(&group.name)).map(|(index, _)| *index);
        group.writes.extend(also);
        group.writes.sort_unstable();
        group.writes.dedup();
    }
    if open.iter().any(|(_, write)| matches!(write.name, Name::Members(..))) {
        for (at, (index, write)) in open.iter().enumerate() {
            let others =
                open.iter().enumerate().filter(|(other, (_, w))| *other >= at && w.name.may_be(&write.name));
            let writes: Vec<usize> = others.map(|(_, (index, _))| *index).collect();
            if writes.len() > 1 {
                groups.push(Group { name: write.name.clone(), writes });
            } else if matches!(write.name, Name::Members(..)) {
                groups.push(Group { name: write.name.clone(), writes: vec![*index] });
            }
        }
    }
    groups
}
