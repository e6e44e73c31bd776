//! Time stamps as logs write them, and as findings show them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use std::ops::Range;

/// Length of a stamp `2022-06-16T22:22:54.2999347Z` at the start of `line`,
/// with a fraction of one to nine digits or none, in UTC.
pub(super) fn utc_length(line: &[u8]) -> Option<usize> {
    // As the runner of GitHub Actions writes it.
    const USUAL: &[u8; 28] = b"0000-00-00T00:00:00.0000000Z";
    // Of a log without stamps every line is asked, too.
    if !line.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    if line
        .get(..USUAL.len())
        .is_some_and(|head| matches(head, USUAL))
    {
        return Some(USUAL.len());
    }
    let seconds = seconds_length(line, b'T')?;
    let end = seconds + fraction_length(&line[seconds..]);
    (line.get(end) == Some(&b'Z')).then_some(end + 1)
}

/// Length of a stamp in UTC or with an offset (`+02:00`).
pub(super) fn offset_length(line: &[u8]) -> Option<usize> {
    utc_length(line).or_else(|| {
        let seconds = seconds_length(line, b'T')?;
        let end = seconds + fraction_length(&line[seconds..]);
        let zone = line.get(end..end + 6)?;
        let is_zone = matches(zone, b"+00:00") || matches(zone, b"-00:00");
        is_zone.then_some(end + 6)
    })
}

/// Length of `2024-11-18T03:32:38` with `middle` for the `T`.
fn seconds_length(line: &[u8], middle: u8) -> Option<usize> {
    let mut pattern = *b"0000-00-00T00:00:00";
    pattern[10] = middle;
    let head = line.get(..pattern.len())?;
    matches(head, &pattern).then_some(pattern.len())
}

/// Length of `.` and up to nine digits, else 0.
pub(super) fn fraction_length(rest: &[u8]) -> usize {
    let Some(digits) = rest.strip_prefix(b".") else {
        return 0;
    };
    match digits
        .iter()
        .take(10)
        .take_while(|byte| byte.is_ascii_digit())
        .count()
    {
        0 | 10 => 0,
        count => count + 1,
    }
}

/// Whether `text` has the shape of `pattern`, in which `0` is any digit. There is no
/// branch for each byte: it is asked of every line.
#[inline]
pub(super) fn matches(text: &[u8], pattern: &[u8]) -> bool {
    let unlike = |(byte, want): (&u8, &u8)| match byte ^ want {
        0..10 if *want == b'0' => 0,
        other => other,
    };
    let bytes = text.iter().zip(pattern).map(unlike);
    text.len() == pattern.len() && bytes.fold(0, |all, one| all | one) == 0
}

/// The stamp as RFC 3339 in UTC. A stamp in UTC stays as it was written, with
/// all its digits.
pub(super) fn rfc3339(stamp: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(stamp).ok()?;
    let time: Timestamp = text.parse().ok()?;
    Some(if text.ends_with('Z') {
        text.to_owned()
    } else {
        time.to_string()
    })
}

/// A stamp without a zone (`2024/11/18 03:32:38.837564`), taken as UTC.
pub(super) fn civil(stamp: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(stamp)
        .ok()?
        .replace('/', "-")
        .replacen(' ', "T", 1);
    text.parse::<DateTime>().ok()?;
    Some(text + "Z")
}

/// Milliseconds since the epoch, in digits.
pub(super) fn epoch_millis(digits: &[u8]) -> Option<String> {
    let millis = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(Timestamp::from_millisecond(millis).ok()?.to_string())
}

/// A range moved by `offset`.
pub(super) fn moved(range: &Range<usize>, offset: usize) -> Range<usize> {
    range.start + offset..range.end + offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        assert_eq!(utc_length(b"2022-06-16T22:22:54.2999347Z text"), Some(28));
        assert_eq!(utc_length(b"2022-06-16T22:22:54Z"), Some(20));
        assert_eq!(utc_length(b"2022-06-16T22:22:54.Z"), None);
        assert_eq!(utc_length(b"2022-06-16T22:22"), None);
        assert_eq!(
            offset_length(b"2022-06-16T22:22:54.123456789+02:00 x"),
            Some(35)
        );
        assert_eq!(offset_length(b"2022-06-16T22:22:54+02"), None);
    }

    #[test]
    fn shown_as_rfc_3339() {
        let shown = |stamp: &[u8]| rfc3339(stamp).unwrap();
        assert_eq!(
            shown(b"2022-06-16T22:22:54.2999347Z"),
            "2022-06-16T22:22:54.2999347Z"
        );
        assert_eq!(
            shown(b"2022-06-16T22:22:54.5+02:00"),
            "2022-06-16T20:22:54.5Z"
        );
        assert_eq!(rfc3339(b"2022-13-16T22:22:54Z"), None);
        assert_eq!(
            civil(b"2024/11/18 03:32:38").unwrap(),
            "2024-11-18T03:32:38Z"
        );
        assert_eq!(civil(b"2024/31/18 03:32:38"), None);
        assert_eq!(
            epoch_millis(b"1745322209921").unwrap(),
            "2025-04-22T11:43:29.921Z"
        );
        assert_eq!(epoch_millis(b"99999999999999999999"), None);
    }
}
