//! The engines, with the names that tables give them.

use crate::engine::{Engine, Peer, peer};
use crate::workload::Workload;

mod cedar;
mod cel;
mod claimsc;
mod javascript;
mod jsonnet;
mod node;
mod quickjs;
mod rego;
mod rhai;
mod rust;

pub(crate) use claimsc::{ARTIFACT, artifact};

/// An engine and how it is loaded.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Loads it with the rules of a workload.
    pub(crate) peer: fn(&Workload) -> Result<Box<dyn Peer>, String>,
    /// The nanoseconds and bytes that loading takes.
    pub(crate) load: fn(&Workload) -> Result<(f64, f64), String>,
}

/// What an engine finds rules by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Rust,
    Claimsc,
    /// It looks at all rules.
    Plain,
    /// The host, or the script, has an index by audience and client.
    Indexed,
}

const fn entry<E: Engine>(name: &'static str, kind: Kind) -> Entry {
    Entry { name, kind, peer: peer::<E>, load: load::<E> }
}

/// Everybody, in the order of tables: first what the ratios are about.
pub(crate) fn all() -> Vec<Entry> {
    vec![
        entry::<rust::RustMap>("Rust, to a map", Kind::Rust),
        entry::<rust::RustBytes>("Rust, to bytes", Kind::Rust),
        entry::<claimsc::ClaimscMap>("claimsc, to a map", Kind::Claimsc),
        entry::<claimsc::ClaimscBytes>("claimsc, to bytes", Kind::Claimsc),
        entry::<claimsc::ClaimscValue>("claimsc, JSON to bytes", Kind::Claimsc),
        entry::<cel::Cel>("CEL", Kind::Plain),
        entry::<cel::CelIndex>("CEL + index", Kind::Indexed),
        entry::<cedar::Cedar>("Cedar", Kind::Plain),
        entry::<cedar::CedarIndex>("Cedar + index", Kind::Indexed),
        entry::<rego::RegoVm>("Rego, VM", Kind::Plain),
        entry::<rego::RegoInterpreter>("Rego, interpreter", Kind::Plain),
        entry::<rego::RegoVmIndex>("Rego, VM + index", Kind::Indexed),
        entry::<jsonnet::Jsonnet>("Jsonnet", Kind::Plain),
        entry::<jsonnet::JsonnetIndex>("Jsonnet + index", Kind::Indexed),
        entry::<quickjs::QuickJs>("QuickJS", Kind::Plain),
        entry::<quickjs::QuickJsIndex>("QuickJS + index", Kind::Indexed),
        entry::<rhai::Rhai>("Rhai", Kind::Plain),
        entry::<rhai::RhaiIndex>("Rhai + index", Kind::Indexed),
        Entry {
            name: "V8",
            kind: Kind::Plain,
            peer: |workload| node_peer(&javascript::script(workload)),
            load: |workload| {
                node::Node::load(&javascript::script(workload)).map(|(_, nanos, bytes)| (nanos, bytes))
            },
        },
        Entry {
            name: "V8 + index",
            kind: Kind::Indexed,
            peer: |workload| node_peer(&javascript::indexed_script(workload)),
            load: |workload| {
                node::Node::load(&javascript::indexed_script(workload))
                    .map(|(_, nanos, bytes)| (nanos, bytes))
            },
        },
    ]
}

/// The version of V8, if there is a `node`.
pub(crate) fn v8() -> Option<String> {
    node::version()
}

fn node_peer(script: &str) -> Result<Box<dyn Peer>, String> {
    let (node, ..) = node::Node::load(script)?;
    Ok(Box::new(node))
}

fn load<E: Engine>(workload: &Workload) -> Result<(f64, f64), String> {
    let source = E::source(workload);
    let before = resident();
    let start = std::time::Instant::now();
    let engine = E::load(&source)?;
    let nanos = start.elapsed().as_secs_f64() * 1e9;
    let bytes = resident() - before;
    drop(std::hint::black_box(engine));
    Ok((nanos, bytes))
}

/// The resident memory of this process in bytes; zero where the system does not tell.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kib.unwrap_or_default() * 1024.0
}
