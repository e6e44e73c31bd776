//! Where alerts have a key: what comes twice is one.

use super::{Answer, Call, Taken, World, demand, json, length};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) fn pagerduty(world: &mut World, call: &Call, key: &str) -> Taken {
    demand(call.target == "/v2/enqueue", 404, "path")?;
    demand(call.body.len() <= 512 * 1000, 413, "too large")?;
    let body = json(call)?;
    demand(body["routing_key"] == key, 400, "invalid routing key")?;
    let dedup = body["dedup_key"].as_str().unwrap_or_default().to_owned();
    demand((1..=255).contains(&dedup.len()), 400, "dedup_key")?;
    match body["event_action"].as_str() {
        Some("trigger") => {
            check_payload(&body["payload"])?;
            world.alert(&dedup, true, body);
        }
        Some("resolve" | "acknowledge") => world.alert(&dedup, false, body),
        _ => return Err((400, "event_action".into())),
    }
    Ok(Answer::new(
        202,
        json!({"status": "success", "dedup_key": dedup}).to_string(),
    ))
}

fn check_payload(payload: &Value) -> Result<(), (u16, String)> {
    demand(
        (1..=1024).contains(&length(&payload["summary"])),
        400,
        "summary",
    )?;
    demand(length(&payload["source"]) > 0, 400, "source")?;
    let severity = payload["severity"].as_str().unwrap_or_default();
    demand(
        ["critical", "error", "warning", "info"].contains(&severity),
        400,
        "severity",
    )?;
    demand(is_time(&payload["timestamp"]), 400, "timestamp")
}

fn is_time(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.parse::<Timestamp>().is_ok())
}

/// Everything is taken with 202 and looked at later.
pub(super) fn opsgenie(world: &mut World, call: &Call, key: &str) -> Taken {
    let authorization = format!("GenieKey {key}");
    demand(
        call.header("authorization") == Some(&authorization),
        401,
        "key",
    )?;
    let body = json(call)?;
    let rest = call
        .target
        .strip_prefix("/v2/alerts")
        .ok_or((404, "path".to_owned()))?;
    if rest.is_empty() {
        check_alert(&body)?;
        let alias = body["alias"].as_str().unwrap_or_default().to_owned();
        world.alert(&alias, true, body);
    } else {
        let path = rest
            .strip_suffix("?identifierType=alias")
            .ok_or((404, "identifier".to_owned()))?;
        let (alias, what) = path[1..].split_once('/').ok_or((404, "path".to_owned()))?;
        demand(length(&body["note"]) <= 25_000, 422, "note")?;
        match what {
            "notes" => world.messages.push(body),
            "close" if world.alerts.contains_key(alias) => world.alert(alias, false, body),
            "close" => (),
            _ => return Err((404, "path".into())),
        }
    }
    Ok(Answer::new(
        202,
        r#"{"result":"Request will be processed"}"#,
    ))
}

fn check_alert(body: &Value) -> Result<(), (u16, String)> {
    demand(
        (1..=130).contains(&length(&body["message"])),
        422,
        "message",
    )?;
    demand((1..=250).contains(&length(&body["alias"])), 422, "alias")?;
    demand(length(&body["description"]) <= 15_000, 422, "description")?;
    demand(
        length(&body["source"]) <= 100 && length(&body["entity"]) <= 512,
        422,
        "source",
    )?;
    let tags = body["tags"].as_array().ok_or((422, "tags".to_owned()))?;
    demand(
        tags.len() <= 20 && tags.iter().all(|tag| length(tag) <= 50),
        422,
        "tags",
    )?;
    let details = body["details"]
        .as_object()
        .ok_or((422, "details".to_owned()))?;
    let whole: usize = details
        .iter()
        .map(|(key, value)| key.len() + length(value))
        .sum();
    demand(whole <= 8_000, 422, "details")?;
    demand(
        ["P1", "P2", "P3", "P4", "P5"].contains(&body["priority"].as_str().unwrap_or_default()),
        422,
        "priority",
    )
}

/// The labels are the alert.
pub(super) fn alertmanager(world: &mut World, call: &Call) -> Taken {
    demand(call.target == "/api/v2/alerts", 404, "path")?;
    let body = json(call)?;
    for alert in body.as_array().ok_or((400, "no array".to_owned()))? {
        let labels = alert["labels"]
            .as_object()
            .ok_or((400, "labels".to_owned()))?;
        let is_label = |(name, value): (&String, &Value)| {
            name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && length(value) > 0
        };
        demand(
            !labels.is_empty() && labels.iter().all(is_label),
            400,
            "labels",
        )?;
        let time = |key: &str| {
            alert[key]
                .as_str()
                .and_then(|it| it.parse::<Timestamp>().ok())
        };
        let (start, end) = time("startsAt")
            .zip(time("endsAt"))
            .ok_or((400, "times".to_owned()))?;
        demand(start <= end, 400, "start time must be before end time")?;
        let open = end > world.now();
        world.alert(&alert["labels"].to_string(), open, alert.clone());
    }
    Ok(Answer::new(200, ""))
}
