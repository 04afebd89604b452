//! What guards must be: known where they restrict, without traps where they grant, and about what is known already.

use super::path::literal_of;
use super::reads::Reads;
use super::statement::Frame;
use super::{Lowerer, codes};
use crate::catalog::Root;
use crate::diag::{Applicability, Diagnostic};
use crate::ir::{Action, Expr, ExprKind, Stage};
use crate::source::Span;

impl<'a> Lowerer<'a> {
    /// Checks the guard of a statement.
    pub(super) fn check_guard(&mut self, action: &Action, unless: Option<&Expr>, span: Span, frame: &Frame) {
        // Reporting needs the rest of the lowering while it looks at the chains.
        let chains = std::mem::take(&mut self.chains);
        let own = frame.guard.iter().filter_map(|step| {
            let chain = chains.get(step.chain.index())?;
            chain.conditions.get(step.branch as usize).map(|condition| &condition.expr)
        });
        if action.is_restriction() {
            for condition in own {
                self.check_restriction(condition, span, "this restriction");
            }
            if let Some(earlier) = frame.behind_user.filter(|_| !frame.has_user) {
                self.report(
                    Diagnostic::new(&codes::SKIPPED_WITHOUT_USER, span, "without a user this restriction is skipped")
                        .also(earlier, "the chain ends here where there is no user")
                        .help("put the chain under `if user exists then { .. }`, or write the restriction by itself"),
                );
            }
        } else {
            for condition in own {
                self.check_traps(condition, true);
            }
        }
        self.chains = chains;
        if let Some(unless) = unless {
            self.check_traps(unless, false);
        }
    }

    /// Reports a condition that may be unknown where it may not be.
    pub(super) fn check_restriction(&mut self, condition: &Expr, span: Span, what: &str) {
        if !(condition.ty.optional || condition.needs_user) || !self.seen.insert(condition.span) {
            return;
        }
        let cause = cause(condition);
        let text = self.text(condition.span).to_owned();
        let place = self.text(cause.span).to_owned();
        let (message, test) = if cause.ty.optional {
            (format!("{what} depends on `{place}`, which may be absent"), format!("{place} exists"))
        } else {
            (format!("{what} depends on `{place}`, which needs a user"), "user exists".to_owned())
        };
        let bracketed = match &*condition.kind {
            ExprKind::Or(_) | ExprKind::If { .. } | ExprKind::Match { .. } => format!("({text})"),
            _ => text.clone(),
        };
        let missing = if cause.ty.optional { "it is missing" } else { "there is no user" };
        self.report(
            Diagnostic::new(&codes::UNKNOWN_GUARD, cause.span, message)
                .label("unknown where it is missing")
                .also(span, "decided by it")
                .help(format!("say what holds where {missing}: it applies only with `{test} and ..`, always with `not {test} or ..`"))
                .fix(
                    Applicability::Unsafe,
                    format!("do not apply it where {missing}"),
                    condition.span,
                    format!("{test} and {bracketed}"),
                )
                .fix(
                    Applicability::Unsafe,
                    format!("apply it where {missing}"),
                    condition.span,
                    format!("not {test} or {bracketed}"),
                ),
        );
    }

