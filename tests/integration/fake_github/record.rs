//! Exchanges with the API, written down as lines of JSON for `.ci/openapi`,
//! which holds them against GitHub's description.

use super::fault::Effect;
use super::http::{Answer, Body, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;

/// The variable that names the file.
const FILE: &str = "LEAKSWEEP_EXCHANGES";

pub(crate) fn exchange(request: &Request, answer: &Answer, effect: Option<&Effect>) {
    let Some(path) = std::env::var_os(FILE) else {
        return;
    };
    let mut headers = request.headers.clone();
    headers.remove("authorization");
    let line = json!({
        "request": {
            "method": request.method,
            "target": request.target,
            "headers": headers,
            "body": String::from_utf8_lossy(&request.body),
        },
        "answer": answered(answer, effect),
    });
    let mut file = std::fs::File::options()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// What GitHub might answer; nothing, if a fault makes a body that it would not.
fn answered(answer: &Answer, effect: Option<&Effect>) -> Value {
    match (&answer.body, effect) {
        (Body::Bytes(body), None | Some(Effect::Answer(400.., ..) | Effect::Lose)) => json!({
            "status": answer.status,
            "headers": answer.headers.iter().cloned().collect::<BTreeMap<_, _>>(),
            "body": String::from_utf8_lossy(body),
        }),
        _ => Value::Null,
    }
}
