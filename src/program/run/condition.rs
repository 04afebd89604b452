//! Conditions: Kleene's three values.

use super::Run;
use crate::ast::Comparison;
use crate::catalog::Root;
use crate::ir::{AudienceOf, Expr, ExprKind};
use crate::program::value::{Bail, Store, Val};
use crate::standard::Grant;

/// What a condition is; unknown for want of a value, or of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    True,
    False,
    Absent,
    NoUser,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Truth::True } else { Truth::False }
    }
}

impl From<Truth> for Val<'_> {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Val::Bool(true),
            Truth::False => Val::Bool(false),
            Truth::Absent => Val::Absent,
            Truth::NoUser => Val::NoUser,
        }
    }
}

impl<'a> Run<'a> {
    #[inline]
    pub(super) fn is_true(&mut self, expr: &'a Expr) -> Result<bool, Bail> {
        self.truth(expr).map(|truth| truth == Truth::True)
    }

    /// What a Boolean expression is.
    pub(super) fn truth(&mut self, expr: &'a Expr) -> Result<Truth, Bail> {
        match &*expr.kind {
            ExprKind::And(operands) => self.combined(operands, Truth::False, expr.spends),
            ExprKind::Or(operands) => self.combined(operands, Truth::True, expr.spends),
            ExprKind::Not(operand) => Ok(match self.truth(operand)? {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                unknown => unknown,
            }),
            ExprKind::Compare { operator, left, right, fold } => {
                let [left, right] = match self.both(left, right)? {
                    Ok(both) => both,
                    Err(unknown) => return Ok(unknown),
                };
                self.read_lists(&[left, right])?;
                self.compare(*operator, left, right, *fold).map(Truth::from)
            }
            ExprKind::In { element, list, fold } => {
                let [element, list] = match self.both(element, list)? {
                    Ok(both) => both,
                    Err(unknown) => return Ok(unknown),
                };
                self.read_lists(&[element, list])?;
                Ok(self.has(list, element, *fold).into())
            }
            ExprKind::Exists(operand) => Ok(match self.value(operand)? {
                Val::Absent => Truth::False,
                Val::NoUser => Truth::NoUser,
                _ => Truth::True,
            }),
            ExprKind::UserExists => Ok(self.frame.program.has_user.into()),
            ExprKind::Login => Ok(self.is_login().into()),
            ExprKind::Failed(source) => {
                let external = self.frame.input.whole(Root::External);
                let source = external.as_ref().and_then(|sources| sources.get(source));
                Ok(source.is_some_and(|source| source.get("$failed").is_some()).into())
            }
            ExprKind::AudienceIs(of, id) => self.audience_test(*of, id, |ids, id, store| {
                ids.len() == 1 && ids.first().is_some_and(|only| store.text(*only) == store.text(id))
            }),
            ExprKind::AudienceHas(of, id) => self.audience_test(*of, id, |ids, id, store| {
                ids.iter().any(|one| store.text(*one) == store.text(id))
            }),
            ExprKind::AudienceWithin(of, list) => self.audience_test(*of, list, |ids, list, store| {
                let listed = |id: &Val<'_>| {
                    let count = store.count(list).unwrap_or(0);
                    (0..count)
                        .any(|i| store.element(list, i).is_some_and(|e| store.text(e) == store.text(*id)))
                };
                !ids.is_empty() && ids.iter().all(listed)
            }),
            _ => Ok(match self.value(expr)? {
                Val::Absent => Truth::Absent,
                Val::NoUser => Truth::NoUser,
                val => (Store::bool(val) == Some(true)).into(),
            }),
        }
    }

    /// `and` and `or`. What spends steps is looked at only if nothing else decides, and then all of it.
    fn combined(&mut self, operands: &'a [Expr], decisive: Truth, spends: bool) -> Result<Truth, Bail> {
        let neutral = if decisive == Truth::True { Truth::False } else { Truth::True };
        let mut result = neutral;
        let mut add = |truth: Truth| {
            let rank = |truth: Truth| match truth {
                _ if truth == decisive => 3,
                Truth::NoUser => 2,
                Truth::Absent => 1,
                _ => 0,
            };
            if rank(truth) > rank(result) {
                result = truth;
            }
        };
        for operand in operands.iter().filter(|operand| !operand.spends) {
            let truth = self.truth(operand)?;
            if truth == decisive {
                return Ok(decisive);
            }
            add(truth);
        }
        if spends {
            for operand in operands.iter().filter(|operand| operand.spends) {
                let truth = self.truth(operand)?;
                add(truth);
            }
        }
        Ok(result)
    }

    /// The values of two operands, if both are there.
    fn both(&mut self, left: &'a Expr, right: &'a Expr) -> Result<Result<[Val<'a>; 2], Truth>, Bail> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        Ok(match (left, right) {
            (Val::NoUser, _) | (_, Val::NoUser) => Err(Truth::NoUser),
            (Val::Absent, _) | (_, Val::Absent) => Err(Truth::Absent),
            both => Ok([both.0, both.1]),
        })
    }

    fn read_lists(&mut self, operands: &[Val<'a>]) -> Result<(), Bail> {
        for operand in operands {
            if let Some(count) = self.memory.store.count(*operand) {
                self.spend(count)?;
            }
        }
        Ok(())
    }

    /// Whether a list has an element.
    pub(super) fn has(&self, list: Val<'a>, element: Val<'a>, fold: bool) -> bool {
        let store = &self.memory.store;
        if let (Some(element), false) = (store.text(element), fold) {
            return store.has_text(list, element);
        }
        let count = store.count(list).unwrap_or(0);
        (0..count).any(|i| store.element(list, i).is_some_and(|one| store.equal(one, element, fold)))
    }

    fn compare(&self, operator: Comparison, left: Val<'a>, right: Val<'a>, fold: bool) -> Result<bool, Bail> {
        let store = &self.memory.store;
        Ok(match operator {
            Comparison::Equal => store.equal(left, right, fold),
            Comparison::NotEqual => !store.equal(left, right, fold),
            Comparison::Less => store.order(left, right)?.is_lt(),
            Comparison::LessEqual => store.order(left, right)?.is_le(),
            Comparison::Greater => store.order(left, right)?.is_gt(),
            Comparison::GreaterEqual => store.order(left, right)?.is_ge(),
        })
    }

    fn audience_test(
        &mut self,
        of: AudienceOf,
        ids: &'a Expr,
        test: impl FnOnce(&[Val<'a>], Val<'a>, &Store<'a>) -> bool,
    ) -> Result<Truth, Bail> {
        let ids = match self.value(ids)? {
            Val::Absent => return Ok(Truth::Absent),
            Val::NoUser => return Ok(Truth::NoUser),
            ids => ids,
        };
        self.read_lists(&[ids])?;
        let audience = match of {
            AudienceOf::Token => self.frame.asked.audience,
            AudienceOf::Requested => self.frame.asked.requested_audience.unwrap_or(self.frame.asked.audience),
        };
        let seen = self.names.seen(audience);
        let start = self.memory.stack.len();
        self.memory.stack.extend(seen.map(Val::Text));
        let truth = test(self.memory.stack.get(start..).unwrap_or_default(), ids, &self.memory.store);
        self.memory.stack.truncate(start);
        Ok(truth.into())
    }

    /// A grant with a sign-in, or a refresh that has a user and began with one or does not tell.
    fn is_login(&self) -> bool {
        let first = self.frame.asked.original.and_then(|original| original.grant);
        self.frame.asked.grant.is_sign_in()
            || (self.frame.asked.grant == Grant::RefreshToken
                && self.frame.program.has_user
                && first.is_none_or(Grant::is_sign_in))
    }
}
