//! Verbs: what a statement does, with its target and its values.

use std::sync::Arc;

use super::claim::element;
use super::context::Context;
use super::expr::At;
use super::identity::Subject;
use super::path::literal_of;
use super::promise::targets;
use super::statement::Frame;
use super::{Lowerer, codes};
use crate::ast::{self, ExprKind as Ast, Level, VerbKind};
use crate::builtins;
use crate::catalog::Root;
use crate::diag::{Applicability, Diagnostic, Edit};
use crate::ir::{Action, ClaimName, Denial, Expr, Statement};
use crate::source::Span;
use crate::standard::{self, Tokens};
use crate::ty::{Kind, Type};
use crate::value::Value;

impl<'a> Lowerer<'a> {
    pub(super) fn verb(&mut self, verb: &'a ast::Verb, span: Span, cx: &Context<'a>, frame: &Frame) {
        let unless = verb.unless.as_ref().map(|ast| self.condition(ast, cx));
        self.check_guard(restricts(&verb.kind), unless.as_ref(), span, frame);
        let Some(action) = self.action(verb, cx, frame) else { return };
        if let Some(unless) = &unless
            && !takes_unless(&action)
        {
            self.misplaced_unless(unless, span);
        }
        let subject = subject(&verb.kind).unwrap_or(span);
        let statement = Statement { subject, ..self.statement_of(action, unless, span, frame) };
        self.statements.push(statement);
    }

    fn misplaced_unless(&mut self, unless: &Expr, span: Span) {
        let condition = format!("if not {} then ", self.grouped(unless));
        let diagnostic = Diagnostic::new(
            &codes::MISPLACED_UNLESS,
            unless.span,
            "`unless` stands only behind `deny`, `remove` and `limit`",
        )
        .also(span, "this writes or grants something")
        .help(format!("write `{condition}..`, and mind that nothing happens where the condition is unknown"));
        let before = Span { end: unless.span.start, ..span };
        let Some(word) = self.text(before).rfind("unless").and_then(|at| u32::try_from(at).ok()) else {
            return self.report(diagnostic);
        };
        self.report(diagnostic.fix_many(
            Applicability::Unsafe,
            "put the condition before it",
            vec![
                Edit { span: span.at_start(), text: condition },
                Edit { span: Span { start: span.start + word, ..span }, text: String::new() },
            ],
        ));
    }

    fn statement_of(&mut self, action: Action, unless: Option<Expr>, span: Span, frame: &Frame) -> Statement {
        let mut reads = frame.reads.clone();
        if let Some(unless) = &unless {
            reads.add(&self.reads(unless));
        }
        let (handles_failure, mentions_actor) = (reads.failures.clone(), reads.actor);
        if let Some(value) = action.value() {
            reads.add(&self.reads(value));
        }
        self.check_stage(action.stage(), &reads, span);
        if let Action::Write { claim, .. } | Action::Remove { claim, .. } = &action
            && let Some((_, data)) = self.claims.get_index(claim.index())
            && let ClaimName::Config(slot) = data.name
        {
            reads.slots.insert(slot);
        }
        Statement {
            guard: frame.guard.clone(),
            unless,
            span,
            subject: span,
            place: self.sources.place(span).into(),
            rule: frame.rule.clone(),
            reads: reads.slots.into_iter().collect(),
            handles_failure: handles_failure.into_iter().collect(),
            mentions_actor,
            allows: frame.allows.clone(),
            action,
        }
    }

