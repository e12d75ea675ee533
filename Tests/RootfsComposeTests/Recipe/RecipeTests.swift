import OCIImage
import Testing

@testable import RootfsCompose

struct RecipeTests {
  private func recipe(_ text: String) throws -> Recipe { try Recipe(text: text, path: "a/r.yaml") }

  @Test func everyPartIsDecoded() throws {
    let definition = try recipe(
      """
      # syntax=dhi.io/build:2-debian13
      name: Python ${VERSION}
      variant: dev
      flavor: fpm
      tags: ["3.13", "${VERSION}", 5.2.37, 2025-01-31, 20250419-glibc]
      suffix: -x
      platforms: [linux/arm64]
      compression: gzip
      output: squashed
      dates: {release: 2025-01-31, end-of-life: "2030-01-01"}
      vars: {VERSION: 3.13.5, BOTH: "${VERSION}-${ARCH}", ARCH: '#{ target.arch == "amd64" ? "x86_64" : "aarch64" }'}
      contents:
        repositories: [deb https://a.example/debian trixie main]
        keyring: [https://a.example/key.gpg, keys/own.gpg]
        packages: ["python3=${VERSION}", "!mawk", "libc6:amd64", "tool-${ARCH}", "bash=5.2"]
        files:
          - {url: "https://a.example/${target.arch}", path: /a, checksum: "sha256:\
      0000000000000000000000000000000000000000000000000000000000000000", uid: 1, gid: 2, mode: "644",
             platforms: [linux/arm64], includes: [x], spdx: {name: n, packages: [{purl: p}]}}
        mappings: {python3: "pkg:deb/debian/python3"}
      accounts:
        root: true
        run-as: nonroot
        users: [{name: nonroot, uid: 65532, gid: 65532, mode: "0700"}]
        groups: [{name: nonroot, gid: 65532, members: [nonroot]}, {name: nonroot, gid: 65532, members: [a]}]
      os-release: {id: debian, id-like: "a b", version-id: "13"}
      work-dir: /app
      stop-signal: SIGRTMIN+3
      environment: {PATH: /bin, V: "${VERSION}"}
      paths:
        - {type: symlink, path: "/usr/lib/${ARCH}/x", source: ../run}
        - {type: file, path: /b, mode: "02775", content: "${ARCH} ${HOME:-x} #{ true } ${VERSION}"}
        - {type: delete, path: /c, recursive: true}
      annotations: {a: b}
      labels: {c: d}
      entrypoint: [/bin/sh, -c, "${JAVA_OPTS} ${VERSION}"]
      cmd: [-x]
      ports: [8080/tcp, "53", 8000-8010/udp]
      tests: [{exit-code: 0, commands: ["a ${B}"], timeout: 3}]
      compose:
        distribution: debian-13
        snapshot: 2025-11-01
        mirror: file:///srv/mirror
        pins:
          - {suite: trixie-backports, packages: [curl, libcurl*], priority: 600}
          - {suite: sid, priority: -1}
        includes: [/usr/share/doc/x/**]
        exceptions: [{rule: shell, paths: [/bin/sh], reason: needed}]
      """
    ).definition.substituted(for: .linuxARM64)
    #expect(definition.name == "Python 3.13.5")
    #expect(definition.variant == .dev)
    #expect(definition.tags == ["3.13", "3.13.5", "5.2.37", "2025-01-31", "20250419-glibc"])
    #expect(definition.platforms == [.linuxARM64])
    #expect(definition.compression == .gzip)
    #expect(definition.output == .squashed)
    #expect(definition.dates.release == "2025-01-31")
    #expect(definition.vars["BOTH"] == "3.13.5-aarch64")
    #expect(
      definition.contents.packages.map(\.value) == [
        "python3=3.13.5", "!mawk", "libc6:amd64", "tool-aarch64", "bash=5.2",
      ])
    #expect(
      definition.contents.keyring.map(\.value) == ["https://a.example/key.gpg", "keys/own.gpg"])
    let file = try #require(definition.contents.files.first)
    #expect(file.url == "https://a.example/arm64")
    #expect(file.mode == 0o644)
    #expect((file.uid, file.gid) == (1, 2))
    #expect(file.platforms == [.linuxARM64])
    #expect(file.spdx?.packages.first?.purl == "p")
    #expect(definition.contents.mappings == ["python3": "pkg:deb/debian/python3"])
    #expect(definition.accounts?.root == true)
    #expect(definition.accounts?.users.first?.mode == 0o700)
    #expect(definition.accounts?.groups.map(\.members) == [["nonroot", "a"]])
    #expect(definition.osRelease?.idLike == "a b")
    #expect(definition.stopSignal == "SIGRTMIN+3")
    #expect(definition.environment == ["PATH": "/bin", "V": "3.13.5"])
    #expect(definition.paths.map(\.path) == ["/usr/lib/aarch64/x", "/b", "/c"])
    #expect(definition.paths[1].content == "aarch64 ${HOME:-x} #{ true } 3.13.5")
    #expect(definition.paths[1].mode == 0o2775)
    #expect(definition.paths[2].recursive)
    #expect(definition.entrypoint == ["/bin/sh", "-c", "${JAVA_OPTS} 3.13.5"])
    #expect(definition.ports.map(\.value) == ["8080/tcp", "53", "8000-8010/udp"])
    #expect(definition.tests.first?.timeout == 3)
    #expect(definition.compose.snapshot?.value == "20251101T000000Z")
    #expect(definition.compose.pins.map(\.suite) == ["trixie-backports", "sid"])
    #expect(definition.compose.pins.map(\.packages) == [["curl", "libcurl*"], []])
    #expect(definition.compose.pins.map(\.priority) == [600, -1])
    #expect(definition.compose.exceptions.first?.rule == "shell")
  }

  @Test func positionsPointAtValues() throws {
    let definition = try recipe(
      "# syntax=dhi.io/build:2-debian13\ncontents:\n  packages:\n    - bash\n    - 'é'\n"
        .replacing("'é'", with: "zlib1g")
    ).definition
    #expect(
      definition.contents.packages.map(\.location.description) == [
        "a/r.yaml:4:7", "a/r.yaml:5:7",
      ])
  }

  @Test func folderIsWhereTheFileIs() throws {
    let text = "# syntax=dhi.io/build:2-alpine3.22\nname: x\n"
    #expect(try Recipe(text: text, path: "a/b/r.yaml").folder == "a/b")
    #expect(try Recipe(text: text, path: "r.yaml").folder == ".")
    #expect(try Recipe(text: text, path: "/r.yaml").folder == "/")
    #expect(try Recipe(text: text, path: "r.yaml").distribution == "alpine-3.22")
    let own = "compose: {distribution: debian-12}\n"
    #expect(try Recipe(text: own, path: "r.yaml").distribution == "debian-12")
  }

  @Test func everyKeyThatCannotBeServedIsToldWithItsPlace() throws {
    let recipe = try recipe(
      """
      # syntax=dhi.io/build:2-debian13
      variant: helm
      includes: [base.yaml]
      contents:
        keyring: [http://a.example/key]
        files:
          - {url: "git+https://a.example/x", path: /a, if: x, secret-id: s}
          - {url: a, path: /b, checksum: "https://a.example/sum"}
        builds:
          - name: compile
            contents: {files: [{url: x, path: "${target.dir}/y"}]}
        artifacts: [{name: "${target.dir}/a"}]
      paths:
        - {type: file, path: "/${target.dir}/x", source: /etc/x, if: x}
      environment: {EPOCH: "${SOURCE_DATE_EPOCH}", X: '#{ target.magic }'}
      fips-compliant: true
      stig-certified: true
      dates: {release: x}
      track: [{type: var_increment}]
      tests: [{exit-code: 0}]
      """)
    #expect(
      recipe.unsupportedKeys().map(\.description) == [
        "a/r.yaml:2:10: variant: expected runtime or dev, found \"helm\"; charts are not composed",
        "a/r.yaml:3:1: includes: other spec files are not merged; write the merged definition",
        "a/r.yaml:5:13: contents.keyring[0]: expected an https URL or a path, found "
          + "\"http://a.example/key\"; a key must come over https",
        "a/r.yaml:7:13: contents.files[0].url: expected an https URL or a path relative to the "
          + "recipe, found \"git+https://a.example/x\"",
        "a/r.yaml:7:50: contents.files[0].if: conditions are not evaluated; remove it, or name the "
          + "item's platforms",
        "a/r.yaml:7:57: contents.files[0].secret-id: downloads with a secret are not supported",
        "a/r.yaml:8:36: contents.files[1].checksum: expected sha256: and 64 hexadecimal digits, "
          + "found \"https://a.example/sum\"",
        "a/r.yaml:9:3: contents.builds: builds from source; dhi-compose composes packages, files "
          + "and artifacts",
        "a/r.yaml:12:3: contents.artifacts: artifacts are not composed yet",
        "a/r.yaml:14:24: paths[0].path: \"${target.dir}\" has no value; only builds from source "
          + "have one",
        "a/r.yaml:14:52: paths[0].source: expected a path relative to the recipe, found \"/etc/x\"",
        "a/r.yaml:14:60: paths[0].if: conditions are not evaluated; remove it, or name the item's "
          + "platforms",
        "a/r.yaml:15:22: environment.EPOCH: \"${SOURCE_DATE_EPOCH}\" has no value; only builds from "
          + "source have one",
        "a/r.yaml:15:49: environment.X: \"#{ target.magic }\" has no value; only builds from source "
          + "have one",
        "a/r.yaml:16:17: fips-compliant: expected false, found true; composing cannot prove the "
          + "claim, so remove it",
        "a/r.yaml:17:17: stig-certified: expected false, found true; composing cannot prove the "
          + "claim, so remove it",
      ])
    #expect(recipe.unsupportedKeys().allSatisfy { $0.code == .unsupportedRecipe })
  }

  @Test func severalErrorsAreOneErrorThatHoldsThemAll() {
    let text = "# syntax=dhi.io/build:2-debian13\nnam: x\nvariant: dev2\ncmd: x\n"
    do throws(ComposeError) {
      _ = try Recipe(text: text, path: "r.yaml")
      Issue.record("no error")
    } catch {
      #expect(
        error.description
          == "r.yaml:2:1: unknown key \"nam\"; did you mean \"name\"? (and 2 more errors)")
      #expect(error.all.count == 3)
    }
  }
}

