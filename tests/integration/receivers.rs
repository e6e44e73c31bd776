//! Receivers of incidents on this machine, one for each kind of channel, that
//! hold to the documented limits of what they stand for and can be made to
//! fail. They speak HTTP/1.1 over plain sockets, because a server library does
//! not let go of a connection in the middle.

mod alerts;
mod chat;
mod generic;
mod wire;

use crate::fake_github::Moment;
use crate::support::fill;
use jiff::Timestamp;
use leaksweep::config::{ChannelKind, Config};
use leaksweep::incident::{Channel, channels};
use leaksweep::secret::Secret;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;

pub(crate) use wire::Call;

/// All kinds of channels.
pub(crate) const KINDS: [ChannelKind; 9] = [
    ChannelKind::SreBot,
    ChannelKind::Slack,
    ChannelKind::Teams,
    ChannelKind::Discord,
    ChannelKind::Pagerduty,
    ChannelKind::Opsgenie,
    ChannelKind::Alertmanager,
    ChannelKind::Webhook,
    ChannelKind::Template,
];

/// What a receiver says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        let body = body.into();
        Self {
            status,
            body,
            headers: Vec::new(),
        }
    }
}

/// How the next call fails.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// It is answered so, and nothing else happens.
    Answer(Answer),
    /// It is taken in, and the connection let go without an answer.
    Drop,
    /// It is taken in, and answered once [`Receiver::release`] is called.
    Hang,
}

impl Fault {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(Answer::new(status, ""))
    }

    pub(crate) fn header(status: u16, name: &'static str, value: &str) -> Self {
        let headers = vec![(name, value.to_owned())];
        Self::Answer(Answer {
            status,
            headers,
            body: String::new(),
        })
    }
}

/// An alert, as the receiver keeps it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alert {
    pub(crate) open: bool,
    /// Calls about it that changed something or not.
    pub(crate) calls: u64,
    pub(crate) last: Value,
}

/// What stands at the receiver.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// Every call, failed ones too.
    pub(crate) calls: Vec<Call>,
    /// What people see in a chat, or events taken in.
    pub(crate) messages: Vec<Value>,
    /// Alerts by what tells them apart.
    pub(crate) alerts: BTreeMap<String, Alert>,
    /// Why calls were refused by the receiver's own rules.
    pub(crate) refusals: Vec<String>,
    /// Identifiers of messages that were taken in.
    pub(crate) seen: Vec<String>,
    faults: VecDeque<Fault>,
    released: bool,
    stopped: bool,
    now: Option<Timestamp>,
}

impl World {
    /// The receiver's own time.
    pub(crate) fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(Timestamp::now)
    }

    /// Opens or closes an alert.
    pub(crate) fn alert(&mut self, key: &str, open: bool, last: Value) {
        let calls = self.alerts.get(key).map_or(0, |alert| alert.calls) + 1;
        self.alerts
            .insert(key.to_owned(), Alert { open, calls, last });
    }
}

/// Called before and after what a call does; the answer waits for it.
type Hook = Arc<dyn Fn(Moment) + Send + Sync>;

struct Shared {
    world: Mutex<World>,
    hook: Mutex<Option<Hook>>,
    wake: Condvar,
    kind: ChannelKind,
    path: String,
    secret: String,
}

/// A receiver; it stops when it is dropped.
pub(crate) struct Receiver {
    shared: Arc<Shared>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl Receiver {
    pub(crate) fn start(kind: ChannelKind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            world: Mutex::default(),
            hook: Mutex::default(),
            wake: Condvar::new(),
            kind,
            path: path(kind),
            secret: secret(kind),
        });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || of_thread.listen(&listener));
        Self {
            shared,
            address,
            thread: Some(thread),
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap()
    }

    /// The next calls fail so, in this order.
    pub(crate) fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.world().faults.extend(faults);
    }

    /// Calls `hook` at each call.
    pub(crate) fn on_call(&self, hook: impl Fn(Moment) + Send + Sync + 'static) {
        *self.shared.hook.lock().unwrap() = Some(Arc::new(hook));
    }

    /// Lets hanging calls go on, and those to come.
    pub(crate) fn release(&self) {
        self.world().released = true;
        self.shared.wake.notify_all();
    }

    /// Stops the receiver's clock.
    pub(crate) fn set_now(&self, now: Timestamp) {
        self.world().now = Some(now);
    }

    /// The address with its secret path.
    pub(crate) fn url(&self) -> String {
        format!("http://{}{}", self.address, self.shared.path)
    }

    /// The key of the channel, empty if there is none.
    pub(crate) fn key(&self) -> &str {
        &self.shared.secret
    }

    fn variable(&self, what: &str) -> String {
        format!("{}_{what}", self.shared.kind.name().to_uppercase())
    }

    /// The environment of the channel.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let url = (self.variable("URL"), self.url());
        let key = (self.variable("SECRET"), self.shared.secret.clone());
        vec![url, key]
    }

    /// The entry of the channel for the configuration, on one line.
    pub(crate) fn entry(&self) -> String {
        let kind = self.shared.kind;
        let more = match kind {
            ChannelKind::SreBot => ", signature: {header: X-Signature, prefix: 'sha256='}",
            ChannelKind::Template => {
                ", headers: {Authorization: TEMPLATE_SECRET}, template: \
                 {title: '{title}', key: '{id}', text: '{text}', all: ['{sightings}', '{reasons}'], \
                 state: 'is {status}', places: '{sightings_total}', page: '{url}'}"
            }
            _ => "",
        };
        let key = match kind {
            ChannelKind::SreBot
            | ChannelKind::Pagerduty
            | ChannelKind::Opsgenie
            | ChannelKind::Webhook => format!(", secret_env: {}", self.variable("SECRET")),
            _ => String::new(),
        };
        let (name, url) = (kind.name(), self.variable("URL"));
        format!("{{name: {name}, type: {name}, url_env: {url}{key}, allow_private: true{more}}}")
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let mut world = self
            .shared
            .world
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        world.stopped = true;
        drop(world);
        self.shared.wake.notify_all();
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The part of the address that is a secret of most receivers.
fn path(kind: ChannelKind) -> String {
    match kind {
        ChannelKind::SreBot => fill("/hook/{uuid}", 1),
        ChannelKind::Slack => fill("/services/T{ALNUM:8}/B{ALNUM:8}/{base62:24}", 2),
        ChannelKind::Teams => fill("/workflows/{hex:32}/triggers/manual?sig={base64url:43}", 3),
        ChannelKind::Discord => fill("/api/webhooks/1{digits:17}/{base64url:68}", 4),
        ChannelKind::Webhook | ChannelKind::Template => fill("/in/{base62:20}", 5),
        ChannelKind::Pagerduty | ChannelKind::Opsgenie | ChannelKind::Alertmanager => String::new(),
    }
}

fn secret(kind: ChannelKind) -> String {
    match kind {
        ChannelKind::SreBot => fill("{base62:40}", 6),
        ChannelKind::Pagerduty => fill("{hex:32}", 7),
        ChannelKind::Opsgenie => fill("{uuid}", 8),
        ChannelKind::Webhook => fill("whsec_{base64:40}", 9),
        ChannelKind::Template => fill("Bearer {base62:40}", 10),
        _ => String::new(),
    }
}

/// A configuration of these receivers.
pub(crate) fn configuration<'a>(receivers: impl IntoIterator<Item = &'a Receiver>) -> String {
    let entries = receivers
        .into_iter()
        .map(|it| format!("  - {}\n", it.entry()));
    format!("version: 1\nchannels:\n{}", entries.collect::<String>())
}

