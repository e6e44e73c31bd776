//! Archives made anew.

use super::*;
use crate::source::decode::Packing;
use crate::source::decode::tests::{PACKINGS, pack};
use std::fs::File;

fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn bytes_of(file: File) -> Vec<u8> {
    let mut bytes = Vec::new();
    copy(file, &mut bytes).unwrap();
    bytes
}

/// Rebuilds with `one` in logs become `three`, and what has `never` left out.
fn rebuilt(bytes: &[u8], options: &Options) -> (Option<Vec<u8>>, Vec<(String, ProblemKind)>) {
    let replace = &mut |origin: &Origin, log: File| {
        let text = String::from_utf8_lossy(&bytes_of(log)).into_owned();
        if text.contains("never") {
            return Err(Problem::new(origin, ProblemKind::OverLimit, "never"));
        }
        Ok(file_of(text.replace("one", "three").as_bytes()))
    };
    let rebuilt = rebuild(&Origin::new("x"), file_of(bytes), options, replace);
    let named = |problem: Problem| (problem.path.to_string(), problem.kind);
    let problems = rebuilt.problems.into_iter().map(named).collect();
    (rebuilt.file.map(bytes_of), problems)
}

fn whole(bytes: &[u8]) -> Vec<u8> {
    let (rebuilt, problems) = rebuilt(bytes, &Options::default());
    assert!(problems.is_empty(), "{problems:?}");
    rebuilt.unwrap()
}

fn shown(bytes: &[u8]) -> Vec<(String, String)> {
    let recorder = as_stream("x", bytes, &Options::default());
    assert!(recorder.problems().is_empty());
    recorder.logs()
}

#[test]
fn a_log_is_replaced_and_every_archive_keeps_its_kind() {
    assert_eq!(whole(b"one two one"), b"three two three");
    assert_eq!(whole(b""), b"");
    let expected = pairs(&[("x!b/2.txt", "two"), ("x!a/1.txt", "three")]);
    assert_eq!(shown(&whole(&zip_of(TWO))), expected);
    assert_eq!(shown(&whole(&tar_of(TWO))), expected);
    for packing in PACKINGS {
        let packed = whole(&pack(packing, &tar_of(TWO)));
        assert_eq!(shown(&packed), expected, "{packing:?}");
        assert_eq!(packed[..2], pack(packing, b"")[..2]);
        let packed = whole(&pack(packing, b"one"));
        assert_eq!(shown(&packed), pairs(&[("x!content", "three")]));
    }
}

#[test]
fn archives_in_archives_are_made_anew() {
    let zip = zip_of(&[("x.txt", b"one")]);
    let targz = pack(
        Packing::Gzip,
        &tar_of(&[("in.zip", &zip), ("y.txt", b"one")]),
    );
    let outer = zip_of(&[("in.tgz", &targz), ("z.txt", b"z")]);
    let expected = pairs(&[
        ("x!in.tgz!in.zip!x.txt", "three"),
        ("x!in.tgz!y.txt", "three"),
        ("x!z.txt", "z"),
    ]);
    assert_eq!(shown(&whole(&outer)), expected);
    let (rebuilt, problems) = rebuilt(&outer, &limits(|l| l.max_depth = 2));
    assert_eq!(
        shown(&rebuilt.unwrap()),
        pairs(&[("x!in.tgz!y.txt", "three"), ("x!z.txt", "z")])
    );
    let expected = [("x!in.tgz!in.zip".to_owned(), ProblemKind::OverLimit)];
    assert_eq!(problems, expected);
}

#[test]
fn entries_of_a_zip_keep_name_time_permissions_and_method() {
    let time = ::zip::DateTime::from_date_and_time(2021, 3, 4, 5, 6, 8).unwrap();
    let methods = [
        CompressionMethod::Stored,
        CompressionMethod::Deflated,
        CompressionMethod::Bzip2,
        CompressionMethod::Zstd,
        CompressionMethod::Xz,
    ];
    let options = SimpleFileOptions::default()
        .last_modified_time(time)
        .unix_permissions(0o640);
    let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_directory("d/", options).unwrap();
    for (index, method) in methods.into_iter().enumerate() {
        let name = format!("d/{index} ü.txt");
        zip.start_file(name, options.compression_method(method))
            .unwrap();
        zip.write_all(b"one").unwrap();
    }
    let new = whole(&zip.finish().unwrap().into_inner());
    let mut new = ::zip::ZipArchive::new(Cursor::new(new)).unwrap();
    assert_eq!(new.by_index(0).unwrap().name().unwrap(), "d/");
    for (index, method) in methods.into_iter().enumerate() {
        let entry = new.by_index(index + 1).unwrap();
        assert_eq!(entry.name().unwrap(), format!("d/{index} ü.txt"));
        assert_eq!(entry.compression(), method);
        assert_eq!(entry.last_modified(), Some(time));
        assert_eq!(entry.unix_mode().unwrap() & 0o777, 0o640);
        assert_eq!(entry.size(), 5);
    }
}

