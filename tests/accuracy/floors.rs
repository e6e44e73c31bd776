//! The figures reached so far.

use super::Share;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Floors in hundredths of a per cent, and what was measured against them.
pub(super) struct Floors {
    recorded: BTreeMap<String, u64>,
    measured: BTreeMap<String, u64>,
    faults: Vec<String>,
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/accuracy/floors.json")
}

impl Floors {
    pub(super) fn read() -> Self {
        let text = std::fs::read_to_string(path()).unwrap_or_else(|_| "{}".into());
        Self {
            recorded: serde_json::from_str(&text).unwrap(),
            measured: BTreeMap::new(),
            faults: Vec::new(),
        }
    }

    pub(super) fn hold(&mut self, name: &str, share: &Share) {
        let measured = share.basis_points();
        let floor = self.recorded.get(name).copied().unwrap_or(0);
        if measured < floor {
            let bad = &share.bad;
            self.faults.push(format!(
                "{name}: {measured} is below {floor}; not good: {bad:#?}"
            ));
        }
        self.measured.insert(name.into(), measured.max(floor));
    }

    /// Complains about what fell; with `UPDATE_FLOORS` raises what rose.
    pub(super) fn settle(&self) {
        if std::env::var_os("UPDATE_FLOORS").is_some() {
            let text = serde_json::to_string_pretty(&self.measured).unwrap() + "\n";
            std::fs::write(path(), text).unwrap();
        } else {
            let unknown = self
                .measured
                .keys()
                .find(|name| !self.recorded.contains_key(*name));
            assert_eq!(unknown, None, "run the tests with UPDATE_FLOORS=1");
        }
        assert!(self.faults.is_empty(), "{}", self.faults.join("\n"));
    }
}
