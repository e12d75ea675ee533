import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// A root file system beside the one that apk itself makes of the same packages.
@Suite(
  .serialized,
  .enabled(if: AlpineMirror.root != nil, "needs the recorded Alpine packages"),
  .enabled(if: geteuid() == 0, "needs root"))
struct AlpineRootTests {
  /// A development image: of the rules for one, these two would change what apk leaves. Every image has the account
  /// nonroot besides.
  private static func unhardened(_ packages: [String]) -> String {
    """
    # syntax=dhi.io/build:2-alpine3.19
    name: Alpine
    variant: dev
    contents:
      repositories: [https://dl-cdn.alpinelinux.org/alpine/v3.19/main]
      packages: [\(packages.joined(separator: ", "))]
    accounts: {root: true, run-as: root}
    compose:
      exceptions:
        - {rule: documentation, reason: as apk leaves it}
        - {rule: accounts, reason: as apk leaves it}

    """
  }

  /// All packages of the mirror but two that exclude others.
  private static func everything() throws -> [String] {
    guard let tar = HostProgram.find("tar") else { throw TestSupportError("tar is missing") }
    let index = try tar.check(
      ["--warning=no-unknown-keyword", "-xzOf", AlpineMirror.x86 + "/x86_64/APKINDEX.tar.gz"]
        + ["APKINDEX"])
    return index.output.split(separator: "\n").filter { $0.hasPrefix("P:") }
      .map { String($0.dropFirst(2)) }.filter { !["vlan", "network-extras"].contains($0) }
  }

  /// The files in which an image has the account nonroot.
  private static let accountFiles = ["etc/group", "etc/passwd", "etc/shadow", "etc/shadow-"]

  /// What apk makes and an image has no use for, or makes otherwise.
  private static let differences: [String: String] = [
    "/dev/null": "a device node, which an engine provides",
    "/dev/zero": "a device node, which an engine provides",
    "/dev/console": "a device node, which an engine provides",
    "/dev/random": "a device node, which an engine provides",
    "/dev/urandom": "a device node, which an engine provides",
    "/proc/": "apk makes it before the package that ships it, and leaves its own mode",
    "/lib/apk/exec/": "apk makes it before the package that ships it, and leaves its own mode",
    "/lib/apk/db/installed": "the same packages in another order",
    "/lib/apk/db/scripts.tar": "the same scripts in another order, with a fixed time",
    "/home/nonroot/": "the home of the account that every image has",
    "/etc/tiny-cloud.conf": "a script runs sed on it, which the build warns of",
    "/etc/apk/repositories": "apk was given its repository by option, and keeps no file of it",
  ]

  /// The second request is ``everything()``, the last has the two packages that are left out there.
  @Test(arguments: [
    ["alpine-base", "openssl"], [],
    [
      "alpine-baselayout", "alpine-keys", "alpine-release", "apk-tools", "network-extras", "vlan",
    ],
  ])
  func isWhatApkItselfInstalls(packages: [String]) throws {
    let packages = packages.isEmpty ? try Self.everything() : packages
    let image = try AlpineImage(
      name: "alpine", text: Self.unhardened(packages), repositories: [AlpineMirror.x86])
    let apk = try ApkRoot()
    let theirs = try apk.install(packages)
    let ours = try image.dump()
    var found = [String]()
    for path in Set(ours.keys).union(theirs.keys).sorted()
    where ours[path] != theirs[path] && Self.differences[path] == nil
      && !Self.accountFiles.contains(String(path.dropFirst()))
    {
      found.append("\(path): ours \(ours[path] ?? "absent"), apk's \(theirs[path] ?? "absent")")
    }
    #expect(found == [])
    #expect(ours.count > 700)
    for file in Self.accountFiles where theirs["/" + file] != nil {
      let own = accounts(text(try image.file(file)), in: file)
      #expect(own == accounts(text(try apk.file(file)), in: file), "\(file)")
      #expect(Self.rights(ours["/" + file]) == Self.rights(theirs["/" + file]))
    }
    #expect(
      Self.entries(text(try image.file("lib/apk/db/installed")))
        == Self.entries(text(try apk.file("lib/apk/db/installed"))))
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// A file's lines without the account that every image has, and without the day on which a script made an account:
  /// ours is the image's time, apk's the test's.
  private func accounts(_ text: String, in file: String) -> [String] {
    text.split(separator: "\n").filter { !$0.hasPrefix("nonroot:") }.map { line in
      var fields = line.split(separator: ":", omittingEmptySubsequences: false)
      if file.contains("shadow"), fields.count > 2, fields[1] == "!" { fields[2] = "day" }
      return fields.joined(separator: ":")
    }
  }

  /// A fact of a dump without the content's digest.
  private static func rights(_ fact: String?) -> [Substring] {
    var words = (fact ?? "").split(separator: " ")
    if words.count > 2 { words.remove(at: 2) }
    return words
  }

  /// The entries of a database, sorted.
  ///
  /// apk 2.14 gives alpine-baselayout, which replaces nothing, the `r:` of a package that it read before.
  private static func entries(_ database: String) -> [String] {
    database.split(separator: "\n\n").map { (entry: Substring) -> String in
      let text = String(entry)
      return text.hasPrefix("C:Q16vHLRZoP2NZ2lLj3reL8p+l/YE4=\n")
        ? text.replacing("r:alpine-baselayout\n", with: "") : text
    }.sorted()
  }
}

/// A root that holds apk and was composed for it, in which apk installs into another root.
private struct ApkRoot {
  private let image: AlpineImage
  private let root: String

  init() throws {
    image = try AlpineImage(
      name: "apk",
      text: """
        # syntax=dhi.io/build:2-alpine3.19
        name: apk
        variant: dev
        contents: {packages: [apk-tools, alpine-keys, alpine-baselayout, busybox]}

        """, repositories: [AlpineMirror.x86])
    root = try image.scratch.makeDirectory("root")
    guard let tar = HostProgram.find("tar") else { throw TestSupportError("tar is missing") }
    try tar.check(["-xpf", try image.tar(), "-C", root, "--numeric-owner"])
    try FileManager.default.copyItem(atPath: AlpineMirror.x86, toPath: root + "/mirror")
    // apk looks for keys in the root it installs into.
    try FileManager.default.createDirectory(
      atPath: root + "/target/etc/apk", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: root + "/etc/apk/keys", toPath: root + "/target/etc/apk/keys")
  }

  /// Installs packages into an empty root, offline, signatures checked; returns the root's dump.
  func install(_ packages: [String]) throws -> [String: String] {
    guard let chroot = HostProgram.find("chroot"), let tar = HostProgram.find("tar") else {
      throw TestSupportError("chroot or tar is missing")
    }
    try chroot.check(
      [
        root, "/sbin/apk", "add", "--root", "/target", "--initdb", "--no-network", "--no-progress",
        "--repository", "/mirror",
      ] + packages)
    let archive = image.scratch.file("target.tar")
    try tar.check(["-cf", archive, "--numeric-owner", "-C", root + "/target", "."])
    return try RootfsDump.dump(tar: try image.scratch.read("target.tar"))
  }

  func file(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: root + "/target/" + path)))
  }
}
