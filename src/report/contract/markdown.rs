//! A page with a table.

use std::fmt::Write as _;

use crate::analysis::contract::{Offer, Offered};
use crate::logic::meaning::Name;
use crate::report::one_line;

use super::{FIXED, about, called};

pub(super) fn render(offer: &Offer) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "# Access tokens for {}\n\n{}\n", cell(called(offer)), one_line(&about(offer)));
    if !offer.is_issued {
        out.truncate(out.trim_end().len());
        out.push('\n');
        return out;
    }
    if offer.claims.is_empty() {
        out.push_str("They carry protocol claims only.\n\n");
    } else {
        out.push_str("| claim | type | there | what it is |\n|---|---|---|---|\n");
        for claim in &offer.claims {
            let types: Vec<String> = claim.types.iter().map(|ty| code(&ty.to_string())).collect();
            let docs: Vec<String> = claim.docs.iter().map(|doc| cell(doc.trim())).collect();
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                name(claim),
                types.join(" or "),
                claim.presence.as_str(),
                docs.join("<br>"),
            );
        }
        out.push('\n');
    }
    out.push_str(
        "## Protocol claims\n\nThe issuer puts these in, by the profile of RFC 9068.\n\n\
         | claim | there | what it is |\n|---|---|---|\n",
    );
    for fixed in &FIXED {
        let there = if fixed.is_required { "always" } else { "sometimes" };
        let _ = writeln!(out, "| `{}` | {there} | {} |", fixed.name, fixed.meaning);
    }
    out
}

fn name(claim: &Offered) -> String {
    match &claim.name {
        Name::Literal(name) => code(name),
        Name::Members(prefix, Some(rest)) => {
            // As it was written, without what makes it whole.
            let written = rest.as_str().strip_prefix(r"\A(?:").and_then(|rest| rest.strip_suffix(r")\z"));
            format!("{} with {}", code(&format!("{prefix}*")), code(written.unwrap_or(rest.as_str())))
        }
        Name::Members(prefix, None) => code(&format!("{prefix}*")),
        Name::Config(attribute) => format!("what {} says", code(attribute)),
    }
}

/// A code span in a cell of a table.
fn code(text: &str) -> String {
    let text = one_line(text).replace('|', "\\|");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in one_line(text).chars() {
        match c {
            '|' => out.push_str("\\|"),
            '<' => out.push_str("&lt;"),
            _ => out.push(c),
        }
    }
    out
}
