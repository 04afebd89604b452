//! Everything that the server's files say, as one value that never changes: a request takes the current one and keeps
//! it to its end, and new files make another one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use claimsc::analysis::fingerprint::fingerprint;
use claimsc::diag::Severity;
use claimsc::mint::{Minter, Settings};
use claimsc::value::JsonLimits;
use claimsc::{Compiler, Value, report};

mod clients;
mod files;
mod keys;
mod metadata;
mod users;

pub use clients::{Client, Clients};
pub use files::Stamp;
pub use keys::Keys;
pub use users::{User, Users, hash_password};

/// Where the server's facts come from.
#[derive(Debug)]
pub struct Sources {
    /// The issuer identifier, which all tokens carry.
    pub settings: Settings,
    /// The folder of the policy.
    pub policy: PathBuf,
    /// The clients, a list of client metadata.
    pub clients: PathBuf,
    /// The users.
    pub users: PathBuf,
    /// The keys.
    pub keys: Keys,
}

/// What is in force.
#[derive(Debug)]
pub struct Issuer {
    /// Policy, settings and keys.
    pub minter: Minter,
    /// Who may ask.
    pub clients: Clients,
    /// Who may sign in.
    pub users: Users,
    /// The key set as it is published.
    pub jwks: String,
    /// The discovery document.
    pub metadata: String,
    /// Names the policy.
    pub fingerprint: String,
    /// How many warnings the compiler has.
    pub warnings: usize,
    /// What the files looked like before they were read.
    pub stamp: Stamp,
}

impl Sources {
    /// What the files look like now, without reading them. Changes when any of them does.
    ///
    /// # Errors
    /// A folder or file that is not there.
    pub fn stamp(&self) -> Result<Stamp, String> {
        let mut paths = files::policy_files(&self.policy)?;
        paths.extend([self.clients.clone(), self.users.clone()]);
        paths.extend(self.keys.files()?);
        Stamp::of(paths)
    }

    /// Reads the files.
    ///
    /// # Errors
    /// Every problem that keeps them from being used, a line each.
    pub fn load(&self) -> Result<Issuer, Vec<String>> {
        let one = |problem: String| vec![problem];
        let stamp = self.stamp().map_err(one)?;
        let (policy, warnings) = self.compile()?;
        let clients = Clients::read(&json(&self.clients).map_err(one)?)
            .map_err(|problem| vec![format!("{}: {problem}", self.clients.display())])?;
        clients.check_against(&policy)?;
        let users = Users::read(&json(&self.users).map_err(one)?)
            .map_err(|problem| vec![format!("{}: {problem}", self.users.display())])?;
        let keys = self.keys.ring().map_err(one)?;
        let fingerprint = fingerprint(policy.unit());
        let minter = Minter::new(policy, self.settings.clone(), keys);
        let jwks = minter.keys().jwks().to_json();
        let metadata = metadata::document(&minter).to_json();
        Ok(Issuer { minter, clients, users, jwks, metadata, fingerprint, warnings, stamp })
    }

    /// Compiles the policy with all checks and proofs.
    fn compile(&self) -> Result<(claimsc::Policy, usize), Vec<String>> {
        let mut compiler = Compiler::new();
        for path in files::policy_files(&self.policy).map_err(|problem| vec![problem])? {
            let text = files::text(&path).map_err(|problem| vec![problem])?;
            let name = path.strip_prefix(&self.policy).unwrap_or(&path).to_string_lossy();
            match &*name {
                files::CATALOG => compiler.catalog(&name, &text),
                name => compiler.source(name, &text),
            };
        }
        let compilation = compiler.compile();
        let mut found = compilation.diagnostics;
        let warnings = found.iter().filter(|one| one.severity == Severity::Warning).count();
        if let Some(policy) = compilation.policy {
            return Ok((policy, warnings));
        }
        found.retain(|one| one.severity == Severity::Error);
        let text = report::concise(&found, &compilation.sources, &str::to_owned);
        // The last line counts the others.
        Err(text.lines().take(found.len()).map(str::to_owned).collect())
    }
}

impl Issuer {
    /// The issuer identifier.
    pub fn id(&self) -> &Arc<str> {
        self.minter.settings().issuer()
    }
}

fn json(path: &Path) -> Result<Value, String> {
    let text = files::text(path)?;
    Value::parse_json(text.as_bytes(), JsonLimits::default())
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// The members of one object of a configuration file. There are no others than those that somebody reads, so that a
/// misspelt restriction is not silently none.
struct Members<'a> {
    value: &'a Value,
}

impl<'a> Members<'a> {
    fn new(value: &'a Value, known: &[&str]) -> Result<Self, String> {
        let object = value.as_object().ok_or("an entry is not an object")?;
        match object.keys().find(|name| !known.contains(&&***name)) {
            Some(name) => Err(format!("`{name}` is not a known member")),
            None => Ok(Members { value }),
        }
    }

    fn text(&self, name: &str) -> Result<&'a str, String> {
        let text = self.value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.ok_or_else(|| format!("`{name}` is missing or no text"))
    }

    fn texts(&self, name: &str) -> Result<Vec<&'a str>, String> {
        let Some(value) = self.value.get(name) else { return Ok(Vec::new()) };
        let list = value.as_list().ok_or_else(|| format!("`{name}` is not a list"))?;
        let texts =
            list.iter().map(|item| item.as_str().ok_or_else(|| format!("`{name}` has other than texts")));
        texts.collect()
    }
}
