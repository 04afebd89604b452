//! Paths and the shapes that are declared for them: where something is there.

use std::sync::Arc;

use super::{Meaning, Presence};
use crate::catalog::Root;
use crate::ir::{Slot, SlotId};
use crate::logic::atom::{Atom, Base, Path};
use crate::logic::formula::{Formula, Formulas};
use crate::logic::lemma::Lemma;
use crate::ty::{Shape, ShapeKind};

impl Meaning<'_> {
    /// The shape that is declared for a path; `None` where anything may stand.
    pub fn shape(&self, path: &Path) -> Option<&Shape> {
        shape(self.unit, path)
    }

    /// Where an attribute is there.
    pub(super) fn slot_presence(&mut self, f: &mut Formulas, slot: SlotId) -> Presence {
        let path = self.slot_path(slot);
        let there = self.path_there(f, &path);
        let reads_user = path.base == Base::Root(Root::User) && f.knows(Lemma::MissingUser);
        let no_user = if reads_user { !f.atom(Atom::User) } else { Formula::FALSE };
        Presence { there, no_user }
    }

    /// That an attribute is there wherever what holds it is: true where the catalog says so, and to be said where
    /// another version of the policy has a catalog that does.
    pub fn is_always_there(&mut self, f: &mut Formulas, slot: &Slot) -> Formula {
        let Some((name, holder)) = slot.path.split_last() else { return Formula::TRUE };
        let holder = holder.iter().fold(Path::root(slot.root), |holder, name| holder.member(name));
        let (holds, there) = (self.path_there(f, &holder), self.path_there(f, &holder.member(name)));
        f.either(!holds, there)
    }

    /// Where something is at a path.
    pub(super) fn path_there(&mut self, f: &mut Formulas, path: &Path) -> Formula {
        match &path.base {
            Base::Root(Root::Client) => return self.client_there(f, path),
            Base::Root(Root::Config) => {
                if let Some(constant) = self.constant(path) {
                    return Formula::from(constant.is_some());
                }
            }
            _ => {}
        }
        let mut parts = Vec::new();
        let mut place = Path { base: path.base.clone(), members: Vec::new() };
        match &path.base {
            Base::Root(Root::User) => parts.push(f.atom(Atom::User)),
            Base::Root(root) => {
                let shape = self.unit.catalog.input(*root);
                if shape.is_some_and(may_be_missing) && f.knows(Lemma::Absence) {
                    parts.push(f.atom(Atom::Present(Arc::new(place.clone()))));
                }
            }
            Base::Element(_) => {}
        }
        for (depth, member) in path.members.iter().enumerate() {
            let holder = shape(self.unit, &place);
            let missing = match holder.map(|shape| &shape.kind) {
                Some(ShapeKind::Record(record)) => record.member(member).is_none_or(may_be_missing),
                _ => true,
            };
            place.members.push(member.clone());
            if missing && f.knows(Lemma::Absence) {
                parts.push(f.atom(Atom::Present(Arc::new(place.clone()))));
            }
            if path.base == Base::Root(Root::External) && depth == 0 && f.knows(Lemma::Failures) {
                parts.push(!f.atom(Atom::Failed(member.clone())));
            }
        }
        f.all(parts)
    }

    /// Of a path below `config`: `None` where its constant is bound later, else its value if it has one.
    #[expect(clippy::option_option, reason = "bound later, bound to nothing, bound to a value")]
    pub(super) fn constant(&self, path: &Path) -> Option<Option<crate::value::Value>> {
        let (name, rest) = path.members.split_first()?;
        let constant = self.unit.catalog.config.get(name)?;
        let mut value = constant.value.clone()?;
        for member in rest {
            match value.get(member).cloned() {
                Some(found) => value = found,
                None => return Some(None),
            }
        }
        Some(Some(value))
    }
}

/// Whether a declared part may be missing without being replaced by something.
fn may_be_missing(shape: &Shape) -> bool {
    shape.optional && shape.default.is_none()
}

/// The shape that is declared for a path.
pub(in crate::logic) fn shape<'u>(unit: &'u crate::ir::Unit, path: &Path) -> Option<&'u Shape> {
    let base = match &path.base {
        Base::Root(root) => unit.catalog.input(*root)?,
        Base::Element(list) => match &shape(unit, list)?.kind {
            ShapeKind::List(element) => element,
            _ => return None,
        },
    };
    path.members.iter().try_fold(base, |shape, member| match &shape.kind {
        ShapeKind::Record(record) => record.member(member),
        ShapeKind::Map(value) => Some(&**value),
        _ => None,
    })
}
