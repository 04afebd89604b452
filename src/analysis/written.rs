//! Typed expressions and formulas in the language's own syntax, for people to read: short lets in their places, aliases for ids, no
//! more parentheses than needed, one line, the same text wherever and however the expression was laid out.

use std::borrow::Cow;
use std::sync::Arc;

use crate::ast::{Comparison, SumOperator};
use crate::catalog::{Catalog, Root};
use crate::ir::{
    Argument, AudienceOf, Denial, Element, Expr, ExprKind, LetId, LocalId, Member, SlotId, Unit,
};
use crate::value::Value;

mod atom;
mod condition;
mod formula;
mod literal;

use literal::{is_word, quoted, value as literal_value};

pub(super) use literal::regex;

pub use condition::Condition;
pub use formula::Conditions;
pub(super) use formula::digits;

/// A longer let is called by its name.
const MAX_INLINED: usize = 120;

/// An expression's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// In one line.
    pub text: String,
    /// Whether the text says all that the expression means. It does not where it names a table, a long let or a
    /// constant of `config`.
    pub is_whole: bool,
}

/// Writes an expression of a unit without errors.
pub fn expression(unit: &Unit, expr: &Expr) -> Written {
    expression_at(unit, expr, Binding::Choice)
}

/// The same as an operand that has to bind so tightly.
fn expression_at(unit: &Unit, expr: &Expr, least: Binding) -> Written {
    let mut writer = Writer { unit, scope: Vec::new(), is_whole: true };
    let text = writer.at(expr, least);
    Written { text, is_whole: writer.is_whole }
}

/// The opposite of a comparison or a test of membership, with an operator of its own; `None` of other expressions.
fn opposite(unit: &Unit, expr: &Expr) -> Option<Written> {
    let mut writer = Writer { unit, scope: Vec::new(), is_whole: true };
    let (text, binding) = writer.negation(expr);
    (binding == Binding::Comparison).then_some(Written { text, is_whole: writer.is_whole })
}

/// `access_denied "text"`, as it stands behind `deny`.
pub fn denial(denial: &Denial) -> String {
    format!("{} {}", denial.code, quoted(&denial.text))
}

/// How tightly operators bind, loosest first, as in the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Choice,
    Or,
    And,
    Not,
    Comparison,
    Coalesce,
    Sum,
    Product,
    Minus,
    Test,
    As,
    Path,
}

struct Writer<'u> {
    unit: &'u Unit,
    /// Lambda parameters, the outermost first.
    scope: Vec<LocalId>,
    is_whole: bool,
}

