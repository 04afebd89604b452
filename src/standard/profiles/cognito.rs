//! Amazon Cognito: what the pre token generation Lambda trigger can put into tokens.

use super::Effect::{Declines, Keeps};
use super::{Fact, Is, Profile, Shape, Source, Verb};
use crate::standard::{Token, Tokens};

const CLAIMS: Source = Source {
    title: "Amazon Cognito developer guide: Pre token generation Lambda trigger, Claims and scopes reference",
    version: "2026; an older list in awsdocs/amazon-cognito-developer-guide at 0b4d546",
};
const QUOTAS: Source =
    Source { title: "Amazon Cognito developer guide: Quotas in Amazon Cognito", version: "" };
const ID: Tokens = Tokens::NONE.with(Token::Id);

pub(super) static PROFILE: Profile = Profile {
    name: "cognito",
    title: "Cognito",
    mechanism: "the pre token generation Lambda trigger of a user pool",
    tokens: Tokens::BOTH,
    facts: &[
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Closed("acr amr auth_time azp exp iat iss jti nbf nonce origin_jti sub token_use", Keeps),
            note: "",
            source: CLAIMS,
        },
        Fact {
            tokens: ID,
            is: Is::Closed("at_hash aud cognito:username identities", Keeps),
            note: "",
            source: CLAIMS,
        },
        Fact {
            tokens: Tokens::ACCESS,
            is: Is::Closed("client_id device_key event_id username version", Keeps),
            note: "",
            source: CLAIMS,
        },
        Fact {
            tokens: Tokens::ACCESS,
            is: Is::Closed("aud", Keeps),
            note: "it may be added, but only as the id of the app client",
            source: CLAIMS,
        },
        Fact {
            tokens: Tokens::ACCESS,
            is: Is::Closed("scope", Keeps),
            note: "scopes change by `add scope` and `remove scope` (events V2_0 and V3_0)",
            source: CLAIMS,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Typed("cognito:groups", Shape::Strings, Declines),
            note: "through groupsToOverride",
            source: CLAIMS,
        },
        Fact {
            tokens: ID,
            is: Is::Typed("cognito:roles", Shape::Strings, Declines),
            note: "through iamRolesToOverride",
            source: CLAIMS,
        },
        Fact {
            tokens: ID,
            is: Is::Typed("cognito:preferred_role", Shape::String, Declines),
            note: "through preferredRole",
            source: CLAIMS,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::ClosedPrefix("cognito:", Keeps),
            note: "all other names with this prefix",
            source: CLAIMS,
        },
        Fact {
            tokens: ID,
            is: Is::OnlyRemoved("dev:", Keeps),
            note: "developer-only attributes",
            source: CLAIMS,
        },
        Fact {
            tokens: ID,
            is: Is::Open(
                "custom:* address birthdate email email_verified family_name gender given_name locale middle_name \
                 name nickname phone_number phone_number_verified picture preferred_username profile updated_at \
                 website zoneinfo",
            ),
            note: "custom and standard attributes",
            source: CLAIMS,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Known("names that are not in the user pool's schema can be added and modified"),
            note: "in ID tokens by every version of the event, in access tokens by V2_0 and V3_0",
            source: CLAIMS,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Known(
                "V1_0 events change the ID token and take strings only; V2_0 events change both tokens of people; \
                 V3_0 events also those of machines",
            ),
            note: "values of V2_0 and V3_0 are strings, numbers, Booleans, lists and objects",
            source: CLAIMS,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Known("a user is in at most 100 groups"),
            note: "a quota of groups, not of the claim",
            source: QUOTAS,
        },
        Fact {
            tokens: Tokens::ALL,
            is: Is::Lacks(&[Verb::SetAudience, Verb::LimitLifetime]),
            note: "the trigger adds, overrides and suppresses claims and scopes",
            source: CLAIMS,
        },
    ],
};
