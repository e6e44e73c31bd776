//! `leaksweep guard` and `leaksweep resume`: configure → inspect → record →
//! work → report.

use super::args::{
    DeleteArguments, GithubArguments, GuardArguments, GuardFormat, ReportFile, ResumeArguments,
    WorkArguments,
};
use super::environment as env;
use super::exit::{Exit, print, say};
use super::scan;
use anyhow::{Context, bail};
use leaksweep::clock::SystemClock;
use leaksweep::config::{Guard, Purge, Suppressions};
use leaksweep::detect::Detector;
use leaksweep::finding::Outcome;
use leaksweep::github::{Client, Repository, Settings};
use leaksweep::incident::{self, Channel, Sender};
use leaksweep::report::{self, OutputFormat, RenderOptions};
use leaksweep::respond::{
    self, Attempts, GuardOutcome, Inspected, Keep, Order, Scope, Voice, World,
};
use leaksweep::rule::Confidence;
use leaksweep::scan as pipeline;
use leaksweep::seal::Recipient;
use leaksweep::store::{RunKey, Store};
use leaksweep::trace;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// All that guard, resume and purge stand on.
pub(super) struct Base {
    policy: Guard,
    pub(super) purge: Purge,
    suppressions: Suppressions,
    detector: Detector,
    rules_version: String,
    pub(super) client: Client,
    channels: Vec<Box<dyn Channel>>,
    sender: Sender,
    clock: SystemClock,
    patience: Duration,
    confirm_within: Duration,
    pub(super) keep: Keep,
    pub(super) state: PathBuf,
    min_confidence: Option<Confidence>,
    threads: usize,
}

impl Base {
    /// `tells`: whether anybody may have to be told.
    pub(super) fn new(
        arguments: &WorkArguments,
        delete: &DeleteArguments,
        tells: bool,
    ) -> anyhow::Result<Self> {
        let config = scan::configuration(arguments.config.as_deref())?;
        let suppressions = scan::suppressions(&config, &arguments.baseline)?;
        let detector = scan::detector(&config, &arguments.rules.rules, &suppressions, false)?;
        let patience = arguments.github.max_wait;
        let channels = if tells { &*config.channels } else { &[] };
        let state = env::state(arguments.state.as_deref())?;
        let policy = Guard {
            delete_logs: config.guard.delete_logs || delete.delete_logs,
            delete_run: config.guard.delete_run || delete.delete_run,
            ..config.guard.clone()
        };
        Ok(Self {
            policy,
            purge: config.purge,
            suppressions,
            rules_version: respond::rules_version(&detector),
            detector,
            client: client(&arguments.github)?,
            channels: incident::channels(channels, &env::secret)?,
            sender: Sender::new()?,
            clock: SystemClock,
            patience,
            confirm_within: arguments.github.confirm_within,
            keep: keep(arguments, &config.guard, &state)?,
            state,
            min_confidence: arguments.min_confidence.or(config.scan.min_confidence),
            threads: arguments.threads.map_or(0, usize::from),
        })
    }

    pub(super) fn world(&self) -> World<'_> {
        World {
            client: &self.client,
            voice: Voice {
                channels: &self.channels,
                sender: &self.sender,
                clock: &self.clock,
                detector: &self.detector,
                rules_version: &self.rules_version,
            },
            policy: &self.policy,
            patience: self.patience,
            confirm_within: self.confirm_within,
        }
    }

    /// Keeps copies if logs are to be deleted, then writes everything down.
    fn record(
        &self,
        store: &mut Store,
        order: &Order,
        inspected: &mut Inspected,
    ) -> anyhow::Result<()> {
        let world = self.world();
        if order.delete_logs || order.delete_run {
            respond::keep(&world, &self.keep, inspected);
        }
        Ok(respond::record(&world, store, order, inspected)?)
    }

    /// Fetches, scans and decides.
    fn inspect(&self, store: Option<&Store>, order: &Order) -> anyhow::Result<Inspected> {
        let world = self.world();
        self.with_scan(|scan| Ok(respond::inspect(&world, store, order, scan)?))
    }

    /// Gives `work` the scan of logs.
    pub(super) fn with_scan<T>(
        &self,
        work: impl FnOnce(&respond::Scan<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        // SQLite stays on the thread that opened it; only the scan uses the pool.
        self.with_options(|pool, options| {
            work(&|sources| pool.install(|| pipeline::scan(&self.detector, sources, options)))
        })
    }

    /// Gives `work` what logs are scanned with.
    pub(super) fn with_options<T>(
        &self,
        work: impl FnOnce(&rayon::ThreadPool, &pipeline::Options<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let pool = threads(self.threads)?;
        let options = pipeline::Options {
            min_confidence: self.min_confidence(),
            suppress: &|finding, matches| self.suppressions.reason_for(finding, matches),
            ..pipeline::Options::default()
        };
        work(&pool, &options)
    }

    fn min_confidence(&self) -> Confidence {
        self.min_confidence.unwrap_or(Confidence::Medium)
    }

    pub(super) fn detector(&self) -> &Detector {
        &self.detector
    }

    /// Digest of all that decides what is found in a log.
    pub(super) fn terms(&self) -> String {
        trace::terms(&self.detector, self.min_confidence(), &self.suppressions)
    }
}

/// The threads that a command line asks for.
pub(super) fn pool(arguments: &WorkArguments) -> anyhow::Result<rayon::ThreadPool> {
    threads(arguments.threads.map_or(0, usize::from))
}

fn threads(number: usize) -> anyhow::Result<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(number);
    pool.build().context("failed to start threads")
}

