//! Where claims go: bytes of JSON, or a map.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bind::TextsLimit;
use super::cache::Labels;
use super::plan::{ClaimPlan, Reach, WritePlan};
use super::run::Done;
use super::scratch::Output;
use super::value::{Bail, Store, Val, close_texts, open_texts, push_text};
use crate::decision::Issued;
use crate::input::Texts;
use crate::request::Request;
use crate::standard::{Token, Tokens};
use crate::value::{Value, is_plain_json, write_json_text};

/// Takes what a program issues. Claims arrive sorted by name.
pub(super) trait Sink {
    /// A claim of some tokens.
    fn claim<'a>(&mut self, plan: &ClaimPlan, reach: Reach, val: Val<'a>, store: &Store<'a>);

    /// A claim that is text.
    fn text(&mut self, plan: &ClaimPlan, reach: Reach, text: &str);

    /// The same where it is a value already.
    fn string(&mut self, plan: &ClaimPlan, reach: Reach, text: &str, value: &Value);

    /// A claim that is a list of texts; an error where that is unfit.
    fn texts(&mut self, plan: &ClaimPlan, reach: Reach, texts: (Texts<'_>, TextsLimit)) -> Result<(), Bail>;

    /// A claim that is text and is put together; none where it is not all there.
    fn built(&mut self, plan: &ClaimPlan, reach: Reach, build: impl Build) -> Result<(), Bail>;

    /// A claim whose value is a constant; `member` is name and value as JSON, with a comma behind.
    fn constant(&mut self, plan: &ClaimPlan, reach: Reach, value: &Value, member: &str);

    /// A claim that is taken out of some tokens.
    fn removed(&mut self, name: &Arc<str>, tokens: Tokens);

    /// The next scope of the token, where the scopes are not those of the request.
    fn scope(&mut self, scope: &str);

    /// A write of a claim that several statements are about, perhaps of a member of it, acts; the claims come later.
    #[inline]
    fn fired(&mut self, plan: &ClaimPlan, member: Option<usize>, write: &WritePlan) {
        let _ = (plan, member, write);
    }

    /// A statement takes a claim out of some tokens.
    #[inline]
    fn removes(&mut self, plan: &ClaimPlan, statement: usize, tokens: Tokens) {
        let _ = (plan, statement, tokens);
    }

    /// Nothing more comes.
    fn end(&mut self);
}

/// Puts text together.
pub(super) trait Build {
    /// Whether all of it is there.
    fn build(self, pieces: &mut impl Pieces) -> Result<bool, Bail>;
}

/// Text that is put together piece by piece.
pub(super) trait Pieces {
    /// A text.
    fn text(&mut self, text: &str);

    /// A text that is known as JSON, too.
    fn ready(&mut self, text: &str, json: &str);

    /// What something appends, and how many bytes it has; `None` where it says that it is nothing.
    fn made(&mut self, write: impl FnOnce(&mut String) -> bool) -> Option<usize>;

    /// A value that lies in no store, as templates show it, and how many bytes it has.
    fn shown(&mut self, val: Val<'_>) -> usize {
        let made = self.made(|out| {
            Store::new().write_json(val, out);
            true
        });
        made.unwrap_or(0)
    }
}

/// As it is.
pub(super) struct Plain<'o>(&'o mut String);

impl Pieces for Plain<'_> {
    fn text(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn ready(&mut self, text: &str, _: &str) {
        self.0.push_str(text);
    }

    fn made(&mut self, write: impl FnOnce(&mut String) -> bool) -> Option<usize> {
        let start = self.0.len();
        write(self.0).then(|| self.0.len() - start)
    }
}

/// As it stands between the quotation marks of JSON.
pub(super) struct Json<'o> {
    out: &'o mut String,
    spare: &'o mut String,
}

