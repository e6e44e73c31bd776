//! `leaksweep incident` and `leaksweep audit`: a look into the state.

use super::args::{
    AuditArguments, AuditCommand, CloseArguments, GuardFormat, IncidentCommand, StoreArguments,
};
use super::environment as env;
use super::exit::{Exit, print};
use super::{file, report, scan};
use anyhow::{Context, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use leaksweep::clock::SystemClock;
use leaksweep::config::{AllowEntry, Suppressions};
use leaksweep::incident::Sender;
use leaksweep::respond::{self, Voice};
use leaksweep::store::{
    AuditEntry, CloseReason, Incident, IncidentState, PersonActionKind, Store, StoreError,
};
use serde::Serialize;
use std::path::Path;

/// Places of an incident that are shown.
const MOST_PLACES: usize = 50;

pub(crate) fn run(command: &IncidentCommand) -> anyhow::Result<Exit> {
    match command {
        IncidentCommand::List { all, store } => list(*all, store),
        IncidentCommand::Show { id, store } => show(id, store),
        IncidentCommand::Close(arguments) => close(arguments),
        IncidentCommand::Note { id, text, person } => {
            report::act(id, PersonActionKind::Note, None, text, person)
        }
        IncidentCommand::Rotate {
            id,
            at,
            note,
            person,
        } => report::act(id, PersonActionKind::Rotated, *at, note, person),
        IncidentCommand::Acknowledge { id, person } => {
            report::act(id, PersonActionKind::Acknowledged, None, "", person)
        }
        IncidentCommand::Report(arguments) => report::run(arguments),
    }
}

pub(super) fn open(state: Option<&Path>) -> anyhow::Result<Store> {
    let path = env::state(state)?;
    Store::open_read_only(&path)?.with_context(|| {
        format!(
            "there is no state at {}\nhint: guard makes it when it first runs",
            path.display()
        )
    })
}

fn list(all: bool, arguments: &StoreArguments) -> anyhow::Result<Exit> {
    let store = open(arguments.state.as_deref())?;
    let mut incidents = store.view().incidents()?;
    incidents.retain(|incident| all || incident.state != IncidentState::Closed);
    say(arguments, &incidents, || {
        let mut text: String = incidents.iter().map(respond::incident_line).collect();
        if incidents.is_empty() {
            text += "no incident\n";
        }
        Ok(text)
    })
}

/// The state as it is: none is made for it.
pub(super) fn open_to_write(state: Option<&Path>) -> anyhow::Result<Store> {
    drop(open(state)?);
    Ok(Store::open(&env::state(state)?)?)
}

pub(super) fn find(store: &Store, id: &str) -> anyhow::Result<Incident> {
    let known = store.view().incident(id)?;
    known.with_context(|| {
        let id = id.escape_debug();
        format!("there is no incident '{id}'\nhint: `leaksweep incident list --all` shows them")
    })
}

fn show(id: &str, arguments: &StoreArguments) -> anyhow::Result<Exit> {
    let store = open(arguments.state.as_deref())?;
    let incident = find(&store, id)?;
    let dossier = respond::dossier(&store, incident, MOST_PLACES)?;
    say(arguments, &dossier, || Ok(dossier.text()))
}

fn close(arguments: &CloseArguments) -> anyhow::Result<Exit> {
    let id = &arguments.id;
    let mut store = open_to_write(arguments.store.state.as_deref())?;
    let incident = find(&store, id)?;
    if incident.state == IncidentState::Closed {
        bail!("{id} is closed already");
    }
    let config = scan::configuration(arguments.config.as_deref())?;
    let channels = if arguments.no_tell {
        Vec::new()
    } else {
        leaksweep::incident::channels(&config.channels, &env::secret)
            .context("pass --no-tell to close it without telling")?
    };
    let detector = scan::detector(&config, &[], &Suppressions::default(), false)?;
    respond::check_note(&detector, &arguments.note)?;
    let allowed = allow(arguments, &incident)?;
    // First, so that a file that cannot be written leaves all as it was.
    let allowed = allowed.map_or(Ok(String::new()), Allowed::settle)?;
    let voice = Voice {
        channels: &channels,
        sender: &Sender::new()?,
        clock: &SystemClock,
        detector: &detector,
        rules_version: &respond::rules_version(&detector),
    };
    let left = respond::close(
        &voice,
        &mut store,
        &incident,
        arguments.reason,
        &arguments.note,
    )?;
    let mut text = format!("{id} is closed ({})\n", arguments.reason);
    text += &allowed;
    for one in &left {
        text += &one.line();
    }
    print(text.as_bytes())?;
    Ok(if left.is_empty() {
        Exit::Clean
    } else {
        Exit::Unread
    })
}

/// An entry of `allow`, to be printed or put into a file.
enum Allowed<'a> {
    Printed(AllowEntry),
    /// The file, and all it is to hold.
    Put(&'a Path, String),
}

/// What is to be allowed; fails before anything is changed.
fn allow<'a>(
    arguments: &'a CloseArguments,
    incident: &Incident,
) -> anyhow::Result<Option<Allowed<'a>>> {
    if !arguments.allow && arguments.allow_to.is_none() {
        return Ok(None);
    }
    if arguments.reason != CloseReason::FalseAlarm {
        bail!("only a false alarm can be allowed\nhint: pass --reason false-alarm");
    }
    let entry = entry(arguments, incident);
    let Some(path) = arguments.allow_to.as_deref() else {
        return Ok(Some(Allowed::Printed(entry)));
    };
    let text = file::read_if_there(path)?;
    let text = entry.add_to(&text, &path.display().to_string())?;
    Ok(Some(Allowed::Put(path, text)))
}

