//! Calls: functions (`let` with parameters), which are expanded, and methods, which are rows of `builtins`.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::context::{Binding, Context};
use super::expr::{At, literal};
use super::names::{check_input_name, did_you_mean};
use super::path::{literal_of, text_literal};
use super::{Lowerer, codes, expr, poison};
use crate::ast::{self, ExprKind as Ast, Name};
use crate::builtins::{self, AbsentBody, Param, Typing};
use crate::diag::{Applicability, Code, Diagnostic, Label};
use crate::ir::{Argument, Expr, ExprKind};
use crate::source::Span;
use crate::suggest::similar;
use crate::ty::{Kind, Labels, Type};
use crate::value::Value;

/// The words at a call in whose expansion something is wrong.
const CALL: &str = "in this call";

impl<'a> Lowerer<'a> {
    /// `f(x)`: the body with the argument in the parameter's place.
    pub(super) fn call(
        &mut self,
        function: &'a Name,
        arguments: &'a [ast::Expr],
        span: Span,
        cx: &Context<'a>,
        at: At,
    ) -> Expr {
        if let Some(bound) = cx.scope.get(&function.text) {
            self.arguments(arguments, cx);
            return match bound {
                Binding::Poison => poison(span),
                _ => self.no_function(function, span),
            };
        }
        let Some(item) = self.names.lets.get(&function.text).map(|declared| declared.item) else {
            return self.unknown_function(function, arguments, cx);
        };
        let Some(params) = &item.params else {
            self.arguments(arguments, cx);
            return self.no_function(function, span);
        };
        if params.len() != arguments.len() {
            self.arguments(arguments, cx);
            return self.wrong(
                Diagnostic::new(
                    &codes::WRONG_ARGUMENTS,
                    span,
                    format!(
                        "`{}` takes {} arguments, and {} {} given",
                        function.text,
                        params.len(),
                        arguments.len(),
                        if arguments.len() == 1 { "is" } else { "are" }
                    ),
                )
                .also(item.name.span, "declared here"),
            );
        }
        if cx.calls.contains(&function.text) {
            return self.recursive_call(item, span, cx);
        }
        let mut inner =
            Context { calls: cx.calls.with(&function.text), facts: cx.facts.clone(), ..Context::default() };
        let mut uses = Vec::with_capacity(arguments.len());
        for (param, ast) in params.iter().zip(arguments) {
            let is_used = Rc::new(Cell::new(false));
            uses.push((ast, Rc::clone(&is_used)));
            let binding =
                Binding::Argument { ast, scope: cx.scope.clone(), calls: cx.calls.clone(), is_used };
            inner = inner.binding(&param.text, binding);
        }
        let before = self.findings.len();
        let mut value = self.expr_at(&item.value, &inner, At { omit: true, ..at });
        self.label_call(before, span);
        // Mistakes in an argument that the body does not use are mistakes too.
        for (ast, _) in uses.iter().filter(|(_, is_used)| !is_used.get()) {
            self.expr_at(ast, cx, At::PART);
        }
        value.span = span;
        value
    }

    /// A function within its own body: told once for each cycle.
    fn recursive_call(&mut self, item: &'a ast::Let, span: Span, cx: &Context<'a>) -> Expr {
        let cycle: Vec<&str> = cx.calls.up_to(&item.name.text).collect();
        let is_told = cycle.iter().any(|name| self.recursive.contains(name));
        self.recursive.extend(cycle);
        if is_told {
            return poison(span);
        }
        self.wrong(
            Diagnostic::new(
                &codes::RECURSIVE_LET,
                item.name.span,
                format!("`{}` stands for itself", item.name.text),
            )
            .help("a `let` may only use what does not use it"),
        )
    }

    /// What is wrong with a body for these arguments is shown with the call that gave them. That something has no
    /// effect for these arguments is not: it may have one for others.
    fn label_call(&mut self, before: usize, call: Span) {
        let is_idle = |code: &Code| {
            [&codes::CONSTANT_CONDITION, &codes::NEVER_ABSENT, &codes::ALWAYS_EXISTS].contains(&code)
        };
        for mut finding in self.findings.split_off(before) {
            if call.contains(finding.span) {
                self.findings.push(finding);
            } else if !is_idle(finding.code) {
                let mut calls = finding.labels.iter_mut().filter(|label| label.text == CALL);
                // Of many calls within each other the innermost and the outermost say enough.
                match calls.nth(1) {
                    Some(outermost) => outermost.span = call,
                    None => finding.labels.push(Label { span: call, text: CALL.to_owned() }),
                }
                self.findings.push(finding);
            }
        }
    }

