//! What the statements of a policy do, each with the formula that says when.

use std::sync::Arc;

use crate::analysis::Study;
use crate::analysis::size::Sizes;
use crate::analysis::written::{self, Condition, digits};
use crate::ast::Level;
use crate::ir::{Action, Denial, Expr, ExprKind, Member, Statement, Unit};
use crate::logic::formula::Formula;
use crate::logic::meaning::{self, Name, Presence};
use crate::logic::normal::Normal;
use crate::standard::Tokens;
use crate::ty::{Kind, Type};

use super::{Subject, Verb, Write};

/// One effect of a statement on one subject.
pub(super) struct Effect {
    /// What it is about.
    pub(super) subject: Subject,
    /// The claim; of requests the verb.
    pub(super) name: Arc<str>,
    /// What is done; the condition is still open.
    pub(super) write: Write,
    /// Of a write, its place among [`meaning::Meaning::writes`].
    pub(super) place: Option<usize>,
    /// Where the statement acts and its value is there.
    pub(super) fires: Formula,
    /// Where that makes a difference: nothing stronger is done to the claim.
    pub(super) matters: Formula,
}

/// All effects, in the order of the statements.
pub(super) fn of(study: &mut Study<'_>) -> Vec<Effect> {
    let mut found = claims(study);
    let normal = Normal::new(study.unit);
    for (index, statement) in study.unit.statements.iter().enumerate() {
        if let Action::Remove { claim, tokens } = &statement.action {
            let name: Arc<str> = study.meaning.name(*claim).to_string().into();
            let write = blank(statement, Verb::Remove);
            found.extend(on_tokens(*tokens, &name, &write, study.meaning.acts(index)));
        } else {
            found.extend(on_request(study, &normal, index, statement));
        }
    }
    found
}

fn on_tokens(tokens: Tokens, name: &Arc<str>, write: &Write, fires: Formula) -> impl Iterator<Item = Effect> {
    tokens.iter().map(move |token| Effect {
        subject: Subject::Token(token),
        name: name.clone(),
        write: write.clone(),
        place: None,
        fires,
        matters: fires,
    })
}

fn claims(study: &mut Study<'_>) -> Vec<Effect> {
    let unit = study.unit;
    let (normal, sizes) = (Normal::new(unit), Sizes::of(unit));
    let mut found = Vec::new();
    for group in study.groups().iter() {
        let all = group.writes.iter().filter_map(|index| Some((*index, study.write(*index)?)));
        let all: Vec<(usize, meaning::Write)> = all.collect();
        let among: Vec<&meaning::Write> = all.iter().map(|(_, write)| write).collect();
        // A write whose name is not known before a request stands in the groups of others, too.
        for (place, write) in all.iter().filter(|(_, write)| write.name == group.name) {
            let Some(mut described) = described(unit, &normal, write) else { continue };
            let name = name_of(&write.name);
            described.max_bytes = bytes(&sizes, study, write);
            for token in write.tokens.iter() {
                let matters = study.meaning.is_effective(&mut study.f, write, token, &among);
                found.push(Effect {
                    subject: Subject::Token(token),
                    name: name.clone(),
                    write: described.clone(),
                    place: Some(*place),
                    fires: write.fires,
                    matters,
                });
            }
        }
    }
    found
}

/// The largest JSON of what a write writes, if it is bounded; of names that data decides with all of the names.
fn bytes(sizes: &Sizes<'_>, study: &Study<'_>, write: &meaning::Write) -> Option<u64> {
    let size = sizes.size(study.meaning.written(write.statement)?);
    let bytes = match (&write.part, &write.name) {
        (Some(part), _) => size.member(part).json,
        (None, Name::Members(prefix, _)) => size
            .members()
            .rest
            .map_or(0, |rest| rest.json.saturating_add(rest.most.saturating_mul(prefix.len() as u64))),
        (None, _) => size.json,
    };
    (bytes < u64::MAX).then_some(bytes)
}

fn name_of(name: &Name) -> Arc<str> {
    match name {
        Name::Members(prefix, Some(rest)) => {
            format!("{prefix}* matching {}", written::regex(rest.as_str())).into()
        }
        other => other.to_string().into(),
    }
}

fn blank(statement: &Statement, verb: Verb) -> Write {
    Write {
        verb,
        member: None,
        condition: Condition::Never,
        value: None,
        digest: None,
        ty: None,
        labels: Vec::new(),
        max_bytes: None,
        rule: statement.rule.clone(),
        place: statement.place.clone(),
    }
}

