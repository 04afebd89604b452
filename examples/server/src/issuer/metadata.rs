//! What the server tells clients about itself: OpenID Connect Discovery 1.0 section 3, which is RFC 8414 with a few more
//! members.

use claimsc::Value;
use claimsc::mint::Minter;
use claimsc::standard::Grant;
use claimsc::value::Object;

/// The grants of this server.
pub(super) const GRANTS: [Grant; 4] =
    [Grant::AuthorizationCode, Grant::ClientCredentials, Grant::Password, Grant::RefreshToken];

/// The document.
pub(super) fn document(minter: &Minter) -> Value {
    let issuer = minter.settings().issuer();
    let at = |path: &str| Value::from(&*format!("{}{path}", issuer.trim_end_matches('/')));
    let texts = |all: &[&str]| Value::list(all.iter().map(|text| Value::from(*text)).collect());
    let algorithms = minter.keys().id_token_algorithms();
    let algorithms: Vec<&str> = algorithms.iter().map(|algorithm| algorithm.as_str()).collect();
    let members = [
        ("issuer", Value::from(&**issuer)),
        ("authorization_endpoint", at("/authorize")),
        ("token_endpoint", at("/token")),
        ("userinfo_endpoint", at("/userinfo")),
        ("jwks_uri", at("/jwks")),
        ("scopes_supported", texts(&["openid", "profile", "email", "address", "phone"])),
        ("response_types_supported", texts(&["code"])),
        ("response_modes_supported", texts(&["query"])),
        ("grant_types_supported", texts(&GRANTS.map(Grant::as_str))),
        ("subject_types_supported", texts(&["public"])),
        ("id_token_signing_alg_values_supported", texts(&algorithms)),
        (
            "token_endpoint_auth_methods_supported",
            texts(&["client_secret_basic", "client_secret_post", "none"]),
        ),
        ("code_challenge_methods_supported", texts(&["S256"])),
        ("prompt_values_supported", texts(&["none", "login"])),
        ("authorization_response_iss_parameter_supported", Value::from(true)),
        ("claims_parameter_supported", Value::from(false)),
        ("request_parameter_supported", Value::from(false)),
        // Without this member it would be true.
        ("request_uri_parameter_supported", Value::from(false)),
    ];
    Value::object(members.into_iter().map(|(name, value)| (name.into(), value)).collect::<Object>())
}
