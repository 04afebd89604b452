//! Tables: literal keys, literal values, each key once.

use super::condition::{comparable, folds, quoted, suggest_literal};
use super::context::Context;
use super::expr::At;
use super::path::literal_of;
use super::{Lowerer, codes, expr, id, labels, plain, poison};
use crate::ast::{self, ExprKind as Ast};
use crate::diag::Diagnostic;
use crate::ir::{self, Expr, ExprKind, Member, TableId};
use crate::source::Span;
use crate::ty::{Kind, Type};
use crate::value::{Object, Value};

impl<'a> Lowerer<'a> {
    /// Types a table.
    pub(super) fn table(&mut self, table: &'a ast::Table) {
        if self.table_ids.contains_key(table.name.text.as_str()) {
            return;
        }
        let arity =
            table.rows.iter().flat_map(|row| &row.keys).map(|key| key_parts(key).len()).next().unwrap_or(1);
        let mut rows: Vec<(Vec<Value>, Value)> = Vec::new();
        let mut places: std::collections::BTreeMap<String, Span> = std::collections::BTreeMap::new();
        let mut keys = vec![Type::of(Kind::Nothing); arity];
        let mut value_type = Type::of(Kind::Nothing);
        for row in &table.rows {
            // A row with a mistake leaves nothing certain about its table.
            let (value, ty) = self.constant(&row.value).unwrap_or((Value::Null, Type::error()));
            value_type = if let Some(joined) = value_type.join(&ty) {
                joined
            } else {
                let message =
                    format!("this row gives `{}`, and those before `{}`", plain(&ty), plain(&value_type));
                self.say(&codes::WRONG_TYPE, row.value.span, message);
                Type::error()
            };
            for key in &row.keys {
                let Some(parts) = self.key(key, arity, &mut keys) else {
                    keys.fill(Type::error());
                    continue;
                };
                let text = Value::list(parts.clone()).to_json();
                if let Some(first) = places.insert(text, key.span) {
                    self.report(
                        Diagnostic::new(&codes::DUPLICATE_KEY, key.span, "this key has a row already")
                            .also(first, "here")
                            .help("remove one of them"),
                    );
                    continue;
                }
                rows.push((parts, value.clone()));
            }
        }
        self.table_ids.insert(&table.name.text, TableId(id(self.tables.len())));
        self.tables.push(ir::Table {
            name: table.name.text.as_str().into(),
            arity,
            rows: ir::Rows::new(rows),
            key: keys,
            value: value_type,
            span: table.name.span,
        });
    }

    fn key(&mut self, ast: &'a ast::Expr, arity: usize, types: &mut [Type]) -> Option<Vec<Value>> {
        let parts = key_parts(ast);
        if parts.len() != arity {
            self.say(
                &codes::WRONG_ARGUMENTS,
                ast.span,
                format!("this key has {} parts, and the first one has {arity}", parts.len()),
            );
            return None;
        }
        let mut values = Vec::with_capacity(arity);
        for (part, known) in parts.into_iter().zip(types) {
            let literal = self.expr(part, &Context::default());
            let value = literal_of(&literal).cloned();
            let Some(value) = value.filter(|v| !matches!(v, Value::Null)) else {
                if !literal.ty.is_error() {
                    self.say(&codes::WRONG_TYPE, part.span, "a key of a table is a literal");
                }
                return None;
            };
            *known = known.join(&literal.ty).unwrap_or_else(|| {
                self.findings.push(Diagnostic::new(
                    &codes::WRONG_TYPE,
                    part.span,
                    format!("this key is `{}`, and those before are `{}`", plain(&literal.ty), plain(known)),
                ));
                Type::error()
            });
            values.push(value);
        }
        Some(values)
    }

