//! Nothing that guard leaves behind gives a secret away.

use super::world::{FORK, RUN, TOKEN, World, log, secret};
use crate::fake_github::Run;
use crate::receivers::{KINDS, Receiver};
use crate::support::fill;
use data_encoding::BASE64;
use std::path::{Path, PathBuf};

/// Every file below `folder`.
fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}

/// As it is, and in base64.
fn both(word: String) -> [Vec<u8>; 2] {
    [
        BASE64.encode(word.as_bytes()).into_bytes(),
        word.into_bytes(),
    ]
}

/// Addresses, keys and tokens. The one place where a key may stand is the
/// message that `PagerDuty` wants it in.
fn keys(world: &World) -> Vec<Vec<u8>> {
    let keys = world.receivers.iter().map(|one| one.key().to_owned());
    let paths = world.receivers.iter().map(|one| {
        let url = one.url();
        url.splitn(4, '/').nth(3).unwrap_or_default().to_owned()
    });
    let tokens = [TOKEN.to_owned(), FORK.to_owned()];
    let all = keys.chain(paths).chain(tokens);
    all.filter(|one| !one.is_empty()).flat_map(both).collect()
}

fn assert_clean(what: &str, bytes: &[u8], needles: &[Vec<u8>]) {
    for (n, needle) in needles.iter().enumerate() {
        let found = memchr::memmem::find(bytes, needle).is_some();
        assert!(!found, "{what} holds secret number {n}");
    }
}

fn everything(world: &World) -> Vec<(String, Vec<u8>)> {
    let mut paths = Vec::new();
    files(world.folder.path(), &mut paths);
    let of_files = paths
        .iter()
        .map(|path| (path.display().to_string(), std::fs::read(path).unwrap()));
    let of_github = world
        .github
        .seen()
        .into_iter()
        .map(|seen| (seen.call(), [seen.target.into_bytes(), seen.body].concat()));
    let of_receivers = world.receivers.iter().flat_map(|one: &Receiver| {
        let world = one.world();
        let body = |call: &crate::receivers::Call| ("a message".to_owned(), call.body.clone());
        world.calls.iter().map(body).collect::<Vec<_>>()
    });
    of_files.chain(of_github).chain(of_receivers).collect()
}

#[test]
fn no_planted_secret_and_no_key_is_left_anywhere() {
    let planted = vec![secret(1), fill("{base62:30}7", 3), fill("{base62:24}9", 4)];
    let text = [
        log(&format!("token={}", planted[0])),
        log(&format!("DB_PASSWORD={}", planted[1])),
        log(&format!("postgres://user:{}@db.example.com/x", planted[2])),
    ]
    .concat();
    let world = World::new(&KINDS, Run::new(RUN).text(&text).text(&text));
    let report = format!("jsonl={}", world.path("report.jsonl").display());
    let mut said = Vec::new();
    let mut keep =
        |ran: super::world::Ran| said.push(("what it said".to_owned(), ran.said().into_bytes()));
    keep(world.guard(&["--dry-run"]));
    let mut fork = world.command(&super::world::guard_words());
    keep(super::world::Ran::of(
        fork.env("GITHUB_TOKEN", FORK).output().unwrap(),
    ));
    keep(world.guard(&["--report", &report, "--format", "json"]));
    keep(world.resume());
    let listed = world.run(&["incident", "list", "--format", "json"]);
    let incidents = listed.json();
    assert_eq!(incidents.as_array().unwrap().len(), 3);
    for incident in incidents.as_array().unwrap() {
        keep(world.run(&["incident", "show", incident["id"].as_str().unwrap()]));
    }
    keep(listed);
    keep(world.run(&["audit"]));
    let planted: Vec<Vec<u8>> = planted.into_iter().flat_map(both).collect();
    let keys = keys(&world);
    let everything = everything(&world);
    assert!(
        everything.len() > 40,
        "only {} things were looked at",
        everything.len()
    );
    for (what, bytes) in said.iter().chain(&everything) {
        assert_clean(what, bytes, &planted);
        if what != "a message" {
            assert_clean(what, bytes, &keys);
        }
    }
    let left = std::fs::read_dir(world.path("tmp")).unwrap().count();
    assert_eq!(left, 0, "temporary files are gone");
}
