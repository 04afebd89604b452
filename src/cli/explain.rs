//! `claimsc explain`: what a diagnostic means, why it matters, how to mend it.

use std::fmt::Write as _;

use clap::Args;

use crate::diag::Code;
use crate::registry;

use super::{Output, Stop};

/// Explains a diagnostic; without an argument, lists all.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claimsc explain C0201
  claimsc explain unknown-attribute
  claimsc explain | less")]
pub(super) struct Arguments {
    /// A code such as `C0201`, or its slug
    #[arg(value_name = "CODE|SLUG")]
    code: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Output, Stop> {
    let stdout = match &arguments.code {
        None => list(),
        Some(word) => page(registry::find(word).ok_or_else(|| unknown(word))?),
    };
    Ok(Output { stdout, ..Output::default() })
}

fn page(code: &Code) -> String {
    let allowed = if code.allowed {
        format!("`@allow({}, \"reason\")` silences it.", code.slug)
    } else {
        "It cannot be silenced.".to_owned()
    };
    format!("{}\nSeverity: {}. {allowed}\n", code.page, code.severity.as_str())
}

fn list() -> String {
    let mut out = String::new();
    for (prefix, title) in registry::FAMILIES {
        let codes = registry::family(prefix);
        if codes.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{prefix}  {title}");
        for code in codes {
            let allowed = if code.allowed { ", @allow" } else { "" };
            let kind = format!("{}{allowed}", code.severity.as_str());
            let _ = writeln!(out, "  {}  {:<36} {kind}", code.code, code.slug);
        }
        out.push('\n');
    }
    out.push_str("`claimsc explain CODE` shows why, a failing example and the fix.\n");
    out
}

fn unknown(word: &str) -> Stop {
    let similar: Vec<_> =
        registry::similar(word).into_iter().map(|code| format!("`{}` ({})", code.slug, code.code)).collect();
    let help = if similar.is_empty() {
        "run `claimsc explain` without an argument to see all".to_owned()
    } else {
        format!("did you mean {}?", similar.join(" or "))
    };
    Stop::new(format!("no diagnostic has the code or slug `{word}`"), help)
}
