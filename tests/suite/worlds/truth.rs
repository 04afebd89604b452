//! What is true of a policy in a small world, found by looking at every request.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use claimsc::standard::Token;
use claimsc::{Decision, Value};

use super::observe::{Observation, Run};
use super::print::Part;
use super::tree::{Action, Ensured, Node, Promise, Tree, Verb, each_node};
use super::values::{CLAIMS, MEMBERS, Type, type_of};
use super::world::{World, read};

/// A write of one verb to one token in one request.
#[derive(Debug, Clone)]
pub(super) struct Contribution {
    pub(super) verb: usize,
    pub(super) token: Token,
    pub(super) claim: &'static str,
    pub(super) member: Option<&'static str>,
    pub(super) word: &'static str,
    pub(super) value: Value,
}

/// How two contributions that meet get on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meeting {
    /// They are of one level and give the same value.
    Agree,
    /// They conflict.
    Conflict,
}

/// Two verbs and what is true of them somewhere: the first run of each kind of meeting.
pub(super) type Pairs = BTreeMap<(usize, usize), BTreeMap<Meeting, usize>>;

pub(super) struct Truth<'o> {
    pub(super) world: &'o World,
    pub(super) tree: &'o Tree,
    pub(super) observed: &'o Observation,
    pub(super) verbs: Vec<&'o Verb>,
}

impl<'o> Truth<'o> {
    pub(super) fn new(world: &'o World, tree: &'o Tree, observed: &'o Observation) -> Self {
        let mut verbs = Vec::new();
        each_node(&tree.items, &mut |node| {
            if let Node::Verb(verb) = node {
                verbs.push(verb);
            }
        });
        Truth { world, tree, observed, verbs }
    }

    /// The verb on a line, as `file:line`.
    pub(super) fn verb_at(&self, place: &str) -> Option<usize> {
        let line: usize = place.rsplit_once(':')?.1.parse().ok()?;
        match self.observed.text.parts.get(&line) {
            Some(Part::Verb(verb)) => Some(*verb),
            _ => None,
        }
    }

    /// The writes of a run.
    pub(super) fn contributions(&self, run: &Run) -> Vec<Contribution> {
        let mut all = Vec::new();
        for (verb, tokens) in &run.verbs {
            for (token, value) in tokens {
                let Some(value) = value else { continue };
                self.add_contributions(*verb, *token, value, &mut all);
            }
        }
        all
    }

