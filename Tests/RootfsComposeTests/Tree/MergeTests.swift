import RootfsCompose
import TestSupport
import Testing

@Suite struct MergeTests {
  private func merge(
    _ builders: [DebBuilder], architecture: String = "amd64"
  ) throws -> ComposedTree {
    let fixture = try DebFixture()
    return try ComposedTree.merge(
      builders.map { try fixture.unpack($0) }, policy: DebianMergePolicy(architecture: architecture)
    )
  }

  private func failure(_ builders: [DebBuilder]) throws -> ComposeError? {
    do {
      _ = try merge(builders)
      return nil
    } catch let error as ComposeError {
      return error
    }
  }

  private func package(
    _ name: String, version: String = "1.0", fields: [(name: String, value: String)] = [],
    _ build: (inout DebBuilder) -> Void
  ) -> DebBuilder {
    var builder = DebBuilder(name, version: version, fields: fields, compression: .none)
    build(&builder)
    return builder
  }

  // MARK: Merged /usr

  @Test(arguments: [("amd64", true), ("arm64", false)])
  func rootLinksOfAnArchitecture(_ architecture: String, _ has64: Bool) throws {
    let composed = try merge([], architecture: architecture)
    var expected = [
      "/bin": "symlink usr/bin", "/sbin": "symlink usr/sbin", "/lib": "symlink usr/lib",
      "/usr/": "dir 0755", "/usr/bin/": "dir 0755", "/usr/sbin/": "dir 0755",
      "/usr/lib/": "dir 0755",
    ]
    if has64 {
      expected["/lib64"] = "symlink usr/lib64"
      expected["/usr/lib64/"] = "dir 0755"
    }
    #expect(RootfsDump.dump(composed.tree) == expected)
    #expect(composed.ledger.records.count == expected.count)
    #expect(composed.ledger.records.allSatisfy { $0.rule == "merged-usr" && $0.action == .added })
  }

  /// A bookworm package with paths of old, and a trixie package that ships the links: one result.
  @Test(arguments: [false, true])
  func pathsOfOldLandInUsr(_ reversed: Bool) throws {
    let libc = package("libc6") {
      $0.directory("/lib")
      $0.directory("/lib/x86_64-linux-gnu", mode: 0o755)
      $0.file("/lib/x86_64-linux-gnu/libc.so.6", "libc", mode: 0o755)
      $0.hardLink("/lib/x86_64-linux-gnu/libc-hard", to: "/lib/x86_64-linux-gnu/libc.so.6")
      $0.directory("/lib64")
      $0.symlink("/lib64/ld-linux-x86-64.so.2", to: "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
      $0.file("/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "ld", mode: 0o755)
      $0.directory("/libx32")
    }
    let base = package("base-files") {
      for name in ["bin", "sbin", "lib", "lib64"] {
        $0.directory("/usr/\(name)")
        $0.symlink("/\(name)", to: "usr/\(name)")
      }
    }
    let composed = try merge(reversed ? [base, libc] : [libc, base])
    #expect(
      RootfsDump.dump(composed.tree) == [
        "/bin": "symlink usr/bin", "/sbin": "symlink usr/sbin", "/lib": "symlink usr/lib",
        "/lib64": "symlink usr/lib64", "/libx32": "symlink usr/libx32",
        "/usr/": "dir 0755", "/usr/bin/": "dir 0755", "/usr/sbin/": "dir 0755",
        "/usr/lib/": "dir 0755", "/usr/lib64/": "dir 0755", "/usr/libx32/": "dir 0755",
        "/usr/lib/x86_64-linux-gnu/": "dir 0755",
        "/usr/lib/x86_64-linux-gnu/libc.so.6": "file 0755 16c8c6eb <1>",
        "/usr/lib/x86_64-linux-gnu/libc-hard": "file 0755 16c8c6eb <1>",
        "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2": "file 0755 e5a08ffd",
        "/usr/lib64/ld-linux-x86-64.so.2":
          "symlink /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
      ])
    #expect(composed.ledger.owners["lib"] == "base-files")
    #expect(composed.ledger.owners["usr/lib/x86_64-linux-gnu/libc.so.6"] == "libc6")
    #expect(composed.ledger.owners["usr/lib64/ld-linux-x86-64.so.2"] == "libc6")
    #expect(
      composed.tree.resolve("lib64/ld-linux-x86-64.so.2")
        == "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
  }

  @Test func dynamicLoaderOfARM() throws {
    let libc = package("libc6") {
      $0.directory("/lib")
      $0.file("/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1", "ld")
      $0.symlink("/lib/ld-linux-aarch64.so.1", to: "aarch64-linux-gnu/ld-linux-aarch64.so.1")
    }
    let composed = try merge([libc], architecture: "arm64")
    #expect(composed.tree["lib64"] == nil)
    #expect(
      composed.tree.resolve("lib/ld-linux-aarch64.so.1")
        == "usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1")
  }

