//! Where claim names come from: each place of a policy that writes, removes or states a claim, with the name that it
//! has there. Shared by the checks of names.

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{Action, AudienceOf, ClaimId, ClaimName, Expr, ExprKind, Namespace, Slot, Statement, Unit};
use crate::source::Span;
use crate::standard::namespaces::{self, Form};
use crate::standard::{Token, Tokens};
use crate::ty::{Kind, Type};
use crate::value::Value;

/// A claim name at a place of the policy.
pub(super) struct Use<'u> {
    /// The name in tokens.
    pub(super) name: Arc<str>,
    /// The constant of `config` that gives the name.
    pub(super) config: Option<String>,
    /// Where it is written.
    pub(super) span: Span,
    /// The tokens that it reaches.
    pub(super) tokens: Tokens,
    /// What is done with it.
    pub(super) deed: Deed<'u>,
}

/// What is done with a claim.
pub(super) enum Deed<'u> {
    /// A whole value is written.
    Write(&'u Statement, &'u Expr),
    /// A member is written.
    Member(&'u Statement, &'u Arc<str>, &'u Expr),
    /// `ns/* = record` writes it, of this type, from this expression.
    Spread(&'u Statement, &'u Type, &'u Expr),
    /// It is removed.
    Remove,
    /// A contract or `ensure` speaks of it.
    Promise,
}

/// The tokens that are JWTs or are read like one.
pub(super) fn jwts() -> Tokens {
    Tokens::of(Token::Access).with(Token::Id).with(Token::Userinfo)
}

impl Use<'_> {
    /// Whether the name is not what it seems to be: then nothing else is said about it.
    pub(super) fn is_misleading(&self) -> bool {
        super::spelling::misleading(&self.name).is_some()
    }

    /// Whether it is written to a token that is read as a JWT.
    pub(super) fn is_jwt_write(&self) -> bool {
        self.statement().is_some() && !self.tokens.and(jwts()).is_empty()
    }

    /// The statement that writes it.
    pub(super) fn statement(&self) -> Option<&Statement> {
        match &self.deed {
            Deed::Write(statement, _) | Deed::Member(statement, ..) | Deed::Spread(statement, ..) => {
                Some(statement)
            }
            Deed::Remove | Deed::Promise => None,
        }
    }

    /// The name as messages say it.
    pub(super) fn said(&self) -> String {
        match &self.config {
            Some(config) => format!("`{}` (the value of `{config}`)", self.name),
            None => format!("`{}`", self.name),
        }
    }
}

/// All places. Names from `config` that are not bound yet are left out.
pub(super) fn uses(unit: &Unit) -> Vec<Use<'_>> {
    let mut uses: Vec<_> = unit.statements.iter().flat_map(|statement| uses_of(unit, statement)).collect();
    for (claim, _, span) in unit.contracts.iter().flat_map(|contract| &contract.members) {
        uses.extend(named(unit, *claim, *span, Tokens::ACCESS, Deed::Promise));
    }
    for ensure in &unit.ensures {
        if let crate::ir::EnsureKind::Never(claim) | crate::ir::EnsureKind::Always(claim) = ensure.kind {
            uses.extend(named(unit, claim, ensure.span, ensure.tokens, Deed::Promise));
        }
    }
    uses
}

/// The claims that a statement is about.
pub(super) fn uses_of<'u>(unit: &'u Unit, statement: &'u Statement) -> Vec<Use<'u>> {
    let (claim, deed) = match &statement.action {
        Action::Write { claim, member: None, value, .. } => (*claim, Deed::Write(statement, value)),
        Action::Write { claim, member: Some(member), value, .. } => {
            (*claim, Deed::Member(statement, member, value))
        }
        Action::Remove { claim, .. } => (*claim, Deed::Remove),
        Action::Spread { .. } => return spread(statement),
        _ => return Vec::new(),
    };
    named(unit, claim, statement.subject, statement.action.tokens(), deed).into_iter().collect()
}

fn named<'u>(unit: &Unit, claim: ClaimId, span: Span, tokens: Tokens, deed: Deed<'u>) -> Option<Use<'u>> {
    let (name, config) = match &unit.claims.get(claim.index())?.name {
        ClaimName::Literal(name) => (name.clone(), None),
        ClaimName::Config(slot) => {
            let slot = unit.slots.get(slot.index())?;
            (constant(&unit.catalog, slot)?, Some(slot.name()))
        }
    };
    Some(Use { name, config, span, tokens, deed })
}

