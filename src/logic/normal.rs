//! Expressions to texts that say nothing but what they mean: equal texts, equal values.
//!
//! Names, places and whatever else a writer may choose freely are left out. It assumes a unit without errors, which
//! bounds how deep expressions nest, lets counted in.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::ast::{Comparison, SumOperator};
use crate::catalog::Root;
use crate::ir::{Argument, Element, Expr, ExprKind, LetId, LocalId, Member, SlotId, TableId, Unit};
use crate::ty::ShapeKind;
use crate::value::Value;

pub(crate) mod text;

use text::{audience, call, embedded, folded, literal, quoted, shape};

/// The largest `and` or `or` that is taken apart where it is itself an operand of `and` or `or`.
const MAX_FLATTENED: usize = 64;

/// The normal texts of a unit's expressions.
///
/// Two expressions of equal text have the same value in every request, be they of one unit or of two: the same value,
/// the same kind of absence, the same failure. What the units must have in common are the shapes of attributes and the
/// facts about clients; constants of `config` count by their value. What an evaluation spends of its budget of steps
/// counts only with [`Normal::with_steps`].
///
/// Equal values do not always have equal texts: of the laws of logic, only those that cost nothing are applied.
pub struct Normal<'u> {
    unit: &'u Unit,
    with_steps: bool,
    lets: Vec<OnceCell<Node>>,
    /// Lets as lists of which only the elements matter.
    sets: Vec<OnceCell<String>>,
    tables: Vec<OnceCell<String>>,
}

/// An expression's text, and what surrounding ones look through.
#[derive(Clone)]
struct Node {
    text: Arc<str>,
    form: Form,
    /// Whether it matters how often it is evaluated.
    counts: bool,
}

