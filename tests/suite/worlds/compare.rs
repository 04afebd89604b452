//! What the compiler says about a policy against what every request of its world says.
//!
//! Each analysis is compared by one function as soon as its diagnostics exist. A finding that the requests refute, a
//! finding that they show and the compiler does not, and a witness that does not show what it is for are disagreements.

use std::collections::{BTreeMap, BTreeSet};

use claimsc::analysis;
use claimsc::diag::Diagnostic;
use claimsc::logic::formula::Formulas;
use claimsc::logic::lemma::Lemma;
use claimsc::source::Span;
use claimsc::{Compilation, Compiler, Decision, Request};

use super::attribute::json;
use super::observe::{self, Observation, Run};
use super::print::Part;
use super::shrink;
use super::tree::Tree;
use super::truth::Truth;
use super::world::{World, read, with_time};
use super::{Failure, Tally, case, max_requests, print};

#[path = "compare/conflicts.rs"]
mod conflicts;
#[path = "compare/flow.rs"]
mod flow;
#[path = "compare/promises.rs"]
mod promises;
#[path = "compare/reach.rs"]
mod reach;
#[path = "compare/tables.rs"]
mod tables;

/// One disagreement.
#[derive(Debug, Clone)]
pub(super) struct Disagreement {
    /// What kind it is: while a policy is made smaller, this stays.
    pub(super) kind: String,
    /// Both opinions.
    pub(super) detail: String,
}

/// A finding of the compiler, its places as parts of the policy.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) slug: &'static str,
    pub(super) part: Option<Part>,
    /// The parts of other places.
    pub(super) others: BTreeSet<Part>,
    pub(super) message: String,
    pub(super) witness: Option<Run>,
    /// As JSON.
    pub(super) request: Option<String>,
}

impl Finding {
    /// All verbs that it names.
    pub(super) fn verbs(&self) -> BTreeSet<usize> {
        let verb = |part: &Part| match part {
            Part::Verb(verb) | Part::Arm(verb, _) => Some(*verb),
            _ => None,
        };
        self.part.iter().chain(&self.others).filter_map(verb).collect()
    }

    pub(super) fn shown(&self) -> String {
        let request = self.request.as_deref().unwrap_or("none");
        format!("{}: {} at {:?} and {:?}, witness {request}", self.slug, self.message, self.part, self.others)
    }
}

/// Everything that a comparison needs.
pub(super) struct Opinions<'o> {
    pub(super) truth: Truth<'o>,
    pub(super) findings: Vec<Finding>,
    pub(super) found: Vec<Disagreement>,
    pub(super) counts: BTreeMap<String, usize>,
    /// Whether promises were judged.
    pub(super) judges: bool,
}

impl Opinions<'_> {
    pub(super) fn of<'f>(&'f self, slug: &'f str) -> impl Iterator<Item = &'f Finding> {
        self.findings.iter().filter(move |finding| finding.slug == slug)
    }

    pub(super) fn disagree(&mut self, kind: impl Into<String>, detail: impl Into<String>) {
        self.found.push(Disagreement { kind: kind.into(), detail: detail.into() });
    }

    /// All that is wrong or missing, where the requests decide everything.
    pub(super) fn faults(&self) -> Vec<String> {
        let wrong = self.found.iter().map(|one| one.kind.clone());
        let unsaid = self.counts.keys().filter(|what| what.starts_with("unsaid")).cloned();
        let undecided = self.findings.iter().filter(|finding| finding.slug.starts_with("undecided"));
        wrong.chain(unsaid).chain(undecided.map(Finding::shown)).collect()
    }

    pub(super) fn count(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_insert(0) += 1;
    }

    /// Nothing is said, though the requests show nothing to the contrary. Shown with `CLAIMSC_SHOW="unsaid slug"`.
    pub(super) fn unsaid(&mut self, slug: &str, detail: String) {
        let kind = format!("unsaid {slug}");
        self.count(kind.clone());
        if std::env::var("CLAIMSC_SHOW").is_ok_and(|shown| shown == kind) {
            self.disagree(kind, detail);
        }
    }

    /// With `CLAIMSC_SHOW=slug`, findings of that kind are shown like disagreements.
    fn show_asked_for(&mut self) {
        let Ok(slug) = std::env::var("CLAIMSC_SHOW") else { return };
        let shown: Vec<String> = self.of(&slug).map(Finding::shown).collect();
        for finding in shown {
            self.disagree(format!("shown {slug}"), finding);
        }
    }

    /// Counts every finding, and checks that each witness shows it.
    pub(super) fn check_witnesses(&mut self, slug: &str, shows: impl Fn(&Truth<'_>, &Finding, &Run) -> bool) {
        let findings: Vec<Finding> = self.of(slug).cloned().collect();
        for finding in findings {
            match &finding.witness {
                None => self.count(format!("{slug} without witness")),
                Some(run) if shows(&self.truth, &finding, run) => self.count(format!("{slug} with witness")),
                Some(run) if !run.is_probed && matches!(run.decision, Decision::Issue(_)) => {
                    self.count(format!("{slug} with a witness that no probe reads"));
                }
                Some(run) => {
                    let detail = format!("{}\nwhich decides {}", finding.shown(), run.decision);
                    self.disagree(format!("idle witness of {slug}"), detail);
                }
            }
        }
    }
}