/// The text that a constant of `config` is bound to.
fn constant(catalog: &Catalog, slot: &Slot) -> Option<Arc<str>> {
    let (first, rest) = slot.path.split_first()?;
    let bound = catalog.config.get(first)?.value.as_ref()?;
    match rest.iter().try_fold(bound, |value, member| value.get(member))? {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// The names that `ns/* = record` makes of known members.
fn spread(statement: &Statement) -> Vec<Use<'_>> {
    let Action::Spread { prefix, value, matching, tokens, .. } = &statement.action else { return Vec::new() };
    let Kind::Record(record) = &value.ty.kind else { return Vec::new() };
    let members =
        record.members.iter().filter(|(name, _)| matching.as_ref().is_none_or(|regex| regex.is_match(name)));
    members
        .map(|(name, ty)| Use {
            name: format!("{prefix}{name}").into(),
            config: None,
            span: statement.subject,
            tokens: *tokens,
            deed: Deed::Spread(statement, ty, value),
        })
        .collect()
}

/// The declared namespace that a name lies in; the longest one.
pub(super) fn namespace_of<'u>(unit: &'u Unit, name: &str) -> Option<&'u Namespace> {
    let within = unit.namespaces.iter().filter(|namespace| name.starts_with(&*namespace.prefix));
    within.max_by_key(|namespace| namespace.prefix.len())
}

/// Whether a namespace is well formed and its names are the author's own.
fn is_own(unit: &Unit, namespace: &Namespace) -> bool {
    use crate::catalog::ClaimNameKind::Resistant;
    let listed = &unit.catalog.foreign_namespaces;
    unit.catalog.claim_name_kind(&namespace.prefix) == Resistant
        && !listed.keys().any(|foreign| namespace.prefix.starts_with(&**foreign))
        && namespace.prefix.ends_with(['/', ':'])
        && !matches!(namespaces::form(&namespace.prefix), Form::Short)
}

/// Offers a name of the author's own in place of another: in the first own namespace of the policy, or says how to
/// declare one.
pub(super) fn offer_own_name(unit: &Unit, finding: Diagnostic, named: &Use<'_>) -> Diagnostic {
    let local = local(&named.name);
    if let Some(namespace) = unit.namespaces.iter().find(|namespace| is_own(unit, namespace)) {
        let own = format!("{}/{local}", namespace.alias);
        let help = format!("write `{own}`, which is `{}{}`", namespace.prefix, local.trim_matches('"'));
        let finding = if finding.help.is_none() { finding.help(help) } else { finding };
        if named.config.is_some() || matches!(named.deed, Deed::Spread(..)) {
            return finding;
        }
        return finding.fix(Applicability::Unsafe, format!("write `{own}`"), named.span, own);
    }
    if finding.help.is_some() {
        return finding;
    }
    let domain = unit.catalog.owned_domains.first().map_or("your-domain.example", |domain| domain);
    finding.help(format!(
        "declare a namespace, `namespace ns = \"https://{domain}/claims/\"`, and write `ns/{local}`"
    ))
}

/// What a name is called within a namespace.
fn local(name: &str) -> String {
    // A `#` would begin the fragment of a URL.
    let name = name.trim_end_matches('/').replace('#', "_");
    let last = if name.contains("://") { name.rsplit('/').next().unwrap_or_default() } else { &name };
    let is_word = last.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && last.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if is_word { last.to_owned() } else { format!("\"{}\"", last.replace(['"', '\\', '$'], "")) }
}

/// The ids of the audiences, one of which the token must be for where a statement acts; `None` where its conditions do
/// not say so.
pub(super) fn audiences_of(unit: &Unit, statement: &Statement) -> Option<Vec<Arc<str>>> {
    let conditions = statement.guard.iter().filter_map(|step| {
        let chain = unit.chains.get(step.chain.index())?;
        Some(&chain.conditions.get(step.branch as usize)?.expr)
    });
    conditions.into_iter().find_map(|condition| demanded(unit, condition))
}

fn demanded(unit: &Unit, condition: &Expr) -> Option<Vec<Arc<str>>> {
    match &*condition.kind {
        ExprKind::And(all) => all.iter().find_map(|part| demanded(unit, part)),
        ExprKind::Let(id) => demanded(unit, &unit.lets.get(id.index())?.value),
        ExprKind::AudienceIs(AudienceOf::Token, one) | ExprKind::AudienceHas(AudienceOf::Token, one) => {
            Some(vec![text(one)?])
        }
        ExprKind::AudienceWithin(AudienceOf::Token, list) => match &*list.kind {
            ExprKind::List(items) => items.iter().map(|item| text(&item.value)).collect(),
            ExprKind::Literal(value) => {
                value.as_list()?.iter().map(|item| item.as_str().map(Arc::from)).collect()
            }
            _ => None,
        },
        _ => None,
    }
}

fn text(expr: &Expr) -> Option<Arc<str>> {
    match &*expr.kind {
        ExprKind::Literal(Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}
