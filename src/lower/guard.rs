//! What guards must be: known where they restrict, without traps where they grant, and about what is known already.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::path::literal_of;
use super::reads::Reads;
use super::statement::Frame;
use super::{Lowerer, codes};
use crate::ast::Comparison;
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{Expr, ExprKind, Stage, Step};
use crate::source::Span;
use crate::value::Value;

impl Lowerer<'_> {
    /// The conditions that must be true for a guard, innermost last.
    fn own_conditions(&self, guard: &[Step]) -> impl Iterator<Item = &Expr> {
        guard.iter().filter_map(|step| {
            let chain = self.chains.get(step.chain.index())?;
            chain.conditions.get(step.branch as usize).map(|c| &c.expr)
        })
    }

    /// Checks the guard of a statement; `restricts` says whether it must be known.
    pub(super) fn check_guard(&mut self, restricts: bool, unless: Option<&Expr>, span: Span, frame: &Frame) {
        let mut found = Vec::new();
        if restricts {
            let own = self.own_conditions(&frame.guard);
            found.extend(own.filter_map(|condition| self.unknown_guard(condition, span, "this restriction")));
            if let Some(earlier) = frame.behind_user.filter(|_| !frame.has_user) {
                found.push(
                    Diagnostic::new(&codes::SKIPPED_WITHOUT_USER, span, "without a user this restriction is skipped")
                        .also(earlier, "the chain ends here where there is no user")
                        .help("put the chain under `if user exists then { .. }`, or write the restriction by itself"),
                );
            }
        } else {
            let mut filled = BTreeSet::new();
            for condition in self.own_conditions(&frame.guard) {
                self.not_empty(condition, &mut filled);
            }
            for condition in self.own_conditions(&frame.guard) {
                self.traps(condition, Some(&filled), &mut found);
            }
        }
        if let Some(unless) = unless {
            self.traps(unless, None, &mut found);
        }
        for (place, diagnostic) in found.into_iter().map(|diagnostic| (diagnostic.span, diagnostic)) {
            // Statements under one condition share what is wrong with it.
            if *diagnostic.code == codes::SKIPPED_WITHOUT_USER || self.seen.insert(place) {
                self.report(diagnostic);
            }
        }
    }

    /// A condition that may be unknown where it may not be.
    pub(super) fn unknown_guard(&self, condition: &Expr, span: Span, what: &str) -> Option<Diagnostic> {
        if !(condition.ty.optional || condition.needs_user) {
            return None;
        }
        let of_user = !condition.ty.optional;
        let cause = cause(condition, of_user);
        let atom = atom(condition, cause);
        let place = self.text(cause.span);
        let (problem, missing) =
            if of_user { ("needs a user", "there is no user") } else { ("may be absent", "it is missing") };
        let diagnostic = Diagnostic::new(
            &codes::UNKNOWN_GUARD,
            cause.span,
            format!("{what} depends on `{place}`, which {problem}"),
        )
        .label(format!("unknown where {missing}"))
        .also(span, "decided by it");
        let is_place = self.tables().key(cause).is_some() && !is_in_lambda(cause);
        let tested = if of_user { "user" } else { place };
        let (help, without, with) = if of_user || is_place {
            let whole = if of_user { condition } else { atom };
            (
                format!("`{tested} exists and ..` or `not {tested} exists or ..`"),
                (whole, format!("{tested} exists and {}", self.operand(whole, true))),
                (atom, format!("not {tested} exists or {}", self.operand(atom, false))),
            )
        } else {
            let text = self.grouped(atom);
            (
                "`(..) ?? false` or `(..) ?? true`".to_owned(),
                (atom, format!("{text} ?? false")),
                (atom, format!("{text} ?? true")),
            )
        };
        let put = |diagnostic: Diagnostic, title: String, (part, text): (&Expr, String)| {
            let text = if part.span == condition.span { text } else { format!("({text})") };
            diagnostic.fix(Applicability::Unsafe, title, part.span, text)
        };
        let diagnostic = diagnostic.help(format!("say what holds where {missing}: {help}"));
        let diagnostic = put(diagnostic, format!("do not apply it where {missing}"), without);
        Some(put(diagnostic, format!("apply it where {missing}"), with))
    }

    /// The text of a condition as an operand of `and` (conjunction) or `or`.
    fn operand(&self, condition: &Expr, conjunction: bool) -> String {
        let needs_parentheses = match &*condition.kind {
            ExprKind::And(_) => !conjunction,
            ExprKind::Or(_) => conjunction,
            ExprKind::If { .. } | ExprKind::Match { .. } => true,
            _ => false,
        };
        let text = self.text(condition.span);
        if needs_parentheses { format!("({text})") } else { text.to_owned() }
    }

    /// The lists that have an element where a condition is true.
    fn not_empty(&self, condition: &Expr, filled: &mut BTreeSet<String>) {
        let mut open = vec![condition];
        let mut entered = BTreeSet::new();
        while let Some(condition) = open.pop() {
            let list = match &*condition.kind {
                ExprKind::And(all) => {
                    open.extend(all);
                    None
                }
                ExprKind::Let(id) => {
                    let is_new = entered.insert(*id);
                    open.extend(self.lets.get(id.index()).filter(|_| is_new).map(|item| &item.value));
                    None
                }
                ExprKind::Exists(inner) => match &*inner.kind {
                    ExprKind::Call { builtin, receiver, .. }
                        if matches!(builtin.name(), "nonempty" | "first" | "last") =>
                    {
                        Some(receiver)
                    }
                    ExprKind::Index(list, _) => Some(list),
                    _ => None,
                },
                ExprKind::Not(inner) => match &*inner.kind {
                    ExprKind::Call { builtin, receiver, .. } if builtin.name() == "is_empty" => {
                        Some(receiver)
                    }
                    _ => None,
                },
                ExprKind::Call { builtin, receiver, .. } if builtin.name() == "any" => Some(receiver),
                ExprKind::In { list, .. } => Some(list),
                ExprKind::Compare { operator: Comparison::Greater, left, right, .. } => match &*left.kind {
                    ExprKind::Call { builtin, receiver, .. }
                        if builtin.name() == "length"
                            && literal_of(right).and_then(Value::as_int).is_some_and(|least| least >= 0) =>
                    {
                        Some(receiver)
                    }
                    _ => None,
                },
                _ => None,
            };
            filled.extend(list.and_then(|list| self.tables().key(list)));
        }
    }

    /// Conditions that are true of nothing: `is_empty` of an absent list and, where it is told which lists have an
    /// element, `all` over any other.
    fn traps(&self, condition: &Expr, filled: Option<&BTreeSet<String>>, found: &mut Vec<Diagnostic>) {
        let mut open = vec![(condition, true, filled.cloned().map(Rc::new))];
        let mut entered = BTreeSet::new();
        while let Some((expr, positive, filled)) = open.pop() {
            match &*expr.kind {
                ExprKind::Not(inner) => open.push((inner, !positive, filled)),
                ExprKind::And(all) => {
                    let filled = filled.map(|mut filled| {
                        for e in all {
                            self.not_empty(e, Rc::make_mut(&mut filled));
                        }
                        filled
                    });
                    open.extend(all.iter().map(|e| (e, positive, filled.clone())));
                }
                ExprKind::Or(all) => open.extend(all.iter().map(|e| (e, positive, filled.clone()))),
                ExprKind::Let(id) => {
                    let is_new = entered.insert((*id, positive));
                    let value = self.lets.get(id.index()).filter(|_| is_new).map(|item| &item.value);
                    open.extend(value.map(|value| (value, positive, filled)));
                }
                ExprKind::Call { builtin, receiver, .. } if positive => {
                    let key = self.tables().key(receiver);
                    let is_filled =
                        |all: &Rc<BTreeSet<String>>| key.as_ref().is_some_and(|key| all.contains(key));
                    if builtin.name() == "is_empty" && receiver.ty.optional {
                        found.push(self.empty_or_absent(expr, receiver, key.is_some(), filled.is_some()));
                    }
                    if builtin.name() == "all"
                        && filled.as_ref().is_some_and(|all| !is_filled(all))
                        && may_be_empty(receiver)
                    {
                        found.push(self.all_over_empty(expr, receiver, key.is_some()));
                    }
                }
                _ => {}
            }
        }
    }

    fn all_over_empty(&self, expr: &Expr, receiver: &Expr, is_place: bool) -> Diagnostic {
        let text = self.text(receiver.span);
        let diagnostic = Diagnostic::new(
            &codes::ALL_OVER_EMPTY,
            expr.span,
            format!("this is true where `{text}` has no element, and then it grants"),
        )
        .help(format!("demand an element: `{text}.nonempty() exists and ..`"));
        if !is_place || !expr.span.contains(receiver.span) {
            return diagnostic;
        }
        let demanded = format!("({text}.nonempty() exists and {})", self.text(expr.span));
        diagnostic.fix(Applicability::Unsafe, "demand an element", expr.span, demanded)
    }

    fn empty_or_absent(&self, expr: &Expr, receiver: &Expr, is_place: bool, grants: bool) -> Diagnostic {
        let text = self.text(receiver.span);
        let effect = if grants { "it grants" } else { "the restriction does not apply" };
        let diagnostic = Diagnostic::new(
            &codes::EMPTY_OR_ABSENT,
            expr.span,
            format!("this is true where `{text}` is missing, and then {effect}"),
        )
        .help(format!("say what is meant: `{text} exists and ..`, or `not {text}.nonempty() exists`"));
        // In the expansion of a function the texts stand elsewhere.
        if !expr.span.contains(receiver.span) {
            return diagnostic;
        }
        let diagnostic = if is_place {
            let both = format!("({text} exists and {})", self.text(expr.span));
            diagnostic.fix(Applicability::Unsafe, "demand that it is there", expr.span, both)
        } else {
            diagnostic
        };
        diagnostic.fix(
            Applicability::Unsafe,
            "mean a missing one too",
            expr.span,
            format!("not {text}.nonempty() exists"),
        )
    }

    /// Reports what is read before it is known.
    pub(super) fn check_stage(&mut self, stage: Stage, reads: &Reads, span: Span) {
        let early = match stage {
            Stage::Audience => reads.audience.map(|place| ("audience", place)),
            Stage::Scopes | Stage::Claims => None,
        };
        let scopes = reads.scopes.filter(|_| stage != Stage::Claims).map(|place| ("scopes", place));
        let Some((word, place)) = early.or(scopes) else { return };
        let (verb, help) = match stage {
            Stage::Audience => ("`set audience` decides", format!("read `requested.{word}` instead")),
            _ => ("scope statements decide", "read `requested.scopes` instead".to_owned()),
        };
        let diagnostic = Diagnostic::new(
            &codes::WRONG_STAGE,
            place,
            format!("`{word}` is not known yet: {verb} about it"),
        )
        .also(span, "carried out before")
        .help(help);
        let text = self.text(place);
        // In the expansion of a function the word stands elsewhere.
        if text.matches(word).count() != 1 {
            return self.report(diagnostic);
        }
        let replaced = text.replacen(word, &format!("requested.{word}"), 1);
        self.report(diagnostic.fix(Applicability::Unsafe, "read what was requested", place, replaced));
    }
}

