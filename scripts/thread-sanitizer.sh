#!/bin/sh
# Runs the tests of what works on several threads (pipeline, store, extraction, layers) under ThreadSanitizer, which comes
# with the Swift toolchain. Fails at any report. Builds into a folder of its own, which takes minutes the first time.
#
#   scripts/thread-sanitizer.sh [SUITE...]        # SUITE is a name such as ComposerTests
set -eu
cd "$(dirname "$0")/.."

suites_in() { # MODULE FOLDER...
  module=$1
  shift
  # shellcheck disable=SC2046
  names=$(cd "Tests/$module" && grep -rhoE '(struct|class) +[A-Za-z0-9_]+Tests\b' "$@" 2>/dev/null |
    sed 's/.* //' | sort -u | paste -sd'|' -)
  [ -z "$names" ] || printf '%s\n' "$module\\.($names)(/|\$)"
}

if [ $# -gt 0 ]; then
  pattern="\\.($(printf '%s\n' "$@" | paste -sd'|' -))(/|\$)"
else
  pattern=$( { suites_in RootfsComposeTests Pipeline Fetch Extract; suites_in OCIImageTests Layer Layout; } | paste -sd'|' -)
fi

TSAN_OPTIONS="suppressions=$PWD/scripts/thread-sanitizer.suppressions:second_deadlock_stack=1${TSAN_OPTIONS:+:$TSAN_OPTIONS}"
export TSAN_OPTIONS
exec swift test --sanitize=thread --scratch-path .build/thread-sanitizer --filter "$pattern"
