//! Random policies over a world. They are well typed by construction, as far as that is easy.

use super::conditions::{Conditions, Place, user_exists};
use super::rng::Rng;
use super::tree::{Action, Branch, Chain, Condition, Ensured, Let, Node, Promise, Tree, Verb, Written};
use super::values::{CLAIMS, MEMBERS, Type, type_of};
use super::world::{SCOPES, World};

const TARGETS: [&str; 5] = ["id_token", "both", "userinfo", "saml", "access_token, userinfo"];

/// What is certain where a statement stands.
#[derive(Debug, Clone, Copy)]
struct Scope {
    has_user: bool,
    /// The conditions around it are never unknown.
    may_restrict: bool,
    depth: usize,
}

pub(super) fn random(rng: &mut Rng, world: &World) -> Tree {
    let source = Conditions { world };
    let mut tree = Tree { lets: Vec::new(), items: Vec::new(), promises: Vec::new() };
    let place = Place { has_user: false, must_be_known: false, of_token: true };
    for index in 0..rng.below(3) {
        let condition = source.condition(rng, place, &tree.lets);
        tree.lets.push(Let { name: format!("is_{index}"), condition });
    }
    let generator = Generator { source, lets: tree.lets.clone(), claims: claims(rng) };
    let top = Scope { has_user: false, may_restrict: true, depth: 2 };
    for _ in 0..rng.below(3) + 2 {
        tree.items.push(generator.node(rng, top));
    }
    if rng.chance(20) {
        tree.items.push(generator.scopes(rng));
    }
    if rng.chance(15) {
        tree.items.push(generator.audience(rng));
    }
    for _ in 0..rng.below(3) {
        let promise = generator.promise(rng, &tree.items);
        // An audience has one contract.
        let contracts = |promise: &Promise| match promise {
            Promise::Contract { audience, .. } => Some(*audience),
            Promise::Ensure { .. } => None,
        };
        if contracts(&promise).is_none_or(|one| !tree.promises.iter().any(|p| contracts(p) == Some(one))) {
            tree.promises.push(promise);
        }
    }
    tree
}

/// The claims that one policy writes: few, so that its statements meet.
fn claims(rng: &mut Rng) -> Vec<&'static str> {
    let count = if rng.chance(50) { rng.below(2) + 1 } else { 4 };
    rng.some(&CLAIMS, count).into_iter().map(|(name, _)| name).collect()
}

struct Generator<'w> {
    source: Conditions<'w>,
    lets: Vec<Let>,
    claims: Vec<&'static str>,
}

