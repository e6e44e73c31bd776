//! Travis CI: folds whose marks end in a CR, so that they stand on lines of
//! their own in clean text.

use super::echo::{self, Echoes};
use super::grammar::{Grammar, Signs};
use super::landmark::Landmark;

pub(super) const TRAVIS: Grammar = Grammar {
    id: "travis",
    ci: Some("travis"),
    signs: Signs::Lines {
        percent: 0,
        vote: is_travis,
    },
    needles: &["travis_fold:start:", "travis_fold:end:"],
    landmark,
    echoes: Echoes {
        needles: &["$ "],
        read: |line, _| echo::prompted(line),
        ..Echoes::SHELL
    },
    ..Grammar::PLAIN
};

fn is_travis(line: &[u8]) -> bool {
    let openings: [&[u8]; 3] = [b"travis_fold:", b"travis_time:", b"Using worker: worker-"];
    openings.iter().any(|opening| line.starts_with(opening))
}

fn landmark(line: &[u8], at: usize) -> Option<Landmark> {
    let Some(mark) = line[at..].strip_prefix(b"travis_fold:start:") else {
        return Some(Landmark::end());
    };
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let length = mark.iter().take_while(|byte| is_name(byte)).count();
    (length > 0).then(|| Landmark::step(&mark[..length]))
}
