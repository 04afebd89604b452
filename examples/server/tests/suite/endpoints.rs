//! Requests that no library sends.

use std::net::SocketAddr;

use claimsc::Value;

use super::http::{Response, get, post, send};
use super::program::Program;

const TOKEN: &str = "/token";
/// `billing` and its secret.
const BILLING: (&str, &str) = ("authorization", "Basic YmlsbGluZzpkZW1vLXNlY3JldC1vZi1iaWxsaW5n");
const AUTHORIZE: &str = "/authorize?client_id=shop&response_type=code&scope=openid&state=s%26x%3D1\
                         &redirect_uri=http%3A%2F%2F127.0.0.1%3A8081%2Fcallback\
                         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
/// Belongs to the challenge (RFC 7636 appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn refused(response: &Response, status: u16, error: &str) {
    assert_eq!((response.status, &*response.text("error")), (status, error), "{response:?}");
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert!(!response.text("error_description").is_empty());
}

#[test]
fn malformed_requests_are_refused() {
    let address = &Program::start(&[]);
    let address = address.address;
    let machine = "grant_type=client_credentials";
    for (headers, form, status, error) in [
        (&[BILLING][..], "", 400, "invalid_request"),
        (&[], machine, 400, "invalid_request"),
        (&[BILLING], "grant_type=client_credentials&grant_type=password", 400, "invalid_request"),
        (&[BILLING], "grant_type=client_credentials&client_secret=x", 400, "invalid_request"),
        (&[BILLING], "grant_type=client_credentials&client_id=nightly", 400, "invalid_request"),
        (&[BILLING], "grant_type=implicit", 400, "unsupported_grant_type"),
        (&[BILLING], "grant_type=password&username=a&password=b", 400, "unauthorized_client"),
        (&[("authorization", "Basic !")], machine, 401, "invalid_client"),
        (&[("authorization", "Bearer x")], machine, 401, "invalid_client"),
        (&[], "grant_type=client_credentials&client_id=nobody", 401, "invalid_client"),
        (&[], "grant_type=client_credentials&client_id=nobody&client_secret=x", 401, "invalid_client"),
        (&[], "grant_type=client_credentials&client_id=billing", 401, "invalid_client"),
        (&[], "grant_type=client_credentials&client_id=shop", 400, "unauthorized_client"),
        (&[], "grant_type=refresh_token&client_id=shop&client_secret=x", 401, "invalid_client"),
        (&[], "grant_type=refresh_token&client_id=shop&refresh_token=x", 400, "invalid_grant"),
        (&[], "grant_type=authorization_code&client_id=shop&code=x&code_verifier=y", 400, "invalid_grant"),
    ] {
        refused(&post(address, TOKEN, headers, form), status, error);
    }
    let json = send(address, "POST", TOKEN, &[BILLING, ("content-type", "application/json")], "{}");
    refused(&json, 400, "invalid_request");
    assert_eq!(post(address, TOKEN, &[BILLING], &"x".repeat(20_000)).status, 413);
    assert_eq!(get(address, TOKEN).status, 405);
    let right = post(address, TOKEN, &[BILLING], machine);
    assert_eq!((right.status, right.header("cache-control")), (200, Some("no-store")), "{right:?}");
}

#[test]
fn the_form_is_for_one_browser_and_one_use() {
    let program = Program::start(&[]);
    let address = program.address;
    let page = get(address, AUTHORIZE);
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").expect("a policy of content");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let cookie = page.header("set-cookie").expect("a cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a first part");
    let path = page.body.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a path");
    let form = "login=alice&password=demo-alice";

    assert_eq!(post(address, path, &[], form).status, 400, "without the cookie");
    assert_eq!(post(address, path, &[("cookie", "login=x")], form).status, 400, "with another");
    assert_eq!(post(address, "/login/x", &[("cookie", cookie)], form).status, 400, "of another sign-in");
    assert_eq!(post(address, path, &[("cookie", cookie)], "login=alice&password=x").status, 403);
    let back = post(address, path, &[("cookie", cookie)], form);
    assert_eq!(back.status, 303, "{back:?}");
    let location = back.header("location").expect("a way back").to_owned();
    assert!(location.starts_with("http://127.0.0.1:8081/callback?code="), "{location}");
    let ending = format!("&state=s%26x%3D1&iss=http%3A%2F%2F127.0.0.1%3A{}", address.port());
    assert!(location.ends_with(&ending), "{location}");
    assert_eq!(post(address, path, &[("cookie", cookie)], form).status, 400, "a second time");

    let code = location.split("code=").nth(1).and_then(|rest| rest.split('&').next()).expect("a code");
    let exchange = |redirect: &str| {
        let form = format!(
            "grant_type=authorization_code&client_id=shop&code={code}&code_verifier={VERIFIER}&redirect_uri={redirect}"
        );
        post(address, TOKEN, &[], &form)
    };
    refused(&exchange("http%3A%2F%2F127.0.0.1%3A8081%2Fcallback%2F"), 400, "invalid_grant");
    refused(&exchange("http%3A%2F%2F127.0.0.1%3A8081%2Fcallback"), 400, "invalid_grant");
    program.expect_log("warn used-again client=shop what=code");
}

