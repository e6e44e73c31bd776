//! One request at a time, counted, checked and, if it only reads, tried again.

use super::answer::Answer;
use super::identity::{Identity, Place};
use super::link;
use super::pace::{Limit, Pace};
use super::patience::Patience;
use super::settings::{Base, Settings};
use super::transport::{self, Response};
use super::{GithubError, GithubErrorKind, Repository};
use crate::clock::Clock;
use http::header::IF_NONE_MATCH;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt, Limited};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use octocrab::Octocrab;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Hundreds of jobs fit; what is larger is no answer of the API.
const MOST_BYTES: usize = 32 << 20;

/// A listing that GitHub caps at 1,000 items has ten pages.
const MOST_PAGES: usize = 1_000;

/// GitHub asks for a second between requests that change something.
const MUTATION_PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Core {
    pub(super) base: Base,
    pub(super) settings: Settings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) store: Octocrab,
    runtime: Runtime,
    identity: Identity,
    calls: AtomicU64,
    /// How far GitHub's clock is before ours, in seconds; [`UNTOLD`] before the
    /// first answer that tells.
    ahead: AtomicI64,
    pace: Pace,
    limit: Mutex<Option<Limit>>,
    last_mutation: Mutex<Option<Timestamp>>,
}

const UNTOLD: i64 = i64::MIN;

/// A place below a repository: `/repos/OWNER/REPO` and `tail`.
pub(super) fn route(repository: &Repository, tail: &str) -> String {
    format!("/repos/{repository}{tail}")
}

/// One request.
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) tail: &'a str,
    pub(super) body: Option<&'a Value>,
    /// Only what is not as it was when GitHub gave it this tag.
    pub(super) etag: Option<&'a str>,
}

impl<'a> Ask<'a> {
    pub(super) fn get(tail: &'a str) -> Self {
        Self {
            method: Method::GET,
            tail,
            body: None,
            etag: None,
        }
    }

    fn condition(&self) -> Option<HeaderMap> {
        let etag = HeaderValue::from_str(self.etag?).ok()?;
        Some(HeaderMap::from_iter([(IF_NONE_MATCH, etag)]))
    }
}

/// One page of a listing.
pub(super) struct Page<P> {
    pub(super) content: P,
    pub(super) etag: Option<String>,
    pub(super) is_last: bool,
}

