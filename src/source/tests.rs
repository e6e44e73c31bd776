//! Sources from end to end: every kind of archive, whole, damaged and hostile.

use super::decode::Packing;
use super::decode::tests::{PACKINGS, pack};
use super::*;
use crate::origin::ProblemKind;
use globset::{Glob, GlobSetBuilder};
use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use ::zip::CompressionMethod;
use ::zip::write::SimpleFileOptions;

/// Remembers everything, runs jobs one after the other.
#[derive(Default)]
struct Recorder {
    logs: Mutex<Vec<(String, Vec<u8>)>>,
    problems: Mutex<Vec<(String, ProblemKind)>>,
}

impl Recorder {
    fn names(&self) -> Vec<String> {
        let logs = self.logs.lock().unwrap();
        logs.iter().map(|(name, _)| name.clone()).collect()
    }

    fn logs(&self) -> Vec<(String, String)> {
        let logs = self.logs.lock().unwrap();
        logs.iter()
            .map(|(name, bytes)| (name.clone(), String::from_utf8_lossy(bytes).into()))
            .collect()
    }

    fn problems(&self) -> Vec<(String, ProblemKind)> {
        self.problems.lock().unwrap().clone()
    }
}

impl Visitor for Recorder {
    fn log(&self, origin: &Origin, body: Body<'_>) {
        let mut bytes = Vec::new();
        let end = match body {
            Body::File(file) => {
                bytes.extend_from_slice(&file.window(0..file.len()).unwrap());
                Ok(0)
            }
            // What a bomb gives before it is stopped need not be kept.
            Body::Stream(stream) => stream.take(1 << 20).read_to_end(&mut bytes).and_then(|_| {
                std::io::copy(stream, &mut std::io::sink())
            }),
        };
        self.logs.lock().unwrap().push((origin.to_string(), bytes));
        if let Err(error) = end {
            let (kind, detail) = problem_of(&error);
            self.problem(Problem::new(origin, kind, detail));
        }
    }

    fn problem(&self, problem: Problem) {
        assert!(!problem.detail.is_empty());
        let problem = (problem.path.to_string(), problem.kind);
        self.problems.lock().unwrap().push(problem);
    }

    fn fork(&self, n: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..n).for_each(job);
    }
}

fn visit(path: &Path, options: &Options) -> Recorder {
    let recorder = Recorder::default();
    open(path).visit(options, &recorder);
    recorder
}

/// Visits `bytes` as the file `name`; the directory is cut off the names.
fn as_file(name: &str, bytes: &[u8], options: &Options) -> Recorder {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(name), bytes).unwrap();
    below(dir.path(), visit(&dir.path().join(name), options))
}

fn below(dir: &Path, recorder: Recorder) -> Recorder {
    let dir = format!("{}/", dir.display());
    for (name, _) in recorder.logs.lock().unwrap().iter_mut() {
        *name = name.replace(&dir, "");
    }
    for (name, _) in recorder.problems.lock().unwrap().iter_mut() {
        *name = name.replace(&dir, "");
    }
    recorder
}

fn as_stream(name: &str, bytes: &[u8], options: &Options) -> Recorder {
    let recorder = Recorder::default();
    unpack::Unpacker::visit_stream(options, &recorder, &Origin::new(name), bytes);
    recorder
}

/// Visits `bytes` both ways, which must agree.
fn both(name: &str, bytes: &[u8], options: &Options) -> Recorder {
    let (file, stream) = (as_file(name, bytes, options), as_stream(name, bytes, options));
    assert_eq!(file.logs(), stream.logs());
    assert_eq!(file.problems(), stream.problems());
    stream
}

fn zip_with(method: CompressionMethod, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(CompressionMethod::Deflated, entries)
}

/// As writers do that cannot go back: sizes follow the data.
fn zip_streamed(method: CompressionMethod, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ::zip::ZipWriter::new_stream(Vec::new());
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tar_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = ::tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(name, text): &(&str, &str)| ((*name).into(), (*text).into());
    expected.iter().map(own).collect()
}

fn limits(change: impl FnOnce(&mut Limits)) -> Options {
    let mut limits = Limits::default();
    change(&mut limits);
    Options::new(None, None, limits)
}

/// Text that does not compress to nothing.
fn noise(lines: u32) -> String {
    (0..lines)
        .map(|i| format!("{:x}\n", i.wrapping_mul(2_654_435_761)))
        .collect()
}

const TWO: &[(&str, &[u8])] = &[("b/2.txt", b"two"), ("a/1.txt", b"one")];

