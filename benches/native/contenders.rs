//! Who takes part: the workload by hand in several forms, and claimsc.

use claimsc::input::{JsonBuffer, JsonReader};
use claimsc::program::Scratch;
use claimsc::{Decision, Policy, Request};
use serde_json::{Map, Value};

use super::code::Programs;
use super::person::{Fields, Written};
use super::workload::hand::person::{Typed, User};
use super::workload::hand::sink::{Part, ToBytes, ToMap, ToRefs};
use super::workload::hand::{Facets, Hand};
use super::workload::turns::{Contender, Output, entry};

/// The same requests in every form in which a host may have them.
pub(crate) struct Requests {
    pub(crate) values: Vec<Value>,
    texts: Vec<Vec<u8>>,
    typed: Vec<Typed>,
    native: Vec<Request>,
}

impl Requests {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        let texts: Vec<Vec<u8>> =
            values.iter().map(|value| serde_json::to_vec(value).expect("it is JSON")).collect();
        Requests {
            typed: values.iter().map(|value| Typed::of(value).expect("a whole request")).collect(),
            native: texts.iter().map(|text| Request::from_json(text).expect("a request")).collect(),
            texts,
            values,
        }
    }
}

type Contenders<'a> = Vec<Box<dyn Contender + 'a>>;

/// From what the engine itself reads to what it gives.
pub(crate) fn native<'a>(hand: &'a Hand, policy: &'a Policy, requests: &'a Requests) -> Contenders<'a> {
    let Requests { values, typed, native, .. } = requests;
    let fields = Fields::of(policy);
    let mut scratch = Scratch::new();
    vec![
        entry("rust-bytes", ToBytes::default(), |out, i| to_bytes(hand, &typed[i], out)),
        entry("rust-map", ToMap::default(), |out, i| to_map(hand, &typed[i], out)),
        entry("rust-refs", ToRefs::<&User>::default(), |out, i| {
            out.0.clear();
            hand.run(facets(&typed[i]), &typed[i].user, out);
        }),
        entry("rust-value", ToMap::default(), |out, i| value_to_map(hand, &values[i], out)),
        entry("rust-value-bytes", ToBytes::default(), |out, i| value_to_bytes(hand, &values[i], out)),
        entry("claimsc-bytes", Written::default(), move |out, i| {
            out.answer_typed(policy, &fields, &typed[i]);
        }),
        entry("claimsc-bytes, traced", Written::default(), {
            let fields = Fields::of(policy);
            move |out, i| out.trace_typed(policy, &fields, &typed[i])
        }),
        entry("claimsc-bytes, request", Written::default(), |out, i| {
            out.answer(policy, &native[i].asked(), &native[i]);
        }),
        entry("claimsc-map", Decided::default(), move |out, i| {
            out.0 = Some(policy.evaluate_with(&native[i], &mut scratch));
        }),
        entry("claimsc-map, new memory", Decided::default(), |out, i| {
            out.0 = Some(policy.evaluate(&native[i]));
        }),
    ]
}

/// The hand-written program that is data, and the same rules as code. Only for [`code::RULES`] spread rules or fewer.
pub(crate) fn as_code<'a>(hand: &'a Hand, _: &'a Policy, requests: &'a Requests) -> Contenders<'a> {
    let Requests { values, typed, .. } = requests;
    let (bytes, map) = (Programs::new(), Programs::new());
    let value_bytes = Programs::new();
    vec![
        entry("rust-bytes", ToBytes::default(), |out, i| to_bytes(hand, &typed[i], out)),
        entry("rust-bytes as code", ToBytes::default(), move |out, i| {
            out.start();
            bytes.run(facets(&typed[i]), &typed[i].user, out);
            out.finish();
        }),
        entry("rust-map", ToMap::default(), |out, i| to_map(hand, &typed[i], out)),
        entry("rust-map as code", ToMap::default(), move |out, i| {
            out.0 = Map::new();
            map.run(facets(&typed[i]), &typed[i].user, out);
        }),
        entry("rust-value-bytes", ToBytes::default(), |out, i| value_to_bytes(hand, &values[i], out)),
        entry("rust-value-bytes as code", ToBytes::default(), move |out, i| {
            out.start();
            value_bytes.run(facets_of_value(&values[i]), &values[i]["user"], out);
            out.finish();
        }),
    ]
}

