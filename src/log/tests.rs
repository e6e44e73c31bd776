use super::*;

mod commands;
mod fixtures;
mod properties;

fn cleaned(format: LogFormat, raw: &str) -> String {
    let text = clean(format, raw.as_bytes(), 0..raw.len());
    String::from_utf8(text.bytes().to_vec()).unwrap()
}

fn raw_of<'r>(format: LogFormat, raw: &'r str, needle: &str) -> &'r str {
    let text = clean(format, raw.as_bytes(), 0..raw.len());
    let at = memchr::memmem::find(text.bytes(), needle.as_bytes()).unwrap();
    &raw[text.raw_span(at..at + needle.len())]
}

#[test]
fn every_format_has_a_name_of_its_own() {
    for format in LogFormat::ALL {
        assert_eq!(format.id().parse(), Ok(format));
    }
    let error = "teamcity".parse::<LogFormat>().unwrap_err().to_string();
    assert!(
        error.contains("hint: use one of plain, github-actions,"),
        "{error}"
    );
}

#[test]
fn github_lines_lose_stamp_bom_and_colour() {
    let raw = "\u{feff}2022-06-16T22:22:54.2999347Z \x1b[36;1mecho hi\x1b[0m\r\nunstamped\n";
    assert_eq!(cleaned(LogFormat::GitHubActions, raw), "echo hi\nunstamped");
    let text = clean(LogFormat::GitHubActions, raw.as_bytes(), 0..raw.len());
    assert_eq!(text.lines()[0].stamp, Some(3..31));
    assert_eq!(text.lines()[0].text, 32);
    assert_eq!(text.lines()[1].raw, raw.len() - 10..raw.len() - 1);
    assert_eq!(raw_of(LogFormat::GitHubActions, raw, "hi"), "hi");
    assert_eq!(text.line_at(7), 0);
    assert_eq!(text.line_at(8), 1);
}

#[test]
fn a_clean_single_line_is_borrowed() {
    let raw = b"2022-06-16T22:22:54Z text\r\n";
    let text = clean(LogFormat::GitHubActions, raw, 0..raw.len());
    assert_eq!(text.bytes(), b"text");
    assert_eq!(text.bytes().as_ptr(), raw[21..].as_ptr());
    assert_eq!(text.raw_span(1..3), 22..24);
    assert_eq!(text.raw_span(9..12), 25..25);
}

#[test]
fn cuts_are_kept_apart_in_the_separated_text() {
    let raw = "user\x1b[1mname\x1b[0m = a\x1b[0mb\x1b[0m c";
    let text = clean(LogFormat::Plain, raw.as_bytes(), 0..raw.len());
    assert_eq!(text.bytes(), b"username = ab c");
    assert_eq!(text.cuts(), [4, 12]);
    let separated = text.separated().unwrap();
    assert_eq!(separated.bytes(), b"user name = a b c");
    assert_eq!(&raw[separated.raw_span(5..9)], "name");
    assert_eq!(&raw[separated.raw_span(14..15)], "b");
    assert_eq!(separated.lines()[0].clean, 0..17);
    assert_eq!(separated.separated(), None);
}

#[test]
fn carriage_returns_divide_lines() {
    assert_eq!(
        cleaned(LogFormat::Plain, "\r10%\r\x1b[K20%\r\r\nnext"),
        "10%\n20%\nnext"
    );
    let text = clean(LogFormat::Plain, b"10%\r20%\n", 0..8);
    assert_eq!(text.lines()[0].raw, 0..7);
    assert_eq!(text.lines()[1].raw, 0..7);
    assert_eq!(text.raw_span(4..7), 4..7);
}

#[test]
fn a_body_that_never_ends_is_text() {
    assert_eq!(
        cleaned(LogFormat::Plain, "a\x1b]0;title\x07b\x1b]0;rest\nnext"),
        "ab0;rest\nnext"
    );
    assert_eq!(
        cleaned(LogFormat::Plain, "\x1b_bk;t=1\x1b\\x\x1b]8;;u\x1b[1my"),
        "x8;;uy"
    );
    let long = format!("\x1b]{}\x07.", "x".repeat(5000));
    assert_eq!(cleaned(LogFormat::Plain, &long).len(), 5002);
}

#[test]
fn noise_is_dropped() {
    assert_eq!(
        cleaned(LogFormat::Plain, "a\0b\0\x08c\n\0\x1bg\x1b"),
        "abc\ngg".replace("gg", "g")
    );
    let note = "\x1b[8mha:////4AbCd+/=\x1b[0m";
    assert_eq!(
        cleaned(LogFormat::Jenkins, &format!("{note}[Pipeline] node")),
        "[Pipeline] node"
    );
    assert_eq!(
        cleaned(LogFormat::Jenkins, "\x1b[8mha:hidden\x1b[0m"),
        "ha:hidden"
    );
}

#[test]
fn empty_lines_stay() {
    assert_eq!(cleaned(LogFormat::Plain, "a\n\r\n\nb\n"), "a\n\n\nb");
    assert_eq!(cleaned(LogFormat::Plain, ""), "");
    assert_eq!(clean(LogFormat::Plain, b"\n\n", 0..2).lines().len(), 2);
    assert_eq!(clean(LogFormat::Plain, b"", 0..9).raw_span(0..3), 0..0);
}

#[test]
fn targets_of_links_follow_as_a_line() {
    let raw = "see \x1b]8;;https://a.example/?q=1\x07here\x1b]8;;\x07!\r\nnext\n";
    assert_eq!(
        cleaned(LogFormat::Plain, raw),
        "see here!\n8;;https://a.example/?q=1\nnext"
    );
    assert_eq!(raw_of(LogFormat::Plain, raw, "?q=1"), "?q=1");
    assert_eq!(raw_of(LogFormat::Plain, raw, "next"), "next");
    assert_eq!(
        clean(LogFormat::Plain, raw.as_bytes(), 0..raw.len()).lines()[1].raw,
        0..43
    );
}

#[test]
fn wide_text_becomes_readable() {
    let wide: Vec<u8> = "token=1\r\nnext"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let text = clean(LogFormat::Plain, &wide, 0..wide.len());
    assert_eq!(text.bytes(), b"token=1\nnext");
    assert_eq!(text.raw_span(6..7), 12..13);
    assert_eq!(text.raw_span(8..12), 18..25);
}

#[test]
fn broken_records_are_text() {
    let raw = "[{\"pos\":0,\"out\":\"a\\n\"},stray\n{\"note\":\"b\"},{\"out\":\"cut";
    assert_eq!(
        cleaned(LogFormat::Drone, raw),
        "a\n,stray\n{\"note\":\"b\"}\ncut"
    );
    assert_eq!(
        cleaned(LogFormat::Woodpecker, "[{\"data\":\"no base64\"}]"),
        "no base64"
    );
    assert_eq!(
        cleaned(LogFormat::DockerJson, "{\"log\":\"\\q\\u12\\n\"}"),
        "\\q\\u12"
    );
}
