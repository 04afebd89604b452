//! The errors of evaluation that are not a builtin's.

crate::codes! {
    /// A demanded attribute is missing, of the wrong type or beyond its bounds.
    UNFIT_ATTRIBUTE = "C0901" "unfit-attribute" Error;
    /// Two writes that fire together give one claim different values.
    CONFLICTING_VALUES = "C0902" "conflicting-values" Error;
    /// The request says what claims.yaml rules out.
    REQUEST_CONTRADICTS_CATALOG = "C0903" "request-contradicts-catalog" Error;
    /// A sum, product or negative is beyond 64 bits.
    ARITHMETIC_OVERFLOW = "C0904" "arithmetic-overflow" Error;
    /// `set audience` neither fills nor narrows.
    UNFIT_AUDIENCE = "C0905" "unfit-audience" Error;
    /// A source of external data failed, and the rule does not test that.
    EXTERNAL_FAILED = "C0906" "external-failed" Error;
    /// What a scope statement gives is not a single scope.
    MALFORMED_SCOPE = "C0907" "malformed-scope" Error;
    /// The policy reads the time, and the request does not tell it.
    TIME_NOT_GIVEN = "C0908" "time-not-given" Error;
    /// A claim name that is only known at run time is not one.
    UNFIT_CLAIM_NAME = "C0909" "unfit-claim-name" Error;
    /// `limit lifetime` gives no time that a token can live.
    UNFIT_LIFETIME = "C0930" "unfit-lifetime" Error;
    /// The request costs more work than any may.
    TOO_MANY_STEPS = "C0931" "too-many-steps" Error;
}
