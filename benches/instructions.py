#!/usr/bin/env python3
"""Counts the instructions of whole scans and holds them below a recorded ceiling.

Wall time is noisy, counts repeat: the logs are generated from a seed, and one thread scans them. They
depend a little on the compiler and on what the processor can do, so a few per cent are let pass.

    benches/instructions.py            compare with benches/instructions.json
    UPDATE=1 benches/instructions.py   record

Needs valgrind and a release build. The profiles stay in target/instructions, for callgrind_annotate, which
has names for what was built with CARGO_PROFILE_RELEASE_STRIP=none.
"""

import json
import os
import random
import re
import string
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROGRAM = TARGET / "release" / "leaksweep"
CEILINGS = ROOT / "benches" / "instructions.json"
# How far above the recorded count is still the same.
TOLERANCE = 0.1
# The counts are those of a processor with these instructions.
VECTORS = "avx2"
LOGS = {"log of 10 KB": 10_000, "log of 4 MB": 4_000_000}

WORDS = """added building cache checking commit compiling connecting container created dependencies done
download error event failed fetching file finished found from image info install key layer library local
main module network node object package path pull request running server skipping source starting status
step success target test token total updated using version waiting warning worker workspace""".split()

# Lines as logs have them. `{w}` is a word, `{n}` a number, `{h}` forty hexadecimal digits, `{b}` a run of
# base64, `{v}` a random value.
LINES = [
    (30, "{w} {w} {w} {w} {n}"),
    (12, "  {w}/{w}/{w}.{w} ({n} bytes)"),
    (10, "[{n}/{n}] {w} {w}-{w} v{n}.{n}.{n}"),
    (8, "GET https://registry.example.com/{w}/{w}/-/{w}-{n}.{n}.tgz {n}ms"),
    (6, "Step {n}/{n} : RUN {w} --{w}={w} && {w} {w}"),
    (6, "test {w}::{w}::{w}_{w} ... ok"),
    (5, "\x1b[32m{w}\x1b[0m {w} {w} \x1b[1m{n}\x1b[22m"),
    (5, "{h} refs/heads/{w}-{w}"),
    (5, "{w}@sha256:{h}{h}"),
    (4, '{{"level":"info","{w}":"{w} {w}","{w}":{n},"id":"{h}"}}'),
    (3, "    at {w}.{w}({w}.java:{n})"),
    (2, "  {w}_key: {w}-{n}-{h}"),
    (2, "export {w}_TOKEN=***"),
    (1, "integrity sha512-{b}=="),
    (1, "password for {w}: {w}"),
    (0.05, "ACME_API_TOKEN={v}"),
]


def text(rng, size):
    """`size` bytes of a log, or a little more."""
    fill = {
        "{w}": lambda: rng.choice(WORDS),
        "{n}": lambda: str(rng.randrange(2000)),
        "{h}": lambda: "".join(rng.choices("0123456789abcdef", k=40)),
        "{b}": lambda: "".join(rng.choices(string.ascii_letters + string.digits + "+/", k=86)),
        "{v}": lambda: "".join(rng.choices(string.ascii_letters + string.digits, k=32)),
        "{{": lambda: "{",
        "}}": lambda: "}",
    }
    weights, templates = zip(*LINES)
    out, done, clock = [], 0, 0
    while done < size:
        clock += rng.randrange(4_000)
        template = rng.choices(templates, weights)[0]
        filled = re.sub(r"\{\{|\}\}|\{[wnhbv]\}", lambda part: fill[part[0]](), template)
        stamp = f"2026-01-15T{clock // 3_600_000 % 24:02}:{clock // 60_000 % 60:02}:{clock // 1000 % 60:02}"
        out.append(f"{stamp}.{clock % 1000:03}0000Z {filled}\n")
        done += len(out[-1])
    return "".join(out)


def count(log, profile):
    """Instructions of one scan of `log`."""
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}"]
    scan = [PROGRAM, "scan", "--no-progress", "--threads", "1", "--format", "json", log]
    run = subprocess.run(valgrind + scan, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode not in (0, 1) or not collected:
        sys.exit(f"{run.stderr}\ninstructions: the scan failed")
    return int(collected[1])


def main():
    if not PROGRAM.exists():
        sys.exit(f"instructions: {PROGRAM} is missing\nhint: cargo build --release --locked")
    if VECTORS not in Path("/proc/cpuinfo").read_text().split():
        print(f"instructions: not compared, since the record is of a processor with {VECTORS}")
        return
    folder = TARGET / "instructions"
    folder.mkdir(exist_ok=True)
    counted = {}
    for name, size in LOGS.items():
        log = folder / f"{size}.log"
        log.write_text(text(random.Random(1), size))
        counted[name] = count(log, folder / f"{size}.out")
    if os.environ.get("UPDATE"):
        CEILINGS.write_text(json.dumps(counted, indent=2) + "\n")
    ceilings = json.loads(CEILINGS.read_text())
    above = False
    for name, now in counted.items():
        change = now / ceilings[name] - 1
        above |= change > TOLERANCE
        print(f"{name}: {now:,} instructions, {change:+.1%} of the {ceilings[name]:,} recorded")
        if change < -TOLERANCE:
            print("  record it with UPDATE=1, so that it is not lost again unseen")
    if above:
        sys.exit(f"instructions: more than {TOLERANCE:.0%} above\nhint: find out why, or record them with UPDATE=1")


if __name__ == "__main__":
    main()
