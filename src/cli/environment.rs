//! What the environment tells: keys, the runner's files, where state is kept.

use super::args::STATE_FILE;
use anyhow::{Context, bail};
use leaksweep::finding::Outcome;
use leaksweep::github::Auth;
use leaksweep::report;
use leaksweep::respond::GuardOutcome;
use leaksweep::secret::Secret;
use leaksweep::trace::{Exposure, Traced};
use std::io::Write;
use std::path::{Path, PathBuf};

fn text(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// What a variable holds, if it is set and not empty.
pub(crate) fn secret(name: &str) -> Option<Secret> {
    text(name).map(|text| Secret::new(text.as_bytes()))
}

/// As whom to ask GitHub: an app before a token.
pub(crate) fn auth() -> anyhow::Result<Auth> {
    if let Some(key) = secret("LEAKSWEEP_APP_KEY") {
        let number = |name: &str| {
            let text = text(name);
            text.map(|text| text.trim().parse::<u64>())
                .transpose()
                .with_context(|| format!("{name} is not a number"))
        };
        let Some(id) = number("LEAKSWEEP_APP_ID")? else {
            bail!(
                "LEAKSWEEP_APP_KEY is set, and LEAKSWEEP_APP_ID is not\nhint: set it to the app's id"
            );
        };
        let installation = number("LEAKSWEEP_APP_INSTALLATION")?;
        return Ok(Auth::App {
            id,
            key,
            installation,
        });
    }
    match secret("GITHUB_TOKEN") {
        Some(token) => Ok(Auth::Token(token)),
        None => bail!(
            "no token\nhint: set GITHUB_TOKEN to one with `actions: write` and `checks: read`, or \
             LEAKSWEEP_APP_ID and LEAKSWEEP_APP_KEY"
        ),
    }
}

/// Whether the API is on this machine, where a connection needs no TLS.
pub(crate) fn is_loopback(base: &str) -> bool {
    let host = base.strip_prefix("http://").unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default();
    matches!(host, "127.0.0.1" | "localhost")
}

/// The run that a `workflow_run` event tells of, else the run of this job.
pub(crate) fn run_of_the_event() -> Option<u64> {
    let event = text("GITHUB_EVENT_PATH")
        .and_then(|path| std::fs::read(path).ok())
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    let of_event = event.and_then(|event| event.pointer("/workflow_run/id")?.as_u64());
    of_event.or_else(|| text("GITHUB_RUN_ID")?.parse().ok())
}

/// The state file: as given, else in the folder of the user's states.
pub(crate) fn state(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let home = |below: &str| text("HOME").map(|home| PathBuf::from(home).join(below));
    let folder = text("XDG_STATE_HOME").map(PathBuf::from);
    let folder = folder.or_else(|| text("LOCALAPPDATA").map(PathBuf::from));
    let folder = folder.or_else(|| match std::env::consts::OS {
        "macos" => home("Library/Application Support"),
        _ => home(".local/state"),
    });
    match folder {
        Some(folder) => Ok(folder.join("leaksweep").join(STATE_FILE)),
        None => bail!("no folder for the state is known\nhint: name a file with --state"),
    }
}

/// Commits of the store after which the program ends as in a crash. Not in
/// release builds.
#[cfg(debug_assertions)]
pub(crate) fn commits_until_abort() -> Option<u64> {
    text("LEAKSWEEP_ABORT_AFTER_COMMITS")?.parse().ok()
}

/// Tells later steps of the job what came of it.
pub(crate) fn set_outputs(outcome: &GuardOutcome) -> anyhow::Result<()> {
    append("GITHUB_OUTPUT", outcome.step_outputs().as_bytes())
}

/// The same of a scan, by the names that guard uses.
pub(crate) fn set_scan_outputs(outcome: &Outcome) -> anyhow::Result<()> {
    let lines = outputs(outcome.problems.is_empty(), outcome.findings.len());
    append("GITHUB_OUTPUT", lines.as_bytes())
}

/// The same of a trace.
pub(crate) fn set_trace_outputs(traced: &Traced) -> anyhow::Result<()> {
    let incidents: Vec<&str> = traced
        .exposures
        .iter()
        .flat_map(|one| &one.incidents)
        .map(String::as_str)
        .collect();
    let gone = |one: &Exposure| one.gone_at.is_some();
    let lines = format!(
        "{}incident={}\ncontained={}\n",
        outputs(traced.is_whole(), traced.exposures.len()),
        incidents.join(","),
        !traced.exposures.is_empty() && traced.exposures.iter().all(gone)
    );
    append("GITHUB_OUTPUT", lines.as_bytes())
}

fn outputs(whole: bool, findings: usize) -> String {
    format!(
        "scan-ok={whole}\nleaks-found={}\nfindings={findings}\n",
        findings > 0
    )
}

/// GitHub shows on the run's page what a step appends to this file.
pub(crate) fn append_step_summary(outcome: &Outcome) -> anyhow::Result<()> {
    append("GITHUB_STEP_SUMMARY", &report::step_summary(outcome))
}

/// The same for what a command says of itself.
pub(crate) fn append_summary_lines(title: &str, text: &str) -> anyhow::Result<()> {
    append("GITHUB_STEP_SUMMARY", &report::step_summary_of(title, text))
}

/// The same for Markdown that is finished, as far as GitHub takes it.
pub(crate) fn append_summary(markdown: &[u8]) -> anyhow::Result<()> {
    // A summary over 1 MiB is dropped whole.
    const MOST: usize = 900 << 10;
    let kept = &markdown[..markdown.len().min(MOST)];
    let end = memchr::memrchr(b'\n', kept).map_or(0, |end| end + 1);
    append("GITHUB_STEP_SUMMARY", &kept[..end])
}

/// The repository of this job.
pub(crate) fn repository() -> Option<String> {
    text("GITHUB_REPOSITORY")
}

/// Appends to the file that a variable of the runner names, if it does.
fn append(variable: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let Some(path) = text(variable) else {
        return Ok(());
    };
    let mut file = std::fs::OpenOptions::new();
    let file = file.append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(bytes))
        .with_context(|| format!("failed to append to {variable}"))
}
