//! What the writes of all statements make of each claim: levels, members, sets, removal and conflicts.

use std::cmp::Ordering;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use regex::Regex;

use super::report::{Place, Report};
use super::stages::failure;
use super::{Evaluation, codes, names};
use crate::ast::Level;
use crate::builtins::Same;
use crate::ir::{ClaimId, ClaimName, SlotId};
use crate::standard::claims::protocol;
use crate::standard::{Token, Tokens};
use crate::value::{Failure, Object, Outcome, Value};

/// One write that fired.
#[derive(Debug, Clone)]
pub(super) struct Contribution {
    /// Into [`Unit::statements`](crate::ir::Unit::statements).
    pub(super) statement: usize,
    pub(super) level: Level,
    pub(super) member: Option<Arc<str>>,
    pub(super) value: Value,
}

/// A claim of a token.
pub(super) type Target = (Token, Arc<str>);

/// All writes and removals that fired.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pub(super) writes: BTreeMap<Target, Vec<Contribution>>,
    /// With the statements that remove it.
    pub(super) removals: BTreeMap<Target, BTreeSet<usize>>,
}

/// Reports claim names from `config` that no policy may write: such a configuration refuses every request.
pub(super) fn check_names(evaluation: &Evaluation<'_>, report: &mut Report) {
    for (index, claim) in evaluation.unit.claims.iter().enumerate() {
        let ClaimName::Config(slot) = claim.name else { continue };
        let id = ClaimId(u32::try_from(index).unwrap_or(u32::MAX));
        match name(evaluation, id) {
            Ok(Some(name)) if !names::is_fit(evaluation.unit, id, &name) => {
                report.failure(unfit(evaluation, slot), None);
            }
            Ok(_) => {}
            Err(failure) => report.failure(failure, None),
        }
    }
}

/// The name of a claim; `None` where the attribute of `config` that gives it is optional and absent.
pub(super) fn name(evaluation: &Evaluation<'_>, id: ClaimId) -> Result<Option<Arc<str>>, Failure> {
    let Some(claim) = evaluation.unit.claims.get(id.index()) else {
        return Ok(None);
    };
    let slot = match &claim.name {
        ClaimName::Literal(name) => return Ok(Some(name.clone())),
        ClaimName::Config(slot) => *slot,
    };
    match evaluation.slot(slot)? {
        Outcome::Value(Value::String(name)) if is_name(&name) => Ok(Some(name)),
        Outcome::Value(_) => Err(unfit(evaluation, slot)),
        Outcome::Absent | Outcome::NoUser => Ok(None),
    }
}

fn unfit(evaluation: &Evaluation<'_>, slot: SlotId) -> Failure {
    let attribute = evaluation.unit.slots.get(slot.index()).map(crate::ir::Slot::name).unwrap_or_default();
    failure(&codes::UNFIT_CLAIM_NAME, format!("`{attribute}` is no name of a claim that a policy may write"))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(char::is_control)
}

/// The claims that `ns/* = record` writes.
pub(super) fn spread(
    prefix: &str,
    value: &Value,
    matching: Option<&Regex>,
    tokens: Tokens,
) -> Result<Vec<(Arc<str>, Value)>, Failure> {
    let mut claims = Vec::new();
    for (member, value) in value.as_object().into_iter().flatten() {
        if matching.is_some_and(|regex| !regex.is_match(member)) {
            continue;
        }
        let name = format!("{prefix}{member}");
        if !is_name(member) || (names::reaches_jwt(tokens) && protocol(&name).is_some()) {
            let message = format!(
                "a member of the value of `{prefix}*` gives no name of a claim that a policy may write"
            );
            return Err(failure(&codes::UNFIT_CLAIM_NAME, message));
        }
        claims.push((Arc::from(name), value.clone()));
    }
    Ok(claims)
}

impl Claims {
    /// Adds a write to some tokens.
    pub(super) fn write(&mut self, tokens: Tokens, name: &Arc<str>, written: &Contribution) {
        for token in tokens.iter() {
            self.writes.entry((token, name.clone())).or_default().push(written.clone());
        }
    }

    /// Adds a removal from some tokens.
    pub(super) fn remove(&mut self, tokens: Tokens, name: &Arc<str>, statement: usize) {
        for token in tokens.iter() {
            self.removals.entry((token, name.clone())).or_default().insert(statement);
        }
    }

    /// The names that are removed from each token.
    pub(super) fn removed_names(&self) -> BTreeMap<Token, BTreeSet<Arc<str>>> {
        let mut removed: BTreeMap<Token, BTreeSet<Arc<str>>> = BTreeMap::new();
        for (token, name) in self.removals.keys() {
            removed.entry(*token).or_default().insert(name.clone());
        }
        removed
    }

