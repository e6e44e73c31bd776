//! `leaksweep scan`: configure → build → scan → report.

use super::args::{LimitArguments, ReportFile, ScanArguments, When};
use super::environment;
use super::exit::{Exit, print, say};
use super::progress::Progress;
use anyhow::{Context, bail};
use globset::GlobSet;
use leaksweep::config::{self, Baseline, Config, Glob, Suppressions};
use leaksweep::detect::{self, DEFAULT_FINGERPRINT_KEY, Detector};
use leaksweep::finding::Outcome;
use leaksweep::origin::Problem;
use leaksweep::report::{self, OutputFormat, RenderOptions};
use leaksweep::rule::{Confidence, Severity};
use leaksweep::scan::{self, Explanation, Scanned};
use leaksweep::source::{self, Limits, Source};
use std::io::IsTerminal;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::time::Instant;

const CONFIG_FILE: &str = "leaksweep.yaml";
/// Below this nothing useful fits.
const LEAST_MEMORY: u64 = 32 << 20;

pub(crate) fn run(arguments: &ScanArguments) -> anyhow::Result<Exit> {
    let config = configuration(arguments.config.as_deref())?;
    let suppressions = suppressions(&config, &arguments.baseline)?;
    let rules = &arguments.rules.rules;
    // The process ends with the scan: to free rule by rule would take as long as a small log.
    let detector = ManuallyDrop::new(detector(&config, rules, &suppressions, arguments.explain)?);
    let scanned = scan_paths(arguments, &config, &suppressions, &detector)?;
    explain(&scanned.explanations);
    complain(&scanned.outcome);
    write_reports(arguments, &scanned.outcome)?;
    Ok(exit(
        &scanned.outcome,
        arguments.fail_on.or(config.scan.fail_on),
    ))
}

pub(crate) fn configuration(path: Option<&Path>) -> anyhow::Result<Config> {
    let found = Path::new(CONFIG_FILE);
    match path {
        Some(path) => Ok(Config::load(path)?),
        None if found.is_file() => Ok(Config::load(found)?),
        None => Ok(Config::default()),
    }
}

pub(crate) fn suppressions(config: &Config, baselines: &[PathBuf]) -> anyhow::Result<Suppressions> {
    let mut known = Vec::new();
    for path in baselines {
        let bytes = std::fs::read(path)
            .with_context(|| format!("failed to read baseline {}", path.display()))?;
        known.push(Baseline::parse(&bytes, &path.display().to_string())?);
    }
    let today = jiff::Zoned::now().date();
    let suppressions = Suppressions::new(&config.allow, today, known);
    for entry in suppressions.expired() {
        say(&format!(
            "warning: allow entry has expired and holds no more: {}",
            entry.value.reason.escape_debug()
        ));
    }
    Ok(suppressions)
}

pub(crate) fn detector(
    config: &Config,
    rules: &[PathBuf],
    suppressions: &Suppressions,
    explain: bool,
) -> anyhow::Result<Detector> {
    let rules = config.rule_set(rules)?;
    let options = detect::Options {
        fingerprint_key: fingerprint_key()?,
        explain,
        now: Some(jiff::Timestamp::now().as_second()),
        value_allow: suppressions.value_patterns(),
        ..detect::Options::default()
    };
    Ok(Detector::new(rules, options))
}

fn fingerprint_key() -> anyhow::Result<Vec<u8>> {
    match std::env::var_os("LEAKSWEEP_FINGERPRINT_KEY") {
        None => Ok(DEFAULT_FINGERPRINT_KEY.to_vec()),
        Some(key) if key.is_empty() => {
            bail!(
                "LEAKSWEEP_FINGERPRINT_KEY is set but empty\nhint: unset it, or set it to a random text"
            )
        }
        Some(key) => Ok(key.into_encoded_bytes()),
    }
}

fn scan_paths(
    arguments: &ScanArguments,
    config: &Config,
    suppressions: &Suppressions,
    detector: &Detector,
) -> anyhow::Result<Scanned> {
    let pool = pool(&arguments.limits)?;
    let sources: Vec<Box<dyn Source>> = arguments
        .paths
        .iter()
        .map(|path| source::open(path))
        .collect();
    let progress = Progress::new(!arguments.no_progress);
    let default = scan::Options::default();
    let options = scan::Options {
        log_format: arguments.log_format,
        source: source_options(arguments, config)?,
        batch: batch(&arguments.limits, &pool),
        min_confidence: arguments
            .min_confidence
            .or(config.scan.min_confidence)
            .unwrap_or(Confidence::Medium),
        suppress: &|finding, matches| suppressions.reason_for(finding, matches),
        progress: &|bytes| progress.add(bytes),
        ..default
    };
    let start = Instant::now();
    let mut scanned = pool.install(|| scan::scan(detector, &sources, &options));
    progress.finish();
    scanned.outcome.summary.seconds = start.elapsed().as_secs_f64();
    Ok(scanned)
}

