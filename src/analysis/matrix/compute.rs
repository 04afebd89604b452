//! From a policy to its table: each effect is seen by each client, then by each of its grants, then for each set of
//! audiences, so that what does not depend on one of them is worked out once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::analysis::Study;
use crate::analysis::written::Conditions;
use crate::ir::Unit;
use crate::logic::formula::{Formula, Formulas};
use crate::logic::solver::{Budget, Instance};
use crate::standard::Grant;
use crate::value::Value;

use super::effects::{self, Effect};
use super::{
    Audiences, Cell, Condition, Content, Matrix, Party, Spot, Subject, Verb, Write, refine, rows_of, worlds,
};

impl Matrix {
    /// The table of a policy.
    pub fn of(unit: &Unit) -> Matrix {
        let mut study = Study::new(unit);
        let effects = effects::of(&mut study);
        let mut table = Table::new(study, effects);
        table.fill();
        table.finish()
    }
}

/// An effect that is still possible: its number, where it fires, where that matters.
type Live = (usize, Formula, Formula);

struct Table<'u> {
    study: Study<'u>,
    effects: Vec<Effect>,
    /// What is left of formulas, by what was put in.
    by_grant: HashMap<(Formula, Grant), Formula>,
    by_audiences: HashMap<(Formula, usize), Formula>,
    /// Sets of audiences that were met, numbered.
    sets: IndexMap<Audiences, ()>,
    /// Whether any request makes a formula true, with the audiences where they matter.
    possible: HashMap<(Formula, Formula), bool>,
    /// By claim.
    solvers: BTreeMap<(Subject, Arc<str>), Instance<'u>>,
    /// What rows say: effects and where they fire.
    contents: IndexMap<(Subject, Vec<(usize, Formula)>), ()>,
    spots: Vec<Spot>,
}

impl<'u> Table<'u> {
    fn new(study: Study<'u>, effects: Vec<Effect>) -> Self {
        Table {
            study,
            effects,
            by_grant: HashMap::new(),
            by_audiences: HashMap::new(),
            sets: IndexMap::new(),
            possible: HashMap::new(),
            solvers: BTreeMap::new(),
            contents: IndexMap::new(),
            spots: Vec::new(),
        }
    }

    fn fill(&mut self) {
        let catalog = &self.study.unit.catalog;
        for (party, client) in worlds::clients(catalog) {
            let mut live: Vec<Live> = Vec::new();
            for (index, effect) in self.effects.iter().enumerate() {
                let known = |atom: &_| worlds::known_by_client(catalog, &party, atom);
                let fires = self.study.f.restrict(effect.fires, &known);
                let matters = self.study.f.restrict(effect.matters, &known);
                if matters != Formula::FALSE {
                    live.push((index, fires, matters));
                }
            }
            let audiences = worlds::audiences(catalog, client);
            for grant in worlds::grants(client) {
                let live = self.with_grant(&live, grant);
                for set in &audiences {
                    let live = self.with_audiences(&live, set);
                    self.rows(&party, grant, set, &live);
                }
            }
        }
    }

    fn with_grant(&mut self, live: &[Live], grant: Grant) -> Vec<Live> {
        let (f, known) = (&mut self.study.f, &mut self.by_grant);
        let mut left = |formula: Formula| {
            *known
                .entry((formula, grant))
                .or_insert_with(|| f.restrict(formula, &|atom| worlds::known_by_grant(grant, atom)))
        };
        let all = live.iter().map(|(index, fires, matters)| (*index, left(*fires), left(*matters)));
        all.filter(|(.., matters)| *matters != Formula::FALSE).collect()
    }

    fn with_audiences(&mut self, live: &[Live], set: &Audiences) -> Vec<Live> {
        let catalog = &self.study.unit.catalog;
        let number = self.sets.insert_full(set.clone(), ()).0;
        let (f, known) = (&mut self.study.f, &mut self.by_audiences);
        let mut left = |formula: Formula| {
            *known.entry((formula, number)).or_insert_with(|| {
                f.restrict(formula, &|atom| worlds::known_by_audiences(catalog, set, atom))
            })
        };
        let all = live.iter().map(|(index, fires, matters)| (*index, left(*fires), left(*matters)));
        all.filter(|(.., matters)| *matters != Formula::FALSE).collect()
    }

