//! The diagnostics about claims.yaml, and the one about types as they are written in either file.

crate::codes! {
    /// A type names something that is no type.
    UNKNOWN_TYPE = "C0250" "unknown-type" Error;
    /// The text is not YAML.
    INVALID_YAML = "C1001" "invalid-yaml" Error;
    /// YAML that can be read in two ways, or that hides what the file says.
    REFUSED_YAML = "C1002" "refused-yaml" Error;
    /// A key stands twice in one mapping.
    DUPLICATE_KEY = "C1003" "duplicate-key" Error;
    /// The file is too large, too deep, or has too many mistakes to list.
    CATALOG_LIMIT = "C1004" "catalog-limit" Error;
    /// `language` is missing or names another release.
    LANGUAGE_VERSION = "C1005" "language-version" Error;
    /// A key that means nothing here.
    UNKNOWN_KEY = "C1006" "unknown-key" Error;
    /// A key that has to be there is not.
    MISSING_KEY = "C1007" "missing-key" Error;
    /// A value of another kind than the key takes.
    WRONG_KIND = "C1008" "wrong-kind" Error;
    /// Text that does not have the form that the key asks for.
    MALFORMED_TEXT = "C1009" "malformed-text" Error;
    /// An alias or name that cannot be used in policies.
    UNUSABLE_NAME = "C1010" "unusable-name" Error;
    /// An alias that nothing declares.
    UNKNOWN_ALIAS = "C1011" "unknown-alias" Error;
    /// A label that is neither built in nor listed.
    UNKNOWN_LABEL = "C1012" "unknown-label" Error;
    /// Two things have the same id.
    DUPLICATE_ID = "C1013" "duplicate-id" Error;
    /// Settings that contradict each other or the type.
    CONTRADICTORY_SETTINGS = "C1014" "contradictory-settings" Error;
    /// A default, constant or metadata member that is not of its type.
    UNFIT_VALUE = "C1015" "unfit-value" Error;
    /// An owned domain that nobody can own.
    UNOWNABLE_DOMAIN = "C1020" "unownable-domain" Error;
    /// An owned domain under which strangers have names.
    SHARED_DOMAIN = "C1021" "shared-domain" Warning;
}
