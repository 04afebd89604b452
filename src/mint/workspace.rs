//! Where tokens are written: memory that one answer leaves to the next.

use std::fmt;

use super::Tokens;
use crate::input::Texts;
use crate::program::Scratch;
use crate::standard::Grant;

/// Memory for tokens that is used again, for one thread at a time: see [`Minter::mint_into`](super::Minter::mint_into). It
/// keeps the tokens of the last answer until there are others.
#[derive(Default)]
pub struct Workspace {
    pub(super) scratch: Scratch,
    pub(super) desk: Desk,
}

impl Workspace {
    /// Memory that has not grown yet.
    pub fn new() -> Self {
        Workspace::default()
    }
}

/// Never shows a token.
impl fmt::Debug for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Workspace")
    }
}

/// What the minter writes. A text is that of an earlier answer until it is written.
#[derive(Default)]
pub(super) struct Desk {
    /// The claims of one token after the other.
    pub(super) payload: String,
    pub(super) access_token: String,
    pub(super) id_token: String,
    /// The value of `jti`.
    pub(super) token_id: String,
    pub(super) scopes: Words,
    pub(super) audience: Words,
}

/// Texts one behind the other, and where each ends.
#[derive(Default)]
pub(super) struct Words {
    text: String,
    ends: Vec<usize>,
}

impl Words {
    /// Puts these in the place of what there was.
    pub(super) fn set(&mut self, words: Texts<'_>) {
        self.text.clear();
        self.ends.clear();
        words.each(|word| {
            self.text.push_str(word);
            self.ends.push(self.text.len());
        });
    }

    fn get(&self) -> Texts<'_> {
        Texts::ending(&self.text, &self.ends)
    }
}

/// Which tokens an answer has, and how long they live.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    pub(super) access_token: bool,
    pub(super) id_token: bool,
    /// Seconds.
    pub(super) expires_in: i64,
    pub(super) grant: Grant,
}

/// The tokens of one answer, in the memory of a [`Workspace`]; the same as [`Tokens`]. `Debug` does not show them.
#[derive(Clone, Copy)]
pub struct Minted<'w> {
    made: Made,
    desk: &'w Desk,
}

impl<'w> Minted<'w> {
    pub(super) fn new(made: Made, desk: &'w Desk) -> Self {
        Minted { made, desk }
    }

    /// The access token, unless a response type leaves it out.
    pub fn access_token(&self) -> Option<&'w str> {
        self.made.access_token.then_some(&self.desk.access_token)
    }

    /// The ID token, where there is one.
    pub fn id_token(&self) -> Option<&'w str> {
        self.made.id_token.then_some(&self.desk.id_token)
    }

    /// Seconds that the access token lives, or the ID token where it is alone.
    pub fn expires_in(&self) -> i64 {
        self.made.expires_in
    }

    /// The granted scopes.
    pub fn scopes(&self) -> Texts<'w> {
        self.desk.scopes.get()
    }

    /// What the access token is for; a refresh may not go beyond it.
    pub fn audience(&self) -> Texts<'w> {
        self.desk.audience.get()
    }

    /// The value of `jti` in the access token, for logs.
    pub fn token_id(&self) -> &'w str {
        &self.desk.token_id
    }

    /// Copies that stand for themselves.
    pub fn to_tokens(&self) -> Tokens {
        Tokens {
            access_token: self.access_token().map(str::to_owned),
            id_token: self.id_token().map(str::to_owned),
            expires_in: self.expires_in(),
            scopes: self.scopes().shared(),
            audience: self.audience().shared(),
            token_id: self.token_id().to_owned(),
            grant: self.made.grant,
        }
    }
}

impl fmt::Debug for Minted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [("access_token", self.access_token()), ("id_token", self.id_token())];
        let names: Vec<&str> =
            names.into_iter().filter(|(_, token)| token.is_some()).map(|(name, _)| name).collect();
        write!(f, "Minted({}, {} s, {})", names.join(" and "), self.expires_in(), self.token_id())
    }
}
