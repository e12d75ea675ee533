import Testing

@testable import RootfsCompose

/// What an Alpine package may try with its scripts, its lists and its programs.
struct HostileAlpineScriptsTests {
  /// To Swift, a carriage return and a newline are one character, and so are a colon and an accent.
  @Test(arguments: ["/x\r\nghost", "/x\nghost", "/x:\u{301}0", "/x:0"])
  func noFieldOfAnAccountHoldsAnotherLineOrField(_ home: String) throws {
    let accounts = ["etc/passwd": "root:x:0:0::/:/bin/sh\n", "etc/group": "nogroup:x:65533:\n"]
    let script = "#!/bin/sh\nadduser -S -D -H -h '\(home)' demo\n"
    let result = try composedAlpine([alpinePackage("demo", ["pre-install": script])], to: accounts)
    #expect(try result.entryText("etc/passwd") == "file 644 0:0 \"root:x:0:0::/:/bin/sh\n\"")
    #expect(result.ledger.warnings.count == 1)
  }

  @Test func noShellBringsAnotherLine() throws {
    let script = "#!/bin/sh\nadd-shell '/bin/x\r\n/bin/y'\n"
    let result = try composedAlpine(
      [alpinePackage("demo", ["post-install": script])], to: ["etc/shells": "/bin/sh\n"])
    #expect(try result.entryText("etc/shells") == "file 644 0:0 \"/bin/sh\n\"")
    #expect(result.ledger.warnings.count == 1)
  }

  @Test func shellsWithCarriageReturnsStayLines() throws {
    let result = try composedAlpine(
      [alpinePackage("demo", ["post-install": "#!/bin/sh\nadd-shell /bin/z\n"])],
      to: ["etc/shells": "/bin/x\r\n/bin/y\r\n"])
    #expect(
      try result.entryText("etc/shells") == "file 644 0:0 \"/bin/x\r\n/bin/y\r\n/bin/z\n\"")
  }

  /// A quarter of a million tables that never end would each be read to the bound.
  @Test func aBusyboxOfTablesOnlyIsReadOnce() {
    let start: [UInt8] = [0x5b, 0, 0x5b, 0x5b, 0]
    let endless = Array([[UInt8]](repeating: start, count: 1 << 18).joined())
    #expect(BusyboxBinary(endless).applets == nil)
    let table = start + Array("cat\0\0".utf8)
    #expect(BusyboxBinary(endless + [1] + table).applets == ["[", "[[", "cat"])
  }

  @Test func patternsOfTriggersAreNotComparedForEver() throws {
    var tree: [String: String] = [:]
    for number in 0..<100 { tree["usr/directory-\(number)"] = "/" }
    let files = try scriptTree(tree)
    let patterns = (0..<40).map { "/usr/*" + String(repeating: "?", count: 1000) + "\($0)" }
    let bounded = TriggerDirectories(matching: patterns, in: files)
    #expect(bounded.isCutShort)
    let usual = TriggerDirectories(matching: ["/usr/*", "/us?"], in: files)
    #expect(usual.paths.count == 101)
    #expect(!usual.isCutShort)
  }

  @Test func aBundleOfAuthoritiesGoesWhereItsDirectoryLies() throws {
    let result = try composedAlpine(
      [alpinePackage("demo", ["post-install": "#!/bin/sh\nupdate-ca-certificates\n"])],
      to: [
        "etc/ssl": "@/usr/ssl", "usr/ssl/certs": "/", "etc/ca-certificates.conf": "a.crt\n",
        "usr/share/ca-certificates/a.crt": "A\n",
      ])
    #expect(
      try result.entryText("usr/ssl/certs/ca-certificates.crt") == "file 644 0:0 \"A\n\n\"")
    #expect(try result.entryText("etc/ssl") == "link /usr/ssl")
  }

  @Test func aListOfAuthoritiesHasABound() throws {
    let list = String(repeating: "a.crt\n", count: 200_000)
    #expect {
      try composedAlpine(
        [alpinePackage("demo", ["post-install": "#!/bin/sh\nupdate-ca-certificates\n"])],
        to: ["etc/ssl/certs": "/", "etc/ca-certificates.conf": list])
    } throws: {
      "\($0)" == "/etc/ca-certificates.conf: is 1200000 bytes; expected at most 1 MiB"
    }
  }

  /// A name repeated in both fields would be gone through as often as their product says.
  @Test func namesRepeatedInRelationsCountOnce() {
    let names = Array(repeating: "x", count: 50_000).joined(separator: " ")
    let packages = [
      AlpinePackages.package("a", fields: [("provides", names)]),
      AlpinePackages.package("b", fields: [("install_if", names + " absent")]),
    ]
    #expect(AlpineInstallationOrder(packages, world: []).places == [0, 1])
  }

  @Test func linksOfBusyboxLieInAMergedUsr() throws {
    let scripts = ["post-install": "#!/bin/sh\n/bin/busybox --install -s\n/bin/bbsuid --install\n"]
    let result = try composedAlpine(
      [alpinePackage("busybox", scripts)],
      to: [
        "bin": "@usr/bin", "sbin": "@usr/bin", "usr/sbin": "@bin", "usr/bin/busybox": "x",
        "usr/bin/bbsuid": "\0/bin/su\0", "usr/bin/id": "coreutils",
        "etc/busybox-paths.d/busybox": "bin/ls\nsbin/init\nusr/sbin/chroot\nbin/su\nbin/id\n",
      ])
    #expect(result.ledger.warnings == [])
    let links = result.tree.children(of: "usr/bin").compactMap { path in
      result.tree[path]?.linkTarget.map { "\(path) \(String(decoding: $0, as: UTF8.self))" }
    }
    #expect(
      links == [
        "/usr/bin/chroot /bin/busybox", "/usr/bin/init /bin/busybox", "/usr/bin/ls /bin/busybox",
        "/usr/bin/su /bin/bbsuid",
      ])
  }
}
