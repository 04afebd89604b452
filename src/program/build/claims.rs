//! Claims with everything that is about them, in the order in which tokens carry them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ast::Level;
use crate::eval;
use crate::ir::{Action, ClaimId, ClaimName, ExprKind, Unit};
use crate::program::fuse::Fuse;
use crate::program::plan::{About, ClaimPlan, Guard, Guards, MemberPlan, Origin, Reach, WritePlan};
use crate::standard::claims::{SCOPE_CLAIMS, protocol};
use crate::standard::{Grant, Token, Tokens};
use crate::value::write_json_string;

/// Everything that is about a claim.
#[derive(Default)]
struct Gathered {
    writes: Vec<WritePlan>,
    members: BTreeMap<Arc<str>, Vec<WritePlan>>,
    removals: Vec<(usize, Tokens)>,
}

/// The claims in the order in which tokens carry them.
pub(super) fn claims(
    unit: &Unit,
    grant: Grant,
    guards: &[Box<[Guard]>],
    fuse: &mut Fuse,
) -> Option<Vec<ClaimPlan>> {
    let given = grant.tokens();
    let mut all: BTreeMap<Arc<str>, Gathered> = BTreeMap::new();
    let mut abouts: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for statement in &unit.statements {
        if let Action::Write { claim, .. } | Action::Remove { claim, .. } = &statement.action
            && let Some(name) = name(unit, *claim)?
        {
            *abouts.entry(name).or_default() += 1;
        }
    }
    for (index, statement) in unit.statements.iter().enumerate() {
        let tokens = statement.action.tokens().and(given);
        match &statement.action {
            Action::Write { level, claim, member, value, or_deny, .. } => {
                let Some(name) = name(unit, *claim)? else { continue };
                let about = all.entry(name.clone()).or_default();
                let origin = match &*value.kind {
                    ExprKind::Literal(value) if *level != Level::Append => {
                        let member = format!("{}{},", key(&name), value.to_json());
                        Origin::Constant(member.into(), Box::new(value.clone()))
                    }
                    _ if *level == Level::Append => Origin::Value,
                    // What is put together is written at once, so nothing else may be about the claim.
                    ExprKind::Template(_) if abouts.get(&name) != Some(&1) || member.is_some() => {
                        Origin::Value
                    }
                    _ => fuse.origin(value),
                };
                let write = WritePlan {
                    statement: index,
                    level: *level,
                    reach: Reach::from(tokens),
                    guards: Guards::from(&**guards.get(index)?),
                    origin,
                    must_be_there: or_deny.is_some() || *level == Level::Override,
                    mentions_actor: statement.mentions_actor,
                };
                match member {
                    Some(member) => about.members.entry(member.clone()).or_default().push(write),
                    None => about.writes.push(write),
                }
            }
            Action::Remove { claim, .. } => {
                let Some(name) = name(unit, *claim)? else { continue };
                all.entry(name).or_default().removals.push((index, tokens));
            }
            _ => {}
        }
    }
    // Checks have made sure that there are none; what reaches a signature is not left to them alone.
    if all.keys().any(|name| protocol(name).is_some()) && given != Tokens::of(Token::Saml) {
        return None;
    }
    let all = all.into_iter().enumerate();
    Some(all.map(|(number, (name, about))| about.planned(name, number)).collect())
}

impl Gathered {
    fn planned(self, name: Arc<str>, number: usize) -> ClaimPlan {
        let Gathered { mut writes, members, removals } = self;
        let members: Vec<_> = members.into_iter().map(|(name, writes)| MemberPlan { name, writes }).collect();
        let is_whole = members.is_empty() && removals.is_empty();
        let common = common_reach(&writes).filter(|_| is_whole);
        let only = if common.is_some() && writes.len() == 1 { writes.pop() } else { None };
        let standard = standard(&name);
        ClaimPlan {
            text_key: format!("{}\"", key(&name)).into(),
            is_standard: standard.is_some(),
            only,
            about: Box::new(About { name, number, standard, writes, common, members, removals }),
        }
    }
}

impl ClaimPlan {
    /// Whether it takes no memory to find out what becomes of it.
    pub(super) fn is_light(&self) -> bool {
        let is_light = |write: &WritePlan| !matches!(write.origin, Origin::Value);
        let writes = &self.about.writes;
        (self.only.is_some() || self.about.common.is_some()) && self.only.iter().chain(writes).all(is_light)
    }
}

/// The tokens of all writes, where they are the same, and each gives the claim by itself.
fn common_reach(writes: &[WritePlan]) -> Option<Reach> {
    let reach = writes.first()?.reach;
    writes.iter().all(|write| write.reach == reach && write.level != Level::Append).then_some(reach)
}

/// The name of a member of a JSON object, with the colon.
fn key(name: &str) -> String {
    let mut key = String::new();
    write_json_string(name, &mut key);
    key.push(':');
    key
}

/// The name of a claim, which no request changes; `Some(None)` where its constant is absent, `None` where it is unfit.
#[expect(clippy::option_option, reason = "an absent name is one answer, an unfit one another")]
fn name(unit: &Unit, id: ClaimId) -> Option<Option<Arc<str>>> {
    match &unit.claims.get(id.index())?.name {
        ClaimName::Literal(name) => Some(Some(name.clone())),
        ClaimName::Config(_) => eval::configured_name(unit, id).ok(),
    }
}

/// The name, if it is one that issuers write themselves for a scope (OpenID Connect Core section 5.4).
pub(in crate::program) fn standard(name: &str) -> Option<&'static str> {
    SCOPE_CLAIMS.iter().flat_map(|(_, names)| names.iter().copied()).find(|standard| *standard == name)
}
