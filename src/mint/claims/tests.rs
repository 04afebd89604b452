//! The last line of defence, which no policy that compiles gets to.

use super::*;
use crate::Compiler;
use crate::decision::Issued;
use crate::program::Scratch;
use crate::request::Request;

#[test]
fn a_protocol_claim_that_got_past_the_policy_is_not_signed() {
    let mut compiler = Compiler::new();
    compiler.catalog("claims.yaml", "{ language: 1, issuer: 'https://id.acme.example/' }");
    let policy = compiler.compile().policy.unwrap();
    let settings = Settings::of_policy(&policy).unwrap();
    let request = r#"{ "grant": "password", "client": "web", "audience": "a", "scopes": "openid", "user": { "sub": "u" } }"#;
    let request = Request::from_json(request.as_bytes()).unwrap();
    let issuance = Issuance::at(0, [0; 16]);
    for name in ["sub", "aud", "exp", "scope", "nonce", "at_hash", "act", "Sub", "scp", "sub#en"] {
        for token in [Token::Access, Token::Id, Token::Userinfo] {
            let mut issued = Issued { audience: vec!["a".into()], ..Issued::default() };
            issued.tokens.entry(token).or_default().insert(name.into(), Value::from(true));
            let mut scratch = Scratch::new();
            let issued = Issue::of(issued, &mut scratch);
            let facts = Facts::of(&policy, &settings, &request, &issuance, &issued, "id").unwrap();
            let mut text = String::new();
            let refused = match token {
                Token::Access => access_token(&facts, &mut text).map(|_| text),
                Token::Id => id_token(&facts, Algorithm::Es256, None, &mut text).map(|_| text),
                _ => userinfo(&policy, &request, &issued).map(|claims| claims.to_json()),
            };
            assert_eq!(refused, Err(MintError::ProtocolClaim(name.into())), "{token}");
        }
    }
}
