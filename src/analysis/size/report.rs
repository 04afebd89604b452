//! Tokens that are larger than the audience or the target host takes.
//!
//! The sum of what every claim can be is a bound that costs next to nothing; where it keeps the limit, that is a proof.
//! Elsewhere the solver tells which writes can reach a token together, and the evaluator how large a token really gets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::contents::Part;
use super::limits::{Around, By, Limit, limits, only_for, sets};
use super::search::{Search, Tight};
use super::show::{Shown, show};
use super::{Contents, TOKEN_TOO_LARGE, UNDECIDED_SIZE};
use crate::analysis::Study;
use crate::analysis::study::witnessed;
use crate::catalog::{Cost, Root};
use crate::diag::Diagnostic;
use crate::ir::{Slot, SlotId, Unit};
use crate::logic::solver::Doubt;
use crate::standard::Token;
use crate::ty::{Shape, ShapeKind};

/// So many limits may each use up the budget of questions.
const HARD: u32 = 8;
/// More limits are exceeded by the same writes.
const SHOWN: usize = 8;
/// Contributors that are named.
const NAMED: usize = 3;
/// Bounds that are named.
const LISTED: usize = 5;

pub(in crate::analysis) fn analyse(study: &mut Study<'_>, findings: &mut Vec<Diagnostic>) {
    let limits = limits(study.unit);
    if limits.is_empty() {
        return;
    }
    let contents = Contents::of(study);
    let loose = Loose::of(study, &contents);
    let per_limit = study.budget.sizes;
    let (mut questions, mut shown) = (per_limit.saturating_mul(HARD), 0);
    for limit in limits {
        let around = Around::of(&study.unit.catalog, &contents, limit.audience());
        let claims = loose.most(study.unit, &contents, &limit);
        let most = [true, false].map(|user| limit.bytes(&around, claims, user)).into_iter().max();
        if most.is_some_and(|bytes| bytes <= limit.most) || shown == SHOWN {
            continue;
        }
        let mut own = per_limit.min(questions);
        let before = own;
        let mut search = Search::new(study, &contents, limit, &around);
        let tight = search.tightest(&mut own).filter(|tight| tight.bytes > limit.most);
        questions -= before - own;
        let Some(tight) = tight else { continue };
        let (request, mut doubts) = show(&mut search, &contents, &limit, &around, &tight);
        if own < 2 {
            doubts.push(Doubt::Spent(Cost::Sizes));
        }
        let largest: Vec<&Part> = tight.parts.iter().filter_map(|part| contents.parts.get(*part)).collect();
        findings.extend(report(study, &limit, &tight, &largest, request.as_ref(), &doubts));
        shown += 1;
    }
}

/// The sums of what claims can be, without a look at what excludes each other beyond audiences.
struct Loose {
    /// By claim of access tokens: the bytes of writes for no certain audience.
    anywhere: Vec<u64>,
    /// All of them.
    anywhere_sum: u128,
    /// The claims with writes for a certain audience.
    claims: BTreeMap<Arc<str>, BTreeSet<usize>>,
    /// By write, the audience that it is for.
    only_for: Vec<Option<Arc<str>>>,
}

impl Loose {
    fn of(study: &Study<'_>, contents: &Contents) -> Self {
        let only_for: Vec<_> = contents.parts.iter().map(|part| only_for(&study.f, part.fires)).collect();
        let mut claims: BTreeMap<Arc<str>, BTreeSet<usize>> = BTreeMap::new();
        for (only, claim) in only_for.iter().zip(&contents.claim_of) {
            if let Some(id) = only {
                claims.entry(id.clone()).or_default().insert(*claim);
            }
        }
        let is_anywhere = |part: usize| {
            let is_access = |part: &Part| part.tokens.contains(Token::Access);
            only_for.get(part).is_some_and(Option::is_none) && contents.parts.get(part).is_some_and(is_access)
        };
        let claims_of = 0..contents.claims.len();
        let anywhere: Vec<u64> = claims_of.map(|claim| contents.claim(claim, &is_anywhere).bytes).collect();
        let anywhere_sum = anywhere.iter().map(|bytes| u128::from(*bytes)).sum();
        Loose { anywhere, anywhere_sum, claims, only_for }
    }

