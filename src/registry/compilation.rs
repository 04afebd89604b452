//! Diagnostics about a compilation as a whole: whoever compiles gives them.

crate::codes! {
    /// An `@allow` of something that is no check.
    UNKNOWN_CHECK = "C0213" "unknown-check" Error;
    /// An `@allow` that silences nothing.
    UNUSED_ALLOW = "C0214" "unused-allow" Warning;
    /// An `@allow` of a check that cannot be silenced.
    NOT_ALLOWABLE = "C0217" "not-allowable" Error;
    /// An `@allow` without a reason.
    NO_REASON = "C0218" "no-reason" Error;
    /// There is no claims.yaml, so little can be checked.
    NO_CATALOG = "C0603" "no-catalog" Note;
    /// A constant that is bound to something else than claims.yaml declares.
    CONFIG = "C1050" "config-mismatch" Error;
    /// A lock on something that cannot be silenced.
    POINTLESS_LOCK = "C1026" "pointless-lock" Note;
}
