//! A typed policy as formulas: for each condition where it is true, false or unknown for want of a user; for each value
//! where it is there; for each statement where it acts.
//!
//! It mirrors the evaluator rule by rule. What it does not understand is an opaque atom, shared by equal expressions, so
//! that "never" stays a proof and "sometimes" has to be shown by a request. Errors of the evaluation (an overflow, too
//! long a list) are not part of it: where one occurs there are no tokens, and formulas may claim too much.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::atom::{Atom, Path, Role};
use super::cube::{Cube, Cubes};
use super::formula::{Formula, Formulas};
use super::lemma::Lemma;
use super::normal::Normal;
use super::text::TextPattern;
use crate::catalog::{Root, World};
use crate::ir::{Action, Chain, ClaimId, ClaimName, Expr, LocalId, SlotId, Statement, Unit};
use crate::source::Span;
use crate::standard::{Grant, Token, UserPresence};
use crate::ty::Labels;

mod aim;
mod call;
mod compare;
mod effect;
mod place;
mod presence;
mod term;
mod truth;

pub use effect::{Name, Write};
pub(in crate::logic) use place::shape;
pub use term::{Case, Term};

/// Where a condition is true, where it is false, and where it is unknown because it reads a user who is not there. In
/// all other requests it is unknown for another reason. No two hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth {
    /// True.
    pub yes: Formula,
    /// False.
    pub no: Formula,
    /// Unknown for want of a user.
    pub no_user: Formula,
}

impl Truth {
    const ALWAYS: Truth = Truth { yes: Formula::TRUE, no: Formula::FALSE, no_user: Formula::FALSE };
    const NEVER: Truth = Truth { yes: Formula::FALSE, no: Formula::TRUE, no_user: Formula::FALSE };

    fn not(self) -> Truth {
        Truth { yes: self.no, no: self.yes, no_user: self.no_user }
    }
}

/// Where a value is there, and where it is not because it reads a user who is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// There is a value.
    pub there: Formula,
    /// There is none for want of a user.
    pub no_user: Formula,
}

impl Presence {
    const ALWAYS: Presence = Presence { there: Formula::TRUE, no_user: Formula::FALSE };
    const NEVER: Presence = Presence { there: Formula::FALSE, no_user: Formula::FALSE };
}

/// What is known of expressions, by where they lie in memory: the unit is borrowed, so they stay there.
#[derive(Debug, Default)]
struct Memo {
    truth: HashMap<usize, Truth>,
    presence: HashMap<usize, Presence>,
    cases: HashMap<usize, Option<Rc<[Case]>>>,
}

/// Chains with more branches are tables rather than conditions, and so is a `match` with more arms.
const LONG: usize = 64;

fn address(expr: &Expr) -> usize {
    std::ptr::from_ref(&*expr.kind).addr()
}

/// What a unit means. All formulas belong to the [`Formulas`] that every call is given; several units may share one, so
/// that two versions of a policy can be compared.
pub struct Meaning<'u> {
    /// The policy.
    pub unit: &'u Unit,
    normal: Normal<'u>,
    memo: Memo,
    /// What lambda parameters in scope stand for.
    locals: BTreeMap<LocalId, Term>,
    /// Whether something opaque was met since a parameter came into scope: then it cannot be told apart by element.
    is_blurred: bool,
    /// By chain, where each branch is taken; `else` last.
    branches: Vec<Rc<[Formula]>>,
    /// Where each statement acts, were its value there.
    acts: Vec<Formula>,
    /// What each statement writes.
    writes: Vec<Write>,
    /// Where the source says what an opaque atom is about, and the labels of what it says.
    opaque: BTreeMap<Arc<str>, (Span, Labels)>,
    sets_audience: bool,
    changes_scopes: bool,
    final_scopes: BTreeMap<Arc<str>, Formula>,
}

impl<'u> Meaning<'u> {
    /// Reads a policy without errors. Every expression that is asked about must be one of the unit's.
    pub fn new(unit: &'u Unit, f: &mut Formulas) -> Self {
        let has = |test: fn(&Action) -> bool| unit.statements.iter().any(|s| test(&s.action));
        let mut meaning = Meaning {
            unit,
            normal: Normal::new(unit),
            memo: Memo::default(),
            locals: BTreeMap::new(),
            is_blurred: false,
            branches: vec![Rc::from([]); unit.chains.len()],
            acts: vec![Formula::FALSE; unit.statements.len()],
            writes: Vec::new(),
            opaque: BTreeMap::new(),
            sets_audience: has(|action| matches!(action, Action::SetAudience(_))),
            changes_scopes: has(|action| {
                matches!(action, Action::AddScope(_) | Action::RemoveScope(_) | Action::LimitScopes(_))
            }),
            final_scopes: BTreeMap::new(),
        };
        // What is decided first is known first: conditions about scopes ask where scope statements act.
        let mut statements: Vec<(usize, &Statement)> = unit.statements.iter().enumerate().collect();
        statements.sort_by_key(|(_, statement)| statement.action.stage());
        for (index, statement) in statements {
            for step in &statement.guard {
                meaning.know_chain(f, step.chain.index());
            }
            let acts = meaning.statement(f, statement);
            if let Some(known) = meaning.acts.get_mut(index) {
                *known = acts;
            }
        }
        for index in 0..unit.chains.len() {
            meaning.know_chain(f, index);
        }
        for index in 0..unit.statements.len() {
            let writes = meaning.writes_of(f, index);
            meaning.writes.extend(writes);
        }
        meaning
    }

