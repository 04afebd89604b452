//! The keys of an issuer and what each of them is for at the moment.
//!
//! A key goes through three states (OpenID Connect Core section 10.1.1): *published*, so that verifiers have it before it
//! signs; *active*; and *retired*, when only its public part is left, for tokens that are still on their way. Exactly one
//! key is active for each kind of token.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{Algorithm, ClientSecret, PublicKey, SetupError, SigningKey};
use crate::value::{Object, Value};

/// What a key is for at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyState {
    /// In the key set, and signs nothing: not yet, or no more.
    Published,
    /// Signs new tokens.
    Active,
    /// Only the public part is left.
    Retired,
}

/// What a key may be active for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Access tokens.
    AccessTokens,
    /// ID tokens.
    IdTokens,
}

/// The keys of an issuer. Cloning is cheap, so a server changes a copy and puts it in the place of the old one.
///
/// ```
/// use claimsc::mint::{Algorithm, KeyRing, KeyState, SigningKey};
///
/// let old = SigningKey::generate(Algorithm::Es256).unwrap();
/// let new = SigningKey::generate(Algorithm::Es256).unwrap();
/// let (old_id, new_id) = (old.id().clone(), new.id().clone());
///
/// let mut ring = KeyRing::new(old);
/// ring.publish(new).unwrap(); // verifiers fetch the key set in the meantime
/// ring.activate(&new_id).unwrap(); // now it signs
/// ring.retire(&old_id).unwrap(); // the private part is gone, its tokens are still verified
/// assert_eq!(ring.state(&old_id), Some(KeyState::Retired));
/// ring.remove(&old_id).unwrap(); // all its tokens have expired
/// assert_eq!(ring.jwks().get("keys").unwrap().as_list().unwrap().len(), 1);
/// ```
#[derive(Clone)]
pub struct KeyRing {
    keys: Vec<Entry>,
    access: Arc<SigningKey>,
    id: Arc<SigningKey>,
    secrets: BTreeMap<Arc<str>, Arc<ClientSecret>>,
}

#[derive(Clone)]
struct Entry {
    public: PublicKey,
    /// `None` once it is retired.
    signing: Option<Arc<SigningKey>>,
}

impl KeyRing {
    /// A ring whose only key is active for all tokens.
    pub fn new(key: SigningKey) -> Self {
        let key = Arc::new(key);
        KeyRing {
            keys: vec![Entry { public: key.public().clone(), signing: Some(key.clone()) }],
            access: key.clone(),
            id: key,
            secrets: BTreeMap::new(),
        }
    }

    /// Adds a key that does not sign yet.
    ///
    /// # Errors
    /// A key that is in the ring already.
    pub fn publish(&mut self, key: SigningKey) -> Result<(), SetupError> {
        self.add(Entry { public: key.public().clone(), signing: Some(Arc::new(key)) })
    }

    /// Adds the public part of a key that signs elsewhere or signed before: retired from the start.
    ///
    /// # Errors
    /// A key that is in the ring already.
    pub fn publish_retired(&mut self, key: PublicKey) -> Result<(), SetupError> {
        self.add(Entry { public: key, signing: None })
    }

    fn add(&mut self, entry: Entry) -> Result<(), SetupError> {
        if self.entry(entry.public.id()).is_some() {
            return Err(SetupError::new(
                format!("the key `{}` is in the ring already", entry.public.id()),
                "give each key once, and for one algorithm only",
            ));
        }
        self.keys.push(entry);
        Ok(())
    }

    /// Lets a key sign all new tokens. The one that signed before stays published.
    ///
    /// # Errors
    /// A key that is not in the ring, or retired.
    pub fn activate(&mut self, id: &str) -> Result<(), SetupError> {
        self.activate_for(id, Purpose::AccessTokens)?;
        self.activate_for(id, Purpose::IdTokens)
    }