impl Pieces for Json<'_> {
    #[inline]
    fn text(&mut self, text: &str) {
        write_json_text(text, self.out);
    }

    #[inline]
    fn ready(&mut self, _: &str, json: &str) {
        self.out.push_str(json);
    }

    #[inline]
    fn made(&mut self, write: impl FnOnce(&mut String) -> bool) -> Option<usize> {
        let start = self.out.len();
        let is_there = write(self.out);
        let made = self.out.get(start..).unwrap_or_default();
        let bytes = made.len();
        if !is_plain_json(made) {
            self.spare.clear();
            self.spare.push_str(made);
            self.out.truncate(start);
            write_json_text(self.spare, self.out);
        }
        is_there.then_some(bytes)
    }
}

/// Writes each token's claims as a JSON object.
pub(super) struct Bytes<'o> {
    pub(super) output: &'o mut Output,
}

impl<'o> Bytes<'o> {
    #[inline]
    pub(super) fn new(output: &'o mut Output, given: Tokens) -> Self {
        output.clear();
        output.given = given;
        Bytes { output }
    }
}

impl Bytes<'_> {
    /// The object of a token, for the next claim.
    #[inline]
    fn next(&mut self, plan: &ClaimPlan, token: Token) -> Option<&mut String> {
        if plan.is_standard {
            self.note(plan, Tokens::of(token));
        }
        self.output.objects.object(token)
    }

    #[cold]
    fn note(&mut self, plan: &ClaimPlan, tokens: Tokens) {
        self.output.standard.extend(plan.about.standard.map(|name| (name, tokens)));
    }

    /// The same for each of several tokens, out of the way: nearly always it is one.
    #[cold]
    fn several(&mut self, reach: Reach, mut write: impl FnMut(&mut Self, Reach)) {
        for token in reach.tokens().iter() {
            write(self, Reach::One(token));
        }
    }

    /// What was written for one token, from a place on, for others too.
    #[cold]
    fn copy(&mut self, from: Token, start: usize, tokens: Tokens) {
        let Output { objects, spare, .. } = &mut *self.output;
        spare.clear();
        let member = objects.object(from).and_then(|claims| claims.get(start..));
        spare.push_str(member.unwrap_or_default());
        for token in tokens.iter().filter(|token| *token != from) {
            if let Some(out) = objects.object(token) {
                out.push_str(spare);
            }
        }
    }
}

impl Sink for Bytes<'_> {
    fn claim<'a>(&mut self, plan: &ClaimPlan, reach: Reach, val: Val<'a>, store: &Store<'a>) {
        let Reach::One(token) = reach else {
            return self.several(reach, |sink, one| sink.claim(plan, one, val, store));
        };
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
    }

    fn text(&mut self, plan: &ClaimPlan, reach: Reach, text: &str) {
        let Reach::One(token) = reach else {
            return self.several(reach, |sink, one| sink.text(plan, one, text));
        };
        let Some(out) = self.next(plan, token) else { return };
        out.push_str(&plan.text_key);
        write_json_text(text, out);
        out.push_str("\",");
    }

    fn string(&mut self, plan: &ClaimPlan, reach: Reach, text: &str, _: &Value) {
        self.text(plan, reach, text);
    }

    fn texts(
        &mut self,
        plan: &ClaimPlan,
        reach: Reach,
        (texts, limit): (Texts<'_>, TextsLimit),
    ) -> Result<(), Bail> {
        let Reach::One(token) = reach else {
            // Also for no token they have to be right.
            let mut outcome = limit.each(texts, |_| {});
            self.several(reach, |sink, one| outcome = outcome.and(sink.texts(plan, one, (texts, limit))));
            return outcome;
        };
        let out = self.next(plan, token).ok_or(Bail)?;
        out.push_str(plan.key());
        open_texts(out);
        let outcome = limit.each(texts, |text| push_text(text, out));
        close_texts(texts.len(), out);
        out.push(',');
        outcome
    }

    #[inline]
    fn built(&mut self, plan: &ClaimPlan, reach: Reach, build: impl Build) -> Result<(), Bail> {
        let (first, tokens) = match reach {
            Reach::One(token) => (Some(token), Tokens::of(token)),
            Reach::Others(tokens) => (tokens.iter().next(), tokens),
        };
        // Also for no token it has to be right.
        let first = first.unwrap_or(Token::Access);
        let Output { objects, spare, .. } = &mut *self.output;
        let out = objects.object(first).ok_or(Bail)?;
        let start = out.len();
        out.push_str(&plan.text_key);
        let is_there = build.build(&mut Json { out: &mut *out, spare })?;
        if !is_there || tokens.is_empty() {
            out.truncate(start);
            return Ok(());
        }
        out.push_str("\",");
        if reach != Reach::One(first) {
            self.copy(first, start, tokens);
        }
        if plan.is_standard {
            self.note(plan, tokens);
        }
        Ok(())
    }

    #[inline]
    fn constant(&mut self, plan: &ClaimPlan, reach: Reach, _: &Value, member: &str) {
        let Reach::One(token) = reach else {
            return self.several(reach, |sink, one| sink.constant(plan, one, &Value::Null, member));
        };
        if let Some(out) = self.next(plan, token) {
            out.push_str(member);
        }
    }

    fn removed(&mut self, name: &Arc<str>, tokens: Tokens) {
        self.output.removed.push((name.clone(), tokens));
    }

    fn scope(&mut self, scope: &str) {
        self.output.scopes.push_str(scope);
        self.output.scope_ends.push(self.output.scopes.len());
    }

    #[inline]
    fn end(&mut self) {
        self.output.objects.end();
    }
}

