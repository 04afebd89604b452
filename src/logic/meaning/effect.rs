//! What statements do to claims: writes, and where they have an effect.

use std::rc::Rc;
use std::sync::Arc;

use regex::Regex;

use super::{Case, Meaning, Presence, Term};
use crate::ast::Level;
use crate::ir::{Action, ClaimId, ClaimName, Expr, ExprKind, Member};
use crate::logic::atom::{Atom, Role};
use crate::logic::formula::{Formula, Formulas};
use crate::logic::lemma::Lemma;
use crate::logic::text::TextPattern;
use crate::source::Span;
use crate::standard::{Token, Tokens};
use crate::ty::{Kind, Labels, Type};
use crate::value::Value;

/// The name of a claim, as far as it is known before a request.
#[derive(Debug, Clone)]
pub enum Name {
    /// This one.
    Literal(Arc<str>),
    /// What `config` says; the name of the attribute.
    Config(Arc<str>),
    /// Any name that starts so, with a rest that the expression describes: the members of a map.
    Members(Arc<str>, Option<Arc<Regex>>),
}

impl Name {
    /// Whether two writes can be about one claim.
    pub fn may_be(&self, other: &Name) -> bool {
        match (self, other) {
            (Name::Literal(a), Name::Literal(b)) | (Name::Config(a), Name::Config(b)) => a == b,
            (Name::Members(prefix, rest), Name::Literal(name))
            | (Name::Literal(name), Name::Members(prefix, rest)) => name
                .strip_prefix(&**prefix)
                .is_some_and(|member| !member.is_empty() && rest.as_ref().is_none_or(|r| r.is_match(member))),
            (Name::Members(a, _), Name::Members(b, _)) => a.starts_with(&**b) || b.starts_with(&**a),
            (Name::Config(_), _) | (_, Name::Config(_)) => true,
        }
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Name::Literal(a), Name::Literal(b)) | (Name::Config(a), Name::Config(b)) => a == b,
            (Name::Members(a, x), Name::Members(b, y)) => {
                a == b && x.as_ref().map(|r| r.as_str()) == y.as_ref().map(|r| r.as_str())
            }
            _ => false,
        }
    }
}

impl Eq for Name {}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Name::Literal(name) => f.write_str(name),
            Name::Config(attribute) => f.write_str(attribute),
            Name::Members(prefix, _) => write!(f, "{prefix}*"),
        }
    }
}

/// One write of one claim, or of a member of it. A spread is as many writes as its value has known members, and one of
/// [`Name::Members`] for the others.
#[derive(Debug, Clone)]
pub struct Write {
    /// Into the unit's statements.
    pub statement: usize,
    /// The claim.
    pub name: Name,
    /// The member of an object claim.
    pub member: Option<Arc<str>>,
    /// How strongly.
    pub level: Level,
    /// The tokens.
    pub tokens: Tokens,
    /// Where it fires: its statement acts and the value is there. That the grant gives the token is not part of it.
    pub fires: Formula,
    /// The member of a spread value that is written.
    pub part: Option<Arc<str>>,
}

