//! Which program a request needs, and where it is kept.
//!
//! A request is known by numbers: those of its grant, its client and its audiences. Whatever the policy and claims.yaml do
//! not name has one number, so nobody gains memory or time by inventing names. Programs are kept twice: a few beside each
//! thread's scratch, found without a lock, and a bounded number for all threads.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use foldhash::fast::FixedState;

use super::plan::{ClaimPlan, Origin, Program};
use crate::catalog::Catalog;
use crate::eval::{Dispatch, Facet, Facets};
use crate::input::{Asked, Texts};
use crate::standard::Grant;
use crate::value::Value;

/// Audiences of one request that are told apart.
const MAX_AUDIENCES: usize = 4;
/// Programs that all threads share, and the bytes that they may take.
const MAX_SHARED: usize = 16_384;
const MAX_BYTES: usize = 64 << 20;
/// Kinds of requests that a thread remembers to have met without making a program.
const MET: usize = 256;
/// Programs beside one thread's scratch, and in how many places each may lie.
const RECENT: usize = 512;
/// Bytes of programs that come there before all of them are forgotten.
const MAX_RECENT_BYTES: usize = 32 << 20;
const WAYS: usize = 4;

/// What is not named anywhere.
const OTHER: u32 = u32::MAX;
/// No audience at this place.
const NONE: u32 = u32::MAX - 1;

/// The kind of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    grant: Grant,
    client: u32,
    audience: [u32; MAX_AUDIENCES],
    has_user: bool,
}

/// The names that a policy and its claims.yaml tell apart.
#[derive(Debug)]
pub(super) struct Names {
    clients: Numbered,
    audiences: Numbered,
    endpoints: Vec<Arc<str>>,
}

#[derive(Debug)]
struct Numbered {
    names: Vec<Arc<str>>,
    /// Filled once, with names of the policy: nobody else can make them collide.
    numbers: HashMap<Arc<str>, u32, FixedState>,
}

impl Numbered {
    fn of<'n>(names: impl Iterator<Item = &'n Arc<str>>) -> Self {
        let mut numbered = Numbered { names: Vec::new(), numbers: HashMap::default() };
        for name in names {
            let next = u32::try_from(numbered.names.len()).unwrap_or(OTHER);
            if next < NONE && !numbered.numbers.contains_key(name) {
                numbered.numbers.insert(name.clone(), next);
                numbered.names.push(name.clone());
            }
        }
        numbered
    }

    #[inline]
    fn number(&self, name: &str) -> u32 {
        self.numbers.get(name).copied().unwrap_or(OTHER)
    }

    fn name(&self, number: u32) -> Option<&Arc<str>> {
        self.names.get(number as usize)
    }
}

impl Names {
    pub(super) fn of(catalog: &Catalog, dispatch: &Dispatch) -> Self {
        let clients = catalog.clients.values().map(|client| &client.id);
        let audiences = catalog.audiences.values().map(|audience| &audience.id);
        Names {
            clients: Numbered::of(clients.chain(dispatch.named_clients())),
            audiences: Numbered::of(audiences.chain(dispatch.named_audiences())),
            endpoints: catalog.issuer_endpoints.clone(),
        }
    }

    /// The kind of a request; `None` where it has too many audiences, or others beside known ones.
    #[inline]
    pub(super) fn key(&self, grant: Grant, client: &str, audience: Texts<'_>, has_user: bool) -> Option<Key> {
        let mut numbers = [NONE; MAX_AUDIENCES];
        let mut places = numbers.iter_mut();
        for id in audience.iter() {
            if !self.is_endpoint(id) {
                *places.next()? = self.audiences.number(id);
            }
        }
        let is_single = numbers.get(1) == Some(&NONE);
        if !is_single && numbers.contains(&OTHER) {
            return None;
        }
        Some(Key { grant, client: self.clients.number(client), audience: numbers, has_user })
    }

    /// Whether an audience is an endpoint of the issuer itself, which policies do not see.
    #[inline]
    pub(super) fn is_endpoint(&self, id: &str) -> bool {
        !self.endpoints.is_empty() && self.endpoints.iter().any(|endpoint| **endpoint == *id)
    }

