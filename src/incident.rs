//! The incident document and the channels that tell of it.
//!
//! A channel renders a [`Document`] into a body that holds no secret, so that
//! it can be kept in an outbox; addresses, keys and signatures are added when
//! it is sent. The document is redacted, but its texts come from a log and from
//! names that strangers choose: every channel escapes for its target, cuts what
//! is long, and the finished body goes through our own detectors.
//!
//! A new channel: one file here, one variant of `ChannelKind`, one line in
//! [`channels`].

mod address;
mod alertmanager;
mod backoff;
mod card;
mod channel;
mod clean;
mod discord;
mod document;
mod endpoint;
mod error;
mod guarded;
mod opsgenie;
mod pagerduty;
mod sender;
mod sign;
mod slack;
mod sre_bot;
mod teams;
mod template;
mod webhook;

pub use backoff::{MOST_ATTEMPTS, next_attempt};
pub use channel::{Channel, Rendered};
pub use document::{Document, RunContainment, Sighting, Stage};
pub use endpoint::{Endpoint, Request};
pub use error::{IncidentError, IncidentErrorKind};
pub use guarded::{guarded, leaks, shows};
pub use sender::{Delivery, Sender};

use crate::config::{ChannelConfig, ChannelKind, Located};
use crate::secret::Secret;

/// The channels that are configured, in their order. `secrets` looks up what
/// the environment variables hold. A channel of which one is not set is made
/// all the same, and tells so by [`Endpoint::missing`].
pub fn channels(
    configured: &[Located<ChannelConfig>],
    secrets: &dyn Fn(&str) -> Option<Secret>,
) -> Result<Vec<Box<dyn Channel>>, IncidentError> {
    let made = configured.iter().map(|entry| channel(entry, secrets));
    made.collect()
}

fn channel(
    entry: &ChannelConfig,
    secrets: &dyn Fn(&str) -> Option<Secret>,
) -> Result<Box<dyn Channel>, IncidentError> {
    let endpoint = Endpoint::new(entry, secrets)?;
    Ok(match entry.kind {
        ChannelKind::SreBot => Box::new(sre_bot::SreBot(endpoint)),
        ChannelKind::Slack => Box::new(slack::Slack(endpoint)),
        ChannelKind::Teams => Box::new(teams::Teams(endpoint)),
        ChannelKind::Discord => Box::new(discord::Discord(endpoint)),
        ChannelKind::Pagerduty => Box::new(pagerduty::PagerDuty(endpoint)),
        ChannelKind::Opsgenie => Box::new(opsgenie::Opsgenie(endpoint)),
        ChannelKind::Alertmanager => Box::new(alertmanager::Alertmanager(endpoint)),
        ChannelKind::Webhook => Box::new(webhook::Webhook::new(endpoint)?),
        ChannelKind::Template => Box::new(template::Templated::new(endpoint, entry)),
    })
}

#[cfg(test)]
mod sample;
