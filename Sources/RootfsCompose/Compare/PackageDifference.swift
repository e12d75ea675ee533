import PkgResolve

/// A package that two images or two locks do not have alike.
public struct PackageDifference: Sendable, Encodable, Equatable {
  public enum Change: String, Sendable, Encodable {
    case added, removed, upgraded, downgraded
    /// Versions of two distributions, which have no common order, or another architecture.
    case changed
    /// The same version, another file.
    case replaced
  }

  /// A package as one of the two has it.
  public struct Side: Sendable, Encodable, Equatable {
    public let version: String
    public let architecture: String
    /// Of a lock, the packed file in bytes; of an image, the bytes of the package's files.
    public let size: Int64
    /// Of a lock, the suite or repository it came from.
    public let suite: String?

    let name: String
    /// Of a lock, the file's.
    let digest: String?

    init(
      _ name: String, version: String, architecture: String, size: Int64, suite: String? = nil,
      digest: String? = nil
    ) {
      self.name = name
      self.version = version
      self.architecture = architecture
      self.size = size
      self.suite = suite
      self.digest = digest
    }

    private enum CodingKeys: String, CodingKey { case version, architecture, size, suite }
  }

  public let name: String
  public let change: Change
  public let before: Side?
  public let after: Side?
  /// Whether the new version came from a security suite. Alpine's repositories have none.
  public let isSecurityUpdate: Bool

  /// Bytes that it adds; below zero where it takes some.
  public var sizeChange: Int64 { (after?.size ?? 0) - (before?.size ?? 0) }

  private init(_ before: Side?, _ after: Side?, _ change: Change) {
    name = after?.name ?? before?.name ?? ""
    self.change = change
    self.before = before
    self.after = after
    isSecurityUpdate = change != .removed && (after?.suite).map(Self.isSecurity) ?? false
  }

  /// Source: the names of Debian's suites; `/updates` is that of releases before bullseye.
  static func isSecurity(_ suite: String) -> Bool {
    suite.hasSuffix("-security") || suite.hasSuffix("/updates")
  }

  /// What differs between two sets, by name.
  ///
  /// - Parameter family: whose order of versions holds for both; nil where they are of two distributions.
  static func between(
    _ before: [Side], _ after: [Side], order family: Distribution.Family?
  ) -> [PackageDifference] {
    let old = Dictionary(grouping: before, by: \.name)
    let new = Dictionary(grouping: after, by: \.name)
    let names = Set(old.keys).union(new.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return names.flatMap { name in
      pairs(old[name] ?? [], new[name] ?? []).compactMap { before, after in
        change(before, after, family).map { PackageDifference(before, after, $0) }
      }
    }
  }

  /// A name that stands once on each side is one package, whatever its architecture; else the architecture tells which.
  private static func pairs(_ old: [Side], _ new: [Side]) -> [(Side?, Side?)] {
    if old.count <= 1, new.count <= 1 { return [(old.first, new.first)] }
    let architectures = Set((old + new).map(\.architecture)).sorted()
    return architectures.flatMap { architecture in
      let left = old.filter { $0.architecture == architecture }
      let right = new.filter { $0.architecture == architecture }
      return (0..<max(left.count, right.count)).map { index in
        (
          index < left.count ? left[index] : nil,
          index < right.count ? right[index] : nil
        )
      }
    }
  }

  private static func change(
    _ before: Side?, _ after: Side?, _ family: Distribution.Family?
  ) -> Change? {
    guard let before else { return after == nil ? nil : .added }
    guard let after else { return .removed }
    if before.version == after.version {
      if before.architecture != after.architecture { return .changed }
      return before.digest == after.digest ? nil : .replaced
    }
    return switch family {
    case .debian: debian(before.version, after.version)
    case .alpine:
      switch AlpineVersionOrder(before.version, after.version) {
      case .less: .upgraded
      case .greater: .downgraded
      case .equal: .changed
      }
    case nil: .changed
    }
  }

  private static func debian(_ before: String, _ after: String) -> Change {
    guard let before = try? DebianVersion(parsing: before),
      let after = try? DebianVersion(parsing: after)
    else { return .changed }
    return before < after ? .upgraded : after < before ? .downgraded : .changed
  }
}
