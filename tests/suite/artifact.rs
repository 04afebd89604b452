//! Artifacts: what is loaded is what was built, and nothing else is loaded.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use claimsc::artifact::{Artifact, Refused, Trust};
use claimsc::mint::{Algorithm, Issuance, KeyRing, KeySet, Minter, Settings, SigningKey};
use claimsc::{Compilation, Compiler, Policy, Request};

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::Index;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::folder::{catalog, decide, in_repository, name, sources};
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
    let mut decisions: BTreeMap<String, usize> = BTreeMap::new();
    for (folder, requests) in policies() {
        let compilation = compile(catalog(&folder).as_deref(), &sources(&folder));
        let bytes = built(&compilation);
        let policy = compilation.policy.as_ref().expect("a policy");
        let artifact = Artifact::read(&bytes[..], Trust::Anybody).expect("an artifact");
        assert_eq!(format!("{:?}", artifact.sources()), format!("{:?}", compilation.sources));
        let loaded = Policy::from(artifact);
        assert_eq!(format!("{:#?}", loaded.unit()), format!("{:#?}", policy.unit()), "{}", name(&folder));
        for request in requests.iter().flat_map(spoiled).chain(requests.clone()) {
            // The first is decoded in parts, the second as a whole.
            let fresh = Policy::from_artifact(&bytes[..], Trust::Anybody).expect("an artifact");
            let decided = decide(policy, &request);
            assert_eq!(decide(&fresh, &request), decided, "{} {request}", name(&folder));
            assert_eq!(decide(&loaded, &request), decided, "{} {request}", name(&folder));
            *decisions.entry(decided["decision"].to_string()).or_default() += 1;
        }
    }
    assert!(["\"issue\"", "\"deny\"", "\"error\""].iter().all(|one| decisions[*one] > 30), "{decisions:?}");
}

/// Requests like this one of which something is missing, of another type or unknown.
fn spoiled(request: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    let members = request.as_object().into_iter().flatten();
    for (name, value) in members {
        let mut with = |other: Option<Value>| {
            let mut changed = request.as_object().cloned().unwrap_or_default();
            match other {
                Some(other) => drop(changed.insert(name.clone(), other)),
                None => drop(changed.remove(name)),
            }
            all.push(Value::Object(changed));
        };
        with(None);
        with(Some(json!("unknown")));
        for (inner, _) in value.as_object().into_iter().flatten() {
            let mut changed = value.as_object().cloned().unwrap_or_default();
            changed.remove(inner);
            with(Some(Value::Object(changed.clone())));
            changed.insert(inner.clone(), json!({ "odd": [1] }));
            with(Some(Value::Object(changed)));
        }
    }
    all
}

#[test]
fn excerpts_are_those_of_the_whole_policy() {
    for (folder, _) in policies() {
        let compilation = compile(catalog(&folder).as_deref(), &sources(&folder));
        let loaded = Policy::from_artifact(built(&compilation), Trust::Anybody).expect("an artifact");
        let policy = compilation.policy.expect("a policy");
        let all: Vec<usize> = (0..policy.unit().statements.len()).collect();
        let (even, odd): (Vec<usize>, Vec<usize>) = all.iter().partition(|index| *index % 2 == 0);
        let reversed: Vec<usize> = all.iter().rev().copied().chain([usize::MAX]).collect();
        for chosen in [&[][..], &all, &even, &odd, &reversed] {
            let (own, other) = (policy.excerpt(chosen), loaded.excerpt(chosen));
            assert_eq!(format!("{other:#?}"), format!("{own:#?}"), "{}: {chosen:?}", name(&folder));
        }
    }
}

/// The bytes with a checksum that fits: what a forger would write.
fn forged(mut bytes: Vec<u8>) -> Vec<u8> {
    let length = u32::try_from(bytes.len() - 48).expect("a small artifact");
    bytes[12..16].copy_from_slice(&length.to_le_bytes());
    let digest = Sha256::new().chain_update(&bytes[..16]).chain_update(&bytes[48..]).finalize();
    bytes[16..48].copy_from_slice(&digest);
    bytes
}

