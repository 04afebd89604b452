//! What does not fit is told when a policy is loaded.

use std::collections::HashMap;

use claimsc::input::{Attributes, Roots};

use super::{policy, refusal};

const CATALOG: &str = r#"
language: 1
owned_domains: [acme.example]
user:
  sub: string
  email: string
  verified: bool
  nickname: string?
  locale: { type: string, default: en }
  level: int
  ratio: number
  groups: "string[]"
  numbers: "int[]"
  since: timestamp
  ttl: duration
  status: { type: string, enum: [active, blocked] }
  tags: "map[string]"
  address: { city: string, country: string?, geo: { north: number } }
  extra: json
session: { id: string? }
organization: { id: string }
"#;

const POLICY: &str = r#"
namespace ns = "https://acme.example/"
add ns/email = user.email
add ns/verified = user.verified
add ns/nickname = user.nickname
add ns/locale = user.locale
add ns/level = user.level
add ns/ratio = user.ratio
add ns/groups = user.groups
add ns/numbers = user.numbers
add ns/since = user.since.unix()
add ns/ttl = user.ttl > 5m
add ns/status = user.status
add ns/tags = user.tags
add ns/address = user.address
add ns/city = user.address.city
add ns/north = user.address.geo.north
add ns/extra = user.extra
add ns/session = session.id
add ns/org = organization.id
"#;

/// A struct with a user in it.
macro_rules! login {
    ($user:ty) => {
        #[derive(Roots)]
        struct Login {
            user: Option<$user>,
            organization: Organization,
        }

        #[derive(Attributes)]
        struct Organization {
            id: u8,
        }
    };
}

#[test]
fn types_that_do_not_fit() {
    #[derive(Attributes)]
    struct User {
        email: Vec<String>,
        verified: String,
        nickname: bool,
        locale: i64,
        level: f64,
        ratio: String,
        groups: String,
        numbers: Vec<Option<String>>,
        since: bool,
        ttl: f64,
        status: i64,
        tags: Vec<String>,
        address: String,
        extra: HashMap<String, Vec<bool>>,
    }
    login!(User);
    insta::assert_snapshot!(refusal::<Login>(&policy(CATALOG, POLICY)));
}

#[test]
fn fields_that_are_lacking_or_may_be_none() {
    #[derive(Attributes)]
    struct User<'a> {
        email: Option<&'a str>,
        #[claims(rename = "verified")]
        is_verified: Option<bool>,
        level: i64,
        groups: Vec<Option<String>>,
        tags: HashMap<String, Option<String>>,
        address: Option<Address>,
        #[claims(skip)]
        #[expect(dead_code, reason = "no policy sees it")]
        ratio: f64,
    }
    #[derive(Attributes)]
    struct Address {
        country: Option<String>,
        geo: HashMap<String, f64>,
    }
    login!(User<'static>);
    insta::assert_snapshot!(refusal::<Login>(&policy(CATALOG, POLICY)));
}

#[test]
fn roots_that_are_lacking() {
    #[derive(Roots)]
    struct Machine {}
    insta::assert_snapshot!(refusal::<Machine>(&policy(CATALOG, POLICY)));
    let silent = policy(CATALOG, "namespace ns = \"https://acme.example/\"\nadd ns/session = session.id\n");
    assert!(silent.bind::<Machine>().is_ok(), "what is optional may be lacking");
}
