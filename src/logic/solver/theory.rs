//! From atoms that should hold to values that make them hold, path by path.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Doubt, Found, Instance, Scope};
use crate::catalog::{Cost, Root};
use crate::logic::atom::{Atom, Base, Path};
use crate::logic::concrete::Choices;
use crate::logic::formula::{AtomId, Formula, Formulas};
use crate::logic::lemma::Lemma;
use crate::logic::numbers::{self, Difference, NumberFound, NumberTest, find_number};
use crate::logic::text::{self, TextPattern, TextTest, TextWorld};
use crate::ty::{Bounds, Shape, ShapeKind};
use crate::value::{Object, Value};

/// What is asked of lists.
#[derive(Debug, Default)]
pub(super) struct ListTests {
    pub(super) some: Vec<(Formula, bool, AtomId)>,
    pub(super) items: Vec<(u64, bool, AtomId)>,
}

/// The literals of a proposal by what they are about.
#[derive(Default)]
struct Sorted<'f> {
    texts: BTreeMap<Arc<Path>, Vec<(&'f TextTest, bool, AtomId)>>,
    numbers: BTreeMap<Arc<Path>, Vec<(&'f NumberTest, bool, AtomId)>>,
    differences: Vec<(Difference<Arc<Path>>, bool, AtomId)>,
    lists: BTreeMap<Arc<Path>, ListTests>,
    values: BTreeMap<Path, Option<Value>>,
    present: BTreeSet<Path>,
    failed: BTreeSet<Arc<str>>,
}

impl Instance<'_> {
    /// Choices that make the literals true.
    pub(super) fn theory(&mut self, f: &mut Formulas, literals: &[(AtomId, bool)]) -> Found<Choices> {
        if self.scope != Scope::Request {
            return match self.values(f, literals) {
                Found::Model((values, failed)) => Found::Model(Choices { failed, values, ..nobody() }),
                Found::Conflict(core) => Found::Conflict(core),
                Found::Unknown(what) => Found::Unknown(what),
            };
        }
        let Some(facets) = self.facets(literals, f) else {
            return if f.knows(Lemma::OneAmongOthers) {
                Found::Conflict(Vec::new())
            } else {
                Found::Unknown(Doubt::Other("clients that nobody mentions".into()))
            };
        };
        let (mut values, failed) = match self.values(f, literals) {
            Found::Model(found) => found,
            Found::Conflict(core) => return Found::Conflict(core),
            Found::Unknown(what) => return Found::Unknown(what),
        };
        let mut client = facets.client;
        let id = Path::root(Root::Client).member(&"id".into());
        if let Some(Some(Value::String(chosen))) = values.remove(&id)
            && !facets.is_listed
        {
            client = chosen;
        }
        Found::Model(Choices {
            grant: facets.grant,
            client,
            audience: facets.audience,
            requested_audience: facets.requested_audience,
            user: facets.user,
            failed,
            values,
        })
    }

    #[expect(clippy::type_complexity, reason = "the two halves of what is chosen")]
    fn values(
        &mut self,
        f: &mut Formulas,
        literals: &[(AtomId, bool)],
    ) -> Found<(BTreeMap<Path, Option<Value>>, BTreeSet<Arc<str>>)> {
        // The meanings are cloned so that lists may make new formulas.
        let meanings: Vec<(Atom, bool, AtomId)> = literals
            .iter()
            .filter_map(|(atom, positive)| Some((f.meaning(*atom)?.clone(), *positive, *atom)))
            .collect();
        let mut sorted = Sorted::default();
        for (atom, positive, id) in &meanings {
            if !is_known(f, atom) {
                continue;
            }
            self.sort(f, atom, *positive, *id, &mut sorted);
        }
        let Sorted { texts, numbers, differences, lists, mut values, present, failed } = sorted;
        for (path, tests) in texts {
            match self.text(f, &path, &tests, &values) {
                Found::Model(value) => drop(values.insert((*path).clone(), Some(value))),
                Found::Conflict(core) => return Found::Conflict(core),
                Found::Unknown(what) => return Found::Unknown(what),
            }
        }
        for (path, tests) in numbers {
            let (own, ids): (Vec<_>, Vec<_>) = tests.iter().map(|(t, p, id)| ((*t, *p), (*id, *p))).unzip();
            let bounds = self.range(f, &path);
            match find_number(&own, bounds) {
                NumberFound::Value(number) => {
                    values.insert((*path).clone(), Some(Value::Number(number)));
                }
                NumberFound::None(core) => return self.conflict(f, &ids, &core, [&*path]),
            }
        }
        match self.differences(f, &differences) {
            Found::Model(found) => {
                values.extend(found.into_iter().map(|(path, n)| ((*path).clone(), Some(Value::int(n)))));
            }
            Found::Conflict(core) => return Found::Conflict(core),
            Found::Unknown(what) => return Found::Unknown(what),
        }
        for (path, tests) in lists {
            match self.list(f, &path, &tests) {
                Found::Model(items) => drop(values.insert((*path).clone(), Some(items))),
                Found::Conflict(core) => return Found::Conflict(core),
                Found::Unknown(what) => return Found::Unknown(what),
            }
        }
        self.fill(present, &mut values);
        Found::Model((values, failed))
    }

    fn sort<'f>(&self, f: &Formulas, atom: &'f Atom, positive: bool, id: AtomId, sorted: &mut Sorted<'f>) {
        let is_there = |path: &Path| self.presence_of(f, path).is_some();
        match atom {
            Atom::Present(path) if !path.parent().is_none_or(|holder| is_there(&holder)) => {}
            Atom::Present(path) if positive => drop(sorted.present.insert((**path).clone())),
            Atom::Present(path) => drop(sorted.values.insert((**path).clone(), None)),
            Atom::Failed(source) if positive => drop(sorted.failed.insert(source.clone())),
            Atom::True(path) if is_there(path) => {
                sorted.values.insert((**path).clone(), Some(Value::Bool(positive)));
            }
            Atom::Text(path, test) if is_there(path) => {
                sorted.texts.entry(path.clone()).or_default().push((test, positive, id));
            }
            Atom::Number(path, test) if is_there(path) => {
                sorted.numbers.entry(path.clone()).or_default().push((test, positive, id));
            }
            Atom::AtMost(left, right, bound) if left.iter().chain(right).all(|path| is_there(path)) => {
                let difference = Difference { left: left.clone(), right: right.clone(), bound: *bound };
                sorted.differences.push((difference, positive, id));
            }
            Atom::Some(path, formula) if is_there(path) => {
                sorted.lists.entry(path.clone()).or_default().some.push((*formula, positive, id));
            }
            Atom::Items(path, most) if is_there(path) => {
                sorted.lists.entry(path.clone()).or_default().items.push((*most, positive, id));
            }
            _ => {}
        }
    }

    /// The literals by which something is at a path in the proposal; `None` where nothing is.
    pub(super) fn presence_of(&self, f: &Formulas, path: &Path) -> Option<Vec<(AtomId, bool)>> {
        let mut needed = Vec::new();
        let mut need = |atom: Atom, wanted: bool| {
            let Some(id) = f.id(&atom) else { return true };
            match self.of_atom(f, id) {
                None => true,
                Some(literal) if self.value(literal) == wanted => {
                    needed.push((id, wanted));
                    true
                }
                Some(_) => false,
            }
        };
        let mut place = Path { base: path.base.clone(), members: Vec::new() };
        let is_there = match &path.base {
            Base::Root(Root::User) => need(Atom::User, true),
            Base::Root(Root::Client) => need(Atom::UnlistedClient, true),
            Base::Root(_) => need(Atom::Present(Arc::new(place.clone())), true),
            Base::Element(_) => true,
        };
        if !is_there {
            return None;
        }
        for (depth, member) in path.members.iter().enumerate() {
            place.members.push(member.clone());
            let is_source = depth == 0 && path.base == Base::Root(Root::External);
            if !need(Atom::Present(Arc::new(place.clone())), true)
                || (is_source && !need(Atom::Failed(member.clone()), false))
            {
                return None;
            }
        }
        Some(needed)
    }

    /// What is wrong with some literals, as a clause: they cannot hold together while these paths are there.
    pub(super) fn conflict<'p, T>(
        &self,
        f: &Formulas,
        literals: &[(AtomId, bool)],
        core: &[usize],
        paths: impl IntoIterator<Item = &'p Path>,
    ) -> Found<T> {
        let mut found: BTreeSet<(AtomId, bool)> =
            core.iter().filter_map(|index| literals.get(*index)).copied().collect();
        for path in paths {
            found.extend(self.presence_of(f, path).unwrap_or_default());
        }
        Found::Conflict(found.into_iter().collect())
    }

    pub(super) fn shape(&self, path: &Path) -> Option<&Shape> {
        crate::logic::meaning::shape(self.unit, path)
    }

    fn text(
        &mut self,
        f: &Formulas,
        path: &Path,
        tests: &[(&TextTest, bool, AtomId)],
        chosen: &BTreeMap<Path, Option<Value>>,
    ) -> Found<Value> {
        let literals: Vec<(&TextTest, bool)> = tests.iter().map(|(test, p, _)| (*test, *p)).collect();
        let ids: Vec<(AtomId, bool)> = tests.iter().map(|(_, p, id)| (*id, *p)).collect();
        let world = self.text_world(f, path);
        let catalog = &self.unit.catalog;
        // Other values, so that what should differ does.
        let mut avoid: Vec<&str> = chosen.values().flatten().filter_map(Value::as_str).collect();
        avoid.extend(catalog.clients.values().map(|client| &*client.id));
        let mut states = self.budget.states;
        match text::find(&literals, &world, &avoid, &mut states) {
            text::Found::Text(found) => Found::Model(Value::string(found)),
            text::Found::None(core) => self.conflict(f, &ids, &core, [path]),
            text::Found::Unknown if states == 0 => Found::Unknown(Doubt::Spent(Cost::States)),
            text::Found::Unknown => Found::Unknown(Doubt::Other(format!("tests of {path}").into())),
        }
    }

    /// What texts there are at a path.
    fn text_world(&self, f: &Formulas, path: &Path) -> TextWorld {
        let scopes = Arc::new(Path::root(Root::Scopes));
        if path.base == Base::Element(scopes)
            && let Some(words) = &self.scope_words
        {
            return TextWorld { max_chars: Bounds::DEFAULT_BYTES, words: Some(words.clone()) };
        }
        match self.shape(path) {
            Some(Shape { kind: ShapeKind::Enum(words), .. }) if f.knows(Lemma::TextWords) => {
                TextWorld { max_chars: 0, words: Some(words.clone()) }
            }
            Some(shape) if f.knows(Lemma::LongestText) => {
                TextWorld { max_chars: shape.bounds.max_length.unwrap_or(Bounds::DEFAULT_BYTES), words: None }
            }
            _ => TextWorld { max_chars: Bounds::DEFAULT_BYTES, words: None },
        }
    }

    /// The smallest and the largest number that claims.yaml allows at a path.
    fn range(&self, f: &Formulas, path: &Path) -> (Option<i64>, Option<i64>) {
        let shape = self.shape(path).filter(|_| f.knows(Lemma::Ranges));
        shape.map_or((None, None), |shape| (shape.bounds.min, shape.bounds.max))
    }

    fn differences(
        &self,
        f: &Formulas,
        differences: &[(Difference<Arc<Path>>, bool, AtomId)],
    ) -> Found<BTreeMap<Arc<Path>, i64>> {
        let literals: Vec<_> = differences.iter().map(|(d, positive, _)| (d, *positive)).collect();
        let ids: Vec<_> = differences.iter().map(|(_, positive, id)| (*id, *positive)).collect();
        let range = |path: &Arc<Path>| {
            let (min, max) = self.range(f, path);
            (min.unwrap_or(i64::MIN), max.unwrap_or(i64::MAX))
        };
        let near = |path: &Arc<Path>| match self.shape(path).map(|shape| &shape.kind) {
            Some(ShapeKind::Timestamp) => NOON,
            Some(ShapeKind::Duration) => 60,
            _ => 1,
        };
        match numbers::find(&literals, range, near) {
            numbers::Found::Values(values) => Found::Model(values),
            numbers::Found::None(core) => {
                let paths: Vec<Arc<Path>> = core
                    .iter()
                    .filter_map(|index| differences.get(*index))
                    .flat_map(|(d, ..)| d.left.iter().chain(&d.right).cloned())
                    .collect();
                self.conflict(f, &ids, &core, paths.iter().map(|path| &**path))
            }
        }
    }

    /// Gives a value to what has to be there and has none by its tests.
    fn fill(&self, present: BTreeSet<Path>, values: &mut BTreeMap<Path, Option<Value>>) {
        for path in present {
            let is_below = |other: &Path| {
                other.base == path.base
                    && other.members.len() >= path.members.len()
                    && other.members.iter().zip(&path.members).all(|(a, b)| a == b)
            };
            if values.iter().any(|(other, value)| value.is_some() && is_below(other)) {
                continue;
            }
            let name = path.members.last().map_or("value", |member| &**member);
            let value = match self.shape(&path) {
                Some(shape) => invented(shape, name),
                None => Value::from(name),
            };
            values.insert(path, Some(value));
        }
    }
}