    /// The claims that a verb is about.
    pub(super) fn claims(&self, verb: usize) -> Vec<&'static str> {
        match &self.verbs[verb].action {
            Action::Write { claim, .. } | Action::Remove { claim } => vec![claim],
            Action::Spread { members } => members.iter().map(|(member, _)| claim_of(member)).collect(),
            _ => Vec::new(),
        }
    }

    fn add_contributions(&self, verb: usize, token: Token, value: &Value, all: &mut Vec<Contribution>) {
        match &self.verbs[verb].action {
            Action::Write { word, claim, member, .. } => {
                all.push(Contribution { verb, token, claim, member: *member, word, value: value.clone() });
            }
            Action::Spread { members } => {
                for (member, _) in members {
                    if let Some(value) = value.get(member) {
                        let claim = claim_of(member);
                        let value = value.clone();
                        all.push(Contribution { verb, token, claim, member: None, word: "add", value });
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a verb acts in a request.
    pub(super) fn fires(&self, verb: usize) -> bool {
        self.observed.runs.iter().any(|run| run.verbs.contains_key(&verb))
    }

    /// All pairs of writes that meet at one level, or conflict otherwise.
    pub(super) fn pairs(&self) -> Pairs {
        let mut pairs = Pairs::new();
        for (number, run) in self.observed.runs.iter().enumerate() {
            for (pair, meeting) in meetings(&self.contributions(run)) {
                pairs.entry(pair).or_default().entry(meeting).or_insert(number);
            }
        }
        pairs
    }

    /// `remove` and a write of its claim in one issued token: the verbs and the first run.
    pub(super) fn removed_writes(&self) -> BTreeMap<(usize, usize), usize> {
        let mut pairs = BTreeMap::new();
        for (number, run) in self.observed.runs.iter().enumerate() {
            if run.issued().is_none() {
                continue;
            }
            let writes = self.contributions(run);
            for (remove, tokens) in &run.verbs {
                let Action::Remove { claim } = &self.verbs[*remove].action else { continue };
                for write in writes.iter().filter(|write| write.claim == *claim) {
                    if tokens.contains_key(&write.token) {
                        pairs.entry((*remove, write.verb)).or_insert(number);
                    }
                }
            }
        }
        pairs
    }

    /// The writes that decide a claim of a token somewhere, and those that are beaten somewhere.
    pub(super) fn effects(&self) -> Effects {
        let mut effects = Effects::default();
        for run in &self.observed.runs {
            let (decide, beaten) = self.effects_of(run);
            effects.decide.extend(decide.into_iter().map(|(verb, ..)| verb));
            effects.beaten.extend(beaten);
        }
        effects
    }

    /// The writes that decide claims of the tokens of a run, and the verbs that are beaten there.
    pub(super) fn effects_of(&self, run: &Run) -> (BTreeSet<(usize, Token, String)>, BTreeSet<usize>) {
        let (mut decide, mut beaten) = (BTreeSet::new(), BTreeSet::new());
        if run.issued().is_none() {
            return (decide, beaten);
        }
        let writes = self.contributions(run);
        let targets: BTreeSet<_> = writes.iter().map(|write| (write.token, write.claim)).collect();
        let removes = run.verbs.keys().any(|verb| matches!(self.verbs[*verb].action, Action::Remove { .. }));
        if targets.len() == writes.len() && !removes {
            // Nobody meets anybody.
            decide.extend(writes.iter().map(|write| (write.verb, write.token, full(write.claim))));
            return (decide, beaten);
        }
        for claim in &self.observed.policy.explain(&self.request(run), false).claims {
            let verb = |rule: &claimsc::eval::RuleName| self.verb_at(&rule.place).expect("a verb");
            let name = claim.name.to_string();
            decide.extend(claim.written_by.iter().map(|rule| (verb(rule), claim.token, name.clone())));
            beaten.extend(claim.beaten.iter().map(|beaten| verb(&beaten.rule)));
        }
        (decide, beaten)
    }

    pub(super) fn request(&self, run: &Run) -> claimsc::Request {
        read(&self.world.request(&self.observed.space.cells[run.cell], run.index))
    }

    /// The request of a run as JSON.
    pub(super) fn shown(&self, run: usize) -> String {
        self.request_of(&self.observed.runs[run])
    }

    pub(super) fn request_of(&self, run: &Run) -> String {
        self.world.request(&self.observed.space.cells[run.cell], run.index).to_json()
    }

    /// Whether the final audience has this one; the policy's own view, that is without endpoints of the issuer.
    pub(super) fn is_for(&self, audience: &[Arc<str>], alias: Option<&str>) -> bool {
        let id = |alias: &str| self.world.audiences.iter().find(|one| one.alias == alias).map(|one| one.id);
        alias.is_none_or(|alias| audience.iter().any(|one| Some(&**one) == id(alias)))
    }

    /// What the requests say of a promise.
    pub(super) fn promise(&self, number: usize) -> Kept {
        let mut kept = Kept::default();
        for (index, run) in self.observed.runs.iter().enumerate() {
            kept.may_apply |= matches!(run.decision, Decision::Error(_));
            if let Some(is_broken) = self.is_broken(number, run) {
                kept.applies = true;
                if is_broken {
                    kept.broken.get_or_insert(index);
                }
            }
        }
        kept
    }

    /// Whether a run breaks a promise; `None` where the promise is not about it.
    pub(super) fn is_broken(&self, number: usize, run: &Run) -> Option<bool> {
        match &self.tree.promises[number] {
            Promise::Ensure { what, audience, token, when } => {
                let holds = when.is_none() || run.flags.contains(&('w', number, 0));
                holds.then(|| self.breaks_ensure(run, what, *audience, *token)).flatten()
            }
            Promise::Contract { audience, members } => self.breaks_contract(run, audience, members),
        }
    }

    /// `None` where the run is not one that the promise is about.
    fn breaks_ensure(
        &self,
        run: &Run,
        what: &Ensured,
        audience: Option<&str>,
        token: Option<&str>,
    ) -> Option<bool> {
        if *what == Ensured::Deny {
            return Some(run.issued().is_some());
        }
        let issued = run.issued().filter(|issued| self.is_for(&issued.audience, audience))?;
        let token = token.map_or(Token::Access, |word| Token::parse(word).expect("a token"));
        let claims = issued.tokens.get(&token)?;
        match what {
            Ensured::Never(claim) => Some(claims.contains_key(&*full(claim))),
            Ensured::Always(claim) => Some(!claims.contains_key(&*full(claim))),
            // Labels are about where values come from, which a single decision does not show.
            Ensured::NoLabel(_) | Ensured::Deny => None,
        }
    }

    fn breaks_contract(
        &self,
        run: &Run,
        audience: &str,
        members: &[(&'static str, &'static str, bool)],
    ) -> Option<bool> {
        let issued = run.issued().filter(|issued| self.is_for(&issued.audience, Some(audience)))?;
        let claims = issued.tokens.get(&Token::Access)?;
        let is_listed = |name: &Arc<str>| members.iter().any(|(claim, ..)| full(claim) == **name);
        let is_there = |(claim, _, is_optional): &(&str, &str, bool)| match claims.get(&*full(claim)) {
            None => *is_optional,
            Some(value) => type_of(claim) != Type::Object || is_object(value),
        };
        Some(!claims.keys().all(is_listed) || !members.iter().all(is_there))
    }
}

/// Verbs by what becomes of their writes in issued tokens.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) decide: BTreeSet<usize>,
    pub(super) beaten: BTreeSet<usize>,
}

/// What is true of an `ensure` or contract.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept {
    /// There is a request that it is about.
    pub(super) applies: bool,
    /// Some request fails, and might be one but for that.
    pub(super) may_apply: bool,
    /// A run that breaks it.
    pub(super) broken: Option<usize>,
}

/// Whether an object claim has all members of its type. Claims of other types cannot have another one.
fn is_object(value: &Value) -> bool {
    MEMBERS.iter().all(|member| value.get(member).is_some())
}

/// The claim of the pool that a spread writes by a member.
fn claim_of(member: &str) -> &'static str {
    let mut names = CLAIMS.iter().map(|(name, _)| *name);
    names.find(|name| name.strip_prefix("ns/") == Some(member)).expect("a claim of the pool")
}

/// The whole name of a claim.
pub(super) fn full(claim: &str) -> String {
    claim.replace("ns/", "https://acme.example/c/")
}

/// The pairs of contributions that meet, and how they get on.
pub(super) fn meetings(writes: &[Contribution]) -> Vec<((usize, usize), Meeting)> {
    let mut found = Vec::new();
    for (index, one) in writes.iter().enumerate() {
        for other in &writes[index + 1..] {
            if one.verb == other.verb || (one.token, one.claim) != (other.token, other.claim) {
                continue;
            }
            if let Some(meeting) = meeting(one, other) {
                found.push(((one.verb.min(other.verb), one.verb.max(other.verb)), meeting));
            }
        }
    }
    found
}

fn meeting(one: &Contribution, other: &Contribution) -> Option<Meeting> {
    match (one.member, other.member) {
        (None, Some(_)) => whole_and_member(one.word, other.word),
        (Some(_), None) => whole_and_member(other.word, one.word),
        (a, b) if a != b => None,
        _ if one.word == "append" && other.word == "append" => None,
        _ if one.word == other.word && one.value == other.value => Some(Meeting::Agree),
        _ if one.word == other.word => Some(Meeting::Conflict),
        _ => {
            let is_set = one.word == "append" || other.word == "append";
            let is_default = one.word == "default" || other.word == "default";
            (is_set && !is_default).then_some(Meeting::Conflict)
        }
    }
}

/// Section 8 of the language, 7: two of one level conflict, and an overridden member does not reach into what is added
/// as a whole.
fn whole_and_member(whole: &str, member: &str) -> Option<Meeting> {
    let add = |word: &str| matches!(word, "add" | "append");
    let conflict = whole == member || add(whole) && (add(member) || member == "override");
    conflict.then_some(Meeting::Conflict)
}
