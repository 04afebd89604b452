//! Conditions that read labelled data and decide a claim: whoever reads the token learns one bit of it.
//!
//! A condition counts where the write can arrive at a recipient that does not accept the label, and where, with what is
//! known of that recipient folded away, it still depends on the labelled data. Writes that could beat or be beaten have
//! conditions of their own, which count by themselves; denials decide about tokens, not about claims.

use std::collections::{BTreeMap, BTreeSet};

use super::early;
use super::recipients::{Readers, Recipient, Who};
use super::shown::{self, Sought, Target};
use super::{Claim, Flow, PII_IN_GUARD, SECRET_IN_GUARD, UNDECIDED_FLOW, listed, reads};
use crate::analysis::study::witnessed;
use crate::diag::Diagnostic;
use crate::ir::{Action, Expr, ExprKind, Stage, Statement, Unit};
use crate::logic::atom::Path;
use crate::logic::formula::Formula;
use crate::logic::meaning::{Name, Write};
use crate::logic::witness::{Verdict, Witness};
use crate::source::Span;
use crate::standard::Tokens;
use crate::ty::Labels;

/// Labels that conditions read, as far as it is known without looking at one statement.
pub(super) struct Guards {
    /// For each chain: the labels of each condition.
    chains: Vec<Vec<Labels>>,
    /// For each let: those of conditions inside its value.
    lets: Vec<Labels>,
    /// Those of everything that decides about scopes, and about the audience.
    scopes: Labels,
    audience: Labels,
    /// What was found, by the place of the condition and the label.
    found: BTreeMap<(Span, Labels), Finding>,
}

/// One condition that tells something.
struct Finding {
    sources: BTreeSet<Path>,
    claims: BTreeSet<String>,
    recipients: BTreeMap<Who, Option<Span>>,
    is_complete: bool,
    writes: BTreeSet<Span>,
    witness: Box<Witness>,
}

/// A condition that takes part in deciding a statement.
pub(super) struct Read<'u> {
    /// What it is about.
    condition: &'u Expr,
    /// Where it is reported.
    place: Span,
    /// What is left of this decides whether it counts for a recipient; `None`: it always does.
    formula: Option<Formula>,
}

/// As many writes under one condition are asked about; more would only make the same finding longer.
const WRITES: usize = 8;

impl Guards {
    pub(super) fn of(flow: &mut Flow<'_, '_>) -> Self {
        let unit = flow.study.unit;
        let mut guards = Guards {
            chains: Vec::new(),
            lets: Vec::new(),
            scopes: Labels::NONE,
            audience: Labels::NONE,
            found: BTreeMap::new(),
        };
        // A let reads only lets before it.
        for binding in &unit.lets {
            let labels = guards.inside(&binding.value);
            guards.lets.push(labels);
        }
        for chain in &unit.chains {
            let labels = chain.conditions.iter().map(|condition| {
                condition.expr.ty.all_labels().or(guards.inside(&condition.expr)).and(flow.private)
            });
            let labels = labels.collect();
            guards.chains.push(labels);
        }
        let of_rules = |guards: &Guards, stage| {
            let rules = early::rules(unit, stage).map(|rule| guards.labels(unit, rule, flow.private));
            rules.fold(Labels::NONE, Labels::or)
        };
        guards.audience = of_rules(&guards, Stage::Audience);
        guards.scopes = of_rules(&guards, Stage::Scopes);
        guards
    }

    /// The labels of conditions inside an expression.
    fn inside(&self, expr: &Expr) -> Labels {
        let mut labels = Labels::NONE;
        expr.walk(&[], &mut |part| {
            labels = labels.or(match &*part.kind {
                ExprKind::If { condition, .. } => condition.ty.all_labels(),
                ExprKind::Match { subject, .. } => subject.ty.all_labels(),
                ExprKind::Let(id) => self.lets.get(id.index()).copied().unwrap_or_default(),
                _ => Labels::NONE,
            });
            true
        });
        labels
    }

