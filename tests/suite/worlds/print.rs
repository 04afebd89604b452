//! Trees as text, in two ways: as the policy that is asked about, and as a probe of it, which tells by harmless claims
//! what every part does: what each statement gives and whether each condition is true.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::tree::{Action, Chain, Condition, Ensured, Let, Node, Promise, Tree, Verb, Written, each_node};

/// What stands on a line of a printed policy. Numbers count in the order of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Verb(usize),
    /// `if` or `else if`.
    Condition(usize),
    /// `else` of the chain whose last condition this is.
    Else(usize),
    /// An arm of the `match` of a verb.
    Arm(usize, usize),
    Let(usize),
    Promise(usize),
    /// A member of a contract.
    Member(usize, usize),
}

/// A policy as text.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) text: String,
    /// By line, from 1.
    pub(super) parts: BTreeMap<usize, Part>,
}

const ALL_TOKENS: &str = "access_token, id_token, userinfo, saml";

/// The policy. Its promises come last, so that it has the same lines without them.
pub(super) fn policy(tree: &Tree) -> Text {
    print(tree, None)
}

/// The policy without its promises, which change no decision.
pub(super) fn without_promises(tree: &Tree) -> Text {
    print(&Tree { promises: Vec::new(), ..tree.clone() }, None)
}

/// In a probe, `ns/v<i>` is what verb `i` gives (for what is no write: that it fires, as a name that is removed),
/// `ns/c<i>` whether condition `i` is true, `ns/b<i>` whether its branch is taken, `ns/e<i>` whether the `else` behind
/// it is, `ns/a<i>_<k>` whether arm `k` of verb `i` is chosen, `ns/w<i>` whether the condition of promise `i` is true.
/// With `delegation: explicit` all these mention the actor, so that they are told of delegated tokens too.
pub(super) fn probe(tree: &Tree, explicit_delegation: bool) -> Text {
    print(tree, Some(Probe { explicit_delegation }))
}

#[derive(Debug, Clone, Copy)]
struct Probe {
    explicit_delegation: bool,
}

fn print(tree: &Tree, probe: Option<Probe>) -> Text {
    let mut printer =
        Printer { probe, out: String::new(), line: 1, parts: BTreeMap::new(), verbs: 0, conditions: 0 };
    printer.put("namespace ns = \"https://acme.example/c/\"", None);
    for (index, one) in tree.lets.iter().enumerate() {
        let Let { name, condition } = one;
        printer.put(&format!("let {name} = {}", condition_text(condition)), Some(Part::Let(index)));
    }
    let mut overridden: Vec<&str> = Vec::new();
    each_node(&tree.items, &mut |node| {
        if let Node::Verb(Verb { action: Action::Write { word: "override", claim, .. }, .. }) = node {
            overridden.push(claim);
        }
    });
    overridden.sort_unstable();
    overridden.dedup();
    for claim in overridden {
        printer.put(&format!("claim {claim} @overridable"), None);
    }
    let words = "table word_of { \"a\" => \"A\", \"ab\" => \"B\", \"gold\" => \"G\", \"pro\" => \"P\" }";
    printer.put(words, None);
    printer.nodes(&tree.items, 0);
    for (index, promise) in tree.promises.iter().enumerate() {
        printer.promise(index, promise);
    }
    Text { text: printer.out, parts: printer.parts }
}

pub(super) fn condition_text(condition: &Condition) -> String {
    let joined = |all: &[Condition], word: &str| all.iter().map(operand).collect::<Vec<_>>().join(word);
    match condition {
        Condition::Atom(atom) => atom.text.clone(),
        Condition::Let(name) => name.clone(),
        Condition::Not(one) => format!("not {}", operand(one)),
        Condition::And(all) => joined(all, " and "),
        Condition::Or(all) => joined(all, " or "),
    }
}

fn operand(condition: &Condition) -> String {
    match condition {
        Condition::Atom(atom)
            if atom.text.contains(" and ") || atom.text.contains(" or ") || atom.text.starts_with("not ") =>
        {
            format!("({})", atom.text)
        }
        Condition::Atom(_) | Condition::Let(_) => condition_text(condition),
        _ => format!("({})", condition_text(condition)),
    }
}

