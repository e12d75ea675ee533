extension AlpineRequest {
  /// One `!name` of a recipe's list: never installed, and a dependency on it counts as met.
  public struct Exclusion: Sendable {
    public var name: String
    /// Where it stands: `nginx.yaml:14:7`.
    public var location: String?

    public init(name: String, location: String? = nil) {
      self.name = name
      self.location = location
    }

    /// `nginx.yaml:14:7: !busybox`
    var place: String { (location.map { $0 + ": " } ?? "") + "!" + name }
  }

  /// Adds an entry of a recipe's list of packages: `name`, `name=version` (any revision where it names none), another
  /// of apk's constraints, or `!name`.
  ///
  /// In a recipe, `!name` means what it means for Debian's packages, and not what it means in apk's world, where it
  /// excludes all that depends on the name. Throws ``ResolveError`` with code `invalidRequest`.
  public mutating func add(entry text: String, location: String?) throws(ResolveError) {
    let dependency: AlpineDependency
    do throws(ResolveError) {
      dependency = try AlpineDependencyParser.request(text)
      try Self.refuseDebianForm(dependency.name, in: text)
    } catch {
      throw error.at(location)
    }
    guard dependency.isConflict else {
      items.append(Item(dependency, location: location))
      return
    }
    guard dependency.tag == nil, dependency.constraint == nil else {
      throw ResolveError(
        .invalidRequest, location.map { "\($0): \(text)" } ?? text,
        "an exclusion takes a name only; leave out what follows \(dependency.name)")
    }
    exclusions.append(Exclusion(name: dependency.name, location: location))
  }

  /// Debian's architectures that are not Alpine's as well, and what its recipes write in the place of one.
  private static let debianArchitectures: Set<String> = [
    "all", "amd64", "any", "arm64", "i386", "loong64", "native", "ppc64el",
  ]

  /// Throws where a name ends with an architecture or a suite as Debian's do: `wget:amd64`, `wget/bookworm`.
  ///
  /// What begins with `cmd:` and the like is Alpine's own, and so are paths: util-linux provides `cmd:i386`.
  private static func refuseDebianForm(_ name: String, in text: String) throws(ResolveError) {
    guard let sign = name.firstIndex(where: { $0 == ":" || $0 == "/" }), sign != name.startIndex
    else { return }
    let head = name[..<sign]
    let kind: String
    if name[sign] == "/" {
      kind = "/suite"
    } else {
      let architecture = String(name[name.index(after: sign)...].prefix { $0 != "/" })
      guard !["cmd", "pc", "so"].contains(head), !head.hasPrefix("py3."),
        debianArchitectures.contains(architecture)
          || AlpinePool.architectures.contains(architecture)
      else { return }
      kind = ":arch"
    }
    let without = text.replacing(name, with: head, maxReplacements: 1)
    throw ResolveError(
      .invalidRequest, text, "\"\(kind)\" is Debian's form; leave it out: \(without)")
  }

  /// Names that an exclusion names and nothing else asks for: the published definitions hold both `!name` and `name`,
  /// and what is asked for is installed.
  public var excludedNames: Set<String> {
    Set(exclusions.map(\.name)).subtracting(items.map(\.dependency.name))
  }

  /// An exclusion that keeps nothing out and waives no dependency: most often it is misspelt.
  func warnings(in pool: AlpinePool, waived: Set<String>) -> [String] {
    let excluded = excludedNames
    return exclusions.compactMap { exclusion in
      let subject = exclusion.place
      guard excluded.contains(exclusion.name) else {
        return "\(subject): is asked for as well, and so it is installed"
      }
      let id = pool.id(ofName: exclusion.name)
      guard pool.providers(of: id).isEmpty, pool.excludedProviders(of: id).isEmpty,
        !waived.contains(exclusion.name)
      else { return nil }
      let near = nearNames(of: exclusion.name, among: pool.packageNames)
      return "\(subject): excludes nothing, for no package has this name"
        + (near.isEmpty ? "" : "; near names: \(near.joined(separator: ", "))")
    }
  }
}
