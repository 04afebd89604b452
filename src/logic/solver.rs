//! Whether a formula is true in any request, and in which.
//!
//! A SAT solver proposes which atoms are true; the part of its proposal that makes the formula true is handed to the
//! theories, which find values for the attributes or say which atoms cannot stand together. What they refute becomes a
//! clause, and the solver proposes again. So "never" is a proof: clauses that hold in every request, without a model.
//!
//! One instance knows only the clients and audiences that its formulas mention, and one representative of the others.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use batsat::{BasicSolver, Lit, SolverInterface, lbool};

use super::atom::{Atom, Path, Role};
use super::concrete::Choices;
use super::formula::{AtomId, Formula, Formulas, View};
use crate::catalog::Cost;
use crate::ir::Unit;
use crate::value::Value;

pub use crate::catalog::Budget;

mod domain;
mod facets;
mod list;
mod theory;

use domain::Domain;

/// An answer.
#[derive(Debug)]
pub enum Answer {
    /// No request makes it true.
    Never,
    /// This one should.
    Perhaps(Box<Model>),
    /// A budget is spent, or a part is too hard: what is in the way.
    Unknown(Vec<Doubt>),
}

/// What is in the way of an answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// An expression that is not understood, by its normal text.
    Opaque(Arc<str>),
    /// A budget that is spent.
    Spent(Cost),
    /// Something else, in words.
    Other(Arc<str>),
}

/// Choices that make a question true, if nothing opaque is in the way.
#[derive(Debug)]
pub struct Model {
    /// What has to be true of the request.
    pub choices: Choices,
    /// The normal texts of what was guessed.
    pub guessed: Vec<Arc<str>>,
    literals: Vec<(AtomId, bool)>,
}

/// What a theory makes of a proposal.
enum Found<T> {
    Model(T),
    /// These cannot hold together.
    Conflict(Vec<(AtomId, bool)>),
    Unknown(Doubt),
}

/// What the values of an instance are about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Scope {
    Request,
    /// One element of the list at the path.
    Element(Arc<Path>),
}

/// Elements that were sought, by list and what is asked of one: none, this one, or unknown.
type Elements = BTreeMap<(Arc<Path>, Formula), Result<Option<Value>, Doubt>>;

/// A solver for questions about requests of one policy, or about elements of one list.
pub struct Instance<'u> {
    unit: &'u Unit,
    scope: Scope,
    budget: Budget,
    sat: BasicSolver,
    /// By node of a formula.
    known: HashMap<u32, Lit>,
    domain: Domain,
    /// What is known of elements, by list and what is asked of one.
    elements: Elements,
    /// The only scopes that the audience of the proposal allows, and by which literals.
    scope_words: Option<Arc<[Arc<str>]>>,
    scope_facts: Vec<(AtomId, bool)>,
}

impl<'u> Instance<'u> {
    /// A solver for questions about requests that are made of these formulas. Others may be asked too; what they
    /// mention anew costs a fresh start.
    pub fn new(
        unit: &'u Unit,
        budget: Budget,
        f: &mut Formulas,
        formulas: impl IntoIterator<Item = Formula>,
    ) -> Self {
        let mut instance = Instance::empty(unit, Scope::Request, budget);
        let atoms = f.atoms_of(formulas);
        instance.encode_domain(f, &atoms);
        instance
    }

    fn empty(unit: &'u Unit, scope: Scope, budget: Budget) -> Self {
        Instance {
            unit,
            scope,
            budget,
            sat: BasicSolver::default(),
            known: HashMap::new(),
            domain: Domain::default(),
            elements: BTreeMap::new(),
            scope_words: None,
            scope_facts: Vec::new(),
        }
    }

    /// Asks whether all formulas can be true together; `accept` tries what is proposed and says whether it is right.
    pub fn ask(
        &mut self,
        f: &mut Formulas,
        question: &[Formula],
        accept: &mut dyn FnMut(&Model) -> bool,
    ) -> Answer {
        if question.contains(&Formula::FALSE) {
            return Answer::Never;
        }
        let atoms = f.atoms_of(question.iter().copied());
        if self.scope == Scope::Request && !self.domain.covers(f, &atoms) {
            self.start_anew(f, &atoms);
        }
        let mut assumptions: Vec<Lit> = question.iter().map(|formula| self.literal(f, *formula)).collect();
        // What is only set aside for this question depends on this variable.
        let aside = Lit::new(self.sat.new_var_default(), true);
        assumptions.push(aside);
        let mut doubts: BTreeSet<Doubt> = BTreeSet::new();
        let mut requests = self.budget.requests;
        for _ in 0..self.budget.proposals {
            if self.sat.solve_limited(&assumptions) != lbool::TRUE {
                return if doubts.is_empty() {
                    Answer::Never
                } else {
                    Answer::Unknown(doubts.into_iter().collect())
                };
            }
            let literals = self.justify(f, question);
            match self.theory(f, &literals) {
                Found::Conflict(core) => self.forbid(f, &core, None),
                Found::Unknown(what) => {
                    doubts.insert(what);
                    self.forbid(f, &literals, Some(aside));
                }
                // What was not tried might have shown it.
                Found::Model(_) if requests == 0 => {
                    doubts.insert(Doubt::Spent(Cost::Requests));
                    return Answer::Unknown(doubts.into_iter().collect());
                }
                Found::Model(choices) => {
                    let guessed = guessed(f, &literals);
                    let model = Model { choices, guessed, literals };
                    if accept(&model) {
                        return Answer::Perhaps(Box::new(model));
                    }
                    doubts.extend(model.guessed.iter().cloned().map(Doubt::Opaque));
                    if model.guessed.is_empty() {
                        doubts.insert(Doubt::Other("the request that should show it fails otherwise".into()));
                    }
                    requests -= 1;
                    self.forbid(f, &model.literals, Some(aside));
                }
            }
        }
        doubts.insert(Doubt::Spent(Cost::Proposals));
        Answer::Unknown(doubts.into_iter().collect())
    }

