//! Logs: two origins, late, cut, stalled, expired.

use super::{REPOSITORY, RUN, content, entries, repository, world, world_with};
use crate::fake_github::{Attempt, Effect, Huge, Job, Moment, Run};
use data_encoding::HEXLOWER;
use leaksweep::github::{Fetched, GithubError, GithubErrorKind};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

fn fetch(world: &super::World, run: u64) -> (Result<Fetched, GithubError>, Vec<u8>) {
    let mut file = tempfile::tempfile().unwrap();
    let fetched = world.client.run_logs(&repository(), run, 1, &mut file);
    (fetched, content(&mut file))
}

fn links_used(world: &super::World) -> usize {
    world.github.seen().iter().filter(|seen| seen.store).count()
}

#[test]
fn the_logs_of_each_attempt_are_its_own() {
    let world = world();
    let mut file = tempfile::tempfile().unwrap();
    let fetched = world
        .client
        .run_logs(&repository(), RUN, 2, &mut file)
        .unwrap();
    let bytes = content(&mut file);
    assert_eq!(fetched.bytes, bytes.len() as u64);
    assert_eq!(fetched.sha256, HEXLOWER.encode(&Sha256::digest(&bytes)));
    let entry = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let expected = [
        entry("0_build.txt", "second\nmade\n"),
        entry("build/1_Set up job.txt", "second\n"),
        entry("build/2_Run make.txt", "made\n"),
    ];
    assert_eq!(entries(bytes), expected);
    let (_, first) = fetch(&world, RUN);
    assert_eq!(entries(first)[0], entry("0_build.txt", "first\n"));
}

#[test]
fn the_log_of_a_job_is_text() {
    let world = world();
    // What the file held before is not kept.
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, &[b'x'; 100]).unwrap();
    let fetched = world.client.job_log(&repository(), 702, &mut file).unwrap();
    assert_eq!(content(&mut file), b"second\nmade\n");
    assert_eq!(fetched.bytes, 12);
}

#[test]
fn the_log_store_sees_no_token() {
    let world = world();
    fetch(&world, RUN).0.unwrap();
    let (store, api): (Vec<_>, Vec<_>) =
        world.github.seen().into_iter().partition(|seen| seen.store);
    assert_eq!((store.len(), api.len()), (1, 1));
    assert!(!store[0].authorized && api[0].authorized);
    assert_eq!(world.client.calls(), 1, "the log store is not the API");
}

#[test]
fn a_late_log_is_asked_for_again_by_a_new_link() {
    let world = world();
    world
        .github
        .add(REPOSITORY, Run::new(8).attempt(Attempt::new().late(2)));
    let (fetched, _) = fetch(&world, 8);
    assert_eq!(fetched.unwrap().bytes, 22, "a zip without entries is one");
    assert_eq!(world.clock.sleeps(), [1, 2]);
    assert_eq!((world.client.calls(), links_used(&world)), (3, 3));
}

#[test]
fn a_log_that_never_comes_is_not_yet_written() {
    let world = world();
    world
        .github
        .add(REPOSITORY, Run::new(8).attempt(Attempt::new().late(99)));
    let error = fetch(&world, 8).0.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (GithubErrorKind::NotYet, Some(404))
    );
    assert_eq!(world.clock.sleeps(), [1, 2, 4, 8]);
}

#[test]
fn the_log_of_a_job_in_progress_is_not_yet_written() {
    let world = world_with(|settings| settings.max_wait = Duration::ZERO);
    let job = Job::new(801, "build").in_progress();
    let run = Run::new(8).in_progress().attempt(Attempt::new().job(job));
    world.github.add(REPOSITORY, run);
    let mut file = tempfile::tempfile().unwrap();
    let error = world
        .client
        .job_log(&repository(), 801, &mut file)
        .unwrap_err();
    assert_eq!(error.kind(), GithubErrorKind::NotYet);
}

#[test]
fn a_log_that_breaks_off_is_fetched_anew() {
    let world = world();
    world.github.fault("GET /blobs/*", 2, Effect::Cut);
    let (fetched, bytes) = fetch(&world, RUN);
    assert_eq!(fetched.unwrap().bytes, bytes.len() as u64);
    assert_eq!(entries(bytes)[0].1, "first\n");
    assert_eq!((world.clock.sleeps(), links_used(&world)), (vec![1, 2], 3));
}

#[test]
fn a_log_that_always_breaks_off_is_no_log() {
    let world = world();
    world.github.fault("GET /blobs/*", 99, Effect::Cut);
    let error = fetch(&world, RUN).0.unwrap_err();
    assert_eq!(error.kind(), GithubErrorKind::Network);
    assert_eq!(links_used(&world), 5);
}

#[test]
fn a_log_that_stalls_ends_in_time() {
    let world = world_with(|settings| {
        settings.timeout = Duration::from_millis(300);
        settings.max_wait = Duration::ZERO;
    });
    let never = Arc::new(AtomicBool::new(false));
    world.github.fault("GET /blobs/*", 1, Effect::Stall(never));
    let error = fetch(&world, RUN).0.unwrap_err();
    assert_eq!(error.kind(), GithubErrorKind::Network);
    assert!(error.to_string().contains("it took too long"), "{error}");
}

