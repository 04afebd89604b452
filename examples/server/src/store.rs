//! What the server remembers, in memory and nowhere else: sign-ins that are under way, codes, refresh tokens, and the
//! access tokens that userinfo answers. Secrets are kept as their digests.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use claimsc::standard::Grant;

use crate::secret::{Digest, digest_of};

/// Seconds that somebody has to sign in.
pub(crate) const LOGIN_SECONDS: i64 = 600;
/// Seconds that a code is good for (RFC 6749 section 4.1.2 allows ten minutes).
pub(crate) const CODE_SECONDS: i64 = 60;
/// Seconds that a refresh token is good for when it is not used.
pub(crate) const REFRESH_SECONDS: i64 = 3600;
/// Seconds after signing in until somebody has to do so again, however often tokens were refreshed.
pub(crate) const SESSION_SECONDS: i64 = 8 * 3600;
/// Passwords that may be tried in one sign-in.
const MAX_ATTEMPTS: u32 = 5;
/// Entries of each kind.
const MAX_ENTRIES: usize = 100_000;
/// Fewer entries are not worth a search for expired ones.
const MIN_SWEEP: usize = 1024;

/// What a client asked for at the authorization endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The client.
    pub(crate) client: Arc<str>,
    /// Where the person is sent back to.
    pub(crate) redirect_uri: String,
    /// The scopes.
    pub(crate) scopes: Vec<Arc<str>>,
    /// Ids of audiences.
    pub(crate) audience: Vec<Arc<str>>,
    /// What is sent back with the code.
    pub(crate) state: Option<String>,
    /// What the ID token repeats.
    pub(crate) nonce: Option<String>,
    /// Of PKCE, method `S256`.
    pub(crate) challenge: String,
}

/// Somebody who has signed in for a client, and all tokens that came of it.
#[derive(Debug)]
pub(crate) struct Session {
    /// The client.
    pub(crate) client: Arc<str>,
    /// The person.
    pub(crate) subject: Arc<str>,
    /// How it began.
    pub(crate) grant: Grant,
    /// When the person signed in: seconds since 1970.
    pub(crate) auth_time: i64,
    /// Whether a code or refresh token came a second time, so that somebody may have stolen it.
    revoked: AtomicBool,
}

impl Session {
    /// One that begins now.
    pub(crate) fn new(client: Arc<str>, subject: Arc<str>, grant: Grant, now: i64) -> Arc<Self> {
        Arc::new(Session { client, subject, grant, auth_time: now, revoked: AtomicBool::new(false) })
    }

    /// Ends it.
    pub(crate) fn revoke(&self) {
        self.revoked.store(true, Ordering::SeqCst);
    }

    /// Whether it goes on.
    pub(crate) fn is_alive(&self, now: i64) -> bool {
        !self.revoked.load(Ordering::SeqCst) && now < self.auth_time.saturating_add(SESSION_SECONDS)
    }
}

/// A sign-in that is under way.
#[derive(Debug)]
struct Login {
    asked: Asked,
    /// Of the cookie of the browser that it began in.
    browser: Digest,
    attempts: u32,
}

/// What a code stands for.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    /// The request that it answers.
    pub(crate) asked: Asked,
    /// Who signed in.
    pub(crate) session: Arc<Session>,
}

/// What a refresh token or an access token stands for.
#[derive(Debug, Clone)]
pub(crate) struct Granted {
    /// Who signed in.
    pub(crate) session: Arc<Session>,
    /// The scopes that were granted.
    pub(crate) scopes: Vec<Arc<str>>,
    /// Ids of the audiences.
    pub(crate) audience: Vec<Arc<str>>,
    /// Whether it came of a refresh.
    pub(crate) is_refreshed: bool,
}

/// What came of presenting a secret that is good for one use.
#[derive(Debug)]
pub(crate) enum Use<T> {
    /// It is good.
    First(T),
    /// It was used before: the session has ended.
    Again,
    /// There is no such secret, or no more.
    Unknown,
}

/// There are too many entries.
#[derive(Debug)]
pub(crate) struct Full;

/// Entries that expire, by the digest of a secret.
#[derive(Debug)]
struct Shelf<T> {
    entries: HashMap<Digest, (i64, T)>,
    /// When so many are there, the expired ones go. Doubles with what is left, so that each entry costs little.
    sweep_at: usize,
    /// When that was: at most once a second, however full it is.
    swept: i64,
}

impl<T> Shelf<T> {
    fn new() -> Self {
        Shelf { entries: HashMap::new(), sweep_at: MIN_SWEEP, swept: i64::MIN }
    }

