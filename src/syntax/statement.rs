//! Statements: verbs, `if` and blocks.

use pest::iterators::Pair;

use crate::ast::{
    Block, Branch, ClaimName, ClaimPath, Deny, Expr, If, Level, Name, Notes, Statement, StatementKind,
    Target, Text, Verb, VerbKind,
};
use crate::diag::{Applicability, Diagnostic, Edit};
use crate::source::Span;
use crate::standard::Token;
use crate::syntax::build::{Builder, Children};
use crate::syntax::grammar::Rule;
use crate::syntax::literal::{error_expr, regex_pattern};
use crate::syntax::{MAX_DEPTH, codes};

impl Builder<'_> {
    /// A `statement` or `branch`.
    pub(super) fn statement(&self, pair: Pair<'_, Rule>) -> Statement {
        let mut children = Children::of(pair);
        let notes = self.notes(&mut children);
        let statement = self.bare_statement(children.child());
        Statement { notes, ..statement }
    }

    /// A statement without what stands before it.
    pub(super) fn bare_statement(&self, pair: Pair<'_, Rule>) -> Statement {
        let span = self.span(&pair);
        let depth = self.depth.get();
        let kind = if depth > MAX_DEPTH {
            self.report_too_deep(span, "this statement", MAX_DEPTH);
            StatementKind::Error
        } else {
            self.depth.set(depth + 1);
            let kind = self.statement_kind(pair);
            self.depth.set(depth);
            kind
        };
        Statement { kind, notes: Notes::default(), span }
    }

    fn statement_kind(&self, pair: Pair<'_, Rule>) -> StatementKind {
        match pair.as_rule() {
            Rule::let_item => StatementKind::Let(self.let_item(pair)),
            Rule::if_statement => StatementKind::If(self.if_statement(pair)),
            Rule::block => StatementKind::Block(self.block(pair)),
            Rule::remove => self.remove(pair),
            _ => StatementKind::Verb(self.verb(pair)),
        }
    }

    fn block(&self, pair: Pair<'_, Rule>) -> Block {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        let target = children.accept(Rule::target).map(|pair| self.target(pair));
        let mut statements = Vec::new();
        let mut before = None;
        for child in children {
            match child.as_rule() {
                Rule::statement => {
                    before = Some(child.clone());
                    statements.push(self.statement(child));
                }
                Rule::h_semicolon => self.semicolon(&child),
                Rule::bad_statement => {
                    let before = before.take();
                    let before = before.as_ref().map(|b| (b, Rule::whole_statement));
                    self.report_broken_after(&child, Rule::statement, before);
                    statements.push(error_statement(self.span(&child)));
                }
                _ => {}
            }
        }
        Block { target, statements, allows: Vec::new(), span }
    }

    fn if_statement(&self, pair: Pair<'_, Rule>) -> If {
        let mut children = Children::of(pair);
        children.expect(Rule::kw_if);
        let mut branches = vec![self.guarded(&mut children)];
        while let Some(else_if) = children.accept(Rule::else_if) {
            self.else_if(else_if);
            branches.push(self.guarded(&mut children));
        }
        let otherwise = children.accept(Rule::kw_else).map(|_| self.branch(children.child()));
        If { branches, otherwise }
    }

    /// `else if`, or another language's word for it.
    pub(super) fn else_if(&self, pair: Pair<'_, Rule>) {
        if let Some(habit) = Children::of(pair).accept(Rule::h_elif) {
            let message = format!("`{}` is not a word of this language", habit.as_str());
            self.report_habit(self.span(&habit), message, "write `else if`", "else if");
        }
    }

    fn guarded(&self, children: &mut Children<'_>) -> Branch {
        let condition = children.child();
        let condition = if condition.as_rule() == Rule::condition {
            self.condition(condition)
        } else {
            self.report_broken(&condition, Rule::condition);
            error_expr(self.span(&condition))
        };
        let body = self.branch(children.child());
        if body.target.is_none()
            && let [Statement { kind: StatementKind::If(inner), span, .. }] = body.statements.as_slice()
            && body.span == *span
            && (inner.otherwise.is_some() || inner.branches.len() > 1)
        {
            self.dangling_else(*span);
        }
        Branch { condition, body }
    }

    fn dangling_else(&self, span: Span) {
        self.report(
            Diagnostic::new(
                &codes::DANGLING_ELSE,
                span,
                "the `else` of this `if` could be read as that of the `if` before",
            )
            .help("put the inner `if` in braces")
            .fix_many(
                Applicability::Safe,
                "put it in braces",
                vec![
                    Edit { span: span.at_start(), text: "{ ".to_owned() },
                    Edit { span: span.at_end(), text: " }".to_owned() },
                ],
            ),
        );
    }

    fn condition(&self, pair: Pair<'_, Rule>) -> Expr {
        let mut children = Children::of(pair);
        let condition = children.expect(Rule::expr);
        let end = self.span(&condition).at_end();
        let condition = self.expr(condition);
        if children.accept(Rule::missing_then).is_some() {
            self.report(
                Diagnostic::new(&codes::FOREIGN_SYNTAX, end, "a condition is followed by `then`")
                    .help("write `then`")
                    .fix(Applicability::Safe, "write `then`", end, " then"),
            );
        }
        condition
    }

    fn branch(&self, pair: Pair<'_, Rule>) -> Block {
        if pair.as_rule() == Rule::bad_branch {
            let span = self.span(&pair);
            self.report_broken(&pair, Rule::branch);
            let statements = vec![error_statement(span)];
            return Block { target: None, statements, allows: Vec::new(), span };
        }
        let statement = self.statement(pair);
        match statement {
            Statement { kind: StatementKind::Block(block), notes, .. } => {
                Block { allows: notes.allows, ..block }
            }
            statement => {
                let span = statement.span;
                Block { target: None, statements: vec![statement], allows: Vec::new(), span }
            }
        }
    }

    fn verb(&self, pair: Pair<'_, Rule>) -> Verb {
        let rule = pair.as_rule();
        let mut children = Children::of(pair);
        let kind = match rule {
            Rule::write => self.write(&mut children),
            Rule::deny => VerbKind::Deny(self.refusal(children.expect(Rule::refusal))),
            _ => {
                children.child();
                let what = children.child().as_rule();
                children.accept(Rule::kw_to);
                let value = self.expr(children.expect(Rule::expr));
                match (rule, what) {
                    (Rule::add_scope, _) => VerbKind::AddScope(value),
                    (Rule::remove_scope, _) => VerbKind::RemoveScope(value),
                    (Rule::set_audience, _) => VerbKind::SetAudience(value),
                    (_, Rule::w_scopes) => VerbKind::LimitScopes(value),
                    _ => VerbKind::LimitLifetime(value),
                }
            }
        };
        let (target, unless) = self.tail(&mut children);
        self.recovered();
        Verb { kind, target, unless }
    }

    fn tail(&self, children: &mut Children<'_>) -> (Option<Target>, Option<Expr>) {
        let target = children.accept(Rule::target).map(|pair| self.target(pair));
        let unless = children.accept(Rule::unless);
        let place = unless.as_ref().map(|pair| self.span(pair));
        let unless = unless.map(|pair| self.second_expr(pair));
        let Some(late) = children.accept(Rule::h_late_target) else { return (target, unless) };
        let late = self.target(Children::of(late).child());
        self.late_target(&late, place);
        (target.or(Some(late)), unless)
    }

    /// `unless c to t`: the target stands before `unless`, so that no reader takes it for a part of the condition.
    fn late_target(&self, late: &Target, unless: Option<Span>) {
        let mut diagnostic =
            Diagnostic::new(&codes::UNEXPECTED_TOKEN, late.span, "the target stands before `unless`");
        if let Some(unless) = unless {
            let gap = Span { start: unless.end, end: late.span.end, ..late.span };
            let moved = format!("{} ", self.written(late.span));
            diagnostic = diagnostic.also(unless, "this condition ends the statement").fix_many(
                Applicability::Safe,
                "move the target before `unless`",
                vec![Edit { span: unless.at_start(), text: moved }, Edit { span: gap, text: String::new() }],
            );
        }
        self.report(diagnostic.help("move the target before `unless`"));
    }

    fn write(&self, children: &mut Children<'_>) -> VerbKind {
        let level = match children.child().as_rule() {
            Rule::kw_default => Level::Default,
            Rule::kw_override => Level::Override,
            Rule::kw_append => Level::Append,
            _ => Level::Add,
        };
        let claim = self.claim_path(children.expect(Rule::claim_path));
        self.assign(&children.expect(Rule::assign));
        let value = self.expr(children.expect(Rule::expr));
        let matching = children.accept(Rule::matching).map(|pair| {
            let mut inner = Children::of(pair);
            inner.expect(Rule::kw_matching);
            let regex = inner.expect(Rule::regex);
            Text { text: regex_pattern(&regex), span: self.span(&regex) }
        });
        VerbKind::Write { level, claim, value, matching }
    }

    /// `remove C`, or by habit several, which become a block.
    fn remove(&self, pair: Pair<'_, Rule>) -> StatementKind {
        let whole = self.span(&pair);
        let mut children = Children::of(pair);
        children.expect(Rule::kw_remove);
        let mut claims = vec![self.claim_path(children.expect(Rule::claim_path))];
        while children.accept(Rule::comma).is_some() {
            claims.push(self.claim_path(children.expect(Rule::claim_path)));
        }
        let end = claims.last().map_or(whole.end, |claim| claim.span.end);
        let tail = self.written(Span { start: end, ..whole }).to_owned();
        let (target, unless) = self.tail(&mut children);
        let paths: Vec<Span> = claims.iter().map(|claim| claim.span).collect();
        let mut verbs: Vec<Verb> = claims
            .into_iter()
            .map(|claim| Verb {
                kind: VerbKind::Remove(claim),
                target: target.clone(),
                unless: unless.clone(),
            })
            .collect();
        if verbs.len() == 1
            && let Some(verb) = verbs.pop()
        {
            return StatementKind::Verb(verb);
        }
        let each: Vec<String> =
            paths.iter().map(|path| format!("remove {}{tail}", self.written(*path))).collect();
        self.report_habit(
            whole,
            "`remove` takes one claim",
            "write one `remove` for each",
            &format!("{{ {} }}", each.join(" ")),
        );
        let statements = verbs
            .into_iter()
            .zip(paths)
            .map(|(verb, span)| Statement { kind: StatementKind::Verb(verb), notes: Notes::default(), span })
            .collect();
        StatementKind::Block(Block { target: None, statements, allows: Vec::new(), span: whole })
    }

    /// `deny code "text"`.
    pub(super) fn refusal(&self, pair: Pair<'_, Rule>) -> Deny {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        children.expect(Rule::kw_deny);
        let code = children.accept(Rule::name).map(|pair| self.name(&pair));
        let text = self.literal_text(children.expect(Rule::string));
        Deny { code, text, span }
    }

    /// `to both`, `to access_token, userinfo`.
    pub(super) fn target(&self, pair: Pair<'_, Rule>) -> Target {
        let span = self.span(&pair);
        let mut tokens: Vec<(Token, Span)> = Vec::new();
        for word in Children::of(pair).filter(|child| child.as_rule() == Rule::name) {
            let place = self.span(&word);
            let named = match word.as_str() {
                "both" => vec![Token::Access, Token::Id],
                word => Token::parse(word).into_iter().collect(),
            };
            if named.is_empty() {
                self.unknown_token(word.as_str(), place);
            }
            for token in named {
                if tokens.iter().all(|(seen, _)| *seen != token) {
                    tokens.push((token, place));
                }
            }
        }
        Target { tokens, span }
    }

    fn unknown_token(&self, word: &str, place: Span) {
        let mut diagnostic =
            Diagnostic::new(&codes::UNKNOWN_TOKEN, place, format!("`{word}` is not a kind of token"));
        let known = Token::ALL.iter().map(|token| token.as_str()).chain(["both"]);
        diagnostic = match crate::suggest::similar(word, known) {
            Some(known) => diagnostic.help(format!("did you mean `{known}`?")).fix(
                Applicability::Unsafe,
                format!("write `{known}`"),
                place,
                known,
            ),
            None => diagnostic.help("write `access_token`, `id_token`, `userinfo`, `saml` or `both`"),
        };
        self.report(diagnostic);
    }

    pub(super) fn claim_path(&self, pair: Pair<'_, Rule>) -> ClaimPath {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        let name = self.claim_name(children.expect(Rule::claim_name));
        let member = children.accept(Rule::dot).map(|_| self.quotable(children.child()));
        ClaimPath { name, member, span }
    }

    pub(super) fn claim_name(&self, pair: Pair<'_, Rule>) -> ClaimName {
        let span = self.span(&pair);
        let inner = Children::of(pair).child();
        match inner.as_rule() {
            Rule::namespaced => self.namespaced(inner, span),
            Rule::name => ClaimName::Bare(self.name(&inner)),
            _ => ClaimName::Quoted(self.literal_text(inner)),
        }
    }

    fn namespaced(&self, pair: Pair<'_, Rule>, span: Span) -> ClaimName {
        let mut children = Children::of(pair);
        let namespace = self.name(&children.expect(Rule::name));
        let local = children.child();
        if local.as_rule() == Rule::star {
            return ClaimName::All { namespace, span };
        }
        let local = self.quotable(local);
        ClaimName::Namespaced { namespace, local, span }
    }

    /// A name that needs quotes if it is not a word.
    fn quotable(&self, pair: Pair<'_, Rule>) -> Name {
        match pair.as_rule() {
            Rule::string | Rule::h_single => {
                let text = self.literal_text(pair);
                Name { text: text.text, span: text.span }
            }
            Rule::h_local | Rule::h_dashed => {
                let name = self.name(&pair);
                let message = format!("`{}` is not a word, so it needs quotes here", name.text);
                self.report_habit(name.span, message, "write it in quotes", &format!("\"{}\"", name.text));
                name
            }
            _ => self.name(&pair),
        }
    }
}

/// What stands in the tree for a broken statement.
fn error_statement(span: Span) -> Statement {
    Statement { kind: StatementKind::Error, notes: Notes::default(), span }
}
