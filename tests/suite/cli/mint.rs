//! `claimsc mint`.

use regex::Regex;

use super::keys::fixture;
use super::{REQUEST, Scene, clean};

/// A request at a time that does not pass, so that only `jti` differs from run to run.
fn request(rest: &str) -> String {
    REQUEST.replacen('{', &format!("{{\n  \"now\": 1781000000,{rest}"), 1)
}

fn scene() -> Scene {
    clean()
        .bytes("rsa.pem", &fixture("rs2048.pkcs1.pem"))
        .bytes("ec.pem", &fixture("p256.sec1.pem"))
        .bytes("ed.pem", &fixture("ed25519.pem"))
}

/// The record without what differs from run to run.
fn record(scene: Scene) -> String {
    let mut text = scene.record();
    for (pattern, replacement) in [
        (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "[token]"),
        (r#"(jti|at_hash) = "[\w-]{22,}"( *)"#, "$1 = [differs]  "),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, replacement).into_owned();
    }
    text
}

/// The claims of a token of the output.
fn claims(stdout: &str, token: &str) -> serde_json::Value {
    use base64::Engine as _;
    let output: serde_json::Value = serde_json::from_str(stdout).unwrap();
    let payload = output[token].as_str().unwrap().split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn tokens_are_minted_and_decoded() {
    let policy = r#"namespace ns = "https://acme.example/claims/"
rule staff: if audience = api and user.email_verified then to both {
  add ns/plan = user.plan
}
add ns/note = "a value that is so long that it does not fit into the column beside the rules"
default ns/tags = ["a"]
remove given_name to id_token
"#;
    let request =
        request(r#" "nonce": "n-0S6","#).replace("[\"openid\"]", "\"openid profile email\"").replace(
            "\"sub\"",
            "\"name\": \"Ann\", \"given_name\": \"A\", \"email\": \"a\\u001b@acme.example\", \"sub\"",
        );
    insta::assert_snapshot!(record(
        scene()
            .file("policy.claims", policy)
            .file("request.json", &request)
            .show("mint --request request.json --key ed.pem --decode")
    ));
}

#[test]
fn the_first_key_signs() {
    let scene = scene().bytes("request.json", request("").as_bytes());
    let algorithm = |arguments: &str| {
        use base64::Engine as _;
        let run = scene.run(&format!("mint --request request.json {arguments}"));
        assert_eq!(run.exit, 0, "{}", run.stderr);
        let output: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        ["access_token", "id_token"].map(|token| {
            let header = output[token].as_str().unwrap().split('.').next().unwrap();
            let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap();
            let header: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            header["alg"].as_str().unwrap().to_owned()
        })
    };
    assert_eq!(algorithm("--key rsa.pem --key ec.pem"), ["RS256", "RS256"]);
    assert_eq!(algorithm("--key ec.pem --key rsa.pem"), ["ES256", "ES256"]);
    assert_eq!(algorithm("--key rsa.pem --alg PS256"), ["PS256", "PS256"]);
    assert_eq!(algorithm("--dev-key"), ["ES256", "ES256"]);
    assert_eq!(algorithm("--dev-key --alg EdDSA"), ["EdDSA", "EdDSA"]);
}

#[test]
fn a_throw_away_key_is_told() {
    let run = scene().feed("mint --request - --dev-key", REQUEST.as_bytes());
    let set: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(set["keys"][0]["alg"], "ES256");
    assert!(set["keys"][0]["d"].is_null());
    let claims = claims(&run.stdout, "access_token");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!(claims["iat"].as_u64().unwrap().abs_diff(now) < 600, "the clock of this machine");
    assert_ne!(
        claims["jti"],
        super::mint::claims(
            &scene().feed("mint --request - --dev-key", REQUEST.as_bytes()).stdout,
            "access_token"
        )["jti"]
    );
}

#[test]
fn the_policy_sees_the_time_of_the_token() {
    let policy = "namespace ns = \"https://acme.example/claims/\"\n@allow(time-in-claim, \"a test\")\nadd ns/at = now.unix()\n";
    let run = scene()
        .bytes("policy.claims", policy.as_bytes())
        .feed("mint --request - --dev-key", REQUEST.as_bytes());
    let claims = claims(&run.stdout, "access_token");
    assert_eq!(claims["https://acme.example/claims/at"], claims["iat"]);
}

#[test]
fn another_issuer_and_response_types() {
    let request = request(r#" "nonce": "n", "code": "c", "response_type": "code id_token","#)
        .replace("authorization_code", "hybrid");
    let catalog = super::CATALOG.replace("[authorization_code]", "[hybrid]");
    insta::assert_snapshot!(record(
        scene()
            .bytes("claims.yaml", catalog.as_bytes())
            .file("request.json", &request)
            .show("mint --request request.json --key ec.pem --issuer http://localhost:8080 --decode")
            .show("mint --request request.json --key ec.pem --issuer http://acme.example")
    ));
}

#[test]
fn a_secret_signs_id_tokens_only() {
    let catalog = super::CATALOG.replace("id: web,", "id: web, confidential: true,");
    let secret = r#"{ "kty": "oct", "k": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE" }"#;
    insta::assert_snapshot!(record(
        scene()
            .bytes("claims.yaml", catalog.as_bytes())
            .bytes("secret.jwk", secret.as_bytes())
            .bytes("request.json", request("").as_bytes())
            .show("mint --request request.json --key ec.pem --key secret.jwk --decode")
            .show("mint --request request.json --key secret.jwk")
            .bytes("claims.yaml", super::CATALOG.as_bytes())
            .show("mint --request request.json --key ec.pem --key secret.jwk")
    ));
}

#[test]
fn denials_and_errors_are_answers_of_the_endpoint() {
    let machine = r#"{ "grant": "client_credentials", "client": "job", "now": 1 }"#;
    insta::assert_snapshot!(record(
        scene()
            .file("suspended.json", &request("").replace("\"pro\"", "\"suspended\""))
            .file("wrong.json", &request("").replace("\"pro\"", "\"a secret plan\""))
            .file("machine.json", machine)
            .show("mint --request suspended.json --key ec.pem")
            .show("mint --request wrong.json --key ec.pem")
            .show("mint --request machine.json --key ec.pem")
    ));
}

#[test]
fn what_cannot_be_minted_exits_with_1_or_2() {
    let catalog = super::CATALOG.replace("issuer: https://id.acme.example/\n", "");
    let mut scene = scene()
        .bytes("request.json", request("").as_bytes())
        .bytes("weak.pem", &fixture("rs1024.pem"))
        .bytes("other.yaml", catalog.as_bytes());
    for (name, rest) in [
        ("nonce.json", r#" "nonce": 7,"#),
        ("code.json", r#" "code": "","#),
        ("response.json", r#" "response_type": "none","#),
        ("time.json", r#" "now": "noon","#),
    ] {
        scene =
            scene.bytes(name, request(rest).replace("\"now\": 1781000000, \"now\"", "\"now\"").as_bytes());
        scene = scene.show(&format!("mint --request {name} --key ec.pem"));
    }
    insta::assert_snapshot!(record(
        scene
            .show("mint --request request.json")
            .show("mint --request request.json --key weak.pem")
            .show("mint --request request.json --key nowhere.pem")
            .show("mint --request request.json --key ec.pem --key ec.pem")
            .show("mint --request request.json --key ec.pem --dev-key")
            .show("mint --request request.json --key ec.pem --alg RS256")
            .show("mint --request request.json --dev-key --alg HS256")
            .show("mint --request - --key -")
            .show("mint --request request.json --key ec.pem --catalog other.yaml")
            .bytes("policy.claims", b"add \"https://acme.example/a\" = user.emial\n")
            .show("mint --request request.json --key ec.pem")
    ));
}
