//! What the writes of a policy can put into a token, in bytes: the largest of what excludes each other, the sum of what
//! adds up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Sizes;
use crate::analysis::Study;
use crate::ast::Level;
use crate::ir::{Action, ClaimName, SlotId, Unit};
use crate::logic::formula::Formula;
use crate::logic::meaning::{Name, Write};
use crate::standard::Tokens;
use crate::ty::Kind;
use crate::ty::size::{Size, Text};

/// What one write can put into a token.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The statement.
    pub(super) statement: usize,
    /// The claim.
    pub(super) name: Name,
    /// The tokens.
    pub(super) tokens: Tokens,
    /// Where it fires.
    pub(super) fires: Formula,
    /// Attributes without a bound of their own that it comes from.
    pub(super) unbounded_by: BTreeSet<SlotId>,
    member: Option<Arc<str>>,
    level: Level,
    /// The claim's name as JSON; 0 of a spread, whose names count with its values.
    label: u64,
    /// The value as JSON.
    value: u64,
}

impl Part {
    /// Bytes of name and value by themselves, with the marks behind them.
    pub(super) fn bytes(&self) -> u64 {
        let member = self.member.as_ref().map_or(0, |member| Text::of(member).escaped + 5);
        self.value.saturating_add(member).saturating_add(self.marked_label()).saturating_add(1)
    }

    fn marked_label(&self) -> u64 {
        if self.label == 0 { 0 } else { self.label.saturating_add(1) }
    }
}

/// The most that some writes make of a token or a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Most {
    /// Bytes of JSON, of claims with their names and the marks behind them.
    pub(super) bytes: u64,
    /// The writes that it comes from.
    pub(super) parts: Vec<usize>,
}

impl Most {
    fn or(self, other: Most) -> Most {
        if other.bytes > self.bytes { other } else { self }
    }

    fn and(&mut self, other: Most) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.parts.extend(other.parts);
    }
}

/// The writes of a policy with their sizes.
pub(in crate::analysis) struct Contents {
    /// In the order of the meaning's writes.
    pub(super) parts: Vec<Part>,
    /// The writes of each claim; a spread of names that are not known stands by itself.
    pub(super) claims: Vec<Vec<usize>>,
    /// By write, the claim that it is about.
    pub(super) claim_of: Vec<usize>,
    /// All scopes that statements can grant, in bytes with blanks; `None` where an attribute without a bound is granted.
    pub(super) added_scopes: Option<u64>,
}

impl Contents {
    /// Measures all writes.
    pub(in crate::analysis) fn of(study: &Study<'_>) -> Contents {
        let sizes = Sizes::of(study.unit);
        let writes = study.meaning.writes();
        let parts: Vec<Part> = writes.iter().map(|write| part(study.unit, &sizes, write)).collect();
        let mut known: BTreeMap<(bool, Arc<str>), usize> = BTreeMap::new();
        let mut claims: Vec<Vec<usize>> = Vec::new();
        let mut claim_of = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            let next = claims.len();
            let claim = match &part.name {
                Name::Literal(name) => *known.entry((false, name.clone())).or_insert(next),
                Name::Config(name) => *known.entry((true, name.clone())).or_insert(next),
                Name::Members(..) => next,
            };
            match claims.get_mut(claim) {
                Some(all) => all.push(index),
                None => claims.push(vec![index]),
            }
            claim_of.push(claim);
        }
        let added_scopes = added_scopes(study.unit, &sizes);
        Contents { parts, claims, claim_of, added_scopes }
    }

    /// The most that the claims of a token can be, if only some writes count: the bytes of their JSON object.
    pub(super) fn most(&self, counts: &dyn Fn(usize) -> bool) -> Most {
        let mut all = Most { bytes: 1, parts: Vec::new() };
        for claim in 0..self.claims.len() {
            all.and(self.claim(claim, counts));
        }
        all.bytes = all.bytes.max(2);
        all
    }

    /// The most that the claims of a token can be, if only these writes count.
    pub(in crate::analysis) fn most_of(&self, parts: &BTreeSet<usize>) -> u64 {
        let claims: BTreeSet<usize> =
            parts.iter().filter_map(|part| self.claim_of.get(*part)).copied().collect();
        let each = claims.into_iter().map(|claim| self.claim(claim, &|part| parts.contains(&part)).bytes);
        each.fold(1, u64::saturating_add).max(2)
    }

    /// The most that one claim can be, its name included; 0 where nothing counts.
    pub(super) fn claim(&self, claim: usize, counts: &dyn Fn(usize) -> bool) -> Most {
        let mut whole: Vec<(usize, &Part)> = Vec::new();
        let mut members: BTreeMap<&Arc<str>, Vec<(usize, &Part)>> = BTreeMap::new();
        let mut label = 0;
        for index in self.claims.get(claim).into_iter().flatten().copied().filter(|index| counts(*index)) {
            let Some(part) = self.parts.get(index) else { continue };
            label = label.max(part.marked_label());
            match &part.member {
                Some(member) => members.entry(member).or_default().push((index, part)),
                None => whole.push((index, part)),
            }
        }
        let mut object = Most { bytes: 1, parts: Vec::new() };
        for (name, parts) in &members {
            let mut member = value(parts);
            member.bytes = member.bytes.saturating_add(Text::of(name).escaped).saturating_add(4);
            object.and(member);
        }
        let mut most = value(&whole);
        if !members.is_empty() {
            most = most.or(object);
        }
        if !most.parts.is_empty() {
            most.bytes = most.bytes.saturating_add(label).saturating_add(1);
        }
        most
    }
}

