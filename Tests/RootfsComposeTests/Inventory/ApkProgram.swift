import FoundationEssentials
import Glibc
import RootfsCompose
import TestSupport

/// The apk of a real mirror, run in a root of its own, and what it makes of the mirror's packages.
struct ApkProgram {
  /// Alpine's mirror beside the project; nil where it is absent, or where a root cannot be changed to.
  static let mirror: String? = {
    guard getuid() == 0, HostProgram.find("chroot") != nil else { return nil }
    return SharedData.root.map { $0 + "/alpine/mirror/v3.19.1-iso/x86_64" }
  }()

  /// Installed as alpine-base would have them; the package itself is left out, since apk 2.14 writes the `r:` of a
  /// package without directories into the package that follows.
  static let world = [
    "alpine-baselayout", "alpine-conf", "alpine-release", "apk-tools", "busybox",
    "busybox-mdev-openrc", "busybox-openrc", "busybox-suid", "chrony", "openrc", "openssl", "wget",
  ]

  private static let programPackages = [
    "apk-tools-2.14.0-r5", "ca-certificates-bundle-20230506-r0", "libcrypto3-3.1.4-r5",
    "libssl3-3.1.4-r5", "musl-1.2.4_git20230717-r4", "zlib-1.3.1-r0", "alpine-keys-2.4-r1",
  ]

  let root: TemporaryDirectory
  private let mirror: String

  init(mirror: String) throws {
    self.mirror = mirror
    root = try TemporaryDirectory()
    guard let tar = HostProgram.find("tar"), let copy = HostProgram.find("cp") else {
      throw TestSupportError("tar and cp are absent")
    }
    for package in Self.programPackages {
      try tar.check(["xzf", "\(mirror)/\(package).apk", "-C", root.path])
    }
    _ = try root.makeDirectory("mirror")
    try copy.check(["-r", mirror, root.file("mirror")])
  }

  /// Runs apk over the root in the directory `target` of its own root.
  func run(_ arguments: [String], target: String) throws -> HostProgram.Outcome {
    guard let chroot = HostProgram.find("chroot") else { throw TestSupportError("no chroot") }
    return try chroot.run(
      [root.path, "/sbin/apk", "--root", "/" + target, "--keys-dir", "/etc/apk/keys"]
        + ["--no-network", "--repository", "/mirror"] + arguments)
  }

  /// What apk installs of the mirror and of packages made by a test, with their scripts, in the order it does.
  func install(
    _ names: [String], made: [ApkBuilder], into target: String
  ) throws -> [UnpackedPackage] {
    _ = try root.makeDirectory(target)
    let folder = try root.makeDirectory("made")
    for package in made { try package.write(to: folder) }
    let outcome = try run(
      ["add", "--initdb", "--arch", "x86_64", "--allow-untrusted"] + names
        + made.map { "/made/" + $0.fileName }, target: target)
    guard outcome.succeeded else { throw TestSupportError(outcome.output + outcome.errors) }
    return try unpacked(outcome.output, target: target, made: made.map(\.fileName))
  }

  /// What apk installs for the world into an empty root, scripts aside, in the order it does.
  func install(into target: String) throws -> [UnpackedPackage] {
    _ = try root.makeDirectory(target)
    let outcome = try run(
      ["add", "--initdb", "--no-scripts", "--arch", "x86_64"] + Self.world, target: target)
    guard outcome.succeeded else { throw TestSupportError(outcome.output + outcome.errors) }
    return try unpacked(outcome.output, target: target)
  }

  /// The packages that apk says it installs.
  private func unpacked(
    _ output: String, target: String, made: [String] = []
  ) throws -> [UnpackedPackage] {
    let checksums = Dictionary(
      uniqueKeysWithValues: try stanzas(of: target).map { ($0["P"] ?? "", $0["C"] ?? "") })
    let spool = try ContentSpool(directory: root.path)
    return try output.split(separator: "\n").compactMap { line in
      // (1/30) Installing musl (1.2.4_git20230717-r4)
      let words = line.split(separator: " ")
      guard words.count == 4, words[1] == "Installing" else { return nil }
      let file = "\(words[2])-\(words[3].dropFirst().dropLast()).apk"
      return try ApkArchive.unpack(
        path: made.contains(file) ? root.file("made/" + file) : "\(mirror)/\(file)", subject: file,
        expecting: checksums[String(words[2])],
        keys: AlpineKeys(), spool: spool)
    }
  }

  /// The packages of a root's `installed`: the first value of each field.
  func stanzas(of target: String) throws -> [[String: String]] {
    let text = String(decoding: try root.read(target + "/lib/apk/db/installed"), as: UTF8.self)
    return text.split(separator: "\n\n").map { stanza in
      let fields = stanza.split(separator: "\n").map { line in
        (String(line.prefix(1)), String(line.dropFirst(2)))
      }
      return Dictionary(fields) { first, _ in first }
    }
  }

  /// The paths below a root with kind, mode, owner and link, as `find` prints them.
  func listing(of target: String) throws -> [String: String] {
    guard let find = HostProgram.find("find") else { throw TestSupportError("no find") }
    let outcome = try find.check(
      [root.file(target), "-mindepth", "1", "-printf", "%P\t%y %m %U:%G %l\n"])
    return Dictionary(
      uniqueKeysWithValues: outcome.output.split(separator: "\n").map { line in
        let parts = line.split(separator: "\t", maxSplits: 1)
        return (String(parts[0]), parts.dropFirst().first.map(String.init) ?? "")
      })
  }

  /// Lays a tree out below the root.
  func write(_ tree: FileTree, to target: String) throws {
    guard let tar = HostProgram.find("tar") else { throw TestSupportError("no tar") }
    _ = try root.makeDirectory(target)
    try tar.check(
      ["xpf", "-", "--numeric-owner", "-C", root.file(target)],
      input: try RootfsArchive.bytes(of: tree))
  }
}
