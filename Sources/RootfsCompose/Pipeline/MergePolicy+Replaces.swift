import PkgResolve

extension MergePolicy {
  /// The policy that reads `Replaces` as dpkg does, versions included.
  static func byVersion(architecture: String) -> MergePolicy {
    MergePolicy(architecture: architecture) { package, other in
      replaces(package, other, architecture: architecture)
    }
  }

  /// Whether a relation in `package`'s `Replaces` names `other` and allows its version and architecture.
  ///
  /// A field or version that cannot be read allows nothing, so that what two packages ship stays a conflict.
  /// Source: Debian Policy §7.6.1. Names that `other` only provides do not count there.
  static func replaces(
    _ package: UnpackedPackage, _ other: UnpackedPackage, architecture: String
  ) -> Bool {
    guard let field = package.control["Replaces"],
      let relations = try? Dependency.parse(
        field, architecture: architecture, subject: package.name),
      let version = try? DebianVersion(parsing: other.version)
    else { return false }
    return relations.flatMap(\.alternatives).contains { relation in
      relation.name == other.name && relation.constraint?.allows(version) != false
        && [nil, "any", other.architecture].contains(relation.architecture)
    }
  }
}