    /// Where the guard of a statement lets it act: its branches are taken, its `unless` is not true, it reaches the
    /// delegate. Whether its value is there is not part of it.
    pub fn acts(&self, statement: usize) -> Formula {
        self.acts.get(statement).copied().unwrap_or(Formula::FALSE)
    }

    /// Whether a chain is a table rather than a few conditions.
    pub fn is_long(&self, chain: usize) -> bool {
        self.branches.get(chain).is_some_and(|taken| taken.len() > LONG)
    }

    /// Where a branch of a chain is taken; the number of conditions for `else`.
    pub fn taken(&self, chain: usize, branch: usize) -> Formula {
        self.branches.get(chain).and_then(|taken| taken.get(branch)).copied().unwrap_or(Formula::FALSE)
    }

    /// All writes of claims, spreads as one for each member, in the order of the statements.
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// Where an opaque atom's expression stands in the source.
    pub fn opaque_span(&self, key: &str) -> Option<Span> {
        self.opaque.get(key).map(|(span, _)| *span)
    }

    /// The labels of what an opaque atom says.
    pub fn opaque_labels(&self, key: &str) -> Labels {
        self.opaque.get(key).map(|(_, labels)| *labels).unwrap_or_default()
    }

    fn note_opaque(&mut self, key: &Arc<str>, expr: &Expr) {
        let (_, labels) = self.opaque.entry(key.clone()).or_insert((expr.span, Labels::NONE));
        *labels = labels.or(expr.ty.all_labels());
    }

    /// Where a grant gives a token.
    pub fn gives(&self, f: &mut Formulas, token: Token) -> Formula {
        let grants = Grant::ALL.iter().filter(|grant| grant.tokens().contains(token));
        let atoms: Vec<_> = grants.map(|grant| f.atom(Atom::Grant(*grant))).collect();
        f.any(atoms)
    }

    /// What holds in every request that is evaluated at all, beyond what [`super::solver`] knows of grants, clients,
    /// audiences and values by itself.
    pub fn world(&mut self, f: &mut Formulas) -> Formula {
        let request = self.request_facts(f);
        let audience = self.audience_facts(f);
        f.all(audience.into_iter().chain([request]))
    }

    /// The part of it that holds before any statement acts.
    pub fn request_facts(&mut self, f: &mut Formulas) -> Formula {
        if !f.knows(Lemma::UserOfGrant) {
            return Formula::TRUE;
        }
        let user = f.atom(Atom::User);
        let mut facts = Vec::new();
        for grant in Grant::ALL {
            let grant_is = f.atom(Atom::Grant(*grant));
            match grant.user() {
                UserPresence::Always => facts.push(f.either(!grant_is, user)),
                UserPresence::Never => facts.push(f.either(!grant_is, !user)),
                UserPresence::Maybe => {}
            }
        }
        f.all(facts)
    }

    /// Where the request is refused by a `deny` of the policy.
    pub fn denied(&mut self, f: &mut Formulas) -> Formula {
        if !f.knows(Lemma::Denials) {
            return Formula::FALSE;
        }
        let unit = self.unit;
        let mut denials = Vec::new();
        for (index, statement) in unit.statements.iter().enumerate() {
            let acts = self.acts(index);
            match &statement.action {
                Action::Deny(_) => denials.push(acts),
                Action::Write { value, or_deny: Some(_), tokens, .. } => {
                    let Presence { there, no_user } = self.presence(f, value);
                    let gives: Vec<_> = tokens.iter().map(|token| self.gives(f, token)).collect();
                    let gives = f.any(gives);
                    denials.push(f.all([acts, gives, !there, !no_user]));
                }
                _ => {}
            }
        }
        f.any(denials)
    }

    /// Where a claim's name is known: always, unless it comes from an optional constant of `config`.
    pub fn is_named(&mut self, f: &mut Formulas, claim: ClaimId) -> Formula {
        match self.unit.claims.get(claim.index()).map(|claim| &claim.name) {
            Some(ClaimName::Config(slot)) => self.slot_presence(f, *slot).there,
            _ => Formula::TRUE,
        }
    }

    /// For each claim whose name is bound later: where `config` gives it a name that is fit for any write, one that no
    /// other claim has. Requests that lack this may be refused for the name alone.
    pub fn fit_names(&mut self, f: &mut Formulas) -> Vec<Formula> {
        let unit = self.unit;
        let domain = unit.catalog.owned_domains.first().map_or("claims.example", |domain| domain);
        let domain = domain.replace('.', "\\.");
        let mut fit = Vec::new();
        for (number, claim) in unit.claims.iter().enumerate() {
            let ClaimName::Config(slot) = &claim.name else { continue };
            let path = self.slot_path(*slot);
            if self.constant(&path).is_some() {
                continue;
            }
            let there = self.path_there(f, &path);
            let pattern = TextPattern::Matches(format!("https://{domain}/names/{number}/[a-z]+").into());
            let is_fit = self.text_test(f, &Arc::new(path), &[], pattern, false);
            fit.push(f.either(!there, is_fit));
        }
        fit
    }

