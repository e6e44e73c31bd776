//! A page for a terminal: labels in a gutter, texts beside them.

use super::layout;
use crate::report::RenderOptions;
use crate::report::escape::visible;
use crate::rule::Severity;
use anstyle::{AnsiColor, Style};

/// Column at which text begins, right of the labels.
pub(crate) const GUTTER: usize = 10;
/// Below this nothing can be laid out.
const NARROWEST: usize = 40;

pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// The growing report. The one place that knows of colour and width.
pub(crate) struct Page {
    pub(crate) text: String,
    color: bool,
    pub(crate) width: usize,
}

impl Page {
    pub(crate) fn new(options: &RenderOptions) -> Self {
        Self {
            text: String::new(),
            color: options.color,
            width: options.width.max(NARROWEST),
        }
    }

    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// A severity as wide as the gutter lets it be.
    pub(crate) fn badge(&self, severity: Severity) -> String {
        let word = format!("{:<8}", severity.to_string().to_uppercase());
        self.paint(badge_style(severity), &word)
    }

    /// `label` in the gutter, `text` wrapped beside it; nothing without text.
    pub(crate) fn field(&mut self, label: &str, text: &str) {
        let text = visible(text);
        for (at, part) in layout::wrap(&text, self.width - GUTTER).enumerate() {
            self.entry(if at == 0 { label } else { "" }, &part);
        }
    }

    /// `label` in the gutter, finished `text` beside it on one line.
    pub(crate) fn entry(&mut self, label: &str, text: &str) {
        let label = self.paint(DIM, &format!("  {label:<8}"));
        self.line(&format!("{label}{text}"));
    }
}

fn badge_style(severity: Severity) -> Style {
    BOLD.fg_color(Some(AnsiColor::Black.into()))
        .bg_color(Some(color(severity).into()))
}

pub(crate) fn text_style(severity: Severity) -> Style {
    color(severity).on_default().bold()
}

const fn color(severity: Severity) -> AnsiColor {
    match severity {
        Severity::Critical => AnsiColor::Red,
        Severity::High => AnsiColor::Magenta,
        Severity::Medium => AnsiColor::Yellow,
        Severity::Low => AnsiColor::Cyan,
    }
}