/// The part that makes a condition unknown (with `of_user`: that needs a user) and stands in its text: the first
/// place on the way, else the innermost part.
fn cause(condition: &Expr, of_user: bool) -> &Expr {
    let explains = |e: &Expr| if of_user { e.needs_user } else { e.ty.optional };
    let mut cause = condition;
    while let Some(inner) =
        cause.children().into_iter().find(|e| explains(e) && condition.span.contains(e.span))
    {
        // That the parts of a place are there does not say that the place is.
        let is_place = matches!(
            &*cause.kind,
            ExprKind::Member(..) | ExprKind::Index(..) | ExprKind::Lookup { .. } | ExprKind::As(..)
        );
        if is_place && !of_user {
            break;
        }
        cause = inner;
    }
    cause
}

/// The operand of `and` and `or` that a part of a condition stands in.
fn atom<'e>(condition: &'e Expr, part: &Expr) -> &'e Expr {
    let mut atom = condition;
    while let ExprKind::And(all) | ExprKind::Or(all) = &*atom.kind {
        let Some(operand) = all.iter().find(|e| e.span.contains(part.span)) else { break };
        atom = operand;
    }
    atom
}

/// Whether an expression reads the parameter of a lambda, which has no meaning outside.
fn is_in_lambda(expr: &Expr) -> bool {
    expr.any(&[], |e| matches!(&*e.kind, ExprKind::Local(_)))
}

fn may_be_empty(list: &Expr) -> bool {
    !matches!(&*list.kind, ExprKind::List(elements) if elements.iter().any(|e| !e.spread && !e.value.ty.optional))
}
