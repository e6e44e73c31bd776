use super::render;
use crate::finding::Outcome;
use crate::report::sample;
use serde_json::{Value, json};

fn report(outcome: &Outcome) -> Value {
    serde_json::from_str(&render(outcome)).unwrap()
}

fn validator() -> jsonschema::Validator {
    let schema = include_str!("../../../tests/fixtures/sarif-schema-2.1.0.json");
    let mut schema: Value = serde_json::from_str(schema).unwrap();
    // The patterns of languages have a stray bracket, which only lenient
    // regex engines accept. Reports name no language.
    for owner in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][owner]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

#[test]
fn reports_fit_the_official_schema() {
    let validator = validator();
    for outcome in sample::all() {
        validator.validate(&report(&outcome)).unwrap();
    }
    let mut wrong = report(&sample::outcome());
    wrong["runs"][0]["results"][0]["level"] = json!("fatal");
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn a_result_has_its_rule_place_and_fingerprint() {
    let report = report(&sample::outcome());
    let run = &report["runs"][0];
    let result = &run["results"][2];
    let index = result["ruleIndex"].as_u64().unwrap() as usize;
    let rule = &run["tool"]["driver"]["rules"][index];
    assert_eq!(rule["id"], result["ruleId"]);
    assert_eq!(rule["properties"]["security-severity"], "9.5");
    assert_eq!(result["relatedLocations"].as_array().unwrap().len(), 15);
    assert_eq!(
        result["partialFingerprints"]["leaksweep/v1"]
            .as_str()
            .unwrap()
            .len(),
        64
    );
    let place = serde_json::to_string_pretty(&result["locations"][0]).unwrap();
    insta::assert_snapshot!(place, @r#"
    {
      "physicalLocation": {
        "artifactLocation": {
          "uri": "logs.zip%21build/3_Run%20make.txt"
        },
        "region": {
          "startLine": 182,
          "startColumn": 31,
          "endLine": 182,
          "endColumn": 71,
          "byteOffset": 18200,
          "byteLength": 40
        }
      },
      "logicalLocations": [
        {
          "fullyQualifiedName": "build › Run make",
          "kind": "step"
        }
      ]
    }
    "#);
}

#[test]
fn a_run_that_did_not_read_everything_failed() {
    let invocation = |outcome: Outcome| report(&outcome)["runs"][0]["invocations"][0].clone();
    let failed = invocation(sample::unread());
    assert_eq!(failed["executionSuccessful"], false);
    let notification = &failed["toolExecutionNotifications"][0];
    assert_eq!(notification["descriptor"]["id"], "damaged");
    assert_eq!(invocation(sample::nothing())["executionSuccessful"], true);
}

#[test]
fn messages_hold_no_links_or_arguments() {
    insta::assert_snapshot!(super::message("[x](1) {0} \u{1b}"), @r"\[x\](1) {{0}} \\u{{1b}}");
}
