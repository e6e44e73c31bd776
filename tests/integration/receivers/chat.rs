//! Where people read: every message that is taken in stands there, twice if it
//! came twice.

use super::generic::hmac;
use super::{Answer, Call, Taken, World, demand, json, length};
use serde_json::{Value, json};

/// Keys of the bot's model of a message.
const KNOWN: [&str; 15] = [
    "channel",
    "text",
    "as_user",
    "attachments",
    "blocks",
    "thread_ts",
    "reply_broadcast",
    "unfurl_links",
    "unfurl_media",
    "icon_emoji",
    "icon_url",
    "mrkdwn",
    "link_names",
    "username",
    "parse",
];

pub(super) fn sre_bot(world: &mut World, call: &Call, secret: &str) -> Taken {
    demand(call.body.len() <= 262_144, 413, "too large")?;
    demand(world.messages.len() < 300, 429, "300 messages a minute")?;
    let digest = data_encoding::HEXLOWER.encode(&hmac(secret.as_bytes(), &call.body));
    let signature = call
        .header("x-signature")
        .and_then(|it| it.strip_prefix("sha256="));
    demand(signature == Some(&*digest), 401, "signature")?;
    let mut body = json(call)?;
    let keys = body
        .as_object()
        .ok_or((400, "no object".to_owned()))?
        .keys();
    let is_plain = keys.into_iter().all(|key| KNOWN.contains(&&**key));
    let has_text = body["text"].is_string();
    demand(is_plain || has_text, 400, "no model fits")?;
    if !is_plain {
        // The model of a text alone fits, and it has no blocks.
        body = json!({"text": body["text"]});
    }
    check_blocks(&body)?;
    body["is_name"] = json!(is_name(body["text"].as_str().unwrap_or_default()));
    world.messages.push(body);
    Ok(Answer::new(200, r#"{"ok":true}"#))
}

/// Whether the button of the message can start an incident of this name.
fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || c.is_whitespace();
    !text.is_empty() && text.chars().count() <= 59 && text.chars().all(is_part)
}

pub(super) fn slack(world: &mut World, call: &Call) -> Taken {
    let body = json(call)?;
    demand(length(&body["text"]) > 0, 400, "no_text")?;
    check_blocks(&body)?;
    world.messages.push(body);
    Ok(Answer::new(200, "ok"))
}

/// Slack's limits on blocks.
fn check_blocks(body: &Value) -> Result<(), (u16, String)> {
    let Some(blocks) = body.get("blocks") else {
        return Ok(());
    };
    let blocks = blocks
        .as_array()
        .ok_or((400, "invalid_blocks".to_owned()))?;
    demand(blocks.len() <= 50, 400, "more than 50 blocks")?;
    let mut whole = 0;
    for block in blocks {
        let text = length(&block["text"]["text"]);
        let (form, most) = match block["type"].as_str() {
            Some("header") => ("plain_text", 150),
            Some("section") => ("mrkdwn", 3000),
            _ => return Err((400, "unknown block".into())),
        };
        demand(block["text"]["type"] == form, 400, "form of a text")?;
        demand((1..=most).contains(&text), 400, "length of a text")?;
        whole += text;
    }
    demand(whole <= 13_200, 400, "msg_too_long")
}

pub(super) fn teams(world: &mut World, call: &Call) -> Taken {
    demand(call.body.len() <= 28 << 10, 413, "too large")?;
    let body = json(call)?;
    demand(body["type"] == "message", 400, "type")?;
    let card = &body["attachments"][0];
    let is_card = card["contentType"] == "application/vnd.microsoft.card.adaptive";
    demand(is_card && card["contentUrl"].is_null(), 400, "attachment")?;
    demand(card["content"]["type"] == "AdaptiveCard", 400, "card")?;
    demand(card["content"]["version"].is_string(), 400, "version")?;
    demand(
        card["content"]["actions"]
            .as_array()
            .is_none_or(|it| it.len() <= 6),
        400,
        "actions",
    )?;
    world.messages.push(body);
    Ok(Answer::new(202, ""))
}

/// Without `wait` errors are silent: the message is gone, and 204 the answer.
pub(super) fn discord(world: &mut World, call: &Call) -> Taken {
    demand(call.target.contains("?wait=true"), 204, "without wait")?;
    let mut body = json(call)?;
    demand(
        body["allowed_mentions"] == json!({"parse": []}),
        400,
        "mentions",
    )?;
    demand(length(&body["content"]) <= 2000, 400, "content")?;
    let none = Vec::new();
    let embeds = body["embeds"].as_array().unwrap_or(&none);
    demand(embeds.len() <= 10, 400, "more than 10 embeds")?;
    let mut whole = 0;
    for embed in embeds {
        for (key, most) in [("title", 256), ("description", 4096)] {
            demand(length(&embed[key]) <= most, 400, key)?;
            whole += length(&embed[key]);
        }
    }
    demand(
        whole > 0 || length(&body["content"]) > 0,
        400,
        "an empty message",
    )?;
    demand(whole <= 6000, 400, "6,000 in all")?;
    body["id"] = json!(world.messages.len().to_string());
    world.messages.push(body.clone());
    Ok(Answer::new(200, body.to_string()))
}