    /// The audiences that policies see.
    pub(super) fn seen<'a>(&self, audience: Texts<'a>) -> impl Iterator<Item = &'a str> + use<'a, '_> {
        audience.iter().filter(|id| !self.is_endpoint(id))
    }

    /// What the kind of a request tells about it.
    pub(super) fn facets(&self, key: &Key) -> Facets {
        let client = self.clients.name(key.client).cloned().map_or(Facet::Other, Facet::Is);
        let is_other = key.audience.first() == Some(&OTHER);
        let ids = key.audience.iter().filter_map(|number| self.audiences.name(*number).cloned());
        let audience = if is_other { Facet::Other } else { Facet::Is(ids.collect()) };
        Facets { client, grant: key.grant, audience }
    }
}

impl Key {
    pub(super) fn has_user(&self) -> bool {
        self.has_user
    }

    /// Where it may lie among the recent ones: one of `WAYS` places from here on.
    #[inline]
    fn place(&self) -> usize {
        self.mixed() % (RECENT / WAYS) * WAYS
    }

    #[inline]
    fn mixed(&self) -> usize {
        let [first, second, third, fourth] = self.audience;
        let mixed = [self.client, first, second, third, fourth]
            .into_iter()
            .fold((self.grant as u32) << 1 | u32::from(self.has_user), |mixed, number| {
                (mixed.rotate_left(5) ^ number).wrapping_mul(0x9E37_79B9)
            });
        (mixed >> 16) as usize
    }
}

/// A program, or that there is none: the reference engine decides about all requests of the kind.
pub(super) type Kept = Option<Arc<Program>>;

/// A program as one thread has it.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) program: Arc<Program>,
    labels: OnceLock<Arc<Labels>>,
}

/// Names of claims and constants of a program, by claim. They go into maps, so that their counts change with each request:
/// two threads that shared them would wait for each other.
pub(super) struct Labels {
    pub(super) program: Arc<Program>,
    names: Box<[Arc<str>]>,
    pub(super) constants: Box<[Option<Value>]>,
}

impl Held {
    fn new(program: Arc<Program>) -> Self {
        Held { program, labels: OnceLock::new() }
    }

    /// Those of this thread.
    pub(super) fn labels(&self) -> &Arc<Labels> {
        self.labels.get_or_init(|| Arc::new(Labels::of(&self.program)))
    }
}

impl Labels {
    /// The name of a claim.
    pub(super) fn name<'l>(&'l self, plan: &'l ClaimPlan) -> &'l Arc<str> {
        self.names.get(plan.about.number).unwrap_or(&plan.about.name)
    }

    fn of(program: &Arc<Program>) -> Self {
        let constant = |plan: &ClaimPlan| match &plan.only.as_ref()?.origin {
            Origin::Constant(_, value) => value.as_str().map(Value::from),
            _ => None,
        };
        Labels {
            program: program.clone(),
            names: program.claims.iter().map(|plan| Arc::from(&*plan.about.name)).collect(),
            constants: program.claims.iter().map(constant).collect(),
        }
    }
}

/// The programs that a thread used last, of one policy.
#[derive(Default)]
pub(super) struct Recent {
    /// The policy.
    of: Option<Arc<Shared>>,
    programs: Vec<Option<(Key, Option<Held>)>>,
    /// Of the programs that came since all were forgotten; those that had to go again count too.
    bytes: usize,
    /// The same for requests for one audience that name it and the client as the policy does, which most do: found
    /// without looking for numbers.
    by_name: Vec<Option<Named>>,
    /// Kinds of requests that were met where there was no room for a program.
    met: Vec<Option<Key>>,
}

/// A program and the names that it is for.
struct Named {
    grant: Grant,
    has_user: bool,
    client: Arc<str>,
    audience: Arc<str>,
    held: Held,
}

/// Where a program may lie that is known by names: here or at the other place.
#[derive(Clone, Copy)]
pub(super) struct Place(usize);

impl Place {
    fn other(self) -> Self {
        Place(self.0 ^ 1)
    }
}

/// An odd number whose bits are mixed: of the golden ratio.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

