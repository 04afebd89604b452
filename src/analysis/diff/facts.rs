//! The facts of two claims.yaml, and which changed. Aliases stand for ids.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::{Catalog, Client, Lifetimes, Root, World};
use crate::ir::{Slot, Unit};
use crate::logic::normal::text;
use crate::ty::{Bounds, Labels, RecordShape, Shape, ShapeKind};

/// A fact that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub what: String,
    /// What the old claims.yaml says, if anything.
    pub old: Option<String>,
    /// What the new one says.
    pub new: Option<String>,
    /// Whether requests are held against it or tokens are made by it. Others only say something about the policy.
    pub decides: bool,
    pub(super) touches: Touches,
}

/// What formulas mean something else where a fact does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Touches {
    Nothing,
    Clients,
    Audiences,
    Input(Slot),
    /// An attribute that one version declares as always there and the other does not.
    Presence(Slot),
    /// A constant, whose value is part of every formula and text.
    Constant(Slot),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stated {
    text: String,
    /// What of it gives formulas another meaning; bounds do not.
    core: String,
    /// The same without whether it may be absent; `None` where that decides more, as with a default.
    bare: Option<String>,
    decides: bool,
    touches: Touches,
}

/// The facts that two versions do not share.
pub(super) fn changed(old: &Unit, new: &Unit) -> Vec<Fact> {
    let (a, b) = (Facts::of(old), Facts::of(new));
    let mut all: BTreeMap<&String, (Option<&Stated>, Option<&Stated>)> = BTreeMap::new();
    for (what, stated) in &a.stated {
        all.entry(what).or_default().0 = Some(stated);
    }
    for (what, stated) in &b.stated {
        all.entry(what).or_default().1 = Some(stated);
    }
    let is_read = |slot: &Slot| {
        let reads = |unit: &Unit| unit.slots.iter().any(|read| read.root == slot.root && is_near(read, slot));
        reads(old) || reads(new)
    };
    let changed = all.into_iter().filter(|(_, (a, b))| a.map(|one| &one.text) != b.map(|one| &one.text));
    changed
        .filter_map(|(what, (a, b))| {
            let either = a.or(b)?;
            let decides = match &either.touches {
                Touches::Input(slot) | Touches::Constant(slot) => either.decides && is_read(slot),
                _ => either.decides,
            };
            let touches = match (&either.touches, a.zip(b)) {
                (_, Some((a, b))) if a.core == b.core => Touches::Nothing,
                (Touches::Input(slot), Some((a, b))) if a.bare.is_some() && a.bare == b.bare => {
                    Touches::Presence(slot.clone())
                }
                (touches, _) => touches.clone(),
            };
            Some(Fact {
                what: what.clone(),
                old: a.map(|one| one.text.clone()),
                new: b.map(|one| one.text.clone()),
                decides,
                touches,
            })
        })
        .collect()
}

/// One is part of the other.
fn is_near(a: &Slot, b: &Slot) -> bool {
    a.path.iter().zip(&b.path).all(|(a, b)| a == b)
}

struct Facts<'c> {
    catalog: &'c Catalog,
    stated: BTreeMap<String, Stated>,
}

impl<'c> Facts<'c> {
    fn of(unit: &'c Unit) -> Self {
        let mut facts = Facts { catalog: &unit.catalog, stated: BTreeMap::new() };
        facts.whole();
        facts.audiences();
        facts.clients();
        for (root, shape) in &unit.catalog.inputs {
            let slot = Slot { root: *root, path: Vec::new() };
            // What is declared of clients is enforced for those that are not listed.
            facts.shape(&slot, shape);
        }
        facts
    }

    fn say(&mut self, what: impl Into<String>, text: impl Into<String>, decides: bool, touches: Touches) {
        let text = text.into();
        self.stated.insert(what.into(), Stated { core: text.clone(), bare: None, text, decides, touches });
    }

    fn declare(&mut self, slot: &Slot, text: String, core: String, bare: Option<String>) {
        let stated = Stated { text, core, bare, decides: true, touches: Touches::Input(slot.clone()) };
        self.stated.insert(format!("`{}`", slot.name()), stated);
    }