/// What is kept of logs, by the command line or else by the configuration.
fn keep(arguments: &WorkArguments, configured: &Guard, state: &Path) -> anyhow::Result<Keep> {
    let folder = |given: &Option<PathBuf>, configured: &Option<String>| {
        given
            .clone()
            .or_else(|| configured.as_ref().map(PathBuf::from))
    };
    let recipient = arguments.seal.as_ref().or(configured.seal.as_ref());
    let recipient = recipient
        .map(|text| text.parse::<Recipient>())
        .transpose()?;
    let seal_to = folder(&arguments.seal_to, &configured.seal_to)
        .unwrap_or_else(|| state.with_file_name("sealed"));
    Ok(Keep {
        redacted: folder(&arguments.keep_redacted, &configured.keep_redacted),
        sealed: recipient.map(|recipient| (recipient, seal_to)),
    })
}

/// The client, with the token or the app of the environment.
pub(super) fn client(arguments: &GithubArguments) -> anyhow::Result<Client> {
    let base = &arguments.api_url;
    let settings = Settings {
        allow_http: env::is_loopback(base),
        max_wait: arguments.max_wait,
        budget: arguments.budget,
        ..Settings::new(base.clone(), env::auth()?)
    };
    Ok(Client::new(settings, Arc::new(SystemClock))?)
}

pub(crate) fn run(arguments: &GuardArguments) -> anyhow::Result<Exit> {
    let base = Base::new(&arguments.work, &arguments.delete, true)?;
    let order = order(arguments, &base.policy)?;
    let guarded = if arguments.dry_run {
        rehearse(&base, arguments, &order)
    } else {
        guard(&base, arguments, &order)
    };
    unread(guarded)
}

/// What goes wrong once the work has begun is not wrong use.
fn unread(result: anyhow::Result<Exit>) -> anyhow::Result<Exit> {
    result.or_else(|error| {
        super::exit::complain(&error);
        Ok(Exit::Unread)
    })
}

fn order(arguments: &GuardArguments, policy: &Guard) -> anyhow::Result<Order> {
    let repository: Repository = match &arguments.repo {
        Some(repository) => repository.parse()?,
        None => bail!("which repository?\nhint: pass --repo OWNER/REPO"),
    };
    let Some(run_id) = arguments.run.or_else(env::run_of_the_event) else {
        bail!("which run?\nhint: pass --run ID")
    };
    Ok(Order {
        repository,
        run_id,
        attempts: arguments.attempt,
        annotations: !arguments.no_annotations,
        allow_unfinished: arguments.allow_unfinished,
        delete_logs: policy.delete_logs,
        delete_run: policy.delete_run,
        act_at: arguments.act_at,
    })
}

fn rehearse(base: &Base, arguments: &GuardArguments, order: &Order) -> anyhow::Result<Exit> {
    let store = Store::open_read_only(&base.state)?;
    let inspected = base.inspect(store.as_ref(), order)?;
    let plan = respond::plan(&base.world(), store.as_ref(), order, &inspected)?;
    report_findings(arguments, &inspected)?;
    let mut lines = vec!["dry run: nothing was changed; guard would:".to_owned()];
    if plan.is_empty() {
        lines.push("  do nothing".to_owned());
    }
    lines.extend(plan.iter().map(|line| format!("  {}", line.escape_debug())));
    if arguments.format == GuardFormat::Json {
        let json = serde_json::json!({ "dry_run": true, "calls": plan });
        print(format!("{json:#}\n").as_bytes())?;
    } else {
        print(format!("{}\n", lines.join("\n")).as_bytes())?;
    }
    Ok(scan::exit(&inspected.scanned.outcome, arguments.fail_on))
}

