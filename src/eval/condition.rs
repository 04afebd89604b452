//! Conditions: Kleene's three values, with the reason why a condition is unknown.

use std::borrow::Cow;
use std::sync::Arc;

use super::Evaluation;
use crate::ast::Comparison;
use crate::ir::{AudienceOf, Expr, ExprKind};
use crate::standard::Grant;
use crate::value::{Failure, Outcome, Value};

/// Why there is no value. A missing user dominates where both meet: nothing that depends on it may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Absence {
    /// Something is missing.
    Absent,
    /// It reads the user, and there is none.
    NoUser,
}

impl From<Absence> for Outcome {
    fn from(absence: Absence) -> Self {
        match absence {
            Absence::Absent => Outcome::Absent,
            Absence::NoUser => Outcome::NoUser,
        }
    }
}

/// What a condition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    True,
    False,
    Unknown(Absence),
}

impl Truth {
    fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Unknown(absence) => Truth::Unknown(absence),
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Truth::True } else { Truth::False }
    }
}

/// A condition as a value: absent where it is unknown.
impl From<Truth> for Outcome {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Outcome::Value(Value::Bool(true)),
            Truth::False => Outcome::Value(Value::Bool(false)),
            Truth::Unknown(absence) => absence.into(),
        }
    }
}

/// `and` and `or` in one: the first `decisive` value wins over everything, then a failure (the least of all, so that
/// order does not matter), then an unknown one.
pub(super) fn combine(
    truths: impl Iterator<Item = Result<Truth, Failure>>,
    decisive: Truth,
) -> Result<Truth, Failure> {
    let mut failure: Option<Failure> = None;
    let mut unknown: Option<Absence> = None;
    for truth in truths {
        match truth {
            Ok(truth) if truth == decisive => return Ok(decisive),
            Ok(Truth::Unknown(absence)) => unknown = unknown.max(Some(absence)),
            Ok(_) => {}
            Err(error) => failure = Some(failure.map_or(error.clone(), |least| least.min(error))),
        }
    }
    match (failure, unknown) {
        (Some(failure), _) => Err(failure),
        (None, Some(absence)) => Ok(Truth::Unknown(absence)),
        (None, None) => Ok(decisive.not()),
    }
}

impl Evaluation<'_> {
    /// What a Boolean expression is.
    pub(super) fn truth(&self, expr: &Expr) -> Result<Truth, Failure> {
        match &*expr.kind {
            ExprKind::And(operands) => self.all_truths(operands, Truth::False),
            ExprKind::Or(operands) => self.all_truths(operands, Truth::True),
            ExprKind::Not(operand) => self.truth(operand).map(Truth::not),
            ExprKind::Compare { operator, left, right, fold } => {
                self.atom([left, right], |[left, right]| compare(*operator, &left, &right, *fold))
            }
            ExprKind::In { element, list, fold } => self.atom([element, list], |[element, list]| {
                list.as_list().is_some_and(|items| items.iter().any(|item| item.equals(&element, *fold)))
            }),
            ExprKind::Exists(operand) => Ok(match self.value(operand)? {
                Outcome::Value(_) => Truth::True,
                Outcome::Absent => Truth::False,
                Outcome::NoUser => Truth::Unknown(Absence::NoUser),
            }),
            ExprKind::UserExists => Ok(self.has_user().into()),
            ExprKind::Login => Ok(self.is_login().into()),
            ExprKind::Failed(source) => Ok(self.has_failed(source).into()),
            ExprKind::AudienceIs(of, id) => self
                .atom([id], |[id]| matches!(&*self.audience_of(*of), [only] if id.as_str() == Some(&**only))),
            ExprKind::AudienceHas(of, id) => {
                self.atom([id], |[id]| self.audience_of(*of).iter().any(|one| id.as_str() == Some(&**one)))
            }
            ExprKind::AudienceWithin(of, list) => self.atom([list], |[list]| {
                let audience = self.audience_of(*of);
                let listed = |one: &Arc<str>| {
                    list.as_list().is_some_and(|ids| ids.iter().any(|id| id.as_str() == Some(&**one)))
                };
                !audience.is_empty() && audience.iter().all(listed)
            }),
            _ => Ok(match self.value(expr)? {
                Outcome::Value(value) => (value.as_bool() == Some(true)).into(),
                Outcome::Absent => Truth::Unknown(Absence::Absent),
                Outcome::NoUser => Truth::Unknown(Absence::NoUser),
            }),
        }
    }

    /// `and` and `or`. Operands that spend steps are evaluated only if no other one decides, and then all of them: what
    /// is spent must not depend on their order.
    fn all_truths(&self, operands: &[Expr], decisive: Truth) -> Result<Truth, Failure> {
        let free = combine(operands.iter().filter(|e| !e.spends).map(|e| self.truth(e)), decisive);
        if free == Ok(decisive) {
            return free;
        }
        let others: Vec<_> = operands.iter().filter(|e| e.spends).map(|e| self.truth(e)).collect();
        combine(std::iter::once(free).chain(others), decisive)
    }

    /// An atom: unknown where an operand is absent.
    fn atom<const N: usize>(
        &self,
        operands: [&Expr; N],
        test: impl FnOnce([Value; N]) -> bool,
    ) -> Result<Truth, Failure> {
        Ok(match self.values(operands)? {
            Err(absence) => Truth::Unknown(absence),
            Ok(values) => match <[Value; N]>::try_from(values) {
                Ok(values) => {
                    values
                        .iter()
                        .filter(|value| value.as_list().is_some())
                        .try_for_each(|v| self.budget.read(v))?;
                    test(values).into()
                }
                Err(_) => Truth::Unknown(Absence::Absent),
            },
        })
    }

    /// Whether a source of external data failed.
    pub(super) fn has_failed(&self, source: &str) -> bool {
        self.request.external().and_then(|sources| sources.get(source)).is_some_and(super::bind::is_failed)
    }

    /// A grant with a sign-in, or a refresh that has a user and began with one or does not tell.
    fn is_login(&self) -> bool {
        let request = self.request;
        let first = || request.original().and_then(|original| original.grant);
        request.grant().is_sign_in()
            || (request.grant() == Grant::RefreshToken
                && self.has_user()
                && first().is_none_or(Grant::is_sign_in))
    }

    fn audience_of(&self, of: AudienceOf) -> Cow<'_, [Arc<str>]> {
        match of {
            AudienceOf::Token => Cow::Borrowed(self.audience.get().map(Vec::as_slice).unwrap_or_default()),
            AudienceOf::Requested => {
                Cow::Owned(super::stages::seen(&self.unit.catalog, &self.request.requested().audience))
            }
        }
    }
}

