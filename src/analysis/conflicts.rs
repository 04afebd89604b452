//! Conflicts: two statements that can act together and contradict each other.
//!
//! The evaluator refuses such a request, so nobody gets a wrong token; but somebody gets none. Every conflict is found
//! here before deployment and shown by a request, or proven not to exist.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::study::{Group, Study, witnessed};
use crate::ast::Level;
use crate::decision::Decision;
use crate::diag::Diagnostic;
use crate::eval;
use crate::eval::codes::CONFLICTING_VALUES;
use crate::ir::{Action, Statement, Unit};
use crate::logic::cube::{Cube, Cubes, Kind, Point};
use crate::logic::formula::Formula;
use crate::logic::meaning::{Name, Write};
use crate::logic::solver::Instance;
use crate::logic::witness::Verdict;
use crate::request::Request;
use crate::standard::Tokens;

crate::codes! {
    /// Two statements that can act together contradict each other.
    CONFLICTING_WRITES = "C0510" "conflicting-writes" Error;
    /// Whether two statements contradict each other could not be decided.
    UNDECIDED_CONFLICT = "C0511" "undecided-conflict" Warning allow;
    /// A claim is written that another rule removes.
    REMOVED_WRITE = "C0512" "removed-write" Warning allow;
}

/// How two writes stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meeting {
    /// Only with different values.
    Values,
    /// A whole value and a member: always.
    WholeAndMember,
}

pub(super) fn analyse(study: &mut Study<'_>, findings: &mut Vec<Diagnostic>) {
    for group in study.groups().iter() {
        writes(study, group, findings);
        removals(study, group, findings);
    }
    audiences(study, findings);
}

/// More conflicts of one claim are the same mistake again.
const SHOWN: usize = 8;

fn writes(study: &mut Study<'_>, group: &Group, findings: &mut Vec<Diagnostic>) {
    let all: Vec<Write> = group.writes.iter().filter_map(|index| study.write(*index)).collect();
    let one_audience = study.unit.catalog.has_single_audiences();
    let cubes: Vec<Cube> = all.iter().map(|write| cube(study, write, one_audience)).collect();
    let mut index = Cubes::default();
    cubes.iter().cloned().for_each(|cube| index.push(cube));
    let mut instance: Option<Instance<'_>> = None;
    let mut shown = 0;
    for (at, (a, a_cube)) in all.iter().zip(&cubes).enumerate() {
        let later = index.meeting(a_cube).into_iter().filter(|b| *b > at);
        for b in later.filter_map(|b| all.get(b)) {
            let Some(meeting) = meeting(a, b) else { continue };
            let Some(question) = question(study, &group.name, (a, b), meeting) else { continue };
            let instance =
                instance.get_or_insert_with(|| study.instance(all.iter().map(|write| write.fires)));
            let (Some(first), Some(second)) = (study.statement(a), study.statement(b)) else { continue };
            // Of several conflicts about one claim the evaluator names some: these two by themselves it always names.
            let both = [a.statement, b.statement];
            let unit = study.unit;
            let verdict = study.find_among(instance, &question, &both, &mut |_, request, decision| {
                names_both(decision, first, second) && is_conflict(&eval::evaluate(unit, request))
            });
            let found = report(study, group, (first, second), meeting, &verdict);
            shown += usize::from(found.is_some());
            findings.extend(found);
            if shown >= SHOWN {
                return;
            }
        }
    }
}

/// What a write plainly needs: of each chain, the branch that it stands in, too.
fn cube(study: &Study<'_>, write: &Write, one_audience: bool) -> Cube {
    let guard = study.statement(write).map(|statement| statement.guard.as_slice()).unwrap_or_default();
    guard.iter().fold(Cube::of(&study.f, write.fires, one_audience), |cube, step| {
        let branch = BTreeSet::from([Point::Number(i128::from(step.branch))]);
        cube.with(Kind::Branch(step.chain.index()), branch)
    })
}