    /// Finds out where the branches of a chain are taken, unless that is known.
    fn know_chain(&mut self, f: &mut Formulas, index: usize) {
        if self.branches.get(index).is_some_and(|known| known.is_empty())
            && let Some(chain) = self.unit.chains.get(index)
        {
            let taken = self.chain(f, chain);
            if let Some(known) = self.branches.get_mut(index) {
                *known = taken;
            }
        }
    }

    /// Where each branch is taken. In a long chain only those earlier conditions are said not to hold that the own one
    /// does not exclude already: otherwise formulas would grow with the square.
    fn chain(&mut self, f: &mut Formulas, chain: &Chain) -> Rc<[Formula]> {
        let user = f.atom(Atom::User);
        let one_audience = self.unit.catalog.has_single_audiences();
        let is_long = chain.conditions.len() > LONG && f.knows(Lemma::EarlierBranches);
        let mut reached = Formula::TRUE;
        let mut taken = Vec::with_capacity(chain.conditions.len() + 1);
        let (mut before, mut earlier, mut needs_user) = (Vec::new(), Cubes::default(), false);
        for condition in &chain.conditions {
            let yes = self.truth(f, &condition.expr).yes;
            let meeting = is_long.then(|| {
                let cube = Cube::of(f, yes, one_audience);
                let meeting = earlier.meeting(&cube);
                earlier.push(cube);
                meeting
            });
            taken.push(match meeting.filter(|meeting| meeting.len() <= LONG) {
                Some(meeting) => {
                    let others =
                        meeting.iter().filter_map(|index| before.get(*index)).map(|yes: &Formula| !*yes);
                    f.all(others.chain([yes]).chain(needs_user.then_some(user)).collect::<Vec<_>>())
                }
                None => f.both(reached, yes),
            });
            before.push(yes);
            if !f.knows(Lemma::EarlierBranches) {
                continue;
            }
            let own_user = condition.reads_user && f.knows(Lemma::MissingUser);
            needs_user |= own_user;
            reached = if own_user { f.all([reached, !yes, user]) } else { f.both(reached, !yes) };
        }
        taken.push(reached);
        taken.into()
    }

    fn statement(&mut self, f: &mut Formulas, statement: &Statement) -> Formula {
        let mut parts: Vec<Formula> =
            statement.guard.iter().map(|step| self.taken(step.chain.index(), step.branch as usize)).collect();
        if let Some(unless) = statement.unless.as_ref().filter(|_| f.knows(Lemma::Exceptions)) {
            parts.push(!self.truth(f, unless).yes);
        }
        parts.push(self.delegates(f, statement));
        f.all(parts)
    }

    /// Where `delegation: explicit` lets a statement act: everywhere, or only without a delegate.
    pub fn delegates(&mut self, f: &mut Formulas, statement: &Statement) -> Formula {
        let is_write = matches!(statement.action, Action::Write { .. } | Action::Spread { .. });
        let is_explicit = self.unit.catalog.explicit_delegation && f.knows(Lemma::Delegation);
        if is_explicit && is_write && !statement.mentions_actor {
            !self.path_there(f, &Path::root(Root::Actor))
        } else {
            Formula::TRUE
        }
    }

    /// Where there is a user.
    pub fn user(&self, f: &mut Formulas) -> Formula {
        f.atom(Atom::User)
    }

    /// An opaque atom about an expression.
    fn opaque(&mut self, f: &mut Formulas, expr: &Expr, role: Role) -> Formula {
        self.is_blurred = true;
        let key = self.normal.text(expr);
        self.note_opaque(&key, expr);
        f.atom(Atom::Opaque(key, role))
    }

    /// The client of this id asks.
    fn client_is(&self, f: &mut Formulas, id: &Arc<str>) -> Formula {
        let catalog = &self.unit.catalog;
        let is_closed = catalog.client_world == World::Closed && f.knows(Lemma::ListedClients);
        if catalog.client(id).is_none() && is_closed {
            return Formula::FALSE;
        }
        f.atom(Atom::Client(id.clone()))
    }

    /// A client asks that the catalog does not list.
    pub fn unlisted_client(&self, f: &mut Formulas) -> Formula {
        if self.unit.catalog.client_world == World::Closed && f.knows(Lemma::ListedClients) {
            return Formula::FALSE;
        }
        f.atom(Atom::UnlistedClient)
    }

    fn slot_path(&self, slot: SlotId) -> Path {
        match self.unit.slots.get(slot.index()) {
            Some(slot) => Path { base: super::atom::Base::Root(slot.root), members: slot.path.clone() },
            None => Path::root(Root::Config),
        }
    }
}