fn source_options(arguments: &ScanArguments, config: &Config) -> anyhow::Result<source::Options> {
    let include = globs(&arguments.include, &config.scan.include)?;
    let exclude = globs(&arguments.exclude, &config.scan.exclude)?;
    let limits = limits(&arguments.limits, config)?;
    Ok(source::Options::new(include, exclude, limits))
}

pub(crate) fn limits(arguments: &LimitArguments, config: &Config) -> anyhow::Result<Limits> {
    if arguments.max_memory < LEAST_MEMORY {
        bail!("--max-memory is below 32 MiB\nhint: give at least 32MiB");
    }
    let configured = config.scan.max_depth.map(|depth| depth as usize);
    let depth = arguments
        .max_depth
        .or(configured)
        .unwrap_or(Limits::default().max_depth);
    Ok(Limits {
        max_depth: depth,
        max_entries: arguments.max_entries,
        max_ratio: arguments.max_ratio,
        max_total: arguments.max_total,
        max_spool: arguments.max_spool,
        spool_memory: (arguments.max_memory / 8) as usize,
    })
}

pub(crate) fn pool(arguments: &LimitArguments) -> anyhow::Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads.map_or(0, usize::from))
        .build()
        .context("failed to start threads")
}

/// Globs of the command line and of the configuration together.
fn globs(given: &[Glob], configured: &[Glob]) -> anyhow::Result<Option<GlobSet>> {
    config::glob_set(&[given, configured].concat()).context("failed to combine the globs")
}

/// A batch of each stream: two are in memory at a time, one stream a thread,
/// and half of the memory is left for archives.
pub(crate) fn batch(arguments: &LimitArguments, pool: &rayon::ThreadPool) -> usize {
    let threads = pool.current_num_threads() as u64;
    (arguments.max_memory / (8 * threads)).clamp(1 << 20, 8 << 20) as usize
}

fn explain(explanations: &[Explanation]) {
    for entry in explanations {
        let Explanation {
            place: (path, line),
            column,
            rule_id,
            kept,
            redacted,
            reason,
        } = entry;
        let verdict = if *kept { "kept" } else { "dropped" };
        let path = path.as_str().escape_debug().to_string();
        say(&format!(
            "explain: {path}:{line}:{column}: {rule_id}: {verdict}: {reason} ({})",
            redacted.escape_debug()
        ));
    }
}

pub(crate) fn complain(outcome: &Outcome) {
    name(&outcome.problems);
}

pub(crate) fn name(problems: &[Problem]) {
    for problem in problems {
        say(&format!(
            "warning: {}: {}",
            problem.path.as_str().escape_debug(),
            problem.detail
        ));
    }
}

fn write_reports(arguments: &ScanArguments, outcome: &Outcome) -> anyhow::Result<()> {
    for ReportFile { format, path } in &arguments.report {
        write_report(*format, outcome, path)?;
    }
    print(&report::render(
        arguments.format,
        outcome,
        &render_options(arguments.color),
    ))?;
    if arguments.format == OutputFormat::Github {
        environment::append_step_summary(outcome)?;
        environment::set_scan_outputs(outcome)?;
    }
    Ok(())
}

pub(crate) fn write_report(
    format: OutputFormat,
    outcome: &Outcome,
    path: &Path,
) -> anyhow::Result<()> {
    let bytes = report::render(format, outcome, &RenderOptions::default());
    std::fs::write(path, bytes).with_context(|| format!("failed to write {}", path.display()))
}

pub(crate) fn render_options(color: When) -> RenderOptions {
    let terminal = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let color = color == When::Always || (color == When::Auto && terminal);
    let width = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(100);
    RenderOptions { color, width }
}

/// Unread input outweighs findings: a scan that missed something must not look
/// like one that saw everything.
pub(crate) fn exit(outcome: &Outcome, fail_on: Option<Severity>) -> Exit {
    let least = fail_on.unwrap_or(Severity::Low);
    if !outcome.problems.is_empty() {
        Exit::Unread
    } else if outcome
        .findings
        .iter()
        .any(|finding| finding.severity >= least)
    {
        Exit::Findings
    } else {
        Exit::Clean
    }
}