    fn action(&mut self, verb: &'a ast::Verb, cx: &Context<'a>, frame: &Frame) -> Option<Action> {
        let tokens = self.target(verb).or(frame.target);
        match &verb.kind {
            VerbKind::Write { level, claim, value, matching } => {
                let tokens = tokens.unwrap_or(Tokens::ACCESS);
                match &claim.name {
                    ast::ClaimName::All { namespace, span } => {
                        if *level == Level::Append || claim.member.is_some() {
                            let message = "`*` stands for whole claims, one for each member";
                            self.say(&codes::BAD_CLAIM_NAME, *span, message);
                        }
                        let prefix = self.namespace(namespace);
                        let (value, matching) = self.spread(*level, claim, value, matching.as_ref(), cx)?;
                        Some(Action::Spread {
                            level: *level,
                            prefix: prefix?.into(),
                            value,
                            matching,
                            tokens,
                        })
                    }
                    _ => self.write(*level, claim, value, matching.as_ref(), tokens, cx, frame),
                }
            }
            VerbKind::Remove(claim) => {
                if let Some(member) = &claim.member {
                    self.report(
                        Diagnostic::new(
                            &codes::BAD_CLAIM_NAME,
                            member.span,
                            "`remove` is about a whole claim",
                        )
                        .help("write the claim without this member where it is added"),
                    );
                }
                let id = self.claim(&claim.name)?;
                Some(Action::Remove { claim: id, tokens: tokens.unwrap_or(Tokens::ALL) })
            }
            VerbKind::Deny(deny) => Some(Action::Deny(self.denial(deny))),
            VerbKind::AddScope(value) => Some(Action::AddScope(self.scopes(value, cx, false)?)),
            VerbKind::RemoveScope(value) => Some(Action::RemoveScope(self.scopes(value, cx, true)?)),
            VerbKind::LimitScopes(value) => {
                let value = self.expect(value, &Type::list(Type::of(Kind::String)), cx);
                self.check_scope_literals(&value);
                let value = self.never_missing(value, "`limit scopes`", true)?;
                Some(Action::LimitScopes(value))
            }
            VerbKind::SetAudience(value) => {
                let value = self.audience_ids(value, cx);
                Some(Action::SetAudience(self.never_missing(value, "`set audience`", false)?))
            }
            VerbKind::LimitLifetime(value) => {
                let value = self.lifetime(value, cx);
                Some(Action::LimitLifetime(self.never_missing(value, "`limit lifetime`", true)?))
            }
        }
    }

    /// The tokens that a verb names itself.
    fn target(&mut self, verb: &'a ast::Verb) -> Option<Tokens> {
        let target = verb.target.as_ref()?;
        if !matches!(verb.kind, VerbKind::Write { .. } | VerbKind::Remove(_)) {
            self.report(
                Diagnostic::new(&codes::MISPLACED_TARGET, target.span, "this verb is not about one token")
                    .help("leave the target out")
                    .fix(Applicability::Safe, "leave the target out", target.span, ""),
            );
        }
        Some(targets(target))
    }

    /// Ids or aliases of audiences, or an expression that gives ids.
    fn audience_ids(&mut self, ast: &'a ast::Expr, cx: &Context<'a>) -> Expr {
        match &*ast.kind {
            Ast::List(_) => self.identities(ast, Subject::AudienceId, cx),
            Ast::Name(name) if Root::parse(name).is_none() => self.identity(ast, Subject::AudienceId, cx),
            Ast::Template(_) => self.identity(ast, Subject::AudienceId, cx),
            _ => {
                let typed = self.expr(ast, cx);
                self.texts(typed, "an audience")
            }
        }
    }