/// Their channels, in order.
pub(crate) fn channels_to(receivers: &[Receiver]) -> Vec<Box<dyn Channel>> {
    let config = Config::parse(&configuration(receivers), "leaksweep.yaml").unwrap();
    let known: BTreeMap<String, String> =
        receivers.iter().flat_map(Receiver::environment).collect();
    let secrets = |name: &str| known.get(name).map(|value| Secret::new(value.as_bytes()));
    channels(&config.channels, &secrets).unwrap()
}

impl Shared {
    fn listen(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.world.lock().unwrap().stopped {
                return;
            }
            let shared = Arc::clone(self);
            let stream = stream.unwrap();
            std::thread::spawn(move || shared.serve(stream));
        }
    }

    /// One call on one connection.
    fn serve(&self, mut stream: TcpStream) {
        let Some(call) = wire::read(&mut stream) else {
            return;
        };
        self.call_hook(Moment::Before);
        let mut world = self.world.lock().unwrap();
        world.calls.push(call.clone());
        let answer = match world.faults.pop_front() {
            Some(Fault::Answer(answer)) => answer,
            Some(Fault::Drop) => {
                self.judge(&mut world, &call);
                return;
            }
            Some(Fault::Hang) => {
                let answer = self.judge(&mut world, &call);
                let hangs = |world: &mut World| !world.released && !world.stopped;
                world = self.wake.wait_while(world, hangs).unwrap();
                answer
            }
            None => self.judge(&mut world, &call),
        };
        drop(world);
        self.call_hook(Moment::After);
        wire::write(&mut stream, &answer);
    }

    fn call_hook(&self, moment: Moment) {
        let hook = self.hook.lock().unwrap().clone();
        if let Some(hook) = hook {
            hook(moment);
        }
    }

    fn judge(&self, world: &mut World, call: &Call) -> Answer {
        if call.method != "POST" || !call.target.starts_with(&self.path) {
            return Answer::new(404, "");
        }
        let taken = match self.kind {
            ChannelKind::SreBot => chat::sre_bot(world, call, &self.secret),
            ChannelKind::Slack => chat::slack(world, call),
            ChannelKind::Teams => chat::teams(world, call),
            ChannelKind::Discord => chat::discord(world, call),
            ChannelKind::Pagerduty => alerts::pagerduty(world, call, &self.secret),
            ChannelKind::Opsgenie => alerts::opsgenie(world, call, &self.secret),
            ChannelKind::Alertmanager => alerts::alertmanager(world, call),
            ChannelKind::Webhook => generic::webhook(world, call, &self.secret),
            ChannelKind::Template => generic::any(world, call, &self.secret),
        };
        taken.unwrap_or_else(|(status, why)| {
            world.refusals.push(why.clone());
            Answer::new(status, why)
        })
    }
}

/// An answer, or the status and the reason of a refusal.
pub(crate) type Taken = Result<Answer, (u16, String)>;

/// Refuses unless `holds`.
pub(crate) fn demand(holds: bool, status: u16, why: &str) -> Result<(), (u16, String)> {
    if holds {
        Ok(())
    } else {
        Err((status, why.to_owned()))
    }
}

/// The JSON of a body.
pub(crate) fn json(call: &Call) -> Result<Value, (u16, String)> {
    let typed = call.header("content-type").unwrap_or_default();
    demand(typed.starts_with("application/json"), 415, "content type")?;
    serde_json::from_slice(&call.body).map_err(|error| (400, error.to_string()))
}

/// Characters, as most documents of limits count them; units of UTF-16 where
/// that is more.
pub(crate) fn length(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.encode_utf16().count())
}
