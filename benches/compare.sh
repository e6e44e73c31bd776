#!/usr/bin/env bash
# Compares leaksweep with kingfisher and ripgrep on the same genuine logs; prints tables in Markdown.
#
#   LEAKSWEEP_CORPUS=folder-of-logs benches/compare.sh [--runs 5] [--megabytes 1000] [--only WORD]
#
# Needs ripgrep, python3 and three times the data's size on disk, under target/compare or
# $LEAKSWEEP_COMPARE. Kingfisher is installed there from PyPI unless $KINGFISHER names one.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${LEAKSWEEP_CORPUS:?set it to a folder of logs}"

work=${LEAKSWEEP_COMPARE:-target/compare}
mkdir -p "$work"
for tool in rg python3; do
  command -v "$tool" >/dev/null || { echo "compare.sh: $tool is missing" >&2; exit 1; }
done
if [ -z "${KINGFISHER:-}" ]; then
  KINGFISHER=$work/venv/bin/kingfisher
  [ -x "$KINGFISHER" ] || { python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q kingfisher-bin >&2; }
fi
if [ -z "${LEAKSWEEP:-}" ]; then
  cargo build --release --locked >&2
  LEAKSWEEP=${CARGO_TARGET_DIR:-target}/release/leaksweep
fi
export LEAKSWEEP KINGFISHER
exec python3 benches/compare.py --corpus "$LEAKSWEEP_CORPUS" --work "$work" "$@"
