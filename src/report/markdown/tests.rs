use super::{SUMMARY_LIMIT, code, fenced, linked_prose, prose, render, step_summary};
use crate::report::sample;
use crate::rule::Severity;

#[test]
fn a_document_reads_well() {
    insta::assert_snapshot!(render(&sample::outcome()), @r#"
    ## leaksweep

    > [!CAUTION]
    > **3 secrets found, and 1 log or part of one was not read**
    >
    > 12 logs · 3.3 MiB · 45,678 lines

    | Severity | Confidence | Credential | Value | Where | Places |
    | :-- | :-- | :-- | :-- | :-- | --: |
    | 🔴 critical | certain | Example token | `exa_***` | `logs.zip!build/3_Run make.txt:182:31` | 16 |
    | 🟠 high | high | Example key | `exa_***` | `b.log:7:31` | 1 |
    | 🔵 low | medium | Example session | `exa_***` | `a.log:4:31` | 1 |

    ### 🔴 Example token

    - **Rule:** `example.token`
    - **Severity:** critical
    - **Confidence:** certain (vendor's own prefix; the checksum holds)
    - **Value:** `exa_***`
    - **Where:** `logs.zip!build/3_Run make.txt:182:31`
    - **Job:** `build › Run make`
    - **Logged at:** `2025-03-15T10:00:00.1234567Z`
    - **CI:** `github-actions`
    - **Revoke:** Revoke it at https://example.com/settings/tokens.
    - **See:** <https://example.com/docs>
    - **Fingerprint:** `0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef`
    - **Also at:** `c.log:1:31`, `c.log:2:31`, `c.log:3:31`, `c.log:4:31`, `c.log:5:31`, `c.log:6:31`, `c.log:7:31`, `c.log:8:31`, `c.log:9:31`, `c.log:10:31`, `c.log:11:31`, `c.log:12:31`, `c.log:13:31`, `c.log:14:31`, `c.log:15:31`

    ```text
    + curl -H 'Authorization: token exa_***' https://api.example.com
    ```

    ### 🟠 Example key

    - **Rule:** `example.key`
    - **Severity:** high
    - **Confidence:** high (vendor's own prefix; the checksum holds)
    - **Value:** `exa_***`
    - **Where:** `b.log:7:31`
    - **Revoke:** Revoke it at https://example.com/settings/tokens.
    - **See:** <https://example.com/docs>
    - **Fingerprint:** `0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef`

    ```text
    + curl -H 'Authorization: token exa_***' https://api.example.com
    ```

    ### 🔵 Example session

    - **Rule:** `example.session`
    - **Severity:** low
    - **Confidence:** medium (vendor's own prefix; the checksum holds)
    - **Value:** `exa_***`
    - **Decoded from:** base64 › base64
    - **Where:** `a.log:4:31`
    - **Fingerprint:** `0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef`

    ```text
    dump 🚀 exa_***
    ```

    ### ⚠️ Not read

    - `logs.zip!build/9_Post.txt` (damaged): `the entry ends before its end; download the archive again`
    "#);
}

#[test]
fn nothing_found_is_not_clean_when_something_was_not_read() {
    insta::assert_snapshot!(render(&sample::unread()), @r#"
    ## leaksweep

    > [!WARNING]
    > **no secrets found in what was read, but 1 log or part of one was not read**
    >
    > 12 logs · 3.3 MiB · 45,678 lines

    ### ⚠️ Not read

    - `logs.zip!build/9_Post.txt` (damaged): `the entry ends before its end; download the archive again`
    "#);
}

#[test]
fn hostile_text_stays_in_code() {
    insta::assert_snapshot!(render(&sample::saying(sample::HOSTILE)), @r#"
    ## leaksweep

    > [!CAUTION]
    > **1 secret found, and 1 log or part of one was not read**
    >
    > 12 logs · 3.3 MiB · 45,678 lines

    | Severity | Confidence | Credential | Value | Where | Places |
    | :-- | :-- | :-- | :-- | :-- | --: |
    | 🟠 high | high | a\\u{1b}\[2Jb\\r\\n\\u{3a}:error::x ##\\u{5b}add-mask\]y ##vso\\u{5b}task.z\]&#124;\`&lt;img src=x&gt;\`&#124; @<!-- -->octocat https:<!-- -->//evil.example \[l\](http:<!-- -->//x) %0A \\u{202e}\\u{9b}\\u{7f}"'{0}\\,: | ``a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:`` | ``a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,::3:31`` | 3 |

    ### 🟠 a\\u{1b}\[2Jb\\r\\n\\u{3a}:error::x ##\\u{5b}add-mask\]y ##vso\\u{5b}task.z\]&#124;\`&lt;img src=x&gt;\`&#124; @<!-- -->octocat https:<!-- -->//evil.example \[l\](http:<!-- -->//x) %0A \\u{202e}\\u{9b}\\u{7f}"'{0}\\,:

    - **Rule:** ``a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:``
    - **Severity:** high
    - **Confidence:** high (a\\u{1b}\[2Jb\\r\\n\\u{3a}:error::x ##\\u{5b}add-mask\]y ##vso\\u{5b}task.z\]&#124;\`&lt;img src=x&gt;\`&#124; @<!-- -->octocat https:<!-- -->//evil.example \[l\](http:<!-- -->//x) %0A \\u{202e}\\u{9b}\\u{7f}"'{0}\\,:; a\\u{1b}\[2Jb\\r\\n\\u{3a}:error::x ##\\u{5b}add-mask\]y ##vso\\u{5b}task.z\]&#124;\`&lt;img src=x&gt;\`&#124; @<!-- -->octocat https:<!-- -->//evil.example \[l\](http:<!-- -->//x) %0A \\u{202e}\\u{9b}\\u{7f}"'{0}\\,:)
    - **Value:** ``a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:``
    - **Where:** ``a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,::3:31``
    - **Job:** ``a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,: › a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:``
    - **Logged at:** ``a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:``
    - **CI:** ``a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:``
    - **Revoke:** a\\u{1b}\[2Jb\\r\\n\\u{3a}:error::x ##\\u{5b}add-mask\]y ##vso\\u{5b}task.z\]&#124;\`&lt;img src=x&gt;\`&#124; @<!-- -->octocat https://evil.example \[l\](http://x) %0A \\u{202e}\\u{9b}\\u{7f}"'{0}\\,:
    - **See:** ``a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:``
    - **Fingerprint:** `0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef`
    - **Also at:** ``a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,::3:31``, ``a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,::3:31``

    ```text
    a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,: exa_*** a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]|`<img src=x>`| @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:
    ```

    ### ⚠️ Not read

    - ``a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:`` (unreadable): ``a\u{1b}[2Jb\r\n\u{3a}:error::x ##\u{5b}add-mask]y ##vso\u{5b}task.z]\u{7c}`<img src=x>`\u{7c} @octocat https://evil.example [l](http://x) %0A \u{202e}\u{9b}\u{7f}"'{0}\,:``
    "#);
}

#[test]
fn backticks_cannot_close_a_code_span_or_block() {
    assert_eq!(code("a`b``c"), "```a`b``c```");
    assert_eq!(code("`a"), "`` `a ``");
    assert_eq!(code("a|b"), r"`a\u{7c}b`");
    assert_eq!(fenced("x\n```"), "````text\nx\\n```\n````\n");
}

#[test]
fn prose_has_no_markup_mention_or_issue() {
    insta::assert_snapshot!(
        prose("*a* _b_ c_d `e` <f> [g](http://h) @i #1 j|k www.l"),
        @r"\*a\* \_b_ c_d \`e\` &lt;f&gt; \[g\](http:<!-- -->//h) @<!-- -->i #<!-- -->1 j&#124;k www<!-- -->.l"
    );
    let how = "Revoke it at https://example.com/a_b#tokens";
    assert_eq!(linked_prose(how), how);
}

#[test]
fn a_step_summary_stays_under_its_limit_and_says_so() {
    for number in [3_000, 20_000] {
        let summary = step_summary(&sample::many(number, Severity::High));
        let summary = String::from_utf8(summary).unwrap();
        assert!(summary.len() <= SUMMARY_LIMIT);
        let (cut, _) = summary.rsplit_once(" are left out").unwrap();
        assert!(cut.ends_with("more findings"), "{number}");
    }
}

#[test]
fn a_short_step_summary_is_whole() {
    let summary = String::from_utf8(step_summary(&sample::outcome())).unwrap();
    assert!(!summary.contains("left out"));
    assert_eq!(summary.matches("### 🔴 ").count(), 1);
    assert!(summary.contains("### ⚠️ Not read"));
}

#[test]
fn hostile_lengths_do_not_crowd_out_the_summary() {
    let summary = step_summary(&sample::saying(&"`|".repeat(200_000)));
    assert!(summary.len() < SUMMARY_LIMIT / 10);
}
