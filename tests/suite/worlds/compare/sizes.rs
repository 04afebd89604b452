//! Sizes of access tokens.

use std::collections::BTreeSet;

use claimsc::Value;
use claimsc::standard::Token;
use claimsc::standard::signatures::DEFAULT;

use super::Opinions;
use claimsc::analysis::size::{Known, Protocol, token_bytes};

/// A token that is certainly not smaller than this, whatever the issuer puts into it: nothing is said where the truth
/// exceeds a limit with less than that.
fn encoded(claims: usize, issuer_and_audience: (&str, &str), client: &str) -> u64 {
    let (issuer, audience) = issuer_and_audience;
    let known = Known {
        issuer: (!issuer.is_empty()).then_some(issuer),
        audience: &[audience],
        client: Some(client),
        subject: None,
        scopes: 0,
    };
    token_bytes(claims as u64, &Protocol::of(known), &DEFAULT)
}

pub(super) fn compare(opinions: &mut Opinions<'_>) {
    let largest = opinions.truth.largest();
    let limited: Vec<(&str, &str, u64)> = opinions
        .truth
        .world
        .audiences
        .iter()
        .filter_map(|one| Some((one.alias, one.id, one.max_token_bytes? as u64)))
        .collect();
    let about = |opinions: &Opinions<'_>, slug: &str| -> BTreeSet<String> {
        opinions.of(slug).filter_map(|finding| finding.message.split('`').nth(1).map(str::to_owned)).collect()
    };
    let (too_large, undecided) = (about(opinions, "token-too-large"), about(opinions, "undecided-size"));
    for (alias, id, limit) in limited {
        let is_found = too_large.contains(alias);
        let is_open = undecided.contains(alias);
        let Some((claims, run)) = largest.get(alias).copied() else {
            opinions.count("no token for a limited audience");
            continue;
        };
        let request = opinions.truth.request(&opinions.truth.observed.runs[run]);
        let exceeds = encoded(claims, ("", id), request.client().id()) > limit;
        opinions.count(format!(
            "size: in truth {}, said to be {}",
            if exceeds { "too large" } else { "perhaps not" },
            if is_found {
                "too large"
            } else if is_open {
                "undecided"
            } else {
                "small enough"
            }
        ));
        if exceeds && !is_found && !is_open {
            let shown = opinions.truth.shown(run);
            opinions.disagree(
                "too large, said to be small enough",
                format!("{claims} bytes of claims for {alias}, limit {limit}: {shown}"),
            );
        }
    }
    opinions.check_witnesses("token-too-large", |truth, finding, run| {
        let alias = finding.message.split('`').nth(1).unwrap_or_default();
        let Some(limit) = truth.world.audiences.iter().find(|one| one.alias == alias) else { return false };
        let (Some(issued), Some(most)) = (run.issued(), limit.max_token_bytes) else { return false };
        let Some(claims) = issued.tokens.get(&Token::Access) else { return false };
        let claims = claims.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let bytes = Value::object(claims).to_json().len();
        // The user's `sub`, scopes and other audiences come on top.
        let more =
            Known { subject: Some(257), scopes: 256, audience: &[&"a".repeat(400)], ..Known::default() };
        truth.is_for(&issued.audience, Some(alias))
            && token_bytes(bytes as u64, &Protocol::of(more), &DEFAULT) > most as u64
    });
}
