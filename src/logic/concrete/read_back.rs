//! Whether a request, read as the evaluator reads it, conforms to the catalog and has what was chosen.

use std::collections::BTreeMap;

use super::wanted::{Choice, NOTHING, Wanted};
use super::{Choices, without};
use crate::catalog::{Catalog, Root};
use crate::eval::whole;
use crate::request::Request;
use crate::value::Value;

/// Whether every root fits its shape and all choices are met.
pub(super) fn has(
    catalog: &Catalog,
    choices: &Choices,
    wanted: &BTreeMap<Root, Wanted<'_>>,
    request: &Request,
) -> bool {
    let asked = choices.requested_audience.as_ref().unwrap_or(&choices.audience);
    request.audience() == choices.audience
        && request.requested().audience == *asked
        && Root::ALL
            .into_iter()
            .all(|root| has_root(catalog, choices, wanted.get(&root).unwrap_or(&NOTHING), request, root))
}

fn has_root(
    catalog: &Catalog,
    choices: &Choices,
    wanted: &Wanted<'_>,
    request: &Request,
    root: Root,
) -> bool {
    let is_read = match root {
        Root::Grant | Root::Audience => false,
        Root::Client => catalog.client(&choices.client).is_none(),
        Root::User => choices.user,
        _ => true,
    };
    let Some(shape) = catalog.input(root).filter(|_| is_read) else {
        return true;
    };
    // Sources that failed are missing, which is no mistake of theirs.
    let told = (root == Root::External).then(|| without(shape, |name| choices.failed.contains(name)));
    let found = whole(catalog, request, root, told.as_ref().unwrap_or(shape));
    found.is_ok_and(|found| meets(found.as_ref(), wanted))
}

fn meets(found: Option<&Value>, wanted: &Wanted<'_>) -> bool {
    let is_met = match wanted.choice {
        Choice::Free => true,
        Choice::Absent => found.is_none() || wanted.has_member_there(),
        Choice::Value(value) => found.is_some_and(|found| agrees(found, value, wanted)),
    };
    is_met
        && wanted.members.iter().all(|(name, wanted)| meets(found.and_then(|found| found.get(name)), wanted))
}

/// Whether a value is the stated one, but for members that other choices refine and those that had to be added.
fn agrees(found: &Value, stated: &Value, wanted: &Wanted<'_>) -> bool {
    match (found, stated) {
        (Value::Object(found), Value::Object(stated)) => stated
            .iter()
            .filter(|(name, _)| !wanted.members.contains_key(*name))
            .all(|(name, stated)| match found.get(name) {
                Some(found) => agrees(found, stated, &NOTHING),
                None => matches!(stated, Value::Null),
            }),
        (Value::List(found), Value::List(stated)) => {
            found.len() == stated.len()
                && found.iter().zip(stated.iter()).all(|(found, stated)| agrees(found, stated, &NOTHING))
        }
        _ => found == stated,
    }
}