impl Meaning<'_> {
    /// The name of a claim.
    pub fn name(&self, claim: ClaimId) -> Name {
        match self.unit.claims.get(claim.index()).map(|claim| &claim.name) {
            Some(ClaimName::Literal(name)) => Name::Literal(name.clone()),
            Some(ClaimName::Config(slot)) => {
                let path = self.slot_path(*slot);
                match self.constant(&path) {
                    Some(Some(Value::String(name))) => Name::Literal(name),
                    _ => Name::Config(path.to_string().into()),
                }
            }
            None => Name::Literal("".into()),
        }
    }

    pub(super) fn writes_of(&mut self, f: &mut Formulas, index: usize) -> Vec<Write> {
        let unit = self.unit;
        let Some(statement) = unit.statements.get(index) else { return Vec::new() };
        let acts = self.acts(index);
        match &statement.action {
            Action::Write { level, claim, member, value, tokens, .. } => {
                let there = self.presence(f, value).there;
                let named = self.is_named(f, *claim);
                let fires = f.all([acts, there, named]);
                let name = self.name(*claim);
                let member = member.clone();
                vec![Write {
                    statement: index,
                    name,
                    member,
                    level: *level,
                    tokens: *tokens,
                    fires,
                    part: None,
                }]
            }
            Action::Spread { level, prefix, value, matching, tokens } => {
                let there = self.presence(f, value).there;
                let write = |name, part, fires| Write {
                    statement: index,
                    name,
                    member: None,
                    level: *level,
                    tokens: *tokens,
                    fires,
                    part,
                };
                let (known, is_open) = match &value.ty.kind {
                    Kind::Record(record) => {
                        (record.members.iter().map(|(name, _)| name.clone()).collect(), record.open)
                    }
                    _ => (Vec::new(), true),
                };
                let mut writes = Vec::new();
                for member in known {
                    if matching.as_ref().is_some_and(|regex| !regex.is_match(&member)) {
                        continue;
                    }
                    let has = self.part_there(f, value, &member);
                    let fires = f.all([acts, there, has]);
                    let name = Name::Literal(format!("{prefix}{member}").into());
                    writes.push(write(name, Some(member), fires));
                }
                if is_open {
                    let key = format!("{} has other members", self.normal.text(value));
                    let some = self.opaque_text(f, key, value.span);
                    let fires = f.all([acts, there, some]);
                    writes.push(write(Name::Members(prefix.clone(), matching.clone()), None, fires));
                }
                writes
            }
            _ => Vec::new(),
        }
    }

    /// The value that a statement writes.
    pub fn written(&self, statement: usize) -> Option<&Expr> {
        match &self.unit.statements.get(statement)?.action {
            Action::Write { value, .. } | Action::Spread { value, .. } => Some(value),
            _ => None,
        }
    }

    /// Where the value of a spread has a member.
    fn part_there(&mut self, f: &mut Formulas, value: &Expr, member: &Arc<str>) -> Formula {
        if let Some(cases) = self.part_cases(f, value, member) {
            f.any(cases.iter().map(|case| case.when))
        } else {
            let key = format!("{} has {member:?}", self.normal.text(value));
            self.opaque_text(f, key, value.span)
        }
    }

    /// The values that a member of a record may have; `None` where that is not understood.
    fn part_cases(&mut self, f: &mut Formulas, value: &Expr, member: &Arc<str>) -> Option<Vec<Case>> {
        if let ExprKind::Record(members) = &*value.kind {
            let found = members.iter().rev().find_map(|one| match one {
                Member::Named(name, expr) if name == member => Some(Some(expr)),
                Member::Named(..) => None,
                Member::Spread(_) => Some(None),
            })?;
            return Some(self.cases(f, found?).to_vec());
        }
        let kind = match &value.ty.kind {
            Kind::Record(record) => record.member(member).map_or(Kind::Json, |ty| ty.kind.clone()),
            Kind::Map(element) => element.kind.clone(),
            _ => return None,
        };
        self.member_cases(f, value, member, &kind)
    }

    /// Where a write fires and is about the claim of a name.
    pub fn fires_as(&mut self, f: &mut Formulas, write: &Write, name: &Name) -> Formula {
        let (Name::Members(prefix, matching), Name::Literal(literal)) = (&write.name, name) else {
            let span = self.unit.statements.get(write.statement).map(|statement| statement.span);
            let same = self.same_name(f, &write.name, name, span);
            return f.both(write.fires, same);
        };
        let member = literal.strip_prefix(&**prefix).filter(|member| !member.is_empty());
        let is_free = |member: &str| matching.as_ref().is_none_or(|regex| regex.is_match(member));
        let Some(member) = member.filter(|member| is_free(member)) else { return Formula::FALSE };
        let unit = self.unit;
        let Some(Action::Spread { value, .. }) =
            unit.statements.get(write.statement).map(|statement| &statement.action)
        else {
            return Formula::FALSE;
        };
        if matches!(&value.ty.kind, Kind::Record(record) if record.member(member).is_some()) {
            // That is a write of its own.
            return Formula::FALSE;
        }
        let has = self.part_there(f, value, &member.into());
        let there = self.presence(f, value).there;
        let acts = self.acts(write.statement);
        f.all([acts, there, has])
    }

    /// Where two names are one.
    pub fn same_name(&mut self, f: &mut Formulas, a: &Name, b: &Name, span: Option<Span>) -> Formula {
        match (a, b) {
            (Name::Config(attribute), Name::Literal(name))
            | (Name::Literal(name), Name::Config(attribute)) => {
                let path = self.unit.claims.iter().find_map(|claim| match &claim.name {
                    ClaimName::Config(slot) => {
                        Some(self.slot_path(*slot)).filter(|path| path.to_string() == **attribute)
                    }
                    ClaimName::Literal(_) => None,
                });
                let Some(path) = path else { return Formula::FALSE };
                self.text_test(f, &Arc::new(path), &[], TextPattern::Equals(name.clone()), false)
            }
            _ if a == b => Formula::TRUE,
            _ if !a.may_be(b) => Formula::FALSE,
            _ => {
                let (first, second) = if a.to_string() < b.to_string() { (a, b) } else { (b, a) };
                let key = format!("{first} is {second}");
                match span {
                    Some(span) => self.opaque_text(f, key, span),
                    None => f.atom(Atom::Opaque(key.into(), Role::Holds)),
                }
            }
        }
    }

    /// Where what a write writes carries some of these labels.
    pub fn written_labelled(&mut self, f: &mut Formulas, write: &Write, labels: Labels) -> Formula {
        let unit = self.unit;
        let Some(value) =
            unit.statements.get(write.statement).and_then(|statement| match &statement.action {
                Action::Write { value, .. } | Action::Spread { value, .. } => Some(value),
                _ => None,
            })
        else {
            return Formula::FALSE;
        };
        let Some(part) = &write.part else { return self.labelled(f, value, labels) };
        if let ExprKind::Record(members) = &*value.kind {
            let named = members.iter().rev().find_map(|member| match member {
                Member::Named(name, expr) if name == part => Some(Some(expr)),
                Member::Named(..) => None,
                Member::Spread(_) => Some(None),
            });
            if let Some(Some(expr)) = named {
                return self.labelled(f, expr, labels);
            }
        }
        let carried = match &value.ty.kind {
            Kind::Record(record) => record.member(part).map_or(value.ty.all_labels(), Type::all_labels),
            _ => value.ty.all_labels(),
        };
        Formula::from(carried.or(value.ty.labels).meets(labels))
    }

    /// The values that a write may write.
    pub fn written_cases(&mut self, f: &mut Formulas, write: &Write) -> Rc<[Case]> {
        let unit = self.unit;
        let action = unit.statements.get(write.statement).map(|statement| &statement.action);
        let Some(Action::Write { value, .. } | Action::Spread { value, .. }) = action else {
            return Rc::from([]);
        };
        let Some(part) = &write.part else { return self.cases(f, value) };
        if let Some(cases) = self.part_cases(f, value, part) {
            cases.into()
        } else {
            let key = format!("{} [{part:?}]", self.normal.text(value));
            Rc::from([Case { when: write.fires, term: Term::Opaque(key.into()) }])
        }
    }

    /// The normal text of what a write writes: equal texts are equal values.
    pub fn written_text(&self, write: &Write) -> Arc<str> {
        let text = self.written(write.statement).map(|value| self.normal.text(value)).unwrap_or_default();
        match &write.part {
            Some(part) => format!("{text} [{part:?}]").into(),
            None => text,
        }
    }

    /// Where a `remove` of this policy takes a claim out of a token, or may.
    pub fn removed(&self, f: &mut Formulas, name: &Name, token: Token) -> Formula {
        if !f.knows(Lemma::Removals) {
            return Formula::FALSE;
        }
        let mut removals = Vec::new();
        for (index, statement) in self.unit.statements.iter().enumerate() {
            if let Action::Remove { claim, tokens } = &statement.action
                && tokens.contains(token)
                && self.name(*claim).may_be(name)
            {
                removals.push(self.acts(index));
            }
        }
        f.any(removals)
    }

    /// Where a write reaches a token: it fires, the grant gives the token, nothing stronger fires and nothing removes
    /// the claim. `among` are the writes that may be about the same claim.
    pub fn is_effective(&self, f: &mut Formulas, write: &Write, token: Token, among: &[&Write]) -> Formula {
        let stronger = self.beaten(f, write, token, among);
        let gives = self.gives(f, token);
        let removed = self.removed(f, &write.name, token);
        f.all([write.fires, gives, !stronger, !removed])
    }

    /// Where another write beats one, were it to fire: a stronger level of the same claim or member; a whole value over
    /// members, but for a `default`, which any member beats.
    pub fn beaten(&self, f: &mut Formulas, write: &Write, token: Token, among: &[&Write]) -> Formula {
        if !f.knows(Lemma::Levels) {
            return Formula::FALSE;
        }
        let mut stronger = Vec::new();
        for other in among {
            let beats = match (&write.member, &other.member) {
                (None, None) => rank(other.level) > rank(write.level),
                (Some(own), Some(member)) => own == member && rank(other.level) > rank(write.level),
                (Some(_), None) => other.level != Level::Default,
                (None, Some(_)) => write.level == Level::Default,
            };
            if beats && other.tokens.contains(token) && other.name == write.name {
                stronger.push(other.fires);
            }
        }
        f.any(stronger)
    }

    /// Where two values are equal for sure; what is not understood is an opaque atom. Both belong to requests in which
    /// both are written.
    pub fn same_values(
        &mut self,
        f: &mut Formulas,
        (a, a_text): (&[Case], &Arc<str>),
        (b, b_text): (&[Case], &Arc<str>),
        span: Span,
    ) -> Formula {
        if !f.knows(Lemma::EqualValues) {
            return Formula::FALSE;
        }
        if a_text == b_text {
            return Formula::TRUE;
        }
        let (first, second) = if a_text < b_text { (a_text, b_text) } else { (b_text, a_text) };
        let mut parts = Vec::new();
        for one in a {
            for other in b {
                let both = f.both(one.when, other.when);
                if both == Formula::FALSE {
                    continue;
                }
                let same = match self.same(f, &one.term, &other.term, false) {
                    Some(same) => same,
                    None => self.opaque_text(f, format!("{first} equals {second}"), span),
                };
                parts.push(f.both(both, same));
            }
        }
        f.any(parts)
    }

    /// The labels that what a write writes may carry.
    pub fn written_labels(&self, write: &Write) -> Labels {
        let Some(value) = self.written(write.statement) else { return Labels::NONE };
        match (&self.unit.statements.get(write.statement).map(|s| &s.action), &value.ty.kind) {
            (Some(Action::Spread { .. }), Kind::Record(record)) => {
                let member = write.part.as_ref().and_then(|part| record.member(part));
                value.ty.labels.or(member.map(Type::all_labels).unwrap_or_default())
            }
            _ => value.ty.all_labels(),
        }
    }

    /// Where a value carries some of these labels: which branch of an `if` or `match` is taken, and which operand of
    /// `??`, tells.
    pub fn labelled(&mut self, f: &mut Formulas, expr: &Expr, labels: Labels) -> Formula {
        if !expr.ty.all_labels().meets(labels) {
            return Formula::FALSE;
        }
        let unit = self.unit;
        match &*expr.kind {
            ExprKind::Let(id) => match unit.lets.get(id.index()) {
                Some(binding) => self.labelled(f, &binding.value, labels),
                None => Formula::TRUE,
            },
            ExprKind::If { condition, then, otherwise, .. } => {
                let holds = self.truth(f, condition).yes;
                let (then, otherwise) = (self.labelled(f, then, labels), self.labelled(f, otherwise, labels));
                let (then, otherwise) = (f.both(holds, then), f.both(!holds, otherwise));
                f.either(then, otherwise)
            }
            ExprKind::Match { subject, arms, otherwise, fold, .. } => {
                let Some(taken) = self.arms(f, subject, arms, *fold) else { return Formula::TRUE };
                let values = arms.iter().map(|(_, value)| value).chain(otherwise);
                let mut parts = Vec::new();
                for (when, value) in taken.into_iter().zip(values) {
                    let carries = self.labelled(f, value, labels);
                    parts.push(f.both(when, carries));
                }
                f.any(parts)
            }
            ExprKind::Coalesce(operands) => {
                let mut reached = Formula::TRUE;
                let mut parts = Vec::new();
                for operand in operands {
                    let carries = self.labelled(f, operand, labels);
                    let Presence { there, no_user } = self.presence(f, operand);
                    parts.push(f.all([reached, there, carries]));
                    reached = f.all([reached, !there, !no_user]);
                }
                f.any(parts)
            }
            // What is made of parts has the labels of these parts.
            ExprKind::Template(parts) | ExprKind::Join(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.labelled(f, part, labels)).collect();
                f.any(parts)
            }
            ExprKind::List(elements) => {
                let parts: Vec<_> = elements.iter().map(|e| self.labelled(f, &e.value, labels)).collect();
                f.any(parts)
            }
            ExprKind::As(inner, _) => self.labelled(f, inner, labels),
            _ => Formula::TRUE,
        }
    }
}

/// A set counts as an add.
fn rank(level: Level) -> u8 {
    match level {
        Level::Default => 0,
        Level::Append | Level::Add => 1,
        Level::Override => 2,
    }
}