fn meeting(a: &Write, b: &Write) -> Option<Meeting> {
    if a.tokens.and(b.tokens).is_empty()
        || (a.statement == b.statement && a.name == b.name && a.part != b.part)
    {
        return None;
    }
    match (&a.member, &b.member) {
        (None, Some(_)) => whole_and_member(a.level, b.level),
        (Some(_), None) => whole_and_member(b.level, a.level),
        _ if a.member == b.member && a.level == b.level && a.level != Level::Append => Some(Meeting::Values),
        _ => None,
    }
}

/// Of one level neither beats the other, and an `override` of a member cannot reach into a value that is added whole.
fn whole_and_member(whole: Level, member: Level) -> Option<Meeting> {
    let counts = |level| if level == Level::Append { Level::Add } else { level };
    let is_met = counts(whole) == counts(member) || (counts(whole), member) == (Level::Add, Level::Override);
    is_met.then_some(Meeting::WholeAndMember)
}

/// What has to hold for two writes to contradict each other; `None` where they plainly cannot.
fn question(
    study: &mut Study<'_>,
    name: &Name,
    (a, b): (&Write, &Write),
    meeting: Meeting,
) -> Option<Vec<Formula>> {
    let gives: Vec<Formula> =
        a.tokens.and(b.tokens).iter().map(|token| study.meaning.gives(&mut study.f, token)).collect();
    // The members of a map are about this claim where one of them has its name.
    let fires = [a, b].map(|write| study.meaning.fires_as(&mut study.f, write, name));
    let mut question = vec![study.f.any(gives)];
    question.extend(fires);
    let together = study.f.all(question.iter().copied());
    if together == Formula::FALSE {
        return None;
    }
    if meeting == Meeting::Values {
        let (a_text, b_text) = (study.meaning.written_text(a), study.meaning.written_text(b));
        if a_text == b_text {
            return None;
        }
        let a_cases = study.meaning.written_cases(&mut study.f, a);
        let b_cases = study.meaning.written_cases(&mut study.f, b);
        let span = study.statement(b)?.span;
        let same = study.meaning.same_values(&mut study.f, (&a_cases, &a_text), (&b_cases, &b_text), span);
        if same == Formula::TRUE {
            return None;
        }
        question.push(!same);
    }
    Some(question)
}

fn is_conflict(decision: &Decision) -> bool {
    matches!(decision, Decision::Error(errors) if errors.iter().any(|error| error.code == CONFLICTING_VALUES.code))
}

/// Whether the evaluator refuses a request because of these two.
fn names_both(decision: &Decision, a: &Statement, b: &Statement) -> bool {
    let Decision::Error(errors) = decision else { return false };
    let quoted = |place: &Arc<str>| format!("`{place}`");
    let (a, b) = (quoted(&a.place), quoted(&b.place));
    errors.iter().any(|error| {
        error.code == CONFLICTING_VALUES.code && error.message.contains(&a) && error.message.contains(&b)
    })
}

fn report(
    study: &Study<'_>,
    group: &Group,
    (first, second): (&Statement, &Statement),
    meeting: Meeting,
    verdict: &Verdict,
) -> Option<Diagnostic> {
    let name = &group.name;
    match verdict {
        Verdict::Never => None,
        Verdict::Shown(witness) => {
            let (fact, help) = match meeting {
                Meeting::Values => (
                    format!("`{name}` gets different values from rules that can act together"),
                    "make their conditions exclude each other, or let one win: write it with `override`, or the \
                     other with `default`",
                ),
                Meeting::WholeAndMember => (
                    format!("`{name}` is written as a whole and by member, by rules that can act together"),
                    "write all of it by members, or all of it as one record",
                ),
            };
            let diagnostic = Diagnostic::new(&CONFLICTING_WRITES, second.span, fact)
                .label("the second value")
                .also(first.span, "the first value")
                .help(help);
            Some(witnessed(diagnostic, study.unit, witness))
        }
        Verdict::Undecided(doubts) => {
            let fact = format!("whether `{name}` can get different values from these rules is undecided");
            let diagnostic = Diagnostic::new(&UNDECIDED_CONFLICT, second.span, fact)
                .also(first.span, "the other write")
                .help("make their conditions exclude each other by client, audience, grant or a constant");
            Some(study.explain_doubts(diagnostic, doubts))
        }
    }
}