/// Gathers each token's claims in a map.
pub(super) struct Map<'o> {
    output: &'o mut Output,
    labels: &'o Labels,
    tokens: ByToken,
}

impl<'o> Map<'o> {
    pub(super) fn new(output: &'o mut Output, given: Tokens, labels: &'o Labels) -> Self {
        output.clear();
        Map { output, labels, tokens: given.iter().map(|token| (token, BTreeMap::new())).collect() }
    }

    fn insert(&mut self, plan: &ClaimPlan, reach: Reach, value: Value) {
        insert(&mut self.tokens, self.labels.name(plan), reach, value);
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

/// Each token's claims by name.
type ByToken = BTreeMap<Token, BTreeMap<Arc<str>, Value>>;

fn insert(claims: &mut ByToken, name: &Arc<str>, reach: Reach, value: Value) {
    match reach {
        Reach::One(token) => {
            claims.entry(token).or_default().insert(name.clone(), value);
        }
        Reach::Others(tokens) => {
            for token in tokens.iter() {
                claims.entry(token).or_default().insert(name.clone(), value.clone());
            }
        }
    }
}

impl Sink for Map<'_> {
    fn text(&mut self, plan: &ClaimPlan, reach: Reach, text: &str) {
        self.insert(plan, reach, Value::from(text));
    }

    fn string(&mut self, plan: &ClaimPlan, reach: Reach, _: &str, value: &Value) {
        self.insert(plan, reach, value.clone());
    }

    fn texts(
        &mut self,
        plan: &ClaimPlan,
        reach: Reach,
        (texts, limit): (Texts<'_>, TextsLimit),
    ) -> Result<(), Bail> {
        let mut values = Vec::with_capacity(texts.len());
        limit.each(texts, |text| values.push(Value::from(text)))?;
        self.insert(plan, reach, Value::list(values));
        Ok(())
    }

    fn claim<'a>(&mut self, plan: &ClaimPlan, reach: Reach, val: Val<'a>, store: &Store<'a>) {
        if let Some(value) = store.to_value(val) {
            self.insert(plan, reach, value);
        }
    }

    fn built(&mut self, plan: &ClaimPlan, reach: Reach, build: impl Build) -> Result<(), Bail> {
        // Nothing else goes there.
        let Map { output: Output { spare, .. }, labels, tokens } = self;
        spare.clear();
        if build.build(&mut Plain(&mut *spare))? {
            insert(tokens, labels.name(plan), reach, Value::from(spare.as_str()));
        }
        Ok(())
    }

    fn constant(&mut self, plan: &ClaimPlan, reach: Reach, value: &Value, _: &str) {
        let own = self.labels.constants.get(plan.about.number).and_then(Option::as_ref);
        self.insert(plan, reach, own.unwrap_or(value).clone());
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
