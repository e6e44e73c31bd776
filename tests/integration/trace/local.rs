//! Logs on this machine, traced without GitHub.

use super::world::{ago, step};
use crate::support::{DETECTOR, fill};
use leaksweep::scan;
use leaksweep::source;
use leaksweep::trace::{self, Traced};
use std::io::{Cursor, Write};
use std::path::Path;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const COMMAND: &str = "./deploy.sh --trace --to production";

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The archive of a run, so many hours before noon.
fn archive(hours: i64, printed: &str) -> Vec<u8> {
    let text = step(ago(hours), COMMAND, &[printed]);
    zip(&[
        ("0_build.txt", text.as_bytes()),
        ("build/1_Deploy.txt", text.as_bytes()),
    ])
}

fn traced(folder: &Path) -> Traced {
    let path = folder.to_string_lossy().into_owned();
    let sources = [source::open(folder)];
    let options = scan::Options::default();
    trace::local(&DETECTOR, (&[path], &sources), &options, ago(0), &[]).unwrap()
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn archives_in_folders_are_runs_of_repositories() {
    let folder = tempfile::tempdir().unwrap();
    let secret = format!("token {}", fill("ghp_{base62:30}{crc32}", 3));
    let put = |name: &str, bytes: &[u8]| put(folder.path(), name, bytes);
    put("shop/1.zip", &archive(50, "done"));
    put("shop/2.zip", &archive(40, &secret));
    put("shop/3.zip", &archive(30, &secret));
    put("tools/1.zip", &archive(20, "token ***"));
    put("all.zip", &zip(&[("site/9.zip", &archive(25, &secret))]));
    let traced = traced(folder.path());
    assert!(traced.is_whole(), "{traced:?}");
    let [exposure] = &*traced.exposures else {
        panic!("{traced:?}")
    };
    let sites: Vec<_> = exposure
        .sites
        .iter()
        .map(|site| (&*site.repository, site.runs))
        .collect();
    let below = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    assert_eq!(sites, [(&*below("shop"), 2), (&*below("all.zip!site"), 1)]);
    assert_eq!(
        exposure.first_seen.at,
        Some(ago(40) + std::time::Duration::from_secs(4))
    );
    assert_eq!(exposure.first_seen.clean_before, 1);
    assert_eq!(
        exposure.last_seen,
        Some(ago(25) + std::time::Duration::from_secs(4))
    );
    let place = &exposure.sites[0].places[0];
    assert_eq!(place.url, Some(below("shop/3.zip")));
    assert_eq!(
        (place.job.as_deref(), place.step.as_deref(), place.lines),
        (
            Some("build"),
            Some("Run ./deploy.sh --trace --to production"),
            1
        )
    );
    let copies: Vec<_> = exposure.copies.iter().map(|one| &*one.repository).collect();
    assert_eq!(copies, [below("tools")]);
    assert_eq!(traced.searched.iter().map(|one| one.read).sum::<u64>(), 5);
}

#[test]
fn what_cannot_be_read_is_not_clean() {
    let folder = tempfile::tempdir().unwrap();
    let whole = archive(40, "done");
    put(folder.path(), "cut.zip", &whole[..whole.len() / 2]);
    put(folder.path(), "whole.zip", &whole);
    let traced = traced(folder.path());
    assert!(!traced.is_whole());
    assert_eq!((traced.searched[0].read, traced.searched[0].unread), (1, 1));
    assert_eq!(traced.searched[0].problems.len(), 1);
    let none = folder.path().join("none");
    let missing = self::traced(&none);
    assert!(!missing.is_whole(), "{missing:?}");
}

#[test]
fn logs_of_other_systems_are_traced_too() {
    let folder = tempfile::tempdir().unwrap();
    let secret = fill("glpat-{base64url:20}", 5);
    let log = format!("+ make test\nok\n+ ./deploy.sh --verbose --target prod\ntoken {secret}\n");
    put(folder.path(), "a/console.log", log.as_bytes());
    put(
        folder.path(),
        "b/console.log",
        b"+ ./deploy.sh --verbose --target prod\ndone\n",
    );
    let traced = traced(folder.path());
    let [exposure] = &*traced.exposures else {
        panic!("{traced:?}")
    };
    assert!(
        exposure.commands[0].text.contains("deploy.sh"),
        "{exposure:?}"
    );
    assert_eq!(exposure.copies.len(), 1);
    assert_eq!(exposure.first_seen.at, None);
}