    /// The labels of everything that decides whether and what a statement writes.
    pub(super) fn labels(&self, unit: &Unit, statement: &Statement, private: Labels) -> Labels {
        let mut labels = Labels::NONE;
        if self.scopes != Labels::NONE && early::reads_scopes(unit, statement) {
            labels = labels.or(self.scopes);
        }
        if self.audience != Labels::NONE && early::reads_audience(unit, statement) {
            labels = labels.or(self.audience);
        }
        for step in &statement.guard {
            let chain = self.chains.get(step.chain.index()).map(Vec::as_slice).unwrap_or_default();
            for one in chain.iter().take(step.branch as usize + 1) {
                labels = labels.or(*one);
            }
        }
        if let Some(unless) = &statement.unless {
            labels = labels.or(unless.ty.all_labels()).or(self.inside(unless));
        }
        if let Action::Write { value, .. } | Action::Spread { value, .. } = &statement.action {
            labels = labels.or(self.inside(value));
        }
        labels.and(private)
    }

    /// The conditions behind one write.
    pub(super) fn write<'u>(
        &mut self,
        flow: &mut Flow<'_, 'u>,
        claim: &mut Claim<'u>,
        write: &Write,
        findings: &mut Vec<Diagnostic>,
    ) {
        let Some(statement) = flow.study.statement(write) else { return };
        let labels = self.labels(flow.study.unit, statement, flow.private);
        for label in Flow::each(labels) {
            for readers in Readers::BOTH {
                let tokens = write.tokens.and(readers.tokens());
                if tokens.is_empty() || flow.recipients.refusing(readers, label).is_empty() {
                    continue;
                }
                let arrives = flow.arrives(claim, write, readers);
                let target = (statement, &write.name, tokens);
                self.decided(flow, claim, target, (label, readers, arrives), findings);
            }
        }
    }

    /// The conditions behind every `remove`.
    pub(super) fn removals(&mut self, flow: &mut Flow<'_, '_>, findings: &mut Vec<Diagnostic>) {
        for removal in removals(flow, self) {
            if flow.recipients.refusing(removal.readers, removal.label).is_empty() {
                continue;
            }
            let mut claim = Claim::removed(removal.index);
            let target = (removal.statement, &removal.name, removal.tokens);
            let what = (removal.label, removal.readers, removal.arrives);
            self.decided(flow, &mut claim, target, what, findings);
        }
    }

    /// Whether conditions tell readers of one kind about a label.
    fn decided<'u>(
        &mut self,
        flow: &mut Flow<'_, 'u>,
        claim: &mut Claim<'u>,
        target: Target<'_, 'u>,
        (label, readers, arrives): (Labels, Readers, Formula),
        findings: &mut Vec<Diagnostic>,
    ) {
        if arrives == Formula::FALSE {
            return;
        }
        let unit = flow.study.unit;
        let recipients = flow.recipients.clone();
        let refusing = recipients.refusing(readers, label);
        let statement = target.0;
        for read in conditions(flow, statement, (label, readers)) {
            let known = self.found.get(&(read.place, label)).map_or(0, |finding| finding.writes.len());
            if known >= WRITES {
                continue;
            }
            let depends = depending(flow, &read, label, &refusing);
            if depends.is_empty() {
                continue;
            }
            if flow.is_plainly_absent(arrives, &depends) {
                continue;
            }
            let who = flow.among(readers, label, &depends, &refusing);
            let question = [arrives, who];
            claim.solver(flow, &question);
            let Some(instance) = claim.instance.as_mut() else { continue };
            let asked = (arrives, who);
            let sought = Sought { target, statements: &claim.statements, value: None };
            let verdict = shown::ask(flow, instance, asked, &depends, sought);
            match verdict {
                Verdict::Never => {}
                Verdict::Shown(witness) => {
                    let reached = shown::reached(flow, instance, arrives, &depends, (&witness, sought));
                    let finding = self.found.entry((read.place, label)).or_insert_with(|| {
                        Finding::new(witness, reads::sources(unit, read.condition, label))
                    });
                    finding.claims.insert(format!("`{}`", target.1));
                    finding.writes.insert(statement.span);
                    finding.is_complete &= reached.is_complete;
                    finding
                        .recipients
                        .extend(reached.recipients.iter().map(|one| (one.who.clone(), one.span)));
                }
                Verdict::Undecided(doubts) => {
                    let fact = format!(
                        "whether `{}` tells {} about `{}` is undecided",
                        target.1,
                        listed(&depends, true),
                        flow.label_name(label)
                    );
                    let diagnostic = Diagnostic::new(&UNDECIDED_FLOW, statement.span, fact)
                        .also(read.place, "this condition reads it")
                        .help("name in the condition the audiences or clients that may have the claim");
                    findings.push(flow.study.explain_doubts(diagnostic, &doubts));
                }
            }
        }
    }

    /// What was found, one finding for each condition.
    pub(super) fn finish(self, flow: &Flow<'_, '_>, findings: &mut Vec<Diagnostic>) {
        for ((place, label), finding) in self.found {
            findings.push(finding.report(flow, place, label));
        }
    }
}

