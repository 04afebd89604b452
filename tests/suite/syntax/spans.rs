//! Visits every span of a tree, for the test that none begins or ends with white space and parents cover children.

use claimsc::ast::{
    Block, ClaimSubject, Expr, ExprKind, File, ItemKind, Member, Part, Statement, StatementKind, Type,
    TypeKind, Verb, VerbKind,
};
use claimsc::source::Span;

pub(super) fn all(file: &File) -> Vec<Span> {
    let mut spans = Spans(Vec::new());
    spans.0.extend(file.comments.iter().map(|comment| comment.span));
    for item in &file.items {
        spans.0.push(item.span);
        spans.0.extend(item.notes.doc.iter().map(|doc| doc.span));
        spans.0.extend(item.notes.allows.iter().flat_map(|a| [a.span, a.slug.span, a.reason.span]));
        spans.item(&item.kind);
    }
    spans.0
}

struct Spans(Vec<Span>);

impl Spans {
    fn item(&mut self, kind: &ItemKind) {
        match kind {
            ItemKind::Namespace { name, prefix } => self.0.extend([name.span, prefix.span]),
            ItemKind::Claim(it) => {
                match &it.subject {
                    ClaimSubject::Literal { alias, name } => self.0.extend([alias.span, name.span]),
                    ClaimSubject::Config { alias, path } => {
                        self.0.push(alias.span);
                        self.expr(path);
                    }
                    ClaimSubject::Existing(name) => self.0.push(name.span()),
                }
                self.0.extend(it.accepts.iter().map(|a| a.span));
                self.0.extend(it.overridable);
            }
            ItemKind::Let(it) => {
                self.0.push(it.name.span);
                self.expr(&it.value);
            }
            ItemKind::Table(it) => {
                for row in &it.rows {
                    self.0.push(row.span);
                    row.keys.iter().for_each(|key| self.expr(key));
                    self.expr(&row.value);
                }
            }
            ItemKind::Contract(it) => {
                for member in &it.members {
                    self.0.extend([member.span, member.claim.span()]);
                    self.ty(&member.ty);
                }
            }
            ItemKind::Ensure(it) => {
                self.0.extend(it.target.as_ref().map(|t| t.span));
                it.when.iter().for_each(|when| self.expr(when));
            }
            ItemKind::Rule { name, body } => {
                self.0.push(name.span);
                self.statement(body);
            }
            ItemKind::Statement(it) => self.statement(it),
        }
    }

    fn statement(&mut self, it: &Statement) {
        self.0.push(it.span);
        match &it.kind {
            StatementKind::If(it) => {
                for branch in &it.branches {
                    self.expr(&branch.condition);
                    self.block(&branch.body);
                }
                it.otherwise.iter().for_each(|block| self.block(block));
            }
            StatementKind::Block(it) => self.block(it),
            StatementKind::Let(it) => self.expr(&it.value),
            StatementKind::Verb(it) => self.verb(it),
            StatementKind::Error => {}
        }
    }

    fn block(&mut self, it: &Block) {
        self.0.push(it.span);
        self.0.extend(it.target.as_ref().map(|t| t.span));
        it.statements.iter().for_each(|it| self.statement(it));
    }

    fn verb(&mut self, it: &Verb) {
        if let Some(target) = &it.target {
            self.0.push(target.span);
            self.0.extend(target.tokens.iter().map(|(_, span)| *span));
        }
        it.unless.iter().for_each(|it| self.expr(it));
        match &it.kind {
            VerbKind::Write { claim, value, matching, .. } => {
                self.0.extend([claim.span, claim.name.span()]);
                self.expr(value);
                self.0.extend(matching.as_ref().map(|m| m.span));
            }
            VerbKind::Remove(claim) => self.0.push(claim.span),
            VerbKind::Deny(it) => self.0.extend([it.span, it.text.span]),
            VerbKind::AddScope(it)
            | VerbKind::RemoveScope(it)
            | VerbKind::LimitScopes(it)
            | VerbKind::SetAudience(it)
            | VerbKind::LimitLifetime(it) => self.expr(it),
        }
    }

    fn ty(&mut self, it: &Type) {
        self.0.push(it.span);
        match &*it.kind {
            TypeKind::Error | TypeKind::Named(_) => {}
            TypeKind::Enum(words) => self.0.extend(words.iter().map(|w| w.span)),
            TypeKind::List(inner) | TypeKind::Map(inner) | TypeKind::Optional(inner) => self.ty(inner),
            TypeKind::Record { members, .. } => {
                for (name, it) in members {
                    self.0.push(name.span);
                    self.ty(it);
                }
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of expression")]
    fn expr(&mut self, it: &Expr) {
        self.0.push(it.span);
        let before = self.0.len();
        match &*it.kind {
            ExprKind::Template(parts) => parts.iter().for_each(|part| {
                if let Part::Value(it) = part {
                    self.expr(it);
                }
            }),
            ExprKind::List(list) => list.iter().for_each(|e| self.expr(&e.value)),
            ExprKind::Record(members) => members.iter().for_each(|member| match member {
                Member::Named { name, value } => {
                    self.0.push(name.span);
                    self.expr(value);
                }
                Member::Spread(value) => self.expr(value),
            }),
            ExprKind::Member { object, name } => {
                self.expr(object);
                self.0.push(name.span);
            }
            ExprKind::Index { object, index } => {
                self.expr(object);
                index.iter().for_each(|it| self.expr(it));
            }
            ExprKind::Call { function, arguments } => {
                self.0.push(function.span);
                arguments.iter().for_each(|it| self.expr(it));
            }
            ExprKind::Method { receiver, name, arguments } => {
                self.expr(receiver);
                self.0.push(name.span);
                arguments.iter().for_each(|it| self.expr(it));
            }
            ExprKind::Lambda { param, body } => {
                self.0.push(param.span);
                self.expr(body);
            }
            ExprKind::If { condition, then, otherwise } => {
                [condition, then, otherwise].into_iter().for_each(|it| self.expr(it));
            }
            ExprKind::Match { subject, arms } => {
                self.expr(subject);
                for arm in arms {
                    self.0.push(arm.span);
                    arm.patterns.iter().for_each(|it| self.expr(it));
                    self.expr(&arm.value);
                }
            }
            ExprKind::And(list) | ExprKind::Or(list) | ExprKind::Coalesce(list) | ExprKind::Product(list) => {
                list.iter().for_each(|it| self.expr(it));
            }
            ExprKind::Sum(first, rest) => {
                self.expr(first);
                rest.iter().for_each(|(_, it)| self.expr(it));
            }
            ExprKind::Compare { left, right, .. } | ExprKind::In { element: left, list: right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Not(it) | ExprKind::Negate(it) | ExprKind::Exists(it) | ExprKind::Failed(it) => {
                self.expr(it);
            }
            ExprKind::As(it, ty) => {
                self.expr(it);
                self.ty(ty);
            }
            ExprKind::Deny(it) => self.0.push(it.span),
            ExprKind::Error
            | ExprKind::Bool(_)
            | ExprKind::Null
            | ExprKind::Omit
            | ExprKind::Number(_)
            | ExprKind::Duration(_)
            | ExprKind::Regex(_)
            | ExprKind::Name(_) => {}
        }
        for child in &self.0[before..] {
            assert!(
                it.span.start <= child.start && child.end <= it.span.end,
                "{it:?} does not cover {child:?}"
            );
        }
    }
}
