//! What a policy says in vain: statements that never act, branches and arms that are never taken, conditions that
//! change nothing, writes that never reach a token.
//!
//! All of it is proven: where a question is undecided, nothing is said. One mistake is one finding: what stands in a
//! branch that is never taken is not looked at again.

use std::collections::{BTreeSet, HashMap};

use super::study::Study;
use crate::ast::Level;
use crate::diag::Diagnostic;
use crate::ir::{Action, Stage, Unit};
use crate::logic::formula::Formula;
use crate::logic::solver::Instance;

mod acts;
mod arms;
mod chains;
mod conditions;
mod found;
mod part;
mod redundant;
mod why;
mod writes;

use chains::Chains;
use conditions::Place;
use found::Found;

crate::codes! {
    /// A statement can never act.
    NEVER_FIRES = "C0610" "never-fires" Warning allow;
    /// A branch of an `if` is never taken.
    UNREACHABLE_BRANCH = "C0611" "unreachable-branch" Warning allow;
    /// A branch of an expression is never taken.
    UNREACHABLE_ARM = "C0612" "unreachable-arm" Warning allow;
    /// A condition is true wherever it is asked, or an exception nowhere.
    ALWAYS_TRUE = "C0613" "always-true" Warning allow;
    /// An operand of a condition changes nothing.
    REDUNDANT_CONDITION = "C0614" "redundant-condition" Warning allow;
    /// A write never reaches a token, because another one or a `remove` always wins.
    BEATEN_WRITE = "C0615" "beaten-write" Warning allow;
    /// A default never applies, because another write always does.
    UNUSED_DEFAULT = "C0616" "unused-default" Warning allow;
}

pub(super) fn analyse(study: &mut Study<'_>, findings: &mut Vec<Diagnostic>) {
    let mut idle = BTreeSet::new();
    let mut found = Found::default();
    for group in groups(study.unit) {
        let mut asker = Asker::new(study, &group);
        let acts = acts::check(study, &mut asker, &group, findings);
        conditions::check(study, &mut asker, &group, &acts, &mut found);
        values(study, &mut asker, &group, &acts.idle, &mut found);
        idle.extend(acts.idle);
    }
    lets(study, &mut found);
    findings.extend(found.finish());
    writes::check(study, &idle, findings);
}

/// What is never taken in the values of statements.
fn values<'u>(
    study: &mut Study<'u>,
    asker: &mut Asker<'u>,
    group: &[usize],
    idle: &BTreeSet<usize>,
    found: &mut Found,
) {
    let unit = study.unit;
    for index in group.iter().filter(|index| !idle.contains(index)) {
        let Some(statement) = unit.statements.get(*index) else { continue };
        let Some(value) = part::value(&statement.action) else { continue };
        let may_be_absent = matches!(
            &statement.action,
            Action::Write { level: Level::Add | Level::Default | Level::Append, or_deny: None, .. }
        );
        let own = part::exceptions(study, statement);
        let mut context = asker.chains.all_taken(study, &statement.guard);
        context.extend(own.iter().map(|part| part.formula));
        let place = Place { outer: &statement.guard, step: None, own, context };
        arms::check(study, asker, &place, value, may_be_absent, found);
    }
}

/// What is never taken in lets, wherever they are used.
fn lets(study: &mut Study<'_>, found: &mut Found) {
    let unit = study.unit;
    let mut asker = Asker::new(study, &[]);
    for binding in &unit.lets {
        let place = Place { outer: &[], step: None, own: Vec::new(), context: Vec::new() };
        arms::check(study, &mut asker, &place, &binding.value, false, found);
    }
}

/// The statements of each outermost `if`, and each other one alone.
fn groups(unit: &Unit) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut last = None;
    for (index, statement) in unit.statements.iter().enumerate() {
        let chain = statement.guard.first().map(|step| step.chain);
        match groups.last_mut() {
            Some(group) if chain.is_some() && chain == last => group.push(index),
            _ => groups.push(vec![index]),
        }
        last = chain;
    }
    groups
}

/// A solver for the questions about one group of statements.
struct Asker<'u> {
    instance: Instance<'u>,
    world: Formula,
    chains: Chains,
    /// Answers, by the conjunction that was asked.
    known: HashMap<Formula, bool>,
    /// How many questions the solver has had.
    asked: u32,
}

/// So many questions to one solver: it decides about all that it was ever asked about.
const QUESTIONS: u32 = 64;

impl<'u> Asker<'u> {
    fn new(study: &mut Study<'u>, group: &[usize]) -> Self {
        let unit = study.unit;
        let sets_audience = group.iter().any(|index| {
            unit.statements.get(*index).is_some_and(|statement| statement.action.stage() == Stage::Audience)
        });
        // What statements make of the audience is not known to those that set it.
        let world = if sets_audience { study.meaning.request_facts(&mut study.f) } else { study.world };
        let first = group.iter().take(QUESTIONS as usize);
        let formulas: Vec<Formula> = first.map(|index| study.meaning.acts(*index)).chain([world]).collect();
        let instance = Instance::new(unit, study.budget, &mut study.f, formulas);
        Asker { instance, world, chains: Chains::default(), known: HashMap::new(), asked: 0 }
    }

