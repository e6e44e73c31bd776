//! What the documents say has to hold: links lead somewhere, recipes work, and
//! the action's page knows its inputs.

#![cfg(unix)]

use crate::fake_github::{Access, FakeGithub, Run};
use crate::support::fill;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("no {}", path.display()))
}

fn files(folder: &str, end: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|own| own == end))
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

/// What stands between `open` and the next `close`, wherever it does.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.split(open)
        .skip(1)
        .filter_map(move |rest| rest.split_once(close).map(|(inside, _)| inside))
}

/// Text between backticks, outside of blocks.
fn code(document: &str) -> Vec<&str> {
    let prose = document.split("```").step_by(2);
    prose
        .flat_map(|text| text.split('`').skip(1).step_by(2))
        .collect()
}

fn yaml(path: impl AsRef<Path>) -> Value {
    serde_saphyr::from_str(&read(path)).unwrap()
}

#[test]
fn links_lead_somewhere() {
    let mut pages = files("docs", "md");
    pages.extend(files("docs/decisions", "md"));
    pages.extend(["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"].map(|name| root().join(name)));
    let mut checked = 0;
    for page in pages {
        for link in between(&read(&page), "](", ')') {
            let path = link.split('#').next().unwrap();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            let target = page.parent().unwrap().join(path);
            assert!(target.exists(), "{}: {link}", page.display());
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}

#[test]
fn every_page_is_in_the_book() {
    let summary = read("docs/SUMMARY.md");
    for folder in ["docs", "docs/decisions"] {
        for page in files(folder, "md") {
            let name = page.strip_prefix(root().join("docs")).unwrap();
            let name = name.to_str().unwrap();
            let listed = summary.contains(&format!("]({name})"));
            assert!(
                listed || name == "SUMMARY.md",
                "{name} is not in SUMMARY.md"
            );
        }
    }
}

#[test]
fn the_page_of_the_action_knows_its_inputs_and_outputs() {
    let page = read("docs/action.md");
    let known: BTreeSet<&str> = code(&page).into_iter().collect();
    let action = yaml("action.yml");
    for kind in ["inputs", "outputs"] {
        for name in action[kind].as_object().unwrap().keys() {
            assert!(known.contains(name.as_str()), "{name} of {kind}");
        }
    }
}

/// Nothing of an input, an output or an event is pasted into a script.
#[test]
fn the_action_and_the_workflows_paste_nothing_into_scripts() {
    let mut documents = files("docs/workflows", "yml");
    documents.extend(files(".github/workflows", "yml"));
    documents.push(root().join("action.yml"));
    for path in documents {
        let document = yaml(&path);
        let mut scripts = Vec::new();
        find(&document, "run", &mut scripts);
        for script in scripts {
            assert!(!script.contains("${{"), "{}: {script}", path.display());
        }
    }
}

/// The texts of all keys of this name.
fn find<'a>(value: &'a Value, name: &str, out: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            out.extend(fields.get(name).and_then(Value::as_str));
            fields.values().for_each(|value| find(value, name, out));
        }
        Value::Array(items) => items.iter().for_each(|item| find(item, name, out)),
        _ => {}
    }
}

#[test]
fn the_ready_workflows_use_the_action_as_it_is() {
    let action = yaml("action.yml");
    let inputs = action["inputs"].as_object().unwrap();
    let mut uses = 0;
    for path in files("docs/workflows", "yml") {
        let workflow = yaml(&path);
        assert_eq!(
            workflow["permissions"],
            serde_json::json!({}),
            "none to begin with"
        );
        for job in workflow["jobs"].as_object().unwrap().values() {
            assert!(job["permissions"].is_object(), "{}", path.display());
            for step in job["steps"].as_array().unwrap() {
                let action = step["uses"].as_str().unwrap_or_default();
                let commit = action
                    .split_once('@')
                    .is_none_or(|(_, commit)| commit.len() == 40);
                assert!(commit || action == "OWNER/leaksweep@v0", "{action}");
                if action.starts_with("OWNER/") {
                    uses += 1;
                    let given = step["with"].as_object().unwrap();
                    assert!(given.keys().all(|name| inputs.contains_key(name)), "{step}");
                }
            }
        }
    }
    assert_eq!(uses, 6);
}

/// Figures are measured once.
#[test]
fn the_comparison_has_no_figure_of_its_own() {
    let measured = read("docs/performance.md");
    let comparison = read("docs/comparison.md");
    let mut figures = 0;
    for row in comparison.lines().filter(|line| line.starts_with("| ")) {
        let cells = row.split(" | ").skip(1).flat_map(|cell| cell.split(", "));
        let cells = cells.map(|cell| cell.trim_matches(['|', ' ']));
        for cell in cells.filter(|cell| cell.ends_with(" s") || cell.ends_with("iB")) {
            figures += 1;
            assert!(measured.contains(&format!("| {cell} |")), "{cell}");
        }
    }
    assert!(figures > 15, "{figures}");
}

