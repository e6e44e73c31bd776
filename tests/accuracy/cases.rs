//! What is to be found, and what is not.

use crate::support::DETECTOR;
use leaksweep::rule::template::{Seed, expand};
use leaksweep::rule::{Confidence, DetectorKind, Rule};

/// Fillings of a rule's template, and of one of our own.
const FEW: u64 = 2;
const MANY: u64 = 20;

pub(super) struct Case {
    /// Rule and template: never what the template was filled with.
    pub name: String,
    pub text: String,
    /// The secret in it, where it is known.
    pub secret: Option<String>,
}

/// Credentials that no vendor's rule knows; the secret stands between `⟦` and `⟧`.
const OWN: [&str; 34] = [
    "  DB_PASSWORD: ⟦{base62:14}{digits:2}⟧",
    "export API_KEY=⟦{base62:32}⟧",
    "DEPLOY_TOKEN=⟦{base62:40}⟧",
    "declare -x JWT_SECRET=\"⟦{base64:43}=⟧\"",
    "    \"clientSecret\": \"⟦{base62:40}⟧\",",
    "+ docker login -u ci -p ⟦{base62:18}⟧ registry.example.com",
    "+ curl -u deploy:⟦{base62:18}⟧ https://repo.example.com/upload",
    "> Authorization: Bearer ⟦{base62:40}⟧",
    "Authorization: token ⟦{hex:40}⟧",
    "X-Api-Key: ⟦{base62:36}⟧",
    "postgres://ci:⟦{base62:16}⟧@db.example.com:5432/app",
    "redis://:⟦{base62:20}⟧@cache.example.com:6379/0",
    "amqp://worker:⟦{base62:20}⟧@mq.example.com/jobs",
    "fatal: unable to access 'https://bot:⟦{base62:24}⟧@git.example.com/o/r.git/'",
    "Server=db;User Id=sa;Password=⟦{base62:12}!{digits:2}⟧;Encrypt=true",
    "//registry.example.com/:_authToken=⟦{base62:36}⟧",
    "signing.password=⟦{base62:12}{digits:2}⟧",
    "spring.datasource.password=⟦{base62:16}⟧",
    "      + password = \"⟦{base62:20}⟧\"",
    "      + secret_key                  = \"⟦{base62:40}⟧\"",
    "password: ⟦{base62:16}⟧ # for the staging database",
    "MYSQL_ROOT_PASSWORD=⟦{base62:14}{digits:2}⟧",
    "--from-literal=password=⟦{base62:20}⟧",
    "-Dsonar.login=⟦{hex:40}⟧",
    "ENCRYPTION_KEY=⟦{hex:64}⟧",
    "set SECRET_KEY_BASE=⟦{hex:128}⟧",
    "access_token=⟦{base64url:42}{base62:1}⟧&expires_in=3600",
    "{{\"name\":\"ADMIN_TOKEN\",\"value\":\"⟦{base62:32}⟧\"}}",
    "private_token: ⟦{base62:24}⟧",
    "$env:SIGNING_KEY = '⟦{base62:32}⟧'",
    "ENV WEBHOOK_SECRET ⟦{base62:32}⟧",
    "client_secret=⟦{base62:34}⟧&grant_type=client_credentials",
    "AWS_SECRET_ACCESS_KEY=⟦{base62:20}/{base62:19}⟧",
    "UPLOAD_TOKEN: ⟦{uuid}⟧",
];

/// What stands around a token that needs no context.
const AROUND: [&str; 3] = ["@", "  token: \"@\",", "++ login --with @ --quiet"];

pub(super) fn positives() -> Vec<Case> {
    let own = OWN
        .iter()
        .flat_map(|template| (0..MANY).map(|seed| own_case(template, seed)));
    own.chain(of_rules()).collect()
}

fn own_case(template: &str, seed: u64) -> Case {
    let marked = expand(template, &mut Seed::of(seed, template)).unwrap();
    let (before, rest) = marked.split_once('⟦').unwrap();
    let (secret, after) = rest.split_once('⟧').unwrap();
    Case {
        name: template.into(),
        text: format!("{before}{secret}{after}"),
        secret: Some(secret.into()),
    }
}

/// Examples of the rules that are reported by default.
fn of_rules() -> impl Iterator<Item = Case> {
    let rules = DETECTOR.rules().rules.iter();
    rules
        .filter(|rule| rule.confidence >= Confidence::Medium && !rule.id.contains("job-token"))
        .flat_map(|rule| {
            let filled = rule
                .texts
                .examples
                .iter()
                .flat_map(|template| fillings(rule, template));
            filled.flat_map(|(name, text)| set_around(rule, name, text))
        })
}

fn fillings(rule: &Rule, template: &str) -> Vec<(String, String)> {
    let name = format!("{}: {template}", rule.id);
    let text = |seed| expand(template, &mut Seed::of(seed + 100, &rule.id)).unwrap();
    (0..FEW).map(|seed| (name.clone(), text(seed))).collect()
}

/// An example that is a token and nothing else can stand anywhere.
fn set_around(rule: &Rule, name: String, text: String) -> Vec<Case> {
    let own_shape = rule.detector == DetectorKind::Pattern && !rule.contextual;
    let in_token = |c: char| c.is_ascii_alphanumeric() || "_-.+/".contains(c);
    if !own_shape || rule.pattern.contains("(?P<secret>") || !text.chars().all(in_token) {
        return vec![Case {
            name,
            text,
            secret: None,
        }];
    }
    let set = |around: &&str| Case {
        name: format!("{name} in {around}"),
        text: around.replace('@', &text),
        secret: Some(text.clone()),
    };
    AROUND.iter().map(set).collect()
}

/// Counter-examples, with their rules.
pub(super) fn negatives() -> Vec<(&'static Rule, Case)> {
    let rules = DETECTOR.rules().rules.iter();
    let all = rules.flat_map(|rule| {
        let templates = rule.texts.counter_examples.iter();
        let filled = templates.flat_map(|template| fillings(rule, template));
        filled.map(move |(name, text)| {
            let secret = None;
            (rule, Case { name, text, secret })
        })
    });
    all.collect()
}
