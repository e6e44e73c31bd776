//! A GitHub on loopback that keeps state and tells the truth about it, with
//! its log store on a second origin.

mod fault;
pub(crate) mod http;
mod json;
mod limits;
mod logs;
mod record;
mod routes;
mod store;
mod tag;
mod world;

pub(crate) use fault::Effect;
pub(crate) use logs::Huge;
pub(crate) use world::{Access, Artifact, Attempt, Gone, Job, Run, Seen};

use self::http::{Answer, Request, Server};
use self::limits::Limits;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use leaksweep::clock::{Clock, SystemClock};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use world::{Token, World};

/// When a hook is called: before and after what a request does. The answer
/// is not sent before the hook returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    After,
}

type Hook = Arc<dyn Fn(Moment, &Seen) + Send + Sync>;

pub(crate) struct FakeGithub {
    inner: Arc<Inner>,
    api: Server,
    _store: Server,
}

struct Inner {
    world: Mutex<World>,
    clock: Arc<dyn Clock>,
    hook: Mutex<Option<Hook>>,
    /// Scheme and host of both origins, known once they listen.
    api_origin: OnceLock<String>,
    store_origin: OnceLock<String>,
}

impl FakeGithub {
    /// By the real time.
    pub(crate) fn start() -> Self {
        Self::start_by(Arc::new(SystemClock))
    }

    pub(crate) fn start_by(clock: Arc<dyn Clock>) -> Self {
        let inner = Arc::new(Inner {
            world: Mutex::default(),
            clock,
            hook: Mutex::default(),
            api_origin: OnceLock::new(),
            store_origin: OnceLock::new(),
        });
        let (for_api, for_store) = (inner.clone(), inner.clone());
        let api = Server::start(move |request| for_api.api(&request));
        let store = Server::start(move |request| for_store.store(&request));
        let origin = |server: &Server| format!("http://{}", server.address);
        inner.api_origin.set(origin(&api)).unwrap();
        inner.store_origin.set(origin(&store)).unwrap();
        Self {
            inner,
            api,
            _store: store,
        }
    }

    /// Root of the API.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.api.address)
    }

    /// Root of the API as an Enterprise Server has it.
    pub(crate) fn enterprise_base(&self) -> String {
        format!("{}/api/v3", self.base())
    }

    /// A token; it may be any word.
    pub(crate) fn token(&self, token: &str, access: Access) {
        let token = (
            token.to_owned(),
            Token {
                access,
                until: None,
            },
        );
        self.world().tokens.extend([token]);
    }

    pub(crate) fn install(&self, app: u64, installation: u64, repository: &str) {
        let installed = (app, installation, repository.to_owned());
        self.world().installations.push(installed);
    }

    pub(crate) fn make_private(&self, repository: &str) {
        let mut world = self.world();
        world
            .repositories
            .entry(repository.to_owned())
            .or_default()
            .private = true;
    }

    /// Adds a run, and the repository if it is new.
    pub(crate) fn add(&self, repository: &str, run: Run) {
        let mut world = self.world();
        let repository = world.repositories.entry(repository.to_owned()).or_default();
        repository.runs.insert(run.id, run);
    }

    pub(crate) fn add_artifact(&self, repository: &str, artifact: Artifact) {
        let mut world = self.world();
        let repository = world.repositories.entry(repository.to_owned()).or_default();
        repository.artifacts.insert(artifact.id, artifact);
    }

    /// Artifacts that still exist.
    pub(crate) fn artifacts(&self, repository: &str) -> Vec<u64> {
        let world = self.world();
        world.repositories[repository]
            .artifacts
            .keys()
            .copied()
            .collect()
    }

    /// So many requests an hour from now on, and GitHub's secondary limits; an
    /// hour for each repository, or one for all.
    pub(crate) fn limit(&self, an_hour: u64, per_repository: bool) {
        self.world().limits = Some(Limits::new(an_hour, per_repository));
    }

    /// Requests that met the limit of an hour, and those that came faster than
    /// they may.
    pub(crate) fn refusals(&self) -> (u64, u64) {
        let world = self.world();
        let limits = world.limits.as_ref().unwrap();
        (limits.refused, limits.hasty)
    }

    /// Answers that said that nothing has changed.
    pub(crate) fn unchanged(&self) -> u64 {
        self.world().limits.as_ref().map_or(0, |limits| limits.free)
    }

    /// Runs some of whose logs exist.
    pub(crate) fn runs_with_logs(&self, repository: &str) -> Vec<u64> {
        let world = self.world();
        let runs = world.repositories[repository].runs.values();
        let kept = runs.filter(|run| run.attempts.iter().any(|attempt| !attempt.deleted));
        kept.map(|run| run.id).collect()
    }

    /// Deletions of logs that were gone already.
    pub(crate) fn vain_deletions(&self) -> usize {
        self.world().vain
    }

    pub(crate) fn retention(&self, place: &str) -> Option<u64> {
        self.world().retention.get(place).copied()
    }

    /// Changes a run, as time does.
    pub(crate) fn change(&self, repository: &str, run: u64, change: impl FnOnce(&mut Run)) {
        change(self.world().run(repository, run).unwrap());
    }

    /// The same for hooks, which are called while the fake is at work.
    pub(crate) fn changer(&self) -> impl Fn(&str, u64, fn(&mut Run)) + Send + Sync + use<> {
        let inner = self.inner.clone();
        move |repository, run, change| {
            change(inner.world.lock().unwrap().run(repository, run).unwrap());
        }
    }

    /// Attempts whose logs still exist.
    pub(crate) fn attempts_with_logs(&self, repository: &str, run: u64) -> Vec<usize> {
        let mut world = self.world();
        let attempts = world.run(repository, run).map(|run| run.attempts.clone());
        let numbered = attempts.unwrap_or_default().into_iter().enumerate();
        let present = numbered.filter(|(_, attempt)| !attempt.deleted);
        present.map(|(number, _)| number + 1).collect()
    }

    pub(crate) fn has_run(&self, repository: &str, run: u64) -> bool {
        self.world().run(repository, run).is_some()
    }

    /// What happens to the next `times` requests of this kind. `path` is the
    /// end of a path, without the query, or, before a `*`, any part of it.
    pub(crate) fn fault(&self, call: &str, times: usize, effect: Effect) {
        let (method, path) = call.split_once(' ').unwrap();
        self.world().faults.push(fault::Fault {
            method: method.to_owned(),
            path: path.to_owned(),
            times,
            effect,
        });
    }

    /// Answers of lists get this many items a page, whatever is asked for.
    pub(crate) fn page_size(&self, items: usize) {
        self.world().page_size = Some(items);
    }

    /// Sets its clock this far before the real one.
    pub(crate) fn set_ahead(&self, seconds: i64) {
        self.world().ahead = seconds;
    }

    /// What logs that were deleted are answered with.
    pub(crate) fn set_gone(&self, gone: Gone) {
        self.world().gone = gone;
    }

    /// Calls `hook` on its own thread at each request to the API.
    pub(crate) fn on_request(&self, hook: impl Fn(Moment, &Seen) + Send + Sync + 'static) {
        *self.inner.hook.lock().unwrap() = Some(Arc::new(hook));
    }

    /// All requests so far, in the order they came.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.world().seen.clone()
    }

    /// Calls to the API so far: `GET /path`.
    pub(crate) fn calls(&self) -> Vec<String> {
        let api = self.seen().into_iter().filter(|seen| !seen.store);
        api.map(|seen| seen.call()).collect()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.inner.world.lock().unwrap()
    }
}

