import Testing

@testable import RootfsCompose

/// A recipe's errors, each held to its whole text.
struct RecipeErrorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let errors: [String]

    init(_ name: String, _ text: String, _ errors: String...) {
      self.name = name
      self.text = text
      self.errors = errors
    }

    var testDescription: String { name }
  }

  static func errors(of text: String) -> [String] {
    do throws(ComposeError) {
      _ = try Recipe(text: text, path: "r.yaml")
      return []
    } catch {
      return error.all.map(\.description)
    }
  }

  private static func recipe(_ body: String) -> String {
    "# syntax=dhi.io/build:2-debian13\n" + body + "\n"
  }

  @Test(
    arguments: keys + types + texts + paths + runtime + packages + variables + own + syntax
      + distributions)
  func errorIsToldWhole(_ test: Case) {
    #expect(Self.errors(of: test.text) == test.errors)
  }

  static let keys = [
    Case(
      "misspelt key", recipe("contents:\n  package: [bash]"),
      "r.yaml:3:3: contents: unknown key \"package\"; did you mean \"packages\"?"),
    Case(
      "misspelt key at the top", recipe("entrypiont: [bash]"),
      "r.yaml:2:1: unknown key \"entrypiont\"; did you mean \"entrypoint\"?"),
    Case(
      "key in the wrong place", recipe("packages: [bash]"),
      "r.yaml:2:1: unknown key \"packages\"; did you mean \"contents.packages\"?"),
    Case(
      "misspelt key in the wrong place", recipe("package: [bash]"),
      "r.yaml:2:1: unknown key \"package\"; did you mean \"contents.packages\"?"),
    Case(
      "start of a key", recipe("env: {A: b}"),
      "r.yaml:2:1: unknown key \"env\"; did you mean \"environment\"?"),
    Case(
      "foreign key", recipe("dates:\n  xyzzy: x"),
      "r.yaml:3:3: dates: unknown key \"xyzzy\"; known here: type, url, release, end-of-life, "
        + "end-of-support"),
    Case(
      "missing keys", recipe("accounts:\n  users:\n    - name: a"),
      "r.yaml:4:7: accounts.users[0]: the key \"uid\" is missing; add it",
      "r.yaml:4:7: accounts.users[0]: the key \"gid\" is missing; add it"),
    Case(
      "key twice", recipe("name: a\ncmd: [x]\nname: b"),
      "r.yaml:4:1: the key \"name\" stands twice, first at r.yaml:2:1; remove one"),
    Case(
      "key twice in a list's item",
      recipe("paths:\n  - type: file\n    path: /a\n    content: |\n      path: x\n    path: /b"),
      "r.yaml:7:5: the key \"path\" stands twice, first at r.yaml:4:5; remove one"),
    Case(
      "key twice on one line", recipe("labels: {a: x, a: y}"),
      "r.yaml:2:10: the key \"a\" stands twice in one mapping; remove one"),
    Case(
      "key that is a number", recipe("labels:\n  80: x"),
      "r.yaml:3:3: expected a key that is text, found the number 80; quote it: \"80\""),
  ]

  static let distributions = [
    Case(
      "no distribution listed", "compose:\n  distributions: {}\n",
      "r.yaml:2:18: compose.distributions: expected at least one distribution, found none; name one"
    ),
    Case(
      "list of distributions", "compose:\n  distributions: [debian-13]\n",
      "r.yaml:2:18: compose.distributions: expected a mapping, found a list"),
    Case(
      "distribution without words", "compose:\n  distributions:\n    debian-13:\n",
      "r.yaml:3:15: compose.distributions.debian-13: expected a mapping, found nothing"),
    Case(
      "unknown distributions",
      "compose:\n  distributions:\n    debain-13: {}\n    debian-99: {}\n    debian-13: {}\n",
      "r.yaml:3:5: compose.distributions: expected a distribution such as \"debian-13\" or "
        + "\"alpine-3.22\", found \"debain-13\"",
      "r.yaml:4:5: compose.distributions: unknown distribution \"debian-99\"; expected debian-12, "
        + "debian-13, or an Alpine 3.x release such as alpine-3.22"),
    Case(
      "distribution twice", "compose:\n  distributions:\n    debian-13: {}\n    debian-13: {}\n",
      "r.yaml:4:5: the key \"debian-13\" stands twice, first at r.yaml:3:5; remove one"),
    Case(
      "distribution in several places",
      recipe("compose:\n  distribution: debian-13\n  distributions: {debian-13: {}}"),
      "r.yaml:1:10: syntax: names one distribution, and compose.distributions names those the "
        + "recipe is for; remove the line",
      "r.yaml:3:3: compose.distribution: names one distribution, and compose.distributions names "
        + "those the recipe is for; remove one"),
    Case(
      "source of one distribution for all",
      "compose:\n  mirror: /srv\n  distributions: {debian-13: {}}\n",
      "r.yaml:2:3: compose.mirror: is one distribution's; write it below compose.distributions.NAME"
    ),
    Case(
      "words that do not differ",
      "compose:\n  distributions:\n    debian-13: {environment: {A: b}, package: [x]}\n",
      "r.yaml:3:17: compose.distributions.debian-13: unknown key \"environment\"; it is the same "
        + "for all: write it at the top, with ${NAME} where words differ",
      "r.yaml:3:38: compose.distributions.debian-13: unknown key \"package\"; did you mean "
        + "\"packages\"?"),
    Case(
      "variable of one distribution used by all",
      "name: ${A}\ncmd: 1\ncompose:\n  distributions:\n    debian-13: {vars: {A: x}}\n"
        + "    alpine-3.22: {packages: ['${B}']}\n",
      "r.yaml:1:7: name: unknown variable \"A\"; define it under \"vars\" (for alpine-3.22)",
      "r.yaml:2:6: cmd: expected a list, found the number 1",
      "r.yaml:6:30: compose.distributions.alpine-3.22.packages[0]: unknown variable \"B\"; "
        + "define it under \"vars\""),
    Case(
      "variables in a circle with one distribution's",
      "vars: {A: '${B}', B: x}\ncompose:\n  distributions:\n    debian-13: {}\n"
        + "    alpine-3.22: {vars: {B: '${A}'}}\n",
      "r.yaml:1:8: vars.A: uses itself: A → B → A; break the circle (for alpine-3.22)"),
  ]

  static let types = [
    Case(
      "number for text", recipe("vars:\n  VERSION: 1.10"),
      "r.yaml:3:12: vars.VERSION: expected text, found the number 1.10; quote it: \"1.10\""),
    Case(
      "boolean for text", recipe("name: true"),
      "r.yaml:2:7: name: expected text, found true; quote it: \"true\""),
    Case(
      "unquoted mode", recipe("paths:\n  - type: directory\n    path: /a\n    mode: 0755"),
      "r.yaml:5:11: paths[0].mode: expected an octal mode, found the number 0755; "
        + "quote it: \"0755\""),
    Case(
      "text for a list", recipe("cmd: bash"),
      "r.yaml:2:6: cmd: expected a list, found \"bash\"; write it as \"- bash\" on a line of its own"
    ),
    Case(
      "list for a mapping", recipe("environment: [A=b]"),
      "r.yaml:2:14: environment: expected a mapping, found a list"),
    Case(
      "nothing for a list", recipe("contents:\n  packages:\nname: x"),
      "r.yaml:3:12: contents.packages: expected a list, found nothing"),
    Case(
      "word of YAML 1.1 for a boolean", recipe("accounts:\n  root: yes"),
      "r.yaml:3:9: accounts.root: expected true or false, found \"yes\""),
    Case(
      "text for an integer", recipe("tests:\n  - exit-code: \"0\""),
      "r.yaml:3:16: tests[0].exit-code: expected an integer, found \"0\"; remove the quotes"),
    Case(
      "word out of a list", recipe("variant: runtim"),
      "r.yaml:2:10: variant: expected one of dev, runtime, helm, found \"runtim\"; "
        + "did you mean \"runtime\"?"),
    Case(
      "platform", recipe("platforms: [linux/s390x, linux/amd64, linux/amd64]"),
      "r.yaml:2:13: platforms[0]: expected one of linux/amd64, linux/arm64, found \"linux/s390x\"",
      "r.yaml:2:39: platforms: \"linux/amd64\" stands twice; remove one"),
    Case(
      "no platform", recipe("platforms: []"),
      "r.yaml:2:12: platforms: expected at least one item, found none"),
    Case(
      "track's form", recipe("track:\n  - type: github_realease"),
      "r.yaml:3:11: track[0].type: expected one of github_release, github_tag, github_repository, "
        + "alpine_package, debian_package, var_increment, oci_artifact, file, json_file, "
        + "found \"github_realease\"; did you mean \"github_release\"?"),
    Case(
      "track's package",
      recipe("track:\n  - type: debian_package\n    package: bash\n    set: VERSION"),
      "r.yaml:4:14: track[0].package: expected a package URL that begins \"pkg:deb/\", found \"bash\""
    ),
    Case(
      "type in a build",
      recipe("contents:\n  builds:\n    - pipeline:\n        - runs: [a]\n          privileged: 1"),
      "r.yaml:5:17: contents.builds[0].pipeline[0].runs: expected text, found a list",
      "r.yaml:6:23: contents.builds[0].pipeline[0].privileged: expected true or false, "
        + "found the number 1"),
  ]

  static let texts = [
    Case(
      "uid below zero", recipe("accounts:\n  groups:\n    - name: a\n      gid: -1"),
      "r.yaml:5:12: accounts.groups[0].gid: expected an integer from 0 to 4294967294, "
        + "found the number -1"),
    Case(
      "mode out of range", recipe("paths:\n  - {type: directory, path: /a, mode: \"17777\"}"),
      "r.yaml:3:39: paths[0].mode: expected an octal mode from \"0000\" to \"07777\", such as "
        + "\"0755\", found \"17777\""),
    Case(
      "account name",
      recipe("accounts:\n  run-as: \"a:b:c\"\n  groups:\n    - {name: \"a:b\", gid: 1}"),
      "r.yaml:3:11: accounts.run-as: expected a user name, a number, or USER:GROUP, found \"a:b:c\"",
      "r.yaml:5:14: accounts.groups[0].name: expected an account name of letters, digits, \".\", "
        + "\"_\" and \"-\", found \"a:b\""),
    Case(
      "account twice",
      recipe(
        "accounts:\n  users:\n    - {name: a, uid: 1, gid: 1}\n    - {name: a, uid: 2, gid: 1}"),
      "r.yaml:5:14: accounts.users[1].name: \"a\" stands twice with different values, "
        + "first at r.yaml:4:7; remove one"),
    Case(
      "os-release", recipe("os-release:\n  id-like: Debian\n  name: \"a\\nb\""),
      "r.yaml:3:12: os-release.id-like: expected lower-case words of a-z, 0-9, \".\", \"_\" and "
        + "\"-\", found \"Debian\"",
      "r.yaml:4:9: os-release.name: expected text on one line without control characters, "
        + "found \"a\\nb\""),
  ]

  static let paths = [
    Case(
      "path that climbs", recipe("paths:\n  - type: file\n    path: ../../etc/x"),
      "r.yaml:4:11: paths[0].path: \"../../etc/x\" leaves the tree; write an absolute path without "
        + "\"..\""),
    Case(
      "path that is relative", recipe("work-dir: app"),
      "r.yaml:2:11: work-dir: expected an absolute path, found \"app\"; write \"/app\""),
    Case(
      "symlink without target", recipe("paths:\n  - {type: symlink, path: /a}"),
      "r.yaml:3:5: paths[0]: expected \"source\", the target of the symlink; add it"),
    Case(
      "symlink that climbs", recipe("paths:\n  - {type: symlink, path: /a/b, source: ../../etc}"),
      "r.yaml:3:41: paths[0].source: \"../../etc\" leaves the tree; link to a path inside"),
    Case(
      "local file that climbs",
      recipe("contents:\n  files:\n    - {url: ../../etc/shadow, path: /etc/shadow}"),
      "r.yaml:4:13: contents.files[0].url: \"../../etc/shadow\" leaves the recipe's folder; "
        + "write a path below it"),
    Case(
      "local file of the host",
      recipe("contents:\n  files:\n    - {url: /etc/shadow, path: /etc/shadow}"),
      "r.yaml:4:13: contents.files[0].url: \"/etc/shadow\" is outside the recipe's folder; "
        + "write a path relative to the recipe"),
    Case(
      "content and source", recipe("paths:\n  - {type: file, path: /a, content: x, source: y}"),
      "r.yaml:3:48: paths[0]: expected one of \"content\" and \"source\", found both; remove one"),
    Case(
      "checksum of an unknown kind",
      recipe("contents:\n  files:\n    - {url: a, path: /a, checksum: \"md5:00\"}"),
      "r.yaml:4:36: contents.files[0].checksum: \"md5:00\" has an unknown algorithm; "
        + "write sha256: and 64 hexadecimal digits"),
    Case(
      "short checksum",
      recipe("contents:\n  files:\n    - {url: a, path: /a, checksum: \"sha256:00\"}"),
      "r.yaml:4:36: contents.files[0].checksum: expected sha256: and 64 lower-case hexadecimal "
        + "digits, found \"sha256:00\""),
  ]

  static let runtime = [
    Case(
      "port", recipe("ports: [\"0/tcp\", 8080]"),
      "r.yaml:2:9: ports[0]: expected a port such as \"8080/tcp\" or \"8000-8010/udp\", from 1 to "
        + "65535, found \"0/tcp\"",
      "r.yaml:2:18: ports[1]: expected a port, found the number 8080; quote it: \"8080\""),
    Case(
      "signal", recipe("stop-signal: SIGTREM"),
      "r.yaml:2:14: stop-signal: expected a signal such as \"SIGTERM\", found \"SIGTREM\"; "
        + "did you mean \"SIGTERM\"?"),
    Case(
      "environment", recipe("environment:\n  \"A=B\": c\n  N: 5"),
      "r.yaml:3:3: environment: expected a variable name without \"=\" and spaces, found \"A=B\"",
      "r.yaml:4:6: environment.N: expected text, found the number 5; quote it: \"5\""),
  ]

  static let packages = [
    Case(
      "packages",
      recipe("contents:\n  packages:\n    - \"bash 5\"\n    - bash==5\n    - \"!bash=5\""),
      "r.yaml:4:7: contents.packages[0]: expected a package such as \"bash\", \"bash=5.2\" or "
        + "\"!mawk\", found \"bash 5\"",
      "r.yaml:5:7: contents.packages[1]: expected \"=\" before the version, found \"bash==5\"",
      "r.yaml:6:7: contents.packages[2]: \"!bash=5\" excludes a package by name only; "
        + "remove what follows the name"),
    Case(
      "package name", recipe("contents:\n  packages: [\"ba$h\", \"bash=\"]"),
      "r.yaml:3:14: contents.packages[0]: expected a package name of letters, digits, \"+\", \"-\", "
        + "\".\" and \"_\", found \"ba$h\"",
      "r.yaml:3:22: contents.packages[1]: expected a version after \"=\", found \"bash=\""),
    Case(
      "repositories",
      recipe(
        "contents:\n  repositories:\n    - deb https://a.example/debian trixie\n"
          + "    - deb [trusted=yes] https://a.example/debian trixie main\n"
          + "    - ftp://a.example/alpine\n    - deb [arch=amd64 https://a.example x main"),
      "r.yaml:4:7: contents.repositories[0]: expected a component after the suite, such as "
        + "\"main\", found \"deb https://a.example/debian trixie\"",
      "r.yaml:5:7: contents.repositories[1]: \"deb [trusted=yes] https://a.example/debian trixie "
        + "main\" would skip the check of signatures; remove the option \"trusted\"",
      "r.yaml:6:7: contents.repositories[2]: expected \"deb [options] URL suite component…\", or a "
        + "URL for Alpine, found \"ftp://a.example/alpine\"",
      "r.yaml:7:7: contents.repositories[3]: expected \"]\" after the options, found "
        + "\"deb [arch=amd64 https://a.example x main\""),
  ]

  static let variables = [
    Case(
      "unknown variable",
      recipe(
        "vars: {VERSION: \"5\"}\ncontents:\n  packages:\n    - bash=${VERSOIN}\n    - a=${X9}"),
      "r.yaml:5:7: contents.packages[0]: unknown variable \"VERSOIN\"; did you mean \"VERSION\"?",
      "r.yaml:6:7: contents.packages[1]: unknown variable \"X9\"; define it under \"vars\""),
    Case(
      "shell in the environment", recipe("environment: {A: \"${B:-c}\"}"),
      "r.yaml:2:18: environment.A: expected a variable's name in ${…}, found \"B:-c\"; write ${NAME}"
    ),
    Case(
      "circle", recipe("vars:\n  A: ${B}\n  B: ${C}\n  C: ${B}\nname: ${A}"),
      "r.yaml:4:3: vars.B: uses itself: B → C → B; break the circle"),
    Case(
      "value that is wrong on one platform",
      recipe(
        "vars:\n  P: '#{ target.arch == \"amd64\" ? \"a\" : \"b c\" }'\n"
          + "contents:\n  packages: [\"x-${P}\"]"),
      "r.yaml:5:14: contents.packages[0]: expected a package such as \"bash\", \"bash=5.2\" or "
        + "\"!mawk\", found \"x-b c\""),
  ]

  static let own = [
    Case(
      "compose",
      recipe(
        "compose:\n  distribution: debian-12\n  snapshot: \"20251301T000000Z\"\n  mirror: ftp://x\n"
          + "  excludes: [usr/share]\n  exceptions:\n    - {rule: No Shell}"),
      "r.yaml:3:17: compose.distribution: expected \"debian-13\" as line 1 says, "
        + "found \"debian-12\"; remove one",
      "r.yaml:4:13: compose.snapshot: expected a moment such as \"20251101T000000Z\" or "
        + "\"2025-11-01\", found \"20251301T000000Z\"",
      "r.yaml:5:11: compose.mirror: expected an http, https or file URL, or an absolute path, "
        + "found \"ftp://x\"",
      "r.yaml:6:14: compose.excludes[0]: expected an absolute path or pattern such as "
        + "\"/usr/share/doc/**\", found \"usr/share\"; write \"/usr/share\"",
      "r.yaml:8:14: compose.exceptions[0].rule: expected a rule's name of a-z, 0-9 and \"-\", "
        + "found \"No Shell\""),
    Case(
      "pins",
      recipe(
        "compose:\n  pins:\n    - {suite: a b, priority: 40000}\n"
          + "    - {suite: sid, packages: [\"a?\"]}"),
      "r.yaml:4:15: compose.pins[0].suite: expected a suite such as \"trixie-backports\", "
        + "found \"a b\"",
      "r.yaml:4:30: compose.pins[0].priority: expected an integer from -1 to 32767, found the number "
        + "40000",
      "r.yaml:5:7: compose.pins[1]: the key \"priority\" is missing; add it",
      "r.yaml:5:31: compose.pins[1].packages[0]: expected a package name, in which \"*\" stands "
        + "for any letters, found \"a?\""),
    Case(
      "no distribution", "name: x\n",
      "r.yaml:1:1: no distribution: begin the file with `# syntax=dhi.io/build:2-debian13` "
        + "or set compose.distribution"),
    Case(
      "unknown distribution", "compose:\n  distribution: trixie\n",
      "r.yaml:2:17: compose.distribution: expected a distribution such as \"debian-13\" or "
        + "\"alpine-3.22\", found \"trixie\""),
    Case(
      "edge", "compose:\n  distribution: alpine-edge\n",
      "r.yaml:2:17: compose.distribution: \"alpine-edge\" names Alpine's edge, which is no release; write a release such "
        + "as \"alpine-3.22\", and name edge as a repository with a tag (\"@edge URL\")"),
    nearBuilder("2-alpin3.19", "did you mean dhi.io/build:2-alpine3.19?"),
    nearBuilder("2-alpine-3.19", "did you mean dhi.io/build:2-alpine3.19?"),
    nearBuilder("2-Debain13", "did you mean dhi.io/build:2-debian13?"),
    nearBuilder("2-alpine3", "remove the line or set compose.distribution instead"),
    nearBuilder(
      "2-alpineedge",
      "Alpine's edge is no release: name a release, and edge as a repository with a tag "
        + "(\"@edge URL\")"),
    Case(
      "unknown builder", "# a comment\n#syntax = docker/dockerfile:1\nname: x\n",
      "r.yaml:2:11: syntax: expected dhi.io/build:2-debian13, dhi.io/build:2-alpine3.22 or the like, "
        + "found \"docker/dockerfile:1\"; remove the line or set compose.distribution instead"),
  ]

  private static func nearBuilder(_ tag: String, _ remedy: String) -> Case {
    Case(
      "builder \(tag)", "# syntax=dhi.io/build:\(tag)\nname: x\n",
      "r.yaml:1:10: syntax: expected dhi.io/build:2-debian13, dhi.io/build:2-alpine3.22 or the like, "
        + "found \"dhi.io/build:\(tag)\"; \(remedy)")
  }

  static let syntax = [
    Case(
      "tab", recipe("contents:\n\tpackages: []"),
      "r.yaml:3:1: expected spaces, found a tab; YAML is indented with spaces only"),
    Case(
      "open quote", recipe("name: \"x"),
      "r.yaml:3:1: found the end of the file inside quotes; close them"),
    Case(
      "open list", recipe("cmd: [a, b\nname: x"),
      "r.yaml:3:5: expected \",\" or \"]\"; close the list"),
    Case(
      "two colons", recipe("name: a: b"),
      "r.yaml:2:8: found a second \":\" where none may stand; quote the value, or check the "
        + "indentation"),
    Case(
      "indentation", recipe("contents:\n    packages: []\n  files: []"),
      "r.yaml:4:3: expected a key or the end of the mapping; check the indentation and the quotes"),
    Case(
      "exclamation mark without quotes", recipe("contents:\n  packages:\n    - !mawk"),
      "r.yaml:4:7: YAML tags (!…) are not supported; quote the value if it begins with \"!\""),
  ]
}