    fn lifetime(&mut self, ast: &'a ast::Expr, cx: &Context<'a>) -> Expr {
        let value = self.expect(ast, &Type::of(Kind::Duration), cx);
        if literal_of(&value).and_then(Value::as_int).is_some_and(|seconds| seconds <= 0) {
            self.report(
                Diagnostic::new(&codes::BAD_LIFETIME, value.span, "a lifetime is at least one second")
                    .help("write a longer one, or deny the request to issue no token"),
            );
        }
        value
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one statement, used once")]
    fn write(
        &mut self,
        level: Level,
        claim: &'a ast::ClaimPath,
        value: &'a ast::Expr,
        matching: Option<&'a ast::Text>,
        tokens: Tokens,
        cx: &Context<'a>,
        frame: &Frame,
    ) -> Option<Action> {
        if let Some(matching) = matching {
            self.say(
                &codes::WRONG_ARGUMENTS,
                matching.span,
                "`matching` chooses members of `add ns/* = ..` only",
            );
        }
        let id = self.claim(&claim.name);
        let (value, or_deny) = self.written(value, cx);
        let value =
            if level == Level::Override { self.never_missing(value, "`override`", false)? } else { value };
        if level == Level::Append && element(&value.ty).is_none() && !value.ty.is_error() {
            let found = value.ty.clone().present();
            let text = self.text(value.span).to_owned();
            self.report(
                Diagnostic::new(
                    &codes::WRONG_TYPE,
                    value.span,
                    format!("`append` takes a list, and this is `{found}`"),
                )
                .help(format!("write `[{text}]`"))
                .fix(Applicability::Safe, "make it a list", value.span, format!("[{text}]")),
            );
        }
        if level == Level::Append
            && let Some(member) = &claim.member
        {
            self.report(
                Diagnostic::new(
                    &codes::APPENDED_MEMBER,
                    member.span,
                    "`append` contributes to a whole claim",
                )
                .help("write the member by `add`"),
            );
        }
        let id = id?;
        if claim.member.is_none() {
            self.check_stated(id, &value, tokens, &frame.guard);
        }
        if value.ty.is_error() {
            return None;
        }
        let member = claim.member.as_ref().map(|name| name.text.as_str().into());
        Some(Action::Write { level, claim: id, member, value, or_deny, tokens })
    }

    /// A written value and the denial behind its outermost `??`.
    fn written(&mut self, ast: &'a ast::Expr, cx: &Context<'a>) -> (Expr, Option<Denial>) {
        let (value, denial) = match &*ast.kind {
            Ast::Coalesce(all) => match all.split_last() {
                Some((last, rest)) if matches!(&*last.kind, Ast::Deny(_)) => {
                    let value = match rest {
                        [one] => self.expr(one, cx),
                        many => self.coalesce(many, ast.span, cx, At::default()),
                    };
                    let denial = match &*last.kind {
                        Ast::Deny(deny) => Some(self.denial(deny)),
                        _ => None,
                    };
                    if !value.ty.optional && !value.ty.is_error() {
                        let text = self.text(value.span).to_owned();
                        self.report(
                            Diagnostic::new(
                                &codes::NEVER_ABSENT,
                                value.span,
                                format!("`{text}` cannot be absent, so this never denies"),
                            )
                            .also(last.span, "never reached")
                            .help("leave `?? deny` out"),
                        );
                    }
                    (value, denial)
                }
                _ => (self.expr_at(ast, cx, At::WRITTEN), None),
            },
            _ => (self.expr_at(ast, cx, At::WRITTEN), None),
        };
        (self.json(value), denial)
    }

    /// Reports a time or duration that would stand in a token as it is.
    fn json(&mut self, value: Expr) -> Expr {
        if value.ty.kind.is_json() {
            return value;
        }
        let found = value.ty.clone().present();
        let text = self.grouped(&value);
        let (help, fixes): (_, &[&str]) = match &found.kind {
            Kind::Timestamp => ("write it as seconds or as text", &[".unix()", ".rfc3339()"]),
            Kind::Duration => ("write it in seconds", &[".seconds()"]),
            _ => ("convert the times in it, for example with `.unix()`", &[]),
        };
        let mut diagnostic = Diagnostic::new(
            &codes::TIME_AS_CLAIM,
            value.span,
            format!("no token carries a `{found}` as it is"),
        )
        .help(help);
        for fix in fixes {
            diagnostic = diagnostic.fix(
                Applicability::Unsafe,
                format!("add `{fix}`"),
                value.span,
                format!("{text}{fix}"),
            );
        }
        self.wrong(diagnostic)
    }

    fn spread(
        &mut self,
        level: Level,
        claim: &'a ast::ClaimPath,
        value: &'a ast::Expr,
        matching: Option<&'a ast::Text>,
        cx: &Context<'a>,
    ) -> Option<(Expr, Option<Arc<regex::Regex>>)> {
        let value = self.expr_at(value, cx, At::RESULT);
        let value = self.json(value);
        let value =
            if level == Level::Override { self.never_missing(value, "`override`", false)? } else { value };
        let is_free = match &value.ty.kind {
            Kind::Record(record) => record.open,
            Kind::Map(_) | Kind::Json => true,
            Kind::Error => return None,
            _ => {
                let found = value.ty.clone().present();
                self.report(
                    Diagnostic::new(
                        &codes::WRONG_TYPE,
                        value.span,
                        format!("one claim for each member needs a record or map, and this is `{found}`"),
                    )
                    .also(claim.span, "stands for many claims"),
                );
                return None;
            }
        };
        let regex = match matching {
            Some(pattern) => match builtins::compile_whole_regex(&pattern.text) {
                Ok(regex) => Some(regex),
                Err(problem) => {
                    self.say(&codes::INVALID_REGEX, pattern.span, problem);
                    return None;
                }
            },
            None => None,
        };
        if is_free && regex.is_none() {
            self.report(
                Diagnostic::new(
                    &codes::FREE_KEYS,
                    value.span,
                    "the request decides which claims this writes",
                )
                .also(claim.span, "one claim for each key")
                .help("say which keys may become claims: `matching /[a-z_]+/`")
                .fix(
                    Applicability::Display,
                    "name the keys",
                    value.span.at_end(),
                    " matching /[a-z_]+/",
                ),
            );
            return None;
        }
        Some((value, regex))
    }

    fn denial(&mut self, deny: &ast::Deny) -> Denial {
        let code = deny.code.as_ref().map_or("access_denied", |code| code.text.as_str());
        if let Some(name) =
            deny.code.as_ref().filter(|name| !standard::OAUTH_ERRORS.contains(&name.text.as_str()))
        {
            let diagnostic = Diagnostic::new(
                &codes::BAD_DENIAL,
                name.span,
                format!("`{}` is no OAuth error code", name.text),
            );
            self.report(super::names::suggest(
                diagnostic,
                &name.text,
                standard::OAUTH_ERRORS.iter().copied(),
            ));
        }
        let text = &deny.text.text;
        let fits = |c: char| matches!(c, ' '..='!' | '#'..='[' | ']'..='~');
        if let Some(bad) = text.chars().find(|c| !fits(*c)) {
            self.report(
                Diagnostic::new(
                    &codes::BAD_DENIAL,
                    deny.text.span,
                    format!("`{}` cannot stand in an OAuth error description", bad.escape_debug()),
                )
                .help("use printable ASCII without quotes and backslashes (RFC 6749 section 5.2)"),
            );
        } else if text.trim().is_empty() {
            self.report(
                Diagnostic::new(&codes::BAD_DENIAL, deny.text.span, "this denial does not say why")
                    .help("write the reason for whoever is refused"),
            );
        }
        Denial { code: code.into(), text: text.as_str().into() }
    }

    /// A string or a list of strings.
    pub(super) fn texts(&mut self, value: Expr, what: &str) -> Expr {
        let fits = value.ty.kind.is_text()
            || value.ty.is_error()
            || element(&value.ty)
                .is_some_and(|of| of.kind.is_text() || of.is_error() || of.kind == Kind::Nothing);
        if fits {
            return value;
        }
        let found = value.ty.clone().present();
        self.wrong(Diagnostic::new(
            &codes::WRONG_TYPE,
            value.span,
            format!("{what} is a string or a list of strings, and this is `{found}`"),
        ))
    }

    /// Reports a value that may be absent where it may not; with `user`, also one that needs a user.
    pub(super) fn never_missing(&mut self, value: Expr, what: &str, user: bool) -> Option<Expr> {
        if value.ty.is_error() {
            return None;
        }
        let text = self.text(value.span).to_owned();
        if value.ty.optional {
            self.report(
                Diagnostic::new(
                    &codes::ABSENT_VALUE,
                    value.span,
                    format!("the value of {what} may be absent: `{text}`"),
                )
                .help("give a default with `??`, or put the statement under `if .. exists then`"),
            );
            return Some(value);
        }
        if user && value.needs_user {
            self.report(
                Diagnostic::new(
                    &codes::ABSENT_VALUE,
                    value.span,
                    format!("the value of {what} needs a user, and there may be none: `{text}`"),
                )
                .help("put the statement under `if user exists then`"),
            );
        }
        Some(value)
    }
}

/// Whether a statement restricts, so that its guard must be known.
fn restricts(verb: &VerbKind) -> bool {
    match verb {
        VerbKind::Write { level, .. } => *level == Level::Override,
        VerbKind::AddScope(_) | VerbKind::SetAudience(_) => false,
        VerbKind::Remove(_)
        | VerbKind::Deny(_)
        | VerbKind::RemoveScope(_)
        | VerbKind::LimitScopes(_)
        | VerbKind::LimitLifetime(_) => true,
    }
}

/// `deny`, `remove`, `remove scope`, `limit`.
fn takes_unless(action: &Action) -> bool {
    !matches!(
        action,
        Action::Write { .. } | Action::Spread { .. } | Action::AddScope(_) | Action::SetAudience(_)
    )
}

/// The name of the claim that a verb is about.
fn subject(verb: &VerbKind) -> Option<Span> {
    match verb {
        VerbKind::Write { claim, .. } | VerbKind::Remove(claim) => Some(claim.name.span()),
        _ => None,
    }
}
