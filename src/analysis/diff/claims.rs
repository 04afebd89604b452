//! What is compared of claims: where both versions write the same, nothing is asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ast::Level;
use crate::ir::{Action, Element, Expr, ExprKind, Statement};
use crate::logic::formula::Formula;
use crate::logic::meaning::{Name, Write};
use crate::logic::solver::Doubt;
use crate::standard::{Token, Tokens};
use crate::ty::{self, Labels};
use crate::value::Value;

use super::contributions::Contributions;
use super::effects::Effect;
use super::open;
use super::pair::{Answer, Pair, Room, Side};
use super::whom::widened;
use super::{About, Kind, Whom};

/// Both versions' writes that may be about one claim.
pub(super) struct Both {
    pub(super) name: Name,
    pub(super) old: Vec<Write>,
    pub(super) new: Vec<Write>,
}

pub(super) fn compare(pair: &mut Pair<'_>) {
    for both in claims(pair) {
        if is_alike(pair, &both) {
            continue;
        }
        let is_literal = |write: &Write| matches!(write.name, Name::Literal(_));
        for token in Token::ALL.iter().copied() {
            let reaches = |write: &Write| write.tokens.contains(token);
            if !both.old.iter().chain(&both.new).any(reaches) {
                continue;
            }
            if both.old.iter().chain(&both.new).all(is_literal) {
                known_name(pair, &both, token);
            } else {
                open::name(pair, &both, token);
            }
        }
    }
    open::removals(pair);
}

fn claims(pair: &Pair<'_>) -> Vec<Both> {
    let mut all: BTreeMap<(u8, String), Both> = BTreeMap::new();
    for (is_new, side) in [(false, &pair.old), (true, &pair.new)] {
        for group in &side.groups {
            let both = all.entry(key(&group.name)).or_insert_with(|| Both {
                name: group.name.clone(),
                old: Vec::new(),
                new: Vec::new(),
            });
            let writes = group.writes.iter().filter_map(|index| side.meaning.writes().get(*index).cloned());
            let own = if is_new { &mut both.new } else { &mut both.old };
            own.extend(writes);
        }
    }
    all.into_values().collect()
}

/// A name as a key, with the kind of name.
pub(super) fn key(name: &Name) -> (u8, String) {
    match name {
        Name::Literal(name) => (0, name.to_string()),
        Name::Config(attribute) => (1, attribute.to_string()),
        Name::Members(prefix, rest) => {
            (2, format!("{prefix}* {}", rest.as_ref().map_or("", |rest| rest.as_str())))
        }
    }
}

/// A write as far as it decides: name, member, part, level, value, tokens, where it fires.
type Alike = ((u8, String), Option<Arc<str>>, Option<Arc<str>>, u8, Arc<str>, Tokens, Formula);

/// Whether both versions write and remove a claim by the same conditions and values.
fn is_alike(pair: &mut Pair<'_>, both: &Both) -> bool {
    let alike = |side: &Side<'_>, writes: &[Write]| {
        let mut all: Vec<Alike> = writes
            .iter()
            .map(|write| {
                let text = side.meaning.written_text(write);
                let (member, part) = (write.member.clone(), write.part.clone());
                (key(&write.name), member, part, write.level as u8, text, write.tokens, write.fires)
            })
            .collect();
        all.sort();
        all.dedup();
        all
    };
    let removed = |side: &Side<'_>| {
        let mut all: Vec<(Tokens, Formula, (u8, String))> = removers(side, &both.name)
            .map(|(index, tokens, name)| (tokens, side.meaning.acts(index), key(&name)))
            .collect();
        all.sort();
        all.dedup();
        all
    };
    alike(&pair.old, &both.old) == alike(&pair.new, &both.new)
        && removed(&pair.old) == removed(&pair.new)
        && reason(pair, both, &[]).is_none()
}

