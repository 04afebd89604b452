//! How checks look at a unit: every expression once, what guards read, and what is copied into claims.
//!
//! Lets are entered once for a whole unit, not once for each use, so that all of this is linear in its size.

use std::collections::{BTreeMap, BTreeSet};

use crate::ast::Level;
use crate::ir::{Action, Argument, Chain, Expr, ExprKind, LetId, LocalId, Member, Slot, Statement, Unit};
use crate::value::Value;

/// How many lets, members and calls are followed to find where a value comes from.
const MAX_HOPS: usize = 32;

/// Every expression of a unit, once.
pub(super) struct Everything<'u> {
    pub(super) unit: &'u Unit,
    pub(super) exprs: Vec<&'u Expr>,
    /// What the parameters of lambdas are elements of.
    locals: BTreeMap<LocalId, &'u Expr>,
}

impl<'u> Everything<'u> {
    pub(super) fn of(unit: &'u Unit) -> Self {
        let mut all = Everything { unit, exprs: Vec::new(), locals: BTreeMap::new() };
        let lets = unit.lets.iter().map(|binding| &binding.value);
        let conditions =
            unit.chains.iter().flat_map(|chain| &chain.conditions).map(|condition| &condition.expr);
        let statements = unit.statements.iter().flat_map(|s| s.unless.iter().chain(s.action.value()));
        let ensures = unit.ensures.iter().filter_map(|ensure| ensure.when.as_ref());
        for root in lets.chain(conditions).chain(statements).chain(ensures) {
            root.walk(&[], &mut |expr| {
                all.exprs.push(expr);
                if let ExprKind::Call { receiver, arguments, .. } = &*expr.kind {
                    for argument in arguments {
                        if let Argument::Lambda { param, .. } = argument {
                            all.locals.insert(*param, receiver);
                        }
                    }
                }
                true
            });
        }
        all
    }

    /// The attribute that an expression is, or is an element or a spelling of: through lets, parameters, indexes and
    /// methods that keep what a value says.
    pub(super) fn origin(&self, expr: &'u Expr) -> Option<&'u Slot> {
        let mut expr = expr;
        for _ in 0..MAX_HOPS {
            expr = match &*expr.kind {
                ExprKind::Slot(id) => return self.unit.slots.get(id.index()),
                ExprKind::Let(id) => &self.unit.lets.get(id.index())?.value,
                ExprKind::Local(id) => self.locals.get(id).copied()?,
                ExprKind::Index(list, _) => list,
                ExprKind::Coalesce(all) => all.first()?,
                ExprKind::Call { builtin, receiver, .. } if keeps(builtin.name()) => receiver,
                _ => return None,
            };
        }
        None
    }
}

/// Methods whose result says what their receiver says.
fn keeps(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "lower",
        "upper",
        "trim",
        "nonempty",
        "distinct",
        "sort",
        "filter",
        "join",
        "to_json",
        "to_string",
        "to_list",
        "first",
        "last",
        "get",
        "only",
        "take",
        "at_most",
        "flatten",
        "strip_prefix",
        "strip_suffix",
        "map",
    ];
    NAMES.contains(&name)
}

/// What a `let` stands for, as far as lets only stand for lets.
pub(super) fn resolve<'u>(unit: &'u Unit, expr: &'u Expr) -> &'u Expr {
    let mut expr = expr;
    for _ in 0..MAX_HOPS {
        match &*expr.kind {
            ExprKind::Let(id) => match unit.lets.get(id.index()) {
                Some(binding) => expr = &binding.value,
                None => break,
            },
            _ => break,
        }
    }
    expr
}

/// The constant that an expression is.
pub(super) fn literal<'u>(unit: &'u Unit, expr: &'u Expr) -> Option<&'u Value> {
    match &*resolve(unit, expr).kind {
        ExprKind::Literal(value) => Some(value),
        _ => None,
    }
}

/// The texts that an expression lists: itself, or the elements of a list.
pub(super) fn texts<'u>(unit: &'u Unit, expr: &'u Expr) -> Vec<(&'u Expr, &'u str)> {
    let expr = resolve(unit, expr);
    let one = |expr: &'u Expr| literal(unit, expr).and_then(Value::as_str).map(|text| (expr, text));
    match &*expr.kind {
        ExprKind::List(elements) => elements.iter().filter_map(|element| one(&element.value)).collect(),
        _ => one(expr).into_iter().collect(),
    }
}

/// Whether a statement gives something that it would not give otherwise.
pub(super) fn grants(statement: &Statement) -> bool {
    matches!(statement.action, Action::Write { .. } | Action::Spread { .. } | Action::AddScope(_))
}

/// What stands out in expressions, as bits, added up along guards.
pub(super) struct Marks<F> {
    mark: F,
    lets: Vec<u8>,
    /// For each chain: what its conditions up to each one have.
    chains: Vec<Vec<u8>>,
}

