#!/usr/bin/env bash
# Puts leaksweep into the tool cache, and tells later steps where it is (`program`).
#
# What is pinned is the program itself, so that a copy in the cache is verified as a download is. Reads the
# runner's variables, BUILD_FROM_SOURCE and DOWNLOAD_URL.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
  printf '::error title=leaksweep::%s\n' "$1"
  exit 2
}

# The word that follows a name in `pins`.
pin() {
  awk -v name="$1" '$1 == name { print $2 }' "$here/pins"
}

target() {
  case "${RUNNER_OS:?}-${RUNNER_ARCH:?}" in
    Linux-X64) echo x86_64-unknown-linux-musl ;;
    Linux-ARM64) echo aarch64-unknown-linux-musl ;;
    macOS-X64) echo x86_64-apple-darwin ;;
    macOS-ARM64) echo aarch64-apple-darwin ;;
    Windows-X64) echo x86_64-pc-windows-msvc ;;
    Windows-ARM64) echo aarch64-pc-windows-msvc ;;
  esac
}

# Whether a file has this SHA-256.
matches() {
  [ -f "$1" ] || return 1
  local sum
  if command -v sha256sum >/dev/null; then
    sum=$(sha256sum <"$1")
  else
    sum=$(shasum -a 256 <"$1")
  fi
  [ "${sum%% *}" = "$2" ]
}

# Over TLS alone, but for this machine.
download() {
  local protocol='=https'
  case "$1" in
    http://127.0.0.1:* | http://localhost:*) protocol='=http' ;;
  esac
  curl --proto "$protocol" --proto-redir "$protocol" --fail --silent --show-error --location --retry 3 \
    --output "$2" -- "$1"
}

install_release() {
  local target version sum url folder asset
  target=$(target)
  [ -n "$target" ] || fail "there is no release for $RUNNER_OS on $RUNNER_ARCH: use build-from-source"
  version=$(pin version)
  sum=$(pin "$target")
  if [ -z "$version" ] || [ -z "$sum" ]; then
    fail "action/pins names no release for $target: use build-from-source"
  fi
  folder=${RUNNER_TOOL_CACHE:?}/leaksweep/$version/$target
  program=$folder/leaksweep$suffix
  if matches "$program" "$sum"; then
    echo "leaksweep $version is in the tool cache"
    return
  fi
  url=${DOWNLOAD_URL:-$(pin url)}
  asset=leaksweep-$target$suffix
  mkdir -p "$folder"
  # Beside its place, so that it is never there in part.
  unverified=$(mktemp "$folder/download.XXXXXX")
  trap 'rm -f "$unverified"' EXIT
  download "$url/v$version/$asset" "$unverified" || fail "$asset could not be downloaded"
  matches "$unverified" "$sum" || fail "$asset does not have the SHA-256 that this commit pins: it is not used"
  chmod 755 "$unverified"
  mv -f "$unverified" "$program"
  echo "leaksweep $version was downloaded and has the pinned SHA-256"
}

build() {
  command -v cargo >/dev/null || fail 'build-from-source needs cargo: install Rust first'
  cargo install --locked --quiet --path "$here/.." --root "${RUNNER_TEMP:?}/leaksweep-built"
  program=$RUNNER_TEMP/leaksweep-built/bin/leaksweep$suffix
}

suffix=
if [ "${RUNNER_OS:?}" = Windows ]; then suffix=.exe; fi
case "${BUILD_FROM_SOURCE:-false}" in
  true) build ;;
  false) install_release ;;
  *) fail 'build-from-source is neither true nor false' ;;
esac
printf 'program=%s\n' "$program" >>"${GITHUB_OUTPUT:?}"