    /// The value of every claim that is written and not removed. Conflicts are reported, also where something
    /// stronger beats both sides.
    pub(super) fn resolve(
        &self,
        evaluation: &Evaluation<'_>,
        report: &mut Report,
    ) -> BTreeMap<Target, Value> {
        let mut values = BTreeMap::new();
        for (target, writes) in &self.writes {
            let resolver = Resolver::new(evaluation, target, writes);
            for (failure, place) in resolver.conflicts() {
                report.failure(failure, Some(&place));
            }
            if let Some(value) = resolver.value().filter(|_| !self.removals.contains_key(target)) {
                values.insert(target.clone(), value);
            }
        }
        values
    }
}

/// Levels of whole writes and of members that cannot stand beside each other: of one level neither beats the other,
/// and an `override` of a member cannot reach into a value that is added as a whole. `append` counts as an add.
const WHOLE_AND_MEMBERS: [(Level, Level); 8] = [
    (Level::Default, Level::Default),
    (Level::Add, Level::Add),
    (Level::Override, Level::Override),
    (Level::Append, Level::Append),
    (Level::Add, Level::Append),
    (Level::Append, Level::Add),
    (Level::Add, Level::Override),
    (Level::Append, Level::Override),
];

/// All writes of one claim of one token.
pub(super) struct Resolver<'r, 'a> {
    pub(super) evaluation: &'r Evaluation<'a>,
    pub(super) target: &'r Target,
    writes: &'r [Contribution],
    /// The writes of the whole claim.
    whole: Vec<&'r Contribution>,
    /// The writes of each member.
    members: BTreeMap<&'r Arc<str>, Vec<&'r Contribution>>,
}

impl<'r, 'a> Resolver<'r, 'a> {
    pub(super) fn new(
        evaluation: &'r Evaluation<'a>,
        target: &'r Target,
        writes: &'r [Contribution],
    ) -> Self {
        let mut resolver =
            Resolver { evaluation, target, writes, whole: Vec::new(), members: BTreeMap::new() };
        for write in writes {
            match &write.member {
                None => resolver.whole.push(write),
                Some(member) => resolver.members.entry(member).or_default().push(write),
            }
        }
        resolver
    }

