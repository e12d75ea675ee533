import PkgResolve

/// What apk decides: `replaces` with its priority, the origin, and a directory's narrowest rights.
///
/// The tree's links are the packages' own: whether `/usr` is merged is for alpine-baselayout to say.
/// Source: apk-package(5); apk-tools 2.14 and 3.0, `database.c` and `package.c`.
public struct AlpineMergePolicy: MergePolicy {
  public init() {}

  public var maker: String { "no package" }
  public var remedies: String { "replaces in one of the two" }

  /// apk leaves out names that begin with a dot at the root, which are the package's own members, the files by which a
  /// package keeps an empty directory, and names with control characters, which its database could not hold.
  public func unpacks(_ entry: FileEntry, at path: TreePath) -> Bool {
    if path.bytes.first == UInt8(ascii: ".") { return false }
    if path.bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return false }
    return entry.isDirectory || !(path.name.count > 6 && path.name.starts(with: ".keep_".utf8))
  }

  /// The lowest owner wins, then the lowest group; where both are the same, only the rights that both give stay.
  ///
  /// So apk 2.14 has it, whatever the order. apk 3 goes by `replaces_priority` and name instead; their answers differ
  /// only where packages disagree over a directory.
  public func shared(_ standing: FileEntry, with incoming: FileEntry) -> FileEntry {
    var result = standing
    if (incoming.uid, incoming.gid) < (standing.uid, standing.gid) {
      result = incoming
    } else if (incoming.uid, incoming.gid) == (standing.uid, standing.gid) {
      result.mode &= incoming.mode
    }
    result.mtime = max(standing.mtime, incoming.mtime)
    return result
  }

  /// The higher priority of those that replace the other wins, the later one where they are equal. Of packages made
  /// from one source the later one wins too.
  public func verdict(standing: UnpackedPackage, incoming: UnpackedPackage) -> MergeVerdict {
    let old = Self.priority(of: standing, over: incoming)
    let new = Self.priority(of: incoming, over: standing)
    if let old, old > new ?? -1 { return .standing(MergeVerdict.replaces(standing, incoming)) }
    if new != nil { return .incoming(MergeVerdict.replaces(incoming, standing)) }
    if let origin = incoming.apk?["origin"], !origin.isEmpty, standing.apk?["origin"] == origin {
      return .incoming(
        "\(incoming.name) comes after \(standing.name) and from the same source, \(origin)")
    }
    return .conflict
  }

  public func origin(ofUnshipped path: TreePath) -> (rule: String, reason: String) {
    ("parent-directory", "a directory that no package ships, for what is below")
  }

  public func label(_ package: UnpackedPackage) -> String { "\(package.name)-\(package.version)" }

  /// The priority with which a package replaces another: zero where it names none, nil where it does not replace it.
  ///
  /// An entry that cannot be read replaces nothing, so that what two packages ship stays a conflict.
  private static func priority(of package: UnpackedPackage, over other: UnpackedPackage) -> Int? {
    guard let metadata = package.apk else { return nil }
    let version = AlpineVersion(asWritten: other.version)
    let entries = metadata.values("replaces").flatMap { $0.split(separator: " ") }
    let replaces = entries.contains { entry in
      let parsed = try? AlpineDependencyParser.dependencies(String(entry), subject: package.name)
      guard let relation = parsed?.first, !relation.isConflict else { return false }
      return relation.name == other.name && relation.matches(version)
    }
    return replaces ? metadata["replaces_priority"].flatMap { UInt32($0) }.map(Int.init) ?? 0 : nil
  }
}
