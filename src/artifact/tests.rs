//! What only the inside of an artifact can be asked.

use std::sync::Arc;

use super::checker::{MAX_LET, MAX_NESTING};
use super::{Artifact, Trust, frame, packed};
use crate::eval::Dispatch;
use crate::ir::{Action, Argument, Element, Expr, ExprKind, Let, LetId, LocalId, Member, Unit};
use crate::lower::testing::unit;
use crate::policy::Policy;
use crate::request::Request;
use crate::source::Sources;
use crate::value::Value;

const CATALOG: &str = "language: 1\nissuer: https://id.acme.example/\nowned_domains: [acme.example]\n";

/// The artifact of a unit, checked by nobody.
fn bytes(unit: &Unit) -> Vec<u8> {
    let dispatch = Arc::new(Dispatch::of(unit));
    frame::close(&packed::write(unit, &dispatch, "v1:0", &Sources::new())).unwrap()
}

fn like(expr: &Expr, kind: ExprKind) -> Expr {
    Expr { kind: Box::new(kind), ..expr.clone() }
}

type Wrap = fn(Expr) -> ExprKind;

/// Ways to put an expression into another one.
fn wrappers() -> Vec<(&'static str, Wrap)> {
    fn map(receiver: Expr, argument: Argument) -> ExprKind {
        let builtin = crate::builtins::methods().find(|row| row.signature.starts_with("T[].map(")).unwrap();
        ExprKind::Call { builtin, receiver, arguments: vec![argument], fold: false }
    }
    vec![
        ("negate", ExprKind::Negate),
        ("not", ExprKind::Not),
        ("or", |e| ExprKind::Or(vec![e])),
        ("list", |e| ExprKind::List(vec![Element { spread: false, value: e }])),
        ("record", |e| ExprKind::Record(vec![Member::Named("a".into(), e)])),
        ("coalesce", |e| ExprKind::Coalesce(vec![e])),
        ("template", |e| ExprKind::Template(vec![e])),
        ("if", |e| ExprKind::If {
            condition: like(&e, ExprKind::UserExists),
            reads_user: false,
            then: like(&e, ExprKind::Omit),
            otherwise: e,
        }),
        ("match", |e| ExprKind::Match {
            subject: e,
            reads_user: false,
            fold: false,
            arms: Vec::new(),
            otherwise: None,
        }),
        ("receiver", |e| map(like(&e, ExprKind::Omit), Argument::Value(e))),
        ("lambda", |e| {
            let list = like(&e, ExprKind::Literal(Value::list(vec![Value::int(1)])));
            map(list, Argument::Lambda { param: LocalId(0), body: e })
        }),
    ]
}

/// Runs on the stack of a thread as servers have them; what is not optimised takes several times as much.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let bytes = if cfg!(debug_assertions) { 16 << 20 } else { 2 << 20 };
    std::thread::Builder::new().stack_size(bytes).spawn(test).unwrap().join().unwrap();
}

fn nested(wrap: Wrap, innermost: Expr, depth: u32) -> Expr {
    (1..depth).fold(innermost, |inner, _| {
        let around = inner.clone();
        like(&around, wrap(inner))
    })
}

/// A unit that writes one value.
fn writing(value: impl FnOnce(&Expr) -> Expr) -> Unit {
    let mut unit = unit(CATALOG, "add \"https://acme.example/a\" = [1].map(x => x + 1)");
    let Action::Write { value: written, .. } = &mut unit.statements[0].action else { panic!("a write") };
    *written = value(&written.clone());
    unit
}

#[test]
fn the_deepest_expressions_are_evaluated_and_deeper_ones_refused() {
    on_a_small_stack(|| {
        let request = Request::from_json(br#"{"grant":"client_credentials","client":"c"}"#).unwrap();
        for (name, wrap) in wrappers() {
            // As deep as lets may be, one within the other, below an expression that is as deep as may be.
            let mut unit = writing(|any| {
                let last = like(any, ExprKind::Let(LetId(1)));
                nested(wrap, last, MAX_NESTING)
            });
            let leaf = like(unit.statements[0].action.value().unwrap(), ExprKind::Literal(Value::Bool(true)));
            let half = nested(wrap, leaf.clone(), MAX_LET / 2);
            let whole = nested(wrap, like(&leaf, ExprKind::Let(LetId(0))), MAX_LET / 2);
            let span = unit.statements[0].span;
            unit.lets = [half, whole].map(|value| Let { name: "x".into(), value, span }).into();
            let artifact = Artifact::read(bytes(&unit), Trust::Anybody).expect(name);
            let policy = Policy::from(artifact);
            policy.evaluate(&request);
            policy.explain(&request, true);
            let too_deep = [
                ("lets nest too deeply", {
                    let mut unit = unit.clone();
                    unit.lets[1].value = like(&leaf, wrap(unit.lets[1].value.clone()));
                    unit
                }),
                ("expressions nest too deeply", writing(|any| nested(wrap, any.clone(), MAX_NESTING))),
            ];
            for (what, unit) in too_deep {
                let error = Artifact::read(bytes(&unit), Trust::Anybody).unwrap_err();
                assert_eq!(error.message(), format!("the artifact is malformed: {what}"), "{name}");
            }
        }
    });
}

#[test]
fn lets_may_be_as_deep_as_the_lowering_makes_them() {
    assert_eq!(MAX_LET as usize, crate::lower::MAX_DEPTH);
}

#[test]
fn a_let_leads_only_to_those_before_it() {
    let mut unit = writing(|any| like(any, ExprKind::Let(LetId(0))));
    let value = like(unit.statements[0].action.value().unwrap(), ExprKind::Let(LetId(0)));
    unit.lets.push(Let { name: "x".into(), value, span: unit.statements[0].span });
    let error = Artifact::read(bytes(&unit), Trust::Anybody).unwrap_err();
    assert_eq!(error.message(), "the artifact is malformed: there is no such let before this");
}
