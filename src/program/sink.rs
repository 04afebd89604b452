//! Where claims go: bytes of JSON, or a map.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::plan::ClaimPlan;
use super::run::Done;
use super::scratch::Output;
use super::value::{Store, Val};
use crate::decision::Issued;
use crate::request::Request;
use crate::standard::{Token, Tokens};
use crate::value::{Value, write_json_text};

/// Takes what a program issues. Claims arrive sorted by name.
pub(super) trait Sink {
    /// A claim of some tokens.
    fn claim<'a>(&mut self, plan: &ClaimPlan, tokens: Tokens, val: Val<'a>, store: &Store<'a>);

    /// A claim that is text.
    fn text(&mut self, plan: &ClaimPlan, tokens: Tokens, text: &str);

    /// A claim whose value is a constant; `member` is name and value as JSON, with a comma behind.
    fn constant(&mut self, plan: &ClaimPlan, tokens: Tokens, value: &Value, member: &str);

    /// A claim that is taken out of some tokens.
    fn removed(&mut self, name: &Arc<str>, tokens: Tokens);

    /// The next scope of the token, where the scopes are not those of the request.
    fn scope(&mut self, scope: &str);

    /// Nothing more comes.
    fn end(&mut self);
}

/// Writes each token's claims as a JSON object.
pub(super) struct Bytes<'o> {
    output: &'o mut Output,
}

impl<'o> Bytes<'o> {
    pub(super) fn new(output: &'o mut Output, given: Tokens) -> Self {
        output.clear();
        for token in given.iter() {
            if let Some(claims) = output.claims.get_mut(token as usize) {
                claims.push('{');
            }
        }
        Bytes { output }
    }
}

impl Bytes<'_> {
    /// The object of a token, for the next claim.
    #[inline]
    fn next(&mut self, plan: &ClaimPlan, token: Token) -> Option<&mut String> {
        if let (true, Some(name)) = (plan.is_standard, plan.about.standard) {
            self.output.standard.push((name, Tokens::of(token)));
        }
        self.output.claims.get_mut(token as usize)
    }

    #[inline]
    fn member(&mut self, plan: &ClaimPlan, token: Token, member: &str) {
        if let Some(out) = self.next(plan, token) {
            out.push_str(member);
        }
    }
}

impl Sink for Bytes<'_> {
    fn claim<'a>(&mut self, plan: &ClaimPlan, tokens: Tokens, val: Val<'a>, store: &Store<'a>) {
        let mut write = |token| {
            let Some(out) = self.next(plan, token) else { return };
            out.push_str(plan.key());
            match val {
                Val::Bool(true) => out.push_str("true,"),
                Val::Bool(false) => out.push_str("false,"),
                val => {
                    store.write_json(val, out);
                    out.push(',');
                }
            }
        };
        match tokens.only() {
            Some(token) => write(token),
            None => tokens.iter().for_each(write),
        }
    }

    fn text(&mut self, plan: &ClaimPlan, tokens: Tokens, text: &str) {
        // Nearly always it is one: without a loop, nothing is prepared for others.
        let Some(token) = tokens.only() else {
            return tokens.iter().for_each(|token| self.text(plan, Tokens::of(token), text));
        };
        if let Some(out) = self.next(plan, token) {
            out.push_str(&plan.text_key);
            write_json_text(text, out);
            out.push_str("\",");
        }
    }

    #[inline]
    fn constant(&mut self, plan: &ClaimPlan, tokens: Tokens, _: &Value, member: &str) {
        let Some(token) = tokens.only() else {
            return tokens.iter().for_each(|token| self.member(plan, token, member));
        };
        self.member(plan, token, member);
    }

    fn removed(&mut self, name: &Arc<str>, tokens: Tokens) {
        self.output.removed.push((name.clone(), tokens));
    }

    fn scope(&mut self, scope: &str) {
        self.output.scopes.push_str(scope);
        self.output.scope_ends.push(self.output.scopes.len());
    }

    fn end(&mut self) {
        for claims in self.output.claims.iter_mut().filter(|claims| !claims.is_empty()) {
            // A comma stands behind the last claim.
            if claims.len() > 1 {
                claims.pop();
            }
            claims.push('}');
        }
    }
}

/// Gathers each token's claims in a map.
pub(super) struct Map<'o> {
    output: &'o mut Output,
    tokens: BTreeMap<Token, BTreeMap<Arc<str>, Value>>,
}

impl<'o> Map<'o> {
    pub(super) fn new(output: &'o mut Output, given: Tokens) -> Self {
        output.clear();
        Map { output, tokens: given.iter().map(|token| (token, BTreeMap::new())).collect() }
    }

    /// Everything that was gathered.
    pub(super) fn issued(self, request: &Request, done: &Done) -> Issued {
        let mut removed: BTreeMap<Token, BTreeSet<Arc<str>>> = BTreeMap::new();
        for (name, tokens) in &self.output.removed {
            for token in tokens.iter() {
                removed.entry(token).or_default().insert(name.clone());
            }
        }
        let scopes = if done.has_own_scopes {
            self.output.changed_scopes().iter().map(Arc::from).collect()
        } else {
            request.scopes().to_vec()
        };
        Issued {
            tokens: self.tokens,
            removed,
            scopes,
            audience: request.audience().to_vec(),
            lifetime: done.lifetime,
        }
    }
}

impl Sink for Map<'_> {
    fn text(&mut self, plan: &ClaimPlan, tokens: Tokens, text: &str) {
        self.constant(plan, tokens, &Value::from(text), "");
    }

    fn claim<'a>(&mut self, plan: &ClaimPlan, tokens: Tokens, val: Val<'a>, store: &Store<'a>) {
        if let Some(value) = store.to_value(val) {
            self.constant(plan, tokens, &value, "");
        }
    }

    fn constant(&mut self, plan: &ClaimPlan, tokens: Tokens, value: &Value, _: &str) {
        for token in tokens.iter() {
            self.tokens.entry(token).or_default().insert(plan.about.name.clone(), value.clone());
        }
    }

    fn removed(&mut self, name: &Arc<str>, tokens: Tokens) {
        self.output.removed.push((name.clone(), tokens));
    }

    fn scope(&mut self, scope: &str) {
        self.output.scopes.push_str(scope);
        self.output.scope_ends.push(self.output.scopes.len());
    }
    fn end(&mut self) {}
}