    fn put(&mut self, key: Digest, expires: i64, entry: T, now: i64) -> Result<(), Full> {
        if self.entries.len() >= self.sweep_at && self.swept < now {
            self.entries.retain(|_, (expires, _)| *expires > now);
            self.sweep_at = (self.entries.len() * 2).clamp(MIN_SWEEP, MAX_ENTRIES);
            self.swept = now;
        }
        if self.entries.len() >= MAX_ENTRIES {
            return Err(Full);
        }
        self.entries.insert(key, (expires, entry));
        Ok(())
    }

    fn get(&mut self, key: &Digest, now: i64) -> Option<&mut T> {
        self.entries.get_mut(key).filter(|(expires, _)| *expires > now).map(|(_, entry)| entry)
    }
}

/// An entry and whether it was used.
type Once<T> = (T, bool);

/// All of it. Every method takes the time in seconds since 1970.
#[derive(Debug)]
pub(crate) struct Store {
    logins: Shelf<Login>,
    codes: Shelf<Once<Code>>,
    refreshes: Shelf<Once<Granted>>,
    accesses: Shelf<Granted>,
}

impl Default for Store {
    fn default() -> Self {
        Store { logins: Shelf::new(), codes: Shelf::new(), refreshes: Shelf::new(), accesses: Shelf::new() }
    }
}

impl Store {
    /// Begins a sign-in; `id` names it in the form, and only the browser with the cookie may go on with it.
    ///
    /// # Errors
    /// Too many of them.
    pub(crate) fn begin_login(
        &mut self,
        id: &str,
        browser: Digest,
        asked: Asked,
        now: i64,
    ) -> Result<(), Full> {
        let login = Login { asked, browser, attempts: 0 };
        self.logins.put(digest_of(id), now + LOGIN_SECONDS, login, now)
    }

    /// The request of a sign-in, for an attempt with a password: only in its browser, and a few times.
    pub(crate) fn attempt_login(&mut self, id: &str, cookie: &str, now: i64) -> Option<Asked> {
        let login = self.logins.get(&digest_of(id), now)?;
        if !crate::secret::matches(&login.browser, cookie) || login.attempts >= MAX_ATTEMPTS {
            return None;
        }
        login.attempts += 1;
        Some(login.asked.clone())
    }

    /// Ends a sign-in that has succeeded. `false` if another request has done so already.
    pub(crate) fn end_login(&mut self, id: &str) -> bool {
        self.logins.entries.remove(&digest_of(id)).is_some()
    }

    /// Keeps what a new code stands for.
    ///
    /// # Errors
    /// Too many of them.
    pub(crate) fn put_code(&mut self, code: Digest, entry: Code, now: i64) -> Result<(), Full> {
        self.codes.put(code, now + CODE_SECONDS, (entry, false), now)
    }

    /// What a code stands for, once. A second use ends the session (RFC 6749 section 4.1.2).
    pub(crate) fn use_code(&mut self, code: &str, now: i64) -> Use<Code> {
        let Some((entry, used)) = self.codes.get(&digest_of(code), now) else { return Use::Unknown };
        if std::mem::replace(used, true) {
            entry.session.revoke();
            return Use::Again;
        }
        Use::First(entry.clone())
    }

    /// Keeps what a new refresh token stands for.
    ///
    /// # Errors
    /// Too many of them.
    pub(crate) fn put_refresh(&mut self, token: Digest, entry: Granted, now: i64) -> Result<(), Full> {
        let expires = (now + REFRESH_SECONDS).min(entry.session.auth_time + SESSION_SECONDS);
        self.refreshes.put(token, expires, (entry, false), now)
    }

    /// What a refresh token stands for, if its session goes on. Does not use it up: see [`Store::use_refresh`].
    pub(crate) fn look_at_refresh(&mut self, token: &str, now: i64) -> Use<Granted> {
        match self.refreshes.get(&digest_of(token), now) {
            Some((entry, true)) => {
                entry.session.revoke();
                Use::Again
            }
            Some((entry, false)) if entry.session.is_alive(now) => Use::First(entry.clone()),
            _ => Use::Unknown,
        }
    }

    /// Uses up a refresh token, once. A second use ends the session (RFC 9700 section 4.14.2).
    pub(crate) fn use_refresh(&mut self, token: &str, now: i64) -> Use<()> {
        let Some((entry, used)) = self.refreshes.get(&digest_of(token), now) else { return Use::Unknown };
        if std::mem::replace(used, true) {
            entry.session.revoke();
            return Use::Again;
        }
        if entry.session.is_alive(now) { Use::First(()) } else { Use::Unknown }
    }

    /// Keeps what an access token stands for, by its `jti`, until it expires.
    ///
    /// # Errors
    /// Too many of them.
    pub(crate) fn put_access(
        &mut self,
        id: &str,
        entry: Granted,
        expires: i64,
        now: i64,
    ) -> Result<(), Full> {
        self.accesses.put(digest_of(id), expires, entry, now)
    }

