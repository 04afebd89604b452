//! Values as cases: under which condition an expression has which simple value.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use super::truth::stuck;
use super::{LONG, Meaning, address};
use crate::ast::SumOperator;
use crate::catalog::Root;
use crate::ir::{Expr, ExprKind, SlotId};
use crate::logic::atom::{Atom, Base, Path, Role};
use crate::logic::formula::{Formula, Formulas};
use crate::logic::lemma::Lemma;
use crate::logic::text::{TextPattern, TextStep};
use crate::ty::{Kind, Labels};
use crate::value::Value;

/// A value that tests can speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// This value.
    Constant(Value),
    /// What is at the path, with steps taken from it if it is a text.
    Place(Arc<Path>, Vec<TextStep>),
    /// `plus - minus + offset` of whole numbers, times and durations; a missing part is zero.
    Whole {
        /// Added.
        plus: Option<Arc<Path>>,
        /// Subtracted.
        minus: Option<Arc<Path>>,
        /// The constant part.
        offset: i128,
    },
    /// The elements of the list at the path that make the formula true, in their order.
    Elements(Arc<Path>, Formula),
    /// The length in code points of a text at a path, behind some steps.
    Characters(Arc<Path>, Vec<TextStep>),
    /// How many elements the list at the path has.
    Count(Arc<Path>),
    /// Something else, by its normal text.
    Opaque(Arc<str>),
}

/// One of the values that an expression may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Where it has it. No two cases of an expression hold together; together they are where it has a value.
    pub when: Formula,
    /// The value.
    pub term: Term,
}

/// More cases than that are not told apart.
const MAX_CASES: usize = 64;

