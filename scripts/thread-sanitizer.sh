#!/bin/sh
# Runs the tests of what works on several threads (pipeline, store, extraction, layers) under ThreadSanitizer, which comes
# with the Swift toolchain. Fails at any report. Builds into a folder of its own, which takes minutes the first time.
#
#   scripts/thread-sanitizer.sh [SUITE...]        # SUITE is a name such as ComposerTests
#
# libswiftSynchronization is not instrumented: thread-sanitizer/mutex.c says of Mutex what it would.
set -eu
cd "$(dirname "$0")/.."
build=.build/thread-sanitizer

suites_in() { # MODULE FOLDER...
  module=$1
  shift
  names=$(cd "Tests/$module" && grep -rhoE '(struct|class) +[A-Za-z0-9_]+Tests\b' "$@" |
    sed 's/.* //' | sort -u | paste -sd'|' -)
  printf '%s\n' "$module\\.($names)(/|\$)"
}

if [ $# -gt 0 ]; then
  pattern="\\.($(printf '%s\n' "$@" | paste -sd'|' -))(/|\$)"
else
  pattern=$( { suites_in RootfsComposeTests Pipeline Fetch Extract; suites_in OCIImageTests Layer Layout; } | paste -sd'|' -)
fi

swift build --build-tests --sanitize=thread --scratch-path "$build"
clang=$(dirname "$(command -v swift)")/clang
[ -x "$clang" ] || clang=clang
"$clang" -O1 -Wall -Wextra -Werror -fPIC -shared scripts/thread-sanitizer/mutex.c -o "$build/mutex.so" -ldl

TSAN_OPTIONS="suppressions=$PWD/scripts/thread-sanitizer/suppressions${TSAN_OPTIONS:+:$TSAN_OPTIONS}"
LD_PRELOAD="$PWD/$build/mutex.so"
export TSAN_OPTIONS LD_PRELOAD
exec swift test --skip-build --sanitize=thread --scratch-path "$build" --filter "$pattern"
