//! What is compared of a request as a whole: audience, scopes, refusals, lifetime.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::Root;
use crate::ir::{Action, Denial, Element, Expr, ExprKind, Statement};
use crate::logic::atom::{Atom, Path};
use crate::logic::formula::{Formula, Formulas};
use crate::logic::meaning::{Presence, Term};
use crate::logic::solver::Doubt;
use crate::logic::text::{TextPattern, TextTest};
use crate::value::Value;

use super::contributions::Contributions;
use super::effects::Effect;
use super::pair::{Answer, Pair, Room, Side};
use super::{About, Kind};

impl Side<'_> {
    /// Whether it is the new version is for the caller to know.
    fn contribute<K: Ord + Clone>(
        &mut self,
        f: &mut Formulas,
        is_new: bool,
        all: &mut Contributions<K>,
        key: impl Fn(&Self, &Statement) -> Option<K>,
    ) {
        let unit = self.unit;
        for (index, statement) in unit.statements.iter().enumerate() {
            let Some(key) = key(self, statement) else { continue };
            let acts = self.meaning.acts(index);
            let there = match statement.action.value() {
                Some(value) => self.meaning.presence(f, value).there,
                None => Formula::TRUE,
            };
            let when = f.both(acts, there);
            all.add(f, is_new, key, when);
        }
    }
}

/// A question about a whole topic: where something differs, and what an answer that shows it looks like.
struct Question<'q> {
    when: Formula,
    about: About,
    tells: &'q dyn Fn(&Effect) -> bool,
}

/// Asks questions of one topic; whether it is proven that nothing differs.
fn settle<'u>(pair: &mut Pair<'u>, room: &mut Room<'u>, questions: &[Question<'_>]) -> bool {
    let mut is_equal = true;
    for Question { when, about, tells } in questions {
        match pair.ask(room, *when, tells) {
            Answer::Never => continue,
            Answer::Shown(shown) => {
                let whom = pair.whom(room, *when);
                match about {
                    About::OtherScopes => pair.note_other_scope(shown, tells, whom),
                    _ => drop(pair.note(shown, tells, |kind| kind, whom)),
                }
            }
            Answer::Undecided(doubts) => pair.doubt(about.clone(), &doubts),
        }
        is_equal = false;
    }
    is_equal
}

/// `set audience`.
pub(super) fn audience(pair: &mut Pair<'_>) {
    let mut all: Contributions<Arc<str>> = Contributions::new();
    let key = |side: &Side<'_>, statement: &Statement| match &statement.action {
        Action::SetAudience(value) => Some(side.normal.text(value)),
        _ => None,
    };
    pair.old.contribute(&mut pair.f, false, &mut all, key);
    pair.new.contribute(&mut pair.f, true, &mut all, key);
    let differing = all.differing(&mut pair.f);
    let formulas: Vec<Formula> = differing.iter().flat_map(|(_, old, new)| [*old, *new]).collect();
    if formulas.is_empty() {
        return;
    }
    let requests = pair.requests;
    let mut room = pair.room_in(requests, &formulas);
    let tells = |effect: &Effect| effect.about == About::Audience;
    let questions: Vec<Question<'_>> =
        formulas.iter().map(|when| Question { when: *when, about: About::Audience, tells: &tells }).collect();
    pair.unlike.audience = !settle(pair, &mut room, &questions);
    doubt_unlike(pair, About::Audience, &formulas, |action| matches!(action, Action::SetAudience(_)));
}

/// Where nothing was found, formulas that cannot be compared leave it open.
fn doubt_unlike(pair: &mut Pair<'_>, about: About, formulas: &[Formula], is_about: impl Fn(&Action) -> bool) {
    let of = |side: &Side<'_>| {
        let statements = side.unit.statements.iter().filter(|statement| is_about(&statement.action));
        pair.unlike.reason(&pair.f, side.unit, statements, formulas)
    };
    if let Some(reason) = of(&pair.old).or_else(|| of(&pair.new))
        && !pair.has_found(&about)
    {
        pair.doubt(about, &[Doubt::Other(reason)]);
    }
}

/// The scopes that a version names; `None` where the value of a scope statement is not known before a request.
fn named_scopes(side: &mut Side<'_>, f: &mut Formulas) -> Option<BTreeSet<Arc<str>>> {
    let unit = side.unit;
    let mut named = BTreeSet::new();
    let mut is_known = true;
    for statement in &unit.statements {
        let (Action::AddScope(value) | Action::RemoveScope(value) | Action::LimitScopes(value)) =
            &statement.action
        else {
            continue;
        };
        is_known &= names(side, f, value, &mut named);
    }
    is_known.then_some(named)
}

