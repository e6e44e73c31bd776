//! What a runner does with a composite action, as far as ours needs it.

use super::releases::{ASSETS, TARGET, VERSION};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A copy of the action with pins of its own, and a runner's folders.
pub(super) struct Runner {
    pub(super) folder: tempfile::TempDir,
    /// Operating system and architecture, as runners name them.
    pub(super) machine: (&'static str, &'static str),
}

/// What a job sees of an action's run.
pub(super) struct Ran {
    pub(super) code: Option<i32>,
    pub(super) said: String,
    pub(super) outputs: BTreeMap<String, String>,
}

impl Ran {
    #[track_caller]
    pub(super) fn expect(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.said);
        for word in words {
            assert!(
                self.said.contains(word),
                "'{word}' is missing in:\n{}",
                self.said
            );
        }
        self
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program that the tests are about.
pub(super) fn program() -> Vec<u8> {
    std::fs::read(env!("CARGO_BIN_EXE_leaksweep")).unwrap()
}

impl Runner {
    /// With the SHA-256 of `program` pinned.
    pub(super) fn new(url: &str, program: &[u8]) -> Self {
        let runner = Self {
            folder: tempfile::tempdir().unwrap(),
            machine: ("Linux", "X64"),
        };
        let action = runner.path("checkout/action");
        for folder in [&action, &runner.path("temp"), &runner.path("tools")] {
            std::fs::create_dir_all(folder).unwrap();
        }
        for file in [
            "action.yml",
            "action/install.sh",
            "action/run.sh",
            "action/pin",
        ] {
            std::fs::copy(root().join(file), runner.path("checkout").join(file)).unwrap();
        }
        std::fs::write(action.join("pins"), pins(url, program)).unwrap();
        runner
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the tool cache has the program.
    pub(super) fn cached(&self) -> PathBuf {
        self.path("tools/leaksweep")
            .join(VERSION)
            .join(TARGET)
            .join("leaksweep")
    }

    pub(super) fn summary(&self) -> String {
        std::fs::read_to_string(self.path("summary.md")).unwrap_or_default()
    }

    /// Runs every step until one fails, as a runner would.
    pub(super) fn run(&self, inputs: &[(&str, &str)]) -> Ran {
        let text = std::fs::read_to_string(self.path("checkout/action.yml")).unwrap();
        let action: Value = serde_saphyr::from_str(&text).unwrap();
        let mut known = defaults(&action, inputs);
        let mut ran = Ran {
            code: Some(0),
            said: String::new(),
            outputs: BTreeMap::new(),
        };
        for step in action["runs"]["steps"].as_array().unwrap() {
            if ran.code == Some(0) {
                self.step(step, &mut known, &mut ran);
            }
        }
        for (name, output) in action["outputs"].as_object().unwrap() {
            let value = fill_in(output["value"].as_str().unwrap(), &known);
            ran.outputs.insert(name.clone(), value);
        }
        ran
    }

    fn step(&self, step: &Value, known: &mut BTreeMap<String, String>, ran: &mut Ran) {
        let file = self.path("outputs");
        std::fs::write(&file, "").unwrap();
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c"])
            .arg(step["run"].as_str().unwrap())
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.environment())
            .env("GITHUB_OUTPUT", &file)
            .envs(
                step["env"]
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, value)| (name, fill_in(value.as_str().unwrap(), known))),
            )
            .stdin(Stdio::null())
            .output()
            .unwrap();
        ran.code = output.status.code();
        ran.said += &String::from_utf8(output.stdout).unwrap();
        ran.said += &String::from_utf8(output.stderr).unwrap();
        let id = step["id"].as_str().unwrap();
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            known.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
        }
    }

    fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let word = PathBuf::from;
        vec![
            ("PATH", std::env::var_os("PATH").unwrap().into()),
            ("HOME", self.path("home")),
            ("RUNNER_OS", word(self.machine.0)),
            ("RUNNER_ARCH", word(self.machine.1)),
            ("RUNNER_TEMP", self.path("temp")),
            ("RUNNER_TOOL_CACHE", self.path("tools")),
            ("GITHUB_ACTION_PATH", self.path("checkout")),
            ("GITHUB_PATH", self.path("paths")),
            ("GITHUB_STEP_SUMMARY", self.path("summary.md")),
            ("GITHUB_REPOSITORY", word("acme/shop")),
        ]
    }
}

/// `pins` as the release checklist makes them.
fn pins(url: &str, program: &[u8]) -> Vec<u8> {
    let sums = tempfile::NamedTempFile::new().unwrap();
    let sum = sha256(program);
    let other = "0".repeat(64);
    let mut lines = format!("{other}  leaksweep.cdx.json\n{other}  leaksweep-{VERSION}.whl\n");
    lines.extend(ASSETS.map(|(_, _, asset)| format!("{sum}  {asset}\n")));
    std::fs::write(sums.path(), lines).unwrap();
    let output = Command::new("bash")
        .arg(root().join("action/pin"))
        .args([VERSION, url])
        .stdin(sums.reopen().unwrap())
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let facts: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(facts.len(), 2 + ASSETS.len(), "{text}");
    assert!(facts.contains(&&*format!("{TARGET} {sum}")), "{text}");
    text.into_bytes()
}

fn sha256(bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let sum = Command::new("sha256sum").arg(file.path()).output().unwrap();
    String::from_utf8(sum.stdout).unwrap()[..64].to_owned()
}

/// Inputs as given or by default.
fn defaults(action: &Value, inputs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let declared = action["inputs"].as_object().unwrap();
    let mut known = BTreeMap::new();
    for (name, input) in declared {
        let default = input["default"].as_str().unwrap_or_default().to_owned();
        known.insert(format!("inputs.{name}"), default);
    }
    for (name, value) in inputs {
        assert!(declared.contains_key(*name), "there is no input '{name}'");
        known.insert(format!("inputs.{name}"), (*value).to_owned());
    }
    known
}

/// `${{ inputs.x }}`; what is not known is empty, as a runner has it.
fn fill_in(text: &str, known: &BTreeMap<String, String>) -> String {
    let Some(expression) = text
        .strip_prefix("${{ ")
        .and_then(|rest| rest.strip_suffix(" }}"))
    else {
        return text.to_owned();
    };
    known.get(expression).cloned().unwrap_or_default()
}
