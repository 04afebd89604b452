//! Ory Hydra: what the consent app and the token hook can put into tokens.

use super::Effect::{Ignores, Keeps};
use super::{Fact, Is, Profile, Source, Verb};
use crate::standard::{Token, Tokens};

const SESSION: Source =
    Source { title: "ory/hydra: oauth2/session.go and fosite/token/jwt", version: "at 83127c5, 2026" };
const HOOK: Source = Source { title: "ory/hydra: oauth2/token_hook.go", version: "at 83127c5, 2026" };

pub(super) static PROFILE: Profile = Profile {
    name: "hydra",
    title: "Hydra",
    mechanism: "the session of the consent app or the token hook",
    tokens: Tokens::BOTH,
    facts: &[
        Fact {
            tokens: Tokens::ACCESS,
            is: Is::Closed("aud client_id exp ext iat iss jti nbf scp sub", Ignores),
            note: "dropped from `oauth2.allowed_top_level_claims`",
            source: SESSION,
        },
        Fact {
            tokens: Tokens::ACCESS,
            is: Is::Known(
                "a claim stands at the top level only where `oauth2.allowed_top_level_claims` lists it, else below \
                 `ext`; `oauth2.mirror_top_level_claims` (the default) keeps a copy there, \
                 `oauth2.preserve_ext_claims` keeps the rest",
            ),
            note: "JWT access tokens",
            source: SESSION,
        },
        Fact {
            tokens: Tokens::ACCESS,
            is: Is::Known(
                "a listed `scope` would stay where the scope claim is `scp`; a policy cannot write it for any host",
            ),
            note: "inferred from the code",
            source: SESSION,
        },
        Fact {
            tokens: Tokens::NONE.with(Token::Id),
            is: Is::Closed("acr amr at_hash aud auth_time c_hash exp iat iss jti nonce rat sub", Keeps),
            note: "where the session has no value, the claim is left out",
            source: SESSION,
        },
        Fact { tokens: Tokens::ALL, is: Is::Follows(Token::Userinfo, Token::Id), note: "", source: SESSION },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Known(
                "the hook answers 200 to replace the claims, 204 to keep them, 403 to deny; anything else is a \
                 server error and no token; up to 5,242,880 bytes of an answer are read",
            ),
            note: "",
            source: HOOK,
        },
        Fact {
            tokens: Tokens::ALL,
            is: Is::Lacks(&[
                Verb::AddScope,
                Verb::RemoveScope,
                Verb::LimitScopes,
                Verb::SetAudience,
                Verb::LimitLifetime,
            ]),
            note: "the hook answers with the claims of both tokens or denies",
            source: HOOK,
        },
    ],
};
