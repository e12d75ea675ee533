import Testing

@testable import RootfsCompose

struct AlpineAccountsTests {
  private static let accounts = [
    "etc/passwd": "root:x:0:0:root:/root:/bin/ash\nold:x:100:100:::/bin/sh\n",
    "etc/group": "root:x:0:root\nold:x:101:\nnogroup:x:65533:\n",
    "etc/shadow": "root:*::0:::::\n",
  ]

  @Test func addsAccountsAndTheirHome() throws {
    let script = """
      #!/bin/sh
      addgroup -S daemon 2>/dev/null
      adduser -S -D -h /var/lib/daemon -s /sbin/nologin -G daemon -g "A daemon" daemon 2>/dev/null
      adduser -S -D -h /var/lib/daemon -s /sbin/nologin -G daemon -g "A daemon" daemon 2>/dev/null
      chown root:daemon /etc/daemon.conf
      """
    let packages = [alpinePackage("demo", ["pre-install": script])]
    var tree = Self.accounts
    tree["var/lib"] = "/"
    tree["etc/daemon.conf"] = "x"
    let result = try composedAlpine(packages, to: tree)
    #expect(result.ledger.warnings == [])
    #expect(
      try result.entryText("etc/passwd") == "file 644 0:0 \"root:x:0:0:root:/root:/bin/ash\n"
        + "old:x:100:100:::/bin/sh\ndaemon:x:101:100:A daemon:/var/lib/daemon:/sbin/nologin\n\"")
    #expect(
      try result.entryText("etc/group") == "file 644 0:0 \"root:x:0:root\nold:x:101:\n"
        + "nogroup:x:65533:\ndaemon:x:100:daemon\n\"")
    #expect(
      try result.entryText("etc/shadow")
        == "file 644 0:0 \"root:*::0:::::\ndaemon:!:20000:0:99999:7:::\n\"")
    #expect(try result.entryText("var/lib/daemon") == "directory 2755 101:100")
    #expect(try result.entryText("etc/daemon.conf") == "file 644 0:100 \"x\"")
    #expect(try result.entryText("etc/passwd-") == "nothing")

    let development = try composedAlpine(packages, to: tree, isRuntime: false)
    #expect(
      try development.entryText("etc/passwd-") == "file 644 0:0 \"\(tree["etc/passwd"] ?? "")\"")
  }

  /// A home that `pre-install` makes is there before the package that ships it is unpacked, and apk leaves it.
  @Test func leavesAHomeThatIsMadeBeforeItIsShipped() throws {
    let maker = alpinePackage("demo", ["pre-install": "#!/bin/sh\nadduser -S -D -h /var/log/d d\n"])
    let other = alpinePackage("other", [:])
    var tree = Self.accounts
    tree["var/log/d"] = "/"
    func home(_ packages: [PackageScripts], _ owner: String, _ release: String) throws -> String {
      let result = try composedAlpine(
        packages, to: tree, owners: ["var/log/d": owner], release: release)
      return try result.entryText("var/log/d")
    }
    for release in ["3.19", "3.23"] {
      #expect(try home([maker], "demo", release) == "directory 2755 101:65533")
      #expect(try home([maker, other], "other", release) == "directory 2755 101:65533")
    }
    #expect(try home([other, maker], "other", "3.19") == "directory 755 0:0")
    #expect(try home([other, maker], "other", "3.23") == "directory 2755 101:65533")
  }

  /// apk 2 sets directories' rights once every package is installed, and runs triggers after that.
  @Test func shippedDirectoriesKeepTheirRightsUpToTriggers() throws {
    let script = "#!/bin/sh\nchmod 700 /d /d/file\nchown old /d /d/file\n"
    let tree = Self.accounts.merging(["d/file": "x", "e": "/"]) { first, _ in first }
    func lines(_ release: String) throws -> [String] {
      let result = try composedAlpine(
        [
          alpinePackage(
            "demo", ["post-install": script, "trigger": "#!/bin/sh\nchmod 711 /e\n"],
            triggers: ["/d"])
        ],
        to: tree, owners: ["d": "demo", "d/file": "demo", "e": "demo"], release: release)
      return try ["d", "d/file", "e"].map { try result.entryText($0) }
    }
    #expect(
      try lines("3.19") == ["directory 755 0:0", "file 700 100:0 \"x\"", "directory 711 0:0"])
    #expect(
      try lines("3.23") == ["directory 700 100:0", "file 700 100:0 \"x\"", "directory 711 0:0"])
  }

  @Test func saysWhichAccountsItCannotAdd() throws {
    let script = """
      #!/bin/sh
      addgroup -g 101 -S second
      adduser -S -D -G nowhere lost
      addgroup nobody nogroup
      adduser -u 100 -S -D numbered
      """
    let result = try composedAlpine(
      [alpinePackage("demo", ["post-install": script])], to: Self.accounts)
    let start = "demo's post-install adds this account, and "
    #expect(
      result.ledger.warnings == [
        "second: \(start)the number 101 is taken; it is not added",
        "lost: \(start)its group nowhere is not known; it is not added",
        "nobody: \(start)it or the group nogroup, which it joins, is not known; it is not added",
        "numbered: \(start)the number 100 is taken; it is not added",
      ])
    let empty = try composedAlpine([
      alpinePackage("demo", ["post-install": "#!/bin/sh\naddgroup x\n"])
    ])
    #expect(
      empty.ledger.warnings == [
        "x: \(start)/etc/group is not there; it is not added: name alpine-baselayout-data among the "
          + "packages, or give the account under accounts"
      ])
    #expect(empty.tree.sortedPaths == [.root])
  }

  @Test(arguments: [
    "adduser", "adduser a b c", "adduser -S -D -z x", "adduser -S -D -G", "adduser -u 70000 x",
    "adduser -g 'a:b' x", "adduser -- -x", "addgroup -g x y", "addgroup -g 5 a b",
    "adduser -S a b", "adduser --home", "adduser --system=yes x", "adduser $UNKNOWN`date`",
  ])
  func leavesAccountsItCannotReadUncovered(command: String) throws {
    let result = try composedAlpine(
      [alpinePackage("demo", ["post-install": "#!/bin/sh\n\(command)\n"])], to: Self.accounts)
    #expect(result.ledger.scripts.map(\.handlers) == [[]])
    #expect(try result.tree["etc/passwd"]?.content?.text() == Self.accounts["etc/passwd"])
    #expect(try result.tree["etc/group"]?.content?.text() == Self.accounts["etc/group"])
  }
}
