//! Where a policy lies: as the compiler made it, or in the bytes of an artifact.

use std::borrow::Cow;
use std::sync::Arc;

use super::packed::Packed;
use crate::catalog::Catalog;
use crate::decision::Decision;
use crate::eval::{self, ClaimTrace, Dispatch};
use crate::ir::Unit;
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

    /// A unit with all statements about claims that `config` names.
    pub(crate) fn about_configured_names(&self) -> Cow<'_, Unit> {
        match self {
            #[cfg(feature = "compiler")]
            Store::Whole(unit, _) => Cow::Borrowed(unit),
            Store::Packed(packed) => Cow::Owned(packed.excerpt(&packed.shared().dispatch.configured)),
        }
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
    /// that is much: then all of it is, once for all requests.
    pub(crate) fn decide(&self, request: &Request) -> Decision {
        match self {
            #[cfg(feature = "compiler")]
            Store::Whole(unit, dispatch) => eval::evaluate_by(unit, dispatch, request),
            Store::Packed(packed) => {
                let dispatch = &packed.shared().dispatch;
                let mut statements = dispatch.first().to_vec();
                statements.extend(dispatch.concerning(request.client().id(), &self.audience(request)));
                statements.extend(&dispatch.configured);
                statements.sort_unstable();
                statements.dedup();
                if statements.len() > MAX_EXCERPT {
                    return eval::evaluate_by(packed.unit(), dispatch, request);
                }
                eval::evaluate(&packed.excerpt(&statements), request)
            }
        }
    }

    /// What wrote and removed each claim that the reference engine issues.
    pub(crate) fn claim_traces(&self, request: &Request) -> Vec<ClaimTrace> {
        eval::claim_traces(self.unit(), request)
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
