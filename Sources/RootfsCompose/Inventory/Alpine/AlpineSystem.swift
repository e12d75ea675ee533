import PkgResolve

/// What apk in an image needs to know besides its packages.
public struct AlpineSystem: Sendable, Equatable {
  /// apk's name of the image's architecture: `x86_64`.
  public var architecture: String
  /// What the recipe asks for, in apk's form: `busybox`, `openssl>3`.
  public var world: [String]
  /// The lines of `/etc/apk/repositories`; none leaves the file out.
  public var repositories: [String]

  /// - Parameters:
  ///   - packages: as the recipe names them.
  ///   - repositories: as the recipe names them, with or without a tag; those that only this machine can reach and those
  ///     with a password are left out, for they mean nothing in the image or do not belong there.
  public init(architecture: String, packages: [String], repositories: [String]) {
    self.architecture = architecture
    self.repositories = repositories.filter(Self.isPublic)
    let tags = Set(self.repositories.compactMap(Self.tag))
    world = Self.entries(packages).map { entry in
      let isKnown = entry.tag.map(tags.contains) ?? true
      return (isKnown ? entry : Self.withoutTag(entry)).description
    }
  }

  /// One entry a name, the last where several name it, in apk's order. Source: apk-world(5).
  ///
  /// What the recipe excludes is left out: it may be what a package needs, and apk would find no solution at all.
  private static func entries(_ packages: [String]) -> [AlpineDependency] {
    var entries = [String: AlpineDependency]()
    for package in packages {
      // What cannot be read was refused when the recipe was resolved.
      guard let entry = try? AlpineDependencyParser.request(package), !entry.isConflict else {
        continue
      }
      entries[entry.name] = inApksForm(entry)
    }
    return entries.values.sorted { AlpineInventory.stands($0.name, before: $1.name) }
  }

  /// The names that the world asks for.
  static func names(_ packages: [String]) -> [String] {
    entries(packages).map(\.name)
  }

  /// A recipe's `name=1.2` for any revision is no version of apk's: `name~1.2` is the nearest to it.
  private static func inApksForm(_ entry: AlpineDependency) -> AlpineDependency {
    guard let constraint = entry.constraint, constraint.comparison.contains(.anyRevision) else {
      return entry
    }
    return AlpineDependency(
      name: entry.name, tag: entry.tag,
      constraint: AlpineConstraint([.equal, .prefix], constraint.version))
  }

  /// apk changes nothing while its world has a tag that no repository has.
  private static func withoutTag(_ entry: AlpineDependency) -> AlpineDependency {
    AlpineDependency(name: entry.name, constraint: entry.constraint)
  }

  private static func tag(of line: String) -> String? {
    let words = line.split(whereSeparator: \.isWhitespace)
    return words.count == 2 ? String(words[0].dropFirst()) : nil
  }

  private static func isPublic(_ line: String) -> Bool {
    let words = line.split(whereSeparator: \.isWhitespace)
    guard let text = words.last, words.count == 1 || words.count == 2 && words[0].hasPrefix("@"),
      line.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
    else { return false }
    for scheme in ["https://", "http://"] where text.hasPrefix(scheme) {
      let authority = text.dropFirst(scheme.count).prefix { $0 != "/" }
      if authority.contains("@") { return false }
      let host = authority.hasPrefix("[") ? authority : authority.prefix { $0 != ":" }
      let isLocal =
        !host.contains(".") || host.hasPrefix("127.") || host == "0.0.0.0"
        || host.hasSuffix(".localhost")
      return !isLocal
    }
    return false
  }
}
