//! What people do with an incident: read, note, rotate, report, close. The
//! incident is the one leaksweep was made for: a step of a deployment prints a
//! key of GC Notify and the address of a database with its password into the
//! log of a public repository, and was copied from run to run for weeks.

use crate::fake_github::{Attempt, Job, Run};
use crate::guard::world::{REPOSITORY, World};
use crate::support::fill;
use leaksweep::config::{ChannelKind, Config};
use regex::Regex;
#[cfg(unix)]
use std::{fs::Permissions, os::unix::fs::PermissionsExt};

/// The first day of each run.
const DAYS: [(u64, &str); 3] = [(7, "2026-10-05"), (8, "2026-10-19"), (9, "2026-11-02")];

fn notify_key() -> String {
    fill("gcntfy-shop_prod-{uuid}-{uuid}", 1)
}

fn password() -> String {
    fill("{base62:24}", 2)
}

/// What the step prints.
fn printed(day: &str) -> String {
    let lines = [
        "##[group]Run ./deploy.sh production".to_owned(),
        "+ env".to_owned(),
        format!("NOTIFY_API_KEY={}", notify_key()),
        format!(
            "DATABASE_URL=postgres://shop:{}@db.shop.example:5432/shop",
            password()
        ),
        "deployed".to_owned(),
    ];
    let stamped = lines.iter().zip(10..);
    stamped
        .map(|(line, second)| format!("{day}T14:03:{second}.1234567Z {line}\n"))
        .collect()
}

fn deployment(id: u64, day: &str, attempts: u64) -> Run {
    let attempt = |number| {
        let job = Job::new(id * 100 + number, "deploy");
        Attempt::new().job(job.step("Deploy to production", &printed(day)))
    };
    (1..=attempts).map(attempt).fold(Run::new(id), Run::attempt)
}

/// A GitHub on which the incident was found and contained, run after run.
fn world() -> World {
    let [first, rest @ ..] = DAYS;
    let world = World::new(&[ChannelKind::Slack], deployment(first.0, first.1, 2));
    for (id, day) in rest {
        world.github.add(REPOSITORY, deployment(id, day, 1));
    }
    for (id, _) in DAYS {
        let id = id.to_string();
        let words = ["guard", "--run", &id, "--delete-logs", "--max-wait", "0s"];
        world.run(&words).expect(1, &["confirmed gone"]);
    }
    world
}

/// The incident of a rule.
fn id_of(world: &World, rule: &str) -> String {
    let all = world
        .run(&["incident", "list", "--all", "--format", "json"])
        .json();
    let mut all = all.as_array().unwrap().iter();
    let found = all.find(|one| one["rule_id"] == rule);
    found.unwrap_or_else(|| panic!("no incident of {rule}"))["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn notify(world: &World) -> String {
    id_of(world, "gcnotify-api-key")
}

/// Without what is another each time: what is now, digests, names of servers.
fn scrubbed(report: &str, id: &str) -> String {
    let fixed = DAYS.map(|(_, day)| day.to_owned()).join("|");
    let mut text = report.replace(id, "ls-this");
    text = text.replace(env!("CARGO_PKG_VERSION"), "[version]");
    let kept = Regex::new(&format!("({fixed}) ")).unwrap();
    text = kept.replace_all(&text, "$1\u{1}").into_owned();
    for (pattern, word) in [
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "[now]"),
        (r"\b\d+ (d|j|h|min|s)\b( \d+ (h|min|s)\b)?", "[duration]"),
        (r"ls-[0-9a-f]{16}", "ls-other"),
        (r"\d+ \| `[0-9a-f]{64}`", "[bytes] | [sha256]"),
        (r"[0-9a-f]{64}", "[fingerprint]"),
        (r"[0-9a-f]{16}", "[digest]"),
    ] {
        text = Regex::new(pattern)
            .unwrap()
            .replace_all(&text, word)
            .into_owned();
    }
    text.replace('\u{1}', " ")
}

#[test]
fn the_report_tells_all_that_is_known_in_both_languages() {
    let world = world();
    let id = notify(&world);
    world
        .run(&["incident", "acknowledge", &id])
        .expect(0, &["acknowledged at"]);
    world
        .run(&["incident", "rotate", &id, "--note", "new key in the vault"])
        .expect(0, &[]);
    for language in ["en", "fr"] {
        let report = world.run(&["incident", "report", &id, "--lang", language]);
        let report = report.expect(0, &[]).out;
        insta::assert_snapshot!(format!("report_{language}"), scrubbed(&report, &id));
    }
}

#[test]
fn no_report_shows_any_secret_of_the_logs() {
    let world = world();
    let all = world.run(&["incident", "list", "--format", "json"]).json();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 2);
    for incident in all {
        let id = incident["id"].as_str().unwrap();
        let report = world
            .run(&["incident", "report", id])
            .expect(0, &["***"])
            .out;
        for secret in [notify_key(), password()] {
            assert!(!report.contains(&secret), "{report}");
        }
    }
}

