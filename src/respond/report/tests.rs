use super::words::Words;
use super::*;
use crate::rule::{Confidence, Severity};
use crate::store::{
    Action, ContainmentState, Facts, IncidentState, LogRecord, PersonAction, PersonActionKind,
    Phase, RunKey, RunRecord, Sighting, incident_id,
};
use jiff::Timestamp;
use std::sync::LazyLock;

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    let rules = crate::rule::RuleSet::builtin();
    Detector::new(rules, crate::detect::Options::default())
});

const BOTH: [Language; 2] = [Language::English, Language::French];

fn at(time: &str) -> Timestamp {
    format!("2026-11-27T{time}Z").parse().unwrap()
}

fn key() -> RunKey {
    RunKey {
        server: "https://api.example".into(),
        repository: "acme/shop".into(),
        run_id: 7,
    }
}

fn incident() -> Incident {
    Incident {
        id: incident_id("https://api.example", "acme/shop", "f00d"),
        server: key().server,
        repository: key().repository,
        visibility: Some("public".into()),
        fingerprint: "f00d".into(),
        facts: Facts {
            rule_id: "example-token".into(),
            vendor: "example".into(),
            name: "Example token".into(),
            severity: Severity::Critical,
            confidence: Confidence::High,
            redacted: "exa_***".into(),
            reasons: vec!["vendor's own prefix".into()],
            revoke: Some("Revoke it at https://example.com/tokens.".into()),
            references: vec!["https://example.com/docs".into()],
            excerpt: Some("+ echo token=***".into()),
        },
        state: IncidentState::Open,
        opened_at: at("10:00:00"),
        detected_at: at("10:00:00"),
        leaked_at: Some(at("09:00:00")),
        contained_at: None,
        closed_at: None,
        close_reason: None,
        note: None,
    }
}

fn sighting(job: &str) -> Sighting {
    Sighting {
        run_id: 7,
        attempt: 1,
        path: "run-7-attempt-1.zip!0_deploy.txt".into(),
        line: 3,
        column: 1,
        annotation: false,
        job: Some(job.into()),
        step: Some("Deploy".into()),
        logged_at: Some("2026-11-27T09:00:00Z".into()),
    }
}

/// A store in memory with one incident of one run that had two attempts, of
/// which one could be read.
fn store(job: &str) -> Store {
    let mut store = Store::scratch(None).unwrap();
    let run = RunRecord {
        key: key(),
        attempts: 2,
        workflow: Some(".github/workflows/deploy.yml".into()),
        branch: Some("alice/feature".into()),
        url: Some("https://github.example/acme/shop/actions/runs/7".into()),
        visibility: Some("public".into()),
        complete: true,
        annotations_read: true,
    };
    let log = LogRecord {
        attempt: 1,
        part: "run".into(),
        sha256: "5a".repeat(32),
        bytes: 1234,
        fetched_at: at("09:59:59"),
        tool: "leaksweep 9.9.9".into(),
        rules: "0123456789abcdef".into(),
    };
    store
        .change(at("10:00:00"), |changes| {
            changes.record_run(&run, &[log])?;
            changes.see(&incident(), &[sighting(job)])?;
            changes.audit(Phase::Note, "incident-opened", &incident().id, "found")?;
            changes.intend(&key(), Action::DeleteLogs).map(drop)
        })
        .unwrap();
    store
}

fn contain(store: &mut Store) {
    let target = key().to_string();
    let mut trail = |time, phase, action: &str, detail: &str| {
        store
            .change(at(time), |changes| {
                changes.audit(phase, action, &target, detail)
            })
            .unwrap();
    };
    trail("10:00:01", Phase::Intent, "delete-logs", "");
    trail("10:00:02", Phase::Failed, "delete-logs", "a | b");
    trail("10:00:03", Phase::Intent, "delete-logs", "");
    trail("10:00:04", Phase::Done, "delete-logs", "GitHub agreed");
    store
        .change(at("10:00:05"), |changes| {
            changes.audit(Phase::Done, "confirm", &target, "gone")?;
            let mut containment = changes.containments(&key())?.remove(0);
            containment.state = ContainmentState::Done;
            containment.attempts = 2;
            containment.done_at = Some(at("10:00:05"));
            changes.save_containment(&containment)?;
            changes.save_incident(&Incident {
                state: IncidentState::Contained,
                contained_at: Some(at("10:00:05")),
                ..incident()
            })
        })
        .unwrap();
}