/// The most that writes of one place can make: one of them, or all that is appended.
fn value(parts: &[(usize, &Part)]) -> Most {
    let is_append = |(_, part): &&(usize, &Part)| part.level == Level::Append;
    let mut set = Most { bytes: 1, parts: Vec::new() };
    for (index, part) in parts.iter().filter(is_append) {
        set.and(Most { bytes: part.value.saturating_sub(1), parts: vec![*index] });
    }
    let mut most = if set.parts.is_empty() { Most::default() } else { set };
    most.bytes = if most.parts.is_empty() { 0 } else { most.bytes.max(2) };
    for (index, part) in parts.iter().filter(|part| !is_append(part)) {
        most = most.or(Most { bytes: part.value, parts: vec![*index] });
    }
    most
}

fn part(unit: &Unit, sizes: &Sizes<'_>, write: &Write) -> Part {
    let action = unit.statements.get(write.statement).map(|statement| &statement.action);
    let (size, claim) = match action {
        Some(Action::Write { value, claim, .. }) => (sizes.size(value), Some(*claim)),
        Some(Action::Spread { value, .. }) => {
            let size = sizes.size(value);
            match &write.part {
                Some(part) => (size.member(part), None),
                None => (rest(&size, matches!(value.ty.kind, Kind::Record(_)), &write.name), None),
            }
        }
        _ => (Size::unlimited(), None),
    };
    let label = match &write.name {
        Name::Literal(name) => Text::of(name).escaped.saturating_add(2),
        Name::Members(..) => 0,
        Name::Config(_) => {
            let claim = claim.and_then(|claim| unit.claims.get(claim.index()));
            match claim.map(|claim| &claim.name) {
                Some(ClaimName::Config(slot)) => sizes.slot(*slot).json,
                _ => u64::MAX,
            }
        }
    };
    Part {
        statement: write.statement,
        name: write.name.clone(),
        tokens: write.tokens,
        fires: write.fires,
        unbounded_by: size.all_free().into_iter().map(SlotId).collect(),
        member: write.member.clone(),
        level: write.level,
        label,
        value: size.json,
    }
}

/// The members of a spread value whose names are not known, each with the prefix of its claim.
fn rest(size: &Size, are_known_apart: bool, name: &Name) -> Size {
    let members = size.members();
    let (json, most) = match members.rest.as_ref().filter(|_| are_known_apart) {
        Some(rest) => (rest.json.min(size.json.saturating_sub(2)), rest.most),
        None => (size.json.saturating_sub(2), members.most()),
    };
    let prefix = match name {
        Name::Members(prefix, _) => Text::of(prefix).escaped,
        _ => 0,
    };
    let json = json.saturating_add(most.saturating_mul(prefix));
    Size::any(json).blamed_on(size.all_free())
}

fn added_scopes(unit: &Unit, sizes: &Sizes<'_>) -> Option<u64> {
    let mut sum: u64 = 0;
    for statement in &unit.statements {
        if let Action::AddScope(value) = &statement.action {
            let size = sizes.size(value);
            if !size.all_free().is_empty() {
                return None;
            }
            sum = sum.saturating_add(size.json);
        }
    }
    Some(sum)
}
