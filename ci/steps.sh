#!/bin/sh
# The steps of a job that builds images, verifies them and tells what changed: `steps.sh STEP`, or all of them in their
# order. The GitHub action and the GitLab template run these and nothing else; by hand they do the same.
#
#   install   puts the program on the path, built from the source that holds this file where there is none
#   check     validates the recipes
#   build     builds the images that the locks record; a recipe without a lock is refused
#   verify    rebuilds each image from its lock, with an empty store, and compares
#   diff      says what changed since the locks of BASE, as Markdown
#   comment   puts that under the pull or merge request
#
# Settings, all optional, from the environment:
#   DHI_RECIPES  recipe files or folders, with spaces between them; recipes
#   DHI_OUTPUT   folder of the images; out
#   DHI_BASE     the revision whose locks are compared with; origin/$GITHUB_BASE_REF or the merge request's
#   DHI_REPORT   file of the comparison; $DHI_OUTPUT/changes.md
#   DHI_OPTIONS  more options for build and verify, such as --platform linux/amd64
#   DHI_STORE    what builds keep; a CI cache may keep it, for every file is checked when it is read
#   DHI_PREFIX   where the program is installed; ~/.local
set -eu

here=$(cd "$(dirname "$0")" && pwd)
recipes=${DHI_RECIPES:-recipes}
output=${DHI_OUTPUT:-out}
report=${DHI_REPORT:-$output/changes.md}
prefix=${DHI_PREFIX:-${HOME:-/root}/.local}
PATH=$prefix/bin:$PATH
export PATH

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { echo "--- $*" >&2; }

# The recipes one a line, as `build` takes them.
recipe_files() {
  for recipe in $recipes; do
    if [ -d "$recipe" ]; then
      find "$recipe" -maxdepth 1 ! -name '.*' \( -name '*.yaml' -o -name '*.yml' \) | LC_ALL=C sort
    else
      printf '%s\n' "$recipe"
    fi
  done
}

# The locks of a recipe, one a line: NAME.lock.json, or NAME.DISTRIBUTION.lock.json for each distribution that it lists.
# python3.12.lock.json is none of python3.yaml's.
locks_of() {
  for lock in "${1%.*}".lock.json "${1%.*}".debian-*.lock.json "${1%.*}".alpine-*.lock.json; do
    if [ -e "$lock" ]; then printf '%s\n' "$lock"; fi
  done
}