#[test]
fn what_people_wrote_into_a_report_stays() {
    let world = world();
    let id = notify(&world);
    let report = || world.run(&["incident", "report", &id, "--out", "report.md"]);
    report().expect(0, &[]);
    let file = world.path("report.md");
    let read = || std::fs::read_to_string(&file).unwrap();
    let first = read();
    let people = first.replacen("- **Team:** ✍", "- **Team:** the shop", 1)
        + "\n## More\n\nWritten by hand.\n";
    std::fs::write(&file, &people).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    world
        .run(&["incident", "rotate", &id, "--at", "2026-11-03T08:00:00Z"])
        .expect(0, &[]);
    report().expect(0, &[]);
    let second = read();
    #[cfg(unix)]
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    for word in [
        "- **Team:** the shop",
        "Written by hand.",
        "done (2026-11-03 08:00:00 UTC)",
    ] {
        assert!(second.contains(word), "no '{word}' in\n{second}");
    }
    let unmarked = |text: &str| {
        Regex::new("(?s)<!-- leaksweep:.*?<!-- /")
            .unwrap()
            .replace_all(text, "")
            .into_owned()
    };
    assert_eq!(
        unmarked(&second),
        unmarked(&people),
        "all else is as it was"
    );

    let changed = second.replacen("Credential rotated", "Credential rotated by hand", 1);
    std::fs::write(&file, &changed).unwrap();
    report().expect(2, &["changed by hand", "hint: move"]);
    world
        .run(&[
            "incident",
            "report",
            &id,
            "--lang",
            "fr",
            "--out",
            "report.md",
        ])
        .expect(2, &["in another language"]);
    std::fs::write(&file, "# Mine\n").unwrap();
    report().expect(2, &["is no incident report", "hint: "]);
    assert_eq!(read(), "# Mine\n");
}

#[test]
fn a_template_makes_a_report_of_ones_own() {
    let world = world();
    let id = notify(&world);
    let template = world.path("own.md");
    std::fs::write(
        &template,
        "# Post-mortem of {id}\n\nWindow: {exposure}\n\n{timeline}\n",
    )
    .unwrap();
    let words = ["incident", "report", &id, "--template", "own.md"];
    let report = world
        .run(&words)
        .expect(0, &["# Post-mortem of", "Confirmed gone"])
        .out;
    assert!(!report.contains("Impact"), "{report}");
    std::fs::write(&template, "{actor}").unwrap();
    world
        .run(&words)
        .expect(2, &["unknown field 'actor'", "hint: the fields are title"]);
}

#[test]
fn what_people_did_is_shown_and_stands_in_the_trail() {
    let world = world();
    let id = notify(&world);
    world
        .run(&["incident", "note", &id, "told the team"])
        .expect(0, &["note at"]);
    world
        .run(&[
            "incident",
            "rotate",
            &id,
            "--at",
            "2026-11-03T08:00:00Z",
            "--note",
            "new key",
        ])
        .expect(0, &["rotated at 2026-11-03 08:00:00Z"]);
    world.run(&["incident", "show", &id]).expect(
        0,
        &["done by people:", "rotated new key", "note told the team"],
    );
    world
        .run(&["audit"])
        .expect(0, &["incident-note", "incident-rotated", "told the team"]);
    world.run(&["audit", "verify"]).expect(0, &["whole"]);
    let leak = format!("it was {}", notify_key());
    world
        .run(&["incident", "note", &id, &leak])
        .expect(2, &["looks like a secret"]);
    world
        .run(&["incident", "rotate", &id, "--at", "2999-01-01T00:00:00Z"])
        .expect(2, &["in the future"]);
    world
        .run(&["incident", "note", "ls-0", "x"])
        .expect(2, &["no incident 'ls-0'"]);
}

#[test]
fn a_false_alarm_becomes_an_entry_of_the_configuration() {
    let world = world();
    let id = notify(&world);
    let close = |more: &[&str]| world.run(&[&["incident", "close", &id], more].concat());
    close(&["--reason", "rotated", "--allow"]).expect(2, &["only a false alarm"]);
    std::fs::write(world.path("odd.yaml"), "version: 1\nallow: []\n").unwrap();
    let alarm = ["--reason", "false-alarm", "--note", "a \"fixture\""];
    close(&[&alarm[..], &["--allow-to", "odd.yaml"]].concat()).expect(2, &["put it in by hand"]);
    let kept = std::fs::read_to_string(world.path("leaksweep.yaml")).unwrap();
    close(&[&alarm[..], &["--allow-to", "leaksweep.yaml"]].concat()).expect(
        0,
        &["is closed (false-alarm)", "leaksweep.yaml has an entry"],
    );
    let path = world.path("leaksweep.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(&kept), "{text}");
    let config = Config::load(&path).unwrap();
    assert_eq!(config.allow[0].reason, "a \"fixture\"");
    assert!(config.allow[0].expires.is_some());
    std::fs::write(world.path("again.log"), printed("2026-11-09")).unwrap();
    let scanned = world.run(&["scan", "--format", "json", "again.log"]).json();
    let rules = scanned["findings"].as_array().unwrap().iter();
    let rules: Vec<_> = rules.map(|one| one["rule_id"].as_str().unwrap()).collect();
    assert!(
        !rules.contains(&"gcnotify-api-key") && !rules.is_empty(),
        "{rules:?}"
    );

    let other = id_of(&world, rules[0]);
    world
        .run(&[
            "incident",
            "close",
            &other,
            "--reason",
            "false-alarm",
            "--allow",
            "--allow-days",
            "1",
        ])
        .expect(0, &["allow:\n  - rule: \"", "expires: 2"]);
}