struct Printer {
    probe: Option<Probe>,
    out: String,
    line: usize,
    parts: BTreeMap<usize, Part>,
    verbs: usize,
    conditions: usize,
}

impl Printer {
    /// Writes a line.
    fn put(&mut self, text: &str, part: Option<Part>) {
        if let Some(part) = part {
            self.parts.insert(self.line, part);
        }
        self.out.push_str(text);
        self.out.push('\n');
        self.line += 1;
    }

    /// A claim of the probe in all tokens.
    fn flag(&mut self, indent: &str, condition: Option<&str>, write: &str) {
        let is_explicit = self.probe.is_some_and(|probe| probe.explicit_delegation);
        let condition = match (is_explicit, condition) {
            (true, Some(condition)) => {
                format!("if (actor exists or not actor exists) and ({condition}) then ")
            }
            (true, None) => "if actor exists or not actor exists then ".to_owned(),
            (false, Some(condition)) => format!("if {condition} then "),
            (false, None) => String::new(),
        };
        self.put(&format!("{indent}{condition}add {write} to {ALL_TOKENS}"), None);
    }

    fn nodes(&mut self, nodes: &[Node], depth: usize) {
        for node in nodes {
            match node {
                Node::Verb(verb) => self.verb(verb, depth),
                Node::Chain(chain) => self.chain(chain, depth),
            }
        }
    }

    fn chain(&mut self, chain: &Chain, depth: usize) {
        let indent = "  ".repeat(depth);
        let first = self.conditions;
        self.conditions += chain.branches.len();
        let is_probe = self.probe.is_some();
        for (index, branch) in chain.branches.iter().enumerate().filter(|_| is_probe) {
            let (number, condition) = (first + index, condition_text(&branch.condition));
            self.flag(&indent, Some(&condition), &format!("ns/c{number} = true"));
        }
        for (index, branch) in chain.branches.iter().enumerate() {
            let number = first + index;
            let condition = condition_text(&branch.condition);
            let word = if index == 0 { "if" } else { "else if" };
            let to = branch.target.map(|target| format!("to {target} ")).unwrap_or_default();
            self.put(&format!("{indent}{word} {condition} then {to}{{"), Some(Part::Condition(number)));
            if self.probe.is_some() {
                self.flag(&format!("{indent}  "), None, &format!("ns/b{number} = true"));
            }
            self.nodes(&branch.body, depth + 1);
            self.put(&format!("{indent}}}"), None);
        }
        if let Some(otherwise) = &chain.otherwise {
            let last = first + chain.branches.len() - 1;
            self.put(&format!("{indent}else {{"), Some(Part::Else(last)));
            if self.probe.is_some() {
                self.flag(&format!("{indent}  "), None, &format!("ns/e{last} = true"));
            }
            self.nodes(otherwise, depth + 1);
            self.put(&format!("{indent}}}"), None);
        }
    }

    fn verb(&mut self, verb: &Verb, depth: usize) {
        let number = self.verbs;
        self.verbs += 1;
        let indent = "  ".repeat(depth);
        let unless = verb
            .unless
            .as_ref()
            .map(|unless| format!(" unless {}", condition_text(unless)))
            .unwrap_or_default();
        let to = verb.target.map(|target| format!(" to {target}")).unwrap_or_default();
        let part = Some(Part::Verb(number));
        let probe = format!("ns/v{number}");
        match &verb.action {
            Action::Write { word, claim, member, value } => {
                let member = member.map(|member| format!(".{member}")).unwrap_or_default();
                let name = if self.probe.is_some() { probe } else { format!("{claim}{member}") };
                let head = format!("{indent}{word} {name} = ");
                self.write(number, &head, value, &to);
                if self.probe.is_some() {
                    self.arms(number, value, &indent);
                }
            }
            Action::Spread { members } => {
                let name = if self.probe.is_some() { probe } else { "ns/*".to_owned() };
                let members: Vec<String> =
                    members.iter().map(|(member, value)| format!("{member}: {value}")).collect();
                self.put(&format!("{indent}add {name} = {{ {} }}{to}", members.join(", ")), part);
            }
            Action::Remove { claim } => {
                let name = if self.probe.is_some() { probe.as_str() } else { claim };
                self.put(&format!("{indent}remove {name}{to}{unless}"), part);
            }
            Action::Deny { .. } | Action::Lifetime { .. } if self.probe.is_some() => {
                self.put(&format!("{indent}remove {probe} to {ALL_TOKENS}{unless}"), part);
            }
            Action::Deny { text } => self.put(&format!("{indent}deny \"{text}\"{unless}"), part),
            Action::Lifetime { value } => {
                self.put(&format!("{indent}limit lifetime to {value}{unless}"), part);
            }
            Action::Scope { words, value } => self.put(&format!("{indent}{words} {value}{unless}"), part),
            Action::Audience { value } => self.put(&format!("{indent}set audience to {value}"), part),
        }
        if self.probe.is_some() && matches!(verb.action, Action::Scope { .. } | Action::Audience { .. }) {
            self.put(&format!("{indent}remove ns/v{number} to {ALL_TOKENS}{unless}"), None);
        }
    }

