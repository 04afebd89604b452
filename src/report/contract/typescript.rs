//! A TypeScript interface.

use std::fmt::Write as _;

use crate::analysis::contract::{Offer, Presence};
use crate::logic::meaning::Name;
use crate::report::visible;
use crate::ty::{Kind, Type};
use crate::value::Value;

use super::{FIXED, about, called};

pub(super) fn render(offer: &Offer) -> String {
    let mut out = String::new();
    comment(&mut out, "", &[about(offer)]);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "export interface {} {{", interface(called(offer)));
    for fixed in &FIXED {
        comment(&mut out, "  ", &[fixed.meaning.to_owned()]);
        let mark = if fixed.is_required { "" } else { "?" };
        let _ = writeln!(out, "  {}{mark}: {};", fixed.name, protocol(fixed.name, offer));
    }
    for claim in &offer.claims {
        let presence = match claim.presence {
            Presence::Always => "In every token.",
            Presence::WithUser => "In every token of a person.",
            Presence::Sometimes => "In some tokens.",
        };
        let docs: Vec<String> = claim.docs.iter().cloned().chain([presence.to_owned()]).collect();
        match &claim.name {
            Name::Literal(name) => {
                comment(&mut out, "  ", &docs);
                let mark = if claim.presence == Presence::Always { "" } else { "?" };
                let _ = writeln!(out, "  {}{mark}: {};", literal(name), union(&claim.types));
            }
            Name::Members(prefix, _) => {
                comment(&mut out, "  ", &docs);
                // Wider than it is, so that it allows for the claims with known names.
                let _ = writeln!(out, "  [claim: `{}${{string}}`]: unknown;", template(prefix));
            }
            // What it is called is not known here.
            Name::Config(_) => {}
        }
    }
    out.push_str("}\n");
    out
}

/// `api` gives `ApiAccessToken`.
fn interface(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut out = String::new();
    for word in words {
        let (first, rest) = word.split_at(1);
        out.push_str(&first.to_ascii_uppercase());
        out.push_str(rest);
    }
    let is_named = out.starts_with(|c: char| c.is_ascii_alphabetic());
    format!("{}{out}AccessToken", if is_named { "" } else { "For" })
}

fn protocol(name: &str, offer: &Offer) -> String {
    match name {
        "iss" => offer.issuer.as_ref().map_or_else(|| "string".to_owned(), |issuer| literal(issuer)),
        "aud" => "string | string[]".to_owned(),
        "exp" | "iat" | "auth_time" => "number".to_owned(),
        "amr" => "string[]".to_owned(),
        "act" => "Record<string, unknown>".to_owned(),
        _ => "string".to_owned(),
    }
}

fn union(types: &[Type]) -> String {
    types.iter().map(typed).collect::<Vec<_>>().join(" | ")
}

fn typed(ty: &Type) -> String {
    match &ty.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool => "boolean".to_owned(),
        Kind::Int | Kind::Number | Kind::Timestamp | Kind::Duration => "number".to_owned(),
        Kind::String | Kind::Email => "string".to_owned(),
        Kind::Enum(words) => words.iter().map(|word| literal(word)).collect::<Vec<_>>().join(" | "),
        Kind::List(element) => format!("Array<{}>", typed(element)),
        Kind::Map(value) => format!("Record<string, {}>", typed(value)),
        Kind::Record(record) => {
            let mut members: Vec<String> = record
                .members
                .iter()
                .map(|(name, ty)| {
                    format!("{}{}: {}", literal(name), if ty.optional { "?" } else { "" }, typed(ty))
                })
                .collect();
            if record.open {
                members.push("[member: string]: unknown".to_owned());
            }
            if members.is_empty() {
                "Record<string, never>".to_owned()
            } else {
                format!("{{ {} }}", members.join("; "))
            }
        }
        Kind::Json | Kind::Error | Kind::Nothing => "unknown".to_owned(),
    }
}

/// JSON text is a literal of the language (ECMA-262, Section 12.9.4), line separators included since 2019.
fn literal(text: &str) -> String {
    Value::from(text).to_json()
}

/// The fixed part of a template literal type.
fn template(text: &str) -> String {
    text.replace('\\', "\\\\").replace('`', "\\`").replace("${", "\\${")
}

/// A documentation comment.
fn comment(out: &mut String, indent: &str, paragraphs: &[String]) {
    let text = paragraphs.join("\n\n");
    let lines: Vec<String> =
        visible(&text).replace("*/", "*\\/").lines().map(|line| line.trim_end().to_owned()).collect();
    if let [line] = lines.as_slice() {
        let _ = writeln!(out, "{indent}/** {line} */");
        return;
    }
    let _ = writeln!(out, "{indent}/**");
    for line in lines {
        let line = format!("{indent} * {line}");
        let _ = writeln!(out, "{}", line.trim_end());
    }
    let _ = writeln!(out, "{indent} */");
}