/// A number that depends on all of a text.
#[inline]
fn mixed(text: &str) -> u64 {
    let text = text.as_bytes();
    let mut mixed = text.len() as u64;
    let mut add = |word: u64| mixed = (mixed.rotate_left(5) ^ word).wrapping_mul(MIX);
    let (words, rest) = text.as_chunks::<8>();
    for word in words {
        add(u64::from_le_bytes(*word));
    }
    match (rest, text.last_chunk::<8>()) {
        ([], _) => {}
        (_, Some(last)) => add(u64::from_le_bytes(*last)),
        (rest, None) => rest.iter().for_each(|byte| add(u64::from(*byte))),
    }
    mixed
}

impl Recent {
    /// Whether these are programs of a policy.
    #[inline]
    pub(super) fn is_of(&self, shared: &Arc<Shared>) -> bool {
        self.of.as_ref().is_some_and(|own| Arc::ptr_eq(own, shared))
    }

    /// Where a program may lie that is known by the names of a request; not every request is.
    #[inline]
    pub(super) fn place<'a>(asked: &Asked<'a>) -> Option<(Place, &'a str)> {
        let audience = asked.audience.only()?;
        // Nobody gains anything by names that collide: they are looked for elsewhere.
        let mixed = mixed(asked.client).rotate_left(32) ^ mixed(audience);
        let place = usize::from(u16::try_from(mixed.wrapping_mul(MIX) >> 48).unwrap_or_default());
        Some((Place(place % RECENT), audience))
    }

    /// The one of the two places where the program for this request is.
    #[inline]
    pub(super) fn find_named(
        &self,
        place: Place,
        asked: &Asked<'_>,
        audience: &str,
        has_user: bool,
    ) -> Option<Place> {
        [place, place.other()].into_iter().find(|place| {
            self.by_name.get(place.0).and_then(Option::as_ref).is_some_and(|named| {
                named.grant == asked.grant
                    && named.has_user == has_user
                    && *named.client == *asked.client
                    && *named.audience == *audience
            })
        })
    }

    /// The program at a place.
    #[inline]
    pub(super) fn at(&self, place: Place) -> Option<&Held> {
        Some(&self.by_name.get(place.0)?.as_ref()?.held)
    }

    /// Keeps the program for a key at a place, if the policy knows client and audience by name.
    pub(super) fn name(&mut self, place: Place, names: &Names, key: &Key) {
        let [audience, NONE, ..] = key.audience else { return };
        let Some(Some(held)) = self.find(key) else { return };
        let (client, audience) = (names.clients.name(key.client), names.audiences.name(audience));
        let (Some(client), Some(audience)) = (client, audience) else { return };
        let entry = Named {
            grant: key.grant,
            has_user: key.has_user,
            client: client.clone(),
            audience: audience.clone(),
            held: held.clone(),
        };
        if self.by_name.is_empty() {
            self.by_name.resize_with(RECENT, || None);
        }
        // What was found last is found first; what was there has the other place.
        let other = place.other();
        if self.by_name.get(place.0).is_some_and(Option::is_some) {
            self.by_name.swap(place.0, other.0);
        }
        if let Some(place) = self.by_name.get_mut(place.0) {
            *place = Some(entry);
        }
    }

    /// What is kept for a key: a program, or that there is none.
    #[inline]
    pub(super) fn find(&self, key: &Key) -> Option<&Option<Held>> {
        let start = key.place();
        let places = self.programs.get(start..start + WAYS)?;
        places.iter().flatten().find(|(known, _)| known == key).map(|(_, program)| program)
    }

    /// Forgets programs of any other policy.
    pub(super) fn belong_to(&mut self, shared: &Arc<Shared>) {
        if !self.is_of(shared) {
            *self = Recent { of: Some(shared.clone()), ..Recent::default() };
        }
    }

    /// Keeps a program; the one that was kept there longest has to go.
    pub(super) fn keep(&mut self, key: Key, program: Kept) {
        let bytes = bytes(&program);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MAX_RECENT_BYTES {
            self.programs.clear();
            self.by_name.clear();
            self.bytes = bytes;
        }
        if self.programs.is_empty() {
            self.programs.resize_with(RECENT, || None);
        }
        let start = key.place();
        if let Some(places) = self.programs.get_mut(start..start + WAYS) {
            places.rotate_right(1);
            if let Some(place) = places.first_mut() {
                *place = Some((key, program.map(Held::new)));
            }
        }
    }
}

