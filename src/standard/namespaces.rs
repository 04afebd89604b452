//! Collision-resistant claim names (RFC 7519 section 4.2): absolute URLs and URNs, and whose they are.

/// How a claim name is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form<'n> {
    /// A word that anybody may use.
    Short,
    /// An absolute `http` or `https` URL.
    Url {
        /// Its host, in lower case.
        host: &'n str,
    },
    /// A URN (RFC 8141).
    Urn {
        /// Its namespace identifier.
        nid: &'n str,
    },
    /// Looks like a URL or URN, and is none that nobody else could use: what is wrong with it.
    Malformed(&'static str),
}

/// How a name or the beginning of one is made.
pub fn form(name: &str) -> Form<'_> {
    let Some((scheme, rest)) = name.split_once(':') else { return Form::Short };
    let is = |word| scheme.eq_ignore_ascii_case(word);
    if is("urn") {
        return urn(rest);
    }
    if !is("http") && !is("https") {
        return Form::Short;
    }
    if scheme.bytes().any(|b| b.is_ascii_uppercase()) {
        return Form::Malformed("its scheme is not in lower case");
    }
    let Some(rest) = rest.strip_prefix("//") else { return Form::Malformed("`//` is missing") };
    if !rest.bytes().all(is_uri_byte) {
        return Form::Malformed("it has characters that no URL has (RFC 3986, Section 2)");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if rest.contains('#') {
        return Form::Malformed("`#` begins a fragment or a language tag");
    }
    if rest.contains('?') {
        return Form::Malformed("`?` begins a query");
    }
    if authority.contains('@') {
        return Form::Malformed("it has user information before the host");
    }
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    if let Some(problem) = bad_host(host, authority) {
        return Form::Malformed(problem);
    }
    Form::Url { host }
}

fn bad_host(host: &str, authority: &str) -> Option<&'static str> {
    if authority.starts_with('[') || host.split('.').all(|label| label.bytes().all(|b| b.is_ascii_digit())) {
        return Some("its host is an IP address, which belongs to nobody for long");
    }
    if host.bytes().any(|b| b.is_ascii_uppercase()) {
        return Some("its host is not in lower case");
    }
    if host == "localhost" || host.ends_with(".localhost") {
        return Some("`localhost` is everybody's host");
    }
    if !host.contains('.') {
        return Some("its host is a single word, which is no domain that somebody owns");
    }
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    (!host.split('.').all(is_label)).then_some("its host is no domain name")
}

fn urn(rest: &str) -> Form<'_> {
    let Some((nid, name)) = rest.split_once(':') else {
        return Form::Malformed("a URN has a namespace and a name (RFC 8141, Section 2)");
    };
    let is_nid = (2..=32).contains(&nid.len())
        && nid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !nid.starts_with('-')
        && !nid.ends_with('-');
    if !is_nid || !name.bytes().all(is_uri_byte) {
        return Form::Malformed("it is no URN (RFC 8141, Section 2)");
    }
    if name.contains('#') {
        return Form::Malformed("`#` begins a fragment or a language tag");
    }
    Form::Urn { nid }
}

/// The characters of RFC 3986 section 2, and `%` of encoded ones.
fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

/// Whether a host is a domain or lies below it.
pub fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Domains whose names have a meaning to others, and who gives it. From the documentation of each.
const OWNERS: &[(&str, &str)] = &[
    ("amazon.com", "Amazon Web Services"),
    ("amazonaws.com", "Amazon Web Services"),
    ("auth0.com", "Auth0"),
    ("google.com", "Google"),
    ("googleapis.com", "Google"),
    ("hasura.io", "Hasura"),
    ("iana.org", "IANA"),
    ("ietf.org", "the IETF"),
    ("microsoft.com", "Microsoft"),
    ("microsoftonline.com", "Microsoft"),
    ("oasis-open.org", "OASIS"),
    ("okta.com", "Okta"),
    ("openid.net", "the OpenID Foundation"),
    ("w3.org", "the W3C"),
    ("webtask.io", "Auth0"),
    ("webtask.run", "Auth0"),
    ("xmlsoap.org", "Microsoft"),
    ("zitadel.com", "Zitadel"),
];

/// Namespaces of URNs that are not for policies, and whose they are.
const URN_OWNERS: &[(&str, &str)] = &[
    ("amazon", "Amazon Web Services"),
    ("auth0", "Auth0"),
    ("google", "Google"),
    ("ietf", "the IETF (RFC 2648)"),
    ("microsoft", "Microsoft"),
    ("okta", "Okta"),
    ("oasis", "OASIS"),
    ("openid", "the OpenID Foundation"),
    ("zitadel", "Zitadel"),
];

/// Who is known to own a host.
pub fn owner_of_host(host: &str) -> Option<&'static str> {
    OWNERS.iter().find(|(domain, _)| is_within(host, domain)).map(|(_, owner)| *owner)
}

/// Who is known to own the namespace of a URN.
pub fn owner_of_urn(nid: &str) -> Option<&'static str> {
    URN_OWNERS.iter().find(|(known, _)| known.eq_ignore_ascii_case(nid)).map(|(_, owner)| *owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_names() {
        let cases = [
            ("email", Form::Short),
            ("cognito:groups", Form::Short),
            ("acme.example/role", Form::Short),
            ("https://acme.example/claims/", Form::Url { host: "acme.example" }),
            ("https://acme.example", Form::Url { host: "acme.example" }),
            ("http://id.acme.example:8080/x", Form::Url { host: "id.acme.example" }),
            ("urn:acme:role", Form::Urn { nid: "acme" }),
            ("urn:uuid:", Form::Urn { nid: "uuid" }),
        ];
        for (name, expected) in cases {
            assert_eq!(form(name), expected, "{name}");
        }
        let malformed = [
            "https:/acme.example/x",
            "HTTPS://acme.example/x",
            "https://ACME.example/x",
            "https://localhost/x",
            "https://my-namespace/x",
            "https://10.0.0.1/x",
            "https://[::1]/x",
            "https://me@acme.example/x",
            "https://acme.example/#x",
            "https://acme.example/?x",
            "https://acme.example/x y",
            "https://acme..example/x",
            "https:///x",
            "urn:x",
            "urn:-x:y",
        ];
        for name in malformed {
            assert!(matches!(form(name), Form::Malformed(_)), "{name}: {:?}", form(name));
        }
    }

    #[test]
    fn domains_lie_within_each_other() {
        assert!(is_within("acme.example", "acme.example"));
        assert!(is_within("id.acme.example", "acme.example"));
        assert!(!is_within("evilacme.example", "acme.example"));
        assert_eq!(owner_of_host("schemas.xmlsoap.org"), Some("Microsoft"));
        assert_eq!(owner_of_host("notauth0.com"), None);
        assert_eq!(owner_of_urn("IETF"), Some("the IETF (RFC 2648)"));
    }
}
