//! ZITADEL: what the actions of the complement token flow can put into tokens.

use super::Effect::{Ignores, Keeps};
use super::{Fact, Is, Profile, Source, Verb};
use crate::standard::{Token, Tokens};

const FLOW: Source = Source { title: "ZITADEL docs: Actions, Complement Token Flow", version: "2026" };
const PREFIX: Source = Source {
    title: "ZITADEL docs: Actions, Complement Token Flow; zitadel/zitadel pull request 7647 (CVE-2024-29892)",
    version: "2.48.3 and newer",
};
const CLAIMS: Source = Source { title: "ZITADEL docs: Claims", version: "2026" };
const OIDC: Tokens = Tokens::BOTH.with(Token::Userinfo);

pub(super) static PROFILE: Profile = Profile {
    name: "zitadel",
    title: "ZITADEL",
    mechanism: "actions of the complement token flow, and of the SAML response",
    tokens: Tokens::ALL,
    facts: &[
        Fact { tokens: OIDC, is: Is::ClosedUrn("urn:zitadel:iam", Ignores), note: "", source: PREFIX },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Closed("aud azp exp iat iss", Keeps),
            note: "`setClaim` sets what is not there yet; else a message stands in `urn:zitadel:iam:action:NAME:log`",
            source: CLAIMS,
        },
        Fact {
            tokens: Tokens::NONE.with(Token::Id),
            is: Is::Closed("acr amr auth_time", Keeps),
            note: "`setClaim` sets what is not there yet",
            source: CLAIMS,
        },
        Fact {
            tokens: OIDC.with(Token::Saml),
            is: Is::Known(
                "one trigger completes userinfo, introspection and ID token; another JWT access tokens",
            ),
            note: "opaque access tokens carry no claims",
            source: FLOW,
        },
        Fact {
            tokens: Tokens::ALL,
            is: Is::Lacks(&[
                Verb::Remove,
                Verb::AddScope,
                Verb::RemoveScope,
                Verb::LimitScopes,
                Verb::SetAudience,
                Verb::LimitLifetime,
            ]),
            note: "the flow sets claims and metadata",
            source: FLOW,
        },
    ],
};