    /// What an access token stands for, if its session goes on.
    pub(crate) fn access(&mut self, id: &str, now: i64) -> Option<Granted> {
        let entry = self.accesses.get(&digest_of(id), now)?;
        entry.session.is_alive(now).then(|| entry.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        Asked {
            client: "shop".into(),
            redirect_uri: "https://shop.example/cb".to_owned(),
            scopes: vec!["openid".into()],
            audience: Vec::new(),
            state: None,
            nonce: None,
            challenge: String::new(),
        }
    }

    fn session() -> Arc<Session> {
        Session::new("shop".into(), "u-1".into(), Grant::AuthorizationCode, 1000)
    }

    fn granted(session: &Arc<Session>) -> Granted {
        Granted { session: session.clone(), scopes: Vec::new(), audience: Vec::new(), is_refreshed: false }
    }

    #[test]
    fn a_code_is_good_once_and_a_second_use_ends_the_session() {
        let (mut store, session) = (Store::default(), session());
        let code = Code { asked: asked(), session: session.clone() };
        store.put_code(digest_of("c"), code, 1000).unwrap();
        store.put_refresh(digest_of("r"), granted(&session), 1000).unwrap();
        store.put_access("a", granted(&session), 1600, 1000).unwrap();
        assert!(matches!(store.use_code("d", 1000), Use::Unknown));
        assert!(matches!(store.use_code("c", 1000), Use::First(_)));
        assert!(store.access("a", 1000).is_some());
        assert!(matches!(store.use_code("c", 1001), Use::Again));
        assert!(store.access("a", 1001).is_none());
        assert!(matches!(store.look_at_refresh("r", 1001), Use::Unknown));
    }

    #[test]
    fn a_refresh_token_is_good_once_and_a_second_use_ends_the_session() {
        let (mut store, session) = (Store::default(), session());
        store.put_refresh(digest_of("1"), granted(&session), 1000).unwrap();
        assert!(matches!(store.look_at_refresh("1", 1000), Use::First(_)));
        assert!(matches!(store.use_refresh("1", 1000), Use::First(())));
        store.put_refresh(digest_of("2"), granted(&session), 1000).unwrap();
        assert!(matches!(store.look_at_refresh("1", 1001), Use::Again));
        assert!(matches!(store.use_refresh("2", 1001), Use::Unknown), "the thief's or the owner's: both end");
    }

    #[test]
    fn everything_expires() {
        let (mut store, session) = (Store::default(), session());
        store.begin_login("l", digest_of("cookie"), asked(), 1000).unwrap();
        store.put_code(digest_of("c"), Code { asked: asked(), session: session.clone() }, 1000).unwrap();
        store.put_refresh(digest_of("r"), granted(&session), 1000).unwrap();
        store.put_access("a", granted(&session), 1600, 1000).unwrap();
        assert!(store.attempt_login("l", "cookie", 1599).is_some());
        assert!(store.attempt_login("l", "cookie", 1600).is_none());
        assert!(matches!(store.use_code("c", 1060), Use::Unknown));
        assert!(matches!(store.look_at_refresh("r", 4599), Use::First(_)));
        assert!(matches!(store.look_at_refresh("r", 4600), Use::Unknown));
        assert!(store.access("a", 1600).is_none());
        store.put_refresh(digest_of("late"), granted(&session), 1000 + SESSION_SECONDS - 1).unwrap();
        assert!(matches!(store.look_at_refresh("late", 1000 + SESSION_SECONDS), Use::Unknown));
    }

    #[test]
    fn a_sign_in_belongs_to_its_browser_and_ends() {
        let mut store = Store::default();
        store.begin_login("l", digest_of("cookie"), asked(), 1000).unwrap();
        assert!(store.attempt_login("l", "another", 1000).is_none());
        for _ in 0..MAX_ATTEMPTS {
            assert!(store.attempt_login("l", "cookie", 1000).is_some());
        }
        assert!(store.attempt_login("l", "cookie", 1000).is_none());
        assert!(store.end_login("l"));
        assert!(!store.end_login("l"));
    }

    #[test]
    fn memory_is_bounded_and_expired_entries_make_room() {
        let mut shelf = Shelf::new();
        for key in 0..MAX_ENTRIES {
            let now = i64::from(key > MAX_ENTRIES * 2 / 3);
            shelf.put(digest_of(&key.to_string()), 100, (), now).unwrap();
        }
        assert!(shelf.put(digest_of("more"), 100, (), 99).is_err());
        shelf.put(digest_of("more"), 200, (), 100).unwrap();
        assert_eq!(shelf.entries.len(), 1);
    }
}
