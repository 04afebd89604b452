//! Choices as trees, one for each root.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Choices, is_bound};
use crate::catalog::{Catalog, Root};
use crate::logic::atom::Base;
use crate::value::{JsonLimits, Value};

/// What is chosen for a part of a request.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Choice<'c> {
    /// Nothing.
    #[default]
    Free,
    /// That there is none.
    Absent,
    /// That it is this.
    Value(&'c Value),
}

/// What is chosen for a part of a request and for the parts below.
#[derive(Debug, Default)]
pub(super) struct Wanted<'c> {
    pub(super) choice: Choice<'c>,
    pub(super) members: BTreeMap<Arc<str>, Wanted<'c>>,
}

/// No choice at all.
pub(super) static NOTHING: Wanted<'static> = Wanted { choice: Choice::Free, members: BTreeMap::new() };

impl Wanted<'_> {
    /// What is chosen for a member.
    pub(super) fn member(&self, name: &str) -> &Self {
        self.members.get(name).unwrap_or(&NOTHING)
    }

    /// Whether nothing is chosen for it, nor below.
    pub(super) fn says_nothing(&self) -> bool {
        matches!(self.choice, Choice::Free) && self.members.is_empty()
    }

    /// Whether something has to be there, or below.
    pub(super) fn is_there(&self) -> bool {
        matches!(self.choice, Choice::Value(_)) || self.has_member_there()
    }

    /// Whether something below has to be there.
    pub(super) fn has_member_there(&self) -> bool {
        self.members.values().any(Wanted::is_there)
    }

    /// Whether there has to be nothing.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self.choice, Choice::Absent) && !self.has_member_there()
    }
}

/// The choices that count. `None` where some are not about a request, or nested deeper than a request can be.
pub(super) fn by_root<'c>(catalog: &Catalog, choices: &'c Choices) -> Option<BTreeMap<Root, Wanted<'c>>> {
    let depth = JsonLimits::default().depth;
    let mut roots: BTreeMap<Root, Wanted<'c>> = BTreeMap::new();
    for (path, choice) in &choices.values {
        let Base::Root(root) = path.base else {
            return None;
        };
        if !counts(catalog, choices, root, path.members.first().map(|name| &**name)) {
            continue;
        }
        let is_deep = choice.as_ref().is_some_and(|value| !value.is_within_depth(depth));
        if path.members.len() > depth || is_deep {
            return None;
        }
        let mut place = roots.entry(root).or_default();
        for name in &path.members {
            place = place.members.entry(name.clone()).or_default();
        }
        place.choice = choice.as_ref().map_or(Choice::Absent, Choice::Value);
    }
    Some(roots)
}

/// Whether a choice can say anything. (Those about a user that is not there or a listed client are never looked at.)
fn counts(catalog: &Catalog, choices: &Choices, root: Root, member: Option<&str>) -> bool {
    match (root, member) {
        (Root::Grant | Root::Audience, _)
        | (Root::Requested, Some("audience"))
        | (Root::Client, Some("id")) => false,
        (Root::External, Some(source)) => !choices.failed.contains(source),
        (Root::Config, Some(constant)) => !is_bound(catalog, constant),
        _ => true,
    }
}
