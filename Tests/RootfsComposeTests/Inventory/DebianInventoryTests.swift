import FoundationEssentials
import PkgResolve
import Testing

@testable import RootfsCompose

@Suite("Inventory of Debian packages")
struct DebianInventoryTests {
  static let control = """
    Package: libdemo1
    Source: demo (1.2-1)
    Version: 1.2-1+b1
    Architecture: amd64
    Maintainer: Some One <one@example.org>
    Multi-Arch: same
    Installed-Size: 12
    Depends: libc6 (>= 2.36)
    Description: demonstration library
     First line.
     .
     Second paragraph.

    """

  static let sum = "0123456789abcdef0123456789abcdef"

  static func package(_ name: String, _ control: String, _ paths: [String]) throws
    -> DebianInventoryPackage
  {
    let stanza = try #require(try ControlStanza.parse(Array(control.utf8), name: "control").first)
    let sums = paths.map { "\(sum)  \($0)\n" }.joined()
    return DebianInventoryPackage(
      name: name, control: stanza, md5sums: Array(sums.utf8), conffiles: nil,
      members: ["postinst": Array("#!/bin/sh\n".utf8)])
  }

  static func sample() throws -> (ComposedTree, DebianInventory) {
    var tree = try SampleTree.make(
      [
        "lib": .symlink(to: "usr/lib"), "usr/lib/libdemo.so.1": .file("so"),
        "usr/lib/changed": .file("before"), "usr/share/doc/libdemo1/copyright": .file("c"),
        "usr/lib/foreign": .file("other package's"),
      ],
      owners: [
        "usr/lib/libdemo.so.1": "libdemo1", "usr/lib/changed": "libdemo1",
        "usr/share/doc/libdemo1/copyright": "libdemo1", "usr/lib/foreign": "other",
      ])
    let shipped = ShippedContents(of: tree.tree)
    tree.change("usr/lib/changed", rule: "test", reason: "test") { $0 = .file("after") }
    let package = try Self.package(
      "libdemo1", control,
      [
        "lib/libdemo.so.1", "usr/lib/changed", "usr/lib/dropped", "usr/lib/foreign",
        "usr/share/doc/libdemo1/copyright", "../../etc/passwd",
      ])
    return (tree, DebianInventory([package], shipped: shipped))
  }

  static let stanza = """
    Package: libdemo1
    Status: install ok installed
    Source: demo (1.2-1)
    Version: 1.2-1+b1
    Architecture: amd64
    Maintainer: Some One <one@example.org>
    Multi-Arch: same
    Installed-Size: 12
    Depends: libc6 (>= 2.36)
    Description: demonstration library
     First line.
     .
     Second paragraph.

    """

  static let sums = """
    \(sum)  usr/lib/libdemo.so.1
    \(sum)  usr/share/doc/libdemo1/copyright

    """

  @Test("what packages or a recipe put into status.d does not stay there")
  func foreignEntries() throws {
    var (tree, inventory) = try Self.sample()
    let directory = DebianInventory.directory.appending("status.d")
    for name: TreePath in ["ghost", "bin/apt", "libdemo1/x"] {
      try tree.put(.file("Package: ghost\n"), at: directory.appending(name), rule: "t", reason: "t")
    }
    try inventory.write(to: &tree, layout: .statusDirectory)
    #expect(
      tree.tree.paths(below: directory).map(\.nameText) == ["libdemo1", "libdemo1.md5sums"])
    #expect(
      tree.ledger.warnings
        == ["bin", "ghost", "libdemo1"].map {
          "/var/lib/dpkg/status.d/\($0): dropped, for it is not the inventory's; scanners would believe it"
        })
  }

  @Test("status.d has a stanza and the sums of what is still there")
  func statusDirectory() throws {
    var (tree, inventory) = try Self.sample()
    #expect(DebianInventory.layout(for: tree.tree) == .statusDirectory)
    try inventory.write(to: &tree, layout: .statusDirectory)
    #expect(
      tree.outline.filter { $0.hasPrefix("/var") } == [
        "/var dir 755", "/var/lib dir 755", "/var/lib/dpkg dir 755",
        "/var/lib/dpkg/status.d dir 755", "/var/lib/dpkg/status.d/libdemo1 file 644",
        "/var/lib/dpkg/status.d/libdemo1.md5sums file 644",
      ])
    #expect(try tree.text(at: "var/lib/dpkg/status.d/libdemo1") == Self.stanza)
    #expect(try tree.text(at: "var/lib/dpkg/status.d/libdemo1.md5sums") == Self.sums)
  }

  @Test("dpkg's database has status, lists, sums and scripts")
  func database() throws {
    var (tree, inventory) = try Self.sample()
    try inventory.write(to: &tree, layout: .dpkgDatabase)
    #expect(
      tree.outline.filter { $0.hasPrefix("/var/lib/dpkg/") } == [
        "/var/lib/dpkg/alternatives dir 755", "/var/lib/dpkg/available file 644",
        "/var/lib/dpkg/info dir 755", "/var/lib/dpkg/info/format file 644",
        "/var/lib/dpkg/info/libdemo1:amd64.list file 644",
        "/var/lib/dpkg/info/libdemo1:amd64.md5sums file 644",
        "/var/lib/dpkg/info/libdemo1:amd64.postinst file 755", "/var/lib/dpkg/parts dir 755",
        "/var/lib/dpkg/status file 644", "/var/lib/dpkg/triggers dir 755",
        "/var/lib/dpkg/updates dir 755",
      ])
    #expect(try tree.text(at: "var/lib/dpkg/status") == Self.stanza + "\n")
    #expect(
      try tree.text(at: "var/lib/dpkg/info/libdemo1:amd64.list") == """
        /.
        /usr
        /usr/lib
        /usr/lib/changed
        /usr/lib/libdemo.so.1
        /usr/share
        /usr/share/doc
        /usr/share/doc/libdemo1
        /usr/share/doc/libdemo1/copyright

        """)
  }

  @Test("a name that is no package name is refused")
  func badName() throws {
    var (tree, _) = try Self.sample()
    let package = try Self.package("../x", Self.control, [])
    #expect {
      try DebianInventory([package], shipped: ShippedContents(of: tree.tree))
        .write(to: &tree, layout: .statusDirectory)
    } throws: {
      "\($0)" == """
        ../x: is not a package name; expected lower-case letters, digits, "+", "-" and "."
        """
    }
  }
}
