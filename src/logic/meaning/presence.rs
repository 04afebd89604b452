//! Values: where they are there.

use super::truth::stuck;
use super::{Meaning, Presence, address};
use crate::ir::{Argument, Expr, ExprKind, Member};
use crate::logic::atom::{Atom, Role};
use crate::logic::formula::{Formula, Formulas};

impl Meaning<'_> {
    /// Where an expression has a value.
    pub fn presence(&mut self, f: &mut Formulas, expr: &Expr) -> Presence {
        let key = address(expr);
        if self.may_remember()
            && let Some(presence) = self.memo.presence.get(&key)
        {
            return *presence;
        }
        let presence = self.presence_anew(f, expr);
        if self.may_remember() {
            self.memo.presence.insert(key, presence);
        }
        presence
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of expression")]
    fn presence_anew(&mut self, f: &mut Formulas, expr: &Expr) -> Presence {
        match &*expr.kind {
            ExprKind::Error | ExprKind::Omit => Presence::NEVER,
            ExprKind::Literal(_) | ExprKind::Local(_) => Presence::ALWAYS,
            ExprKind::Slot(slot) => self.slot_presence(f, *slot),
            ExprKind::Let(id) => {
                let unit = self.unit;
                unit.lets.get(id.index()).map_or(Presence::NEVER, |binding| self.presence(f, &binding.value))
            }
            ExprKind::Member(object, _) | ExprKind::As(object, _) => self.part(f, expr, [object]),
            ExprKind::Index(object, index) => self.part(f, expr, [object, index]),
            ExprKind::Lookup { keys, .. } => self.part(f, expr, keys),
            ExprKind::List(elements) => self.unless_no_user(f, elements.iter().map(|e| &e.value)),
            ExprKind::Record(members) => self.unless_no_user(
                f,
                members.iter().map(|member| match member {
                    Member::Named(_, value) | Member::Spread(value) => value,
                }),
            ),
            ExprKind::Template(parts) | ExprKind::Join(parts) | ExprKind::Product(parts) => {
                self.each(f, parts)
            }
            ExprKind::Negate(operand) => self.presence(f, operand),
            ExprKind::Sum(first, rest) => {
                self.each(f, std::iter::once(first).chain(rest.iter().map(|(_, operand)| operand)))
            }
            ExprKind::If { condition, reads_user, then, otherwise } => {
                let holds = self.truth(f, condition).yes;
                let stuck = stuck(f, holds, *reads_user);
                let other = f.both(!holds, !stuck);
                let branches = [(holds, self.presence(f, then)), (other, self.presence(f, otherwise))];
                one_of(f, stuck, &branches)
            }
            ExprKind::Match { subject, reads_user, arms, otherwise, fold } => {
                let subject_is = self.presence(f, subject);
                let Some(taken) = self.arms(f, subject, arms, *fold) else {
                    return self.perhaps(f, expr, subject_is);
                };
                let values = arms.iter().map(|(_, value)| value).chain(otherwise);
                let mut branches = Vec::new();
                for (when, value) in taken.into_iter().zip(values) {
                    branches.push((when, self.presence(f, value)));
                }
                let stuck = stuck(f, subject_is.there, *reads_user);
                let stuck = f.either(stuck, subject_is.no_user);
                one_of(f, stuck, &branches)
            }
            ExprKind::Coalesce(operands) => {
                let mut reached = Formula::TRUE;
                let mut branches = Vec::new();
                for operand in operands {
                    let presence = self.presence(f, operand);
                    branches.push((reached, presence));
                    reached = f.all([reached, !presence.there, !presence.no_user]);
                }
                one_of(f, Formula::FALSE, &branches)
            }
            ExprKind::Call { builtin, receiver, arguments, .. } => {
                self.call_presence(f, expr, builtin, receiver, arguments)
            }
            ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare { .. }
            | ExprKind::In { .. }
            | ExprKind::Exists(_)
            | ExprKind::UserExists
            | ExprKind::Login
            | ExprKind::Failed(_)
            | ExprKind::AudienceIs(..)
            | ExprKind::AudienceHas(..)
            | ExprKind::AudienceWithin(..) => {
                let truth = self.truth(f, expr);
                Presence { there: f.either(truth.yes, truth.no), no_user: truth.no_user }
            }
        }
    }

    /// What is taken from something: a member, an element, a row.
    fn part<'e>(
        &mut self,
        f: &mut Formulas,
        expr: &Expr,
        operands: impl IntoIterator<Item = &'e Expr>,
    ) -> Presence {
        let operands = self.each(f, operands);
        match self.known_cases(f, expr) {
            Some(cases) => Presence { there: f.any(cases.iter().map(|case| case.when)), ..operands },
            None => self.perhaps(f, expr, operands),
        }
    }

    /// All must be there; a missing user dominates.
    pub(super) fn each<'e>(
        &mut self,
        f: &mut Formulas,
        parts: impl IntoIterator<Item = &'e Expr>,
    ) -> Presence {
        let parts: Vec<Presence> = parts.into_iter().map(|part| self.presence(f, part)).collect();
        let there = f.all(parts.iter().map(|part| part.there));
        Presence { there, no_user: f.any(parts.iter().map(|part| part.no_user)) }
    }

    /// Absent parts are left out; a missing user is not.
    fn unless_no_user<'e>(&mut self, f: &mut Formulas, parts: impl Iterator<Item = &'e Expr>) -> Presence {
        let no_user = self.each(f, parts.collect::<Vec<_>>()).no_user;
        Presence { there: !no_user, no_user }
    }

    /// What may be absent for reasons of its own where its operands are there.
    pub(super) fn perhaps(&mut self, f: &mut Formulas, expr: &Expr, operands: Presence) -> Presence {
        let own = self.opaque(f, expr, Role::There);
        Presence { there: f.both(operands.there, own), no_user: operands.no_user }
    }

    /// A call of which nothing special is known: all operands must be there, lambdas must not want for a user, and a
    /// partial method may have no value.
    pub(super) fn strict_call(
        &mut self,
        f: &mut Formulas,
        expr: &Expr,
        receiver: &Expr,
        arguments: &[Argument],
        is_partial: bool,
    ) -> Presence {
        let values = arguments.iter().filter_map(|argument| match argument {
            Argument::Value(value) => Some(value),
            _ => None,
        });
        let mut presence = self.each(f, std::iter::once(receiver).chain(values));
        let needs_user = arguments
            .iter()
            .any(|argument| matches!(argument, Argument::Lambda { body, .. } if body.needs_user));
        if needs_user {
            let user = f.atom(Atom::User);
            let own = self.opaque(f, expr, Role::NoUser);
            let lacking = f.all([presence.there, !user, own]);
            presence.no_user = f.either(presence.no_user, lacking);
            presence.there = f.both(presence.there, !lacking);
        }
        if is_partial { self.perhaps(f, expr, presence) } else { presence }
    }
}

/// The presence of whichever branch is taken.
fn one_of(f: &mut Formulas, stuck: Formula, branches: &[(Formula, Presence)]) -> Presence {
    let there: Vec<_> = branches.iter().map(|(when, value)| f.both(*when, value.there)).collect();
    let mut no_user: Vec<_> = branches.iter().map(|(when, value)| f.both(*when, value.no_user)).collect();
    no_user.push(stuck);
    Presence { there: f.any(there), no_user: f.any(no_user) }
}
