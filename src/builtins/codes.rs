//! What can go wrong when a method is run.

crate::codes! {
    /// `at_most` met a longer list.
    TOO_MANY_ELEMENTS = "C0910" "too-many-elements" Error;
    /// A text or list grew beyond what one method may give.
    RESULT_TOO_LARGE = "C0911" "result-too-large" Error;
    /// A time has no RFC 3339 form, which ends with the year 9999.
    TIME_OUT_OF_RANGE = "C0912" "time-out-of-range" Error;
}
