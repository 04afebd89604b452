//! From the arguments that name a policy or an artifact to a policy.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::artifact::{Artifact, Trust};
use crate::compile::Compilation;
use crate::mint::KeySet;

use super::inspect::key_set;
use super::{Stop, load, read};

/// The largest artifact that is read: more than the largest policy makes.
const MAX_BYTES: usize = 256 << 20;

/// The arguments of every command that takes an artifact in place of a folder.
#[derive(Debug, Args)]
pub(super) struct PolicyOrArtifact {
    #[command(flatten)]
    policy: load::PolicyArguments,
    #[command(flatten)]
    trust: TrustArguments,
}

/// Whose artifacts are loaded.
#[derive(Debug, Clone, Args)]
pub(super) struct TrustArguments {
    /// Load an artifact of `claimsc build` only if one of these keys has signed it: a key set (RFC 7517) or a public key
    #[arg(long, value_name = "FILE")]
    signed_by: Option<PathBuf>,
}

impl TrustArguments {
    /// The file with the keys, if a signature is demanded.
    pub(super) fn keys(&self) -> Option<&PathBuf> {
        self.signed_by.as_ref()
    }
}

impl PolicyOrArtifact {
    pub(super) fn of(policy: load::PolicyArguments, trust: TrustArguments) -> Self {
        PolicyOrArtifact { policy, trust }
    }

    /// How many of them read standard input.
    pub(super) fn standard_inputs(&self) -> usize {
        let keys = self.trust.keys().map(PathBuf::as_path).is_some_and(load::is_standard_input);
        self.policy.standard_inputs() + usize::from(keys)
    }

    /// Loads the artifact, or compiles the policy without the analyses that prove or refute.
    pub(super) fn compilation(&self) -> Result<Compilation, Stop> {
        let path = &self.policy.policy;
        if !read::is_artifact(path) {
            if self.trust.keys().is_some() {
                return Err(Stop::new(
                    format!("`{}` is no artifact, and nothing else is signed", read::name(path)),
                    "name a file that `claimsc build --key` has written",
                ));
            }
            return Ok(load::inputs(&self.policy)?.compile_unproven());
        }
        if self.policy.has_facts() {
            return Err(Stop::new(
                format!(
                    "`{}` is built already: its claims.yaml and constants are part of it",
                    read::name(path)
                ),
                "give `--catalog` and `--config` to `claimsc build`; a request may bind constants too",
            ));
        }
        let keys = self.trust.keys().map(PathBuf::as_path).map(key_set).transpose()?;
        let artifact = artifact(path, keys.as_ref())?;
        Ok(Compilation {
            sources: artifact.sources(),
            diagnostics: Vec::new(),
            promises: None,
            policy: Some(artifact.into()),
        })
    }
}

fn artifact(path: &Path, keys: Option<&KeySet>) -> Result<Artifact, Stop> {
    let bytes = read::bytes(path, MAX_BYTES, "artifact")?;
    let trust = match keys {
        Some(keys) => Trust::SignedBy(keys),
        None => Trust::Anybody,
    };
    Artifact::read(bytes, trust)
        .map_err(|error| Stop::new(format!("`{}` is not loaded: {error}", read::name(path)), error.help()))
}