    /// Bytes of the JSON object of all claims that a limit's token can have.
    fn most(&self, unit: &Unit, contents: &Contents, limit: &Limit<'_>) -> u64 {
        let reaches = |part: &Part| part.tokens.contains(limit.token) && limit.counts(unit, part);
        let Some(audience) = limit.audience() else {
            return contents.most(&|part| contents.parts.get(part).is_some_and(reaches)).bytes;
        };
        let ids: BTreeSet<&str> = sets(&unit.catalog, audience).into_iter().flatten().collect();
        let claims: BTreeSet<usize> =
            ids.iter().filter_map(|id| self.claims.get(*id)).flatten().copied().collect();
        let counts = |part: usize| {
            let is_here = |only: &Option<Arc<str>>| only.as_ref().is_none_or(|id| ids.contains(&**id));
            self.only_for.get(part).is_some_and(is_here) && contents.parts.get(part).is_some_and(reaches)
        };
        let mut sum = self.anywhere_sum;
        for claim in claims {
            let anywhere = self.anywhere.get(claim).copied().unwrap_or(0);
            let here = contents.claim(claim, &counts).bytes;
            sum = sum - u128::from(anywhere) + u128::from(here);
        }
        u64::try_from(sum.max(1) + 1).unwrap_or(u64::MAX)
    }
}

fn report(
    study: &Study<'_>,
    limit: &Limit<'_>,
    tight: &Tight,
    largest: &[&Part],
    shown: Option<&Shown>,
    doubts: &[Doubt],
) -> Option<Diagnostic> {
    let unit = study.unit;
    let statement = |part: &Part| unit.statements.get(part.statement);
    let first = largest.first().and_then(|part| Some((statement(part)?.span, contribution(part))));
    // Without a claim of the policy, what the issuer puts into the token is too much.
    let (span, label) =
        first.or_else(|| Some((limit.span()?, "even without a claim of the policy".to_owned())))?;
    let exceeds = shown.filter(|shown| shown.bytes > limit.most);
    let fact = fact(limit, exceeds.map_or(tight.bytes, |shown| shown.bytes), exceeds.is_some());
    let code = if exceeds.is_some() { &TOKEN_TOO_LARGE } else { &UNDECIDED_SIZE };
    let mut diagnostic = Diagnostic::new(code, span, fact).label(label);
    for part in largest.iter().take(NAMED).skip(1) {
        if let Some(statement) = statement(part) {
            diagnostic = diagnostic.also(statement.span, contribution(part));
        }
    }
    if let Some(limited) = limit.span().filter(|limited| *limited != span) {
        diagnostic = diagnostic.also(limited, format!("at most {} bytes", limit.most));
    }
    let missing = missing(unit, largest);
    let help = if largest.is_empty() {
        "raise `max_token_bytes`: what the issuer itself puts into the token needs more".to_owned()
    } else if missing.is_empty() {
        "lower the bounds in claims.yaml, or write less into the token".to_owned()
    } else {
        let more = missing.len().saturating_sub(LISTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let listed: Vec<&str> = missing.iter().take(LISTED).map(String::as_str).collect();
        format!("state what claims.yaml leaves open: {}{more}", listed.join(", "))
    };
    let diagnostic = diagnostic.help(match (shown, exceeds) {
        (_, Some(found)) if found.bytes < tight.bytes => {
            format!("{help} (no such token has more than {} bytes)", grouped(tight.bytes))
        }
        (Some(found), None) => {
            format!("{help} (the largest that was found has {} bytes)", grouped(found.bytes))
        }
        _ => help,
    });
    Some(match (exceeds, shown) {
        (Some(found), _) => witnessed(diagnostic, unit, &found.witness),
        // Nobody knows whether these writes meet at all.
        (None, None) => study.explain_doubts(diagnostic, doubts),
        (None, Some(_)) => diagnostic,
    })
}

fn fact(limit: &Limit<'_>, bytes: u64, is_shown: bool) -> String {
    let bytes = grouped(bytes);
    let token = a(limit.token);
    match limit.by {
        By::Audience { alias, .. } if is_shown => {
            format!("{token} for `{alias}` can have {bytes} bytes, and `max_token_bytes` is {}", limit.most)
        }
        By::Audience { alias, .. } => format!(
            "whether {token} for `{alias}` keeps `max_token_bytes: {}` is undecided: all that is certain is that it \
             has at most {bytes} bytes",
            limit.most
        ),
        By::Host { profile, .. } if !is_shown => format!(
            "whether the claims of {token} keep the {} bytes that {} takes is undecided: all that is certain is that \
             they have at most {bytes} bytes",
            limit.most, profile.title
        ),
        By::Host { profile, effect } => format!(
            "the claims of {token} can have {bytes} bytes, and {} takes {}: {}",
            profile.title,
            limit.most,
            effect.of(profile.title)
        ),
    }
}

fn a(token: Token) -> &'static str {
    match token {
        Token::Access => "an access token",
        Token::Id => "an ID token",
        Token::Userinfo => "an answer of userinfo",
        Token::Saml => "a SAML assertion",
    }
}