impl Inner {
    fn api(&self, request: &Request) -> Option<Answer> {
        let seen = self.see(request, false);
        self.call_hook(Moment::Before, &seen);
        let effect = self.take_fault(&seen);
        let answer = fault::act(effect.as_ref(), || self.limited(request));
        self.call_hook(Moment::After, &seen);
        let answer = self.dated(answer?);
        record::exchange(request, &answer, effect.as_ref());
        fault::spoil(effect, answer)
    }

    /// The answer, if the limits allow one.
    fn limited(&self, request: &Request) -> Answer {
        let now = self.now();
        let refused = {
            let limits = &mut self.world.lock().unwrap().limits;
            limits.as_mut().and_then(|limits| limits.take(request, now))
        };
        let answer = refused.unwrap_or_else(|| tag::known(request, routes::answer(self, request)));
        match &mut self.world.lock().unwrap().limits {
            Some(limits) => {
                if answer.status == 304 {
                    limits.give_back(request, now);
                }
                limits.tell(request, now, answer)
            }
            None => answer,
        }
    }

    fn store(&self, request: &Request) -> Option<Answer> {
        let effect = self.take_fault(&self.see(request, true));
        let answer = fault::act(effect.as_ref(), || store::answer(self, request));
        fault::spoil(effect, answer?)
    }

    fn see(&self, request: &Request, store: bool) -> Seen {
        let header = |name: &str| request.headers.get(name).cloned().unwrap_or_default();
        let seen = Seen {
            store,
            method: request.method.clone(),
            target: request.target.clone(),
            authorized: request.headers.contains_key("authorization"),
            agent: header("user-agent"),
            version: header("x-github-api-version"),
            body: request.body.clone(),
        };
        self.world.lock().unwrap().seen.push(seen.clone());
        seen
    }

    fn call_hook(&self, moment: Moment, seen: &Seen) {
        let hook = self.hook.lock().unwrap().clone();
        if let Some(hook) = hook {
            hook(moment, seen);
        }
    }

    fn take_fault(&self, seen: &Seen) -> Option<Effect> {
        let mut world = self.world.lock().unwrap();
        let mut faults = world.faults.iter_mut();
        let fault = faults.find(|fault| fault.hits(&seen.method, &seen.target))?;
        fault.times -= 1;
        Some(fault.effect.clone())
    }

    /// The present by this GitHub's clock.
    fn now(&self) -> Timestamp {
        let ahead = self.world.lock().unwrap().ahead;
        self.clock.now() + SignedDuration::from_secs(ahead)
    }

    fn dated(&self, answer: Answer) -> Answer {
        let printer = DateTimePrinter::new();
        let date = printer.timestamp_to_rfc9110_string(&self.now()).unwrap();
        answer.with("date", &date)
    }
}
