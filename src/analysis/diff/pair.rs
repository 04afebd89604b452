//! Both versions in one room: questions about them, and what was found.

use std::sync::Arc;

use crate::analysis::size::Sizes;
use crate::analysis::study::{Group, grouped};
use crate::eval::{self, Dispatch};
use crate::ir::{Action, Unit};
use crate::logic::formula::{Formula, Formulas};
use crate::logic::meaning::Meaning;
use crate::logic::normal::Normal;
use crate::logic::solver::{self, Budget, Instance};
use crate::logic::witness::{self, Verdict};
use crate::request::Request;

use super::effects::{Effect, Shown, effects, rules};
use super::facts::Touches;
use super::reads::Unlike;
use super::whom::Parties;
use super::{About, Difference, Doubt, Fact, Kind, Undecided, Whom};

/// One version.
pub(super) struct Side<'u> {
    pub(super) unit: &'u Unit,
    pub(super) meaning: Meaning<'u>,
    pub(super) normal: Normal<'u>,
    pub(super) sizes: Sizes<'u>,
    pub(super) groups: Vec<Group>,
    /// Many requests are tried: it finds the few statements that each concerns.
    dispatch: Dispatch,
    /// Where it refuses a request.
    pub(super) denied: Formula,
}

/// What is known of a question.
pub(super) enum Answer {
    /// No request makes it true.
    Never,
    /// This one of [`Pair::shown`] does.
    Shown(usize),
    /// Neither.
    Undecided(Vec<solver::Doubt>),
}

/// The solvers of one topic.
pub(super) struct Room<'u> {
    pub(super) old: Instance<'u>,
    /// Where the facts of claims.yaml differ, requests that conform to the new ones are tried too.
    new: Option<Instance<'u>>,
    /// What holds in every request that is asked about.
    pub(super) world: Formula,
}

/// Both versions.
pub(super) struct Pair<'u> {
    pub(super) f: Formulas,
    pub(super) old: Side<'u>,
    pub(super) new: Side<'u>,
    /// What is true of every request whose audience both versions settle alike.
    world: Formula,
    /// What is true of every request.
    pub(super) requests: Formula,
    fit_names: Vec<Formula>,
    budget: Budget,
    pub(super) unlike: Unlike,
    pub(super) parties: Parties,
    shown: Vec<Shown>,
    found: Vec<Found>,
    undecided: Vec<Undecided>,
}

struct Found {
    kind: Kind,
    effect: Effect,
    shown: usize,
    /// `None` where it was found for another difference.
    whom: Option<Whom>,
    label: Option<Arc<str>>,
}

impl<'u> Side<'u> {
    fn new(unit: &'u Unit, f: &mut Formulas) -> Self {
        let mut meaning = Meaning::new(unit, f);
        let denied = meaning.denied(f);
        let groups = grouped(meaning.writes());
        let (normal, sizes, dispatch) = (Normal::new(unit), Sizes::of(unit), Dispatch::of(unit));
        Side { unit, meaning, normal, sizes, groups, dispatch, denied }
    }

    fn sets_audience(&self) -> bool {
        self.unit.statements.iter().any(|statement| matches!(statement.action, Action::SetAudience(_)))
    }
}

impl<'u> Pair<'u> {
    pub(super) fn new(old: &'u Unit, new: &'u Unit, facts: &[Fact]) -> Self {
        let budget = new.catalog.budget;
        let mut f = Formulas::new();
        let mut old = Side::new(old, &mut f);
        let mut new = Side::new(new, &mut f);
        let mut requests = vec![old.meaning.request_facts(&mut f), new.meaning.request_facts(&mut f)];
        for fact in facts {
            if let Touches::Presence(slot) = &fact.touches {
                // Requests conform to both: what one declares as always there is there.
                requests.push(old.meaning.is_always_there(&mut f, slot));
                requests.push(new.meaning.is_always_there(&mut f, slot));
            }
        }
        let requests = f.all(requests);
        let mut world = vec![old.meaning.world(&mut f), new.meaning.world(&mut f), requests];
        if old.sets_audience() || new.sets_audience() {
            for side in [&mut old, &mut new] {
                if !side.sets_audience() {
                    world.push(side.meaning.keeps_audience(&mut f));
                }
            }
        }
        let world = f.all(world);
        let mut fit_names = old.meaning.fit_names(&mut f);
        fit_names.extend(new.meaning.fit_names(&mut f));
        let unlike = Unlike::new(facts);
        let parties = Parties::of(&old.unit.catalog);
        Pair {
            f,
            old,
            new,
            world,
            requests,
            fit_names,
            budget,
            unlike,
            parties,
            shown: Vec::new(),
            found: Vec::new(),
            undecided: Vec::new(),
        }
    }

