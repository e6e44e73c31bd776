//! Progress lines of Docker buildx, which stand inside other formats:
//! `#12 0.345 text`. Steps run side by side, so their lines interleave.

/// Streams of buildx steps are numbered from here.
const FIRST_STREAM: u32 = 1000;

/// Length of `#12 0.345 ` at the start of `text`, and the stream of the step.
/// Stage lines without seconds (`#12 [2/4] RUN make`) have no prefix.
#[inline]
pub(super) fn prefix(text: &[u8]) -> Option<(usize, u32)> {
    // Every line is asked, and hardly one begins so.
    numbered(text, text.strip_prefix(b"#")?)
}

fn numbered(text: &[u8], rest: &[u8]) -> Option<(usize, u32)> {
    let number = digits(rest)?;
    let seconds = rest[number..].strip_prefix(b" ")?;
    let whole = digits(seconds)?;
    let fraction = digits(seconds[whole..].strip_prefix(b".")?)?;
    let end = 1 + number + 1 + whole + 1 + fraction;
    let stream = FIRST_STREAM + decimal(&rest[..number]);
    match text.get(end) {
        Some(b' ') => Some((end + 1, stream)),
        // A step that printed an empty line.
        None => Some((end, stream)),
        Some(_) => None,
    }
}

/// How many digits `text` begins with: one to six.
fn digits(text: &[u8]) -> Option<usize> {
    let count = text
        .iter()
        .take(7)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (1..=6).contains(&count).then_some(count)
}

fn decimal(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |value, digit| value * 10 + u32::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::prefix;

    #[test]
    fn only_the_exact_shape() {
        assert_eq!(prefix(b"#12 0.345 text"), Some((10, 1012)));
        assert_eq!(prefix(b"#7 100.2"), Some((8, 1007)));
        for other in [
            "#12 [2/4] RUN make",
            "#12 DONE 0.3s",
            "# 1.2 x",
            "#1 1. x",
            "#1 1.2x",
            "#",
        ] {
            assert_eq!(prefix(other.as_bytes()), None, "{other}");
        }
        assert_eq!(prefix(b"#1234567 0.3 x"), None);
    }
}
