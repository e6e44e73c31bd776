"""Whole-process cost of leaksweep, kingfisher and ripgrep on the same data (see compare.sh).

Runs are interleaved, so that what else the machine does falls on all of them alike, and medians are
told. A run before the counted ones fills the page cache and kingfisher's cache of compiled rules.
"""

import argparse
import base64
import multiprocessing
import os
import platform
import random
import statistics
import string
import subprocess
import sys
import time
import zipfile
from pathlib import Path

LEAKSWEEP = os.environ["LEAKSWEEP"]
KINGFISHER = os.environ["KINGFISHER"]
# Peak memory is in KiB on Linux, in bytes on macOS.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024
# A start is short, and noise is not: more runs of these.
SMALL, SMALL_RUNS = 10 << 10, 4
# Exit codes that mean a finished scan, with findings or without.
FINISHED = {"leaksweep": {0, 1}, "kingfisher": {0, 200, 205}, "ripgrep": {0, 1}}


def commands(path, threads=None):
    scan = [LEAKSWEEP, "scan", "--no-progress", "--format", "json"]
    scan += ["--threads", str(threads)] if threads else []
    # Without its limit of size, under which it would leave the large file out.
    kingfisher = [KINGFISHER, "scan", "-n", "-q", "--no-update-check", "--git-history", "none"]
    kingfisher += ["--max-file-size", "0", "--extraction-depth", "4", "-f", "json"]
    return {
        "leaksweep": scan + [str(path)],
        "kingfisher": kingfisher + [str(path)],
        "ripgrep": ["rg", "-uuu", "-a", "-c", "-F", "AKIA", str(path)],
    }