/// From JSON that somebody has parsed, or from JSON text, to claims.
pub(crate) fn json<'a>(hand: &'a Hand, policy: &'a Policy, requests: &'a Requests) -> Contenders<'a> {
    let Requests { values, texts, .. } = requests;
    let (reader, mut buffer) = (JsonReader::new(&policy.attributes()), JsonBuffer::default());
    let parsed = |i: usize| -> Value { serde_json::from_slice(&texts[i]).expect("it is JSON") };
    vec![
        entry("value: rust-value-bytes", ToBytes::default(), |out, i| value_to_bytes(hand, &values[i], out)),
        entry("value: rust-bytes", ToBytes::default(), |out, i| {
            to_bytes(hand, &Typed::of(&values[i]).expect("a whole request"), out);
        }),
        entry("value: rust-map", ToMap::default(), |out, i| {
            to_map(hand, &Typed::of(&values[i]).expect("a whole request"), out);
        }),
        entry("text: rust-value-bytes", ToBytes::default(), move |out, i| {
            value_to_bytes(hand, &parsed(i), out);
        }),
        #[cfg(feature = "serde_json")]
        entry("value: claimsc-bytes", Written::default(), |out, i| {
            let request = claimsc::input::JsonRequest::new(&values[i]).expect("a request");
            out.answer(policy, &request.asked(), &request);
        }),
        entry("text: claimsc-bytes", Written::default(), move |out, i| {
            let request = reader.request(&texts[i], &mut buffer).expect("a request");
            out.answer(policy, &request.asked(), &request);
        }),
        entry("text: claimsc-map", Decided::default(), |out, i| {
            let request = Request::from_json(&texts[i]).expect("a request");
            out.0 = Some(policy.evaluate(&request));
        }),
    ]
}

fn facets(request: &Typed) -> Facets<'_, &[String]> {
    Facets { audience: &request.audience, client: &request.client, granted: &request.scopes }
}

fn facets_of_value(request: &Value) -> Facets<'_, &Value> {
    let text = |name: &str| request[name].as_str().unwrap_or_default();
    Facets { audience: text("audience"), client: text("client"), granted: &request["scopes"] }
}

fn to_bytes(hand: &Hand, request: &Typed, out: &mut ToBytes) {
    out.start();
    hand.run(facets(request), &request.user, out);
    out.finish();
}

fn to_map(hand: &Hand, request: &Typed, out: &mut ToMap) {
    out.0 = Map::new();
    hand.run(facets(request), &request.user, out);
}

fn value_to_bytes(hand: &Hand, request: &Value, out: &mut ToBytes) {
    out.start();
    if let Some(user) = request.get("user") {
        hand.run(facets_of_value(request), user, out);
    }
    out.finish();
}

fn value_to_map(hand: &Hand, request: &Value, out: &mut ToMap) {
    out.0 = Map::new();
    if let Some(user) = request.get("user") {
        hand.run(facets_of_value(request), user, out);
    }
}

impl Output for ToBytes {
    fn claims(&mut self) -> Value {
        serde_json::from_slice(self.bytes()).expect("claims are JSON")
    }
}

impl Output for ToMap {
    fn claims(&mut self) -> Value {
        Value::Object(self.0.clone())
    }
}

impl<'a> Output for ToRefs<'a, &'a User> {
    fn claims(&mut self) -> Value {
        let members = self.0.iter().map(|(name, part)| {
            let value = match part {
                Part::Text(text) => Value::from(*text),
                Part::Texts(texts) => texts.clone().collect(),
                Part::Truth(value) => Value::from(*value),
                Part::Lower(text) => Value::from(text.as_str()),
                Part::Filtered(texts) => texts.iter().map(String::as_str).collect(),
            };
            ((*name).to_owned(), value)
        });
        Value::Object(members.collect())
    }
}

/// What [`Policy::evaluate`] gives.
#[derive(Default)]
struct Decided(Option<Decision>);

impl Output for Decided {
    fn claims(&mut self) -> Value {
        let decision = self.0.as_ref().expect("a request was answered");
        assert!(matches!(decision, Decision::Issue(_)), "{decision}");
        let decision: Value = serde_json::from_str(&decision.to_string()).expect("a decision is JSON");
        decision["access_token"].clone()
    }
}
