//! Files and items.

use pest::iterators::Pair;

use crate::ast::{
    Accepts, Allow, ClaimItem, ClaimName, ClaimSubject, Contract, ContractMember, Ensure, EnsureKind, Expr,
    ExprKind, Item, ItemKind, Let, Name, Notes, Part, Row, Table, Text,
};
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::build::{Builder, Children};
use crate::syntax::codes;
use crate::syntax::grammar::Rule;
use crate::syntax::literal::error_expr;

impl Builder<'_> {
    /// All items.
    pub(super) fn file(&self, mut pairs: Children<'_>) -> Vec<Item> {
        let mut items = Vec::new();
        let mut before = None;
        for pair in Children::of(pairs.expect(Rule::file)) {
            match pair.as_rule() {
                Rule::item => {
                    before = Some(pair.clone());
                    items.push(self.item(pair));
                }
                Rule::h_semicolon => self.semicolon(&pair),
                Rule::bad_item => {
                    let before = before.take();
                    self.report_broken_after(
                        &pair,
                        Rule::item,
                        before.as_ref().map(|b| (b, Rule::whole_item)),
                    );
                }
                _ => {}
            }
        }
        items
    }

    pub(super) fn semicolon(&self, pair: &Pair<'_, Rule>) {
        self.report_habit(self.span(pair), "statements end without `;`", "remove it", "");
    }

    fn item(&self, pair: Pair<'_, Rule>) -> Item {
        let mut children = Children::of(pair);
        let notes = self.notes(&mut children);
        let body = children.child();
        let span = self.span(&body);
        let kind = match body.as_rule() {
            Rule::namespace_item => self.namespace_item(body),
            Rule::claim_item => ItemKind::Claim(self.claim_item(body)),
            Rule::let_item => ItemKind::Let(self.let_item(body)),
            Rule::table_item => ItemKind::Table(self.table_item(body)),
            Rule::contract_item => ItemKind::Contract(self.contract_item(body)),
            Rule::ensure_item => ItemKind::Ensure(self.ensure_item(body)),
            Rule::rule_item => {
                let mut children = Children::of(body);
                children.expect(Rule::kw_rule);
                let name = self.name(&children.expect(Rule::name));
                children.expect(Rule::colon);
                ItemKind::Rule { name, body: self.statement(children.expect(Rule::branch)) }
            }
            _ => ItemKind::Statement(self.bare_statement(body)),
        };
        Item { kind, notes, span }
    }

    /// Documentation and `@allow`s at the start of some children.
    pub(super) fn notes(&self, children: &mut Children<'_>) -> Notes {
        let start = children.clone().next().map(|pair| self.span(&pair).start);
        let doc = start.and_then(|start| self.doc(start));
        let mut allows = Vec::new();
        while let Some(pair) = children.accept(Rule::allow) {
            allows.push(self.allow(pair));
        }
        Notes { doc, allows }
    }

    fn allow(&self, pair: Pair<'_, Rule>) -> Allow {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        children.expect(Rule::at_allow);
        children.expect(Rule::l_paren);
        let slug = self.name(&children.expect(Rule::slug));
        children.expect(Rule::comma);
        let reason = self.literal_text(children.expect(Rule::string));
        Allow { slug, reason, span }
    }

    fn namespace_item(&self, pair: Pair<'_, Rule>) -> ItemKind {
        let mut children = Children::of(pair);
        children.expect(Rule::kw_namespace);
        let name = self.name(&children.expect(Rule::name));
        self.assign(&children.expect(Rule::assign));
        ItemKind::Namespace { name, prefix: self.literal_text(children.expect(Rule::string)) }
    }

    /// The `=` of a definition or write.
    pub(super) fn assign(&self, pair: &Pair<'_, Rule>) {
        if pair.as_str() != "=" {
            let message = format!("`{}` is not how a value is given here", pair.as_str());
            self.report_habit(self.span(pair), message, "write `=`", "=");
        }
    }

    fn claim_item(&self, pair: Pair<'_, Rule>) -> ClaimItem {
        let mut children = Children::of(pair);
        children.expect(Rule::kw_claim);
        let claim = self.claim_name(children.expect(Rule::claim_name));
        let mut item = ClaimItem {
            subject: ClaimSubject::Existing(claim.clone()),
            accepts: Vec::new(),
            overridable: None,
        };
        if let Some(alias) = children.accept(Rule::claim_alias) {
            children = Children::of(alias);
            self.assign(&children.expect(Rule::assign));
            let value = self.expr(children.expect(Rule::expr));
            if let ClaimName::Bare(alias) = claim {
                item.subject = match literal_string(&value) {
                    Some(name) => ClaimSubject::Literal { alias, name },
                    None => ClaimSubject::Config { alias, path: value },
                };
            } else {
                self.report(
                    Diagnostic::new(&codes::UNEXPECTED_TOKEN, claim.span(), "expected a name for the alias")
                        .help("write `claim alias = \"the whole name\"`"),
                );
            }
        }
        for note in children {
            match note.as_rule() {
                Rule::accepts => item.accepts.push(self.accepts(note)),
                _ => item.overridable = Some(self.span(&note)),
            }
        }
        item
    }

    fn accepts(&self, pair: Pair<'_, Rule>) -> Accepts {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        children.expect(Rule::at_accepts);
        children.expect(Rule::l_paren);
        let label = self.name(&children.expect(Rule::name));
        children.expect(Rule::comma);
        let reason = self.literal_text(children.expect(Rule::string));
        Accepts { label, reason, span }
    }

    pub(super) fn let_item(&self, pair: Pair<'_, Rule>) -> Let {
        let mut children = Children::of(pair);
        let keyword = children.child();
        if keyword.as_rule() == Rule::h_let {
            let message = format!("names are given with `let`, not with `{}`", keyword.as_str());
            self.report_habit(self.span(&keyword), message, "write `let`", "let");
        }
        let name = self.name(&children.expect(Rule::name));
        let params = children.accept(Rule::parameters).map(|list| {
            Children::of(list).filter(|p| p.as_rule() == Rule::name).map(|p| self.name(&p)).collect()
        });
        self.assign(&children.expect(Rule::assign));
        Let { name, params, value: self.expr(children.expect(Rule::expr)) }
    }

    fn table_item(&self, pair: Pair<'_, Rule>) -> Table {
        let mut children = Children::of(pair);
        children.expect(Rule::kw_table);
        let name = self.name(&children.expect(Rule::name));
        children.expect(Rule::l_brace);
        let mut rows = Vec::new();
        self.each_row(children, Rule::row, |pair| rows.push(self.row(pair)));
        Table { name, rows }
    }

    /// Rows with commas between them, broken ones reported; a missing comma is asked for.
    fn each_row(&self, mut children: Children<'_>, rule: Rule, mut each: impl FnMut(Pair<'_, Rule>)) {
        let mut after: Option<Span> = None;
        while let Some(pair) = children.next() {
            let span = self.span(&pair);
            match pair.as_rule() {
                found if found == rule => {
                    if let Some(before) = after {
                        self.missing_comma(before);
                    }
                    each(pair);
                    after = children.accept(Rule::comma).is_none().then_some(span);
                }
                Rule::bad_row => {
                    self.report_broken(&pair, rule);
                    self.recovered();
                    after = None;
                }
                _ => {}
            }
        }
    }

    fn missing_comma(&self, before: Span) {
        self.report(
            Diagnostic::new(&codes::UNEXPECTED_TOKEN, before.at_end(), "expected `,` between two rows")
                .help("write `,`")
                .fix(crate::diag::Applicability::Safe, "write `,`", before.at_end(), ","),
        );
    }

    fn row(&self, pair: Pair<'_, Rule>) -> Row {
        let span = self.span(&pair);
        let mut keys = Vec::new();
        let mut value = None;
        for child in Children::of(pair) {
            match child.as_rule() {
                Rule::literal => keys.push(self.literal(child)),
                Rule::pair_key => keys.push(self.pair_key(child)),
                Rule::expr => value = Some(self.expr(child)),
                _ => {}
            }
        }
        let value = value.unwrap_or_else(|| error_expr(span));
        if !is_constant(&value) {
            self.report(
                Diagnostic::new(
                    &codes::LITERAL_REQUIRED,
                    value.span,
                    "the value of a table's row must be a literal",
                )
                .help("write a literal, or a list or record of literals"),
            );
        }
        Row { keys, value, span }
    }

    fn pair_key(&self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let elements = Children::of(pair)
            .filter(|child| child.as_rule() == Rule::literal)
            .map(|child| crate::ast::Element { spread: false, value: self.literal(child) })
            .collect();
        Expr { kind: Box::new(ExprKind::List(elements)), span }
    }

    fn contract_item(&self, pair: Pair<'_, Rule>) -> Contract {
        let mut children = Children::of(pair);
        children.expect(Rule::kw_contract);
        let audience = self.name(&children.expect(Rule::name));
        children.expect(Rule::l_brace);
        let mut members = Vec::new();
        self.each_row(children, Rule::contract_member, |pair| {
            let span = self.span(&pair);
            let doc = self.doc(span.start);
            let mut children = Children::of(pair);
            let claim = self.claim_name(children.expect(Rule::claim_name));
            children.expect(Rule::colon);
            members.push(ContractMember { doc, claim, ty: self.ty(children), span });
        });
        Contract { audience, members }
    }

    fn ensure_item(&self, pair: Pair<'_, Rule>) -> Ensure {
        let mut children = Children::of(pair);
        children.expect(Rule::kw_ensure);
        let kind = match children.child().as_rule() {
            Rule::w_never => EnsureKind::Never(self.claim_name(children.expect(Rule::claim_name))),
            Rule::w_always => EnsureKind::Always(self.claim_name(children.expect(Rule::claim_name))),
            Rule::w_no => EnsureKind::NoLabel(self.name(&children.expect(Rule::name))),
            _ => EnsureKind::Deny,
        };
        let audience = children.accept(Rule::for_audience).map(|pair| self.second_name(pair));
        let target = children.accept(Rule::target).map(|pair| self.target(pair));
        let when = children.accept(Rule::when).map(|pair| self.second_expr(pair));
        Ensure { kind, audience, target, when }
    }

    fn second_name(&self, pair: Pair<'_, Rule>) -> Name {
        let mut children = Children::of(pair);
        children.child();
        self.name(&children.expect(Rule::name))
    }

    /// The expression behind a word.
    pub(super) fn second_expr(&self, pair: Pair<'_, Rule>) -> Expr {
        let mut children = Children::of(pair);
        children.child();
        self.expr(children.expect(Rule::expr))
    }
}

/// A string without values in it.
fn literal_string(expr: &Expr) -> Option<Text> {
    let ExprKind::Template(parts) = &*expr.kind else { return None };
    let text = match parts.as_slice() {
        [] => String::new(),
        [Part::Text(text)] => text.clone(),
        _ => return None,
    };
    Some(Text { text, span: expr.span })
}

/// A literal, or a list or record of them.
fn is_constant(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Error
        | ExprKind::Bool(_)
        | ExprKind::Null
        | ExprKind::Number(_)
        | ExprKind::Duration(_) => true,
        ExprKind::Template(parts) => parts.iter().all(|part| matches!(part, Part::Text(_))),
        ExprKind::List(elements) => elements.iter().all(|e| !e.spread && is_constant(&e.value)),
        ExprKind::Record(members) => members.iter().all(|member| match member {
            crate::ast::Member::Named { value, .. } => is_constant(value),
            crate::ast::Member::Spread(_) => false,
        }),
        _ => false,
    }
}
