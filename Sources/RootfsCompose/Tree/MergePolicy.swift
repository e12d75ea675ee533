/// What merging needs to know beyond the packages themselves.
public struct MergePolicy: Sendable {
  /// Debian's name of the image's architecture: `amd64`, `arm64`.
  public var architecture: String
  /// Whether the first package's `Replaces` names the second, whose files it may then take over.
  public var replaces: @Sendable (UnpackedPackage, UnpackedPackage) -> Bool

  public init(
    architecture: String,
    replaces: @escaping @Sendable (UnpackedPackage, UnpackedPackage) -> Bool = Self.replacesByName
  ) {
    self.architecture = architecture
    self.replaces = replaces
  }

  /// Looks at the names in `Replaces` only, whatever versions stand with them.
  public static func replacesByName(_ package: UnpackedPackage, _ other: UnpackedPackage) -> Bool {
    (package.control?["Replaces"] ?? "").split(separator: ",").contains { relation in
      let name = relation.drop(while: \.isWhitespace).prefix { !$0.isWhitespace && $0 != "(" }
      return name.prefix { $0 != ":" } == other.name[...]
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
