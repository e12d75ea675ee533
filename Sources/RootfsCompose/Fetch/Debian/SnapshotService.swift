import OCIImage
import PkgResolve

/// A service that keeps every state that Debian's archives were in: `debian/20250906T101112Z/` below its base holds
/// `dists/` and `pool/` as they were at that time, and so does `debian-security/`.
///
/// A time between two states stands for the earlier one. Source: snapshot.debian.org, "Usage".
struct SnapshotService: Sendable, Hashable {
  /// As it was named, without a slash at its end.
  let base: String
  /// What named it: an option, a variable; nil for Debian's own.
  let origin: String?

  static let debians = "https://snapshot.debian.org/archive"
  static let option = "--snapshot-mirror"
  static let variable = "DHI_DEBIAN_SNAPSHOT"

  /// The option's, else the environment's, else Debian's own; nil where the word `none` stands in the place of a base.
  static func named(_ named: String?, environment: [String: String]) -> SnapshotService? {
    var service = SnapshotService(base: debians, origin: nil)
    if let named, !named.isEmpty {
      service = SnapshotService(base: named, origin: option)
    } else if let value = environment[variable], !value.isEmpty {
      service = SnapshotService(base: value, origin: variable)
    }
    return service.base == "none" ? nil : service
  }

  private init(base: String, origin: String?) {
    self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
    self.origin = origin
  }

  /// The same with a base that no working folder matters to.
  func resolved(in folder: String) throws(ComposeError) -> SnapshotService {
    do throws(ComposeError) {
      let base = try ResourceURL.base(base, workingDirectory: folder)
      return SnapshotService(base: base.textWithCredentials, origin: origin)
    } catch {
      throw ComposeError(
        error.code, origin ?? Self.option, error.description, underlying: error)
    }
  }

  /// The base of an archive, `debian` or `debian-security`, at a moment, `20250906T101112Z`.
  func archive(_ name: String, at moment: String) -> String { "\(base)/\(name)/\(moment)" }

  /// Where the service may have a package of Debian's own archives that a lock names; none for what is a third party's.
  ///
  /// The first state is the one at the date of the index that named it. An index is signed before it is pushed, so that
  /// its newest packages are in a later state only: they are looked for a day on. Debian's archives keep what was
  /// superseded for longer than that.
  func urls(
    of package: Lockfile.Package, indexes: [Lockfile.Index], distribution: Distribution
  ) -> [String] {
    guard let path = Self.poolPath(of: package.url),
      let index = indexes.first(where: {
        $0.suite == package.suite && Self.isDebians($0, distribution)
          && package.url.hasPrefix($0.url.dropLast("/dists/\($0.suite)/InRelease".count) + "/")
      })
    else { return [] }
    return archives(of: index, distribution).map { $0 + path }
  }

  /// The bases at which the service may have the archive of one of Debian's own indexes, as it was when that was made, and
  /// a day later; none for what is a third party's.
  func archives(of index: Lockfile.Index, _ distribution: Distribution) -> [String] {
    guard Self.isDebians(index, distribution), let date = ArchiveDate(rfc3339: index.date) else {
      return []
    }
    let name = index.suite == distribution.securitySuite ? "debian-security" : "debian"
    return [date.seconds, date.seconds + 86_400].map {
      archive(name, at: ArchiveDate(seconds: $0).snapshot)
    }
  }

  private static func isDebians(_ index: Lockfile.Index, _ distribution: Distribution) -> Bool {
    let components = index.packages.keys.compactMap { $0.split(separator: "/").first }
    return distribution.owns(suite: index.suite, components: components.map(String.init))
  }

  /// The path of a package in the pool of one of Debian's archives: `/pool/main/b/bash/bash_5.2.deb`, and in the security
  /// archive `/pool/updates/main/…`. Third parties order their pools in other ways.
  static func poolPath(of url: String) -> Substring? {
    guard let pool = url.firstRange(of: "/pool/") else { return nil }
    var words = url[pool.upperBound...].split(separator: "/", omittingEmptySubsequences: false)
    if words.first == "updates" { words.removeFirst() }
    guard words.count == 4, Distribution.archiveComponents.contains(String(words[0])),
      !words[1].isEmpty, words[2].hasPrefix(words[1]), !words[3].isEmpty
    else { return nil }
    return url[pool.lowerBound...]
  }

  /// The moment that a base names at its end, in seconds since 1970; nil where it names none.
  static func moment(of base: String) -> Int64? {
    base.split(separator: "/").last.flatMap { ArchiveDate(snapshot: $0)?.seconds }
  }
}