/// Loads what may be anything. If it is accepted, it has to decide about requests, one way or the other.
fn try_to_load(bytes: Vec<u8>, requests: &[Request]) -> bool {
    let Ok(artifact) = Artifact::read(bytes, Trust::Anybody) else { return false };
    let sources = artifact.sources();
    let policy = Policy::from(artifact);
    for request in requests {
        let _ = policy.evaluate(request).to_json();
        let _ = claimsc::report::explanation::text(&policy.explain(request, true), &sources);
    }
    let statements: Vec<usize> = (0..policy.unit().statements.len()).rev().collect();
    let excerpt = policy.excerpt(&statements);
    assert_eq!(excerpt.statements.len(), statements.len());
    true
}

/// Policies that use much of the language, with a few requests each.
fn victims() -> Vec<(Vec<u8>, Vec<Request>)> {
    let chosen = policies().into_iter().step_by(4);
    let victims = chosen.map(|(folder, requests)| {
        let compilation = compile(catalog(&folder).as_deref(), &sources(&folder));
        let requests = requests.iter().filter_map(|one| Request::from_json(one.to_string().as_bytes()).ok());
        (built(&compilation), requests.take(3).collect())
    });
    victims.collect()
}

/// A change of some bytes: where, and what of.
#[derive(Debug, Clone)]
enum Edit {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    /// What stands at one place is put into another.
    Copy(Index, Index, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let (at, to, length) = (any::<Index>, any::<Index>, || 1..40_usize);
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (at(), vec(any::<u8>(), 1..12)).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        (at(), length()).prop_map(|(at, length)| Edit::Remove(at, length)),
        (at(), to(), length()).prop_map(|(from, to, length)| Edit::Copy(from, to, length)),
    ]
}

