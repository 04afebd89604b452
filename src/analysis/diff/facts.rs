//! The facts of two claims.yaml, and which changed. Aliases stand for ids.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::{Catalog, Client, Lifetimes, Root, World};
use crate::ir::{Slot, Unit};
use crate::logic::normal::text;
use crate::ty::{Labels, Shape, ShapeKind};

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
    /// A constant, whose value is part of every formula and text.
    Constant(Slot),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stated {
    text: String,
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
            Some(Fact {
                what: what.clone(),
                old: a.map(|one| one.text.clone()),
                new: b.map(|one| one.text.clone()),
                decides,
                touches: either.touches.clone(),
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
        self.stated.insert(what.into(), Stated { text: text.into(), decides, touches });
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
        if let ShapeKind::Record(record) = &shape.kind {
            let whole = Shape { kind: ShapeKind::Json, ..shape.clone() };
            let form = if record.open { "with other members" } else { "without other members" };
            let text = format!("{form} {}", facts_of(&whole));
            self.say(format!("`{}`", slot.name()), text.trim_end(), true, Touches::Input(slot.clone()));
            for (name, member) in &record.members {
                let mut path = slot.path.clone();
                path.push(name.clone());
                self.shape(&Slot { root: slot.root, path }, member);
            }
        } else {
            let text = format!("{} {}", shape.ty(), facts_of(shape));
            self.say(format!("`{}`", slot.name()), text.trim_end(), true, Touches::Input(slot.clone()));
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

/// Everything about a shape but its type and labels; what is within it as a digest.
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
    if matches!(shape.kind, ShapeKind::List(_) | ShapeKind::Map(_)) {
        let digest = text::sha256(&text::shape(shape));
        parts.push(format!("({})", digest.get(..8).unwrap_or_default()));
    }
    parts.join(", ")
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
