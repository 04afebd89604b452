//! Atoms of formulas in the language's syntax.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::{Catalog, Root};
use crate::logic::atom::{Aim, Atom, Base, Path};
use crate::logic::numbers::{NumberComparison, NumberTest};
use crate::logic::text::{TextCut, TextPattern, TextStep, TextTest};
use crate::ty::ShapeKind;
use crate::value::Value;

use super::condition::Condition;
use super::literal::{duration, quoted, regex};
use super::{alias, member, parameter};

/// Writes what is true, or not, of places in a request.
pub(super) struct Places<'u> {
    pub(super) catalog: &'u Catalog,
    /// The lists whose elements are spoken of, the outermost first.
    pub(super) elements: Vec<Arc<Path>>,
}

/// `left - right <= bound`, `=` or the opposite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    AtMost,
    Above,
    Equal,
    Unequal,
}

impl Places<'_> {
    /// `user.name`, `x.name` of an element.
    pub(super) fn path(&self, path: &Path) -> String {
        let base = match &path.base {
            Base::Root(root) => root.as_str().to_owned(),
            Base::Element(list) => {
                let depth = self.elements.iter().rposition(|known| known == list);
                depth.map_or_else(|| "?".to_owned(), parameter)
            }
        };
        path.members.iter().fold(base, |text, name| text + &member(name))
    }

    /// An atom about no list and no expression, or its opposite; those of [`Atom::AtMost`] are relations.
    pub(super) fn literal(&self, atom: &Atom, is_true: bool) -> Condition {
        let (text, opposite) = match atom {
            Atom::Text(path, test) => return self.text(path, test, is_true),
            Atom::Number(path, test) => return self.number(path, test, is_true),
            Atom::AtMost(left, right, bound) => {
                let relation = if is_true { Relation::AtMost } else { Relation::Above };
                return self.relation(left.as_deref(), right.as_deref(), *bound, relation);
            }
            Atom::Items(list, most) => {
                let word = if is_true { "<=" } else { ">" };
                return Condition::test(format!("{}.length() {word} {most}", self.path(list)));
            }
            Atom::Grant(grant) => (format!("grant = {grant}"), Some(format!("grant != {grant}"))),
            Atom::Client(id) => {
                let id = self.id(Root::Client, id);
                (format!("client = {id}"), Some(format!("client != {id}")))
            }
            Atom::UnlistedClient => {
                let listed: Vec<_> = self.catalog.clients.keys().map(|alias| &**alias).collect();
                let listed = listed.join(", ");
                (format!("client not in [{listed}]"), Some(format!("client in [{listed}]")))
            }
            Atom::Audience(aim, id) => {
                let (id, of) = (self.id(Root::Audience, id), audience(*aim));
                (format!("{id} in {of}"), Some(format!("{id} not in {of}")))
            }
            Atom::UnlistedAudience(aim) => {
                let listed: Vec<_> = self.catalog.audiences.keys().map(|alias| &**alias).collect();
                let of = audience(*aim);
                let within = format!("{of} in [{}]", listed.join(", "));
                return Condition::any([
                    Condition::test(within),
                    Condition::test(format!("{of}.is_empty()")),
                ])
                .signed(!is_true);
            }
            Atom::NoAudience(aim) => (format!("{}.is_empty()", audience(*aim)), None),
            Atom::ManyAudiences(aim) => {
                let of = audience(*aim);
                (format!("{of}.length() > 1"), Some(format!("{of}.length() <= 1")))
            }
            Atom::User => ("user exists".to_owned(), None),
            Atom::Failed(source) => (format!("external{} failed", member(source)), None),
            Atom::Present(path) => (format!("{} exists", self.path(path)), None),
            Atom::True(path) => (self.path(path), None),
            // Their writer knows more than places.
            Atom::Some(..) | Atom::Opaque(..) => ("?".to_owned(), None),
        };
        match opposite {
            Some(opposite) if !is_true => Condition::test(opposite),
            _ => Condition::test(text).signed(is_true),
        }
    }

    fn id(&self, root: Root, id: &str) -> String {
        alias(self.catalog, root, id).map_or_else(|| quoted(id), std::borrow::Cow::into_owned)
    }

    /// A text at a path, behind some steps.
    fn stepped(&self, path: &Path, steps: &[TextStep]) -> String {
        steps.iter().fold(self.path(path), |text, step| text + &step_text(step))
    }

    fn text(&self, path: &Path, test: &TextTest, is_true: bool) -> Condition {
        let subject = self.stepped(path, &test.steps);
        let called = |method: &str, argument: String| {
            Condition::test(format!("{subject}.{method}({argument})")).signed(is_true)
        };
        match &test.pattern {
            TextPattern::Equals(word) => {
                let operator = if is_true { "=" } else { "!=" };
                if let Some(root) = identified(path).filter(|_| test.steps.is_empty()) {
                    return Condition::test(format!("{} {operator} {}", root.as_str(), self.id(root, word)));
                }
                Condition::test(format!("{subject} {operator} {}", quoted(word)))
            }
            TextPattern::StartsWith(part) => called("starts_with", quoted(part)),
            TextPattern::EndsWith(part) => called("ends_with", quoted(part)),
            TextPattern::Contains(part) => called("contains", quoted(part)),
            TextPattern::Matches(source) => called("matches", regex(source)),
            TextPattern::Finds(source) => {
                Condition::test(format!("{subject}.extract({}) exists", regex(source))).signed(is_true)
            }
            TextPattern::AtMost(most) => {
                Condition::test(format!("{subject}.length() {} {most}", if is_true { "<=" } else { ">" }))
            }
            TextPattern::Exists => Condition::test(format!("{subject} exists")).signed(is_true),
        }
    }

    /// A text is one of these words, or none of them.
    pub(super) fn words(
        &self,
        path: &Path,
        steps: &[TextStep],
        words: &BTreeSet<Arc<str>>,
        is_true: bool,
    ) -> Condition {
        let operator = if is_true { "in" } else { "not in" };
        let root = identified(path).filter(|_| steps.is_empty());
        let subject = root.map_or_else(|| self.stepped(path, steps), |root| root.as_str().to_owned());
        let name = |word: &Arc<str>| root.map_or_else(|| quoted(word), |root| self.id(root, word));
        let words: Vec<_> = words.iter().map(name).collect();
        Condition::test(format!("{subject} {operator} [{}]", words.join(", ")))
    }

    fn number(&self, path: &Path, test: &NumberTest, is_true: bool) -> Condition {
        let operator = match (test.comparison, is_true) {
            (NumberComparison::Less, true) => "<",
            (NumberComparison::Less, false) => ">=",
            (NumberComparison::AtMost, true) => "<=",
            (NumberComparison::AtMost, false) => ">",
            (NumberComparison::Equal, true) => "=",
            (NumberComparison::Equal, false) => "!=",
        };
        let than = Value::Number(test.than.clone()).to_json();
        Condition::test(format!("{} {operator} {than}", self.path(path)))
    }

    /// A bound on a difference of whole numbers, times or spans of time.
    pub(super) fn relation(
        &self,
        left: Option<&Path>,
        right: Option<&Path>,
        bound: i128,
        relation: Relation,
    ) -> Condition {
        let is_time = left.or(right).is_some_and(|path| self.is_time(path));
        let (operators, left, right, bound) = match (left, right) {
            (Some(left), right) => (["<=", "<", ">", ">="], left, right, bound),
            // -right <= bound
            (None, Some(right)) => ([">=", ">", "<", "<="], right, None, -bound),
            (None, None) => return Condition::from(bound >= 0),
        };
        let [at_most, below, above, at_least] = operators;
        // `< 5m` reads better than `<= 299s`, and `< y` than `<= y - 1`.
        let other = if operators[0] == "<=" { bound + 1 } else { bound - 1 };
        let is_better = match right {
            Some(_) if !is_time => other == 0,
            _ => is_time && unit(other) > unit(bound),
        };
        let (operator, bound) = match relation {
            Relation::AtMost if is_better => (below, other),
            Relation::AtMost => (at_most, bound),
            Relation::Above if is_better => (at_least, other),
            Relation::Above => (above, bound),
            Relation::Equal => ("=", bound),
            Relation::Unequal => ("!=", bound),
        };
        let amount = |n: i128| if is_time { duration(n) } else { n.to_string() };
        let right = match right {
            Some(right) if bound == 0 => self.path(right),
            Some(right) if bound < 0 => format!("{} - {}", self.path(right), amount(-bound)),
            Some(right) => format!("{} + {}", self.path(right), amount(bound)),
            None => amount(bound),
        };
        Condition::test(format!("{} {operator} {right}", self.path(left)))
    }

    /// Whether what is at a path is a time or a span of time.
    fn is_time(&self, path: &Path) -> bool {
        let shape = match &path.base {
            Base::Root(root) => self.catalog.input(*root),
            Base::Element(_) => None,
        };
        let found = path.members.iter().try_fold(shape, |shape, name| match shape.map(|shape| &shape.kind) {
            Some(ShapeKind::Record(record)) => Some(record.member(name)),
            Some(ShapeKind::Map(value)) => Some(Some(&**value)),
            _ => None,
        });
        let kind = found.flatten().map(|shape| &shape.kind);
        matches!(kind, Some(ShapeKind::Timestamp | ShapeKind::Duration))
    }
}

