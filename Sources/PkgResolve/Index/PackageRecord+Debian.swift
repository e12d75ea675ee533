/// What only a Debian index says. The relationship fields are parsed each time they are asked for; each throws
/// ``ResolveError`` with code `invalidRelation`, naming index, line, package and field, where it is malformed.
extension PackageRecord {
  /// Whether packages of other architectures may use this one, or stand beside it. Source: deb-control(5).
  public enum MultiArch: UInt8, Sendable { case no, same, foreign, allowed }

  /// Debian Policy §2.5; the most important first.
  public enum Priority: UInt8, Sendable, Comparable {
    case required, important, standard, optional, extra, unknown
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  /// The version, to be compared.
  public var debianVersion: DebianVersion {
    DebianVersion(checked: table.text(.version, row: row))
  }

  /// `Multi-Arch`; `no` where the field is missing.
  public var multiArch: MultiArch {
    MultiArch(rawValue: UInt8(flags & TableLayout.Flags.multiArch)) ?? .no
  }

  /// `Priority`; `unknown` where the field is missing or says something else.
  public var priority: Priority {
    let value = flags >> TableLayout.Flags.priorityShift & TableLayout.Flags.priority
    return Priority(rawValue: UInt8(value)) ?? .unknown
  }

  /// Whether `Essential` says `yes`.
  public var isEssential: Bool { flags & TableLayout.Flags.essential != 0 }

  /// `Depends`: what must be there for the package to work.
  public var depends: [Dependency] {
    get throws(ResolveError) { try dependencies(.depends, "Depends") }
  }

  /// `Pre-Depends`: what must be there before the package is unpacked.
  public var preDepends: [Dependency] {
    get throws(ResolveError) { try dependencies(.preDepends, "Pre-Depends") }
  }

  /// Pre-Depends, then Depends: what must be there for the package to work.
  public var requirements: [Dependency] {
    get throws(ResolveError) { try preDepends + depends }
  }

  /// `Conflicts`: what may not be unpacked at the same time.
  public var conflicts: [Alternative] {
    get throws(ResolveError) { try exclusions(.conflicts, "Conflicts") }
  }

  /// `Breaks`: what may not be configured at the same time.
  public var breaks: [Alternative] {
    get throws(ResolveError) { try exclusions(.breaks, "Breaks") }
  }

  /// `Replaces`: packages whose files it may overwrite.
  public var replaces: [Alternative] {
    get throws(ResolveError) { try exclusions(.replaces, "Replaces") }
  }

  /// `Provides`: names that it answers to besides its own.
  public var provides: [Provides] {
    get throws(ResolveError) {
      guard var parser = parser(.provides, "Provides") else { return [] }
      return try parser.provides()
    }
  }

  private func dependencies(_ field: TextField, _ name: String) throws(ResolveError)
    -> [Dependency]
  {
    guard var parser = parser(field, name) else { return [] }
    return try parser.dependencies()
  }

  private func exclusions(_ field: TextField, _ name: String) throws(ResolveError)
    -> [Alternative]
  {
    guard var parser = parser(field, name) else { return [] }
    return try parser.exclusions()
  }

  /// nil where the field is missing or empty.
  private func parser(_ field: TextField, _ fieldName: String) -> RelationParser? {
    let text = table.text(field, row: row)
    guard !text.isEmpty else { return nil }
    return RelationParser(Array(text)[...]) { "\(origin.name):\(line): \(name): \(fieldName)" }
  }
}
