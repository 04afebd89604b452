//! From a policy to its table: each effect is seen by each client, then by each of its grants, then for each set of
//! audiences, so that what does not depend on one of them is worked out once. Clients and audiences of whom policy and
//! claims.yaml say the same are looked at as one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use crate::analysis::Study;
use crate::analysis::size;
use crate::analysis::written::Conditions;
use crate::catalog::Client;
use crate::ir::Unit;
use crate::logic::formula::{Formula, Restricted};
use crate::logic::solver::Instance;
use crate::standard::Grant;

use super::classes::{Named, Spoken};
use super::effects::{self, Effect};
use super::words::Words;
use super::worlds::{self, Kind};
use super::{Audiences, Axis, Content, Matrix, Party, Spot, Spots, Subject};

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

/// What sets of audiences have in common beside the formulas that name them; the scopes only where they matter.
type Alike<'u> = (Kind, Option<Vec<Option<&'u [Arc<str>]>>>);

struct Table<'u> {
    study: Study<'u>,
    effects: Vec<Effect>,
    spoken: Spoken,
    /// What is left of formulas, by what was put in.
    by_grant: HashMap<(Formula, Grant), Formula>,
    by_kind: HashMap<(Formula, Kind), Formula>,
    /// Whether any request makes a formula true, with the audiences where they matter.
    possible: HashMap<(Formula, Formula), bool>,
    /// By claim.
    solvers: BTreeMap<(Subject, Arc<str>), Instance<'u>>,
    /// What rows say: effects and where they fire.
    contents: IndexSet<(Subject, Vec<(usize, Formula)>)>,
    spots: Spots,
}

/// Clients of whom policy and claims.yaml say the same.
struct Class<'u> {
    parties: Vec<Party>,
    client: Option<&'u Client>,
    live: Rc<[Live]>,
}

impl<'u> Table<'u> {
    fn new(study: Study<'u>, effects: Vec<Effect>) -> Self {
        let catalog = &study.unit.catalog;
        let clients = worlds::clients(catalog);
        let audiences = clients.iter().flat_map(|(_, client)| worlds::audiences(catalog, *client));
        let spots = Spots {
            audiences: Axis::of(audiences.collect()),
            grants: Axis::of(Grant::ALL.iter().copied().collect()),
            clients: Axis::of(clients.into_iter().map(|(party, _)| party).collect()),
            all: Vec::new(),
        };
        Table {
            study,
            effects,
            spoken: Spoken::default(),
            by_grant: HashMap::new(),
            by_kind: HashMap::new(),
            possible: HashMap::new(),
            solvers: BTreeMap::new(),
            contents: IndexSet::new(),
            spots,
        }
    }

    fn fill(&mut self) {
        let catalog = &self.study.unit.catalog;
        for Class { parties, client, live } in self.classes() {
            let clients = self.spots.clients.list(&parties);
            let audiences = worlds::audiences(catalog, client);
            for grant in worlds::grants(client) {
                let live = self.with_grant(&live, grant);
                for (sets, live) in self.by_audiences(&live, &audiences) {
                    self.rows(clients, grant, &sets, &live);
                }
            }
        }
    }

