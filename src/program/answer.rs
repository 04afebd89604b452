//! What the engine answers, borrowed from the scratch.

#[cfg(feature = "mint")]
use std::sync::Arc;

use super::run::Done;
use super::scratch::Output;
use super::trace::Trace;
use crate::decision::{EvaluationError, Issued, Refusal};
use crate::input::{Asked, Texts};
use crate::standard::{Token, Tokens};
use crate::value::{Value, write_json_string};

/// The answer to one request, with claims as JSON text. The same as [`Decision`](crate::Decision), which has them as
/// values.
///
/// Exhaustive on purpose: a host that mints tokens has to handle every case.
#[derive(Debug)]
pub enum Answer<'s> {
    /// Tokens are issued with these claims.
    Issue(Issue<'s>),
    /// The policy refuses the request; each denial once, sorted by code and message. Never empty.
    Deny(Vec<Refusal>),
    /// The policy cannot be evaluated: no token is issued. Each error once, sorted by code and message. Never empty.
    Error(Vec<EvaluationError>),
}

/// What the tokens carry.
pub struct Issue<'s> {
    output: &'s Output,
    /// The request, where a program decided about it.
    asked: Option<&'s Asked<'s>>,
    has_own_scopes: bool,
    lifetime: Option<i64>,
}

impl<'s> Issue<'s> {
    /// Of a request that a program decided.
    #[inline]
    pub(super) fn quick(asked: &'s Asked<'s>, output: &'s Output, done: &Done) -> Self {
        Issue { output, asked: Some(asked), has_own_scopes: done.has_own_scopes, lifetime: done.lifetime }
    }

    /// Of what somebody else issued.
    #[cfg(test)]
    #[cfg(feature = "mint")]
    pub(crate) fn of(issued: Issued, scratch: &'s mut super::Scratch) -> Self {
        Issue::write(issued, &mut scratch.output);
        Issue::exact(&scratch.output)
    }

    /// Of a request that the reference engine decided, and whose claims are [written](Issue::write).
    pub(super) fn exact(output: &'s Output) -> Self {
        let lifetime = output.exact.as_ref().and_then(|issued| issued.lifetime);
        Issue { output, asked: None, has_own_scopes: true, lifetime }
    }

    /// Writes what the reference engine issues.
    pub(super) fn write(issued: Issued, output: &mut Output) {
        output.clear();
        for (token, claims) in &issued.tokens {
            output.given = output.given.with(*token);
            let Some(out) = output.claims.get_mut(*token as usize) else { continue };
            let mut separator = '{';
            for (name, value) in claims {
                output.standard.extend(super::build::standard(name).map(|name| (name, Tokens::of(*token))));
                out.push(std::mem::replace(&mut separator, ','));
                write_json_string(name, out);
                out.push(':');
                value.write_json(out);
            }
            if separator == ',' {
                out.push('}');
            }
        }
        for (token, names) in &issued.removed {
            output.removed.extend(names.iter().map(|name| (name.clone(), Tokens::of(*token))));
        }
        output.exact = Some(issued);
    }

    /// The claims of a token as the compact text of a JSON object, sorted by name; `None` where the grant does not give
    /// this token.
    pub fn claims(&self, token: Token) -> Option<&'s str> {
        let claims = self.output.claims.get(token as usize).filter(|_| self.output.given.contains(token))?;
        Some(if claims.is_empty() { "{}" } else { claims })
    }

    /// Granted scopes: the request's in its order, then added ones by UTF-8 bytes.
    pub fn scopes(&self) -> Texts<'s> {
        match (self.asked, &self.output.exact) {
            (Some(asked), _) if !self.has_own_scopes => asked.scopes,
            (_, Some(issued)) => Texts::from(issued.scopes.as_slice()),
            _ => self.output.changed_scopes(),
        }
    }

    /// Ids of the audiences, the issuer's own endpoints included.
    pub fn audience(&self) -> Texts<'s> {
        match (self.asked, &self.output.exact) {
            (Some(asked), _) => asked.audience,
            (None, Some(issued)) => Texts::from(issued.audience.as_slice()),
            (None, None) => Texts::default(),
        }
    }

    /// The longest lifetime in seconds, where a rule limits it.
    pub fn lifetime(&self) -> Option<i64> {
        self.lifetime
    }

    /// Whether a claim is suppressed in a token, the issuer's own included.
    pub fn is_removed(&self, token: Token, name: &str) -> bool {
        self.output.removed.iter().any(|(removed, tokens)| **removed == *name && tokens.contains(token))
    }

    /// Names of suppressed claims, with the tokens that they are suppressed in. A name may occur several times.
    pub fn removed(&self) -> impl Iterator<Item = (&'s str, Tokens)> {
        self.output.removed.iter().map(|(name, tokens)| (&**name, *tokens))
    }

    /// Which statements wrote or suppressed claims, in no order that means anything; nothing unless the answer is one of
    /// [`Policy::decide_traced`](crate::Policy::decide_traced).
    pub fn traces(&self) -> impl Iterator<Item = Trace<'s>> {
        self.output.trail.traces()
    }

    /// Whether a claim that issuers write themselves for a scope (OpenID Connect Core section 5.4) is written by the
    /// policy or suppressed in a token.
    #[cfg(feature = "mint")]
    pub(crate) fn decides(&self, token: Token, name: &str) -> bool {
        let is_written = |(written, tokens): &(&str, Tokens)| *written == name && tokens.contains(token);
        self.output.standard.iter().any(is_written) || self.is_removed(token, name)
    }

    /// The first claim whose name is the protocol's own, which no policy may write. Checks have made sure of that; what
    /// reaches a signature is not left to them alone.
    #[cfg(feature = "mint")]
    pub(crate) fn protocol_claim(&self, token: Token) -> Option<&Arc<str>> {
        // A program has none.
        let claims = self.output.exact.as_ref()?.tokens.get(&token)?;
        claims.keys().find(|name| crate::standard::claims::protocol(name).is_some())
    }

    /// The same as a value that stands for itself.
    pub fn to_issued(&self) -> Issued {
        if let Some(exact) = &self.output.exact {
            return exact.clone();
        }
        let mut issued = Issued {
            scopes: self.scopes().shared(),
            audience: self.audience().shared(),
            lifetime: self.lifetime,
            ..Issued::default()
        };
        for token in Token::ALL {
            let Some(claims) = self.claims(*token) else { continue };
            // It was written a moment ago.
            let parsed = Value::parse_json(claims.as_bytes(), crate::value::JsonLimits::default());
            let members = parsed.ok().and_then(|value| value.as_object().cloned()).unwrap_or_default();
            issued.tokens.insert(*token, members.into_iter().collect());
        }
        for (name, tokens) in &self.output.removed {
            for token in tokens.iter() {
                issued.removed.entry(token).or_default().insert(name.clone());
            }
        }
        issued
    }
}

/// Never shows a value.
impl std::fmt::Debug for Issue<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issue").field("audience", &self.audience()).finish_non_exhaustive()
    }
}