    /// Whether all can hold in one request; `false` is a proof.
    fn is_possible(&mut self, study: &mut Study<'u>, question: impl IntoIterator<Item = Formula>) -> bool {
        let question: Vec<Formula> = question.into_iter().chain([self.world]).collect();
        let whole = study.f.all(question.iter().copied());
        if whole == Formula::FALSE {
            return false;
        }
        if let Some(known) = self.known.get(&whole) {
            return *known;
        }
        if self.asked >= QUESTIONS {
            self.instance = Instance::new(study.unit, study.budget, &mut study.f, question.iter().copied());
            self.asked = 0;
        }
        self.asked += 1;
        let is_possible = self.instance.is_possible(&mut study.f, &question);
        self.known.insert(whole, is_possible);
        is_possible
    }
}

#[cfg(test)]
mod tmp_timing {
    use super::*;
    use std::time::Instant;
    #[test]
    fn tmp_timing() {
        use std::fmt::Write as _;
        let n: usize = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
        let mut lets = String::from("if user exists then {\n");
        let mut chain = String::new();
        let mut rules = String::from(
            "namespace ns = \"https://acme.example/claims/\"\nlet is_verified = user.email_verified\n",
        );
        let mut cat = String::from(
            "language: 1\nissuer: https://id.acme.example/\nowned_domains: [acme.example]\naudiences:\n",
        );
        let p = (n / 10).clamp(2, 200);
        for i in 0..p {
            let _ = writeln!(cat, "  api{i}: {{ id: \"https://api{i}.acme.example\" }}");
        }
        cat.push_str("clients:\n");
        for i in 0..p {
            let _ = writeln!(
                cat,
                "  app{i}: {{ id: \"app-{i}\", grants: [authorization_code, refresh_token, client_credentials], metadata: {{ tier: gold }} }}"
            );
        }
        cat.push_str("user:\n  extends: oidc\n  plan: { enum: [free, pro, team] }\n  roles: { type: \"string[]\", max_items: 50, max_length: 64, default: [] }\n  department: string?\n  level: { type: int, default: 0 }\n");
        for i in 0..n {
            let _ = writeln!(lets, "let a{i} = \"v{i}\" add roles = [a{i}]");
            let _ = writeln!(
                chain,
                "{}if user.sub = \"v{i}\" then {{ add roles = [\"v{i}\"] }}",
                if i > 0 { "else " } else { "" }
            );
            let condition = match i % 6 {
                0 => String::new(),
                1 => " and is_verified".to_owned(),
                2 => " and user.plan in [\"pro\", \"team\"]".to_owned(),
                3 => " and \"admin\" in user.roles".to_owned(),
                4 => " and user.email.domain = \"acme.example\"".to_owned(),
                _ => " and grant = authorization_code and user.level > 3".to_owned(),
            };
            let value = match i % 7 {
                0 => "user.email".to_owned(),
                1 => "user.roles.filter(r => r.starts_with(\"app-\"))".to_owned(),
                5 => "user.department ?? \"none\"".to_owned(),
                _ => "user.sub".to_owned(),
            };
            let _ = writeln!(
                rules,
                "if audience = api{} and client = app{}{condition} then add ns/c{}_{i} = {value}",
                i % p,
                i / p % p,
                i % (p * 4)
            );
        }
        for (name, cat, text) in [
            ("lets", "language: 1\n".to_owned(), lets + "}\n"),
            ("chain", "language: 1\n".to_owned(), chain),
            ("rules", cat, rules),
        ] {
            let mut sources = crate::source::Sources::new();
            let y = sources.add("claims.yaml", &cat);
            let (catalog, _) = crate::catalog::read(y, &cat);
            let id = sources.add("p.claims", &text);
            let parsed = crate::syntax::parse(id, &text);
            let (unit, found) = crate::lower::lower(&[parsed.file], &sources, &std::sync::Arc::new(catalog));
            assert!(found.iter().all(|d| d.severity != crate::diag::Severity::Error), "{found:?}");
            let t = Instant::now();
            let mut study = Study::new(&unit);
            let made = t.elapsed();
            let t = Instant::now();
            let mut f = Vec::new();
            let mut idle = BTreeSet::new();
            let mut found = Found::default();
            let (mut a, mut b, mut c) = (0.0, 0.0, 0.0);
            for group in groups(study.unit) {
                let t = Instant::now();
                let mut asker = Asker::new(&mut study, &group);
                let acts = acts::check(&mut study, &mut asker, &group, &mut f);
                a += t.elapsed().as_secs_f64();
                let t = Instant::now();
                conditions::check(&mut study, &mut asker, &group, &acts, &mut found);
                b += t.elapsed().as_secs_f64();
                let t = Instant::now();
                values(&mut study, &mut asker, &group, &acts.idle, &mut found);
                c += t.elapsed().as_secs_f64();
                idle.extend(acts.idle);
            }
            let t2 = Instant::now();
            lets_(&mut study, &mut found);
            writes::check(&mut study, &idle, &mut f);
            println!(
                "{name} {n}: study {made:?} reach {:?} (acts {a:.3} conditions {b:.3} values {c:.3} rest {:?}) findings {}",
                t.elapsed(),
                t2.elapsed(),
                f.len() + found.finish().count()
            );
        }
    }
    fn lets_(study: &mut Study<'_>, found: &mut Found) {
        super::lets(study, found);
    }
}
