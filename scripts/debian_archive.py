"""The packages of Debian's Packages files, and what Debian's rules ask of a set of them.

Nothing here is shared with the program that is judged: stanzas, relations and versions are read by libapt (python3-apt),
and the rules are those of Debian Policy §7 and of the Multi-Arch specification, for one architecture and "all".
"""

import collections
import lzma
import sys

try:
    import apt_pkg
except ImportError:
    sys.exit("python3-apt: missing; apt-get install python3-apt, and run this with /usr/bin/python3")

apt_pkg.init_system()

Package = collections.namedtuple("Package", "name version architecture multi_arch fields")
Provider = collections.namedtuple("Provider", "package version qualifier")

RELATIONS = ("Pre-Depends", "Depends", "Conflicts", "Breaks")


def decompressed(path):
    """The bytes of a Packages file, plain, .xz or .gz."""
    if path.endswith(".gz"):
        import gzip

        opener = gzip.open
    else:
        opener = lzma.open if path.endswith(".xz") else open
    with opener(path, "rb") as file:
        return file.read()


class Archive:
    def __init__(self, paths, architecture):
        self.architecture = architecture
        self.packages = []
        self.named = collections.defaultdict(list)
        self.providers = collections.defaultdict(list)
        for path in paths:
            for section in apt_pkg.TagFile(path):
                if section["Architecture"] in (architecture, "all"):
                    self._add(section)
        self._groups = {}
        self._exclusions = {}

    def _add(self, section):
        number = len(self.packages)
        fields = {field: section[field] for field in RELATIONS if field in section}
        package = Package(
            section["Package"], section["Version"], section["Architecture"],
            section.get("Multi-Arch", "no"), fields)
        self.packages.append(package)
        self.named[package.name].append(number)
        for group in relations(section.get("Provides", "")):
            name, version, operator = group[0]
            name, _, qualifier = name.partition(":")
            if operator in ("", "="):
                self.providers[name].append(Provider(number, version if operator else None, qualifier))

    def groups(self, number):
        """The dependencies of a package: for each, the packages that meet it."""
        if number not in self._groups:
            fields = self.packages[number].fields
            self._groups[number] = [
                frozenset(hit for alternative in group for hit in self.meeting(*alternative))
                for field in ("Pre-Depends", "Depends")
                for group in relations(fields.get(field, ""))
            ]
        return self._groups[number]

    def exclusions(self, number):
        """The packages that a package's Conflicts and Breaks exclude; never one of its own name."""
        if number not in self._exclusions:
            package = self.packages[number]
            self._exclusions[number] = frozenset(
                hit
                for field in ("Conflicts", "Breaks")
                for group in relations(package.fields.get(field, ""))
                for hit in self.matching(*group[0])
                if self.packages[hit].name != package.name)
        return self._exclusions[number]

    def meeting(self, name, version, operator):
        """What meets one alternative of a dependency: ":any" takes packages marked "allowed" only."""
        for hit, qualifier in self._candidates(name, version, operator):
            if not name.endswith(":any") or qualifier == "any" or self.packages[hit].multi_arch == "allowed":
                yield hit

    def matching(self, name, version, operator):
        """What a Conflicts or Breaks relation names: ":any" means our architecture too."""
        return (hit for hit, _ in self._candidates(name, version, operator))

    def _candidates(self, name, version, operator):
        name, _, qualifier = name.partition(":")
        if qualifier not in ("", "any", "native", self.architecture):
            return
        for hit in self.named.get(name, ()):
            if not operator or apt_pkg.check_dep(self.packages[hit].version, operator, version):
                yield hit, ""
        for provider in self.providers.get(name, ()):
            if provider.qualifier not in ("", "any", "native", self.architecture):
                continue
            # Policy §7.5: a name provided without a version meets no relation that has one.
            if not operator or (
                    provider.version and apt_pkg.check_dep(provider.version, operator, version)):
                yield provider.package, provider.qualifier

    def cone(self, names):
        """Every package that a search for the names could come to, in the order come by."""
        found = dict.fromkeys(number for name in names for number in self.named[name])
        todo = list(found)
        while todo:
            for group in self.groups(todo.pop()):
                for number in sorted(group):
                    if number not in found:
                        found[number] = None
                        todo.append(number)
        return list(found)


def relations(text):
    """Groups of (NAME[:QUALIFIER], version, operator)."""
    return apt_pkg.parse_depends(text, False) if text else []
