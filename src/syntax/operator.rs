//! What operators build: flat chains, and refusals of what only looks right.

use pest::iterators::Pair;

use crate::ast::{Comparison, Expr, ExprKind, SumOperator};
use crate::diag::{Applicability, Diagnostic, Edit};
use crate::source::Span;
use crate::syntax::build::{Builder, Children};
use crate::syntax::codes;
use crate::syntax::expression::Built;
use crate::syntax::grammar::Rule;
use crate::syntax::literal::regex_pattern;

impl Builder<'_> {
    /// Reports another language's word for nothing, where it is not compared with.
    pub(super) fn settled(&self, built: Built) -> Built {
        if built.foreign {
            self.report_habit(
                built.outer,
                format!("`{}` is not a value here", self.written(built.outer)),
                "write `omit` to leave the value out",
                "omit",
            );
        }
        Built { foreign: false, ..built }
    }

    /// An operand that is complete without its neighbours: `if` and `match` need parentheses, `deny` has no place.
    fn operand(&self, built: Built) -> Built {
        if built.is_bare(|kind| matches!(kind, ExprKind::If { .. } | ExprKind::Match { .. })) {
            self.missing_parentheses(built.outer, "`if` and `match` as operands stand in parentheses");
        }
        if built.is_bare(|kind| matches!(kind, ExprKind::Deny(_))) {
            self.misplaced_deny(built.outer);
            return self.node(ExprKind::Error, built.outer, 0);
        }
        self.settled(built)
    }

    fn missing_parentheses(&self, span: Span, message: &str) {
        self.report(
            Diagnostic::new(&codes::MISSING_PARENTHESES, span, message)
                .help("put it in parentheses")
                .fix_many(
                    Applicability::Safe,
                    "put it in parentheses",
                    vec![
                        Edit { span: span.at_start(), text: "(".to_owned() },
                        Edit { span: span.at_end(), text: ")".to_owned() },
                    ],
                ),
        );
    }

    pub(super) fn misplaced_deny(&self, span: Span) {
        self.report(
            Diagnostic::new(
                &codes::MISPLACED_EXPRESSION,
                span,
                "`deny` is a value only to the right of `??`",
            )
            .help("write `value ?? deny \"text\"`, or a statement `if condition then deny \"text\"`"),
        );
    }

    pub(super) fn prefix(&self, operator: &Pair<'_, Rule>, operand: Built) -> Built {
        let place = self.span(operator);
        let span = place.to(operand.outer);
        let operand = self.operand(operand);
        let below = operand.height;
        if operator.as_rule() != Rule::negative {
            if operator.as_rule() == Rule::h_not {
                self.report_habit(place, "negation is written `not`", "write `not`", "not ");
            }
            return self.node(ExprKind::Not(operand.expr), span, below);
        }
        if operand.is_bare(|kind| matches!(kind, ExprKind::Not(_))) {
            self.missing_parentheses(operand.outer, "`not` binds more loosely than the operator before it");
        }
        let bare = !operand.parens;
        match *operand.expr.kind {
            ExprKind::Number(digits) if bare && !digits.starts_with('-') => {
                self.node(ExprKind::Number(format!("-{digits}")), span, 0)
            }
            kind => self.node(
                ExprKind::Negate(Expr { kind: Box::new(kind), span: operand.expr.span }),
                span,
                below,
            ),
        }
    }

    pub(super) fn postfix(&self, operand: Built, operator: Pair<'_, Rule>) -> Built {
        let operand = self.operand(operand);
        let span = operand.outer.to(self.span(&operator));
        let below = operand.height;
        match operator.as_rule() {
            Rule::kw_exists => self.node(ExprKind::Exists(operand.expr), span, below),
            Rule::kw_failed => self.node(ExprKind::Failed(operand.expr), span, below),
            Rule::as_type => {
                let mut children = Children::of(operator);
                children.expect(Rule::kw_as);
                self.node(ExprKind::As(operand.expr, self.ty(children)), span, below)
            }
            Rule::member => {
                let mut children = Children::of(operator);
                if let Some(habit) = children.accept(Rule::h_safe_dot) {
                    self.report_habit(
                        self.span(&habit),
                        "a path with something missing in it is absent anyway",
                        "write `.`",
                        ".",
                    );
                } else {
                    children.expect(Rule::dot);
                }
                let name = self.name(&children.expect(Rule::word));
                self.node(ExprKind::Member { object: operand.expr, name }, span, below)
            }
            Rule::index => {
                let mut below = below;
                let mut index = Vec::new();
                for child in Children::of(operator).filter(|child| child.as_rule() == Rule::expr) {
                    let built = self.built(child);
                    below = below.max(built.height);
                    index.push(built.expr);
                }
                self.node(ExprKind::Index { object: operand.expr, index }, span, below)
            }
            _ => self.call(operand, operator, span),
        }
    }

    fn call(&self, callee: Built, list: Pair<'_, Rule>, span: Span) -> Built {
        let mut below = callee.height;
        let mut arguments = Vec::new();
        for child in Children::of(list) {
            let built = match child.as_rule() {
                Rule::expr => self.built(child),
                Rule::regex => {
                    let place = self.span(&child);
                    self.node(ExprKind::Regex(regex_pattern(&child)), place, 0)
                }
                Rule::lambda | Rule::h_lambda => self.lambda(child),
                _ => continue,
            };
            below = below.max(built.height);
            arguments.push(built.expr);
        }
        let place = callee.expr.span;
        let kind = match *callee.expr.kind {
            ExprKind::Name(function) if !callee.parens => {
                ExprKind::Call { function: crate::ast::Name { text: function, span: place }, arguments }
            }
            ExprKind::Member { object, name } if !callee.parens => {
                ExprKind::Method { receiver: object, name, arguments }
            }
            ExprKind::Error => ExprKind::Error,
            _ => {
                self.report(
                    Diagnostic::new(&codes::MISPLACED_EXPRESSION, callee.outer, "this cannot be called")
                        .help("call a method, as in `x.lower()`, or a `let` with parameters"),
                );
                ExprKind::Error
            }
        };
        self.node(kind, span, below)
    }

    fn lambda(&self, pair: Pair<'_, Rule>) -> Built {
        let span = self.span(&pair);
        let habit = pair.as_rule() == Rule::h_lambda;
        let mut params = Vec::new();
        let mut body = None;
        let mut head = span.at_start();
        for child in Children::of(pair) {
            match child.as_rule() {
                Rule::name => params.push(self.name(&child)),
                Rule::r_paren => head = head.to(self.span(&child)),
                Rule::expr => body = Some(self.built(child)),
                _ => {}
            }
        }
        let body = body.unwrap_or_else(|| self.node(ExprKind::Error, span, 0));
        let [param] = params.as_slice() else {
            self.report(
                Diagnostic::new(&codes::FOREIGN_SYNTAX, head, "a function takes one parameter")
                    .help("use the one parameter that the method gives"),
            );
            return self.node(ExprKind::Error, span, 0);
        };
        if habit {
            let message = "the parameter of a function stands without parentheses";
            self.report_habit(head, message, "remove the parentheses", &param.text);
        }
        self.node(ExprKind::Lambda { param: param.clone(), body: body.expr }, span, body.height)
    }

    pub(super) fn infix(&self, left: Built, operator: &Pair<'_, Rule>, right: Built) -> Built {
        let rule = operator.as_rule();
        if !matches!(rule, Rule::kw_or | Rule::h_or | Rule::kw_and | Rule::h_and)
            && right.is_bare(|kind| matches!(kind, ExprKind::Not(_)))
        {
            self.missing_parentheses(right.outer, "`not` binds more loosely than the operator before it");
        }
        match rule {
            Rule::kw_or | Rule::kw_and | Rule::coalesce | Rule::plus | Rule::minus | Rule::times => {
                self.chained(left, rule, right)
            }
            Rule::h_or => {
                self.report_habit(self.span(operator), "`||` is written `or`", "write `or`", "or");
                self.chained(left, Rule::kw_or, right)
            }
            Rule::h_and => {
                self.report_habit(self.span(operator), "`&&` is written `and`", "write `and`", "and");
                self.chained(left, Rule::kw_and, right)
            }
            _ => self.compare(left, operator, right),
        }
    }

    /// Operators that chain to the left, folded flat.
    fn chained(&self, left: Built, operator: Rule, right: Built) -> Built {
        let span = left.outer.to(right.outer);
        let left = self.operand(left);
        let right = if operator == Rule::coalesce && right.is_bare(|kind| matches!(kind, ExprKind::Deny(_))) {
            right
        } else {
            self.operand(right)
        };
        let (first, bare, height) = (left.expr, !left.parens, left.height);
        let second = right.expr;
        let below = (height.saturating_sub(1)).max(right.height);
        let whole = height.max(right.height);
        match (operator, *first.kind) {
            (Rule::kw_or, ExprKind::Or(mut all)) if bare => {
                all.push(second);
                self.node(ExprKind::Or(all), span, below)
            }
            (Rule::kw_and, ExprKind::And(mut all)) if bare => {
                all.push(second);
                self.node(ExprKind::And(all), span, below)
            }
            (Rule::times, ExprKind::Product(mut all)) if bare => {
                all.push(second);
                self.node(ExprKind::Product(all), span, below)
            }
            (Rule::coalesce, ExprKind::Coalesce(mut all)) if bare => {
                if let Some(ExprKind::Deny(deny)) = all.last().map(|last| &*last.kind) {
                    self.misplaced_deny(deny.span);
                }
                all.push(second);
                self.node(ExprKind::Coalesce(all), span, below)
            }
            (Rule::plus | Rule::minus, ExprKind::Sum(start, mut all)) if bare => {
                all.push((sum_operator(operator), second));
                self.node(ExprKind::Sum(start, all), span, below)
            }
            (_, kind) => {
                let first = Expr { kind: Box::new(kind), span: first.span };
                let kind = match operator {
                    Rule::kw_or => ExprKind::Or(vec![first, second]),
                    Rule::kw_and => ExprKind::And(vec![first, second]),
                    Rule::times => ExprKind::Product(vec![first, second]),
                    Rule::coalesce => ExprKind::Coalesce(vec![first, second]),
                    _ => ExprKind::Sum(first, vec![(sum_operator(operator), second)]),
                };
                self.node(kind, span, whole)
            }
        }
    }

    /// Comparisons and `in`, which do not chain.
    fn compare(&self, left: Built, operator: &Pair<'_, Rule>, right: Built) -> Built {
        let span = left.outer.to(right.outer);
        if left.is_bare(|kind| matches!(kind, ExprKind::Compare { .. } | ExprKind::In { .. })) {
            return self.chained_comparison(&left, operator, right, span);
        }
        let equal = matches!(operator.as_rule(), Rule::equal | Rule::h_equal);
        let unequal = matches!(operator.as_rule(), Rule::not_equal | Rule::h_not_equal);
        if (equal || unequal) && left.foreign != right.foreign {
            return self.compare_nothing(left, right, equal, span);
        }
        let (left, right) = (self.operand(left), self.operand(right));
        let below = left.height.max(right.height);
        let place = self.span(operator);
        let comparison = match operator.as_rule() {
            Rule::kw_in | Rule::not_in => {
                let negated = operator.as_rule() == Rule::not_in;
                let kind = ExprKind::In { negated, element: left.expr, list: right.expr };
                return self.node(kind, span, below);
            }
            Rule::not_equal => Comparison::NotEqual,
            Rule::less => Comparison::Less,
            Rule::less_equal => Comparison::LessEqual,
            Rule::greater => Comparison::Greater,
            Rule::greater_equal => Comparison::GreaterEqual,
            Rule::h_equal => {
                let message = format!("`{}` is written `=`", operator.as_str());
                self.report_habit(place, message, "write `=`", "=");
                Comparison::Equal
            }
            Rule::h_not_equal => {
                let message = format!("`{}` is written `!=`", operator.as_str());
                self.report_habit(place, message, "write `!=`", "!=");
                Comparison::NotEqual
            }
            _ => Comparison::Equal,
        };
        self.node(ExprKind::Compare { operator: comparison, left: left.expr, right: right.expr }, span, below)
    }

    /// `a < b < c`: what it must say is that both hold.
    fn chained_comparison(&self, left: &Built, operator: &Pair<'_, Rule>, right: Built, span: Span) -> Built {
        let middle = match &*left.expr.kind {
            ExprKind::Compare { right, .. } => self.written(right.span),
            ExprKind::In { list, .. } => self.written(list.span),
            _ => "",
        };
        let place = self.span(operator);
        self.report(
            Diagnostic::new(&codes::CHAINED_COMPARISON, place, "comparisons do not chain")
                .also(left.outer, "this is a comparison already")
                .help("say both with `and`, or put one comparison in parentheses")
                .fix(
                    Applicability::Unsafe,
                    "say both with `and`",
                    left.outer.at_end(),
                    format!(" and {middle}"),
                ),
        );
        self.operand(right);
        self.node(ExprKind::Error, span, 0)
    }

    /// `x = undefined`, `x != nil`: whether something is there is `exists`.
    fn compare_nothing(&self, left: Built, right: Built, equal: bool, span: Span) -> Built {
        let (value, nothing) = if left.foreign { (right, left) } else { (left, right) };
        let value = self.operand(value);
        let negation = if equal { "not " } else { "" };
        let fixed = format!("{negation}{} exists", self.exists_operand(&value));
        self.report_habit(
            span,
            format!("what is absent does not equal `{}`", self.written(nothing.outer)),
            if equal { "ask with `not .. exists`" } else { "ask with `exists`" },
            &fixed,
        );
        let below = value.height;
        let exists = self.node(ExprKind::Exists(value.expr), value.outer, below);
        if equal { self.node(ExprKind::Not(exists.expr), span, exists.height) } else { exists }
    }

    fn exists_operand(&self, value: &Built) -> String {
        let text = self.written(value.outer);
        let simple = value.parens
            || matches!(
                &*value.expr.kind,
                ExprKind::Name(_)
                    | ExprKind::Member { .. }
                    | ExprKind::Index { .. }
                    | ExprKind::Method { .. }
            );
        if simple { text.to_owned() } else { format!("({text})") }
    }
}

fn sum_operator(rule: Rule) -> SumOperator {
    if rule == Rule::minus { SumOperator::Minus } else { SumOperator::Plus }
}
