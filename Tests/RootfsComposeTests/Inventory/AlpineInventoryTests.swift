import TestSupport
import Testing

@testable import RootfsCompose

@Suite("Inventory of Alpine packages")
struct AlpineInventoryTests {
  static let demo = AlpinePackages.package(
    "demo", version: "1.2-r3",
    fields: [
      ("pkgname", "demo"), ("pkgver", "1.2-r3"), ("pkgdesc", "A demonstration"),
      ("url", "https://example.org/"), ("builddate", "1700000000"), ("packager", "Somebody"),
      ("size", "4096"), ("arch", "noarch"), ("origin", "demonstration"), ("commit", "abc-dirty"),
      ("maintainer", "Sören <s@example.org>"), ("license", "MIT"), ("replaces", "old<2 older"),
      ("replaces_priority", "7"), ("provider_priority", "100"), ("triggers", "/bin /usr/*"),
      ("provides", "cmd:demo=1.2-r3"), ("depend", "/bin/sh"), ("depend", "so:libc.so.1"),
      ("depend", "!bad"), ("depend", "tool>=2"), ("install_if", "a b=1-r0"), ("datahash", "00"),
    ],
    scripts: ["post-install": "#!/bin/sh\n", "trigger": "#!/bin/sh\nexit\n", "other": "x"],
    [
      "bin": .directory(), "bin/demo": .file(Content([1]), mode: 0o755),
      "bin/link": .symlink(to: "demo"), "etc": .directory(), "etc/demo.conf": .file("before"),
      "etc/dropped": .file("x"), "etc/secret": .file(Content([2]), mode: 0o640, gid: 42),
      "tmp": .directory(mode: 0o1777), "var/demo": .directory(mode: 0o700, uid: 5, gid: 6),
      "init": .file("i"), "opt": .directory(),
    ])
  static let zlib = AlpinePackages.package(
    "Zlib", fields: [("license", "Zlib"), ("replaces", "x")], ["etc": .directory()])
  static let meta = AlpinePackages.package("meta", fields: [("replaces", "x")])

  static func sample() throws -> (ComposedTree, AlpineInventory) {
    var tree = try AlpinePackages.merge(zlib, demo, meta)
    let shipped = ShippedContents(of: tree.tree)
    tree.change("etc/demo.conf", rule: "t", reason: "t") { $0 = .file("after", mode: 0o600) }
    tree.drop("etc/dropped", rule: "t", reason: "t")
    tree.drop("opt", rule: "t", reason: "t")
    try tree.put(.file("x"), at: "etc/added", rule: "t", reason: "t")
    return (
      tree,
      AlpineInventory([zlib, demo, meta], architectures: ["demo": "x86_64"], shipped: shipped)
    )
  }

  static let system = AlpineSystem(
    architecture: "x86_64",
    packages: ["demo~1.2", "Zlib", "demo=1.2-r3", "ab@edge", "!bad", "any=2.0"],
    repositories: [
      "https://example.org/alpine/v3.19/main", "@edge https://example.org/alpine/edge/main",
      "/srv/packages", "file:///srv/packages", "http://127.0.0.1:8080/main", "https://[::1]/x",
      "http://build.localhost/x", "http://mirror/x", "https://user:word@example.org/x",
    ])

