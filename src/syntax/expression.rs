//! Expressions: the precedence table and what its operators build.

use std::sync::LazyLock;

use pest::iterators::Pair;
use pest::pratt_parser::{Assoc, Op, PrattParser};

use crate::ast::{Arm, Element, Expr, ExprKind, Member, Name};
use crate::diag::{Applicability, Diagnostic, Edit};
use crate::source::Span;
use crate::syntax::build::{Builder, Children};
use crate::syntax::grammar::Rule;
use crate::syntax::{MAX_DEPTH, MAX_HEIGHT, codes};

#[derive(Debug, Clone, Copy)]
enum Affix {
    Prefix,
    Infix,
    Postfix,
}

/// The operators of the language, loosest first. Comparisons do not associate: the builder refuses a chain of them.
#[rustfmt::skip]
const PRECEDENCE: &[(Affix, &[Rule])] = &[
    (Affix::Infix,   &[Rule::kw_or, Rule::h_or]),
    (Affix::Infix,   &[Rule::kw_and, Rule::h_and]),
    (Affix::Prefix,  &[Rule::kw_not, Rule::h_not]),
    (Affix::Infix,   &[Rule::equal, Rule::not_equal, Rule::less, Rule::less_equal, Rule::greater, Rule::greater_equal,
                       Rule::kw_in, Rule::not_in, Rule::h_equal, Rule::h_not_equal]),
    (Affix::Infix,   &[Rule::coalesce]),
    (Affix::Infix,   &[Rule::plus, Rule::minus]),
    (Affix::Infix,   &[Rule::times]),
    (Affix::Prefix,  &[Rule::negative]),
    (Affix::Postfix, &[Rule::kw_exists, Rule::kw_failed]),
    (Affix::Postfix, &[Rule::as_type]),
    (Affix::Postfix, &[Rule::member, Rule::index, Rule::arguments]),
];

static PRATT: LazyLock<PrattParser<Rule>> = LazyLock::new(|| {
    PRECEDENCE.iter().fold(PrattParser::new(), |parser, (affix, rules)| {
        let operators = rules.iter().map(|rule| match affix {
            Affix::Prefix => Op::prefix(*rule),
            Affix::Infix => Op::infix(*rule, Assoc::Left),
            Affix::Postfix => Op::postfix(*rule),
        });
        match operators.reduce(|a, b| a | b) {
            Some(level) => parser.op(level),
            None => parser,
        }
    })
});

/// An expression while it is built.
pub(super) struct Built {
    pub(super) expr: Expr,
    /// With the parentheses around it.
    pub(super) outer: Span,
    /// The height of its tree.
    pub(super) height: usize,
    pub(super) parens: bool,
    /// Another language's word for nothing, not reported yet.
    pub(super) foreign: bool,
}

impl Built {
    /// Whether it stands without parentheses and is of a kind.
    pub(super) fn is_bare(&self, test: impl FnOnce(&ExprKind) -> bool) -> bool {
        !self.parens && test(&self.expr.kind)
    }
}

