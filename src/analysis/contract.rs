//! What a resource server may rely on: the claims of access tokens for one audience, derived from the policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::carried::{Carried, written_type};
use super::study::Study;
use crate::ast::{File, ItemKind, Level, Statement, StatementKind};
use crate::ir::Unit;
use crate::logic::atom::Atom;
use crate::logic::formula::Formula;
use crate::logic::meaning::{Name, Write};
use crate::logic::solver::Instance;
use crate::source::Span;
use crate::standard::Token;
use crate::ty::{Kind, Record, Type};

/// What access tokens for an audience carry beside protocol claims. Claims whose names `config` gives are told apart from
/// all others, though it could give one of their names.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The alias in claims.yaml, if it is listed.
    pub alias: Option<Arc<str>>,
    /// The value of `aud`.
    pub id: Arc<str>,
    /// The value of `iss`, where claims.yaml states it.
    pub issuer: Option<Arc<str>>,
    /// Whether any token is ever issued for it; if not, there are no claims.
    pub is_issued: bool,
    /// The claims that can be in a token, sorted by name.
    pub claims: Vec<Offered>,
}

/// A claim that can be in a token.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Its name, as far as it is known before a request.
    pub name: Name,
    /// What its values are; several where no one type covers them.
    pub types: Vec<Type>,
    /// When it is there.
    pub presence: Presence,
    /// What the author says about it.
    pub docs: Vec<String>,
}

/// When a claim is in a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// Proven: in every one.
    Always,
    /// Proven: in every one of a person.
    WithUser,
    /// In some.
    Sometimes,
}

impl Presence {
    /// `always`, `always for people` or `sometimes`.
    pub fn as_str(self) -> &'static str {
        match self {
            Presence::Always => "always",
            Presence::WithUser => "always for people",
            Presence::Sometimes => "sometimes",
        }
    }
}

/// What access tokens for an audience carry; `docs` are those of the policy's statements.
pub fn offer(unit: &Unit, audience: &Arc<str>, docs: &Docs) -> Offer {
    let mut study = Study::new(unit);
    let carried = Carried::new(&mut study);
    let gives = study.meaning.gives(&mut study.f, Token::Access);
    let is_for = study.meaning.audience(&mut study.f, audience);
    let scope = study.f.all([gives, is_for, !carried.denied]);
    let names = carried.names(&study, Token::Access);
    let mut asked = vec![scope];
    for name in &names {
        let present = carried.present(&mut study, name, Token::Access);
        asked.push(present);
    }
    let instance = study.instance(asked);
    let catalog = &unit.catalog;
    let alias = catalog.audience(audience).map(|(alias, _)| alias.clone());
    let mut deriver = Deriver { study, carried, instance, scope, docs, alias: alias.clone() };
    let is_issued = deriver.is_possible(&[]);
    let mut claims: Vec<Offered> = Vec::new();
    if is_issued {
        claims.extend(names.iter().filter_map(|name| deriver.claim(name)));
    }
    claims.sort_by_key(|claim| claim.name.to_string());
    Offer { alias, id: audience.clone(), issuer: catalog.issuer.clone(), is_issued, claims }
}

struct Deriver<'d, 'u> {
    study: Study<'u>,
    carried: Carried,
    instance: Instance<'u>,
    /// Where a token is issued for the audience.
    scope: Formula,
    docs: &'d Docs,
    alias: Option<Arc<str>>,
}

impl Deriver<'_, '_> {
    /// Whether all of these can hold of an issued token; no is a proof.
    fn is_possible(&mut self, question: &[Formula]) -> bool {
        let question: Vec<Formula> = question.iter().copied().chain([self.scope]).collect();
        self.study.is_possible(&mut self.instance, &question)
    }

    /// What tokens carry under a name; `None` if nothing can be there.
    fn claim(&mut self, name: &Name) -> Option<Offered> {
        let mut writes = self.carried.standing(&mut self.study, name, Token::Access);
        // A name from the configuration is told apart, whatever it turns out to be; so is one that is free.
        writes.retain(|(write, _)| {
            write.name == *name || matches!((&write.name, name), (Name::Members(..), Name::Literal(_)))
        });
        let mut reaching = Vec::new();
        for (write, stands) in writes {
            if stands != Formula::FALSE && self.is_possible(&[stands]) {
                reaching.push(write);
            }
        }
        if reaching.is_empty() {
            return None;
        }
        let mut docs = self.docs.of(self.study.unit, &reaching);
        if let Some(member) = self.member(name) {
            docs.retain(|text| *text != member);
            docs.insert(0, member);
        }
        let (types, presence) = (self.types(&reaching, name), self.presence(name));
        Some(Offered { name: name.clone(), types, presence, docs })
    }

    /// What the contract of the audience says about a claim.
    fn member(&self, name: &Name) -> Option<String> {
        let unit = self.study.unit;
        let contract =
            unit.contracts.iter().find(|contract| Some(&contract.audience) == self.alias.as_ref())?;
        let is_it = |claim| self.study.meaning.name(claim) == *name;
        let (_, _, span) = contract.members.iter().find(|(claim, ..)| is_it(*claim))?;
        self.docs.all.iter().find(|(place, _)| place == span).map(|(_, text)| text.clone())
    }