fn entry(arguments: &CloseArguments, incident: &Incident) -> AllowEntry {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let days = jiff::Span::new().days(i64::from(arguments.allow_days));
    let reason = match arguments.note.trim() {
        "" => format!("false alarm, incident {}", incident.id),
        note => note.to_owned(),
    };
    AllowEntry {
        rule: incident.facts.rule_id.clone(),
        fingerprint: incident.fingerprint.clone(),
        reason,
        expires: today.saturating_add(days),
    }
}

impl Allowed<'_> {
    /// Puts it where it belongs, and says so.
    fn settle(self) -> anyhow::Result<String> {
        match self {
            Self::Printed(entry) => Ok(format!("allow:\n{}", entry.yaml("  "))),
            Self::Put(path, text) => {
                file::replace(path, &text)?;
                Ok(format!("{} has an entry for it\n", path.display()))
            }
        }
    }
}

pub(crate) fn audit(arguments: &AuditArguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        None => trail(&arguments.store),
        Some(AuditCommand::Verify { expect }) => verify(expect.as_deref(), &arguments.store),
    }
}

fn trail(arguments: &StoreArguments) -> anyhow::Result<Exit> {
    let store = open(arguments.state.as_deref())?;
    let mut entries = Vec::new();
    store.view().each_audit_entry(|entry| entries.push(entry))?;
    say(arguments, &entries, || {
        Ok(entries.iter().map(respond::audit_line).collect())
    })
}

fn verify(expect: Option<&str>, arguments: &StoreArguments) -> anyhow::Result<Exit> {
    let store = open(arguments.state.as_deref())?;
    let chain = store.view().verify_audit()?;
    let mut held = expect.is_none();
    store.view().each_audit_entry(|entry: AuditEntry| {
        held |= expect == Some(&*entry.hash);
    })?;
    let whole = chain.broken_at.is_none() && held;
    let json = serde_json::json!({
        "lines": chain.lines, "head": chain.head, "broken_at": chain.broken_at, "whole": whole,
        "expected_found": expect.map(|_| held)
    });
    say(arguments, &json, || {
        Ok(match chain.broken_at {
            Some(line) => format!("the trail is broken at line {line}\n"),
            None if !held => "the trail is whole in itself, but does not hold the expected hash: \
                              it was cut or written anew\n"
                .to_owned(),
            None => format!("{} lines, whole; head {}\n", chain.lines, chain.head),
        })
    })?;
    Ok(if whole { Exit::Clean } else { Exit::Unread })
}

pub(super) fn say<T: Serialize>(
    arguments: &StoreArguments,
    value: &T,
    text: impl FnOnce() -> Result<String, StoreError>,
) -> anyhow::Result<Exit> {
    let out = match arguments.format {
        GuardFormat::Text => text()?,
        GuardFormat::Json => serde_json::to_string_pretty(value)? + "\n",
    };
    print(out.as_bytes())?;
    Ok(Exit::Clean)
}
