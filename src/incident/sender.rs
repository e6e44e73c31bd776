//! Delivering over HTTP.

use super::address::{Private, PublicOnly};
use super::backoff::retry_after;
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
    let mut attempt = Attempt {
        host: request.host().to_owned(),
        idempotent: request.idempotent,
        after: None,
    };
    let call = client.post(request.url).headers(request.headers);
    match call.body(request.body).send().await {
        Err(error) => attempt.failed(&error),
        Ok(answer) => {
            let asked = answer.headers().get(RETRY_AFTER);
            let asked = asked.and_then(|value| value.to_str().ok());
            attempt.after = asked.and_then(|value| retry_after(value, request.sent_at));
            attempt.answered(answer, request.accepted).await
        }
    }
}

/// What is said of a delivery that failed.
struct Attempt {
    host: String,
    idempotent: bool,
    after: Option<Duration>,
}

impl Attempt {
    /// `written`: the receiver may have all of the request.
    fn retry(self, written: bool, what: &str) -> Delivery {
        Delivery::Retry {
            after: self.after,
            ambiguous: written && !self.idempotent,
            reason: format!("{} {what}", self.host),
        }
    }

    fn refused(&self, what: &str) -> Delivery {
        Delivery::Refused {
            reason: format!("{} {what}", self.host),
        }
    }

    fn failed(self, error: &reqwest::Error) -> Delivery {
        if is_private(error) {
            return self.refused(
                "is at a private, local or reserved address\n\
                 hint: see `allow_private` in docs/configuration.md",
            );
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

    async fn answered(self, answer: Response, accepted: fn(u16, &[u8]) -> bool) -> Delivery {
        let status = answer.status();
        let said = format!("answered {}", status.as_u16());
        match status {
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => self.retry(false, &said),
            // A gateway does not know what became of it; a server that answers does.
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => self.retry(true, &said),
            _ if status.is_server_error() => self.retry(false, &said),
            _ if status.is_success() => match head(answer).await {
                Err(_) => self.retry(true, "broke its answer off"),
                Ok(body) if accepted(status.as_u16(), &body) => Delivery::Delivered,
                Ok(_) => {
                    let what = format!("{said}, but not in the words of this kind of channel");
                    self.retry(true, &what)
                }
            },
            _ => self.refused(&format!("{said}{}", hint(status))),
        }
    }
}

fn hint(status: StatusCode) -> &'static str {
    match status {
        StatusCode::GONE => ", the channel is gone\nhint: make a new address",
        _ if status.is_redirection() => {
            ", which leads elsewhere\nhint: write down the address that it leads to"
        }
        _ => "\nhint: is the address still right, and the key?",
    }
}

/// Whether the resolver refused, as one of the causes says.
fn is_private(error: &reqwest::Error) -> bool {
    let first: &(dyn Error + 'static) = error;
    let mut causes = std::iter::successors(Some(first), |&cause| cause.source());
    causes.any(<dyn Error>::is::<Private>)
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
