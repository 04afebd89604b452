//! The diagnostics of this room.

crate::codes! {
    /// A file is larger than the parser reads.
    FILE_TOO_LARGE = "C0001" "file-too-large" Error;
    /// Brackets, unbraced `if`s, operators or paths nest too deeply.
    NESTING_TOO_DEEP = "C0002" "nesting-too-deep" Error;
    /// A file has more syntax errors than are reported.
    TOO_MANY_SYNTAX_ERRORS = "C0003" "too-many-syntax-errors" Error;
    /// Something else was expected.
    UNEXPECTED_TOKEN = "C0101" "unexpected-token" Error;
    /// A bracket is not closed, or closes nothing.
    UNBALANCED_BRACKET = "C0102" "unbalanced-bracket" Error;
    /// A string, template or regular expression does not end on its line.
    UNCLOSED_LITERAL = "C0103" "unclosed-literal" Error;
    /// A control character or foreign white space.
    CONTROL_CHARACTER = "C0104" "control-character" Error;
    /// A character that changes the direction of the text around it.
    BIDIRECTIONAL_CHARACTER = "C0105" "bidirectional-character" Error;
    /// An escape that the language does not have.
    UNKNOWN_ESCAPE = "C0106" "unknown-escape" Error;
    /// Not a number or duration.
    MALFORMED_NUMBER = "C0107" "malformed-number" Error;
    /// Syntax of another language, understood and refused.
    FOREIGN_SYNTAX = "C0108" "foreign-syntax" Error;
    /// `a < b < c`.
    CHAINED_COMPARISON = "C0109" "chained-comparison" Error;
    /// An operand that must stand in parentheses.
    MISSING_PARENTHESES = "C0110" "missing-parentheses" Error;
    /// An `else` that could belong to either of two `if`s.
    DANGLING_ELSE = "C0111" "dangling-else" Error;
    /// `///` before nothing.
    STRAY_DOC_COMMENT = "C0112" "stray-doc-comment" Warning allow;
    /// A computed value where only a literal may stand.
    LITERAL_REQUIRED = "C0113" "literal-required" Error;
    /// A value, call or refusal where it cannot stand.
    MISPLACED_EXPRESSION = "C0114" "misplaced-expression" Error;
    /// A word after `to` that names no token.
    UNKNOWN_TOKEN = "C0115" "unknown-token" Error;
}
