//! `leaksweep retention`: GitHub's own setting.

use super::args::{GuardFormat, RetentionArguments, RetentionCommand};
use super::environment as env;
use super::exit::{Exit, print, say};
use super::guard;
use super::purge::refused;
use anyhow::bail;
use leaksweep::clock::SystemClock;
use leaksweep::github::{Client, Retention, Seat};
use leaksweep::purge::{self, PurgeError, WARNING};
use serde::Serialize;
use std::path::Path;

pub(crate) fn run(command: &RetentionCommand) -> anyhow::Result<Exit> {
    let done = match command {
        RetentionCommand::Show(arguments) => show(arguments),
        RetentionCommand::Set {
            days,
            yes,
            state,
            arguments,
        } => set(arguments, *days, *yes, state.as_deref()),
    };
    done.or_else(refused)
}

fn seat(arguments: &RetentionArguments) -> anyhow::Result<Seat> {
    if let Some(organization) = &arguments.org {
        return Ok(Seat::Organization(organization.parse()?));
    }
    match arguments.repo.clone().or_else(env::repository) {
        Some(repository) => Ok(Seat::Repository(repository.parse()?)),
        None => bail!("whose setting?\nhint: pass --repo OWNER/REPO or --org ORG"),
    }
}

fn look(client: &Client, seat: &Seat) -> anyhow::Result<Retention> {
    Ok(client.retention(seat).map_err(PurgeError::from)?)
}

fn show(arguments: &RetentionArguments) -> anyhow::Result<Exit> {
    let seat = seat(arguments)?;
    let retention = look(&guard::client(&arguments.github)?, &seat)?;
    tell(arguments.format, &retention, || {
        let most = retention.maximum_allowed_days;
        let most = most.map_or_else(String::new, |most| format!(" ({most} at most)"));
        let days = retention.days;
        format!("{seat}: new logs and artifacts are kept {days} days{most}\n")
    })?;
    Ok(Exit::Clean)
}

fn set(
    arguments: &RetentionArguments,
    days: u64,
    yes: bool,
    state: Option<&Path>,
) -> anyhow::Result<Exit> {
    let seat = seat(arguments)?;
    let client = guard::client(&arguments.github)?;
    say(&format!("warning: {WARNING}"));
    if !yes {
        return rehearse(arguments.format, &client, &seat, days);
    }
    let mut store = guard::open(&env::state(state)?)?;
    let change = purge::set_retention(&client, &SystemClock, &mut store, &seat, days)?;
    let after = change.after.days;
    tell(arguments.format, &change, || {
        let before = change.before.days;
        format!("{seat}: {before} days before, now GitHub shows {after}\n")
    })?;
    Ok(if after == days {
        Exit::Clean
    } else {
        Exit::Unread
    })
}

fn rehearse(format: GuardFormat, client: &Client, seat: &Seat, days: u64) -> anyhow::Result<Exit> {
    let before = look(client, seat)?;
    let json = serde_json::json!({ "dry_run": true, "before": before, "days": days });
    tell(format, &json, || {
        let before = before.days;
        format!("dry run: {seat} would go from {before} to {days} days; pass --yes to set it\n")
    })?;
    Ok(Exit::Clean)
}

fn tell<T: Serialize>(
    format: GuardFormat,
    value: &T,
    text: impl FnOnce() -> String,
) -> anyhow::Result<()> {
    let out = match format {
        GuardFormat::Text => text(),
        GuardFormat::Json => serde_json::to_string_pretty(value)? + "\n",
    };
    print(out.as_bytes())
}
