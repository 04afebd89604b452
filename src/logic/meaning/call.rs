//! Methods that the theories understand; all others are opaque.

use std::sync::Arc;

use super::{Case, Meaning, Presence, Term, Truth};
use crate::builtins::Builtin;
use crate::ir::{Argument, Expr, ExprKind, LocalId};
use crate::logic::atom::{Atom, Base, Path, Role};
use crate::logic::formula::{Formula, Formulas};
use crate::logic::text::{TextCut, TextPattern, TextStep, TextTest};
use crate::value::Value;

impl Meaning<'_> {
    /// A method as a condition.
    pub(super) fn call_truth(
        &mut self,
        f: &mut Formulas,
        expr: &Expr,
        builtin: &Builtin,
        receiver: &Expr,
        arguments: &[Argument],
        fold: bool,
    ) -> Truth {
        match (builtin.name(), arguments) {
            ("any", [Argument::Lambda { param, body }]) => {
                self.quantified(f, expr, receiver, (*param, body), false)
            }
            ("all", [Argument::Lambda { param, body }]) => {
                self.quantified(f, expr, receiver, (*param, body), true).not()
            }
            ("is_empty", []) => self.emptiness(f, expr, receiver),
            (name, [argument]) => match pattern(name, argument) {
                Some(pattern) => self.tested(f, expr, receiver, &pattern, fold),
                None => self.opaque_call(f, expr, builtin, receiver, arguments),
            },
            _ => self.opaque_call(f, expr, builtin, receiver, arguments),
        }
    }

    fn opaque_call(
        &mut self,
        f: &mut Formulas,
        expr: &Expr,
        builtin: &Builtin,
        receiver: &Expr,
        arguments: &[Argument],
    ) -> Truth {
        // Quantifiers are unknown where an element leaves them undecided.
        let is_partial = builtin.signature.ends_with('?') || matches!(builtin.name(), "any" | "all");
        let is_partial = is_partial && expr.ty.optional;
        let presence = self.strict_call(f, expr, receiver, arguments, is_partial);
        let holds = self.opaque(f, expr, Role::Holds);
        Truth {
            yes: f.both(presence.there, holds),
            no: f.both(presence.there, !holds),
            no_user: presence.no_user,
        }
    }

    fn tested(
        &mut self,
        f: &mut Formulas,
        expr: &Expr,
        receiver: &Expr,
        pattern: &TextPattern,
        fold: bool,
    ) -> Truth {
        let presence = self.presence(f, receiver);
        let mut yes = Vec::new();
        for case in &*self.cases(f, receiver) {
            let holds = match &case.term {
                Term::Constant(Value::String(constant)) => {
                    let test = TextTest { steps: Vec::new(), pattern: pattern.clone(), fold };
                    Formula::from(test.holds(constant))
                }
                Term::Place(path, steps) if self.is_text(path) => {
                    self.text_test(f, path, steps, pattern.clone(), fold)
                }
                _ => self.opaque(f, expr, Role::Holds),
            };
            yes.push(f.both(case.when, holds));
        }
        let yes = f.any(yes);
        Truth { yes, no: f.both(presence.there, !yes), no_user: presence.no_user }
    }

    /// `any`, and with `negated` the `any` of the negated body, which is the negation of `all`.
    fn quantified(
        &mut self,
        f: &mut Formulas,
        expr: &Expr,
        receiver: &Expr,
        (param, body): (LocalId, &Expr),
        negated: bool,
    ) -> Truth {
        let presence = self.presence(f, receiver);
        let cases = self.cases(f, receiver);
        let mut found = Vec::new();
        for case in &*cases {
            let Some(truth) = self.some_element(f, &case.term, param, body, negated) else {
                let ExprKind::Call { builtin, arguments, .. } = &*expr.kind else { return Truth::NEVER };
                let truth = self.opaque_call(f, expr, builtin, receiver, arguments);
                return if negated { truth.not() } else { truth };
            };
            found.push((case.when, truth));
        }
        let mut over = |part: fn(&Truth) -> Formula| {
            let parts: Vec<_> = found.iter().map(|(when, truth)| f.both(*when, part(truth))).collect();
            f.any(parts)
        };
        let (yes, no, no_user) = (over(|t| t.yes), over(|t| t.no), over(|t| t.no_user));
        Truth { yes, no, no_user: f.either(no_user, presence.no_user) }
    }

    /// Whether some element of a list makes a body true; Kleene's `or` over its elements.
    fn some_element(
        &mut self,
        f: &mut Formulas,
        list: &Term,
        param: LocalId,
        body: &Expr,
        negated: bool,
    ) -> Option<Truth> {
        let (path, kept) = match list {
            Term::Constant(Value::List(items)) if items.len() <= 32 => {
                let items: Vec<Value> = items.to_vec();
                return self.some_constant(f, &items, param, body, negated);
            }
            Term::Place(path, _) if self.is_list(path) => (path, Formula::TRUE),
            Term::Elements(path, kept) => (path, *kept),
            _ => return None,
        };
        let truth = self.of_element(f, path, param, body)?;
        let truth = if negated { truth.not() } else { truth };
        let (true_of, not_false_of) = (f.both(kept, truth.yes), f.both(kept, !truth.no));
        let yes = f.atom(Atom::Some(path.clone(), true_of));
        let open = f.atom(Atom::Some(path.clone(), not_false_of));
        Some(Truth { yes, no: !open, no_user: Formula::FALSE })
    }

    fn some_constant(
        &mut self,
        f: &mut Formulas,
        items: &[Value],
        param: LocalId,
        body: &Expr,
        negated: bool,
    ) -> Option<Truth> {
        if items.iter().any(|item| item.as_int().is_some()) {
            return None;
        }
        let was_blurred = std::mem::replace(&mut self.is_blurred, false);
        let mut truths = Vec::new();
        for item in items {
            self.locals.insert(param, Term::Constant(item.clone()));
            let truth = self.truth(f, body);
            truths.push(if negated { truth.not() } else { truth });
        }
        self.locals.remove(&param);
        if self.is_blurred {
            return self.give_up(was_blurred);
        }
        self.is_blurred = was_blurred;
        let yes = f.any(truths.iter().map(|truth| truth.yes));
        let no = f.all(truths.iter().map(|truth| truth.no));
        let missing = f.any(truths.iter().map(|truth| truth.no_user));
        Some(Truth { yes, no, no_user: f.both(missing, !yes) })
    }

    fn give_up<T>(&mut self, was_blurred: bool) -> Option<T> {
        self.is_blurred = was_blurred;
        None
    }

    /// What a lambda's body says of the elements of a list; `None` unless it is about the element alone.
    fn of_element(
        &mut self,
        f: &mut Formulas,
        list: &Arc<Path>,
        param: LocalId,
        body: &Expr,
    ) -> Option<Truth> {
        let element = self.element(list)?;
        let own = Path::element(list);
        if self.locals.values().any(|term| is_within(term, &own)) {
            return None;
        }
        let was_blurred = std::mem::replace(&mut self.is_blurred, false);
        self.locals.insert(param, element);
        let truth = self.truth(f, body);
        self.locals.remove(&param);
        let is_own = !self.is_blurred
            && f.atoms_of([truth.yes, truth.no, truth.no_user])
                .into_iter()
                .all(|atom| f.meaning(atom).is_some_and(|atom| is_about(atom, &own)));
        self.is_blurred = was_blurred;
        is_own.then_some(truth)
    }

    /// `is_empty`, which takes what is absent for empty.
    fn emptiness(&mut self, f: &mut Formulas, expr: &Expr, receiver: &Expr) -> Truth {
        let Presence { there, no_user } = self.presence(f, receiver);
        let mut filled = Vec::new();
        for case in &*self.cases(f, receiver) {
            let is_filled = match self.is_filled(f, &case.term) {
                Some(is_filled) => is_filled,
                None => !self.opaque(f, expr, Role::Holds),
            };
            filled.push(f.both(case.when, is_filled));
        }
        let no = f.any(filled);
        let no = f.both(no, there);
        Truth { yes: f.all([!no, !no_user]), no, no_user }
    }

    /// Where a text or list has something in it.
    fn is_filled(&mut self, f: &mut Formulas, term: &Term) -> Option<Formula> {
        match term {
            Term::Constant(value) => Some(Formula::from(match value {
                Value::String(text) => !text.is_empty(),
                Value::List(items) => !items.is_empty(),
                Value::Object(members) => !members.is_empty(),
                _ => true,
            })),
            Term::Place(path, steps) if self.is_text(path) => {
                Some(!self.text_test(f, path, steps, TextPattern::Equals("".into()), false))
            }
            Term::Place(path, _) if self.is_list(path) => {
                Some(f.atom(Atom::Some(path.clone(), Formula::TRUE)))
            }
            Term::Elements(path, kept) => Some(f.atom(Atom::Some(path.clone(), *kept))),
            _ => None,
        }
    }

    /// A method's value as cases; `None` where it is not understood.
    pub(super) fn call_cases(
        &mut self,
        f: &mut Formulas,
        builtin: &Builtin,
        receiver: &Expr,
        arguments: &[Argument],
        fold: bool,
    ) -> Option<Vec<Case>> {
        let name = builtin.name();
        let mut found = Vec::new();
        for case in &*self.known_cases(f, receiver)? {
            let (also, term) = self.called(f, name, &case.term, arguments, fold)?;
            found.push(Case { when: f.both(case.when, also), term });
        }
        Some(found)
    }

    /// Where a method has a value, and which, given its receiver.
    fn called(
        &mut self,
        f: &mut Formulas,
        name: &str,
        receiver: &Term,
        arguments: &[Argument],
        fold: bool,
    ) -> Option<(Formula, Term)> {
        match (name, receiver, arguments) {
            ("filter", Term::Place(path, _), [Argument::Lambda { param, body }]) if self.is_list(path) => {
                let kept = self.of_element(f, path, *param, body)?.yes;
                Some((Formula::TRUE, Term::Elements(path.clone(), kept)))
            }
            ("filter", Term::Elements(path, before), [Argument::Lambda { param, body }]) => {
                let kept = self.of_element(f, path, *param, body)?.yes;
                Some((Formula::TRUE, Term::Elements(path.clone(), f.both(*before, kept))))
            }
            ("nonempty", term, []) => Some((self.is_filled(f, term)?, term.clone())),
            ("unix" | "seconds", Term::Whole { .. }, []) => Some((Formula::TRUE, receiver.clone())),
            ("at_most", term, [_]) => Some((Formula::TRUE, term.clone())),
            ("length", Term::Place(path, steps), []) if self.is_text(path) => {
                Some((Formula::TRUE, Term::Characters(path.clone(), steps.clone())))
            }
            ("length", Term::Place(path, _), []) if self.is_list(path) => {
                Some((Formula::TRUE, Term::Count(path.clone())))
            }
            (_, Term::Place(path, steps), _) if self.is_text(path) => {
                let step = step(name, arguments, fold)?;
                let mut steps = steps.clone();
                steps.push(step);
                let there = self.text_test(f, path, &steps, TextPattern::Exists, false);
                Some((there, Term::Place(path.clone(), steps)))
            }
            (_, Term::Constant(Value::String(text)), _) => {
                let step = step(name, arguments, fold)?;
                match step.taken(text) {
                    Some(text) => Some((Formula::TRUE, Term::Constant(Value::string(text)))),
                    None => Some((Formula::FALSE, receiver.clone())),
                }
            }
            _ => None,
        }
    }

    /// Where a method has a value.
    pub(super) fn call_presence(
        &mut self,
        f: &mut Formulas,
        expr: &Expr,
        builtin: &Builtin,
        receiver: &Expr,
        arguments: &[Argument],
    ) -> Presence {
        if matches!(builtin.name(), "any" | "all" | "is_empty") {
            let truth = self.truth(f, expr);
            return Presence { there: f.either(truth.yes, truth.no), no_user: truth.no_user };
        }
        if let Some(cases) = self.known_cases(f, expr) {
            let no_user = self.presence(f, receiver).no_user;
            return Presence { there: f.any(cases.iter().map(|case| case.when)), no_user };
        }
        if let ("first" | "last", true) = (builtin.name(), arguments.len() <= 1)
            && let Some(there) = self.has_first(f, receiver, arguments)
        {
            return Presence { there, no_user: self.presence(f, receiver).no_user };
        }
        self.strict_call(f, expr, receiver, arguments, builtin.signature.ends_with('?'))
    }

    /// Where a list has a first element (that makes a lambda true).
    fn has_first(&mut self, f: &mut Formulas, receiver: &Expr, arguments: &[Argument]) -> Option<Formula> {
        let mut found = Vec::new();
        for case in &*self.known_cases(f, receiver)? {
            let there = match arguments.first() {
                None => self.is_filled(f, &case.term)?,
                Some(Argument::Lambda { param, body }) => {
                    self.some_element(f, &case.term, *param, body, false)?.yes
                }
                Some(_) => return None,
            };
            found.push(f.both(case.when, there));
        }
        Some(f.any(found))
    }
}

