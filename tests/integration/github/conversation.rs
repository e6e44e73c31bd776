//! What GitHub tells, and what it deletes.

use super::{REPOSITORY, RUN, TOKEN, auth, repository, settings, world};
use crate::fake_github::{Access, Attempt, Effect, FakeGithub, Gone, Job, Run};
use leaksweep::clock::SystemClock;
use leaksweep::github::{Auth, Client, Deleted, GithubErrorKind};
use std::sync::Arc;

#[test]
fn a_run_its_jobs_and_their_annotations_are_read() {
    let world = world();
    let run = world.client.run(&repository(), RUN).unwrap();
    assert_eq!(
        (run.id, run.run_attempt, run.is_completed()),
        (RUN, 2, true)
    );
    assert_eq!(run.head_branch.as_deref(), Some("main"));
    assert_eq!(run.path.as_deref(), Some(".github/workflows/ci.yml"));
    assert_eq!(
        (run.private, run.visibility.as_deref()),
        (Some(false), Some("public"))
    );
    assert!(run.created_at.is_some() && run.run_started_at.is_some());

    let jobs = world.client.jobs(&repository(), RUN, 2).unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!((jobs[0].id, jobs[0].run_attempt), (702, Some(2)));
    let check_run = jobs[0].check_run().unwrap();
    let annotations = world.client.annotations(&repository(), check_run).unwrap();
    assert_eq!(annotations[0].message.as_deref(), Some("it failed"));
    assert_eq!(world.client.calls(), 3);
}

