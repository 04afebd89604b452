//! The hosts that policies can be written for.

/// The values of `profile` in claims.yaml; the first is the default.
pub const PROFILES: [&str; 10] =
    ["generic", "auth0", "okta", "entra", "cognito", "keycloak", "hydra", "authelia", "supabase", "zitadel"];
