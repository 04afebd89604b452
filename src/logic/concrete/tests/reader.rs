//! A policy that reads whatever can be read, so that the evaluator says what is wrong with a request.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::{Catalog, Root};
use crate::decision::Decision;
use crate::eval::evaluate;
use crate::ir::{Action, Denial, Slot, SlotId, Statement, Unit};
use crate::request::Request;
use crate::source::{Sources, Span};
use crate::ty::{Shape, ShapeKind};
use crate::value::Value;

/// What the evaluator finds wrong with the attributes of a request, whatever a policy reads.
pub(super) fn faults(catalog: &Catalog, request: &Value, failed: &BTreeSet<Arc<str>>) -> Vec<String> {
    let slots = slots(catalog);
    let reads = (0..u32::try_from(slots.len()).unwrap()).map(SlotId).collect();
    let span = Span::new(Sources::new().add("p.claims", ""), 0, 0);
    let statement = Statement {
        guard: Vec::new(),
        unless: None,
        action: Action::Deny(Denial { code: "access_denied".into(), text: "no".into() }),
        span,
        subject: span,
        place: "p.claims:1".into(),
        rule: None,
        reads,
        handles_failure: failed.iter().cloned().collect(),
        mentions_actor: false,
        allows: Vec::new(),
    };
    let unit = Unit {
        catalog: Arc::new(catalog.clone()),
        slots: slots.into(),
        lets: Vec::new(),
        tables: Arc::default(),
        namespaces: Arc::default(),
        claims: Arc::default(),
        chains: Vec::new(),
        statements: vec![statement],
        ensures: Vec::new(),
        contracts: Arc::default(),
        locals: 0,
    };
    match evaluate(&unit, &Request::from_value(request).unwrap()) {
        Decision::Error(errors) => errors
            .into_iter()
            // Which client and which audience is the caller's choice.
            .filter(|error| error.code != crate::eval::codes::REQUEST_CONTRADICTS_CATALOG.code)
            .map(|error| error.message)
            .collect(),
        Decision::Deny(_) => Vec::new(),
        Decision::Issue(_) => panic!("the only statement denies"),
    }
}

/// Every declared path, some keys of maps and members that nothing declares.
fn slots(catalog: &Catalog) -> Vec<Slot> {
    let mut slots = Vec::new();
    for root in Root::ALL {
        // A failed source is no error where it is read by its name; nothing reads all sources.
        let is_read = root != Root::External;
        collect(root, &mut Vec::new(), catalog.input(root).unwrap(), is_read, &mut slots);
    }
    slots
}

fn collect(root: Root, path: &mut Vec<Arc<str>>, shape: &Shape, is_read: bool, slots: &mut Vec<Slot>) {
    if is_read {
        slots.push(Slot { root, path: path.clone() });
    }
    let json = Shape::of(ShapeKind::String);
    let mut below: Vec<(Arc<str>, &Shape)> = Vec::new();
    match &shape.kind {
        ShapeKind::Record(record) => {
            below.extend(record.members.iter().map(|(name, shape)| (name.clone(), shape)));
            if record.open {
                slots.push(Slot { root, path: path.iter().cloned().chain(["undeclared".into()]).collect() });
            }
        }
        ShapeKind::Map(element) => below.push(("key".into(), element)),
        // What is too small for an object cannot be read below.
        ShapeKind::Json if shape.bounds.max_bytes.is_none_or(|bytes| bytes > 1) => {
            below.push(("below".into(), &json));
        }
        _ => {}
    }
    for (name, shape) in below {
        path.push(name);
        // The type of what is below `json` is not known to the evaluator.
        collect(root, path, shape, true, slots);
        path.pop();
    }
}