struct RecipeDigestTests {
  private func digests(_ text: String) throws -> [String] {
    let recipe = try Recipe(text: text, path: "r.yaml")
    return [recipe.recipeDigest.description, recipe.requestDigest.description]
  }

  private let text = """
    # syntax=dhi.io/build:2-debian13
    name: x
    vars: {V: "5.2"}
    contents:
      packages:
        - bash=${V}
        - zlib1g
    cmd: [/bin/bash]
    """

  @Test func layoutCommentsAndKeyOrderDoNotMatter() throws {
    let other = """
      # A comment
      # syntax = dhi.io/build:2-debian13

      'cmd':
      - "/bin/bash"   # the shell
      contents: {packages: ["bash=5.2", zlib1g]}
      vars:
        V: "5.2"
      name: x
      """
    #expect(try digests(text) == digests(other))
  }

  @Test func contentMatters() throws {
    let digests = try digests(text)
    let renamed = try self.digests(text.replacing("name: x", with: "name: y"))
    #expect(renamed[0] != digests[0])
    #expect(renamed[1] == digests[1])
    let changes = [
      ("zlib1g", "zstd"), ("V: \"5.2\"", "V: \"5.3\""), ("debian13", "debian12"),
      ("name: x", "platforms: [linux/arm64]"), ("name: x", "compose: {snapshot: \"20250101\"}"),
      ("name: x", "compose: {mirror: /srv}"), ("name: x", "compose: {security-mirror: /srv}"),
      ("name: x", "compose: {pins: [{suite: sid, priority: 1}]}"),
      ("contents:", "contents:\n  keyring: [k.gpg]"),
      ("contents:", "contents:\n  repositories: [deb https://a.example/d x main]"),
    ]
    for (from, to) in changes {
      let changed = try self.digests(text.replacing(from, with: to))
      #expect(changed[0] != digests[0], "\(to)")
      #expect(changed[1] != digests[1], "\(to)")
    }
  }