/// Whether the theories look at an atom: unless a test leaves out what they know of its kind.
fn is_known(f: &Formulas, atom: &Atom) -> bool {
    match atom {
        Atom::Text(_, test) => {
            let pattern = match test.pattern {
                TextPattern::Equals(_) => Lemma::TextEquals,
                TextPattern::StartsWith(_) => Lemma::TextStart,
                TextPattern::EndsWith(_) => Lemma::TextEnd,
                TextPattern::Contains(_) => Lemma::TextPart,
                TextPattern::Matches(_) | TextPattern::Finds(_) => Lemma::TextPattern,
                TextPattern::AtMost(_) => Lemma::TextLength,
                TextPattern::Exists => Lemma::TextSteps,
            };
            f.knows(pattern)
                && (test.steps.is_empty() || f.knows(Lemma::TextSteps))
                && (!test.fold || f.knows(Lemma::TextCase))
        }
        Atom::Number(..) => f.knows(Lemma::Fractions),
        Atom::AtMost(Some(_), Some(_), _) => f.knows(Lemma::Differences),
        Atom::AtMost(..) => f.knows(Lemma::Bounds),
        Atom::Some(..) => f.knows(Lemma::Elements),
        Atom::Items(..) => f.knows(Lemma::ListLength),
        _ => true,
    }
}