/// Compares all that the compiler says.
pub(super) fn compare<'o>(world: &'o World, tree: &'o Tree, observed: &'o Observation) -> Opinions<'o> {
    compare_without(world, tree, observed, None)
}

/// Compares what the compiler would say without a lemma.
pub(super) fn compare_without<'o>(
    world: &'o World,
    tree: &'o Tree,
    observed: &'o Observation,
    without: Option<Lemma>,
) -> Opinions<'o> {
    let truth = Truth::new(world, tree, observed);
    let compilation = proven(world, tree, without);
    let findings = findings(&truth, &compilation);
    let judges = compilation.promises.as_ref().is_none_or(|promises| promises.len() == tree.promises.len());
    let mut opinions = Opinions { truth, findings, found: Vec::new(), counts: BTreeMap::new(), judges };
    conflicts::compare(&mut opinions);
    reach::compare(&mut opinions);
    if opinions.judges {
        promises::compare(&mut opinions);
    }
    flow::compare(&mut opinions);
    reach::fixes(&mut opinions, &compilation);
    tables::sizes(&mut opinions);
    tables::tokens(&mut opinions);
    tables::matrix(&mut opinions);
    tables::asked(&mut opinions);
    tables::labels(&mut opinions);
    opinions.show_asked_for();
    opinions
}

/// Compiles with everything that `claimsc check` does; without a lemma, the findings are those of the proofs.
fn proven(world: &World, tree: &Tree, without: Option<Lemma>) -> Compilation {
    let compiler = |text: print::Text| {
        let mut compiler = Compiler::new();
        compiler.catalog("claims.yaml", &world.catalog).source("p.claims", &text.text);
        compiler
    };
    let Some(lemma) = without else {
        let compilation = compiler(print::policy(tree)).compile();
        if compilation.promises.is_some() {
            return compilation;
        }
        // With a mistake in a promise nothing is proven; the rest of the policy has none.
        return compiler(print::without_promises(tree)).compile();
    };
    let mut compilation = compiler(print::policy(tree)).without_proofs().compile();
    let policy = compilation.policy.as_ref().expect("a control compiles");
    let analysed = analysis::analyse_with(policy.unit(), &compilation.sources, Formulas::without(lemma));
    compilation.diagnostics = analysed.findings;
    compilation
}

fn findings(truth: &Truth<'_>, compilation: &Compilation) -> Vec<Finding> {
    let part = |span: Span| {
        let is_policy = compilation.sources.name(span.file) == "p.claims";
        truth.observed.text.parts.get(&compilation.sources.start(span).line).filter(|_| is_policy).copied()
    };
    let finding = |diagnostic: &Diagnostic| {
        let request = diagnostic.witness.clone();
        Finding {
            slug: diagnostic.code.slug,
            part: part(diagnostic.span),
            others: diagnostic.labels.iter().filter_map(|label| part(label.span)).collect(),
            message: diagnostic.message.clone(),
            witness: request.as_deref().map(|request| replay(truth, request)),
            request,
        }
    };
    compilation.diagnostics.iter().map(finding).collect()
}

/// Runs a witness. The probe reads all that the policy reads, so it gets the time even where the policy needs none.
fn replay(truth: &Truth<'_>, request: &str) -> Run {
    if let Err(error) = Request::from_json(request.as_bytes()) {
        panic!("a witness is malformed, {error}: {request}");
    }
    observe::run(truth.observed, &read(&with_time(&json(request))))
}

/// A policy that is as small as may be and about which the opinions still differ in this way.
pub(super) fn shrunk(world: &World, tree: &Tree, kind: &str) -> Option<(Tree, Disagreement)> {
    let differs = |tree: &Tree| -> Option<Disagreement> {
        let observed = observe::observe(world, tree, max_requests()).ok()?;
        compare(world, tree, &observed).found.into_iter().find(|one| one.kind == kind)
    };
    let mut smallest = (tree.clone(), differs(tree)?);
    'smaller: loop {
        for candidate in shrink::smaller(&smallest.0) {
            if let Some(found) = differs(&candidate) {
                smallest = (candidate, found);
                continue 'smaller;
            }
        }
        return Some(smallest);
    }
}

/// A disagreement as people read it: the smallest policy, and all that the compiler says of it.
pub(super) fn report(failure: &Failure) -> String {
    let Failure { kind, seed, detail } = failure;
    let case = case(*seed, &mut Tally::default());
    let (tree, detail) = match shrunk(&case.world, &case.tree, kind) {
        Some((tree, found)) => (tree, found.detail),
        None => (case.tree, detail.clone()),
    };
    let said = match observe::observe(&case.world, &tree, max_requests()) {
        Ok(observed) => {
            let opinions = compare(&case.world, &tree, &observed);
            opinions.findings.iter().map(|finding| finding.shown() + "\n").collect()
        }
        Err(_) => String::new(),
    };
    format!(
        "=== seed {seed}: {kind}\n{detail}\n\n{}\n{}\nThe compiler says:\n{said}\n",
        case.world.catalog,
        print::policy(&tree).text
    )
}
