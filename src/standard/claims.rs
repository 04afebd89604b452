//! Names of claims that have a meaning already: the IANA registry "JSON Web Token Claims" (RFC 7519 section 10.1), and
//! names that well-known consumers read as one of its protocol claims.
//!
//! The tables are `claims/registered.csv` and `claims/read_as.csv`, fields separated by `;`. The first is the registry as of
//! 20 July 2026; the second is from the documentation and sources of those who read.

use std::sync::LazyLock;

/// What a registered claim is about, which decides where a policy may write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// About the token itself, the request or the sign-in. The issuer writes it, a policy never.
    Protocol,
    /// About the person: OpenID Connect Core section 5.1 and its extensions. For ID token and userinfo; in an access
    /// token where the API wants it (RFC 9068 section 2.2.2).
    Identity,
    /// `roles`, `groups`, `entitlements` (RFC 9068 section 2.2.3.1). For any token.
    Authorization,
    /// Registered for another purpose, such as telephony or device attestation. Only where somebody asks for the name.
    Other,
}

impl Class {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "protocol" => Some(Class::Protocol),
            "identity" => Some(Class::Identity),
            "authorization" => Some(Class::Authorization),
            "other" => Some(Class::Other),
            _ => None,
        }
    }
}

/// What the value of a registered claim is in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JsonType {
    /// Text.
    String,
    /// Text; with a `:` in it a URI (`StringOrURI` of RFC 7519 section 2).
    Uri,
    /// Seconds since 1970 (`NumericDate` of RFC 7519 section 2).
    Date,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// An object.
    Object,
    /// A list of anything.
    Array,
    /// A list of texts.
    Strings,
    /// A list of objects.
    Objects,
}

impl JsonType {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "string" => JsonType::String,
            "uri" => JsonType::Uri,
            "date" => JsonType::Date,
            "number" => JsonType::Number,
            "bool" => JsonType::Bool,
            "object" => JsonType::Object,
            "array" => JsonType::Array,
            "string[]" => JsonType::Strings,
            "object[]" => JsonType::Objects,
            _ => return None,
        })
    }

    /// In words, with the article.
    pub fn what(self) -> &'static str {
        match self {
            JsonType::String | JsonType::Uri => "a text",
            JsonType::Date => "seconds since 1970",
            JsonType::Number => "a number",
            JsonType::Bool => "`true` or `false`",
            JsonType::Object => "an object",
            JsonType::Array => "a list",
            JsonType::Strings => "a list of texts",
            JsonType::Objects => "a list of objects",
        }
    }
}

/// A claim of the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredClaim {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub class: Class,
    /// What its value may be.
    pub types: Vec<JsonType>,
    /// The document and section that define it.
    pub reference: &'static str,
    /// What it says, as a few words with a capital.
    pub meaning: &'static str,
}

/// What somebody takes a claim for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The name of the claim.
    pub name: &'static str,
    /// The registered protocol claim that it is read as, if it is one.
    pub claim: Option<&'static str>,
    /// Who reads it, with the article.
    pub reader: &'static str,
    /// What the reader takes it for.
    pub meaning: &'static str,
}

/// The scopes that give standard claims, and which: OpenID Connect Core 1.0, Section 5.4.
pub const SCOPE_CLAIMS: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

/// Sorted by name.
static REGISTERED: LazyLock<Vec<RegisteredClaim>> = LazyLock::new(|| {
    let mut claims: Vec<_> =
        include_str!("claims/registered.csv").lines().skip(1).filter_map(registered).collect();
    claims.sort_by_key(|claim| claim.name);
    claims
});

/// Sorted by name.
static READINGS: LazyLock<Vec<Reading>> = LazyLock::new(|| {
    let mut readings: Vec<_> =
        include_str!("claims/read_as.csv").lines().skip(1).filter_map(read_as).collect();
    readings.sort_by_key(|reading| reading.name);
    readings
});

fn registered(line: &'static str) -> Option<RegisteredClaim> {
    let mut fields = line.split(';');
    Some(RegisteredClaim {
        name: fields.next()?,
        class: Class::parse(fields.next()?)?,
        types: fields.next()?.split('|').map(JsonType::parse).collect::<Option<_>>()?,
        reference: fields.next()?,
        meaning: fields.next()?,
    })
}

