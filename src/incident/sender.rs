//! Delivering over HTTP.

use super::address::{Private, PublicOnly};
use super::backoff::retry_after;
use super::endpoint::check;
use super::{IncidentError, IncidentErrorKind, Request};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, ClientBuilder, Response, StatusCode, redirect, retry};
use std::error::Error;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How long a delivery may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// As much of an answer as is read.
const MOST_OF_AN_ANSWER: usize = 64 << 10;

/// What became of a delivery. Reasons name the host, and nothing else of the
/// address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The receiver has it.
    Delivered,
    /// Not now: try again later, see [`super::next_attempt`].
    Retry {
        /// How long the receiver asked to wait.
        after: Option<Duration>,
        /// The receiver may have it all the same, and would take another one
        /// for a new message: see [`super::Document::repeated`].
        ambiguous: bool,
        /// Why.
        reason: String,
    },
    /// Not so: it would fail again.
    Refused {
        /// Why, and what to do.
        reason: String,
    },
}

/// Sends requests, from any thread that runs no tasks of tokio itself.
#[derive(Debug)]
pub struct Sender {
    runtime: Runtime,
    public: Client,
    private: Client,
}

impl Sender {
    /// With a timeout of 20 seconds.
    pub fn new() -> Result<Self, IncidentError> {
        Self::with_timeout(TIMEOUT)
    }

    /// With another timeout, for one delivery from name look-up to answer.
    pub fn with_timeout(timeout: Duration) -> Result<Self, IncidentError> {
        // Whoever was first has chosen already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let public = client(timeout).dns_resolver(PublicOnly);
        Ok(Self {
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|it| failed(&it))?,
            public: public.build().map_err(|it| failed(&it))?,
            private: client(timeout).build().map_err(|it| failed(&it))?,
        })
    }

    /// Delivers `request` once.
    pub fn send(&self, request: Request) -> Delivery {
        let client = if request.allow_private {
            &self.private
        } else {
            &self.public
        };
        self.runtime.block_on(deliver(client, request))
    }
}

/// No redirects, which would carry the body elsewhere; no proxy, which would
/// resolve names by itself; no retries but ours; no connection kept open while
/// nobody drives it.
fn client(timeout: Duration) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("leaksweep/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .retry(retry::never())
        .referer(false)
        .pool_max_idle_per_host(0)
        // Shorter, so that what fails before anything was sent is told apart.
        .connect_timeout(timeout / 2)
        .timeout(timeout)
}

fn failed(error: &dyn Error) -> IncidentError {
    let what = format!(
        "the HTTP client could not be started: {error}\nhint: are there certificates of authorities on this machine?"
    );
    IncidentError::new(IncidentErrorKind::Client, what)
}

async fn deliver(client: &Client, request: Request) -> Delivery {
    let host = request.host().to_owned();
    let Request {
        url,
        headers,
        body,
        idempotent,
        accepted,
        allow_private,
        sent_at,
    } = request;
    let url = match check(url, allow_private) {
        Ok(url) => url,
        Err(what) => return refused(format!("{host} {what}")),
    };
    let answer = client.post(url).headers(headers).body(body).send().await;
    let (answer, again) = match answer {
        Ok(answer) => {
            let after = answer
                .headers()
                .get(RETRY_AFTER)
                .and_then(|it| it.to_str().ok());
            let after = after.and_then(|value| retry_after(value, sent_at));
            (
                answer,
                Again {
                    host,
                    idempotent,
                    after,
                },
            )
        }
        Err(error) => {
            return Again {
                host,
                idempotent,
                after: None,
            }
            .unless_private(&error);
        }
    };
    judge(answer, again, accepted).await
}

/// What a retry needs to know.
struct Again {
    host: String,
    idempotent: bool,
    after: Option<Duration>,
}

impl Again {
    fn retry(self, written: bool, what: &str) -> Delivery {
        Delivery::Retry {
            after: self.after,
            ambiguous: written && !self.idempotent,
            reason: format!("{} {what}", self.host),
        }
    }

    fn unless_private(self, error: &reqwest::Error) -> Delivery {
        let mut source: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(cause) = source {
            if cause.is::<Private>() {
                return refused(format!(
                    "{}: {Private}\nhint: see `allow_private` in docs/configuration.md",
                    self.host
                ));
            }
            source = cause.source();
        }
        let what = if error.is_dns() {
            "is not known to the resolver"
        } else if error.is_connect() {
            "could not be reached"
        } else if error.is_timeout() {
            "did not answer in time"
        } else {
            "broke the connection off before it had answered"
        };
        self.retry(!error.is_connect(), what)
    }
}

fn refused(reason: String) -> Delivery {
    Delivery::Refused { reason }
}

async fn judge(answer: Response, again: Again, accepted: fn(u16, &[u8]) -> bool) -> Delivery {
    let status = answer.status();
    let said = format!("answered {}", status.as_u16());
    match status {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => again.retry(false, &said),
        // A gateway does not know what became of it; a server that answers does.
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => again.retry(true, &said),
        _ if status.is_server_error() => again.retry(false, &said),
        _ if status.is_success() => match head(answer).await {
            Err(_) => again.retry(true, "broke its answer off"),
            Ok(body) if accepted(status.as_u16(), &body) => Delivery::Delivered,
            Ok(_) => again.retry(
                true,
                &format!("{said}, but not in the words of this kind of channel"),
            ),
        },
        _ if status.is_redirection() => refused(format!(
            "{} {said}, which leads elsewhere\nhint: write down the address that it leads to",
            again.host
        )),
        StatusCode::GONE => refused(format!(
            "{} {said}: the channel is gone\nhint: make a new address",
            again.host
        )),
        _ => refused(format!(
            "{} {said}\nhint: is the address still right, and the key?",
            again.host
        )),
    }
}

/// The first bytes of an answer.
async fn head(mut answer: Response) -> reqwest::Result<Vec<u8>> {
    let mut body = Vec::new();
    while body.len() < MOST_OF_AN_ANSWER
        && let Some(chunk) = answer.chunk().await?
    {
        body.extend_from_slice(&chunk[..chunk.len().min(MOST_OF_AN_ANSWER - body.len())]);
    }
    Ok(body)
}