#[test]
fn redirects_go_to_registered_addresses_only() {
    let program = Program::start(&[]);
    let registered = "http%3A%2F%2F127.0.0.1%3A8081%2Fcallback";
    for other in
        ["http%3A%2F%2F127.0.0.1%3A8081%2Fcallback%2F..", "http%3A%2F%2F127.0.0.1%3A9%2Fcallback", "", "x"]
    {
        let response = get(program.address, &AUTHORIZE.replace(registered, other));
        assert_eq!((response.status, response.header("location")), (400, None), "{other}");
    }
    let unknown = get(program.address, &AUTHORIZE.replace("client_id=shop", "client_id=%3Cscript%3E"));
    assert_eq!((unknown.status, unknown.header("location")), (400, None));
    assert!(!unknown.body.contains("<script>"));
    let twice = get(program.address, &format!("{AUTHORIZE}&redirect_uri=x"));
    assert_eq!((twice.status, twice.header("location")), (400, None));
    let hybrid = AUTHORIZE.replace("response_type=code", "response_type=code%20token");
    let refused = get(program.address, &hybrid);
    let location = refused.header("location").expect("a way back");
    assert!(
        location.starts_with("http://127.0.0.1:8081/callback?error=unsupported_response_type&"),
        "{location}"
    );
}

fn userinfo(address: SocketAddr, token: &str) -> Response {
    send(address, "GET", "/userinfo", &[("authorization", &format!("Bearer {token}"))], "")
}

#[test]
fn userinfo_answers_for_living_access_tokens_only() {
    let program = Program::start(&[]);
    let address = program.address;
    let form = "grant_type=password&client_id=shop-tests&client_secret=demo-secret-of-the-tests\
                &username=alice&password=demo-alice&scope=";
    let tokens = post(address, TOKEN, &[], &format!("{form}openid+email"));
    let (access, id) = (tokens.text("access_token"), tokens.text("id_token"));
    let right = userinfo(address, &access);
    assert_eq!((right.status, right.header("cache-control")), (200, Some("no-store")), "{right:?}");
    let names: Vec<String> =
        right.json().as_object().expect("claims").keys().map(ToString::to_string).collect();
    assert_eq!(names, ["sub", "email", "email_verified"]);

    let machine = post(address, TOKEN, &[BILLING], "grant_type=client_credentials").text("access_token");
    let narrow = post(address, TOKEN, &[], &format!("{form}profile")).text("access_token");
    let (message, signature) = access.rsplit_once('.').expect("a signature");
    let other_signature = machine.rsplit_once('.').expect("a signature").1;
    let altered = format!("{message}.{other_signature}");
    let unsigned = format!("{message}.");
    let cut = format!("{message}.{}", signature.get(1..).expect("more"));
    for (what, token) in [
        ("an ID token", &id),
        ("a machine's", &machine),
        ("without openid", &narrow),
        ("with another signature", &altered),
        ("without a signature", &unsigned),
        ("with a part of it", &cut),
        ("no token at all", &"x".to_owned()),
        ("a long one", &"x.".repeat(4000)),
    ] {
        let response = userinfo(address, token);
        assert_eq!(response.status, 401, "{what}");
        let challenge = response.header("www-authenticate").expect("a challenge");
        assert!(challenge.contains("error=\"invalid_token\""), "{what}: {challenge}");
    }
    let without = get(address, "/userinfo");
    assert_eq!(
        (without.status, without.header("www-authenticate")),
        (401, Some("Bearer realm=\"userinfo\""))
    );
}

#[test]
fn what_is_public_has_no_private_part() {
    let program = Program::start(&[]);
    let jwks = get(program.address, "/jwks");
    assert_eq!(jwks.header("content-type"), Some("application/jwk-set+json"));
    let jwks = jwks.json();
    let keys = jwks.get("keys").and_then(Value::as_list).expect("keys");
    assert_eq!(keys.len(), 1);
    for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
        assert!(keys[0].get(private).is_none(), "{private}");
    }
    let document = get(program.address, "/.well-known/openid-configuration");
    assert_eq!(document.text("issuer"), program.issuer());
    assert_eq!(document.body, get(program.address, "/.well-known/oauth-authorization-server").body);
    let metrics = get(program.address, "/metrics");
    assert!(metrics.header("content-type").is_some_and(|kind| kind.starts_with("text/plain; version=0.0.4")));
    assert!(metrics.body.contains("issuer_token_requests_total{grant=\"password\",outcome=\"issued\"} 0\n"));
}