impl Meaning<'_> {
    /// The values that an expression may have.
    pub fn cases(&mut self, f: &mut Formulas, expr: &Expr) -> Rc<[Case]> {
        self.known_cases(f, expr).unwrap_or_else(|| self.opaque_case(f, expr))
    }

    /// The same; `None` where the expression is not understood.
    pub(super) fn known_cases(&mut self, f: &mut Formulas, expr: &Expr) -> Option<Rc<[Case]>> {
        if let ExprKind::Let(id) = &*expr.kind {
            let binding = self.unit.lets.get(id.index())?;
            return self.known_cases(f, &binding.value);
        }
        let key = address(expr);
        if self.may_remember()
            && let Some(cases) = self.memo.cases.get(&key)
        {
            return cases.clone();
        }
        let cases = self
            .split(f, expr)
            .map(|cases| cases.into_iter().filter(|case| case.when != Formula::FALSE).collect::<Vec<_>>())
            .filter(|cases| cases.len() <= MAX_CASES)
            .map(Rc::from);
        if self.may_remember() {
            self.memo.cases.insert(key, cases.clone());
        }
        cases
    }

    fn opaque_case(&mut self, f: &mut Formulas, expr: &Expr) -> Rc<[Case]> {
        let when = self.presence(f, expr).there;
        let key = self.normal.text(expr);
        self.is_blurred = true;
        self.note_opaque(&key, expr);
        Rc::from([Case { when, term: Term::Opaque(key) }])
    }

    /// `None` where it is not understood.
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of expression")]
    fn split(&mut self, f: &mut Formulas, expr: &Expr) -> Option<Vec<Case>> {
        match &*expr.kind {
            ExprKind::If { .. } | ExprKind::Match { .. } | ExprKind::Coalesce(_)
                if !f.knows(Lemma::Choices) =>
            {
                None
            }
            ExprKind::Error | ExprKind::Omit => Some(Vec::new()),
            ExprKind::Literal(value) => {
                Some(vec![Case { when: Formula::TRUE, term: constant(value.clone(), &expr.ty.kind) }])
            }
            ExprKind::Slot(slot) => self.slot_cases(f, *slot, &expr.ty.kind),
            ExprKind::Local(local) => {
                Some(vec![Case { when: Formula::TRUE, term: self.locals.get(local)?.clone() }])
            }
            ExprKind::Member(object, name) => self.member_cases(f, object, name, &expr.ty.kind),
            ExprKind::Index(object, index) => match &*index.kind {
                ExprKind::Literal(Value::String(name)) => self.member_cases(f, object, name, &expr.ty.kind),
                _ => None,
            },
            ExprKind::Lookup { table, keys, fold } => self.row_cases(f, *table, keys, fold),
            ExprKind::If { condition, reads_user, then, otherwise } => {
                let holds = self.truth(f, condition).yes;
                let stuck = stuck(f, holds, *reads_user);
                let other = f.both(!holds, !stuck);
                let mut cases = self.under(f, holds, then);
                cases.extend(self.under(f, other, otherwise));
                Some(cases)
            }
            ExprKind::Match { subject, arms, otherwise, fold, .. } => {
                self.match_cases(f, subject, arms, otherwise.as_ref(), *fold)
            }
            ExprKind::Coalesce(operands) => {
                let mut reached = Formula::TRUE;
                let mut cases = Vec::new();
                for operand in operands {
                    cases.extend(self.under(f, reached, operand));
                    let presence = self.presence(f, operand);
                    reached = f.all([reached, !presence.there, !presence.no_user]);
                }
                Some(cases)
            }
            ExprKind::Sum(first, rest) => {
                let operands: Vec<(SumOperator, &Expr)> = std::iter::once((SumOperator::Plus, first))
                    .chain(rest.iter().map(|(operator, operand)| (*operator, operand)))
                    .collect();
                self.sum_cases(f, &operands)
            }
            ExprKind::Negate(operand) => self.sum_cases(f, &[(SumOperator::Minus, operand)]),
            ExprKind::Call { builtin, receiver, arguments, fold } => {
                self.call_cases(f, builtin, receiver, arguments, *fold)
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
                let case = |when, value| Case { when, term: Term::Constant(Value::Bool(value)) };
                Some(vec![case(truth.yes, true), case(truth.no, false)])
            }
            _ => None,
        }
    }

    /// The cases of an expression where a condition holds.
    pub(super) fn under(&mut self, f: &mut Formulas, when: Formula, expr: &Expr) -> Vec<Case> {
        let cases = self.cases(f, expr);
        cases.iter().map(|case| Case { when: f.both(when, case.when), term: case.term.clone() }).collect()
    }

    fn slot_cases(&mut self, f: &mut Formulas, slot: SlotId, kind: &Kind) -> Option<Vec<Case>> {
        let path = self.slot_path(slot);
        match (&path.base, path.members.as_slice()) {
            (Base::Root(Root::Client), _) => return self.client_cases(f, &path, kind),
            (Base::Root(Root::Audience), _) | (Base::Root(Root::Requested), []) => return None,
            (Base::Root(Root::Requested), [member]) if &**member == "audience" => return None,
            (Base::Root(Root::Scopes), _) if self.changes_scopes => return None,
            (Base::Root(Root::Config), _) if f.knows(Lemma::Constants) => {
                if let Some(value) = self.constant(&path) {
                    let term = |value| Case { when: Formula::TRUE, term: constant(value, kind) };
                    return Some(value.map(term).into_iter().collect());
                }
            }
            _ => {}
        }
        let when = self.slot_presence(f, slot).there;
        Some(vec![Case { when, term: at(Arc::new(path), kind) }])
    }

    pub(super) fn member_cases(
        &mut self,
        f: &mut Formulas,
        object: &Expr,
        name: &Arc<str>,
        kind: &Kind,
    ) -> Option<Vec<Case>> {
        let mut found = Vec::new();
        for case in &*self.cases(f, object) {
            match &case.term {
                Term::Constant(value @ Value::Object(_)) => {
                    if let Some(value) = value.get(name) {
                        found.push(Case { when: case.when, term: constant(value.clone(), kind) });
                    }
                }
                Term::Place(path, steps) if steps.is_empty() && self.shape(path).is_some_and(is_object) => {
                    let path = path.member(name);
                    let there = self.path_there(f, &path);
                    let when = f.both(case.when, there);
                    found.push(Case { when, term: at(Arc::new(path), kind) });
                }
                _ => return None,
            }
        }
        Some(found)
    }

    fn row_cases(
        &mut self,
        f: &mut Formulas,
        table: crate::ir::TableId,
        keys: &[Expr],
        fold: &[bool],
    ) -> Option<Vec<Case>> {
        let unit = self.unit;
        let table = unit.tables.get(table.index()).filter(|_| f.knows(Lemma::Rows))?;
        let kind = &table.value.kind;
        if table.rows.iter().count() > MAX_CASES || fold.contains(&true) && has_twins(&table.rows) {
            return None;
        }
        let subjects: Vec<_> = keys.iter().map(|key| self.cases(f, key)).collect();
        let mut found = Vec::new();
        for (literals, value) in table.rows.iter() {
            let mut fits = Vec::new();
            for ((subject, literal), fold) in subjects.iter().zip(literals).zip(fold) {
                fits.push(self.equals_constant(f, subject, literal, *fold)?);
            }
            found.push(Case { when: f.all(fits), term: constant(value.clone(), kind) });
        }
        Some(found)
    }

    fn match_cases(
        &mut self,
        f: &mut Formulas,
        subject: &Expr,
        arms: &[(Vec<Value>, Expr)],
        otherwise: Option<&Expr>,
        fold: bool,
    ) -> Option<Vec<Case>> {
        let fits = self.arms(f, subject, arms, fold)?;
        let mut cases = Vec::new();
        let values = arms.iter().map(|(_, value)| value).chain(otherwise);
        for (when, value) in fits.into_iter().zip(values) {
            cases.extend(self.under(f, when, value));
        }
        Some(cases)
    }

    /// Where each arm of a `match` is taken, and `_` at last.
    pub fn arms(
        &mut self,
        f: &mut Formulas,
        subject: &Expr,
        arms: &[(Vec<Value>, Expr)],
        fold: bool,
    ) -> Option<Vec<Formula>> {
        let subjects = self.cases(f, subject);
        let there = f.any(subjects.iter().map(|case| case.when));
        // Of many arms with different texts, each excludes all others; to say so would grow with the square.
        let is_distinct = arms.len() > LONG && are_distinct_texts(arms, fold);
        let mut reached = there;
        let mut taken = Vec::with_capacity(arms.len() + 1);
        for (literals, _) in arms {
            let mut fits = Vec::new();
            for literal in literals {
                fits.push(self.equals_constant(f, &subjects, literal, fold)?);
            }
            let fits = f.any(fits);
            taken.push(if is_distinct { f.both(there, fits) } else { f.both(reached, fits) });
            reached = f.both(reached, !fits);
        }
        taken.push(reached);
        Some(taken)
    }

    fn sum_cases(&mut self, f: &mut Formulas, operands: &[(SumOperator, &Expr)]) -> Option<Vec<Case>> {
        if !f.knows(Lemma::Sums) {
            return None;
        }
        let zero = Term::Whole { plus: None, minus: None, offset: 0 };
        let mut sums = vec![Case { when: Formula::TRUE, term: zero }];
        for (operator, operand) in operands {
            let cases = self.cases(f, operand);
            let mut next = Vec::new();
            for sum in &sums {
                for case in &*cases {
                    let term = add(&sum.term, &case.term, *operator)?;
                    next.push(Case { when: f.both(sum.when, case.when), term });
                }
            }
            if next.len() > MAX_CASES {
                return None;
            }
            sums = next;
        }
        Some(sums)
    }

    /// A test of a text at a path. Grants and client ids are few and known.
    pub(super) fn text_test(
        &mut self,
        f: &mut Formulas,
        path: &Arc<Path>,
        steps: &[TextStep],
        pattern: TextPattern,
        fold: bool,
    ) -> Formula {
        let test = crate::logic::text::TextTest { steps: steps.to_vec(), pattern, fold };
        match (&path.base, path.members.as_slice()) {
            (Base::Root(Root::Grant), []) => {
                let fitting = crate::standard::Grant::ALL.iter().filter(|grant| test.holds(grant.as_str()));
                let atoms: Vec<_> = fitting.map(|grant| f.atom(Atom::Grant(*grant))).collect();
                f.any(atoms)
            }
            (Base::Root(Root::Client), [member]) if &**member == "id" => self.client_id_test(f, path, test),
            _ => f.atom(Atom::Text(path.clone(), test)),
        }
    }

    /// An opaque atom about an expression that is described by a text of its own.
    pub(super) fn opaque_text(
        &mut self,
        f: &mut Formulas,
        key: String,
        span: crate::source::Span,
    ) -> Formula {
        let key: Arc<str> = key.into();
        self.opaque.entry(key.clone()).or_insert((span, Labels::NONE));
        f.atom(Atom::Opaque(key, Role::Holds))
    }
}

