//! `ensure never`, `ensure always`, `ensure no label`, `ensure deny`.

use std::sync::Arc;

use super::shown::Shown;
use super::{Decided, Judge, Promise, REFUTED_ENSURE, UNDECIDED_ENSURE, VACUOUS_ENSURE};
use crate::analysis::study::witnessed;
use crate::diag::Diagnostic;
use crate::ir::{Action, Ensure, EnsureKind};
use crate::logic::formula::Formula;
use crate::logic::meaning::Name;
use crate::logic::witness::{Verdict, Witness};
use crate::request::Request;
use crate::standard::Token;
use crate::ty::Labels;

impl Judge<'_, '_> {
    pub(super) fn ensure(&mut self, ensure: &Ensure) -> Promise {
        let scope = self.scope(ensure);
        let broken = self.broken(ensure);
        let question = [scope, broken];
        let verdict = if self.study.f.all(question) == Formula::FALSE {
            Verdict::Never
        } else {
            let unit = self.study.unit;
            let mut instance = self.study.instance(question);
            self.study
                .find(&mut instance, &question, &mut |request, _| Shown::new(unit, request).breaks(ensure))
        };
        let decided = match &verdict {
            Verdict::Never if self.is_possible(scope) => Decided::Proven,
            Verdict::Never => Decided::Vacuous,
            Verdict::Shown(_) => Decided::Refuted,
            Verdict::Undecided(_) => Decided::Undecided,
        };
        let finding = match &verdict {
            Verdict::Never if decided == Decided::Vacuous => Some(vacuous(ensure)),
            Verdict::Never => None,
            Verdict::Shown(witness) => Some(self.refuted(ensure, witness)),
            Verdict::Undecided(doubts) => {
                let fact = format!("whether {} is undecided", self.broken_words(ensure));
                let diagnostic = Diagnostic::new(&UNDECIDED_ENSURE, ensure.span, fact).help(
                    "decide it by client, audience, grant or by comparing an attribute with constants, or test \
                     it with requests and take the `ensure` out",
                );
                Some(self.study.explain_doubts(diagnostic, doubts))
            }
        };
        self.findings.extend(finding);
        let assumptions =
            if decided == Decided::Proven { self.assumed_by_ensure(ensure, scope) } else { Vec::new() };
        Promise { span: ensure.span, is_contract: false, decided, assumptions }
    }

    /// The requests that an `ensure` is about.
    fn scope(&mut self, ensure: &Ensure) -> Formula {
        let study = &mut *self.study;
        let mut parts = Vec::new();
        if let Some(when) = &ensure.when {
            parts.push(study.meaning.truth(&mut study.f, when).yes);
        }
        if matches!(ensure.kind, EnsureKind::Deny) {
            return study.f.all(parts);
        }
        if let Some(id) = self.audience_id(ensure.audience.as_ref()) {
            let study = &mut *self.study;
            parts.push(study.meaning.audience(&mut study.f, &id));
        }
        let study = &mut *self.study;
        let gives: Vec<Formula> =
            ensure.tokens.iter().map(|token| study.meaning.gives(&mut study.f, token)).collect();
        parts.push(study.f.any(gives));
        parts.push(!self.carried.denied);
        study.f.all(parts)
    }

    pub(super) fn audience_id(&self, alias: Option<&Arc<str>>) -> Option<Arc<str>> {
        self.study.unit.catalog.audiences.get(alias?).map(|audience| audience.id.clone())
    }

    /// Where a token of the scope does not have what is stated.
    fn broken(&mut self, ensure: &Ensure) -> Formula {
        let study = &mut *self.study;
        let name = match ensure.kind {
            EnsureKind::Deny => return !self.carried.denied,
            EnsureKind::NoLabel(labels) => return self.labelled(ensure, labels),
            EnsureKind::Never(claim) | EnsureKind::Always(claim) => study.meaning.name(claim),
        };
        let mut parts = Vec::new();
        for token in ensure.tokens.iter() {
            let gives = study.meaning.gives(&mut study.f, token);
            let present = self.carried.present(study, &name, token);
            let is_broken = if matches!(ensure.kind, EnsureKind::Never(_)) { present } else { !present };
            parts.push(study.f.both(gives, is_broken));
        }
        study.f.any(parts)
    }

