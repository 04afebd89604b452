//! Who receives tokens, and which labels they accept.
//!
//! Access tokens are read by their audiences: the listed ones, any other where the world is open, and whoever gets hold
//! of a token without an audience. ID tokens, answers of the userinfo endpoint and SAML assertions are read by the
//! client. Once any audience states `accepts`, those that do not, any other, and a token without one accept nothing;
//! else everything but `secret` is accepted, and so it is by a client that states nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Flow;
use crate::analysis::Study;
use crate::catalog::{Catalog, World};
use crate::decision::Issued;
use crate::logic::atom::{Aim, Atom};
use crate::logic::formula::{Formula, Formulas};
use crate::request::Request;
use crate::source::Span;
use crate::standard::{Token, Tokens};
use crate::ty::Labels;

/// Who reads a token.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// The listed audience of this alias and id.
    Audience(Arc<str>, Arc<str>),
    /// An audience that claims.yaml does not list.
    OtherAudience,
    /// Whoever gets an access token without an audience.
    NoAudience,
    /// The listed client of this alias and id.
    Client(Arc<str>, Arc<str>),
    /// A client that claims.yaml does not list.
    OtherClient,
}

impl Who {
    /// Which tokens they read.
    pub(super) fn tokens(&self) -> Tokens {
        match self {
            Who::Audience(..) | Who::OtherAudience | Who::NoAudience => Tokens::of(Token::Access),
            Who::Client(..) | Who::OtherClient => {
                Tokens::of(Token::Id).with(Token::Userinfo).with(Token::Saml)
            }
        }
    }

    /// For messages.
    pub(super) fn words(&self) -> String {
        match self {
            Who::Audience(alias, _) | Who::Client(alias, _) => format!("`{alias}`"),
            Who::OtherAudience => "any other audience".to_owned(),
            Who::NoAudience => "whoever reads a token without audience".to_owned(),
            Who::OtherClient => "any other client".to_owned(),
        }
    }

    /// For tables.
    pub(super) fn name(&self) -> &str {
        match self {
            Who::Audience(alias, _) | Who::Client(alias, _) => alias,
            Who::OtherAudience | Who::OtherClient => "any other",
            Who::NoAudience => "no audience",
        }
    }

    /// Whether they read the tokens of a request that was issued.
    pub(super) fn reads(&self, catalog: &Catalog, request: &Request, issued: &Issued) -> bool {
        let mut seen = issued.audience.iter().filter(|id| !catalog.issuer_endpoints.contains(id));
        let client = request.client().id();
        match self {
            Who::Audience(_, id) => seen.any(|audience| audience == id),
            Who::OtherAudience => seen.any(|id| catalog.audience(id).is_none()),
            Who::NoAudience => seen.next().is_none(),
            Who::Client(_, id) => client == id,
            Who::OtherClient => catalog.client(client).is_none(),
        }
    }
}

/// A recipient.
#[derive(Debug, Clone)]
pub(super) struct Recipient {
    /// Who it is.
    pub(super) who: Who,
    /// The labels that it accepts.
    pub(super) accepts: Labels,
    /// Its alias in claims.yaml.
    pub(super) span: Option<Span>,
    /// Where it reads the tokens of a request.
    pub(super) is: Formula,
}

/// All recipients of tokens.
#[derive(Debug)]
pub(super) struct Recipients {
    /// Readers of access tokens.
    pub(super) audiences: Vec<Recipient>,
    /// Readers of everything else.
    pub(super) clients: Vec<Recipient>,
    /// Audiences that may stand in a token together with others.
    combined: BTreeSet<Arc<str>>,
    /// Whether any audiences may stand in one token.
    any_set: bool,
}

