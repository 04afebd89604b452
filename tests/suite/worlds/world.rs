//! Random small worlds: a claims.yaml, and every request that such a world has, as far as a policy can tell them apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use claimsc::value::Object;
use claimsc::{Request, Value};

use super::attribute::{self, Attribute, Given};
use super::rng::Rng;

/// At most so many requests of one world.
pub(super) const MAX_REQUESTS: usize = 20_000;
const OTHER_AUDIENCE: &str = "https://other.example";
const OTHER_CLIENT: &str = "other-client";
/// The time of every request.
const NOW: i64 = 1_000_000;

#[derive(Debug, Clone)]
pub(super) struct World {
    /// The text of claims.yaml.
    pub(super) catalog: String,
    pub(super) attributes: Vec<Attribute>,
    pub(super) audiences: Vec<Audience>,
    /// Aliases of the first two audiences may stand in one token.
    pub(super) has_set: bool,
    pub(super) open_audiences: bool,
    /// A write reaches delegated tokens only if its condition mentions the actor.
    pub(super) explicit_delegation: bool,
    pub(super) clients: Vec<Client>,
    pub(super) open_clients: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Audience {
    pub(super) alias: &'static str,
    pub(super) id: &'static str,
    pub(super) accepts: Option<&'static str>,
    pub(super) scopes: Option<&'static [&'static str]>,
    pub(super) max_token_bytes: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Client {
    pub(super) alias: &'static str,
    pub(super) id: &'static str,
    pub(super) grants: Vec<&'static str>,
    pub(super) audiences: Option<Vec<&'static str>>,
    pub(super) tier: Option<&'static str>,
    pub(super) accepts: Option<&'static str>,
}

const AUDIENCES: [(&str, &str); 3] =
    [("api", "https://api.example"), ("shop", "https://shop.example"), ("audit", "https://audit.example")];
const CLIENTS: [(&str, &str); 3] = [("web", "web-1"), ("job", "job-2"), ("app", "app-3")];
pub(super) const SCOPES: [&str; 2] = ["read", "write"];
/// The grants that policies name. Every other grant is like one of them.
const GRANTS: [&str; 5] =
    ["authorization_code", "client_credentials", "refresh_token", "token_exchange", "saml_sso"];

impl World {
    /// A world with at most so many requests, unless scopes are read.
    pub(super) fn random(rng: &mut Rng, limit: usize) -> World {
        loop {
            let world = World::any(rng);
            let paths = world.attributes.iter().map(|attribute| attribute.path.to_owned());
            if world.space(&paths.collect()).is_some_and(|space| space.count <= limit) {
                return world;
            }
        }
    }

    fn any(rng: &mut Rng) -> World {
        let pool = attribute::pool(rng);
        let count = rng.below(2) + 2;
        let mut attributes = rng.some(&pool, count);
        attribute::compare(&mut attributes);
        let audiences = audiences(rng);
        let clients = clients(rng, &audiences);
        let mut world = World {
            catalog: String::new(),
            has_set: audiences.len() > 1 && rng.chance(40),
            open_audiences: rng.chance(20),
            explicit_delegation: attributes.iter().any(|one| one.path == "actor") && rng.chance(50),
            open_clients: rng.chance(15),
            attributes,
            audiences,
            clients,
        };
        world.catalog = world.yaml();
        world
    }

    /// The world with a fact changed, and which; `None` where it has no such fact to change.
    pub(super) fn with_other_fact(&self, rng: &mut Rng) -> Option<(&'static str, World)> {
        let mut world = self.clone();
        let client = rng.below(world.clients.len());
        let what = match rng.below(9) {
            0 => {
                let grants = &mut world.clients[client].grants;
                let grant = rng.pick(&GRANTS);
                if grants.contains(&grant) {
                    grants.retain(|one| *one != grant);
                } else {
                    grants.push(grant);
                }
                "grants of a client"
            }
            1 => {
                let audiences = &mut world.clients[client].audiences;
                *audiences = if audiences.is_some() { None } else { Some(vec![world.audiences[0].alias]) };
                "audiences of a client"
            }
            2 => {
                let tier = &mut world.clients[client].tier;
                *tier = if *tier == Some("gold") { None } else { Some("gold") };
                "metadata of a client"
            }
            3 => {
                world.open_clients = !world.open_clients;
                "other clients"
            }
            4 => {
                world.open_audiences = !world.open_audiences;
                "other audiences"
            }
            5 => {
                world.has_set = world.audiences.len() > 1 && !world.has_set;
                "audience sets"
            }
            6 => {
                world.explicit_delegation = !world.explicit_delegation;
                "delegation"
            }
            7 => {
                let attribute = rng.below(world.attributes.len());
                let attribute = &mut world.attributes[attribute];
                if !attribute.of_user() {
                    return None;
                }
                attribute.optional = !attribute.optional;
                attribute.values.retain(Option::is_some);
                if attribute.optional {
                    attribute.values.push(None);
                }
                "an attribute that may be absent"
            }
            _ => {
                world.clients.remove(client);
                if world.clients.is_empty() {
                    return None;
                }
                "a client"
            }
        };
        world.catalog = world.yaml();
        (world.catalog != self.catalog).then_some((what, world))
    }

