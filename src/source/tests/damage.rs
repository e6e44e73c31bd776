//! Archives that are cut, damaged, encrypted or meant to do harm.

use super::*;
use crate::source::decode::Packing;
use crate::source::decode::tests::{PACKINGS, pack};

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
            assert_eq!(
                found.logs(),
                pairs(&[("z!b/2.txt", "two"), ("z!a/1.txt", "one")])
            );
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
    assert_eq!(
        found.logs(),
        pairs(&[("z!b/2.txt", "two"), ("z!a/1.txt", "one")])
    );
    assert_eq!(found.problems(), [("z".to_owned(), ProblemKind::Damaged)]);
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
    assert_eq!(
        found.problems(),
        [("z!b/2.txt".to_owned(), ProblemKind::Encrypted)]
    );
}

#[test]
fn unknown_methods_are_named() {
    let mut zip = zip_of(TWO);
    let central = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
    (zip[8], zip[central + 10]) = (14, 14);
    let found = both("z", &zip, &Options::default());
    assert_eq!(found.logs(), pairs(&[("z!a/1.txt", "one")]));
    assert_eq!(
        found.problems(),
        [("z!b/2.txt".to_owned(), ProblemKind::Unsupported)]
    );
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
    assert!(
        found
            .problems()
            .contains(&("t".into(), ProblemKind::Damaged))
    );
    // Between two entries nothing but the missing end mark tells.
    let found = both("t", &tar[..1024], &Options::default());
    assert_eq!(found.logs(), pairs(&[("t!1.txt", "one")]));
    assert_eq!(found.problems(), [("t".to_owned(), ProblemKind::Damaged)]);
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
        assert_eq!(
            found.problems(),
            [("a.gz!a".to_owned(), ProblemKind::Damaged)]
        );
        let targz = pack(packing, &zip_of(&[("x", noise(9000).as_bytes())]));
        let found = both("a.gz", &targz[..targz.len() / 2], &Options::default());
        assert!(
            found
                .problems()
                .contains(&("a.gz!a".into(), ProblemKind::Damaged))
        );
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
    assert_eq!(
        found.problems(),
        [("a.zst!a".to_owned(), ProblemKind::OverLimit)]
    );
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
    assert_eq!(
        found.problems(),
        [("a.7z".to_owned(), ProblemKind::Unsupported)]
    );
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