#[test]
fn a_slow_log_is_fetched_whole() {
    let world = world();
    let gate = Arc::new(AtomicBool::new(false));
    world
        .github
        .fault("GET /blobs/*", 1, Effect::Stall(gate.clone()));
    std::thread::scope(|scope| {
        let fetching = scope.spawn(|| fetch(&world, RUN));
        while links_used(&world) == 0 {
            std::thread::yield_now();
        }
        gate.store(true, Ordering::SeqCst);
        let (fetched, bytes) = fetching.join().unwrap();
        assert_eq!(fetched.unwrap().bytes, bytes.len() as u64);
    });
    assert_eq!(world.clock.sleeps(), [0; 0]);
}

#[test]
fn what_is_no_zip_is_refused() {
    for body in ["<html>sign in</html>", "PK", "", "PK\u{7}\u{8} spanned"] {
        let world = world();
        let effect = Effect::Replace(body.as_bytes().to_vec());
        world.github.fault("GET /blobs/*", 1, effect);
        let error = fetch(&world, RUN).0.unwrap_err();
        assert_eq!(error.kind(), GithubErrorKind::BadAnswer, "{body}");
        assert!(error.to_string().contains("is not a zip"), "{error}");
        assert!(!error.to_string().contains("sign in"), "{error}");
        assert_eq!(links_used(&world), 1);
    }
}

#[test]
fn a_link_that_ran_out_is_replaced() {
    let world = world();
    let (clock, asked) = (world.clock.clone(), AtomicUsize::new(0));
    world.github.on_request(move |moment, _| {
        if moment == Moment::After && asked.fetch_add(1, Ordering::SeqCst) == 0 {
            clock.pass(Duration::from_secs(61));
        }
    });
    let (fetched, bytes) = fetch(&world, RUN);
    assert_eq!(fetched.unwrap().bytes, bytes.len() as u64);
    assert_eq!(links_used(&world), 2);
}

#[test]
fn a_link_that_cannot_be_followed_is_refused_unseen() {
    for location in ["ftp://x/?sig=hidden", "/relative?sig=hidden", "sig=hidden"] {
        let world = world();
        let headers = vec![("location", location.to_owned())];
        let effect = Effect::Answer(302, headers, String::new());
        world.github.fault("GET /logs", 1, effect);
        let error = fetch(&world, RUN).0.unwrap_err();
        assert_eq!(error.kind(), GithubErrorKind::BadAnswer);
        assert!(!format!("{error:?}").contains("hidden"), "{error:?}");
    }
}

#[test]
fn no_failure_tells_a_link_or_a_token() {
    let never = Arc::new(AtomicBool::new(false));
    let store = |status| Effect::Answer(status, Vec::new(), "sig=signature-of-0".to_owned());
    let effects = [
        store(302),
        store(400),
        store(403),
        store(404),
        store(410),
        store(500),
        Effect::Cut,
        Effect::Lose,
        Effect::Refuse,
        Effect::Stall(never),
        Effect::Replace(b"no zip".to_vec()),
    ];
    for effect in effects {
        let world = world_with(|settings| {
            settings.timeout = Duration::from_millis(300);
            settings.max_wait = Duration::ZERO;
        });
        world.github.fault("GET /blobs/*", 1, effect);
        let error = fetch(&world, RUN).0.unwrap_err();
        let told = format!("{error} {error:?} {:?}", world.client);
        for hidden in ["sig", "/blobs/", super::TOKEN] {
            assert!(!told.contains(hidden), "{told}");
        }
        assert!(error.to_string().contains("\nhint: "), "{error}");
    }
}

#[test]
fn a_large_log_is_streamed() {
    let world = world();
    let huge = Huge::new(64 << 20, "a line of a log\n", "the end\n");
    world
        .github
        .add(REPOSITORY, Run::new(8).attempt(Attempt::new().huge(huge)));
    let mut file = tempfile::tempfile().unwrap();
    let fetched = world
        .client
        .run_logs(&repository(), 8, 1, &mut file)
        .unwrap();
    assert!(fetched.bytes > 64 << 20);
    let mut zip = zip::ZipArchive::new(&mut file).unwrap();
    let mut entry = zip.by_name("0_build.txt").unwrap();
    // Reading to the end checks the checksum.
    let read = std::io::copy(&mut entry, &mut std::io::sink()).unwrap();
    assert!(read > 64 << 20);
}

#[test]
fn a_file_that_cannot_be_written_is_told() {
    let world = world();
    let path = tempfile::NamedTempFile::new().unwrap();
    let mut read_only = File::open(path.path()).unwrap();
    let error = world
        .client
        .run_logs(&repository(), RUN, 1, &mut read_only)
        .unwrap_err();
    assert_eq!(error.kind(), GithubErrorKind::File);
}
