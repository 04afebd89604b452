//! The demo users: what they sign in with, and what the policy reads of them.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use aws_lc_rs::{pbkdf2, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use claimsc::Value;

use super::Members;

/// Rounds of a new password, as the OWASP Password Storage Cheat Sheet asks for with this function.
const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(599_999);

/// Somebody who may sign in.
#[derive(Debug, Clone)]
pub struct User {
    /// What tokens name the person by.
    pub subject: Arc<str>,
    /// The attributes, as the policy reads them.
    pub attributes: Value,
}

struct Account {
    password: Password,
    user: User,
}

/// All users by the name that they sign in with.
pub struct Users {
    by_login: BTreeMap<String, Account>,
    /// Of nobody: what an unknown name is checked against, so that it takes as long.
    nobody: Password,
}

impl std::fmt::Debug for Users {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Users({})", self.by_login.len())
    }
}

/// `pbkdf2-sha256$ROUNDS$SALT$HASH`, the last two in base64.
#[derive(Clone)]
struct Password {
    rounds: NonZeroU32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Users {
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let entries = value.as_list().ok_or("the file is not a list of users")?;
        let mut by_login = BTreeMap::new();
        for entry in entries {
            let members = Members::new(entry, &["login", "password", "user"])?;
            let login = members.text("login")?.to_owned();
            let attributes = entry.get("user").filter(|user| user.as_object().is_some());
            let subject = attributes.and_then(|user| user.get("sub")).and_then(Value::as_str);
            let (Some(attributes), Some(subject)) = (attributes, subject) else {
                return Err("`user.sub` is missing or no text".to_owned());
            };
            if by_login.values().any(|other: &Account| *other.user.subject == *subject) {
                return Err("a `user.sub` stands there twice".to_owned());
            }
            let user = User { subject: subject.into(), attributes: attributes.clone() };
            let account = Account { password: Password::read(members.text("password")?)?, user };
            if by_login.insert(login, account).is_some() {
                return Err("a login stands there twice".to_owned());
            }
        }
        let nobody = Password { rounds: ROUNDS, salt: vec![0; 16], hash: vec![0; 32] };
        // As slow as those of the others.
        let nobody = by_login
            .values()
            .next()
            .map_or(nobody.clone(), |first| Password { rounds: first.password.rounds, ..nobody });
        Ok(Users { by_login, nobody })
    }

    /// Who signs in with this name and password. Takes long on purpose, so it is nothing for a thread that serves others.
    pub fn sign_in(&self, login: &str, password: &str) -> Option<User> {
        let account = self.by_login.get(login);
        let expected = account.map_or(&self.nobody, |account| &account.password);
        let is_right = expected.is(password);
        account.filter(|_| is_right).map(|account| account.user.clone())
    }

    /// The person of a subject, as long as there is one.
    pub fn of_subject(&self, subject: &str) -> Option<&User> {
        self.by_login.values().map(|account| &account.user).find(|user| *user.subject == *subject)
    }
}

impl Password {
    fn read(text: &str) -> Result<Self, String> {
        let mut parts = text.split('$');
        let parsed = (|| {
            let (scheme, rounds, salt, hash) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
            let decode = |text: &str| STANDARD_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() >= 16);
            let fits = scheme == "pbkdf2-sha256" && parts.next().is_none();
            Some(Password { rounds: rounds.parse().ok()?, salt: decode(salt)?, hash: decode(hash)? })
                .filter(|_| fits)
        })();
        parsed.ok_or_else(|| "`password` is not what `claimsc-server hash-password` writes".to_owned())
    }

    /// Compares in constant time.
    fn is(&self, password: &str) -> bool {
        pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, self.rounds, &self.salt, password.as_bytes(), &self.hash)
            .is_ok()
    }
}

/// What stands as `password` in the file of users.
///
/// # Errors
/// A failing generator.
pub fn hash_password(password: &str) -> Result<String, String> {
    let mut salt = [0; 16];
    rand::fill(&mut salt).map_err(|_| "the generator of random numbers failed")?;
    let mut hash = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, password.as_bytes(), &mut hash);
    let encode = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes);
    Ok(format!("pbkdf2-sha256${ROUNDS}${}${}", encode(&salt), encode(&hash)))
}

#[cfg(test)]
mod tests {
    use claimsc::value::JsonLimits;

    use super::*;

    #[test]
    fn a_hashed_password_signs_in() {
        let hash = hash_password("correct horse").unwrap();
        let file = format!(r#"[{{ "login": "a", "password": "{hash}", "user": {{ "sub": "u-1" }} }}]"#);
        let users = Users::read(&Value::parse_json(file.as_bytes(), JsonLimits::default()).unwrap()).unwrap();
        assert_eq!(users.sign_in("a", "correct horse").map(|user| user.subject), Some("u-1".into()));
        assert!(users.sign_in("a", "correct horse ").is_none());
        assert!(users.sign_in("b", "correct horse").is_none());
        assert!(users.of_subject("u-1").is_some() && users.of_subject("a").is_none());
        assert_eq!(format!("{users:?}"), "Users(1)");
    }

    #[test]
    fn files_of_users_are_strict() {
        for file in [
            "{}",
            r#"[{ "login": "a", "password": "secret", "user": { "sub": "u-1" } }]"#,
            r#"[{ "login": "a", "password": "pbkdf2-sha256$0$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "user": { "sub": "u" } }]"#,
            r#"[{ "login": "a", "user": { "sub": "u-1" } }]"#,
            r#"[{ "login": "a", "pasword": "x", "user": { "sub": "u-1" } }]"#,
        ] {
            assert!(
                Users::read(&Value::parse_json(file.as_bytes(), JsonLimits::default()).unwrap()).is_err()
            );
        }
    }
}
