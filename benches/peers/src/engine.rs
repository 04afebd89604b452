//! What every engine has to offer, and how two contenders are made of it: one from the engine's own form of a request to
//! its own form of a result, one from a JSON value to the text of the claims.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::rc::Rc;

use serde_json::Value;

use crate::workload::turns::{Contender, Output, entry};
use crate::workload::{Client, Condition, Form, NAMESPACE, Workload, audience_id, client_id};

/// An engine with the rules of a workload loaded.
pub(crate) trait Engine: Sized + 'static {
    /// The rules in the engine's language.
    type Source;
    /// A request as the engine reads it.
    type Input: 'static;
    /// Claims as the engine gives them.
    type Output: Default + 'static;

    fn source(workload: &Workload) -> Self::Source;
    fn load(source: &Self::Source) -> Result<Self, String>;
    fn input(&self, request: &Rc<Value>) -> Self::Input;
    fn run(&self, input: &Self::Input, output: &mut Self::Output);
    /// Whether outputs are compared from now on, or only timed.
    fn compare(&self, _output: &mut Self::Output, _is_compared: bool) {}
    /// The claims as JSON text.
    fn text<'a>(&self, output: &'a Self::Output) -> Cow<'a, [u8]>;
}

/// An engine that is asked about requests.
pub(crate) trait Peer {
    /// The contender with inputs made beforehand, and the one that starts from a JSON value.
    fn contenders(&self, name: &str, requests: &[Value]) -> [Box<dyn Contender>; 2];
}

/// Makes the peer of an engine.
pub(crate) fn peer<E: Engine>(workload: &Workload) -> Result<Box<dyn Peer>, String> {
    Ok(Box::new(Loaded(Rc::new(E::load(&E::source(workload))?))))
}

struct Loaded<E>(Rc<E>);

struct Answer<E: Engine> {
    engine: Rc<E>,
    output: E::Output,
}

impl<E: Engine> Output for Answer<E> {
    fn compare(&mut self, is_compared: bool) {
        self.engine.compare(&mut self.output, is_compared);
    }

    fn claims(&mut self) -> Value {
        serde_json::from_slice(&self.engine.text(&self.output)).expect("claims are JSON")
    }
}

impl<E: Engine> Peer for Loaded<E> {
    fn contenders(&self, name: &str, requests: &[Value]) -> [Box<dyn Contender>; 2] {
        let answer = || Answer { engine: self.0.clone(), output: E::Output::default() };
        let requests: Vec<Rc<Value>> = requests.iter().cloned().map(Rc::new).collect();
        let inputs: Vec<E::Input> = requests.iter().map(|request| self.0.input(request)).collect();
        [
            entry(name, answer(), move |answer: &mut Answer<E>, i| {
                answer.engine.run(&inputs[i], &mut answer.output);
            }),
            entry(name, answer(), move |answer: &mut Answer<E>, i| {
                let input = answer.engine.input(&requests[i]);
                answer.engine.run(&input, &mut answer.output);
                black_box(answer.engine.text(&answer.output));
            }),
        ]
    }
}

/// A rule as languages need it.
pub(crate) struct Plain {
    pub(crate) audience: String,
    pub(crate) client: String,
    pub(crate) condition: Condition,
    pub(crate) name: String,
    pub(crate) value: Form,
}

/// The rules of a workload in which all name one audience and one client.
pub(crate) fn plain(workload: &Workload) -> Vec<Plain> {
    let rules = workload.rules.iter().map(|rule| {
        let (Some(audience), Client::Is(client)) = (rule.audience, rule.client) else {
            panic!("only rules with audience and client are compared");
        };
        Plain {
            audience: audience_id(audience),
            client: client_id(client),
            condition: rule.condition,
            name: format!("{NAMESPACE}{}", rule.claim),
            value: rule.value,
        }
    });
    rules.collect()
}

/// The rules by audience and client.
pub(crate) fn by_pair(workload: &Workload) -> BTreeMap<Pair, Vec<Plain>> {
    let mut pairs: BTreeMap<Pair, Vec<Plain>> = BTreeMap::new();
    for rule in plain(workload) {
        pairs.entry((rule.audience.clone(), rule.client.clone())).or_default().push(rule);
    }
    pairs
}

/// An audience and a client.
pub(crate) type Pair = (String, String);

/// The hand-made index of a host: the fast table of the hand-written program.
pub(crate) use crate::workload::hand::table::Table;

/// A member of a request that is a text.
pub(crate) fn text<'a>(request: &'a Value, name: &str) -> &'a str {
    request[name].as_str().unwrap_or_default()
}
