//! What expressions read of labelled data, and whether a formula still depends on it.

use std::collections::BTreeSet;

use super::Flow;
use crate::ir::{Expr, ExprKind, Unit};
use crate::logic::atom::{Atom, Base, Path};
use crate::logic::formula::Formula;
use crate::logic::meaning::Meaning;
use crate::ty::Labels;

/// The attributes with a label that an expression reads, those aside whose label it reveals.
pub(super) fn sources(unit: &Unit, expr: &Expr, label: Labels) -> BTreeSet<Path> {
    let mut paths = BTreeSet::new();
    expr.walk(&unit.lets, &mut |part| {
        if !part.ty.all_labels().meets(label) {
            return false;
        }
        if let ExprKind::Slot(id) = &*part.kind
            && let Some(slot) = unit.slots.get(id.index())
        {
            paths.insert(Path { base: Base::Root(slot.root), members: slot.path.clone() });
        }
        true
    });
    paths
}

impl Flow<'_, '_> {
    /// Whether some atom of a formula is about labelled data that is read at one of these paths.
    pub(super) fn depends(&self, formula: Formula, sources: &BTreeSet<Path>, label: Labels) -> bool {
        let f = &self.study.f;
        let meaning = &self.study.meaning;
        let is_source = |path: &Path| sources.iter().any(|source| overlap(root_of(path), source));
        // That something is there tells nothing of its parts, its value does.
        let is_there = |path: &Path| labels_along(meaning, path).meets(label) && is_source(path);
        let is_read = |path: &Path| {
            let parts = meaning.shape(path).map(|shape| shape.ty().all_labels()).unwrap_or_default();
            labels_along(meaning, path).or(parts).meets(label) && is_source(path)
        };
        f.atoms_of([formula]).into_iter().filter_map(|atom| f.meaning(atom)).any(|atom| match atom {
            Atom::Present(path) => is_there(path),
            Atom::True(path) | Atom::Text(path, _) | Atom::Number(path, _) | Atom::Items(path, _) => {
                is_read(path)
            }
            Atom::Some(path, element) => is_read(path) || self.depends(*element, sources, label),
            Atom::AtMost(left, right, _) => left.iter().chain(right).any(|path| is_read(path)),
            Atom::Opaque(key, _) => meaning.opaque_labels(key).meets(label),
            Atom::Grant(_)
            | Atom::Client(_)
            | Atom::UnlistedClient
            | Atom::Audience(..)
            | Atom::UnlistedAudience(_)
            | Atom::NoAudience(_)
            | Atom::ManyAudiences(_)
            | Atom::User
            | Atom::Failed(_) => false,
        })
    }
}

/// The path from a root; of an element that of its list.
fn root_of(path: &Path) -> &Path {
    let mut path = path;
    while let Base::Element(list) = &path.base {
        path = list;
    }
    path
}

/// Whether one holds the other.
fn overlap(a: &Path, b: &Path) -> bool {
    a.base == b.base && (a.members.starts_with(&b.members) || b.members.starts_with(&a.members))
}

/// The labels of a place: its own, and those of everything that holds it.
fn labels_along(meaning: &Meaning<'_>, path: &Path) -> Labels {
    let own = meaning.shape(path).map(|shape| shape.labels).unwrap_or_default();
    let holder = match (path.parent(), &path.base) {
        (Some(parent), _) => labels_along(meaning, &parent),
        (None, Base::Element(list)) => labels_along(meaning, list),
        (None, Base::Root(_)) => Labels::NONE,
    };
    own.or(holder)
}