impl Finding {
    fn new(witness: Box<Witness>, sources: BTreeSet<Path>) -> Self {
        Finding {
            sources,
            claims: BTreeSet::new(),
            recipients: BTreeMap::new(),
            is_complete: true,
            writes: BTreeSet::new(),
            witness,
        }
    }

    fn report(self, flow: &Flow<'_, '_>, place: Span, label: Labels) -> Diagnostic {
        let name = flow.label_name(label);
        let recipients: Vec<Recipient> = self
            .recipients
            .iter()
            .map(|(who, span)| Recipient {
                who: who.clone(),
                accepts: Labels::NONE,
                span: *span,
                is: Formula::FALSE,
            })
            .collect();
        let whom = listed(&recipients.iter().collect::<Vec<_>>(), self.is_complete);
        let claims: Vec<String> = self.claims.into_iter().collect();
        let claims = match claims.as_slice() {
            [one] => one.clone(),
            [one, other] => format!("{one} and {other}"),
            [one, rest @ ..] => format!("{one} and {} other claims", rest.len()),
            [] => String::new(),
        };
        let source =
            self.sources.first().map_or_else(|| format!("`{name}` data"), |path| format!("`{path}`"));
        let fact = format!("{claims} tells {whom} something about {source}, which is labelled `{name}`");
        let (code, help) = if label == Labels::SECRET {
            (&SECRET_IN_GUARD, "decide by something that is no secret")
        } else {
            (
                &PII_IN_GUARD,
                "decide by something else, write it only for those that accept the label, or say with `@allow` why they may know",
            )
        };
        let mut diagnostic = Diagnostic::new(code, place, fact).label("decided here").help(help);
        for write in self.writes.iter().filter(|write| **write != place).take(3) {
            diagnostic = diagnostic.also(*write, "written here");
        }
        for (who, span) in self.recipients.iter().take(2) {
            if let Some(span) = span {
                diagnostic = diagnostic.also(*span, format!("{} does not accept `{name}`", who.words()));
            }
        }
        witnessed(diagnostic, flow.study.unit, &self.witness)
    }
}

/// A `remove` behind conditions that read a label.
pub(super) struct Removal<'u> {
    pub(super) index: usize,
    pub(super) statement: &'u Statement,
    pub(super) name: Name,
    pub(super) tokens: Tokens,
    pub(super) label: Labels,
    pub(super) readers: Readers,
    /// Where it acts on one of the tokens.
    pub(super) arrives: Formula,
}

/// All of them, by label and readers.
pub(super) fn removals<'u>(flow: &mut Flow<'_, 'u>, guards: &Guards) -> Vec<Removal<'u>> {
    let mut all = Vec::new();
    for (index, statement) in flow.study.unit.statements.iter().enumerate() {
        let Action::Remove { claim, tokens } = &statement.action else { continue };
        for label in Flow::each(guards.labels(flow.study.unit, statement, flow.private)) {
            for readers in Readers::BOTH {
                let tokens = tokens.and(readers.tokens());
                let study = &mut *flow.study;
                let gives: Vec<Formula> =
                    tokens.iter().map(|token| study.meaning.gives(&mut study.f, token)).collect();
                let gives = study.f.any(gives);
                let acts = study.meaning.acts(index);
                let arrives = study.f.both(acts, gives);
                let name = study.meaning.name(*claim);
                all.push(Removal { index, statement, name, tokens, label, readers, arrives });
            }
        }
    }
    all
}