    /// Conditions that are true of nothing: `all` over an empty list, `is_empty` of an absent one.
    fn check_traps(&mut self, condition: &Expr, with_all: bool) {
        let mut open = vec![(condition, true)];
        let mut found: Vec<Diagnostic> = Vec::new();
        while let Some((expr, positive)) = open.pop() {
            match &*expr.kind {
                ExprKind::Not(inner) => open.push((inner, !positive)),
                ExprKind::And(all) | ExprKind::Or(all) => open.extend(all.iter().map(|e| (e, positive))),
                ExprKind::Call { builtin, receiver, .. } if positive => {
                    let text = self.text(receiver.span).to_owned();
                    if builtin.name() == "is_empty" && receiver.ty.optional {
                        found.push(
                            Diagnostic::new(
                                &codes::EMPTY_OR_ABSENT,
                                expr.span,
                                format!("this is true where `{text}` is missing, and then it grants"),
                            )
                            .help(format!(
                                "say what is meant: `{text} exists and ..`, or `not {text}.nonempty() exists`"
                            ))
                            .fix(
                                Applicability::Unsafe,
                                "demand that it is there",
                                expr.span.at_start(),
                                format!("{text} exists and "),
                            )
                            .fix(
                                Applicability::Unsafe,
                                "grant where it is missing too",
                                expr.span,
                                format!("not {text}.nonempty() exists"),
                            ),
                        );
                    }
                    if with_all && builtin.name() == "all" && may_be_empty(receiver) {
                        found.push(
                            Diagnostic::new(
                                &codes::ALL_OVER_EMPTY,
                                expr.span,
                                format!("this is true where `{text}` has no element, and then it grants"),
                            )
                            .help(format!("demand an element: `{text}.nonempty() exists and ..`")),
                        );
                    }
                }
                _ => {}
            }
        }
        for diagnostic in found {
            let guarded = self.text(condition.span).contains(".nonempty() exists and");
            let is_all = *diagnostic.code == codes::ALL_OVER_EMPTY;
            if !(is_all && guarded) && self.seen.insert(diagnostic.span) {
                self.report(diagnostic);
            }
        }
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
            Stage::Audience => ("`set audience`", format!("read `requested.{word}` instead")),
            _ => ("scope statements", "read `requested.scopes` instead".to_owned()),
        };
        self.report(
            Diagnostic::new(
                &codes::WRONG_STAGE,
                place,
                format!("`{word}` is not known yet: {verb} decide about it"),
            )
            .also(span, "carried out before")
            .help(help)
            .fix(
                Applicability::Unsafe,
                "read what was requested",
                place,
                requested(self.text(place), word),
            ),
        );
    }

    /// Scope names that no audience lists, where every audience lists its scopes.
    pub(super) fn check_scope_names(&mut self, member: &Expr, all: &Expr) {
        let is_scopes = match &*all.kind {
            ExprKind::Slot(id) => self.slots.get_index(id.index()).is_some_and(|slot| {
                slot.root == Root::Scopes || slot.path.last().is_some_and(|name| &**name == "scopes")
            }),
            _ => false,
        };
        if is_scopes && let Some(name) = literal_of(member).and_then(crate::value::Value::as_str) {
            self.check_scope_name(name, member.span);
        }
    }

    /// A scope that no token can have.
    pub(super) fn check_scope_name(&mut self, name: &str, span: Span) {
        let catalog = std::sync::Arc::clone(&self.catalog);
        let closed = catalog.audience_world == crate::catalog::World::Closed
            && !catalog.audiences.is_empty()
            && catalog.audiences.values().all(|audience| audience.scopes.is_some());
        let known = || {
            let listed = catalog.audiences.values().flat_map(|a| a.scopes.iter().flatten()).map(|s| &**s);
            listed.chain(crate::standard::OIDC_SCOPES.iter().copied())
        };
        if closed && !known().any(|scope| scope == name) {
            let diagnostic = Diagnostic::new(
                &codes::UNKNOWN_SCOPE,
                span,
                format!("no audience of claims.yaml has the scope \"{name}\""),
            );
            let near = crate::suggest::similar(name, known());
            self.report(match near {
                Some(near) => diagnostic.help(format!("did you mean \"{near}\"?")).fix(
                    Applicability::Unsafe,
                    format!("replace it by \"{near}\""),
                    span,
                    format!("\"{near}\""),
                ),
                None => diagnostic.help("list it under `scopes` of its audience in claims.yaml"),
            });
        }
    }
}

/// The text of a read with the input's name replaced by what was requested.
fn requested(text: &str, word: &str) -> String {
    text.replacen(word, &format!("requested.{word}"), 1)
}

/// The innermost part that makes a condition unknown.
fn cause(condition: &Expr) -> &Expr {
    let mut cause = condition;
    while let Some(inner) = cause.children().into_iter().find(|e| {
        let unknown = e.ty.optional || e.needs_user;
        // What needs a user only explains a condition that is certain otherwise.
        unknown && (e.ty.optional || !cause.ty.optional)
    }) {
        cause = inner;
    }
    cause
}

fn may_be_empty(list: &Expr) -> bool {
    !matches!(&*list.kind, ExprKind::List(elements) if elements.iter().any(|e| !e.spread && !e.value.ty.optional))
}
