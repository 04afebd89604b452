//! Contracts: beside protocol claims and what the issuer itself puts in, an access token for the audience carries what is
//! listed and nothing else, of the stated types.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::shown::Shown;
use super::{Decided, Judge, Promise, REFUTED_CONTRACT, UNDECIDED_CONTRACT, VACUOUS_CONTRACT};
use crate::analysis::carried::written_type;
use crate::analysis::study::witnessed;
use crate::ast::Level;
use crate::decision::Decision;
use crate::diag::Diagnostic;
use crate::ir::{Action, Contract, Statement, Unit};
use crate::logic::formula::Formula;
use crate::logic::meaning::{Name, Write};
use crate::logic::text::{self, Found, TextPattern, TextTest, TextWorld};
use crate::logic::witness::Verdict;
use crate::request::Request;
use crate::source::Span;
use crate::standard::Token;
use crate::ty::{Kind, Type};

/// More claims that a contract does not list are the same mistake again.
const SHOWN: usize = 8;

/// One way to break a contract.
struct Breach {
    /// What is wrong, as a fact that may be so.
    fact: String,
    span: Span,
    help: String,
    /// Where it is so.
    when: Formula,
    /// Where it is so in a way that a request can show: with a certain name in place of a free one.
    sample: Option<Formula>,
    kind: BreachKind,
}

enum BreachKind {
    /// The claim of this name is not listed.
    Unlisted(Name),
    /// This member is missing.
    Missing(usize),
    /// The value of this member is of another type.
    Misfit(usize),
}

impl Judge<'_, '_> {
    pub(super) fn contract(&mut self, contract: &Contract) -> Promise {
        let promise =
            |decided, assumptions| Promise { span: contract.span, is_contract: true, decided, assumptions };
        let scope = self.contract_scope(contract);
        if !self.is_possible(scope) {
            let fact = format!("no access token for `{}` is ever issued", contract.audience);
            self.findings.push(
                Diagnostic::new(&VACUOUS_CONTRACT, contract.span, fact)
                    .help("mend what keeps every token for it from being issued, or remove the contract"),
            );
            return promise(Decided::Vacuous, Vec::new());
        }
        let mut breaches = self.unlisted(contract);
        for (index, (_, ty, _)) in contract.members.iter().enumerate() {
            if !ty.optional {
                breaches.push(self.missing(contract, index));
            }
            breaches.extend(self.misfit(contract, index));
        }
        let worst = self.decide(contract, scope, &breaches);
        let assumptions = match worst {
            Decided::Proven => self.assumed_by_contract(contract, scope),
            _ => Vec::new(),
        };
        promise(worst, assumptions)
    }

    /// Asks for each breach, but first whether there is any.
    fn decide(&mut self, contract: &Contract, scope: Formula, breaches: &[Breach]) -> Decided {
        let all: Vec<Formula> = breaches.iter().map(|breach| breach.when).collect();
        let any = self.study.f.any(all.iter().copied());
        if any == Formula::FALSE {
            return Decided::Proven;
        }
        let mut instance = self.study.instance(all.into_iter().chain([scope]));
        if !self.study.is_possible(&mut instance, &[scope, any]) {
            return Decided::Proven;
        }
        let unit = self.study.unit;
        let mut worst = Decided::Proven;
        let mut reported = 0;
        for breach in breaches {
            if breach.when == Formula::FALSE || reported >= SHOWN {
                continue;
            }
            let mut shows =
                |request: &Request, _: &Decision| breach.is_shown(&Shown::new(unit, request), contract);
            let sampled =
                breach.sample.map(|sample| self.study.find(&mut instance, &[scope, sample], &mut shows));
            let verdict = match sampled {
                Some(verdict @ Verdict::Shown(_)) => verdict,
                _ => self.study.find(&mut instance, &[scope, breach.when], &mut shows),
            };
            let Some(finding) = self.report(contract, breach, &verdict) else { continue };
            worst = match (worst, &verdict) {
                (Decided::Refuted, _) | (_, Verdict::Shown(_)) => Decided::Refuted,
                _ => Decided::Undecided,
            };
            reported += 1;
            self.findings.push(finding);
        }
        worst
    }

    fn contract_scope(&mut self, contract: &Contract) -> Formula {
        let id = self.audience_id(Some(&contract.audience));
        let study = &mut *self.study;
        let gives = study.meaning.gives(&mut study.f, Token::Access);
        let is_for = id.map_or(Formula::FALSE, |id| study.meaning.audience(&mut study.f, &id));
        study.f.all([gives, is_for, !self.carried.denied])
    }