    fn whole(&mut self) {
        let catalog = self.catalog;
        if let Some(issuer) = &catalog.issuer {
            self.say("issuer", &**issuer, true, Touches::Nothing);
        }
        self.say("profile", &*catalog.profile, true, Touches::Nothing);
        self.lifetimes("lifetimes", catalog.lifetimes);
        self.say(
            "delegation",
            if catalog.explicit_delegation { "explicit" } else { "implicit" },
            true,
            Touches::Nothing,
        );
        self.say("other audiences", world(catalog.audience_world), true, Touches::Audiences);
        self.say("other clients", world(catalog.client_world), true, Touches::Clients);
        if let Some(sets) = &catalog.audience_sets {
            let mut sets: Vec<String> = sets.iter().map(|set| self.ids(set)).collect();
            sets.sort();
            self.say("audience_sets", sets.join("; "), true, Touches::Audiences);
        }
        if !catalog.issuer_endpoints.is_empty() {
            self.say("issuer_endpoints", sorted(&catalog.issuer_endpoints), true, Touches::Audiences);
        }
        for (name, constant) in &catalog.config {
            let text = constant
                .value
                .as_ref()
                .map_or_else(|| "bound later".to_owned(), crate::value::Value::to_json);
            let slot = Slot { root: Root::Config, path: vec![name.clone()] };
            self.say(format!("config `{name}`"), text, true, Touches::Constant(slot));
        }
        if !catalog.owned_domains.is_empty() {
            self.say("owned_domains", sorted(&catalog.owned_domains), false, Touches::Nothing);
        }
        for (name, claim) in &catalog.private_claims {
            let ty = claim.ty.as_ref().map_or_else(String::new, ToString::to_string);
            self.say(
                format!("private claim `{name}`"),
                format!("{ty} {}", claim.reason),
                false,
                Touches::Nothing,
            );
        }
    }

    fn lifetimes(&mut self, what: &str, lifetimes: Lifetimes) {
        for (token, seconds) in [("access token", lifetimes.access_token), ("ID token", lifetimes.id_token)] {
            if let Some(seconds) = seconds {
                self.say(format!("{what}, {token}"), format!("{seconds} s"), true, Touches::Nothing);
            }
        }
    }

    fn audiences(&mut self) {
        for audience in self.catalog.audiences.values() {
            let what = format!("audience `{}`", audience.id);
            self.say(what.clone(), "listed", true, Touches::Audiences);
            if let Some(scopes) = &audience.scopes {
                self.say(format!("{what}, scopes"), sorted(scopes), true, Touches::Nothing);
            }
            if let Some(bytes) = audience.max_token_bytes {
                self.say(format!("{what}, max_token_bytes"), bytes.to_string(), true, Touches::Nothing);
            }
            if let Some(accepts) = audience.accepts {
                self.say(format!("{what}, accepts"), self.labels(accepts), false, Touches::Nothing);
            }
            self.lifetimes(&format!("{what}, lifetimes"), audience.lifetimes);
        }
    }

    fn clients(&mut self) {
        for client in self.catalog.clients.values() {
            self.client(client);
        }
    }

    fn client(&mut self, client: &Client) {
        let what = format!("client `{}`", client.id);
        self.say(what.clone(), "listed", true, Touches::Clients);
        let facts = [
            ("name", client.name.as_ref().map(ToString::to_string)),
            ("confidential", client.confidential.map(|value| value.to_string())),
            ("metadata", Some(client.metadata.to_json()).filter(|metadata| metadata != "{}")),
        ];
        for (name, text) in facts {
            if let Some(text) = text {
                self.say(format!("{what}, {name}"), text, true, Touches::Clients);
            }
        }
        if let Some(grants) = &client.grants {
            let mut grants: Vec<&str> = grants.iter().map(|grant| grant.as_str()).collect();
            grants.sort_unstable();
            self.say(format!("{what}, grants"), grants.join(", "), true, Touches::Nothing);
        }
        if let Some(audiences) = &client.audiences {
            self.say(format!("{what}, audiences"), self.ids(audiences), true, Touches::Nothing);
        }
        if let Some(accepts) = client.accepts {
            self.say(format!("{what}, accepts"), self.labels(accepts), false, Touches::Nothing);
        }
        self.lifetimes(&format!("{what}, lifetimes"), client.lifetimes);
    }

