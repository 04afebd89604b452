//! What is decided before claims are: conditions about scopes and about the audience tell through whatever reads these.

use super::Flow;
use super::recipients::Readers;
use crate::catalog::Root;
use crate::ir::{Action, AudienceOf, Expr, ExprKind, SlotId, Stage, Statement, Unit};
use crate::logic::formula::Formula;

/// The statements of a stage.
pub(super) fn rules(unit: &Unit, stage: Stage) -> impl Iterator<Item = &Statement> {
    unit.statements.iter().filter(move |statement| statement.action.stage() == stage)
}

/// Whether a statement about claims reads the token's scopes.
pub(super) fn reads_scopes(unit: &Unit, statement: &Statement) -> bool {
    let is_scopes =
        |slot: &SlotId| unit.slots.get(slot.index()).is_some_and(|slot| slot.root == Root::Scopes);
    statement.action.stage() == Stage::Claims && statement.reads.iter().any(is_scopes)
}

/// Whether a statement reads the token's audience, or its scopes, which may follow from the audience.
pub(super) fn reads_audience(unit: &Unit, statement: &Statement) -> bool {
    let is_about_audience = |part: &Expr| {
        part.any(&unit.lets, |expr| match &*expr.kind {
            ExprKind::AudienceIs(of, _) | ExprKind::AudienceHas(of, _) | ExprKind::AudienceWithin(of, _) => {
                *of == AudienceOf::Token
            }
            ExprKind::Slot(slot) => {
                unit.slots.get(slot.index()).is_some_and(|slot| slot.root == Root::Audience)
            }
            _ => false,
        })
    };
    statement.action.stage() != Stage::Audience
        && (parts(unit, statement).any(is_about_audience) || reads_scopes(unit, statement))
}

/// The conditions behind the scopes and the audience that a statement reads, each with what has to depend on it for the
/// statement to tell; `None`: it always does. Whoever reads an access token knows its audience anyway.
pub(super) fn conditions<'u>(
    flow: &mut Flow<'_, 'u>,
    statement: &'u Statement,
    readers: Readers,
) -> Vec<(&'u Expr, Option<Formula>)> {
    let unit: &'u Unit = flow.study.unit;
    let mut found = Vec::new();
    let mut add = |stage, formula: Option<Formula>| {
        for rule in rules(unit, stage) {
            let guards = rule.guard.iter().filter_map(|step| {
                Some(unit.chains.get(step.chain.index())?.conditions.iter().take(step.branch as usize + 1))
            });
            let conditions = guards.flatten().map(|condition| &condition.expr).chain(&rule.unless);
            found.extend(conditions.map(|condition| (condition, formula)));
        }
    };
    if reads_scopes(unit, statement) {
        let writes_scopes = match &statement.action {
            Action::Write { value, .. } | Action::Spread { value, .. } => is_about_scopes(unit, value),
            _ => false,
        };
        let index = unit.statements.iter().position(|one| std::ptr::eq(one, statement));
        // Scopes in a value tell whatever decides about them; in a condition only what it is about.
        add(Stage::Scopes, index.filter(|_| !writes_scopes).map(|index| flow.study.meaning.acts(index)));
    }
    if matches!(readers, Readers::Clients)
        && rules(unit, Stage::Audience).next().is_some()
        && reads_audience(unit, statement)
    {
        add(Stage::Audience, None);
    }
    found
}

fn is_about_scopes(unit: &Unit, part: &Expr) -> bool {
    part.slots(&unit.lets)
        .iter()
        .any(|slot| unit.slots.get(slot.index()).is_some_and(|slot| slot.root == Root::Scopes))
}

/// The conditions around a statement, its `unless` and its value.
fn parts<'u>(unit: &'u Unit, statement: &'u Statement) -> impl Iterator<Item = &'u Expr> {
    let guards = statement.guard.iter().filter_map(|step| {
        Some(unit.chains.get(step.chain.index())?.conditions.iter().take(step.branch as usize + 1))
    });
    let value = match &statement.action {
        Action::Write { value, .. } | Action::Spread { value, .. } => Some(value),
        _ => None,
    };
    guards.flatten().map(|condition| &condition.expr).chain(&statement.unless).chain(value)
}

#[cfg(test)]
mod tests {
    use crate::Compiler;

    const CATALOG: &str = "
language: 1
owned_domains: [acme.example]
audiences: { api: { id: \"https://api.acme.example\" } }
clients: { web: { id: web, grants: [authorization_code], accepts: [] } }
user: { sub: string, vip: { type: bool, label: pii } }
";

    /// Whom the conditions of a policy tell about whether somebody is a VIP.
    fn told(policy: &str) -> Vec<String> {
        let mut compiler = Compiler::new();
        let text = format!("namespace ns = \"https://acme.example/\"\n{policy}\n");
        compiler.catalog("claims.yaml", CATALOG).source("p.claims", &text);
        let found = compiler.compile().diagnostics.into_iter();
        let found: Vec<_> = found.filter(|finding| finding.code.code.starts_with("C07")).collect();
        assert!(found.iter().all(|finding| finding.code.slug == "pii-in-guard"), "{found:?}");
        found.into_iter().map(|finding| finding.message).collect()
    }

    const TOLD: &str =
        "`https://acme.example/a` tells `web` something about `user.vip`, which is labelled `pii`";

    #[test]
    fn what_reads_the_audience_tells_what_decides_about_it() {
        let decided = "if user exists and user.vip then set audience to api";
        for claim in
            ["if audience = api then add ns/a = 1 to id_token", "add ns/a = api in audience to id_token"]
        {
            assert_eq!(told(&format!("{decided}\n{claim}")), [TOLD], "{claim}");
        }
        // Whoever reads an access token sees its audience.
        assert_eq!(told(&format!("{decided}\nif audience = api then add ns/a = 1")), [""; 0]);
        assert_eq!(told(&format!("{decided}\nif client = web then add ns/a = 1 to id_token")), [""; 0]);
    }

    #[test]
    fn what_reads_scopes_tells_what_decides_about_them() {
        let policy = "if user exists and user.vip then remove scope \"profile\"\n\
             if \"profile\" in scopes then add ns/a = 1 to id_token";
        assert_eq!(told(policy), [TOLD]);
    }
}
