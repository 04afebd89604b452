//! One line of text for each event, on standard error. The time is left to whatever collects the lines.
//!
//! Values are of a few kinds that are safe to keep: names of the server's own making, ids of registered clients, codes,
//! counts. Nothing a request says, no token, no secret, nothing about a person; a token is named by its `jti`.

use std::fmt::Write as _;
use std::io::Write as _;

use claimsc::report::visible;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Somebody has to look at it.
    Error,
    /// Somebody may want to look at it.
    Warn,
    /// Good to know.
    Info,
}

/// Writes one event.
pub fn event(level: Level, name: &str, fields: &[(&str, &str)]) {
    let line = line(level, name, fields);
    // A log that cannot be written must not stop the server.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

fn line(level: Level, name: &str, fields: &[(&str, &str)]) -> String {
    let level = match level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Info => "info",
    };
    let mut line = format!("{level} {name}");
    for (field, value) in fields {
        // Writing to a string cannot fail.
        let _ = write!(line, " {field}={}", quoted(value));
    }
    line.push('\n');
    line
}

/// In quotes where it is not one word, and always in one line.
fn quoted(value: &str) -> String {
    let is_word = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    if is_word {
        return value.to_owned();
    }
    let text = visible(value).replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n").replace('\t', "\\t"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_it_says() {
        let written = line(Level::Warn, "x", &[("a", "b"), ("c", "d \"e\"\nerror y"), ("f", "")]);
        assert_eq!(written, "warn x a=b c=\"d \\\"e\\\"\\nerror y\" f=\"\"\n");
    }
}