impl Recent {
    /// Whether a kind of requests that has no program was met a short while ago; it is from now on.
    pub(super) fn has_met(&mut self, key: &Key) -> bool {
        if self.met.is_empty() {
            self.met.resize(MET, None);
        }
        let known = self.met.get_mut(key.mixed() % MET).and_then(|place| place.replace(*key));
        known.as_ref() == Some(key)
    }
}

/// The programs that all threads share, of one policy.
#[derive(Debug, Default)]
pub(super) struct Shared {
    programs: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_key: HashMap<Key, Kept>,
    /// The oldest first.
    order: VecDeque<Key>,
    bytes: usize,
}

impl Known {
    fn has_room(&self, bytes: usize) -> bool {
        self.by_key.len() < MAX_SHARED && self.bytes + bytes <= MAX_BYTES
    }

    fn forget_oldest(&mut self) -> Option<()> {
        let forgotten = self.by_key.remove(&self.order.pop_front()?)?;
        self.bytes = self.bytes.saturating_sub(bytes(&forgotten));
        Some(())
    }
}

/// What it takes to keep something.
fn bytes(kept: &Kept) -> usize {
    kept.as_ref().map_or(100, |program| program.bytes)
}

impl Shared {
    /// What is known about a key.
    pub(super) fn find(&self, key: &Key) -> Option<Kept> {
        // Nothing is left half done where a thread dies, so what it held is good.
        self.programs.read().unwrap_or_else(PoisonError::into_inner).by_key.get(key).cloned()
    }

    /// Whether there is room for more of the usual size.
    pub(super) fn has_room(&self) -> bool {
        self.programs.read().unwrap_or_else(PoisonError::into_inner).has_room(MAX_BYTES / MAX_SHARED)
    }

    /// Keeps a program; the oldest have to go where there is no room.
    pub(super) fn keep(&self, key: Key, program: &Kept) {
        let bytes = bytes(program);
        let mut known = self.programs.write().unwrap_or_else(PoisonError::into_inner);
        if bytes > MAX_BYTES || known.by_key.contains_key(&key) {
            return;
        }
        while !known.has_room(bytes) && known.forget_oldest().is_some() {}
        known.by_key.insert(key, program.clone());
        known.order.push_back(key);
        known.bytes += bytes;
    }
}

#[cfg(test)]
impl Shared {
    /// Whether something holds for all programs.
    pub(super) fn all(&self, holds: impl Fn(&Program) -> bool) -> bool {
        self.programs.read().unwrap().by_key.values().flatten().all(|program| holds(program))
    }

    /// How many programs, or kinds of requests without one, are known.
    pub(super) fn len(&self) -> usize {
        self.programs.read().unwrap().by_key.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(client: u32) -> Key {
        Key { grant: Grant::ClientCredentials, client, audience: [NONE; MAX_AUDIENCES], has_user: false }
    }

    #[test]
    fn programs_are_bounded_in_number() {
        let (shared, mut recent) = (Arc::new(Shared::default()), Recent::default());
        let count = u32::try_from(MAX_SHARED).unwrap() * 2 + 10;
        for client in 0..count {
            shared.keep(key(client), &None);
            recent.keep(key(client), None);
            assert!(shared.len() <= MAX_SHARED && recent.programs.len() == RECENT);
        }
        assert!(recent.find(&key(count - 1)).is_some());
        assert!(
            shared.find(&key(count - 1)).is_some() && shared.find(&key(0)).is_none(),
            "the last are kept"
        );
        assert!(!shared.has_room());
    }

    #[test]
    fn what_is_met_again_soon_is_known() {
        let mut recent = Recent::default();
        assert!(!recent.has_met(&key(1)) && !recent.has_met(&key(2)));
        assert!(recent.has_met(&key(1)) && recent.has_met(&key(2)));
        (10..10_000).for_each(|client| assert!(!recent.has_met(&key(client))));
        assert!(!recent.has_met(&key(1)), "it was long ago");
    }
}
