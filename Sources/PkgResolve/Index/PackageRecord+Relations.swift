/// The relationship fields, parsed each time they are asked for. Each throws ``ResolveError`` with code
/// `invalidRelation`, naming index, line, package and field, where the field is malformed.
extension PackageRecord {
  public var depends: [Dependency] {
    get throws(ResolveError) { try dependencies(fields.depends, "Depends") }
  }

  public var preDepends: [Dependency] {
    get throws(ResolveError) { try dependencies(fields.preDepends, "Pre-Depends") }
  }

  /// Pre-Depends, then Depends: what must be there for the package to work.
  public var requirements: [Dependency] {
    get throws(ResolveError) { try preDepends + depends }
  }

  public var conflicts: [Alternative] {
    get throws(ResolveError) { try exclusions(fields.conflicts, "Conflicts") }
  }

  public var breaks: [Alternative] {
    get throws(ResolveError) { try exclusions(fields.breaks, "Breaks") }
  }

  public var replaces: [Alternative] {
    get throws(ResolveError) { try exclusions(fields.replaces, "Replaces") }
  }

  public var provides: [Provides] {
    get throws(ResolveError) {
      guard !fields.provides.isEmpty else { return [] }
      var parser = parser(fields.provides, "Provides")
      return try parser.provides()
    }
  }

  private func dependencies(_ extent: Extent, _ field: String) throws(ResolveError)
    -> [Dependency]
  {
    guard !extent.isEmpty else { return [] }
    var parser = parser(extent, field)
    return try parser.dependencies()
  }

  private func exclusions(_ extent: Extent, _ field: String) throws(ResolveError) -> [Alternative] {
    guard !extent.isEmpty else { return [] }
    var parser = parser(extent, field)
    return try parser.exclusions()
  }

  private func parser(_ extent: Extent, _ field: String) -> RelationParser {
    RelationParser(source.bytes[extent.range]) { "\(origin.name):\(line): \(name): \(field)" }
  }
}
