//! The parameters of a request: a query or a form (RFC 6749 section 3.1 and 3.2).

use crate::oauth::OauthError;

/// Parameters, each at most once but for `resource`. Those without a value count as left out.
pub struct Params {
    pairs: Vec<(String, String)>,
}

impl Params {
    /// Reads a query or the body of a form.
    ///
    /// # Errors
    /// A parameter that stands there twice.
    pub fn parse(bytes: &[u8]) -> Result<Self, OauthError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            // RFC 8707 section 2 allows `resource` several times.
            if name != "resource" && pairs.iter().any(|(known, _)| *known == name) {
                return Err(OauthError::bad("invalid_request", "a parameter is given twice"));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        pairs.retain(|(_, value)| !value.is_empty());
        Ok(Params { pairs })
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// The value of a parameter that has to be there.
    ///
    /// # Errors
    /// If it is not.
    pub fn need(&self, name: &'static str) -> Result<&str, OauthError> {
        self.get(name).ok_or_else(|| OauthError::bad("invalid_request", format!("`{name}` is missing")))
    }

    /// All values of a parameter.
    pub fn all<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| &**value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_stand_once_and_have_values() {
        let params = Params::parse(b"a=1&b=&resource=x&resource=y%20z").unwrap();
        assert_eq!((params.get("a"), params.get("b")), (Some("1"), None));
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["x", "y z"]);
        assert!(Params::parse(b"a=1&a=1").is_err());
        assert!(Params::parse(b"a=&a=1").is_err());
    }
}
