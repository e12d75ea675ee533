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

  @Test func keepsThePackagesOwnHomeDirectory() throws {
    let script = "#!/bin/sh\nadduser -S -D -h /var/log/d d\n"
    var tree = Self.accounts
    tree["var/log/d"] = "/"
    let shipped = try composedAlpine(
      [alpinePackage("demo", ["pre-install": script])], to: tree, owners: ["var/log/d": "demo"])
    #expect(try shipped.entryText("var/log/d") == "directory 755 0:0")
    let other = try composedAlpine(
      [alpinePackage("demo", ["pre-install": script])], to: tree, owners: ["var/log/d": "other"])
    #expect(try other.entryText("var/log/d") == "directory 2755 101:65533")
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
      empty.ledger.warnings == ["x: \(start)/etc/group is not there; it is not added"])
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

  @Test func givesFilesToTheAccountsTheirArchiveNames() throws {
    let names: [TreePath: OwnerNames] = [
      "var/lib/d": OwnerNames(user: "d", group: "d"),
      "var/lib/e": OwnerNames(user: "nobody-here", group: "old"),
      "var/lib/f": OwnerNames(user: "d", group: "d"),
    ]
    let script = "#!/bin/sh\naddgroup -S d\nadduser -S -D -H -G d d\n"
    var tree = Self.accounts
    for name in ["d", "e", "f"] { tree["var/lib/" + name] = "/" }
    let result = try composedAlpine(
      [
        alpinePackage(
          "demo", ["pre-install": script, "post-install": "#!/bin/sh\nchown root /var/lib/d\n"],
          ownerNames: names)
      ],
      to: tree, owners: ["var/lib/d": "demo", "var/lib/e": "demo", "var/lib/f": "other"])
    #expect(try result.entryText("var/lib/d") == "directory 755 0:100")
    #expect(try result.entryText("var/lib/e") == "directory 755 0:101")
    #expect(try result.entryText("var/lib/f") == "directory 755 0:0")
  }
}
