//! `claimsc contract`: what may an API rely on?

use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::analysis::contract::{Docs, offer};
use crate::catalog::{Catalog, World};
use crate::report::{self, contract};
use crate::suggest::similar;
use crate::syntax;

use super::{Color, Output, Stop, load};

/// Writes what an API may rely on: claims of its access tokens, their types, and which are always there.
#[derive(Debug, Args)]
#[command(after_help = "\
All of it is derived from the policy, whether or not that has a `contract` for the audience: what is called always there
is proven. Protocol claims are those of RFC 9068.

Examples:
  claimsc contract api                                    as a table
  claimsc contract api policies/prod --format json-schema > api-token.schema.json
  claimsc contract https://api.acme.example --format typescript > token.d.ts")]
pub(super) struct Arguments {
    /// The audience: an alias of claims.yaml, or an id
    #[arg(value_name = "AUDIENCE")]
    audience: String,
    #[command(flatten)]
    policy: load::PolicyArguments,
    /// What is written to standard output
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A JSON Schema, draft 2020-12, of the token's payload
    JsonSchema,
    /// An interface
    Typescript,
    /// A page with a table
    Markdown,
}

pub(super) fn run(arguments: &Arguments, color: Color) -> Result<Output, Stop> {
    let inputs = load::inputs(&arguments.policy)?;
    // What tokens carry is told even where that is not what some contract demands.
    let compilation = inputs.compile_unproven();
    let Some(policy) = &compilation.policy else {
        return Ok(load::rejected(&compilation, super::Format::Text, color));
    };
    let audience = audience(policy.catalog(), &arguments.audience)?;
    let is_policy = |name: &str| inputs.folder.sources.iter().any(|file| file.name == name);
    let files: Vec<_> = compilation
        .sources
        .iter()
        .filter(|(_, source)| is_policy(source.name()))
        .map(|(id, source)| syntax::parse(id, source.text()).file)
        .collect();
    let offer = offer(policy.unit(), &audience, &Docs::new(&files));
    let stdout = match arguments.format {
        Format::JsonSchema => report::pretty(&contract::json_schema(&offer)),
        Format::Typescript => contract::typescript(&offer),
        Format::Markdown => contract::markdown(&offer),
    };
    Ok(Output { stdout, ..Output::default() })
}

/// The id of an audience.
fn audience(catalog: &Catalog, word: &str) -> Result<Arc<str>, Stop> {
    let all = || catalog.audiences.iter();
    if let Some((_, audience)) = all().find(|(alias, audience)| ***alias == *word || *audience.id == *word) {
        return Ok(audience.id.clone());
    }
    // Where audiences are not listed, any text is an id; an alias is none.
    if catalog.audience_world != World::Closed && word.contains(':') {
        return Ok(word.into());
    }
    let help = match similar(word, all().map(|(alias, _)| &**alias)) {
        Some(alias) => format!("did you mean `{alias}`?"),
        None if catalog.audiences.is_empty() => "give the id of an audience, a URI".to_owned(),
        None => {
            let names: Vec<String> = all().map(|(alias, _)| format!("`{alias}`")).collect();
            format!("name one of {}", names.join(", "))
        }
    };
    Err(Stop::new(format!("claims.yaml lists no audience `{word}`"), help))
}
