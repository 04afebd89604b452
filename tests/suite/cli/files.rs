//! Which files make up a policy, and what happens where they cannot be read.

use std::fs::{self, File};

use super::{CATALOG, POLICY, Scene, clean};

#[test]
fn paths_that_hold_no_policy() {
    insta::assert_snapshot!(
        Scene::new()
            .bytes("empty/readme.md", b"")
            .show("check nowhere")
            .show("check empty")
            .show("check empty --catalog nowhere.yaml")
            .show("check empty/readme.md --catalog empty")
            .record()
    );
}

#[test]
fn a_policy_may_be_a_folder_a_file_or_standard_input() {
    let scene = clean();
    for (arguments, input) in [
        ("check", ""),
        ("check .", ""),
        ("check policy.claims", ""),
        ("check ./policy.claims --catalog claims.yaml", ""),
        ("check - --catalog claims.yaml", POLICY),
        ("check policy.claims --catalog -", CATALOG),
    ] {
        let run = scene.feed(arguments, input.as_bytes());
        assert_eq!(
            (run.first_line(), run.exit),
            ("no findings in 2 files", 0),
            "{arguments}: {}",
            run.stderr
        );
    }
}

#[test]
fn all_files_of_a_folder_are_one_policy() {
    let scene = clean()
        .bytes("a/b/more.claims", b"add \"https://acme.example/more\" = 1\n")
        .bytes("empty.claims", b"")
        .bytes(".git/old.claims", b"broken (")
        .bytes("a/.draft.claims", b"broken (")
        .bytes("notes.txt", b"\xff");
    let run = scene.run("check");
    assert_eq!((run.first_line(), run.exit), ("no findings in 4 files", 0), "{}", run.stderr);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_fine() {
    let policy = format!("\u{feff}{}", POLICY.replace('\n', "\r\n"));
    let catalog = format!("\u{feff}{}", CATALOG.replace('\n', "\r\n"));
    let scene = Scene::new().bytes("p.claims", policy.as_bytes()).bytes("claims.yaml", catalog.as_bytes());
    let run = scene.run("check");
    assert_eq!((run.first_line(), run.exit), ("no findings in 2 files", 0));
}

#[test]
fn bytes_that_are_no_text() {
    let utf16: Vec<u8> = "\u{feff}add".encode_utf16().flat_map(u16::to_le_bytes).collect();
    insta::assert_snapshot!(
        Scene::new()
            .bytes("latin1.claims", b"// fine\nadd ns/city = \"Orl\xe9ans\"\n")
            .bytes("utf16.claims", &utf16)
            .bytes("escape.claims", b"// \x1b[2Jgone\n\xff")
            .bytes("claims.yaml", b"language: 1\n# \xe9\n")
            .show("check")
            .show("check latin1.claims --catalog claims.yaml --format json")
            .record()
    );
}

#[test]
fn a_large_file_is_refused_without_reading_it() {
    let scene = Scene::new().bytes("comments.claims", "// comment\n".repeat(200_000).as_bytes());
    // A terabyte, without its blocks.
    File::create(scene.path("sparse.claims")).unwrap().set_len(1 << 40).unwrap();
    insta::assert_snapshot!(scene.show("check").record());
}

#[test]
fn a_large_policy_is_refused() {
    let scene = Scene::new();
    for i in 0..65 {
        File::create(scene.path(&format!("{i:02}.claims"))).unwrap().set_len(1 << 20).unwrap();
    }
    insta::assert_snapshot!(scene.show("check").record());
}

#[test]
fn a_policy_of_very_many_files_is_refused() {
    let mut scene = Scene::new();
    for i in 0..10_001 {
        scene = scene.bytes(&format!("{}/{i}.claims", i % 7), b"");
    }
    insta::assert_snapshot!(scene.show("check").record());
}

#[test]
fn a_catalog_that_would_not_be_read_is_refused() {
    insta::assert_snapshot!(
        Scene::new()
            .bytes("a/policy.claims", POLICY.as_bytes())
            .bytes("a/claims.yml", CATALOG.as_bytes())
            .bytes("b/policy.claims", b"")
            .bytes("b/claims.yaml", CATALOG.as_bytes())
            .show("check a")
            .show("check a --catalog a/claims.yml")
            .show("check .")
            .show("check b")
            .record()
    );
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    use super::super::Run;
    use super::*;

    #[test]
    fn symbolic_links() {
        let scene = clean().bytes("other/more.claims", b"");
        symlink(scene.path("other"), scene.path("linked")).unwrap();
        let scene = scene.show("check");
        fs::remove_file(scene.path("linked")).unwrap();
        symlink("..", scene.path("other/loop")).unwrap();
        let scene = scene.show("check");
        fs::remove_file(scene.path("other/loop")).unwrap();
        symlink("self.claims", scene.path("self.claims")).unwrap();
        let scene = scene.show("check");
        fs::remove_file(scene.path("self.claims")).unwrap();
        symlink("policy.claims", scene.path("zwilling.claims")).unwrap();
        insta::assert_snapshot!(scene.show("check").record());
    }

    /// How Kubernetes mounts a config map: the files are links into a hidden folder.
    #[test]
    fn a_mounted_config_map_is_a_policy() {
        let scene = Scene::new()
            .bytes("..2026_11_20/policy.claims", POLICY.as_bytes())
            .bytes("..2026_11_20/claims.yaml", CATALOG.as_bytes());
        symlink("..2026_11_20", scene.path("..data")).unwrap();
        for name in ["policy.claims", "claims.yaml"] {
            symlink(format!("..data/{name}"), scene.path(name)).unwrap();
        }
        let run = scene.run("check");
        assert_eq!((run.first_line(), run.exit), ("no findings in 2 files", 0), "{}", run.stderr);
    }

    /// `claimsc check` by a user whom permissions bind: `nobody`, where the tests themselves run as root.
    fn unprivileged(scene: &Scene) -> Run {
        let may_read_all = fs::read_dir("/root").is_ok();
        // Nobody may have no way to where the program was built.
        let program = scene.path(".program");
        if !program.exists() {
            fs::copy(env!("CARGO_BIN_EXE_claimsc"), &program).unwrap();
        }
        let mut command = Command::new(program);
        command.arg("check").current_dir(scene.path("")).env_clear();
        if may_read_all {
            command.uid(65_534);
        }
        let output = command.output().unwrap();
        Run {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            exit: output.status.code().expect("the command was killed"),
        }
    }

    #[test]
    fn what_may_not_be_read_is_no_empty_policy() {
        let scene = clean().bytes("closed/more.claims", b"").bytes("locked.claims", b"");
        let lock = |name: &str, mode| {
            fs::set_permissions(scene.path(name), fs::Permissions::from_mode(mode)).unwrap();
        };
        lock("", 0o755);
        lock("closed", 0);
        let folder = unprivileged(&scene);
        lock("closed", 0o755);
        lock("locked.claims", 0);
        let file = unprivileged(&scene);
        assert_eq!((folder.exit, file.exit), (2, 2));
        assert!(folder.stderr.contains("`closed` may not be read: permission denied"), "{}", folder.stderr);
        assert!(
            file.stderr.contains("`locked.claims` may not be read: permission denied"),
            "{}",
            file.stderr
        );
    }

    #[test]
    fn names_that_are_not_utf8_and_pipes_are_refused() {
        let scene = clean();
        fs::write(scene.folder.path().join(OsStr::from_bytes(b"\xff.claims")), "").unwrap();
        insta::assert_snapshot!(scene.show("check").record());
        let scene = clean();
        let is_made = std::process::Command::new("mkfifo").arg(scene.path("pipe.claims")).status();
        if is_made.is_ok_and(|status| status.success()) {
            let run = scene.run("check");
            assert_eq!((run.exit, run.stdout.as_str()), (2, ""));
            assert!(run.stderr.contains("`pipe.claims` is not a file"), "{}", run.stderr);
        }
    }
}