    /// Takes out what is wrong with a body in every call and was found in the function itself.
    pub(super) fn forget_calls(&mut self) {
        let is_in_call = |f: &Diagnostic| f.labels.iter().any(|label| label.text == CALL);
        let own: BTreeSet<(&str, Span)> =
            self.findings.iter().filter(|f| !is_in_call(f)).map(|f| (f.code.code, f.span)).collect();
        let is_kept: Vec<bool> =
            self.findings.iter().map(|f| !is_in_call(f) || !own.contains(&(f.code.code, f.span))).collect();
        let mut kept = is_kept.into_iter();
        self.findings.retain(|_| kept.next().unwrap_or(true));
    }

    /// Types the body of a function on its own, so that mistakes are found even where nothing calls it.
    pub(super) fn function_item(&mut self, item: &'a ast::Let, params: &'a [Name]) {
        let mut cx =
            Context { calls: super::context::Calls::default().with(&item.name.text), ..Context::default() };
        for (index, param) in params.iter().enumerate() {
            self.findings.extend(check_input_name(param, "parameter"));
            if params.iter().take(index).any(|before| before.text == param.text) {
                let message = format!("the parameter `{}` stands twice", param.text);
                self.report(
                    Diagnostic::new(&codes::DUPLICATE_NAME, param.span, message).help("rename one of them"),
                );
            }
            cx = cx.binding(&param.text, Binding::Poison);
        }
        self.expr_at(&item.value, &cx, At::PART);
    }

    fn no_function(&mut self, function: &Name, span: Span) -> Expr {
        let name = &function.text;
        self.wrong(
            Diagnostic::new(&codes::WRONG_ARGUMENTS, span, format!("`{name}` is no function"))
                .help(format!("write `{name}`"))
                .fix(Applicability::Unsafe, "read its value", span, name),
        )
    }

    fn unknown_function(&mut self, function: &'a Name, arguments: &'a [ast::Expr], cx: &Context<'a>) -> Expr {
        for argument in arguments {
            self.expr(argument, cx);
        }
        if self.is_broken {
            return poison(function.span);
        }
        let diagnostic = Diagnostic::new(
            &codes::UNKNOWN_NAME,
            function.span,
            format!("no function is called `{}`", function.text),
        );
        if builtins::exists(&function.text) {
            let help = format!("`{0}` is a method: write `x.{0}(..)`", function.text);
            return self.wrong(diagnostic.help(help));
        }
        let functions =
            self.names.lets.iter().filter(|d| d.item.params.is_some()).map(|d| d.name.text.as_str());
        self.wrong(match similar(&function.text, functions) {
            Some(near) => did_you_mean(diagnostic, near),
            None => diagnostic.help(format!("declare it: `let {}(..) = ..`", function.text)),
        })
    }

