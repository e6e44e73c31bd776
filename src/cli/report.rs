//! `leaksweep incident report`, and what people did.

use super::args::{PersonArguments, ReportArguments};
use super::exit::{Exit, print, say};
use super::{file, incident, scan};
use anyhow::Context;
use jiff::Timestamp;
use leaksweep::config::Suppressions;
use leaksweep::detect::Detector;
use leaksweep::incident::shows;
use leaksweep::respond::{self, Form};
use leaksweep::store::{PersonAction, PersonActionKind};
use std::path::Path;

pub(crate) fn run(arguments: &ReportArguments) -> anyhow::Result<Exit> {
    let store = incident::open(arguments.state.as_deref())?;
    let incident = incident::find(&store, &arguments.id)?;
    let detector = detector(arguments.config.as_deref())?;
    let old = arguments
        .out
        .as_deref()
        .map(file::read_if_there)
        .transpose()?;
    let old = old.filter(|old| !old.trim().is_empty());
    let given = arguments.template.as_deref().map(read).transpose()?;
    let template = given.as_deref().unwrap_or(arguments.lang.template());
    let form = old.as_deref().map_or(Form::Template(template), Form::Old);
    let report = respond::report(&store, incident, arguments.lang, &form, &detector)?;
    if shows(&detector, report.as_bytes()) {
        say("warning: the report shows what looks like a secret, in a text that people wrote");
    }
    match &arguments.out {
        Some(path) => file::replace(path, &report)?,
        None => print(report.as_bytes())?,
    }
    Ok(Exit::Clean)
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))
}

pub(crate) fn detector(config: Option<&Path>) -> anyhow::Result<Detector> {
    let config = scan::configuration(config)?;
    scan::detector(&config, &[], &Suppressions::default(), false)
}

/// Writes down what a person did, at `at` or now.
pub(crate) fn act(
    id: &str,
    kind: PersonActionKind,
    at: Option<Timestamp>,
    note: &str,
    arguments: &PersonArguments,
) -> anyhow::Result<Exit> {
    let mut store = incident::open_to_write(arguments.store.state.as_deref())?;
    let known = incident::find(&store, id)?;
    let now = Timestamp::now();
    let action = PersonAction {
        incident: known.id,
        at: at.unwrap_or(now),
        kind,
        note: note.to_owned(),
    };
    respond::act(
        &mut store,
        &detector(arguments.config.as_deref())?,
        now,
        &action,
    )?;
    incident::say(&arguments.store, &action, || {
        Ok(format!(
            "{id}: {kind} at {}, written down\n",
            action.at.strftime("%Y-%m-%d %H:%M:%SZ")
        ))
    })
}
