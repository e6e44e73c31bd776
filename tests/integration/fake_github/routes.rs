//! The calls of the API.

use super::Inner;
use super::http::{Answer, Request};
use super::world::{Access, Gone, Link, Run, Token, World};
use super::{json, store};
use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const RETENTION: &str = "artifact-and-log-retention";

/// GitHub lists no more than this by a filter.
const CAP: usize = 1_000;

enum Who {
    Nobody,
    Stranger,
    App(u64),
    Token(Access),
}

/// A call, taken apart.
struct Call<'a> {
    inner: &'a Inner,
    world: &'a mut World,
    now: Timestamp,
    who: Who,
    /// `/api/v3` of an Enterprise Server, or nothing.
    root: &'a str,
    path: &'a str,
    query: &'a str,
}

pub(crate) fn answer(inner: &Inner, request: &Request) -> Answer {
    let now = inner.now();
    let world = &mut *inner.world.lock().unwrap();
    let who = who(world, request, now);
    let (target, query) = request
        .target
        .split_once('?')
        .unwrap_or((&request.target, ""));
    let (root, path) = match target.strip_prefix("/api/v3") {
        Some(path) => ("/api/v3", path),
        None => ("", target),
    };
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let call = Call {
        inner,
        world,
        now,
        who,
        root,
        path,
        query,
    };
    match (request.method.as_str(), parts.as_slice()) {
        _ if matches!(call.who, Who::Stranger) => say(401, "Bad credentials"),
        ("POST", ["app", "installations", id, "access_tokens"]) => call.open_session(id),
        ("GET", ["repos", owner, name, "installation"]) => call.installation(&name_of(owner, name)),
        ("GET", ["app", "installations"]) => call.installations(),
        ("GET", ["installation", "repositories"]) => call.installed(),
        ("GET", ["orgs", org, "installation"]) => call.installation(org),
        ("GET", ["orgs", org, "repos"]) => call.of_organization(org),
        (method @ ("GET" | "PUT"), ["orgs", org, "actions", "permissions", RETENTION]) => {
            call.retention(method, org, &request.body)
        }
        (method @ ("GET" | "PUT"), ["repos", owner, name, "actions", "permissions", RETENTION]) => {
            call.retention(method, &name_of(owner, name), &request.body)
        }
        (method, ["repos", owner, name, rest @ ..]) => {
            call.about(method, &name_of(owner, name), rest)
        }
        _ => say(404, "Not Found"),
    }
}

/// GitHub does not tell upper from lower case.
fn name_of(owner: &str, name: &str) -> String {
    format!("{owner}/{name}").to_ascii_lowercase()
}

fn who(world: &World, request: &Request, now: Timestamp) -> Who {
    let Some(header) = request.headers.get("authorization") else {
        return Who::Nobody;
    };
    let token = header.strip_prefix("Bearer ").unwrap_or_default();
    if let Some(app) = app_of(token) {
        return Who::App(app);
    }
    match world.tokens.get(token) {
        Some(token) if token.until.is_none_or(|until| now < until) => Who::Token(token.access),
        _ => Who::Stranger,
    }
}

/// The app that a JSON web token names. Its signature is not checked.
fn app_of(token: &str) -> Option<u64> {
    let [_, claims, _] = token.split('.').collect::<Vec<_>>().try_into().ok()?;
    let claims = BASE64URL_NOPAD.decode(claims.as_bytes()).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    claims.get("iss")?.as_u64()
}

