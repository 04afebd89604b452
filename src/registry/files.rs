//! Diagnostics of policy files that cannot be read as text: whoever reads the files gives them, before compiling.

crate::codes! {
    /// A file is not UTF-8.
    NOT_UTF8 = "C0020" "not-utf8" Error;
    /// All files together are larger than a policy may be.
    POLICY_TOO_LARGE = "C0021" "policy-too-large" Error;
    /// The policy has more files than a policy may have.
    TOO_MANY_FILES = "C0022" "too-many-files" Error;
}
