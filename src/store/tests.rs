use super::*;
use crate::rule::{Confidence, Severity};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("below/state.db")).unwrap();
    (folder, store)
}

fn run() -> RunKey {
    RunKey {
        server: "https://api.example".into(),
        repository: "acme/shop".into(),
        run_id: 7,
    }
}

fn incident(second: i64) -> Incident {
    Incident {
        id: incident_id("https://api.example", "acme/shop", "f00d"),
        server: "https://api.example".into(),
        repository: "acme/shop".into(),
        visibility: Some("public".into()),
        fingerprint: "f00d".into(),
        facts: Facts {
            rule_id: "github-pat".into(),
            vendor: "github".into(),
            name: "GitHub token".into(),
            severity: Severity::Critical,
            confidence: Confidence::High,
            redacted: "ghp_***".into(),
            reasons: vec!["checksum holds".into()],
            revoke: None,
            references: Vec::new(),
            excerpt: None,
        },
        state: IncidentState::Open,
        opened_at: at(second),
        detected_at: at(second),
        leaked_at: Some(at(second - 100)),
        contained_at: None,
        closed_at: None,
        close_reason: None,
        note: None,
    }
}

fn sighting(attempt: u64, line: u64) -> Sighting {
    Sighting {
        run_id: 7,
        attempt,
        path: "run-7-attempt-1.zip!0_build.txt".into(),
        line,
        column: 3,
        annotation: false,
        job: Some("build".into()),
        step: None,
        logged_at: None,
    }
}

#[test]
fn a_secret_has_one_incident_however_often_it_is_seen() {
    let (_folder, mut store) = store();
    let mut see = |second, places: &[Sighting]| {
        store
            .change(at(second), |changes| changes.see(&incident(second), places))
            .unwrap()
    };
    assert_eq!(see(1000, &[sighting(1, 1), sighting(1, 2)]), Seen::Opened);
    assert_eq!(see(2000, &[sighting(1, 1)]), Seen::Known);
    assert_eq!(see(3000, &[sighting(2, 1)]), Seen::Updated);
    let view = store.view();
    let all = view.incidents().unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].opened_at, at(1000));
    assert_eq!(all[0].detected_at, at(1000));
    assert_eq!(all[0].leaked_at, Some(at(900)));
    assert_eq!(view.count_sightings(&all[0].id).unwrap(), 3);
    assert_eq!(view.incidents_of(&run()).unwrap(), all);
    assert_eq!(view.runs_of(&all[0]).unwrap(), [run()]);
}

#[test]
fn a_secret_that_comes_back_opens_its_incident_again() {
    let (_folder, mut store) = store();
    let first = incident(1000);
    let closed = Incident {
        state: IncidentState::Closed,
        close_reason: Some(CloseReason::Rotated),
        closed_at: Some(at(1500)),
        ..first.clone()
    };
    store
        .change(at(1000), |changes| {
            changes.see(&first, &[sighting(1, 1)])?;
            changes.save_incident(&closed)
        })
        .unwrap();
    assert_eq!(store.view().incident(&first.id).unwrap(), Some(closed));
    let seen = store.change(at(2000), |changes| {
        changes.see(&incident(2000), &[sighting(2, 9)])
    });
    assert_eq!(seen.unwrap(), Seen::Opened);
    let open = store.view().incident(&first.id).unwrap().unwrap();
    assert_eq!(open.state, IncidentState::Open);
    assert_eq!((open.opened_at, open.detected_at), (at(1000), at(2000)));
}

