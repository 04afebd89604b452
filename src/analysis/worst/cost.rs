//! What evaluating an expression takes at the most: the steps of the budget, and what they do not pay for.

use std::collections::BTreeSet;

use super::MAX_VALUE;
use super::pattern::Pattern;
use crate::analysis::size::Sizes;
use crate::builtins::Builtin;
use crate::eval::MAX_STEPS;
use crate::ir::{Argument, AudienceOf, Element, Expr, ExprKind, LetId, Member, Unit};
use crate::ty::size::Size;
use crate::value::Value;

/// Bytes of text that one step or operation is about.
const TEXT: u64 = 64;
/// Bytes of the JSON of lists and objects that one operation is about: what a part of them takes is more than its bytes.
const PARTS: u64 = 8;

/// What something takes at the most. All sums saturate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cost {
    /// Steps of the budget, as the evaluator counts them.
    pub(super) steps: u64,
    /// Operations that no step pays for.
    free: u64,
    /// The same without what applications of lambdas take.
    outside: u64,
    /// The most that one application of a lambda takes of them, that of lambdas within it aside.
    application: u64,
}

impl Cost {
    /// Operations that no step pays for.
    pub(super) fn free(operations: u64) -> Self {
        Cost { free: operations, outside: operations, ..Cost::default() }
    }

    /// Steps of the budget.
    pub(super) fn steps(steps: u64) -> Self {
        Cost { steps, ..Cost::default() }
    }

    /// Both.
    #[must_use]
    pub(super) fn and(self, other: Cost) -> Self {
        Cost {
            steps: self.steps.saturating_add(other.steps),
            free: self.free.saturating_add(other.free),
            outside: self.outside.saturating_add(other.outside),
            application: self.application.max(other.application),
        }
    }

    /// One or the other.
    #[must_use]
    pub(super) fn or(self, other: Cost) -> Self {
        Cost {
            steps: self.steps.max(other.steps),
            free: self.free.max(other.free),
            outside: self.outside.max(other.outside),
            application: self.application.max(other.application),
        }
    }

    /// As the body of a lambda that is applied so many times, with the step that each application is.
    fn applied(self, times: u64) -> Self {
        Cost {
            steps: times.saturating_mul(self.steps.saturating_add(1)),
            free: times.saturating_mul(self.free.saturating_add(1)),
            // Whoever applies it goes through all elements, even where no step is left.
            outside: times,
            application: self.application.max(self.outside),
        }
    }

    /// Steps and all else. Every application of a lambda takes a step, and there are only so many.
    pub(super) fn operations(&self) -> u64 {
        let most = self.outside.saturating_add(MAX_STEPS.saturating_mul(self.application));
        self.steps.min(MAX_STEPS).saturating_add(self.free.min(most))
    }
}

/// The costs of expressions of a policy.
pub(super) struct Costs<'u> {
    unit: &'u Unit,
    pub(super) sizes: Sizes<'u>,
    /// Audiences that a request can have.
    audiences: u64,
}

impl<'u> Costs<'u> {
    pub(super) fn of(unit: &'u Unit, audiences: u64) -> Self {
        Costs { unit, sizes: Sizes::of(unit), audiences }
    }

    /// What evaluating an expression takes. Lets are evaluated once for all who name them: they count in `lets`.
    pub(super) fn of_expr(&self, expr: &Expr, lets: &mut BTreeSet<LetId>) -> Cost {
        let parts = |lets: &mut BTreeSet<LetId>, parts: &[&Expr]| {
            parts.iter().fold(Cost::free(1), |cost, part| cost.and(self.of_expr(part, lets)))
        };
        match &*expr.kind {
            ExprKind::Let(id) => {
                lets.insert(*id);
                Cost::free(1)
            }
            ExprKind::If { condition, then, otherwise, .. } => {
                let either = self.of_expr(then, lets).or(self.of_expr(otherwise, lets));
                parts(lets, &[condition]).and(either)
            }
            ExprKind::Match { subject, arms, otherwise, .. } => {
                let tested = arms.iter().flat_map(|(literals, _)| literals).map(literal).sum();
                let values = arms.iter().map(|(_, value)| value).chain(otherwise);
                let either = values.fold(Cost::default(), |cost, value| cost.or(self.of_expr(value, lets)));
                parts(lets, &[subject]).and(Cost::free(tested)).and(either)
            }
            ExprKind::Call { builtin, receiver, arguments, .. } => {
                self.call(expr, builtin, receiver, arguments, lets)
            }
            _ => parts(lets, &expr.children()).and(self.own(expr)),
        }
    }

    /// What an expression takes beyond its parts.
    fn own(&self, expr: &Expr) -> Cost {
        let size = |expr: &Expr| self.sizes.size(expr);
        match &*expr.kind {
            ExprKind::Template(_) | ExprKind::Join(_) | ExprKind::List(_) | ExprKind::Record(_) => {
                self.built(expr)
            }
            ExprKind::Index(_, key) => Cost::free(content(&size(key))),
            ExprKind::Lookup { table, keys, fold } => {
                let rows = self.unit.tables.get(table.index()).map_or(0, |table| table.rows.iter().count());
                let looks = u64::from(rows.checked_ilog2().unwrap_or(0)) + 1;
                // Rows that differ in case only are looked at one by one.
                let alike = if fold.contains(&true) { rows as u64 } else { 0 };
                let key = keys.iter().fold(1, |sum: u64, key| sum.saturating_add(content(&size(key))));
                Cost::free(looks.saturating_add(alike).saturating_mul(key))
            }
            ExprKind::As(operand, _) => Cost::free(content(&size(operand)).saturating_mul(2)),
            ExprKind::Compare { left, right, .. } => {
                let (left, right) = (size(left), size(right));
                let either = content(&left).max(content(&right));
                Cost::steps(left.most().saturating_add(right.most())).and(Cost::free(either))
            }
            ExprKind::In { element, list, .. } => {
                let (element, list) = (size(element), size(list));
                let each = content(&element).min(content(&list.each()));
                Cost::steps(list.most().saturating_add(element.most()))
                    .and(Cost::free(list.most().saturating_mul(each)))
            }
            ExprKind::AudienceIs(of, id) | ExprKind::AudienceHas(of, id) => self.audience(*of, &size(id)),
            ExprKind::AudienceWithin(of, ids) => {
                let ids = size(ids);
                self.audience(*of, &ids).and(Cost::steps(ids.most()))
            }
            _ => Cost::default(),
        }
    }

