//! Traces the tests show.

use super::traced::{
    Bound, Command, Contained, Day, Exposure, LogState, Place, Searched, Site, Traced, Twin,
};
use crate::rule::{Confidence, Severity};
use crate::store::Facts;
use jiff::civil::{Date, date};
use jiff::{Span, Timestamp, tz::TimeZone};

fn day(number: usize) -> Date {
    let days = Span::new().days(number as u32);
    date(2026, 1, 1).saturating_add(days)
}

/// Ten o'clock on a day of the trace, which begins with day 0.
pub(super) fn at(number: usize) -> Timestamp {
    let noon = day(number).at(10, 0, 0, 0);
    noon.to_zoned(TimeZone::UTC).unwrap().timestamp()
}

fn facts(name: &str, severity: Severity) -> Facts {
    Facts {
        rule_id: "example.token".into(),
        vendor: "example".into(),
        name: name.into(),
        severity,
        confidence: Confidence::Certain,
        redacted: "exa_***".into(),
        reasons: vec!["vendor's own prefix".into(), "the checksum holds".into()],
        revoke: Some("Revoke it at https://example.com/settings/tokens.".into()),
        references: vec!["https://example.com/docs".into()],
        excerpt: Some("+ curl -H 'Authorization: Bearer exa_***' https://api.example.com".into()),
    }
}

pub(super) fn place(repository: &str, number: usize, log: LogState) -> Place {
    let run_id = 7_300_000_000 + number as u64 * 11;
    Place {
        run_id,
        attempt: 1 + number as u64 % 2,
        url: Some(format!(
            "https://github.com/{repository}/actions/runs/{run_id}"
        )),
        workflow: Some(".github/workflows/deploy.yml".into()),
        job: Some("deploy".into()),
        step: Some("Publish the site".into()),
        lines: 2,
        first: Some(at(number)),
        last: Some(at(number)),
        annotation: false,
        log,
        command: Some("5f1d02c9a77b3e10".into()),
    }
}

fn bound(number: usize, because: &[&str]) -> Bound {
    Bound {
        at: Some(at(number)),
        at_the_latest_because: because.iter().map(ToString::to_string).collect(),
        clean_before: if because.is_empty() { 84 } else { 0 },
        clean_from: because.is_empty().then(|| at(0)),
    }
}

pub(super) fn site(repository: &str, visibility: &str, places: Vec<Place>) -> Site {
    let of = |state| places.iter().filter(|place| place.log == state).count() as u64;
    Site {
        repository: repository.into(),
        visibility: Some(visibility.into()),
        first_seen: Bound {
            at: places.last().and_then(|place| place.first),
            ..Bound::default()
        },
        last_seen: places.first().and_then(|place| place.last),
        runs: places.len() as u64,
        readable: of(LogState::Readable),
        gone: of(LogState::Gone),
        places,
    }
}

fn twin(repository: &str, number: usize) -> Twin {
    Twin {
        repository: repository.into(),
        visibility: Some("private".into()),
        workflow: Some(".github/workflows/release.yml".into()),
        job: Some("release".into()),
        step: Some("Publish".into()),
        command: "5f1d02c9a77b3e10".into(),
        runs: 14,
        last_run_id: 7_400_000_000,
        url: Some(format!(
            "https://github.com/{repository}/actions/runs/7400000000"
        )),
        first: Some(at(3)),
        last: Some(at(number)),
    }
}

/// Runs on all days but weekends; logs before `gone_before` are gone.
fn searched(
    repository: &str,
    visibility: &str,
    gone_before: usize,
    unread_from: usize,
) -> Searched {
    let day = |number: usize| {
        let runs = 3;
        let gone = if number < gone_before { runs } else { 0 };
        let unread = if number >= unread_from { runs } else { 0 };
        Day {
            date: day(number),
            read: runs - gone - unread,
            gone,
            unread,
        }
    };
    let days: Vec<Day> = (0..90).filter(|n| n % 7 < 5).map(day).collect();
    let sum = |of: fn(&Day) -> u64| days.iter().map(of).sum();
    Searched {
        repository: repository.into(),
        visibility: Some(visibility.into()),
        runs: days.len() as u64 * 3,
        read: sum(|day| day.read),
        gone: sum(|day| day.gone),
        unread: sum(|day| day.unread),
        running: 0,
        problems: vec![],
        oldest_read: Some(at(gone_before)),
        days,
    }
}

fn leaking() -> Exposure {
    let web = [86, 84, 77, 70, 56, 49, 42, 35, 28];
    let state = |number| match number {
        0..50 => LogState::Gone,
        _ => LogState::Readable,
    };
    let web: Vec<Place> = web.map(|n| place("acme/web", n, state(n))).into();
    let billing: Vec<Place> = [45, 44]
        .map(|n| place("acme/billing", n, LogState::Gone))
        .into();
    let mut first = site("acme/web", "public", web);
    let because = [
        "21 logs before it are gone",
        "3 logs before it were not read",
    ];
    first.first_seen = bound(28, &because[..1]);
    Exposure {
        fingerprint: "0123456789abcdef".repeat(4),
        facts: facts("Example token", Severity::Critical),
        incidents: vec!["ls-20260331-0a1b2c".into()],
        first_seen: bound(28, &because),
        last_seen: Some(at(86)),
        gone_at: None,
        exposed_seconds: Some(61 * 86_400 + 3 * 3600),
        public: true,
        sites: vec![first, site("acme/billing", "private", billing)],
        commands: vec![Command {
            digest: "5f1d02c9a77b3e10".into(),
            text:
                "set -x\ncurl -H 'Authorization: Bearer ***' https://api.example.com\nnpm publish"
                    .into(),
            own: true,
            places: 11,
        }],
        copies: vec![twin("acme/mobile", 80), twin("acme/infra", 12)],
    }
}

