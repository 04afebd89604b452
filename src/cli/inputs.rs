//! `claimsc inputs`: what does a host have to know about a request?

use std::sync::Arc;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::analysis::inputs::{Question, inputs};
use crate::catalog::{Catalog, World};
use crate::report;
use crate::standard::Grant;
use crate::suggest::similar;

use super::{Color, Format, Output, Stop, artifact, load};

/// Lists the attributes and external sources that a host has to supply, by client, grant and audience.
#[derive(Debug, Args)]
#[command(after_help = "\
What every request has is not listed: grant, client, audience and scopes. An attribute that is not listed changes no
decision about these requests; one that is required is an error where it is missing.

Examples:
  claimsc inputs                           every kind of request, those that need the same together
  claimsc inputs --client web --grant password --audience shop
  claimsc inputs --grant client_credentials --format json")]
pub(super) struct Arguments {
    #[command(flatten)]
    policy: artifact::PolicyOrArtifact,
    /// Only requests of this client: an id, or an alias of claims.yaml
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    /// Only requests with this grant
    #[arg(long, value_name = "GRANT", value_parser = grants())]
    grant: Option<String>,
    /// Only requests for this audience: an id, or an alias of claims.yaml; several times for several in one token
    #[arg(long, value_name = "AUDIENCE")]
    audience: Vec<String>,
    /// How the list is printed to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

fn grants() -> PossibleValuesParser {
    PossibleValuesParser::new(Grant::ALL.iter().map(|grant| grant.as_str()))
}

pub(super) fn run(arguments: &Arguments, color: Color) -> Result<Output, Stop> {
    let compilation = arguments.policy.compilation()?;
    let Some(policy) = &compilation.policy else {
        return Ok(load::rejected(&compilation, arguments.format, color));
    };
    let catalog = policy.catalog();
    let audience = arguments.audience.iter().map(|word| audience(catalog, word));
    let audience: Vec<Arc<str>> = audience.collect::<Result<_, _>>()?;
    let question = Question {
        client: arguments.client.as_deref().map(|word| client(catalog, word)).transpose()?,
        grant: arguments.grant.as_deref().and_then(Grant::parse),
        audience: (!audience.is_empty()).then_some(audience),
    };
    let rows = inputs(policy.unit(), &question);
    if rows.is_empty() {
        return Err(Stop::new(
            "claims.yaml allows no such request",
            "see `grants` and `audiences` of the client, and `audience_sets`",
        ));
    }
    let stdout = match arguments.format {
        Format::Json => report::pretty(&report::inputs::json(&rows)),
        Format::Text => report::inputs::text(&rows, catalog),
    };
    Ok(Output { stdout, ..Output::default() })
}

/// The id of a client.
fn client(catalog: &Catalog, word: &str) -> Result<Arc<str>, Stop> {
    let all = catalog.clients.iter().map(|(alias, client)| (&**alias, &client.id));
    id("client", word, all, catalog.client_world == World::Closed)
}

/// The id of an audience.
fn audience(catalog: &Catalog, word: &str) -> Result<Arc<str>, Stop> {
    let all = catalog.audiences.iter().map(|(alias, audience)| (&**alias, &audience.id));
    id("audience", word, all, catalog.audience_world == World::Closed)
}

/// The id that a word is or is an alias of. Where there are others, any word may be one.
fn id<'c>(
    what: &str,
    word: &str,
    all: impl Iterator<Item = (&'c str, &'c Arc<str>)> + Clone,
    is_closed: bool,
) -> Result<Arc<str>, Stop> {
    if let Some((_, id)) = all.clone().find(|(alias, id)| *alias == word || ***id == *word) {
        return Ok(id.clone());
    }
    if !is_closed && !word.is_empty() {
        return Ok(word.into());
    }
    let help = match similar(word, all.clone().map(|(alias, _)| alias)) {
        Some(alias) => format!("did you mean `{alias}`?"),
        None => format!(
            "name one of {}",
            all.map(|(alias, _)| format!("`{alias}`")).collect::<Vec<_>>().join(", ")
        ),
    };
    Err(Stop::new(format!("claims.yaml lists no {what} `{word}`"), help))
}