#[test]
fn a_plain_log_and_an_empty_one() {
    let options = Options::default();
    let found = both("a.log", b"text\n", &options);
    assert_eq!(found.logs(), pairs(&[("a.log", "text\n")]));
    assert_eq!(both("a.log", b"", &options).logs(), pairs(&[("a.log", "")]));
}

#[test]
fn zips_by_every_method() {
    for method in [
        CompressionMethod::Stored,
        CompressionMethod::Deflated,
        CompressionMethod::Bzip2,
        CompressionMethod::Zstd,
        CompressionMethod::Xz,
    ] {
        for zip in [zip_with(method, TWO), zip_streamed(method, TWO)] {
            let found = both("x.bin", &zip, &Options::default());
            let expected = pairs(&[("x.bin!b/2.txt", "two"), ("x.bin!a/1.txt", "one")]);
            assert_eq!(found.logs(), expected, "{method}");
            assert!(found.problems().is_empty(), "{method}");
        }
    }
}

#[test]
fn tars_alone_and_compressed() {
    let tar = tar_of(TWO);
    let expected = pairs(&[("t!b/2.txt", "two"), ("t!a/1.txt", "one")]);
    assert_eq!(both("t", &tar, &Options::default()).logs(), expected);
    for packing in PACKINGS {
        let found = both("t", &pack(packing, &tar), &limits(|l| l.max_depth = 1));
        assert_eq!(found.logs(), expected, "{packing:?}");
        assert!(found.problems().is_empty(), "{packing:?}");
    }
}

#[test]
fn compressed_logs_are_named_by_their_stem() {
    for packing in PACKINGS {
        let packed = pack(packing, b"text");
        let found = both("a.log.gz", &packed, &Options::default());
        assert_eq!(found.logs(), pairs(&[("a.log.gz!a.log", "text")]));
        assert_eq!(as_stream("-", &packed, &Options::default()).names(), ["-!content"]);
    }
}

#[test]
fn archives_in_archives() {
    let zip = zip_of(&[("x.txt", b"x")]);
    let targz = pack(Packing::Gzip, &tar_of(&[("in.zip", &zip), ("y.txt", b"y")]));
    let outer = zip_of(&[("in.tgz", &targz), ("z.txt", b"z")]);
    for spool_memory in [0, 32 << 20] {
        let found = both("out.zip", &outer, &limits(|l| l.spool_memory = spool_memory));
        let expected = pairs(&[
            ("out.zip!in.tgz!in.zip!x.txt", "x"),
            ("out.zip!in.tgz!y.txt", "y"),
            ("out.zip!z.txt", "z"),
        ]);
        assert_eq!(found.logs(), expected);
        assert!(found.problems().is_empty());
    }
}

#[test]
fn what_is_nested_too_deep_is_named() {
    let inner = zip_of(&[("x.txt", b"x")]);
    let outer = zip_of(&[("in.zip", &inner), ("y.txt", b"y")]);
    let found = both("o.zip", &outer, &limits(|l| l.max_depth = 1));
    assert_eq!(found.names(), ["o.zip!y.txt"]);
    let expected = [("o.zip!in.zip".to_owned(), ProblemKind::OverLimit)];
    assert_eq!(found.problems(), expected);
    let found = both("o.zip", &outer, &limits(|l| l.max_depth = 0));
    assert_eq!(found.problems(), [("o.zip".to_owned(), ProblemKind::OverLimit)]);
}

#[test]
fn empty_archives_hold_nothing_and_are_no_problem() {
    let folder = {
        let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.add_directory("d/", SimpleFileOptions::default()).unwrap();
        zip.finish().unwrap().into_inner()
    };
    let packed = pack(Packing::Zstd, &tar_of(&[("a/", b"")]));
    for bytes in [zip_of(&[]), folder, packed] {
        let found = both("e", &bytes, &Options::default());
        assert!(found.problems().is_empty(), "{:?}", found.problems());
    }
    assert!(as_file("e", &zip_of(&[]), &Options::default()).logs().is_empty());
}

#[test]
fn a_cut_zip_is_rescued_and_reported() {
    let (one, two) = (noise(3000), noise(9000));
    let entries = [("1.txt", one.as_bytes()), ("2.txt", two.as_bytes())];
    for method in [CompressionMethod::Deflated, CompressionMethod::Stored] {
        for zip in [zip_with(method, &entries), zip_streamed(method, &entries)] {
            let cut = &zip[..zip.len() * 3 / 4];
            let found = both("cut.zip", cut, &Options::default());
            let logs = found.logs();
            assert_eq!(found.names(), ["cut.zip!1.txt", "cut.zip!2.txt"]);
            assert!(logs[0].1.starts_with(&one));
            assert!(logs[1].1.len() > 1000 && two.starts_with(&logs[1].1));
            let whole = ("cut.zip".to_owned(), ProblemKind::Damaged);
            assert!(found.problems().contains(&whole), "{method}");
        }
    }
}

