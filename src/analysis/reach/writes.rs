//! Writes that act and never reach a token, because others always win over them.

use std::collections::{BTreeMap, BTreeSet};

use super::part::{self, Part};
use super::why::why;
use super::{BEATEN_WRITE, UNUSED_DEFAULT};
use crate::analysis::Study;
use crate::ast::Level;
use crate::diag::Diagnostic;
use crate::ir::Action;
use crate::logic::formula::Formula;
use crate::logic::meaning::{Name, Write};
use crate::logic::solver::Instance;
use crate::standard::Token;

const REMOVES: &str = "removed here, which always wins";
const BEATS: &str = "this wins";

pub(super) fn check(study: &mut Study<'_>, idle: &BTreeSet<usize>, findings: &mut Vec<Diagnostic>) {
    let removals = removals(study);
    // A spread is in vain only if all that it writes is.
    let mut by_statement: BTreeMap<usize, Option<Vec<Part>>> = BTreeMap::new();
    for group in study.groups().iter() {
        let writes: Vec<Write> = group.writes.iter().filter_map(|index| study.write(*index)).collect();
        let writes: Vec<&Write> = writes.iter().filter(|write| write.name == group.name).collect();
        let rival = Rivals::of(study, &writes, &removals);
        for write in &writes {
            if idle.contains(&write.statement) {
                continue;
            }
            let parts = in_vain(study, &rival, write);
            let known = by_statement.entry(write.statement).or_insert_with(|| Some(Vec::new()));
            match (known.as_mut(), parts) {
                (Some(known), Some(parts)) => known.extend(parts),
                _ => *known = None,
            }
        }
    }
    for (index, parts) in by_statement {
        let Some(parts) = parts else { continue };
        findings.extend(report(study, index, parts));
    }
}

/// The statements that remove each claim.
fn removals(study: &Study<'_>) -> Vec<(Name, usize)> {
    let mut removals = Vec::new();
    for (index, statement) in study.unit.statements.iter().enumerate() {
        if let Action::Remove { claim, .. } = &statement.action {
            removals.push((study.meaning.name(*claim), index));
        }
    }
    removals
}

/// What can win over writes of one claim.
struct Rivals<'w> {
    /// Writes that are not the weakest of all, or that beat members or wholes.
    writes: Vec<&'w Write>,
    /// Statements that remove the claim.
    removals: Vec<usize>,
}

impl<'w> Rivals<'w> {
    fn of(study: &Study<'_>, writes: &[&'w Write], removals: &[(Name, usize)]) -> Self {
        let Some(first) = writes.first() else { return Rivals { writes: Vec::new(), removals: Vec::new() } };
        let has_members = writes.iter().any(|write| write.member.is_some());
        let weakest = writes.iter().map(|write| write.level).min();
        let writes =
            writes.iter().filter(|write| has_members || Some(write.level) != weakest).copied().collect();
        let is_same = |name: &Name| *name == first.name;
        let is_there = |index: &usize| study.unit.statements.get(*index).is_some();
        let removals = removals.iter().filter(|(name, _)| is_same(name)).map(|(_, index)| *index);
        Rivals { writes, removals: removals.filter(is_there).collect() }
    }

    /// What wins over a write in a token: where each does not.
    fn winners(&self, study: &mut Study<'_>, write: &Write, token: Token) -> Vec<Part> {
        let unit = study.unit;
        let mut parts = Vec::new();
        for other in &self.writes {
            let beaten = study.meaning.beaten(&mut study.f, write, token, &[*other]);
            if beaten == Formula::FALSE {
                continue;
            }
            let Some(statement) = unit.statements.get(other.statement) else { continue };
            let is_switch = guarded_by_switch(study, other.statement);
            parts.push(Part { span: statement.span, text: BEATS, formula: !beaten, is_switch });
        }
        for index in &self.removals {
            let Some(statement) = unit.statements.get(*index) else { continue };
            if statement.action.tokens().contains(token) {
                let is_switch = guarded_by_switch(study, *index);
                let formula = !study.meaning.acts(*index);
                parts.push(Part { span: statement.span, text: REMOVES, formula, is_switch });
            }
        }
        parts
    }
}

/// What beats a write in every token that it is for; `None` where something of it arrives.
fn in_vain<'u>(study: &mut Study<'u>, rivals: &Rivals<'_>, write: &Write) -> Option<Vec<Part>> {
    let mut instance: Option<Instance<'u>> = None;
    let mut all = Vec::new();
    for token in write.tokens.iter() {
        let winners = rivals.winners(study, write, token);
        if winners.is_empty() {
            return None;
        }
        let gives = study.meaning.gives(&mut study.f, token);
        let question: Vec<Formula> =
            winners.iter().map(|part| part.formula).chain([write.fires, gives]).collect();
        let instance = instance.get_or_insert_with(|| study.instance(question.iter().copied()));
        if study.is_possible(instance, &question) {
            return None;
        }
        if study.is_possible(instance, &[write.fires, gives]) {
            let statement = study.unit.statements.get(write.statement)?;
            let part = |formula| Part { span: statement.span, text: "", formula, is_switch: false };
            let mut parts = winners;
            parts.extend([part(write.fires), part(gives)]);
            let world = study.world;
            all.extend(why(study, world, &parts).core);
        }
    }
    Some(all)
}

fn guarded_by_switch(study: &Study<'_>, statement: usize) -> bool {
    let unit = study.unit;
    let steps =
        unit.statements.get(statement).map(|statement| statement.guard.as_slice()).unwrap_or_default();
    let conditions = steps.iter().filter_map(|step| {
        unit.chains.get(step.chain.index()).map(|chain| (&chain.conditions, step.branch as usize))
    });
    conditions
        .flat_map(|(conditions, branch)| conditions.iter().take(branch + 1))
        .any(|condition| part::is_switch(unit, &condition.expr))
}

fn report(study: &Study<'_>, index: usize, mut parts: Vec<Part>) -> Option<Diagnostic> {
    let statement = study.unit.statements.get(index)?;
    if parts.iter().any(|part| part.is_switch) {
        return None;
    }
    parts.retain(|part| part.span != statement.span);
    parts.sort_by_key(|part| (part.span, part.text));
    parts.dedup_by_key(|part| (part.span, part.text));
    let is_removed = parts.iter().any(|part| part.text == REMOVES);
    let level = match &statement.action {
        Action::Write { level, .. } | Action::Spread { level, .. } => *level,
        _ => return None,
    };
    let (code, fact) = if level == Level::Default && !is_removed {
        (&UNUSED_DEFAULT, "this default never applies")
    } else {
        (&BEATEN_WRITE, "this never reaches a token")
    };
    let mut diagnostic = Diagnostic::new(code, statement.span, fact);
    for part in parts {
        diagnostic = diagnostic.also(part.span, part.text);
    }
    Some(diagnostic.help("remove it, or narrow what wins over it"))
}