fn read_as(line: &'static str) -> Option<Reading> {
    let mut fields = line.split(';');
    Some(Reading {
        name: fields.next()?,
        claim: fields.next().map(|claim| (!claim.is_empty()).then_some(claim))?,
        reader: fields.next()?,
        meaning: fields.next()?,
    })
}

/// All registered claims, sorted by name.
pub fn claims() -> &'static [RegisteredClaim] {
    &REGISTERED
}

/// The registered claim of exactly this name.
pub fn claim(name: &str) -> Option<&'static RegisteredClaim> {
    let index = REGISTERED.binary_search_by_key(&name, |claim| claim.name).ok()?;
    REGISTERED.get(index)
}

/// Who reads this name as what, for protocol claims and names that pass for one.
pub fn reading(name: &str) -> Option<&'static Reading> {
    let index = READINGS.binary_search_by_key(&name, |reading| reading.name).ok()?;
    READINGS.get(index)
}

/// All names that somebody reads as a part of the protocol, sorted.
pub fn readings() -> &'static [Reading] {
    &READINGS
}

/// Short names that are not registered and mean something to somebody all the same: who reads each as what.
const KNOWN_USES: &[(&str, &str, &str)] = &[
    ("active", "a library for token introspection (RFC 7662)", "whether the token is valid"),
    ("app_metadata", "Supabase", "what the application knows about the user"),
    ("cognito:groups", "an Amazon Cognito library", "the groups of the user"),
    ("cognito:username", "an Amazon Cognito library", "the name of the user in the pool"),
    ("constructor", "JavaScript that copies claims", "a part of every object"),
    ("identities", "an Amazon Cognito library", "the linked accounts of the user"),
    ("idp", "Microsoft.Identity.Web", "the identity provider of the user"),
    ("idtyp", "Microsoft.Identity.Web", "whether the token is about an application"),
    ("oid", "Microsoft.Identity.Web", "the object id of the user"),
    ("org_id", "an Auth0 library", "the organization that the user signed in to"),
    ("permissions", "an Auth0 library", "the granted permissions"),
    ("prototype", "JavaScript that copies claims", "a part of every class"),
    ("realm_access", "a Keycloak adapter", "the roles in the realm"),
    ("resource_access", "a Keycloak adapter", "the roles in each client"),
    ("role", "PostgREST", "the database role"),
    ("session_id", "Supabase", "the session"),
    ("tid", "Microsoft.Identity.Web", "the tenant"),
    ("token_type", "a library for token introspection (RFC 7662)", "the kind of token"),
    ("unique_name", "ASP.NET Core", "the name of the user"),
    ("upn", "ASP.NET Core", "the principal name of the user"),
    ("user_metadata", "Supabase", "what users say about themselves"),
    ("username", "a library for token introspection (RFC 7662)", "the name of the user"),
    ("uid", "an Okta library", "the id of the user"),
    ("ver", "Microsoft.Identity.Web", "the version of the token's format"),
    ("wids", "Microsoft.Identity.Web", "the directory roles of the user"),
    ("__proto__", "JavaScript that copies claims", "the prototype of the object"),
];

/// Who reads an unregistered short name as what, where that is known.
pub fn known_use(name: &str) -> Option<Reading> {
    let (name, reader, meaning) = KNOWN_USES.iter().find(|(known, ..)| *known == name)?;
    Some(Reading { name, claim: None, reader, meaning })
}

/// Why a name is taken for a protocol claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocol {
    /// The name that is taken: the name itself, what stands before a `#` or the first `.` in it, or its lower case.
    pub name: &'static str,
    /// Its registration, if it has one.
    pub claim: Option<&'static RegisteredClaim>,
    /// Who reads it as what, where that is known.
    pub reading: Option<&'static Reading>,
}

