use super::sample::{self, HOSTILE};
use super::traced::Traced;
use super::{TraceFormat, render};
use crate::report::RenderOptions;
use crate::rule::template::Seed;
use std::collections::BTreeSet;

fn shown(format: TraceFormat, traced: &Traced, width: usize) -> String {
    let color = false;
    let bytes = render(format, traced, &RenderOptions { color, width });
    String::from_utf8(bytes).unwrap()
}

fn views(traced: &Traced) -> impl Iterator<Item = (TraceFormat, String)> {
    let all = TraceFormat::ALL.into_iter();
    all.map(|format| (format, shown(format, traced, 100)))
}

#[test]
fn names_and_formats_correspond() {
    for format in TraceFormat::ALL {
        assert_eq!(TraceFormat::named(&format.to_string()), Some(format));
    }
    assert_eq!(TraceFormat::named("xml"), None);
}

#[test]
fn views_end_in_one_line_feed() {
    for traced in sample::all() {
        for (format, view) in views(&traced) {
            assert!(view.ends_with('\n') && !view.ends_with("\n\n"), "{format}");
        }
    }
}

#[test]
fn a_terminal_shows_it_at_a_glance() {
    insta::assert_snapshot!(shown(TraceFormat::Text, &sample::traced(), 110), @"
    CRITICAL  Example token  exa_***  certain confidence · example
      since   2026-01-29 10:00 UTC at the latest, because 21 logs before it are gone; 3 logs before it were not
              read
      until   still readable in 5 of 11 logs; last written 2026-03-28 10:00 UTC
      for     at least 61 d 3 h so far
      readers anyone: 1 repository is public
      known   as fingerprint 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, incident
              ls-20260331-0a1b2c
      why     vendor's own prefix; the checksum holds
      line    + curl -H 'Authorization: Bearer exa_***' https://api.example.com
      when                  2026-01-01                         2026-03-30
              acme/web      ?????· ······ ▒··▒·· ▒··▒·· █····· █··█·· ██·
              acme/billing  ?????· ······ ······ ·▒···· ······ ······ ···
              acme/mobile   ?????? ???··· ······ ······ ······ ······ ···
              acme/infra    ······ ······ ······ ······ ······ ·····? ???
              █ leaked, readable   ▒ leaked, log gone   ? not read, or gone before   · read, clean   blank no run
              a column is 2 days
      where   Repository    Visibility  First seen (UTC)     Last (UTC)        Runs  Readable  Gone
              acme/web      public      by 2026-01-29 10:00  2026-03-28 10:00     9         5     4
              acme/billing  private     2026-02-14 10:00     2026-02-15 10:00     2         0     2
      places  Log       Written (UTC)     Lines  Job and step               Workflow
              readable  2026-03-28 10:00      2  deploy › Publish the site  deploy.yml
                https://github.com/acme/web/actions/runs/7300000946
              readable  2026-03-26 10:00      2  deploy › Publish the site  deploy.yml
                https://github.com/acme/web/actions/runs/7300000924
              readable  2026-03-19 10:00      2  deploy › Publish the site  deploy.yml
                https://github.com/acme/web/actions/runs/7300000847 (attempt 2)
              readable  2026-03-12 10:00      2  deploy › Publish the site  deploy.yml
                https://github.com/acme/web/actions/runs/7300000770
              readable  2026-02-26 10:00      2  deploy › Publish the site  deploy.yml
                https://github.com/acme/web/actions/runs/7300000616
              and 6 more places
      printed by command 1, at 11 places
            │ set -x
            │ curl -H 'Authorization: Bearer ***' https://api.example.com
            │ npm publish
      copies  Not leaked yet in  Visibility  Runs  Last run (UTC)    Job and step       Workflow
              acme/mobile        private       14  2026-03-22 10:00  release › Publish  release.yml
                https://github.com/acme/mobile/actions/runs/7400000000
              acme/infra         private       14  2026-01-13 10:00  release › Publish  release.yml
                https://github.com/acme/infra/actions/runs/7400000000
      next    1. Rotate it, for deleting logs takes nothing back: Revoke it at
              https://example.com/settings/tokens. https://example.com/docs
              2. Stop the command from printing it, and 2 copies of it before it leaks there too.
              3. Delete the 5 logs that can be read: the same leaksweep trace with --contain.
              4. Write down what happened: leaksweep incident report ls-20260331-0a1b2c

    HIGH      Example database password  exa_***  certain confidence · example
      since   2026-03-03 10:00 UTC; 84 logs before it, from 2026-01-01 10:00 UTC on, read and without it
      until   2026-03-06 10:00 UTC, when the last of 2 logs was seen to be gone; last written 2026-03-04 10:00 UTC
      for     3 d
      readers people with access: no repository that shows it is public
      known   as fingerprint fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210
      why     vendor's own prefix; the checksum holds
      when                  2026-01-01                         2026-03-30
              acme/billing  ?????· ······ ······ ······ ··▒▒·· ······ ···
              ▒ leaked, log gone   ? not read, or gone before   · read, clean   blank no run   a column is 2 days
      where   Repository    Visibility  First seen (UTC)  Last (UTC)        Runs  Readable  Gone
              acme/billing  private     2026-03-03 10:00  2026-03-04 10:00     2         0     2
      places  Log   Written (UTC)     Lines  Job and step               Workflow
              gone  2026-03-04 10:00      2  deploy › Publish the site  deploy.yml
                https://github.com/acme/billing/actions/runs/7300000682
              gone  2026-03-03 10:00      2  deploy › Publish the site  deploy.yml
                https://github.com/acme/billing/actions/runs/7300000671 (attempt 2)
      next    1. Rotate it, for deleting logs takes nothing back: Revoke it where it was issued.
              https://example.com/docs

    NOT ALL READ
      in      Repository    Visibility  Runs  Logs read  Gone before  Still to read  Read back to (UTC)
              acme/infra    private      195        174            0             21  2026-01-01 10:00
              acme/mobile   private      195        150           45              0  2026-01-21 10:00
              acme/web      public       195        171           24              0  2026-01-11 10:00
              acme/billing  private      195        171           24              0  2026-01-11 10:00
      trouble Repository  Problem
              acme/infra  run 7400000391: GitHub answered 502 three times
      runs    Repository  Run         Logs  How
              acme/web    7300000946  stay  held by configuration: court
      read    666 logs of 780 runs in 4 repositories
      unread  114 logs not known to be clean: 93 gone before anybody read them, 21 still to be read
      from    2026-01-01 10:00 UTC; runs that were created before were not looked at
      left    the budget of 2,000 requests is used up: run it again to go on
      calls   2,000 requests to GitHub

    2 secrets found, and not all was read
    ");
}

#[test]
fn a_narrow_terminal_puts_addresses_below() {
    let text = shown(TraceFormat::Text, &sample::long(40), 70);
    insta::assert_snapshot!(text, @"
    CRITICAL  Example token  exa_***  certain confidence · example
      since   2026-01-29 10:00 UTC at the latest, because 21 logs before
              it are gone; 3 logs before it were not read
      until   still readable in 26 of 40 logs; last written 2026-03-28
              10:00 UTC
      for     at least 61 d 3 h so far
      readers anyone: 1 repository is public
      known   as fingerprint
              0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef,
              incident ls-20260331-0a1b2c
      why     vendor's own prefix; the checksum holds
      line    + curl -H 'Authorization: Bearer exa_***'
              https://api.example.com
      when                 2026-01-01          2026-03-30
              acme/web     ██▒█▒██████▒█▒██████▒█▒██████▒
              acme/mobile  ???????·······················
              acme/infra   ··························????
              █ leaked, readable   ▒ leaked, log gone
              ? not read, or gone before   · read, clean
              a column is 3 days
      where   Repository  Visibility  First seen (UTC)  Last (UTC)        Runs  Readable  Gone
              acme/web    public      2026-01-01 10:00  2026-03-29 10:00    40        26    14
      places  Log       Written (UTC)     Lines  Job and step               Workflow
              gone      2026-03-29 10:00      2  deploy › Publish the site  deploy.yml
                https://github.com/acme/web/actions/runs/7300000429 (attempt 2)
              readable  2026-03-27 10:00      2  deploy › Publish the site  deploy.yml
                https://github.com/acme/web/actions/runs/7300000418
              readable  2026-03-25 10:00      2  deploy › Publish the site  deploy.yml
                https://github.com/acme/web/actions/runs/7300000407 (attempt 2)
              gone      2026-03-23 10:00      2  deploy › Publish the site  deploy.yml
                https://github.com/acme/web/actions/runs/7300000396
              readable  2026-03-20 10:00      2  deploy › Publish the site  deploy.yml
                https://github.com/acme/web/actions/runs/7300000385 (attempt 2)
              and 35 more places
      printed by command 1, at 11 places
            │ set -x
            │ curl -H 'Authorization: Bearer ***' https://api.example.com
            │ npm publish
      copies  Not leaked yet in  Visibility  Runs  Last run (UTC)    Job and step       Workflow
              acme/mobile        private       14  2026-03-22 10:00  release › Publish  release.yml
                https://github.com/acme/mobile/actions/runs/7400000000
              acme/infra         private       14  2026-01-13 10:00  release › Publish  release.yml
                https://github.com/acme/infra/actions/runs/7400000000
      next    1. Rotate it, for deleting logs takes nothing back: Revoke
              it at https://example.com/settings/tokens.
              https://example.com/docs
              2. Stop the command from printing it, and 2 copies of it
              before it leaks there too.
              3. Delete the 26 logs that can be read: the same leaksweep
              trace with --contain.
              4. Write down what happened: leaksweep incident report
              ls-20260331-0a1b2c

    NOT ALL READ
      in      Repository    Visibility  Runs  Logs read  Gone before  Still to read  Read back to (UTC)
              acme/infra    private      195        174            0             21  2026-01-01 10:00
              acme/mobile   private      195        150           45              0  2026-01-21 10:00
              acme/web      public       195        171           24              0  2026-01-11 10:00
              acme/billing  private      195        171           24              0  2026-01-11 10:00
      trouble Repository  Problem
              acme/infra  run 7400000391: GitHub answered 502 three times
      runs    Repository  Run         Logs  How
              acme/web    7300000946  stay  held by configuration: court
      read    666 logs of 780 runs in 4 repositories
      unread  114 logs not known to be clean: 93 gone before anybody read
              them, 21 still to be read
      from    2026-01-01 10:00 UTC; runs that were created before were not
              looked at
      left    the budget of 2,000 requests is used up: run it again to go
              on
      calls   2,000 requests to GitHub

    1 secret found, and not all was read
    ");
}

#[test]
fn an_issue_shows_it_too() {
    let mut traced = sample::traced();
    traced.exposures.truncate(1);
    insta::assert_snapshot!(shown(TraceFormat::Markdown, &traced, 100), @"
    ## leaksweep trace

    > [!CAUTION]
    > **1 secret found, and not all was read**
    >
    > Told at 2026-03-31 10:00 UTC.

    ### 🔴 Example token `exa_***`

    critical · certain confidence · example

    - **Since:** 2026-01-29 10:00 UTC at the latest, because 21 logs before it are gone; 3 logs before it were not read
    - **Until:** still readable in 5 of 11 logs; last written 2026-03-28 10:00 UTC
    - **For:** at least 61 d 3 h so far
    - **Readers:** anyone: 1 repository is public
    - **Known:** as fingerprint `0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef`, incident `ls-20260331-0a1b2c`
    - **Why:** vendor's own prefix; the checksum holds
    - **Line:** `+ curl -H 'Authorization: Bearer exa_***' https://api.example.com`

    ```text
                  2026-01-01                         2026-03-30
    acme/web      ?????· ······ ▒··▒·· ▒··▒·· █····· █··█·· ██·
    acme/billing  ?????· ······ ······ ·▒···· ······ ······ ···
    acme/mobile   ?????? ???··· ······ ······ ······ ······ ···
    acme/infra    ······ ······ ······ ······ ······ ·····? ???
    ```

    `█` leaked, readable · `▒` leaked, log gone · `?` not read, or gone before · `·` read, clean · blank: no run · a column is 2 days

    #### What to do now

    1. Rotate it, for deleting logs takes nothing back: Revoke it at https://example.com/settings/tokens. <https://example.com/docs>
    2. Stop the command from printing it, and 2 copies of it before it leaks there too.
    3. Delete the 5 logs that can be read: the same `leaksweep trace` with `--contain`.
    4. Write down what happened: `leaksweep incident report ls-20260331-0a1b2c`

    #### Repositories that show it

    | Repository | Visibility | First seen (UTC) | Last (UTC) | Runs | Readable | Gone |
    | :-- | :-- | :-- | :-- | --: | --: | --: |
    | `acme/web` | public | by 2026-01-29 10:00 | 2026-03-28 10:00 | 9 | 5 | 4 |
    | `acme/billing` | private | 2026-02-14 10:00 | 2026-02-15 10:00 | 2 | 0 | 2 |

    #### What printed it

    Command 1, at 11 places:

    ```text
    set -x
    curl -H 'Authorization: Bearer ***' https://api.example.com
    npm publish
    ```

    #### Places

    | Log | Written (UTC) | Lines | Job and step | Workflow | Repository | Run |
    | :-- | :-- | --: | :-- | :-- | :-- | :-- |
    | readable | 2026-03-28 10:00 | 2 | `deploy › Publish the site` | `deploy.yml` | `acme/web` | [7300000946](https://github.com/acme/web/actions/runs/7300000946) |
    | readable | 2026-03-26 10:00 | 2 | `deploy › Publish the site` | `deploy.yml` | `acme/web` | [7300000924](https://github.com/acme/web/actions/runs/7300000924) |
    | readable | 2026-03-19 10:00 | 2 | `deploy › Publish the site` | `deploy.yml` | `acme/web` | [7300000847](https://github.com/acme/web/actions/runs/7300000847) (attempt 2) |
    | readable | 2026-03-12 10:00 | 2 | `deploy › Publish the site` | `deploy.yml` | `acme/web` | [7300000770](https://github.com/acme/web/actions/runs/7300000770) |
    | readable | 2026-02-26 10:00 | 2 | `deploy › Publish the site` | `deploy.yml` | `acme/web` | [7300000616](https://github.com/acme/web/actions/runs/7300000616) |
    | gone | 2026-02-19 10:00 | 2 | `deploy › Publish the site` | `deploy.yml` | `acme/web` | [7300000539](https://github.com/acme/web/actions/runs/7300000539) (attempt 2) |
    | gone | 2026-02-12 10:00 | 2 | `deploy › Publish the site` | `deploy.yml` | `acme/web` | [7300000462](https://github.com/acme/web/actions/runs/7300000462) |
    | gone | 2026-02-05 10:00 | 2 | `deploy › Publish the site` | `deploy.yml` | `acme/web` | [7300000385](https://github.com/acme/web/actions/runs/7300000385) (attempt 2) |
    | gone | 2026-01-29 10:00 | 2 | `deploy › Publish the site` | `deploy.yml` | `acme/web` | [7300000308](https://github.com/acme/web/actions/runs/7300000308) |
    | gone | 2026-02-15 10:00 | 2 | `deploy › Publish the site` | `deploy.yml` | `acme/billing` | [7300000495](https://github.com/acme/billing/actions/runs/7300000495) (attempt 2) |
    | gone | 2026-02-14 10:00 | 2 | `deploy › Publish the site` | `deploy.yml` | `acme/billing` | [7300000484](https://github.com/acme/billing/actions/runs/7300000484) |

    #### The same commands, where nothing has leaked yet

    | Not leaked yet in | Visibility | Runs | Last run (UTC) | Job and step | Workflow | Run |
    | :-- | :-- | --: | :-- | :-- | :-- | :-- |
    | `acme/mobile` | private | 14 | 2026-03-22 10:00 | `release › Publish` | `release.yml` | [7400000000](https://github.com/acme/mobile/actions/runs/7400000000) |
    | `acme/infra` | private | 14 | 2026-01-13 10:00 | `release › Publish` | `release.yml` | [7400000000](https://github.com/acme/infra/actions/runs/7400000000) |

    ### What was searched

    - **Read:** 666 logs of 780 runs in 4 repositories
    - **Unread:** 114 logs not known to be clean: 93 gone before anybody read them, 21 still to be read
    - **From:** 2026-01-01 10:00 UTC; runs that were created before were not looked at
    - **Left:** the budget of 2,000 requests is used up: run it again to go on
    - **Calls:** 2,000 requests to GitHub

    #### Repositories that were searched

    | Repository | Visibility | Runs | Logs read | Gone before | Still to read | Read back to (UTC) |
    | :-- | :-- | --: | --: | --: | --: | :-- |
    | `acme/infra` | private | 195 | 174 | 0 | 21 | 2026-01-01 10:00 |
    | `acme/mobile` | private | 195 | 150 | 45 | 0 | 2026-01-21 10:00 |
    | `acme/web` | public | 195 | 171 | 24 | 0 | 2026-01-11 10:00 |
    | `acme/billing` | private | 195 | 171 | 24 | 0 | 2026-01-11 10:00 |

    #### What could not be read

    | Repository | Problem |
    | :-- | :-- |
    | `acme/infra` | run 7400000391: GitHub answered 502 three times |

    ### Containment

    | Repository | Run | Logs | How |
    | :-- | :-- | :-- | :-- |
    | `acme/web` | 7300000946 | stay | `held by configuration: court` |
    ");
}

#[test]
fn several_secrets_are_listed_first() {
    for format in [TraceFormat::Markdown, TraceFormat::Html] {
        let titled = |traced: &Traced| shown(format, traced, 100).contains("Secrets");
        assert!(titled(&sample::traced()) && !titled(&sample::long(1)));
    }
}

#[test]
fn nothing_found_is_clean_only_if_all_was_read() {
    for (format, view) in views(&sample::nothing()) {
        let said = view.contains("o secret found in 195 logs");
        assert!(said || format == TraceFormat::Json, "{format}: {view}");
        assert!(!view.contains("not all was read"), "{format}: {view}");
    }
    for (format, view) in views(&sample::unread()) {
        let said = view.contains("but not all was read") && view.contains("not known to be clean");
        assert!(said || format == TraceFormat::Json, "{format}: {view}");
        assert!(view.contains("GitHub answered 502"), "{format}: {view}");
    }
}

#[test]
fn colour_changes_only_colour() {
    let options = RenderOptions {
        color: true,
        width: 110,
    };
    let colored = render(TraceFormat::Text, &sample::traced(), &options);
    let colored = String::from_utf8(colored).unwrap();
    let escapes = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    assert!(escapes.is_match(&colored));
    let plain = shown(TraceFormat::Text, &sample::traced(), 110);
    assert_eq!(escapes.replace_all(&colored, ""), plain);
}

#[test]
fn json_tells_all_of_it() {
    let traced = sample::traced();
    let json: serde_json::Value =
        serde_json::from_str(&shown(TraceFormat::Json, &traced, 100)).unwrap();
    assert_eq!(json, serde_json::to_value(&traced).unwrap());
    assert_eq!(json["exposures"][0]["rule_id"], "example.token");
}

#[test]
fn thousands_of_places_are_counted_where_they_are_not_listed() {
    let traced = sample::long(2_000);
    for (format, view) in views(&traced) {
        let run = |view: &str| view.matches("actions/runs/73").count();
        match format {
            TraceFormat::Html | TraceFormat::Json => assert_eq!(run(&view), 2_000, "{format}"),
            TraceFormat::Text => {
                assert_eq!(run(&view), 5);
                assert!(view.contains("and 1,995 more places"), "{view}");
            }
            TraceFormat::Markdown => {
                assert_eq!(run(&view), 50);
                assert!(view.contains("and 1,950 more places"), "{view}");
                assert!(view.len() < 65_536);
            }
        }
    }
}

#[test]
fn an_annotation_is_not_called_gone() {
    let mut traced = sample::traced();
    traced.exposures.remove(0);
    let place = &mut traced.exposures[0].sites[0].places[0];
    place.annotation = true;
    for (format, view) in views(&traced) {
        let said =
            view.contains("stay when logs are deleted") && view.contains("annotation; log gone");
        assert!(said || format == TraceFormat::Json, "{format}: {view}");
        let drawn = match format {
            TraceFormat::Html => view.contains("leaked, readable from 2026-03-04"),
            TraceFormat::Json => true,
            TraceFormat::Text | TraceFormat::Markdown => view.contains('█'),
        };
        assert!(drawn, "{format}: {view}");
    }
}

#[test]
fn logs_on_this_machine_are_not_deleted_by_leaksweep() {
    let mut traced = sample::traced();
    traced.exposures.truncate(1);
    for site in &mut traced.exposures[0].sites {
        site.visibility = None;
        let places = site.places.iter_mut();
        places.for_each(|place| place.url = Some("logs/17.txt".into()));
    }
    traced.exposures[0].public = false;
    let text = shown(TraceFormat::Text, &traced, 100);
    assert!(!text.contains("--contain"), "{text}");
    assert!(text.contains("whatever they were copied from"), "{text}");
    assert!(text.contains("not known: who may read"), "{text}");
}

fn steers(c: char) -> bool {
    c != '\n' && c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Texts that attack, made of pieces that do.
fn hostile_texts() -> Vec<String> {
    const PIECES: [&str; 24] = [
        "\u{1b}[31m",
        "::error::",
        "##[",
        "##vso[",
        "\u{9b}",
        "\u{202e}",
        "\r\n",
        "\n",
        "```",
        "`",
        "|",
        "\"",
        "'",
        "<script>",
        "</script>",
        "-->",
        "&",
        ">",
        "\\",
        "](",
        "@a",
        "#1",
        "漢",
        " ",
    ];
    let mut seed = Seed::new(6);
    let mut text = || {
        let pieces = seed.below(12);
        (0..pieces)
            .map(|_| PIECES[seed.below(PIECES.len())])
            .collect()
    };
    let mut texts: Vec<String> = (0..60).map(|_| text()).collect();
    texts.push(HOSTILE.to_owned());
    texts
}

#[test]
fn hostile_text_steers_nothing() {
    for text in hostile_texts() {
        for (format, view) in views(&sample::saying(&text)) {
            assert!(!view.contains(steers), "{format}: {view:?}");
            for command in ["##[add-mask]", "##vso["] {
                assert!(!view.contains(command), "{format}: {view}");
            }
            let obeyed = |line: &str| line.trim_start().starts_with("::");
            assert!(!view.lines().any(obeyed), "{format}: {view}");
        }
    }
}

/// The tags of a page, with the values of their attributes left out.
fn skeleton(page: &str) -> Vec<String> {
    let tag = regex::Regex::new(r#"<(?:[^<>"]|"[^"]*")*>"#).unwrap();
    let value = regex::Regex::new(r#""[^"]*""#).unwrap();
    let tags: Vec<String> = tag
        .find_iter(page)
        .map(|tag| value.replace_all(tag.as_str(), "\"\"").into_owned())
        .collect();
    let angles = page.matches('<').count();
    assert_eq!(tags.len(), angles, "{page}");
    tags
}

#[test]
fn hostile_text_is_text_in_a_page() {
    let page = |text: &str| shown(TraceFormat::Html, &sample::saying(text), 100);
    let calm = skeleton(&page("calm"));
    for text in hostile_texts() {
        // What is empty is no column and no point; a rule's address is a link.
        let page = page(&format!("x{text}").replace("https://", "https:"));
        assert_eq!(skeleton(&page), calm, "{page}");
    }
}

/// What of a document is neither a code span nor in a block.
fn outside_of_code(document: &str) -> String {
    let block = regex::Regex::new(r"(?s)(?:^|\n)(`{3,})text\n.*").unwrap();
    let mut rest = document.to_owned();
    while let Some(open) = block.captures(&rest) {
        let (start, fence) = (open.get(0).unwrap().start(), open[1].to_owned());
        let inside = start + fence.len() + 6;
        let end = rest[inside..].find(&format!("\n{fence}\n")).unwrap();
        rest.replace_range(start..=inside + end + fence.len(), "\n");
    }
    rest.lines()
        .map(without_spans)
        .collect::<Vec<_>>()
        .join("\n")
}

fn without_spans(line: &str) -> String {
    let runs = regex::Regex::new("`+").unwrap();
    let mut kept = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let run = rest[at..].chars().take_while(|c| *c == '`').count();
        if rest[..at].ends_with('\\') {
            kept += &rest[..=at];
            rest = &rest[at + 1..];
            continue;
        }
        kept += &rest[..at];
        let inside = &rest[at + run..];
        let close = runs.find_iter(inside).find(|close| close.len() == run);
        rest = &inside[close.unwrap_or_else(|| panic!("open: {line}")).end()..];
    }
    kept + rest
}

#[test]
fn hostile_text_is_no_markup_in_a_document() {
    for text in hostile_texts() {
        let document = shown(TraceFormat::Markdown, &sample::saying(&text), 100);
        let plain = outside_of_code(&document).replace("<!-- -->", "");
        assert!(!plain.contains('<'), "{document}");
        assert!(!plain.contains("](h") || text == HOSTILE, "{document}");
        let mut cells = 0;
        for line in plain.lines() {
            let bars = line.matches('|').count();
            let continues = cells > 0 && bars > 0;
            assert!(!continues || bars == cells, "{line}\n{document}");
            cells = bars;
        }
    }
}

#[test]
fn a_page_needs_nothing_and_runs_nothing() {
    for traced in sample::all() {
        let page = shown(TraceFormat::Html, &traced, 100);
        assert!(page.contains("default-src 'none'"), "{page}");
        let tags: BTreeSet<String> = skeleton(&page).into_iter().collect();
        for tag in &tags {
            let name = tag[1..].split([' ', '>']).next().unwrap();
            let loads = [
                "script", "img", "link", "iframe", "object", "embed", "use", "base",
            ];
            assert!(!loads.contains(&name), "{tag}");
            for attribute in [" src=", " style=", " on", " srcset="] {
                assert!(!tag.contains(attribute), "{tag}");
            }
        }
        let styles = &page[page.find("<style>").unwrap()..page.find("</style>").unwrap()];
        assert!(!styles.contains("url(") && !styles.contains("@import"));
    }
}