/// What a write of a claim does.
fn described(unit: &Unit, normal: &Normal<'_>, write: &meaning::Write) -> Option<Write> {
    let statement = unit.statements.get(write.statement)?;
    let (Action::Write { value, .. } | Action::Spread { value, .. }) = &statement.action else { return None };
    let verb = match write.level {
        Level::Default => Verb::Default,
        Level::Append => Verb::Append,
        Level::Add => Verb::Add,
        Level::Override => Verb::Override,
    };
    let mut found = Write { member: write.member.clone(), ..blank(statement, verb) };
    let (text, ty) = match &write.part {
        Some(part) => part_of(unit, normal, value, part, &mut found),
        None => (stated(unit, normal, value, &mut found), value.ty.clone()),
    };
    let text = match &statement.action {
        Action::Write { or_deny: Some(denial), .. } => {
            format!("{text} ?? deny {}", written::denial(denial))
        }
        _ => text,
    };
    let labels = ty.all_labels().indexes().filter_map(|label| unit.catalog.labels.get(label));
    found.labels = labels.cloned().collect();
    found.value = Some(text.into());
    found.ty = Some(ty.to_string().into());
    Some(found)
}

/// The text of a value; its digest is noted where the text does not say all.
fn stated(unit: &Unit, normal: &Normal<'_>, value: &Expr, write: &mut Write) -> String {
    let stated = written::expression(unit, value);
    if !stated.is_whole {
        write.digest = Some(digits(&normal.text(value)).into());
    }
    stated.text
}

/// The text and the type of one member of a record that is spread over claims.
fn part_of(unit: &Unit, normal: &Normal<'_>, value: &Expr, part: &str, write: &mut Write) -> (String, Type) {
    let ty = match &value.ty.kind {
        Kind::Record(record) => record.member(part).cloned(),
        _ => None,
    };
    let ty = ty.unwrap_or_else(|| value.ty.clone());
    if let ExprKind::Record(members) = &*value.kind {
        let last = members.iter().rev().find_map(|member| match member {
            Member::Named(name, value) if **name == *part => Some(Some(value)),
            Member::Named(..) => None,
            Member::Spread(_) => Some(None),
        });
        if let Some(Some(expr)) = last {
            return (stated(unit, normal, expr, write), ty);
        }
    }
    (stated(unit, normal, value, write) + &written::member(part), ty)
}

fn on_request(
    study: &mut Study<'_>,
    normal: &Normal<'_>,
    index: usize,
    statement: &Statement,
) -> Option<Effect> {
    let acts = study.meaning.acts(index);
    let (verb, value) = match &statement.action {
        Action::Deny(denial) => return Some(refusal(statement, denial, acts)),
        Action::Write { value, or_deny: Some(denial), tokens, .. } => {
            let Presence { there, no_user } = study.meaning.presence(&mut study.f, value);
            let gives: Vec<_> = tokens.iter().map(|token| study.meaning.gives(&mut study.f, token)).collect();
            let gives = study.f.any(gives);
            let fires = study.f.all([acts, gives, !there, !no_user]);
            return Some(refusal(statement, denial, fires));
        }
        Action::AddScope(value) => (Verb::AddScope, value),
        Action::RemoveScope(value) => (Verb::RemoveScope, value),
        Action::LimitScopes(value) => (Verb::LimitScopes, value),
        Action::SetAudience(value) => (Verb::SetAudience, value),
        Action::LimitLifetime(value) => (Verb::LimitLifetime, value),
        Action::Write { .. } | Action::Spread { .. } | Action::Remove { .. } => return None,
    };
    let there = study.meaning.presence(&mut study.f, value).there;
    let fires = study.f.both(acts, there);
    let mut write = blank(statement, verb);
    write.value = Some(stated(study.unit, normal, value, &mut write).into());
    write.ty = Some(value.ty.to_string().into());
    Some(Effect {
        subject: Subject::Request,
        name: verb.as_str().into(),
        write,
        place: None,
        fires,
        matters: fires,
    })
}

fn refusal(statement: &Statement, denial: &Denial, fires: Formula) -> Effect {
    let verb = Verb::Deny;
    let write = Write { value: Some(written::denial(denial).into()), ..blank(statement, verb) };
    Effect {
        subject: Subject::Request,
        name: verb.as_str().into(),
        write,
        place: None,
        fires,
        matters: fires,
    }
}