    /// `e.method(..)`.
    pub(super) fn method(
        &mut self,
        receiver: Expr,
        name: &'a Name,
        arguments: &'a [ast::Expr],
        end: Span,
        cx: &Context<'a>,
    ) -> Expr {
        let span = receiver.span.to(end);
        if matches!(name.text.as_str(), "reveal" | "trust") {
            return self.relabel(receiver, name, arguments, span);
        }
        let Ok(mut typing) = builtins::find(&name.text, &receiver.ty) else {
            self.arguments(arguments, cx);
            return self.unknown_method(&receiver, name, span);
        };
        let (least, most) = typing.arity();
        if arguments.len() < least || most.is_some_and(|most| arguments.len() > most) {
            let wanted = typing.builtin().signature;
            self.arguments(arguments, cx);
            return self.wrong(
                Diagnostic::new(
                    &codes::WRONG_ARGUMENTS,
                    span,
                    format!("`{}` does not take {} arguments", name.text, arguments.len()),
                )
                .help(format!("it is `{wanted}`")),
            );
        }
        let mut typed = Vec::with_capacity(arguments.len());
        let mut is_wrong = false;
        for (index, ast) in arguments.iter().enumerate() {
            let Some(param) = typing.param(index) else { continue };
            let Some(argument) = self.argument(&typing, index, &param, ast, &receiver, name, cx) else {
                is_wrong = true;
                continue;
            };
            let given = match &argument {
                Argument::Value(value) => builtins::Argument::Value(&value.ty, literal_of(value)),
                Argument::Lambda { body, .. } => builtins::Argument::Lambda(&body.ty),
                Argument::Regex(regex) => builtins::Argument::Regex(regex),
            };
            if let Err(mismatch) = typing.argument(index, given) {
                let signature = typing.builtin().signature;
                self.report(
                    Diagnostic::new(&codes::WRONG_TYPE, ast.span, mismatch.to_string())
                        .help(format!("it is `{signature}`")),
                );
                is_wrong = true;
            }
            typed.push(argument);
        }
        let builtin = typing.builtin();
        let fold = typing.folds();
        match typing.finish() {
            _ if is_wrong => poison(span),
            Ok(ty) => self
                .narrowed(expr(ExprKind::Call { builtin, receiver, arguments: typed, fold }, ty, span), cx),
            Err(problem) => self.wrong(Diagnostic::new(&codes::WRONG_TYPE, span, problem)),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one argument, used once")]
    fn argument(
        &mut self,
        typing: &Typing,
        index: usize,
        param: &Param,
        ast: &'a ast::Expr,
        receiver: &Expr,
        method: &Name,
        cx: &Context<'a>,
    ) -> Option<Argument> {
        match (param, &*ast.kind) {
            (Param::Lambda(ty), Ast::Lambda { param, body }) => {
                let ty = ty.clone().labelled(receiver.ty.labels);
                Some(self.lambda(param, ty, body, typing.absent_body(index), cx))
            }
            (Param::Lambda(_) | Param::Regex, Ast::Error) => None,
            (Param::Lambda(_), _) => {
                self.report(
                    Diagnostic::new(
                        &codes::WRONG_ARGUMENTS,
                        ast.span,
                        format!("`{}` takes a function", method.text),
                    )
                    .help("write `x => ..`"),
                );
                None
            }
            (Param::Regex, Ast::Regex(pattern)) => match typing.compile_regex(index, pattern) {
                Ok(regex) => Some(Argument::Regex(regex)),
                Err(problem) => {
                    self.say(&codes::INVALID_REGEX, ast.span, problem);
                    None
                }
            },
            (Param::Regex, _) => {
                self.no_regex(ast, method);
                None
            }
            (Param::Literal, _) => {
                if let Some(text) = text_literal(ast) {
                    let text = literal(Value::from(text), Type::literal(text), ast.span);
                    return Some(Argument::Value(text));
                }
                let message = format!("`{}` takes a text in quotes, without `${{`", method.text);
                self.say(&codes::WRONG_ARGUMENTS, ast.span, message);
                None
            }
            (Param::Value, Ast::Lambda { .. } | Ast::Regex(_)) => {
                self.say(&codes::WRONG_ARGUMENTS, ast.span, format!("`{}` takes a value here", method.text));
                None
            }
            (Param::Value, _) => {
                let value = self.expr(ast, cx);
                (!value.ty.is_error()).then_some(Argument::Value(value))
            }
        }
    }

    /// A lambda whose parameter has this type.
    fn lambda(
        &mut self,
        param: &'a Name,
        ty: Type,
        body: &'a ast::Expr,
        absent: AbsentBody,
        cx: &Context<'a>,
    ) -> Argument {
        self.findings.extend(check_input_name(param, "parameter"));
        let id = self.local();
        let inner = cx.binding(&param.text, Binding::Local(id, ty));
        let body = self.expr_at(body, &inner, At::RESULT);
        let body = match absent {
            AbsentBody::LeavesOut => self.complete(body, "the function's value"),
            AbsentBody::Refused | AbsentBody::Unknown => body,
        };
        Argument::Lambda { param: id, body }
    }

    /// Something else where a regular expression belongs.
    fn no_regex(&mut self, ast: &ast::Expr, method: &Name) {
        let message = format!("`{}` takes a regular expression", method.text);
        let mut diagnostic = Diagnostic::new(&codes::WRONG_ARGUMENTS, ast.span, message).help("write `/../`");
        if let Some(text) = text_literal(ast) {
            let pattern = format!("/{}/", text.replace('/', "\\/"));
            diagnostic =
                diagnostic.fix(Applicability::Unsafe, "write a regular expression", ast.span, pattern);
        }
        self.report(diagnostic);
    }

    fn unknown_method(&mut self, receiver: &Expr, name: &Name, span: Span) -> Expr {
        let ty = receiver.ty.clone().present();
        let text = self.text(receiver.span).to_owned();
        let known = builtins::names_for(&receiver.ty);
        let exists = builtins::exists(&name.text);
        let message = if exists {
            format!("`{}` is not for `{ty}`", name.text)
        } else {
            format!("there is no method `{}`", name.text)
        };
        let mut diagnostic = Diagnostic::new(&codes::UNKNOWN_METHOD, name.span, message)
            .also(receiver.span, format!("this is `{ty}`"));
        if ty.kind == Kind::Json {
            diagnostic =
                diagnostic.help(format!("test its type first: `({text} as string).{}(..)`", name.text));
        } else if let Some(habit) = crate::syntax::habits::method(&name.text) {
            diagnostic = diagnostic.help(habit.help);
            if let Some(replacement) = habit.replacement.filter(|replacement| known.contains(replacement)) {
                diagnostic = diagnostic.fix(
                    Applicability::Unsafe,
                    format!("replace it by `{replacement}`"),
                    name.span,
                    replacement,
                );
            }
        } else if let Some(found) = similar(&name.text, known.iter().copied()) {
            diagnostic = diagnostic.help(format!("did you mean `{found}`?")).fix(
                Applicability::Unsafe,
                format!("replace it by `{found}`"),
                name.span,
                found,
            );
        } else if name.text == "contains" && matches!(ty.kind, Kind::List(_)) {
            diagnostic = diagnostic.help(format!("write `.. in {text}` to look for an element"));
        } else if !known.is_empty() {
            let more = if known.len() > 10 { ", .." } else { "" };
            let known: Vec<&str> = known.into_iter().take(10).collect();
            diagnostic = diagnostic.help(format!("`{ty}` has {}{more}", known.join(", ")));
        }
        let mut wrong = self.wrong(diagnostic);
        wrong.span = span;
        wrong
    }

    /// `e.reveal(label, "reason")`, `e.trust(label, "reason")`: the same value without a label.
    fn relabel(&mut self, receiver: Expr, name: &'a Name, arguments: &'a [ast::Expr], span: Span) -> Expr {
        let usage = format!("write `.{}(label, \"reason\")`", name.text);
        let [label, reason] = arguments else {
            return self.wrong(
                Diagnostic::new(
                    &codes::WRONG_ARGUMENTS,
                    span,
                    format!("`{}` takes a label and a reason", name.text),
                )
                .help(usage),
            );
        };
        match text_literal(reason) {
            Some(text) if !text.trim().is_empty() => {}
            _ => {
                return self.wrong(
                    Diagnostic::new(&codes::WRONG_ARGUMENTS, reason.span, "the reason is a text in quotes")
                        .help(usage),
                );
            }
        }
        let Ast::Name(word) = &*label.kind else {
            return self.wrong(
                Diagnostic::new(&codes::WRONG_ARGUMENTS, label.span, "the label is a bare name").help(usage),
            );
        };
        let Some(removed) = self.label(word, label.span) else { return poison(span) };
        let trust = Labels::UNTRUSTED.or(Labels::USER_EDITABLE);
        let is_trust = trust.contains(removed);
        if is_trust != (name.text == "trust") {
            let other = if is_trust { "trust" } else { "reveal" };
            return self.wrong(
                Diagnostic::new(
                    &codes::WRONG_ARGUMENTS,
                    label.span,
                    format!("`{}` is not for the label `{word}`", name.text),
                )
                .help(format!("write `{other}`"))
                .fix(Applicability::Unsafe, format!("write `{other}`"), name.span, other),
            );
        }
        let mut relabelled = receiver;
        relabelled.ty = without(&relabelled.ty, removed);
        relabelled.span = span;
        relabelled
    }

    /// A label by name.
    pub(super) fn label(&mut self, word: &str, span: Span) -> Option<Labels> {
        let found = self.catalog.label(word);
        if found.is_none() {
            let catalog = std::sync::Arc::clone(&self.catalog);
            let diagnostic =
                Diagnostic::new(&codes::UNKNOWN_LABEL, span, format!("there is no label `{word}`"));
            let known = || catalog.labels.iter().map(|label| &**label);
            let near = similar(word, known());
            let list = known().collect::<Vec<&str>>().join(", ");
            self.report(match near {
                Some(near) => did_you_mean(diagnostic, near),
                None => diagnostic.help(format!("list it under `labels` in claims.yaml; known here: {list}")),
            });
        }
        found
    }
}

/// The same type without a label, in all its parts.
fn without(ty: &Type, removed: Labels) -> Type {
    let kind = match &ty.kind {
        Kind::List(inner) => Kind::List(without(inner, removed).into()),
        Kind::Map(inner) => Kind::Map(without(inner, removed).into()),
        Kind::Record(record) => Kind::Record(std::sync::Arc::new(crate::ty::Record {
            members: record.members.iter().map(|(name, ty)| (name.clone(), without(ty, removed))).collect(),
            open: record.open,
        })),
        other => other.clone(),
    };
    Type { kind, optional: ty.optional, labels: ty.labels.without(removed) }
}
