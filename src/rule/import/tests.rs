use super::{Imported, import, to_yaml};
use crate::rule::{Left, RuleSpec, parse};

const CONFIG: &str = r#"
title = "of our own"
minVersion = "v8.25.0"

[extend]
useDefault = true
disabledRules = ["x"]

[[allowlists]]
targetRules = ["acme-key"]
regexes = ['''EXAMPLE$''']
paths = ['''docs/''']

[[rules]]
id = "acme-key"
description = "Acme's key"
regex = '''(?i)\bacme[_-]?key.{0,5}([[:alnum:]]{32})(?:["'[]|$)'''
entropy = 3.5
keywords = ["ACME"]
tags = ["key"]
  [rules.allowlist]
  stopwords = ["sample", "a.b"]

[[rules]]
id = "pair"
regex = '''ajax_([a-z]{4}):([0-9a-f]{16})'''
secretGroup = 2
path = '''\.env$'''
validate = "status == 200"

[[rules]]
id = "only-a-path"
path = '''\.p12$'''

[[rules]]
id = "anything"
regex = '''[0-9a-f]{40}'''
keywords = ["acme"]

[[rules]]
id = "greek"
regex = '''\p{Greek}acme'''

[[rules]]
id = "line"
regex = '''zeta_[0-9]{9}'''
  [[rules.allowlists]]
  regexTarget = "line"
  regexes = ["test"]
"#;

fn carried() -> Imported {
    import(CONFIG).unwrap()
}

fn rule(id: &str) -> RuleSpec {
    let rules = carried().file.rules;
    rules.into_iter().find(|rule| rule.id == id).unwrap()
}

#[test]
fn rules_are_carried_over() {
    let ids: Vec<String> = carried()
        .file
        .rules
        .into_iter()
        .map(|rule| rule.id)
        .collect();
    assert_eq!(ids, ["imported-acme-key", "imported-pair", "imported-line"]);
    let acme = rule("imported-acme-key");
    assert_eq!(acme.keywords, ["acme"]);
    assert_eq!(acme.allow, [r"(?i:sample|a\.b)", "EXAMPLE$"]);
    assert_eq!(acme.left, Left::Word);
    assert!(acme.pattern.contains(r"(?P<secret>[[:alnum:]]{32})"));
    let pair = rule("imported-pair");
    assert_eq!(pair.keywords, ["ajax_"]);
    assert!(pair.pattern.ends_with("(?P<secret>[0-9a-f]{16})"));
}

#[test]
fn what_is_not_carried_over_is_told() {
    let notes = carried().notes;
    let told = |id: Option<&str>, words: &str| {
        let of = |note: &&super::Note| note.rule.as_deref() == id && note.message.contains(words);
        assert!(
            notes.iter().any(|note| of(&note)),
            "{id:?} {words}: {notes:#?}"
        );
    };
    told(None, "useDefault");
    told(None, "disabledRules");
    told(None, "minVersion");
    told(None, "paths");
    told(Some("pair"), "'path'");
    told(Some("pair"), "'validate'");
    told(Some("only-a-path"), "paths only");
    told(Some("anything"), "nothing would wake it");
    told(Some("greek"), "not understood");
    told(Some("line"), "its line");
    let left_out = notes.iter().filter(|note| note.left_out).count();
    assert_eq!(left_out, 3);
}

#[test]
fn what_is_written_can_be_read() {
    let file = carried().file;
    let again = parse(&to_yaml(&file), "imported.yaml").unwrap();
    assert_eq!(
        serde_json::to_value(&again).unwrap(),
        serde_json::to_value(&file).unwrap()
    );
    let empty = import("title = 'yes'").unwrap();
    assert!(
        parse(&to_yaml(&empty.file), "empty.yaml")
            .unwrap()
            .rules
            .is_empty()
    );
}

#[test]
fn something_else_is_refused_with_its_place() {
    assert!(import("[[rules]\n").unwrap_err().contains("line 1"));
    assert!(import("rules = 3").is_err());
}