# Where the image of a recipe and its lock goes.
image_of() {
  name=$(basename "${1%.*}")
  distribution=$(basename "$2" .lock.json)
  distribution=${distribution#"$name"}
  printf '%s\n' "$output/$name${distribution:+-${distribution#.}}"
}

# What the steps need of the machine, installed where that is possible: images of compilers lack most of it.
install_tools() {
  missing=
  for tool in "$@"; do command -v "$tool" >/dev/null || missing="$missing $tool"; done
  if [ -z "$missing" ]; then return; fi
  if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    say "not on the path:$missing; install them"
    return 1
  fi
  say "installing$missing"
  apt-get update -qq >&2
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates $missing >/dev/null
}

install_step() {
  install_tools git curl python3
  if command -v dhi-compose >/dev/null; then
    say "dhi-compose $(dhi-compose --version) is on the path"
    return
  fi
  install_tools make
  say "building dhi-compose"
  make -C "$here/.." install PREFIX="$prefix" >&2
  if [ -n "${GITHUB_PATH:-}" ]; then echo "$prefix/bin" >>"$GITHUB_PATH"; fi
}

# shellcheck disable=SC2086 # Recipes and options are words.
check_step() { dhi-compose check $recipes; }

# shellcheck disable=SC2086
build_step() {
  files=$(recipe_files)
  words=$IFS
  # A file a line: its name may hold spaces.
  IFS='
'
  set -f
  set -- $files
  set +f
  IFS=$words
  # With one image, the output is the image itself; by default it is where several would put it.
  place=$output/
  if [ $# = 1 ]; then
    locks=$(locks_of "$1")
    if [ "$(printf '%s\n' "$locks" | wc -l)" -le 1 ]; then
      place=$(image_of "$1" "${locks:-${1%.*}.lock.json}")
    fi
  fi
  if [ "$output" != out ] || [ $# != 1 ]; then set -- "$@" --output "$place"; fi
  if [ -n "${DHI_STORE:-}" ]; then set -- "$@" --store "$DHI_STORE"; fi
  dhi-compose build "$@" --locked ${DHI_OPTIONS:-}
}

verify_step() {
  recipe_files | while read -r recipe; do
    if [ -z "$(locks_of "$recipe")" ]; then
      say "$recipe has no lock; dhi-compose lock makes one"
      echo "$recipe" >>"$scratch/failed"
    fi
    locks_of "$recipe" | while read -r lock; do
      image=$(image_of "$recipe" "$lock")
      say "verifying $image"
      # shellcheck disable=SC2086
      dhi-compose verify "$image" --lock "$lock" "$recipe" --store "$scratch/store" ${DHI_OPTIONS:-} \
        </dev/null || echo "$image" >>"$scratch/failed"
    done
  done
  if [ -e "$scratch/failed" ]; then
    say "not verified: $(tr '\n' ' ' <"$scratch/failed")"
    return 1
  fi
}

base() {
  if [ -n "${DHI_BASE:-}" ]; then echo "$DHI_BASE"
  elif [ -n "${GITHUB_BASE_REF:-}" ]; then echo "origin/$GITHUB_BASE_REF"
  elif [ -n "${CI_MERGE_REQUEST_DIFF_BASE_SHA:-}" ]; then echo "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
  fi
}

# A lock's heading. Its name is the word of whoever made the request, and is to be no markup.
heading() { printf '### %s\n\n' "$(printf '%s' "$1" | LC_ALL=C tr -c 'A-Za-z0-9/._+ -' '?')"; }

# A job's clone may belong to another user than the job's.
repository() { git -c safe.directory='*' "$@"; }

diff_step() {
  base=$(base)
  if [ -z "$base" ]; then
    say "no base to compare with; set DHI_BASE to a revision"
    return
  fi
  # Without it, every lock would pass for new.
  if ! repository rev-parse --verify --quiet "$base^{commit}" >/dev/null; then
    say "$base is no revision of this clone; fetch it, for example with a clone of full depth"
    return 1
  fi
  old=$scratch/old
  mkdir -p "$old" "$(dirname "$report")"
  : >"$report.new"
  recipe_files | while read -r recipe; do
    locks_of "$recipe" | while read -r lock; do
      before=$old/$(basename "$lock" .lock.json).before.lock.json
      if repository -C "$(dirname "$lock")" show "$base:./$(basename "$lock")" >"$before" 2>/dev/null; then
        if cmp -s "$before" "$lock"; then continue; fi
        dhi-compose diff "$before" "$lock" --format markdown >>"$report.new"
        printf '\n' >>"$report.new"
      else
        heading "$lock" >>"$report.new"
        printf 'New: %s has no such lock.\n\n' "$base" >>"$report.new"
      fi
    done
  done
  if [ ! -s "$report.new" ]; then echo "No lock has changed since $base." >"$report.new"; fi
  mv "$report.new" "$report"
  say "what changed is in $report"
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$report" >>"$GITHUB_STEP_SUMMARY"; fi
}

comment_step() {
  if [ ! -s "$report" ]; then
    say "nothing to comment"
  elif [ -n "${GITHUB_TOKEN:-}" ] && [ -n "${DHI_PULL_REQUEST:-}" ]; then
    url=$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/$DHI_PULL_REQUEST/comments
    post "$url" "Authorization: Bearer $GITHUB_TOKEN"
  elif [ -n "${GITLAB_TOKEN:-}" ] && [ -n "${CI_MERGE_REQUEST_IID:-}" ]; then
    url=$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes
    post "$url" "PRIVATE-TOKEN: $GITLAB_TOKEN"
  else
    say "no request to comment on; it needs a token and the number of a pull or merge request"
    cat "$report"
  fi
}

# Posts the report as a comment to a URL. The token goes by a file of a folder of our own, where no list of processes shows it.
post() {
  secret=$scratch/secret
  printf '%s\n' "$2" >"$secret"
  python3 -c 'import json, sys; print(json.dumps({"body": sys.stdin.read()[:65000]}))' <"$report" |
    curl --fail --silent --show-error --output /dev/null --header @"$secret" \
      --header 'Content-Type: application/json' --data @- "$1"
  rm -f "$secret"
  say "commented"
}

for step in ${*:-install check build verify diff comment}; do
  case $step in
    install | check | build | verify | diff | comment) "${step}_step" ;;
    *) echo "$0: unknown step $step; expected install, check, build, verify, diff or comment" >&2; exit 64 ;;
  esac
done