/// The conditions that read a label and take part in deciding a statement.
pub(super) fn conditions<'u>(
    flow: &mut Flow<'_, 'u>,
    statement: &'u Statement,
    (label, readers): (Labels, Readers),
) -> Vec<Read<'u>> {
    let unit: &'u Unit = flow.study.unit;
    let slug = if label == Labels::SECRET { SECRET_IN_GUARD.slug } else { PII_IN_GUARD.slug };
    // What is allowed for one statement is not reported for all that share its condition.
    let is_allowed = statement.allows.iter().any(|allowed| **allowed == *slug);
    let place = |span: Span| if is_allowed { statement.span } else { span };
    let mut reads = Vec::new();
    for step in &statement.guard {
        let Some(chain) = unit.chains.get(step.chain.index()) else { continue };
        for (branch, condition) in chain.conditions.iter().enumerate().take(step.branch as usize + 1) {
            let taken = flow.study.meaning.taken(step.chain.index(), branch);
            if condition.expr.ty.all_labels().meets(label) {
                let place = place(condition.expr.span);
                reads.push(Read { condition: &condition.expr, place, formula: Some(taken) });
            }
            nested(unit, &condition.expr, label, place(condition.expr.span), Some(taken), &mut reads);
        }
    }
    if let Some(unless) = &statement.unless {
        if unless.ty.all_labels().meets(label) {
            let formula = flow.study.meaning.truth(&mut flow.study.f, unless).yes;
            reads.push(Read { condition: unless, place: place(unless.span), formula: Some(formula) });
        }
        nested(unit, unless, label, place(unless.span), None, &mut reads);
    }
    if let Action::Write { value, .. } | Action::Spread { value, .. } = &statement.action {
        choices(flow, value, label, (Formula::TRUE, statement.span), &mut reads);
    }
    for (condition, formula) in early::conditions(flow, statement, readers) {
        if condition.ty.all_labels().meets(label) {
            reads.push(Read { condition, place: place(condition.span), formula });
        }
        nested(unit, condition, label, place(condition.span), formula, &mut reads);
    }
    reads
}

/// Conditions inside an expression that is no choice itself.
fn nested<'u>(
    unit: &'u Unit,
    expr: &'u Expr,
    label: Labels,
    place: Span,
    formula: Option<Formula>,
    reads: &mut Vec<Read<'u>>,
) {
    expr.walk(&unit.lets, &mut |part| {
        if let ExprKind::If { condition: read, .. } | ExprKind::Match { subject: read, .. } = &*part.kind
            && read.ty.all_labels().meets(label)
        {
            reads.push(Read { condition: read, place, formula });
        }
        true
    });
}

/// The choices of a written value: those of the outermost `if` only where they are reached.
fn choices<'u>(
    flow: &mut Flow<'_, 'u>,
    value: &'u Expr,
    label: Labels,
    (reached, place): (Formula, Span),
    reads: &mut Vec<Read<'u>>,
) {
    let unit: &'u Unit = flow.study.unit;
    match &*value.kind {
        ExprKind::Let(id) => {
            if let Some(binding) = unit.lets.get(id.index()) {
                choices(flow, &binding.value, label, (reached, place), reads);
            }
        }
        ExprKind::If { condition, then, otherwise, .. } => {
            let holds = flow.study.meaning.truth(&mut flow.study.f, condition).yes;
            let holds = flow.study.f.both(reached, holds);
            let other = flow.study.f.both(reached, !holds);
            if condition.ty.all_labels().meets(label) {
                reads.push(Read { condition, place, formula: Some(holds) });
            }
            nested(unit, condition, label, place, Some(holds), reads);
            choices(flow, then, label, (holds, place), reads);
            choices(flow, otherwise, label, (other, place), reads);
        }
        _ => nested(unit, value, label, place, None, reads),
    }
}

/// The recipients for whom a condition depends on labelled data.
pub(super) fn depending<'r>(
    flow: &mut Flow<'_, '_>,
    read: &Read<'_>,
    label: Labels,
    recipients: &[&'r Recipient],
) -> Vec<&'r Recipient> {
    let Some(formula) = read.formula else { return recipients.to_vec() };
    let sources = reads::sources(flow.study.unit, read.condition, label);
    if !flow.depends(formula, &sources, label) {
        return Vec::new();
    }
    // What does not name recipients is the same for all.
    let mut known: BTreeMap<Formula, bool> = BTreeMap::new();
    let names = flow.names_recipients(formula);
    let mut depending = Vec::new();
    for one in recipients {
        let folded = if names { flow.folded(formula, one) } else { formula };
        let depends = known.get(&folded).copied();
        let depends = depends.unwrap_or_else(|| flow.depends(folded, &sources, label));
        known.insert(folded, depends);
        if depends {
            depending.push(*one);
        }
    }
    depending
}