  static let installed = """
    C:Q1demo=
    P:demo
    V:1.2-r3
    A:x86_64
    S:1000
    I:4096
    T:A demonstration
    U:https://example.org/
    L:MIT
    o:demonstration
    m:Sören <s@example.org>
    t:1700000000
    c:abc-dirty
    k:100
    D:/bin/sh so:libc.so.1 !bad tool>=2
    p:cmd:demo=1.2-r3
    i:a b=1-r0
    r:old<2 older
    q:7
    F:bin
    R:demo
    a:0:0:755
    Z:Q1AQEBAQEBAQEBAQEBAQEBAQEBAQE=
    R:link
    a:0:0:777
    Z:Q1AgICAgICAgICAgICAgICAgICAgI=
    F:etc
    R:demo.conf
    a:0:0:600
    Z:Q1BAQEBAQEBAQEBAQEBAQEBAQEBAQ=
    R:secret
    a:0:42:640
    Z:Q1BgYGBgYGBgYGBgYGBgYGBgYGBgY=
    F:tmp
    M:0:0:1777
    F:var/demo
    M:5:6:700
    F:
    R:init
    Z:Q1CQkJCQkJCQkJCQkJCQkJCQkJCQk=

    C:Q1meta=
    P:meta
    V:1.0-r0
    A:x86_64
    S:1000
    I:0
    T:
    U:
    L:

    C:Q1Zlib=
    P:Zlib
    V:1.0-r0
    A:x86_64
    S:1000
    I:0
    T:
    U:
    L:Zlib
    r:x
    F:etc


    """