    pub(super) fn yaml(&self) -> String {
        let mut yaml = String::from(
            "language: 1\nissuer: https://id.example/\nowned_domains: [acme.example]\nlabels: [health]\n",
        );
        yaml.push_str("audiences:\n");
        for audience in &self.audiences {
            let mut line = format!("  {}: {{ id: \"{}\"", audience.alias, audience.id);
            if let Some(label) = audience.accepts {
                let _ = write!(line, ", accepts: [{label}]");
            }
            if let Some(scopes) = audience.scopes {
                let _ = write!(line, ", scopes: [{}]", scopes.join(", "));
            }
            if let Some(bytes) = audience.max_token_bytes {
                let _ = write!(line, ", max_token_bytes: {bytes}");
            }
            let _ = writeln!(yaml, "{line} }}");
        }
        let _ = writeln!(yaml, "open_audiences: {}", self.open_audiences);
        if self.has_set {
            let _ =
                writeln!(yaml, "audience_sets: [[{}, {}]]", self.audiences[0].alias, self.audiences[1].alias);
        }
        yaml.push_str("clients:\n");
        for client in &self.clients {
            let mut line =
                format!("  {}: {{ id: {}, grants: [{}]", client.alias, client.id, client.grants.join(", "));
            if let Some(audiences) = &client.audiences {
                let _ = write!(line, ", audiences: [{}]", audiences.join(", "));
            }
            if let Some(tier) = client.tier {
                let _ = write!(line, ", metadata: {{ tier: {tier} }}");
            }
            if let Some(labels) = client.accepts {
                let _ = write!(line, ", accepts: [{labels}]");
            }
            let _ = writeln!(yaml, "{line} }}");
        }
        let _ = writeln!(yaml, "open_clients: {}", self.open_clients);
        yaml.push_str("client_metadata: { tier: \"string?\" }\n");
        yaml.push_str(
            "connections: { google: { id: google-oauth2 } }\norganizations: { north: { id: org-1 } }\n",
        );
        yaml.push_str("actor: { sub: string }\nexternal: { risk: \"{ score: int }?\" }\n");
        if self.explicit_delegation {
            yaml.push_str("delegation: explicit\n");
        }
        yaml.push_str("session: { amr: \"string[]?\", auth_time: \"timestamp?\" }\n");
        yaml.push_str("user:\n  sub: { type: string, max_length: 20 }\n");
        for attribute in self.attributes.iter().filter(|attribute| attribute.of_user()) {
            self.attribute_yaml(attribute, &mut yaml);
        }
        yaml
    }

    fn attribute_yaml(&self, attribute: &Attribute, yaml: &mut String) {
        let name = attribute.path.trim_start_matches("user.");
        let mut settings = match attribute.ty.strip_prefix("{ ").and_then(|ty| ty.strip_suffix(" }")) {
            Some(settings) => settings.to_owned(),
            None => format!("type: {}", attribute.ty),
        };
        if attribute.optional {
            settings.push_str(", optional: true");
        }
        if let Some(label) = attribute.label {
            let _ = write!(settings, ", label: {label}");
        }
        if !attribute.bounds.is_empty() {
            let _ = write!(settings, ", {}", attribute.bounds);
        }
        match name.split_once('.') {
            Some((record, member)) => {
                let _ = writeln!(yaml, "  {record}: {{ {member}: {{ {settings} }} }}");
            }
            None => {
                let _ = writeln!(yaml, "  {name}: {{ {settings} }}");
            }
        }
    }

    /// The grants that policies over this world may name.
    pub(super) fn grants(&self) -> Vec<&'static str> {
        let is_known = |grant: &&str| {
            self.open_clients || self.clients.iter().any(|client| client.grants.contains(grant))
        };
        GRANTS.into_iter().filter(is_known).collect()
    }

    /// All requests that policies which read these attributes can tell apart; `None` if there are too many.
    pub(super) fn space(&self, reads: &BTreeSet<String>) -> Option<Space> {
        let contexts = self.contexts(reads);
        let mut cells = Vec::new();
        let mut count = 0_usize;
        for context in contexts {
            let is_read = |attribute: &Attribute| {
                reads.iter().any(|read| {
                    read == attribute.path
                        || attribute.path.starts_with(&format!("{read}."))
                        || read.starts_with(&format!("{}.", attribute.path))
                })
            };
            let applies = |attribute: &Attribute| match attribute.path {
                "client.metadata.tier" => context.client == OTHER_CLIENT,
                path => !path.starts_with("user.") || context.has_user,
            };
            let dimensions: Vec<usize> = (0..self.attributes.len())
                .filter(|index| is_read(&self.attributes[*index]) && applies(&self.attributes[*index]))
                .collect();
            let size: usize = dimensions.iter().map(|index| self.attributes[*index].values.len()).product();
            count += size;
            if count > MAX_REQUESTS {
                return None;
            }
            cells.push(Cell { context, dimensions, size });
        }
        Some(Space { cells, count })
    }

