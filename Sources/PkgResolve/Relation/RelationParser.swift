/// Reads relationship fields, from the bytes of a field's value.
///
/// White space, line ends included, may stand between any two parts. Architecture lists `[…]` and build profiles
/// `<…>` belong to source packages and are refused, as is anything that is not understood whole.
/// Source: Debian Policy §7.1, deb-control(5).
public struct RelationParser {
  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private let subject: () -> String

  /// `subject` names the field in errors: `trixie main:1234: bash: Depends`.
  init(_ bytes: ArraySlice<UInt8>, subject: @escaping () -> String) {
    self.bytes = bytes
    self.subject = subject
    position = bytes.startIndex
  }

  /// The groups of a Depends or Pre-Depends field.
  public static func dependencies(_ text: String, subject: String) throws(ResolveError)
    -> [Dependency]
  {
    var parser = RelationParser(Array(text.utf8)[...]) { subject }
    return try parser.dependencies()
  }

  /// The groups of a Conflicts, Breaks or Replaces field, which has no alternatives.
  public static func exclusions(_ text: String, subject: String) throws(ResolveError)
    -> [Alternative]
  {
    var parser = RelationParser(Array(text.utf8)[...]) { subject }
    return try parser.exclusions()
  }

  /// The names in a Provides field.
  public static func provides(_ text: String, subject: String) throws(ResolveError) -> [Provides] {
    var parser = RelationParser(Array(text.utf8)[...]) { subject }
    return try parser.provides()
  }

  mutating func dependencies() throws(ResolveError) -> [Dependency] {
    var groups = [Dependency]()
    try list { (parser: inout RelationParser) throws(ResolveError) in
      var alternatives = [try parser.alternative()]
      while parser.take(UInt8(ascii: "|")) { alternatives.append(try parser.alternative()) }
      groups.append(Dependency(alternatives: alternatives))
    }
    return groups
  }

  mutating func exclusions() throws(ResolveError) -> [Alternative] {
    var relations = [Alternative]()
    try list { (parser: inout RelationParser) throws(ResolveError) in
      relations.append(try parser.alternative())
    }
    return relations
  }

  mutating func provides() throws(ResolveError) -> [Provides] {
    var names = [Provides]()
    try list { (parser: inout RelationParser) throws(ResolveError) in
      let relation = try parser.alternative()
      guard (relation.constraint?.comparison ?? .equal) == .equal else {
        throw parser.fault("\"\(relation)\" provides a range; expected \"(= version)\"")
      }
      names.append(
        Provides(
          name: relation.name, qualifier: relation.qualifier,
          version: relation.constraint?.version))
    }
    return names
  }

  /// Parts divided by commas. Empty parts are passed over, as dpkg and apt do: a trailing comma is common.
  private mutating func list(
    _ part: (inout RelationParser) throws(ResolveError) -> Void
  ) throws(ResolveError) {
    while true {
      skipBlanks()
      if take(UInt8(ascii: ",")) { continue }
      if position == bytes.endIndex { return }
      try part(&self)
      skipBlanks()
      guard position == bytes.endIndex || take(UInt8(ascii: ",")) else {
        throw fault("unexpected \(rest()); expected \",\" or the end")
      }
    }
  }

  private mutating func alternative() throws(ResolveError) -> Alternative {
    skipBlanks()
    let name = word(isNameByte)
    guard let first = name.first, isLetter(first) || isDigit(first) else {
      throw fault("expected a package name, found \(rest())")
    }
    var qualifier: ArraySlice<UInt8>?
    if take(UInt8(ascii: ":")) {
      let text = word(isArchitectureByte)
      guard !text.isEmpty else { throw fault("expected an architecture, found \(rest())") }
      qualifier = text
    }
    skipBlanks()
    let constraint = take(UInt8(ascii: "(")) ? try self.constraint() : nil
    skipBlanks()
    if position < bytes.endIndex {
      let next = bytes[position]
      guard next != UInt8(ascii: "["), next != UInt8(ascii: "<") else {
        throw fault("\(rest()): architecture lists and build profiles are for source packages only")
      }
    }
    return Alternative(
      name: String(decoding: name, as: UTF8.self),
      qualifier: qualifier.map { String(decoding: $0, as: UTF8.self) }, constraint: constraint)
  }

  private mutating func constraint() throws(ResolveError) -> VersionConstraint {
    skipBlanks()
    let sign = word { (UInt8(ascii: "<")...UInt8(ascii: ">")).contains($0) }
    let comparison: VersionConstraint.Comparison
    switch String(decoding: sign, as: UTF8.self) {
    case "<<": comparison = .earlier
    // The single signs are obsolete and mean what deb-control(5) says they do: "or equal".
    case "<=", "<": comparison = .earlierOrEqual
    case "=": comparison = .equal
    case ">=", ">": comparison = .laterOrEqual
    case ">>": comparison = .later
    default: throw fault("expected <<, <=, =, >= or >>, found \(rest(from: sign.startIndex))")
    }
    skipBlanks()
    let text = word { $0 != UInt8(ascii: ")") && !isBlank($0) }
    let version: DebianVersion
    do throws(DebianVersion.Fault) {
      version = try DebianVersion(text)
    } catch {
      throw fault("\"\(String(decoding: text, as: UTF8.self))\" is no version: \(error.message)")
    }
    skipBlanks()
    guard take(UInt8(ascii: ")")) else { throw fault("expected \")\", found \(rest())") }
    return VersionConstraint(comparison, version)
  }

  private mutating func skipBlanks() {
    while position < bytes.endIndex, isBlank(bytes[position]) { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.endIndex, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func word(_ accept: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let start = position
    while position < bytes.endIndex, accept(bytes[position]) { position += 1 }
    return bytes[start..<position]
  }

  private func rest(from start: Int? = nil) -> String {
    let text = bytes[(start ?? position)...].prefix(30)
    return text.isEmpty ? "the end" : "\"\(String(decoding: text, as: UTF8.self))\""
  }

  private func fault(_ message: String) -> ResolveError {
    ResolveError(.invalidRelation, subject(), message)
  }
}

/// What dpkg allows in a package name after its first letter or digit.
@inline(__always) func isNameByte(_ byte: UInt8) -> Bool {
  isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
}