  @Test func onePathUnderBothNamesIsAConflict() throws {
    let error = try failure([
      package("old") { $0.file("/bin/tool", "1") },
      package("new") { $0.file("/usr/bin/tool", "2") },
    ])
    #expect(error?.subject == "/usr/bin/tool")
  }

  @Test func rootLinkElsewhere() throws {
    let error = try #require(try failure([package("odd") { $0.symlink("/bin", to: "sbin") }]))
    #expect(
      error.description
        == "/bin: is shipped differently by Debian's merged /usr (link to usr/bin) and odd:amd64 1.0 "
        + "(link to sbin); expected one package to ship it, both to ship the same, Replaces or a "
        + "diversion; leave one of the two packages out")
  }

  // MARK: Links and directories

  @Test func pathsBelowALinkLandInItsDirectory() throws {
    let first = package("first") {
      $0.directory("/etc")
      $0.directory("/etc/real", mode: 0o750)
      $0.symlink("/etc/link", to: "real")
    }
    let second = package("second") {
      $0.directory("/etc/link", mode: 0o700)
      $0.file("/etc/link/file", "x")
      $0.directory("/etc/link/sub")
    }
    let composed = try merge([first, second])
    let dump = RootfsDump.dump(composed.tree).filter { $0.key.hasPrefix("/etc/") }
    #expect(
      dump == [
        "/etc/": "dir 0755", "/etc/real/": "dir 0750", "/etc/link": "symlink real",
        "/etc/real/file": "file 0644 2d711642", "/etc/real/sub/": "dir 0755",
      ])
    #expect(composed.ledger.owners["etc/real/file"] == "second")
    #expect(composed.ledger.owners["etc/link"] == "first")
  }

  @Test func pathsBelowAnImpossibleLink() throws {
    let looping = package("first") { $0.symlink("/etc/loop", to: "loop") }
    let below = package("second") { $0.file("/etc/loop/file", "x") }
    #expect(try failure([looping, below])?.code == .unsafePath)
    let file = package("first") { $0.file("/etc/loop", "x") }
    #expect(
      try failure([file, below])?.description
        == "/etc/loop/file: is shipped by second:amd64 1.0 below /etc/loop, which first:amd64 1.0 "
        + "ships as file 0644 2d711642b726; expected a directory; leave one of the two packages out"
    )
    let toFile = package("first") {
      $0.file("/etc/file", "x")
      $0.symlink("/etc/loop", to: "file")
    }
    #expect(try failure([toFile, below])?.code == .pathConflict)
    let directory = package("third") { $0.directory("/etc/loop") }
    #expect(try failure([toFile, directory])?.code == .pathConflict)
  }

  @Test func theFirstDirectoryStays() throws {
    let composed = try merge([
      package("first") { $0.directory("/srv", mode: 0o2775, gid: 50) },
      package("second") { $0.directory("/srv", mode: 0o700) },
    ])
    #expect(RootfsDump.dump(composed.tree)["/srv/"] == "dir 2775 0:50")
    #expect(composed.ledger.owners["srv"] == "first")
  }

  // MARK: One path, two packages

  @Test func identicalFilesAreOne() throws {
    let build: (inout DebBuilder) -> Void = {
      $0.file("/usr/share/doc/x", "same")
      $0.symlink("/usr/share/y", to: "doc/x")
    }
    let composed = try merge([package("first", build), package("second", build)])
    #expect(composed.ledger.owners["usr/share/doc/x"] == "first")
    #expect(composed.tree["usr/share/doc/x"]?.content?.count == 4)
  }

  @Test(arguments: [
    ("text", 0o644, 0, "file 0644 982d9e3eb996"), ("same", 0o600, 0, "file 0600 0967115f2813"),
    ("same", 0o644, 7, "file 0644 of 7:0 0967115f2813"),
  ])
  func differentFiles(_ text: String, _ mode: Int, _ uid: Int, _ words: String) throws {
    let error = try #require(
      try failure([
        package("first") { $0.file("/etc/x", "same") },
        package("second", version: "2:3.4-5") { $0.file("/etc/x", text, mode: mode, uid: uid) },
      ]))
    #expect(error.code == .pathConflict)
    #expect(
      error.description
        == "/etc/x: is shipped differently by first:amd64 1.0 (file 0644 0967115f2813) and "
        + "second:amd64 2:3.4-5 (\(words)); expected one package to ship it, both to ship the same, "
        + "Replaces or a diversion; leave one of the two packages out")
  }

  @Test func differentKinds() throws {
    let kinds: [(inout DebBuilder) -> Void] = [
      { $0.file("/etc/x", "x") }, { $0.symlink("/etc/x", to: "y") },
      { $0.characterDevice("/etc/x", major: 1, minor: 3) }, { $0.fifo("/etc/x") },
      { $0.directory("/etc/x") },
    ]
    for (one, first) in kinds.enumerated() {
      for (other, second) in kinds.enumerated() where one != other {
        // A directory where a link leads to nothing yet is made at the link's end.
        if one == 1 && other == 4 { continue }
        let error = try failure([package("first", first), package("second", second)])
        #expect(error?.code == .pathConflict, "\(one) and \(other)")
      }
    }
  }

  @Test(arguments: [false, true], ["old", "other, old:any (<< 2.0), third", " old (<< 2.0)"])
  func replacesDecidesInEitherOrder(_ reversed: Bool, _ field: String) throws {
    let old = package("old") { $0.file("/etc/x", "old") }
    let new = package("new", fields: [("Replaces", field)]) { $0.file("/etc/x", "new") }
    let composed = try merge(reversed ? [new, old] : [old, new])
    #expect(try composed.tree["etc/x"]?.content?.text() == "new")
    #expect(composed.ledger.owners["etc/x"] == "new")
    #expect(
      composed.ledger.records.filter { $0.rule == "replaces" }.map(\.reason) == [
        "new replaces old, which ships it too"
      ])
  }

  @Test func replacesIsThePipelinesToJudge() throws {
    let fixture = try DebFixture()
    let old = try fixture.unpack(package("old") { $0.file("/etc/x", "old") })
    let new = try fixture.unpack(
      package("new", fields: [("Replaces", "old")]) { $0.file("/etc/x", "new") })
    let never = DebianMergePolicy(architecture: "amd64") { _, _ in false }
    #expect(throws: ComposeError.self) { try ComposedTree.merge([old, new], policy: never) }
  }

  // MARK: Diversions

  @Test(arguments: [
    "dpkg-divert --package wrapper --add --rename --divert /usr/bin/tool.real /usr/bin/tool",
    "  dpkg-divert --package=wrapper --rename \\\n   --divert=/usr/bin/tool.real --add \"/usr/bin/tool\"",
    "\tdpkg-divert --quiet --add --package wrapper --no-rename --divert /bin/tool.real "
      + "/usr/bin/tool >/dev/null || true",
  ])
  func diversionMovesTheOthersFile(_ command: String) throws {
    var wrapper = package("wrapper") { $0.file("/usr/bin/tool", "wrapper", mode: 0o755) }
    wrapper.scripts["preinst"] =
      "#!/bin/sh\nset -e\nif [ \"$1\" = install ]; then\n\(command)\nfi\n"
    let tool = package("tool") { $0.file("/usr/bin/tool", "tool", mode: 0o755) }
    for order in [[wrapper, tool], [tool, wrapper]] {
      let composed = try merge(order)
      #expect(try composed.tree["usr/bin/tool"]?.content?.text() == "wrapper")
      #expect(try composed.tree["usr/bin/tool.real"]?.content?.text() == "tool")
      #expect(composed.ledger.owners["usr/bin/tool"] == "wrapper")
      #expect(composed.ledger.owners["usr/bin/tool.real"] == "tool")
      #expect(composed.ledger.records.contains { $0.rule == "diversion" && $0.package == "tool" })
    }
  }

  @Test(arguments: [
    "# dpkg-divert --package wrapper --add --divert /usr/bin/tool.real /usr/bin/tool",
    "dpkg-divert --package wrapper --remove --rename /usr/bin/tool",
    "dpkg-divert --package wrapper --add --divert \"$to\" /usr/bin/tool",
    "dpkg-divert --listpackage /usr/bin/tool", "dpkg-divert",
    "dpkg-divert --package usr-is-merged --add --divert /bin.old /bin",
    "dpkg-divert --package wrapper --add --divert ../x /usr/bin/tool",
    "dpkg-divert --package wrapper --add --divert /bin/tool.real /bin/tool",
  ])
  func whatIsNoLiteralDiversion(_ command: String) throws {
    var wrapper = package("wrapper") { $0.file("/usr/bin/tool", "wrapper") }
    wrapper.scripts["preinst"] = command + "\n"
    let error = try failure([wrapper, package("tool") { $0.file("/usr/bin/tool", "tool") }])
    #expect(error?.code == .pathConflict)
  }

  /// libc6 of trixie diverts its own loader's old name, without `--package`.
  @Test func aPackagesOwnFilesStay() throws {
    let loader = "/lib64/ld-linux-x86-64.so.2"
    for path in [loader, "/usr" + loader] {
      var libc = package("libc6") { $0.file(path, "ld") }
      libc.scripts["preinst"] =
        "dpkg-divert --quiet --add --no-rename --divert \"\(loader).usr-is-merged\" \"\(loader)\"\n"
      let composed = try merge([libc])
      #expect(composed.tree.children(of: "usr/lib64") == ["usr/lib64/ld-linux-x86-64.so.2"])
    }
  }

  @Test func localDiversionMovesEveryPackagesFile() throws {
    var one = package("one") { $0.file("/usr/bin/tool", "x") }
    one.scripts["preinst"] = "dpkg-divert --local --add /usr/bin/tool\n"
    let composed = try merge([one])
    #expect(composed.tree.children(of: "usr/bin") == ["usr/bin/tool.distrib"])
  }

  // MARK: Determinism

  @Test func hardLinkGroupsOfTwoPackagesStayApart() throws {
    let composed = try merge(
      ["first", "second"].map { name in
        package(name) {
          $0.file("/usr/\(name)", "same")
          $0.hardLink("/usr/\(name)-link", to: "/usr/\(name)")
        }
      })
    let dump = RootfsDump.dump(composed.tree)
    #expect(dump["/usr/first"] == "file 0644 0967115f <1>")
    #expect(dump["/usr/first-link"] == "file 0644 0967115f <1>")
    #expect(dump["/usr/second"] == "file 0644 0967115f <2>")
    #expect(dump["/usr/second-link"] == "file 0644 0967115f <2>")
  }
}