#[test]
fn an_open_intention_is_taken_up_again_and_a_done_one_is_not() {
    let (_folder, mut store) = store();
    let mut intend = |action| {
        store
            .change(at(1), |changes| changes.intend(&run(), action))
            .unwrap()
    };
    let first = intend(Action::DeleteLogs);
    let again = intend(Action::DeleteRun);
    assert_eq!(first.id, again.id);
    assert_eq!(again.action, Action::DeleteRun);
    assert_eq!(intend(Action::DeleteLogs).action, Action::DeleteRun);
    let done = Containment {
        state: ContainmentState::Done,
        ..again
    };
    store
        .change(at(2), |changes| changes.save_containment(&done))
        .unwrap();
    assert_eq!(store.view().open_containments().unwrap(), []);
    let new = store.change(at(3), |changes| changes.intend(&run(), Action::DeleteLogs));
    assert_ne!(new.unwrap().id, first.id);
}

#[test]
fn messages_keep_their_order_and_leave_the_outbox_when_sent() {
    let (_folder, mut store) = store();
    let id = incident(1).id;
    store
        .change(at(1), |changes| {
            changes.see(&incident(1), &[sighting(1, 1)])?;
            assert_eq!(changes.next_message(&id)?, 1);
            assert_eq!(changes.next_message(&id)?, 2);
            changes.enqueue(("m1", "chat", &id), "one", "one?")?;
            changes.enqueue(("m2", "chat", &id), "two", "two?")
        })
        .unwrap();
    let open = store.view().open_messages().unwrap();
    assert_eq!(open.len(), 2);
    let sent = Message {
        state: MessageState::Sent,
        ..open[0].clone()
    };
    store
        .change(at(2), |changes| changes.save_message(&sent))
        .unwrap();
    let left = store.view().open_messages().unwrap();
    assert_eq!(left, open[1..]);
    let body = |doubtful| store.view().body(left[0].id, doubtful).unwrap();
    assert_eq!((&*body(false), &*body(true)), ("two", "two?"));
    let twice = store.change(at(3), |changes| {
        changes.enqueue(("m2", "chat", &id), "", "")
    });
    assert!(twice.is_err(), "one message, one place in the outbox");
}

#[test]
fn nothing_is_written_if_one_part_fails() {
    let (_folder, mut store) = store();
    let failed = store.change(at(1), |changes| {
        changes.audit(Phase::Note, "x", "y", "z")?;
        Err::<(), _>(StoreError::Value("stop".into()))
    });
    assert!(failed.is_err());
    assert_eq!(store.view().audit_head().unwrap().0, 0);
}

fn trail() -> (tempfile::TempDir, Store) {
    let (folder, mut store) = store();
    for n in 0..5 {
        store
            .change(at(n), |changes| {
                changes.audit(Phase::Intent, "delete-logs", "acme/shop run 7", "")
            })
            .unwrap();
    }
    (folder, store)
}

#[test]
fn the_audit_trail_shows_tampering() {
    let whole = trail().1.view().verify_audit().unwrap();
    assert_eq!((whole.lines, whole.broken_at), (5, None));
    for (tampering, first_broken) in [
        ("UPDATE audit SET detail = 'nothing' WHERE seq = 3", 3),
        ("UPDATE audit SET at = at + 1 WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq = 2", 3),
        (
            "UPDATE audit SET action = 'delete-logsa', target = 'cme/shop run 7' WHERE seq = 5",
            5,
        ),
    ] {
        let (_folder, store) = trail();
        store.connection.execute(tampering, []).unwrap();
        let chain = store.view().verify_audit().unwrap();
        assert_eq!(chain.broken_at, Some(first_broken), "{tampering}");
    }
    let (_folder, store) = trail();
    store
        .connection
        .execute("DELETE FROM audit WHERE seq = 5", [])
        .unwrap();
    let cut = store.view().verify_audit().unwrap();
    assert_ne!(cut.head, whole.head, "a cut end shows in the head");
}

#[test]
fn a_store_is_private_and_says_what_to_do_with_a_newer_one() {
    let (_folder, store) = store();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(store.path()), 0o600);
        assert_eq!(mode(store.path().parent().unwrap()), 0o700);
    }
    store
        .connection
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let refused = Store::open(store.path()).unwrap_err().to_string();
    assert!(refused.contains("hint: use the newest"), "{refused}");
}