    /// Where a value with one of these labels stands in a token.
    fn labelled(&mut self, ensure: &Ensure, labels: Labels) -> Formula {
        let study = &mut *self.study;
        let mut parts = Vec::new();
        for token in ensure.tokens.iter() {
            let gives = study.meaning.gives(&mut study.f, token);
            for name in self.carried.names(study, token) {
                for (write, stands) in self.carried.standing(study, &name, token) {
                    if write.name == name && stands != Formula::FALSE {
                        let carries = study.meaning.written_labelled(&mut study.f, &write, labels);
                        parts.push(study.f.all([gives, carries, stands]));
                    }
                }
            }
        }
        study.f.any(parts)
    }

    /// What breaks it, as a fact that may be so.
    fn broken_words(&self, ensure: &Ensure) -> String {
        let name = |claim| self.study.meaning.name(claim);
        let tokens: Vec<&str> = ensure.tokens.iter().map(token_words).collect();
        let whose = match &ensure.audience {
            Some(audience) => format!("{} for `{audience}`", tokens.join(" or ")),
            None => tokens.join(" or "),
        };
        match &ensure.kind {
            EnsureKind::Never(claim) => format!("`{}` can get into the {whose}", name(*claim)),
            EnsureKind::Always(claim) => format!("the {whose} can lack `{}`", name(*claim)),
            EnsureKind::NoLabel(labels) => {
                let all = &self.study.unit.catalog.labels;
                let words: Vec<String> = labels
                    .indexes()
                    .filter_map(|index| all.get(index))
                    .map(|label| format!("`{label}`"))
                    .collect();
                format!("a value with the label {} can get into the {whose}", words.join(", "))
            }
            EnsureKind::Deny => "a request that is to be denied can get a token".to_owned(),
        }
    }

    fn refuted(&mut self, ensure: &Ensure, witness: &Witness) -> Diagnostic {
        let unit = self.study.unit;
        let mut diagnostic = Diagnostic::new(&REFUTED_ENSURE, ensure.span, self.broken_words(ensure));
        let help = match ensure.kind {
            EnsureKind::Never(_) => "narrow the condition of the rule, or `remove` the claim there",
            EnsureKind::Always(_) => "write the claim in these tokens too, with a `default` for example",
            EnsureKind::NoLabel(_) => {
                "narrow the condition of the rule, or state why it may be with `reveal`, `trust`"
            }
            EnsureKind::Deny => "add a `deny` for it, or narrow the condition of the `ensure`",
        };
        if let Ok(request) = Request::from_value(&witness.request) {
            let shown = Shown::new(unit, &request);
            for span in shown.writers(ensure) {
                diagnostic = diagnostic.also(span, "written here");
            }
            for (span, text) in self.missed(ensure, &shown) {
                diagnostic = diagnostic.also(span, text);
            }
        }
        witnessed(diagnostic.help(help), unit, witness)
    }

    /// What could have written a claim that is missing, and what removes it.
    fn missed(&self, ensure: &Ensure, shown: &Shown<'_>) -> Vec<(crate::source::Span, &'static str)> {
        let EnsureKind::Always(claim) = ensure.kind else { return Vec::new() };
        let name = self.study.meaning.name(claim);
        let mut places = Vec::new();
        for token in ensure.tokens.iter().filter(|token| shown.is_without(*token, claim)) {
            if let Name::Literal(literal) = &name {
                places.extend(shown.removers(token, literal).into_iter().map(|span| (span, "removed here")));
            }
            if places.is_empty() {
                let writes = self.carried.writes(self.study, &name, token);
                let own = writes.iter().filter(|write| write.name == name);
                let statements = own.filter_map(|write| self.study.statement(write));
                let writes =
                    statements.filter(|statement| !matches!(statement.action, Action::Remove { .. }));
                places.extend(writes.take(3).map(|statement| (statement.span, "this does not fire there")));
            }
        }
        places.dedup();
        places
    }
}

fn vacuous(ensure: &Ensure) -> Diagnostic {
    let fact = match (&ensure.kind, &ensure.audience) {
        (EnsureKind::Deny, _) => "this is about no request: its condition is never true".to_owned(),
        (_, Some(audience)) => format!("this is about no token for `{audience}` that is ever issued"),
        (_, None) => "this is about no token that is ever issued".to_owned(),
    };
    let diagnostic = Diagnostic::new(&VACUOUS_ENSURE, ensure.span, fact);
    let diagnostic = match &ensure.when {
        Some(when) => diagnostic.also(when.span, "nothing fulfils this here"),
        None => diagnostic,
    };
    diagnostic.help("mend its audience, token or condition, or remove it")
}

pub(super) fn token_words(token: Token) -> &'static str {
    match token {
        Token::Access => "access token",
        Token::Id => "ID token",
        Token::Userinfo => "userinfo response",
        Token::Saml => "SAML assertion",
    }
}
