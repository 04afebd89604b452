//! A few statements of a policy as a policy of their own.

use std::collections::HashMap;
use std::hash::Hash;

use super::{Chain, ChainId, Expr, Let, LetId, SlotId, Statement, Step, Unit};

impl Unit {
    /// The unit with only these statements, in this order, and the chains and lets that they need, numbered in the order
    /// of their first use. Attributes, tables and claims keep their numbers. About a request that concerns no other
    /// statements it decides the same; `ensure` items are left out.
    #[must_use]
    pub fn excerpt(&self, statements: &[usize]) -> Unit {
        let mut moved = Moved { of: self, lets: Renumbered::default(), chains: Renumbered::default() };
        let kept: Vec<Statement> = statements
            .iter()
            .filter_map(|index| self.statements.get(*index))
            .map(|statement| moved.statement(statement))
            .collect();
        let mut chains = Vec::new();
        while let Some(id) = moved.chains.order.get(chains.len()).copied() {
            let Some(chain) = self.chains.get(id.index()) else { break };
            chains.push(moved.chain(chain));
        }
        let mut lets = Vec::new();
        while let Some(id) = moved.lets.order.get(lets.len()).copied() {
            let Some(binding) = self.lets.get(id.index()) else { break };
            let mut binding: Let = binding.clone();
            moved.expr(&mut binding.value);
            lets.push(binding);
        }
        Unit { lets, chains, statements: kept, ensures: Vec::new(), ..self.shared() }
    }

    /// Gives every attribute that an expression reads another number, which stands for the same.
    pub(crate) fn rename_slots(&mut self, f: &mut impl FnMut(SlotId) -> SlotId) {
        let conditions =
            self.chains.iter_mut().flat_map(|chain| &mut chain.conditions).map(|one| &mut one.expr);
        let lets = self.lets.iter_mut().map(|binding| &mut binding.value);
        for expr in conditions.chain(lets) {
            expr.rename_slots(f);
        }
        for statement in &mut self.statements {
            for expr in statement.unless.iter_mut().chain(statement.action.value_mut()) {
                expr.rename_slots(f);
            }
        }
    }

    /// What excerpts have in common.
    fn shared(&self) -> Unit {
        Unit {
            catalog: self.catalog.clone(),
            slots: self.slots.clone(),
            lets: Vec::new(),
            tables: self.tables.clone(),
            namespaces: self.namespaces.clone(),
            claims: self.claims.clone(),
            chains: Vec::new(),
            statements: Vec::new(),
            ensures: Vec::new(),
            contracts: self.contracts.clone(),
            locals: self.locals,
        }
    }
}

/// New numbers in the order of first use.
struct Renumbered<Id> {
    order: Vec<Id>,
    known: HashMap<Id, u32>,
}

impl<Id> Default for Renumbered<Id> {
    fn default() -> Self {
        Renumbered { order: Vec::new(), known: HashMap::new() }
    }
}

impl<Id: Copy + Eq + Hash> Renumbered<Id> {
    fn number(&mut self, id: Id) -> u32 {
        let order = &mut self.order;
        *self.known.entry(id).or_insert_with(|| {
            order.push(id);
            // As many as the unit has fit into its numbers.
            u32::try_from(order.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

struct Moved<'u> {
    of: &'u Unit,
    lets: Renumbered<LetId>,
    chains: Renumbered<ChainId>,
}

impl Moved<'_> {
    fn statement(&mut self, statement: &Statement) -> Statement {
        let mut statement = statement.clone();
        for step in &mut statement.guard {
            *step = Step { chain: ChainId(self.chains.number(step.chain)), ..*step };
        }
        for expr in statement.unless.iter_mut().chain(statement.action.value_mut()) {
            self.expr(expr);
        }
        statement
    }

    fn chain(&mut self, chain: &Chain) -> Chain {
        let mut chain = chain.clone();
        for condition in &mut chain.conditions {
            self.expr(&mut condition.expr);
        }
        chain
    }

    fn expr(&mut self, expr: &mut Expr) {
        let all = self.of.lets.len();
        let lets = &mut self.lets;
        expr.rename_lets(&mut |id| if id.index() < all { LetId(lets.number(id)) } else { id });
    }
}

#[cfg(feature = "compiler")]
#[cfg(test)]
mod tests {
    use crate::lower::testing::unit;

    #[test]
    fn an_excerpt_has_what_its_statements_need() {
        let whole = unit(
            "language: 1\nissuer: https://id.acme.example/\naudiences: { api: { id: \"https://api.acme.example\" } }\n",
            r#"
namespace ns = "https://acme.example/claims/"
let one = user.email_verified
let two = one and user.name exists
let three = user.email.lower()
if one then add ns/a = three
if two then { add ns/b = user.sub add ns/c = three } else if one then add ns/d = 1
remove ns/a unless two
"#,
        );
        let excerpt = whole.excerpt(&[4, 3]);
        let places: Vec<&str> = excerpt.statements.iter().map(|one| &*one.place).collect();
        assert_eq!(places, ["policy.claims:8", "policy.claims:7"]);
        assert_eq!(excerpt.chains.len(), 1);
        let names: Vec<&str> = excerpt.lets.iter().map(|one| &*one.name).collect();
        assert_eq!(names, ["two", "one"], "`three` is only used by others");
        assert_eq!((excerpt.slots.len(), excerpt.claims.len()), (whole.slots.len(), whole.claims.len()));
    }
}