impl Generator<'_> {
    fn node(&self, rng: &mut Rng, scope: Scope) -> Node {
        if scope.depth > 0 && rng.chance(45) {
            return Node::Chain(self.chain(rng, scope));
        }
        Node::Verb(self.verb(rng, scope))
    }

    fn chain(&self, rng: &mut Rng, scope: Scope) -> Chain {
        let mut may_restrict = scope.may_restrict;
        let is_known = may_restrict && rng.chance(50);
        let mut branches = Vec::new();
        for _ in 0..if rng.chance(30) { rng.below(2) + 2 } else { 1 } {
            let place = Place { has_user: scope.has_user, must_be_known: is_known, of_token: true };
            let mut condition = self.source.condition(rng, place, &self.lets);
            if rng.chance(6) {
                condition = user_exists();
            }
            let has_user = scope.has_user || condition.demands_user();
            let inner = Scope { has_user, may_restrict: may_restrict && is_known, depth: scope.depth - 1 };
            let body = self.body(rng, inner);
            let target = rng.chance(10).then(|| rng.pick(&TARGETS));
            // Behind a condition about the user, a restriction would be skipped for machines.
            may_restrict &= scope.has_user || !condition.reads_user(&self.lets);
            branches.push(Branch { condition, target, body });
        }
        let inner = Scope { may_restrict: may_restrict && is_known, depth: scope.depth - 1, ..scope };
        let otherwise = rng.chance(35).then(|| self.body(rng, inner));
        Chain { branches, otherwise }
    }

    fn body(&self, rng: &mut Rng, scope: Scope) -> Vec<Node> {
        let count = if rng.chance(25) { 2 } else { 1 };
        (0..count).map(|_| self.node(rng, scope)).collect()
    }

    fn verb(&self, rng: &mut Rng, scope: Scope) -> Verb {
        let kinds = if scope.may_restrict { 19 } else { 13 };
        let action = match rng.below(kinds) {
            0..9 => self.write("add", rng),
            9 | 10 => self.write("default", rng),
            11 => self.append(rng),
            12 => self.spread(rng),
            13 | 14 => self.write("override", rng),
            15 => Action::Remove { claim: rng.pick(&self.claims) },
            16 | 17 => Action::Deny { text: format!("because {}", rng.below(3)) },
            _ => Action::Lifetime { value: self.lifetime(rng) },
        };
        let mut verb = Verb { action, target: None, unless: None };
        if matches!(verb.action, Action::Write { .. } | Action::Spread { .. } | Action::Remove { .. }) {
            verb.target = rng.chance(15).then(|| rng.pick(&TARGETS));
        }
        let takes_unless = verb.restricts() && !matches!(verb.action, Action::Write { .. });
        if takes_unless && rng.chance(50) {
            let place = Place { has_user: scope.has_user, must_be_known: false, of_token: true };
            verb.unless = Some(self.source.condition(rng, place, &self.lets));
        }
        verb
    }

    fn lifetime(&self, rng: &mut Rng) -> String {
        if rng.chance(70) {
            return rng.pick(&["5m", "10m"]).to_owned();
        }
        format!("if grant = {} then 5m else 10m", rng.pick(&self.source.world.grants()))
    }

    fn write(&self, word: &'static str, rng: &mut Rng) -> Action {
        let claim = rng.pick(&self.claims);
        let ty = type_of(claim);
        let is_member = ty == Type::Object && rng.chance(70);
        let ty = if is_member { Type::Text } else { ty };
        let value = self.source.written(rng, ty, word == "override", &self.lets);
        Action::Write { word, claim, member: is_member.then(|| rng.pick(&MEMBERS)), value }
    }

    fn append(&self, rng: &mut Rng) -> Action {
        let value = self.source.written(rng, Type::Words, false, &self.lets);
        Action::Write { word: "append", claim: "ns/set", member: None, value }
    }

    fn spread(&self, rng: &mut Rng) -> Action {
        let mut members = Vec::new();
        for claim in &self.claims {
            if let Written::Text(value) = self.source.written(rng, type_of(claim), true, &self.lets) {
                members.push((claim.trim_start_matches("ns/"), value));
            }
        }
        if members.is_empty() {
            return self.write("add", rng);
        }
        Action::Spread { members }
    }

    /// A scope statement, under a condition that does not read scopes.
    fn scopes(&self, rng: &mut Rng) -> Node {
        let scope = rng.pick(&SCOPES);
        let action = match rng.below(3) {
            0 => Action::Scope { words: "add scope", value: format!("\"{scope}\"") },
            1 => Action::Scope { words: "remove scope", value: format!("\"{scope}\"") },
            _ => Action::Scope { words: "limit scopes to", value: format!("[\"{scope}\"]") },
        };
        let place = Place { has_user: false, must_be_known: true, of_token: false };
        let condition = self.source.condition(rng, place, &self.lets);
        only_if(condition, action)
    }

    fn audience(&self, rng: &mut Rng) -> Node {
        let place = Place { has_user: false, must_be_known: true, of_token: false };
        let condition = self.source.condition(rng, place, &self.lets);
        let alias = rng.pick(&self.source.world.audiences).alias;
        let condition = Condition::And(vec![
            super::conditions::atom("requested.audience.is_empty()", true, false),
            condition,
        ]);
        let action = Action::Audience { value: alias.to_owned() };
        only_if(condition, action)
    }

    fn promise(&self, rng: &mut Rng, items: &[Node]) -> Promise {
        let claim = rng.pick(&self.claims);
        let audience = rng.pick(&self.source.world.audiences).alias;
        if rng.chance(15) && !items.is_empty() {
            let members = self.claims.iter().map(|claim| (*claim, type_of(claim).written(), rng.chance(60)));
            return Promise::Contract { audience, members: members.collect() };
        }
        let what = match rng.below(6) {
            0 | 1 => Ensured::Never(claim),
            2 | 3 => Ensured::Always(claim),
            4 => Ensured::NoLabel(rng.pick(&["pii", "health"])),
            _ => Ensured::Deny,
        };
        let place = Place { has_user: false, must_be_known: true, of_token: true };
        let when =
            (what == Ensured::Deny || rng.chance(50)).then(|| self.source.condition(rng, place, &self.lets));
        Promise::Ensure {
            audience: (what != Ensured::Deny && rng.chance(50)).then_some(audience),
            token: (what != Ensured::Deny && rng.chance(15)).then(|| rng.pick(&["id_token", "access_token"])),
            what,
            when,
        }
    }
}

fn only_if(condition: Condition, action: Action) -> Node {
    let body = vec![Node::Verb(Verb { action, target: None, unless: None })];
    Node::Chain(Chain { branches: vec![Branch { condition, target: None, body }], otherwise: None })
}