impl Core {
    pub(super) fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, GithubError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("github")
            .enable_all()
            .build()
            .map_err(|error| no_thread(&error))?;
        // octocrab starts a task of its own as soon as it is made.
        let inside = runtime.enter();
        let base = Base::parse(&settings.base, settings.allow_http)?;
        let identity = Identity::new(&base, &settings)?;
        let store = transport::store(settings.allow_http)?;
        drop(inside);
        Ok(Self {
            base,
            settings,
            clock,
            store,
            runtime,
            identity,
            calls: AtomicU64::new(0),
            ahead: AtomicI64::new(UNTOLD),
            pace: Pace::default(),
            limit: Mutex::new(None),
            last_mutation: Mutex::new(None),
        })
    }

    /// Reads until it works, is final or may wait no longer.
    pub(super) fn patiently<T>(
        &self,
        mut read: impl FnMut() -> Result<T, GithubError>,
    ) -> Result<T, GithubError> {
        let mut patience = Patience::new(self.settings.max_wait);
        loop {
            match read() {
                Err(error) => match patience.wait(&error, self.clock.now()) {
                    Some(wait) => self.clock.sleep(wait),
                    None => return Err(error),
                },
                done => return done,
            }
        }
    }

    /// Asks once.
    pub(super) fn get_once<'a>(
        &self,
        of: impl Into<Place<'a>>,
        tail: &str,
    ) -> Result<Answer, GithubError> {
        self.get_unless(of, tail, None)
    }

    /// Asks once. What is still as it was when GitHub gave it this tag comes as
    /// status 304, without a body, and costs nothing of the rate limit.
    fn get_unless<'a>(
        &self,
        of: impl Into<Place<'a>>,
        tail: &str,
        etag: Option<&str>,
    ) -> Result<Answer, GithubError> {
        let client = self.identity.of(of.into(), self)?;
        self.exchange(
            &client,
            &Ask {
                etag,
                ..Ask::get(tail)
            },
        )
    }

    /// Asks once for a change, a second after the last one. Never repeated:
    /// whether a change whose answer was lost has happened is for the caller to
    /// find out.
    pub(super) fn change<'a>(
        &self,
        of: impl Into<Place<'a>>,
        method: &Method,
        tail: &str,
        body: Option<&Value>,
    ) -> Result<(), GithubError> {
        let client = self.identity.of(of.into(), self)?;
        let mut last = self
            .last_mutation
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = *last {
            let passed = self.clock.now().duration_since(last).unsigned_abs();
            self.clock.sleep(MUTATION_PAUSE.saturating_sub(passed));
        }
        let ask = Ask {
            method: method.clone(),
            body,
            ..Ask::get(tail)
        };
        let answer = self.exchange(&client, &ask);
        *last = Some(self.clock.now());
        match answer?.status {
            StatusCode::NO_CONTENT | StatusCode::ACCEPTED => Ok(()),
            other => {
                let what =
                    format!("an answer to {method} {tail} that github does not give: {other}");
                Err(GithubError::bad_answer(what).with_status(other))
            }
        }
    }

    /// The JSON at `tail`.
    pub(super) fn get_json<'a, T: DeserializeOwned>(
        &self,
        of: impl Into<Place<'a>>,
        tail: &str,
    ) -> Result<T, GithubError> {
        let of = of.into();
        parse(&self.patiently(|| self.get_once(of, tail))?, tail)
    }

    /// The items of all pages that follow `tail`.
    pub(super) fn pages<'a, P: DeserializeOwned, T>(
        &self,
        of: impl Into<Place<'a>>,
        tail: String,
        items: impl FnMut(P) -> Vec<T>,
    ) -> Result<Vec<T>, GithubError> {
        match self.first_pages(of, tail, MOST_PAGES, items)? {
            (all, true) => Ok(all),
            _ => Err(GithubError::bad_answer("github's list of pages has no end")),
        }
    }

    /// The items of the first `most` pages, and whether these are all.
    pub(super) fn first_pages<'a, P: DeserializeOwned, T>(
        &self,
        of: impl Into<Place<'a>>,
        tail: String,
        most: usize,
        mut items: impl FnMut(P) -> Vec<T>,
    ) -> Result<(Vec<T>, bool), GithubError> {
        let of = of.into();
        let mut all = Vec::new();
        let mut next = Some(tail);
        for _ in 0..most {
            let Some(tail) = next else { break };
            let answer = self.patiently(|| self.get_once(of, &tail))?;
            all.extend(items(parse(&answer, &tail)?));
            next = link::next(&answer, &self.base)?;
        }
        Ok((all, next.is_none()))
    }

    /// The first page, its tag and whether it is the last, unless all of it is
    /// still as it was when GitHub gave it the tag `etag`.
    pub(super) fn page_unless<'a, P: DeserializeOwned>(
        &self,
        of: impl Into<Place<'a>>,
        tail: &str,
        etag: Option<&str>,
    ) -> Result<Option<Page<P>>, GithubError> {
        let of = of.into();
        let answer = self.patiently(|| self.get_unless(of, tail, etag))?;
        if answer.status == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        Ok(Some(Page {
            content: parse(&answer, tail)?,
            etag: answer.header("etag").map(str::to_owned),
            is_last: link::next(&answer, &self.base)?.is_none(),
        }))
    }

    /// Sends one request and reads its answer.
    pub(super) fn exchange(&self, client: &Octocrab, ask: &Ask<'_>) -> Result<Answer, GithubError> {
        self.count()?;
        self.pace.wait(&*self.clock, &ask.method);
        let sent = self.send(client, ask);
        let answer = self.block_on(self.in_time(self.base.host(), sent))??;
        self.note_date(&answer);
        let ahead = self.ahead().unwrap_or_default();
        *self.known_limit() = Limit::of(&answer, ahead);
        answer.check(&ask.method, ask.tail, self.clock.now(), ahead)
    }

    async fn send(&self, client: &Octocrab, ask: &Ask<'_>) -> Result<Answer, GithubError> {
        let uri = self.base.relative(ask.tail);
        let response = match ask.method {
            Method::GET => client._get_with_headers(uri, ask.condition()).await,
            Method::DELETE => client._delete(uri, ask.body).await,
            Method::PUT => client._put(uri, ask.body).await,
            _ => client._post(uri, ask.body).await,
        };
        self.read(response.map_err(|error| self.failed(&error))?)
            .await
    }

    async fn read(&self, response: Response) -> Result<Answer, GithubError> {
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MOST_BYTES).collect().await;
        let body = body.map_err(|error| GithubError::network(self.base.host(), &*error))?;
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.to_bytes(),
        })
    }

    fn failed(&self, error: &octocrab::Error) -> GithubError {
        match error {
            octocrab::Error::JWT { .. } => GithubError::settings(
                "the key of the app cannot sign",
                "give the RSA key in PEM that github made",
            ),
            other => GithubError::network(self.base.host(), other),
        }
    }

    /// What must be done within the timeout.
    pub(super) async fn in_time<T>(
        &self,
        host: &str,
        work: impl Future<Output = T>,
    ) -> Result<T, GithubError> {
        let done = tokio::time::timeout(self.settings.timeout, work).await;
        done.map_err(|_| GithubError::broken(host, "it took too long"))
    }

    pub(super) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    fn count(&self) -> Result<(), GithubError> {
        let most = self.settings.budget.unwrap_or(u64::MAX);
        let count = |calls| (calls < most).then_some(calls + 1);
        let counted = self
            .calls
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, count);
        counted.map(drop).map_err(|calls| {
            let what = format!("all {calls} allowed requests to github are used up");
            let hint = "raise the budget, or go on later";
            GithubError::new(GithubErrorKind::Budget, what, hint)
        })
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Requests that the budget still allows.
    pub(super) fn calls_left(&self) -> Option<u64> {
        Some(self.settings.budget?.saturating_sub(self.calls()))
    }

    /// The rate limit, as the last answer told it.
    pub(super) fn limit(&self) -> Option<Limit> {
        *self.known_limit()
    }

    fn known_limit(&self) -> MutexGuard<'_, Option<Limit>> {
        self.limit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_date(&self, answer: &Answer) {
        let parser = rfc2822::DateTimeParser::new();
        let date = answer
            .header("date")
            .and_then(|text| parser.parse_timestamp(text).ok());
        if let Some(date) = date {
            let ahead = date.duration_since(self.clock.now()).as_secs();
            self.ahead.store(ahead, Ordering::Relaxed);
        }
    }

    /// How far GitHub's clock is before ours, if an answer told it.
    fn ahead(&self) -> Option<SignedDuration> {
        let ahead = self.ahead.load(Ordering::Relaxed);
        (ahead != UNTOLD).then(|| SignedDuration::from_secs(ahead))
    }

    pub(super) fn server_time(&self) -> Option<Timestamp> {
        self.clock.now().saturating_add(self.ahead()?).ok()
    }

    pub(super) fn server_now(&self) -> Timestamp {
        self.server_time().unwrap_or_else(|| self.clock.now())
    }
}

/// The JSON of an answer. What does not fit is told by its place, not quoted.
pub(super) fn parse<T: DeserializeOwned>(answer: &Answer, tail: &str) -> Result<T, GithubError> {
    serde_json::from_slice(&answer.body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        GithubError::bad_answer(format!(
            "github's answer to {tail} is not the JSON it should be (line {line}, column {column})"
        ))
        .with_status(answer.status)
    })
}

fn no_thread(error: &std::io::Error) -> GithubError {
    let what = format!("failed to start a thread: {error}");
    GithubError::settings(what, "raise the limit of threads")
}