/// Writes of a claim that a `remove` of the same policy can take out again.
fn removals(study: &mut Study<'_>, group: &Group, findings: &mut Vec<Diagnostic>) {
    let unit = study.unit;
    for (index, remover) in unit.statements.iter().enumerate() {
        let Action::Remove { claim, tokens } = &remover.action else { continue };
        if study.meaning.name(*claim) != group.name {
            continue;
        }
        for write in &group.writes {
            let Some(write) = study.write(*write) else { continue };
            let shared = tokens.and(write.tokens);
            let Some(writer) = study.statement(&write) else { continue };
            if shared.is_empty() || write.name != group.name {
                continue;
            }
            let gives: Vec<Formula> =
                shared.iter().map(|token| study.meaning.gives(&mut study.f, token)).collect();
            let question = [write.fires, study.meaning.acts(index), study.f.any(gives)];
            let mut instance = study.instance(question);
            let name = group.name.to_string();
            let both = [index, write.statement];
            let verdict =
                study.find_among(&mut instance, &question, &both, &mut |part, request, decision| {
                    is_removed(decision, shared, &name) && writes_in_vain(part, request, writer, remover)
                });
            // Where the rest of the policy fails, nobody gets a token to miss the claim in.
            let verdict = match &verdict {
                Verdict::Shown(witness) if matches!(witness.decision, Decision::Error(_)) => {
                    study.find(&mut instance, &question, &mut |request, decision| {
                        is_removed(decision, shared, &name) && writes_in_vain(unit, request, writer, remover)
                    })
                }
                _ => verdict,
            };
            findings.extend(report_removal(study, &name, (writer, remover), &verdict));
        }
    }
}

fn report_removal(
    study: &Study<'_>,
    name: &str,
    (writer, remover): (&Statement, &Statement),
    verdict: &Verdict,
) -> Option<Diagnostic> {
    const HELP: &str = "make the conditions exclude each other, so that a reader sees which tokens carry it";
    match verdict {
        Verdict::Never => None,
        Verdict::Shown(witness) => {
            let fact = format!("`{name}` is removed where this rule writes it");
            let diagnostic = Diagnostic::new(&REMOVED_WRITE, writer.span, fact)
                .also(remover.span, "removed here, which always wins")
                .help(HELP);
            Some(witnessed(diagnostic, study.unit, witness))
        }
        Verdict::Undecided(doubts) => {
            let fact = format!("whether `{name}` is removed where this rule writes it is undecided");
            let diagnostic = Diagnostic::new(&UNDECIDED_CONFLICT, writer.span, fact)
                .also(remover.span, "removed here, which always wins")
                .help(HELP);
            Some(study.explain_doubts(diagnostic, doubts))
        }
    }
}

/// Whether a claim is taken out of one of these tokens.
fn is_removed(decision: &Decision, tokens: Tokens, name: &str) -> bool {
    let Decision::Issue(issued) = decision else { return false };
    tokens.iter().any(|token| issued.removed.get(&token).is_some_and(|removed| removed.contains(name)))
}

/// Whether a statement writes what the other one removes.
fn writes_in_vain(part: &Unit, request: &Request, writer: &Statement, remover: &Statement) -> bool {
    eval::explain(part, request, false).claims.iter().any(|claim| {
        claim.removed_by.iter().any(|rule| rule.span == remover.span)
            && claim.beaten.iter().any(|beaten| beaten.rule.span == writer.span)
    })
}

