//! Files, directories, links and FIFOs.

use super::*;
use globset::{Glob, GlobSetBuilder};
use std::path::PathBuf;

fn tree() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("b.log", "b"),
        ("a/2.txt", "2"),
        ("a/1.log", "1"),
        ("c.bin", "c"),
    ] {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

fn globs(pattern: &str) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    set.add(Glob::new(pattern).unwrap());
    set.build().unwrap()
}

#[test]
fn directories_are_walked_in_order() {
    let dir = tree();
    let found = below(dir.path(), visit(dir.path(), &Options::default()));
    assert_eq!(found.names(), ["a/1.log", "a/2.txt", "b.log", "c.bin"]);
    assert!(found.problems().is_empty());
}

#[test]
fn globs_choose_by_path_and_by_name() {
    let dir = tree();
    let names = |include, exclude| {
        let options = Options::new(include, exclude, Limits::default());
        below(dir.path(), visit(dir.path(), &options)).names()
    };
    assert_eq!(names(Some(globs("*.log")), None), ["a/1.log", "b.log"]);
    assert_eq!(names(Some(globs("a/*")), Some(globs("*.txt"))), ["a/1.log"]);
    assert_eq!(names(None, Some(globs("a"))), ["b.log", "c.bin"]);
}

#[test]
fn what_does_not_exist_is_unreadable() {
    let found = visit(Path::new("no/such/file"), &Options::default());
    assert_eq!(
        found.problems(),
        [("no/such/file".to_owned(), ProblemKind::Unreadable)]
    );
}

#[test]
#[cfg(unix)]
fn links_to_files_are_followed_others_are_not() {
    use std::os::unix::fs::symlink;
    let dir = tree();
    let at = |name: &str| dir.path().join(name);
    symlink(at("b.log"), at("link.log")).unwrap();
    symlink(dir.path(), at("a/loop")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    symlink("self", at("self")).unwrap();
    let found = below(dir.path(), visit(dir.path(), &Options::default()));
    assert_eq!(
        found.names(),
        ["a/1.log", "a/2.txt", "b.log", "c.bin", "link.log"]
    );
    let unreadable = |name: &str| (name.to_owned(), ProblemKind::Unreadable);
    assert_eq!(
        found.problems(),
        [unreadable("dangling"), unreadable("self")]
    );
}

#[test]
#[cfg(unix)]
fn names_that_are_not_utf8_open() {
    use std::os::unix::ffi::OsStrExt;
    let dir = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.log");
    std::fs::write(dir.path().join(name), "x").unwrap();
    let found = below(dir.path(), visit(dir.path(), &Options::default()));
    assert_eq!(found.logs(), pairs(&[("caf\u{fffd}.log", "x")]));
}

#[cfg(unix)]
fn fifo(dir: &Path) -> PathBuf {
    let path = dir.join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    path
}

#[test]
#[cfg(unix)]
fn a_fifo_is_read_when_named_and_passed_over_in_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let path = fifo(dir.path());
    let found = visit(dir.path(), &Options::default());
    assert!(found.logs().is_empty() && found.problems().is_empty());
    let zip = zip_of(TWO);
    let found = std::thread::scope(|scope| {
        scope.spawn(|| std::fs::write(&path, &zip).unwrap());
        below(dir.path(), visit(&path, &Options::default()))
    });
    assert_eq!(found.names(), ["fifo!b/2.txt", "fifo!a/1.txt"]);
}

#[test]
#[cfg(target_os = "linux")]
fn files_the_kernel_makes_up_are_read() {
    let found = visit(Path::new("/proc/version"), &Options::default());
    assert!(found.logs()[0].1.starts_with("Linux"));
}
