//! The bytes of a whole access token: header, payload and signature in base64url with dots between them (RFC 7515 section
//! 7.1), and what the issuer puts into it beside the claims of the policy (RFC 9068 section 2.2).

use crate::standard::signatures::Signature;
use crate::value::{Object, Value};

/// What is not known of protocol claims is assumed to have so many bytes.
pub mod assumed {
    /// `iss`, where claims.yaml names no issuer.
    pub const ISSUER: u64 = 64;
    /// `client_id`, and `sub` of a machine, of a client that is not listed.
    pub const CLIENT: u64 = 64;
    /// `aud`, of an audience that is not listed.
    pub const AUDIENCE: u64 = 128;
    /// `sub` of a person: the most that OpenID Connect Core section 2 permits.
    pub const SUBJECT: u64 = 255;
    /// `jti`: a UUID (RFC 9562 section 4).
    pub const ID: u64 = 36;
    /// `kid` of the header: a thumbprint with SHA-256 (RFC 7638 section 3.4).
    pub const KEY_ID: u64 = 43;
    /// `exp`, `iat`, `auth_time`: digits, until the year 2286.
    pub const TIME: u64 = 10;
    /// `acr`.
    pub const ASSURANCE: u64 = 64;
    /// `scope`, of an audience that lists no scopes.
    pub const SCOPES: u64 = 256;
    /// `amr` as JSON: five methods such as `"hwk"` (RFC 8176 section 2).
    pub const METHODS: u64 = 31;
}

/// What the issuer puts into an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protocol {
    /// Names, and bytes of the JSON of the values.
    members: Vec<(&'static str, u64)>,
}

/// What is known of an access token beside its claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known<'a> {
    /// The issuer.
    pub issuer: Option<&'a str>,
    /// The audiences; empty where it is not known which.
    pub audience: &'a [&'a str],
    /// The client's id.
    pub client: Option<&'a str>,
    /// Bytes of the JSON of the user's `sub`; `None` without a user, and `sub` is then the client.
    pub subject: Option<u64>,
    /// Bytes of all scopes with blanks between them; 0 for a token without `scope`.
    pub scopes: u64,
}

impl Protocol {
    /// The claims of RFC 9068 section 2.2; those about the sign-in only where there is a user.
    pub fn of(known: Known<'_>) -> Self {
        let text = |bytes: u64| bytes + 2;
        let or = |known: Option<&str>, assumed: u64| known.map_or(text(assumed), |known| json(&known.into()));
        let client = or(known.client, assumed::CLIENT);
        let audience = match known.audience {
            [] => text(assumed::AUDIENCE),
            [one] => json(&(*one).into()),
            several => json(&Value::list(several.iter().map(|id| Value::from(*id)).collect())),
        };
        let mut members = vec![
            ("iss", or(known.issuer, assumed::ISSUER)),
            ("sub", known.subject.map_or(client, |subject| subject.min(text(assumed::SUBJECT)))),
            ("aud", audience),
            ("client_id", client),
            ("exp", assumed::TIME),
            ("iat", assumed::TIME),
            ("jti", text(assumed::ID)),
        ];
        if known.scopes > 0 {
            members.push(("scope", text(known.scopes)));
        }
        if known.subject.is_some() {
            members.extend([
                ("auth_time", assumed::TIME),
                ("acr", text(assumed::ASSURANCE)),
                ("amr", assumed::METHODS),
            ]);
        }
        Protocol { members }
    }

    /// Bytes of its members as JSON, with a comma behind each.
    fn bytes(&self) -> u64 {
        let member = |(name, value): &(&str, u64)| (name.len() as u64 + 4).saturating_add(*value);
        self.members.iter().map(member).fold(0, u64::saturating_add)
    }
}

/// Bytes of a signed access token. `claims` are those of the JSON object of the policy's claims, braces included.
pub fn token_bytes(claims: u64, protocol: &Protocol, signature: &Signature) -> u64 {
    let header = Object::from_iter([
        ("typ".into(), Value::from("at+jwt")),
        ("alg".into(), Value::from(signature.alg)),
        ("kid".into(), Value::from("")),
    ]);
    let header = json(&Value::object(header)) + assumed::KEY_ID;
    let payload = claims.saturating_add(protocol.bytes());
    [header, payload, signature.bytes].into_iter().map(base64url).fold(2, u64::saturating_add)
}

/// Bytes in base64url without padding (RFC 7515 section 2).
fn base64url(bytes: u64) -> u64 {
    u64::try_from((u128::from(bytes) * 4).div_ceil(3)).unwrap_or(u64::MAX)
}

fn json(value: &Value) -> u64 {
    value.to_json().len() as u64
}