    /// Where a spread with free names writes a certain claim that is not listed.
    fn sample(&mut self, name: &Name, listed: &[Name]) -> Option<Formula> {
        let Name::Members(prefix, matching) = name else { return None };
        let tests: Vec<TextTest> = matching
            .iter()
            // As it was written, without what makes it whole.
            .filter_map(|regex| regex.as_str().strip_prefix(r"\A(?:")?.strip_suffix(r")\z"))
            .map(|regex| TextPattern::Matches(regex.into()))
            .map(|pattern| TextTest { steps: Vec::new(), pattern, fold: false })
            .collect();
        let literals: Vec<(&TextTest, bool)> = tests.iter().map(|test| (test, true)).collect();
        let taken: Vec<String> = listed.iter().map(ToString::to_string).collect();
        let avoid: Vec<&str> =
            std::iter::once("").chain(taken.iter().filter_map(|name| name.strip_prefix(&**prefix))).collect();
        let world = TextWorld { max_chars: 64, words: None };
        let mut states = self.study.budget.states;
        let Found::Text(member) = text::find(&literals, &world, &avoid, &mut states) else { return None };
        let claim = Name::Literal(format!("{prefix}{member}").into());
        let study = &mut *self.study;
        let own: Vec<Write> =
            study.meaning.writes().iter().filter(|write| write.name == *name).cloned().collect();
        let ways: Vec<Formula> =
            own.iter().map(|write| study.meaning.fires_as(&mut study.f, write, &claim)).collect();
        let written = study.f.any(ways);
        let removed = self.carried.removed(self.study, &claim, Token::Access);
        Some(self.study.f.both(written, !removed))
    }

    /// Claims that are not listed.
    fn unlisted(&mut self, contract: &Contract) -> Vec<Breach> {
        let study = &mut *self.study;
        let listed: Vec<Name> =
            contract.members.iter().map(|(claim, ..)| study.meaning.name(*claim)).collect();
        let mut breaches = Vec::new();
        for name in self.carried.names(study, Token::Access) {
            let study = &mut *self.study;
            if listed.contains(&name) && !matches!(name, Name::Members(..)) {
                continue;
            }
            let when = if matches!(name, Name::Literal(_)) {
                self.carried.present(study, &name, Token::Access)
            } else {
                // What is not known by name: the writes of exactly this form.
                let all = study.meaning.writes().iter();
                let own = all.filter(|write| write.name == name && write.tokens.contains(Token::Access));
                let fires: Vec<Formula> = own.map(|write| write.fires).collect();
                study.f.any(fires)
            };
            let mut parts = vec![when];
            if matches!(name, Name::Config(_)) {
                for other in &listed {
                    parts.push(!study.meaning.same_name(&mut study.f, &name, other, None));
                }
                parts.push(!self.carried.removed(study, &name, Token::Access));
            }
            let sample = self.sample(&name, &listed);
            let study = &mut *self.study;
            breaches.push(Breach {
                fact: format!(
                    "`{name}` can get into the access token for `{}`, whose contract does not list it",
                    contract.audience
                ),
                span: contract.span,
                help: "list it, or narrow the condition of the rule that writes it".to_owned(),
                when: study.f.all(parts),
                sample,
                kind: BreachKind::Unlisted(name),
            });
        }
        breaches
    }

    /// A member that a token lacks.
    fn missing(&mut self, contract: &Contract, member: usize) -> Breach {
        let study = &mut *self.study;
        let (name, span) = match contract.members.get(member) {
            Some((claim, _, span)) => (study.meaning.name(*claim), *span),
            None => (Name::Literal("".into()), contract.span),
        };
        let present = self.carried.present(study, &name, Token::Access);
        Breach {
            fact: format!(
                "an access token for `{}` can lack `{name}`, which the contract demands",
                contract.audience
            ),
            span,
            help: "write it for all these tokens, or put `?` behind its type".to_owned(),
            when: !present,
            sample: None,
            kind: BreachKind::Missing(member),
        }
    }

    /// A member whose value can be of another type.
    fn misfit(&mut self, contract: &Contract, member: usize) -> Option<Breach> {
        let (claim, stated, span) = contract.members.get(member)?;
        let study = &mut *self.study;
        let name = study.meaning.name(*claim);
        let standing = self.carried.standing(study, &name, Token::Access);
        let misfits = standing.iter().filter(|(write, _)| !fits(study.unit, write, stated));
        let mut ways: Vec<Formula> = misfits.map(|(_, stands)| *stands).collect();
        let writes: Vec<Write> = standing.into_iter().map(|(write, _)| write).collect();
        ways.extend(self.incomplete(&writes, stated, &name));
        let study = &mut *self.study;
        let when = study.f.any(ways);
        let stated = stated.clone().present();
        (when != Formula::FALSE).then(|| Breach {
            fact: format!(
                "`{name}` of an access token for `{}` can be something else than `{stated}`",
                contract.audience
            ),
            span: *span,
            help: "convert the value (`as` gives it where it is of a type), or state another type".to_owned(),
            when,
            sample: None,
            kind: BreachKind::Misfit(member),
        })
    }

