//! What goes wrong on demand.

use super::http::{Answer, Body};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What happens to a request instead of, or to, its answer.
#[derive(Clone)]
pub(crate) enum Effect {
    /// This answer, and nothing is done: status, headers, body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// The whole is done, but these bytes are the body.
    Replace(Vec<u8>),
    /// The whole is done, but its body breaks off.
    Cut,
    /// The whole is done, but its body stops until the gate opens.
    Stall(Arc<AtomicBool>),
    /// The whole is done, and the connection ends without an answer.
    Lose,
    /// Nothing is done, and the connection ends without an answer.
    Refuse,
}

/// An effect on the next requests whose method is the same and whose target
/// ends in `path`; a `*` at its end stands for any end.
pub(crate) struct Fault {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) times: usize,
    pub(crate) effect: Effect,
}

impl Fault {
    pub(crate) fn hits(&self, method: &str, target: &str) -> bool {
        let path = target.split('?').next().unwrap();
        let fits = match self.path.strip_suffix('*') {
            Some(start) => path.contains(start),
            None => path.ends_with(&self.path),
        };
        self.times > 0 && self.method == method && fits
    }
}

impl Effect {
    /// An answer with words of GitHub.
    pub(crate) fn says(status: u16, message: &str) -> Self {
        let body = serde_json::json!({ "message": message });
        Self::Answer(status, Vec::new(), body.to_string())
    }

    /// A rate limit that names its end.
    pub(crate) fn retry_after(status: u16, seconds: u64) -> Self {
        let body = r#"{"message": "You have exceeded a secondary rate limit."}"#;
        let headers = vec![("retry-after", seconds.to_string())];
        Self::Answer(status, headers, body.to_owned())
    }
}

/// Does the work, unless the effect comes in its place.
pub(crate) fn act(effect: Option<&Effect>, work: impl FnOnce() -> Answer) -> Option<Answer> {
    match effect {
        Some(Effect::Answer(status, headers, body)) => {
            let kind = "application/json; charset=utf-8";
            let answer = Answer::new(*status, kind, body.clone().into());
            let add = |answer: Answer, (name, value): &(&str, String)| answer.with(name, value);
            Some(headers.iter().fold(answer, add))
        }
        Some(Effect::Refuse) => None,
        _ => Some(work()),
    }
}

/// What becomes of the answer after all is done.
pub(crate) fn spoil(effect: Option<Effect>, answer: Answer) -> Option<Answer> {
    let body = match (effect, answer.body) {
        (Some(Effect::Lose), _) => return None,
        (Some(Effect::Replace(bytes)), _) => Body::Bytes(bytes),
        (Some(Effect::Cut), Body::Bytes(bytes)) => Body::Cut(bytes),
        (Some(Effect::Stall(gate)), Body::Bytes(bytes)) => Body::Stalled(bytes, gate),
        (Some(Effect::Cut | Effect::Stall(_)), Body::Made(..)) => panic!("a huge log cannot break"),
        (_, body) => body,
    };
    Some(Answer { body, ..answer })
}