/// What is compared by this id.
fn identified(path: &Path) -> Option<Root> {
    match (&path.base, path.members.as_slice()) {
        (Base::Root(root @ (Root::Client | Root::Connection | Root::Organization)), [id])
            if &**id == "id" =>
        {
            Some(*root)
        }
        _ => None,
    }
}

/// The largest unit that divides so many seconds.
fn unit(seconds: i128) -> i128 {
    [86_400, 3600, 60].into_iter().find(|size| seconds % size == 0).unwrap_or(1)
}

fn audience(aim: Aim) -> &'static str {
    match aim {
        Aim::Token | Aim::Asked => "audience",
        Aim::Requested => "requested.audience",
    }
}

fn step_text(step: &TextStep) -> String {
    match step {
        TextStep::Lower => ".lower()".to_owned(),
        TextStep::Upper => ".upper()".to_owned(),
        TextStep::Domain => ".domain".to_owned(),
        TextStep::Trim => ".trim()".to_owned(),
        TextStep::Take(count) => format!(".take({count})"),
        TextStep::Cut { cut, part, .. } => {
            let method = match cut {
                TextCut::AfterPrefix => "after_prefix",
                TextCut::StripPrefix => "strip_prefix",
                TextCut::BeforeSuffix => "before_suffix",
                TextCut::StripSuffix => "strip_suffix",
                TextCut::Before => "before",
                TextCut::After => "after",
                TextCut::BeforeLast => "before_last",
                TextCut::AfterLast => "after_last",
            };
            format!(".{method}({})", quoted(part))
        }
    }
}
