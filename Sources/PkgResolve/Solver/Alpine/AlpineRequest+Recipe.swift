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
    let dependency = try AlpineDependencyParser.request(text)
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