    /// What requests have beside attributes.
    fn contexts(&self, reads: &BTreeSet<String>) -> Vec<Context> {
        let mut contexts = Vec::new();
        let scopes: Vec<Vec<&str>> = if reads.contains("scopes") || reads.contains("requested.scopes") {
            vec![vec![], vec![SCOPES[0]], vec![SCOPES[1]], SCOPES.to_vec()]
        } else {
            vec![vec![]]
        };
        let requested = if reads.contains("requested.audience") {
            vec![None, Some(vec![]), Some(vec![self.audiences[0].id])]
        } else {
            vec![None]
        };
        for (client, grants, audiences) in self.parties() {
            for grant in &grants {
                for (has_user, original) in circumstances(grant, reads) {
                    for audience in &audiences {
                        for (scopes, requested) in
                            scopes.iter().flat_map(|s| requested.iter().map(move |r| (s, r)))
                        {
                            contexts.push(Context {
                                client,
                                grant,
                                audience: audience.clone(),
                                scopes: scopes.clone(),
                                has_user,
                                original,
                                requested: requested.clone(),
                            });
                        }
                    }
                }
            }
        }
        contexts
    }

    /// Clients, their grants and the sets of audiences that they may ask for.
    fn parties(&self) -> Vec<(&'static str, Vec<&'static str>, Vec<Vec<&'static str>>)> {
        let listed = self.clients.iter().map(|client| {
            (client.id, client.grants.clone(), self.audience_sets(client.audiences.as_deref()))
        });
        let other = self.open_clients.then(|| (OTHER_CLIENT, GRANTS.to_vec(), self.audience_sets(None)));
        listed.chain(other).collect()
    }

    fn audience_sets(&self, allowed: Option<&[&str]>) -> Vec<Vec<&'static str>> {
        let is_allowed = |alias: &str| allowed.is_none_or(|allowed| allowed.contains(&alias));
        let known: Vec<_> = self.audiences.iter().filter(|audience| is_allowed(audience.alias)).collect();
        let mut sets = vec![vec![]];
        sets.extend(known.iter().map(|audience| vec![audience.id]));
        if self.has_set && self.audiences[..2].iter().all(|audience| is_allowed(audience.alias)) {
            sets.push(vec![self.audiences[0].id, self.audiences[1].id]);
        }
        if self.open_audiences && allowed.is_none() {
            sets.push(vec![OTHER_AUDIENCE]);
        }
        sets
    }

    /// A request.
    pub(super) fn request(&self, cell: &Cell, index: usize) -> Value {
        let context = &cell.context;
        let mut given: BTreeMap<usize, &Given> = BTreeMap::new();
        for (dimension, value) in cell.dimensions.iter().zip(self.values_of(cell, index)) {
            given.insert(*dimension, &self.attributes[*dimension].values[value]);
        }
        let mut request = Object::new();
        set(&mut request, "grant", Value::from(context.grant));
        set(&mut request, "client", Value::from(context.client));
        set(&mut request, "audience", texts(&context.audience));
        set(&mut request, "scopes", texts(&context.scopes));
        set(&mut request, "now", Value::int(NOW));
        if let Some(requested) = &context.requested {
            set(&mut request, "requested.audience", texts(requested));
        }
        if context.has_user {
            set(&mut request, "user.sub", Value::from("u-1"));
        }
        if let Some(grant) = context.original {
            set(&mut request, "original.grant", Value::from(grant));
        }
        for (index, attribute) in self.attributes.iter().enumerate() {
            // What the policy does not read has its first value that is one.
            let usual = attribute.values.iter().find(|value| value.is_some() != attribute.optional);
            let value = match given.get(&index) {
                Some(value) => (*value).as_ref(),
                None => usual.and_then(|value| value.as_ref()),
            };
            let applies = match attribute.path {
                "client.metadata.tier" => given.contains_key(&index),
                path => !path.starts_with("user.") || context.has_user,
            };
            let Some(value) = value.filter(|_| applies) else { continue };
            if attribute.path == "client.metadata.tier" {
                set(&mut request, "client.id", Value::from(context.client));
            }
            set(&mut request, attribute.path, value.clone());
        }
        Value::object(request)
    }

    /// Whether a user has everything that claims.yaml declares as always there.
    pub(super) fn accepts(&self, request: &Value) -> bool {
        let has = |attribute: &Attribute| {
            attribute.path.split('.').try_fold(request, |value, name| value.get(name)).is_some()
        };
        let required = self.attributes.iter().filter(|one| one.of_user() && !one.optional);
        request.get("user").is_none() || required.into_iter().all(has)
    }

    /// Which value each dimension of a cell has in one of its requests.
    pub(super) fn values_of(&self, cell: &Cell, index: usize) -> Vec<usize> {
        let mut rest = index;
        let value = |dimension: &usize| {
            let count = self.attributes[*dimension].values.len();
            let value = rest % count;
            rest /= count;
            value
        };
        cell.dimensions.iter().map(value).collect()
    }
}

