import TestSupport
import Testing

@testable import RootfsCompose

/// apk 2.14 of the mirror is the judge: of what merging makes of its packages, and of the database we write.
@Suite("Agreement with a real apk", .serialized, .enabled(if: ApkProgram.mirror != nil))
struct ApkAgreementTests {
  /// One image's tree and database, and the apk that made its own of the same packages.
  struct Sample {
    let apk: ApkProgram
    let packages: [UnpackedPackage]
    var tree: ComposedTree
    let shipped: ShippedContents

    init() throws {
      apk = try ApkProgram(mirror: try #require(ApkProgram.mirror))
      packages = try apk.install(into: "theirs")
      tree = try ComposedTree.merge(packages, policy: AlpineMergePolicy())
      shipped = ShippedContents(of: tree.tree)
    }

    mutating func writeInventory() throws {
      // The index of a repository has its own architecture even of a package that fits all.
      let architectures = Dictionary(
        uniqueKeysWithValues: packages.map { ($0.name, "x86_64") })
      try AlpineInventory(packages, architectures: architectures, shipped: shipped).write(
        to: &tree, layout: AlpineInventory.layout(for: tree.tree),
        system: AlpineSystem(architecture: "x86_64", packages: ApkProgram.world, repositories: []))
    }

    func theirs(_ path: String) throws -> String {
      String(decoding: try apk.root.read("theirs/" + path), as: UTF8.self)
    }

    func ours(_ path: TreePath) throws -> String { try #require(try tree.text(at: path)) }
  }

  @Test("where nothing is dropped, the state is what apk itself writes")
  func state() throws {
    var sample = try Sample()
    try sample.writeInventory()
    #expect(sample.packages.count > 25)
    #expect(try sample.ours("lib/apk/db/installed") == sample.theirs("lib/apk/db/installed"))
    #expect(try sample.ours("etc/apk/world") == sample.theirs("etc/apk/world"))
    #expect(try sample.ours("etc/apk/arch") == sample.theirs("etc/apk/arch"))
    // apk keeps these two in the order of installation.
    #expect(
      try sample.ours("lib/apk/db/triggers").split(separator: "\n").sorted()
        == sample.theirs("lib/apk/db/triggers").split(separator: "\n").sorted())
    try sample.apk.write(sample.tree.tree, to: "ours")
    #expect(
      try scripts(of: sample.apk, "ours") == scripts(of: sample.apk, "theirs"))
  }

  @Test("where nothing is dropped, the tree is what apk unpacks")
  func tree() throws {
    var sample = try Sample()
    try sample.writeInventory()
    try sample.apk.write(sample.tree.tree, to: "ours")
    var ours = try sample.apk.listing(of: "ours")
    var theirs = try sample.apk.listing(of: "theirs")
    // What apk makes with a new root: devices, and a mount point whose mode is its own.
    for name in ["null", "zero", "random", "urandom", "console"] { theirs["dev/" + name] = nil }
    #expect(theirs.removeValue(forKey: "proc") == "d 555 0:0 ")
    #expect(ours.removeValue(forKey: "proc") == "d 755 0:0 ")
    for (path, line) in ours where theirs[path] != line {
      Issue.record("ours /\(path) \(line), apk's \(theirs[path] ?? "absent")")
    }
    for path in theirs.keys where ours[path] == nil { Issue.record("apk alone has /\(path)") }
  }

  @Test("apk reads our state, finds nothing amiss, and goes on from it")
  func use() throws {
    var sample = try Sample()
    try sample.writeInventory()
    try sample.apk.write(sample.tree.tree, to: "ours")
    let before = try sample.apk.stanzas(of: "ours")
    let list = try sample.apk.run(["info", "-v"], target: "ours")
    #expect(list.errors == "")
    #expect(
      list.output.split(separator: "\n").map(String.init)
        == before.map { "\($0["P"] ?? "")-\($0["V"] ?? "")" })
    for arguments in [["audit", "--system"], ["audit", "--system", "--check-permissions"]] {
      let audit = try sample.apk.run(arguments, target: "ours")
      #expect(audit.output == "" && audit.errors == "")
    }
    let add = try sample.apk.run(["add", "--no-scripts", "jansson", "yx"], target: "ours")
    #expect(!add.succeeded, "the mirror has no jansson: nothing may be installed")
    let yx = try sample.apk.run(["add", "--no-scripts", "yx"], target: "ours")
    #expect(yx.succeeded, "\(yx.output)\(yx.errors)")
    #expect(yx.output.contains("Installing yx (1.0.0-r1)"))
    #expect(!yx.output.contains("Upgrading") && !yx.output.contains("Purging"))
    let after = try sample.apk.stanzas(of: "ours")
    #expect(after.filter { !["yaml", "yx"].contains($0["P"]) } == before)
    #expect(try sample.apk.run(["audit", "--system"], target: "ours").output == "")
  }

  @Test("what rules dropped and changed is neither missed nor taken for the package's")
  func hardened() throws {
    var sample = try Sample()
    var hardening = try Hardening(
      HardeningPolicy(requestedPackages: ["apk-tools", "busybox", "alpine-keys"]))
    try hardening.applyToPackages(&sample.tree)
    var accounts = try AccountsEffect(nil, tree: sample.tree.tree, nologin: "/sbin/nologin")
    try accounts.apply(to: &sample.tree)
    hardening.context.placed = accounts.placed
    try hardening.applyLast(&sample.tree)
    try hardening.prove(sample.tree)
    try sample.writeInventory()
    try sample.apk.write(sample.tree.tree, to: "ours")
    let list = try sample.apk.run(["info", "-v"], target: "ours")
    #expect(list.errors == "")
    #expect(list.output.split(separator: "\n").count == sample.packages.count)
    let system = try sample.apk.run(
      ["audit", "--system", "--check-permissions"], target: "ours")
    #expect(system.output == "" && system.errors == "")
    // Without --system only /etc is looked at: what the image itself made of it.
    let settings = try sample.apk.run(["audit"], target: "ours")
    #expect(
      settings.output.split(separator: "\n").filter { !$0.hasPrefix("A etc/apk/") }.sorted() == [
        "U etc/group", "U etc/passwd", "U etc/shadow", "U etc/shells",
      ])
  }

  /// The contents of `scripts.tar` by member.
  private func scripts(of apk: ApkProgram, _ target: String) throws -> [String: String] {
    let tar = try #require(HostProgram.find("tar"))
    let file = apk.root.file(target + "/lib/apk/db/scripts.tar")
    let names = try tar.check(["tf", file]).output.split(separator: "\n").map(String.init)
    return Dictionary(
      uniqueKeysWithValues: try names.map { ($0, try tar.check(["xOf", file, $0]).output) })
  }
}