#[test]
fn a_zip_cut_in_its_directory_loses_nothing() {
    for zip in [zip_of(TWO), zip_streamed(CompressionMethod::Deflated, TWO)] {
        for missing in [1, 22, 40, 90] {
            let found = both("z", &zip[..zip.len() - missing], &Options::default());
            assert_eq!(found.logs(), pairs(&[("z!b/2.txt", "two"), ("z!a/1.txt", "one")]));
            assert_eq!(found.problems(), [("z".to_owned(), ProblemKind::Damaged)]);
        }
    }
}

#[test]
fn a_damaged_directory_entry_costs_only_the_list() {
    let mut zip = zip_of(TWO);
    let second = memchr::memmem::rfind(&zip, b"PK\x01\x02").unwrap();
    zip[second] = b'X';
    let found = both("z", &zip, &Options::default());
    assert_eq!(found.logs(), pairs(&[("z!b/2.txt", "two"), ("z!a/1.txt", "one")]));
    assert_eq!(found.problems(), [("z".to_owned(), ProblemKind::Damaged)]);
}

#[test]
fn joined_zips_are_both_read() {
    let mut zips = zip_of(&[("1", b"one")]);
    zips.extend(zip_of(&[("2", b"two")]));
    let found = both("z", &zips, &Options::default());
    assert_eq!(found.logs(), pairs(&[("z!2", "two"), ("z!1", "one")]));
    assert_eq!(found.problems(), [("z".to_owned(), ProblemKind::Damaged)]);
}

#[test]
fn entries_of_the_same_name_are_all_read() {
    let zip = String::from_utf8_lossy(&zip_with(CompressionMethod::Stored, TWO)).into_owned();
    assert!(zip.contains("b/2.txt"));
    let mut zip = zip_with(CompressionMethod::Stored, TWO);
    while let Some(at) = memchr::memmem::find(&zip, b"b/2.txt") {
        zip[at..at + 7].copy_from_slice(b"a/1.txt");
    }
    let found = both("z", &zip, &Options::default());
    assert_eq!(found.logs(), pairs(&[("z!a/1.txt", "two"), ("z!a/1.txt", "one")]));
}

/// Sets bits in the flags of the first entry, in both of its headers.
fn flagged(mut zip: Vec<u8>, bits: u8) -> Vec<u8> {
    let central = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
    zip[6] |= bits;
    zip[central + 8] |= bits;
    zip
}

#[test]
fn encrypted_entries_are_named_and_the_others_read() {
    let found = both("z", &flagged(zip_of(TWO), 1), &Options::default());
    assert_eq!(found.logs(), pairs(&[("z!a/1.txt", "one")]));
    assert_eq!(found.problems(), [("z!b/2.txt".to_owned(), ProblemKind::Encrypted)]);
}

#[test]
fn unknown_methods_are_named() {
    let mut zip = zip_of(TWO);
    let central = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
    (zip[8], zip[central + 10]) = (14, 14);
    let found = both("z", &zip, &Options::default());
    assert_eq!(found.logs(), pairs(&[("z!a/1.txt", "one")]));
    assert_eq!(found.problems(), [("z!b/2.txt".to_owned(), ProblemKind::Unsupported)]);
}

#[test]
fn a_wrong_checksum_is_reported_and_the_data_scanned() {
    let mut zip = zip_with(CompressionMethod::Stored, &[("a", b"some text")]);
    let at = memchr::memmem::find(&zip, b"some").unwrap();
    zip[at] = b'S';
    let found = both("z", &zip, &Options::default());
    assert_eq!(found.logs(), pairs(&[("z!a", "Some text")]));
    assert_eq!(found.problems(), [("z!a".to_owned(), ProblemKind::Damaged)]);
}

#[test]
fn an_entry_larger_than_it_says_ends_there_with_a_problem() {
    let mut zip = zip_with(CompressionMethod::Deflated, &[("a", b"some text")]);
    let central = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
    zip[central + 24] = 4;
    let found = both("z", &zip, &Options::default());
    assert_eq!(found.logs(), pairs(&[("z!a", "some")]));
    assert_eq!(found.problems(), [("z!a".to_owned(), ProblemKind::Damaged)]);
}

