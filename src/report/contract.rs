//! What a resource server may rely on, in the forms that its developers use.

use crate::analysis::contract::Offer;
use crate::logic::meaning::Name;
use crate::value::Value;

mod markdown;
mod schema;
mod typescript;

/// A claim of the profile of RFC 9068 for access tokens.
struct Fixed {
    name: &'static str,
    /// In every token, by the profile.
    is_required: bool,
    meaning: &'static str,
}

/// RFC 9068, Sections 2.2, 2.2.1 and 2.2.3, and who acts for the person.
const FIXED: [Fixed; 12] = {
    const fn fixed(name: &'static str, is_required: bool, meaning: &'static str) -> Fixed {
        Fixed { name, is_required, meaning }
    }
    [
        fixed("iss", true, "The issuer (RFC 7519, Section 4.1.1)."),
        fixed("aud", true, "The audiences, of which this API is one (RFC 7519, Section 4.1.3)."),
        fixed("exp", true, "When the token expires, in seconds since 1970 (RFC 7519, Section 4.1.4)."),
        fixed("iat", true, "When the token was issued, in seconds since 1970 (RFC 7519, Section 4.1.6)."),
        fixed(
            "sub",
            true,
            "The person, or the client where there is none (RFC 7519, Section 4.1.2; RFC 9068, Section 2.2).",
        ),
        fixed("client_id", true, "The client that asked for the token (RFC 8693, Section 4.3)."),
        fixed("jti", true, "The token's own identifier (RFC 7519, Section 4.1.7)."),
        fixed("scope", false, "The granted scopes, separated by blanks (RFC 8693, Section 4.2)."),
        fixed(
            "auth_time",
            false,
            "When the person signed in, in seconds since 1970 (RFC 9068, Section 2.2.1).",
        ),
        fixed("acr", false, "How strongly the person was authenticated (RFC 9068, Section 2.2.1)."),
        fixed("amr", false, "By which methods the person was authenticated (RFC 9068, Section 2.2.1)."),
        fixed("act", false, "Who acts for the person, in a delegated token (RFC 8693, Section 4.1)."),
    ]
};

/// A JSON Schema, draft 2020-12, of the payload.
pub fn json_schema(offer: &Offer) -> Value {
    schema::document(offer)
}

/// A TypeScript interface of the payload.
pub fn typescript(offer: &Offer) -> String {
    typescript::render(offer)
}

/// A page with a table.
pub fn markdown(offer: &Offer) -> String {
    markdown::render(offer)
}

/// How people call the audience.
fn called(offer: &Offer) -> &str {
    offer.alias.as_deref().unwrap_or(&offer.id)
}

/// What there is to say about the whole.
fn about(offer: &Offer) -> String {
    let id = &offer.id;
    if !offer.is_issued {
        return format!("The policy issues no access token for `{}` (`{id}`).", called(offer));
    }
    let mut text =
        format!("The payload of access tokens for `{}` (`{id}`), derived from the policy.", called(offer));
    for claim in &offer.claims {
        if let Name::Config(attribute) = &claim.name {
            text.push_str(&format!(" One more claim is called as `{attribute}` says."));
        }
    }
    text
}