  @Test("installed has each package's fields and what of its files is there")
  func installedFile() throws {
    var (tree, inventory) = try Self.sample()
    #expect(AlpineInventory.layout(for: tree.tree) == .installedFile)
    try inventory.write(to: &tree, layout: .installedFile, system: Self.system)
    #expect(try tree.text(at: "lib/apk/db/installed") == Self.installed)
    #expect(
      tree.outline.filter { $0.hasPrefix("/lib") || $0.contains("apk") } == [
        "/lib dir 755", "/lib/apk dir 755", "/lib/apk/db dir 755",
        "/lib/apk/db/installed file 644",
      ])
  }

  @Test("on a merged /usr the database lies there, and paths stay as packages name them")
  func mergedUsr() throws {
    let layout = AlpinePackages.package(
      "layout", ["usr/lib": .directory(), "lib": .symlink(to: "usr/lib")])
    let musl = AlpinePackages.package("musl", ["lib": .directory(), "lib/libc.so": .file("c")])
    var tree = try AlpinePackages.merge(layout, musl)
    let inventory = AlpineInventory([layout, musl], shipped: ShippedContents(of: tree.tree))
    try inventory.write(to: &tree, layout: .installedFile, system: Self.system)
    let text = try #require(try tree.text(at: "usr/lib/apk/db/installed"))
    #expect(text.hasSuffix("L:\nF:lib\nR:libc.so\nZ:Q1AQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\n"))
    #expect(text.contains("F:usr/lib\nF:\nR:lib\na:0:0:777\nZ:Q1AQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"))
  }

  @Test("a directory that packages disagree over keeps what each says, until a rule changes it")
  func sharedDirectory() throws {
    let one = AlpinePackages.package("one", ["d": .directory(mode: 0o775)])
    let two = AlpinePackages.package("two", ["d": .directory(mode: 0o755)])
    var tree = try AlpinePackages.merge(one, two)
    let inventory = AlpineInventory([one, two], shipped: ShippedContents(of: tree.tree))
    let before = String(decoding: try inventory.installed(in: tree), as: UTF8.self)
    #expect(before.contains("F:d\nM:0:0:775\n\n") && before.contains("F:d\n\n"))
    tree.change("d", rule: "t", reason: "t") { $0.mode = 0o700 }
    let after = String(decoding: try inventory.installed(in: tree), as: UTF8.self)
    #expect(
      after.split(separator: "\n").filter { $0.hasPrefix("M:") } == ["M:0:0:700", "M:0:0:700"])
  }

  @Test("images that keep apk have all of its state")
  func database() throws {
    var (tree, inventory) = try Self.sample()
    try tree.put(.file("apk", mode: 0o755), at: "sbin/apk", rule: "t", reason: "t")
    #expect(AlpineInventory.layout(for: tree.tree) == .apkDatabase)
    try inventory.write(to: &tree, layout: .apkDatabase, system: Self.system)
    #expect(
      tree.outline.filter { $0.contains("apk") } == [
        "/etc/apk dir 755", "/etc/apk/arch file 644", "/etc/apk/repositories file 644",
        "/etc/apk/world file 644", "/lib/apk dir 755", "/lib/apk/db dir 755",
        "/lib/apk/db/installed file 644", "/lib/apk/db/lock file 600",
        "/lib/apk/db/scripts.tar file 644", "/lib/apk/db/triggers file 644", "/sbin/apk file 755",
        "/var/cache/apk dir 755",
      ])
    #expect(try tree.text(at: "etc/apk/world") == "ab@edge\nany~2.0\ndemo=1.2-r3\nZlib\n")
    #expect(try tree.text(at: "etc/apk/arch") == "x86_64\n")
    #expect(try tree.text(at: "lib/apk/db/triggers") == "Q1demo= /bin /usr/*\n")
    #expect(
      try tree.text(at: "etc/apk/repositories") == """
        https://example.org/alpine/v3.19/main
        @edge https://example.org/alpine/edge/main

        """)
  }

  @Test("the scripts are an archive that tar reads", .enabled(if: HostProgram.find("tar") != nil))
  func scripts() throws {
    var (tree, inventory) = try Self.sample()
    try inventory.write(to: &tree, layout: .apkDatabase, system: Self.system)
    let bytes = try #require(try tree.tree["lib/apk/db/scripts.tar"]?.content?.bytes())
    let tar = try #require(HostProgram.find("tar"))
    let listing = try tar.check(
      ["tvf", "-", "--full-time", "--utc", "--numeric-owner"], input: bytes)
    #expect(
      listing.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        == [
          "-rwxr-xr-x 0/0 10 2023-11-14 22:13:20 demo-1.2-r3.Q1demo=.post-install",
          "-rwxr-xr-x 0/0 15 2023-11-14 22:13:20 demo-1.2-r3.Q1demo=.trigger",
        ])
  }

  @Test(
    "a package's own repositories stay, and none that the image could reach leaves the file out")
  func repositories() throws {
    var (tree, inventory) = try Self.sample()
    try tree.put(.file("own\n"), at: "etc/apk/repositories", rule: "t", reason: "t")
    try inventory.write(to: &tree, layout: .apkDatabase, system: Self.system)
    #expect(try tree.text(at: "etc/apk/repositories") == "own\n")
    (tree, inventory) = try Self.sample()
    let local = AlpineSystem(
      architecture: "x86_64", packages: ["demo"], repositories: ["/srv/packages"])
    try inventory.write(to: &tree, layout: .apkDatabase, system: local)
    #expect(tree.tree["etc/apk/repositories"] == nil)
  }

  @Test("the world has no tag that the image's repositories lack: apk would refuse every change")
  func tags() throws {
    let system = AlpineSystem(
      architecture: "x86_64", packages: ["a@edge=1.0-r0", "b@local", "c"],
      repositories: ["@local /srv/packages", "@edge https://example.org/alpine/edge/main"])
    #expect(system.world == ["a@edge=1.0-r0", "b", "c"])
  }

  @Test("of several lines of triggers the last counts, as for apk")
  func triggers() throws {
    let fields = [("triggers", "/bin /lib"), ("triggers", "/etc")]
    let package = AlpinePackages.package("a", fields: fields, scripts: ["trigger": "#!/bin/sh\n"])
    #expect(package.apk?.triggers == ["/etc"])
    var tree = ComposedTree()
    try AlpineInventory([package], shipped: ShippedContents(of: tree.tree))
      .write(to: &tree, layout: .apkDatabase, system: Self.system)
    #expect(try tree.text(at: "lib/apk/db/triggers") == "Q1a= /etc\n")
  }

  @Test("a field of more than one line is refused, for it could say that other packages are there")
  func lines() throws {
    let package = AlpinePackages.package("a", fields: [("pkgdesc", "x\n\nP:ghost\nV:1")])
    var tree = ComposedTree()
    #expect {
      try AlpineInventory([package], shipped: ShippedContents(of: tree.tree))
        .write(to: &tree, layout: .installedFile, system: Self.system)
    } throws: {
      "\($0)" == """
        a-1.0-r0: says something of itself in more than one line; expected one; leave the package out
        """
    }
  }
}