    /// A write, the arms of a `match` each on a line of its own.
    fn write(&mut self, number: usize, head: &str, value: &Written, to: &str) {
        let part = Some(Part::Verb(number));
        match value {
            Written::Text(text) => self.put(&format!("{head}{text}{to}"), part),
            Written::OrDeny(text) if self.probe.is_some() => self.put(&format!("{head}{text}{to}"), part),
            Written::OrDeny(text) => self.put(&format!("{head}({text}) ?? deny \"no value\"{to}"), part),
            Written::If { condition, then, otherwise } => {
                let condition = condition_text(condition);
                self.put(&format!("{head}if {condition} then {then} else {otherwise}{to}"), part);
            }
            Written::Match { subject, arms } => {
                self.put(&format!("{head}match {subject} {{"), part);
                for (index, (keys, value)) in arms.iter().enumerate() {
                    let comma = if index + 1 < arms.len() { "," } else { "" };
                    self.put(&format!("    {keys} => {value}{comma}"), Some(Part::Arm(number, index)));
                }
                self.put(&format!("  }}{to}"), None);
            }
        }
    }

    fn arms(&mut self, number: usize, value: &Written, indent: &str) {
        let Written::Match { subject, arms } = value else { return };
        for index in 0..arms.len() {
            let mut line = format!("ns/a{number}_{index} = match {subject} {{ ");
            for (other, (keys, _)) in arms.iter().enumerate() {
                let value = if other == index { "true" } else { "omit" };
                let _ = write!(line, "{keys} => {value}, ");
            }
            self.flag(indent, None, &format!("{} }}", line.trim_end_matches(", ")));
        }
    }

    fn promise(&mut self, index: usize, promise: &Promise) {
        match promise {
            Promise::Ensure { when, .. } if self.probe.is_some() => {
                if let Some(when) = when {
                    self.flag("", Some(&condition_text(when)), &format!("ns/w{index} = true"));
                }
            }
            Promise::Contract { .. } if self.probe.is_some() => {}
            Promise::Ensure { what, audience, token, when } => {
                let mut line = match what {
                    Ensured::Never(claim) => format!("ensure never {claim}"),
                    Ensured::Always(claim) => format!("ensure always {claim}"),
                    Ensured::NoLabel(label) => format!("ensure no {label}"),
                    Ensured::Deny => "ensure deny".to_owned(),
                };
                for (word, part) in [("for", audience), ("to", token)] {
                    if let Some(part) = part {
                        let _ = write!(line, " {word} {part}");
                    }
                }
                if let Some(when) = when {
                    let _ = write!(line, " when {}", condition_text(when));
                }
                self.put(&line, Some(Part::Promise(index)));
            }
            Promise::Contract { audience, members } => {
                self.put(&format!("contract {audience} {{"), Some(Part::Promise(index)));
                for (number, (claim, ty, is_optional)) in members.iter().enumerate() {
                    let end = if *is_optional { "?" } else { "" };
                    let comma = if number + 1 < members.len() { "," } else { "" };
                    self.put(&format!("  {claim}: {ty}{end}{comma}"), Some(Part::Member(index, number)));
                }
                self.put("}", None);
            }
        }
    }
}
