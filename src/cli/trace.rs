//! `leaksweep trace`: configure → list the repositories → walk → tell → contain.

use super::args::{DeleteArguments, TraceArguments, TraceFile};
use super::environment as env;
use super::exit::{Exit, complain, print, say};
use super::guard::{self, Base};
use super::{progress, purge, scan};
use anyhow::{Context, bail};
use jiff::Timestamp;
use leaksweep::clock::{Clock, SystemClock};
use leaksweep::github::GithubErrorKind;
use leaksweep::origin::Origin;
use leaksweep::report::RenderOptions;
use leaksweep::rule::Confidence;
use leaksweep::scan as pipeline;
use leaksweep::source::{self, Source};
use leaksweep::store::{Incident, Store};
use leaksweep::trace::{
    self, Contained, Containment, Order, Progress, TraceError, TraceFormat, Traced, Walk, World,
};
use std::path::Path;

pub(crate) fn run(arguments: &TraceArguments) -> anyhow::Result<Exit> {
    let traced = if arguments.paths.is_empty() {
        walk(arguments)
    } else {
        local(arguments)
    };
    match traced {
        Ok(traced) => {
            env::set_trace_outputs(&traced)?;
            report(arguments, &traced)?;
            Ok(exit(&traced, arguments))
        }
        Err(error) => refused(error),
    }
}

fn walk(arguments: &TraceArguments) -> anyhow::Result<Traced> {
    let target = purge::target(&arguments.target)?;
    let tells = arguments.contain && !arguments.dry_run;
    let base = Base::new(&arguments.work, &DeleteArguments::default(), tells)?;
    let mut store = guard::open(&base.state)?;
    let order = order(arguments, &base, &store)?;
    let end = arguments.max_duration.map(|most| SystemClock.now() + most);
    base.with_options(|pool, options| {
        let read = |sources: &[Box<dyn Source>], repository: &str| {
            pool.install(|| trace::read(base.detector(), sources, options, Some(repository)))
        };
        let bar = progress::Progress::of_work(!arguments.no_progress);
        let respond = base.world();
        let world = World {
            respond: &respond,
            read: &read,
            plan: &|plan| say(&plan.text()),
            progress: &|at| bar.show(at.done, at.about, message(at)),
        };
        let walked = trace::walk(&world, &mut store, &order, &target);
        bar.finish();
        let walked = walked?;
        let traced = trace::traced(&world, &store, &order, &walked)?;
        if !arguments.contain || traced.exposures.is_empty() {
            return Ok(traced);
        }
        let contained = contain(
            arguments,
            &base,
            &mut store,
            &traced,
            (&order, &walked),
            end,
        )?;
        Ok(Traced {
            contained,
            // What was contained is gone now.
            ..trace::traced(&world, &store, &order, &walked)?
        })
    })
}

fn order(arguments: &TraceArguments, base: &Base, store: &Store) -> anyhow::Result<Order> {
    let incident = arguments.incident.as_ref();
    let incident: Option<Incident> = incident
        .map(|id| super::incident::find(store, id))
        .transpose()?;
    let fingerprints = match &incident {
        Some(incident) => vec![incident.fingerprint.clone()],
        None => arguments.fingerprint.clone(),
    };
    Ok(Order {
        look_back: arguments.since.0,
        workflows: arguments.workflow.clone(),
        fingerprints,
        around: incident.map(|one| one.leaked_at.unwrap_or(one.opened_at)),
        max_duration: arguments.max_duration,
        terms: base.terms(),
    })
}

fn message(at: &Progress<'_>) -> String {
    match at.waits_until {
        Some(until) => format!("waits for the limit until {until}"),
        None if at.about == 0 => format!("lists the runs of {}", at.repository),
        None => at.repository.to_owned(),
    }
}

fn contain(
    arguments: &TraceArguments,
    base: &Base,
    store: &mut Store,
    traced: &Traced,
    walk: (&Order, &Walk),
    end: Option<Timestamp>,
) -> anyhow::Result<Vec<Contained>> {
    let world = base.world();
    base.with_scan(|scan| {
        let how = Containment {
            world: &world,
            scan,
            keep: &base.keep,
            act_at: arguments.act_at,
            dry_run: arguments.dry_run,
            end,
        };
        Ok(trace::contain(&how, store, traced, walk)?)
    })
}

/// Traces logs on this machine.
fn local(arguments: &TraceArguments) -> anyhow::Result<Traced> {
    if arguments.incident.is_some() {
        bail!("logs on this machine have no incidents\nhint: pass --fingerprint");
    }
    let work = &arguments.work;
    let config = scan::configuration(work.config.as_deref())?;
    let suppressions = scan::suppressions(&config, &work.baseline)?;
    let detector = scan::detector(&config, &work.rules.rules, &suppressions, false)?;
    let names = arguments
        .paths
        .iter()
        .map(|path| path.to_string_lossy().into_owned());
    let names: Vec<String> = names.collect();
    let sources = arguments.paths.iter().map(|path| source_of(path));
    let sources: Vec<Box<dyn Source>> = sources.collect::<anyhow::Result<_>>()?;
    let min_confidence = work.min_confidence.or(config.scan.min_confidence);
    let options = pipeline::Options {
        min_confidence: min_confidence.unwrap_or(Confidence::Medium),
        suppress: &|finding, matches| suppressions.reason_for(finding, matches),
        ..pipeline::Options::default()
    };
    let pool = guard::pool(work)?;
    let (now, wanted) = (SystemClock.now(), &arguments.fingerprint);
    let logs = (&*names, &*sources);
    Ok(pool.install(|| trace::local(&detector, logs, &options, now, wanted))?)
}

/// A trace reads its logs more than once.
fn source_of(path: &Path) -> anyhow::Result<Box<dyn Source>> {
    if path.as_os_str() != "-" {
        return Ok(source::open(path));
    }
    let mut file = tempfile::tempfile().context("failed to make a temporary file")?;
    std::io::copy(&mut std::io::stdin(), &mut file).context("failed to read standard input")?;
    Ok(source::opened(Origin::new("-"), file))
}

fn report(arguments: &TraceArguments, traced: &Traced) -> anyhow::Result<()> {
    for TraceFile { format, path } in &arguments.report {
        let bytes = trace::render(*format, traced, &RenderOptions::default());
        std::fs::write(path, bytes)
            .with_context(|| format!("failed to write {}", path.display()))?;
    }
    let options = scan::render_options(arguments.color);
    print(&trace::render(arguments.format, traced, &options))?;
    let summary = trace::render(TraceFormat::Markdown, traced, &RenderOptions::default());
    env::append_summary(&summary)
}

/// What was not read outweighs what was found.
fn exit(traced: &Traced, arguments: &TraceArguments) -> Exit {
    let stays = traced.contained.iter().any(|one| one.asked && !one.gone);
    if !traced.is_whole() || (stays && !arguments.dry_run) {
        Exit::Unread
    } else if traced.exposures.is_empty() {
        Exit::Clean
    } else {
        Exit::Findings
    }
}

/// What GitHub or the state refuses is not wrong use, but for settings.
fn refused(error: anyhow::Error) -> anyhow::Result<Exit> {
    match error.downcast_ref::<TraceError>() {
        None => Err(error),
        Some(TraceError::Github(inner)) if inner.kind() == GithubErrorKind::Settings => Err(error),
        Some(_) => {
            complain(&error);
            Ok(Exit::Unread)
        }
    }
}
