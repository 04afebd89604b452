//! `claimsc check --fix`.

use std::fs;
use std::path::Path;

use super::{CATALOG, Scene, clean};

/// A policy with a safe fix, an unsafe one, and a mistake that nobody can mend but its author.
fn mistakes() -> Scene {
    Scene::new()
        .file(
            "policy.claims",
            "namespace ns = \"https://acme.example/claims/\"\n\n@allow(unused-let, \"was needed\")\nadd ns/a = user.emial\nadd ns/b = user.email == \"x\"\nadd ns/c = 1 + \"x\"\n",
        )
        .bytes("claims.yaml", CATALOG.as_bytes())
}

fn text(scene: &Scene, name: &str) -> String {
    fs::read_to_string(scene.path(name)).unwrap()
}

#[test]
fn safe_fixes_and_others() {
    let scene = mistakes().show("check --fix --diff").show("check --fix --unsafe --diff").show("check --fix");
    let safely = text(&scene, "policy.claims");
    let scene = scene.show("check --fix --unsafe");
    let fully = text(&scene, "policy.claims");
    insta::assert_snapshot!(format!("{}==> safely <==\n{safely}\n==> fully <==\n{fully}", scene.record()));
}

#[test]
fn a_trial_changes_nothing_and_a_second_time_neither() {
    let scene = mistakes();
    let before = text(&scene, "policy.claims");
    let trial = scene.run("check --fix --unsafe --diff");
    assert!(trial.stdout.starts_with("--- a/policy.claims\n+++ b/policy.claims\n@@"), "{}", trial.stdout);
    assert_eq!(text(&scene, "policy.claims"), before);
    scene.run("check --fix --unsafe");
    let after = text(&scene, "policy.claims");
    assert_ne!(after, before);
    scene.run("check --fix --unsafe");
    assert_eq!(text(&scene, "policy.claims"), after);
    assert_eq!(scene.run("check --fix --unsafe --diff").stdout, "");
}

#[test]
fn a_catalog_in_the_folder_is_fixed_and_one_elsewhere_is_not() {
    let old = "language: 1\nissuer: https://id.acme.example/\nowned_domain: [acme.example]\n";
    let scene = clean()
        .bytes("p/policy.claims", b"")
        .bytes("p/claims.yaml", old.as_bytes())
        .bytes("other.yaml", old.as_bytes());
    assert!(scene.run("check p --fix --unsafe").stderr.starts_with("1 fix applied in 1 file\n"));
    assert!(text(&scene, "p/claims.yaml").contains("owned_domains:"));
    let elsewhere = scene.run("check p --catalog other.yaml --fix --unsafe");
    assert!(elsewhere.stderr.starts_with("0 fixes applied\n"), "{}", elsewhere.stderr);
    assert_eq!(text(&scene, "other.yaml"), old);
}

#[test]
fn what_cannot_be_fixed_is_usage() {
    insta::assert_snapshot!(
        clean()
            .show("check - --fix")
            .show("check --unsafe")
            .show("check --diff")
            .show("check --fix --diff --format json")
            .show("check --fix")
            .record()
    );
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn permissions_and_links_stay() {
        let scene = mistakes();
        let (file, link) = (scene.path("policy.claims"), scene.path("link/policy.claims"));
        fs::create_dir(scene.path("link")).unwrap();
        fs::rename(&file, scene.path("link/real.txt")).unwrap();
        symlink("real.txt", &link).unwrap();
        fs::set_permissions(scene.path("link/real.txt"), fs::Permissions::from_mode(0o640)).unwrap();
        let run = scene.run("check --fix --unsafe");
        assert!(run.stderr.contains("applied in 1 file"), "{}", run.stderr);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let mode = fs::metadata(scene.path("link/real.txt")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        let left: Vec<_> =
            fs::read_dir(scene.path("link")).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "nothing is left behind: {left:?}");
    }

    #[test]
    fn a_link_out_of_the_folder_is_not_followed() {
        let scene = mistakes();
        fs::create_dir(scene.path("p")).unwrap();
        fs::copy(scene.path("claims.yaml"), scene.path("p/claims.yaml")).unwrap();
        symlink("../policy.claims", scene.path("p/policy.claims")).unwrap();
        let before = text(&scene, "policy.claims");
        let run = scene.run("check p --fix --unsafe");
        assert!(run.stderr.starts_with("0 fixes applied\n"), "{}", run.stderr);
        assert_eq!(text(&scene, "policy.claims"), before);
    }
}

/// Every failing example of the documentation: no fix makes a file parse worse, and a second run changes nothing.
#[test]
fn examples_of_the_documentation() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diagnostics");
    let mut pages: Vec<_> = fs::read_dir(pages).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    let mut applied = 0;
    let mut wrong = Vec::new();
    for page in pages {
        let page_text = fs::read_to_string(&page).unwrap();
        let Some((_, example)) = page_text.split_once("## Example") else { continue };
        let example = example.split("## Fix").next().unwrap();
        let block = |language: &str| {
            let (_, rest) = example.split_once(&format!("```{language}\n"))?;
            Some(rest.split("```").next().unwrap().to_owned())
        };
        let mut scene = Scene::new().bytes("policy.claims", block("claims").unwrap_or_default().as_bytes());
        if let Some(catalog) = block("yaml") {
            scene = scene.bytes("claims.yaml", catalog.as_bytes());
        }
        let syntax = |scene: &Scene| {
            let run = scene.run("check --format concise");
            run.stdout.lines().filter(|line| line.contains(": error C01")).count()
        };
        let before = syntax(&scene);
        let first = scene.run("check --fix --unsafe");
        applied += usize::from(!first.stderr.starts_with("0 fixes"));
        let again = scene.run("check --fix --unsafe --diff");
        if !again.stdout.is_empty() || syntax(&scene) > before {
            wrong.push(format!("{}\n{}{}", page.display(), first.stdout, again.stdout));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(applied > 20, "fixes were applied in {applied} examples");
}