fn act(store: &mut Store, now: &str, done: &str, kind: PersonActionKind, note: &str) {
    let action = PersonAction {
        incident: incident().id,
        at: at(done),
        kind,
        note: note.into(),
    };
    crate::respond::act(store, &DETECTOR, at(now), &action).unwrap();
}

fn made(store: &Store, language: Language, form: &Form<'_>) -> Result<String, ReportError> {
    let incident = store.view().incident(&incident().id)?.unwrap();
    report(store, incident, language, form, &DETECTOR)
}

fn filled(store: &Store, template: &str) -> String {
    made(store, Language::English, &Form::Template(template)).unwrap()
}

#[test]
fn each_action_is_told_once_at_its_time() {
    let mut store = store("deploy");
    contain(&mut store);
    act(
        &mut store,
        "10:10:00",
        "10:10:00",
        PersonActionKind::Acknowledged,
        "",
    );
    act(
        &mut store,
        "11:00:00",
        "10:30:00",
        PersonActionKind::Rotated,
        "by *hand*",
    );
    insta::assert_snapshot!(filled(&store, "{timeline}"));
}

#[test]
fn what_is_not_contained_is_not_said_to_be() {
    let store = store("deploy");
    let told = filled(&store, "{facts}\n{containment}\n{actions}");
    for word in [
        "**State:** open",
        "not confirmed that the logs are gone",
        "deletion is due",
    ] {
        assert!(told.contains(word), "no '{word}' in\n{told}");
    }
    assert!(!told.contains("| done"), "{told}");
}

#[test]
fn a_window_says_why_it_may_be_longer() {
    let mut store = store("deploy");
    contain(&mut store);
    let told = filled(&store, "Window: {exposure}.");
    for word in ["at least 1 h", "lower bound", "some logs were gone"] {
        assert!(told.contains(word), "no '{word}' in\n{told}");
    }
    assert!(
        !told.contains("lines with the secret have no time"),
        "{told}"
    );
    let unstamped = Sighting {
        logged_at: None,
        line: 4,
        ..sighting("deploy")
    };
    let seen = |changes: &crate::store::Changes<'_>| changes.see(&incident(), &[unstamped]);
    store.change(at("12:00:00"), seen).unwrap();
    let told = filled(&store, "Window: {exposure}.");
    for word in [
        "lines with the secret have no time",
        "open since, at the latest,",
    ] {
        assert!(told.contains(word), "no '{word}' in\n{told}");
    }
}

#[test]
fn both_languages_have_every_list_and_every_place_to_write() {
    let [english, french] = BOTH.map(Language::template);
    for field in FIELDS.iter().filter(|field| field.is_list) {
        let line = format!("\n{{{}}}\n", field.name);
        for template in [english, french] {
            assert!(format!("\n{template}").contains(&line), "{}", field.name);
        }
    }
    let counted = |word: &str| BOTH.map(|it| it.template().matches(word).count());
    for word in ["✍", "\n## ", "\n- **", "\n| "] {
        let [english, french] = counted(word);
        assert_eq!(english, french, "{word}");
    }
}

#[test]
fn no_english_is_left_in_french() {
    let mut store = store("deploy");
    contain(&mut store);
    let [english, french] = BOTH.map(|language| {
        let template = language.template();
        made(&store, language, &Form::Template(template)).unwrap()
    });
    assert_eq!(english.lines().count(), french.lines().count());
    // The same line in both: codes, numbers and texts quoted as they are.
    let words = |line: &&str| line.contains("**") && !line.contains("***") || line.starts_with('#');
    let same = english
        .lines()
        .filter(words)
        .filter(|line| french.lines().any(|it| it == *line));
    let same: Vec<_> = same.collect();
    assert_eq!(same, [] as [&str; 0]);
    let [english, french] = BOTH.map(Words::of);
    assert_ne!(
        english.event("send", Phase::Done),
        french.event("send", Phase::Done)
    );
}

