//! How large the tokens of rows can be: counted as `max_token_bytes` of an audience counts them, for each client and
//! audience by itself.

use std::collections::HashMap;

use crate::analysis::size::{Around, Contents};
use crate::ir::Unit;
use crate::standard::{Token, UserPresence};

use super::{Party, Spots, Subject};

impl Spots {
    /// States the bounds of all spots; `claims` are the bytes of what they say, as JSON.
    pub(super) fn measure(&mut self, unit: &Unit, sizes: &Contents, claims: &[u64]) {
        let Spots { clients, grants, audiences, all } = self;
        let mut known: HashMap<(usize, usize), Vec<Around<'_>>> = HashMap::new();
        for spot in all {
            let Some(claims) = claims.get(spot.content).filter(|_| spot.subject != Subject::Request) else {
                continue;
            };
            let around = known.entry((spot.clients, spot.audiences)).or_insert_with(|| {
                // Of many clients, the longest id makes the largest token.
                let listed = clients.get(spot.clients).filter_map(id).max_by_key(|id| id.len()).map(Some);
                let other = clients.get(spot.clients).any(|party| *party == Party::Other).then_some(None);
                let sets = || audiences.get(spot.audiences).map(|set| set.iter().map(id).collect::<Vec<_>>());
                let exactly =
                    |(client, set): (Option<_>, Vec<_>)| Around::exactly(&unit.catalog, sizes, client, &set);
                let pairs =
                    listed.into_iter().chain(other).flat_map(|client| sets().map(move |set| (client, set)));
                pairs.map(exactly).collect()
            });
            let is_access = spot.subject == Subject::Token(Token::Access);
            let users = grants.get(spot.grants).flat_map(|grant| match grant.user() {
                UserPresence::Always => &[true][..],
                UserPresence::Never => &[false],
                UserPresence::Maybe => &[true, false],
            });
            let tokens = users.flat_map(|user| around.iter().map(|one| one.bytes(*claims, *user)));
            let token = tokens.max().filter(|_| is_access);
            spot.bytes = [Some(*claims), token].map(|bytes| bytes.filter(|bytes| *bytes < u64::MAX));
        }
    }
}

fn id(party: &Party) -> Option<&str> {
    match party {
        Party::Listed { id, .. } => Some(id),
        Party::Other => None,
    }
}
