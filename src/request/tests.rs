use super::*;

fn read(json: &str) -> Result<Request, RequestError> {
    Request::from_json(json.as_bytes())
}

fn words(words: &[Arc<str>]) -> Vec<&str> {
    words.iter().map(|word| &**word).collect()
}

#[test]
fn the_whole_form() {
    let request = read(
        r#"{ "grant": "authorization_code", "client": "k8sYt1", "audience": "https://api.acme.example",
            "scopes": ["openid", "email", "openid"], "user": { "sub": "auth0|1" },
            "connection": { "name": "google" }, "organization": "org_1", "session": { "amr": ["mfa"] }, "actor": null,
            "request": { "ip": "10.0.0.1" }, "requested": { "scopes": "a  b" }, "original": { "grant": "ciba" },
            "external": {}, "config": {}, "now": "2026-11-20T12:00:00Z", "unknown": [] }"#,
    )
    .unwrap();
    assert_eq!(words(request.audience()), ["https://api.acme.example"]);
    assert_eq!(words(request.scopes()), ["openid", "email"]);
    assert_eq!(words(&request.requested().scopes), ["a", "b"]);
    assert_eq!(words(&request.requested().audience), ["https://api.acme.example"]);
    assert_eq!(request.connection().unwrap().to_json(), r#"{"name":"google","id":"google"}"#);
    assert_eq!(request.organization().unwrap().to_json(), r#"{"id":"org_1"}"#);
    assert_eq!(request.original().unwrap().grant, Some(Grant::Ciba));
    assert!(request.original().unwrap().scopes.is_none());
    assert!(request.actor().is_none());
    assert_eq!(request.now(), Some(1_795_176_000));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of requests")]
fn malformed_requests() {
    let machine = |rest: &str| format!(r#"{{ "grant": "client_credentials", "client": "c", {rest} }}"#);
    for (json, message) in [
        (
            String::new(),
            "the request is malformed JSON: the text ends where a JSON value is expected (byte 0)",
        ),
        ("[]".to_owned(), "the request is not an object"),
        (
            r#"{ "grant": "client_credentials", "client": "c""#.to_owned(),
            "the request is malformed JSON: the text ends where `,` or `}` is expected (byte 46)",
        ),
        (
            machine(r#""grant": "password""#),
            "the request is malformed JSON: the member `grant` stands twice (byte 48)",
        ),
        (
            machine(r#""user": { "a": 1, "a": 2 }"#),
            "the request is malformed JSON: the member `a` stands twice (byte 66)",
        ),
        (
            machine(r#""now": 1e999"#),
            "the request is malformed JSON: malformed number, or one that is out of range (byte 55)",
        ),
        (
            machine(&format!(r#""session": {}1{}"#, "[".repeat(65), "]".repeat(65))),
            "the request is malformed JSON: lists and objects are nested too deeply (byte 122)",
        ),
        (r#"{ "client": "c" }"#.to_owned(), "`grant` is missing"),
        (r#"{ "grant": "client_credentials" }"#.to_owned(), "`client` is missing"),
        (r#"{ "grant": "client_credential", "client": "c" }"#.to_owned(), "`grant` is not a known grant"),
        (r#"{ "grant": 1, "client": "c" }"#.to_owned(), "`grant` is not a string"),
        (r#"{ "grant": "jwt_bearer", "client": "" }"#.to_owned(), "`client` is empty"),
        (r#"{ "grant": "jwt_bearer", "client": [] }"#.to_owned(), "`client` is not a string or an object"),
        (r#"{ "grant": "jwt_bearer", "client": {} }"#.to_owned(), "`client.id` is missing"),
        (r#"{ "grant": "jwt_bearer", "client": { "id": 1 } }"#.to_owned(), "`client.id` is not a string"),
        (
            r#"{ "grant": "jwt_bearer", "client": { "id": "c", "metadata": [] } }"#.to_owned(),
            "`client.metadata` is not an object",
        ),
        (
            r#"{ "grant": "jwt_bearer", "client": { "id": "c", "confidential": "yes" } }"#.to_owned(),
            "`client.confidential` is not a boolean",
        ),
        (machine(r#""audience": 1"#), "`audience` is not a string or a list of strings"),
        (machine(r#""audience": ["a", 1]"#), "`audience` is not a list of strings"),
        (machine(r#""audience": """#), "`audience` holds an empty string"),
        (machine(r#""scopes": ["a b"]"#), "`scopes` holds what is not one scope (RFC 6749 section 3.3)"),
        (machine(r#""scopes": { "a": 1 }"#), "`scopes` is not a string or a list of strings"),
        (machine(r#""user": {}"#), "`user` is given, but a request with grant `client_credentials` has none"),
        (
            r#"{ "grant": "password", "client": "c" }"#.to_owned(),
            "`user` is missing, but a request with grant `password` has one",
        ),
        (
            r#"{ "grant": "password", "client": "c", "user": null }"#.to_owned(),
            "`user` is missing, but a request with grant `password` has one",
        ),
        (r#"{ "grant": "password", "client": "c", "user": "me" }"#.to_owned(), "`user` is not an object"),
        (machine(r#""connection": 1"#), "`connection` is not a string or an object"),
        (machine(r#""session": []"#), "`session` is not an object"),
        (machine(r#""requested": "x""#), "`requested` is not an object"),
        (
            machine(r#""requested": { "scopes": 1 }"#),
            "`requested.scopes` is not a string or a list of strings",
        ),
        (machine(r#""original": { "grant": "x" }"#), "`original.grant` is not a known grant"),
        (
            machine(r#""now": "yesterday""#),
            "`now` is not a time: RFC 3339 text with an offset, or whole seconds since 1970",
        ),
        (
            machine(r#""now": 1.5"#),
            "`now` is not a time: RFC 3339 text with an offset, or whole seconds since 1970",
        ),
    ] {
        assert_eq!(read(&json).map(|_| ()).unwrap_err().to_string(), message, "{json}");
    }
    let huge = format!(r#"{{ "x": "{}" }}"#, "x".repeat(16 << 20));
    assert_eq!(
        read(&huge).unwrap_err().to_string(),
        "the request is malformed JSON: more than 16777216 bytes of JSON (byte 16777216)"
    );
}

#[test]
fn values_of_hosts_are_bounded_in_depth_too() {
    let mut deep = Value::Null;
    for _ in 0..65 {
        deep = Value::list(vec![deep]);
    }
    let members = [("grant", Value::from("jwt_bearer")), ("client", Value::from("c")), ("session", deep)];
    let value = Value::object(members.into_iter().map(|(name, value)| (name.into(), value)).collect());
    let error = Request::from_value(&value).unwrap_err();
    assert_eq!(error.message(), "the request is nested more than 64 levels deep");
}