    /// Where neither version refuses the request.
    pub(super) fn issues(&mut self) -> Formula {
        self.f.all([!self.old.denied, !self.new.denied])
    }

    /// Solvers for questions made of these formulas.
    pub(super) fn room(&mut self, formulas: &[Formula]) -> Room<'u> {
        let world = self.world;
        self.room_in(world, formulas)
    }

    /// The same where the audience is not settled yet.
    pub(super) fn room_in(&mut self, world: Formula, formulas: &[Formula]) -> Room<'u> {
        let all: Vec<Formula> = formulas.iter().copied().chain([world]).collect();
        let mut instance =
            |unit: &'u Unit| Instance::new(unit, self.budget, &mut self.f, all.iter().copied());
        let old = instance(self.old.unit);
        let new = self.unlike.has_facts().then(|| instance(self.new.unit));
        Room { old, new, world }
    }

    /// Whether a question can be true of a request; `false` is a proof.
    pub(super) fn is_possible(&mut self, room: &mut Room<'u>, question: Formula) -> bool {
        question != Formula::FALSE && room.old.is_possible(&mut self.f, &[question, room.world])
    }

    /// Looks for a request in which the question holds and whose answers differ in an effect that `tells` takes.
    pub(super) fn ask(
        &mut self,
        room: &mut Room<'u>,
        question: Formula,
        tells: &dyn Fn(&Effect) -> bool,
    ) -> Answer {
        let plain = self.f.both(question, room.world);
        if plain == Formula::FALSE {
            return Answer::Never;
        }
        let named: Vec<Formula> = [plain].into_iter().chain(self.fit_names.iter().copied()).collect();
        let attempts = if self.fit_names.is_empty() { vec![vec![plain]] } else { vec![named, vec![plain]] };
        let (old, new, budget) = (self.old.unit, self.new.unit, self.budget);
        let (by_old, by_new) = (&self.old.dispatch, &self.new.dispatch);
        let answers = |request: &Request| {
            (eval::evaluate_by(old, by_old, request), eval::evaluate_by(new, by_new, request))
        };
        let mut confirms = |request: &Request| {
            let (old, new) = answers(request);
            effects(&old, &new).iter().any(tells)
        };
        let mut verdict = Verdict::Never;
        for question in &attempts {
            verdict =
                witness::find(&old.catalog, &mut room.old, &mut self.f, question, budget, &mut confirms);
            if let (Verdict::Undecided(_), Some(instance)) = (&verdict, &mut room.new) {
                let other =
                    witness::find(&new.catalog, instance, &mut self.f, question, budget, &mut confirms);
                if matches!(other, Verdict::Shown(_)) {
                    verdict = other;
                }
            }
            if matches!(verdict, Verdict::Shown(_)) {
                break;
            }
        }
        match verdict {
            Verdict::Never => Answer::Never,
            Verdict::Undecided(doubts) => Answer::Undecided(doubts),
            Verdict::Shown((json, request)) => {
                let (old, new) = answers(&request);
                let effects = effects(&old, &new);
                self.shown.push(Shown { request: json, old, new, effects });
                Answer::Shown(self.shown.len() - 1)
            }
        }
    }

    /// Whether a difference about something was found.
    pub(super) fn has_found(&self, about: &About) -> bool {
        self.found.iter().any(|one| one.effect.about == *about) || self.has_doubt(about)
    }

    /// Whether something about it is undecided.
    pub(super) fn has_doubt(&self, about: &About) -> bool {
        self.undecided.iter().any(|one| one.about == *about)
    }

    /// Notes a difference that a request shows, and gives its kind; `kind` refines what the answers tell.
    pub(super) fn note(
        &mut self,
        shown: usize,
        tells: &dyn Fn(&Effect) -> bool,
        kind: impl Fn(Kind) -> Kind,
        whom: Whom,
    ) -> Option<Kind> {
        let effect = self.shown.get(shown).and_then(|shown| shown.effects.iter().find(|one| tells(one)));
        let effect = effect.cloned()?;
        let kind = kind(effect.kind);
        match self.found.iter_mut().find(|one| one.kind == kind && one.effect.about == effect.about) {
            Some(Found { whom: Some(known), .. }) => known.extend(&whom),
            _ => self.found.push(Found { kind, effect, shown, whom: Some(whom), label: None }),
        }
        Some(kind)
    }

    /// Notes a difference of one scope that stands for any that no rule names.
    pub(super) fn note_other_scope(&mut self, shown: usize, tells: &dyn Fn(&Effect) -> bool, whom: Whom) {
        let effect = self.shown.get(shown).and_then(|shown| shown.effects.iter().find(|one| tells(one)));
        if let Some(effect) = effect.cloned() {
            let (kind, effect) = (effect.kind, Effect { about: About::OtherScopes, ..effect });
            self.found.push(Found { kind, effect, shown, whom: Some(whom), label: None });
        }
    }

    /// Notes that a claim carries a label that it did not carry.
    pub(super) fn note_label(
        &mut self,
        shown: usize,
        tells: &dyn Fn(&Effect) -> bool,
        label: &Arc<str>,
        whom: Whom,
    ) {
        let effect = self.shown.get(shown).and_then(|shown| shown.effects.iter().find(|one| tells(one)));
        if let Some(effect) = effect.cloned() {
            let (kind, label) = (Kind::NewLabel, Some(label.clone()));
            self.found.push(Found { kind, effect, shown, whom: Some(whom), label });
        }
    }

    /// Notes that a question has no answer.
    pub(super) fn doubt(&mut self, about: About, doubts: &[solver::Doubt]) {
        let doubt = |doubt: &solver::Doubt| match doubt {
            solver::Doubt::Opaque(text) => match self.new.meaning.opaque_span(text) {
                Some(span) => Doubt::New(span),
                None => match self.old.meaning.opaque_span(text) {
                    Some(span) => Doubt::Old(span),
                    None => Doubt::Words(text.clone()),
                },
            },
            solver::Doubt::Spent(cost) => Doubt::Spent(*cost, self.budget.of(*cost)),
            solver::Doubt::Other(words) => Doubt::Words(words.clone()),
        };
        let mut doubts: Vec<Doubt> = doubts.iter().map(doubt).collect();
        match self.undecided.iter_mut().find(|one| one.about == about) {
            Some(known) => {
                known.doubts.append(&mut doubts);
                known.doubts.sort();
                known.doubts.dedup();
            }
            None => self.undecided.push(Undecided { about, doubts }),
        }
    }

    /// Everything that was found, and what the requests that show it show besides.
    pub(super) fn finish(mut self) -> (Vec<Difference>, Vec<Undecided>) {
        for (number, shown) in self.shown.iter().enumerate() {
            for effect in &shown.effects {
                let is_known = self.found.iter().any(|one| match (&one.effect.about, &effect.about) {
                    (About::OtherScopes, About::Scope(_)) => one.kind == effect.kind,
                    (About::Decision, about) => *about == About::Decision,
                    (known, about) => known == about && one.effect.kind == effect.kind,
                });
                if !is_known {
                    let (kind, effect) = (effect.kind, effect.clone());
                    let found = Found { kind, effect, shown: number, whom: None, label: None };
                    self.found.push(found);
                }
            }
        }
        let (old, new) = (self.old.unit, self.new.unit);
        let mut differences: Vec<Difference> = Vec::new();
        for Found { kind, effect, shown, whom, label } in self.found {
            let Some(shown) = self.shown.get(shown) else { continue };
            let Ok(request) = Request::from_value(&shown.request) else { continue };
            differences.push(Difference {
                kind,
                old_rules: rules(old, &request, &shown.old, &effect.about),
                new_rules: rules(new, &request, &shown.new, &effect.about),
                about: effect.about,
                label,
                whom,
                witness: shown.request.clone(),
                old: effect.old,
                new: effect.new,
            });
        }
        differences.sort_by(|a, b| (&a.about, a.kind, &a.label).cmp(&(&b.about, b.kind, &b.label)));
        self.undecided.sort_by(|a, b| a.about.cmp(&b.about));
        (differences, self.undecided)
    }
}