/// Statements that remove a claim, or may.
pub(super) fn removers<'s>(
    side: &'s Side<'_>,
    name: &'s Name,
) -> impl Iterator<Item = (usize, Tokens, Name)> + 's {
    side.unit.statements.iter().enumerate().filter_map(move |(index, statement)| match &statement.action {
        Action::Remove { claim, tokens } => {
            let removed = side.meaning.name(*claim);
            removed.may_be(name).then_some((index, *tokens, removed))
        }
        _ => None,
    })
}

/// Why formulas about a claim cannot be compared, if they cannot.
pub(super) fn reason(pair: &Pair<'_>, both: &Both, formulas: &[Formula]) -> Option<Arc<str>> {
    let of = |side: &Side<'_>, writes: &[Write]| {
        let statement = |index: usize| side.unit.statements.get(index);
        let written = writes.iter().filter_map(|write| statement(write.statement));
        let removed = removers(side, &both.name).filter_map(|(index, ..)| statement(index));
        let is_denial =
            |one: &&Statement| matches!(one.action, Action::Deny(_) | Action::Write { or_deny: Some(_), .. });
        let denials = side.unit.statements.iter().filter(is_denial);
        let fires: Vec<Formula> =
            writes.iter().map(|write| write.fires).chain(formulas.iter().copied()).collect();
        pair.unlike.reason(&pair.f, side.unit, written.chain(removed).chain(denials), &fires)
    };
    of(&pair.old, &both.old).or_else(|| of(&pair.new, &both.new))
}

/// What a write gives a claim.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Whole,
    Member(Arc<str>),
    /// An element of a set, or of a set that is a member.
    Element(Option<Arc<str>>),
}

/// What one version makes of a claim in a token.
struct Version {
    /// Where the token has the claim.
    present: Formula,
    writes: Vec<(Write, Formula)>,
}

/// What both versions make of a claim in a token.
struct Compared {
    about: About,
    old: Version,
    new: Version,
    values: Contributions<(Class, Arc<str>)>,
    /// A write for each text of a whole value or a member, to look at its cases.
    examples: BTreeMap<(bool, Class, Arc<str>), Write>,
    /// Neither version refuses the request.
    issues: Formula,
}

fn compared(pair: &mut Pair<'_>, both: &Both, name: &Arc<str>, token: Token) -> Compared {
    let mut values = Contributions::new();
    let mut examples = BTreeMap::new();
    let mut version = |pair: &mut Pair<'_>, is_new: bool| {
        let writes = if is_new { &both.new } else { &both.old };
        let among: Vec<&Write> = writes.iter().collect();
        let side = if is_new { &mut pair.new } else { &mut pair.old };
        let mut effective = Vec::new();
        for write in writes.iter().filter(|write| write.tokens.contains(token)) {
            let when = side.meaning.is_effective(&mut pair.f, write, token, &among);
            if when == Formula::FALSE {
                continue;
            }
            effective.push((write.clone(), when));
            if write.level == Level::Append {
                let class = Class::Element(write.member.clone());
                for (text, there) in elements(side, &mut pair.f, write) {
                    let when = pair.f.both(when, there);
                    values.add(&mut pair.f, is_new, (class.clone(), text), when);
                }
            } else {
                let class = write.member.clone().map_or(Class::Whole, Class::Member);
                let text = side.meaning.written_text(write);
                values.add(&mut pair.f, is_new, (class.clone(), text.clone()), when);
                examples.entry((is_new, class, text)).or_insert_with(|| write.clone());
            }
        }
        let present = pair.f.any(effective.iter().map(|(_, when)| *when).collect::<Vec<_>>());
        Version { present, writes: effective }
    };
    let (old, new) = (version(pair, false), version(pair, true));
    let issues = pair.issues();
    Compared { about: About::Claim(name.clone(), token), old, new, values, examples, issues }
}

/// The elements that a write appends, each with where it is there; a list that is not written out is one of them.
fn elements(
    side: &mut Side<'_>,
    f: &mut crate::logic::formula::Formulas,
    write: &Write,
) -> Vec<(Arc<str>, Formula)> {
    let unit = side.unit;
    let value: Option<&Expr> = match unit.statements.get(write.statement).map(|one| &one.action) {
        Some(Action::Write { value, .. }) => Some(value),
        _ => None,
    };
    let one = |element: &Element| !element.spread;
    match value.map(|value| &*value.kind) {
        Some(ExprKind::List(list)) if list.iter().all(one) => list
            .iter()
            .map(|element| {
                let text = format!("element {}", side.normal.text(&element.value)).into();
                (text, side.meaning.presence(f, &element.value).there)
            })
            .collect(),
        _ => vec![(side.meaning.written_text(write), Formula::TRUE)],
    }
}