#[test]
fn a_tar_without_changes_is_the_same_byte_for_byte() {
    let mut tar = ::tar::Builder::new(Vec::new());
    tar.append_pax_extensions([("path", b"pax.txt".as_slice())])
        .unwrap();
    let mut file = ::tar::Header::new_ustar();
    file.set_size(3);
    file.set_mtime(1_600_000_000);
    tar.append_data(&mut file, "short", &b"two"[..]).unwrap();
    let mut link = ::tar::Header::new_gnu();
    link.set_entry_type(::tar::EntryType::Symlink);
    link.set_size(0);
    let long = "d".repeat(200);
    tar.append_link(&mut link, &long, "elsewhere").unwrap();
    let tar = tar.into_inner().unwrap();
    assert!(whole(&tar) == tar);
    let mut padded = tar;
    padded.resize(20 * 512, 0);
    assert!(whole(&padded) == padded);
}

#[test]
fn what_cannot_be_read_is_left_out_and_named() {
    let inner = zip_of(&[("x.txt", b"one")]);
    let broken = &inner[..inner.len() / 2];
    let entries: &[(&str, &[u8])] = &[
        ("bad.zip", broken),
        ("a.txt", b"one"),
        ("b.txt", b"never"),
        ("c.7z", b"7z\xbc\xaf\x27\x1c"),
    ];
    for archive in [zip_of(entries), tar_of(entries)] {
        let (new, problems) = rebuilt(&archive, &Options::default());
        assert_eq!(shown(&new.unwrap()), pairs(&[("x!a.txt", "three")]));
        assert_eq!(
            problems,
            [
                ("x!bad.zip".to_owned(), ProblemKind::Damaged),
                ("x!b.txt".to_owned(), ProblemKind::OverLimit),
                ("x!c.7z".to_owned(), ProblemKind::Unsupported),
            ]
        );
    }
}

#[test]
fn damage_leaves_what_stands_before_it() {
    let zip = zip_with(CompressionMethod::Stored, &[("1", b"one"), ("2", b"two")]);
    let mut flipped = zip.clone();
    let at = memchr::memmem::find(&zip, b"two").unwrap();
    flipped[at] = b'x';
    let (new, problems) = rebuilt(&flipped, &Options::default());
    assert_eq!(shown(&new.unwrap()), pairs(&[("x!1", "three")]));
    assert_eq!(problems, [("x!2".to_owned(), ProblemKind::Damaged)]);
    let tar = tar_of(&[("1", b"one"), ("2", &[b'x'; 2000])]);
    let (new, problems) = rebuilt(&tar[..2048], &Options::default());
    assert_eq!(shown(&new.unwrap()), pairs(&[("x!1", "three")]));
    assert_eq!(problems, [("x".to_owned(), ProblemKind::Damaged)]);
    for cut in [&zip[..zip.len() / 2], &pack(Packing::Gzip, &zip)[..40]] {
        let (new, problems) = rebuilt(cut, &Options::default());
        assert!(new.is_none());
        assert_eq!(problems, [("x".to_owned(), ProblemKind::Damaged)]);
    }
}

#[test]
fn every_cut_and_flip_ends_in_peace() {
    let zip = zip_of(&[("x.txt", b"one")]);
    let mut archive = pack(
        Packing::Gzip,
        &tar_of(&[("in.zip", &zip), ("y.txt", b"one")]),
    );
    for cut in 0..archive.len() {
        let (new, problems) = rebuilt(&archive[..cut], &Options::default());
        assert!(cut < 3 || new.is_none() && !problems.is_empty(), "{cut}");
    }
    for at in 0..archive.len() {
        archive[at] ^= 0x10;
        let (new, problems) = rebuilt(&archive, &Options::default());
        assert!(new.is_some() || !problems.is_empty());
        archive[at] ^= 0x10;
    }
}

#[test]
fn limits_hold() {
    let (new, problems) = rebuilt(&zip_of(TWO), &limits(|l| l.max_entries = 1));
    assert_eq!(shown(&new.unwrap()), pairs(&[("x!b/2.txt", "two")]));
    assert_eq!(problems, [("x".to_owned(), ProblemKind::OverLimit)]);
    let (new, problems) = rebuilt(&zip_of(TWO), &limits(|l| l.max_spool = 2));
    assert!(shown(&new.unwrap()).is_empty());
    assert_eq!(problems.len(), 2);
}
