//! Where a policy lies: as the compiler made it, or in the bytes of an artifact.

use std::sync::Arc;

use super::packed::Packed;
use crate::catalog::Catalog;
use crate::decision::Decision;
use crate::eval::{self, Dispatch};
use crate::ir::{ClaimName, Unit};
use crate::request::Request;

/// Statements that are decoded for one request alone.
const MAX_EXCERPT: usize = 128;

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

    /// The audience that policies see for a request, after `set audience`: what statements of the first stage tell.
    pub(crate) fn audience(&self, request: &Request) -> Vec<Arc<str>> {
        match self {
            #[cfg(feature = "compiler")]
            Store::Whole(unit, _) => eval::audience(unit, request),
            Store::Packed(packed) => {
                eval::audience(&packed.excerpt(packed.shared().dispatch.first()), request)
            }
        }
    }

    /// What the reference engine decides about a request. Of an artifact, only what the request concerns is decoded, unless
    /// that is much: then it is decoded once for all requests.
    pub(crate) fn decide(&self, request: &Request) -> Decision {
        let dispatch = self.dispatch();
        if let Store::Packed(packed) = self
            && !self.configures_names()
        {
            let mut statements = dispatch.first().to_vec();
            statements.extend(dispatch.concerning(request.client().id(), &self.audience(request)));
            if statements.len() <= MAX_EXCERPT {
                return eval::evaluate(&packed.excerpt(&statements), request);
            }
        }
        eval::evaluate_by(self.unit(), dispatch, request)
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
