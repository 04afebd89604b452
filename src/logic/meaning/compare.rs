//! Comparisons, as atoms where both sides are simple.

use std::sync::Arc;

use super::term::{at, constant};
use super::{Case, Meaning, Term, Truth};
use crate::ast::Comparison;
use crate::catalog::Root;
use crate::ir::{Expr, ExprKind};
use crate::logic::atom::{Atom, Base, Path, Role};
use crate::logic::formula::{Formula, Formulas};
use crate::logic::lemma::Lemma;
use crate::logic::numbers::{NumberComparison, NumberTest};
use crate::logic::text::{TextPattern, TextStep};
use crate::ty::{Kind, ShapeKind};
use crate::value::Value;

impl Meaning<'_> {
    /// A comparison with any operator.
    pub(super) fn comparison(
        &mut self,
        f: &mut Formulas,
        expr: &Expr,
        operator: Comparison,
        left: &Expr,
        right: &Expr,
        fold: bool,
    ) -> Truth {
        let (lefts, rights) = (self.cases(f, left), self.cases(f, right));
        let no_user = self.each(f, [left, right]).no_user;
        let mut yes = Vec::new();
        let mut no = Vec::new();
        for a in &*lefts {
            for b in &*rights {
                let both = f.both(a.when, b.when);
                if both == Formula::FALSE {
                    continue;
                }
                let holds = match self.compared(f, operator, &a.term, &b.term, fold) {
                    Some(holds) => holds,
                    None => self.opaque(f, expr, Role::Holds),
                };
                yes.push(f.both(both, holds));
                no.push(f.both(both, !holds));
            }
        }
        Truth { yes: f.any(yes), no: f.any(no), no_user }
    }

    /// Where two terms compare so; `None` where that is not understood.
    fn compared(
        &mut self,
        f: &mut Formulas,
        operator: Comparison,
        a: &Term,
        b: &Term,
        fold: bool,
    ) -> Option<Formula> {
        match operator {
            Comparison::Equal => self.same(f, a, b, fold),
            Comparison::NotEqual => self.same(f, a, b, fold).map(|same| !same),
            Comparison::Less => self.at_most(f, a, b, true),
            Comparison::LessEqual => self.at_most(f, a, b, false),
            Comparison::Greater => self.at_most(f, b, a, true),
            Comparison::GreaterEqual => self.at_most(f, b, a, false),
        }
    }

    /// Where two terms have equal values; `None` where that is not understood.
    pub fn same(&mut self, f: &mut Formulas, a: &Term, b: &Term, fold: bool) -> Option<Formula> {
        if a == b {
            return Some(Formula::TRUE);
        }
        match (a, b) {
            (Term::Constant(a), Term::Constant(b)) => Some(Formula::from(a.equals(b, fold))),
            (Term::Place(path, steps), Term::Constant(value))
            | (Term::Constant(value), Term::Place(path, steps)) => match value {
                Value::String(text) if self.is_text(path) => {
                    Some(self.text_test(f, path, steps, TextPattern::Equals(text.clone()), fold))
                }
                Value::Bool(truth) if self.has_kind(path, |kind| matches!(kind, ShapeKind::Bool)) => {
                    let holds = f.atom(Atom::True(path.clone()));
                    Some(if *truth { holds } else { !holds })
                }
                Value::Number(_) => self.number_test(f, path, NumberComparison::Equal, value),
                Value::List(items) if items.is_empty() && self.is_list(path) => {
                    Some(!f.atom(Atom::Some(path.clone(), Formula::TRUE)))
                }
                _ => None,
            },
            (Term::Elements(path, kept), Term::Constant(Value::List(items)))
            | (Term::Constant(Value::List(items)), Term::Elements(path, kept))
                if items.is_empty() =>
            {
                Some(!f.atom(Atom::Some(path.clone(), *kept)))
            }
            (Term::Place(a_path, a_steps), Term::Place(b_path, b_steps)) => {
                self.same_places(f, (a_path, a_steps), (b_path, b_steps), fold)
            }
            _ => {
                let (up, down) = (self.at_most(f, a, b, false)?, self.at_most(f, b, a, false)?);
                Some(f.both(up, down))
            }
        }
    }

    /// Two attributes of which one has few values.
    fn same_places(
        &mut self,
        f: &mut Formulas,
        (a, a_steps): (&Arc<Path>, &[TextStep]),
        (b, b_steps): (&Arc<Path>, &[TextStep]),
        fold: bool,
    ) -> Option<Formula> {
        let is_bool = |kind: &ShapeKind| matches!(kind, ShapeKind::Bool);
        if self.has_kind(a, is_bool) && self.has_kind(b, is_bool) {
            let (a, b) = (f.atom(Atom::True(a.clone())), f.atom(Atom::True(b.clone())));
            let (both, neither) = (f.both(a, b), f.both(!a, !b));
            return Some(f.either(both, neither));
        }
        if !self.is_text(a) || !self.is_text(b) || !f.knows(Lemma::FewValues) {
            return None;
        }
        let words = |steps: &[TextStep], path| match self.shape(path).map(|shape| &shape.kind) {
            Some(ShapeKind::Enum(words)) if steps.is_empty() => Some(words.clone()),
            _ => None,
        };
        let words = words(a_steps, a).or_else(|| words(b_steps, b))?;
        let mut ways = Vec::new();
        for word in words.iter() {
            let equals = || TextPattern::Equals(word.clone());
            let is_a = self.text_test(f, a, a_steps, equals(), fold);
            let is_b = self.text_test(f, b, b_steps, equals(), fold);
            ways.push(f.both(is_a, is_b));
        }
        Some(f.any(ways))
    }

    /// Where a term equals a constant in every one of its cases.
    pub(super) fn equals_constant(
        &mut self,
        f: &mut Formulas,
        cases: &[Case],
        value: &Value,
        fold: bool,
    ) -> Option<Formula> {
        let mut found = Vec::new();
        for case in cases {
            let term = match &case.term {
                Term::Whole { .. } => constant(value.clone(), &Kind::Int),
                _ => Term::Constant(value.clone()),
            };
            let same = self.same(f, &case.term, &term, fold)?;
            found.push(f.both(case.when, same));
        }
        Some(f.any(found))
    }

    /// Where one term is at most another (`strict`: less than it).
    fn at_most(&mut self, f: &mut Formulas, a: &Term, b: &Term, strict: bool) -> Option<Formula> {
        match (a, b) {
            (
                Term::Whole { plus, minus, offset },
                Term::Whole { plus: plus_b, minus: minus_b, offset: offset_b },
            ) => {
                // plus + minus_b - (minus + plus_b) <= offset_b - offset
                let bound = offset_b.checked_sub(*offset)?.checked_sub(i128::from(strict))?;
                let (up, down) = balance([plus, minus_b], [minus, plus_b])?;
                Some(difference(f, up, down, bound))
            }
            (Term::Constant(a), Term::Constant(b)) => {
                let order = a.total_cmp(b);
                Some(Formula::from(if strict { order.is_lt() } else { order.is_le() }))
            }
            (Term::Place(path, _), other) => {
                let comparison = if strict { NumberComparison::Less } else { NumberComparison::AtMost };
                self.number_test(f, path, comparison, &as_number(other)?)
            }
            (other, Term::Place(path, _)) => {
                // b >= a is not b < a.
                let comparison = if strict { NumberComparison::AtMost } else { NumberComparison::Less };
                self.number_test(f, path, comparison, &as_number(other)?).map(|holds| !holds)
            }
            (Term::Characters(..) | Term::Count(_), _) => {
                let most = as_whole(b)?.checked_sub(i128::from(strict))?;
                Some(size_at_most(f, a, most))
            }
            (_, Term::Characters(..) | Term::Count(_)) => {
                let most = as_whole(a)?.checked_sub(i128::from(!strict))?;
                Some(!size_at_most(f, b, most))
            }
            _ => None,
        }
    }

    fn number_test(
        &mut self,
        f: &mut Formulas,
        path: &Arc<Path>,
        comparison: NumberComparison,
        value: &Value,
    ) -> Option<Formula> {
        let Value::Number(than) = value else { return None };
        if !self.has_kind(path, |kind| matches!(kind, ShapeKind::Number)) {
            return None;
        }
        Some(f.atom(Atom::Number(path.clone(), NumberTest { comparison, than: than.clone() })))
    }

    /// `element in list`.
    pub(super) fn membership(
        &mut self,
        f: &mut Formulas,
        expr: &Expr,
        element: &Expr,
        list: &Expr,
        fold: bool,
    ) -> Truth {
        let elements = self.cases(f, element);
        let both = self.each(f, [element, list]);
        let mut yes = Vec::new();
        for one in &*elements {
            if let Some(among) = self.contained(f, &one.term, list, fold) {
                yes.push(f.both(one.when, among));
            } else {
                let holds = self.opaque(f, expr, Role::Holds);
                yes.push(f.all([one.when, both.there, holds]));
            }
        }
        let yes = f.any(yes);
        let yes = f.both(yes, both.there);
        Truth { yes, no: f.both(both.there, !yes), no_user: both.no_user }
    }

    /// Where a term is among the elements of a list, whose presence is somebody else's business.
    fn contained(&mut self, f: &mut Formulas, term: &Term, list: &Expr, fold: bool) -> Option<Formula> {
        if let ExprKind::List(elements) = &*list.kind
            && elements.iter().all(|element| !element.spread)
        {
            let mut among = Vec::new();
            for element in elements {
                for case in &*self.cases(f, &element.value) {
                    let same = self.same(f, term, &case.term, fold)?;
                    among.push(f.both(case.when, same));
                }
            }
            return Some(f.any(among));
        }
        if self.changes_scopes
            && let ExprKind::Slot(slot) = &*list.kind
            && self.slot_path(*slot) == Path::root(Root::Scopes)
        {
            let Term::Constant(Value::String(scope)) = term else { return None };
            return Some(self.final_scope(f, &scope.clone()));
        }
        let mut among = Vec::new();
        for case in &*self.cases(f, list) {
            let found = match &case.term {
                Term::Constant(Value::List(items)) => {
                    let mut same = Vec::new();
                    for item in items.iter() {
                        let item = match term {
                            Term::Whole { .. } => constant(item.clone(), &Kind::Int),
                            _ => Term::Constant(item.clone()),
                        };
                        same.push(self.same(f, term, &item, fold)?);
                    }
                    f.any(same)
                }
                Term::Place(path, _) => self.some_equals(f, path, Formula::TRUE, term, fold)?,
                Term::Elements(path, kept) => self.some_equals(f, path, *kept, term, fold)?,
                _ => return None,
            };
            among.push(f.both(case.when, found));
        }
        Some(f.any(among))
    }

    /// Some element of a list is this constant.
    fn some_equals(
        &mut self,
        f: &mut Formulas,
        list: &Arc<Path>,
        kept: Formula,
        term: &Term,
        fold: bool,
    ) -> Option<Formula> {
        let is_constant = matches!(term, Term::Constant(_) | Term::Whole { plus: None, minus: None, .. });
        let element = self.element(list).filter(|_| is_constant)?;
        let same = self.same(f, &element, term, fold)?;
        let wanted = f.both(kept, same);
        Some(f.atom(Atom::Some(list.clone(), wanted)))
    }

    /// The elements of a list as a term; `None` where nothing is declared about them.
    pub(super) fn element(&self, list: &Arc<Path>) -> Option<Term> {
        let path = Path::element(list);
        let kind = self.shape(&path)?.ty().kind;
        Some(at(Arc::new(path), &kind))
    }

    fn has_kind(&self, path: &Path, test: fn(&ShapeKind) -> bool) -> bool {
        self.shape(path).is_some_and(|shape| test(&shape.kind))
    }

    pub(super) fn is_text(&self, path: &Path) -> bool {
        match &path.base {
            Base::Root(Root::Grant) => true,
            Base::Root(Root::Client)
                if path.members.first().is_some_and(|m| &**m == "id" || &**m == "name") =>
            {
                true
            }
            _ => self.has_kind(path, |kind| {
                matches!(kind, ShapeKind::String | ShapeKind::Email | ShapeKind::Enum(_))
            }),
        }
    }

    pub(super) fn is_list(&self, path: &Path) -> bool {
        self.has_kind(path, |kind| matches!(kind, ShapeKind::List(_)))
    }
}