    /// Whether all formulas can be true together, without a request that shows it: `false` is a proof.
    pub fn is_possible(&mut self, f: &mut Formulas, question: &[Formula]) -> bool {
        !matches!(self.ask(f, question, &mut |_| true), Answer::Never)
    }

    fn start_anew(&mut self, f: &mut Formulas, atoms: &BTreeSet<AtomId>) {
        let mut all = self.domain.atoms.clone();
        all.extend(atoms);
        self.sat = BasicSolver::default();
        self.known = HashMap::new();
        self.encode_domain(f, &all);
    }

    fn fresh(&mut self) -> Lit {
        Lit::new(self.sat.new_var_default(), true)
    }

    fn clause(&mut self, literals: impl IntoIterator<Item = Lit>) {
        let mut clause: Vec<Lit> = literals.into_iter().collect();
        self.sat.add_clause_reuse(&mut clause);
    }

    fn value(&self, literal: Lit) -> bool {
        self.sat.value_lit(literal) == lbool::TRUE
    }

    /// The literal that is true exactly where a formula is.
    fn literal(&mut self, f: &Formulas, formula: Formula) -> Lit {
        let mut open = vec![formula.node()];
        while let Some(node) = open.last().copied() {
            if self.known.contains_key(&node) {
                open.pop();
                continue;
            }
            let plain = Formula::plain(node);
            let literal = match f.view(plain) {
                View::Constant(_) => {
                    let literal = self.fresh();
                    self.clause([literal]);
                    literal
                }
                View::Atom(..) => self.fresh(),
                View::All(parts) | View::NotAll(parts) => {
                    let missing: Vec<u32> =
                        parts.iter().map(|p| p.node()).filter(|n| !self.known.contains_key(n)).collect();
                    if !missing.is_empty() {
                        open.extend(missing);
                        continue;
                    }
                    let parts: Vec<Lit> = parts.iter().filter_map(|part| self.signed(*part)).collect();
                    let literal = self.fresh();
                    for part in &parts {
                        self.clause([!literal, *part]);
                    }
                    self.clause(parts.iter().map(|part| !*part).chain([literal]));
                    literal
                }
            };
            self.known.insert(node, literal);
            open.pop();
        }
        self.signed(formula).unwrap_or(Lit::UNDEF)
    }

    /// The literal of a formula that has one already.
    fn signed(&self, formula: Formula) -> Option<Lit> {
        let literal = *self.known.get(&formula.node())?;
        Some(if formula.is_negated() { !literal } else { literal })
    }

    /// The literal of an atom that has one already.
    fn of_atom(&self, f: &Formulas, atom: AtomId) -> Option<Lit> {
        self.signed(f.of(atom)?)
    }

    /// A part of the proposal that makes the question true on its own.
    fn justify(&self, f: &Formulas, question: &[Formula]) -> Vec<(AtomId, bool)> {
        let mut literals = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<Formula> = question.to_vec();
        while let Some(formula) = open.pop() {
            if !seen.insert(formula) {
                continue;
            }
            match f.view(formula) {
                View::Constant(_) => {}
                View::Atom(atom, positive) => drop(literals.insert((atom, positive))),
                View::All(parts) => open.extend(parts),
                View::NotAll(parts) => {
                    let wrong = |part: &&Formula| self.signed(**part).is_some_and(|lit| !self.value(lit));
                    // What is needed anyway, then what is short, costs the least.
                    let chosen = parts
                        .iter()
                        .filter(wrong)
                        .min_by_key(|part| (!seen.contains(&!**part), weight(f, !**part)));
                    open.extend(chosen.map(|part| !*part));
                }
            }
        }
        literals.into_iter().collect()
    }

    /// Literals that cannot all hold; where `aside` is given, only for the current question.
    fn forbid(&mut self, f: &Formulas, core: &[(AtomId, bool)], aside: Option<Lit>) {
        if core.is_empty() && aside.is_none() {
            // The theory has said so itself.
            return;
        }
        let mut clause: Vec<Lit> = aside.into_iter().map(|lit| !lit).collect();
        for (atom, positive) in core {
            if let Some(formula) = f.of(*atom) {
                let literal = self.literal(f, formula);
                clause.push(if *positive { !literal } else { literal });
            }
        }
        self.clause(clause);
    }
}

/// How much it costs to make a formula true: facts about client, grant and audience are there in any case.
fn weight(f: &Formulas, formula: Formula) -> (u8, u32) {
    let class = match f.view(formula) {
        View::Constant(_) => 0,
        View::Atom(atom, positive) => match f.meaning(atom) {
            Some(
                Atom::Grant(_)
                | Atom::Client(_)
                | Atom::UnlistedClient
                | Atom::Audience(..)
                | Atom::UnlistedAudience(_)
                | Atom::NoAudience(_)
                | Atom::ManyAudiences(_)
                | Atom::User,
            ) => 1,
            Some(Atom::Opaque(..)) => 5,
            Some(_) if !positive => 2,
            _ => 3,
        },
        _ => 4,
    };
    (class, formula.node())
}

fn guessed(f: &Formulas, literals: &[(AtomId, bool)]) -> Vec<Arc<str>> {
    let keys = literals.iter().filter_map(|(atom, _)| match f.meaning(*atom) {
        Some(Atom::Opaque(key, Role::Holds | Role::There | Role::NoUser)) => Some(key.clone()),
        _ => None,
    });
    keys.collect::<BTreeSet<_>>().into_iter().collect()
}
