//! Addresses in answers: the next page, and where a log lies.

use super::GithubError;
use super::answer::Answer;
use super::settings::Base;
use http::Uri;

/// The tail of the next page, from `Link: <…>; rel="next"`.
pub(super) fn next(answer: &Answer, base: &Base) -> Result<Option<String>, GithubError> {
    let Some(target) = answer.header("link").and_then(next_target) else {
        return Ok(None);
    };
    let uri: Option<Uri> = target.parse().ok();
    let tail = uri.and_then(|uri| base.tail_of(&uri));
    tail.map(Some)
        .ok_or_else(|| GithubError::bad_answer("github's link to the next page leads elsewhere"))
}

fn next_target(header: &str) -> Option<&str> {
    let is_next = |parameters: &str| {
        let mut parameters = parameters.split(';').map(str::trim);
        parameters.any(|parameter| matches!(parameter, r#"rel="next""# | "rel=next"))
    };
    header
        .split('<')
        .filter_map(|part| part.split_once('>'))
        .find(|(_, rest)| is_next(rest.trim_end_matches([',', ' '])))
        .map(|(target, _)| target)
}

/// Where a redirect leads to. The link is signed: it may appear in no message.
pub(super) fn location(answer: &Answer, allow_http: bool) -> Result<Uri, GithubError> {
    let uri: Option<Uri> = answer.header("location").and_then(|text| text.parse().ok());
    let sound = |uri: &Uri| match uri.scheme_str() {
        Some("https") => true,
        Some("http") => allow_http,
        _ => false,
    };
    uri.filter(sound).ok_or_else(|| {
        GithubError::bad_answer("github answered with no link to a log that can be followed")
            .with_status(answer.status)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, StatusCode};

    fn answer(name: &'static str, value: &str) -> Answer {
        let value = HeaderValue::from_str(value).unwrap();
        Answer {
            status: StatusCode::FOUND,
            headers: HeaderMap::from_iter([(name.parse().unwrap(), value)]),
            body: Bytes::new(),
        }
    }

    #[test]
    fn the_next_page_is_found_among_links() {
        let base = Base::parse("https://api.github.com", false).unwrap();
        let next = |header: &str| next(&answer("link", header), &base).unwrap();
        let page = "/repositories/1/actions/runs?per_page=100&page=2";
        let link = format!("<https://api.github.com{page}>; rel=\"next\"");
        assert_eq!(next(&link).as_deref(), Some(page));
        let last = "<https://api.github.com/x?page=9>; rel=\"last\"";
        assert_eq!(next(&format!("{last}, {link}")).as_deref(), Some(page));
        assert_eq!(next(&format!("{link}, {last}")).as_deref(), Some(page));
        assert_eq!(next(last), None);
        assert_eq!(next(""), None);
    }

    #[test]
    fn a_next_page_elsewhere_is_refused() {
        let base = Base::parse("https://api.github.com", false).unwrap();
        let header = "<https://evil.example/x>; rel=\"next\"";
        let error = next(&answer("link", header), &base).unwrap_err();
        assert!(!error.to_string().contains("evil"), "{error}");
    }

    #[test]
    fn a_link_to_a_log_is_absolute_and_safe() {
        let good = "https://blobs.example/a%2Fb?sig=c%2Bd&se=1";
        assert_eq!(
            location(&answer("location", good), false)
                .unwrap()
                .to_string(),
            good
        );
        let open = "http://blobs.example/a?sig=hidden";
        assert!(location(&answer("location", open), true).is_ok());
        for bad in [open, "/a?sig=hidden", "ftp://x/?sig=hidden", "hidden", ""] {
            let error = location(&answer("location", bad), false).unwrap_err();
            assert!(!format!("{error:?}").contains("hidden"), "{error}");
        }
    }
}
