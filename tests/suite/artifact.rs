//! Artifacts: what is loaded is what was built, and nothing else is loaded.

use claimsc::artifact::{Artifact, Trust};
use claimsc::{Compilation, Compiler, Policy};

use super::folder::{catalog, decide, name, sources};
use super::order::policies;

fn compile(catalog: Option<&str>, files: &[(String, String)]) -> Compilation {
    let mut compiler = Compiler::new();
    compiler.without_proofs();
    if let Some(catalog) = catalog {
        compiler.catalog("claims.yaml", catalog);
    }
    for (name, text) in files {
        compiler.source(name, text);
    }
    compiler.compile()
}

fn built(compilation: &Compilation) -> Vec<u8> {
    compilation.artifact().expect("a policy").expect("an artifact that can be loaded")
}

#[test]
fn what_is_loaded_is_what_was_built() {
    for (folder, requests) in policies() {
        let compilation = compile(catalog(&folder).as_deref(), &sources(&folder));
        let bytes = built(&compilation);
        let policy = compilation.policy.as_ref().expect("a policy");
        let artifact = Artifact::read(bytes, Trust::Anybody).expect("an artifact");
        assert_eq!(format!("{:?}", artifact.sources()), format!("{:?}", compilation.sources));
        let loaded = Policy::from(artifact);
        assert_eq!(format!("{:#?}", loaded.unit()), format!("{:#?}", policy.unit()), "{}", name(&folder));
        for request in requests {
            assert_eq!(decide(&loaded, &request), decide(policy, &request), "{}", name(&folder));
        }
    }
}