impl Call<'_> {
    fn open_session(self, id: &str) -> Answer {
        let known = self.world.installations.iter();
        let mine = |app: u64, number: u64| {
            matches!(self.who, Who::App(who) if who == app) && number.to_string() == id
        };
        if !known.clone().any(|(app, number, _)| mine(*app, *number)) {
            return say(404, "Integration not found");
        }
        let token = format!("session-{}", self.world.tokens.len());
        let until = self.now + SignedDuration::from_hours(1);
        let entry = Token {
            access: Access::Write,
            until: Some(until),
        };
        self.world.tokens.insert(token.clone(), entry);
        let json = json!({ "token": token, "expires_at": until.to_string(), "permissions": {} });
        reply(201, &json)
    }

    fn installation(self, repository: &str) -> Answer {
        let mut known = self.world.installations.iter();
        let found = known.find(|(app, _, place)| {
            (place == repository || place.split('/').next() == Some(repository))
                && matches!(self.who, Who::App(who) if who == *app)
        });
        match found {
            Some((app, id, _)) => reply(200, &json::installation(*app, *id, repository)),
            None => say(404, "Not Found"),
        }
    }

    fn installations(self) -> Answer {
        let mine = self
            .world
            .installations
            .iter()
            .filter(|(app, _, _)| matches!(self.who, Who::App(who) if who == *app));
        let mut mine: Vec<_> = mine.collect();
        mine.dedup_by_key(|one| one.1);
        let all = mine
            .iter()
            .map(|(app, id, place)| json::installation(*app, *id, place));
        reply(200, &all.collect())
    }

    fn installed(self) -> Answer {
        let places = self.world.installations.iter();
        let places: Vec<String> = places.map(|(_, _, place)| place.clone()).collect();
        let total = places.len();
        self.sites(
            &places,
            |page| json!({ "total_count": total, "repositories": page }),
        )
    }

    fn of_organization(self, org: &str) -> Answer {
        let names = self.world.repositories.keys();
        let of = names.filter(|name| name.split('/').next() == Some(org));
        let names: Vec<String> = of.cloned().collect();
        self.sites(&names, Value::Array)
    }

    fn sites(self, names: &[String], wrap: impl FnOnce(Vec<Value>) -> Value) -> Answer {
        let sites = names.iter().map(|name| {
            let private = self.world.repositories[name].private;
            json::repository(name, private)
        });
        let sites: Vec<Value> = sites.collect();
        self.page(&sites, wrap)
    }

    fn retention(self, method: &str, place: &str, body: &[u8]) -> Answer {
        let most = 400;
        if method == "GET" {
            let days = self.world.retention.get(place).copied().unwrap_or(90);
            return reply(200, &json!({ "days": days, "maximum_allowed_days": most }));
        }
        if !matches!(self.who, Who::Token(Access::Write)) {
            return say(403, "Resource not accessible by integration");
        }
        let body: Value = serde_json::from_slice(body).unwrap();
        match body["days"].as_u64() {
            Some(days) if (1..=most).contains(&days) => {
                self.world.retention.insert(place.to_owned(), days);
                Answer::empty(204)
            }
            _ => say(422, "Validation Failed"),
        }
    }

    fn about(self, method: &str, repository: &str, rest: &[&str]) -> Answer {
        let private = match self.world.repositories.get(repository) {
            Some(known) => known.private,
            None => return say(404, "Not Found"),
        };
        match self.who {
            Who::Nobody if private => return say(404, "Not Found"),
            Who::App(_) => return say(401, "A JSON web token is for apps only"),
            _ => {}
        }
        let sensitive = method == "DELETE" || rest.last() == Some(&"logs");
        match self.who {
            Who::Nobody if sensitive => say(403, "Must have admin rights to Repository."),
            Who::Token(Access::Read) if method == "DELETE" => {
                say(403, "Resource not accessible by integration")
            }
            _ => self.allowed(method, repository, private, rest),
        }
    }

    fn allowed(self, method: &str, repository: &str, private: bool, rest: &[&str]) -> Answer {
        let numbers: Vec<u64> = rest.iter().filter_map(|part| part.parse().ok()).collect();
        match (method, rest, numbers.as_slice()) {
            ("GET", [], []) => reply(200, &json::whole_repository(repository, private)),
            ("GET", ["actions", "runs"], []) => self.runs(repository, private),
            ("GET", ["actions", "runs", _], &[id]) => match self.world.run(repository, id) {
                Some(run) => reply(200, &json::run(run, repository, private)),
                None => say(404, "Not Found"),
            },
            ("GET", ["actions", "runs", _, "attempts", _, "jobs"], &[id, attempt]) => {
                self.jobs(repository, id, attempt as usize)
            }
            ("GET", ["actions", "runs", _, "logs"], &[id]) => {
                let run = self.world.run(repository, id);
                let latest = run.map_or(0, |run| run.attempts.len());
                self.run_logs(repository, id, latest)
            }
            ("GET", ["actions", "runs", _, "attempts", _, "logs"], &[id, attempt]) => {
                self.run_logs(repository, id, attempt as usize)
            }
            ("GET", ["actions", "jobs", _, "logs"], &[id]) => self.job_logs(repository, id),
            ("GET", ["check-runs", _, "annotations"], &[id]) => self.annotations(repository, id),
            ("GET", ["actions", "artifacts"], []) => self.artifacts(repository),
            ("GET", ["actions", "artifacts", _], &[id]) => {
                match self.world.repositories[repository].artifacts.get(&id) {
                    Some(artifact) => reply(200, &json::artifact(artifact, repository)),
                    None => say(404, "Not Found"),
                }
            }
            ("DELETE", ["actions", "artifacts", _], &[id]) => {
                let known = self.world.repositories.get_mut(repository).unwrap();
                match known.artifacts.remove(&id) {
                    Some(_) => Answer::empty(204),
                    None => say(404, "Not Found"),
                }
            }
            ("DELETE", ["actions", "runs", _, "logs"], &[id]) => self.delete_logs(repository, id),
            ("DELETE", ["actions", "runs", _], &[id]) => self.delete_run(repository, id),
            _ => say(404, "Not Found"),
        }
    }

    /// Newest first; by a filter no more than GitHub lists.
    fn runs(self, repository: &str, private: bool) -> Answer {
        let created = self.value("created").map(str::to_owned);
        let window = created.map(|text| {
            let (first, last) = text.split_once("..").unwrap();
            let time = |text: &str| text.parse::<Timestamp>().unwrap();
            time(first)..=time(last)
        });
        let runs = &self.world.repositories[repository].runs;
        let within = |run: &&Run| window.as_ref().is_none_or(|all| all.contains(&run.created));
        let mut all: Vec<&Run> = runs.values().filter(within).collect();
        all.sort_by_key(|run| std::cmp::Reverse((run.created, run.id)));
        // Words in place of a number, as GitHub writes large ones.
        let total = match all.len() {
            0..=2_500 => json!(all.len()),
            _ => json!("2,500+"),
        };
        if window.is_some() {
            all.truncate(CAP);
        }
        let (range, link) = self.range(all.len());
        let page = all[range].iter();
        let page: Vec<Value> = page
            .map(|run| json::run(run, repository, private))
            .collect();
        with_link(
            reply(200, &json!({ "total_count": total, "workflow_runs": page })),
            link,
        )
    }

    fn artifacts(self, repository: &str) -> Answer {
        let all = self.world.repositories[repository].artifacts.values().rev();
        let all: Vec<Value> = all.map(|one| json::artifact(one, repository)).collect();
        let total = all.len();
        self.page(
            &all,
            |page| json!({ "total_count": total, "artifacts": page }),
        )
    }

    fn jobs(self, repository: &str, id: u64, number: usize) -> Answer {
        let run = self.world.run(repository, id);
        let attempt = run.and_then(|run| run.attempts.get(number.checked_sub(1)?).cloned());
        let Some(attempt) = attempt else {
            return say(404, "Not Found");
        };
        let jobs = attempt.jobs.iter();
        let all: Vec<Value> = jobs
            .map(|job| json::job(job, id, number, repository))
            .collect();
        let total = all.len();
        self.page(&all, |page| json!({ "total_count": total, "jobs": page }))
    }

    fn annotations(self, repository: &str, id: u64) -> Answer {
        let Some((_, _, job)) = self.world.job(repository, id) else {
            return say(404, "Not Found");
        };
        let messages = job.annotations.iter();
        let all: Vec<Value> = messages.map(|message| json::annotation(message)).collect();
        self.page(&all, Value::Array)
    }

    /// The page that the query asks for, and a link to the next.
    fn page(self, all: &[Value], wrap: impl FnOnce(Vec<Value>) -> Value) -> Answer {
        let (range, link) = self.range(all.len());
        with_link(reply(200, &wrap(all[range].to_vec())), link)
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.query.split('&');
        pairs.filter_map(|pair| pair.split_once('='))
    }

    fn value(&self, name: &str) -> Option<&str> {
        let found = self.pairs().find(|(key, _)| *key == name);
        found.map(|(_, value)| value)
    }

    /// Which of so many items the query asks for, and the link to the next.
    fn range(&self, items: usize) -> (std::ops::Range<usize>, Option<String>) {
        let number = |name| self.value(name).and_then(|text| text.parse::<usize>().ok());
        let asked = number("per_page").unwrap_or(30).min(100);
        let size = self.world.page_size.unwrap_or(asked);
        let number = number("page").unwrap_or(1);
        let (first, last) = ((number - 1) * size, number * size);
        let others = self.pairs().filter(|(key, _)| *key != "page");
        let others: String = others
            .map(|(key, value)| format!("{key}={value}&"))
            .collect();
        let (origin, root, path) = (self.inner.api_origin.get().unwrap(), self.root, self.path);
        let next = number + 1;
        let link = format!("<{origin}{root}{path}?{others}page={next}>; rel=\"next\"");
        let range = first.min(items)..last.min(items);
        (range, (last < items).then_some(link))
    }

    fn run_logs(self, repository: &str, run: u64, attempt: usize) -> Answer {
        let found = self.world.run(repository, run);
        let known = found.and_then(|run| run.attempts.get(attempt.checked_sub(1)?));
        match known {
            Some(known) if known.deleted => self.gone(),
            Some(_) => self.link(repository, run, attempt, None),
            None => say(404, "Not Found"),
        }
    }

    fn job_logs(self, repository: &str, id: u64) -> Answer {
        let Some((run, attempt, job)) = self.world.job(repository, id) else {
            return say(404, "Not Found");
        };
        if job.status != "completed" {
            let xml = "<?xml version=\"1.0\"?><Error><Code>BlobNotFound</Code></Error>";
            return Answer::new(404, "application/xml", xml.into());
        }
        if self.world.repositories[repository].runs[&run].attempts[attempt - 1].deleted {
            self.gone()
        } else {
            self.link(repository, run, attempt, Some(id))
        }
    }

    fn gone(&self) -> Answer {
        match self.world.gone {
            Gone::NotFound => say(404, "Not Found"),
            Gone::Gone => say(410, "Server Error"),
        }
    }

    /// A redirect to the log store, good for a minute.
    fn link(self, repository: &str, run: u64, attempt: usize, job: Option<u64>) -> Answer {
        let number = self.world.links.len();
        self.world.links.push(Link {
            repository: repository.to_owned(),
            run,
            attempt,
            job,
            until: self.now + SignedDuration::from_mins(1),
        });
        let origin = self.inner.store_origin.get().unwrap();
        let location = format!("{origin}/blobs/{number}?{}", store::signature(number));
        Answer::empty(302).with("location", &location)
    }

    fn delete_logs(self, repository: &str, id: u64) -> Answer {
        let gone = self.gone();
        let Some(run) = self.world.run(repository, id) else {
            return say(404, "Not Found");
        };
        if run.status != "completed" {
            return say(409, "The run is still in progress");
        }
        if run.attempts.iter().all(|attempt| attempt.deleted) {
            self.world.vain += 1;
            return gone;
        }
        let attempts = run.attempts.iter_mut().filter(|attempt| !attempt.stubborn);
        attempts.for_each(|attempt| attempt.deleted = true);
        Answer::empty(204)
    }

    fn delete_run(self, repository: &str, id: u64) -> Answer {
        match self.world.run(repository, id).map(|run| run.status) {
            None => say(404, "Not Found"),
            Some("completed") => {
                let known = self.world.repositories.get_mut(repository).unwrap();
                known.runs.remove(&id);
                Answer::empty(204)
            }
            Some(_) => say(409, "The run is still in progress"),
        }
    }
}

fn with_link(answer: Answer, link: Option<String>) -> Answer {
    match link {
        Some(link) => answer.with("link", &link),
        None => answer,
    }
}

fn reply(status: u16, json: &Value) -> Answer {
    Answer::new(
        status,
        "application/json; charset=utf-8",
        json.to_string().into(),
    )
}

pub(crate) fn say(status: u16, message: &str) -> Answer {
    let site = "https://docs.github.com/rest";
    reply(
        status,
        &json!({ "message": message, "documentation_url": site, "status": status.to_string() }),
    )
}
