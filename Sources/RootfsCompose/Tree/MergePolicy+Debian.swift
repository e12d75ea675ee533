import PkgResolve

/// What dpkg decides: a merged `/usr`, diversions, `Replaces`, and the first package's directory.
///
/// Source: Debian Policy §6.6, §7.6.1; dpkg-divert(1).
public struct DebianMergePolicy: MergePolicy {
  /// Debian's name of the image's architecture: `amd64`, `arm64`.
  public let architecture: String
  /// Whether the first package's `Replaces` names the second, whose files it may then take over.
  public let replaces: @Sendable (UnpackedPackage, UnpackedPackage) -> Bool

  public init(
    architecture: String,
    replaces: @escaping @Sendable (UnpackedPackage, UnpackedPackage) -> Bool = Self.replaces
  ) {
    self.architecture = architecture
    self.replaces = replaces
  }

  public var rootLinks: [TreePath] { MergedUsr.links(architecture: architecture) }
  public var possibleRootLinks: Set<TreePath> { MergedUsr.all }
  public var maker: String { "Debian's merged /usr" }
  public var remedies: String { "Replaces or a diversion" }

  public func diversions(of packages: [UnpackedPackage]) -> [TreePath: Diversion] {
    var diversions = [TreePath: Diversion]()
    for package in packages {
      // Few scripts speak of any, and to take a script apart costs more than to look for the word.
      guard let bytes = package.scripts["preinst"], bytes.contains("dpkg-divert".utf8),
        let script = package.script("preinst")
      else { continue }
      for diversion in Diversion.parse(script, package: package.name) {
        // A diverted root link is how some packages guard the merge itself; here the links are given.
        if MergedUsr.all.contains(diversion.from) { continue }
        diversions[diversion.from] = diversion
      }
    }
    return diversions
  }

  public func verdict(standing: UnpackedPackage, incoming: UnpackedPackage) -> MergeVerdict {
    if replaces(incoming, standing) { return .incoming(MergeVerdict.replaces(incoming, standing)) }
    if replaces(standing, incoming) { return .standing(MergeVerdict.replaces(standing, incoming)) }
    return .conflict
  }

  public func origin(ofUnshipped path: TreePath) -> (rule: String, reason: String) {
    (
      "merged-usr",
      MergedUsr.all.contains(path)
        ? "Debian's link into /usr" : "a directory that no package ships, for what is below"
    )
  }

  public func label(_ package: UnpackedPackage) -> String {
    "\(package.name):\(package.architecture) \(package.version)"
  }

  /// Whether a relation in `package`'s `Replaces` names `other` and allows its version and architecture.
  ///
  /// A field or version that cannot be read allows nothing, so that what two packages ship stays a conflict. Names
  /// that `other` only provides do not count. Source: Debian Policy §7.6.1.
  @Sendable public static func replaces(
    _ package: UnpackedPackage, _ other: UnpackedPackage
  ) -> Bool {
    guard let field = package.control?["Replaces"],
      let relations = try? RelationParser.exclusions(field, subject: package.name),
      let version = try? DebianVersion(parsing: other.version)
    else { return false }
    return relations.contains { relation in
      relation.name == other.name && relation.constraint?.allows(version) != false
        && [nil, "any", other.architecture].contains(relation.qualifier)
    }
  }
}

/// Debian's merged `/usr`: directories of old that are links into `/usr` today.
///
/// Source: Debian's "UsrMerge" and base-files' own links.
enum MergedUsr {
  /// Links that every image has.
  static func links(architecture: String) -> [TreePath] {
    architecture == "amd64" ? ["bin", "lib", "lib64", "sbin"] : ["bin", "lib", "sbin"]
  }

  /// Links that may be there: those of every image, and directories for other word sizes.
  static let all: Set<TreePath> = ["bin", "lib", "lib32", "lib64", "libx32", "sbin"]

  static func target(of link: TreePath) -> TreePath { usr.appending(link) }

  private static let usr: TreePath = "usr"
}