#[test]
fn a_cut_tar_gives_what_it_has() {
    let tar = tar_of(&[("1.txt", b"one"), ("2.txt", noise(500).as_bytes())]);
    let found = both("t", &tar[..2048], &Options::default());
    assert_eq!(found.names(), ["t!1.txt", "t!2.txt"]);
    assert_eq!(found.logs()[1].1.len(), 512);
    assert!(found.problems().contains(&("t".into(), ProblemKind::Damaged)));
    // Between two entries nothing but the missing end mark tells.
    let found = both("t", &tar[..1024], &Options::default());
    assert_eq!(found.logs(), pairs(&[("t!1.txt", "one")]));
    assert_eq!(found.problems(), [("t".to_owned(), ProblemKind::Damaged)]);
}

#[test]
fn joined_tars_are_both_read() {
    let mut tars = tar_of(&[("1", b"one")]);
    tars.extend(tar_of(&[("2", b"two")]));
    let found = both("t", &tars, &Options::default());
    assert_eq!(found.logs(), pairs(&[("t!1", "one"), ("t!2", "two")]));
    assert!(found.problems().is_empty());
    tars.extend(b"plain text");
    let found = both("t", &tars, &Options::default());
    assert_eq!(found.problems(), [("t".to_owned(), ProblemKind::Damaged)]);
}

#[test]
fn long_names_links_and_folders_of_tars() {
    let long = format!("{}/x.txt", "d".repeat(200));
    let mut tar = ::tar::Builder::new(tar_of(&[]));
    *tar.get_mut() = Vec::new();
    let mut link = ::tar::Header::new_gnu();
    link.set_entry_type(::tar::EntryType::Symlink);
    link.set_size(0);
    tar.append_link(&mut link, "link", "elsewhere").unwrap();
    let mut file = ::tar::Header::new_gnu();
    file.set_size(1);
    tar.append_data(&mut file, &long, &b"x"[..]).unwrap();
    tar.append_pax_extensions([("path", b"pax.txt".as_slice())]).unwrap();
    let mut file = ::tar::Header::new_ustar();
    file.set_size(1);
    tar.append_data(&mut file, "short", &b"y"[..]).unwrap();
    let found = both("t", &tar.into_inner().unwrap(), &Options::default());
    let expected = pairs(&[(&format!("t!{long}"), "x"), ("t!pax.txt", "y")]);
    assert_eq!(found.logs(), expected);
    assert!(found.problems().is_empty());
}

#[test]
fn a_giant_name_is_not_taken_into_memory() {
    let mut header = ::tar::Header::new_gnu();
    header.set_entry_type(::tar::EntryType::GNULongName);
    header.set_size(1 << 40);
    header.set_cksum();
    let found = both("t", header.as_bytes(), &Options::default());
    assert_eq!(found.problems(), [("t".to_owned(), ProblemKind::OverLimit)]);
}

#[test]
fn a_cut_stream_inside_an_archive_is_damaged() {
    for packing in PACKINGS {
        let packed = pack(packing, noise(9000).as_bytes());
        let found = both("a.gz", &packed[..packed.len() / 2], &Options::default());
        assert_eq!(found.problems(), [("a.gz!a".to_owned(), ProblemKind::Damaged)]);
        let targz = pack(packing, &zip_of(&[("x", noise(9000).as_bytes())]));
        let found = both("a.gz", &targz[..targz.len() / 2], &Options::default());
        assert!(found.problems().contains(&("a.gz!a".into(), ProblemKind::Damaged)));
    }
}

#[test]
fn bombs_end_at_the_limits() {
    let zeros = vec![0; 2 << 20];
    let bomb = zip_of(&[("1", &zeros), ("2", &zeros), ("3", &zeros)]);
    let nested = zip_of(&[("a.zip", &bomb), ("b.zip", &bomb)]);
    let options = limits(|l| l.max_total = 3 << 20);
    for bytes in [&bomb, &nested, &pack(Packing::Xz, &zeros.repeat(3))] {
        let found = both("bomb", bytes, &options);
        assert!(found.names().len() <= 2);
        let kinds: Vec<_> = found.problems().into_iter().map(|(_, kind)| kind).collect();
        assert!(!kinds.is_empty());
        assert!(kinds.iter().all(|kind| *kind == ProblemKind::OverLimit));
    }
}

