//! Receivers of one's own.

use super::{Answer, Call, Taken, World, demand, json};
use data_encoding::BASE64;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// HMAC-SHA-256 as RFC 2104 writes it down, for keys of up to a block.
pub(crate) fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64, "a longer key would be hashed first");
    let padded = |with: u8| -> Vec<u8> {
        let key = key.iter().copied().chain(std::iter::repeat(0));
        key.take(64).map(|byte| byte ^ with).collect()
    };
    let inner = Sha256::digest([&padded(0x36), text].concat());
    Sha256::digest([padded(0x5c), inner.to_vec()].concat()).to_vec()
}

/// Standard Webhooks around an event.
pub(super) fn webhook(world: &mut World, call: &Call, secret: &str) -> Taken {
    let header = |name| call.header(name).ok_or((400, format!("no {name}")));
    let (id, stamp) = (header("webhook-id")?, header("webhook-timestamp")?);
    demand(!id.contains('.'), 400, "id with a dot")?;
    let sent: i64 = stamp.parse().map_err(|_| (400, "timestamp".to_owned()))?;
    demand(
        (world.now().as_second() - sent).abs() <= 300,
        400,
        "timestamp out of tolerance",
    )?;
    let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap_or_default().as_bytes());
    let signed = [id.as_bytes(), b".", stamp.as_bytes(), b".", &call.body].concat();
    let signature = format!(
        "v1,{}",
        BASE64.encode(&hmac(&key.unwrap_or_default(), &signed))
    );
    demand(header("webhook-signature")? == signature, 401, "signature")?;
    let is_event = call.header("content-type") == Some("application/cloudevents+json");
    demand(is_event, 415, "content type")?;
    let event: Value = serde_json::from_slice(&call.body).map_err(|it| (400, it.to_string()))?;
    demand(
        event["specversion"] == "1.0" && event["id"] == id,
        400,
        "event",
    )?;
    for attribute in ["source", "type", "subject"] {
        demand(
            event[attribute].as_str().is_some_and(|it| !it.is_empty()),
            400,
            attribute,
        )?;
    }
    if !world.seen.iter().any(|known| known == id) {
        world.seen.push(id.to_owned());
        world.messages.push(event);
    }
    Ok(Answer::new(204, ""))
}

/// Whatever is JSON, for whoever has the key.
pub(super) fn any(world: &mut World, call: &Call, secret: &str) -> Taken {
    demand(call.header("authorization") == Some(secret), 401, "key")?;
    let body = json(call)?;
    world.messages.push(body);
    Ok(Answer::new(200, "{}"))
}
