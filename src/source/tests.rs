//! Sources from end to end: every kind of archive, whole, damaged and hostile.

mod archives;
mod damage;
mod paths;
mod rebuilt;

use super::*;
use crate::origin::ProblemKind;
use ::zip::CompressionMethod;
use ::zip::write::SimpleFileOptions;
use std::io::{Cursor, Write};
use std::sync::Mutex;

/// Remembers everything, runs jobs one after the other.
#[derive(Default)]
struct Recorder {
    logs: Mutex<Vec<(String, Vec<u8>)>>,
    problems: Mutex<Vec<(String, ProblemKind)>>,
}

impl Recorder {
    fn names(&self) -> Vec<String> {
        let logs = self.logs.lock().unwrap();
        logs.iter().map(|(name, _)| name.clone()).collect()
    }

    fn logs(&self) -> Vec<(String, String)> {
        let logs = self.logs.lock().unwrap();
        logs.iter()
            .map(|(name, bytes)| (name.clone(), String::from_utf8_lossy(bytes).into()))
            .collect()
    }

    fn problems(&self) -> Vec<(String, ProblemKind)> {
        self.problems.lock().unwrap().clone()
    }
}

impl Visitor for Recorder {
    fn log(&self, origin: &Origin, body: Body<'_>) {
        let mut bytes = Vec::new();
        let end = match body {
            Body::File(file) => {
                bytes.extend_from_slice(&file.window(0..file.len()).unwrap());
                Ok(0)
            }
            // What a bomb gives before it is stopped need not be kept.
            Body::Stream(stream) => stream
                .take(1 << 20)
                .read_to_end(&mut bytes)
                .and_then(|_| std::io::copy(stream, &mut std::io::sink())),
        };
        self.logs.lock().unwrap().push((origin.to_string(), bytes));
        if let Err(error) = end {
            let (kind, detail) = problem_of(&error);
            self.problem(Problem::new(origin, kind, detail));
        }
    }

    fn problem(&self, problem: Problem) {
        assert!(!problem.detail.is_empty());
        let problem = (problem.path.to_string(), problem.kind);
        self.problems.lock().unwrap().push(problem);
    }

    fn fork(&self, n: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..n).for_each(job);
    }
}

fn visit(path: &Path, options: &Options) -> Recorder {
    let recorder = Recorder::default();
    open(path).visit(options, &recorder);
    recorder
}

/// Visits `bytes` as the file `name`; the directory is cut off the names.
fn as_file(name: &str, bytes: &[u8], options: &Options) -> Recorder {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(name), bytes).unwrap();
    below(dir.path(), visit(&dir.path().join(name), options))
}

fn below(dir: &Path, recorder: Recorder) -> Recorder {
    let dir = format!("{}/", dir.display());
    for (name, _) in recorder.logs.lock().unwrap().iter_mut() {
        *name = name.replace(&dir, "");
    }
    for (name, _) in recorder.problems.lock().unwrap().iter_mut() {
        *name = name.replace(&dir, "");
    }
    recorder
}

fn as_stream(name: &str, bytes: &[u8], options: &Options) -> Recorder {
    let recorder = Recorder::default();
    unpack::Unpacker::visit_stream(options, &recorder, &Origin::new(name), bytes);
    recorder
}

/// Visits `bytes` both ways, which must agree.
fn both(name: &str, bytes: &[u8], options: &Options) -> Recorder {
    let (file, stream) = (
        as_file(name, bytes, options),
        as_stream(name, bytes, options),
    );
    assert_eq!(file.logs(), stream.logs());
    assert_eq!(file.problems(), stream.problems());
    stream
}

fn zip_with(method: CompressionMethod, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(CompressionMethod::Deflated, entries)
}

/// As writers do that cannot go back: sizes follow the data.
fn zip_streamed(method: CompressionMethod, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ::zip::ZipWriter::new_stream(Vec::new());
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tar_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = ::tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(name, text): &(&str, &str)| ((*name).into(), (*text).into());
    expected.iter().map(own).collect()
}

fn limits(change: impl FnOnce(&mut Limits)) -> Options {
    let mut limits = Limits::default();
    change(&mut limits);
    Options::new(None, None, limits)
}

/// Text that does not compress to nothing.
fn noise(lines: u32) -> String {
    let scattered = (0..lines).map(|i| i.wrapping_mul(2_654_435_761));
    scattered.fold(String::new(), |text, n| text + &format!("{n:x}\n"))
}

const TWO: &[(&str, &[u8])] = &[("b/2.txt", b"two"), ("a/1.txt", b"one")];