/// A claim whose name is known, in one token.
fn known_name(pair: &mut Pair<'_>, both: &Both, token: Token) {
    let Name::Literal(name) = &both.name else { return };
    let compared = compared(pair, both, name, token);
    let (old, new, issues) = (compared.old.present, compared.new.present, compared.issues);
    let lost = pair.f.all([old, !new, issues]);
    let gained = pair.f.all([new, !old, issues]);
    let values = value_questions(pair, &compared);
    let mut room = pair.room(&[old, new, issues]);
    let mut is_open = false;
    is_open |= population(pair, &mut room, &compared, lost, true);
    is_open |= population(pair, &mut room, &compared, gained, false);
    is_open |= other_values(pair, &mut room, &compared, &values);
    labels(pair, &mut room, &compared);
    larger(pair, &mut room, &compared, &values);
    if !is_open
        && !pair.has_found(&compared.about)
        && let Some(reason) = reason(pair, both, &[issues])
    {
        pair.doubt(compared.about.clone(), &[Doubt::Other(reason)]);
    }
}

/// Where one version has a claim and the other has not. Whether that stays open.
fn population<'u>(
    pair: &mut Pair<'u>,
    room: &mut Room<'u>,
    compared: &Compared,
    when: Formula,
    is_lost: bool,
) -> bool {
    let wanted = if is_lost { Kind::LostClaim } else { Kind::NewClaim };
    let tells = |effect: &Effect| effect.about == compared.about && effect.kind == wanted;
    let shown = match pair.ask(room, when, &tells) {
        Answer::Never => return false,
        Answer::Undecided(doubts) => {
            pair.doubt(compared.about.clone(), &doubts);
            return true;
        }
        Answer::Shown(shown) => shown,
    };
    let other = if is_lost { compared.new.present } else { compared.old.present };
    let other = pair.f.both(other, compared.issues);
    let for_others = pair.is_possible(room, other);
    let whom = pair.whom(room, when);
    let kind = match (is_lost, for_others) {
        (true, true) => Kind::NarrowerPopulation,
        (false, true) => Kind::WiderPopulation,
        _ => wanted,
    };
    if kind == Kind::WiderPopulation && matches!(compared.about, About::Claim(_, Token::Access)) {
        let before = pair.whom(room, other);
        wider_audience(pair, room, (compared, when), &tells, &widened(&whom, &before));
    }
    pair.note(shown, &tells, |_| kind, whom);
    false
}

/// A claim in tokens for audiences that never had it.
fn wider_audience<'u>(
    pair: &mut Pair<'u>,
    room: &mut Room<'u>,
    (compared, when): (&Compared, Formula),
    tells: &dyn Fn(&Effect) -> bool,
    whom: &Whom,
) {
    if whom.audiences.listed.is_empty() {
        return;
    }
    let there: Vec<Formula> =
        whom.audiences.listed.iter().map(|party| pair.reaches(party.as_ref())).collect();
    let there = pair.f.any(there);
    let when = pair.f.both(when, there);
    match pair.ask(room, when, tells) {
        Answer::Never => {}
        Answer::Shown(shown) => drop(pair.note(shown, tells, |_| Kind::WiderAudience, whom.clone())),
        Answer::Undecided(doubts) => pair.doubt(compared.about.clone(), &doubts),
    }
}

/// Where values may differ, and whether their types may.
struct Unequal {
    when: Formula,
    other_type: bool,
}

