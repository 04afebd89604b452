//! Keycloak: what protocol mappers can put into tokens.

use super::Effect::{Changes, Ignores};
use super::{Fact, Is, Profile, Source, Verb};
use crate::standard::Tokens;

const HELPER: Source = Source {
    title: "keycloak/keycloak: OIDCAttributeMapperHelper.java",
    version: "at 898fded and 008e7e7; issue 53039 of 2026-09",
};
const ISSUE: Source = Source { title: "keycloak/keycloak: issue 53039", version: "2026-09-22" };
const CREDENTIALS: Source =
    Source { title: "keycloak/keycloak: issue 52667 and pull request 52784", version: "2026-09" };
const UPGRADING: Source =
    Source { title: "Red Hat build of Keycloak: Upgrading Guide, 2.1.1", version: "26.6.7" };
const ADMIN: Source = Source {
    title: "Keycloak Server Administration Guide: OIDC token and SAML assertion mappings",
    version: "",
};
const JWTS: Tokens = Tokens::BOTH;

pub(super) static PROFILE: Profile = Profile {
    name: "keycloak",
    title: "Keycloak",
    mechanism: "protocol mappers of a client or client scope",
    tokens: Tokens::ALL,
    facts: &[
        Fact {
            tokens: JWTS,
            is: Is::Closed("exp iat iss jti nonce scope session_state typ", Ignores),
            note: "a warning is logged",
            source: HELPER,
        },
        Fact {
            tokens: JWTS,
            is: Is::Known(
                "`act` and `may_act` are not blocked; a policy cannot write them for any host, as they say who acts \
                 for whom",
            ),
            note: "the issue asks to refuse both and what is below them",
            source: ISSUE,
        },
        Fact {
            tokens: JWTS,
            is: Is::Known(
                "`sub`, `azp`, `acr`, `auth_time` and `aud` have setters of their own and no members",
            ),
            note: "",
            source: HELPER,
        },
        Fact {
            tokens: JWTS,
            is: Is::DotsNest(Changes),
            note: "the configuration escapes a dot by a backslash: `https://acme\\.example/x`",
            source: HELPER,
        },
        Fact {
            tokens: JWTS,
            is: Is::Known("values are String, long, int, boolean or JSON; lists are multivalued or JSON"),
            note: "the JSON type of a mapper",
            source: HELPER,
        },
        Fact {
            tokens: Tokens::NONE,
            is: Is::Known(
                "the response of the token endpoint keeps `access_token`, `token_type`, `session_state`, \
                 `expires_in`, `id_token`, `refresh_token`, `refresh_expires_in`, `not-before-policy`, `scope`",
            ),
            note: "responses are no matter of a policy",
            source: HELPER,
        },
        Fact {
            tokens: Tokens::NONE,
            is: Is::Known(
                "mappers of verifiable credentials (SD-JWT VC) refuse `exp`, `iat`, `nbf`, `iss`, `sub`, `jti`, \
                 `cnf` and `id`, by the first part of a dotted name, when they are saved",
            ),
            note: "credentials are no tokens of a policy",
            source: CREDENTIALS,
        },
        Fact {
            tokens: Tokens::NONE,
            is: Is::Known("a `claim_token` of authorization services keeps names that begin with `kc.`"),
            note: "it is no token of a policy",
            source: UPGRADING,
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
            note: "a mapper adds claims; sign-in is refused by authentication flows, scopes and lifetimes are settings",
            source: ADMIN,
        },
    ],
};
