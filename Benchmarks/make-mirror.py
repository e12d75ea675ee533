#!/usr/bin/python3
"""Makes local mirrors that hold exactly the packages of a set, signed by a key made for it.

    Benchmarks/make-mirror.py [--folder DIR] [SET...]
    Benchmarks/make-mirror.py --name NAME --suite SUITE [--arch ARCH...] --packages PACKAGE...

A set is resolved by dhi-compose itself from the machine's own apt sources, or from --mirror. DIR/SET then holds mirror/
(dists and pool), key.asc, a recipe that uses both, and set.json, which says what is there. A set that is there already
stays as it is. Without a SET, those that the benchmarks need: see --list.
Needs dhi-compose in release form, dpkg-deb, gpg and xz.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = PROJECT / "Benchmarks/.mirrors"
RELEASES = {"bookworm": "debian12", "trixie": "debian13"}

PYTHON = ["python3", "ca-certificates", "tzdata", "netbase", "base-files"]
# For images of many kinds: small ones, interpreters, and what dev variants add.
MANY = PYTHON + ["bash", "coreutils", "busybox", "curl", "wget", "git", "perl", "sqlite3", "openssl", "media-types",
                 "less", "jq", "rsync", "xz-utils", "zstd"]
# About 1 GB unpacked.
LARGE = ["openjdk-17-jdk-headless", "llvm-14", "clang-14", "lld-14", "libllvm14", "llvm-14-dev", "base-files",
         "ca-certificates", "tzdata"]
SETS = {
    "python-bookworm": ("bookworm", ["amd64"], PYTHON),
    "python-trixie": ("trixie", ["amd64"], PYTHON),
    "many-bookworm": ("bookworm", ["amd64", "arm64"], MANY),
    "large-bookworm": ("bookworm", ["amd64"], LARGE),
}

RECIPE = """\
# syntax=dhi.io/build:2-{release}
name: {name}
image: benchmark/{name}
platforms: [{platforms}]
variant: {variant}
contents:
  repositories: ["deb file://{mirror} {suite} main"]
  keyring: ["{key}"]
  packages: [{packages}]
accounts:
  root: true
  run-as: nonroot
  users: [{{name: nonroot, uid: 65532, gid: 65532}}]
  groups: [{{name: nonroot, gid: 65532, members: [nonroot]}}]