/// Where both versions have a claim, and perhaps with another value.
fn value_questions(pair: &mut Pair<'_>, compared: &Compared) -> Vec<Unequal> {
    let together = pair.f.all([compared.old.present, compared.new.present, compared.issues]);
    let differing = compared.values.differing(&mut pair.f);
    let mut questions = Vec::new();
    for ((class, text), old_only, new_only) in &differing {
        if matches!(class, Class::Element(_)) {
            questions.extend([*old_only, *new_only].map(|when| Unequal { when, other_type: false }));
            continue;
        }
        let all = |is_new: bool| {
            let of_class = compared.values.of(is_new).filter(|((other, _), _)| other == class);
            of_class.map(|(_, when)| when).collect::<Vec<_>>()
        };
        // What the other version has is no whole value, or no such member.
        let (old_any, new_any) = (pair.f.any(all(false)), pair.f.any(all(true)));
        questions.push(Unequal { when: pair.f.both(*old_only, !new_any), other_type: true });
        questions.push(Unequal { when: pair.f.both(*new_only, !old_any), other_type: true });
        for ((other, other_text), _, other_new) in &differing {
            if other != class || other_text == text {
                continue;
            }
            let both = pair.f.both(*old_only, *other_new);
            if both != Formula::FALSE {
                let (unlike, other_type) = unlike(pair, compared, class, text, other_text);
                questions.push(Unequal { when: pair.f.both(both, unlike), other_type });
            }
        }
    }
    for question in &mut questions {
        question.when = pair.f.both(question.when, together);
    }
    questions.retain(|question| question.when != Formula::FALSE);
    questions
}

/// Where the old version's value differs from the new one's, and whether their types may differ too.
fn unlike(
    pair: &mut Pair<'_>,
    compared: &Compared,
    class: &Class,
    old: &Arc<str>,
    new: &Arc<str>,
) -> (Formula, bool) {
    let example = |is_new, text: &Arc<str>| compared.examples.get(&(is_new, class.clone(), text.clone()));
    let (Some(a), Some(b)) = (example(false, old), example(true, new)) else { return (Formula::TRUE, true) };
    let Some(span) = pair.new.unit.statements.get(b.statement).map(|statement| statement.span) else {
        return (Formula::TRUE, true);
    };
    let kind = |side: &Side<'_>, write: &Write| json_kind(&side.meaning.written(write.statement)?.ty.kind);
    let other_type = *class == Class::Whole
        && kind(&pair.old, a).zip(kind(&pair.new, b)).is_none_or(|(old, new)| old != new);
    let a_cases = pair.old.meaning.written_cases(&mut pair.f, a);
    let b_cases = pair.new.meaning.written_cases(&mut pair.f, b);
    (!pair.new.meaning.same_values(&mut pair.f, (&a_cases, old), (&b_cases, new), span), other_type)
}

/// The kind of JSON value that a claim of a kind is, see [`Value::kind`]; `None` where it may be several.
fn json_kind(kind: &ty::Kind) -> Option<&'static str> {
    match kind {
        ty::Kind::Error | ty::Kind::Nothing | ty::Kind::Json => None,
        ty::Kind::Null => Some("null"),
        ty::Kind::Bool => Some("bool"),
        ty::Kind::Int | ty::Kind::Number | ty::Kind::Timestamp | ty::Kind::Duration => Some("number"),
        ty::Kind::String | ty::Kind::Email | ty::Kind::Enum(_) => Some("string"),
        ty::Kind::List(_) => Some("list"),
        ty::Kind::Map(_) | ty::Kind::Record(_) => Some("object"),
    }
}

/// Asks for other values, then for values of other types. Whether it stays open whether there are any.
fn other_values<'u>(
    pair: &mut Pair<'u>,
    room: &mut Room<'u>,
    compared: &Compared,
    questions: &[Unequal],
) -> bool {
    let all: Vec<Formula> = questions.iter().map(|question| question.when).collect();
    let is_value = |kind| matches!(kind, Kind::Value | Kind::Type);
    let types: Vec<Formula> =
        questions.iter().filter(|question| question.other_type).map(|question| question.when).collect();
    match other_value(pair, room, compared, &all, &is_value) {
        Ok(Some(Kind::Value)) => {
            other_value(pair, room, compared, &types, &|kind| kind == Kind::Type).is_err()
        }
        Ok(_) => false,
        Err(Open) => true,
    }
}

