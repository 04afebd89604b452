//! Texts to a policy: the compiler as a library uses it. It reads no files; whoever calls it does.

use std::sync::Arc;

use crate::analysis;
use crate::analysis::fingerprint::fingerprint;
use crate::analysis::statements::Promise;
use crate::analysis::worst::{Worst, worst};
use crate::artifact::LoadError;
use crate::ast;
use crate::catalog::codes::{CATALOG_LIMIT, INVALID_YAML};
use crate::catalog::{self, Catalog, Cost};
use crate::check;
use crate::diag::{Diagnostic, Findings, Severity};
use crate::lower;
use crate::parallel;
use crate::policy::Policy;
use crate::registry::compilation as codes;
use crate::source::{Sources, Span};
use crate::standard::Profile;
use crate::syntax;
use crate::value::Value;

mod allow;

/// Collects the texts of a policy and compiles them.
///
/// ```
/// let mut compiler = claimsc::Compiler::new();
/// compiler.source("policy.claims", r#"
///     namespace ns = "https://acme.example/claims/"
///     add ns/email = user.email to id_token
/// "#);
/// let compilation = compiler.compile();
/// assert!(compilation.policy.is_some());
/// ```
#[derive(Debug, Clone)]
pub struct Compiler {
    catalog: Option<(String, String)>,
    sources: Vec<(String, String)>,
    config: Option<Value>,
    profile: Option<&'static Profile>,
    budget: Vec<(Cost, u64)>,
    proves: bool,
    threads: usize,
}

impl Default for Compiler {
    fn default() -> Self {
        Compiler {
            catalog: None,
            sources: Vec::new(),
            config: None,
            profile: None,
            budget: Vec::new(),
            proves: true,
            threads: 1,
        }
    }
}

/// What became of the texts.
#[derive(Debug)]
pub struct Compilation {
    /// The texts, which the places of diagnostics refer to.
    pub sources: Sources,
    /// All findings, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// What is known of every `ensure` and contract, in the order of the source; `None` where that was not asked: the
    /// policy has errors in syntax, names or types, or [`Compiler::without_proofs`] was called.
    pub promises: Option<Vec<Promise>>,
    /// The policy, if no finding is an error.
    pub policy: Option<Policy>,
}

impl Compilation {
    /// The policy as an artifact, which [`Policy::from_artifact`] loads without a compiler; nothing where there is no
    /// policy. The same policy gives the same bytes on every machine.
    ///
    /// # Errors
    /// A policy that is too large to be loaded.
    ///
    /// ```
    /// use claimsc::artifact::Trust;
    /// use claimsc::{Compiler, Policy};
    ///
    /// let mut compiler = Compiler::new();
    /// compiler.source("policy.claims", r#"add "https://acme.example/env" = "prod""#);
    /// let artifact = compiler.compile().artifact().unwrap().unwrap();
    ///
    /// let policy = Policy::from_artifact(artifact, Trust::Anybody).unwrap();
    /// ```
    pub fn artifact(&self) -> Option<Result<Vec<u8>, LoadError>> {
        let policy = self.policy.as_ref()?;
        Some(policy.to_artifact(&fingerprint(policy.unit()), &self.sources))
    }

    /// What the worst request can cost; nothing where there is no policy.
    ///
    /// ```
    /// use claimsc::Compiler;
    /// use claimsc::eval::MAX_STEPS;
    ///
    /// let mut compiler = Compiler::new();
    /// compiler.source("policy.claims", r#"add "https://acme.example/n" = scopes.length()"#);
    /// let worst = compiler.compile().worst().unwrap();
    /// assert!(worst.steps < MAX_STEPS);
    /// ```
    pub fn worst(&self) -> Option<Worst> {
        self.policy.as_ref().map(|policy| worst(policy.unit()))
    }
}

/// What compiling consists of, in this order.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pass {
    /// claims.yaml is read.
    Catalog,
    /// Texts become trees.
    Syntax,
    /// Names are resolved and expressions typed.
    Lowering,
    /// The checks of [`check`].
    Checks,
    /// The proofs of [`analysis`].
    Proofs,
    /// Findings are sorted, and silenced where `@allow` says so.
    Findings,
    /// Statements are filed by whom they concern.
    Sealing,
}

