//! Files that change while requests come in.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claimsc::mint::{Algorithm, SigningKey};

use super::http::{get, post};
use super::program::Program;

const FORM: &str = "grant_type=client_credentials&client_id=nightly&client_secret=demo-secret-of-nightly\
                    &resource=https://reports.acme.example";

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("a copy");
    }
}

/// Puts a file into its place in one step.
fn put(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).expect("a file");
    fs::rename(&new, path).expect("its place");
}

fn policy(version: &str) -> String {
    format!("add \"https://acme.example/claims/version\" = \"{version}\"\n")
}

/// The payload of the access token of one request, or what came instead.
fn claims(address: SocketAddr) -> Result<String, String> {
    let response = post(address, "/token", &[], FORM);
    let token = response.text("access_token");
    let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    payload.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| format!("{response:?}"))
}

/// Asks for the metrics until a line is among them.
fn wait_for(address: SocketAddr, line: &str) {
    let start = Instant::now();
    loop {
        let metrics = get(address, "/metrics").body;
        if metrics.lines().any(|one| one == line) {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(120), "no `{line}` in\n{metrics}");
    }
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_policy_is_swapped_under_load_and_a_broken_one_is_not() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/policy");
    let folder = tempfile::tempdir().expect("a folder");
    copy(&demo, folder.path());
    let file = folder.path().join("version.claims");
    put(&file, &policy("one"));
    let program = Program::start(&["--policy", folder.path().to_str().expect("UTF-8"), "--pause", "10"]);
    let (address, is_over) = (program.address, AtomicBool::new(false));
    std::thread::scope(|scope| {
        // Whatever fails below, the workers end.
        let over = Over(&is_over);
        let workers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let (mut versions, mut count) = (BTreeSet::new(), 0_usize);
                    while !is_over.load(Ordering::Relaxed) {
                        let claims =
                            claims(address).unwrap_or_else(|problem| panic!("a request failed: {problem}"));
                        let version = claims
                            .split("claims/version\":\"")
                            .nth(1)
                            .and_then(|rest| rest.split('"').next());
                        versions.insert(version.expect("a version").to_owned());
                        count += 1;
                    }
                    (versions, count)
                })
            })
            .collect();
        for swap in 0..6 {
            put(&file, &policy(if swap % 2 == 0 { "two" } else { "one" }));
            wait_for(address, &format!("issuer_policy_loads_total{{result=\"ok\"}} {}", swap + 2));
        }
        put(&file, "add \"https://acme.example/claims/version\" = nothing.of.the.kind\n");
        wait_for(address, "issuer_policy_stale 1");
        assert!(claims(address).expect("tokens go on").contains("claims/version\":\"one\""));
        drop(over);
        for worker in workers {
            let (versions, count) = worker.join().expect("no failed request");
            assert!(count > 10, "{count} requests");
            assert_eq!(versions, BTreeSet::from(["one".to_owned(), "two".to_owned()]));
        }
    });
    program.expect_log("error policy-refused problems=1 in_force=v1:");
    program.expect_log("policy-problem problem=\"version.claims:1:");
    put(&file, &policy("three"));
    wait_for(address, "issuer_policy_stale 0");
    assert!(claims(address).expect("tokens").contains("claims/version\":\"three\""));
}

#[test]
fn a_key_is_rotated_while_tokens_of_the_old_one_are_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["old.jwk", "new.jwk"] {
        let key = SigningKey::generate(Algorithm::Es256).expect("a key");
        fs::write(folder.path().join(name), &*key.to_private_jwk().expect("its text")).expect("a file");
        let public = folder.path().join(name.replace(".jwk", ".public.jwk"));
        fs::write(public, key.public().to_jwk().to_json()).expect("a file");
    }
    let list = folder.path().join("keys.json");
    put(&list, r#"{ "active": "old.jwk", "published": ["new.jwk"] }"#);
    let program = Program::start(&["--keys", list.to_str().expect("UTF-8"), "--pause", "10"]);
    let address = program.address;
    let password = "grant_type=password&client_id=shop-tests&client_secret=demo-secret-of-the-tests\
                    &username=alice&password=demo-alice&scope=openid";
    let userinfo = |token: &str| {
        let header = format!("Bearer {token}");
        super::http::send(address, "GET", "/userinfo", &[("authorization", &header)], "").status
    };
    let header = |token: &str| token.split('.').next().expect("a header").to_owned();
    let old = post(address, "/token", &[], password).text("access_token");

    put(&list, r#"{ "active": "new.jwk", "retired": ["old.public.jwk"] }"#);
    wait_for(address, "issuer_policy_loads_total{result=\"ok\"} 2");
    let new = post(address, "/token", &[], password).text("access_token");
    assert_ne!(header(&old), header(&new));
    assert_eq!((userinfo(&old), userinfo(&new)), (200, 200));

    put(&list, r#"{ "active": "new.jwk" }"#);
    wait_for(address, "issuer_policy_loads_total{result=\"ok\"} 3");
    assert_eq!((userinfo(&old), userinfo(&new)), (401, 200));

    put(&list, r#"{ "active": "missing.jwk" }"#);
    wait_for(address, "issuer_policy_stale 1");
    assert_eq!(userinfo(&new), 200);
    program.expect_log("policy-problem problem=");
    assert!(!program.log().contains("\"d\""), "no private key in the log");
}