impl Writer<'_> {
    /// As an operand that has to bind so tightly.
    fn at(&mut self, expr: &Expr, least: Binding) -> String {
        let (text, binding) = self.write(expr);
        if binding < least { format!("({text})") } else { text }
    }

    fn listed<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) -> String {
        joined(exprs.into_iter().map(|expr| self.at(expr, Binding::Choice)), ", ")
    }

    fn operands(&mut self, exprs: &[Expr], word: &str, least: Binding) -> String {
        joined(exprs.iter().map(|expr| self.at(expr, least)), word)
    }

    fn write(&mut self, expr: &Expr) -> (String, Binding) {
        match &*expr.kind {
            ExprKind::Literal(value) => (literal_value(value, &expr.ty.kind), Binding::Path),
            ExprKind::Omit => ("omit".to_owned(), Binding::Path),
            ExprKind::Slot(id) => (self.slot(*id), Binding::Path),
            ExprKind::Local(id) => (self.local(*id), Binding::Path),
            ExprKind::Let(id) => self.binding(*id),
            ExprKind::Member(object, name) => {
                (format!("{}{}", self.at(object, Binding::Path), member(name)), Binding::Path)
            }
            ExprKind::Index(object, index) => {
                let object = self.at(object, Binding::Path);
                (format!("{object}[{}]", self.at(index, Binding::Choice)), Binding::Path)
            }
            ExprKind::Lookup { table, keys, .. } => {
                self.is_whole = false;
                let name = self.unit.tables.get(table.index()).map(|table| table.name.clone());
                (format!("{}[{}]", name.unwrap_or_default(), self.listed(keys)), Binding::Path)
            }
            ExprKind::Template(parts) => (self.template(parts), Binding::Path),
            ExprKind::List(elements) => (self.list(elements), Binding::Path),
            ExprKind::Record(members) => (self.record(members), Binding::Path),
            ExprKind::Join(parts) => (self.operands(parts, " + ", Binding::Product), Binding::Sum),
            ExprKind::Sum(first, rest) => (self.sum(first, rest), Binding::Sum),
            ExprKind::Product(factors) => (self.operands(factors, " * ", Binding::Minus), Binding::Product),
            ExprKind::Negate(operand) => (format!("-{}", self.at(operand, Binding::Test)), Binding::Minus),
            ExprKind::Coalesce(operands) => {
                (self.operands(operands, " ?? ", Binding::Sum), Binding::Coalesce)
            }
            ExprKind::As(operand, _) => {
                (format!("{} as {}", self.at(operand, Binding::As), expr.ty.kind), Binding::As)
            }
            ExprKind::If { .. } | ExprKind::Match { .. } => (self.choice(expr), Binding::Choice),
            ExprKind::Call { .. } => (self.call(expr), Binding::Path),
            _ => self.condition(expr),
        }
    }

    fn condition(&mut self, expr: &Expr) -> (String, Binding) {
        match &*expr.kind {
            ExprKind::And(parts) => (self.operands(parts, " and ", Binding::Not), Binding::And),
            ExprKind::Or(parts) => (self.operands(parts, " or ", Binding::And), Binding::Or),
            ExprKind::Not(operand) => self.negation(operand),
            ExprKind::Compare { operator, left, right, .. } => {
                (self.comparison(operator.as_str(), *operator, left, right), Binding::Comparison)
            }
            ExprKind::In { element, list, .. } => (self.membership("in", element, list), Binding::Comparison),
            ExprKind::Exists(operand) => (format!("{} exists", self.at(operand, Binding::As)), Binding::Test),
            ExprKind::UserExists => ("user exists".to_owned(), Binding::Test),
            ExprKind::Login => ("grant in login".to_owned(), Binding::Comparison),
            ExprKind::Failed(source) => (format!("external{} failed", member(source)), Binding::Test),
            ExprKind::AudienceIs(of, id) => {
                (format!("{} = {}", audience(*of), self.id(id, Root::Audience)), Binding::Comparison)
            }
            ExprKind::AudienceHas(of, id) => {
                (format!("{} in {}", self.id(id, Root::Audience), audience(*of)), Binding::Comparison)
            }
            ExprKind::AudienceWithin(of, list) => {
                (format!("{} in {}", audience(*of), self.ids(list, Root::Audience)), Binding::Comparison)
            }
            _ => ("?".to_owned(), Binding::Path),
        }
    }

    fn negation(&mut self, operand: &Expr) -> (String, Binding) {
        match &*operand.kind {
            ExprKind::Compare { operator: Comparison::Equal, left, right, .. } => {
                (self.comparison("!=", Comparison::Equal, left, right), Binding::Comparison)
            }
            ExprKind::In { element, list, .. } => {
                (self.membership("not in", element, list), Binding::Comparison)
            }
            _ => (format!("not {}", self.at(operand, Binding::Not)), Binding::Not),
        }
    }

    fn comparison(&mut self, word: &str, operator: Comparison, left: &Expr, right: &Expr) -> String {
        let of = if operator == Comparison::Equal { self.identity(left) } else { None };
        if let Some((root, name)) = of {
            return format!("{name} {word} {}", self.id(right, root));
        }
        let (left, right) = (self.at(left, Binding::Coalesce), self.at(right, Binding::Coalesce));
        format!("{left} {word} {right}")
    }

    fn membership(&mut self, word: &str, element: &Expr, list: &Expr) -> String {
        if let Some((root, name)) = self.identity(element) {
            return format!("{name} {word} {}", self.ids(list, root));
        }
        let (element, list) = (self.at(element, Binding::Coalesce), self.at(list, Binding::Coalesce));
        format!("{element} {word} {list}")
    }

    /// What is compared by id: its root and how it is written.
    fn identity(&self, expr: &Expr) -> Option<(Root, &'static str)> {
        let ExprKind::Slot(id) = &*expr.kind else { return None };
        let slot = self.unit.slots.get(id.index())?;
        match (slot.root, slot.path.as_slice()) {
            (root @ Root::Grant, []) => Some((root, root.as_str())),
            (root @ (Root::Client | Root::Connection | Root::Organization), [id]) if &**id == "id" => {
                Some((root, root.as_str()))
            }
            _ => None,
        }
    }

    fn id(&mut self, expr: &Expr, root: Root) -> String {
        match &*expr.kind {
            ExprKind::Literal(Value::String(id)) => {
                alias(&self.unit.catalog, root, id).map_or_else(|| quoted(id), Cow::into_owned)
            }
            _ => self.at(expr, Binding::Coalesce),
        }
    }

    fn ids(&mut self, list: &Expr, root: Root) -> String {
        match &*list.kind {
            ExprKind::List(elements) if elements.iter().all(|element| !element.spread) => {
                let ids = elements.iter().map(|element| self.id(&element.value, root));
                format!("[{}]", joined(ids, ", "))
            }
            _ => self.at(list, Binding::Coalesce),
        }
    }

    fn slot(&mut self, id: SlotId) -> String {
        let Some(slot) = self.unit.slots.get(id.index()) else { return "?".to_owned() };
        self.is_whole &= slot.root != Root::Config;
        slot.path.iter().fold(slot.root.as_str().to_owned(), |text, name| text + &member(name))
    }

    fn local(&self, id: LocalId) -> String {
        let depth = self.scope.iter().position(|local| *local == id);
        depth.map_or_else(|| "?".to_owned(), parameter)
    }

    fn binding(&mut self, id: LetId) -> (String, Binding) {
        let Some(binding) = self.unit.lets.get(id.index()) else { return ("?".to_owned(), Binding::Path) };
        // Lets of lets could be long without end; a size that is found without writing keeps that out.
        if size(self.unit, &binding.value, MAX_INLINED).is_some() {
            let was_whole = self.is_whole;
            let written = self.write(&binding.value);
            if written.0.len() <= MAX_INLINED {
                return written;
            }
            self.is_whole = was_whole;
        }
        self.is_whole = false;
        (binding.name.to_string(), Binding::Path)
    }

    fn template(&mut self, parts: &[Expr]) -> String {
        let mut text = String::from("\"");
        for part in parts {
            if let ExprKind::Literal(Value::String(literal)) = &*part.kind {
                literal::push_escaped(&mut text, literal);
            } else {
                text += &format!("${{{}}}", self.at(part, Binding::Choice));
            }
        }
        text + "\""
    }

    fn list(&mut self, elements: &[Element]) -> String {
        let one = |element: &Element| {
            let value = self.at(&element.value, Binding::Choice);
            if element.spread { format!("...{value}") } else { value }
        };
        format!("[{}]", joined(elements.iter().map(one), ", "))
    }

    fn record(&mut self, members: &[Member]) -> String {
        let one = |member: &Member| match member {
            Member::Named(name, value) => {
                let name = if is_word(name) { name.to_string() } else { quoted(name) };
                format!("{name}: {}", self.at(value, Binding::Choice))
            }
            Member::Spread(value) => format!("...{}", self.at(value, Binding::Choice)),
        };
        let members = joined(members.iter().map(one), ", ");
        if members.is_empty() { "{}".to_owned() } else { format!("{{ {members} }}") }
    }

    fn sum(&mut self, first: &Expr, rest: &[(SumOperator, Expr)]) -> String {
        let mut text = self.at(first, Binding::Product);
        for (operator, operand) in rest {
            let word = if *operator == SumOperator::Plus { " + " } else { " - " };
            text += word;
            text += &self.at(operand, Binding::Product);
        }
        text
    }

    fn choice(&mut self, expr: &Expr) -> String {
        match &*expr.kind {
            ExprKind::If { condition, then, otherwise, .. } => {
                let (condition, then) = (self.at(condition, Binding::Or), self.at(then, Binding::Or));
                format!("if {condition} then {then} else {}", self.at(otherwise, Binding::Choice))
            }
            ExprKind::Match { subject, arms, otherwise, .. } => {
                let head = self.at(subject, Binding::Or);
                let mut rows = Vec::new();
                for (literals, value) in arms {
                    let literals = literals.iter().map(|literal| literal_value(literal, &subject.ty.kind));
                    rows.push(format!("{} => {}", joined(literals, ", "), self.at(value, Binding::Choice)));
                }
                if let Some(value) = otherwise {
                    rows.push(format!("_ => {}", self.at(value, Binding::Choice)));
                }
                format!("match {head} {{ {} }}", rows.join(", "))
            }
            _ => "?".to_owned(),
        }
    }

    fn call(&mut self, expr: &Expr) -> String {
        let ExprKind::Call { builtin, receiver, arguments, .. } = &*expr.kind else { return "?".to_owned() };
        let mut text = format!("{}.{}", self.at(receiver, Binding::Path), builtin.name());
        if !builtin.is_property() {
            text += &format!("({})", joined(arguments.iter().map(|argument| self.argument(argument)), ", "));
        }
        text
    }

    fn argument(&mut self, argument: &Argument) -> String {
        match argument {
            Argument::Value(value) => self.at(value, Binding::Choice),
            Argument::Lambda { param, body } => {
                let name = parameter(self.scope.len());
                self.scope.push(*param);
                let text = format!("{name} => {}", self.at(body, Binding::Choice));
                self.scope.pop();
                text
            }
            Argument::Regex(regex) => literal::regex(regex.as_str()),
        }
    }
}

