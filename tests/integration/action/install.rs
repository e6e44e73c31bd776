//! How the program gets to the runner.

use super::releases::{ASSETS, Releases, Served, TARGET, VERSION};
use super::runner::{Runner, program};
use std::os::unix::fs::PermissionsExt;

const INSTALL: [(&str, &str); 1] = [("command", "install")];

#[test]
fn the_pinned_program_is_downloaded_once() {
    let releases = Releases::start(program(), Served::Whole);
    let runner = Runner::new(&releases.url(), &program());
    let ran = runner.run(&INSTALL).expect(0, &["has the pinned SHA-256"]);
    assert_eq!(
        releases.asked(),
        [format!("/releases/v{VERSION}/leaksweep-{TARGET}")]
    );
    assert_eq!(ran.outputs["program"], runner.cached().to_str().unwrap());
    assert_eq!(std::fs::read(runner.cached()).unwrap(), program());
    let paths = std::fs::read_to_string(runner.path("paths")).unwrap();
    assert_eq!(
        paths.trim(),
        runner.cached().parent().unwrap().to_str().unwrap()
    );
    runner.run(&INSTALL).expect(0, &["is in the tool cache"]);
    assert_eq!(releases.asked().len(), 1, "the cache is enough");
}

#[test]
fn each_machine_gets_its_own() {
    let releases = Releases::start(program(), Served::Whole);
    let mut runner = Runner::new(&releases.url(), &program());
    for (system, architecture, asset) in ASSETS {
        runner.machine = (system, architecture);
        runner.run(&INSTALL).expect(0, &[]);
        let asked = releases.asked();
        assert_eq!(
            asked.last().unwrap(),
            &format!("/releases/v{VERSION}/{asset}")
        );
    }
    runner.machine = ("Linux", "ARM");
    runner.run(&INSTALL).expect(2, &["no release for Linux"]);
}

#[test]
fn another_program_is_refused_and_nothing_of_it_stays() {
    for (served, word) in [
        (Served::Other, "does not have the SHA-256"),
        (Served::Half, "could not be downloaded"),
        (Served::Missing, "could not be downloaded"),
    ] {
        let releases = Releases::start(program(), served);
        let runner = Runner::new(&releases.url(), &program());
        let ran = runner.run(&INSTALL).expect(2, &["::error", word]);
        assert_eq!(ran.outputs["program"], "");
        let folder = runner.cached();
        let left = std::fs::read_dir(folder.parent().unwrap()).unwrap();
        assert_eq!(left.count(), 0);
        assert!(!runner.path("paths").exists());
    }
}

/// Half of a program over a connection that ends well.
#[test]
fn a_short_program_is_refused() {
    let half = program()[..1000].to_vec();
    let releases = Releases::start(half, Served::Whole);
    let runner = Runner::new(&releases.url(), &program());
    runner
        .run(&INSTALL)
        .expect(2, &["does not have the SHA-256"]);
    assert!(!runner.cached().exists());
}

#[test]
fn what_was_changed_in_the_cache_is_not_used() {
    let releases = Releases::start(program(), Served::Whole);
    let runner = Runner::new(&releases.url(), &program());
    runner.run(&INSTALL).expect(0, &[]);
    std::fs::write(runner.cached(), "#!/bin/sh\n").unwrap();
    runner.run(&INSTALL).expect(0, &["was downloaded"]);
    assert_eq!(std::fs::read(runner.cached()).unwrap(), program());
    assert_eq!(releases.asked().len(), 2);
}

#[test]
fn a_mirror_serves_what_is_pinned_or_nothing() {
    let mirror = Releases::start(program(), Served::Whole);
    let runner = Runner::new("https://releases.example", &program());
    let inputs = [("command", "install"), ("download-url", &*mirror.url())];
    runner.run(&inputs).expect(0, &[]);
    assert_eq!(mirror.asked().len(), 1);
}

#[test]
fn nothing_comes_from_elsewhere_without_tls() {
    let runner = Runner::new("http://releases.example", &program());
    let ran = runner.run(&INSTALL);
    ran.expect(2, &["Protocol \"http\"", "could not be downloaded"]);
}

#[test]
fn without_a_release_there_is_only_the_source() {
    let runner = Runner::new("https://releases.example", &program());
    std::fs::write(runner.path("checkout/action/pins"), "# none yet\n").unwrap();
    let words = ["names no release", "use build-from-source"];
    runner.run(&INSTALL).expect(2, &words);
}

/// What cargo is asked for; that it builds is shown where it builds.
#[test]
fn the_source_is_that_of_the_action() {
    let runner = Runner::new("https://releases.example", &program());
    let cargo = runner.path("cargo");
    let script = format!(
        "#!/bin/sh\necho \"asked: $*\"\nmkdir -p '{0}' && cp '{1}' '{0}'\n",
        runner.path("temp/leaksweep-built/bin").display(),
        env!("CARGO_BIN_EXE_leaksweep"),
    );
    std::fs::write(&cargo, script).unwrap();
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
    // Before the real one.
    let action = runner.path("checkout/action.yml");
    let text = std::fs::read_to_string(&action).unwrap();
    let path = format!("PATH=\"{}:$PATH\" bash", runner.folder.path().display());
    std::fs::write(action, text.replace("run: bash", &format!("run: {path}"))).unwrap();
    let inputs = [("command", "install"), ("build-from-source", "true")];
    let ran = runner.run(&inputs).expect(0, &["asked: install --locked"]);
    assert!(ran.said.contains("checkout/action/.."), "{}", ran.said);
    assert!(ran.outputs["program"].ends_with("temp/leaksweep-built/bin/leaksweep"));
}