  @Test func orderOfPackagesMattersToTheRecipeOnly() throws {
    let swapped = text.replacing("bash=${V}\n    - zlib1g", with: "zlib1g\n    - bash=${V}")
    #expect(try digests(swapped)[1] == digests(text)[1])
  }

  /// A changed form would make every lock that is out there disagree with its recipe.
  @Test func formIsFixed() throws {
    #expect(
      CanonicalRecipe.encode(
        .object(["b": .list([.null, .literal("1")]), "a": .text("\"\\\n\u{1}é")]))
        == Array(#"{"a":"\"\\\u000a\u0001é","b":[null,1]}"#.utf8))
  }
}

struct PlatformExpressionTests {
  private func value(_ source: String, _ architecture: String = "amd64") -> String? {
    let target = RecipeTarget(architecture: architecture, isDevelopment: true, flavor: "fpm")
    return PlatformExpression.value(of: source, for: target)?.text
  }

  @Test func choosesByPlatform() {
    let source = " target.arch == \"amd64\" ? \"x86_64\" : \"aarch64\" "
    #expect(value(source) == "x86_64")
    #expect(value(source, "arm64") == "aarch64")
    #expect(value("target.arch != 'amd64' ? '}' : target.flavor", "arm64") == "}")
    #expect(value("target.dev && !target.fips || false") == "true")
    #expect(value("(target.dev ? 'a' : 'b') == 'a' ? 'c' : 'd'") == "c")
    #expect(value("target.arch == 'x' ? 'a' : target.arch == 'amd64' ? 'b' : 'c'") == "b")
  }