impl Recipients {
    /// The recipients that a catalog knows.
    pub(super) fn of(study: &mut Study<'_>) -> Self {
        let catalog = study.unit.catalog.clone();
        let everything = all_labels(&catalog).without(Labels::SECRET);
        let is_stated = catalog.audiences.values().any(|audience| audience.accepts.is_some());
        let unstated = if is_stated { Labels::NONE } else { everything };
        let mut audiences = Vec::new();
        for (alias, audience) in &catalog.audiences {
            let is = study.f.atom(Atom::Audience(Aim::Token, audience.id.clone()));
            let who = Who::Audience(alias.clone(), audience.id.clone());
            let accepts = audience.accepts.unwrap_or(unstated);
            audiences.push(Recipient { who, accepts, span: Some(audience.span), is });
        }
        if catalog.audience_world != World::Closed {
            let is = study.f.atom(Atom::UnlistedAudience(Aim::Token));
            audiences.push(Recipient { who: Who::OtherAudience, accepts: unstated, span: None, is });
        }
        let is = study.f.atom(Atom::NoAudience(Aim::Token));
        audiences.push(Recipient { who: Who::NoAudience, accepts: unstated, span: None, is });
        let mut clients = Vec::new();
        for (alias, client) in &catalog.clients {
            let is = study.f.atom(Atom::Client(client.id.clone()));
            let who = Who::Client(alias.clone(), client.id.clone());
            let accepts = client.accepts.unwrap_or(everything);
            clients.push(Recipient { who, accepts, span: Some(client.span), is });
        }
        if catalog.client_world != World::Closed {
            let is = study.meaning.unlisted_client(&mut study.f);
            clients.push(Recipient { who: Who::OtherClient, accepts: everything, span: None, is });
        }
        let sets = catalog.audience_sets.iter().flatten().flatten();
        let combined = sets.filter_map(|alias| catalog.audiences.get(alias)).map(|a| a.id.clone()).collect();
        let is_free = catalog.audiences.is_empty() && catalog.audience_world != World::Closed;
        Recipients { audiences, clients, combined, any_set: catalog.audience_sets.is_none() && is_free }
    }

    /// The recipients of one kind that do not accept a label.
    pub(super) fn refusing(&self, readers: Readers, label: Labels) -> Vec<&Recipient> {
        self.readers(readers).iter().filter(|one| !one.accepts.contains(label)).collect()
    }

    /// All recipients of one kind.
    pub(super) fn readers(&self, readers: Readers) -> &[Recipient] {
        match readers {
            Readers::Audiences => &self.audiences,
            Readers::Clients => &self.clients,
        }
    }

    /// Where some of those that do not accept a label read the tokens. Says it by those that do where they are fewer.
    pub(super) fn some_refusing(&self, f: &mut Formulas, readers: Readers, label: Labels) -> Formula {
        let (refusing, accepting): (Vec<&Recipient>, Vec<&Recipient>) =
            self.readers(readers).iter().partition(|one| !one.accepts.contains(label));
        if accepting.is_empty() {
            return Formula::from(!refusing.is_empty());
        }
        if refusing.len() <= accepting.len() || self.any_set {
            return f.any(refusing.iter().map(|one| one.is));
        }
        // Every token has a recipient; one that may stand beside an accepting one is named.
        let accepted = f.any(accepting.iter().map(|one| one.is));
        let beside = refusing.iter().filter(|one| self.is_combined(&one.who)).map(|one| one.is);
        f.any(beside.chain([!accepted]).collect::<Vec<_>>())
    }

    pub(super) fn is_combined(&self, who: &Who) -> bool {
        matches!(who, Who::Audience(_, id) if self.combined.contains(id))
    }