/// Whether there is a user, and the first grant of a refresh.
fn circumstances(grant: &str, reads: &BTreeSet<String>) -> Vec<(bool, Option<&'static str>)> {
    let asks_for_login = reads.contains("grant in login");
    match grant {
        "client_credentials" => vec![(false, None)],
        "refresh_token" if asks_for_login => vec![
            (false, None),
            (true, None),
            (false, Some("client_credentials")),
            (true, Some("token_exchange")),
            (true, Some("authorization_code")),
        ],
        "refresh_token" | "token_exchange" => vec![(false, None), (true, None)],
        _ => vec![(true, None)],
    }
}

/// All requests of a world.
#[derive(Debug, Clone)]
pub(super) struct Space {
    pub(super) cells: Vec<Cell>,
    pub(super) count: usize,
}

/// The requests that differ in attributes only.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) context: Context,
    /// The attributes that differ.
    pub(super) dimensions: Vec<usize>,
    pub(super) size: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Context {
    pub(super) client: &'static str,
    pub(super) grant: &'static str,
    pub(super) audience: Vec<&'static str>,
    pub(super) scopes: Vec<&'static str>,
    pub(super) has_user: bool,
    pub(super) original: Option<&'static str>,
    /// What was asked for, where that is not the audience.
    pub(super) requested: Option<Vec<&'static str>>,
}

/// The request, with the time of all requests unless it has its own.
pub(super) fn with_time(request: &Value) -> Value {
    let mut members = request.as_object().cloned().unwrap_or_default();
    members.entry(Arc::from("now")).or_insert_with(|| Value::int(NOW));
    Value::object(members)
}

pub(super) fn read(request: &Value) -> Request {
    match Request::from_value(request) {
        Ok(request) => request,
        Err(error) => panic!("{error}: {}", request.to_json()),
    }
}

fn texts(texts: &[&str]) -> Value {
    Value::list(texts.iter().map(|text| Value::from(*text)).collect())
}

/// Sets what a path leads to; what is in the way becomes an object.
fn set(object: &mut Object, path: &str, value: Value) {
    let Some((first, rest)) = path.split_once('.') else {
        object.insert(Arc::from(path), value);
        return;
    };
    let mut inner = object.get(first).and_then(Value::as_object).cloned().unwrap_or_default();
    set(&mut inner, rest, value);
    object.insert(Arc::from(first), Value::object(inner));
}

fn audiences(rng: &mut Rng) -> Vec<Audience> {
    let count = if rng.chance(20) { 3 } else { rng.below(2) + 1 };
    let states_accepts = rng.chance(50);
    let states_scopes = rng.chance(25);
    let audience = |(alias, id): (&'static str, &'static str), rng: &mut Rng| Audience {
        alias,
        id,
        accepts: (states_accepts && rng.chance(60)).then(|| rng.pick(&["", "pii", "health", "pii, health"])),
        scopes: states_scopes.then_some(&SCOPES[..]),
        max_token_bytes: rng.chance(30).then(|| rng.pick(&[900, 1000, 1050, 1100, 1200])),
    };
    AUDIENCES.into_iter().take(count).map(|one| audience(one, rng)).collect()
}

fn clients(rng: &mut Rng, audiences: &[Audience]) -> Vec<Client> {
    let count = if rng.chance(10) { 3 } else { rng.below(2) + 1 };
    let aliases: Vec<&'static str> = audiences.iter().map(|audience| audience.alias).collect();
    let client = |(alias, id): (&'static str, &'static str), rng: &mut Rng| {
        let how_many = rng.below(2) + 1;
        let wanted = rng.below(aliases.len()) + 1;
        Client {
            alias,
            id,
            grants: rng.some(&GRANTS, how_many),
            audiences: rng.chance(50).then(|| rng.some(&aliases, wanted)),
            tier: rng.chance(50).then(|| rng.pick(&["gold", "silver"])),
            accepts: rng.chance(20).then(|| rng.pick(&["", "pii", "health"])),
        }
    };
    CLIENTS.into_iter().take(count).map(|one| client(one, rng)).collect()
}