    /// Lets a key sign all new tokens of one kind.
    ///
    /// # Errors
    /// As [`KeyRing::activate`].
    pub fn activate_for(&mut self, id: &str, purpose: Purpose) -> Result<(), SetupError> {
        let entry = self.entry(id).ok_or_else(|| unknown(id))?;
        let key = entry.signing.clone().ok_or_else(|| {
            SetupError::new(
                format!("the key `{id}` is retired, so its private part is gone"),
                "publish another key and activate that one",
            )
        })?;
        match purpose {
            Purpose::AccessTokens => self.access = key,
            Purpose::IdTokens => self.id = key,
        }
        Ok(())
    }

    /// Drops the private part of a key. Its tokens are still verified.
    ///
    /// # Errors
    /// A key that is not in the ring, or active.
    pub fn retire(&mut self, id: &str) -> Result<(), SetupError> {
        self.check_idle(id)?;
        for entry in self.keys.iter_mut().filter(|entry| **entry.public.id() == *id) {
            entry.signing = None;
        }
        Ok(())
    }

    /// Drops a key altogether: its tokens are verified no more.
    ///
    /// # Errors
    /// A key that is not in the ring, or active.
    pub fn remove(&mut self, id: &str) -> Result<(), SetupError> {
        self.check_idle(id)?;
        self.keys.retain(|entry| **entry.public.id() != *id);
        Ok(())
    }

    fn check_idle(&self, id: &str) -> Result<(), SetupError> {
        match self.state(id) {
            None => Err(unknown(id)),
            Some(KeyState::Active) => {
                Err(SetupError::new(format!("the key `{id}` is active"), "activate another key first"))
            }
            Some(_) => Ok(()),
        }
    }

    /// Lets ID tokens of one confidential client be signed with HS256 and this secret (OpenID Connect Core section 10.1).
    pub fn share(&mut self, client: &str, secret: ClientSecret) {
        self.secrets.insert(client.into(), Arc::new(secret));
    }

    /// What a key is for.
    pub fn state(&self, id: &str) -> Option<KeyState> {
        let entry = self.entry(id)?;
        let is_active = [&self.access, &self.id].iter().any(|key| **key.id() == *id);
        Some(match &entry.signing {
            _ if is_active => KeyState::Active,
            Some(_) => KeyState::Published,
            None => KeyState::Retired,
        })
    }

    /// The key that signs tokens of a kind.
    pub fn active(&self, purpose: Purpose) -> &PublicKey {
        self.signing(purpose).public()
    }

    /// The public key of an id.
    pub fn public(&self, id: &str) -> Option<&PublicKey> {
        self.entry(id).map(|entry| &entry.public)
    }

    /// The key set (RFC 7517 section 5) in the order in which keys were added: public parts of all keys that are not for
    /// HS256. To be served as `application/jwk-set+json`.
    pub fn jwks(&self) -> Value {
        let keys = self.keys.iter().map(|entry| entry.public.to_jwk()).collect();
        Value::object(Object::from_iter([("keys".into(), Value::list(keys))]))
    }

    /// The algorithms of all keys that sign ID tokens, each once: for `id_token_signing_alg_values_supported` of the
    /// discovery document.
    pub fn id_token_algorithms(&self) -> Vec<Algorithm> {
        let mut all = vec![self.id.algorithm()];
        all.extend((!self.secrets.is_empty()).then_some(Algorithm::Hs256));
        all
    }

    pub(super) fn signing(&self, purpose: Purpose) -> &SigningKey {
        match purpose {
            Purpose::AccessTokens => &self.access,
            Purpose::IdTokens => &self.id,
        }
    }

    pub(super) fn secret(&self, client: &str) -> Option<&ClientSecret> {
        self.secrets.get(client).map(|secret| &**secret)
    }

    fn entry(&self, id: &str) -> Option<&Entry> {
        self.keys.iter().find(|entry| **entry.public.id() == *id)
    }
}

fn unknown(id: &str) -> SetupError {
    SetupError::new(format!("there is no key `{id}` in the ring"), "publish the key first")
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let states = self.keys.iter().map(|entry| (&entry.public, self.state(entry.public.id())));
        f.debug_map().entries(states).finish()
    }
}