    /// Clients that are told apart: what no formula names is the same for all.
    fn classes(&mut self) -> Vec<Class<'u>> {
        let catalog = &self.study.unit.catalog;
        let all: Vec<Live> =
            self.effects.iter().enumerate().map(|(index, one)| (index, one.fires, one.matters)).collect();
        let naming = Naming::of(&all, |formula| self.spoken.of(&self.study.f, formula).clients.clone());
        let everywhere = self.with_client(&all, &worlds::unnamed());
        let mut classes: IndexMap<_, Class<'u>> = IndexMap::new();
        for (party, client) in worlds::clients(catalog) {
            let own = match &party {
                Party::Listed { id, .. } => naming.of_any([id]),
                Party::Other => (0..all.len()).collect(),
            };
            let own: Vec<Live> = own.into_iter().filter_map(|place| all.get(place)).copied().collect();
            let own = self.with_client(&own, &party);
            let key = (client.map(|client| (&client.grants, &client.audiences)), own);
            let class = classes.entry(key);
            let own = class.key().1.clone();
            let new = || Class { parties: Vec::new(), client, live: overlaid(&everywhere, own).into() };
            class.or_insert_with(new).parties.push(party);
        }
        classes.into_values().collect()
    }

    /// What is left for a client, also where that is nothing.
    fn with_client(&mut self, live: &[Live], party: &Party) -> Vec<Live> {
        let catalog = &self.study.unit.catalog;
        let (f, mut done) = (&mut self.study.f, Restricted::default());
        let mut left = |formula| {
            f.restrict_with(&mut done, formula, &|atom| worlds::known_by_client(catalog, party, atom))
        };
        live.iter().map(|(index, fires, matters)| (*index, left(*fires), left(*matters))).collect()
    }

    fn with_grant(&mut self, live: &[Live], grant: Grant) -> Vec<Live> {
        let (f, known) = (&mut self.study.f, &mut self.by_grant);
        let mut done = Restricted::default();
        let mut left = |formula: Formula| {
            *known.entry((formula, grant)).or_insert_with(|| {
                f.restrict_with(&mut done, formula, &|atom| worlds::known_by_grant(grant, atom))
            })
        };
        let all = live.iter().map(|(index, fires, matters)| (*index, left(*fires), left(*matters)));
        all.filter(|(.., matters)| *matters != Formula::FALSE).collect()
    }

    /// Sets of audiences about which the same is to be said, and what is left of the effects for them.
    fn by_audiences(&mut self, live: &[Live], sets: &[Audiences]) -> Vec<(Vec<Audiences>, Vec<Live>)> {
        let catalog = &self.study.unit.catalog;
        let naming = Naming::of(live, |formula| self.spoken.of(&self.study.f, formula).audiences.clone());
        let reads_scopes = live.iter().any(|(_, fires, matters)| {
            [fires, matters].into_iter().any(|one| self.spoken.of(&self.study.f, *one).scopes)
        });
        let mut kinds: BTreeMap<Kind, Vec<Live>> = BTreeMap::new();
        let mut classes: IndexMap<(Alike<'u>, Vec<Live>), Vec<Audiences>> = IndexMap::new();
        for set in sets {
            let kind = Kind::of(set);
            kinds.entry(kind).or_insert_with(|| self.with_kind(live, kind));
            let ids = set.iter().filter_map(|party| match party {
                Party::Listed { id, .. } => Some(id),
                Party::Other => None,
            });
            let mut done = Restricted::default();
            let mut left = |formula| {
                let known = |atom: &_| worlds::known_by_audiences(catalog, set, atom);
                self.study.f.restrict_with(&mut done, formula, &known)
            };
            let own = naming.of_any(ids).into_iter().filter_map(|place| live.get(place));
            let own = own.map(|(index, fires, matters)| (*index, left(*fires), left(*matters)));
            let scopes = reads_scopes.then(|| worlds::scopes(catalog, set));
            classes.entry(((kind, scopes), own.collect())).or_default().push(set.clone());
        }
        let class = |(((kind, _), own), sets): ((Alike<'u>, Vec<Live>), Vec<Audiences>)| {
            (sets, overlaid(kinds.get(&kind).map(Vec::as_slice).unwrap_or_default(), own))
        };
        classes.into_iter().map(class).collect()
    }

    /// What is left for sets of audiences that no formula names.
    fn with_kind(&mut self, live: &[Live], kind: Kind) -> Vec<Live> {
        let catalog = &self.study.unit.catalog;
        let (f, known) = (&mut self.study.f, &mut self.by_kind);
        let (set, mut done) = (kind.example(), Restricted::default());
        let mut left = |formula: Formula| {
            *known.entry((formula, kind)).or_insert_with(|| {
                let known = |atom: &_| worlds::known_by_audiences(catalog, &set, atom);
                f.restrict_with(&mut done, formula, &known)
            })
        };
        live.iter().map(|(index, fires, matters)| (*index, left(*fires), left(*matters))).collect()
    }

    /// The rows of some combinations of which the same is said: the request, and each token that the grant gives.
    fn rows(&mut self, clients: usize, grant: Grant, sets: &[Audiences], live: &[Live]) {
        let Some(example) = sets.first() else { return };
        let mut audiences = None;
        let grants = self.spots.grants.list([&grant]);
        let tokens = grant.tokens().iter().map(Subject::Token);
        for subject in std::iter::once(Subject::Request).chain(tokens) {
            let mut says = Vec::new();
            for (index, fires, matters) in live {
                if self.effects.get(*index).is_some_and(|effect| effect.subject == subject)
                    && self.is_possible(*index, *matters, (example, &mut audiences))
                {
                    let always = !self.is_possible(*index, !*fires, (example, &mut audiences));
                    says.push((*index, if always { Formula::TRUE } else { *fires }));
                }
            }
            let content = self.contents.insert_full((subject, says)).0;
            for set in sets {
                let audiences = self.spots.audiences.list([set]);
                let spot = Spot { clients, grants, audiences, subject, content, bytes: [None; 2] };
                self.spots.all.push(spot);
            }
        }
    }

    /// Whether a formula about an effect can be true; a proof where it cannot. The audiences matter only where scopes
    /// are read; as a formula they are made once for all effects.
    fn is_possible(
        &mut self,
        effect: usize,
        formula: Formula,
        (example, audiences): (&Audiences, &mut Option<Formula>),
    ) -> bool {
        if let Formula::TRUE | Formula::FALSE = formula {
            return formula == Formula::TRUE;
        }
        let audiences = if self.spoken.of(&self.study.f, formula).scopes {
            let catalog = &self.study.unit.catalog;
            *audiences.get_or_insert_with(|| worlds::has_audiences(catalog, &mut self.study.f, example))
        } else {
            Formula::TRUE
        };
        let key = (formula, audiences);
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
        let context = worlds::context(&mut self.study.f, formula);
        let question = [formula, context, audiences];
        if audiences != Formula::TRUE {
            // A solver that is kept would know all audiences that it was ever asked about.
            let mut solver = self.study.instance(question);
            return self.study.is_possible(&mut solver, &question);
        }
        let known = self.solvers.remove(&key);
        let mut solver = known.unwrap_or_else(|| self.study.instance(question));
        let is_possible = self.study.is_possible(&mut solver, &question);
        self.solvers.insert(key, solver);
        is_possible
    }

    /// Puts what rows say into words.
    fn finish(self) -> Matrix {
        let Table { study, effects, contents, mut spots, solvers, .. } = self;
        let sizes = size::Contents::of(&study);
        let claims = contents.iter().map(|(_, says)| {
            let places = says.iter().filter_map(|(index, _)| effects.get(*index)?.place);
            sizes.most_of(&places.collect())
        });
        let claims: Vec<u64> = claims.collect();
        let Study { unit, mut f, meaning, world, budget, .. } = study;
        let conditions = Conditions::new(&meaning);
        let mut words = Words::new(unit, &mut f, (world, budget), conditions, solvers);
        // What differs as formulas may be one text.
        let mut texts: IndexSet<Content> = IndexSet::new();
        let mut numbers = Vec::with_capacity(contents.len());
        for (_, says) in &contents {
            let content = words.content(&effects, says);
            numbers.push(texts.insert_full(content).0);
        }
        spots.measure(unit, &sizes, &claims);
        for spot in &mut spots.all {
            spot.content = numbers.get(spot.content).copied().unwrap_or_default();
        }
        let texts: Vec<Content> = texts.into_iter().collect();
        let namespaces = unit.namespaces.iter().map(|one| (one.alias.clone(), one.prefix.clone()));
        Matrix { rows: spots.rows(&texts), namespaces: namespaces.collect() }
    }
}

/// Which effects name somebody.
struct Naming {
    /// By id, places in the list of effects.
    by_id: HashMap<Arc<str>, Vec<usize>>,
    /// Those that name too many.
    anybody: Vec<usize>,
}

impl Naming {
    fn of(live: &[Live], mut named: impl FnMut(Formula) -> Named) -> Self {
        let mut naming = Naming { by_id: HashMap::new(), anybody: Vec::new() };
        for (place, (_, fires, matters)) in live.iter().enumerate() {
            for formula in [fires, matters] {
                match named(*formula) {
                    Named::Any => naming.anybody.push(place),
                    Named::These(ids) => {
                        for id in &*ids {
                            naming.by_id.entry(id.clone()).or_default().push(place);
                        }
                    }
                }
            }
        }
        naming
    }

    /// The places of effects that may name one of these.
    fn of_any<'i>(&self, ids: impl IntoIterator<Item = &'i Arc<str>>) -> BTreeSet<usize> {
        let named = ids.into_iter().filter_map(|id| self.by_id.get(id)).flatten();
        named.chain(&self.anybody).copied().collect()
    }
}

/// What holds in general with what holds in particular in its place; what is never true is left out.
fn overlaid(general: &[Live], own: Vec<Live>) -> Vec<Live> {
    let mut own = own.into_iter().peekable();
    let mut all = Vec::with_capacity(general.len());
    for one in general {
        // Particulars are about some of what is there in general, in the same order.
        all.push(own.next_if(|(index, ..)| *index == one.0).unwrap_or(*one));
    }
    all.retain(|(.., matters)| *matters != Formula::FALSE);
    all
}