fn contribution(part: &Part) -> String {
    format!("`{}`: up to {} bytes", part.name, grouped(part.bytes()))
}

/// What claims.yaml could state of attributes that have no bound of their own, those of the largest writes first.
fn missing(unit: &Unit, parts: &[&Part]) -> Vec<String> {
    let mut seen: BTreeSet<SlotId> = BTreeSet::new();
    let mut all: Vec<String> = Vec::new();
    for id in parts.iter().flat_map(|part| &part.unbounded_by) {
        let Some(slot) = unit.slots.get(id.index()).filter(|_| seen.insert(*id)) else { continue };
        let mut open = Vec::new();
        if let Some(shape) = shape(unit, slot).filter(|_| can_be_stated(slot)) {
            unstated(shape, &slot.name(), &mut open);
        }
        open.retain(|bound| !all.contains(bound));
        all.extend(open);
    }
    all
}

/// Whether claims.yaml declares the attribute.
fn can_be_stated(slot: &Slot) -> bool {
    match slot.root {
        Root::Grant | Root::Audience | Root::Scopes | Root::Requested | Root::Original | Root::Now => false,
        Root::Client => slot.path.first().is_some_and(|member| &**member == "metadata"),
        _ => true,
    }
}

/// The bounds that a shape leaves open.
fn unstated(shape: &Shape, name: &str, all: &mut Vec<String>) {
    let bounds = &shape.bounds;
    let mut state = |key: &str, is_open: bool| {
        if is_open {
            all.push(format!("`{key}` of `{name}`"));
        }
    };
    match &shape.kind {
        ShapeKind::String | ShapeKind::Email => {
            state("max_length", bounds.max_length.is_none() && bounds.max_bytes.is_none());
        }
        ShapeKind::Number | ShapeKind::Json | ShapeKind::Error => {
            state("max_bytes", bounds.max_bytes.is_none());
        }
        ShapeKind::List(element) => {
            state("max_items", bounds.max_items.is_none());
            unstated(element, &format!("{name}[]"), all);
        }
        ShapeKind::Map(element) => {
            state("max_items", bounds.max_items.is_none());
            state("max_length", bounds.max_length.is_none());
            unstated(element, &format!("{name}.*"), all);
        }
        ShapeKind::Record(record) if record.open => state("max_bytes", bounds.max_bytes.is_none()),
        ShapeKind::Record(record) => {
            for (member, shape) in &record.members {
                unstated(shape, &format!("{name}.{member}"), all);
            }
        }
        _ => {}
    }
}

fn shape<'u>(unit: &'u Unit, slot: &Slot) -> Option<&'u Shape> {
    let mut shape = unit.catalog.input(slot.root)?;
    for name in &slot.path {
        shape = match &shape.kind {
            ShapeKind::Record(record) => record.member(name)?,
            ShapeKind::Map(value) => value,
            _ => return None,
        };
    }
    Some(shape)
}

/// `6812` as `6,812`.
pub(crate) fn grouped(bytes: u64) -> String {
    let digits = bytes.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