#[test]
fn a_store_that_is_not_there_is_not_made_by_looking() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    assert!(Store::open_read_only(&path).unwrap().is_none());
    assert!(!path.exists());
}

#[test]
fn incident_names_do_not_depend_on_the_case_of_a_repository() {
    let id = incident_id("s", "Acme/Shop", "f");
    assert_eq!(id, incident_id("s", "acme/shop", "f"));
    assert_ne!(id, incident_id("s", "acme/shop", "g"));
    assert_eq!(id.len(), 19);
}

#[test]
fn steps_that_show_a_secret_are_counted_with_their_times() {
    let (_folder, mut store) = store();
    let stamped = |line, logged_at: Option<&str>| Sighting {
        logged_at: logged_at.map(str::to_owned),
        ..sighting(1, line)
    };
    let seen = [
        stamped(1, Some("2026-11-02T09:00:02Z")),
        stamped(2, Some("2026-11-02T09:00:01Z")),
        stamped(3, None),
        Sighting {
            path: "run-7-attempt-1.zip!build/1_Set up job.txt".into(),
            ..stamped(1, Some("2026-11-02T09:00:02Z"))
        },
        sighting(2, 1),
    ];
    store
        .change(at(1), |changes| changes.see(&incident(1), &seen))
        .unwrap();
    let places = store.view().places(&incident(1).id).unwrap();
    let counted = places
        .iter()
        .map(|one| (one.attempt, one.lines, one.stamped));
    assert_eq!(counted.collect::<Vec<_>>(), [(1, 3, 2), (2, 1, 0)]);
    assert_eq!(places[0].first.as_deref(), Some("2026-11-02T09:00:01Z"));
    assert_eq!(places[0].last.as_deref(), Some("2026-11-02T09:00:02Z"));
}

#[test]
fn what_people_did_is_kept_by_its_time_and_stands_in_the_trail() {
    let (_folder, mut store) = store();
    let id = incident(1).id;
    let action = |second, kind, note: &str| PersonAction {
        incident: id.clone(),
        at: at(second),
        kind,
        note: note.to_owned(),
    };
    let late = action(9, PersonActionKind::Note, "told the team");
    let early = action(5, PersonActionKind::Rotated, "");
    store
        .change(at(9), |changes| {
            changes.see(&incident(1), &[sighting(1, 1)])?;
            changes.act(&late)?;
            changes.act(&early)
        })
        .unwrap();
    assert_eq!(store.view().actions(&id).unwrap(), [early, late]);
    let mut trail = Vec::new();
    let take = |entry: AuditEntry| trail.push(format!("{} {}", entry.action, entry.detail));
    store.view().each_audit_entry(take).unwrap();
    assert_eq!(
        trail,
        [
            "incident-note at 1970-01-01T00:00:09Z: told the team",
            "incident-rotated at 1970-01-01T00:00:05Z"
        ]
    );
}

#[test]
fn an_older_store_is_read_as_it_would_be_in_the_newest_form() {
    let (_folder, store) = store();
    store
        .connection
        .execute_batch(
            "DROP TABLE action; DROP TABLE purge; DROP TABLE sweep; DROP TABLE traced_repository;
             DROP TABLE traced_window; DROP TABLE traced_run; DROP TABLE traced_log;
             DROP TABLE traced_place; DROP TABLE traced_echo; DROP TABLE traced_step;
             DROP TABLE traced_secret; DROP TABLE traced_command; PRAGMA user_version = 1;",
        )
        .unwrap();
    let read = Store::open_read_only(store.path()).unwrap().unwrap();
    assert_eq!(read.path(), store.path());
    assert_eq!(read.view().actions("ls-0").unwrap(), []);
    let form = "PRAGMA user_version";
    let form = store
        .connection
        .query_row(form, [], |row| row.get::<_, i64>(0));
    assert_eq!(form.unwrap(), 1, "the file stays as it was");
}
