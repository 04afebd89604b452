//! Authelia: what a claims policy can put into tokens.

use super::Effect::RefusesSetup;
use super::{Fact, Is, Profile, Source, Verb};
use crate::standard::{Token, Tokens};

const VALIDATOR: Source =
    Source { title: "authelia/authelia: internal/configuration/validator/const.go", version: "2025" };
const CLAIMS: Source = Source {
    title: "Authelia docs: OpenID Connect 1.0 Claims, and Provider, claims_policies",
    version: "authelia/authelia at 1017685, 2025",
};
const OIDC: Tokens = Tokens::BOTH.with(Token::Userinfo);

pub(super) static PROFILE: Profile = Profile {
    name: "authelia",
    title: "Authelia",
    mechanism: "a claims policy with custom attributes",
    tokens: OIDC,
    facts: &[
        Fact {
            tokens: OIDC,
            is: Is::Closed(
                "acr amr aud auth_time azp c_hash client_id exp iat iss jti nbf nonce s_hash scope scp sid sub \
                 updated_at",
                RefusesSetup,
            ),
            note: "custom claims",
            source: VALIDATOR,
        },
        Fact {
            tokens: Tokens::NONE.with(Token::Id),
            is: Is::Closed(
                "acr amr aud auth_time azp c_hash exp iat iss jti nbf nonce s_hash scope sid sub",
                RefusesSetup,
            ),
            note: "",
            source: VALIDATOR,
        },
        Fact {
            tokens: Tokens::ALL,
            is: Is::Lacks(&[
                Verb::Remove,
                Verb::Deny,
                Verb::AddScope,
                Verb::RemoveScope,
                Verb::LimitScopes,
                Verb::SetAudience,
                Verb::LimitLifetime,
            ]),
            note: "a claims policy gives attributes to claims; access is refused by authorization policies",
            source: CLAIMS,
        },
    ],
};
