//! Whole archives of every kind, alone and nested.

use super::*;
use crate::source::decode::Packing;
use crate::source::decode::tests::{PACKINGS, pack};

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
        assert_eq!(
            as_stream("-", &packed, &Options::default()).names(),
            ["-!content"]
        );
    }
}

#[test]
fn archives_in_archives() {
    let zip = zip_of(&[("x.txt", b"x")]);
    let targz = pack(Packing::Gzip, &tar_of(&[("in.zip", &zip), ("y.txt", b"y")]));
    let outer = zip_of(&[("in.tgz", &targz), ("z.txt", b"z")]);
    for spool_memory in [0, 32 << 20] {
        let found = both(
            "out.zip",
            &outer,
            &limits(|l| l.spool_memory = spool_memory),
        );
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
    assert_eq!(
        found.problems(),
        [("o.zip".to_owned(), ProblemKind::OverLimit)]
    );
}

#[test]
fn empty_archives_hold_nothing_and_are_no_problem() {
    let folder = {
        let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.add_directory("d/", SimpleFileOptions::default())
            .unwrap();
        zip.finish().unwrap().into_inner()
    };
    let packed = pack(Packing::Zstd, &tar_of(&[("a/", b"")]));
    for bytes in [zip_of(&[]), folder, packed] {
        let found = both("e", &bytes, &Options::default());
        assert!(found.problems().is_empty(), "{:?}", found.problems());
    }
    assert!(
        as_file("e", &zip_of(&[]), &Options::default())
            .logs()
            .is_empty()
    );
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
    tar.append_pax_extensions([("path", b"pax.txt".as_slice())])
        .unwrap();
    let mut file = ::tar::Header::new_ustar();
    file.set_size(1);
    tar.append_data(&mut file, "short", &b"y"[..]).unwrap();
    let found = both("t", &tar.into_inner().unwrap(), &Options::default());
    let expected = pairs(&[(&format!("t!{long}"), "x"), ("t!pax.txt", "y")]);
    assert_eq!(found.logs(), expected);
    assert!(found.problems().is_empty());
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
    let mut zip = zip_with(CompressionMethod::Stored, TWO);
    while let Some(at) = memchr::memmem::find(&zip, b"b/2.txt") {
        zip[at..at + 7].copy_from_slice(b"a/1.txt");
    }
    let found = both("z", &zip, &Options::default());
    assert_eq!(
        found.logs(),
        pairs(&[("z!a/1.txt", "two"), ("z!a/1.txt", "one")])
    );
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