/// The strings that an expression may give; whether these are all.
fn names(side: &mut Side<'_>, f: &mut Formulas, value: &Expr, named: &mut BTreeSet<Arc<str>>) -> bool {
    if let ExprKind::List(elements) = &*value.kind {
        let all = elements.iter().map(|Element { value, spread }| !spread && names(side, f, value, named));
        // All are asked, for their names.
        return all.collect::<Vec<_>>().into_iter().all(|is_known| is_known);
    }
    side.meaning.cases(f, value).iter().all(|case| match &case.term {
        Term::Constant(Value::String(name)) => {
            named.insert(name.clone());
            true
        }
        Term::Constant(Value::List(items)) => items.iter().all(|item| match item {
            Value::String(name) => {
                named.insert(name.clone());
                true
            }
            _ => false,
        }),
        _ => false,
    })
}

/// `add scope`, `remove scope`, `limit scopes`.
pub(super) fn scopes(pair: &mut Pair<'_>) {
    let mut all: Contributions<(&'static str, Arc<str>)> = Contributions::new();
    let key = |side: &Side<'_>, statement: &Statement| match &statement.action {
        Action::AddScope(value) => Some(("add", side.normal.text(value))),
        Action::RemoveScope(value) => Some(("remove", side.normal.text(value))),
        Action::LimitScopes(value) => Some(("limit", side.normal.text(value))),
        _ => None,
    };
    pair.old.contribute(&mut pair.f, false, &mut all, key);
    pair.new.contribute(&mut pair.f, true, &mut all, key);
    let is_scope = |action: &Action| {
        matches!(action, Action::AddScope(_) | Action::RemoveScope(_) | Action::LimitScopes(_))
    };
    if all.differing(&mut pair.f).is_empty() {
        let formulas: Vec<Formula> = all.of(false).map(|(_, when)| when).collect();
        doubt_unlike(pair, About::OtherScopes, &formulas, is_scope);
        pair.unlike.scopes = pair.has_doubt(&About::OtherScopes);
        return;
    }
    let (old, new) = (named_scopes(&mut pair.old, &mut pair.f), named_scopes(&mut pair.new, &mut pair.f));
    let is_known = old.is_some() && new.is_some();
    let mut named: BTreeSet<Arc<str>> = old.into_iter().chain(new).flatten().collect();
    let listed = pair.old.unit.catalog.audiences.values().filter_map(|audience| audience.scopes.as_ref());
    named.extend(listed.flatten().cloned());
    let mut questions = Vec::new();
    for scope in &named {
        let (a, b) = (
            pair.old.meaning.final_scope(&mut pair.f, scope),
            pair.new.meaning.final_scope(&mut pair.f, scope),
        );
        for (when, kind) in [(pair.f.both(a, !b), Kind::LostScope), (pair.f.both(b, !a), Kind::NewScope)] {
            questions.push((when, kind, About::Scope(scope.clone())));
        }
    }
    let limits = |is_new| {
        let limits = all.of(is_new).filter(|((verb, _), _)| *verb == "limit");
        limits.map(|(_, when)| when).collect::<Vec<_>>()
    };
    let (a, b) = (pair.f.any(limits(false)), pair.f.any(limits(true)));
    let other = other_scope(&mut pair.f, &named);
    let limited =
        [(pair.f.all([other, a, !b]), Kind::NewScope), (pair.f.all([other, b, !a]), Kind::LostScope)];
    questions.extend(limited.map(|(when, kind)| (when, kind, About::OtherScopes)));
    settle_scopes(pair, &questions, &named, is_known);
    let formulas: Vec<Formula> = questions.iter().map(|(when, ..)| *when).collect();
    doubt_unlike(pair, About::OtherScopes, &formulas, is_scope);
}

fn settle_scopes(
    pair: &mut Pair<'_>,
    questions: &[(Formula, Kind, About)],
    named: &BTreeSet<Arc<str>>,
    is_known: bool,
) {
    let issues = pair.issues();
    let formulas: Vec<Formula> = questions.iter().map(|(when, ..)| *when).chain([issues]).collect();
    let mut room = pair.room(&formulas);
    let mut is_equal = true;
    for (when, kind, about) in questions {
        let when = pair.f.both(*when, issues);
        let is_about = |of: &About| match (about, of) {
            (About::OtherScopes, About::Scope(scope)) => !named.contains(scope),
            (about, of) => about == of,
        };
        let tells = |effect: &Effect| effect.kind == *kind && is_about(&effect.about);
        is_equal &= settle(pair, &mut room, &[Question { when, about: about.clone(), tells: &tells }]);
    }
    if !is_known {
        is_equal = false;
        pair.doubt(About::OtherScopes, &[Doubt::Other("names of scopes come from data".into())]);
    }
    pair.unlike.scopes = !is_equal;
}

/// Where the request has a scope that is none of these.
fn other_scope(f: &mut Formulas, named: &BTreeSet<Arc<str>>) -> Formula {
    let scopes = Arc::new(Path::root(Root::Scopes));
    let element = Arc::new(Path::element(&scopes));
    let mut parts = Vec::new();
    for name in named {
        let test = TextTest { steps: Vec::new(), pattern: TextPattern::Equals(name.clone()), fold: false };
        parts.push(!f.atom(Atom::Text(element.clone(), test)));
    }
    let unlike = f.all(parts);
    f.atom(Atom::Some(scopes, unlike))
}

