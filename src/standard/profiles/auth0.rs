//! Auth0: what Actions can put into tokens.

use super::Effect::{Ignores, RefusesToken};
use super::{Fact, Is, Profile, Source, Verb};
use crate::standard::{Token, Tokens};

const CUSTOM_CLAIMS: Source = Source {
    title: "Auth0 docs: Create Custom Claims; Custom Claims Migration",
    version: "auth0/docs-v2 at 092b879, 2026-08",
};
const OLDER: Source = Source {
    title: "Auth0 docs: Create Custom Claims, and an older page on namespaced claims",
    version: "auth0/docs-v2 at 092b879, 2026-08",
};
const ACTIONS: Source =
    Source { title: "Auth0 docs: Actions Triggers, post-login, API Object", version: "2026" };

pub(super) static PROFILE: Profile = Profile {
    name: "auth0",
    title: "Auth0",
    mechanism: "an Action of the post-login or the machine-to-machine flow",
    tokens: Tokens::BOTH.with(Token::Saml),
    facts: &[
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Closed(
                "acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id \
                 cnf cty dest entitlements events exp groups gty htm htu iat internalService iss jcard jku jti \
                 jwe jwk kid may_act mky nbf nonce object_id org_id org_name orig origid permissions roles rph \
                 s_hash sid sip_callid sip_cseq_num sip_date sip_from_tag sip_via_branch sub sub_jwk toe txn \
                 typ uuid vot vtm x5t#S256",
                Ignores,
            ),
            note: "",
            source: CUSTOM_CLAIMS,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Open(
                "address birthdate email email_verified family_name gender given_name locale middle_name name \
                 nickname phone_number phone_number_verified picture preferred_username profile updated_at \
                 website zoneinfo",
            ),
            note: "in access tokens too, where the scope for it is granted",
            source: CUSTOM_CLAIMS,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::ClosedHost("auth0.com webtask.io webtask.run", Ignores),
            note: "names of these hosts are Auth0's own",
            source: OLDER,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::ClosedUrn("urn:auth0", Ignores),
            note: "other URNs need an access token for an API of your own",
            source: CUSTOM_CLAIMS,
        },
        Fact {
            tokens: Tokens::ACCESS,
            is: Is::ShortNamesFor("auth0.com auth0app.com", "/api /api/v2 /mfa", Ignores),
            note: "tokens for the userinfo endpoint are exempt",
            source: CUSTOM_CLAIMS,
        },
        Fact {
            tokens: Tokens::ACCESS,
            is: Is::Known(
                "whether tokens for Auth0's own APIs carry namespaced claims is not clear: the text of the page says \
                 so, the comment of its example denies it",
            ),
            note: "",
            source: CUSTOM_CLAIMS,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::MaxBytes(100_000, RefusesToken),
            note: "documented as 100 KB of names and values",
            source: CUSTOM_CLAIMS,
        },
        Fact {
            tokens: Tokens::ALL,
            is: Is::Follows(Token::Userinfo, Token::Id),
            note: "",
            source: CUSTOM_CLAIMS,
        },
        Fact {
            tokens: Tokens::ALL,
            is: Is::Lacks(&[Verb::Remove, Verb::SetAudience, Verb::LimitLifetime]),
            note: "an Action denies, sets claims and adds or removes scopes",
            source: ACTIONS,
        },
        Fact {
            tokens: Tokens::ALL,
            is: Is::Known("an Action runs for at most 20 seconds; at most 20 are bound to one flow"),
            note: "",
            source: Source { title: "Auth0 docs: Actions Limitations", version: "" },
        },
    ],
};
