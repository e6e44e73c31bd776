use super::render;
use crate::report::{RenderOptions, sample};

fn plain(width: usize) -> RenderOptions {
    RenderOptions {
        color: false,
        width,
    }
}

#[test]
fn a_report_reads_well() {
    insta::assert_snapshot!(render(&sample::outcome(), &plain(80)), @r#"
    CRITICAL  Example token  certain confidence · example
      at      logs.zip!build/3_Run make.txt:182:31
      in      build › Run make · 2025-03-15T10:00:00.1234567Z · github-actions
      value   exa_***
            │ + curl -H 'Authorization: token exa_***' https://api.example.com
            │                                 ^^^^^^^
      why     vendor's own prefix; the checksum holds
      revoke  Revoke it at https://example.com/settings/tokens.
      also at c.log:1:31
              c.log:2:31
              c.log:3:31
              + 12 more places

    HIGH      Example key  high confidence · example
      at      b.log:7:31
      value   exa_***
            │ + curl -H 'Authorization: token exa_***' https://api.example.com
            │                                 ^^^^^^^
      why     vendor's own prefix; the checksum holds
      revoke  Revoke it at https://example.com/settings/tokens.

    LOW       Example session  medium confidence · example
      at      a.log:4:31
      value   exa_***  (decoded from base64 › base64)
            │ dump 🚀 exa_***
            │         ^^^^^^^
      why     vendor's own prefix; the checksum holds

    NOT READ  logs.zip!build/9_Post.txt  damaged
              the entry ends before its end; download the archive again

    confidence  certain     high   medium    total
    ──────────────────────────────────────────────
    critical          1        ·        ·        1
    high              ·        1        ·        1
    low               ·        ·        1        1
    ──────────────────────────────────────────────
    total             1        1        1        3

    3 secrets found, and 1 log or part of one was not read
    12 logs · 3.3 MiB · 45,678 lines
    "#);
}

#[test]
fn nothing_found_says_so() {
    insta::assert_snapshot!(render(&sample::nothing(), &plain(80)), @r#"
    no secrets found in 12 logs
    12 logs · 3.3 MiB · 45,678 lines
    "#);
}

#[test]
fn nothing_found_is_not_clean_when_something_was_not_read() {
    insta::assert_snapshot!(render(&sample::unread(), &plain(80)), @r#"
    NOT READ  logs.zip!build/9_Post.txt  damaged
              the entry ends before its end; download the archive again

    no secrets found in what was read, but 1 log or part of one was not read
    12 logs · 3.3 MiB · 45,678 lines
    "#);
}

#[test]
fn hostile_text_is_shown_not_obeyed() {
    insta::assert_snapshot!(render(&sample::saying(sample::HOSTILE), &plain(60)), @r#"
    HIGH      a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:  high confidence · a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:
      at      a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,::3:31
      in      a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y
              ##vso\u{5b}task.z]|`<img src=x>`| @octocat
              https://evil.example [l](http://x) %0A
              \u{202e}\u{9b}\u{7f}"'{0}\,: ›
              a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y
              ##vso\u{5b}task.z]|`<img src=x>`| @octocat
              https://evil.example [l](http://x) %0A
              \u{202e}\u{9b}\u{7f}"'{0}\,: ·
              a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y
              ##vso\u{5b}task.z]|`<img src=x>`| @octocat
              https://evil.example [l](http://x) %0A
              \u{202e}\u{9b}\u{7f}"'{0}\,: ·
              a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y
              ##vso\u{5b}task.z]|`<img src=x>`| @octocat
              https://evil.example [l](http://x) %0A
              \u{202e}\u{9b}\u{7f}"'{0}\,:
      value   a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:
            │ a\u{1b}[2Jb\r\n\u{3a}:er… exa_*** a\u{1b}[2Jb\r\n…
            │ ^^^^^^^^^^^^^^^^^^^^^^^^^
      why     a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y
              ##vso\u{5b}task.z]|`<img src=x>`| @octocat
              https://evil.example [l](http://x) %0A
              \u{202e}\u{9b}\u{7f}"'{0}\,:;
              a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y
              ##vso\u{5b}task.z]|`<img src=x>`| @octocat
              https://evil.example [l](http://x) %0A
              \u{202e}\u{9b}\u{7f}"'{0}\,:
      revoke  a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y
              ##vso\u{5b}task.z]|`<img src=x>`| @octocat
              https://evil.example [l](http://x) %0A
              \u{202e}\u{9b}\u{7f}"'{0}\,:
      also at a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,::3:31
              a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,::3:31

    NOT READ  a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:  unreadable
              a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y
              ##vso\u{5b}task.z]|`<img src=x>`| @octocat
              https://evil.example [l](http://x) %0A
              \u{202e}\u{9b}\u{7f}"'{0}\,:

    confidence     high    total
    ────────────────────────────
    high              1        1
    ────────────────────────────
    total             1        1

    1 secret found, and 1 log or part of one was not read
    12 logs · 3.3 MiB · 45,678 lines
    "#);
}

#[test]
fn time_and_throughput_are_shown_when_measured() {
    let mut outcome = sample::nothing();
    outcome.summary.seconds = 0.5;
    let text = render(&outcome, &plain(80));
    assert!(
        text.ends_with("45,678 lines · 0.50 s · 6.7 MiB/s\n"),
        "{text}"
    );
}

#[test]
fn colour_changes_nothing_but_colour() {
    let color = RenderOptions {
        color: true,
        width: 80,
    };
    let painted = render(&sample::outcome(), &color);
    assert!(painted.contains("\u{1b}["));
    let mut stripped = String::new();
    for (at, part) in painted.split("\u{1b}[").enumerate() {
        let end = if at == 0 {
            0
        } else {
            part.find('m').unwrap() + 1
        };
        stripped.push_str(&part[end..]);
    }
    let trim = |text: &str| {
        text.lines()
            .map(str::trim_end)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(
        trim(&stripped),
        trim(&render(&sample::outcome(), &plain(80)))
    );
}
