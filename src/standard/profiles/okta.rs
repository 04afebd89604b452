//! Okta: what the token inline hook of a custom authorization server can put into tokens.

use super::Effect::SkipsPolicy;
use super::{Fact, Is, Profile, Source, Verb};
use crate::standard::{Token, Tokens};

const HOOK: Source = Source {
    title: "Okta developer docs: Token inline hook reference",
    version: "okta/okta-developer-docs at 0c82c35",
};
const OIDC: Source = Source {
    title: "Okta OpenID Connect API reference: reserved claims in the payload section",
    version: "",
};
const RELEASES: Source =
    Source { title: "Okta API release notes", version: "2022, okta/okta-developer-docs at 468de9c" };
const SHARING: Source = Source {
    title: "Okta developer docs: Configure claims sharing",
    version: "okta/okta-developer-docs at 468de9c",
};
const ID: Tokens = Tokens::NONE.with(Token::Id);

pub(super) static PROFILE: Profile = Profile {
    name: "okta",
    title: "Okta",
    mechanism: "the token inline hook of a custom authorization server, and the SAML assertion inline hook",
    tokens: Tokens::BOTH.with(Token::Saml),
    facts: &[
        Fact {
            tokens: Tokens::ACCESS,
            is: Is::Closed("aud cid exp iat iss jti scp uid ver", SkipsPolicy),
            note: "the hook alone may change `aud`, as `set audience` does",
            source: OIDC,
        },
        Fact {
            tokens: Tokens::ACCESS,
            is: Is::Closed("sub", SkipsPolicy),
            note: "the authorization server lets administrators edit the mapping of its default `sub` claim",
            source: OIDC,
        },
        Fact {
            tokens: Tokens::ACCESS,
            is: Is::Closed("acr amr as_uri cid groups rpt rsi uid username", SkipsPolicy),
            note: "",
            source: HOOK,
        },
        Fact {
            tokens: ID,
            is: Is::Closed("amr aud auth_time exp iat idp iss jti sub ver", SkipsPolicy),
            note: "base claims, always present",
            source: OIDC,
        },
        Fact {
            tokens: ID,
            is: Is::Closed(
                "active aid app_id app_type at_hash auth_time c_hash client_id client_ip client_req_id client_type \
                 client_user_agent cnf device_compliance device_id device_known device_managed device_name \
                 device_trust did dst group groups hotk idp idp_iss mac_key may_act nonce oid okta_emailVerified \
                 okta_lastUpdated orig permissions purpose pwd_exp_days pwd_exp_time rid role scope scopes sid term \
                 user_ip",
                SkipsPolicy,
            ),
            note: "",
            source: HOOK,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Closed("iss jti token_type ver", SkipsPolicy),
            note: "",
            source: HOOK,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Closed("auth_time", SkipsPolicy),
            note: "a reserved system claim since 2022 (OKTA-478924)",
            source: RELEASES,
        },
        Fact {
            tokens: ID,
            is: Is::Closed("okta_auth", SkipsPolicy),
            note: "carries shared claims",
            source: SHARING,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Known(
                "the API refuses to create a claim with a reserved name (OKTA-477575); the complete list of these \
                 names is not published in one place",
            ),
            note: "",
            source: RELEASES,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Known("only `alg` and `kid` stand in the header; `alg` is RS256"),
            note: "headers are no matter of a policy",
            source: OIDC,
        },
        Fact { tokens: Tokens::BOTH, is: Is::Lifetime(300, 86_400, SkipsPolicy), note: "", source: HOOK },
        Fact {
            tokens: Tokens::ALL,
            is: Is::Lacks(&[Verb::AddScope, Verb::RemoveScope, Verb::LimitScopes]),
            note: "the hook patches claims and lifetime",
            source: HOOK,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Known("a hook that cannot be reached changes nothing: the token is issued as it is"),
            note: "",
            source: HOOK,
        },
    ],
};