    /// What a recipient says about an atom, were it to read the tokens.
    pub(super) fn known(&self, catalog: &Catalog, who: &Who, atom: &Atom) -> Option<bool> {
        let is_alone = !self.any_set && !self.is_combined(who);
        match (who, atom) {
            (Who::Audience(_, own), Atom::Audience(Aim::Token, id)) if own == id => Some(true),
            (Who::OtherAudience, Atom::UnlistedAudience(Aim::Token))
            | (Who::NoAudience, Atom::NoAudience(Aim::Token))
            | (Who::OtherClient, Atom::UnlistedClient) => Some(true),
            (Who::Audience(..) | Who::OtherAudience, Atom::NoAudience(Aim::Token))
            | (Who::Audience(..) | Who::NoAudience, Atom::UnlistedAudience(Aim::Token))
            | (Who::NoAudience, Atom::Audience(Aim::Token, _) | Atom::ManyAudiences(Aim::Token))
            | (Who::Client(..), Atom::UnlistedClient) => Some(false),
            (Who::OtherAudience, Atom::Audience(Aim::Token, id)) => {
                (is_alone && catalog.audience(id).is_some()).then_some(false)
            }
            (Who::Audience(..), Atom::Audience(Aim::Token, _) | Atom::ManyAudiences(Aim::Token))
            | (Who::OtherAudience, Atom::ManyAudiences(Aim::Token)) => is_alone.then_some(false),
            (Who::Client(_, own), Atom::Client(id)) => Some(own == id),
            (Who::Client(_, id), Atom::Grant(grant)) => {
                let grants = catalog.client(id)?.grants.as_ref()?;
                (!grants.contains(grant)).then_some(false)
            }
            (Who::OtherClient, Atom::Client(id)) => catalog.client(id).is_some().then_some(false),
            _ => None,
        }
    }
}

/// Which recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Readers {
    /// Those of access tokens.
    Audiences,
    /// Those of ID tokens, userinfo and SAML.
    Clients,
}

impl Readers {
    /// Both kinds.
    pub(super) const BOTH: [Readers; 2] = [Readers::Audiences, Readers::Clients];

    /// One of them, in a word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Readers::Audiences => "audience",
            Readers::Clients => "client",
        }
    }

    /// Which tokens they read.
    pub(super) fn tokens(self) -> Tokens {
        match self {
            Readers::Audiences => Who::NoAudience.tokens(),
            Readers::Clients => Who::OtherClient.tokens(),
        }
    }
}

impl Flow<'_, '_> {
    /// Where some of `few` read the tokens, who are among all that do not accept a label.
    pub(super) fn among(
        &mut self,
        readers: Readers,
        label: Labels,
        few: &[&Recipient],
        refusing: &[&Recipient],
    ) -> Formula {
        let recipients = self.recipients.clone();
        let f = &mut self.study.f;
        let others: Vec<Formula> =
            refusing.iter().filter(|one| !few.iter().any(|f| f.who == one.who)).map(|one| one.is).collect();
        if others.len() < few.len() && !few.iter().any(|one| recipients.is_combined(&one.who)) {
            let some = recipients.some_refusing(f, readers, label);
            return f.all(others.into_iter().map(|other| !other).chain([some]));
        }
        f.any(few.iter().map(|one| one.is).collect::<Vec<_>>())
    }

    /// Whether a formula says anything about clients, audiences or grants.
    pub(super) fn names_recipients(&self, formula: Formula) -> bool {
        let f = &self.study.f;
        f.atoms_of([formula]).into_iter().filter_map(|atom| f.meaning(atom)).any(|atom| {
            matches!(
                atom,
                Atom::Grant(_)
                    | Atom::Client(_)
                    | Atom::UnlistedClient
                    | Atom::Audience(..)
                    | Atom::UnlistedAudience(_)
                    | Atom::NoAudience(_)
                    | Atom::ManyAudiences(_)
            )
        })
    }
}

/// All labels of a catalog.
pub(super) fn all_labels(catalog: &Catalog) -> Labels {
    (0..catalog.labels.len()).fold(Labels::NONE, |all, index| all.or(Labels::bit(index)))
}

/// Labels of privacy: all but those of trust, which have a rule of their own.
pub(super) fn private_labels(catalog: &Catalog) -> Labels {
    all_labels(catalog).without(Labels::UNTRUSTED.or(Labels::USER_EDITABLE))
}
