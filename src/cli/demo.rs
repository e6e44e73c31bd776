//! `leaksweep demo`: the incident this program exists for, made anew.
//!
//! A deployment step runs a cloud CLI that prints the function it has updated,
//! its environment included. The log is written from templates; what leaks in
//! it was made up by a seeded generator.

use super::args::{Arguments, Command};
use super::exit::{Exit, print};
use super::scan;
use anyhow::{Context, anyhow};
use clap::Parser;
use leaksweep::rule::template::{Seed, expand};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use zip::write::{SimpleFileOptions, ZipWriter};

const SETUP: &str = include_str!("demo/setup.txt");
const DEPLOY: &str = include_str!("demo/deploy.txt");

pub(crate) fn run(out: &Path) -> anyhow::Result<Exit> {
    write_log(out)?;
    print(
        format!(
            "wrote {}, a GitHub Actions run log with made-up leaks\n\n",
            out.display()
        )
        .as_bytes(),
    )?;
    let shown = out.to_string_lossy();
    let arguments = Arguments::try_parse_from(["leaksweep", "scan", &shown])?;
    let Command::Scan(arguments) = arguments.command else {
        return Err(anyhow!(
            "the demonstration's own command line is not a scan"
        ));
    };
    scan::run(&arguments)?;
    Ok(Exit::Clean)
}

fn write_log(out: &Path) -> anyhow::Result<()> {
    let shown = out.display();
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("failed to create {}", folder.display()))?;
    }
    let file = File::create(out).with_context(|| format!("failed to create {shown}"))?;
    let mut zip = ZipWriter::new(file);
    for (name, text) in entries()? {
        zip.start_file(name, SimpleFileOptions::default())
            .with_context(|| format!("failed to write {shown}"))?;
        zip.write_all(text.as_bytes())
            .with_context(|| format!("failed to write {shown}"))?;
    }
    zip.finish()
        .with_context(|| format!("failed to write {shown}"))?;
    Ok(())
}

/// A run log as GitHub packs it: the whole job at the root, and its steps.
fn entries() -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut clock = Clock(0);
    let setup = clock.stamp(SETUP);
    let deploy = clock.stamp(&filled(DEPLOY)?);
    Ok(vec![
        ("0_deploy.txt", format!("\u{feff}{setup}{deploy}")),
        ("deploy/1_Set up job.txt", format!("\u{feff}{setup}")),
        ("deploy/2_Update function.txt", format!("\u{feff}{deploy}")),
    ])
}

fn filled(template: &str) -> anyhow::Result<String> {
    expand(template, &mut Seed::new(20_250_314)).map_err(|message| anyhow!(message))
}

/// Stamps that go up.
struct Clock(u64);

impl Clock {
    fn stamp(&mut self, text: &str) -> String {
        let stamped = text.lines().map(|line| {
            self.0 += 137_931;
            let (seconds, ticks) = (self.0 / 10_000_000, self.0 % 10_000_000);
            format!(
                "2025-03-14T09:{:02}:{:02}.{ticks:07}Z {line}\n",
                26 + seconds / 60,
                seconds % 60
            )
        });
        stamped.collect()
    }
}