    /// Where an object claim that is built of members lacks one that its type demands.
    fn incomplete(&mut self, writes: &[Write], stated: &Type, name: &Name) -> Vec<Formula> {
        let Kind::Record(record) = &stated.kind else { return Vec::new() };
        let study = &mut *self.study;
        let mut by_member: BTreeMap<&Arc<str>, Vec<Formula>> = BTreeMap::new();
        let mut whole = Vec::new();
        for write in writes {
            let fires = study.meaning.fires_as(&mut study.f, write, name);
            match &write.member {
                Some(member) => by_member.entry(member).or_default().push(fires),
                None if write.level != Level::Default => whole.push(fires),
                None => {}
            }
        }
        let some = study.f.any(by_member.values().flatten().copied().collect::<Vec<_>>());
        let whole = study.f.any(whole);
        let removed = self.carried.removed(study, name, Token::Access);
        let demanded = record.members.iter().filter(|(_, ty)| !ty.optional);
        demanded
            .map(|(member, _)| {
                let has = by_member.get(member).cloned().unwrap_or_default();
                let has = study.f.any(has);
                study.f.all([some, !whole, !has, !removed])
            })
            .collect()
    }

    fn report(&self, contract: &Contract, breach: &Breach, verdict: &Verdict) -> Option<Diagnostic> {
        match verdict {
            Verdict::Never => None,
            Verdict::Shown(witness) => {
                let mut diagnostic = Diagnostic::new(&REFUTED_CONTRACT, breach.span, &breach.fact);
                if let Ok(request) = Request::from_value(&witness.request) {
                    let shown = Shown::new(self.study.unit, &request);
                    for span in breach.writers(&shown, contract) {
                        diagnostic = diagnostic.also(span, "written here");
                    }
                }
                Some(witnessed(diagnostic.help(breach.help.clone()), self.study.unit, witness))
            }
            Verdict::Undecided(doubts) => {
                let fact = format!("whether {} is undecided", breach.fact);
                let mut diagnostic =
                    Diagnostic::new(&UNDECIDED_CONTRACT, breach.span, fact).help(breach.help.clone());
                if let BreachKind::Unlisted(name) = &breach.kind {
                    let writes = self.carried.writes(self.study, name, Token::Access);
                    let own = writes.iter().filter(|write| write.name == *name);
                    for statement in own.filter_map(|write| self.study.statement(write)).take(3) {
                        diagnostic = diagnostic.also(statement.span, "written here");
                    }
                }
                Some(self.study.explain_doubts(diagnostic, doubts))
            }
        }
    }
}

impl Breach {
    fn is_shown(&self, shown: &Shown<'_>, contract: &Contract) -> bool {
        match &self.kind {
            BreachKind::Unlisted(Name::Literal(name)) => shown.unlisted(contract).contains(name),
            BreachKind::Unlisted(form) => shown.unlisted(contract).iter().any(|name| {
                let writers = shown.writers_of(Token::Access, name);
                shown.statements(&writers).any(|statement| is_written_as(statement, form))
            }),
            BreachKind::Missing(member) => shown.lacks(contract, *member),
            BreachKind::Misfit(member) => shown.misfits(contract, *member),
        }
    }

    fn writers(&self, shown: &Shown<'_>, contract: &Contract) -> Vec<Span> {
        let of = |name: &str| shown.writers_of(Token::Access, name);
        match &self.kind {
            BreachKind::Unlisted(Name::Literal(name)) => of(name),
            BreachKind::Unlisted(form) => {
                let all: Vec<Span> = shown.unlisted(contract).iter().flat_map(|name| of(name)).collect();
                all.into_iter()
                    .filter(|span| shown.statements(&[*span]).any(|statement| is_written_as(statement, form)))
                    .collect()
            }
            BreachKind::Missing(_) => Vec::new(),
            BreachKind::Misfit(member) => {
                let claim = contract.members.get(*member).map(|(claim, ..)| *claim);
                claim.and_then(|claim| shown.name(claim)).map(|name| of(&name)).unwrap_or_default()
            }
        }
    }
}

/// Whether a statement writes names of this form, which are not known before a request.
fn is_written_as(statement: &Statement, form: &Name) -> bool {
    match (&statement.action, form) {
        (Action::Spread { prefix, .. }, Name::Members(own, _)) => prefix == own,
        (Action::Write { .. }, Name::Config(_)) => true,
        _ => false,
    }
}

/// Whether whatever a write writes fits the type that is stated for the claim.
fn fits(unit: &Unit, write: &Write, stated: &Type) -> bool {
    let Some(written) = written_type(unit, write) else { return false };
    match (&write.member, &stated.kind) {
        (None, _) => written.fits(stated),
        (Some(_), Kind::Json | Kind::Error) => true,
        (Some(_), Kind::Map(element)) => written.fits(element),
        (Some(member), Kind::Record(record)) => {
            record.member(member).map_or(record.open, |stated| written.fits(stated))
        }
        (Some(_), _) => false,
    }
}