    /// The whole-claim writes of a level, or those of a member.
    fn at(&self, level: Level, member: Option<&Arc<str>>) -> impl Iterator<Item = &'r Contribution> + Clone {
        let writes = match member {
            None => Some(&self.whole),
            Some(member) => self.members.get(member),
        };
        writes.into_iter().flatten().copied().filter(move |write| write.level == level)
    }

    /// The level that decides among the writes of the whole claim or of a member.
    fn strongest(&self, member: Option<&Arc<str>>) -> Option<Level> {
        [Level::Override, Level::Add, Level::Append, Level::Default]
            .into_iter()
            .find(|level| self.at(*level, member).next().is_some())
    }

    /// The level of the whole claim that decides, if members do not: any member beats a whole `default`.
    pub(super) fn whole_level(&self) -> Option<Level> {
        self.strongest(None).filter(|level| *level != Level::Default || self.members.is_empty())
    }

    /// The level that decides a member; meaningless where the whole claim decides.
    pub(super) fn member_level(&self, member: &Arc<str>) -> Option<Level> {
        self.strongest(Some(member))
    }

    fn value(&self) -> Option<Value> {
        if let Some(level) = self.whole_level() {
            return self.value_at(level, None);
        }
        let members = self.members.keys().copied().filter_map(|member| {
            Some((member.clone(), self.value_at(self.member_level(member)?, Some(member))?))
        });
        Some(Value::object(members.collect::<Object>()))
    }

    fn value_at(&self, level: Level, member: Option<&Arc<str>>) -> Option<Value> {
        let values = self.at(level, member).map(|write| &write.value);
        if level == Level::Append { Some(union(values)) } else { values.cloned().reduce(shorter_spelling) }
    }

    fn conflicts(&self) -> Vec<(Failure, Arc<str>)> {
        let mut conflicts = Vec::new();
        for member in std::iter::once(None).chain(self.members.keys().copied().map(Some)) {
            for level in [Level::Default, Level::Add, Level::Override] {
                let differing = self.differing(&self.at(level, member).collect::<Vec<_>>());
                let conflict = |pair| self.conflict(member, "gets different values", pair);
                conflicts.extend(differing.iter().map(conflict));
            }
            for level in [Level::Add, Level::Override] {
                let meeting = self.meeting(self.at(Level::Append, member), self.at(level, member));
                let conflict = |pair| self.conflict(member, "gets a set and a single value", pair);
                conflicts.extend(meeting.iter().map(conflict));
            }
        }
        for (whole, member) in WHOLE_AND_MEMBERS {
            let members = self.writes.iter().filter(|w| w.level == member && w.member.is_some());
            let meeting = self.meeting(self.at(whole, None), members);
            let conflict = |pair| self.conflict(None, "gets a whole value and single members", pair);
            conflicts.extend(meeting.iter().map(conflict));
        }
        conflicts
    }

    /// Pairs of writes of one level with unlike values. The first of all is compared with every other one, in an
    /// order that does not depend on the order of the statements.
    fn differing(&self, writes: &[&'r Contribution]) -> Vec<(Place, Place)> {
        let mut sorted: Vec<_> = writes.iter().map(|write| (self.place(write), *write)).collect();
        sorted.sort_by_cached_key(|(place, write)| (place.clone(), write.value.to_json()));
        let Some(((first_place, first), others)) = sorted.split_first() else {
            return Vec::new();
        };
        let differing = others.iter().filter(|(_, write)| write.value != first.value);
        differing.map(|(place, _)| (first_place.clone(), place.clone())).collect()
    }

    /// The first write of either group, if both have one.
    fn meeting(
        &self,
        some: impl Iterator<Item = &'r Contribution>,
        others: impl Iterator<Item = &'r Contribution>,
    ) -> Option<(Place, Place)> {
        let a = some.map(|write| self.place(write)).min()?;
        let b = others.map(|write| self.place(write)).min()?;
        Some((a.clone().min(b.clone()), a.max(b)))
    }

    fn place(&self, write: &Contribution) -> Place {
        let statement = self.evaluation.unit.statements.get(write.statement);
        Place::from(statement.map_or(&Arc::from(""), |statement| &statement.place))
    }

    fn conflict(
        &self,
        member: Option<&Arc<str>>,
        what: &str,
        (first, second): &(Place, Place),
    ) -> (Failure, Arc<str>) {
        let (token, claim) = self.target;
        let name = member.map_or_else(|| claim.to_string(), |member| format!("{claim}.{member}"));
        let token = token_words(*token);
        let message = format!("`{name}` {what} in the {token} from `{}` and `{}`", first.text, second.text);
        (failure(&codes::CONFLICTING_VALUES, message), first.text.clone())
    }
}

fn token_words(token: Token) -> &'static str {
    match token {
        Token::Access => "access token",
        Token::Id => "ID token",
        Token::Userinfo => "userinfo response",
        Token::Saml => "SAML assertion",
    }
}

/// Of two equal values the one with the shorter JSON text, then the first in byte order.
fn shorter_spelling(a: Value, b: Value) -> Value {
    if spelling_order(&b, &a) == Ordering::Less { b } else { a }
}

fn spelling_order(a: &Value, b: &Value) -> Ordering {
    let (a, b) = (a.to_json(), b.to_json());
    a.len().cmp(&b.len()).then(a.cmp(&b))
}

/// The elements of all lists, each once, sorted.
fn union<'v>(lists: impl Iterator<Item = &'v Value>) -> Value {
    // Equal lists and objects may be spelled in many ways, so that sorting them, which goes by their text, does not bring
    // them together.
    let mut kept: Vec<&Value> = Vec::new();
    let mut known: HashMap<Same<'v>, usize> = HashMap::new();
    for item in lists.filter_map(Value::as_list).flatten() {
        match known.entry(Same::exactly(item)) {
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(item);
            }
            Entry::Occupied(place) => {
                if let Some(kept) = kept.get_mut(*place.get()).filter(|kept| is_shorter(item, kept)) {
                    *kept = item;
                }
            }
        }
    }
    let mut sorted: Vec<(Option<String>, &Value)> =
        kept.into_iter().map(|item| ((!is_scalar(item)).then(|| item.to_json()), item)).collect();
    sorted.sort_by(|(a_text, a), (b_text, b)| match (a_text, b_text) {
        (Some(a_text), Some(b_text)) if a.kind() == b.kind() => a_text.cmp(b_text),
        _ => a.total_cmp(b),
    });
    Value::list(sorted.into_iter().map(|(_, item)| item.clone()).collect())
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::List(_) | Value::Object(_))
}

/// Whether a value is spelled shorter than an equal one. The same text is the same spelling.
fn is_shorter(value: &Value, other: &Value) -> bool {
    !matches!(value, Value::String(_)) && spelling_order(value, other) == Ordering::Less
}