#[derive(Clone)]
enum Form {
    Other,
    Junction(Junction, Rc<[Node]>),
    Not(Rc<Node>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Junction {
    And,
    Or,
}

/// The lambda parameters that are in scope, innermost first.
#[derive(Clone, Copy)]
struct Scope<'s>(Option<(LocalId, &'s Scope<'s>)>);

const OUTSIDE: Scope<'static> = Scope(None);

impl<'u> Normal<'u> {
    /// The texts of a unit's expressions; each is computed when it is asked for.
    pub fn new(unit: &'u Unit) -> Self {
        fn cells<T>(count: usize) -> Vec<OnceCell<T>> {
            std::iter::repeat_with(OnceCell::new).take(count).collect()
        }
        let lets = unit.lets.len();
        let tables = cells(unit.tables.len());
        Normal { unit, with_steps: false, lets: cells(lets), sets: cells(lets), tables }
    }

    /// The same, but what spends steps is neither left out where it is repeated nor taken out of its `let`. Whether two
    /// lets of one text are one `let` is not told.
    pub fn with_steps(unit: &'u Unit) -> Self {
        Normal { with_steps: true, ..Normal::new(unit) }
    }

    /// The text of an expression. Of a part of a lambda, the parameter is told from others within the unit only.
    pub fn text(&self, expr: &Expr) -> Arc<str> {
        self.node(expr, &OUTSIDE).text
    }

    fn node(&self, expr: &Expr, scope: &Scope<'_>) -> Node {
        let counts = self.with_steps && expr.spends;
        let node = match &*expr.kind {
            ExprKind::Let(id) if counts => Node::of(call("let", [embedded(&self.binding(*id).text)])),
            ExprKind::Let(id) => self.binding(*id),
            ExprKind::And(operands) => self.junction(Junction::And, operands, scope),
            ExprKind::Or(operands) => self.junction(Junction::Or, operands, scope),
            ExprKind::Not(operand) => negation(self.node(operand, scope)),
            ExprKind::Compare { operator, left, right, fold } => {
                comparison(*operator, [self.part(left, scope), self.part(right, scope)], *fold)
            }
            _ => Node::of(self.other(expr, scope)),
        };
        Node { counts, ..node }
    }

    fn binding(&self, id: LetId) -> Node {
        match (self.lets.get(id.index()), self.unit.lets.get(id.index())) {
            (Some(cell), Some(binding)) => cell.get_or_init(|| self.node(&binding.value, &OUTSIDE)).clone(),
            _ => Node::of("error".to_owned()),
        }
    }

    /// Operands in order, each once; those that are of the same kind themselves are taken apart.
    fn junction(&self, junction: Junction, operands: &[Expr], scope: &Scope<'_>) -> Node {
        let mut all: Vec<Node> = Vec::with_capacity(operands.len());
        for operand in operands {
            let node = self.node(operand, scope);
            match &node.form {
                Form::Junction(own, inner)
                    if *own == junction && inner.len() <= MAX_FLATTENED && !node.counts =>
                {
                    all.extend(inner.iter().cloned());
                }
                _ => all.push(node),
            }
        }
        all.sort_by(|a, b| a.text.cmp(&b.text));
        all.dedup_by(|a, b| a.text == b.text && !a.counts);
        if let [only] = all.as_slice() {
            return only.clone();
        }
        let word = if junction == Junction::And { "and" } else { "or" };
        let text = call(word, all.iter().map(|node| embedded(&node.text)));
        Node { text: text.into(), form: Form::Junction(junction, all.into()), counts: false }
    }

    /// The text of a part of an expression.
    fn part(&self, expr: &Expr, scope: &Scope<'_>) -> String {
        embedded(&self.node(expr, scope).text)
    }

    fn parts(&self, exprs: &[Expr], scope: &Scope<'_>) -> Vec<String> {
        exprs.iter().map(|expr| self.part(expr, scope)).collect()
    }

    fn other(&self, expr: &Expr, scope: &Scope<'_>) -> String {
        match &*expr.kind {
            ExprKind::Literal(value) => literal(value, &expr.ty.kind),
            ExprKind::Slot(id) => self.slot(*id),
            ExprKind::Local(id) => local(*id, scope),
            ExprKind::Member(object, name) => call("member", [self.part(object, scope), quoted(name)]),
            ExprKind::Index(list, index) => call("index", [self.part(list, scope), self.part(index, scope)]),
            ExprKind::Lookup { table, keys, fold } => {
                let keys = keys.iter().zip(fold).map(|(key, fold)| folded(self.part(key, scope), *fold));
                call("lookup", std::iter::once(self.table(*table)).chain(keys))
            }
            ExprKind::Template(parts) => call("template", self.parts(parts, scope)),
            ExprKind::List(elements) => call("list", self.elements(elements, scope)),
            ExprKind::Record(members) => call("record", self.members(members, scope)),
            ExprKind::Join(parts) => call("join", self.parts(parts, scope)),
            ExprKind::Sum(first, rest) => self.sum(first, rest, scope),
            ExprKind::Product(factors) => {
                // Whether a product overflows does not depend on the order of its factors.
                let mut factors = self.parts(factors, scope);
                factors.sort();
                call("product", factors)
            }
            ExprKind::Negate(operand) => call("negate", [self.part(operand, scope)]),
            ExprKind::Coalesce(operands) => call("coalesce", self.parts(operands, scope)),
            ExprKind::As(operand, wanted) => {
                call("as", [self.part(operand, scope), embedded(&shape(wanted))])
            }
            ExprKind::Omit => "omit".to_owned(),
            ExprKind::If { .. } | ExprKind::Match { .. } => self.choice(expr, scope),
            ExprKind::Call { builtin, receiver, arguments, fold } => {
                let (of, _) = builtin.signature.split_once('.').unwrap_or_default();
                let receiver = folded(self.part(receiver, scope), *fold);
                let arguments = arguments.iter().map(|argument| self.argument(argument, scope));
                call(&format!("<{of}>{}", builtin.name()), std::iter::once(receiver).chain(arguments))
            }
            _ => self.test(expr, scope),
        }
    }

    /// Conditions without operands that are conditions.
    fn test(&self, expr: &Expr, scope: &Scope<'_>) -> String {
        match &*expr.kind {
            ExprKind::In { element, list, fold } => {
                call("in", [folded(self.part(element, scope), *fold), self.set(list, scope)])
            }
            ExprKind::Exists(operand) => call("exists", [self.part(operand, scope)]),
            ExprKind::UserExists => "user_exists".to_owned(),
            ExprKind::Login => "login".to_owned(),
            ExprKind::Failed(source) => call("failed", [quoted(source)]),
            ExprKind::AudienceIs(of, id) => call("is", [audience(*of), self.part(id, scope)]),
            ExprKind::AudienceHas(of, id) => call("has", [audience(*of), self.part(id, scope)]),
            ExprKind::AudienceWithin(of, list) => call("within", [audience(*of), self.set(list, scope)]),
            _ => "error".to_owned(),
        }
    }

    fn choice(&self, expr: &Expr, scope: &Scope<'_>) -> String {
        match &*expr.kind {
            ExprKind::If { condition, reads_user, then, otherwise } => {
                let parts = [condition, then, otherwise].map(|part| self.part(part, scope));
                call(if *reads_user { "if_user" } else { "if" }, parts)
            }
            ExprKind::Match { subject, reads_user, fold, arms, otherwise } => {
                let mut parts = vec![folded(self.part(subject, scope), *fold)];
                for (literals, value) in arms {
                    let mut literals: Vec<String> = literals.iter().map(Value::to_json).collect();
                    literals.sort();
                    parts.push(call("arm", [embedded(&call("any", literals)), self.part(value, scope)]));
                }
                parts.extend(otherwise.iter().map(|value| call("else", [self.part(value, scope)])));
                call(if *reads_user { "match_user" } else { "match" }, parts)
            }
            _ => "error".to_owned(),
        }
    }

    fn argument(&self, argument: &Argument, scope: &Scope<'_>) -> String {
        match argument {
            Argument::Value(value) => self.part(value, scope),
            Argument::Lambda { param, body } => {
                call("lambda", [self.part(body, &Scope(Some((*param, scope))))])
            }
            Argument::Regex(regex) => call("regex", [embedded(&quoted(regex.as_str()))]),
        }
    }

    /// A list whose order does not matter.
    fn set(&self, list: &Expr, scope: &Scope<'_>) -> String {
        match &*list.kind {
            ExprKind::List(elements) => {
                let mut elements = self.elements(elements, scope);
                elements.sort();
                embedded(&call("list", elements))
            }
            ExprKind::Let(id) if !(self.with_steps && list.spends) => {
                match (self.sets.get(id.index()), self.unit.lets.get(id.index())) {
                    (Some(cell), Some(binding)) => {
                        cell.get_or_init(|| self.set(&binding.value, &OUTSIDE)).clone()
                    }
                    _ => "error".to_owned(),
                }
            }
            _ => self.part(list, scope),
        }
    }

    fn elements(&self, elements: &[Element], scope: &Scope<'_>) -> Vec<String> {
        let one = |element: &Element| {
            let value = self.part(&element.value, scope);
            if element.spread { call("spread", [value]) } else { value }
        };
        elements.iter().map(one).collect()
    }

    fn members(&self, members: &[Member], scope: &Scope<'_>) -> Vec<String> {
        let one = |member: &Member| match member {
            Member::Named(name, value) => call("named", [quoted(name), self.part(value, scope)]),
            Member::Spread(value) => call("spread", [self.part(value, scope)]),
        };
        members.iter().map(one).collect()
    }

    /// Whether a sum overflows does not depend on the order of its terms.
    fn sum(&self, first: &Expr, rest: &[(SumOperator, Expr)], scope: &Scope<'_>) -> String {
        let mut terms = vec![call("plus", [self.part(first, scope)])];
        for (operator, term) in rest {
            let word = if *operator == SumOperator::Plus { "plus" } else { "minus" };
            terms.push(call(word, [self.part(term, scope)]));
        }
        terms.sort();
        call("sum", terms)
    }

    /// The text of an attribute.
    pub fn slot(&self, id: SlotId) -> String {
        let Some(slot) = self.unit.slots.get(id.index()) else {
            return "error".to_owned();
        };
        let mut text = slot.root.as_str().to_owned();
        for member in &slot.path {
            text.push('.');
            text.push_str(&quoted(member));
        }
        if slot.root != Root::Config {
            return text;
        }
        let catalog = &self.unit.catalog;
        let first = slot.path.first();
        let whole = catalog.input(Root::Config);
        let declared = match (first, whole.map(|shape| &shape.kind)) {
            (Some(name), Some(ShapeKind::Record(record))) => record.member(name),
            _ => whole,
        };
        let declared = declared.map(|declared| embedded(&shape(declared)));
        let read = catalog.config.iter().filter(|(name, _)| first.is_none_or(|first| first == *name));
        let values = read.filter_map(|(name, constant)| {
            Some(call("named", [quoted(name), embedded(&constant.value.as_ref()?.to_json())]))
        });
        call(&text, declared.into_iter().chain(values))
    }

    /// The rows of a table. Their order matters only among keys that differ in case alone.
    fn table(&self, id: TableId) -> String {
        let (Some(cell), Some(table)) = (self.tables.get(id.index()), self.unit.tables.get(id.index()))
        else {
            return "error".to_owned();
        };
        let text = cell.get_or_init(|| {
            let mut rows: Vec<(String, String)> = Vec::new();
            for (keys, value) in table.rows.iter() {
                let keys = Value::list(keys.to_vec()).to_json();
                rows.push((keys.to_ascii_lowercase(), call("row", [keys, value.to_json()])));
            }
            rows.sort_by(|(a, _), (b, _)| a.cmp(b));
            embedded(&call("table", rows.into_iter().map(|(_, row)| row)))
        });
        text.clone()
    }
}

impl Node {
    fn of(text: String) -> Self {
        Node { text: text.into(), form: Form::Other, counts: false }
    }
}

/// Not; two of them are none.
fn negation(operand: Node) -> Node {
    if let Form::Not(inner) = operand.form {
        return (*inner).clone();
    }
    let text = call("not", [embedded(&operand.text)]).into();
    Node { text, form: Form::Not(Rc::new(operand)), counts: false }
}

/// Every comparison by `=` and `<`: the order is total, and what is unknown stays so under `not`.
fn comparison(operator: Comparison, [left, right]: [String; 2], fold: bool) -> Node {
    let equal = |mut sides: [String; 2]| {
        sides.sort();
        Node::of(call(if fold { "equal_folded" } else { "equal" }, sides))
    };
    let less = |left, right| Node::of(call("less", [left, right]));
    match operator {
        Comparison::Equal => equal([left, right]),
        Comparison::NotEqual => negation(equal([left, right])),
        Comparison::Less => less(left, right),
        Comparison::Greater => less(right, left),
        Comparison::LessEqual => negation(less(right, left)),
        Comparison::GreaterEqual => negation(less(left, right)),
    }
}

/// A lambda's parameter by how many lambdas stand between: what contains no parameter reads alike everywhere.
fn local(id: LocalId, scope: &Scope<'_>) -> String {
    let mut scope = scope;
    let mut between = 0;
    while let Some((param, outer)) = scope.0 {
        if param == id {
            return format!("${between}");
        }
        between += 1;
        scope = outer;
    }
    format!("$outer{}", id.0)
}

#[cfg(test)]
mod tests;
