import PkgResolve

/// Writes which Alpine packages an image holds, as scanners and apk read it.
///
/// Every image has `/lib/apk/db/installed`. Images that keep apk have all of its state besides: the world, the
/// architecture, the scripts and the triggers. Source: apk-tools 2.14 and 3.0, `database.c`, which both read the
/// database there; the links of a merged `/usr` are followed.
public struct AlpineInventory: Sendable {
  public enum Layout: Sendable {
    /// The list of packages and files alone: what scanners read where no apk is.
    case installedFile
    /// apk's own state: what apk in the image works with.
    case apkDatabase
  }

  static let rule = "inventory"
  static let directory: TreePath = "lib/apk/db"
  static let installedFile: TreePath = "lib/apk/db/installed"

  let packages: [Package]
  let shipped: ShippedContents
  let policy = AlpineMergePolicy()

  /// One package and what it says of itself.
  struct Package: Sendable {
    let unpacked: UnpackedPackage
    let metadata: ApkMetadata
    /// As the repository's index has it, from which apk takes it: Alpine's puts its own in the place of `noarch`.
    let architecture: String
  }

  /// - Parameters:
  ///   - packages: in any order; those of another distribution are left out.
  ///   - architectures: of each package by name, as its index says; `arch` of the package where there is none.
  public init(
    _ packages: [UnpackedPackage], architectures: [String: String] = [:], shipped: ShippedContents
  ) {
    self.packages = packages.compactMap { package in
      package.apk.map {
        Package(
          unpacked: package, metadata: $0,
          architecture: architectures[package.name] ?? package.architecture)
      }
    }
    .sorted { Self.stands($0.unpacked.name, before: $1.unpacked.name) }
    self.shipped = shipped
  }

  /// The layout for a tree: apk's whole state where apk is in the image.
  public static func layout(for tree: FileTree) -> Layout {
    let programs: [TreePath] = ["sbin/apk", "usr/sbin/apk", "bin/apk", "usr/bin/apk"]
    let hasProgram = programs.contains { path in
      tree.resolve(path).flatMap { tree[$0] }?.isRegular == true
    }
    return hasProgram ? .apkDatabase : .installedFile
  }

  /// Whether a path of an image is one from which the inventory is read back: on a merged `/usr`, below that.
  static func isRead(at path: TreePath) -> Bool {
    path == installedFile || path.relative(to: "usr") == installedFile
  }

  /// Writes the inventory. Throws ``ComposeError`` where a package says of itself what a line cannot hold, or where
  /// something stands in the way.
  public func write(
    to tree: inout ComposedTree, layout: Layout, system: AlpineSystem
  ) throws(ComposeError) {
    let lists = try installed(in: tree)
    try put(
      lists, at: Self.installedFile, &tree, reason: "the packages of the image, for scanners")
    if case .apkDatabase = layout { try writeState(system, &tree) }
  }

  func put(
    _ bytes: [UInt8], at path: TreePath, _ tree: inout ComposedTree, mode: UInt16 = 0o644,
    reason: String
  ) throws(ComposeError) {
    try tree.put(
      .file(Content(bytes), mode: mode), at: tree.tree.resolve(path) ?? path, rule: Self.rule,
      reason: reason)
  }

  /// apk's order of names: letters' case aside, then by bytes.
  static func stands(_ one: String, before other: String) -> Bool {
    let (left, right) = (one.utf8.map(lowercased), other.utf8.map(lowercased))
    if left != right { return left.lexicographicallyPrecedes(right) }
    return one.utf8.lexicographicallyPrecedes(other.utf8)
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
