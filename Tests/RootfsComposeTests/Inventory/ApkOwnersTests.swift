import TestSupport
import Testing

@testable import RootfsCompose

/// Owners that packages name, beside those that the apk 2.14 of the mirror gives.
@Suite("Owners beside a real apk", .serialized, .enabled(if: ApkProgram.mirror != nil))
struct ApkOwnersTests {
  private static let base = [
    "musl", "busybox", "busybox-binsh", "alpine-baselayout-data", "alpine-baselayout",
  ]

  /// Its accounts have other numbers where it was built than the first free ones.
  private static func demo() -> ApkBuilder {
    var demo = ApkBuilder("demo", fields: [("depend", "alpine-baselayout")])
    demo.scripts = [
      "pre-install": """
      #!/bin/sh
      addgroup -S first
      addgroup -S demo
      adduser -S -D -h /var/lib/demo -G demo -g demo demo
      exit 0

      """,
      "post-install": """
      #!/bin/sh
      addgroup -S late
      chown demo:late /etc/demo/given
      chmod 600 /etc/demo/given
      chown root:root /etc/demo/taken
      chown demo /var/log/demo
      chmod 700 /var/log/demo
      exit 0

      """,
    ]
    for path in ["etc", "usr", "usr/bin", "var", "var/lib", "var/log"] { demo.directory(path) }
    owned(&demo, "demo", "demo") { $0.directory("etc/demo", mode: 0o2750, uid: 777, gid: 778) }
    owned(&demo, "root", "demo") { $0.file("etc/demo/a", "a", mode: 0o640, gid: 778) }
    owned(&demo, "root", "root") { $0.file("etc/demo/given", "b") }
    owned(&demo, "demo", "demo") { $0.file("etc/demo/taken", "c", uid: 777, gid: 778) }
    owned(&demo, "stranger", "late") { $0.file("etc/demo/unknown", "d", uid: 55, gid: 66) }
    owned(&demo, "root", "wheel") { $0.file("etc/demo/moved", "e", uid: 1000, gid: 1000) }
    owned(&demo, "", "") { $0.file("etc/demo/nameless", "f", uid: 777, gid: 778) }
    owned(&demo, "demo", "first") { $0.file("usr/bin/demo", "g", mode: 0o6755, uid: 1, gid: 1) }
    owned(&demo, "demo", "first") {
      var link = TarBuilder.Member(
        ApkBuilder.stored("usr/bin/demo2"), type: "1", mode: 0o6755, uid: 1, gid: 1)
      link.linkName = ApkBuilder.stored("usr/bin/demo")
      $0.add(link)
    }
    owned(&demo, "demo", "demo") { $0.symlink("usr/bin/link", to: "demo") }
    owned(&demo, "root", "root") { $0.directory("var/lib/demo", mode: 0o700) }
    owned(&demo, "demo", "first") { $0.directory("var/log/demo", mode: 0o1770, uid: 777) }
    owned(&demo, "demo", "demo") { $0.directory("var/shared", mode: 0o770, uid: 777, gid: 778) }
    owned(&demo, "demo", "demo") { $0.directory("var/both", mode: 0o775, uid: 777, gid: 778) }
    return demo
  }

  /// Comes after the other, which it depends on, and shares directories with it.
  private static func after() -> ApkBuilder {
    var after = ApkBuilder("after", fields: [("depend", "demo")])
    after.scripts = ["pre-install": "#!/bin/sh\naddgroup -S after\n"]
    after.directory("var")
    owned(&after, "root", "root") { $0.directory("var/shared", mode: 0o750) }
    owned(&after, "demo", "demo") { $0.directory("var/both", mode: 0o751, uid: 3, gid: 3) }
    owned(&after, "demo", "demo") { $0.file("var/both/file", "x", uid: 3, gid: 3) }
    owned(&after, "demo", "late") { $0.file("var/both/late", "y", gid: 4) }
    return after
  }

  private static func owned(
    _ package: inout ApkBuilder, _ user: String, _ group: String,
    _ add: (inout ApkBuilder) -> Void
  ) {
    add(&package)
    package.nameOwner(user, group)
  }

  /// Both packages' lines of a tree, by path.
  private func lines(of apk: ApkProgram, _ target: String) throws -> [String: String] {
    try apk.listing(of: target).filter { path, _ in
      path.contains("demo") || path == "var/shared" || path.hasPrefix("var/both")
        || path == "usr/bin/link" || path == "etc/shadow"
    }
  }

  private func entries(_ database: String) -> [String] {
    database.split(separator: "\n\n").map(String.init).filter {
      $0.contains("P:demo\n") || $0.contains("P:after\n")
    }
  }

  @Test func areThoseThatApkGives() throws {
    let apk = try ApkProgram(mirror: try #require(ApkProgram.mirror))
    let packages = try apk.install(
      Self.base, made: [Self.demo(), Self.after()], into: "theirs")
    var ours = try Installation(
      packages.sorted { $0.name < $1.name }, world: Self.base + ["demo", "after"],
      policy: AlpineMergePolicy(), context: alpineContext())
    #expect(ours.packages.map(\.name) == packages.map(\.name))
    let architectures = Dictionary(uniqueKeysWithValues: packages.map { ($0.name, "x86_64") })
    try AlpineInventory(ours.packages, architectures: architectures, shipped: ours.shipped).write(
      to: &ours.tree, layout: .installedFile,
      system: AlpineSystem(architecture: "x86_64", packages: [], repositories: []))
    try apk.write(ours.tree.tree, to: "ours")

    let theirs = try lines(of: apk, "theirs")
    #expect(try lines(of: apk, "ours") == theirs)
    #expect(theirs["etc/demo"] == "d 2750 100:102 ")
    #expect(theirs["etc/demo/unknown"] == "f 644 55:66 ")
    #expect(theirs["usr/bin/demo"] == "f 6755 100:101 ")
    #expect(theirs["var/lib/demo"] == "d 2755 100:102 ")
    #expect(theirs["var/log/demo"] == "d 1770 100:101 ")
    #expect(theirs["var/both"] == "d 751 100:102 ")
    #expect(theirs["var/both/late"] == "f 644 100:103 ")
    func database(_ target: String) throws -> [String] {
      entries(String(decoding: try apk.root.read(target + "/lib/apk/db/installed"), as: UTF8.self))
    }
    let expected = try database("theirs")
    #expect(expected.count == 2)
    #expect(try database("ours") == expected)
    #expect(ours.tree.ledger.warnings == [])
    let record = ours.tree.ledger.records.first { $0.path == "/etc/demo" }
    #expect(record?.rule == "named-owners")
    #expect(
      record?.reason
        == "demo gives it to demo:demo, not to 777:778, which they were where it was built")
  }
}
