//! A request to one without anything that does not matter.
//!
//! Runs of parts are left out while what matters stays true: the longest first, so that much goes with few tries, then
//! single ones, until no part can go.

use std::ops::Range;
use std::sync::Arc;

use crate::request::Request;
use crate::standard::Grant;
use crate::value::{Object, Value};

/// Leaves out every part of a request that `holds` does not need, as far as the request stays well-formed. `holds` is
/// asked at most `budget` times, and only about well-formed requests; `budget` becomes what is left of it. With some
/// left, no single part can go any more.
pub fn shrink(request: Value, budget: &mut usize, holds: &mut dyn FnMut(&Value) -> bool) -> Value {
    if Request::from_value(&request).is_err() {
        return request;
    }
    let mut shrinking = Shrinking { request, budget, holds };
    shrinking.spell_out_scopes();
    loop {
        while shrinking.part(&mut Vec::new()) {}
        let known = shrinking.request.clone();
        shrinking.sign_in();
        shrinking.shorten();
        // In its last form, more may go.
        if shrinking.request == known || *shrinking.budget == 0 {
            return shrinking.request;
        }
    }
}

/// Parts of lists and objects are counted, so a place is the number of the part at each level.
struct Shrinking<'h> {
    request: Value,
    budget: &'h mut usize,
    holds: &'h mut dyn FnMut(&Value) -> bool,
}

impl Shrinking<'_> {
    /// Goes on with another request if that is one and still holds.
    fn attempt(&mut self, candidate: Value) -> bool {
        if *self.budget == 0 || Request::from_value(&candidate).is_err() {
            return false;
        }
        *self.budget -= 1;
        let holds = (self.holds)(&candidate);
        if holds {
            self.request = candidate;
        }
        holds
    }

    fn at(&self, place: &[usize]) -> Option<&Value> {
        place.iter().try_fold(&self.request, |value, index| part_of(value, *index))
    }

    /// Leaves out what can go of one part and of those within. Whether anything went.
    fn part(&mut self, place: &mut Vec<usize>) -> bool {
        let count = |shrinking: &Self, place: &[usize]| shrinking.at(place).map_or(0, parts);
        let mut went = false;
        let mut run = count(self, place);
        while run > 0 && *self.budget > 0 {
            let mut start = 0;
            while start < count(self, place) {
                let smaller = edited(&self.request, place, &|value| without(value, start..start + run));
                if self.attempt(smaller) {
                    went = true;
                } else {
                    start += run;
                }
            }
            run /= 2;
        }
        for index in 0..count(self, place) {
            place.push(index);
            went |= self.part(place);
            place.pop();
        }
        went
    }

    /// The usual sign-in in place of the refresh of one, or of one that is no longer usual.
    fn sign_in(&mut self) {
        let grant = |value: &Value| {
            let grant = value.as_str().and_then(Grant::parse)?;
            let is_unusual = matches!(grant, Grant::RefreshToken | Grant::Implicit);
            is_unusual.then(|| Value::from(Grant::AuthorizationCode.as_str()))
        };
        if self.request.get("user").is_some()
            && let Some(sign_in) = with(&self.request, &["grant"], &grant)
        {
            self.attempt(sign_in);
        }
    }

    /// Scopes in one string become a list, so that each can go.
    fn spell_out_scopes(&mut self) {
        for place in [&["scopes"][..], &["requested", "scopes"], &["original", "scopes"]] {
            let listed = with(&self.request, place, &|scopes| {
                let words = scopes.as_str()?.split(' ').filter(|word| !word.is_empty());
                Some(Value::list(words.map(Value::from).collect()))
            });
            if let Some(listed) = listed {
                self.attempt(listed);
            }
        }
    }

    /// A client that is nothing but an id is written as that, a single audience as a string.
    fn shorten(&mut self) {
        let plain = with(&self.request, &["client"], &|client| match client.as_object() {
            Some(members) if members.len() == 1 => members.get("id").cloned(),
            _ => None,
        });
        if let Some(plain) = plain {
            self.attempt(plain);
        }
        for place in [&["audience"][..], &["requested", "audience"], &["original", "audience"]] {
            let single = with(&self.request, place, &|audience| match audience.as_list() {
                Some([id]) => Some(id.clone()),
                _ => None,
            });
            if let Some(single) = single {
                self.attempt(single);
            }
        }
    }
}

/// How many parts a value has.
pub(super) fn parts(value: &Value) -> usize {
    match value {
        Value::List(items) => items.len(),
        Value::Object(members) => members.len(),
        _ => 0,
    }
}

pub(super) fn part_of(value: &Value, index: usize) -> Option<&Value> {
    match value {
        Value::List(items) => items.get(index),
        Value::Object(members) => members.get_index(index).map(|(_, member)| member),
        _ => None,
    }
}

fn without(value: &Value, range: Range<usize>) -> Value {
    let is_kept = |index: usize| !range.contains(&index);
    match value {
        Value::List(items) => {
            let kept = items.iter().enumerate().filter(|(index, _)| is_kept(*index));
            Value::list(kept.map(|(_, item)| item.clone()).collect())
        }
        Value::Object(members) => {
            let kept = members.iter().enumerate().filter(|(index, _)| is_kept(*index));
            Value::object(kept.map(|(_, (name, member))| (name.clone(), member.clone())).collect())
        }
        _ => value.clone(),
    }
}

/// A value with the part at a place replaced.
pub(super) fn edited(value: &Value, place: &[usize], edit: &dyn Fn(&Value) -> Value) -> Value {
    let Some((first, rest)) = place.split_first() else {
        return edit(value);
    };
    match value {
        Value::List(items) => {
            let mut items = Vec::clone(items);
            if let Some(item) = items.get_mut(*first) {
                *item = edited(item, rest, edit);
            }
            Value::list(items)
        }
        Value::Object(members) => {
            let mut members = Object::clone(members);
            if let Some((_, member)) = members.get_index_mut(*first) {
                *member = edited(member, rest, edit);
            }
            Value::object(members)
        }
        _ => value.clone(),
    }
}

/// A value with a member below it replaced; `None` where it is missing or stays.
fn with(value: &Value, path: &[&str], edit: &dyn Fn(&Value) -> Option<Value>) -> Option<Value> {
    let Some((first, rest)) = path.split_first() else {
        return edit(value);
    };
    let mut members = value.as_object()?.clone();
    let member = with(members.get(*first)?, rest, edit)?;
    members.insert(Arc::from(*first), member);
    Some(Value::object(members))
}
