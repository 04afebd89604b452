//! `claimsc check`.

use super::{CATALOG, Scene, clean};

#[test]
fn a_clean_policy() {
    insta::assert_snapshot!(clean().show("check").show("check --quiet").show("check --format json").record());
}

#[test]
fn findings_for_people_and_for_tools() {
    insta::assert_snapshot!(
        Scene::new()
            .file("policy.claims", "namespace ns = \"https://acme.example/claims/\"\nadd ns/a = user.emial\n")
            .file("more/policy.claims", "add ns/b = user.email = 1\nadd ns/c = (1\n")
            .bytes("claims.yaml", CATALOG.as_bytes())
            .show("check")
            .show("check --format json")
            .record()
    );
}

#[test]
fn a_mistake_in_the_catalog() {
    insta::assert_snapshot!(
        Scene::new()
            .file("policy.claims", "")
            .file("claims.yaml", "language: 1\nissuers: https://id.acme.example/\n")
            .show("check")
            .record()
    );
}

#[test]
fn warnings_fail_where_they_are_denied() {
    let scene = Scene::new()
        .file(
            "policy.claims",
            "namespace ns = \"https://acme.example/claims/\"\n\nadd ns/a = 1\n/// about nothing\n",
        )
        .bytes("claims.yaml", CATALOG.as_bytes());
    insta::assert_snapshot!(
        scene
            .show("check")
            .show("check --quiet")
            .show("check --deny warnings --quiet --format json")
            .record()
    );
}

#[test]
fn constants_are_bound_from_a_file() {
    let catalog = format!("{CATALOG}config: {{ region: string, limit: {{ type: int, value: 5 }} }}\n");
    let scene = Scene::new()
        .bytes(
            "policy.claims",
            b"namespace ns = \"https://acme.example/claims/\"\nadd ns/region = config.region\nadd ns/limit = config.limit\n",
        )
        .bytes("claims.yaml", catalog.as_bytes())
        .file("good.json", "{ \"region\": \"eu\" }")
        .file("good.yaml", "# one line\nregion: eu\n")
        .file("wrong.yaml", "region: [eu]\n")
        .file("anchor.yml", "region: &r eu\n")
        .file("list.yaml", "- eu\n")
        .file("list.json", "[1]")
        .file("cut.json", "{\n  \"region\": \"e")
        .file("wrong.json", "{ \"region\": 7 }");
    insta::assert_snapshot!(
        scene
            .show("check --config good.json")
            .show("check --config good.yaml")
            .show("check --config wrong.yaml")
            .show("check --config anchor.yml")
            .show("check --config list.yaml")
            .show("check --config list.json")
            .show("check --config cut.json")
            .show("check --config wrong.json")
            .show("check --config none.json")
            .record()
    );
}

#[test]
fn what_is_proven_and_what_is_not() {
    let policy = "namespace ns = \"https://acme.example/claims/\"
if grant = client_credentials then add ns/a = 1
if user exists then add ns/b = user.sub
ensure never ns/a when user exists
ensure never ns/a
ensure always ns/b
ensure deny when grant = password and not (user exists)
";
    let scene = Scene::new().file("policy.claims", policy).bytes("claims.yaml", CATALOG.as_bytes());
    insta::assert_snapshot!(
        scene
            .show("check --proofs")
            .show("check --proofs --format json")
            .show("check --proofs --format sarif")
            .show("check --witnesses shown/requests --format concise")
            .show("eval --request shown/requests/refuted-ensure-1.json")
            .file("good.claims", "ensure never \"https://acme.example/claims/a\" to id_token\n")
            .show("check good.claims --catalog claims.yaml --proofs --format concise")
            .show("eval good.claims --catalog claims.yaml --request shown/requests/refuted-ensure-2.json")
            .file("broken.claims", "add = 1")
            .show("check broken.claims --proofs --format concise")
            .record()
    );
}

#[test]
fn witnesses_need_a_folder() {
    let scene = Scene::new().file("policy.claims", "").file("taken", "");
    insta::assert_snapshot!(scene.show("check --witnesses taken").record());
}

#[test]
fn what_exceeds_a_budget_is_undecided_by_its_name() {
    let catalog = format!("{CATALOG}budgets: {{ proposals: 0 }}\n");
    let scene = Scene::new()
        .file(
            "policy.claims",
            "namespace ns = \"https://acme.example/claims/\"
if grant = authorization_code then add ns/tier = \"gold\"
if user exists then add ns/tier = \"free\"
ensure never ns/tier when not user exists
",
        )
        .bytes("claims.yaml", catalog.as_bytes());
    insta::assert_snapshot!(
        scene
            .show("check")
            .show("check --format concise --budget proposals=2000")
            .show("check --budget proposals=2000 --budget requests=0")
            .show("check --budget proposal=1")
            .show("check --budget proposals=many")
            .record()
    );
}