/// What is at a path, as a term of its kind.
pub(super) fn at(path: Arc<Path>, kind: &Kind) -> Term {
    match kind {
        Kind::Int | Kind::Timestamp | Kind::Duration => {
            Term::Whole { plus: Some(path), minus: None, offset: 0 }
        }
        _ => Term::Place(path, Vec::new()),
    }
}

/// A constant, as a term of its kind.
pub(super) fn constant(value: Value, kind: &Kind) -> Term {
    match (kind, value.as_int()) {
        (Kind::Int | Kind::Timestamp | Kind::Duration, Some(n)) => {
            Term::Whole { plus: None, minus: None, offset: n.into() }
        }
        _ => Term::Constant(value),
    }
}

/// Whether two rows differ in the case of letters only: then the exact spelling comes first.
fn has_twins(rows: &crate::ir::Rows) -> bool {
    let all: Vec<&[Value]> = rows.iter().map(|(keys, _)| keys).collect();
    all.iter().enumerate().any(|(at, row)| {
        all.iter().skip(at + 1).any(|other| row.iter().zip(*other).all(|(a, b)| a.equals(b, true)))
    })
}

fn is_object(shape: &crate::ty::Shape) -> bool {
    matches!(shape.kind, crate::ty::ShapeKind::Record(_) | crate::ty::ShapeKind::Map(_))
}

