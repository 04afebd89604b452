//! Whom a token is for: the client, the audience, and the scopes.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::term::{at, constant};
use super::{Case, Meaning, Term, Truth};
use crate::catalog::{Client, Root, World};
use crate::ir::{Action, AudienceOf, Expr, ExprKind};
use crate::logic::atom::{Aim, Atom, Path, Role};
use crate::logic::formula::{Formula, Formulas};
use crate::logic::lemma::Lemma;
use crate::logic::text::{TextPattern, TextTest};
use crate::standard::Grant;
use crate::ty::Kind;
use crate::value::Value;

impl Meaning<'_> {
    /// Where the token's audience has an id.
    pub fn audience(&self, f: &mut Formulas, id: &Arc<str>) -> Formula {
        self.has_audience(f, AudienceOf::Token, id)
    }

    fn has_audience(&self, f: &mut Formulas, of: AudienceOf, id: &Arc<str>) -> Formula {
        let catalog = &self.unit.catalog;
        let is_possible = catalog.audience(id).is_some() || catalog.audience_world != World::Closed;
        if catalog.issuer_endpoints.contains(id) || (of == AudienceOf::Token && !is_possible) {
            return Formula::FALSE;
        }
        f.atom(Atom::Audience(aim(of), id.clone()))
    }

    /// The ids that an expression may give, each with where it does; `None` where it is not understood.
    fn ids(&mut self, f: &mut Formulas, expr: &Expr) -> Option<Vec<(Formula, Vec<Arc<str>>)>> {
        if let ExprKind::List(elements) = &*expr.kind {
            let mut all = Vec::new();
            for element in elements {
                match self.known_cases(f, &element.value)?.as_ref() {
                    [Case { when: Formula::TRUE, term: Term::Constant(Value::String(id)) }] => {
                        all.push(id.clone());
                    }
                    _ => return None,
                }
            }
            return Some(vec![(Formula::TRUE, all)]);
        }
        let cases = self.known_cases(f, expr)?;
        let strings = |value: &Value| match value {
            Value::String(id) => Some(vec![id.clone()]),
            Value::List(items) => items
                .iter()
                .map(|item| match item {
                    Value::String(id) => Some(id.clone()),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        cases
            .iter()
            .map(|case| match &case.term {
                Term::Constant(value) => Some((case.when, strings(value)?)),
                _ => None,
            })
            .collect()
    }

    pub(super) fn audience_is(&mut self, f: &mut Formulas, expr: &Expr, of: AudienceOf, id: &Expr) -> Truth {
        let many = f.atom(Atom::ManyAudiences(aim(of)));
        self.audience_test(f, expr, id, |meaning, f, ids| {
            let among: Vec<_> = ids.iter().map(|id| meaning.has_audience(f, of, id)).collect();
            let among = f.any(among);
            f.both(among, !many)
        })
    }

    pub(super) fn audience_has(&mut self, f: &mut Formulas, expr: &Expr, of: AudienceOf, id: &Expr) -> Truth {
        self.audience_test(f, expr, id, |meaning, f, ids| {
            let among: Vec<_> = ids.iter().map(|id| meaning.has_audience(f, of, id)).collect();
            f.any(among)
        })
    }

    /// Not empty, and nothing beside the listed ones.
    pub(super) fn audience_within(
        &mut self,
        f: &mut Formulas,
        expr: &Expr,
        of: AudienceOf,
        list: &Expr,
    ) -> Truth {
        self.audience_test(f, expr, list, |meaning, f, ids| {
            let catalog = &meaning.unit.catalog;
            let mut parts = vec![!f.atom(Atom::NoAudience(aim(of)))];
            for audience in catalog.audiences.values().filter(|audience| !ids.contains(&audience.id)) {
                parts.push(!meaning.has_audience(f, of, &audience.id));
            }
            // Of those that are not listed in the catalog, only these.
            let unlisted: Vec<_> = ids.iter().filter(|id| catalog.audience(id).is_none()).collect();
            let other = f.atom(Atom::UnlistedAudience(aim(of)));
            if unlisted.is_empty() {
                parts.push(!other);
            } else {
                // Whether there are others beside them is not told apart.
                let key = format!("within {of:?} {ids:?}");
                let only = meaning.opaque_text(f, key, expr.span);
                let among: Vec<_> = unlisted.iter().map(|id| meaning.has_audience(f, of, id)).collect();
                let among = f.any(among);
                let only = f.both(among, only);
                parts.push(f.either(!other, only));
            }
            f.all(parts)
        })
    }

    fn audience_test(
        &mut self,
        f: &mut Formulas,
        expr: &Expr,
        operand: &Expr,
        test: impl Fn(&mut Self, &mut Formulas, &[Arc<str>]) -> Formula,
    ) -> Truth {
        let presence = self.presence(f, operand);
        let holds = match self.ids(f, operand) {
            Some(cases) => {
                let mut parts = Vec::new();
                for (when, ids) in cases {
                    let holds = test(self, f, &ids);
                    parts.push(f.both(when, holds));
                }
                f.any(parts)
            }
            None => self.opaque(f, expr, Role::Holds),
        };
        let (yes, no) = (f.both(presence.there, holds), f.both(presence.there, !holds));
        Truth { yes, no, no_user: presence.no_user }
    }

    /// How the token's audience comes from the one that was asked for, where statements set it.
    pub(super) fn audience_facts(&mut self, f: &mut Formulas) -> Vec<Formula> {
        if !self.sets_audience || !f.knows(Lemma::SetAudience) {
            return self.original_audience(f).into_iter().collect();
        }
        let unit = self.unit;
        let mut facts = Vec::new();
        let mut set = Vec::new();
        for (index, statement) in unit.statements.iter().enumerate() {
            let Action::SetAudience(value) = &statement.action else { continue };
            let acts = self.acts(index);
            let there = self.presence(f, value).there;
            set.push(f.both(acts, there));
            for (when, ids) in self.ids(f, value).unwrap_or_default() {
                let when = f.both(acts, when);
                let becomes = self.audience_becomes(f, &ids);
                facts.push(f.either(!when, becomes));
            }
        }
        let is_set = f.any(set);
        let same = self.audience_stays(f);
        facts.push(f.either(is_set, same));
        facts.extend(self.original_audience(f));
        facts
    }

    /// The audience is exactly these, of which all were asked for if anything was.
    fn audience_becomes(&mut self, f: &mut Formulas, ids: &[Arc<str>]) -> Formula {
        let catalog = &self.unit.catalog;
        let known: BTreeSet<&Arc<str>> = catalog.audiences.values().map(|a| &a.id).chain(ids).collect();
        let mut parts = Vec::new();
        for id in known {
            let has = f.atom(Atom::Audience(Aim::Token, id.clone()));
            parts.push(if ids.contains(id) { has } else { !has });
        }
        let distinct: BTreeSet<_> = ids.iter().collect();
        let many = f.atom(Atom::ManyAudiences(Aim::Token));
        parts.push(if distinct.len() > 1 { many } else { !many });
        let other = f.atom(Atom::UnlistedAudience(Aim::Token));
        let has_other = ids.iter().any(|id| catalog.audience(id).is_none());
        parts.push(if has_other { other } else { !other });
        parts.push(!f.atom(Atom::NoAudience(Aim::Token)));
        let asked: Vec<_> = ids.iter().map(|id| f.atom(Atom::Audience(Aim::Asked, id.clone()))).collect();
        let asked = f.all(asked);
        let none = f.atom(Atom::NoAudience(Aim::Asked));
        parts.push(f.either(none, asked));
        f.all(parts)
    }

    /// That the token's audience is the one that was asked for: true where nothing sets it, and to be said where another
    /// version of the policy does.
    pub fn keeps_audience(&mut self, f: &mut Formulas) -> Formula {
        self.audience_stays(f)
    }

    /// The audience is what was asked for.
    fn audience_stays(&mut self, f: &mut Formulas) -> Formula {
        let catalog = &self.unit.catalog;
        let mut pairs: Vec<(Atom, Atom)> = catalog
            .audiences
            .values()
            .map(|a| (Atom::Audience(Aim::Token, a.id.clone()), Atom::Audience(Aim::Asked, a.id.clone())))
            .collect();
        pairs.push((Atom::UnlistedAudience(Aim::Token), Atom::UnlistedAudience(Aim::Asked)));
        pairs.push((Atom::NoAudience(Aim::Token), Atom::NoAudience(Aim::Asked)));
        pairs.push((Atom::ManyAudiences(Aim::Token), Atom::ManyAudiences(Aim::Asked)));
        let mut parts = Vec::new();
        for (token, asked) in pairs {
            let (token, asked) = (f.atom(token), f.atom(asked));
            parts.push(f.either(!token, asked));
            parts.push(f.either(token, !asked));
        }
        f.all(parts)
    }

    /// The audience of a refresh is within the first one, where a policy reads that.
    fn original_audience(&mut self, f: &mut Formulas) -> Option<Formula> {
        let path = Path::root(Root::Original).member(&"audience".into());
        let is_read =
            self.unit.slots.iter().any(|slot| slot.root == Root::Original && slot.path == path.members);
        if !is_read || !f.knows(Lemma::FirstAudience) {
            return None;
        }
        let refresh = f.atom(Atom::Grant(Grant::RefreshToken));
        let there = self.path_there(f, &path);
        let list = Arc::new(path);
        let unit = self.unit;
        let mut parts = Vec::new();
        for audience in unit.catalog.audiences.values() {
            let has = self.has_audience(f, AudienceOf::Token, &audience.id);
            let was = listed(f, &list, &audience.id);
            parts.push(f.any([!refresh, !there, !has, was]));
        }
        Some(f.all(parts))
    }

    /// Where the token has a scope: asked for or added, not removed, within all limits and within what a refresh began
    /// with.
    pub fn final_scope(&mut self, f: &mut Formulas, scope: &Arc<str>) -> Formula {
        let scopes = Arc::new(Path::root(Root::Scopes));
        let asked = listed(f, &scopes, scope);
        if !self.changes_scopes || !f.knows(Lemma::FinalScopes) {
            return asked;
        }
        if let Some(known) = self.final_scopes.get(scope) {
            return *known;
        }
        let unit = self.unit;
        let (mut added, mut kept) = (vec![asked], Vec::new());
        for (index, statement) in unit.statements.iter().enumerate() {
            let acts = self.acts(index);
            match &statement.action {
                Action::AddScope(value) => {
                    let names = self.names_scope(f, value, scope);
                    added.push(f.both(acts, names));
                }
                Action::RemoveScope(value) => {
                    let names = self.names_scope(f, value, scope);
                    kept.push(!f.both(acts, names));
                }
                Action::LimitScopes(value) => {
                    let names = self.names_scope(f, value, scope);
                    kept.push(f.either(!acts, names));
                }
                _ => {}
            }
        }
        let added = f.any(added);
        kept.push(added);
        let path = Path::root(Root::Original).member(&"scopes".into());
        let there = self.path_there(f, &path);
        let was = listed(f, &Arc::new(path), scope);
        let refresh = f.atom(Atom::Grant(Grant::RefreshToken));
        kept.push(f.any([!refresh, !there, was]));
        let token_has = f.all(kept);
        self.final_scopes.insert(scope.clone(), token_has);
        token_has
    }

    /// Where the value of a scope statement names a scope.
    fn names_scope(&mut self, f: &mut Formulas, value: &Expr, scope: &Arc<str>) -> Formula {
        if let Some(cases) = self.ids(f, value) {
            let named = cases.iter().filter(|(_, ids)| ids.contains(scope));
            return f.any(named.map(|(when, _)| *when).collect::<Vec<_>>());
        }
        let there = self.presence(f, value).there;
        let key = format!("{} names {scope:?}", self.normal.text(value));
        let names = self.opaque_text(f, key, value.span);
        f.both(there, names)
    }

    /// An attribute of the client: what the catalog says of each, and what the request says of others.
    pub(super) fn client_cases(&mut self, f: &mut Formulas, path: &Path, kind: &Kind) -> Option<Vec<Case>> {
        if path.members.first().is_some_and(|member| &**member == "id") {
            return Some(vec![Case {
                when: Formula::TRUE,
                term: Term::Place(Arc::new(path.clone()), Vec::new()),
            }]);
        }
        if path.members.is_empty() || !f.knows(Lemma::ClientAttributes) {
            return None;
        }
        let mut values: Vec<(Value, Vec<Formula>)> = Vec::new();
        for client in self.unit.catalog.clients.values() {
            let Some(value) = self.client_value(client, path) else { continue };
            let is = f.atom(Atom::Client(client.id.clone()));
            match values.iter_mut().find(|(known, _)| *known == value) {
                Some((_, clients)) => clients.push(is),
                None => values.push((value, vec![is])),
            }
        }
        let mut cases = Vec::new();
        for (value, clients) in values {
            cases.push(Case { when: f.any(clients), term: constant(value, kind) });
        }
        let when = self.unlisted_client_there(f, path);
        cases.push(Case { when, term: at(Arc::new(path.clone()), kind) });
        Some(cases)
    }

    /// Where an attribute of the client is there.
    pub(super) fn client_there(&mut self, f: &mut Formulas, path: &Path) -> Formula {
        let is_id = path.members.first().is_none_or(|member| &**member == "id");
        if is_id {
            return Formula::TRUE;
        }
        let mut ways = vec![self.unlisted_client_there(f, path)];
        for client in self.unit.catalog.clients.values() {
            if self.client_value(client, path).is_some() {
                ways.push(f.atom(Atom::Client(client.id.clone())));
            }
        }
        f.any(ways)
    }

    fn unlisted_client_there(&mut self, f: &mut Formulas, path: &Path) -> Formula {
        let unlisted = self.unlisted_client(f);
        let mut parts = vec![unlisted];
        let mut place = Path::root(Root::Client);
        for member in &path.members {
            place = place.member(member);
            let shape = self.shape(&place);
            if shape.is_none_or(|shape| shape.optional && shape.default.is_none()) {
                parts.push(f.atom(Atom::Present(Arc::new(place.clone()))));
            }
        }
        f.all(parts)
    }

    /// What the catalog says of a listed client.
    fn client_value(&self, client: &Client, path: &Path) -> Option<Value> {
        let (first, rest) = path.members.split_first()?;
        let mut value = match &**first {
            "name" => client.name.clone().map(Value::String),
            "confidential" => client.confidential.map(Value::Bool),
            "metadata" => Some(client.metadata.clone()),
            _ => None,
        };
        for member in rest {
            value = value.and_then(|value| value.get(member).cloned());
        }
        let value = value.filter(|value| *value != Value::Null);
        value.or_else(|| self.shape(path).and_then(|shape| shape.default.clone()))
    }

    /// A test of the client's id.
    pub(super) fn client_id_test(&mut self, f: &mut Formulas, path: &Arc<Path>, test: TextTest) -> Formula {
        if let TextTest { steps, pattern: TextPattern::Equals(id), fold: false } = &test
            && steps.is_empty()
        {
            return self.client_is(f, id);
        }
        let fitting = self.unit.catalog.clients.values().filter(|client| test.holds(&client.id));
        let mut ways: Vec<_> = fitting.map(|client| f.atom(Atom::Client(client.id.clone()))).collect();
        let unlisted = self.unlisted_client(f);
        let holds = f.atom(Atom::Text(path.clone(), test));
        ways.push(f.both(unlisted, holds));
        f.any(ways)
    }
}

/// A list of strings at a path has this one.
fn listed(f: &mut Formulas, list: &Arc<Path>, word: &Arc<str>) -> Formula {
    let element = Arc::new(Path::element(list));
    let test = TextTest { steps: Vec::new(), pattern: TextPattern::Equals(word.clone()), fold: false };
    let is = f.atom(Atom::Text(element, test));
    f.atom(Atom::Some(list.clone(), is))
}

fn aim(of: AudienceOf) -> Aim {
    match of {
        AudienceOf::Token => Aim::Token,
        AudienceOf::Requested => Aim::Requested,
    }
}