/// A path whose value is added or subtracted, if any is.
type Side = Option<Arc<Path>>;

/// What remains on either side when what stands on both is taken away; at most one on each.
fn balance(up: [&Side; 2], down: [&Side; 2]) -> Option<(Side, Side)> {
    let mut up: Vec<Arc<Path>> = up.into_iter().flatten().cloned().collect();
    let mut down: Vec<Arc<Path>> = down.into_iter().flatten().cloned().collect();
    up.retain(|path| match down.iter().position(|other| other == path) {
        Some(at) => {
            down.swap_remove(at);
            false
        }
        None => true,
    });
    (up.len() <= 1 && down.len() <= 1).then(|| (up.pop(), down.pop()))
}

fn difference(f: &mut Formulas, up: Option<Arc<Path>>, down: Option<Arc<Path>>, bound: i128) -> Formula {
    match (up, down) {
        (None, None) => Formula::from(0 <= bound),
        // One spelling for each bound: a lower bound is a negated upper one.
        (None, Some(path)) => bound
            .checked_neg()
            .and_then(|b| b.checked_sub(1))
            .map_or(Formula::TRUE, |bound| !f.atom(Atom::AtMost(Some(path), None, bound))),
        (Some(up), Some(down)) if up > down => match bound.checked_neg().and_then(|b| b.checked_sub(1)) {
            Some(bound) => !f.atom(Atom::AtMost(Some(down), Some(up), bound)),
            None => Formula::TRUE,
        },
        (up, down) => f.atom(Atom::AtMost(up, down, bound)),
    }
}

fn size_at_most(f: &mut Formulas, term: &Term, most: i128) -> Formula {
    let Ok(most) = u64::try_from(most) else { return Formula::from(most > 0) };
    match term {
        Term::Characters(path, steps) => {
            let test = crate::logic::text::TextTest {
                steps: steps.clone(),
                pattern: TextPattern::AtMost(most),
                fold: false,
            };
            f.atom(Atom::Text(path.clone(), test))
        }
        Term::Count(path) => f.atom(Atom::Items(path.clone(), most)),
        _ => Formula::FALSE,
    }
}

fn as_whole(term: &Term) -> Option<i128> {
    match term {
        Term::Whole { plus: None, minus: None, offset } => Some(*offset),
        _ => None,
    }
}

fn as_number(term: &Term) -> Option<Value> {
    match term {
        Term::Constant(value @ Value::Number(_)) => Some(value.clone()),
        term => i64::try_from(as_whole(term)?).ok().map(Value::int),
    }
}