/// It is neither proven nor shown.
struct Open;

/// Asks for a value that differs in one of these ways, and tells which one was found.
fn other_value<'u>(
    pair: &mut Pair<'u>,
    room: &mut Room<'u>,
    compared: &Compared,
    questions: &[Formula],
    is_wanted: &dyn Fn(Kind) -> bool,
) -> Result<Option<Kind>, Open> {
    let tells = |effect: &Effect| effect.about == compared.about && is_wanted(effect.kind);
    let mut doubts = Vec::new();
    for question in questions {
        match pair.ask(room, *question, &tells) {
            Answer::Never => {}
            Answer::Undecided(found) => doubts.push(found),
            Answer::Shown(shown) => {
                let any = pair.f.any(questions.iter().copied());
                let whom = pair.whom(room, any);
                return Ok(pair.note(shown, &tells, |kind| kind, whom));
            }
        }
    }
    for found in &doubts {
        pair.doubt(compared.about.clone(), found);
    }
    if doubts.is_empty() { Ok(None) } else { Err(Open) }
}

/// Labels that a claim did not carry before.
fn labels<'u>(pair: &mut Pair<'u>, room: &mut Room<'u>, compared: &Compared) {
    let names = |side: &Side<'_>, version: &Version| {
        let all = version
            .writes
            .iter()
            .fold(Labels::NONE, |all, (write, _)| all.or(side.meaning.written_labels(write)));
        let named = all.indexes().filter_map(|index| side.unit.catalog.labels.get(index).cloned());
        named.collect::<Vec<Arc<str>>>()
    };
    let (old, new) = (names(&pair.old, &compared.old), names(&pair.new, &compared.new));
    let tells = |effect: &Effect| effect.about == compared.about;
    for label in new.iter().filter(|label| !old.contains(label)) {
        let Some(bit) = pair.new.unit.catalog.label(label) else { continue };
        let mut carrying = Vec::new();
        for (write, when) in &compared.new.writes {
            let carries = pair.new.meaning.written_labelled(&mut pair.f, write, bit);
            carrying.push(pair.f.all([*when, carries, compared.issues]));
        }
        let when = pair.f.any(carrying);
        // A label that a claims.yaml states anew is among the facts; here is what a rule changed.
        match pair.ask(room, when, &tells) {
            Answer::Never => {}
            Answer::Undecided(doubts) => pair.doubt(compared.about.clone(), &doubts),
            Answer::Shown(shown) => {
                let whom = pair.whom(room, when);
                pair.note_label(shown, &tells, label, whom);
            }
        }
    }
}

/// A claim whose bound grew.
fn larger<'u>(pair: &mut Pair<'u>, room: &mut Room<'u>, compared: &Compared, questions: &[Unequal]) {
    let bound = |side: &Side<'_>, version: &Version| {
        let bytes = version.writes.iter().filter_map(|(write, _)| {
            let size = side.sizes.size(side.meaning.written(write.statement)?);
            Some(write.part.as_ref().map_or(size.json, |part| size.member(part).json))
        });
        bytes.fold(0_u64, u64::max)
    };
    if questions.is_empty() || bound(&pair.new, &compared.new) <= bound(&pair.old, &compared.old) {
        return;
    }
    let length = |value: &Option<Value>| value.as_ref().map_or(0, |value| value.to_json().len());
    let tells = |effect: &Effect| {
        effect.about == compared.about
            && matches!(effect.kind, Kind::Value | Kind::Type)
            && length(&effect.new) > length(&effect.old)
    };
    let when = pair.f.any(questions.iter().map(|question| question.when).collect::<Vec<_>>());
    match pair.ask(room, when, &tells) {
        Answer::Never => {}
        Answer::Undecided(doubts) => pair.doubt(compared.about.clone(), &doubts),
        Answer::Shown(shown) => {
            let whom = pair.whom(room, when);
            pair.note(shown, &tells, |_| Kind::Larger, whom);
        }
    }
}
