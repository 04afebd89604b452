//! `claimsc inspect`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use regex::Regex;

use super::keys::fixture;
use super::{REQUEST, Run, Scene, clean};

/// The time of all tokens.
const NOW: i64 = 1_781_000_000;

/// A token of these parts, which nobody has signed.
fn token(header: &str, claims: &str) -> String {
    let signature = URL_SAFE_NO_PAD.encode([7; 64]);
    format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

fn plain(claims: &str) -> String {
    token(r#"{"alg":"ES256","typ":"at+jwt"}"#, claims)
}

/// A folder with the clean policy, its requests, keys, and the key set of `ec.pem`.
fn scene() -> Scene {
    let scene = clean()
        .bytes("ec.pem", &fixture("p256.sec1.pem"))
        .bytes("ed.pem", &fixture("ed25519.pem"))
        .bytes("rsa.pem", &fixture("rs2048.pkcs1.pem"));
    let set = |scene: &Scene, files: &str| scene.run(&format!("keys jwks {files}")).stdout;
    let (one, all) = (set(&scene, "ec.pem"), set(&scene, "rsa.pem ec.pem ed.pem"));
    scene.bytes("jwks.json", one.as_bytes()).bytes("all.json", all.as_bytes())
}

/// The token response for a request at the time of all tokens.
fn mint(scene: &Scene, request: &str, key: &str) -> String {
    let request = request.replacen('{', &format!("{{ \"now\": {NOW},"), 1);
    let run = scene.feed(&format!("mint --request - --key {key}"), request.as_bytes());
    assert_eq!(run.exit, 0, "{}{}", run.stderr, run.stdout);
    run.stdout
}

fn access_token(response: &str) -> String {
    let response: serde_json::Value = serde_json::from_str(response).unwrap();
    response["access_token"].as_str().unwrap().to_owned()
}

/// What a command says of a token on standard input, without what differs from run to run.
fn shown(scene: &Scene, arguments: &str, token: &str) -> String {
    let Run { stdout, stderr, exit } = scene.feed(&format!("inspect - {arguments}"), token.as_bytes());
    let mut text = format!("$ claimsc inspect - {arguments}\n{stdout}{stderr}--- exit {exit}\n");
    for (pattern, replacement) in [
        (r#"(jti|at_hash) = "[\w-]{22,}"( *)"#, "$1 = [differs]  "),
        (r#"("name": "(jti|at_hash)",\s+"value": )"[^"]+""#, "$1\"[differs]\""),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, replacement).into_owned();
    }
    text
}

fn at(seconds: i64, rest: &str) -> String {
    format!("--now {} {rest}", NOW + seconds)
}

#[test]
fn a_token_response_is_verified_and_explained() {
    let scene = scene();
    let request = REQUEST
        .replace("[\"openid\"]", "\"openid profile email\"")
        .replace("\"sub\"", "\"name\": \"Ann\", \"email\": \"ann@acme.example\", \"sub\"");
    let response = mint(&scene, &request, "ec.pem");
    insta::assert_snapshot!(shown(&scene, &at(60, ". --jwks jwks.json"), &response));
}

#[test]
fn what_is_missing_is_told_with_the_reason() {
    let policy = r#"namespace ns = "https://acme.example/claims/"
rule plan: if audience = api and user.email_verified then add ns/plan = user.plan
rule note: if audience = api then add ns/note = "always"
if client = job then add ns/job = true
if audience = api and grant = client_credentials then add ns/machine = true
if audience = shop then add ns/shop = true
remove given_name to id_token
if user exists and user.plan = "pro" then remove family_name to id_token
"#;
    let catalog = super::CATALOG.replace(
        "clients:",
        "  shop: { id: \"https://shop.acme.example\" }\nclients:\n  both: { id: both, grants: [authorization_code, \
         client_credentials] }",
    );
    let scene = scene().bytes("policy.claims", policy.as_bytes()).bytes("claims.yaml", catalog.as_bytes());
    let request = REQUEST
        .replace("\"web\"", "\"both\"")
        .replace("\"email_verified\": true", "\"email_verified\": false");
    let person = mint(&scene, &request, "ec.pem");
    let machine =
        r#"{ "grant": "client_credentials", "client": "both", "audience": "https://api.acme.example" }"#;
    let machine = access_token(&mint(&scene, machine, "ec.pem"));
    let claims = format!(
        r#"{{"iss":"https://id.acme.example/","sub":"u-1","aud":"https://api.acme.example","client_id":"both","iat":{NOW},"exp":{},"jti":"j","https://acme.example/claims/job":true,"acme":1,"permissions":["a"]}}"#,
        NOW + 600
    );
    let foreign = plain(&claims);
    let all = [person, machine, foreign].map(|token| shown(&scene, &at(1, "."), &token));
    insta::assert_snapshot!(format!("{policy}\n{catalog}\n{}", all.join("\n")));
}

#[test]
fn json_has_everything() {
    let scene = scene();
    let response = mint(&scene, REQUEST, "ec.pem");
    insta::assert_snapshot!(shown(
        &scene,
        &at(3600, ". --jwks jwks.json --audience api --format json"),
        &response
    ));
    insta::assert_snapshot!(shown(&scene, "--format json", "opaque-text"));
}

#[test]
fn no_signature_is_ever_printed() {
    let scene = scene();
    let response = mint(&scene, REQUEST, "ec.pem");
    let token = access_token(&response);
    let signature = token.rsplit('.').next().unwrap();
    let altered = token.replacen("eyJhbGciOiJFUzI1NiIs", "eyJhbGciOiJSUzI1NiIs", 1);
    for (text, exit) in
        [(&token, 0), (&altered, 1), (&format!("{token}.x"), 2), (&token.replace('.', ".."), 2)]
    {
        for format in ["text", "json"] {
            let run = scene.feed(
                &format!("inspect - . --jwks jwks.json --now {NOW} --format {format}"),
                text.as_bytes(),
            );
            assert_eq!(run.exit, exit, "{}{}", run.stdout, run.stderr);
            assert!(!run.stdout.contains(signature) && !run.stderr.contains(signature), "{}", run.stdout);
            assert!(!run.stdout.contains(&token) && !run.stderr.contains(&token));
        }
    }
    // The same on the command line.
    let run = scene.run(&format!("inspect {token} --now {NOW}"));
    assert_eq!((run.exit, run.stdout.contains(signature)), (0, false));
}

/// Errors and warnings of a token, one line each.
fn complaints(run: &Run) -> String {
    assert!((0..=2).contains(&run.exit), "{}", run.stderr);
    let is_complaint = |line: &&str| ["error: ", "warning: "].iter().any(|start| line.starts_with(start));
    let lines: Vec<&str> = run.stdout.lines().chain(run.stderr.lines()).filter(is_complaint).collect();
    format!("  exit {}\n  {}\n", run.exit, lines.join("\n  "))
}

#[test]
fn signatures_are_refused_for_a_reason() {
    let scene = scene();
    let good = access_token(&mint(&scene, REQUEST, "ec.pem"));
    let rsa = access_token(&mint(&scene, REQUEST, "rsa.pem"));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let payload = message.split('.').nth(1).unwrap();
    let with_header = |header: &str| format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode(header));
    let key: serde_json::Value = serde_json::from_str(&scene.run("keys jwks ec.pem").stdout).unwrap();
    let kid = key["keys"][0]["kid"].as_str().unwrap();
    let mut out = String::new();
    for (what, token, keys) in [
        ("a good token", good.clone(), "jwks.json"),
        ("a good token of one of several keys", rsa.clone(), "all.json"),
        ("another key", rsa, "jwks.json"),
        (
            "a claim altered",
            good.replace(payload, &URL_SAFE_NO_PAD.encode(r#"{"exp":9999999999}"#)),
            "jwks.json",
        ),
        ("none", format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#)), "jwks.json"),
        ("none in capitals", with_header(r#"{"alg":"NONE"}"#), "jwks.json"),
        ("no alg", with_header(r#"{"typ":"JWT"}"#), "jwks.json"),
        ("alg that is no text", with_header(r#"{"alg":256}"#), "jwks.json"),
        (
            "HS256 with the public key as its secret",
            with_header(&format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#)),
            "jwks.json",
        ),
        (
            "RS256 of a key for ES256",
            with_header(&format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#)),
            "jwks.json",
        ),
        (
            "an algorithm that is not known",
            with_header(&format!(r#"{{"alg":"RS512","kid":"{kid}"}}"#)),
            "jwks.json",
        ),
        ("an unknown key id", with_header(r#"{"alg":"ES256","kid":"../../etc/passwd"}"#), "jwks.json"),
        ("a key id that is no text", with_header(r#"{"alg":"ES256","kid":7}"#), "jwks.json"),
        ("no key id, wrong header", with_header(r#"{"alg":"ES256"}"#), "all.json"),
        ("crit", with_header(r#"{"alg":"ES256","crit":["b64","exp"],"b64":false}"#), "jwks.json"),
        ("crit that is no list", with_header(r#"{"alg":"ES256","crit":"b64"}"#), "jwks.json"),
        (
            "a key of its own",
            with_header(r#"{"alg":"ES256","jwk":{"kty":"oct","k":"AA"},"kid":"x"}"#),
            "jwks.json",
        ),
        ("no signature", format!("{message}."), "jwks.json"),
    ] {
        let run = scene.feed(&format!("inspect - --now {NOW} --jwks {keys}"), token.as_bytes());
        out += &format!("{what}\n{}", complaints(&run).replace(kid, "[kid]"));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn headers_are_judged_without_keys() {
    let scene = Scene::new();
    let claims = format!(r#"{{"exp":{}}}"#, NOW + 1);
    let mut out = String::new();
    for header in
        [r#"{"alg":"ES256"}"#, r#"{"alg":"RS512"}"#, r#"{"alg":"none"}"#, r#"{"alg":"ES256","crit":["x"]}"#]
    {
        let run = scene.feed(&format!("inspect - --now {NOW}"), token(header, &claims).as_bytes());
        out += &format!("{header}\n{}", complaints(&run));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_clients_secret_verifies_its_id_tokens() {
    let catalog = super::CATALOG.replace("id: web,", "id: web, confidential: true,");
    let secret = r#"{ "kty": "oct", "k": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE" }"#;
    let scene = scene().bytes("claims.yaml", catalog.as_bytes()).bytes("secret.jwk", secret.as_bytes());
    let request = REQUEST.replacen('{', &format!("{{ \"now\": {NOW},"), 1);
    let run = scene.feed("mint --request - --key ec.pem --key secret.jwk", request.as_bytes());
    let response: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let token = response["id_token"].as_str().unwrap();
    let run = scene.feed(&format!("inspect - --now {NOW} --jwks secret.jwk"), token.as_bytes());
    assert!(run.stdout.contains("signature verified: HS256 with the client's secret"), "{}", run.stdout);
    let access = response["access_token"].as_str().unwrap();
    let run = scene.feed(&format!("inspect - --now {NOW} --jwks secret.jwk"), access.as_bytes());
    assert!(run.stdout.contains("verifies HS256 only") && run.exit == 1, "{}", run.stdout);
}

#[test]
fn key_sets_that_are_none() {
    let scene = scene();
    let token = access_token(&mint(&scene, REQUEST, "ec.pem"));
    let large = format!(r#"{{"keys":[{}]}}"#, "{\"kty\":\"RSA\"},".repeat(800_000) + "{}");
    let many = format!(r#"{{"keys":[{}{{}}]}}"#, "{},".repeat(300));
    let mut out = String::new();
    for (what, text) in [
        ("10 MB", large.as_str()),
        ("300 keys", many.as_str()),
        ("PEM", "\n-----BEGIN PUBLIC KEY-----"),
        ("no JSON", "keys: []"),
        ("no keys", r#"{"jwks_uri":"https://id.acme.example/jwks"}"#),
        ("keys that are no list", r#"{"keys":{}}"#),
        (
            "a published secret",
            r#"{"keys":[{"kty":"oct","k":"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"}]}"#,
        ),
        ("a published private key", r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}]}"#),
        ("a private key", r#"{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}"#),
        ("a weak secret", r#"{"kty":"oct","k":"AAAA"}"#),
        ("duplicate members", r#"{"keys":[],"keys":[]}"#),
        ("an empty set", r#"{"keys":[]}"#),
        (
            "keys that are none",
            r#"{"keys":[1,null,{"kty":"RSA"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#,
        ),
    ] {
        let scene = Scene::new().bytes("jwks.json", text.as_bytes());
        let run = scene.feed(&format!("inspect - --now {NOW} --jwks jwks.json"), token.as_bytes());
        out += &format!("{what}\n{}", complaints(&run));
    }
    let named = Regex::new("`[\\w-]{43}`").unwrap();
    insta::assert_snapshot!(named.replace_all(&out, "`[kid]`"));
}

#[test]
fn texts_that_are_no_tokens() {
    let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"u"}"#);
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#);
    let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let encrypted = encoded(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT"}"#);
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    let scene = Scene::new();
    let mut out = String::new();
    for (what, text) in [
        ("nothing", " \n".to_owned()),
        ("opaque", "2YotnFZFEjr1zCsicMWpAA".to_owned()),
        ("opaque with dots", "v4.public.abc.def".to_owned()),
        ("prose", "where is my token?".to_owned()),
        ("two parts", format!("{header}.{claims}")),
        ("four parts", format!("{header}.{claims}.AA.AA")),
        ("encrypted", format!("{encrypted}.AA.AA.AA.AA")),
        ("encrypted, broken", "eyJ.AA.AA.AA.AA".to_owned()),
        ("nested by its header", format!("{}.{claims}.AA", encoded(r#"{"alg":"ES256","cty":"jwt"}"#))),
        ("plain base64", format!("{header}.{claims}=.AA")),
        ("broken in lines", format!("{header}.{claims}\n.AA")),
        ("quoted on one side", format!("\"{header}.{claims}.AA")),
        ("header with odd bits", format!("{header}x.{claims}.AA")),
        ("payload that is no base64url", format!("{header}.{}.AA", "a")),
        ("signature that is no base64url", format!("{header}.{claims}.A")),
        ("detached", format!("{header}..AA")),
        ("payload that is no JSON", format!("{header}.{}.AA", encoded("{\"sub\":"))),
        ("payload that is no object", format!("{header}.{}.AA", encoded("[1]"))),
        ("payload that is no UTF-8", format!("{header}.{}.AA", URL_SAFE_NO_PAD.encode(b"{\"a\":\"\xff\"}"))),
        ("duplicate claims", format!("{header}.{}.AA", encoded(r#"{"sub":"a","sub":"b"}"#))),
        ("duplicate in the header", format!("{}.{claims}.AA", encoded(r#"{"alg":"none","alg":"ES256"}"#))),
        ("too deep", format!("{header}.{}.AA", encoded(&format!("{{\"a\":{deep}}}")))),
        ("JSON serialization", r#"{"payload":"e30","signatures":[]}"#.to_owned()),
        ("error response", r#"{"error":"invalid_grant\u001b[2J","error_description":"no"}"#.to_owned()),
        ("selective disclosure", format!("{header}.{claims}.AA~WyJhIl0~")),
        ("1 MB", format!("{header}.{}.AA", "A".repeat(1 << 20))),
        ("10 MB", "A".repeat(10 << 20)),
    ] {
        out += &format!("{what}\n{}", complaints(&scene.feed("inspect -", text.as_bytes())));
    }
    let bytes = scene.feed("inspect -", b"eyJ\xff");
    out += &format!("bytes\n{}", complaints(&bytes));
    let bearer =
        scene.feed("inspect - --now 1", format!("Authorization: Bearer {header}.{claims}.AA\r\n").as_bytes());
    let quoted = scene.feed("inspect - --now 1", format!("\"{header}.{claims}.AA\"").as_bytes());
    assert_eq!(quoted.stdout, bearer.stdout);
    out += &format!("copied with its header\n{}", complaints(&bearer));
    insta::assert_snapshot!(out);
}

#[test]
fn nothing_in_a_token_steers_the_terminal() {
    let claims = "{\"sub\":\"\\u001b[31mred\\u0007\",\"exp\":1781000600,\"a\\nerror: forged\":1,\"\\u202eevil\":\"\\u009b2J\",\
                  \"\u{9b}31m\":\"\u{2066}\",\"iss\":\"\\u001b]0;title\\u0007\",\"x = 1\":\"\\u0000\"}";
    let token =
        token("{\"alg\":\"\\u001b[2J\",\"kid\":\"\\u001b[31m\u{202e}\",\"typ\":\"\\u001b[1m\"}", claims);
    let scene = scene();
    let mut all = Vec::new();
    for arguments in ["", ".", "--jwks jwks.json", "--format json", ". --audience \u{1b}[31m"] {
        let text = shown(&scene, &at(0, arguments), &token);
        // What was typed is not the output.
        let output = text.split_once('\n').unwrap().1.to_owned();
        let steers = |c: char| {
            (c.is_control() && c != '\n')
                || ('\u{202a}'..='\u{202e}').contains(&c)
                || ('\u{2066}'..='\u{2069}').contains(&c)
        };
        assert!(!output.contains(steers), "{output:?}");
        all.push(output);
    }
    insta::assert_snapshot!(all.concat());
}

#[test]
fn times_are_judged_by_the_clock_that_is_given() {
    let scene = Scene::new();
    let mut out = String::new();
    for (what, claims) in [
        ("valid", r#"{"iat":1780999990,"exp":1781000600}"#),
        ("this very second", r#"{"exp":1781000000}"#),
        ("expired days ago", r#"{"exp":1780740000,"nbf":1,"iat":1}"#),
        ("not yet", r#"{"exp":1781009000,"nbf":1781000061}"#),
        ("from the future", r#"{"exp":1781009000,"iat":1781000500}"#),
        ("a fraction", r#"{"exp":1781000000.5}"#),
        ("an exponent", r#"{"exp":1.7810006e9}"#),
        ("a text", r#"{"exp":"1781000600"}"#),
        ("a date", r#"{"exp":"2027-01-01T00:00:00Z"}"#),
        ("beyond all times", r#"{"exp":1e300}"#),
        ("milliseconds", r#"{"exp":1781000600000}"#),
        ("the largest number", r#"{"exp":9223372036854775807,"iat":-9223372036854775808}"#),
        ("null", r#"{"exp":null,"nbf":[]}"#),
        ("none", r#"{"sub":"u"}"#),
    ] {
        let token = plain(claims);
        let run = scene.feed(&format!("inspect - --now {NOW}"), token.as_bytes());
        let times: Vec<&str> = run
            .stdout
            .lines()
            .filter(|line| {
                ["  issued", "  valid from", "  expire"].iter().any(|start| line.starts_with(start))
            })
            .collect();
        let lines = complaints(&run);
        let lines: Vec<&str> =
            lines.lines().filter(|line| !line.contains("missing-protocol-claim")).collect();
        out += &format!("{what}: {claims}\n{}\n{}\n", times.join("\n"), lines.join("\n"));
    }
    insta::assert_snapshot!(out);
}

/// What is said of each token, the last note left out, which is always the same.
fn told(scene: &Scene, tokens: &[(&str, &str, String)]) -> String {
    let mut out = String::new();
    for (what, arguments, token) in tokens {
        let text = shown(scene, &at(0, arguments), token);
        let text = text.split("note: whoever has a token").next().unwrap();
        out += &format!("## {what}\n{text}\n");
    }
    out.replace(&"x".repeat(200), "[200 x]")
}

/// Members that every token has.
const API: &str = r#""iss":"https://id.acme.example/","iat":1781000000,"exp":1781000600,"jti":"j""#;

#[test]
fn tokens_for_somebody_else() {
    let tokens = [
        (
            "an ID token at an API",
            ". --audience api",
            token(r#"{"alg":"ES256"}"#, &format!(r#"{{{API},"sub":"u","aud":"web","nonce":"n"}}"#)),
        ),
        (
            "the wrong API",
            ". --audience https://other.acme.example",
            plain(&format!(r#"{{{API},"sub":"u","aud":["https://api.acme.example"],"client_id":"web"}}"#)),
        ),
        ("no audience", "--audience api", plain(&format!(r#"{{{API},"sub":"u","client_id":"web"}}"#))),
        (
            "another issuer, client and API, of another issuer's manners",
            ".",
            token(
                r#"{"alg":"ES256","typ":"JWT"}"#,
                r#"{"iss":"https://id.acme.example","iat":1781000000,"exp":1781000600,"sub":7,"aud":"https://mail.example","cid":"x","scp":["read"],"roles":"admin","nameid":"u","tid":"t"}"#,
            ),
        ),
    ];
    insta::assert_snapshot!(told(&scene(), &tokens));
}

#[test]
fn tokens_that_libraries_stumble_over() {
    let large = "x".repeat(9000);
    let catalog = super::CATALOG
        .replace("\"https://api.acme.example\" }", "\"https://api.acme.example\", max_token_bytes: 2000 }");
    let scene = scene().bytes("claims.yaml", catalog.as_bytes());
    let tokens = [
        (
            "the client as audience, two scopes",
            ".",
            plain(&format!(
                r#"{{{API},"sub":"u","aud":"web","client_id":"web","scope":"openid email","scp":"read"}}"#
            )),
        ),
        (
            "a list of scopes",
            "",
            plain(&format!(r#"{{{API},"sub":"u","aud":"a","client_id":"web","scope":["read"]}}"#)),
        ),
        (
            "too large",
            ".",
            plain(&format!(
                r#"{{{API},"sub":"u","aud":"https://api.acme.example","client_id":"web","acme":"{large}"}}"#
            )),
        ),
        (
            "for a cookie too large",
            "",
            plain(&format!(
                r#"{{{API},"sub":"u","aud":"a","client_id":"web","acme":"{}"}}"#,
                "x".repeat(3000)
            )),
        ),
        (
            "a logout token",
            ".",
            token(
                r#"{"alg":"ES256","typ":"logout+jwt"}"#,
                &format!(
                    r#"{{{API},"sub":"u","aud":"web","events":{{"http://schemas.openid.net/event/backchannel-logout":{{}}}}}}"#
                ),
            ),
        ),
        (
            "another kind",
            "",
            token(r#"{"alg":"ES256","typ":"dpop+jwt"}"#, r#"{"htm":"GET","iat":1781000000}"#),
        ),
        (
            "a long text in the header",
            "--jwks jwks.json",
            token(&format!(r#"{{"alg":"ES256","kid":"{large}"}}"#), r#"{"exp":1781000600}"#),
        ),
    ];
    insta::assert_snapshot!(told(&scene, &tokens));
}

#[test]
fn usage() {
    insta::assert_snapshot!(
        scene()
            .show("inspect")
            .show("inspect - -")
            .show("inspect - --jwks -")
            .show("inspect a nowhere")
            .show("inspect a --catalog claims.yaml")
            .show("inspect a --now noon")
            .show("inspect a --jwks nowhere.json")
            .bytes("policy.claims", b"add \"https://acme.example/a\" = user.emial\n")
            .show("inspect a .")
            .record()
    );
}
