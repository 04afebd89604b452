//! Conditions: where they are true, false, or unknown for want of a user.

use super::{Meaning, Presence, Term, Truth, address};
use crate::catalog::Root;
use crate::ir::{Expr, ExprKind};
use crate::logic::atom::{Atom, Path, Role};
use crate::logic::formula::{Formula, Formulas};
use crate::logic::lemma::Lemma;
use crate::logic::text::TextPattern;
use crate::standard::Grant;
use crate::value::Value;

impl Meaning<'_> {
    /// Where a Boolean expression is true and where it is false.
    pub fn truth(&mut self, f: &mut Formulas, expr: &Expr) -> Truth {
        let key = address(expr);
        if self.may_remember()
            && let Some(truth) = self.memo.truth.get(&key)
        {
            return *truth;
        }
        let truth = self.truth_anew(f, expr);
        if self.may_remember() {
            self.memo.truth.insert(key, truth);
        }
        truth
    }

    /// A lambda's body means something else for each element that is a constant.
    pub(super) fn may_remember(&self) -> bool {
        !self.locals.values().any(|term| matches!(term, Term::Constant(_)))
    }

    fn truth_anew(&mut self, f: &mut Formulas, expr: &Expr) -> Truth {
        match &*expr.kind {
            ExprKind::And(operands) => self.conjunction(f, operands, false),
            // By De Morgan: the least sure operand decides the same way.
            ExprKind::Or(operands) => self.conjunction(f, operands, true).not(),
            ExprKind::Not(operand) => self.truth(f, operand).not(),
            ExprKind::Literal(Value::Bool(true)) => Truth::ALWAYS,
            ExprKind::Literal(Value::Bool(false)) => Truth::NEVER,
            ExprKind::Let(id) => {
                let unit = self.unit;
                unit.lets.get(id.index()).map_or(Truth::NEVER, |binding| self.truth(f, &binding.value))
            }
            ExprKind::UserExists => decided(f.atom(Atom::User)),
            ExprKind::Login => decided(self.login(f)),
            ExprKind::Failed(source) => decided(f.atom(Atom::Failed(source.clone()))),
            ExprKind::Exists(operand) => {
                let Presence { there, no_user } = self.presence(f, operand);
                Truth { yes: there, no: f.both(!there, !no_user), no_user }
            }
            ExprKind::Compare { operator, left, right, fold } => {
                self.comparison(f, expr, *operator, left, right, *fold)
            }
            ExprKind::In { element, list, fold } => self.membership(f, expr, element, list, *fold),
            ExprKind::AudienceIs(of, id) => self.audience_is(f, expr, *of, id),
            ExprKind::AudienceHas(of, id) => self.audience_has(f, expr, *of, id),
            ExprKind::AudienceWithin(of, list) => self.audience_within(f, expr, *of, list),
            ExprKind::If { condition, reads_user, then, otherwise } => {
                self.choice_truth(f, condition, *reads_user, then, otherwise)
            }
            ExprKind::Coalesce(operands) => self.coalesced_truth(f, operands),
            ExprKind::Call { builtin, receiver, arguments, fold } => {
                self.call_truth(f, expr, builtin, receiver, arguments, *fold)
            }
            _ => self.value_truth(f, expr),
        }
    }

    /// `and`; with `negated`, of the negations of its operands.
    fn conjunction(&mut self, f: &mut Formulas, operands: &[Expr], negated: bool) -> Truth {
        let truths: Vec<Truth> = operands
            .iter()
            .map(|operand| if negated { self.truth(f, operand).not() } else { self.truth(f, operand) })
            .collect();
        let yes = f.all(truths.iter().map(|truth| truth.yes));
        let no = f.any(truths.iter().map(|truth| truth.no));
        let missing = f.any(truths.iter().map(|truth| truth.no_user));
        Truth { yes, no, no_user: f.both(missing, !no) }
    }

    fn choice_truth(
        &mut self,
        f: &mut Formulas,
        condition: &Expr,
        reads_user: bool,
        then: &Expr,
        otherwise: &Expr,
    ) -> Truth {
        let holds = self.truth(f, condition).yes;
        let (then, otherwise) = (self.truth(f, then), self.truth(f, otherwise));
        let stuck = stuck(f, holds, reads_user);
        let mut either = |a: Formula, b: Formula| {
            let (a, b) = (f.both(holds, a), f.all([!holds, !stuck, b]));
            f.either(a, b)
        };
        let (yes, no) = (either(then.yes, otherwise.yes), either(then.no, otherwise.no));
        let no_user = either(then.no_user, otherwise.no_user);
        Truth { yes, no, no_user: f.either(no_user, stuck) }
    }

    fn coalesced_truth(&mut self, f: &mut Formulas, operands: &[Expr]) -> Truth {
        let mut reached = Formula::TRUE;
        let (mut yes, mut no, mut no_user) = (Vec::new(), Vec::new(), Vec::new());
        for operand in operands {
            let truth = self.truth(f, operand);
            yes.push(f.both(reached, truth.yes));
            no.push(f.both(reached, truth.no));
            no_user.push(f.both(reached, truth.no_user));
            reached = f.all([reached, !truth.yes, !truth.no, !truth.no_user]);
        }
        Truth { yes: f.any(yes), no: f.any(no), no_user: f.any(no_user) }
    }

    /// The truth of an expression that is a condition by its value alone: an attribute, a table's row, a `match`.
    fn value_truth(&mut self, f: &mut Formulas, expr: &Expr) -> Truth {
        let presence = self.presence(f, expr);
        let cases = self.cases(f, expr);
        let mut yes = Vec::new();
        for case in &*cases {
            let holds = match &case.term {
                Term::Constant(value) => Formula::from(value.as_bool() == Some(true)),
                Term::Place(path, steps) if steps.is_empty() => f.atom(Atom::True(path.clone())),
                _ => self.opaque(f, expr, Role::Holds),
            };
            yes.push(f.both(case.when, holds));
        }
        let yes = f.any(yes);
        Truth { yes, no: f.both(presence.there, !yes), no_user: presence.no_user }
    }

    /// A sign-in, or the refresh of one.
    fn login(&mut self, f: &mut Formulas) -> Formula {
        let sign_ins = Grant::ALL.iter().filter(|grant| grant.is_sign_in());
        let mut ways: Vec<Formula> = sign_ins.clone().map(|grant| f.atom(Atom::Grant(*grant))).collect();
        let original = Path::root(Root::Original).member(&"grant".into());
        let told = self.path_there(f, &original);
        let path = std::sync::Arc::new(original);
        let mut first: Vec<Formula> = Vec::new();
        for grant in sign_ins {
            first.push(self.text_test(f, &path, &[], TextPattern::Equals(grant.as_str().into()), false));
        }
        let first = f.any(first);
        let is_first = f.either(!told, first);
        let refresh = f.atom(Atom::Grant(Grant::RefreshToken));
        let user = f.atom(Atom::User);
        if f.knows(Lemma::Login) {
            ways.push(f.all([refresh, user, is_first]));
        }
        f.any(ways)
    }
}

fn decided(yes: Formula) -> Truth {
    Truth { yes, no: !yes, no_user: Formula::FALSE }
}

/// Where a choice that reads the user has no value for want of one: its condition is not true all the same.
pub(super) fn stuck(f: &mut Formulas, holds: Formula, reads_user: bool) -> Formula {
    if !reads_user || !f.knows(Lemma::MissingUser) {
        return Formula::FALSE;
    }
    let user = f.atom(Atom::User);
    f.both(!holds, !user)
}