/// Changes what stands behind the frame.
fn edited(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let (frame, mut content) = (&bytes[..48], bytes[48..].to_vec());
    for edit in edits {
        let place = |index: &Index| index.index(content.len() + 1);
        match edit {
            Edit::Set(at, byte) => {
                let at = place(at);
                content.splice(at..(at + 1).min(content.len()), [*byte]);
            }
            Edit::Insert(at, new) => drop(content.splice(place(at)..place(at), new.clone())),
            Edit::Remove(at, length) => {
                let at = place(at);
                content.drain(at..(at + length).min(content.len()));
            }
            Edit::Copy(from, to, length) => {
                let (from, to) = (place(from), place(to));
                let piece = content[from..(from + length).min(content.len())].to_vec();
                content.splice(to..to, piece);
            }
        }
    }
    forged([frame, &content].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_changes_make_the_loader_or_the_evaluator_fail(chosen: Index, edits in vec(edit(), 1..4)) {
        static VICTIMS: LazyLock<Vec<(Vec<u8>, Vec<Request>)>> = LazyLock::new(victims);
        let (bytes, requests) = chosen.get(&VICTIMS);
        try_to_load(edited(bytes, &edits), requests);
    }
}

/// `CLAIMSC_STRIDE=1` changes every byte of every victim, which takes some minutes.
#[test]
fn no_change_of_a_byte_makes_the_loader_or_the_evaluator_fail() {
    let stride: usize = std::env::var("CLAIMSC_STRIDE").ok().and_then(|s| s.parse().ok()).unwrap_or(97);
    let (mut accepted, mut refused) = (0, 0);
    for (index, (bytes, requests)) in victims().into_iter().enumerate() {
        for at in (48 + index..bytes.len()).step_by(stride) {
            for change in
                [|b: u8| b ^ 1, |b: u8| b.wrapping_add(1), |_| 0, |_| 0x7f, |b: u8| b ^ 0x80, |_| 0xff]
            {
                let mut changed = bytes.clone();
                changed[at] = change(changed[at]);
                if try_to_load(forged(changed), &requests) { accepted += 1 } else { refused += 1 }
            }
        }
    }
    assert!(accepted > 100 && refused > 100, "{accepted} accepted, {refused} refused");
}

fn small() -> Vec<u8> {
    built(&compile(None, &[("policy.claims".into(), r#"add "https://acme.example/env" = "prod""#.into())]))
}

#[test]
fn a_signature_is_demanded_and_has_to_be_a_trusted_one() {
    let key = || SigningKey::generate(Algorithm::EdDsa).expect("a key");
    let (own, other) = (key(), key());
    let trusted = KeySet::of_keys([own.public()]);
    let load = |bytes: &[u8]| Artifact::read(bytes, Trust::SignedBy(&trusted)).map_err(|error| error.reason);
    let unsigned = small();
    let signed = own.sign_artifact(&unsigned).expect("a signature");
    assert_eq!(load(&signed).expect("it is trusted").signed_by(), Some(&**own.id()));
    assert!(Policy::from_artifact(&signed[..], Trust::Anybody).is_ok());
    assert_eq!(load(&unsigned).unwrap_err(), Refused::Unsigned);
    let foreign = other.sign_artifact(&unsigned).expect("a signature");
    assert_eq!(load(&foreign).unwrap_err(), Refused::WrongSignature);
    assert!(
        load(&own.sign_artifact(&foreign).expect("a signature")).is_ok(),
        "it takes the place of the other"
    );

    // The signature of another artifact, a token in place of a signature, and what was changed after it was signed.
    let another = built(&compile(None, &[("policy.claims".into(), "limit lifetime to 5m".into())]));
    let signature = &signed[unsigned.len()..];
    assert_eq!(load(&[&another[..], signature].concat()).unwrap_err(), Refused::WrongSignature);
    let minter = Minter::new(
        compile(None, &[("policy.claims".into(), "limit lifetime to 5m".into())]).policy.expect("a policy"),
        Settings::new("https://id.acme.example/").expect("an issuer"),
        KeyRing::new(own),
    );
    let request =
        br#"{ "grant": "client_credentials", "client": "c", "audience": "https://api.acme.example" }"#;
    let request = Request::from_json(request).expect("a request");
    let token = minter.mint(&request, &Issuance::at(1_781_000_000, [7; 16])).expect("a token");
    let token = token.access_token.expect("an access token");
    assert_eq!(load(&[&unsigned[..], token.as_bytes()].concat()).unwrap_err(), Refused::WrongSignature);
    let mut changed = signed.clone();
    let at = changed.windows(4).position(|window| window == b"prod").expect("it is there");
    changed[at] = b'P';
    assert_eq!(load(&changed).unwrap_err(), Refused::Checksum);
    let mut changed = forged(changed[..unsigned.len()].to_vec());
    changed.extend(signature);
    assert_eq!(load(&changed).unwrap_err(), Refused::WrongSignature);
}

#[test]
fn what_is_no_artifact_is_said_to_be_none() {
    let bytes = small();
    let refused = |bytes: &[u8]| {
        let error = Artifact::read(bytes, Trust::Anybody).unwrap_err();
        (error.reason, error.message().to_owned())
    };
    let with = |at: usize, byte: u8| {
        let mut changed = bytes.clone();
        changed[at] = byte;
        refused(&changed)
    };
    for length in 0..bytes.len() {
        let (reason, _) = refused(&bytes[..length]);
        assert_eq!(reason, if length == 0 { Refused::NotAnArtifact } else { Refused::Truncated }, "{length}");
    }
    let cut = Artifact::read(&bytes[..20], Trust::Anybody).unwrap_err();
    assert_eq!(
        (cut.offset, cut.to_string()),
        (Some(20), "the artifact is cut off: it has 20 bytes (byte 20)".into())
    );
    insta::assert_debug_snapshot!([
        refused(b"language: 1"),
        refused(&bytes[..20]),
        with(8, 2),
        with(10, 9),
        with(20, 9),
        with(60, 9),
        refused(&[&bytes[..], b"\0"].concat()),
        refused(&forged([&bytes[..], b"\0"].concat())),
    ]);
}

#[test]
fn the_same_policy_gives_the_same_bytes() {
    for (folder, _) in policies() {
        let (catalog, mut files) = (catalog(&folder), sources(&folder));
        let first = built(&compile(catalog.as_deref(), &files));
        files.reverse();
        assert!(first == built(&compile(catalog.as_deref(), &files)), "{}", name(&folder));
    }
}

/// The same bytes on every machine. Whoever changes how things are written raises the version of the format, so that no
/// release misreads what another has written; `UPDATE_DOCS=1` then writes the file. It is loaded by a test of the library,
/// also where there is no compiler.
#[test]
fn the_bytes_of_this_version_of_the_format() {
    let folder = in_repository("tests/artifact");
    let bytes = built(&compile(catalog(&folder).as_deref(), &sources(&folder)));
    let path = folder.join(format!("v{}.claimsb", u16::from_le_bytes([bytes[8], bytes[9]])));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &bytes).expect("it is written");
    }
    let held = std::fs::read(&path).expect("the file of this version");
    assert!(bytes == held, "{} is not what is built of the policy beside it", path.display());
}
