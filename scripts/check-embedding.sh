#!/bin/sh
# Builds a small package that imports RootfsCompose, as the README's example writes it, and compares the digest of the
# image it makes with the program's. Takes minutes: the package builds everything anew.
#
#   scripts/check-embedding.sh [RECIPE] [MIRROR]
#
# RECIPE is recipes/static.yaml by default; MIRROR is a URL or a folder, the machine's own where there is none.
set -eu
project=$(cd "$(dirname "$0")/.." && pwd)
recipe=$(realpath "${1:-$project/recipes/static.yaml}")
if [ -n "${2:-}" ]; then
  DHI_DEBIAN_MIRROR=$2
  export DHI_DEBIAN_MIRROR
fi
platform=linux/amd64

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/embedder/Sources/embedder"

cat >"$scratch/embedder/Package.swift" <<END
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "embedder",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "dhi-compose", path: "$project")],
  targets: [
    .executableTarget(
      name: "embedder",
      dependencies: [.product(name: "RootfsCompose", package: "dhi-compose")])
  ]
)
END

# The README's own words, with this run's places in the stead of its paths.
awk '/^```swift$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$project/README.md" |
  sed -e "s|recipes/python.yaml|$recipe|" -e "s|/var/cache/dhi-compose|$scratch/store|" \
    -e "s|\"out/python\"|\"$scratch/library\"|" >"$scratch/embedder/Sources/embedder/main.swift"
if ! grep -q '^import RootfsCompose$' "$scratch/embedder/Sources/embedder/main.swift"; then
  echo "README.md: holds no Swift example that imports RootfsCompose" >&2
  exit 1
fi

swift build --package-path "$scratch/embedder" >&2
"$scratch/embedder/.build/debug/embedder" >"$scratch/events"
library=$(tail -n 1 "$scratch/events")

swift build --package-path "$project" --product dhi-compose >&2
program=$("$project/.build/debug/dhi-compose" build "$recipe" --platform "$platform" \
  --store "$scratch/store" --output "$scratch/program" --quiet)

if [ "$library" != "$program" ]; then
  echo "the digests differ: the library made $library, the program $program" >&2
  exit 1
fi
echo "the library and the program made $library"
