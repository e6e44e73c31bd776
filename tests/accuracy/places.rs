//! What a report points at: all of what lets in, not only the secret in it.

use super::on_the_case;
use super::variants::Variant;
use leaksweep::rule::template::{Seed, expand};

/// Between `⟦` and `⟧` what is pointed at.
const WHOLES: [&str; 9] = [
    "DATABASE_URL=⟦postgres://ci:{base62:16}@db.example.com:5432⟧/app?sslmode=require",
    "⟦mongodb+srv://app:{base62:16}@a.example.net:27017,b.example.net:27017⟧/app",
    "cloned from '⟦https://{base62:16}a1:x-oauth-basic{digits:4}@git.example.com⟧/o/r.git'",
    "SENTRY_DSN=⟦https://{hex:32}@o1.ingest.sentry.io⟧/5",
    "+ curl -s -u '⟦deploy:{base62:18}⟧' https://repo.example.com/upload",
    "url: ⟦jdbc:postgresql://db.example.com/app?user=ci&password={base62:16}⟧&ssl=true",
    "⟦https://hooks.slack.com/triggers/T{ALNUM:9}/{digits:13}/{hex:32}⟧",
    "WEBHOOK=⟦https://chat.example.com/hooks/{alnum:26}⟧",
    "https://x:⟦npm_{base62:30}{crc32}⟧@registry.example.com",
];

#[test]
fn reports_point_at_the_whole() {
    for template in WHOLES {
        let marked = expand(template, &mut Seed::of(1, template)).unwrap();
        let (before, rest) = marked.split_once('⟦').unwrap();
        let (whole, after) = rest.split_once('⟧').unwrap();
        let text = format!("{before}{whole}{after}");
        for variant in [Variant::Plain, Variant::Gha, Variant::Json, Variant::Gitlab] {
            let log = variant.set(&text, None);
            let found = on_the_case(&log);
            let at =
                |hit: &leaksweep::detect::Detected| log.raw[hit.span.clone()] == *whole.as_bytes();
            assert!(
                found.iter().all(at) && !found.is_empty(),
                "{variant}: {template}"
            );
        }
    }
}

/// Each of two secrets in one URI is pointed at alone: none may pass for a part
/// of the other.
#[test]
fn two_secrets_in_one_uri_are_two() {
    let template = "mongodb://npm_{base62:30}{crc32}:{base62:16}@db.example.com";
    let text = expand(template, &mut Seed::of(1, template)).unwrap();
    let found = on_the_case(&Variant::Gha.set(&text, None));
    let lengths: Vec<usize> = found.iter().map(|hit| hit.span.len()).collect();
    assert_eq!(lengths, [40, 16]);
}