  @Test(arguments: [
    "", "?", "target.magic", "'a", "'a' 'b'", "true ? 'a'", "'a' ? 'b' : 'c'", "!'a'", "a + b",
    "(true", String(repeating: "(", count: 4000), String(repeating: "!", count: 4000),
  ])
  func whatIsNotUnderstoodHasNoValue(_ source: String) { #expect(value(source) == nil) }
}

struct CoreScalarTests {
  private func kind(_ text: String) -> String {
    switch CoreScalar.value(of: text) {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "int \(value)"
    case .number: "float"
    case .text: "text"
    default: "other"
    }
  }

  /// YAML 1.2.2 §10.3.2, and the words that only YAML 1.1 reads as something else.
  @Test func plainScalarsHaveTheCoreSchemasTypes() {
    let expected = [
      "": "null", "~": "null", "null": "null", "true": "true", "False": "false", "yes": "text",
      "on": "text", "0": "int 0", "-12": "int -12", "+3": "int 3", "0755": "int 755",
      "0o17": "int 15", "0x1F": "int 31", "0xg": "text", "0o9": "text", "1_000": "text",
      "1:30": "text", "1.5": "float", ".5": "float", "5.": "float", "1e3": "float",
      "1e": "text", "-.inf": "float", ".nan": "float", "+": "text", ".": "text", "-": "text",
      "5.2.37": "text", "2025-01-31": "text", "20250419-glibc": "text",
      "99999999999999999999": "float", "-9223372036854775808": "int -9223372036854775808",
    ]
    for (text, kind) in expected { #expect(self.kind(text) == kind, "\(text)") }
  }
}

struct RecipeReferenceTests {
  @Test func everyKeyIsListedWithItsEffect() {
    let lines = Recipe.reference.split(separator: "\n")
    #expect(
      lines.contains(
        "contents.packages: a list, each a package. name, name=version, name:arch; !name is never "
          + "installed and counts as met."))
    #expect(
      lines.contains("paths[].type: one of symlink, directory, file, delete, emptyfile, required"))
    #expect(
      lines.contains("compose.exceptions[].rule: a rule's name of a-z, 0-9 and \"-\", required"))
    #expect(lines.count == Set(lines).count)
  }
}