fn contained() -> Exposure {
    let places = [62, 61].map(|n| place("acme/billing", n, LogState::Gone));
    Exposure {
        fingerprint: "fedcba9876543210".repeat(4),
        facts: Facts {
            revoke: None,
            excerpt: None,
            ..facts("Example database password", Severity::High)
        },
        incidents: vec![],
        first_seen: bound(61, &[]),
        last_seen: Some(at(62)),
        gone_at: Some(at(64)),
        exposed_seconds: Some(3 * 86_400),
        public: false,
        sites: vec![site("acme/billing", "private", places.into())],
        commands: vec![],
        copies: vec![],
    }
}

/// One that can be read, in a public and a private repository, and one that is
/// gone; logs that were not read, and something left.
pub(super) fn traced() -> Traced {
    let mut infra = searched("acme/infra", "private", 0, 80);
    infra.problems = vec!["run 7400000391: GitHub answered 502 three times".into()];
    Traced {
        since: Some(at(0)),
        at: at(89),
        exposures: vec![leaking(), contained()],
        searched: vec![
            searched("acme/web", "public", 10, 100),
            searched("acme/billing", "private", 10, 100),
            searched("acme/mobile", "private", 20, 100),
            infra,
        ],
        left: Some("the budget of 2,000 requests is used up: run it again to go on".into()),
        calls: 2_000,
        contained: vec![Contained {
            repository: "acme/web".into(),
            run_id: 7_300_000_946,
            asked: true,
            gone: false,
            details: vec!["held by configuration: court".into()],
            incidents: vec![],
        }],
    }
}

/// All was read, and nothing was found.
pub(super) fn nothing() -> Traced {
    Traced {
        exposures: vec![],
        searched: vec![searched("acme/web", "public", 0, 100)],
        left: None,
        ..traced()
    }
}

/// Nothing was found in what was read.
pub(super) fn unread() -> Traced {
    Traced {
        exposures: vec![],
        left: None,
        ..traced()
    }
}

/// `places` of one secret.
pub(super) fn long(places: usize) -> Traced {
    let state = |n| match n % 3 {
        0 => LogState::Gone,
        _ => LogState::Readable,
    };
    let place = |n: usize| {
        let mut place = place("acme/web", n, state(n));
        let day = at(n * 90 / places);
        (place.first, place.last) = (Some(day), Some(day));
        place
    };
    let mut traced = traced();
    traced.exposures.truncate(1);
    traced.exposures[0].sites.truncate(1);
    traced.exposures[0].sites[0] =
        site("acme/web", "public", (0..places).rev().map(place).collect());
    traced
}

/// Every text in it is `text`.
pub(super) fn saying(text: &str) -> Traced {
    let all = || text.to_owned();
    let some = || Some(all());
    let place = Place {
        url: some(),
        workflow: some(),
        job: some(),
        step: some(),
        annotation: true,
        command: some(),
        ..place("x", 40, LogState::Gone)
    };
    let first_seen = Bound {
        at: Some(at(40)),
        at_the_latest_because: vec![all(); 2],
        ..Bound::default()
    };
    let site = Site {
        repository: all(),
        visibility: some(),
        first_seen: first_seen.clone(),
        ..site("x", "x", vec![place])
    };
    let copy = Twin {
        // Another name, or it would be the same repository.
        repository: format!("{text}2"),
        visibility: some(),
        workflow: some(),
        job: some(),
        step: some(),
        command: all(),
        url: some(),
        ..twin("x", 50)
    };
    let exposure = Exposure {
        fingerprint: all(),
        facts: Facts {
            rule_id: all(),
            vendor: all(),
            name: all(),
            redacted: all(),
            reasons: vec![all(); 2],
            revoke: some(),
            references: vec![all()],
            excerpt: some(),
            ..facts("x", Severity::Critical)
        },
        incidents: vec![all()],
        first_seen,
        sites: vec![site],
        commands: vec![Command {
            digest: all(),
            text: all(),
            own: true,
            places: 1,
        }],
        copies: vec![copy],
        ..leaking()
    };
    let searched = Searched {
        repository: all(),
        visibility: some(),
        problems: vec![all()],
        ..searched("x", "x", 10, 80)
    };
    Traced {
        exposures: vec![exposure],
        searched: vec![searched],
        left: some(),
        contained: vec![Contained {
            repository: all(),
            details: vec![all(); 2],
            ..traced().contained.remove(0)
        }],
        ..traced()
    }
}

pub(super) fn all() -> [Traced; 4] {
    [traced(), nothing(), unread(), saying(HOSTILE)]
}

/// Text that attacks every target at once.
pub(super) const HOSTILE: &str = "a\u{1b}[2Jb\r\n::error::x ##[add-mask]y ##vso[task.z]|``<img src=x \
    onerror=y>`</script></style>| @octocat #1 https://evil.example [l](http://x) %0A \
    \u{202e}\u{9b}\u{7f}\"'{0}\\,: --> </title>";
