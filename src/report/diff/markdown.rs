//! The same for a pull request.

use std::fmt::Write as _;

use crate::analysis::diff::{Diff, Difference};
use crate::report::{one_line, pretty};
use crate::standard::Token;

use super::{
    Group, Versions, answer, doubt_words, fact_line, groups, in_tokens, kind, summary, token_of, whom,
};

/// The summary, changed facts, and a section for each claim with a table; requests are folded away.
pub(super) fn render(diff: &Diff, versions: Versions<'_>) -> String {
    // Writing to a string cannot fail.
    let mut out = format!("## Claims: {}\n", summary(diff));
    if !diff.facts.is_empty() {
        out.push_str("\n### claims.yaml\n\n");
        for fact in &diff.facts {
            let _ = writeln!(out, "* {}", plain(&fact_line(fact)));
        }
    }
    for Group { title, differences, undecided } in groups(diff) {
        let _ = write!(out, "\n### {}\n\n", plain(&title));
        if !differences.is_empty() {
            out.push_str("| difference | for | old | new |\n|---|---|---|---|\n");
        }
        for (tokens, difference) in &differences {
            line(&mut out, tokens, difference);
        }
        for (number, (_, difference)) in differences.iter().enumerate() {
            let which = if differences.len() > 1 { format!(" {}", number + 1) } else { String::new() };
            let request = pretty(&difference.witness);
            let fence = fence(&request);
            let _ = write!(
                out,
                "\n<details><summary>Request{which}</summary>\n\n{fence}json\n{request}{fence}\n\n</details>\n"
            );
        }
        for undecided in undecided {
            let doubts: Vec<String> =
                undecided.doubts.iter().map(|doubt| doubt_words(doubt, versions)).collect();
            let tokens = in_tokens(&token_of(&undecided.about));
            let _ = writeln!(out, "\n**Undecided**{tokens}: {}", plain(&doubts.join(", ")));
        }
    }
    out
}

fn line(out: &mut String, tokens: &[Token], difference: &Difference) {
    let _ = writeln!(
        out,
        "| **{}**{} | {} | {} | {} |",
        plain(&kind(difference)),
        in_tokens(tokens),
        plain(&whom(difference)),
        plain(&answer(difference.old.as_ref(), &difference.old_rules)),
        plain(&answer(difference.new.as_ref(), &difference.new_rules)),
    );
}

/// A fence that no line of the text ends.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

/// Text that Markdown shows as it is.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in one_line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '|' | '*' | '_' | '[' | ']' | '\\' | '~' | '#' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}
