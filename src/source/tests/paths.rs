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

/// Visits `bytes` in a file without a name, which was read and written at its
/// end last.
fn as_opened(name: &str, bytes: &[u8]) -> Recorder {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let recorder = Recorder::default();
    opened(Origin::new(name), file).visit(&Options::default(), &recorder);
    recorder
}

#[test]
fn a_file_without_a_name_is_read_like_one_with_a_name() {
    let long = noise(100_000);
    for bytes in [b"".as_slice(), b"text\n", long.as_bytes(), &zip_of(TWO)] {
        let (open, named) = (
            as_opened("x", bytes),
            as_file("x", bytes, &Options::default()),
        );
        assert_eq!(open.logs(), named.logs());
        assert!(open.problems().is_empty());
    }
}

#[test]
fn a_file_without_a_name_is_handed_over_as_a_file() {
    struct ByWindows(Mutex<Vec<u64>>);
    impl Visitor for ByWindows {
        fn log(&self, _: &Origin, body: Body<'_>) {
            let Body::File(file) = body else {
                panic!("a stream");
            };
            self.0.lock().unwrap().push(file.len());
        }
        fn problem(&self, problem: Problem) {
            panic!("{problem:?}");
        }
        fn fork(&self, n: usize, job: &(dyn Fn(usize) + Sync)) {
            (0..n).for_each(job);
        }
    }
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"text\n").unwrap();
    let source = opened(Origin::new("x"), file);
    let seen = ByWindows(Mutex::default());
    source.visit(&Options::default(), &seen);
    source.visit(&Options::default(), &seen);
    assert_eq!(seen.0.into_inner().unwrap(), [5, 5]);
}

#[test]
fn bytes_in_memory_are_a_log_or_an_archive() {
    let recorder = Recorder::default();
    held(Origin::new("note"), "text\n").visit(&Options::default(), &recorder);
    held(Origin::new("z"), zip_of(TWO)).visit(&Options::default(), &recorder);
    let expected = pairs(&[
        ("note", "text\n"),
        ("z!b/2.txt", "two"),
        ("z!a/1.txt", "one"),
    ]);
    assert_eq!(recorder.logs(), expected);
}