/// Noon of the first day of 2026, UTC.
const NOON: i64 = 1_767_268_800;

fn nobody() -> Choices {
    Choices {
        grant: crate::standard::Grant::AuthorizationCode,
        client: "".into(),
        audience: Vec::new(),
        requested_audience: None,
        user: false,
        failed: BTreeSet::new(),
        values: BTreeMap::new(),
    }
}

/// A plain value of a shape.
pub(super) fn invented(shape: &Shape, name: &str) -> Value {
    let short = |text: &str| {
        let most = shape.bounds.max_length.and_then(|n| usize::try_from(n).ok()).unwrap_or(64);
        Value::string(text.chars().take(most).collect::<String>())
    };
    let within = |n: i64| {
        let n = shape.bounds.min.map_or(n, |min| n.max(min));
        Value::int(shape.bounds.max.map_or(n, |max| n.min(max)))
    };
    match &shape.kind {
        ShapeKind::Bool => Value::Bool(false),
        ShapeKind::Int | ShapeKind::Number => within(1),
        ShapeKind::Timestamp => within(NOON),
        ShapeKind::Duration => within(60),
        ShapeKind::Enum(words) => {
            words.first().map_or_else(|| short(name), |word| Value::String(word.clone()))
        }
        ShapeKind::Email => short("ann@example.com"),
        ShapeKind::String | ShapeKind::Json | ShapeKind::Error => short(name),
        ShapeKind::List(_) => Value::list(Vec::new()),
        ShapeKind::Map(_) => Value::object(Object::new()),
        ShapeKind::Record(record) => Value::object(
            record
                .members
                .iter()
                .filter(|(_, shape)| !shape.optional && shape.default.is_none() && !shape.reads_as_empty())
                .map(|(name, shape)| (name.clone(), invented(shape, name)))
                .collect(),
        ),
    }
}