impl Builder<'_> {
    pub(super) fn expr(&self, pair: Pair<'_, Rule>) -> Expr {
        self.built(pair).expr
    }

    /// The `expr` that is a pair.
    pub(super) fn built(&self, pair: Pair<'_, Rule>) -> Built {
        let depth = self.depth.get();
        if depth > 2 * MAX_DEPTH {
            let span = self.span(&pair);
            self.report_too_deep(span, "this expression", MAX_DEPTH);
            return self.node(ExprKind::Error, span, 0);
        }
        self.depth.set(depth + 1);
        let mut children = Children::of(pair);
        if let Some(habit) = children.accept(Rule::h_return) {
            let message = "a value is not returned: it is what the expression says";
            self.report_habit(self.span(&habit), message, "remove `return`", "");
        }
        let first = self.chain(children.expect(Rule::chain));
        let built =
            if children.peek().is_some() { self.ternary(first, children) } else { self.settled(first) };
        self.depth.set(depth);
        if matches!(&*built.expr.kind, ExprKind::Deny(_)) {
            self.misplaced_deny(built.expr.span);
            return self.node(ExprKind::Error, built.expr.span, 0);
        }
        built
    }

    /// A node over children of the given height, unless that is too high.
    pub(super) fn node(&self, kind: ExprKind, span: Span, below: usize) -> Built {
        let (kind, height) = if below >= MAX_HEIGHT {
            self.report_too_deep(span, "this expression", MAX_HEIGHT);
            (ExprKind::Error, 1)
        } else {
            (kind, below + 1)
        };
        Built {
            expr: Expr { kind: Box::new(kind), span },
            outer: span,
            height,
            parens: false,
            foreign: false,
        }
    }

    fn chain(&self, pair: Pair<'_, Rule>) -> Built {
        PRATT
            .map_primary(|pair| self.primary(pair))
            .map_prefix(|operator, operand| self.prefix(&operator, operand))
            .map_postfix(|operand, operator| self.postfix(operand, operator))
            .map_infix(|left, operator, right| self.infix(left, &operator, right))
            .parse(pair.into_inner())
    }

    /// `c ? a : b ? d : e`, a habit that reads as `if`.
    fn ternary(&self, first: Built, rest: Children<'_>) -> Built {
        let mut edits = vec![Edit { span: first.outer.at_start(), text: "if ".to_owned() }];
        let mut conditions = vec![first];
        let mut values = Vec::new();
        for pair in rest {
            let mut children = Children::of(pair);
            edits.push(Edit { span: self.span(&children.expect(Rule::h_question)), text: "then".to_owned() });
            values.push(self.settled(self.chain(children.expect(Rule::chain))));
            edits.push(Edit { span: self.span(&children.expect(Rule::colon)), text: "else if".to_owned() });
            conditions.push(self.settled(self.chain(children.expect(Rule::chain))));
        }
        if let Some(last) = edits.last_mut() {
            "else".clone_into(&mut last.text);
        }
        let Some(mut result) = conditions.pop() else {
            return self.node(ExprKind::Error, self.span_between(0, 0), 0);
        };
        for (condition, then) in conditions.into_iter().zip(values).rev() {
            let span = condition.outer.to(result.outer);
            let below = condition.height.max(then.height).max(result.height);
            let kind = ExprKind::If { condition: condition.expr, then: then.expr, otherwise: result.expr };
            result = self.node(kind, span, below);
        }
        for edit in &mut edits {
            self.space(edit);
        }
        self.report(
            Diagnostic::new(
                &codes::FOREIGN_SYNTAX,
                result.outer,
                "a choice is written with `if`, `then` and `else`",
            )
            .help("write `if c then a else b`")
            .fix_many(Applicability::Safe, "write it with `if`", edits),
        );
        result
    }

    /// Keeps a word that replaces a mark apart from its neighbours.
    fn space(&self, edit: &mut Edit) {
        if edit.span.start == edit.span.end {
            return;
        }
        let blank = |c: char| c.is_ascii_whitespace();
        let start = (edit.span.start as usize).saturating_sub(self.base);
        let end = (edit.span.end as usize).saturating_sub(self.base);
        if !self.text.get(..start).is_some_and(|before| before.ends_with(blank)) {
            edit.text.insert(0, ' ');
        }
        if !self.text.get(end..).is_some_and(|after| after.starts_with(blank)) {
            edit.text.push(' ');
        }
    }

    fn primary(&self, pair: Pair<'_, Rule>) -> Built {
        let span = self.span(&pair);
        let leaf = |kind| self.node(kind, span, 0);
        match pair.as_rule() {
            Rule::variable => leaf(ExprKind::Name(pair.as_str().trim().to_owned())),
            Rule::number => leaf(self.number(&pair)),
            Rule::string => {
                let (parts, below) = self.parts(pair);
                self.node(ExprKind::Template(parts), span, below)
            }
            Rule::h_single => {
                let text = self.single_quoted(&pair);
                leaf(ExprKind::Template(vec![crate::ast::Part::Text(text)]))
            }
            Rule::kw_true => leaf(ExprKind::Bool(true)),
            Rule::kw_false => leaf(ExprKind::Bool(false)),
            Rule::kw_null => leaf(ExprKind::Null),
            Rule::kw_omit => leaf(ExprKind::Omit),
            Rule::h_nothing => Built { foreign: true, ..leaf(ExprKind::Omit) },
            Rule::refusal => leaf(ExprKind::Deny(self.refusal(pair))),
            Rule::parens => {
                let inner = Children::of(pair).find(|child| child.as_rule() == Rule::expr);
                let built = inner.map(|inner| self.built(inner));
                built.map_or_else(
                    || leaf(ExprKind::Error),
                    |built| Built { outer: span, parens: true, ..built },
                )
            }
            Rule::list => self.list(pair, span),
            Rule::record => self.record(pair, span),
            Rule::if_expr => self.if_expr(pair, span),
            Rule::match_expr => self.match_expr(pair, span),
            _ => leaf(ExprKind::Error),
        }
    }

    fn list(&self, pair: Pair<'_, Rule>, span: Span) -> Built {
        let mut elements = Vec::new();
        let mut below = 0;
        for element in Children::of(pair).filter(|child| child.as_rule() == Rule::element) {
            let mut children = Children::of(element);
            let spread = children.accept(Rule::dots).is_some();
            let value = self.built(children.expect(Rule::expr));
            below = below.max(value.height);
            elements.push(Element { spread, value: value.expr });
        }
        self.node(ExprKind::List(elements), span, below)
    }

    fn record(&self, pair: Pair<'_, Rule>, span: Span) -> Built {
        let mut members = Vec::new();
        let mut below = 0;
        for member in Children::of(pair).filter(|child| child.as_rule() == Rule::pair) {
            let mut children = Children::of(member);
            let key = children.child();
            let name = match key.as_rule() {
                Rule::dots => None,
                Rule::word => Some(self.name(&key)),
                _ => {
                    let text = self.literal_text(key);
                    Some(Name { text: text.text, span: text.span })
                }
            };
            children.accept(Rule::colon);
            let value = self.built(children.expect(Rule::expr));
            below = below.max(value.height);
            members.push(match name {
                Some(name) => Member::Named { name, value: value.expr },
                None => Member::Spread(value.expr),
            });
        }
        self.node(ExprKind::Record(members), span, below)
    }

    fn if_expr(&self, pair: Pair<'_, Rule>, span: Span) -> Built {
        let mut branches = Vec::new();
        let mut starts = vec![span];
        let mut children = Children::of(pair);
        children.expect(Rule::kw_if);
        loop {
            let condition = self.built(children.expect(Rule::expr));
            children.expect(Rule::kw_then);
            branches.push((condition, self.built(children.expect(Rule::expr))));
            let Some(else_if) = children.accept(Rule::else_if) else { break };
            starts.push(children.peek_span(self).unwrap_or(span));
            self.else_if(else_if);
        }
        children.expect(Rule::kw_else);
        let mut result = self.built(children.expect(Rule::expr));
        for ((condition, then), start) in branches.into_iter().zip(starts).rev() {
            let below = condition.height.max(then.height).max(result.height);
            let kind = ExprKind::If { condition: condition.expr, then: then.expr, otherwise: result.expr };
            result = self.node(kind, start.to(span.at_end()), below);
        }
        result
    }

    fn match_expr(&self, pair: Pair<'_, Rule>, span: Span) -> Built {
        let mut children = Children::of(pair);
        children.expect(Rule::kw_match);
        let subject = self.built(children.expect(Rule::expr));
        let mut below = subject.height;
        let mut arms = Vec::new();
        for arm in children.filter(|child| child.as_rule() == Rule::arm) {
            let place = self.span(&arm);
            let mut patterns = Vec::new();
            let mut value = None;
            for child in Children::of(arm) {
                match child.as_rule() {
                    Rule::literal => patterns.push(self.literal(child)),
                    Rule::variable => patterns.push(self.primary(child).expr),
                    Rule::expr => value = Some(self.built(child)),
                    _ => {}
                }
            }
            let value = value.unwrap_or_else(|| self.node(ExprKind::Error, place, 0));
            below = below.max(value.height);
            arms.push(Arm { patterns, value: value.expr, span: place });
        }
        self.node(ExprKind::Match { subject: subject.expr, arms }, span, below)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    /// The alternatives of a rule of the grammar that only lists others.
    fn alternatives(rule: &str) -> BTreeSet<String> {
        let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/grammar/claims.pest")).unwrap();
        let start = text.lines().position(|line| line.split_whitespace().next() == Some(rule)).unwrap();
        let body: String = text.lines().skip(start).take_while(|line| !line.is_empty()).collect();
        let body = body.split_once("_{").unwrap().1;
        body.split('}').next().unwrap().split('|').map(|word| word.trim().to_owned()).collect()
    }

    #[test]
    fn every_operator_of_the_grammar_has_a_precedence() {
        let table = |wanted: &str| -> BTreeSet<String> {
            let rules = PRECEDENCE.iter().filter(|(affix, _)| format!("{affix:?}") == wanted);
            rules.flat_map(|(_, rules)| rules.iter().map(|rule| format!("{rule:?}"))).collect()
        };
        assert_eq!(alternatives("prefix"), table("Prefix"));
        assert_eq!(alternatives("infix"), table("Infix"));
        assert_eq!(alternatives("postfix"), table("Postfix"));
    }
}