/// Statements that set the audience differently.
fn audiences(study: &mut Study<'_>, findings: &mut Vec<Diagnostic>) {
    let unit = study.unit;
    let setters: Vec<(usize, &Statement)> = unit
        .statements
        .iter()
        .enumerate()
        .filter(|(_, statement)| matches!(statement.action, Action::SetAudience(_)))
        .collect();
    for (at, (a, first)) in setters.iter().enumerate() {
        for (b, second) in setters.iter().skip(at + 1) {
            let question = [study.meaning.acts(*a), study.meaning.acts(*b)];
            let world = std::mem::replace(&mut study.world, study.meaning.request_facts(&mut study.f));
            let mut instance = study.instance(question);
            let verdict =
                study.find(&mut instance, &question, &mut |_, decision| names_both(decision, first, second));
            study.world = world;
            if let Verdict::Shown(witness) = verdict {
                let fact = "the audience is set differently by rules that can act together";
                let diagnostic = Diagnostic::new(&CONFLICTING_WRITES, second.span, fact)
                    .also(first.span, "set here too")
                    .help("make their conditions exclude each other");
                findings.push(witnessed(diagnostic, unit, &witness));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Compiler;

    #[test]
    fn a_member_of_a_map_meets_the_write_of_its_name() {
        let catalog =
            "language: 1\nowned_domains: [acme.example]\nuser: { sub: string, extra: \"map[string]\" }\n";
        let found = |pattern: &str, condition: &str| {
            let policy = format!(
                "namespace ns = \"https://acme.example/\"\nif user exists then add ns/* = user.extra matching /{pattern}/\n\
                 if {condition} then add ns/tier = \"gold\"\n"
            );
            let mut compiler = Compiler::new();
            let found =
                compiler.catalog("claims.yaml", catalog).source("p.claims", &policy).compile().diagnostics;
            let found = found.into_iter().filter(|one| one.code.code.starts_with("C05"));
            found.map(|one| (one.code.slug, one.witness)).collect::<Vec<_>>()
        };
        let witness = r#"{"grant":"authorization_code","client":"other-client","user":{"sub":"user-1","extra":{"tier":"tier"}}}"#;
        let shown = ("conflicting-writes", Some(witness.to_owned()));
        assert_eq!(found("[a-z]+", "user exists"), [shown]);
        assert_eq!(found("[a-c]+", "user exists"), []);
        assert_eq!(found("[a-z]+", "not user exists"), []);
    }

    /// Without a user, the write would not fire either, whatever is removed.
    #[test]
    fn a_removed_write_is_shown_where_it_would_have_a_value() {
        let catalog = "language: 1\nowned_domains: [acme.example]\nclients:\n  web: { id: web, grants: [refresh_token] }\n  \
                       job: { id: job, grants: [token_exchange] }\nuser: { sub: string, email: email }\n";
        let policy = "namespace ns = \"https://acme.example/\"\nremove ns/level unless client = web\n\
                      add ns/level = user.email.domain ?? deny \"no value\"\n";
        let mut compiler = Compiler::new();
        let found = compiler.catalog("claims.yaml", catalog).source("p.claims", policy).compile().diagnostics;
        let shown =
            found.iter().find(|one| one.code.slug == "removed-write").and_then(|one| one.witness.as_deref());
        let user = r#""user":{"sub":"user-1","email":"a@other.example"}"#;
        assert!(shown.is_some_and(|witness| witness.contains(user)), "{shown:?}");
    }

    /// Where every such request fails for another reason, none shows that the claim is missed.
    #[test]
    fn a_removed_write_is_not_shown_by_a_request_that_fails() {
        let catalog = "language: 1\nowned_domains: [acme.example]\nuser: { sub: string }\n";
        let policy = "namespace ns = \"https://acme.example/\"\nremove ns/list\n\
                      if grant = password then default ns/list = [\"z\"]\ndefault ns/list = [\"a\"]\n";
        let mut compiler = Compiler::new();
        let found = compiler.catalog("claims.yaml", catalog).source("p.claims", policy).compile().diagnostics;
        let slugs: Vec<&str> = found.iter().map(|one| one.code.slug).collect();
        assert!(slugs.contains(&"undecided-conflict") && !slugs.contains(&"removed-write"), "{slugs:?}");
    }
}