impl Compiler {
    /// A compiler without texts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the text of claims.yaml. Without one there is the standard OIDC user and an open world.
    pub fn catalog(&mut self, name: &str, text: &str) -> &mut Self {
        self.catalog = Some((name.to_owned(), text.to_owned()));
        self
    }

    /// Adds a file of the policy. All files are compiled as one, and their order does not matter.
    pub fn source(&mut self, name: &str, text: &str) -> &mut Self {
        self.sources.push((name.to_owned(), text.to_owned()));
        self
    }

    /// Binds the constants of `config`: an object with a value for each.
    pub fn config(&mut self, config: Value) -> &mut Self {
        self.config = Some(config);
        self
    }

    /// Checks for another host than the one that claims.yaml names.
    ///
    /// ```
    /// use claimsc::standard::Profile;
    ///
    /// let mut compiler = claimsc::Compiler::new();
    /// compiler.source("policy.claims", "limit lifetime to 5m").profile(Profile::find("auth0").unwrap());
    /// let compilation = compiler.compile();
    /// assert!(compilation.diagnostics.iter().any(|d| d.code.slug == "profile-unsupported-verb"));
    /// ```
    pub fn profile(&mut self, profile: &'static Profile) -> &mut Self {
        self.profile = Some(profile);
        self
    }

    /// Sets what proofs may cost, in place of what claims.yaml says: what exceeds it is undecided.
    ///
    /// ```
    /// use claimsc::catalog::Cost;
    ///
    /// let mut compiler = claimsc::Compiler::new();
    /// compiler.source("policy.claims", "limit lifetime to 5m").budget(Cost::Proposals, 100_000);
    /// assert!(compiler.compile().policy.is_some());
    /// ```
    pub fn budget(&mut self, cost: Cost, count: u64) -> &mut Self {
        self.budget.push((cost, count));
        self
    }

    /// Leaves out the analyses that prove or refute: for a policy that was checked before. The evaluator enforces what
    /// they would find, by refusing requests.
    ///
    /// ```
    /// let mut compiler = claimsc::Compiler::new();
    /// compiler.source("policy.claims", "limit lifetime to 5m").without_proofs();
    /// assert!(compiler.compile().policy.is_some());
    /// ```
    pub fn without_proofs(&mut self) -> &mut Self {
        self.proves = false;
        self
    }

    /// Lets so many threads work on it, the calling one included: files are parsed and checks are made at the same time.
    /// Without this, no thread is started. They end before [`compile`](Compiler::compile) does; where the system gives
    /// none, the calling thread does all the work. The result is the same for any number.
    ///
    /// Worth it from some hundred rules on, if they stand in several files.
    ///
    /// ```
    /// let mut compiler = claimsc::Compiler::new();
    /// compiler.source("a.claims", "limit lifetime to 5m").source("b.claims", "deny \"closed\"");
    /// compiler.threads(std::thread::available_parallelism().map_or(1, |count| count.get()));
    /// assert!(compiler.compile().policy.is_some());
    /// ```
    pub fn threads(&mut self, count: usize) -> &mut Self {
        self.threads = count;
        self
    }

    /// Compiles. Never fails: what is wrong is in the diagnostics.
    pub fn compile(&self) -> Compilation {
        self.compile_watched(&mut |_| {})
    }

