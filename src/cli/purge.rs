//! `leaksweep purge`: configure → list the repositories → purge → report.

use super::args::{DeleteArguments, GuardFormat, PurgeArguments, TargetArguments};
use super::environment as env;
use super::exit::{Exit, complain, print};
use super::guard::{self, Base};
use super::progress;
use anyhow::bail;
use leaksweep::github::{GithubErrorKind, Repository};
use leaksweep::purge::{
    self, Choice, Order, Progress, PurgeError, PurgeOutcome, ScanFirst, Target, World,
};
use leaksweep::store::Store;
use std::time::Duration;

pub(crate) fn run(arguments: &PurgeArguments) -> anyhow::Result<Exit> {
    let target = target(&arguments.target)?;
    let tells = arguments.scan_first && arguments.yes;
    let base = Base::new(&arguments.work, &DeleteArguments::default(), tells)?;
    let mut store = store(arguments, &base)?;
    let purged = base.with_scan(|scan| {
        let scan = arguments.scan_first.then_some(ScanFirst {
            scan,
            keep: &base.keep,
            act_at: arguments.act_at,
        });
        purge(arguments, &base, scan, &mut store, &target)
    });
    match purged {
        Ok(outcome) => {
            show(arguments.format, &outcome)?;
            summarise(&outcome.text())?;
            Ok(exit(&outcome))
        }
        Err(error) => refused(error),
    }
}

pub(super) fn target(arguments: &TargetArguments) -> anyhow::Result<Target> {
    if arguments.installation {
        return Ok(Target::Installation);
    }
    if let Some(organization) = &arguments.org {
        return Ok(Target::Organization(organization.parse()?));
    }
    let mut names = arguments.repo.clone();
    if names.is_empty() {
        names.extend(env::repository());
    }
    if names.is_empty() {
        bail!("whose logs?\nhint: pass --repo OWNER/REPO, --org ORG or --installation");
    }
    let names: Result<Vec<Repository>, _> = names.iter().map(|name| name.parse()).collect();
    Ok(Target::Repositories(names?))
}

/// A dry run works on a copy in memory.
fn store(arguments: &PurgeArguments, base: &Base) -> anyhow::Result<Store> {
    if arguments.yes {
        return guard::open(&base.state);
    }
    let original = Store::open_read_only(&base.state)?;
    Ok(Store::scratch(original.as_ref())?)
}

fn purge(
    arguments: &PurgeArguments,
    base: &Base,
    scan: Option<ScanFirst<'_>>,
    store: &mut Store,
    target: &Target,
) -> anyhow::Result<PurgeOutcome> {
    let bar = progress::Progress::of_work(!arguments.no_progress);
    let respond = leaksweep::respond::World {
        // What cannot be done at once is left to `resume`, not waited for.
        patience: Duration::ZERO,
        ..base.world()
    };
    let world = World {
        respond: &respond,
        rules: &base.purge,
        scan,
        progress: &|at| bar.show(at.done, at.about, message(at)),
    };
    let sites = target.sites(&base.client).map_err(PurgeError::from)?;
    let purged = purge::purge(&world, store, &order(arguments), sites);
    bar.finish();
    Ok(purged?)
}

fn message(at: &Progress<'_>) -> String {
    match at.waits_until {
        Some(until) => format!("{} deleted, waits for the limit until {until}", at.deleted),
        None => format!("{} deleted, {}", at.deleted, at.repository),
    }
}

fn order(arguments: &PurgeArguments) -> Order {
    Order {
        older_than: arguments.older_than,
        artifacts_older_than: arguments
            .artifacts
            .map(|age| age.unwrap_or(arguments.older_than)),
        look_back: arguments.look_back,
        choice: Choice {
            workflows: arguments.workflow.clone(),
            branches: arguments.branch.clone(),
            events: arguments.event.clone(),
            conclusions: arguments.conclusion.clone(),
            visibilities: arguments.visibility.clone(),
        },
        max_duration: arguments.max_duration,
        dry_run: !arguments.yes,
    }
}

/// A summary over 1 MiB is dropped whole.
fn summarise(text: &str) -> anyhow::Result<()> {
    const MOST_LINES: usize = 1_000;
    let lines: Vec<&str> = text.lines().take(MOST_LINES).collect();
    env::append_summary_lines("Purge", &lines.join("\n"))
}

fn show(format: GuardFormat, outcome: &PurgeOutcome) -> anyhow::Result<()> {
    let text = match format {
        GuardFormat::Text => outcome.text(),
        GuardFormat::Json => serde_json::to_string_pretty(outcome)? + "\n",
    };
    print(text.as_bytes())
}

fn exit(outcome: &PurgeOutcome) -> Exit {
    if outcome.is_unfinished() {
        Exit::Unread
    } else if outcome.found_leaks() {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

/// What GitHub or the state refuses is not wrong use, but for settings.
pub(super) fn refused(error: anyhow::Error) -> anyhow::Result<Exit> {
    match error.downcast_ref::<PurgeError>() {
        None => Err(error),
        Some(PurgeError::Github(inner)) if inner.kind() == GithubErrorKind::Settings => Err(error),
        Some(_) => {
            complain(&error);
            Ok(Exit::Unread)
        }
    }
}
