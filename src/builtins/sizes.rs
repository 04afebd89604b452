//! How large results of methods can be, where their types do not say.
//!
//! Each function makes an upper bound of those of receiver and arguments. A row without one gives a value whose type
//! bounds it; a test holds that.

use std::sync::Arc;

use regex::Regex;

use super::Builtin;
use super::operands::{MAX_ITEMS, MAX_TEXT};
use super::patterns::Replacement;
use crate::ty::size::{Members, Rest, Size, Text};
use crate::ty::{Kind, Type};
use crate::value::Value;

/// A function of this module.
pub(super) type Rule = fn(&Measured<'_>) -> Size;

/// A call whose operands are measured.
pub struct Measured<'a> {
    /// The receiver.
    pub receiver: Size,
    /// The arguments.
    pub arguments: Vec<MeasuredArgument<'a>>,
    /// The type of the result.
    pub ty: &'a Type,
}

/// A measured argument.
pub enum MeasuredArgument<'a> {
    /// A value, and which one if it is a constant.
    Value(Size, Option<&'a Value>),
    /// What a lambda gives for a value of some size.
    Lambda(Box<dyn Fn(&Size) -> Size + 'a>),
    /// A regular expression.
    Regex(&'a Regex),
}

impl Builtin {
    /// How large the result is at the most.
    pub fn size(&self, call: &Measured<'_>) -> Size {
        let size = self.size.map_or_else(Size::unlimited, |rule| rule(call));
        size.within_type(call.ty)
    }
}

/// Bytes of the longest text that a method gives.
const TEXT: u64 = MAX_TEXT as u64;
/// Elements of the longest list that a method gives.
const ITEMS: u64 = MAX_ITEMS as u64;

impl Measured<'_> {
    /// The receiver as a text.
    fn text(&self) -> Text {
        self.receiver.text.unwrap_or(Text::EMPTY)
    }

    /// A text made of the receiver's.
    fn with_text(&self, text: Text) -> Size {
        Size::string(text.bytes_at_most(TEXT)).blamed_on(self.receiver.free.iter().copied())
    }

    /// A list with as many elements as the receiver at the most, and who is to blame for that.
    fn with_items(&self, most: u64, each: Size) -> Size {
        Size::list(most.min(ITEMS), each).blamed_on(self.receiver.free.iter().copied())
    }

    /// An object with members of the receiver.
    fn with_members(&self, members: Members) -> Size {
        Size::object(members).blamed_on(self.receiver.free.iter().copied())
    }

    fn argument(&self, index: usize) -> Size {
        match self.arguments.get(index) {
            Some(MeasuredArgument::Value(size, _)) => size.clone(),
            _ => Size::unlimited(),
        }
    }

    fn constant(&self, index: usize) -> Option<&Value> {
        match self.arguments.get(index) {
            Some(MeasuredArgument::Value(_, constant)) => *constant,
            _ => None,
        }
    }

    fn literal(&self, index: usize) -> Option<&str> {
        self.constant(index).and_then(Value::as_str)
    }

    fn names(&self) -> Vec<&str> {
        (0..self.arguments.len()).filter_map(|index| self.literal(index)).collect()
    }

    /// The first argument as a count.
    fn count(&self) -> u64 {
        let count = self.constant(0).and_then(Value::as_int);
        count.map_or(u64::MAX, |count| u64::try_from(count.max(0)).unwrap_or_default())
    }

    /// What the lambda at a position gives.
    fn apply(&self, index: usize, value: &Size) -> Size {
        match self.arguments.get(index) {
            Some(MeasuredArgument::Lambda(lambda)) => lambda(value),
            _ => Size::unlimited(),
        }
    }

    fn regex(&self) -> Option<&Regex> {
        self.arguments.iter().find_map(|argument| match argument {
            MeasuredArgument::Regex(regex) => Some(*regex),
            _ => None,
        })
    }
}

/// The receiver, or less of it.
pub(super) fn same(call: &Measured<'_>) -> Size {
    call.receiver.clone()
}

/// A stretch of the receiver.
pub(super) fn part(call: &Measured<'_>) -> Size {
    call.with_text(call.text())
}

/// `take` of a text. Where the number is what bounds it, no attribute is to blame.
pub(super) fn taken_text(call: &Measured<'_>) -> Size {
    let text = call.text().take(call.count());
    if text.escaped < call.text().escaped { Size::string(text) } else { call.with_text(text) }
}

/// `length`
pub(super) fn count(call: &Measured<'_>) -> Size {
    let receiver = &call.receiver;
    let most = call.text().chars.max(receiver.most()).max(receiver.members().most());
    Size::scalar(most.to_string().len() as u64)
}

/// A whole number of so many digits.
pub(super) fn digits<const N: u64>(_: &Measured<'_>) -> Size {
    Size::scalar(N)
}

/// `split`: the parts together are no longer than the text, and each has quotation marks and a comma of its own.
pub(super) fn split(call: &Measured<'_>) -> Size {
    let text = call.text();
    let separator = call.literal(0).map_or(Text::plain(1), Text::of);
    let most = occurrences(text, separator).min(ITEMS - 1);
    let gained = most.saturating_mul(3_u64.saturating_sub(separator.escaped));
    let marks = text.escaped.saturating_add(gained);
    call.with_items(most.saturating_add(1), part(call))
        .at_most(marks.saturating_add(4), call.receiver.free.clone())
}

/// How often a part can occur in a text.
fn occurrences(text: Text, part: Text) -> u64 {
    (text.chars / part.chars.max(1))
        .min(text.bytes / part.bytes.max(1))
        .min(text.escaped / part.escaped.max(1))
}

/// `replace`
pub(super) fn replaced(call: &Measured<'_>) -> Size {
    let (text, new) = (call.text(), call.argument(1));
    let old = call.literal(0).map_or(Text::plain(1), Text::of);
    let count = occurrences(text, old);
    let with = new.as_text();
    let grown = |before: u64, old: u64, new: u64| {
        before.saturating_add(count.saturating_mul(new.saturating_sub(old)))
    };
    let replaced = Text {
        chars: grown(text.chars, old.chars, with.chars),
        bytes: grown(text.bytes, old.bytes, with.bytes),
        escaped: grown(text.escaped, old.escaped, with.escaped),
        ..text.or(with)
    };
    call.with_text(replaced).blamed_on(new.all_free())
}

/// `captures`: a member or an element for each group, each a stretch of the receiver.
pub(super) fn captures(call: &Measured<'_>) -> Size {
    if let Kind::Record(record) = &call.ty.kind {
        let known = record.members.iter().map(|(name, _)| (name.clone(), part(call))).collect();
        return Size::object(Members { known, rest: None });
    }
    let groups = call.regex().map_or(1, Regex::captures_len).saturating_sub(1);
    Size::list(groups as u64, part(call))
}

/// `regex_replace`: there may be a match at every place. What a group has stood in the text before, and what a match has
/// is no longer there.
pub(super) fn regex_replaced(call: &Measured<'_>) -> Size {
    let text = call.text();
    let (words, groups) = call
        .literal(1)
        .map_or((Text::any(u64::MAX, TEXT), 0), |replacement| Replacement::parse(replacement).measure());
    let inserted = words.times(text.chars.saturating_add(1));
    call.with_text(text.times(groups.max(1)).then(inserted))
}

/// An element of the receiver.
pub(super) fn element(call: &Measured<'_>) -> Size {
    call.receiver.each()
}

/// `take`, `at_most` of a list.
pub(super) fn taken(call: &Measured<'_>) -> Size {
    let receiver = &call.receiver;
    if call.count() >= receiver.most() {
        return receiver.clone();
    }
    Size::list(call.count(), receiver.each()).within(receiver)
}

/// `union`
pub(super) fn union(call: &Measured<'_>) -> Size {
    let (left, right) = (&call.receiver, call.argument(0));
    let most = left.most().saturating_add(right.most());
    let json = left.json.saturating_add(right.json).saturating_sub(1);
    call.with_items(most, left.each().or(&right.each()))
        .blamed_on(right.free.iter().copied())
        .at_most(json, left.all_free().into_iter().chain(right.all_free()).collect())
}

/// `intersect`: texts are as long as those of either list that they equal.
pub(super) fn intersection(call: &Measured<'_>) -> Size {
    let (left, right) = (&call.receiver, call.argument(0));
    let is_text = matches!(&call.ty.kind, Kind::List(element) if element.kind.is_text());
    let each = match (left.each().text, right.each().text) {
        (Some(a), Some(b)) if is_text => {
            let shorter = if b.escaped <= a.escaped { right.each() } else { left.each() };
            Size::string(a.and(b)).blamed_on(shorter.free)
        }
        _ => left.each(),
    };
    let shorter = if right.most() <= left.most() { &right } else { left };
    let list = Size::list(shorter.most(), each).blamed_on(shorter.free.iter().copied());
    let list = list.within(left);
    if is_text { list.within(&right) } else { list }
}

/// `flatten`
pub(super) fn flattened(call: &Measured<'_>) -> Size {
    let lists = call.receiver.each();
    call.with_items(call.receiver.most().saturating_mul(lists.most()), lists.each())
        .blamed_on(lists.free)
        .within(&call.receiver)
}

/// `join`
pub(super) fn joined(call: &Measured<'_>) -> Size {
    let (list, separator) = (&call.receiver, call.argument(0));
    let (each, between) = (list.each(), separator.as_text());
    let gaps = list.most().saturating_sub(1);
    let texts = each.as_text().times(list.most());
    // In the list each text but the first costs three marks more than its own bytes.
    let together = list.json.saturating_sub(4);
    let fewest_marks = together.saturating_add(gaps.saturating_mul(between.escaped.saturating_sub(3)));
    let text = texts.then(between.times(gaps));
    let text = if list.most() == 0 { Text::EMPTY } else { text.escaped_at_most(fewest_marks) };
    call.with_text(text).blamed_on(each.all_free()).blamed_on(separator.all_free())
}

/// `map`
pub(super) fn mapped(call: &Measured<'_>) -> Size {
    call.with_items(call.receiver.most(), call.apply(0, &call.receiver.each()))
}

/// `flat_map`
pub(super) fn flat_mapped(call: &Measured<'_>) -> Size {
    let lists = call.apply(0, &call.receiver.each());
    let nested = call.with_items(call.receiver.most(), lists.clone());
    call.with_items(call.receiver.most().saturating_mul(lists.most()), lists.each())
        .blamed_on(lists.free)
        .within(&nested)
}

/// `group_by`: every element stands in one group; there are most marks where each has its own.
pub(super) fn grouped(call: &Measured<'_>) -> Size {
    let (most, each) = (call.receiver.most(), call.receiver.each());
    let key = call.apply(0, &each);
    let singles = Rest::new(most, key.as_text(), Size::list(1, each.clone()));
    let rest = Rest { each: call.with_items(most, each), ..singles };
    call.with_members(Members { known: Vec::new(), rest: Some(rest) }).blamed_on(key.free)
}

/// `to_map`
pub(super) fn keyed(call: &Measured<'_>) -> Size {
    let each = call.receiver.each();
    let (key, value) = (call.apply(0, &each), call.apply(1, &each));
    let rest = Rest::new(call.receiver.most(), key.as_text(), value);
    call.with_members(Members { known: Vec::new(), rest: Some(rest) }).blamed_on(key.free)
}

/// `keys`
pub(super) fn keys(call: &Measured<'_>) -> Size {
    let members = call.receiver.members();
    let key = Size::string(members.key()).blamed_on(call.receiver.free.iter().copied());
    Size::list(members.most(), key).blamed_on(call.receiver.free.iter().copied()).within(&call.receiver)
}

/// `values`
pub(super) fn values(call: &Measured<'_>) -> Size {
    let members = call.receiver.members();
    Size::list(members.most(), members.each())
        .blamed_on(call.receiver.free.iter().copied())
        .within(&call.receiver)
}

/// `entries`
pub(super) fn entries(call: &Measured<'_>) -> Size {
    let members = call.receiver.members();
    let key = Size::string(members.key()).blamed_on(call.receiver.free.iter().copied());
    let entry = [("key", key), ("value", members.each())].map(|(name, size)| (Arc::from(name), size));
    let entry = Size::object(Members { known: entry.to_vec(), rest: None });
    // `"a":1` becomes `{"key":"a","value":1}`.
    let json = call.receiver.json.saturating_add(members.most().saturating_mul(16));
    Size::list(members.most(), entry)
        .blamed_on(call.receiver.free.iter().copied())
        .at_most(json, call.receiver.all_free())
}

/// `get` of an object.
pub(super) fn member(call: &Measured<'_>) -> Size {
    match call.literal(0) {
        Some(name) => call.receiver.member(name),
        None => call.receiver.members().each(),
    }
}

/// `merge`
pub(super) fn merged(call: &Measured<'_>) -> Size {
    let (left, right) = (&call.receiver, call.argument(0));
    let json = left.json.saturating_add(right.json).saturating_sub(1);
    call.with_members(left.members().extended(&right.members()))
        .blamed_on(right.free.iter().copied())
        .at_most(json, left.all_free().into_iter().chain(right.all_free()).collect())
}

/// `pick`. Where all names are known, nothing else is to blame.
pub(super) fn picked(call: &Measured<'_>) -> Size {
    let members = call.receiver.members();
    let picked: Vec<(Arc<str>, Size)> =
        call.names().into_iter().map(|name| (Arc::from(name), members.get(name))).collect();
    Size::object(Members { known: picked, rest: None }).within(&call.receiver)
}

/// `without`
pub(super) fn rest(call: &Measured<'_>) -> Size {
    let names = call.names();
    let mut members = call.receiver.members();
    members.known.retain(|(name, _)| !names.contains(&&**name));
    call.with_members(members).within(&call.receiver)
}

/// `map_values`. The lambda is measured once for all members: lambdas within lambdas would multiply.
pub(super) fn mapped_values(call: &Measured<'_>) -> Size {
    let Members { known, rest } = call.receiver.members();
    let each = call.apply(0, &call.receiver.members().each());
    let known = known.into_iter().map(|(name, _)| (name, each.clone())).collect();
    let rest = rest.map(|rest| Rest::new(rest.most, rest.key, each));
    call.with_members(Members { known, rest })
}

/// `to_list`: a list as it is, anything else in a list.
pub(super) fn to_list(call: &Measured<'_>) -> Size {
    let one = Size::list(1, call.receiver.clone());
    if call.receiver.most() > 0 { one.or(&call.receiver) } else { one }
}

/// `to_string`
pub(super) fn to_string(call: &Measured<'_>) -> Size {
    Size::string(call.receiver.as_text().bytes_at_most(TEXT)).blamed_on(call.receiver.all_free())
}

/// `to_json`
pub(super) fn to_json(call: &Measured<'_>) -> Size {
    Size::string(call.receiver.json_text().bytes_at_most(TEXT)).blamed_on(call.receiver.all_free())
}

/// `parse_json`: compact JSON is no longer than the text that it was read from.
pub(super) fn parsed(call: &Measured<'_>) -> Size {
    Size::any(call.text().bytes).blamed_on(call.receiver.free.iter().copied())
}

/// `base64`: four characters for each three bytes or part of them (RFC 4648 section 4).
pub(super) fn base64(call: &Measured<'_>) -> Size {
    call.with_text(Text::plain(call.text().bytes.div_ceil(3).saturating_mul(4)))
}

/// `base64url` without padding (RFC 4648 sections 3.2 and 5).
pub(super) fn base64url(call: &Measured<'_>) -> Size {
    call.with_text(Text::plain(call.text().bytes.saturating_mul(4).div_ceil(3)))
}

/// `from_base64`, `from_base64url`: anything may come out.
pub(super) fn from_base64(call: &Measured<'_>) -> Size {
    call.with_text(Text::any(u64::MAX, (call.text().bytes / 4).saturating_add(1).saturating_mul(3)))
}

/// `hex`: two digits for each byte.
pub(super) fn hex(call: &Measured<'_>) -> Size {
    call.with_text(Text::plain(call.text().bytes.saturating_mul(2)))
}

/// `from_hex`: anything may come out.
pub(super) fn from_hex(call: &Measured<'_>) -> Size {
    call.with_text(Text::any(u64::MAX, call.text().bytes / 2))
}

/// `url_encode`: three characters for each byte at the most.
pub(super) fn url_encoded(call: &Measured<'_>) -> Size {
    call.with_text(Text::plain(call.text().bytes.saturating_mul(3)))
}

/// `rfc3339`: `2026-11-20T12:00:00Z`
pub(super) fn rfc3339(_: &Measured<'_>) -> Size {
    Size::string(Text::plain(20))
}

#[cfg(test)]
mod tests {
    use super::super::methods;

    /// What a type does not bound has a rule.
    #[test]
    fn every_result_is_bounded() {
        for builtin in methods() {
            let result = builtin.signature.rsplit("->").next().unwrap().trim().trim_end_matches('?');
            let is_bounded = matches!(result, "bool" | "int" | "timestamp" | "duration");
            assert!(is_bounded || builtin.size.is_some(), "`{}` has no rule for its size", builtin.signature);
        }
    }
}
