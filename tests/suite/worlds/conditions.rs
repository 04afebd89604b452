//! Random conditions over a world, well typed: where a restriction needs it, they are never unknown.

use super::attribute::{Attribute, is_partial};
use super::rng::Rng;
use super::tree::{Atom, Condition, Let};
use super::world::{SCOPES, World};

/// Where a condition stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// There is a user for certain.
    pub(super) has_user: bool,
    /// It guards a restriction.
    pub(super) must_be_known: bool,
    /// It is about a token that is there: `scopes` and `audience` may be read.
    pub(super) of_token: bool,
}

/// Draws conditions.
pub(super) struct Conditions<'w> {
    pub(super) world: &'w World,
}

pub(super) fn atom(text: impl Into<String>, is_certain: bool, reads_user: bool) -> Condition {
    Condition::Atom(Atom { text: text.into(), is_certain, reads_user })
}

pub(super) fn user_exists() -> Condition {
    atom("user exists", true, false)
}

impl Conditions<'_> {
    /// A condition; now and then one of the lets.
    pub(super) fn condition(&self, rng: &mut Rng, place: Place, lets: &[Let]) -> Condition {
        if place.must_be_known && !place.has_user && rng.chance(50) {
            let inner = Place { has_user: true, ..place };
            return Condition::And(vec![user_exists(), self.condition(rng, inner, lets)]);
        }
        let fitting = |one: &&Let| place.of_token && !place.must_be_known && !one.name.is_empty();
        let lets: Vec<&Let> = lets.iter().filter(fitting).collect();
        if !lets.is_empty() && rng.chance(20) {
            return Condition::Let(rng.pick(&lets).name.clone());
        }
        self.of_depth(rng, place, 2)
    }

    fn of_depth(&self, rng: &mut Rng, place: Place, depth: usize) -> Condition {
        if depth == 0 || rng.chance(60) {
            let one = self.atom(rng, place);
            return if rng.chance(15) { Condition::Not(Box::new(one)) } else { one };
        }
        let count = if rng.chance(20) { 3 } else { 2 };
        let parts = (0..count).map(|_| self.of_depth(rng, place, depth - 1)).collect();
        let both = if rng.chance(55) { Condition::And(parts) } else { Condition::Or(parts) };
        if rng.chance(10) { Condition::Not(Box::new(both)) } else { both }
    }

    fn atom(&self, rng: &mut Rng, place: Place) -> Condition {
        let readable: Vec<&Attribute> = self
            .world
            .attributes
            .iter()
            .filter(|one| !place.must_be_known || place.has_user || !one.of_user())
            .collect();
        if readable.is_empty() || rng.chance(35) {
            return self.fact(rng, place);
        }
        let attribute = rng.pick(&readable);
        about(rng, attribute, place.must_be_known)
    }

    /// A condition about client, grant, audience, scopes or the user as such.
    fn fact(&self, rng: &mut Rng, place: Place) -> Condition {
        let world = self.world;
        let audience = world.audiences[rng.below(world.audiences.len())].alias;
        let client = world.clients[rng.below(world.clients.len())].alias;
        let grants = world.grants();
        let grant = rng.pick(&grants);
        let about = if place.of_token { rng.below(8) } else { rng.below(4) };
        let text = match about {
            0 if rng.chance(30) && grants.len() > 1 => {
                format!("grant in [{}]", rng.some(&grants, 2).join(", "))
            }
            0 => format!("grant = {grant}"),
            1 if rng.chance(30) => format!("client != {client}"),
            1 => format!("client = {client}"),
            2 if rng.chance(20) => "grant in login".to_owned(),
            2 => "user exists".to_owned(),
            3 if !place.of_token => format!("\"{}\" in requested.scopes", rng.pick(&SCOPES)),
            3 | 4 => format!("audience = {audience}"),
            5 => format!("{audience} in audience"),
            6 if world.audiences.len() > 1 => {
                format!("audience in [{}, {}]", world.audiences[0].alias, world.audiences[1].alias)
            }
            _ => format!("\"{}\" in scopes", rng.pick(&SCOPES)),
        };
        atom(text, true, false)
    }
}

/// A condition about an attribute.
pub(super) fn about(rng: &mut Rng, attribute: &Attribute, must_be_known: bool) -> Condition {
    let test = rng.pick(&attribute.tests);
    let path = attribute.path;
    let reads_user = attribute.of_user();
    if !attribute.optional {
        let is_certain = !is_partial(&test);
        return atom(test, is_certain, reads_user).known(must_be_known);
    }
    if test.contains("exists") {
        return atom(test, true, reads_user);
    }
    let exists = || atom(format!("{path} exists"), true, reads_user);
    match rng.below(if must_be_known { 5 } else { 8 }) {
        0 => exists(),
        1 if !is_partial(&test) => Condition::And(vec![exists(), atom(test, true, reads_user)]),
        2 | 3 if !is_partial(&test) => {
            let missing = Condition::Not(Box::new(exists()));
            Condition::Or(vec![missing, atom(test, true, reads_user)])
        }
        // Where something around it has tested that it exists, this is an error: so it is rare.
        0..5 if is_partial(&test) || rng.chance(8) => {
            let word = if rng.chance(50) { "true" } else { "false" };
            atom(format!("({test}) ?? {word}"), true, reads_user)
        }
        _ if must_be_known => exists(),
        _ => atom(test, false, reads_user),
    }
}

impl Condition {
    /// The same, with `?? false` around what may be unknown.
    fn known(self, must_be_known: bool) -> Condition {
        match self {
            Condition::Atom(Atom { text, is_certain: false, reads_user }) if must_be_known => {
                atom(format!("({text}) ?? false"), true, reads_user)
            }
            other => other,
        }
    }
}
