import PkgResolve

/// What apk decides: `replaces` with its priority, the origin, and who gives a directory its rights.
///
/// The tree's links are the packages' own: whether `/usr` is merged is for alpine-baselayout to say.
/// Source: apk-package(5); apk-tools 2.14 and 3.0, `database.c` and `package.c`.
public struct AlpineMergePolicy: MergePolicy {
  /// The two versions of apk agree but on directories over which packages disagree, and on packages made from one source
  /// that replace one another.
  public enum Generation: Sendable {
    /// The lowest owner wins, then the lowest group; where both are the same, only the rights that both give stay. One
    /// source comes before `replaces`.
    case two
    /// The highest `replaces_priority` wins, then the package that its origin is named for, then the lowest name.
    /// `replaces` comes before one source.
    case three
  }

  public let generation: Generation

  public init(_ generation: Generation = .two) { self.generation = generation }

  /// For a release of Alpine, `3.19`: apk 3 came with 3.23.
  public init(release: String) {
    let parts = release.split(separator: ".").prefix(2).map { Int($0) ?? 0 }
    self.init(parts.lexicographicallyPrecedes([3, 23]) ? .two : .three)
  }

  public var maker: String { "no package" }
  public var remedies: String { "replaces in one of the two" }

  /// apk leaves out names that begin with a dot at the root, which are the package's own members, the files by which a
  /// package keeps an empty directory, and names with control characters, which its database could not hold.
  public func unpacks(_ entry: FileEntry, at path: TreePath) -> Bool {
    if path.bytes.first == UInt8(ascii: ".") { return false }
    if path.bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return false }
    return entry.isDirectory || !(path.name.count > 6 && path.name.starts(with: ".keep_".utf8))
  }

  /// Neither answer depends on the order of the packages.
  public func shared(
    _ standing: (package: UnpackedPackage, entry: FileEntry),
    _ incoming: (package: UnpackedPackage, entry: FileEntry)
  ) -> (entry: FileEntry, isIncomings: Bool) {
    var result = standing.entry
    var isIncomings = false
    switch generation {
    case .two:
      let old = (standing.entry.uid, standing.entry.gid)
      let new = (incoming.entry.uid, incoming.entry.gid)
      if new < old { result = incoming.entry }
      if new == old { result.mode &= incoming.entry.mode }
    case .three:
      isIncomings = Self.leads(incoming.package, over: standing.package)
      if isIncomings { result = incoming.entry }
    }
    result.mtime = max(standing.entry.mtime, incoming.entry.mtime)
    return (result, isIncomings)
  }

  /// Whether apk 3 takes a directory's rights from the first of two packages.
  private static func leads(_ one: UnpackedPackage, over other: UnpackedPackage) -> Bool {
    let (left, right) = (priority(of: one), priority(of: other))
    if left != right { return left > right }
    if let origin = one.apk?["origin"], !origin.isEmpty, other.apk?["origin"] == origin {
      if other.name == origin { return false }
      if one.name == origin { return true }
    }
    return one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
  }

  /// The higher priority of those that replace the other wins, the later one where they are equal. Of packages made
  /// from one source the later one wins too.
  public func verdict(standing: UnpackedPackage, incoming: UnpackedPackage) -> MergeVerdict {
    let bySource = Self.verdictOfOneSource(standing, incoming)
    if generation == .two, let bySource { return bySource }
    let old = Self.priority(of: standing, over: incoming)
    let new = Self.priority(of: incoming, over: standing)
    if let old, old > new ?? -1 { return .standing(MergeVerdict.replaces(standing, incoming)) }
    if new != nil { return .incoming(MergeVerdict.replaces(incoming, standing)) }
    return bySource ?? .conflict
  }

  private static func verdictOfOneSource(
    _ standing: UnpackedPackage, _ incoming: UnpackedPackage
  ) -> MergeVerdict? {
    guard let origin = incoming.apk?["origin"], !origin.isEmpty, standing.apk?["origin"] == origin
    else { return nil }
    return .incoming(
      "\(incoming.name) comes after \(standing.name) and from the same source, \(origin)")
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
    return replaces ? priority(of: package) : nil
  }

  private static func priority(of package: UnpackedPackage) -> Int {
    package.apk?["replaces_priority"].flatMap { UInt32($0) }.map(Int.init) ?? 0
  }
}
