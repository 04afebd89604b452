//! The text of a token to its parts: what it says, before anything of it is believed.
//!
//! May assume nothing: the text is whatever somebody had at hand. Only signed tokens in compact form are read; of
//! everything else it is said what it is, as far as that can be seen without a key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::value::{JsonLimits, Object, Value};

/// The longest token that is read, in bytes: more than any HTTP header takes.
pub const MAX_TOKEN_BYTES: usize = 256 << 10;

/// Nesting of what a token says.
const MAX_DEPTH: usize = 32;

/// A signed token in compact form (RFC 7515 section 7.1), taken apart and not verified. `Debug` shows neither claims
/// nor signature, and nothing gives the signature out.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedToken {
    header: Object,
    claims: Object,
    /// Header and claims as they were signed, with the dot between them.
    message: String,
    signature: String,
}

/// What a text is that cannot be read as a signed token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// Text that means something to its issuer only.
    Opaque,
    /// An encrypted token (RFC 7516): only who has the key reads it.
    Encrypted,
    /// A signed token whose payload is another token (RFC 7519 section 5.2).
    Nested,
    /// Like a token, and broken.
    Malformed,
}

impl Form {
    /// A word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Form::Opaque => "opaque",
            Form::Encrypted => "encrypted",
            Form::Nested => "nested",
            Form::Malformed => "malformed",
        }
    }
}

/// Why a text cannot be read. Quotes at most the name of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What it is.
    pub form: Form,
    /// Its header, where that can be read.
    pub header: Option<Box<Object>>,
    message: String,
    help: String,
}

impl Unreadable {
    fn new(form: Form, message: impl Into<String>, help: impl Into<String>) -> Self {
        Unreadable { form, header: None, message: message.into(), help: help.into() }
    }

    fn broken(message: impl Into<String>) -> Self {
        Unreadable::new(
            Form::Malformed,
            message,
            "copy the whole token again, in one line and with nothing around it",
        )
    }

    /// The fact: lower case, without a period.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do: one imperative sentence.
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl SignedToken {
    /// Reads a token. Blanks and quotation marks around it and the word `Bearer` before it are left out.
    ///
    /// # Errors
    /// Everything else: see [`Form`]. Duplicate members are refused, because readers do not agree on which one counts.
    ///
    /// ```
    /// use claimsc::mint::{Form, SignedToken};
    ///
    /// let token = SignedToken::read("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1LTEifQ.AAAA").unwrap();
    /// assert_eq!(token.claims()["sub"].as_str(), Some("u-1"));
    /// assert_eq!(SignedToken::read("2YotnFZFEjr1zCsicMWpAA").unwrap_err().form, Form::Opaque);
    /// ```
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let text = bare(text);
        check_text(text)?;
        let parts: Vec<&str> = text.split('.').collect();
        match parts.as_slice() {
            [header, ..] if !looks_like_header(header) => Err(Unreadable::new(
                Form::Opaque,
                "this is no JWT: an opaque token, which means something to its issuer only",
                "ask the issuer's introspection endpoint (RFC 7662), or its userinfo endpoint, what it stands for",
            )),
            [header, payload, signature] => signed(header, payload, signature),
            [header, _, _, _, _] => Err(encrypted(header)),
            parts => Err(Unreadable::broken(format!(
                "the token has {} part{}, and a signed one has 3 (RFC 7515 section 7.1)",
                parts.len(),
                if parts.len() == 1 { "" } else { "s" }
            ))),
        }
    }

    /// The members of its header.
    pub fn header(&self) -> &Object {
        &self.header
    }

    /// A member of its header that is a text.
    pub fn header_text(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }

    /// Its claims, in their order. Nobody has verified them.
    pub fn claims(&self) -> &Object {
        &self.claims
    }

    /// The length of the token in bytes, the signature included.
    pub fn bytes(&self) -> usize {
        self.message.len() + 1 + self.signature.len()
    }

    pub(super) fn message(&self) -> &[u8] {
        self.message.as_bytes()
    }

    pub(super) fn signature(&self) -> &str {
        &self.signature
    }
}

impl fmt::Debug for SignedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedToken({} claims, {} bytes)", self.claims.len(), self.bytes())
    }
}

