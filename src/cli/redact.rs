//! `leaksweep redact`: a copy without secrets.

use super::args::RedactArguments;
use super::exit::{Exit, complain, say};
use super::progress::Progress;
use super::scan::{batch, configuration, limits, name, pool};
use anyhow::{Context, anyhow, bail};
use leaksweep::config::Config;
use leaksweep::detect::{self, Detector};
use leaksweep::origin::Origin;
use leaksweep::redact::{RedactError, RedactErrorKind, Redacted, redact};
use leaksweep::{scan, source};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use tempfile::NamedTempFile;

pub(crate) fn run(arguments: &RedactArguments) -> anyhow::Result<Exit> {
    let config = configuration(arguments.config.as_deref())?;
    let limits = limits(&arguments.limits, &config)?;
    let source = source::Options::new(None, None, limits);
    check_paths(&arguments.input, arguments.out.as_deref())?;
    let input = match open(&arguments.input, &source) {
        Ok(input) => input,
        Err(error) => {
            let shown = arguments.input.display();
            complain(&anyhow!(
                "failed to read {shown}: {error}\nhint: check the path and who may read it"
            ));
            return Ok(Exit::Unread);
        }
    };
    let mut out = Out::open(arguments.out.as_deref())?;
    let redacted = match redact_to(&mut out, &input, source, arguments, &config)? {
        Err(error) if error.kind() == RedactErrorKind::Unread => {
            complain(&error.into());
            return Ok(Exit::Unread);
        }
        redacted => redacted?,
    };
    out.finish()?;
    Ok(tell(&redacted))
}

/// A folder is many logs, and a log that is overwritten while it is read is none.
fn check_paths(input: &Path, out: Option<&Path>) -> anyhow::Result<()> {
    if input.is_dir() {
        bail!(
            "{} is a folder\nhint: redact its logs one by one",
            input.display()
        );
    }
    let same = |out: &Path| {
        let real = |path: &Path| std::fs::canonicalize(path).ok();
        real(input).is_some_and(|input| real(out) == Some(input))
    };
    if out.is_some_and(same) {
        bail!("OUT is IN, which is not overwritten\nhint: write to another file and compare");
    }
    Ok(())
}

/// Windows of it can be had: what comes in order only is kept in a file first.
fn open(path: &Path, options: &source::Options) -> io::Result<File> {
    if path.as_os_str() == "-" {
        return source::spooled(&mut io::stdin().lock(), options);
    }
    let mut file = File::open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    source::spooled(&mut file, options)
}

fn redact_to(
    out: &mut Out,
    input: &File,
    source: source::Options,
    arguments: &RedactArguments,
    config: &Config,
) -> anyhow::Result<Result<Redacted, RedactError>> {
    let options = detect::Options {
        now: Some(jiff::Timestamp::now().as_second()),
        ..detect::Options::default()
    };
    let rules = config.rule_set(&arguments.rules.rules)?;
    let detector = Detector::new(rules, options);
    let pool = pool(&arguments.limits)?;
    let progress = Progress::new(!arguments.no_progress);
    let options = scan::Options {
        log_format: arguments.log_format,
        source,
        batch: batch(&arguments.limits, &pool),
        min_confidence: arguments.min_confidence,
        progress: &|bytes| progress.add(bytes),
        ..scan::Options::default()
    };
    let origin = Origin::new(arguments.input.to_string_lossy());
    let redacted = pool.install(|| redact(&detector, &origin, input, options, out.writer()));
    progress.finish();
    Ok(redacted)
}

fn tell(redacted: &Redacted) -> Exit {
    name(&redacted.problems);
    let (secrets, places) = (redacted.findings.len(), redacted.masks);
    say(&format!("masked {places} places of {secrets} secrets"));
    if redacted.problems.is_empty() {
        return Exit::Clean;
    }
    say("warning: what could not be read was left out");
    Exit::Unread
}

/// Where the copy goes.
enum Out<'a> {
    Standard(io::Stdout),
    /// A device or a FIFO, which cannot be replaced.
    Stream(File),
    /// Beside the file that it becomes when it is complete.
    File(NamedTempFile, &'a Path),
}

impl<'a> Out<'a> {
    fn open(path: Option<&'a Path>) -> anyhow::Result<Self> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
            return Ok(Self::Standard(io::stdout()));
        };
        let failed = || format!("failed to create {}", path.display());
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            let stream = File::options().write(true).open(path);
            return Ok(Self::Stream(stream.with_context(failed)?));
        }
        let folder = path.parent().filter(|path| !path.as_os_str().is_empty());
        let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
        Ok(Self::File(file.with_context(failed)?, path))
    }

    fn writer(&mut self) -> &mut (dyn Write + Send) {
        match self {
            Self::Standard(out) => out,
            Self::Stream(file) => file,
            Self::File(file, _) => file,
        }
    }

    fn finish(self) -> anyhow::Result<()> {
        if let Self::File(file, path) = self {
            file.persist(path)
                .with_context(|| format!("failed to write {}", path.display()))?;
        }
        Ok(())
    }
}
