//! A command in the form that its copies have in common.
//!
//! A log shows a command after the CI system has filled in its `${{ }}`, so the
//! copies of one step differ in what was filled in and in how people lay out a
//! script. What is taken away, and why:
//!
//! - white space, blank lines, comments, `\` at the end of a line: layout;
//! - quotes around a word that needs none, the braces of `${NAME}`: style;
//! - masks, whoever made them, are `***`: the key is what copies do not share;
//! - the repository's own name is `REPO`, its folder on the machine
//!   `WORKSPACE`, a temporary file `TMP`: where it runs;
//! - numbers, versions, SHAs and UUIDs are `N`: run ids, tags, matrices. Digits
//!   inside of words (`sha256sum`), arguments (`$1`) and streams (`2>&1`) stay;
//! - inputs of an action that are `true`, `false` or a number go: they are
//!   defaults, which come and go with its version.
//!
//! Everything else stays, names of other repositories and hosts among it: it is
//! what tells a command from another one.

use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

/// What stands for the name of the repository.
const REPOSITORY: &str = "REPO";

/// A pattern of ours.
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| unreachable!("{error}"))
}

/// The names of the repository that ran a command.
pub(super) struct Names(Option<Regex>);

impl Names {
    /// Those of `repository`, or, if it is not known, of the one that `commands`
    /// check out. Where no command mentions it, there is nothing to look for, and
    /// no expression is compiled.
    pub(super) fn of<'t>(
        repository: Option<&str>,
        commands: &(impl Iterator<Item = &'t str> + Clone),
    ) -> Self {
        let known = repository.or_else(|| commands.clone().find_map(checked_out));
        let is_mentioned = |known: &&str| {
            let name = known.rsplit('/').next().unwrap_or(known);
            let name = name.to_ascii_lowercase();
            let mut commands = commands.clone();
            commands.any(|command| command.to_ascii_lowercase().contains(&name))
        };
        Self(known.filter(is_mentioned).and_then(named))
    }
}

/// The `repository` of `actions/checkout`.
fn checked_out(command: &str) -> Option<&str> {
    let inputs = command.strip_prefix("uses: actions/checkout\n")?;
    let mut inputs = inputs.lines().map(str::trim);
    inputs.find_map(|input| input.strip_prefix("repository: "))
}

/// Finds `OWNER/NAME`, and `NAME` where it is a part of a path.
fn named(repository: &str) -> Option<Regex> {
    let (owner, name) = repository.split_once('/')?;
    let (owner, name) = (regex::escape(owner), regex::escape(name));
    let before = format!(r"(^|[^\w-]){owner}/|(/)");
    Some(regex(&format!(
        r"(?i)(?:{before}){name}(?:\.git)?($|[^\w-])"
    )))
}

/// The form that copies of a command, its secrets masked, have in common.
pub(super) fn normal(command: &str, names: &Names) -> String {
    let joined = command.replace("\\\n", " ");
    let lines = joined.lines().map(without_comment).map(spaced);
    let lines = lines.map(|line| placed(&line, names));
    let lines = lines.filter(|line| !line.is_empty());
    if command.starts_with("uses: ") {
        lines
            .filter(|line| !is_switch(line))
            .collect::<Vec<_>>()
            .join("\n")
    } else {
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// The start of a text, at most `most` bytes.
pub(super) fn start_of(text: &str, most: usize) -> &str {
    let ends = (0..=text.len().min(most)).rev();
    let end = ends.take(4).find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// What stands before a `#` that begins a word outside of quotes.
fn without_comment(line: &str) -> &str {
    let (mut quote, mut before) = (None, ' ');
    for (at, here) in line.char_indices() {
        match quote {
            None if here == '#' && before.is_whitespace() => return &line[..at],
            None if matches!(here, '"' | '\'') => quote = Some(here),
            Some(open) if here == open && before != '\\' => quote = None,
            _ => {}
        }
        before = here;
    }
    line
}

fn spaced(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An input that its action sets by itself, most of the time.
fn is_switch(line: &str) -> bool {
    let value = line.split_once(": ").map(|(_, value)| value);
    matches!(value, Some("true" | "false" | "N"))
}

/// Texts and what stands for them, in the order in which they are looked for.
static PLACES: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let places = [
        (r"\*{3,}|\[(?i:masked|redacted|secure)\]", "***"),
        (r#"[^\s"'=;]*[\\/]_temp[\\/][^\s"';]+"#, "TMP"),
        (r"(?:/var)?/tmp/(?:[\w-]*\d[\w.-]*|tmp\.\w{6,})", "TMP"),
        (
            r"(?:/home/runner/work|/Users/runner/work|/__w|\b[A-Za-z]:[\\/]a)[\\/][\w.-]+[\\/][\w.-]+",
            "WORKSPACE",
        ),
        (
            r"(?:/[\w.-]+)*buildkite-agent/builds/[\w.-]+/[\w.-]+/[\w.-]+",
            "WORKSPACE",
        ),
        (r"/builds/[\w.-]+/[\w.-]+", "WORKSPACE"),
        (r"/home/travis/build/[\w.-]+/[\w.-]+", "WORKSPACE"),
        (r"(?:/[\w.-]+)*/_?work/\d+/[abs]\b", "WORKSPACE"),
        (r"(?:/[\w.-]+)*/workspace/[\w.@-]+", "WORKSPACE"),
        (r"\$\{(\w+)\}", "$$$1"),
        (r#""([\w./:=@%+,$*~-]+)""#, "$1"),
        (r"'([\w./:=@%+,*~-]+)'", "$1"),
    ];
    places.map(|(pattern, to)| (regex(pattern), to)).to_vec()
});

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    let uuid = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
    regex(&format!(r"\b(?:{uuid}|[0-9a-f]{{7,64}}|v?\d+(?:\.\d+)*)\b"))
});

/// A line with a placeholder for everything that tells where it ran, and when.
fn placed(line: &str, names: &Names) -> String {
    let mut line = Cow::Borrowed(line);
    let mut put = |regex: &Regex, to: &str| {
        if let Cow::Owned(changed) = regex.replace_all(&line, to) {
            line = Cow::Owned(changed);
        }
    };
    for (regex, to) in PLACES.iter() {
        put(regex, to);
    }
    if let Some(regex) = &names.0 {
        put(regex, &format!("${{1}}${{2}}{REPOSITORY}${{3}}"));
    }
    numbered(&line)
}

/// The line with its numbers taken away.
fn numbered(line: &str) -> String {
    let number = |found: &Captures<'_>| {
        let found = found.get_match();
        let (before, after) = (&line[..found.start()], &line[found.end()..]);
        let is_stream = before.ends_with('&') || after.starts_with('>');
        let is_word = !found.as_str().contains(|c: char| c.is_ascii_digit());
        let stays = is_stream || is_word || before.ends_with('$');
        if stays { found.as_str() } else { "N" }.to_owned()
    };
    NUMBER.replace_all(line, number).into_owned()
}
