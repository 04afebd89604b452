//! Parts of a policy that decide the same as the whole about a few statements, or about requests of one kind: of
//! thousands of statements, a request concerns a few.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::eval::{Facet, Facets, asking};
use crate::ir::{Stage, Unit};
use crate::request::Request;
use crate::standard::Grant;

/// Smaller policies are executed as a whole.
const LARGE: usize = 100;
/// So many clients and grants are remembered at a time.
const KINDS: usize = 256;

/// The parts of one policy that were asked for last.
pub(super) struct Parts<'u> {
    unit: &'u Unit,
    among: Part<Vec<usize>>,
    kind: Part<Facets>,
    /// By client and grant, the statements that concern some of their requests.
    broad: HashMap<(Arc<str>, Grant), BTreeSet<usize>>,
}

/// A part, and what it is for.
struct Part<K> {
    unit: Unit,
    of: Option<K>,
}

impl<'u> Parts<'u> {
    pub(super) fn of(unit: &'u Unit) -> Self {
        let (among, kind) = (Part::of(unit), Part::of(unit));
        Parts { unit, among, kind, broad: HashMap::new() }
    }

    /// Whether the policy is so small that it is executed as a whole.
    pub(super) fn is_whole(&self) -> bool {
        self.unit.statements.len() <= LARGE
    }

    /// The policy with these statements, and those that decide audience and scopes.
    pub(super) fn among(&mut self, statements: &[usize]) -> &Unit {
        if self.among.of.as_deref() != Some(statements) {
            let wanted: BTreeSet<usize> = statements.iter().copied().collect();
            let all = self.unit.statements.iter().enumerate();
            let kept = all.filter(|(index, s)| wanted.contains(index) || s.action.stage() != Stage::Claims);
            self.among.unit = self.unit.excerpt(&kept.map(|(index, _)| index).collect::<Vec<_>>());
            self.among.of = Some(statements.to_vec());
        }
        &self.among.unit
    }

    /// The policy with the statements that its evaluator does not put aside for the grant, client and audience of a
    /// request: the decision is the same, but for what looking at the others takes of the budget of steps.
    pub(super) fn concerning(&mut self, request: &Request) -> &Unit {
        let unit = self.unit;
        if self.is_whole() {
            return unit;
        }
        let (client, grant) = (request.client().id().clone(), request.grant());
        let audience = Facet::Is(request.audience().to_vec());
        let exact = Facets { client: Facet::Is(client.clone()), grant, audience };
        if self.kind.of.as_ref() != Some(&exact) {
            if self.broad.len() >= KINDS {
                self.broad.clear();
            }
            let broad = self.broad.entry((client, grant)).or_insert_with(|| {
                let all = (0..unit.statements.len()).collect();
                asking(unit, &Facets { audience: Facet::Any, ..exact.clone() }, &all)
            });
            let kept = asking(unit, &exact, broad);
            self.kind.unit = unit.excerpt(&kept.into_iter().collect::<Vec<_>>());
            self.kind.of = Some(exact);
        }
        &self.kind.unit
    }
}

impl<K> Part<K> {
    fn of(unit: &Unit) -> Self {
        Part { unit: unit.excerpt(&[]), of: None }
    }
}