impl<'u, F: Fn(&'u Expr) -> u8> Marks<F> {
    /// Looks at every let and condition once.
    pub(super) fn of(unit: &'u Unit, mark: F) -> Self {
        let mut marks = Marks { mark, lets: Vec::new(), chains: Vec::new() };
        // A let reads only lets before it.
        for binding in &unit.lets {
            let found = marks.expr(&binding.value);
            marks.lets.push(found);
        }
        for chain in &unit.chains {
            let prefix = chain.conditions.iter().scan(0, |all, condition| {
                *all |= marks.expr(&condition.expr);
                Some(*all)
            });
            let prefix = prefix.collect();
            marks.chains.push(prefix);
        }
        marks
    }

    /// The marks of an expression, lets included.
    pub(super) fn expr(&self, expr: &'u Expr) -> u8 {
        let mut all = 0;
        expr.walk(&[], &mut |part| {
            all |= (self.mark)(part);
            if let ExprKind::Let(id) = &*part.kind {
                all |= self.lets.get(id.index()).copied().unwrap_or_default();
            }
            true
        });
        all
    }

    /// The marks of everything that decides whether a statement acts: its branches, those before them, `unless`.
    pub(super) fn guard(&self, statement: &'u Statement) -> u8 {
        let steps = statement.guard.iter().map(|step| {
            let prefix = self.chains.get(step.chain.index()).map(Vec::as_slice).unwrap_or_default();
            prefix.get(step.branch as usize).or(prefix.last()).copied().unwrap_or_default()
        });
        let unless = statement.unless.as_ref().map(|unless| self.expr(unless));
        steps.chain(unless).fold(0, |all, marks| all | marks)
    }
}

/// The chain and whether the statement stands in its `else`, innermost.
pub(super) fn is_else(unit: &Unit, statement: &Statement) -> bool {
    statement.guard.last().is_some_and(|step| {
        unit.chains
            .get(step.chain.index())
            .is_some_and(|chain: &Chain| chain.conditions.len() == step.branch as usize)
    })
}

/// The claim that a statement writes, and how strongly.
pub(super) fn written(statement: &Statement) -> Option<(crate::ir::ClaimId, Level, &Expr)> {
    match &statement.action {
        Action::Write { claim, level, value, .. } => Some((*claim, *level, value)),
        _ => None,
    }
}

/// What is copied into claims: values as they are, their parts, and what methods make of them that keeps what they say.
pub(super) struct Copies<'u> {
    unit: &'u Unit,
    entered: BTreeSet<LetId>,
}

impl<'u> Copies<'u> {
    pub(super) fn of(unit: &'u Unit) -> Self {
        Copies { unit, entered: BTreeSet::new() }
    }

    /// Calls `f` for every expression whose value is, or is part of, that of `value`. `f` returns whether to go on
    /// into it. Each let is entered once in the life of this walk.
    pub(super) fn walk(&mut self, value: &'u Expr, f: &mut impl FnMut(&'u Expr) -> bool) {
        let mut open = vec![value];
        while let Some(expr) = open.pop() {
            if !f(expr) {
                continue;
            }
            match &*expr.kind {
                ExprKind::Let(id) if self.entered.insert(*id) => {
                    open.extend(self.unit.lets.get(id.index()).map(|binding| &binding.value));
                }
                ExprKind::Template(all) | ExprKind::Join(all) | ExprKind::Coalesce(all) => open.extend(all),
                ExprKind::As(inner, _) => open.push(inner),
                ExprKind::List(elements) => open.extend(elements.iter().map(|element| &element.value)),
                ExprKind::Record(members) => open.extend(members.iter().map(|member| match member {
                    Member::Named(_, inner) | Member::Spread(inner) => inner,
                })),
                ExprKind::If { then, otherwise, .. } => open.extend([then, otherwise]),
                ExprKind::Match { arms, otherwise, .. } => {
                    open.extend(arms.iter().map(|(_, inner)| inner).chain(otherwise));
                }
                ExprKind::Call { builtin, receiver, arguments, .. } => match builtin.name() {
                    // What the lambda gives is copied, not what it is given.
                    "map" | "flat_map" | "map_values" | "to_map" => {
                        open.extend(arguments.iter().filter_map(|argument| match argument {
                            Argument::Lambda { body, .. } => Some(body),
                            _ => None,
                        }));
                    }
                    "union" | "merge" => {
                        open.push(receiver);
                        open.extend(arguments.iter().filter_map(|argument| match argument {
                            Argument::Value(inner) => Some(inner),
                            _ => None,
                        }));
                    }
                    name if keeps(name) || COPIES.contains(&name) => open.push(receiver),
                    _ => {}
                },
                _ => {}
            }
        }
    }
}

/// Further methods whose result holds what their receiver holds, in another form or in part.
const COPIES: &[&str] = &[
    "base64",
    "base64url",
    "hex",
    "url_encode",
    "parse_json",
    "intersect",
    "difference",
    "values",
    "entries",
    "group_by",
    "pick",
    "without",
    "replace",
    "regex_replace",
    "unix",
    "rfc3339",
];