def measure(tool, command):
    """Wall and CPU seconds and peak memory in MiB of one run."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in FINISHED[tool]:
        sys.exit(f"compare: exit code {child.returncode} of {' '.join(command)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * RSS_UNIT / 2**20


def medians(tools, runs):
    """Of `runs` interleaved runs of each command, after one that is not counted."""
    seen = {tool: [] for tool in tools}
    for run in range(runs + 1):
        for tool, command in tools.items():
            figures = measure(tool, command)
            if run > 0:
                seen[tool].append(figures)
    return {tool: [statistics.median(row) for row in zip(*rows)] for tool, rows in seen.items()}


def corpus_logs(folder):
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    logs = [path for path in paths if not zipfile.is_zipfile(path)]
    return logs or sys.exit(f"compare: there are no logs in {folder}")


def once(path, make):
    """Data is made beside its place and moved there when it is whole; by a process of its own,
    since what this one takes is the least that the peak of a child can read as."""
    if not path.exists():
        print(f"compare: writing {path}", file=sys.stderr)
        part = path.with_name(path.name + ".part")
        maker = multiprocessing.get_context("fork").Process(target=make, args=(part,))
        maker.start()
        maker.join()
        if maker.exitcode != 0:
            sys.exit(f"compare: could not write {part}")
        part.rename(path)
    return path


def copies(logs, size):
    """Each log again and again, until there are `size` bytes."""
    done = turn = 0
    while done < size:
        for index, log in enumerate(logs):
            text = log.read_bytes()
            yield turn, index, text
            done += len(text)
            if done >= size:
                return
        turn += 1


def write_tree(logs, size):
    def make(part):
        for turn, index, text in copies(logs, size):
            folder = part / str(turn) / str(index // 100)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{index}.txt").write_bytes(text)

    return make


def write_file(logs, size):
    def make(part):
        with part.open("wb") as out:
            for _, _, text in copies(logs, size):
                out.write(text if text.endswith(b"\n") else text + b"\n")

    return make


def write_zips(logs, size):
    """Runs of eight logs, as they come from a forge, in one archive."""

    def make(part):
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as out:
            run, entries = 0, []
            for turn, index, text in copies(logs, size):
                entries.append((f"{turn}_{index}.txt", text))
                if len(entries) == 8:
                    add_run(out, run, entries)
                    run, entries = run + 1, []
            add_run(out, run, entries)

    return make


def add_run(archive, run, entries):
    with archive.open(f"logs_{run}.zip", "w") as inner:
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
            for name, text in entries:
                out.writestr(name, text)


def write_small(logs):
    """The first lines of the first log that is long enough."""

    def make(part):
        text = next(text for log in logs if len(text := log.read_bytes()) >= SMALL)[:SMALL]
        part.write_bytes(text[: text.rfind(b"\n") + 1] or text)

    return make


# What nearly is a credential, and wakes its rule: a character of the token is missing or of another
# alphabet, the value is a variable, an address, a word.
NEAR_MISSES = [
    ("fetched ghp_", 35, ""),
    ("glpat-", 19, ""),
    ("access denied for AKIA", 15, ""),
    ("npm_", 34, " was revoked"),
    ("session eyJ", 40, "."),
    ("posting to xoxb-", 10, "-"),
    ("https://user:$", 8, "@host.example/"),
    ("password: ${{ secrets.", 8, " }}"),
    ("api_key = os.environ[", 12, "]"),
    ("datadog: see https://docs.example/", 12, ""),
]


ALPHANUMERIC = (string.ascii_letters + string.digits).encode()
# Every byte drawn becomes one of them.
TO_ALPHANUMERIC = bytes(ALPHANUMERIC[byte % len(ALPHANUMERIC)] for byte in range(256))


def near_misses(rng):
    misses = [(before.encode(), length, after.encode() + b"\n") for before, length, after in NEAR_MISSES]
    while True:
        drawn, lines = rng.randbytes(1 << 20).translate(TO_ALPHANUMERIC), []
        at = 0
        while at < len(drawn) - 64:
            before, length, after = rng.choice(misses)
            lines += before, drawn[at : at + length], after
            at += length
        yield b"".join(lines)


def endless(rng):
    """No line end, no space, and nothing twice."""
    while True:
        yield base64.b64encode(rng.randbytes(3 << 20))


def write_text(make, size):
    def write(part):
        chunks, left = make(random.Random(7)), size
        with part.open("wb") as out:
            while left > 0:
                left -= out.write(next(chunks)[:left])

    return write


HOSTILE = {"a near-miss on every line": near_misses, "one endless token": endless}


def table(title, size, figures):
    print(f"\n### {title} ({size / 1e6:,.2f} MB)\n")
    print("| | wall | CPU | CPU/wall | peak | MB/s | wall : leaksweep | CPU : leaksweep |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    own_wall, own_cpu, _ = figures["leaksweep"]
    for tool, (wall, cpu, memory) in figures.items():
        print(
            f"| {tool} | {wall * 1e3:,.1f} ms | {cpu * 1e3:,.1f} ms | {cpu / wall:.2f} | {memory:.0f} MiB "
            f"| {size / wall / 1e6:,.0f} | {wall / own_wall:.2f} × | {cpu / own_cpu:.2f} × |"
        )
    sys.stdout.flush()


def hostile_table(work, runs, only):
    kinds = {name: make for name, make in HOSTILE.items() if only in f"hostile {name}"}
    if not kinds:
        return
    print("\n### Hostile logs, one thread\n")
    print("| | 10 MB | 100 MB | 1 GB | MB/s | 100 MB costs | 1 GB costs |\n|---|--:|--:|--:|--:|--:|--:|")
    for name, make in kinds.items():
        walls = []
        for megabytes in (10, 100, 1000):
            path = once(work / f"{name.replace(' ', '-')}-{megabytes}.log", write_text(make, megabytes * 10**6))
            scan = {"leaksweep": commands(path, threads=1)["leaksweep"]}
            walls.append(medians(scan, runs)["leaksweep"][0])
        small, middle, large = walls
        seconds = " | ".join(f"{wall:.2f} s" for wall in walls)
        print(f"| {name} | {seconds} | {1000 / large:.0f} | {middle / small:.1f} × | {large / small:.0f} × |")
        sys.stdout.flush()


def size_of(path):
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def version(tool):
    said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True)
    return said.stdout.splitlines()[0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--only", default="", help="a word of the title: only these tables")
    given = parser.parse_args()

    logs, size, work = corpus_logs(given.corpus), given.megabytes * 10**6, given.work
    kinds = [
        ("Tree of logs", f"tree-{given.megabytes}", write_tree(logs, size), given.runs),
        ("One file", f"file-{given.megabytes}.log", write_file(logs, size), given.runs),
        ("Zip of run zips", f"runs-{given.megabytes}.zip", write_zips(logs, size), given.runs),
        ("Small log", "small.log", write_small(logs), SMALL_RUNS * given.runs),
    ]
    tools = ", ".join(map(version, (LEAKSWEEP, KINGFISHER, "rg")))
    print(f"{tools}; {platform.machine()}, {os.cpu_count()} cores; medians of {given.runs} interleaved runs")
    print(f"({SMALL_RUNS * given.runs} of the small log). Peaks below that of Python, which starts them, read as its own.")
    for title, name, make, runs in kinds:
        if given.only in title:
            path = once(work / name, make)
            tools = commands(path)
            if path.suffix == ".zip":
                # It does not look into archives.
                del tools["ripgrep"]
            table(title, size_of(path), medians(tools, runs))
    hostile_table(work, given.runs, given.only)


if __name__ == "__main__":
    main()
