#!/usr/bin/env bash
# Runs leaksweep as the inputs say. Every word reaches it as one argument: no shell reads it.
set -euo pipefail

fail() {
  printf '::error title=leaksweep::%s\n' "$1"
  exit 2
}

# With `=`, so that no value is taken for an option. leaksweep itself refuses what its command does not know.
option() {
  if [ -n "$2" ]; then arguments+=("--$1=$2"); fi
}

flag() {
  case "$2" in
    true) arguments+=("--$1") ;;
    false | '') ;;
    *) fail "$1 is neither true nor false" ;;
  esac
}

# Each line of a text as one argument.
lines() {
  local line
  while IFS= read -r line; do
    line=${line%$'\r'}
    if [ -n "$line" ]; then arguments+=("$line"); fi
  done <<<"$1"
}

report_to() {
  printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:?}"
}

case "$COMMAND" in
  guard | scan | purge | trace) ;;
  install)
    dirname "$PROGRAM" >>"${GITHUB_PATH:?}"
    exit 0
    ;;
  *) fail 'command is none of guard, scan, purge, trace and install' ;;
esac
# An empty key would be refused; empty tokens are as none.
if [ -z "${LEAKSWEEP_FINGERPRINT_KEY:-}" ]; then unset LEAKSWEEP_FINGERPRINT_KEY; fi

arguments=("$COMMAND")
folder=$(mktemp -d "${RUNNER_TEMP:?}/leaksweep.XXXXXX")
option repo "$REPO"
option run "$RUN"
option org "$ORG"
option older-than "$OLDER_THAN"
option since "$SINCE"
option fail-on "$FAIL_ON"
option config "$CONFIG"
option state "$STATE"
flag delete-logs "$DELETE_LOGS"
flag contain "$CONTAIN"
flag dry-run "$DRY_RUN"
flag yes "$YES"
case "$FAIL_ON_FINDINGS" in
  true | false) ;;
  *) fail 'fail-on-findings is neither true nor false' ;;
esac

report=$folder/report.json
report_to report "$report"
case "$COMMAND" in
  guard | scan)
    report_to sarif "$folder/leaksweep.sarif"
    option report "json=$report"
    option report "sarif=$folder/leaksweep.sarif"
    ;;
  trace)
    report_to page "$folder/trace.html"
    option report "json=$report"
    option report "html=$folder/trace.html"
    ;;
esac
lines "$MORE"

code=0
case "$COMMAND" in
  guard)
    "$PROGRAM" "${arguments[@]}" "--report=github=$folder/annotations" || code=$?
    if [ -f "$folder/annotations" ]; then cat "$folder/annotations"; fi
    ;;
  scan)
    # A path that begins with a dash is a path all the same.
    arguments+=(--format=github --no-progress --)
    lines "$PATHS"
    "$PROGRAM" "${arguments[@]}" || code=$?
    ;;
  trace)
    arguments+=(--no-progress --)
    lines "$PATHS"
    "$PROGRAM" "${arguments[@]}" || code=$?
    ;;
  purge)
    "$PROGRAM" "${arguments[@]}" --format=json >"$report" || code=$?
    cat "$report"
    ;;
esac
if [ "$code" = 1 ] && [ "$FAIL_ON_FINDINGS" = false ]; then code=0; fi
exit "$code"
