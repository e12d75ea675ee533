import FoundationEssentials
import Glibc
import TestSupport

@testable import RootfsCompose

func alpineContext(
  isRuntime: Bool = true, epoch: Int64 = 20_000 * 86_400, release: String = "3.19"
) -> ScriptContext {
  ScriptContext(
    family: .alpine, architecture: "x86_64", distribution: "alpine-" + release, epoch: epoch,
    isRuntime: isRuntime)
}

/// An Alpine package whose scripts are given as text.
func alpinePackage(
  _ name: String, _ scripts: [String: String], triggers: [String] = []
) -> PackageScripts {
  PackageScripts(
    name: name, version: "1.0-r0", scripts: scripts.mapValues { Array($0.utf8) },
    triggers: triggers)
}

/// A tree after the scripts of Alpine packages; `owners` says which package ships a path.
func composedAlpine(
  _ packages: [PackageScripts], to entries: [String: String] = [:], isRuntime: Bool = true,
  owners: [TreePath: String] = [:], release: String = "3.19"
) throws -> ComposedTree {
  var ledger = Ledger()
  ledger.owners = owners
  var result = ComposedTree(tree: try scriptTree(entries), ledger: ledger)
  try ScriptHandlers.apply(
    to: &result, packages: packages, context: alpineContext(isRuntime: isRuntime, release: release))
  return result
}

/// The packages of one of the Alpine mirrors beside the project, as files that host programs unpack.
struct RecordedAlpine {
  let directory: String

  static let isThere = SharedData.root != nil && HostProgram.find("tar") != nil
  /// Whether a root of the mirror's x86_64 packages can be entered.
  static let canRun: Bool = {
    #if arch(x86_64)
      isThere && geteuid() == 0 && HostProgram.find("chroot") != nil
    #else
      false
    #endif
  }()

  init(_ mirror: String) throws {
    guard let root = SharedData.root else { throw TestSupportError("no shared data") }
    directory = root + "/alpine/mirror/" + mirror
  }

  static func x86() throws -> RecordedAlpine { try RecordedAlpine("v3.19.1-iso/x86_64") }
  static func arm() throws -> RecordedAlpine { try RecordedAlpine("v3.13.4-iso/aarch64") }

  /// The file of a package: its name, a hyphen and a version that begins with a digit.
  func file(of name: String) throws -> String {
    let files = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    let found = files.first {
      $0.hasPrefix(name + "-") && $0.hasSuffix(".apk")
        && $0.dropFirst(name.count + 1).first?.isNumber == true
    }
    guard let found else { throw TestSupportError("no package \(name) in \(directory)") }
    return directory + "/" + found
  }

  private func tar(_ arguments: [String]) throws -> HostProgram.Outcome {
    guard let tar = HostProgram.find("tar") else { throw TestSupportError("no tar") }
    return try tar.run(["--warning=no-unknown-keyword"] + arguments)
  }

  /// What `tar` finds at a path of the package; nil where it has none.
  func member(_ path: String, of name: String) throws -> [UInt8]? {
    let outcome = try tar(["-xzOf", try file(of: name), path])
    return outcome.succeeded ? outcome.standardOutput : nil
  }

  func scripts(of name: String) throws -> PackageScripts {
    let information = String(
      decoding: try member(".PKGINFO", of: name) ?? [], as: UTF8.self
    ).split(separator: "\n")
    func values(_ field: String) -> [String] {
      information.filter { $0.hasPrefix(field + " = ") }.map {
        String($0.dropFirst(field.count + 3))
      }
    }
    var scripts: [String: [UInt8]] = [:]
    for key in ["pre-install", "post-install", "pre-upgrade", "post-upgrade", "trigger"] {
      scripts[key] = try member("." + key, of: name)
    }
    return PackageScripts(
      name: name, version: values("pkgver").first ?? "", scripts: scripts,
      triggers: values("triggers").flatMap { $0.split(separator: " ").map(String.init) })
  }

  /// Unpacks packages one over the other, without their scripts; returns which one ships each path.
  func unpack(_ names: [String], into root: String) throws -> [TreePath: String] {
    var owners: [TreePath: String] = [:]
    for name in names {
      let file = try file(of: name)
      let hidden = ["--exclude=.PKGINFO", "--exclude=.SIGN.*", "--exclude=.p*", "--exclude=.t*"]
      let outcome = try tar(
        ["--numeric-owner", "--anchored"] + hidden + ["-xpzf", file, "-C", root])
      guard outcome.succeeded else { throw TestSupportError(outcome.errors) }
      for line in try tar(["-tzf", file]).output.split(separator: "\n") {
        if let path = TreePath(String(line)) { owners[path] = name }
      }
    }
    return owners
  }
}

/// A directory read as a tree, links not followed; special files are left out.
func treeOnDisk(_ root: String) throws -> FileTree {
  var tree = FileTree()
  var pending = [""]
  while let directory = pending.popLast() {
    for name in try FileManager.default.contentsOfDirectory(atPath: root + "/" + directory) {
      let path = directory.isEmpty ? name : directory + "/" + name
      guard let place = TreePath(path) else { continue }
      var status = stat()
      guard lstat(root + "/" + path, &status) == 0 else { continue }
      let kind: FileEntry.Kind
      switch status.st_mode & S_IFMT {
      case S_IFDIR:
        kind = .directory
        pending.append(path)
      case S_IFLNK:
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: root + "/" + path)
        kind = .symlink(target: Array(target.utf8))
      case S_IFREG:
        let bytes = Array(try Data(contentsOf: URL(filePath: root + "/" + path)))
        kind = .regular(Content(bytes), linkGroup: nil)
      default: continue
      }
      try tree.insert(
        FileEntry(
          kind: kind, mode: UInt16(status.st_mode & 0o7777), uid: status.st_uid,
          gid: status.st_gid),
        at: place)
    }
  }
  return tree
}

/// One line for each path: its kind, mode, owner, and target or digest.
func treeLines(_ tree: FileTree) -> Set<String> {
  var lines = Set<String>()
  for path in tree.sortedPaths {
    guard let entry = tree[path], !path.isRoot else { continue }
    let what: String
    switch entry.kind {
    case .directory: what = "directory"
    case .symlink(let target): what = "link " + String(decoding: target, as: UTF8.self)
    case .regular(let content, _): what = "file \((try? content.digest())?.hex ?? "unreadable")"
    default: what = "other"
    }
    let mode = String(entry.mode, radix: 8)
    lines.insert("\(path) \(mode) \(entry.uid):\(entry.gid) \(what)")
  }
  return lines
}
