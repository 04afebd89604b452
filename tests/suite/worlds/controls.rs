//! The negative control: for each lemma of the proofs a policy in which everything that the compiler says is right and
//! nothing is missing, and no longer so without the lemma.

use claimsc::logic::lemma::Lemma;

use super::attribute::{Attribute, Kind, json};
use super::compare::{compare, compare_without};
use super::conditions::atom;
use super::observe::observe;
use super::print;
use super::tree::{Action, Branch, Chain, Ensured, Node, Promise, Tree, Verb, Written};
use super::world::{Audience, Client, MAX_REQUESTS, World};

#[test]
fn every_lemma_is_needed() {
    let mut problems = String::new();
    for lemma in Lemma::ALL {
        let Control { world, tree } = control(*lemma);
        let text = print::policy(&tree).text;
        let observed = match observe(&world, &tree, MAX_REQUESTS) {
            Ok(observed) => observed,
            Err(skipped) => {
                problems += &format!("{lemma:?}: {skipped:?}\n{}\n{text}\n", world.catalog);
                continue;
            }
        };
        let faults = compare(&world, &tree, &observed).faults();
        if !faults.is_empty() {
            problems += &format!("{lemma:?}, with all lemmas: {faults:#?}\n{text}\n");
        }
        let faults = compare_without(&world, &tree, &observed, Some(*lemma)).faults();
        println!("{lemma:?} left out: {}", faults.join(", "));
        if faults.is_empty() {
            problems += &format!("{lemma:?} left out, and nobody notices\n{}\n{text}\n", world.catalog);
        }
    }
    assert!(problems.is_empty(), "{problems}");
}

struct Control {
    world: World,
    tree: Tree,
}