#[test]
fn every_permission_has_a_reason() {
    let mut permissions = 0;
    for path in [
        files("docs/workflows", "yml"),
        files(".github/workflows", "yml"),
    ]
    .concat()
    {
        let text = read(&path);
        for line in text.lines().map(str::trim) {
            let (granted, reason) = line.split_once(" # ").unwrap_or((line, ""));
            if granted.ends_with(": read") || granted.ends_with(": write") {
                permissions += 1;
                assert!(!reason.is_empty(), "{}: {line}", path.display());
            }
        }
    }
    assert!(permissions > 10);
}

/// A folder with what the commands of the README read.
fn desk() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let script = "set -e
        leaksweep demo --out logs.zip >demo.txt
        mkdir bin build logs
        cp logs.zip build/
        echo token=$TOKEN_OF_THE_LOG | tee logs/a.log | gzip >job.log.gz
        printf '#!/bin/sh\\ncat logs/a.log\\n' >bin/gh
        chmod +x bin/gh";
    assert_eq!(command(folder.path(), script).code, Some(0));
    folder
}

struct Said {
    code: Option<i32>,
    text: String,
}

/// Runs a line with this leaksweep before others.
fn command(folder: &Path, line: &str) -> Said {
    let program = Path::new(env!("CARGO_BIN_EXE_leaksweep")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!(
        "{}:{}:{path}",
        folder.join("bin").display(),
        program.display()
    );
    let output = Command::new("bash")
        .args(["-o", "pipefail", "-c", line])
        .current_dir(folder)
        .env("PATH", path)
        .env("HOME", folder)
        .env("RUN_ID", "7")
        .env("TOKEN_OF_THE_LOG", fill("ghp_{base62:30}{crc32}", 1))
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    Said {
        code: output.status.code(),
        text: String::from_utf8(text).unwrap(),
    }
}

/// Those of cargo and pipx build for minutes: `.ci/run` has them.
#[test]
fn the_commands_of_the_readme_work() {
    let github = FakeGithub::start();
    github.token("a-word", Access::Write);
    let log = format!(
        "2026-11-27T09:00:01.1234567Z token={}\n",
        fill("ghp_{base62:30}{crc32}", 1)
    );
    github.add("acme/shop", Run::new(7).text(&log));
    let given = format!("GITHUB_API_URL={} GITHUB_TOKEN=a-word", github.base());
    let folder = desk();
    let readme = read("README.md");
    let blocks = between(&readme, "```sh\n", '`');
    let lines = blocks.flat_map(str::lines);
    let mut ran = 0;
    for line in lines.filter(|line| line.contains("leaksweep") && !line.starts_with("cargo")) {
        let line = line
            .replace("GITHUB_TOKEN=…", &given)
            .replace("OWNER/REPO", "acme/shop")
            .replace("--run ID", "--run 7");
        let said = command(folder.path(), &line);
        assert!(matches!(said.code, Some(0 | 1)), "{line}\n{}", said.text);
        ran += 1;
    }
    assert!(ran >= 4, "some are not read any more: {ran}");
    assert!(folder.path().join("leaks.sarif").exists());
    assert_eq!(github.attempts_with_logs("acme/shop", 7), [] as [usize; 0]);
}

#[test]
fn the_recipe_of_a_rule_works() {
    let recipes = read("CONTRIBUTING.md");
    let rule = between(&recipes, "```yaml\n", '`').next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("example.yaml");
    std::fs::write(&file, rule).unwrap();
    let token = fill("exk_{base62:32}", 1);
    let log = folder.path().join("build.log");
    std::fs::write(&log, format!("using {token} now\n")).unwrap();
    let run = |words: &[&Path]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_leaksweep"));
        program
            .args(words)
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    let checked = run(&["rules".as_ref(), "check".as_ref(), &file]);
    assert!(checked.status.success(), "{checked:?}");
    let scanned = run(&["scan".as_ref(), "--rules".as_ref(), &file, &log]);
    assert_eq!(scanned.status.code(), Some(1), "{scanned:?}");
    assert!(String::from_utf8_lossy(&scanned.stdout).contains("Example API key"));
}

#[test]
fn what_the_recipes_name_exists() {
    let sources = [
        "src/log.rs",
        "src/report.rs",
        "src/config/channels.rs",
        "src/incident/document.rs",
        "src/finding.rs",
    ];
    let sources: String = sources.map(read).concat();
    let recipes = read("CONTRIBUTING.md");
    let (mut paths, mut types) = (0, 0);
    for word in code(&recipes) {
        let folder = word.split('/').next().unwrap();
        if word.contains('/') && !word.contains(' ') && root().join(folder).is_dir() {
            paths += 1;
            assert!(root().join(word).exists(), "{word}");
        } else if word.starts_with(char::is_uppercase) && word.chars().all(char::is_alphanumeric) {
            types += 1;
            let defined = [format!("pub enum {word} "), format!("pub struct {word} ")];
            assert!(defined.iter().any(|one| sources.contains(one)), "{word}");
        }
    }
    assert!(paths > 20 && types >= 5, "{paths} {types}");
}
