import PkgResolve

extension MergePolicy {
  /// Whether a relation in `package`'s `Replaces` names `other` and allows its version and architecture.
  ///
  /// A field or version that cannot be read allows nothing, so that what two packages ship stays a conflict. Names
  /// that `other` only provides do not count. Source: Debian Policy §7.6.1.
  @Sendable static func replacesByVersion(
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