    /// A shape and those within records, each by its path.
    fn shape(&mut self, slot: &Slot, shape: &Shape) {
        let declared = |shape: &Shape| match &shape.kind {
            ShapeKind::Record(record) => {
                let form = if record.open { "with other members" } else { "without other members" };
                format!("{form} {}", facts_of(&Shape { kind: ShapeKind::Json, ..shape.clone() }))
            }
            _ => format!("{} {}", shape.ty(), facts_of(shape)),
        };
        let said = |shape: &Shape| declared(shape).trim_end().to_owned();
        let core = unbounded(shape);
        let is_member = !slot.path.is_empty() && slot.root != Root::Client && shape.default.is_none();
        let bare = is_member.then(|| said(&Shape { optional: false, ..core.clone() }));
        self.declare(slot, said(shape), said(&core), bare);
        if let ShapeKind::Record(record) = &shape.kind {
            for (name, member) in &record.members {
                let mut path = slot.path.clone();
                path.push(name.clone());
                self.shape(&Slot { root: slot.root, path }, member);
            }
        }
        // Apart, because labels decide nothing.
        if !shape.labels.is_empty() {
            let what = format!("`{}`, labels", slot.name());
            self.say(what, self.labels(shape.labels), false, Touches::Nothing);
        }
    }

    fn ids(&self, aliases: &[Arc<str>]) -> String {
        let ids =
            aliases.iter().filter_map(|alias| self.catalog.audiences.get(alias)).map(|one| one.id.clone());
        sorted(&ids.collect::<Vec<_>>())
    }

    fn labels(&self, labels: Labels) -> String {
        let names = labels.indexes().filter_map(|index| self.catalog.labels.get(index).cloned());
        sorted(&names.collect::<Vec<_>>())
    }
}

/// Everything about a shape but its type and labels.
fn facts_of(shape: &Shape) -> String {
    let mut parts = Vec::new();
    let bounds = shape.bounds;
    let whole =
        [("max_length", bounds.max_length), ("max_items", bounds.max_items), ("max_bytes", bounds.max_bytes)];
    parts.extend(whole.into_iter().filter_map(|(word, bound)| Some(format!("{word} {}", bound?))));
    let signed = [("min", bounds.min), ("max", bounds.max)];
    parts.extend(signed.into_iter().filter_map(|(word, bound)| Some(format!("{word} {}", bound?))));
    parts.extend(shape.default.iter().map(|default| format!("default {}", default.to_json())));
    let is_told = shape.default.is_none() && !matches!(shape.kind, ShapeKind::Json);
    parts.extend((shape.optional && !is_told).then(|| "optional".to_owned()));
    if let ShapeKind::List(inner) | ShapeKind::Map(inner) = &shape.kind {
        parts.extend(Some(part_facts(inner)).filter(|facts| !facts.is_empty()));
    }
    parts.join(", ")
}

/// What is said of the elements of a list or the members of a map.
fn part_facts(part: &Shape) -> String {
    if matches!(part.kind, ShapeKind::Record(_)) {
        let digest = text::sha256(&text::shape(part));
        return format!("each as digest {}", digest.get(..8).unwrap_or_default());
    }
    let facts = facts_of(part);
    if facts.is_empty() { facts } else { format!("each {facts}") }
}

/// The shape without bounds.
fn unbounded(shape: &Shape) -> Shape {
    let kind = match &shape.kind {
        ShapeKind::List(inner) => ShapeKind::List(Arc::new(unbounded(inner))),
        ShapeKind::Map(inner) => ShapeKind::Map(Arc::new(unbounded(inner))),
        ShapeKind::Record(record) => {
            let members = record.members.iter().map(|(name, member)| (name.clone(), unbounded(member)));
            ShapeKind::Record(Arc::new(RecordShape { members: members.collect(), open: record.open }))
        }
        kind => kind.clone(),
    };
    Shape { kind, bounds: Bounds::default(), ..shape.clone() }
}

fn world(world: World) -> &'static str {
    match world {
        World::Closed => "none",
        World::Open | World::Dynamic => "any",
    }
}

fn sorted(texts: &[Arc<str>]) -> String {
    let mut texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
    texts.sort_unstable();
    texts.join(", ")
}
