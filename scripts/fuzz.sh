#!/bin/sh
# Fuzzes the parsers with libFuzzer and AddressSanitizer, which come with the Swift toolchain.
#
#   scripts/fuzz.sh [TARGET...] [SECONDS]      # all targets, 600 seconds each, by default: nearly two hours
#   scripts/fuzz.sh --list
#
# An input that crashes, hangs (over 10 seconds), or takes over 2 GiB is kept in Fuzz/.findings/TARGET and fails the run.
# To see one again: Fuzz/.build/release/Fuzz TARGET FILE. What a run learns is kept in Fuzz/.build/corpus; the seeds in
# Fuzz/Corpus stay as they are.
set -eu
project=$(cd "$(dirname "$0")/.." && pwd)
fuzz=$project/Fuzz
program=$fuzz/.build/release/Fuzz

# Every target but kept-index has a folder of seeds.
targets() { { ls "$fuzz/Corpus"; echo kept-index; } | sort; }

seconds=600
chosen=
for word in "$@"; do
  case $word in
    --list) targets; exit 0 ;;
    -h | --help) sed -n '2,/^set/{s/^# \{0,1\}//p;}' "$0"; exit 0 ;;
    -*) echo "$word: no such option; see $0 --help" >&2; exit 64 ;;
    *[!0-9]*) chosen="$chosen $word" ;;
    *) seconds=$word ;;
  esac
done

for target in $chosen; do
  if ! targets | grep -qx -e "$target"; then
    echo "$target: no such target; there are: $(targets | tr '\n' ' ')" >&2
    exit 64
  fi
done
swift build --package-path "$fuzz" -c release >&2

failed=
for target in ${chosen:-$(targets)}; do
  findings=$fuzz/.findings/$target
  learnt=$fuzz/.build/corpus/$target
  mkdir -p "$findings" "$learnt"
  seeds=$fuzz/Corpus/$target
  [ -d "$seeds" ] || seeds=
  if [ "$target" = kept-index ]; then
    # Their form changes with the parser's version, so that seeds are made of the indexes' own.
    for index in "$fuzz"/Corpus/debian-index/* "$fuzz"/Corpus/alpine-index/*; do
      "$program" keep "$index" "$learnt/$(basename "$(dirname "$index")")-$(basename "$index")" || true
    done
  fi
  echo "$target: $seconds seconds" >&2
  if "$program" "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -len_control=50 \
    -dict="$fuzz/Dictionaries/${target%%-*}.dict" -artifact_prefix="$findings/" -print_final_stats=1 \
    "$learnt" ${seeds:+"$seeds"} >"$findings/log" 2>&1; then
    grep -E '^(Done|stat::(number_of_executed_units|peak_rss_mb))' "$findings/log"
  else
    failed="$failed $target"
    tail -n 40 "$findings/log" >&2
  fi
done
if [ -n "$failed" ]; then
  echo "failed:$failed; the inputs are in $fuzz/.findings" >&2
  exit 1
fi
