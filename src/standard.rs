//! Facts of the field as data: grants, tokens, names of claims. Nothing here is specific to one policy.

use std::fmt;

use crate::ascii;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All of them, in their usual order.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// The word for it in policies, requests and results.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            /// The one that a word names.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub mod claims;
pub mod dotnet;
pub mod headers;
pub mod namespaces;
pub mod profiles;
pub mod signatures;

pub use claims::claim;
pub use profiles::{PROFILES, Profile};

words! {
    /// How a token was asked for. Names follow RFC 6749, 8628, 8693, 7523 and OpenID CIBA.
    Grant {
        /// RFC 6749 section 4.1.
        AuthorizationCode = "authorization_code",
        /// RFC 6749 section 4.2.
        Implicit = "implicit",
        /// OpenID Connect Core section 3.3.
        Hybrid = "hybrid",
        /// RFC 6749 section 4.3.
        Password = "password",
        /// RFC 6749 section 4.4: a machine, never a person.
        ClientCredentials = "client_credentials",
        /// RFC 6749 section 6.
        RefreshToken = "refresh_token",
        /// RFC 8628.
        DeviceCode = "device_code",
        /// RFC 8693.
        TokenExchange = "token_exchange",
        /// RFC 7523.
        JwtBearer = "jwt_bearer",
        /// OpenID Connect Client-Initiated Backchannel Authentication.
        Ciba = "ciba",
        /// A SAML 2.0 single sign-on response.
        SamlSso = "saml_sso",
    }
}

/// Whether a request of a grant has a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserPresence {
    /// In every request.
    Always,
    /// In some.
    Maybe,
    /// In none.
    Never,
}

impl Grant {
    /// Whether requests of this grant have a user.
    pub fn user(self) -> UserPresence {
        match self {
            Grant::ClientCredentials => UserPresence::Never,
            Grant::RefreshToken | Grant::TokenExchange | Grant::JwtBearer => UserPresence::Maybe,
            _ => UserPresence::Always,
        }
    }

    /// Whether a person signs in with this grant itself (a refresh is judged by its first grant instead).
    pub fn is_sign_in(self) -> bool {
        self.user() == UserPresence::Always
    }

    /// The tokens that this grant gives.
    pub fn tokens(self) -> Tokens {
        match self {
            Grant::ClientCredentials | Grant::TokenExchange | Grant::JwtBearer => Tokens::ACCESS,
            Grant::SamlSso => Tokens::of(Token::Saml),
            _ => Tokens::ACCESS.with(Token::Id).with(Token::Userinfo),
        }
    }
}

words! {
    /// Where a claim can go.
    Token {
        /// The access token.
        Access = "access_token",
        /// The ID token.
        Id = "id_token",
        /// The response of the userinfo endpoint.
        Userinfo = "userinfo",
        /// The attribute statement of a SAML assertion.
        Saml = "saml",
    }
}

/// A set of [`Token`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tokens(u8);

impl Tokens {
    /// None.
    pub const NONE: Tokens = Tokens(0);
    /// The access token: where writes go that say nothing else.
    pub const ACCESS: Tokens = Tokens(1);
    /// Access and ID token: `to both`.
    pub const BOTH: Tokens = Tokens(3);
    /// Every token: what `remove` means that says nothing else.
    pub const ALL: Tokens = Tokens(15);

    /// The set as bits.
    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    /// The set of some bits; there are none beyond [`Tokens::ALL`].
    pub(crate) fn of_bits(bits: u8) -> Self {
        Tokens(bits & Tokens::ALL.0)
    }

    /// The set of one token.
    pub const fn of(token: Token) -> Self {
        Tokens(1 << token as u8)
    }

    /// This set and one more.
    #[must_use]
    pub const fn with(self, token: Token) -> Self {
        Tokens(self.0 | Self::of(token).0)
    }

    /// Whether a token is in it.
    pub fn contains(self, token: Token) -> bool {
        self.0 & Self::of(token).0 != 0
    }

    /// What is in both sets.
    #[must_use]
    pub fn and(self, other: Tokens) -> Self {
        Tokens(self.0 & other.0)
    }

    /// What is in either set.
    #[must_use]
    pub fn or(self, other: Tokens) -> Self {
        Tokens(self.0 | other.0)
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The token in it, if there is one only.
    #[inline]
    pub(crate) fn only(self) -> Option<Token> {
        let token = Token::ALL.get(self.0.trailing_zeros() as usize)?;
        (self == Tokens::of(*token)).then_some(*token)
    }

    /// The tokens in it, in their usual order.
    pub fn iter(self) -> impl Iterator<Item = Token> {
        // Tokens are the bits of the set in their order; without any left, the place is behind all.
        let mut left = self.0;
        std::iter::from_fn(move || {
            let token = Token::ALL.get(left.trailing_zeros() as usize)?;
            left &= left.wrapping_sub(1);
            Some(*token)
        })
    }
}

/// Scopes of OpenID Connect Core sections 3.1.2.1, 5.4 and 11.
pub const OIDC_SCOPES: &[&str] = &["openid", "profile", "email", "address", "phone", "offline_access"];

/// Error codes that a denial may carry: RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6, RFC
/// 8628 section 3.5, RFC 8693 section 2.2.2, RFC 9396 section 5, RFC 9470 section 3.
pub const OAUTH_ERRORS: &[&str] = &[
    "invalid_request",
    "unauthorized_client",
    "access_denied",
    "unsupported_response_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "invalid_client",
    "invalid_grant",
    "unsupported_grant_type",
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
    "expired_token",
    "invalid_target",
    "invalid_authorization_details",
    "insufficient_user_authentication",
];

/// Whether a text is one scope token of RFC 6749 section 3.3.
pub fn is_scope_token(text: &str) -> bool {
    let unfit = ascii::Bytes { below: b'!', above: b'~', those: *b"\"\\" };
    !text.is_empty() && !unfit.is_any_in(text.as_bytes())
}
