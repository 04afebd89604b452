//! `claimsc init`: the first steps of every user, so they have to work as printed.

use super::{Scene, exists};

#[test]
fn the_next_steps_work_as_printed() {
    let scene = Scene::new();
    let run = scene.run("init my/first");
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""));
    let steps: Vec<_> = run.stdout.lines().filter_map(|line| line.trim().strip_prefix("claimsc ")).collect();
    assert_eq!(steps.len(), 3, "{}", run.stdout);
    for step in steps {
        let run = scene.run(step);
        assert_eq!(run.exit, 0, "{step}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn the_first_policy() {
    insta::assert_snapshot!(
        Scene::new().show("init").show("check --deny warnings").show("eval --request request.json").record()
    );
}

#[test]
fn every_profile_gives_a_policy_without_errors() {
    for profile in claimsc::standard::PROFILES {
        let scene = Scene::new();
        assert_eq!(scene.run(&format!("init --profile {profile}")).exit, 0);
        let run = scene.run("check");
        assert_eq!(run.exit, 0, "{profile}: {}", run.stdout);
    }
}

#[test]
fn nothing_is_overwritten() {
    for taken in ["policy.claims", "claims.yaml", "request.json", "other.claims"] {
        let scene = Scene::new().bytes(taken, b"mine");
        let run = scene.run("init");
        assert_eq!((run.exit, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.contains(&format!("`{taken}` is there already")), "{}", run.stderr);
        assert_eq!(std::fs::read(scene.path(taken)).unwrap(), b"mine");
        let others =
            ["policy.claims", "claims.yaml", "request.json"].into_iter().filter(|name| *name != taken);
        for other in others {
            assert!(!exists(&scene.path(other)), "{other} was written");
        }
    }
}

#[test]
fn a_file_in_the_way_of_the_folder() {
    insta::assert_snapshot!(Scene::new().bytes("demo", b"").show("init demo").record());
}
