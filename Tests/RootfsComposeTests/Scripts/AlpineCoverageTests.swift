import FoundationEssentials
import TestSupport
import Testing

@testable import RootfsCompose

/// What covers the scripts of Alpine's own packages.
struct AlpineCoverageTests {
  /// The folders of applets in a binary of 1.32, of which its own table stands before the names: four bits an applet.
  @Test(.enabled(if: RecordedAlpine.isThere, "needs the Alpine mirror"))
  func placesTheAppletsOfAnOlderBinary() throws {
    let bytes = try #require(
      try RecordedAlpine.arm().member("bin/busybox", of: "busybox"))
    let applets = try #require(BusyboxBinary(bytes).applets)
    #expect(applets.count == 299)
    let start: [UInt8] = [0x5b, 0, 0x5b, 0x5b, 0, 0x61, 0x63]
    let names = try #require(
      bytes.indices.first { bytes[$0] == 0x5b && bytes[$0...].starts(with: start) })
    let table = bytes[(names - (applets.count + 1) / 2)..<names]
    let places = table.flatMap { [Int($0 & 15), Int($0 >> 4)] }
    let folders = ["", "bin", "sbin", "usr/bin", "usr/sbin"]
    for (applet, place) in zip(applets, places) {
      #expect(BusyboxApplets.folder(of: applet) == folders[place], "\(applet)")
    }
  }

  @Test(.enabled(if: RecordedAlpine.isThere, "needs the Alpine mirror"))
  func placesTheAppletsWhereTheNewerPackageListsThem() throws {
    let packages = try RecordedAlpine.x86()
    let list = try #require(try packages.member("etc/busybox-paths.d/busybox", of: "busybox"))
    let listed = String(decoding: list, as: UTF8.self).split(separator: "\n").map(String.init)
    let bytes = try #require(try packages.member("bin/busybox", of: "busybox"))
    let applets = try #require(BusyboxBinary(bytes).applets)
    let placed = applets.compactMap { name in
      BusyboxApplets.folder(of: name).map { $0 + "/" + name }
    }
    #expect(placed.sorted() == listed.sorted())
  }

  @Test(.enabled(if: RecordedAlpine.isThere, "needs the Alpine mirror"))
  func coversTheScriptsOfTheOlderPackages() throws {
    let packages = try RecordedAlpine.arm()
    let names = [
      "musl", "busybox", "alpine-baselayout", "busybox-initscripts", "busybox-suid", "chrony",
      "openrc",
    ]
    let scratch = try TemporaryDirectory()
    var ledger = Ledger()
    ledger.owners = try packages.unpack(names, into: scratch.path)
    var result = ComposedTree(tree: try treeOnDisk(scratch.path), ledger: ledger)
    try ScriptHandlers.apply(
      to: &result, packages: try names.map { try packages.scripts(of: $0) },
      context: alpineContext())
    #expect(result.ledger.warnings == [])
    let notes = result.ledger.scripts.map { "\($0.package) \($0.script): \($0.handlers)" }
    #expect(
      notes == [
        "busybox post-install: [\"plain-files\", \"busybox-links\"]",
        "busybox trigger: [\"busybox-links\"]",
        "alpine-baselayout pre-install: [\"system-accounts\"]",
        "alpine-baselayout post-install: [\"plain-files\"]",
        "busybox-initscripts post-install: [\"system-accounts\"]",
        "chrony pre-install: [\"system-accounts\"]",
        "openrc post-install: [\"first-installation\"]",
      ])
    #expect(try result.entryText("usr/bin/vi") == "link /bin/busybox")
    #expect(try result.entryText("sbin/ifconfig") == "link /bin/busybox")
    #expect(try result.entryText("bin/su") == "link /bin/bbsuid")
    let links = result.tree.sortedPaths.count {
      result.tree[$0]?.linkTarget == Array("/bin/busybox".utf8)
    }
    // Of 299 applets, eight link to bbsuid.
    #expect(links == 291)
  }

  /// Every script of both mirrors that a first installation runs, over the tree of all packages.
  @Test(
    .enabled(if: RecordedAlpine.isThere, "needs the Alpine mirror"),
    arguments: zip(
      RealApkTests.mirrors,
      [
        ["tiny-cloud-alpine post-install", "tiny-cloud-nocloud post-install"],
        [],
      ]))
  func coversAllScriptsOfTheMirror(mirror: RealApkTests.Mirror, uncovered: [String]) throws {
    let folder = try RealApkTests.folder(mirror)
    let directory = try TemporaryDirectory()
    let spool = try ContentSpool(directory: directory.path)
    let keys = try RealApkTests.builtInKeys()
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    var tree = FileTree()
    var ledger = Ledger()
    var packages: [PackageScripts] = []
    for file in files.sorted() where file.hasSuffix(".apk") {
      let package = try ApkArchive.unpack(
        path: folder + "/" + file, subject: file, expecting: nil, keys: keys, spool: spool)
      packages.append(
        PackageScripts(
          name: package.name, version: package.version, scripts: package.scripts,
          triggers: package.apk?.triggers ?? []))
      for (path, entry) in package.entries {
        try tree.insert(entry, at: path)
        ledger.owners[path] = package.name
      }
    }
    #expect(packages.count == mirror.count)
    var result = ComposedTree(tree: tree, ledger: ledger)
    try ScriptHandlers.apply(to: &result, packages: packages, context: alpineContext())
    let open = result.ledger.scripts.filter(\.handlers.isEmpty)
    #expect(open.map { "\($0.package) \($0.script)" } == uncovered)
    #expect(open.allSatisfy { $0.detail.hasPrefix("would run `sed ") })
    #expect(result.ledger.warnings.count == uncovered.count)
    let kinds: Set<String> = ["pre-install", "post-install", "trigger"]
    let expected = packages.reduce(0) { $0 + kinds.intersection($1.scripts.keys).count }
    #expect(Set(result.ledger.scripts.map { $0.package + $0.script }).count == expected)
    #expect(expected >= 7)
  }
}