/// Of a root with aliases, the alias of an id; of grants the word.
fn alias<'c>(catalog: &'c Catalog, root: Root, id: &str) -> Option<Cow<'c, str>> {
    let of = |found: Option<&'c Arc<str>>| found.map(|alias| Cow::Borrowed(&**alias));
    match root {
        Root::Audience | Root::Requested => of(catalog.audience(id).map(|(alias, _)| alias)),
        Root::Client => {
            of(catalog.clients.iter().find(|(_, client)| &*client.id == id).map(|(alias, _)| alias))
        }
        Root::Connection => {
            of(catalog.connections.iter().find(|(_, one)| &*one.id == id).map(|(alias, _)| alias))
        }
        Root::Organization => {
            of(catalog.organizations.iter().find(|(_, one)| &*one.id == id).map(|(alias, _)| alias))
        }
        Root::Grant => crate::standard::Grant::parse(id).map(|grant| Cow::Borrowed(grant.as_str())),
        _ => None,
    }
}

/// `.name`, or `["a name"]`.
pub(super) fn member(name: &str) -> String {
    if is_word(name) { format!(".{name}") } else { format!("[{}]", quoted(name)) }
}

/// The name of a lambda's parameter, by how many lambdas stand around it.
fn parameter(depth: usize) -> String {
    ["x", "y", "z"].get(depth).map_or_else(|| format!("x{depth}"), |name| (*name).to_owned())
}

fn audience(of: AudienceOf) -> &'static str {
    match of {
        AudienceOf::Token => "audience",
        AudienceOf::Requested => "requested.audience",
    }
}

fn joined(texts: impl Iterator<Item = String>, separator: &str) -> String {
    texts.collect::<Vec<_>>().join(separator)
}

/// How many parts an expression has, lets counted wherever they are read; `None` if more than so many.
fn size(unit: &Unit, expr: &Expr, most: usize) -> Option<usize> {
    let mut count = 0;
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        count += 1;
        if count > most {
            return None;
        }
        if let ExprKind::Let(id) = &*expr.kind {
            open.extend(unit.lets.get(id.index()).map(|binding| &binding.value));
        }
        open.extend(expr.children());
    }
    Some(count)
}

#[cfg(test)]
mod tests;