"""


def recipe(name, suite, architectures, packages, mirror, key, variant="runtime"):
    return RECIPE.format(
        name=name, release=RELEASES[suite], suite=suite, variant=variant, mirror=mirror, key=key,
        platforms=", ".join(f"linux/{architecture}" for architecture in architectures),
        packages=", ".join(json.dumps(package) for package in packages))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help="of " + ", ".join(SETS))
    parser.add_argument("--folder", type=pathlib.Path, default=FOLDER)
    parser.add_argument("--list", action="store_true", help="name the sets and their packages")
    parser.add_argument("--name", help="a set of your own")
    parser.add_argument("--suite", choices=RELEASES, default="bookworm")
    parser.add_argument("--arch", nargs="+", default=["amd64"])
    parser.add_argument("--packages", nargs="+", metavar="PACKAGE")
    parser.add_argument("--mirror", help="mirror to take the packages from, in place of the machine's own")
    parser.add_argument("--security-mirror")
    parser.add_argument("--program", default=os.environ.get("DHI_COMPOSE", str(PROJECT / ".build/release/dhi-compose")))
    options = parser.parse_args()
    if bool(options.name) != bool(options.packages):
        parser.error("--name and --packages go together")
    for name in options.sets:
        if name not in SETS:
            parser.error(f"{name}: no such set; there are {', '.join(SETS)}")
    if not shutil.which(options.program):
        parser.error(f"{options.program}: no such program; make build")
    for tool in ("dpkg-deb", "gpg", "xz"):
        if not shutil.which(tool):
            parser.error(f"{tool}: not found")
    return options


def main():
    options = arguments()
    if options.list:
        for name, (suite, architectures, packages) in SETS.items():
            print(f"{name}: {suite} for {', '.join(architectures)}: {' '.join(packages)}")
        return
    if options.name:
        wanted = {options.name: (options.suite, options.arch, options.packages)}
    else:
        wanted = {name: SETS[name] for name in options.sets or SETS}
    for name, (suite, architectures, packages) in wanted.items():
        target = options.folder / name
        if not (target / "set.json").exists():
            shutil.rmtree(target, ignore_errors=True)
            make(options, target, name, suite, architectures, packages)
        with open(target / "set.json") as file:
            made = json.load(file)
        for architecture, files in made["files"].items():
            print(f"{target}: {architecture}: {len(files)} packages, "
                  f"{sum(entry['size'] for entry in files) / 1e6:.1f} MB packed")


def make(options, target, name, suite, architectures, packages):
    staged = target.with_name(name + ".new")
    shutil.rmtree(staged, ignore_errors=True)
    mirror = staged / "mirror"
    mirror.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        files = resolve(options, pathlib.Path(scratch), mirror, name, suite, architectures, packages)
        for architecture in architectures:
            write_index(mirror, suite, architecture, files[architecture])
        write_release(mirror, suite, architectures)
        sign(pathlib.Path(scratch), mirror / "dists" / suite, staged / "key.asc")
    final = target.resolve()
    (staged / "recipe.yaml").write_text(
        recipe(name, suite, architectures, packages, final / "mirror", final / "key.asc"))
    with open(staged / "set.json", "w") as file:
        json.dump({"name": name, "suite": suite, "packages": packages, "files": files}, file, indent=1)
    staged.rename(target)


def resolve(options, scratch, mirror, name, suite, architectures, packages):
    """The files of the set for each architecture, copied to where their URLs have them below the archive."""
    text = re.sub(r"  (repositories|keyring): .*\n", "", recipe(name, suite, architectures, packages, "", ""))
    (scratch / "recipe.yaml").write_text(text)
    command = [options.program, "lock", "recipe.yaml", "--store", "store", "--compression", "none", "--quiet"]
    if options.mirror:
        command += ["--mirror", options.mirror]
    if options.security_mirror:
        command += ["--security-mirror", options.security_mirror]
    print(f"{name}: resolving and fetching", file=sys.stderr)
    if subprocess.run(command, cwd=scratch, stdout=subprocess.DEVNULL).returncode != 0:
        sys.exit(f"{name}: cannot be resolved; see above")
    with open(scratch / "recipe.lock.json") as file:
        platforms = json.load(file)["platforms"]
    files = {}
    for platform, content in platforms.items():
        entries = []
        for package in content["packages"]:
            digest = package["digest"].split(":")[1]
            path = package["url"][package["url"].index("/pool/") + 1:]
            if ".." in path.split("/"):
                sys.exit(f"{path}: leaves the mirror")
            (mirror / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(scratch / "store/sha256" / digest[:2] / digest, mirror / path)
            entries.append({"path": path, "size": os.path.getsize(mirror / path), "sha256": digest,
                            "name": package["name"], "version": package["version"]})
        files[platform.split("/")[1]] = sorted(entries, key=lambda entry: entry["path"])
    return files


def write_index(mirror, suite, architecture, files):
    folder = mirror / "dists" / suite / "main" / f"binary-{architecture}"
    folder.mkdir(parents=True)
    stanzas = []
    for entry in files:
        control = subprocess.run(["dpkg-deb", "--field", mirror / entry["path"]], check=True, capture_output=True,
                                 text=True).stdout.rstrip("\n")
        stanzas.append(f"{control}\nFilename: {entry['path']}\nSize: {entry['size']}\nSHA256: {entry['sha256']}\n")
    (folder / "Packages").write_text("\n".join(stanzas))
    subprocess.run(["xz", "-6", "--keep", folder / "Packages"], check=True)


def write_release(mirror, suite, architectures):
    folder = mirror / "dists" / suite
    lines = [f"Origin: benchmark\nLabel: benchmark\nSuite: {suite}\nCodename: {suite}",
             "Date: " + datetime.datetime.now(datetime.timezone.utc).strftime("%a, %d %b %Y %H:%M:%S UTC"),
             "Architectures: " + " ".join(architectures), "Components: main", "SHA256:"]
    for path in sorted(folder.glob("main/*/Packages*")):
        content = path.read_bytes()
        lines.append(f" {hashlib.sha256(content).hexdigest()} {len(content)} {path.relative_to(folder)}")
    (folder / "Release").write_text("\n".join(lines) + "\n")


def sign(scratch, folder, key):
    home = scratch / "gnupg"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", home, "--batch", "--yes", "--quiet"]
    try:
        subprocess.run([*gpg, "--passphrase", "", "--quick-gen-key", "benchmark", "ed25519", "sign", "never"],
                       check=True, capture_output=True)
        subprocess.run([*gpg, "--clearsign", "--output", folder / "InRelease", folder / "Release"], check=True)
        key.write_bytes(subprocess.run([*gpg, "--armor", "--export"], check=True, capture_output=True).stdout)
    finally:
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "gpg-agent"], capture_output=True)


if __name__ == "__main__":
    main()
