//! The stages of a scan, each on a megabyte that keeps it busy.
//!
//!     cargo bench --bench stages
//!
//! The logs are generated from a seed; with `LEAKSWEEP_CORPUS` the stage
//! `genuine` scans the files of that folder.

// A bench that cannot prepare its data has nothing to measure.
#![allow(clippy::expect_used)]

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use leaksweep::detect::{Detector, Options as DetectOptions, Window};
use leaksweep::log::{self, LogFormat};
use leaksweep::origin::{Origin, Problem};
use leaksweep::report::{OutputFormat, RenderOptions, render};
use leaksweep::rule::RuleSet;
use leaksweep::rule::template::{Seed, expand};
use leaksweep::scan::{self, Options};
use leaksweep::source::{self, Body, Source, Visitor};
use rayon::prelude::*;
use std::io::{self, Cursor, Write};
use std::path::Path;
use std::sync::LazyLock;

const MEGABYTE: usize = 1 << 20;

static DETECTOR: LazyLock<Detector> =
    LazyLock::new(|| Detector::new(RuleSet::builtin(), DetectOptions::default()));

fn main() {
    divan::main();
}

/// A megabyte of lines, each a filling of `template`.
fn lines(template: &str) -> Vec<u8> {
    let mut seed = Seed::of(1, template);
    let mut out = Vec::with_capacity(MEGABYTE + 1024);
    while out.len() < MEGABYTE {
        out.extend(
            expand(template, &mut seed)
                .expect("a template")
                .into_bytes(),
        );
        out.push(b'\n');
    }
    out
}

fn detect(bencher: Bencher<'_, '_>, template: &str) {
    let raw = lines(template);
    let bencher = bencher.counter(BytesCount::of_slice(&raw));
    bencher.bench(|| {
        let window = Window {
            raw: &raw,
            core: 0..raw.len(),
            format: LogFormat::GitHubActions,
            starts_record: true,
        };
        let mut found = Vec::new();
        black_box(DETECTOR.scan(&window, &mut found));
        found
    });
}

/// Stamps and colours are taken out.
#[divan::bench]
fn clean(bencher: Bencher<'_, '_>) {
    let raw =
        lines("2026-01-15T10:00:00.1234567Z \u{1b}[36;1m{lower:7} {lower:4}\u{1b}[0m {digits:4}");
    let bencher = bencher.counter(BytesCount::of_slice(&raw));
    bencher.bench(|| log::clean(LogFormat::GitHubActions, black_box(&raw), 0..raw.len()));
}

/// Nothing wakes a rule.
#[divan::bench]
fn gate(bencher: Bencher<'_, '_>) {
    detect(
        bencher,
        "2026-01-15T10:00:00.1234567Z {lower:7} {lower:4} {digits:4} {lower:9}.{lower:3}",
    );
}

/// A keyword on every line, and nothing behind it.
#[divan::bench]
fn glance(bencher: Bencher<'_, '_>) {
    detect(
        bencher,
        "2026-01-15T10:00:00.1234567Z {digits:3} passed, see https://{lower:7}.example/{lower:9}",
    );
}

/// Every line passes the gate and holds a credential by name.
#[divan::bench]
fn assignments(bencher: Bencher<'_, '_>) {
    detect(
        bencher,
        "2026-01-15T10:00:00.1234567Z {lower:4}_PASSWORD={base62:20}",
    );
}

/// Every line holds a token of a vendor's shape.
#[divan::bench]
fn patterns(bencher: Bencher<'_, '_>) {
    detect(
        bencher,
        "2026-01-15T10:00:00.1234567Z {lower:4} ghp_{base62:30}{crc32}",
    );
}

/// Every line is base64 of text.
#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    detect(
        bencher,
        "2026-01-15T10:00:00.1234567Z {b64:a line of words that says nothing much}",
    );
}

fn file(text: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(text).expect("room for it");
    file
}

fn scan_path(path: &Path) -> scan::Scanned {
    let sources: Vec<Box<dyn Source>> = vec![source::open(path)];
    scan::scan(&DETECTOR, &sources, &Options::default())
}

/// Ten thousand findings as a report.
#[divan::bench(args = [OutputFormat::Text, OutputFormat::Json, OutputFormat::Sarif, OutputFormat::Markdown])]
fn report(bencher: Bencher<'_, '_>, format: OutputFormat) {
    let scanned = scan_path(file(&lines("{lower:4} ghp_{base62:30}{crc32} {lower:50}")).path());
    bencher.bench(|| render(format, &scanned.outcome, &RenderOptions::default()));
}

/// Genuine logs, where there are some.
#[divan::bench]
fn genuine(bencher: Bencher<'_, '_>) {
    let corpus = std::env::var_os("LEAKSWEEP_CORPUS");
    let generated = file(&lines(
        "2026-01-15T10:00:00.1234567Z {lower:7} {lower:4} {digits:4}",
    ));
    let path = corpus.map_or(generated.path().to_owned(), Into::into);
    let bytes = scan_path(&path).outcome.summary.bytes;
    let bencher = bencher.counter(BytesCount::new(bytes));
    bencher.bench(|| scan_path(&path));
}

/// Logs of one run in an archive.
const LOGS_OF_RUN: usize = 8;

/// The logs of the corpus, or some that are generated.
fn logs() -> Vec<Vec<u8>> {
    let Some(corpus) = std::env::var_os("LEAKSWEEP_CORPUS") else {
        let template = "2026-01-15T10:00:00.1234567Z {lower:7} {lower:4} {digits:4} {lower:9}";
        return vec![lines(template); 4 * LOGS_OF_RUN];
    };
    let entries = walkdir::WalkDir::new(corpus).into_iter();
    let files = entries.map(|entry| entry.expect("a folder of logs"));
    let files = files.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| std::fs::read(entry.path()).expect("a log"))
        .collect()
}

fn zipped(entries: &[Vec<u8>], packed: zip::CompressionMethod) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(packed);
    for (number, bytes) in entries.iter().enumerate() {
        out.start_file(number.to_string(), options)
            .expect("a new entry");
        out.write_all(bytes).expect("room for it");
    }
    out.finish().expect("a whole archive").into_inner()
}

/// A zip of the zips of runs, as they come from a forge.
fn zip_of_runs() -> tempfile::NamedTempFile {
    let runs: Vec<Vec<u8>> = logs()
        .par_chunks(LOGS_OF_RUN)
        .map(|logs| zipped(logs, zip::CompressionMethod::Deflated))
        .collect();
    file(&zipped(&runs, zip::CompressionMethod::Stored))
}

/// Inflates every log and looks at none: what the scan of an archive costs at
/// least.
struct Inflated;

impl Visitor for Inflated {
    fn log(&self, _: &Origin, body: Body<'_>) {
        if let Body::Stream(stream) = body {
            io::copy(stream, &mut io::sink()).expect("a whole log");
        }
    }

    fn problem(&self, problem: Problem) {
        panic!("{problem:?}");
    }

    fn fork(&self, n: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..n).into_par_iter().for_each(job);
    }
}

#[divan::bench]
fn zip_inflated(bencher: Bencher<'_, '_>) {
    let file = zip_of_runs();
    bencher.bench(|| source::open(file.path()).visit(&source::Options::default(), &Inflated));
}

#[divan::bench]
fn zip_scanned(bencher: Bencher<'_, '_>) {
    let file = zip_of_runs();
    bencher.bench(|| scan_path(file.path()));
}