/// The protocol claim that a name is or passes for in a JWT.
///
/// `#` begins a language tag (OpenID Connect Core section 5.2), some hosts read `.` as a path, and ASP.NET Core finds
/// claims without regard to case; so `sub#en`, `sub.id` and `Sub` are `sub`.
pub fn protocol(name: &str) -> Option<Protocol> {
    if let Some(protocol) = exact_protocol(name) {
        return Some(protocol);
    }
    if name.contains(':') {
        return readings()
            .iter()
            .find(|r| r.name.eq_ignore_ascii_case(name))
            .and_then(|r| exact_protocol(r.name));
    }
    let base = name.split(['#', '.']).next().unwrap_or_default();
    let folded = || exact_protocol(&base.to_ascii_lowercase()).filter(|protocol| protocol.claim.is_some());
    exact_protocol(base).or_else(folded)
}

fn exact_protocol(name: &str) -> Option<Protocol> {
    let claim = claim(name).filter(|claim| claim.class == Class::Protocol);
    let reading = reading(name);
    let name = claim.map(|claim| claim.name).or(reading.map(|reading| reading.name))?;
    let claim = claim.or_else(|| self::claim(reading?.claim?));
    Some(Protocol { name, claim, reading })
}

/// The registered claim that a name without its language tag is (OpenID Connect Core section 5.2).
pub fn tagged_claim(name: &str) -> Option<&'static RegisteredClaim> {
    claim(name).or_else(|| claim(name.split_once('#')?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_complete_and_sorted() {
        assert_eq!(claims().len(), 163, "the registry of 2026-07-20");
        let of = |class| claims().iter().filter(|claim| claim.class == class).count();
        assert_eq!(
            [Class::Protocol, Class::Identity, Class::Authorization, Class::Other].map(of),
            [43, 29, 3, 88]
        );
        assert!(claims().windows(2).all(|pair| pair[0].name < pair[1].name));
        assert_eq!(readings().len(), include_str!("claims/read_as.csv").lines().count() - 1);
        assert!(readings().windows(2).all(|pair| pair[0].name < pair[1].name));
        for reading in readings() {
            let claim = reading.claim.map(|name| claim(name).map(|claim| claim.class));
            assert!(matches!(claim, None | Some(Some(Class::Protocol))), "{reading:?}");
        }
    }

    #[test]
    fn claims_are_as_their_documents_say() {
        let spot = |name: &str| claim(name).map(|c| (c.class, c.types.as_slice(), c.reference));
        assert_eq!(spot("sub"), Some((Class::Protocol, &[JsonType::Uri][..], "RFC 7519, Section 4.1.2")));
        assert_eq!(
            spot("aud"),
            Some((Class::Protocol, &[JsonType::Uri, JsonType::Strings][..], "RFC 7519, Section 4.1.3"))
        );
        assert_eq!(
            spot("email_verified"),
            Some((Class::Identity, &[JsonType::Bool][..], "OpenID Connect Core 1.0, Section 5.1"))
        );
        assert_eq!(spot("scope").map(|s| s.2), Some("RFC 8693, Section 4.2"));
        assert_eq!(spot("cnf").map(|s| s.0), Some(Class::Protocol));
        assert_eq!(spot("roles").map(|s| s.0), Some(Class::Authorization));
        assert_eq!(spot("location").map(|s| (s.0, s.2)), Some((Class::Other, "RFC 9711")));
        assert_eq!(
            spot("..."),
            Some((Class::Protocol, &[JsonType::String][..], "RFC 9901, Section 4.2.4.2"))
        );
        assert_eq!(spot("scp"), None);
        assert_eq!(spot("username"), None);
    }

    #[test]
    fn names_that_pass_for_protocol_claims_are_found() {
        let read = |name: &str| protocol(name).map(|p| p.claim.map_or(p.name, |claim| claim.name));
        for (name, claim) in [
            ("sub", "sub"),
            ("sub#en", "sub"),
            ("act.sub", "act"),
            ("Sub", "sub"),
            ("scp", "scope"),
            ("token_use", "token_use"),
            ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier", "sub"),
            ("HTTP://schemas.xmlsoap.org/ws/2005/05/identity/claims/NameIdentifier", "sub"),
        ] {
            assert_eq!(read(name), Some(claim), "{name}");
        }
        for name in ["email", "roles", "subject", "https://acme.example/sub", "urn:acme:sub", "x5t#S256"] {
            assert_eq!(read(name), None, "{name}");
        }
    }
}