    /// The rows of one combination: the request, and each token that the grant gives.
    fn rows(&mut self, client: &Party, grant: Grant, set: &Audiences, live: &[Live]) {
        let catalog = &self.study.unit.catalog;
        let audiences = worlds::has_audiences(catalog, &mut self.study.f, set);
        let tokens = grant.tokens().iter().map(Subject::Token);
        for subject in std::iter::once(Subject::Request).chain(tokens) {
            let mut says = Vec::new();
            for (index, fires, matters) in live {
                if self.effects.get(*index).is_some_and(|effect| effect.subject == subject)
                    && self.is_possible(*index, *matters, audiences)
                {
                    let always = !self.is_possible(*index, !*fires, audiences);
                    says.push((*index, if always { Formula::TRUE } else { *fires }));
                }
            }
            let content = self.contents.insert_full((subject, says), ()).0;
            self.spots.push(Spot {
                clients: vec![client.clone()],
                grants: vec![grant],
                audiences: vec![set.clone()],
                subject,
                content,
                max_bytes: None,
            });
        }
    }

    /// Whether a formula about an effect can be true; a proof where it cannot.
    fn is_possible(&mut self, effect: usize, formula: Formula, audiences: Formula) -> bool {
        if let Formula::TRUE | Formula::FALSE = formula {
            return formula == Formula::TRUE;
        }
        let matter = worlds::reads_scopes(&self.study.f, formula);
        let key = (formula, if matter { audiences } else { Formula::TRUE });
        if let Some(known) = self.possible.get(&key) {
            return *known;
        }
        let is_possible = self.ask(effect, key);
        self.possible.insert(key, is_possible);
        is_possible
    }

    fn ask(&mut self, effect: usize, (formula, audiences): (Formula, Formula)) -> bool {
        let Some(Effect { subject, name, .. }) = self.effects.get(effect) else { return true };
        let key = (*subject, name.clone());
        let mut solver = if let Some(solver) = self.solvers.remove(&key) {
            solver
        } else {
            let same = self.effects.iter().filter(|one| one.subject == key.0 && one.name == key.1);
            self.study.instance(same.map(|one| one.matters).collect::<Vec<_>>())
        };
        let context = worlds::context(&mut self.study.f, formula);
        let is_possible = self.study.is_possible(&mut solver, &[formula, context, audiences]);
        self.solvers.insert(key, solver);
        is_possible
    }

    /// Puts what rows say into words.
    fn finish(self) -> Matrix {
        let Table { study, effects, contents, mut spots, solvers, .. } = self;
        let Study { unit, mut f, meaning, world, budget, .. } = study;
        let conditions = Conditions::new(&meaning);
        let mut words = Words { unit, f: &mut f, world, budget, conditions, solvers, known: HashMap::new() };
        // What differs as formulas may be one text.
        let mut texts: IndexMap<Content, ()> = IndexMap::new();
        let mut numbers = Vec::with_capacity(contents.len());
        for (_, says) in contents.keys() {
            let content = words.content(&effects, says);
            numbers.push(texts.insert_full(content, ()).0);
        }
        for spot in &mut spots {
            spot.content = numbers.get(spot.content).copied().unwrap_or_default();
            let is_token = spot.subject != Subject::Request;
            let says = texts.get_index(spot.content).filter(|_| is_token);
            spot.max_bytes = says.and_then(|(content, ())| claims_bytes(&content.cells));
        }
        let texts: Vec<Content> = texts.into_keys().collect();
        let namespaces = unit.namespaces.iter().map(|one| (one.alias.clone(), one.prefix.clone()));
        Matrix { rows: rows_of(spots, &texts), namespaces: namespaces.collect() }
    }
}

type CellKey = (Option<Verb>, Arc<str>);