#[expect(clippy::too_many_lines, reason = "a table: one entry for each lemma")]
fn control(lemma: Lemma) -> Control {
    let bare = || world(&[]);
    match lemma {
        Lemma::OneGrant => never(bare(), "grant = authorization_code and grant = refresh_token"),
        Lemma::OneClient => never(bare(), "client = web and client = app"),
        Lemma::GrantsOfClient => never(bare(), "client = job and grant = authorization_code"),
        Lemma::AudiencesOfClient => never(bare(), "client = web and audience = shop"),
        Lemma::OneAmongOthers => never(bare(), "grant = authorization_code and audience = shop"),
        Lemma::ListedClients => never(bare(), "client.metadata.tier = \"bronze\""),
        Lemma::CountedAudiences => never(bare(), "audience = api and audience = shop"),
        Lemma::AudienceSets => never(bare(), "api in audience and shop in audience"),
        Lemma::ScopesOfAudience => never(bare(), "audience = shop and \"write\" in scopes"),
        Lemma::ClientAttributes => never(bare(), "client = job and client.metadata.tier = \"gold\""),
        Lemma::Constants => {
            let mut world = bare();
            world.catalog += "config: { limit: { type: int, value: 5 } }\n";
            let tree = only_if("config.limit < 10", add("\"a\""));
            ensure(world, tree, Ensured::Always("ns/level"), None)
        }
        Lemma::UserOfGrant => never(bare(), "grant = client_credentials and user exists"),
        Lemma::Login => {
            Control { world: bare(), tree: only_if("grant in login and grant = refresh_token", add("\"a\"")) }
        }
        Lemma::FirstAudience => never(
            bare(),
            "grant = refresh_token and audience = api and original.audience exists \
             and not (\"https://api.example\" in original.audience)",
        ),
        Lemma::EarlierBranches => {
            let branch = |condition: &str| branch(condition, vec![verb(add("\"a\""))]);
            let branches = vec![branch("audience = api"), branch("client = web and audience = api")];
            let chain = Node::Chain(Chain { branches, otherwise: None });
            Control { world: bare(), tree: tree(vec![chain]) }
        }
        Lemma::Exceptions => {
            let denial = Verb {
                unless: Some(atom("audience = api", true, false)),
                ..plain_verb(Action::Deny { text: "no".to_owned() })
            };
            let tree = tree(vec![Node::Verb(denial)]);
            ensure(bare(), tree, Ensured::Deny, Some("grant = authorization_code"))
        }
        Lemma::Delegation => {
            let actor = attribute("actor", "", true, r#"[{ "sub": "svc" }]"#);
            let mut world = world(&[actor]);
            world.explicit_delegation = true;
            world.clients[2].grants.push("token_exchange");
            let tree = tree(vec![verb(add("\"a\""))]);
            ensure(finished(world), tree, Ensured::Never("ns/level"), Some("actor exists"))
        }
        Lemma::Denials => {
            let denial = when("audience = api", Action::Deny { text: "no".to_owned() });
            let tree = tree(vec![denial, verb(add("\"a\""))]);
            ensure(bare(), tree, Ensured::Never("ns/level"), Some("audience = api"))
        }
        Lemma::Levels => {
            let default = write("default", "\"a\"");
            Control { world: bare(), tree: tree(vec![verb(default), verb(add("\"b\""))]) }
        }
        Lemma::Removals => {
            let removal = when("audience = api", Action::Remove { claim: "ns/level" });
            let tree = tree(vec![verb(add("\"a\"")), removal]);
            ensure(bare(), tree, Ensured::Never("ns/level"), Some("audience = api"))
        }
        Lemma::EqualValues => {
            let (api, web) = (
                when("audience = api", add("\"a\"")),
                when("client = web", add("if client = web then \"a\" else \"b\"")),
            );
            Control { world: bare(), tree: tree(vec![api, web]) }
        }
        Lemma::SetAudience => {
            let set = when("requested.audience.is_empty()", Action::Audience { value: "api".to_owned() });
            let idle = when("requested.audience.is_empty() and audience = shop", add("\"a\""));
            Control { world: bare(), tree: tree(vec![set, idle]) }
        }
        Lemma::FinalScopes => {
            let words = "add scope";
            let scope = when("audience = api", Action::Scope { words, value: "\"write\"".to_owned() });
            let tree = tree(vec![scope, when("\"write\" in scopes", add("\"a\""))]);
            ensure(bare(), tree, Ensured::Always("ns/level"), Some("audience = api"))
        }
        Lemma::MissingUser => {
            let nick = attribute("user.nick", "string", true, r#"["dev"]"#);
            never(world(&[nick]), "grant = client_credentials and not user.nick exists")
        }
        Lemma::Absence => {
            let nick = attribute("user.nick", "string", true, r#"["dev"]"#);
            let tree = tree(vec![verb(add("user.nick"))]);
            ensure(world(&[nick]), tree, Ensured::Always("ns/level"), Some("user exists"))
        }
        Lemma::Failures => {
            let risk = attribute("external.risk", "", true, r#"[{ "score": 80 }, { "$failed": "no" }]"#);
            never(world(&[risk]), "external.risk failed and external.risk.score >= 80")
        }
        Lemma::Choices => {
            never(bare(), "(if audience = api then \"a\" else \"b\") = \"a\" and audience = shop")
        }
        Lemma::Rows => {
            let name = attribute("user.name", "string", false, r#"["a", "ab", "x"]"#);
            never(world(&[name]), "word_of[user.name] = \"A\" and user.name = \"ab\"")
        }
        Lemma::Sums => never(world(&[age()]), "user.age + 1 = 10 and user.age = 10"),
        Lemma::FewValues => {
            let first = attribute("user.first", "{ enum: [a, b] }", false, r#"["a", "b"]"#);
            let second = attribute("user.second", "{ enum: [b, c] }", false, r#"["b", "c"]"#);
            never(world(&[first, second]), "user.first = user.second and user.first = \"a\"")
        }
        Lemma::TextEquals => text("$ = \"dev\" and $ = \"ops\""),
        Lemma::TextStart => text("$ = \"dev\" and $.starts_with(\"o\")"),
        Lemma::TextEnd => text("$ = \"dev\" and $.ends_with(\"s\")"),
        Lemma::TextPart => text("$ = \"dev\" and $.contains(\"p\")"),
        Lemma::TextPattern => text("$ = \"dev\" and $.matches(/[a-d]+/)"),
        Lemma::TextLength => text("$ = \"dev\" and $.length() > 5"),
        Lemma::TextSteps => text("$ = \"dev\" and $.upper() = \"OPS\""),
        Lemma::TextCase => {
            let email = attribute("user.email", "email", false, r#"["a@x.example", "B@X.example"]"#);
            never(world(&[email]), "user.email = \"A@x.example\" and user.email = \"B@x.example\"")
        }
        Lemma::TextWords => {
            let plan = attribute("user.plan", "{ enum: [free, pro] }", false, r#"["free", "pro"]"#);
            never(world(&[plan]), "user.plan != \"free\" and user.plan != \"pro\"")
        }
        Lemma::LongestText => text("$.starts_with(\"developers\")"),
        Lemma::Fractions => {
            let rate = attribute("user.rate", "number", false, "[0.5, 1, 1.5, 2, 2.5]");
            never(world(&[rate]), "user.rate < 1 and user.rate > 2")
        }
        Lemma::Bounds => never(world(&[age()]), "user.age < 10 and user.age > 20"),
        Lemma::Differences => {
            let limit = attribute("user.limit", "int", false, "[9, 10, 11]");
            never(world(&[age(), limit]), "user.age < user.limit and user.limit < user.age")
        }
        Lemma::Ranges => never(world(&[age()]), "user.age > 150"),
        Lemma::Elements => list("\"ab\" in $ and not $.any(g => g.starts_with(\"a\"))"),
        Lemma::ListLength => list("$.length() > 2 and $.length() < 2"),
        Lemma::LongestList => list("$.length() > 3"),
    }
}

/// A policy with a statement that never acts.
fn never(world: World, condition: &str) -> Control {
    Control { world, tree: only_if(condition, add("\"a\"")) }
}

/// The same about a text, `$`.
fn text(condition: &str) -> Control {
    let name = Attribute {
        bounds: "max_length: 8",
        ..attribute("user.name", "string", false, r#"["dev", "ops", "oops", "develop", "p"]"#)
    };
    never(world(&[name]), &condition.replace('$', "user.name"))
}

/// The same about a list, `$`.
fn list(condition: &str) -> Control {
    let groups = Attribute {
        bounds: "max_items: 3",
        ..attribute(
            "user.groups",
            "\"string[]\"",
            false,
            r#"[[], ["ab"], ["b"], ["ab", "b"], ["a", "b", "c"]]"#,
        )
    };
    never(world(&[groups]), &condition.replace('$', "user.groups"))
}

fn age() -> Attribute {
    Attribute {
        bounds: "min: -5, max: 150",
        ..attribute("user.age", "int", false, "[-5, 9, 10, 11, 21, 150]")
    }
}

fn attribute(path: &'static str, ty: &'static str, optional: bool, values: &str) -> Attribute {
    let values = json(values);
    let values = values.as_list().expect("a list").iter().cloned().map(Some);
    let absent = optional.then_some(None);
    let values = absent.into_iter().chain(values).collect();
    Attribute { path, ty, kind: Kind::Party, optional, label: None, bounds: "", values, tests: Vec::new() }
}

/// Two audiences and three clients, and nobody else.
fn world(attributes: &[Attribute]) -> World {
    let audience = |alias, id, scopes| Audience { alias, id, accepts: None, scopes, max_token_bytes: None };
    let client =
        |alias, id, grants, audiences, tier| Client { alias, id, grants, audiences, tier, accepts: None };
    finished(World {
        catalog: String::new(),
        attributes: attributes.to_vec(),
        audiences: vec![
            audience("api", "https://api.example", Some(&["read", "write"])),
            audience("shop", "https://shop.example", Some(&["read"])),
        ],
        has_set: false,
        open_audiences: false,
        explicit_delegation: false,
        clients: vec![
            client(
                "web",
                "web-1",
                vec!["authorization_code", "refresh_token"],
                Some(vec!["api"]),
                Some("gold"),
            ),
            client("app", "app-3", vec!["authorization_code"], Some(vec!["api"]), None),
            client("job", "job-2", vec!["client_credentials"], Some(vec!["api", "shop"]), Some("silver")),
        ],
        open_clients: false,
    })
}

/// With its text.
fn finished(world: World) -> World {
    World { catalog: world.yaml(), ..world }
}

fn tree(items: Vec<Node>) -> Tree {
    Tree { lets: Vec::new(), items, promises: Vec::new() }
}

fn only_if(condition: &str, action: Action) -> Tree {
    tree(vec![when(condition, action)])
}

fn when(condition: &str, action: Action) -> Node {
    Node::Chain(Chain { branches: vec![branch(condition, vec![verb(action)])], otherwise: None })
}

fn branch(condition: &str, body: Vec<Node>) -> Branch {
    Branch { condition: atom(condition, true, condition.contains("user.")), target: None, body }
}

fn verb(action: Action) -> Node {
    Node::Verb(plain_verb(action))
}

fn plain_verb(action: Action) -> Verb {
    Verb { action, target: None, unless: None }
}

fn add(value: &str) -> Action {
    write("add", value)
}

fn write(word: &'static str, value: &str) -> Action {
    Action::Write { word, claim: "ns/level", member: None, value: Written::Text(value.to_owned()) }
}

fn ensure(world: World, mut tree: Tree, what: Ensured, when: Option<&str>) -> Control {
    let when = when.map(|condition| atom(condition, true, condition.contains("user.")));
    tree.promises.push(Promise::Ensure { what, audience: None, token: None, when });
    Control { world, tree }
}
