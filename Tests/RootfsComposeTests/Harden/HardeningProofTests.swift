import Testing

@testable import RootfsCompose

@Suite("Hardening as a whole")
struct HardeningProofTests {
  static let passwords = "root:x:0:0:root:/root:/bin/bash\napp:x:1000:1000::/home/app:\n"

  static func tree() throws -> ComposedTree {
    try SampleTree.make([
      "etc/passwd": .file(passwords), "usr/bin/bash": SampleTree.program("bash"),
      "bin": .symlink(to: "usr/bin"), "usr/bin/app": SampleTree.program("app", mode: 0o4755),
      "usr/share/doc/app/README": .file("x"), "tmp": .directory(mode: 0o1777),
    ])
  }

  @Test("all rules together leave nothing to find")
  func all() throws {
    var tree = try Self.tree()
    let hardening = try Hardening(.init())
    try hardening.applyToPackages(&tree)
    try hardening.applyLast(&tree)
    try hardening.prove(tree)
    #expect(
      tree.outline == [
        "/bin link usr/bin", "/etc dir 755", "/etc/passwd file 644", "/tmp dir 1777",
        "/usr dir 755", "/usr/bin dir 755", "/usr/bin/app file 755", "/usr/share dir 755",
      ])
    #expect(
      try tree.text(at: "etc/passwd") == """
        root:x:0:0:root:/root:/usr/sbin/nologin
        app:x:1000:1000::/home/app:/usr/sbin/nologin

        """)
  }

  @Test("dev images keep their tools")
  func dev() throws {
    var tree = try Self.tree()
    let hardening = try Hardening(.init(variant: .dev))
    try hardening.applyToPackages(&tree)
    try hardening.applyLast(&tree)
    try hardening.prove(tree)
    #expect(tree.tree["usr/bin/bash"] != nil)
    #expect(tree.tree["usr/bin/app"]?.mode == 0o4755)
    #expect(tree.tree["usr/share/doc/app/README"] == nil)
    #expect(try tree.text(at: "etc/passwd")?.hasPrefix("root:x:0:0:root:/root:/bin/bash\n") == true)
  }

  @Test("what breaks a rule after all rules ran is an error")
  func proof() throws {
    var tree = try Self.tree()
    let hardening = try Hardening(.init())
    try hardening.applyToPackages(&tree)
    try hardening.applyLast(&tree)
    tree.change("usr/bin/app", rule: "test", reason: "test") { $0.mode = 0o2755 }
    #expect {
      try hardening.prove(tree)
    } throws: {
      ($0 as? ComposeError)?.code == .hardening
        && "\($0)" == """
          /usr/bin/app: this path breaks the hardening rule "setuid" (clears set-user-ID and set-group-ID bits) \
          after all rules ran; drop the path with the recipe's excludes, or except it from the rule under the \
          recipe's key "compose"
          """
    }
  }

  @Test("an image without accounts is an error")
  func accounts() throws {
    var tree = try Self.tree()
    let hardening = try Hardening(.init())
    try hardening.applyToPackages(&tree)
    try hardening.applyLast(&tree)
    tree.change("etc/passwd", rule: "test", reason: "test") {
      $0 = .file("root:x:0:0::/root:/usr/sbin/nologin\n")
    }
    #expect {
      try hardening.prove(tree)
    } throws: {
      "\($0)".hasPrefix("/etc/passwd: this path breaks the hardening rule \"accounts\"")
    }
  }

  @Test("accounts gives nologin to accounts whose shell is not there, unless excepted")
  func accountShells() throws {
    let tree = try SampleTree.make([
      "etc/passwd": .file(
        """
        root:x:0:0:root:/root:/bin/bash
        sync:x:4:65534:sync:/bin:/bin/sync
        app:x:1000:1000::/home/app:
        off:x:1001:1001::/home/off:/bin/false

        """),
      "bin/bash": SampleTree.program("bash"),
    ])
    let hardened = try SampleTree.applying(AccountsRule(), to: tree)
    #expect(
      try hardened.text(at: "etc/passwd") == """
        root:x:0:0:root:/root:/bin/bash
        sync:x:4:65534:sync:/bin:/usr/sbin/nologin
        app:x:1000:1000::/home/app:/usr/sbin/nologin
        off:x:1001:1001::/home/off:/bin/false

        """)
    #expect(
      hardened.deeds == ["changed /etc/passwd [accounts] no shell in the image for sync, app"])
    let excepted = try SampleTree.applying(
      AccountsRule(), to: tree, .init(exceptions: [SampleTree.exception("accounts")]))
    #expect(excepted.outline == tree.outline)
    #expect(try excepted.text(at: "etc/passwd") == tree.text(at: "etc/passwd"))
  }

  @Test("an unknown rule is refused where it stands, with near names")
  func unknownRule() {
    #expect {
      try Hardening(.init(exceptions: [SampleTree.exception("set-uid")]))
    } throws: {
      "\($0)" == "recipe.yaml:7:3: unknown hardening rule \"set-uid\"; did you mean \"setuid\"?"
    }
    #expect {
      try Hardening(.init(exceptions: [SampleTree.exception("zzzzzzzzzz")]))
    } throws: {
      "\($0)" == """
        recipe.yaml:7:3: unknown hardening rule "zzzzzzzzzz"; expected one of setuid, capabilities, device-nodes, \
        world-writable, file-modes, documentation, locales, caches-and-logs, shells, package-managers, \
        host-integration, dangling-links, empty-directories, accounts
        """
    }
  }

  @Test("an exception that matched nothing is a warning")
  func unusedException() throws {
    var tree = try Self.tree()
    let hardening = try Hardening(
      .init(exceptions: [
        SampleTree.exception("setuid", "/usr/bin/none"),
        SampleTree.exception("setuid", "/usr/bin/app"),
      ]))
    try hardening.applyToPackages(&tree)
    try hardening.applyLast(&tree)
    try hardening.noteExceptions(&tree)
    try hardening.prove(tree)
    #expect(
      tree.ledger.warnings == [
        "recipe.yaml:7:3: the exception to the hardening rule \"setuid\" matched nothing"
      ])
    #expect(tree.tree["usr/bin/app"]?.mode == 0o4755)
  }

  @Test("every rule has a name of its own and a summary")
  func names() {
    let names = HardeningRules.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(HardeningRules.all.allSatisfy { !$0.summary.isEmpty && !$0.summary.contains("\n") })
  }
}