    fn presence(&mut self, name: &Name) -> Presence {
        if matches!(name, Name::Members(..)) {
            return Presence::Sometimes;
        }
        let present = self.carried.present(&mut self.study, name, Token::Access);
        if !self.is_possible(&[!present]) {
            return Presence::Always;
        }
        let user = self.study.f.atom(Atom::User);
        let has_people = self.is_possible(&[user]);
        if has_people && !self.is_possible(&[user, !present]) {
            Presence::WithUser
        } else {
            Presence::Sometimes
        }
    }

    /// The types of what writes give, joined as far as they can be.
    fn types(&mut self, writes: &[Write], name: &Name) -> Vec<Type> {
        let mut whole: Vec<Type> = Vec::new();
        let mut members: BTreeMap<Arc<str>, Vec<&Write>> = BTreeMap::new();
        for write in writes {
            match &write.member {
                Some(member) => members.entry(member.clone()).or_default().push(write),
                None => add(&mut whole, written_type(self.study.unit, write).unwrap_or(Type::of(Kind::Json))),
            }
        }
        if members.is_empty() {
            return whole;
        }
        let mut record = Record { members: Vec::new(), open: false };
        for (member, writes) in members {
            let mut types = Vec::new();
            for write in &writes {
                let ty = written_type(self.study.unit, write).unwrap_or(Type::of(Kind::Json));
                add(&mut types, ty);
            }
            let ty = match types.as_slice() {
                [only] => only.clone(),
                _ => Type::of(Kind::Json),
            };
            let is_certain = self.is_certain(&writes, name);
            record.members.push((member, ty.with_optional(!is_certain)));
        }
        add(&mut whole, Type::of(Kind::Record(Arc::new(record))));
        whole
    }

    /// Whether a member is there wherever the claim is, and no whole value takes its place.
    fn is_certain(&mut self, member: &[&Write], name: &Name) -> bool {
        let present = self.carried.present(&mut self.study, name, Token::Access);
        let f = &mut self.study.f;
        let fires = f.any(member.iter().map(|write| write.fires).collect::<Vec<_>>());
        let all = self.carried.writes(&self.study, name, Token::Access);
        let whole: Vec<Formula> = all
            .iter()
            .filter(|write| write.member.is_none() && write.level != Level::Default)
            .map(|write| write.fires)
            .collect();
        let whole = self.study.f.any(whole);
        let members = all.iter().filter(|write| write.member.is_some()).map(|write| write.fires);
        let some_member = self.study.f.any(members.collect::<Vec<_>>());
        !self.is_possible(&[present, some_member, !whole, !fires])
    }
}

/// Adds a type to those that no one type covers.
fn add(types: &mut Vec<Type>, ty: Type) {
    let mut ty = ty.present();
    // What is joined may be joined with more.
    while let Some(at) = types.iter().position(|known| known.join(&ty).is_some()) {
        let known = types.remove(at);
        ty = known.join(&ty).unwrap_or(ty);
    }
    types.push(ty);
}

/// The documentation of statements and of members of contracts, by their places.
#[derive(Debug, Default)]
pub struct Docs {
    all: Vec<(Span, String)>,
}

impl Docs {
    /// Those of a policy's files.
    pub fn new(files: &[File]) -> Self {
        let mut docs = Docs::default();
        for item in files.iter().flat_map(|file| &file.items) {
            let own = item.notes.doc.as_ref();
            docs.all.extend(own.map(|doc| (item.span, doc.text.clone())));
            match &item.kind {
                ItemKind::Rule { body: statement, .. } | ItemKind::Statement(statement) => {
                    docs.statement(statement);
                }
                ItemKind::Contract(contract) => {
                    let said = contract.members.iter().filter_map(|m| Some((m.span, m.doc.as_ref()?)));
                    docs.all.extend(said.map(|(span, doc)| (span, doc.text.clone())));
                }
                _ => {}
            }
        }
        docs
    }

    fn statement(&mut self, statement: &Statement) {
        let mut open = vec![statement];
        while let Some(statement) = open.pop() {
            let own = statement.notes.doc.as_ref();
            self.all.extend(own.map(|doc| (statement.span, doc.text.clone())));
            match &statement.kind {
                StatementKind::If(chain) => {
                    let blocks = chain.branches.iter().map(|branch| &branch.body).chain(&chain.otherwise);
                    open.extend(blocks.flat_map(|block| &block.statements));
                }
                StatementKind::Block(block) => open.extend(&block.statements),
                StatementKind::Let(_) | StatementKind::Verb(_) | StatementKind::Error => {}
            }
        }
    }

    /// What is said about these writes, each text once: of each the nearest around it.
    fn of(&self, unit: &Unit, writes: &[Write]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for statement in writes.iter().filter_map(|write| unit.statements.get(write.statement)) {
            let around = self.all.iter().filter(|(span, _)| span.contains(statement.span));
            let nearest = around.min_by_key(|(span, _)| span.end - span.start);
            if let Some((_, text)) = nearest
                && !found.contains(text)
            {
                found.push(text.clone());
            }
        }
        found
    }
}
