//! Counters for monitoring, as text of the Prometheus exposition format 0.0.4. No label has a value of a request.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// How a token request can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// With tokens.
    Issued,
    /// With an error of the client's, the person's or the policy's making.
    Refused,
    /// With a fault of the server.
    Failed,
}

/// The words of `grant_type` that the token endpoint answers; others are counted together.
const GRANTS: [&str; 5] = ["authorization_code", "client_credentials", "password", "refresh_token", "other"];
const OUTCOMES: [(Outcome, &str); 3] =
    [(Outcome::Issued, "issued"), (Outcome::Refused, "refused"), (Outcome::Failed, "failed")];

/// The counters of one server.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    tokens: [[AtomicU64; 3]; 5],
    loads: AtomicU64,
    failed_loads: AtomicU64,
    is_stale: AtomicU64,
    loaded_at: AtomicI64,
    reused: AtomicU64,
}

impl Metrics {
    /// Counts a token request.
    pub(crate) fn token_request(&self, grant: &str, outcome: Outcome) {
        let row = GRANTS.iter().position(|one| *one == grant).unwrap_or(GRANTS.len() - 1);
        let column = OUTCOMES.iter().position(|(one, _)| *one == outcome);
        if let Some(counter) = self.tokens.get(row).zip(column).and_then(|(row, column)| row.get(column)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a policy that has come into force.
    pub(crate) fn loaded(&self, now: i64) {
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.is_stale.store(0, Ordering::Relaxed);
        self.loaded_at.store(now, Ordering::Relaxed);
    }

    /// Counts files that could not be used, so that the ones before stay in force.
    pub(crate) fn load_failed(&self) {
        self.failed_loads.fetch_add(1, Ordering::Relaxed);
        self.is_stale.store(1, Ordering::Relaxed);
    }

    /// Counts a code or refresh token that came a second time.
    pub(crate) fn reused(&self) {
        self.reused.fetch_add(1, Ordering::Relaxed);
    }

    /// All of them; `fingerprint` is that of the policy in force.
    pub(crate) fn text(&self, fingerprint: &str) -> String {
        let mut out = String::new();
        let mut head = |name: &str, kind: &str, help: &str, rows: &[(String, String)]| {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (labels, value) in rows {
                let _ = writeln!(out, "{name}{labels} {value}");
            }
        };
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed).to_string();
        let one = |value: String| vec![(String::new(), value)];
        let rows: Vec<(String, String)> = GRANTS
            .iter()
            .zip(&self.tokens)
            .flat_map(|(grant, row)| {
                OUTCOMES.iter().zip(row).map(move |((_, outcome), counter)| {
                    (format!("{{grant=\"{grant}\",outcome=\"{outcome}\"}}"), count(counter))
                })
            })
            .collect();
        head("issuer_token_requests_total", "counter", "Requests at the token endpoint.", &rows);
        head(
            "issuer_secret_reuses_total",
            "counter",
            "Codes and refresh tokens that came a second time.",
            &one(count(&self.reused)),
        );
        let loads = [("ok", &self.loads), ("error", &self.failed_loads)]
            .map(|(result, counter)| (format!("{{result=\"{result}\"}}"), count(counter)));
        head(
            "issuer_policy_loads_total",
            "counter",
            "Attempts to load policy, clients, users and keys.",
            &loads,
        );
        head(
            "issuer_policy_stale",
            "gauge",
            "1 while the files have errors and an older policy is in force.",
            &one(count(&self.is_stale)),
        );
        head(
            "issuer_policy_loaded_timestamp_seconds",
            "gauge",
            "When the policy in force was loaded.",
            &one(self.loaded_at.load(Ordering::Relaxed).to_string()),
        );
        let info = [(format!("{{fingerprint=\"{fingerprint}\"}}"), "1".to_owned())];
        head("issuer_policy_info", "gauge", "The policy in force, as `claimsc fingerprint` names it.", &info);
        out
    }
}