/// The token without what people copy along with it.
fn bare(text: &str) -> &str {
    let mut text = text.trim_ascii();
    for word in ["authorization:", "bearer "] {
        if let Some((start, rest)) = text.split_at_checked(word.len())
            && start.eq_ignore_ascii_case(word)
        {
            text = rest.trim_ascii_start();
        }
    }
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

fn check_text(text: &str) -> Result<(), Unreadable> {
    if text.is_empty() {
        return Err(Unreadable::new(Form::Malformed, "there is no token", "give the text of a token"));
    }
    if text.len() > MAX_TOKEN_BYTES {
        let message = format!(
            "the token has {} bytes, and none with more than {} is read",
            text.len(),
            MAX_TOKEN_BYTES
        );
        return Err(Unreadable::new(
            Form::Malformed,
            message,
            "give one token: no HTTP header takes one of this size",
        ));
    }
    if text.starts_with('{') {
        return Err(Unreadable::new(
            Form::Malformed,
            "this is JSON, and a token is text in compact form (RFC 7519 section 1)",
            "give the text of one token: three parts with dots between them",
        ));
    }
    if text.contains('~') && looks_like_header(text) {
        return Err(Unreadable::new(
            Form::Malformed,
            "this is a token with selective disclosure (RFC 9901), whose disclosures are not read",
            "give the part before the first `~` to see what is signed",
        ));
    }
    let is_foreign = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let fact = match text.chars().find(|c| is_foreign(*c)) {
        Some(c) if c.is_whitespace() => {
            "there is a blank or a line break within the text, and tokens have none"
        }
        _ if !looks_like_header(text) => return Ok(()),
        Some('=' | '+' | '/') => {
            "there is a character of plain base64, which tokens do not use (RFC 7515 section 2)"
        }
        Some(_) => "there is a character that no token has",
        None => return Ok(()),
    };
    Err(Unreadable::broken(fact))
}

/// Whether a text begins as a JSON object does in base64url: `{` and then a quotation mark, a blank or a line break. An
/// opaque token may begin so by chance, and then it is called broken.
fn looks_like_header(text: &str) -> bool {
    ["ey", "ew"].iter().any(|start| text.starts_with(start))
}

fn signed(header: &str, payload: &str, signature: &str) -> Result<SignedToken, Unreadable> {
    let message = format!("{header}.{payload}");
    let header = object(header, "header")?;
    let nested = |header: Object| Unreadable {
        form: Form::Nested,
        header: Some(Box::new(header)),
        message: "the payload is another token (RFC 7519 section 5.2), so there are no claims to show"
            .to_owned(),
        help: "verify this one, take the inner token out of it, and inspect that".to_owned(),
    };
    let is_jwt = |word: &str| ["jwt", "application/jwt"].iter().any(|one| word.eq_ignore_ascii_case(one));
    if header.get("cty").and_then(Value::as_str).is_some_and(is_jwt) {
        return Err(nested(header));
    }
    if payload.is_empty() {
        return Err(Unreadable {
            header: Some(Box::new(header)),
            ..Unreadable::broken(
                "the payload is empty: it was left out or sent elsewhere (RFC 7515 appendix F)",
            )
        });
    }
    let with_header =
        |error: Unreadable, header: Object| Unreadable { header: Some(Box::new(header)), ..error };
    let claims = match object(payload, "payload") {
        Ok(claims) => claims,
        Err(error) => return Err(with_header(error, header)),
    };
    if URL_SAFE_NO_PAD.decode(signature).is_err() {
        let error = Unreadable::broken("the signature is not base64url without padding (RFC 7515 section 2)");
        return Err(with_header(error, header));
    }
    Ok(SignedToken { header, claims, message, signature: signature.to_owned() })
}

fn encrypted(header: &str) -> Unreadable {
    match object(header, "header") {
        Ok(header) => Unreadable {
            header: Some(Box::new(header)),
            ..Unreadable::new(
                Form::Encrypted,
                "the token is encrypted (RFC 7516): only who has the key can read its claims",
                "ask whom it is for to decrypt it, or ask the issuer for signed tokens while you look for a mistake",
            )
        },
        Err(error) => error,
    }
}

/// A part of a token that is a JSON object in base64url.
fn object(part: &str, what: &str) -> Result<Object, Unreadable> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| {
        Unreadable::broken(format!("the {what} is not base64url without padding (RFC 7515 section 2)"))
    })?;
    let limits = JsonLimits { depth: MAX_DEPTH, bytes: MAX_TOKEN_BYTES };
    let value = Value::parse_json(&bytes, limits).map_err(|error| {
        Unreadable::new(
            Form::Malformed,
            format!("the {what} is no JSON that all readers agree on: {}", error.message),
            "refuse the token: who reads it otherwise may read something else",
        )
    })?;
    match value {
        Value::Object(members) => Ok(members.as_ref().clone()),
        other => Err(Unreadable::broken(format!("the {what} is a {}, not an object", other.kind()))),
    }
}
