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
store=${DHI_STORE:+--store $DHI_STORE}
PATH=$prefix/bin:$PATH
export PATH

say() { echo "--- $*" >&2; }

# The recipes one a line, as `build` takes them.
recipe_files() {
  for recipe in $recipes; do
    if [ -d "$recipe" ]; then find "$recipe" -maxdepth 1 -name '*.y*ml' | LC_ALL=C sort; else echo "$recipe"; fi
  done
}

# The locks of a recipe: NAME.lock.json, or NAME.DISTRIBUTION.lock.json for each distribution that it lists.
locks_of() { ls "${1%.*}".lock.json "${1%.*}".*.lock.json 2>/dev/null || true; }

install_step() {
  if command -v dhi-compose >/dev/null; then
    say "dhi-compose $(dhi-compose --version) is on the path"
    return
  fi
  say "building dhi-compose"
  make -C "$here/.." install PREFIX="$prefix" >&2
  if [ -n "${GITHUB_PATH:-}" ]; then echo "$prefix/bin" >>"$GITHUB_PATH"; fi
}

# shellcheck disable=SC2086 # Recipes and options are words.
check_step() { dhi-compose check $recipes; }

# shellcheck disable=SC2046,SC2086
build_step() {
  set -- $(recipe_files)
  # With one recipe, the output is the image itself; by default it is where several would put it.
  place=$output/
  if [ $# = 1 ]; then place=$output/$(basename "${1%.*}"); fi
  if [ "$output" != out ] || [ $# != 1 ]; then set -- "$@" --output "$place"; fi
  dhi-compose build "$@" --locked $store ${DHI_OPTIONS:-}
}

verify_step() {
  fresh=$(mktemp -d)
  trap 'rm -rf "$fresh"' EXIT
  recipe_files | while read -r recipe; do
    name=$(basename "${recipe%.*}")
    locks_of "$recipe" | while read -r lock; do
      distribution=$(basename "$lock" .lock.json)
      distribution=${distribution#"$name"}
      image=$output/$name${distribution:+-${distribution#.}}
      say "verifying $image"
      # shellcheck disable=SC2086
      dhi-compose verify "$image" --lock "$lock" "$recipe" --store "$fresh" ${DHI_OPTIONS:-} </dev/null
    done
  done
}

base() {
  if [ -n "${DHI_BASE:-}" ]; then echo "$DHI_BASE"
  elif [ -n "${GITHUB_BASE_REF:-}" ]; then echo "origin/$GITHUB_BASE_REF"
  elif [ -n "${CI_MERGE_REQUEST_DIFF_BASE_SHA:-}" ]; then echo "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
  fi
}

diff_step() {
  base=$(base)
  mkdir -p "$(dirname "$report")"
  : >"$report.new"
  if [ -z "$base" ]; then
    say "no base to compare with; set DHI_BASE to a revision"
    rm -f "$report.new"
    return
  fi
  old=$(mktemp -d)
  trap 'rm -rf "$old"' EXIT
  recipe_files | while read -r recipe; do
    locks_of "$recipe" | while read -r lock; do
      before=$old/$(basename "$lock" .lock.json).before.lock.json
      if git show "$base:./$lock" >"$before" 2>/dev/null; then
        if cmp -s "$before" "$lock"; then continue; fi
        dhi-compose diff "$before" "$lock" --format markdown >>"$report.new"
        printf '\n' >>"$report.new"
      else
        printf '### %s\n\nNew: %s has no such lock.\n\n' "$lock" "$base" >>"$report.new"
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

# Posts the report as a comment to a URL. The token goes by a file, where no list of processes shows it.
post() {
  secret=$(mktemp)
  printf '%s\n' "$2" >"$secret"
  python3 -c 'import json, sys; print(json.dumps({"body": sys.stdin.read()[:65000]}))' <"$report" |
    curl --fail --silent --show-error --output /dev/null --header @"$secret" \
      --header 'Content-Type: application/json' --data @- "$1" || { rm -f "$secret"; return 1; }
  rm -f "$secret"
  say "commented"
}

for step in ${*:-install check build verify diff comment}; do
  case $step in
    install | check | build | verify | diff | comment) "${step}_step" ;;
    *) echo "$0: unknown step $step; expected install, check, build, verify, diff or comment" >&2; exit 64 ;;
  esac
done
