//! JSON Web Tokens: three parts of base64url, the first one JSON with an `alg`.

use super::brief::DAY;
use crate::rule::Confidence;
use serde_json::{Map, Value};
use std::ops::Range;

/// A token longer than this is cut off in any sane log.
const LONGEST: usize = 16 << 10;

/// A token: where it stands and what it says of itself.
pub(super) struct Jwt {
    pub span: Range<usize>,
    claims: Map<String, Value>,
}

/// The token that starts at `hit` (`eyJ…`), if its header is one.
pub(super) fn at(text: &[u8], line: &Range<usize>, hit: usize) -> Option<Jwt> {
    if hit > line.start && of_class(text[hit - 1]) {
        return None;
    }
    let limit = line.end.min(hit + LONGEST);
    let header = part(text, hit, limit);
    let payload = next_part(text, header.end, limit)?;
    let signature = next_part(text, payload.end, limit)?;
    let long_enough = payload.len() >= 16 && signature.len() >= 16;
    let fields = object(&text[header]).filter(|_| long_enough)?;
    let is_header = fields.contains_key("alg") || fields.contains_key("enc");
    is_header.then(|| Jwt {
        span: hit..signature.end,
        claims: object(&text[payload]).unwrap_or_default(),
    })
}

impl Jwt {
    /// How sure a leak it is, `usual` unless it says otherwise itself, and why.
    /// `now` is in seconds since 1970.
    pub(super) fn judge(&self, usual: Confidence, now: Option<i64>) -> (Confidence, &'static str) {
        match self.excuse(now) {
            Some(why) => (usual.min(Confidence::Low), why),
            None => (usual, "the structure of a JWT"),
        }
    }

    /// Why it is of no use to a finder.
    pub(super) fn excuse(&self, now: Option<i64>) -> Option<&'static str> {
        if self.is_sample() {
            Some("the sample token of jwt.io")
        } else if self.expires().zip(now).is_some_and(|(end, now)| end <= now) {
            Some("expired before this scan")
        } else if self.is_of_a_job() && !self.outlives_a_day(now) {
            Some("a token of one job or pod, which ends with it")
        } else {
            None
        }
    }

    fn expires(&self) -> Option<i64> {
        let end = self.claims.get("exp")?;
        end.as_i64()
            .or_else(|| end.as_f64().map(|seconds| seconds as i64))
    }

    /// Without a clock nobody knows, and a job's token rarely does.
    pub(super) fn outlives_a_day(&self, now: Option<i64>) -> bool {
        self.expires()
            .zip(now)
            .is_some_and(|(end, now)| end > now + DAY)
    }

    fn is_sample(&self) -> bool {
        let is = |claim: &str, value: &str| self.claims.get(claim).is_some_and(|it| it == value);
        // People try out claims of their own on it.
        is("sub", "1234567890") && is("name", "John Doe")
    }

    /// The identity or runtime token of a job in GitHub Actions or GitLab, or
    /// the token of a Kubernetes service account that is bound to a pod.
    fn is_of_a_job(&self) -> bool {
        let text = |claim: &str| self.claims.get(claim).and_then(Value::as_str).unwrap_or("");
        let has = |claim: &str| self.claims.contains_key(claim);
        let github = text("iss").ends_with("actions.githubusercontent.com");
        let gitlab = has("job_id") && (has("pipeline_id") || has("project_path"));
        let pod = self
            .claims
            .get("kubernetes.io")
            .is_some_and(|it| it.get("pod").is_some());
        github || gitlab || pod
    }
}

fn of_class(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn part(text: &[u8], start: usize, limit: usize) -> Range<usize> {
    start
        ..start
            + text[start..limit]
                .iter()
                .take_while(|byte| of_class(**byte))
                .count()
}

fn next_part(text: &[u8], dot: usize, limit: usize) -> Option<Range<usize>> {
    (dot < limit && text[dot] == b'.').then(|| part(text, dot + 1, limit))
}

fn object(part: &[u8]) -> Option<Map<String, Value>> {
    let json = data_encoding::BASE64URL_NOPAD.decode(part).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::template::{Seed, expand};

    const NOW: i64 = 1_700_000_000;

    fn token(claims: &str) -> String {
        let template =
            format!(r#"{{b64json:{{"alg":"HS256"}}}}.{{b64json:{claims}}}.{{base64url:43}}"#);
        expand(&template, &mut Seed::new(3)).unwrap()
    }

    fn confidence(claims: &str, now: Option<i64>) -> Confidence {
        let token = token(claims);
        let found = at(token.as_bytes(), &(0..token.len()), 0).unwrap();
        found.judge(Confidence::Medium, now).0
    }

    #[test]
    fn a_token_with_a_header_and_nothing_else() {
        let token = token(r#"{"sub":"1234567890"}"#);
        let text = format!("\"{token}\" x");
        let found = at(text.as_bytes(), &(0..text.len()), 1).unwrap();
        assert_eq!(found.span, 1..1 + token.len());
        let bad = expand(
            r#"{b64json:{"sub":"1"}}.{b64json:{"sub":"1234567890"}}.{base64url:43}"#,
            &mut Seed::new(3),
        )
        .unwrap();
        assert!(at(bad.as_bytes(), &(0..bad.len()), 0).is_none());
    }

    #[test]
    fn an_expired_token_ranks_low_if_there_is_a_clock() {
        let claims = format!(r#"{{"sub":"deploy","exp":{}}}"#, NOW - 1);
        assert_eq!(confidence(&claims, None), Confidence::Medium);
        assert_eq!(confidence(&claims, Some(NOW)), Confidence::Low);
        assert_eq!(confidence(&claims, Some(NOW - 2)), Confidence::Medium);
    }

    #[test]
    fn tokens_of_jobs_rank_low_unless_they_last() {
        for claims in [
            r#""iss":"https://token.actions.githubusercontent.com""#,
            r#""iss":"https://gitlab.example.com","job_id":"7","pipeline_id":"3""#,
            r#""sub":"system:serviceaccount:ci:x","kubernetes.io":{"pod":{"name":"p"}}"#,
        ] {
            let until = |end: i64| format!("{{{claims},\"exp\":{end}}}");
            assert_eq!(confidence(&format!("{{{claims}}}"), None), Confidence::Low);
            assert_eq!(confidence(&until(NOW + 3600), Some(NOW)), Confidence::Low);
            assert_eq!(
                confidence(&until(NOW + 2 * DAY), Some(NOW)),
                Confidence::Medium
            );
        }
    }

    #[test]
    fn the_sample_token_is_a_placeholder() {
        let sample = r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#;
        assert_eq!(confidence(sample, None), Confidence::Low);
        let tried = r#"{"sub":"1234567890","name":"John Doe","role":"owner"}"#;
        assert_eq!(confidence(tried, None), Confidence::Low);
        let own = r#"{"sub":"1234567890","name":"A. Doe","role":"owner"}"#;
        assert_eq!(confidence(own, None), Confidence::Medium);
    }
}