/// `deny` and `?? deny`.
pub(super) fn denials(pair: &mut Pair<'_>) {
    let mut all: Contributions<Denial> = Contributions::new();
    for is_new in [false, true] {
        let side = if is_new { &mut pair.new } else { &mut pair.old };
        let unit = side.unit;
        for (index, statement) in unit.statements.iter().enumerate() {
            let acts = side.meaning.acts(index);
            let (denial, when) = match &statement.action {
                Action::Deny(denial) => (denial, acts),
                Action::Write { value, or_deny: Some(denial), tokens, .. } => {
                    let Presence { there, no_user } = side.meaning.presence(&mut pair.f, value);
                    let gives: Vec<_> =
                        tokens.iter().map(|token| side.meaning.gives(&mut pair.f, token)).collect();
                    let gives = pair.f.any(gives);
                    (denial, pair.f.all([acts, gives, !there, !no_user]))
                }
                _ => continue,
            };
            all.add(&mut pair.f, is_new, denial.clone(), when);
        }
    }
    let is_denial =
        |action: &Action| matches!(action, Action::Deny(_) | Action::Write { or_deny: Some(_), .. });
    let (old, new) = (pair.old.denied, pair.new.denied);
    let differing = all.differing(&mut pair.f);
    let mut formulas = vec![pair.f.both(old, !new), pair.f.both(new, !old)];
    for (_, old_only, new_only) in differing {
        formulas.push(pair.f.both(old_only, new));
        formulas.push(pair.f.both(new_only, old));
    }
    let mut room = pair.room(&formulas);
    for (number, when) in formulas.iter().enumerate() {
        let kind = match number {
            0 => Kind::LostDenial,
            1 => Kind::NewDenial,
            _ => Kind::OtherDenial,
        };
        let tells = |effect: &Effect| effect.kind == kind;
        settle(pair, &mut room, &[Question { when: *when, about: About::Decision, tells: &tells }]);
    }
    let asked: Vec<Formula> = formulas.iter().copied().chain([old, new]).collect();
    doubt_unlike(pair, About::Decision, &asked, is_denial);
}

/// `limit lifetime`.
pub(super) fn lifetime(pair: &mut Pair<'_>) {
    let mut all: Contributions<(Option<i64>, Arc<str>)> = Contributions::new();
    for is_new in [false, true] {
        let side = if is_new { &mut pair.new } else { &mut pair.old };
        let unit = side.unit;
        for (index, statement) in unit.statements.iter().enumerate() {
            let Action::LimitLifetime(value) = &statement.action else { continue };
            let acts = side.meaning.acts(index);
            for case in &*side.meaning.cases(&mut pair.f, value) {
                let key = match &case.term {
                    Term::Whole { plus: None, minus: None, offset } => i64::try_from(*offset).ok(),
                    _ => None,
                };
                let text = if key.is_some() { "".into() } else { side.normal.text(value) };
                let when = pair.f.both(acts, case.when);
                all.add(&mut pair.f, is_new, (key, text), when);
            }
        }
    }
    let is_lifetime = |action: &Action| matches!(action, Action::LimitLifetime(_));
    let issues = pair.issues();
    let questions: Vec<(Formula, Option<Kind>)> =
        lifetimes(pair, &all).into_iter().map(|(when, kind)| (pair.f.both(when, issues), kind)).collect();
    let every: Vec<Formula> = all.of(false).chain(all.of(true)).map(|(_, when)| when).collect();
    if !questions.is_empty() {
        let formulas: Vec<Formula> = questions.iter().map(|(when, _)| *when).collect();
        let mut room = pair.room(&formulas);
        for (when, kind) in &questions {
            let tells = |effect: &Effect| {
                effect.about == About::Lifetime && kind.is_none_or(|kind| effect.kind == kind)
            };
            settle(pair, &mut room, &[Question { when: *when, about: About::Lifetime, tells: &tells }]);
        }
    }
    doubt_unlike(pair, About::Lifetime, &every, is_lifetime);
}

/// Where the limits differ, and which way: where one version has one of at most so many seconds and the other has none;
/// of limits that are no constants, where only one version has them.
fn lifetimes(
    pair: &mut Pair<'_>,
    all: &Contributions<(Option<i64>, Arc<str>)>,
) -> Vec<(Formula, Option<Kind>)> {
    let differing = all.differing(&mut pair.f);
    let mut questions = Vec::new();
    for ((seconds, _), old_only, new_only) in differing {
        let Some(seconds) = seconds else {
            questions.extend([(old_only, None), (new_only, None)]);
            continue;
        };
        let within = |is_new| {
            let shorter = all.of(is_new).filter(move |((key, _), _)| key.is_some_and(|key| key <= seconds));
            shorter.map(|(_, when)| when).collect::<Vec<_>>()
        };
        let (old, new) = (pair.f.any(within(false)), pair.f.any(within(true)));
        questions.push((pair.f.both(old, !new), Some(Kind::LongerLifetime)));
        questions.push((pair.f.both(new, !old), Some(Kind::ShorterLifetime)));
    }
    questions.retain(|(when, _)| *when != Formula::FALSE);
    questions
}
