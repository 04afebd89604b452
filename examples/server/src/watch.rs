//! Notices that files have changed, and puts what they say in force without a pause.
//!
//! It compares names, sizes and times of change instead of asking the operating system for events: that works the same
//! on every system, over mounted volumes and network file systems, and through the links of a mounted config map, it
//! misses nothing and needs no crate.

use std::sync::Arc;
use std::time::Duration;

use crate::issuer::{Sources, Stamp};
use crate::log::{self, Level};
use crate::{Server, now};

/// Problems that are logged of one load.
const MAX_PROBLEMS: usize = 20;

/// Looks at the files again and again, forever. For a thread of its own: compiling takes as long as it takes.
pub fn watch(server: &Server, sources: &Sources, pause: Duration) {
    let mut watcher = Watcher { used: Some(server.current().stamp.clone()), seen: None };
    loop {
        std::thread::sleep(pause);
        watcher.look(server, sources);
    }
}

struct Watcher {
    /// What was loaded, or tried to.
    used: Option<Stamp>,
    /// What was there at the last look.
    seen: Option<Result<Stamp, String>>,
}

impl Watcher {
    /// Loads files that have changed and then stayed the same for a while: somebody may be in the middle of copying
    /// them, and half a policy may well compile.
    fn look(&mut self, server: &Server, sources: &Sources) {
        let now_there = sources.stamp();
        let is_settled = self.seen.as_ref() == Some(&now_there);
        let is_new = now_there.as_ref().ok() != self.used.as_ref();
        self.seen = Some(now_there.clone());
        if !is_settled || !is_new {
            return;
        }
        self.used = now_there.as_ref().ok().cloned();
        let loaded = now_there.clone().map_err(|problem| vec![problem]).and_then(|_| sources.load());
        if sources.stamp() != now_there {
            // They changed while they were read: what was read may be of both versions.
            self.used = None;
            return;
        }
        match loaded {
            Ok(issuer) => {
                let (fingerprint, warnings) = (issuer.fingerprint.clone(), issuer.warnings.to_string());
                server.current.store(Arc::new(issuer));
                server.metrics.loaded(now());
                let fields = [("fingerprint", &*fingerprint), ("warnings", &*warnings)];
                log::event(Level::Info, "policy-swapped", &fields);
            }
            Err(problems) => {
                server.metrics.load_failed();
                let (count, in_force) = (problems.len().to_string(), server.current().fingerprint.clone());
                let fields = [("problems", &*count), ("in_force", &*in_force)];
                log::event(Level::Error, "policy-refused", &fields);
                for problem in problems.iter().take(MAX_PROBLEMS) {
                    log::event(Level::Error, "policy-problem", &[("problem", &**problem)]);
                }
            }
        }
    }
}