    fn audience(&self, of: AudienceOf, ids: &Size) -> Cost {
        let looks = self.audiences.saturating_mul(ids.most().max(1));
        // The requested ones are looked up anew each time.
        Cost::free(if of == AudienceOf::Requested { looks.saturating_add(self.audiences) } else { looks })
    }

    /// A text, list or record that is made of parts and measured then.
    fn built(&self, expr: &Expr) -> Cost {
        let size = self.sizes.size(expr);
        let bytes = size.json.min(MAX_VALUE);
        let gathered = match &*expr.kind {
            ExprKind::List(all) => {
                self.gathered(all.iter().map(|Element { spread, value }| (*spread, value)))
            }
            ExprKind::Record(all) => self.gathered(all.iter().map(|member| match member {
                Member::Named(_, value) => (false, value),
                Member::Spread(value) => (true, value),
            })),
            ExprKind::Join(all) => self.gathered(all.iter().map(|part| (true, part))),
            ExprKind::Template(all) => {
                all.iter().fold(0, |sum: u64, part| sum.saturating_add(content(&self.sizes.size(part))))
            }
            _ => 0,
        };
        let measured = if size.text.is_some() { 0 } else { bytes / PARTS };
        Cost::steps(bytes / TEXT).and(Cost::free(gathered.saturating_add(measured)))
    }

    /// Parts that are put one behind the other.
    fn gathered<'e>(&self, parts: impl Iterator<Item = (bool, &'e Expr)>) -> u64 {
        parts.fold(0, |sum, (spread, value)| {
            let count = || {
                let size = self.sizes.size(value);
                size.most().max(size.members().most()).max(content_of_text(&size))
            };
            sum.saturating_add(if spread { count() } else { 1 })
        })
    }

    fn call(
        &self,
        expr: &Expr,
        builtin: &Builtin,
        receiver: &Expr,
        arguments: &[Argument],
        lets: &mut BTreeSet<LetId>,
    ) -> Cost {
        let mut cost = Cost::free(1).and(self.of_expr(receiver, lets));
        let size = self.sizes.size(receiver);
        let given = self.sizes.size(expr);
        cost = cost.and(Cost::steps(read(&size))).and(Cost::steps(made(&given)));
        let most = size.most().max(size.members().most());
        // Whatever applies a lambda hands elements on as they are.
        let is_lambda = arguments.iter().any(|argument| matches!(argument, Argument::Lambda { .. }));
        let mut looked_at = if is_lambda { most } else { content(&size).saturating_add(content(&given)) };
        for argument in arguments {
            match argument {
                Argument::Value(value) => {
                    let size = self.sizes.size(value);
                    looked_at = looked_at.saturating_add(content(&size));
                    cost = cost.and(self.of_expr(value, lets)).and(Cost::steps(read(&size)));
                }
                Argument::Lambda { param, body } => {
                    self.sizes.set_local(*param, size.each().or(&size.members().each()));
                    cost = cost.and(self.of_expr(body, lets).applied(most));
                    looked_at =
                        looked_at.saturating_add(content(&self.sizes.size(body)).saturating_mul(most));
                }
                Argument::Regex(regex) => {
                    let text = size.text.map_or(0, |text| text.bytes);
                    let is_repeated = builtin.name() == "regex_replace";
                    cost = cost.and(Cost::free(Pattern::of(regex).operations(text, is_repeated)));
                }
            }
        }
        // Sorting and filing compare each element with a few others.
        let times = u64::from(most.checked_ilog2().unwrap_or(0)) + 1;
        cost.and(Cost::free(looked_at.saturating_mul(times)))
    }
}

/// Operations for looking at all of a value.
pub(super) fn content(size: &Size) -> u64 {
    let members = size.members();
    let parts = match (size.most(), members.most()) {
        (0, 0) => return size.json / TEXT,
        (most, 0) => most.saturating_mul(content(&size.each()).saturating_add(1)),
        (0, _) => {
            let known = members.known.iter().map(|(_, size)| content(size).saturating_add(1));
            let rest = members.rest.as_ref().map_or(0, |rest| {
                let each = content(&rest.each).saturating_add(rest.key.bytes / TEXT).saturating_add(1);
                rest.most.saturating_mul(each)
            });
            known.fold(rest, u64::saturating_add)
        }
        // Nothing is known of it but its bytes.
        _ => u64::MAX,
    };
    parts.min(size.json / PARTS)
}

fn content_of_text(size: &Size) -> u64 {
    size.text.map_or(0, |text| text.bytes / TEXT)
}

fn literal(value: &Value) -> u64 {
    1 + value.as_str().map_or(0, |text| text.len() as u64 / TEXT)
}

/// Steps for an operand of a method.
fn read(size: &Size) -> u64 {
    size.most().max(content_of_text(size))
}

/// Steps for what a method gives.
fn made(size: &Size) -> u64 {
    read(size).max(size.members().most())
}
