//! The rules of each kind of workload.

use super::{Client, Condition, Form, Kind, Level, Rule, Workload};

/// How many clients there are where nothing needs more.
const CLIENTS: usize = 8;
/// How many claims a request gets.
const MATCHING: usize = 5;

pub(super) fn build(kind: Kind, rules: usize) -> Workload {
    let rules = rules.max(10);
    let mut workload = Workload {
        rules: Vec::with_capacity(rules),
        audiences: rules / 10,
        clients: CLIENTS,
        pairs: Vec::new(),
        groups: if kind == Kind::Groups { 200 } else { 3 },
    };
    match kind {
        Kind::Spread | Kind::Patterns | Kind::Comprehensions | Kind::Groups => workload.spread(kind, 0),
        Kind::Skewed => workload.skewed(rules),
        Kind::Wildcards => workload.wildcards(rules),
        Kind::Negations => workload.negations(),
        Kind::Overrides => workload.overrides(rules),
    }
    workload
}

impl Workload {
    /// Two clients for each audience, five rules for each of the two.
    fn spread(&mut self, kind: Kind, first: usize) {
        for audience in first..self.audiences {
            for half in 0..2 {
                let client = (audience + half) % self.clients;
                self.pairs.push((audience, client));
                for place in 0..MATCHING {
                    self.rules.push(rule(kind, (audience, half, place), Client::Is(client)));
                }
            }
        }
    }

    /// The first audience has half of the rules, five for each of its clients.
    fn skewed(&mut self, rules: usize) {
        self.clients = (rules / 10).max(CLIENTS);
        self.audiences = 1 + rules / 20;
        for client in 0..rules / 10 {
            self.pairs.push((0, client));
            for place in 0..MATCHING {
                self.rules.push(rule(Kind::Skewed, (0, client, place), Client::Is(client)));
            }
        }
        self.spread(Kind::Skewed, 1);
    }

    /// Three rules for each audience and client, one of each client, one of ten for everybody that fires.
    fn wildcards(&mut self, rules: usize) {
        self.audiences = ((rules - 10) / 7).max(1);
        self.clients = self.audiences.max(2);
        for audience in 0..self.audiences {
            for half in 0..2 {
                let client = (audience + half) % self.clients;
                self.pairs.push((audience, client));
                for place in 0..3 {
                    self.rules.push(rule(Kind::Wildcards, (audience, half, place), Client::Is(client)));
                }
            }
        }
        for client in 0..self.clients {
            self.rules.push(Rule {
                audience: None,
                claim: format!("any_audience_{}", client % 40),
                ..rule(Kind::Wildcards, (client, 0, 3), Client::Is(client))
            });
        }
        for group in 0..10 {
            // The groups of users are 0 to 2, so that the others ask in vain.
            self.rules.push(Rule {
                audience: None,
                client: Client::Any,
                condition: Condition::InGroup(group * 10 + 2),
                level: Level::Add,
                claim: format!("everybody_{group}"),
                value: form(Kind::Wildcards, group),
            });
        }
    }

    /// Five rules for all clients but one, five for all but another.
    fn negations(&mut self) {
        for audience in 0..self.audiences {
            for half in 0..2 {
                let client = (audience + half) % self.clients;
                self.pairs.push((audience, client));
                for place in 0..MATCHING {
                    self.rules.push(rule(Kind::Negations, (audience, half, place), Client::IsNot(client)));
                }
            }
        }
    }

    /// Of the five claims of a pair two have a default and an override beside their add.
    fn overrides(&mut self, rules: usize) {
        self.audiences = (rules / 18).max(1);
        for audience in 0..self.audiences {
            for half in 0..2 {
                let client = Client::Is((audience + half) % self.clients);
                self.pairs.push((audience, (audience + half) % self.clients));
                for place in 0..MATCHING {
                    let mut added = rule(Kind::Overrides, (audience, half, place), client);
                    if place < 2 {
                        added.condition = Condition::Verified;
                        let scopes = ["profile", "offline_access"];
                        let overridden = Rule {
                            level: Level::Override,
                            condition: Condition::Scope(scopes[(audience + place) % 2]),
                            value: Form::Constant((audience + 1) % 50),
                            ..added.clone()
                        };
                        let default = Rule {
                            level: Level::Default,
                            condition: Condition::Always,
                            value: Form::Constant((audience + 2) % 50),
                            ..added.clone()
                        };
                        self.rules.extend([default, overridden]);
                    }
                    self.rules.push(added);
                }
            }
        }
    }
}

/// The rule at a place of an audience and one of its clients.
fn rule(kind: Kind, (audience, half, place): (usize, usize, usize), client: Client) -> Rule {
    let seed = audience + half * MATCHING + place;
    let condition = match (kind, seed % 3) {
        (Kind::Patterns, pattern) => Condition::Matches(pattern),
        (Kind::Groups, 1) => Condition::InGroup(100 + seed % 100),
        (_, 0) => Condition::Always,
        (_, 1) => Condition::Scope("profile"),
        _ => Condition::Verified,
    };
    let value = form(kind, seed);
    let word = match value {
        Form::Email => "email",
        Form::Roles => "roles",
        Form::Handle => "handle",
        Form::Verified => "verified",
        Form::Constant(_) => "tier",
        Form::Country => "country",
        Form::Department => "department",
        Form::AppRoles => "app_roles",
        Form::Groups => "groups",
    };
    Rule {
        audience: Some(audience),
        client,
        condition,
        level: Level::Add,
        // Rules that can fire together have different names; those of other audiences may share them.
        claim: format!("{word}_{}_{place}", (audience * 2 + half) % 40),
        value,
    }
}

fn form(kind: Kind, seed: usize) -> Form {
    match (kind, seed % 7) {
        (Kind::Comprehensions, 0 | 2 | 4 | 6) => Form::AppRoles,
        (Kind::Groups, 0 | 3) => Form::Groups,
        (_, 0) => Form::Email,
        (_, 1) => Form::Roles,
        (_, 2) => Form::Handle,
        (_, 3) => Form::Verified,
        (_, 4) => Form::Constant(seed % 50),
        (_, 5) => Form::Country,
        _ => Form::Department,
    }
}