fn compare(operator: Comparison, left: &Value, right: &Value, fold: bool) -> bool {
    let order = || left.total_cmp(right);
    match operator {
        Comparison::Equal => left.equals(right, fold),
        Comparison::NotEqual => !left.equals(right, fold),
        Comparison::Less => order().is_lt(),
        Comparison::LessEqual => order().is_le(),
        Comparison::Greater => order().is_gt(),
        Comparison::GreaterEqual => order().is_ge(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNKNOWN: [Truth; 2] = [Truth::Unknown(Absence::Absent), Truth::Unknown(Absence::NoUser)];

    fn failure(message: &str) -> Result<Truth, Failure> {
        Err(Failure { code: "C0904", message: message.to_owned() })
    }

    /// Combines in every order and checks that it makes no difference.
    fn both_ways(
        a: &Result<Truth, Failure>,
        b: &Result<Truth, Failure>,
        decisive: Truth,
    ) -> Result<Truth, Failure> {
        let forth = combine([a.clone(), b.clone()].into_iter(), decisive);
        let back = combine([b.clone(), a.clone()].into_iter(), decisive);
        assert_eq!(forth, back);
        forth
    }

    #[test]
    fn kleene() {
        let (yes, no) = (Ok(Truth::True), Ok(Truth::False));
        for unknown in UNKNOWN.map(Ok) {
            assert_eq!(both_ways(&yes, &unknown, Truth::False), unknown);
            assert_eq!(both_ways(&no, &unknown, Truth::False), no);
            assert_eq!(both_ways(&yes, &unknown, Truth::True), yes);
            assert_eq!(both_ways(&no, &unknown, Truth::True), unknown);
        }
        assert_eq!(both_ways(&yes, &yes, Truth::False), yes);
        assert_eq!(both_ways(&no, &no, Truth::True), no);
    }

    #[test]
    fn a_missing_user_dominates() {
        let [absent, no_user] = UNKNOWN.map(Ok);
        for decisive in [Truth::True, Truth::False] {
            assert_eq!(both_ways(&absent, &no_user, decisive), no_user);
        }
    }

    #[test]
    fn decisive_operands_win_over_failures_and_failures_over_unknown_ones() {
        let (yes, no, unknown) = (Ok(Truth::True), Ok(Truth::False), Ok(UNKNOWN[0]));
        assert_eq!(both_ways(&failure("a"), &no, Truth::False), no);
        assert_eq!(both_ways(&failure("a"), &yes, Truth::True), yes);
        assert_eq!(both_ways(&failure("a"), &yes, Truth::False), failure("a"));
        assert_eq!(both_ways(&failure("a"), &unknown, Truth::False), failure("a"));
        assert_eq!(both_ways(&failure("b"), &failure("a"), Truth::False), failure("a"));
    }
}
