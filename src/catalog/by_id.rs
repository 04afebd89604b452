//! Clients and audiences by their ids: claims.yaml lists them by alias, requests name them by id.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use foldhash::fast::FixedState;

use super::{Audience, Catalog, Client};

/// So many are looked through.
const FEW: usize = 8;

/// Where clients and audiences stand, noted when they are first asked for.
#[derive(Default)]
pub struct ById {
    clients: OnceLock<Places>,
    audiences: OnceLock<Places>,
}

/// Filled once, with ids of the policy: nobody else can make them collide.
type Places = HashMap<Arc<str>, usize, FixedState>;

fn places<'i>(ids: impl Iterator<Item = &'i Arc<str>>) -> Places {
    ids.enumerate().map(|(place, id)| (id.clone(), place)).collect()
}

impl Catalog {
    /// The client of an id.
    pub fn client(&self, id: &str) -> Option<&Client> {
        let all = &self.clients;
        if all.len() > FEW {
            let places = self.by_id.clients.get_or_init(|| places(all.values().map(|client| &client.id)));
            // Whoever changes the facts afterwards is served, too, if slower.
            if places.len() == all.len() {
                return all
                    .get_index(*places.get(id)?)
                    .map(|(_, client)| client)
                    .filter(|one| *one.id == *id);
            }
        }
        all.values().find(|client| *client.id == *id)
    }

    /// Alias and data of the audience of an id.
    pub fn audience(&self, id: &str) -> Option<(&Arc<str>, &Audience)> {
        let all = &self.audiences;
        if all.len() > FEW {
            let noted = || places(all.values().map(|audience| &audience.id));
            let places = self.by_id.audiences.get_or_init(noted);
            if places.len() == all.len() {
                return all.get_index(*places.get(id)?).filter(|(_, one)| *one.id == *id);
            }
        }
        all.iter().find(|(_, audience)| *audience.id == *id)
    }
}

/// A copy may be changed, so it notes its own.
impl Clone for ById {
    fn clone(&self) -> Self {
        ById::default()
    }
}

impl fmt::Debug for ById {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ById")
    }
}

#[cfg(test)]
#[cfg(feature = "compiler")]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn many_are_found_as_few_are() {
        for count in [1, FEW, FEW + 1, 100] {
            let (mut audiences, mut clients) = (String::new(), String::new());
            for n in 0..count {
                let _ = writeln!(audiences, "  a{n}: {{ id: 'https://a{n}.example' }}");
                let _ = writeln!(clients, "  c{n}: {{ id: c-{n} }}");
            }
            let text = format!("language: 1\naudiences:\n{audiences}clients:\n{clients}");
            let (catalog, _) =
                crate::catalog::read(crate::source::Sources::new().add("claims.yaml", &text), &text);
            for n in 0..count {
                let client = catalog.client(&format!("c-{n}"));
                assert_eq!(client.map(|client| client.id.to_string()), Some(format!("c-{n}")));
                let audience = catalog.audience(&format!("https://a{n}.example"));
                assert_eq!(audience.map(|(alias, _)| alias.to_string()), Some(format!("a{n}")));
            }
            assert!(catalog.client("c0").is_none() && catalog.audience("a0").is_none());

            let mut changed = catalog.clone();
            changed.clients.shift_remove("c0");
            assert!(changed.client("c-0").is_none() && catalog.client("c-0").is_some());
        }
    }
}