    /// A literal, or a list or record of them.
    fn constant(&mut self, ast: &'a ast::Expr) -> Option<(Value, Type)> {
        let typed = self.expr_at(ast, &Context::default(), At { omit: false, ..At::PART });
        if typed.ty.is_error() {
            return None;
        }
        let value = constant_value(&typed);
        // The parser reports these itself.
        if value.is_none() && !self.is_broken {
            self.say(
                &codes::WRONG_TYPE,
                ast.span,
                "a value of a table is a literal, or a list or record of literals",
            );
        }
        Some((value?, typed.ty))
    }

    /// `t[k]`, `t[a, b]`.
    pub(super) fn look_up(
        &mut self,
        table: TableId,
        index: &'a [ast::Expr],
        span: Span,
        cx: &Context<'a>,
    ) -> Expr {
        let Some((name, arity, types, value)) =
            self.tables.get(table.index()).map(|t| (t.name.clone(), t.arity, t.key.clone(), t.value.clone()))
        else {
            return poison(span);
        };
        let keys: Vec<Expr> = index.iter().map(|ast| self.expr(ast, cx)).collect();
        if keys.len() != arity {
            let wanted = if arity == 1 { "one key" } else { "two keys" };
            return self.wrong(Diagnostic::new(
                &codes::WRONG_ARGUMENTS,
                span,
                format!("the table `{name}` is looked up by {wanted}"),
            ));
        }
        if keys.iter().any(|k| k.ty.is_error()) || value.is_error() {
            return poison(span);
        }
        for (key, ty) in keys.iter().zip(&types) {
            if let (Kind::Enum(found), Kind::Enum(words)) = (&key.ty.kind, &ty.kind)
                && !found.iter().any(|word| words.contains(word))
            {
                let text = self.text(key.span).to_owned();
                let message = format!("the table `{name}` has no row for {}", quoted(&text));
                let diagnostic = Diagnostic::new(&codes::IMPOSSIBLE_VALUE, key.span, message);
                return self.wrong(match literal_of(key).and_then(Value::as_str) {
                    Some(word) => suggest_literal(diagnostic, word, words.iter().map(|w| &**w)),
                    None => diagnostic.also(key.span, format!("this is `{}`", key.ty)),
                });
            }
            if comparable(&key.ty, ty, false) == Err(super::condition::Incomparable::Types) {
                let (found, ty) =
                    (plain(&key.ty), if ty.kind.is_text() { Type::of(Kind::String) } else { ty.clone() });
                let diagnostic = Diagnostic::new(
                    &codes::WRONG_TYPE,
                    key.span,
                    format!("the keys of `{name}` are `{ty}`, and this is `{found}`"),
                );
                return self.wrong(if found.kind == Kind::Json {
                    diagnostic.help("test its type first: `as string`")
                } else {
                    diagnostic
                });
            }
        }
        let fold = keys.iter().map(|k| folds(&k.ty)).collect();
        let found = labels(&keys);
        let lookup = ExprKind::Lookup { table, keys, fold };
        self.narrowed(expr(lookup, value.optional().labelled(found), span), cx)
    }
}

/// The parts of a key: a list of two is a pair.
fn key_parts(ast: &ast::Expr) -> Vec<&ast::Expr> {
    match &*ast.kind {
        Ast::List(elements) if !elements.is_empty() => elements.iter().map(|e| &e.value).collect(),
        _ => vec![ast],
    }
}

/// The value of a literal, or of a list or record of them.
fn constant_value(expr: &Expr) -> Option<Value> {
    match &*expr.kind {
        ExprKind::Literal(value) => Some(value.clone()),
        ExprKind::List(elements) => elements
            .iter()
            .map(|e| if e.spread { None } else { constant_value(&e.value) })
            .collect::<Option<Vec<_>>>()
            .map(Value::list),
        ExprKind::Record(members) => members
            .iter()
            .map(|m| match m {
                Member::Named(name, value) => Some((name.clone(), constant_value(value)?)),
                Member::Spread(_) => None,
            })
            .collect::<Option<Object>>()
            .map(Value::object),
        _ => None,
    }
}
