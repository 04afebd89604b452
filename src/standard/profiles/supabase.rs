//! Supabase Auth: what the custom access token hook can put into tokens.

use super::Effect::RefusesToken;
use super::{Fact, Is, Profile, Shape, Source, Verb};
use crate::standard::Tokens;

const SCHEMA: Source = Source {
    title: "supabase/auth: internal/tokens/service.go, MinimumViableTokenSchema",
    version: "at bc32168, 2026",
};
const HOOKS: Source = Source {
    title: "supabase/auth: internal/hooks/hookshttp/hookshttp.go; Supabase docs: Custom Access Token Hook",
    version: "2026",
};
const ACCESS: Tokens = Tokens::ACCESS;

/// A claim that must stay, with its type.
const fn demanded(names: &'static str, shape: Shape) -> Fact {
    Fact { tokens: ACCESS, is: Is::Demanded(names, shape, RefusesToken), note: "", source: SCHEMA }
}

/// A claim that may be there, with its type.
const fn typed(names: &'static str, shape: Shape) -> Fact {
    Fact { tokens: ACCESS, is: Is::Typed(names, shape, RefusesToken), note: "", source: SCHEMA }
}

pub(super) static PROFILE: Profile = Profile {
    name: "supabase",
    title: "Supabase Auth",
    mechanism: "the custom access token hook",
    tokens: ACCESS,
    facts: &[
        demanded("aud", Shape::StringOrList),
        demanded("exp iat", Shape::Integer),
        demanded("sub email phone role aal session_id", Shape::String),
        demanded("is_anonymous", Shape::Any),
        typed("jti iss client_id", Shape::String),
        typed("nbf", Shape::Integer),
        typed("app_metadata user_metadata", Shape::Object),
        typed("amr", Shape::List),
        Fact {
            tokens: ACCESS,
            is: Is::MaxBytes(204_800, RefusesToken),
            note: "the answer of the hook; it has 5 seconds",
            source: HOOKS,
        },
        Fact {
            tokens: Tokens::ALL,
            is: Is::Lacks(&[Verb::AddScope, Verb::RemoveScope, Verb::LimitScopes]),
            note: "the hook answers with claims or an error",
            source: HOOKS,
        },
    ],
};