#[test]
fn a_dense_stream_ends_at_the_ratio() {
    let packed = pack(Packing::Zstd, &vec![0; 65 << 20]);
    let found = both("a.zst", &packed, &Options::default());
    assert_eq!(found.problems(), [("a.zst!a".to_owned(), ProblemKind::OverLimit)]);
}

#[test]
fn entries_are_counted_across_nesting() {
    let inner = tar_of(TWO);
    let outer = zip_of(&[("a.tar", &inner), ("b.tar", &inner), ("c.txt", b"c")]);
    let found = both("o", &outer, &limits(|l| l.max_entries = 4));
    assert_eq!(found.names(), ["o!a.tar!b/2.txt", "o!a.tar!a/1.txt"]);
    let over = |name: &str| (name.to_owned(), ProblemKind::OverLimit);
    assert_eq!(found.problems(), [over("o!b.tar"), over("o")]);
}

#[test]
fn other_archives_are_unsupported_not_clean() {
    let found = both("a.7z", b"7z\xbc\xaf\x27\x1crest", &Options::default());
    assert!(found.logs().is_empty());
    assert_eq!(found.problems(), [("a.7z".to_owned(), ProblemKind::Unsupported)]);
}

#[test]
fn a_tar_with_a_damaged_first_header_is_scanned_as_text() {
    let mut tar = tar_of(TWO);
    tar[0] ^= 1;
    let found = both("t", &tar, &Options::default());
    assert_eq!(found.logs()[0].1.len(), tar.len());
    assert_eq!(found.problems(), [("t".to_owned(), ProblemKind::Damaged)]);
}

#[test]
fn every_cut_and_flip_of_an_archive_ends_in_peace() {
    let inner = pack(Packing::Gzip, &tar_of(TWO));
    let zip = zip_of(&[("in.tgz", &inner), ("x", b"x")]);
    for i in 0..zip.len() {
        let cut = as_stream("z", &zip[..i], &Options::default());
        assert!(i < 4 || !cut.problems().is_empty(), "cut at {i}");
        let mut flipped = zip.clone();
        flipped[i] ^= 0xff;
        let found = as_stream("z", &flipped, &Options::default());
        assert!(!found.logs().is_empty() || !found.problems().is_empty());
    }
}

fn tree() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [("b.log", "b"), ("a/2.txt", "2"), ("a/1.log", "1"), ("c.bin", "c")] {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

fn globs(pattern: &str) -> Option<GlobSet> {
    let mut set = GlobSetBuilder::new();
    set.add(Glob::new(pattern).unwrap());
    Some(set.build().unwrap())
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
    assert_eq!(names(globs("*.log"), None), ["a/1.log", "b.log"]);
    assert_eq!(names(globs("a/*"), globs("*.txt")), ["a/1.log"]);
    assert_eq!(names(None, globs("a")), ["b.log", "c.bin"]);
}

#[test]
fn what_does_not_exist_is_unreadable() {
    let found = visit(Path::new("no/such/file"), &Options::default());
    assert_eq!(found.problems(), [("no/such/file".to_owned(), ProblemKind::Unreadable)]);
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
    assert_eq!(found.names(), ["a/1.log", "a/2.txt", "b.log", "c.bin", "link.log"]);
    let unreadable = |name: &str| (name.to_owned(), ProblemKind::Unreadable);
    assert_eq!(found.problems(), [unreadable("dangling"), unreadable("self")]);
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

/// A visitor whose jobs run on threads of their own.
struct Threads(Recorder);

impl Visitor for Threads {
    fn log(&self, origin: &Origin, body: Body<'_>) {
        self.0.log(origin, body);
    }

    fn problem(&self, problem: Problem) {
        self.0.problem(problem);
    }

    fn fork(&self, n: usize, job: &(dyn Fn(usize) + Sync)) {
        std::thread::scope(|scope| {
            for i in 0..n {
                scope.spawn(move || job(i));
            }
        });
    }
}

#[test]
fn threads_find_the_same() {
    let nested = zip_of(TWO);
    let names: Vec<String> = (0..40).map(|i| format!("{i}.zip")).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &nested[..])).collect();
    let zip = zip_of(&entries);
    let alone = as_stream("z", &zip, &Options::default());
    let threads = Threads(Recorder::default());
    let options = Options::default();
    unpack::Unpacker::visit_stream(&options, &threads, &Origin::new("z"), &zip[..]);
    let mut found = threads.0.logs();
    let mut expected = alone.logs();
    found.sort();
    expected.sort();
    assert_eq!(found.len(), 80);
    assert_eq!(found, expected);
}
