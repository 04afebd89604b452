//! Which claims stand in which tokens, as formulas.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::study::Study;
use crate::ir::{Action, ClaimId, Unit};
use crate::logic::formula::Formula;
use crate::logic::lemma::Lemma;
use crate::logic::meaning::{Name, Write};
use crate::standard::Token;
use crate::ty::{Kind, Type};

/// The writes and removals of a policy, by claim.
pub(super) struct Carried {
    /// Where the request is refused.
    pub(super) denied: Formula,
    named: BTreeMap<Arc<str>, Vec<usize>>,
    /// Writes whose names are not known before a request.
    open: Vec<usize>,
    /// Statement and claim.
    removals: Vec<(usize, ClaimId)>,
}

impl Carried {
    pub(super) fn new(study: &mut Study<'_>) -> Self {
        let denied = study.meaning.denied(&mut study.f);
        let mut carried = Carried { denied, named: BTreeMap::new(), open: Vec::new(), removals: Vec::new() };
        for (index, write) in study.meaning.writes().iter().enumerate() {
            match &write.name {
                Name::Literal(name) => carried.named.entry(name.clone()).or_default().push(index),
                Name::Config(_) | Name::Members(..) => carried.open.push(index),
            }
        }
        for (index, statement) in study.unit.statements.iter().enumerate() {
            if let Action::Remove { claim, .. } = &statement.action {
                carried.removals.push((index, *claim));
            }
        }
        carried
    }

    /// The writes that may be about a claim and reach a token.
    pub(super) fn writes(&self, study: &Study<'_>, name: &Name, token: Token) -> Vec<Write> {
        let all = study.meaning.writes();
        let named: Vec<usize> = match name {
            Name::Literal(literal) => self.named.get(literal).cloned().unwrap_or_default(),
            // A name from the configuration may be any.
            _ => self.named.values().flatten().copied().collect(),
        };
        named
            .iter()
            .chain(&self.open)
            .filter_map(|index| all.get(*index))
            .filter(|write| write.tokens.contains(token) && write.name.may_be(name))
            .cloned()
            .collect()
    }

    /// The names of all claims that writes bring into a token.
    pub(super) fn names(&self, study: &Study<'_>, token: Token) -> Vec<Name> {
        let all = study.meaning.writes();
        let reaches = |index: &&usize| all.get(**index).is_some_and(|write| write.tokens.contains(token));
        let known = self.named.iter().filter(|(_, writes)| writes.iter().any(|index| reaches(&index)));
        let mut names: Vec<Name> = known.map(|(name, _)| Name::Literal(name.clone())).collect();
        for write in self.open.iter().filter(reaches).filter_map(|index| all.get(*index)) {
            if !names.contains(&write.name) {
                names.push(write.name.clone());
            }
        }
        names
    }

    /// Where a claim is taken out of a token.
    pub(super) fn removed(&self, study: &mut Study<'_>, name: &Name, token: Token) -> Formula {
        if !study.f.knows(Lemma::Removals) {
            return Formula::FALSE;
        }
        let unit = study.unit;
        let mut parts = Vec::new();
        for (index, claim) in &self.removals {
            let Some(statement) = unit.statements.get(*index) else { continue };
            let is_known =
                matches!((study.meaning.name(*claim), name), (Name::Literal(a), Name::Literal(b)) if a != *b);
            if is_known || !statement.action.tokens().contains(token) {
                continue;
            }
            let removed = study.meaning.name(*claim);
            let same = study.meaning.same_name(&mut study.f, &removed, name, Some(statement.span));
            let named = study.meaning.is_named(&mut study.f, *claim);
            let acts = study.meaning.acts(*index);
            parts.push(study.f.all([acts, named, same]));
        }
        study.f.any(parts)
    }

    /// Where a write is about a claim.
    pub(super) fn written(&self, study: &mut Study<'_>, name: &Name, token: Token) -> Formula {
        let writes = self.writes(study, name, token);
        let fire: Vec<Formula> =
            writes.iter().map(|write| study.meaning.fires_as(&mut study.f, write, name)).collect();
        study.f.any(fire)
    }

    /// Where a token that is issued has a claim.
    pub(super) fn present(&self, study: &mut Study<'_>, name: &Name, token: Token) -> Formula {
        let written = self.written(study, name, token);
        let removed = self.removed(study, name, token);
        study.f.both(written, !removed)
    }

    /// The writes that may be about a claim and reach a token, each with where a token that is issued has what it writes.
    pub(super) fn standing(&self, study: &mut Study<'_>, name: &Name, token: Token) -> Vec<(Write, Formula)> {
        let writes = self.writes(study, name, token);
        let among: Vec<&Write> = writes.iter().collect();
        // Of one level, and none a member: nobody beats anybody.
        let is_flat = writes.windows(2).all(|pair| matches!(pair, [a, b] if a.level == b.level))
            && writes.iter().all(|write| write.member.is_none());
        let removed = self.removed(study, name, token);
        let mut standing = Vec::with_capacity(writes.len());
        for write in &writes {
            let fires = study.meaning.fires_as(&mut study.f, write, name);
            let stands = if is_flat {
                study.f.both(fires, !removed)
            } else {
                let beaten = study.meaning.beaten(&mut study.f, write, token, &among);
                study.f.all([fires, !beaten, !removed])
            };
            standing.push((write.clone(), stands));
        }
        standing
    }
}

/// The type of what a write writes.
pub(super) fn written_type(unit: &Unit, write: &Write) -> Option<Type> {
    let value = match &unit.statements.get(write.statement)?.action {
        Action::Write { value, .. } => return Some(value.ty.clone()),
        Action::Spread { value, .. } => value,
        _ => return None,
    };
    match (&value.ty.kind, &write.part) {
        (Kind::Record(record), Some(part)) => record.member(part).cloned(),
        (Kind::Map(element), _) => Some((**element).clone()),
        _ => Some(Type::of(Kind::Json)),
    }
}
