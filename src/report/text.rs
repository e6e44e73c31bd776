//! For people at a terminal: a block per finding, then the counts.

mod closing;
pub(crate) mod layout;
pub(crate) mod page;

use super::RenderOptions;
use super::escape::visible;
use super::labels;
use crate::finding::{Finding, Outcome, Place};
use crate::rule::Severity;
use layout::Marked;
use page::{BOLD, DIM, GUTTER, Page, text_style};

/// Further places shown; the rest are counted.
const PLACES: usize = 3;

pub(super) fn render(outcome: &Outcome, options: &RenderOptions) -> String {
    let mut page = Page::new(options);
    for finding in labels::ranked(outcome) {
        page.finding(finding);
        page.line("");
    }
    closing::write(&mut page, outcome);
    page.text
}

impl Page {
    fn finding(&mut self, finding: &Finding) {
        self.title(finding);
        self.entry("at", &visible(&labels::position(&finding.place)));
        self.origin(&finding.place);
        self.value(finding);
        self.context(finding);
        self.field("why", &finding.reasons.join("; "));
        self.field("revoke", finding.revoke.as_deref().unwrap_or_default());
        self.places(&finding.places);
    }

    fn title(&mut self, finding: &Finding) {
        let name = self.paint(BOLD, &visible(&finding.name));
        let about = format!("{} confidence · {}", finding.confidence, finding.vendor);
        let about = self.paint(DIM, &visible(&about));
        let line = format!("{}  {name}  {about}", self.badge(finding.severity));
        self.line(&line);
    }

    fn origin(&mut self, place: &Place) {
        let job = labels::job_and_step(place);
        let known = [job.as_ref(), place.logged_at.as_ref(), place.ci.as_ref()];
        let known: Vec<_> = known.into_iter().flatten().map(String::as_str).collect();
        self.field("in", &known.join(" · "));
    }

    fn value(&mut self, finding: &Finding) {
        let encodings = match finding.decoded_from.len() {
            0 => String::new(),
            _ => format!("  (decoded from {})", labels::encodings(finding)),
        };
        let value = format!("{}{encodings}", visible(&finding.redacted));
        self.entry("value", &value);
    }

    fn context(&mut self, finding: &Finding) {
        let marked = Marked::new(&visible(&finding.context), &visible(&finding.redacted));
        let (line, marks) = marked.crop(self.width - GUTTER);
        let bar = self.paint(DIM, "│");
        let shown = format!("{:8}{bar} {}", "", self.highlight(finding.severity, &line));
        self.line(&shown);
        if line.mark_width > 0 {
            let carets = self.paint(text_style(finding.severity), &marks);
            let below = format!(
                "{:8}{bar} {:indent$}{carets}",
                "",
                "",
                indent = line.indent()
            );
            self.line(&below);
        }
    }

    fn highlight(&self, severity: Severity, line: &layout::Cropped) -> String {
        let mark = self.paint(text_style(severity), &line.mark);
        format!("{}{mark}{}", line.before, line.after)
    }

    fn places(&mut self, places: &[Place]) {
        for (at, place) in places.iter().take(PLACES).enumerate() {
            let label = if at == 0 { "also at" } else { "" };
            self.entry(label, &visible(&labels::position(place)));
        }
        if let Some(more @ 1..) = places.len().checked_sub(PLACES) {
            let more = format!("+ {}", labels::count(more as u64, "more place"));
            self.entry("", &self.paint(DIM, &more));
        }
    }
}

#[cfg(test)]
mod tests;
