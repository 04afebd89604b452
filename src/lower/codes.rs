//! The diagnostics of the lowering: names, types, absence.

crate::codes! {
    /// Expressions, lets and functions nest too deeply once expanded.
    NESTING = "C0040" "expansion-too-deep" Error;
    /// Functions expand to more expressions than a policy may have.
    EXPANSION = "C0041" "expansion-too-large" Error;

    /// A path names an attribute that the catalog does not have.
    UNKNOWN_ATTRIBUTE = "C0201" "unknown-attribute" Error;
    /// A bare name that nothing declares.
    UNKNOWN_NAME = "C0202" "unknown-name" Error;
    /// An audience, client, grant, connection or organization that the catalog does not have.
    UNKNOWN_ALIAS = "C0203" "undeclared-alias" Error;
    /// A method that the language does not have, or not for this type.
    UNKNOWN_METHOD = "C0204" "unknown-method" Error;
    /// A claim name in a namespace that no `namespace` item declares.
    UNKNOWN_NAMESPACE = "C0205" "unknown-namespace" Error;
    /// Two declarations of one name.
    DUPLICATE_NAME = "C0206" "duplicate-name" Error;
    /// A name that declarations may not have.
    BAD_NAME = "C0207" "bad-name" Error;
    /// A `let` that stands for itself.
    RECURSIVE_LET = "C0208" "recursive-let" Error;
    /// A `let` that nothing reads.
    UNUSED_LET = "C0209" "unused-let" Warning allow;
    /// A `table` that nothing reads.
    UNUSED_TABLE = "C0210" "unused-table" Warning allow;
    /// A `namespace` that no claim uses.
    UNUSED_NAMESPACE = "C0211" "unused-namespace" Warning allow;
    /// A `claim` alias that no statement uses.
    UNUSED_CLAIM_ALIAS = "C0212" "unused-claim-alias" Warning allow;
    /// A label that the catalog does not have.
    UNKNOWN_LABEL = "C0215" "undeclared-label" Error;
    /// A scope that no audience lists.
    UNKNOWN_SCOPE = "C0216" "unknown-scope" Error;

    /// A value of one type where another is needed.
    WRONG_TYPE = "C0301" "wrong-type" Error;
    /// A comparison with a value that the other side can never have.
    IMPOSSIBLE_VALUE = "C0302" "impossible-value" Error;
    /// A comparison or condition whose result is known.
    CONSTANT_CONDITION = "C0303" "constant-condition" Warning allow;
    /// A `match` that leaves values out.
    INCOMPLETE_MATCH = "C0304" "incomplete-match" Error;
    /// A `match` arm, table row or record member that stands twice.
    DUPLICATE_KEY = "C0305" "repeated-key" Error;
    /// A regular expression that cannot be used.
    INVALID_REGEX = "C0306" "invalid-regex" Error;
    /// Too many or too few arguments, or one of the wrong sort.
    WRONG_ARGUMENTS = "C0307" "wrong-arguments" Error;
    /// `omit` where nothing can be left out.
    MISPLACED_OMIT = "C0308" "misplaced-omit" Error;
    /// `deny` where no request can be refused.
    MISPLACED_DENY = "C0309" "misplaced-deny" Error;
    /// `null` outside a written value's parts.
    MISPLACED_NULL = "C0310" "misplaced-null" Error;
    /// `json` that must be tested with `as` first.
    UNTYPED_JSON = "C0311" "untyped-json" Error;
    /// A point in time or duration written as it is.
    TIME_AS_CLAIM = "C0312" "time-as-claim" Error;
    /// `!=` with an audience, which is a set.
    AUDIENCE_INEQUALITY = "C0313" "audience-inequality" Error;
    /// `audience not in [..]`, which can be read in two ways.
    AUDIENCE_NOT_IN = "C0314" "audience-not-in" Warning allow;

    /// A restriction whose guard may be unknown.
    UNKNOWN_GUARD = "C0320" "restriction-may-be-unknown" Error;
    /// A value that may be absent where it may not.
    ABSENT_VALUE = "C0321" "value-may-be-absent" Error;
    /// A list element, member or spread that may be absent, without `??`.
    ABSENT_PART = "C0322" "part-may-be-absent" Error;
    /// `??` behind something that cannot be absent.
    NEVER_ABSENT = "C0323" "never-absent" Error;
    /// `exists` on something that cannot be absent.
    ALWAYS_EXISTS = "C0324" "always-exists" Warning allow;
    /// `all` over a list that may be empty, in a guard that grants.
    ALL_OVER_EMPTY = "C0325" "all-over-empty" Warning allow;
    /// `is_empty` over something that may be absent, in a guard that grants.
    EMPTY_OR_ABSENT = "C0326" "empty-or-absent" Error;
    /// A restriction behind a condition about the user, where there may be none.
    SKIPPED_WITHOUT_USER = "C0327" "restriction-skipped-without-user" Error;

    /// Something is read that is not known yet when the statement is carried out.
    WRONG_STAGE = "C0330" "wrong-stage" Error;
    /// `unless` behind a verb that grants.
    MISPLACED_UNLESS = "C0331" "misplaced-unless" Error;
    /// `to` behind a verb that is not about tokens.
    MISPLACED_TARGET = "C0332" "misplaced-target" Error;
    /// A denial whose code or text cannot stand in an OAuth error response.
    BAD_DENIAL = "C0333" "bad-denial" Error;
    /// A literal that is no scope.
    BAD_SCOPE = "C0334" "bad-scope" Error;
    /// A lifetime that is not positive.
    BAD_LIFETIME = "C0335" "bad-lifetime" Error;
    /// A spread of free keys without `matching`.
    FREE_KEYS = "C0336" "free-keys" Error;
    /// `append` to a member of a claim.
    APPENDED_MEMBER = "C0338" "appended-member" Error;

    /// A claim name that no token can carry.
    BAD_CLAIM_NAME = "C0401" "bad-claim-name" Error;
    /// A claim alias that does not name a constant of `config`.
    CLAIM_NOT_FROM_CONFIG = "C0402" "claim-not-from-config" Error;
    /// A value that does not fit the type that a contract or claims.yaml states for the claim.
    CLAIM_TYPE = "C0403" "claim-type" Error;
}
