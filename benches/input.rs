//! What it takes to get at a request that is JSON: `cargo bench --bench input --features serde_json`.
//!
//! Requests are those of the workload that all benches share; `few` reads the six attributes that its policy demands,
//! `none` asks for nothing, so that the text is only proven to be JSON without duplicate members. `pretty` has the texts
//! with blanks, `groups` users with 200 groups. All take turns in one process; figures are lower quartiles, and only
//! their ratios mean something.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints its figures, and fails by panicking"
)]

use std::hint::black_box;
use std::ops::ControlFlow;

use claimsc::Request;
use claimsc::catalog::Root;
use claimsc::input::{Attribute, Input, JsonBuffer, JsonReader, JsonRequest, Reading};
use serde_json::Value;

#[expect(dead_code, reason = "other benches need the rest of it")]
#[path = "workload/workload.rs"]
mod workload;

use workload::turns::{Contender, Output, entry, measure, shown};
use workload::{Kind, Workload};

const TURNS: usize = 24;

fn main() {
    let usual = Workload::new(Kind::Spread, 1_000).hot();
    let groups = Workload::new(Kind::Groups, 1_000).hot();
    let compact = |requests: &[Value]| requests.iter().map(Value::to_string).collect::<Vec<_>>();
    let pretty = |value: &Value| serde_json::to_string_pretty(value).expect("it is JSON");
    figures("usual", &compact(&usual), &usual);
    figures("pretty", &usual.iter().map(pretty).collect::<Vec<_>>(), &usual);
    figures("groups", &compact(&groups), &groups);
}

/// What the policy of the workload demands.
fn attributes() -> Vec<Attribute> {
    let paths: [&[&str]; 8] = [
        &["email"],
        &["roles"],
        &["nickname"],
        &["email_verified"],
        &["address", "country"],
        &["department"],
        &["groups"],
        &["sub"],
    ];
    let of = |(index, path): (usize, &&[&str])| Attribute {
        index,
        root: Root::User,
        path: path.iter().map(|name| (*name).into()).collect(),
    };
    paths.iter().enumerate().map(of).collect()
}

fn figures(name: &str, texts: &[String], values: &[Value]) {
    let attributes = attributes();
    let (few, none) = (JsonReader::new(&attributes), JsonReader::new(&[]));
    let order: Vec<usize> = (0..texts.len()).collect();
    let text = |i: usize| texts[i].as_bytes();
    let mut contenders: Vec<Box<dyn Contender + '_>> = vec![
        entry("serde_json::from_slice::<Value>", Nothing, |_, i| {
            black_box(serde_json::from_slice::<Value>(text(i)).expect("it is JSON"));
        }),
        entry("Request::from_json", Nothing, |_, i| {
            black_box(Request::from_json(text(i)).expect("a request"));
        }),
        entry("JsonReader::request, few, all read", Buffer::default(), |buffer, i| {
            let request = few.request(text(i), &mut buffer.0).expect("a request");
            black_box(read_all(&request, &attributes));
        }),
        entry("JsonReader::request, few", Buffer::default(), |buffer, i| {
            black_box(few.request(text(i), &mut buffer.0).expect("a request"));
        }),
        entry("JsonReader::request, none", Buffer::default(), |buffer, i| {
            black_box(none.request(text(i), &mut buffer.0).expect("a request"));
        }),
        entry("std::str::from_utf8", Nothing, |_, i| {
            black_box(std::str::from_utf8(text(i)).expect("UTF-8"));
        }),
        entry("JsonRequest of a Value, all read", Nothing, |_, i| {
            let request = JsonRequest::new(&values[i]).expect("a request");
            black_box(read_all(&request, &attributes));
        }),
    ];
    let times = measure(&mut contenders, &order, TURNS);
    let bytes = texts.iter().map(String::len).sum::<usize>() / texts.len();
    println!("\n{name}: {bytes} bytes");
    for (contender, time) in contenders.iter().zip(&times) {
        println!("{:>40} {:>10} {:>6.2}", contender.name(), shown(*time), time / times[0]);
    }
}

/// Reads everything, lists too.
fn read_all(input: &dyn Input, attributes: &[Attribute]) -> usize {
    let mut bytes = 0;
    for attribute in attributes {
        match input.read(attribute) {
            Reading::Text(text) => bytes += text.len(),
            Reading::Items(items) => {
                let _ = items.each(&mut |item| {
                    if let Reading::Text(text) = item {
                        bytes += text.len();
                    }
                    ControlFlow::Continue(())
                });
            }
            _ => bytes += 1,
        }
    }
    bytes
}

struct Nothing;

impl Output for Nothing {
    fn claims(&mut self) -> Value {
        Value::Null
    }
}

#[derive(Default)]
struct Buffer(JsonBuffer);

impl Output for Buffer {
    fn claims(&mut self) -> Value {
        Value::Null
    }
}