fn add(a: &Term, b: &Term, operator: SumOperator) -> Option<Term> {
    let (Term::Whole { plus, minus, offset }, Term::Whole { plus: more, minus: less, offset: by }) = (a, b)
    else {
        return None;
    };
    let (more, less, by) =
        if operator == SumOperator::Plus { (more, less, *by) } else { (less, more, by.checked_neg()?) };
    // What is added and subtracted again is gone.
    let (plus, less) = if plus.is_some() && plus == less { (&None, &None) } else { (plus, less) };
    let (minus, more) = if minus.is_some() && minus == more { (&None, &None) } else { (minus, more) };
    let one = |a: &Option<Arc<Path>>, b: &Option<Arc<Path>>| match (a, b) {
        (Some(_), Some(_)) => None,
        (Some(path), None) | (None, Some(path)) => Some(Some(path.clone())),
        (None, None) => Some(None),
    };
    Some(Term::Whole { plus: one(plus, more)?, minus: one(minus, less)?, offset: offset.checked_add(by)? })
}

fn are_distinct_texts(arms: &[(Vec<Value>, Expr)], fold: bool) -> bool {
    let mut seen = BTreeSet::new();
    arms.iter().flat_map(|(literals, _)| literals).all(|literal| match literal {
        Value::String(text) if fold => seen.insert(text.to_ascii_lowercase()),
        Value::String(text) => seen.insert(text.to_string()),
        _ => false,
    })
}