/// A test of a text by a constant.
fn pattern(name: &str, argument: &Argument) -> Option<TextPattern> {
    match (name, argument) {
        ("matches", Argument::Regex(regex)) => {
            // As it was written, without what makes it whole.
            let text = regex.as_str().strip_prefix(r"\A(?:")?.strip_suffix(r")\z")?;
            Some(TextPattern::Matches(text.into()))
        }
        (_, Argument::Value(value)) => {
            let text = text(value)?;
            match name {
                "starts_with" => Some(TextPattern::StartsWith(text)),
                "ends_with" => Some(TextPattern::EndsWith(text)),
                "contains" => Some(TextPattern::Contains(text)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What a method takes from a text.
fn step(name: &str, arguments: &[Argument], fold: bool) -> Option<TextStep> {
    let cut = |cut| match arguments {
        [Argument::Value(value)] => Some(TextStep::Cut { cut, part: text(value)?, fold }),
        _ => None,
    };
    match name {
        "lower" => Some(TextStep::Lower),
        "upper" => Some(TextStep::Upper),
        "domain" => Some(TextStep::Domain),
        "trim" => Some(TextStep::Trim),
        "take" => match arguments {
            [Argument::Value(value)] => match &*value.kind {
                ExprKind::Literal(n) => Some(TextStep::Take(u64::try_from(n.as_int()?).ok()?)),
                _ => None,
            },
            _ => None,
        },
        "strip_prefix" => cut(TextCut::StripPrefix),
        "strip_suffix" => cut(TextCut::StripSuffix),
        "after_prefix" => cut(TextCut::AfterPrefix),
        "before_suffix" => cut(TextCut::BeforeSuffix),
        "before" => cut(TextCut::Before),
        "after" => cut(TextCut::After),
        "before_last" => cut(TextCut::BeforeLast),
        "after_last" => cut(TextCut::AfterLast),
        _ => None,
    }
}

fn text(value: &Expr) -> Option<Arc<str>> {
    match &*value.kind {
        ExprKind::Literal(Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}

fn is_within(term: &Term, element: &Path) -> bool {
    match term {
        Term::Place(path, _) | Term::Whole { plus: Some(path), .. } => path.base == element.base,
        _ => false,
    }
}

/// Whether an atom is about an element and nothing else.
fn is_about(atom: &Atom, element: &Path) -> bool {
    let own = |path: &Arc<Path>| is_rooted(path, element);
    match atom {
        Atom::Present(path)
        | Atom::True(path)
        | Atom::Text(path, _)
        | Atom::Number(path, _)
        | Atom::Some(path, _)
        | Atom::Items(path, _) => own(path),
        Atom::AtMost(a, b, _) => a.iter().chain(b).all(own),
        _ => false,
    }
}

/// Whether a path starts at an element, be it in a list of a list.
fn is_rooted(path: &Path, element: &Path) -> bool {
    match &path.base {
        base if *base == element.base => true,
        Base::Element(list) => is_rooted(list, element),
        Base::Root(_) => false,
    }
}
