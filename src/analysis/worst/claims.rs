//! How many bytes the claims of all tokens together can have.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{MAX_VALUE, Study};
use crate::ast::Level;
use crate::ir::{ClaimId, ClaimName};
use crate::standard::{Token, Tokens};
use crate::ty::size::{Size, Text};

/// The writes of some statements: of what replaces each other the largest, of what adds up the sum.
#[derive(Debug, Default)]
pub(super) struct Written {
    claims: BTreeMap<(Token, ClaimId), Claim>,
    /// Claims whose names are members of values.
    spread: u64,
}

#[derive(Debug, Default)]
struct Claim {
    /// Bytes of its name with the marks around it.
    name: u64,
    whole: Place,
    members: BTreeMap<Arc<str>, Place>,
}

/// What is written to one place.
#[derive(Debug, Default)]
struct Place {
    single: u64,
    appended: u64,
}

impl Place {
    fn write(&mut self, level: Level, bytes: u64) {
        if level == Level::Append {
            self.appended = self.appended.saturating_add(bytes);
        } else {
            self.single = self.single.max(bytes);
        }
    }

    fn bytes(&self) -> u64 {
        self.single.max(self.appended)
    }
}

impl Written {
    pub(super) fn write(
        &mut self,
        study: &Study<'_>,
        claim: ClaimId,
        member: Option<&Arc<str>>,
        level: Level,
        tokens: Tokens,
        value: &Size,
    ) {
        let name = match study.unit.claims.get(claim.index()).map(|claim| &claim.name) {
            Some(ClaimName::Literal(name)) => Text::of(name).escaped.saturating_add(2),
            Some(ClaimName::Config(slot)) => study.costs.sizes.slot(*slot).json,
            None => 0,
        };
        for token in tokens.iter() {
            let claim = self.claims.entry((token, claim)).or_default();
            claim.name = name.saturating_add(2);
            let place = match member {
                None => &mut claim.whole,
                Some(member) => claim.members.entry(member.clone()).or_default(),
            };
            place.write(level, value.json.min(MAX_VALUE));
        }
    }

    /// Bytes of the claims that the members of a value become, in one token.
    pub(super) fn spread(&mut self, prefix: &str, tokens: Tokens, value: &Size) -> u64 {
        let names = value.members().most().saturating_mul(Text::of(prefix).escaped);
        let bytes = value.json.min(MAX_VALUE).saturating_add(names);
        self.spread = self.spread.saturating_add(bytes.saturating_mul(tokens.iter().count() as u64));
        bytes
    }

    /// All of them, with the marks around the claims of each token.
    pub(super) fn bytes(&self) -> u64 {
        let claims = self.claims.values().map(|claim| {
            let members = claim.members.iter().fold(2, |sum: u64, (name, place)| {
                sum.saturating_add(Text::of(name).escaped).saturating_add(4).saturating_add(place.bytes())
            });
            let members = if claim.members.is_empty() { 0 } else { members };
            claim.whole.bytes().max(members).saturating_add(claim.name)
        });
        claims.fold(self.spread, u64::saturating_add)
    }
}