#[test]
fn requests_are_signed_and_say_who_asks() {
    let world = world();
    world.client.run(&repository(), RUN).unwrap();
    let seen = &world.github.seen()[0];
    assert_eq!(
        seen.agent,
        format!("leaksweep/{}", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(seen.version, "2022-11-28");
    assert!(seen.authorized && seen.body.is_empty());
}

#[test]
fn all_pages_are_read() {
    let world = world();
    world.github.page_size(2);
    let mut job = Job::new(900, "job 900");
    job.annotations = (0..5).map(|n| format!("remark {n}")).collect();
    let jobs = (801..806).map(|id| Job::new(id, &format!("job {id}")));
    let attempt = jobs.fold(Attempt::new().job(job), Attempt::job);
    world.github.add(REPOSITORY, Run::new(8).attempt(attempt));

    let jobs = world.client.jobs(&repository(), 8, 1).unwrap();
    let ids: Vec<u64> = jobs.iter().map(|job| job.id).collect();
    assert_eq!(ids, [900, 801, 802, 803, 804, 805]);
    assert_eq!(world.client.calls(), 3);
    let annotations = world.client.annotations(&repository(), 900).unwrap();
    assert_eq!(annotations.len(), 5);
    assert_eq!(world.client.calls(), 6);
}

#[test]
fn a_next_page_of_another_origin_is_not_asked_for() {
    let world = world();
    let link = ("link", "<http://localhost:9/x>; rel=\"next\"".to_owned());
    let effect = Effect::Answer(200, vec![link], r#"{"jobs": []}"#.to_owned());
    world.github.fault("GET /jobs", 1, effect);
    let error = world.client.jobs(&repository(), RUN, 1).unwrap_err();
    assert_eq!(error.kind(), GithubErrorKind::BadAnswer);
    assert_eq!(world.github.calls().len(), 1);
}

#[test]
fn an_enterprise_server_has_its_api_below_a_path() {
    let world = world();
    world.github.page_size(1);
    let two = Attempt::new().job(Job::new(1, "a")).job(Job::new(2, "b"));
    world.github.add(REPOSITORY, Run::new(8).attempt(two));
    let settings = settings(world.github.enterprise_base(), auth(TOKEN));
    let client = Client::new(settings, world.clock.clone()).unwrap();
    assert_eq!(client.server(), world.github.enterprise_base());
    assert_eq!(client.jobs(&repository(), 8, 1).unwrap().len(), 2);
    assert!(client.logs_present(&repository(), RUN, 1).unwrap());
    assert!(
        world
            .github
            .calls()
            .iter()
            .all(|call| call.starts_with("GET /api/v3/repos/"))
    );
}

#[test]
fn deleted_logs_are_gone_and_their_run_stays() {
    for gone in [Gone::NotFound, Gone::Gone] {
        let world = world();
        world.github.set_gone(gone);
        let present = |attempt| {
            world
                .client
                .logs_present(&repository(), RUN, attempt)
                .unwrap()
        };
        assert!(present(1) && present(2));
        assert_eq!(
            world.client.delete_logs(&repository(), RUN).unwrap(),
            Deleted::Now
        );
        assert!(!present(1) && !present(2));
        assert_eq!(world.github.attempts_with_logs(REPOSITORY, RUN), [0; 0]);
        assert_eq!(
            world.client.delete_logs(&repository(), RUN).unwrap(),
            Deleted::AlreadyGone
        );
        assert!(world.client.run(&repository(), RUN).unwrap().is_completed());
        assert!(
            world.github.seen().iter().all(|seen| !seen.store),
            "a log was downloaded"
        );
    }
}

#[test]
fn logs_that_deletion_passed_over_are_seen() {
    let world = world();
    let run = Run::new(8).attempt(Attempt::new().stubborn()).text("two\n");
    world.github.add(REPOSITORY, run);
    assert_eq!(
        world.client.delete_logs(&repository(), 8).unwrap(),
        Deleted::Now
    );
    assert!(world.client.logs_present(&repository(), 8, 1).unwrap());
    assert!(!world.client.logs_present(&repository(), 8, 2).unwrap());
}

#[test]
fn a_deleted_run_is_not_found() {
    let world = world();
    assert_eq!(
        world.client.delete_run(&repository(), RUN).unwrap(),
        Deleted::Now
    );
    assert!(!world.github.has_run(REPOSITORY, RUN));
    assert_eq!(
        world.client.delete_run(&repository(), RUN).unwrap(),
        Deleted::AlreadyGone
    );
    let error = world.client.run(&repository(), RUN).unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (GithubErrorKind::NotFound, Some(404))
    );
}

#[test]
fn a_run_in_progress_is_a_conflict() {
    let world = world();
    world
        .github
        .change(REPOSITORY, RUN, |run| run.status = "in_progress");
    let error = world.client.delete_logs(&repository(), RUN).unwrap_err();
    assert_eq!(error.kind(), GithubErrorKind::Conflict);
    assert!(
        error.to_string().contains("'The run is still in progress'"),
        "{error}"
    );
}

#[test]
fn who_may_not_is_told_why() {
    let world = world();
    world.github.token("reader", Access::Read);
    world.github.make_private("acme/hidden");
    let client =
        |auth| Client::new(settings(world.github.base(), auth), world.clock.clone()).unwrap();
    let refused = |error: leaksweep::github::GithubError| (error.kind(), error.to_string());

    let (kind, text) = refused(
        client(auth("reader"))
            .delete_logs(&repository(), RUN)
            .unwrap_err(),
    );
    assert_eq!(kind, GithubErrorKind::Forbidden);
    assert!(
        text.contains("'Resource not accessible by integration'"),
        "{text}"
    );
    assert!(
        text.contains("hint: ") && text.contains("`actions: write`"),
        "{text}"
    );

    let (kind, _) = refused(client(auth("unknown")).run(&repository(), RUN).unwrap_err());
    assert_eq!(kind, GithubErrorKind::Unauthorized);

    let nobody = client(Auth::Anonymous);
    assert!(nobody.run(&repository(), RUN).is_ok());
    let (kind, text) = refused(nobody.logs_present(&repository(), RUN, 1).unwrap_err());
    assert_eq!(kind, GithubErrorKind::Forbidden);
    assert!(
        text.contains("'Must have admin rights to Repository.'"),
        "{text}"
    );
    let hidden = "acme/hidden".parse().unwrap();
    let (kind, _) = refused(nobody.run(&hidden, RUN).unwrap_err());
    assert_eq!(kind, GithubErrorKind::NotFound);

    assert_eq!(
        world.clock.sleeps(),
        [0; 0],
        "what will not change was tried again"
    );
    assert_eq!(world.github.attempts_with_logs(REPOSITORY, RUN), [1, 2]);
}

#[test]
fn a_repository_that_a_token_may_not_see_is_told_from_a_run_that_is_gone() {
    let world = world();
    world.github.make_private("acme/hidden");
    let hidden = "acme/hidden".parse().unwrap();
    let sees = |auth| {
        let settings = settings(world.github.base(), auth);
        let client = Client::new(settings, world.clock.clone()).unwrap();
        client.sees(&hidden).unwrap()
    };
    assert!(sees(auth(TOKEN)));
    assert!(!sees(Auth::Anonymous));
    assert!(world.client.sees(&repository()).unwrap());
}

#[test]
fn lists_and_runs_are_read_leniently() {
    let world = world();
    let answer = |body: &str| Effect::Replace(body.as_bytes().to_vec());
    let jobs = r#"{"total_count": "2,500+", "jobs": [{"id": 5, "conclusion": "brand_new"}]}"#;
    world.github.fault("GET /jobs", 1, answer(jobs));
    assert_eq!(world.client.jobs(&repository(), RUN, 1).unwrap()[0].id, 5);
    let run = r#"{"id": 7, "head_commit": null, "status": null, "conclusion": "brand_new"}"#;
    world.github.fault("GET /runs/7", 1, answer(run));
    let run = world.client.run(&repository(), RUN).unwrap();
    assert_eq!((run.run_attempt, run.is_completed()), (1, false));
}

#[test]
fn the_clock_of_github_is_known_after_an_answer() {
    let world = world();
    world.github.set_ahead(3_600);
    assert_eq!(
        world.client.server_now(),
        leaksweep::clock::Clock::now(&*world.clock)
    );
    world.client.run(&repository(), RUN).unwrap();
    assert_eq!(
        world.client.server_now().to_string(),
        "2026-11-27T13:00:00Z"
    );
}

#[test]
fn a_client_may_be_shared() {
    let github = FakeGithub::start();
    github.token(TOKEN, Access::Write);
    github.add(REPOSITORY, Run::new(RUN));
    let settings = settings(github.base(), auth(TOKEN));
    let client = Client::new(settings, Arc::new(SystemClock)).unwrap();
    std::thread::scope(|scope| {
        let ask = || client.run(&repository(), RUN).unwrap().id;
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), RUN);
        }
    });
    assert_eq!((client.calls(), github.calls().len()), (8, 8));
}