fn guard(base: &Base, arguments: &GuardArguments, order: &Order) -> anyhow::Result<Exit> {
    let mut store = open(&base.state)?;
    let mut inspected = base.inspect(Some(&store), order)?;
    let world = base.world();
    base.record(&mut store, order, &mut inspected)?;
    let run = Scope::Run(&inspected.fetched.key);
    respond::work(&world, &mut store, run)?;
    let outcome = respond::outcome(&store, &inspected)?;
    // First what other steps act on: a report that cannot be written must not
    // hide what was done.
    env::set_outputs(&outcome)?;
    report_findings(arguments, &inspected)?;
    show(arguments, &outcome)?;
    Ok(exit(&inspected.scanned.outcome, &outcome, arguments))
}

pub(super) fn open(path: &Path) -> anyhow::Result<Store> {
    #[cfg_attr(
        not(debug_assertions),
        expect(unused_mut, reason = "for tests of crashes")
    )]
    let mut store = Store::open(path)?;
    #[cfg(debug_assertions)]
    if let Some(mut left) = env::commits_until_abort() {
        store.on_commit(Box::new(move || {
            left -= 1;
            if left == 0 {
                std::process::abort();
            }
        }));
    }
    Ok(store)
}

fn exit(scanned: &Outcome, outcome: &GuardOutcome, arguments: &GuardArguments) -> Exit {
    if outcome.is_unfinished() {
        Exit::Unread
    } else if outcome.leaks_found {
        Exit::Findings
    } else {
        scan::exit(scanned, arguments.fail_on)
    }
}

fn report_findings(arguments: &GuardArguments, inspected: &Inspected) -> anyhow::Result<()> {
    let outcome = &inspected.scanned.outcome;
    scan::complain(outcome);
    for ReportFile { format, path } in &arguments.report {
        scan::write_report(*format, outcome, path)?;
    }
    if arguments.format == GuardFormat::Text {
        let options = RenderOptions::default();
        print(&report::render(OutputFormat::Text, outcome, &options))?;
    }
    env::append_step_summary(outcome)
}

fn show(arguments: &GuardArguments, outcome: &GuardOutcome) -> anyhow::Result<()> {
    let text = match arguments.format {
        GuardFormat::Text => outcome.text(),
        GuardFormat::Json => serde_json::to_string_pretty(outcome)? + "\n",
    };
    print(text.as_bytes())?;
    env::append_summary_lines("Guard", &outcome.text())
}

pub(crate) fn resume(arguments: &ResumeArguments) -> anyhow::Result<Exit> {
    let base = Base::new(&arguments.work, &arguments.delete, true)?;
    unread(finish(&base, arguments.dead))
}

/// Reads what was left unread, then does what is left to do.
fn finish(base: &Base, dead: bool) -> anyhow::Result<Exit> {
    let mut store = open(&base.state)?;
    if dead {
        store.change(leaksweep::clock::Clock::now(&base.clock), |changes| {
            changes.revive()
        })?;
    }
    let mut unreadable = false;
    let unread = respond::unread(&base.world(), &store)?;
    for run in unread {
        match read_again(base, &mut store, &run) {
            Ok(complete) => unreadable |= !complete,
            Err(error) => say(&format!("warning: {run}: {error:#}")),
        }
    }
    let left = respond::finish(&base.world(), &mut store)?;
    print(left.text().as_bytes())?;
    Ok(if left.is_empty() && !unreadable {
        Exit::Clean
    } else {
        Exit::Unread
    })
}

/// Whether all of it could be read. What fails for now leaves the intention open.
fn read_again(base: &Base, store: &mut Store, run: &RunKey) -> anyhow::Result<bool> {
    let order = Order {
        repository: run.repository.parse()?,
        run_id: run.run_id,
        attempts: Attempts::All,
        annotations: true,
        allow_unfinished: true,
        delete_logs: true,
        delete_run: base.policy.delete_run,
        act_at: None,
    };
    let mut inspected = base.inspect(Some(store), &order)?;
    scan::complain(&inspected.scanned.outcome);
    base.record(store, &order, &mut inspected)?;
    Ok(inspected.scanned.outcome.problems.is_empty())
}
