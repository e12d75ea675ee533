#!/bin/sh
# Installs the Debian packages that building (`build`), testing (`test`) or judging the resolver from outside (`judge`)
# needs and this machine lacks.
# Where apt or the right to use it is missing, names them and stops.
set -eu

build_packages="libarchive-dev libcurl4-openssl-dev libdeflate-dev liblzma-dev libssl-dev libzstd-dev zlib1g-dev pkg-config gpgv ca-certificates"
test_packages="gnupg openssl python3 python3-venv skopeo umoci runc e2fsprogs graphviz libarchive-tools zstd xz-utils bzip2 tar"
judge_packages="python3 python3-apt minisat xz-utils"

case "${1:-}" in
  build) wanted=$build_packages ;;
  test) wanted="$build_packages $test_packages" ;;
  judge) wanted="$build_packages $judge_packages" ;;
  *) echo "usage: $0 build|test|judge" >&2; exit 64 ;;
esac

if ! command -v swift >/dev/null 2>&1; then
  echo "swift: not found; install Swift 6.2 or later (https://www.swift.org/install/) and put it on PATH" >&2
  exit 69
fi

installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if command -v dpkg-query >/dev/null 2>&1; then
  missing=
  for package in $wanted; do
    installed "$package" || missing="$missing $package"
  done
  [ -z "$missing" ] && exit 0
  if [ "$(id -u)" = 0 ]; then as_root=
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root=sudo
  else
    echo "missing packages:$missing" >&2
    echo "install them as root:  apt-get install$missing" >&2
    exit 69
  fi
  echo "installing:$missing" >&2
  $as_root apt-get update -qq
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
  exit 0
fi

missing=
for library in libarchive libcurl libcrypto libdeflate liblzma libzstd zlib; do
  pkg-config --exists "$library" 2>/dev/null || missing="$missing $library"
done
command -v gpgv >/dev/null 2>&1 || command -v sqv >/dev/null 2>&1 || missing="$missing gpgv-or-sqv"
if [ -n "$missing" ]; then
  echo "missing, by pkg-config or program name:$missing" >&2
  echo "on Debian and Ubuntu these are:  $wanted" >&2
  exit 69
fi