/// The largest JSON object of some claims, if it is bounded: of each claim what is written at most.
fn claims_bytes(cells: &[Cell]) -> Option<u64> {
    cells.iter().try_fold(2_u64, |bytes, cell| {
        let is_written = |write: &&Write| write.verb != Verb::Remove;
        let written: Vec<&Write> = cell.writes.iter().filter(is_written).collect();
        if written.is_empty() {
            return Some(bytes);
        }
        let name = Value::from(&*cell.name).to_json().len() as u64;
        Some(bytes.saturating_add(name + 2).saturating_add(value_bytes(&written)?))
    })
}

/// A whole value or all members; contributions to a set add up.
fn value_bytes(writes: &[&Write]) -> Option<u64> {
    let (mut whole, mut together) = (0_u64, 2_u64);
    let mut members: BTreeMap<&Arc<str>, u64> = BTreeMap::new();
    for write in writes {
        let bytes = write.max_bytes?;
        match (&write.member, write.verb) {
            (Some(member), _) => {
                let most = members.entry(member).or_default();
                *most = bytes.max(*most);
            }
            (None, Verb::Append) => together = together.saturating_add(bytes),
            (None, _) => whole = whole.max(bytes),
        }
    }
    let object = members.iter().fold(2_u64, |sum, (name, bytes)| {
        sum.saturating_add(Value::from(&***name).to_json().len() as u64 + 2).saturating_add(*bytes)
    });
    Some(whole.max(together).max(object))
}

/// Formulas in words.
struct Words<'m, 'u> {
    unit: &'u Unit,
    f: &'m mut Formulas,
    world: Formula,
    budget: Budget,
    conditions: Conditions<'m, 'u>,
    solvers: BTreeMap<(Subject, Arc<str>), Instance<'u>>,
    known: HashMap<Formula, Condition>,
}

impl Words<'_, '_> {
    fn content(&mut self, effects: &[Effect], says: &[(usize, Formula)]) -> Content {
        // Claims by name, effects on requests by verb.
        let mut cells: BTreeMap<CellKey, Vec<(Verb, usize, Write)>> = BTreeMap::new();
        let mut undecided = Vec::new();
        for (index, fires) in says {
            let Some(effect) = effects.get(*index) else { continue };
            let condition = self.condition(effect, *fires);
            undecided.extend(self.conditions.unfolded(self.f, *fires));
            let verb = effect.write.verb;
            let write = Write { condition, ..effect.write.clone() };
            let order = (effect.subject == Subject::Request).then_some(verb);
            cells.entry((order, effect.name.clone())).or_default().push((verb, *index, write));
        }
        undecided.sort();
        undecided.dedup();
        let cells = cells.into_iter().map(|((_, name), mut writes)| {
            writes.sort_by_key(|(verb, index, _)| (*verb, *index));
            Cell { name, writes: writes.into_iter().map(|(.., write)| write).collect() }
        });
        Content { cells: cells.collect(), undecided }
    }

    fn condition(&mut self, effect: &Effect, formula: Formula) -> Condition {
        if let Some(known) = self.known.get(&formula) {
            return known.clone();
        }
        let Words { unit, f, world, budget, conditions, solvers, .. } = self;
        let simple = refine::propagated(f, formula);
        // The longest goes first; texts decide, because formulas are numbered in the order of the rules.
        let mut ranked: Vec<(String, Formula)> = refine::parts_of(f, simple)
            .into_iter()
            .map(|part| (conditions.of(f, part).to_string(), part))
            .collect();
        ranked.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        let ranked: Vec<Formula> = ranked.into_iter().map(|(_, part)| part).collect();
        let solver = solvers
            .entry((effect.subject, effect.name.clone()))
            .or_insert_with(|| Instance::new(unit, *budget, f, [formula, *world]));
        let context = worlds::context(f, simple);
        let simple = refine::without_implied(f, ranked, &mut |f, question| {
            let question: Vec<_> = question.iter().copied().chain([*world, context]).collect();
            solver.is_possible(f, &question)
        });
        let condition = conditions.of(f, simple);
        self.known.insert(formula, condition.clone());
        condition
    }
}
