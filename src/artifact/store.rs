//! Where a policy lies: as the compiler made it, or in the bytes of an artifact.

use std::sync::Arc;

use super::packed::Packed;
use crate::catalog::Catalog;
use crate::eval::Dispatch;
use crate::ir::{ClaimName, Unit};

/// A policy's parts, whichever way it came.
#[derive(Debug, Clone)]
pub(crate) enum Store {
    /// Made by the compiler.
    #[cfg(feature = "compiler")]
    Whole(Arc<Unit>, Arc<Dispatch>),
    /// Loaded from an artifact.
    Packed(Arc<Packed>),
}

impl Store {
    /// Everything; of an artifact, decoded the first time.
    pub(crate) fn unit(&self) -> &Unit {
        match self {
            #[cfg(feature = "compiler")]
            Store::Whole(unit, _) => unit,
            Store::Packed(packed) => packed.unit(),
        }
    }

    /// Some statements and what they need; see [`Unit::excerpt`].
    pub(crate) fn excerpt(&self, statements: &[usize]) -> Unit {
        match self {
            #[cfg(feature = "compiler")]
            Store::Whole(unit, _) => unit.excerpt(statements),
            Store::Packed(packed) => packed.excerpt(statements),
        }
    }

    /// Whether `config` names claims, so that which names are fit depends on all statements.
    pub(crate) fn configures_names(&self) -> bool {
        let claims = match self {
            #[cfg(feature = "compiler")]
            Store::Whole(unit, _) => &unit.claims,
            Store::Packed(packed) => &packed.shared().claims,
        };
        claims.iter().any(|claim| matches!(claim.name, ClaimName::Config(_)))
    }

    /// The facts of claims.yaml.
    pub(crate) fn catalog(&self) -> &Arc<Catalog> {
        match self {
            #[cfg(feature = "compiler")]
            Store::Whole(unit, _) => &unit.catalog,
            Store::Packed(packed) => &packed.shared().catalog,
        }
    }

    /// Which statements a request can concern.
    pub(crate) fn dispatch(&self) -> &Arc<Dispatch> {
        match self {
            #[cfg(feature = "compiler")]
            Store::Whole(_, dispatch) => dispatch,
            Store::Packed(packed) => &packed.shared().dispatch,
        }
    }
}
