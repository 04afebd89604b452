//! Why some things cannot hold together: which of them, and whether the catalog is to blame.

use crate::analysis::Study;
use crate::catalog::{Catalog, World};
use crate::ir::Unit;
use crate::logic::atom::Atom;
use crate::logic::formula::Formula;
use crate::logic::solver::Instance;
use crate::source::Span;

use super::part::Part;

/// What is to blame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// Nothing else.
    Themselves,
    /// Which grants have a user.
    Grants,
    /// What `set audience` makes of the audience.
    Audience,
    /// What claims.yaml says; its lines that decide, with words.
    Catalog(Vec<(Span, String)>),
}

impl Cause {
    /// In a few words; nothing where there is nothing to add.
    pub(super) fn short(&self) -> &'static str {
        match self {
            Cause::Themselves => "",
            Cause::Grants => "by which grants have a user",
            Cause::Audience => "by what `set audience` does",
            Cause::Catalog(_) => "by what claims.yaml says",
        }
    }
}

/// The explanation of an impossibility.
#[derive(Debug, Clone)]
pub(super) struct Why {
    /// Those of the parts without which it would be possible.
    pub(super) core: Vec<Part>,
    pub(super) cause: Cause,
}

impl Why {
    /// Whether claims.yaml decides it.
    pub(super) fn is_of_catalog(&self) -> bool {
        matches!(self.cause, Cause::Catalog(_))
    }

    /// Whether claims.yaml alone makes one condition true: it lists one client, or one audience. Rules that say for whom
    /// they are all the same are right when the list grows.
    pub(super) fn is_small_world(&self) -> bool {
        self.is_of_catalog() && self.core.len() == 1
    }

    /// Whether a switch is among the causes: it is meant to be off somewhere.
    pub(super) fn is_switch(&self) -> bool {
        self.core.iter().any(|part| part.is_switch)
    }
}

/// Explains why all parts cannot hold in one request of this world, which must be so.
pub(super) fn why(study: &mut Study<'_>, world: Formula, parts: &[Part]) -> Why {
    let mut instance = instance(study.unit, study, parts, world);
    let core = core(study, &mut instance, world, parts);
    let cause = cause(study, world, &core);
    Why { core, cause }
}

fn instance<'a>(unit: &'a Unit, study: &mut Study<'_>, parts: &[Part], world: Formula) -> Instance<'a> {
    let formulas: Vec<Formula> = parts.iter().map(|part| part.formula).chain([world]).collect();
    Instance::new(unit, study.budget, &mut study.f, formulas)
}

/// A smallest part that is impossible: whatever is left out of it, the rest is possible.
fn core(study: &mut Study<'_>, instance: &mut Instance<'_>, world: Formula, parts: &[Part]) -> Vec<Part> {
    let mut kept: Vec<Part> = parts.iter().filter(|part| part.formula != Formula::TRUE).copied().collect();
    if let Some(part) = kept.iter().find(|part| part.formula == Formula::FALSE) {
        return vec![*part];
    }
    let mut size = kept.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < kept.len() {
            let left: Vec<Part> = kept.iter().take(at).chain(kept.iter().skip(at + size)).copied().collect();
            let question: Vec<Formula> = left.iter().map(|part| part.formula).chain([world]).collect();
            if instance.is_possible(&mut study.f, &question) {
                at += size;
            } else {
                kept = left;
            }
        }
        size /= 2;
    }
    kept
}

fn cause(study: &mut Study<'_>, world: Formula, core: &[Part]) -> Cause {
    if let [part] = core
        && part.formula == Formula::FALSE
    {
        return Cause::Themselves;
    }
    let free = unit_of(freed(&study.unit.catalog));
    let mut nothing = instance(&free, study, core, world);
    let facts = study.meaning.request_facts(&mut study.f);
    for (assumed, cause) in
        [(Formula::TRUE, Cause::Themselves), (facts, Cause::Grants), (world, Cause::Audience)]
    {
        let question: Vec<Formula> = core.iter().map(|part| part.formula).chain([assumed]).collect();
        if !nothing.is_possible(&mut study.f, &question) {
            return cause;
        }
    }
    Cause::Catalog(deciding(study, world, core))
}

/// The lines of claims.yaml of which each alone decides.
fn deciding(study: &mut Study<'_>, world: Formula, core: &[Part]) -> Vec<(Span, String)> {
    let unit = study.unit;
    let catalog = &unit.catalog;
    let atoms = study.f.atoms_of(core.iter().map(|part| part.formula));
    let mut clients = Vec::new();
    let mut audiences = Vec::new();
    for atom in atoms {
        match study.f.meaning(atom) {
            Some(Atom::Client(id)) => {
                clients.extend(catalog.clients.iter().position(|(_, client)| client.id == *id));
            }
            Some(Atom::Audience(_, id)) => audiences.extend(catalog.audience(id)),
            _ => {}
        }
    }
    let mut lines = Vec::new();
    for index in clients {
        let Some((alias, client)) = catalog.clients.get_index(index) else { continue };
        for (is_free, what) in [
            (without_grants as fn(&mut crate::catalog::Client), "the grants of `"),
            (without_audiences, "the audiences of `"),
        ] {
            let mut changed = Catalog::clone(catalog);
            if let Some((_, client)) = changed.clients.get_index_mut(index) {
                is_free(client);
            }
            if is_possible_with(study, changed, world, core) {
                lines.push((client.span, format!("{what}{alias}` decide it")));
            }
        }
    }
    let mut changed = Catalog::clone(catalog);
    changed.audience_sets = Some(vec![changed.audiences.keys().cloned().collect()]);
    if is_possible_with(study, changed, world, core) {
        for (alias, audience) in audiences {
            lines.push((audience.span, format!("`{alias}` is in no set with the others")));
        }
    }
    lines
}

fn without_grants(client: &mut crate::catalog::Client) {
    client.grants = None;
}

fn without_audiences(client: &mut crate::catalog::Client) {
    client.audiences = None;
}

fn is_possible_with(study: &mut Study<'_>, catalog: Catalog, world: Formula, core: &[Part]) -> bool {
    let unit = unit_of(catalog);
    let question: Vec<Formula> = core.iter().map(|part| part.formula).chain([world]).collect();
    instance(&unit, study, core, world).is_possible(&mut study.f, &question)
}

/// The catalog with its shapes and names, but without what it excludes.
fn freed(catalog: &Catalog) -> Catalog {
    let mut free = catalog.clone();
    free.client_world = World::Open;
    free.audience_world = World::Open;
    for client in free.clients.values_mut() {
        without_grants(client);
        without_audiences(client);
    }
    for audience in free.audiences.values_mut() {
        audience.scopes = None;
    }
    free.audience_sets = Some(vec![free.audiences.keys().cloned().collect()]);
    free
}

/// A policy that says nothing, for solvers that need only the facts.
fn unit_of(catalog: Catalog) -> Unit {
    Unit {
        catalog: std::sync::Arc::new(catalog),
        slots: std::sync::Arc::default(),
        lets: Vec::new(),
        tables: std::sync::Arc::default(),
        namespaces: std::sync::Arc::default(),
        claims: std::sync::Arc::default(),
        chains: Vec::new(),
        statements: Vec::new(),
        ensures: Vec::new(),
        contracts: std::sync::Arc::default(),
        locals: 0,
    }
}
