//! The order of the rooms, read from their `use` lines.

use std::path::{Path, PathBuf};

/// Lowest first: a room may use itself and what stands before it.
const ROOMS: [&str; 20] = [
    "secret", "origin", "rule", "builtin", "log", "finding", "detect", "config", "source", "seal",
    "scan", "redact", "report", "clock", "store", "github", "incident", "respond", "purge",
    "trace",
];

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|end| end == "rs") {
            out.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&src, &mut paths);
    let relative = |path: &PathBuf| {
        path.strip_prefix(&src)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/")
    };
    paths
        .iter()
        .map(|path| (relative(path), std::fs::read_to_string(path).unwrap()))
        .collect()
}

fn room_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

/// Rooms named after `crate::`, also in `crate::{a, b}`.
fn used(line: &str) -> Vec<&str> {
    let parts = line.split("crate::").skip(1);
    parts
        .flat_map(|part| match part.strip_prefix('{') {
            Some(list) => list
                .split('}')
                .next()
                .unwrap()
                .split(", ")
                .collect::<Vec<_>>(),
            None => vec![part],
        })
        .map(|part| {
            part.split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap()
        })
        .collect()
}

#[test]
fn rooms_use_only_the_rooms_below() {
    let rank = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut checked = 0;
    for (file, text) in sources() {
        let Some(own) = rank(room_of(&file)) else {
            continue;
        };
        let code = text.split("#[cfg(test)]").next().unwrap();
        for other in code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .flat_map(used)
        {
            if let Some(other_rank) = rank(other) {
                checked += 1;
                assert!(
                    other_rank <= own,
                    "{file} uses {other}, which stands above it"
                );
            }
        }
    }
    assert!(
        checked > 50,
        "only {checked} uses were seen: the test reads the wrong lines"
    );
}

#[test]
fn only_scan_uses_rayon_and_only_the_program_prints() {
    for (file, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap();
        let program = file == "main.rs" || file.starts_with("cli");
        if room_of(&file) != "scan" && !program {
            assert!(!code.contains("rayon::"), "{file} uses rayon");
        }
        if !program {
            for word in ["println!", "eprintln!", "process::exit", "std::env::var"] {
                assert!(!code.contains(word), "{file} uses {word}");
            }
        }
    }
}

#[test]
fn no_file_is_long() {
    for (file, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 600, "{file} has {lines} lines");
    }
}