#[test]
fn a_report_names_no_branch() {
    for language in BOTH {
        let told = made(
            &store("deploy"),
            language,
            &Form::Template(language.template()),
        );
        assert!(!told.unwrap().contains("alice"));
    }
}

#[test]
fn a_hostile_name_breaks_nothing() {
    let hostile = "`a` | b <!-- /leaksweep:places --> <!-- leaksweep:id 0 -->\n# c @team \u{1b}[2J";
    let store = store(hostile);
    let told = made(
        &store,
        Language::English,
        &Form::Template(Language::English.template()),
    );
    let told = told.unwrap();
    assert!(
        !told.contains('\u{1b}') && !told.contains("\n# c"),
        "{told}"
    );
    let rows: Vec<_> = told.lines().filter(|line| line.contains("team")).collect();
    assert_eq!(rows.len(), 2, "the place, and the step to silence");
    assert_eq!(rows[0].matches(" | ").count(), 7, "{}", rows[0]);
    let again = made(&store, Language::English, &Form::Old(&told)).unwrap();
    assert_eq!(again, told);
}

#[test]
fn a_report_that_would_leak_leaves_out_what_logs_say() {
    let token = crate::rule::template::expand(
        "ghp_{base62:30}{crc32}",
        &mut crate::rule::template::Seed::of(1, "report"),
    );
    let token = token.unwrap();
    let store = store(&token);
    let told = made(
        &store,
        Language::English,
        &Form::Template(Language::English.template()),
    );
    let told = told.unwrap();
    assert!(
        !told.contains(&token) && told.contains("No excerpt"),
        "{told}"
    );
    assert!(
        told.contains("example-token") && told.contains("5a5a"),
        "{told}"
    );
}

#[test]
fn a_template_is_checked() {
    let store = store("deploy");
    let refused = |template| made(&store, Language::English, &Form::Template(template));
    let unknown = refused("{nothing}").unwrap_err().to_string();
    assert!(
        unknown.contains("'nothing'\nhint: the fields are title, facts"),
        "{unknown}"
    );
    assert!(matches!(
        refused("a {timeline}"),
        Err(ReportError::Alone("timeline"))
    ));
    assert!(matches!(
        refused("{timeline} b"),
        Err(ReportError::Alone("timeline"))
    ));
    assert!(matches!(refused("{id"), Err(ReportError::Template(_))));
    let told = filled(&store, "{{{state}}}: {id}, {vendor}\r\n{title}\r\n");
    assert!(told.contains("{<!-- leaksweep:state "), "{told}");
    for field in FIELDS {
        let told = filled(&store, &format!("{{{}}}", field.name));
        assert!(told.lines().count() > 4, "{}: {told}", field.name);
    }
}

#[test]
fn a_note_is_no_leak_and_no_action_is_yet_to_come() {
    let mut store = store("deploy");
    let token = crate::rule::template::expand(
        "ghp_{base62:30}{crc32}",
        &mut crate::rule::template::Seed::of(2, "note"),
    );
    let action = |time, note: String| PersonAction {
        incident: incident().id,
        at: at(time),
        kind: PersonActionKind::Note,
        note,
    };
    let mut act = |action| crate::respond::act(&mut store, &DETECTOR, at("12:00:00"), &action);
    let leak = act(action("11:00:00", format!("it was {}", token.unwrap())));
    assert!(matches!(leak, Err(crate::respond::ActError::Secret)));
    let early = act(action("12:00:01", String::new()));
    assert!(matches!(early, Err(crate::respond::ActError::Future(_))));
    act(action("12:00:00", "fine".into())).unwrap();
    assert_eq!(store.view().actions(&incident().id).unwrap().len(), 1);
}