    /// The same; whoever measures is told the end of each pass.
    #[doc(hidden)]
    pub fn compile_watched(&self, ended: &mut dyn FnMut(Pass)) -> Compilation {
        let mut sources = Sources::new();
        let mut findings = Findings::new();
        let catalog = Arc::new(self.read_catalog(&mut sources, &mut findings));
        let knows_facts = !findings.has_errors();
        ended(Pass::Catalog);
        let files = self.parse(&mut sources, &mut findings);
        ended(Pass::Syntax);
        let (unit, found) = lower::lower(&files, &sources, &catalog);
        // Of a claims.yaml that could not be read, nothing would be known: one mistake, not one for each name.
        let is_readable = findings.iter().all(|d| *d.code != INVALID_YAML && *d.code != CATALOG_LIMIT);
        if is_readable {
            findings.extend(found);
        }
        ended(Pass::Lowering);
        let (mut promises, mut is_checked) = (None, false);
        // A policy or catalog with a broken part would be judged by what is missing from it.
        if knows_facts && !files.iter().any(|file| file.broken) {
            let is_typed = !findings.has_errors();
            findings.extend(check::check(&unit, self.threads));
            is_checked = true;
            ended(Pass::Checks);
            if is_typed && self.proves {
                let analysed = analysis::analyse(&unit, &sources);
                findings.extend(analysed.findings);
                promises = Some(analysed.promises);
                ended(Pass::Proofs);
            }
        }
        let asked = allow::Asked { checks: is_checked, proofs: promises.is_some() };
        let diagnostics = allow::apply(&files, &catalog, asked, findings.finish());
        let mut findings = Findings::new();
        findings.extend(diagnostics);
        let diagnostics = findings.finish();
        drop(files);
        ended(Pass::Findings);
        let is_clean = diagnostics.iter().all(|d| d.severity != Severity::Error);
        let policy = is_clean.then(|| Policy::seal(unit));
        ended(Pass::Sealing);
        Compilation { sources, diagnostics, promises, policy }
    }

    fn read_catalog(&self, sources: &mut Sources, findings: &mut Findings) -> Catalog {
        let (mut catalog, place) = match &self.catalog {
            Some((name, text)) => {
                let file = sources.add(name, text);
                let (catalog, found) = catalog::read(file, text);
                findings.extend(found);
                (catalog, Some(Span::new(file, 0, 0)))
            }
            None => (Catalog::default_world(), None),
        };
        if let Some(profile) = self.profile {
            catalog.profile = profile.name.into();
        }
        for (cost, count) in &self.budget {
            catalog.budget.set(*cost, *count);
        }
        let Some(config) = &self.config else { return catalog };
        let problems = catalog::bind_config(&mut catalog, config).err().unwrap_or_default();
        // Without any text there is no place to show, and nothing to compile either.
        let place = place.or_else(|| {
            let (name, _) = self.sources.first()?;
            Some(Span::new(sources.add(&format!("{name} (config)"), ""), 0, 0))
        });
        for problem in problems {
            if let Some(place) = place {
                findings.push(Diagnostic::new(&codes::CONFIG, place, problem).help(
                    "bind each constant that claims.yaml declares under `config`, with a value of its type",
                ));
            }
        }
        catalog
    }

    fn parse(&self, sources: &mut Sources, findings: &mut Findings) -> Vec<ast::File> {
        // One order, whichever they were added in: places and numbers follow from it.
        let mut sorted: Vec<_> = self.sources.iter().collect();
        sorted.sort();
        let texts: Vec<_> =
            sorted.into_iter().map(|(name, text)| (sources.add(name, text), text.as_str())).collect();
        if let Some((first, _)) = texts.first()
            && self.catalog.is_none()
        {
            findings.push(
                Diagnostic::new(
                    &codes::NO_CATALOG,
                    Span::new(*first, 0, 0),
                    "there is no claims.yaml, so little can be checked about this policy",
                )
                .help("add a claims.yaml that lists audiences, clients and the attributes of users"),
            );
        }
        let parsed = parallel::map(self.threads, &texts, |(file, text)| syntax::parse(*file, text));
        let keep = |parsed: syntax::Parsed| {
            findings.extend(parsed.findings);
            parsed.file
        };
        parsed.into_iter().map(keep).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_catalog_is_one_mistake() {
        let mut compiler = Compiler::new();
        compiler.catalog("claims.yaml", "language: 1\nuser: { a: string[] }\n");
        compiler.source("policy.claims", "if audience = shop then add department = user.plan");
        let compilation = compiler.compile();
        let codes: Vec<_> = compilation.diagnostics.iter().map(|d| d.code.slug).collect();
        assert_eq!(codes, ["invalid-yaml"]);
        assert!(compilation.policy.is_none());
    }
}
