//! Every type that a field may have is read as what it is.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use claimsc::Policy;
use claimsc::input::{Attribute, Attributes, Input, Reading, Roots};

const CATALOG: &str = r#"
language: 1
owned_domains: [acme.example]
user:
  string: string
  str: string
  boxed: string
  arc: string
  cow: string
  newtype: string
  bool: bool
  i8: int
  u32: int
  i64: int
  u64: int
  huge: int
  f64: number
  vec: "string[]"
  slice: "int[]"
  shared: "bool[]"
  nested: { some: string, pointer: string }
  option: string?
  none: string?
  tree: "map[string]"
  hash: "map[int]"
  value: json
  json: json
  kind: string
"#;

#[derive(Roots)]
struct Login<'a> {
    user: All<'a>,
}

#[derive(Attributes)]
struct All<'a> {
    string: String,
    str: &'a str,
    boxed: Box<str>,
    arc: Arc<str>,
    cow: Cow<'a, str>,
    newtype: Wrapped<String>,
    bool: bool,
    i8: i8,
    u32: u32,
    i64: i64,
    u64: u64,
    huge: u64,
    f64: f64,
    vec: Vec<Arc<str>>,
    slice: &'a [i32],
    shared: Arc<[bool]>,
    nested: Arc<Nested<Box<String>>>,
    option: Option<Option<String>>,
    none: Option<String>,
    tree: BTreeMap<Arc<str>, String>,
    hash: HashMap<String, i64>,
    value: claimsc::Value,
    json: serde_json::Value,
    #[claims(rename = "kind")]
    r#type: String,
}

#[derive(Attributes)]
struct Wrapped<T>(T);

#[derive(Attributes)]
struct Nested<T> {
    some: T,
    pointer: Box<Arc<String>>,
}

fn policy() -> Policy {
    let names: Vec<&str> = CATALOG
        .lines()
        .skip_while(|line| !line.starts_with("user:"))
        .skip(1)
        .filter_map(|line| line.trim().split(':').next())
        .filter(|name| !name.is_empty())
        .collect();
    let mut text = "namespace ns = \"https://acme.example/\"\n".to_owned();
    for name in names {
        text.push_str(&format!("add ns/{name} = user.{name}\n"));
    }
    text.push_str(
        "add ns/some = user.nested.some\nadd ns/deep = user.json.deep.er\nadd ns/leaf = user.tree.leaf\n",
    );
    super::policy(CATALOG, &text)
}

#[test]
fn every_type_is_read_as_what_it_is() {
    let policy = policy();
    let binding = policy.bind::<Login<'_>>().unwrap_or_else(|errors| panic!("{errors}"));
    let text = || "text".to_owned();
    let login = Login {
        user: All {
            string: text(),
            str: "text",
            boxed: "text".into(),
            arc: "text".into(),
            cow: "text".into(),
            newtype: Wrapped(text()),
            bool: true,
            i8: -8,
            u32: 32,
            i64: i64::MIN,
            u64: 64,
            huge: u64::MAX,
            f64: 0.5,
            vec: vec!["a".into(), "b".into()],
            slice: &[1, 2],
            shared: [true, false].into(),
            nested: Arc::new(Nested { some: Box::new(text()), pointer: Box::new(Arc::new(text())) }),
            option: Some(Some(text())),
            none: None,
            tree: [("leaf".into(), text())].into(),
            hash: [("b".to_owned(), 2), ("a".to_owned(), 1)].into(),
            value: claimsc::Value::from(7),
            json: serde_json::json!({ "deep": { "er": [1, "x", null] } }),
            r#type: text(),
        },
    };
    let bound = binding.of(&login);
    let shown: String = policy
        .attributes()
        .iter()
        .map(|attribute| {
            let Attribute { path, .. } = attribute;
            let reading = bound.read(attribute);
            let value = reading.to_value().map(|value| value.to_json()).unwrap_or_default();
            let found =
                if let Reading::Missing { found } = reading { format!(" {found}") } else { String::new() };
            format!("{}: {reading:?}{found} {value}\n", path.join("."))
        })
        .collect();
    insta::assert_snapshot!(shown);
    let whole = bound.whole(claimsc::catalog::Root::User).expect("a user");
    insta::assert_snapshot!(whole.to_json());
}
