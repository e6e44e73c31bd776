//! JSON Schemas of the files that people write, for their editors.

use super::Config;
use crate::rule::RuleFile;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The JSON Schema (draft 2020-12) of `leaksweep.yaml`, as checked in at
/// `docs/schema/config.schema.json`.
pub fn schema() -> Value {
    of::<Config>("urn:leaksweep:schema:config:1", "leaksweep configuration")
}

/// The JSON Schema (draft 2020-12) of a rule file, as checked in at
/// `docs/schema/rules.schema.json`.
pub fn rule_schema() -> Value {
    of::<RuleFile>("urn:leaksweep:schema:rules:1", "leaksweep rule file")
}

fn of<T: JsonSchema>(id: &str, title: &str) -> Value {
    let settings = SchemaSettings::draft2020_12().for_deserialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("$id".into(), id.into());
    schema.insert("title".into(), title.into());
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use super::{rule_schema, schema};
    use serde_json::{Value, json};
    use std::path::{Path, PathBuf};

    fn project(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    fn yaml(path: &Path) -> Value {
        serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn the_published_schemas_are_up_to_date() {
        for (name, schema) in [("config", schema()), ("rules", rule_schema())] {
            let path = project(&format!("docs/schema/{name}.schema.json"));
            let now = serde_json::to_string_pretty(&schema).unwrap() + "\n";
            if std::env::var_os("UPDATE_SCHEMA").is_some() {
                std::fs::write(&path, &now).unwrap();
            }
            let published = std::fs::read_to_string(path).unwrap();
            assert!(
                published == now,
                "{name}: run the tests with UPDATE_SCHEMA=1"
            );
        }
    }

    #[test]
    fn the_example_fits() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let example = yaml(&project("docs/leaksweep.example.yaml"));
        validator.validate(&example).unwrap();
    }

    #[test]
    fn the_built_in_rules_fit() {
        let validator = jsonschema::validator_for(&rule_schema()).unwrap();
        let mut seen = 0;
        for entry in std::fs::read_dir(project("rules")).unwrap() {
            validator.validate(&yaml(&entry.unwrap().path())).unwrap();
            seen += 1;
        }
        assert!(seen > 0);
    }

    #[test]
    fn what_the_program_refuses_the_schema_refuses() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for config in [
            json!({}),
            json!({"version": 2}),
            json!({"version": 1, "disabled": []}),
            json!({"version": 1, "scan": {"fail_on": "worst"}}),
            json!({"version": 1, "allow": [{"reason": "r"}]}),
            json!({"version": 1, "allow": [{"rule": "a"}]}),
            json!({"version": 1, "allow": [{"rule": null, "reason": "r"}]}),
            json!({"version": 1, "allow": [{"fingerprint": "ab", "reason": "r"}]}),
        ] {
            assert!(!validator.is_valid(&config), "{config}");
        }
        assert!(validator.is_valid(&json!({"version": 1})));
    }
}
