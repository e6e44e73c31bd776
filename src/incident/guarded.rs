//! Nothing is sent that our own detectors find something in.

use super::{Channel, Document, Rendered, Sighting};
use crate::detect::{Detected, Detector, Window};
use crate::log::LogFormat;
use crate::rule::Confidence;

/// The message about `document` for `channel`. If the document or the finished
/// body shows what looks like a secret, the texts of the log are left out, and
/// the message says so.
pub fn guarded(channel: &dyn Channel, document: &Document, detector: &Detector) -> Rendered {
    let rendered = channel.render(document);
    // Escapes of the target can hide a secret from us that people still see.
    if leaks(detector, &rendered) || shows(detector, &plain(document)) {
        return channel.render(&document.clone().without_log_texts());
    }
    rendered
}

/// Whether the body shows what looks like a secret.
pub fn leaks(detector: &Detector, rendered: &Rendered) -> bool {
    shows(detector, &rendered.body)
}

/// Every text on a line of its own.
fn plain(document: &Document) -> Vec<u8> {
    let of = |it: &Sighting| {
        let texts = [&it.workflow, &it.branch, &it.job, &it.step];
        let texts = texts.map(|text| text.clone().unwrap_or_default());
        format!("{}\n{}", texts.join("\n"), it.path)
    };
    let sightings = document.sightings.iter().map(of);
    let reasons = document.reasons.iter().cloned();
    let lines = sightings.chain(reasons).chain([document.redacted.clone()]);
    lines.collect::<Vec<_>>().join("\n").into_bytes()
}

/// Whether a text shows what looks like a secret.
pub fn shows(detector: &Detector, text: &[u8]) -> bool {
    let window = Window {
        raw: text,
        core: 0..text.len(),
        format: LogFormat::Plain,
        starts_record: true,
    };
    let mut found = Vec::new();
    detector.scan(&window, &mut found);
    let counts = |it: &Detected| !it.dropped && it.confidence >= Confidence::Medium;
    found.iter().any(counts)
}
