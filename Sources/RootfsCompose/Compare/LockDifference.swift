import OCIImage
import PkgResolve

/// What tells one lock from another.
///
/// What does not change an image is no difference: where packages and indexes were fetched from, when an index was
/// signed, why a package was chosen.
public struct LockDifference: Sendable, Encodable {
  public struct Totals: Sendable, Encodable, Equatable {
    public let packages: Int
    /// Of all packages' files, in bytes.
    public let packed: Int64
  }

  /// What both locks have for a platform.
  public struct PlatformDifference: Sendable, Encodable {
    public let platform: String
    public let before: Totals
    public let after: Totals
    public let packages: [PackageDifference]
  }

  public let platforms: [PlatformDifference]
  /// Platforms that only one of them has.
  public let onlyBefore: [String]
  public let onlyAfter: [String]
  /// Distribution, recipe, epochs, files that the recipe brings in, and the image's digests.
  public let settings: [SettingDifference]
  /// What is no difference: the program, and the dates of the indexes.
  public let origins: [SettingDifference]

  /// Whether both lead to the same image.
  public var isEmpty: Bool {
    onlyBefore.isEmpty && onlyAfter.isEmpty && settings.isEmpty
      && platforms.allSatisfy(\.packages.isEmpty)
  }

  /// - Parameter wanted: the platforms that are compared; all where nil.
  /// - Throws: ``ComposeError`` with code `notFound` where neither holds packages for a platform that is wanted.
  public init(
    from before: Lockfile, to after: Lockfile, platforms wanted: [Platform]? = nil
  ) throws(ComposeError) {
    let there = Set(before.platforms.keys).union(after.platforms.keys)
    let chosen = wanted?.map(\.description) ?? there.sorted()
    if let missing = chosen.first(where: { !there.contains($0) }) {
      throw ComposeError(.notFound, missing, "neither lock holds packages for this platform")
    }
    onlyBefore = chosen.filter { after.platforms[$0] == nil }
    onlyAfter = chosen.filter { before.platforms[$0] == nil }
    let order = Self.family(before) == Self.family(after) ? Self.family(after) : nil
    platforms = chosen.compactMap { platform in
      guard let old = before.platforms[platform], let new = after.platforms[platform] else {
        return nil
      }
      return PlatformDifference(
        platform: platform, before: Self.totals(old), after: Self.totals(new),
        packages: PackageDifference.between(Self.sides(old), Self.sides(new), order: order))
    }
    settings = SettingDifference.between(
      Self.settings(of: before, chosen), Self.settings(of: after, chosen))
    origins = SettingDifference.between(Self.origins(of: before), Self.origins(of: after))
  }

  private static func family(_ lock: Lockfile) -> Distribution.Family? {
    if lock.distribution.hasPrefix("debian-") { return .debian }
    return lock.distribution.hasPrefix("alpine-") ? .alpine : nil
  }

  private static func totals(_ lock: Lockfile.PlatformLock) -> Totals {
    Totals(packages: lock.packages.count, packed: lock.packages.map(\.size).saturatingSum)
  }

  private static func sides(_ lock: Lockfile.PlatformLock) -> [PackageDifference.Side] {
    lock.packages.map {
      PackageDifference.Side(
        $0.name, version: $0.version, architecture: $0.architecture, size: $0.size,
        suite: $0.suite, digest: $0.digest)
    }
  }

  private static func settings(
    of lock: Lockfile, _ platforms: [String]
  ) -> [(name: String, value: String)] {
    var settings = [
      ("distribution", lock.distribution), ("recipe", lock.recipe), ("request", lock.request),
    ]
    settings += lock.files.map { ("file \($0.source)", "\($0.digest), \(byteText($0.size))") }
    for platform in platforms {
      guard let packages = lock.platforms[platform] else { continue }
      settings.append(("epoch of \(platform)", ImageConfiguration.timestamp(packages.epoch)))
    }
    guard let image = lock.image else { return settings }
    settings.append(("compression", "\(image.compression) by \(image.compressor)"))
    for platform in platforms {
      if let manifest = image.manifests[platform]?.manifest {
        settings.append(("image for \(platform)", manifest))
      }
    }
    return settings
  }

  private static func origins(of lock: Lockfile) -> [(name: String, value: String)] {
    var count = [String: Int]()
    let indexes = lock.indexes.map { index in
      let number = (count[index.suite] ?? 0) + 1
      count[index.suite] = number
      return ("index of \(index.suite)" + (number > 1 ? ", number \(number)" : ""), index.date)
    }
    return [("tool", lock.tool)] + indexes
  }
}
