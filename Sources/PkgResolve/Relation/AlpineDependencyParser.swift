/// Reads Alpine dependencies: the fields `D:`, `p:`, `i:` and `r:` of an index, and entries of the world.
///
/// Source: apk-package(5), apk-world(5).
public enum AlpineDependencyParser {
  /// Longer entries are refused.
  private static let lengthLimit = 4096

  /// The entries of a `D:`, `i:` or `r:` field, which spaces divide.
  ///
  /// `subject` names the field in errors. Throws ``ResolveError`` with code `invalidRelation`.
  public static func dependencies(_ field: String, subject: String) throws(ResolveError)
    -> [AlpineDependency]
  {
    var found = [AlpineDependency]()
    for word in field.utf8.split(whereSeparator: isBlank) {
      do throws(Fault) {
        let dependency = try parse(word)
        guard dependency.tag == nil else {
          throw Fault("a tag may stand in the world only")
        }
        found.append(dependency)
      } catch {
        let form = error.badVersion == nil ? "" : "; expected \(AlpineVersion.form)"
        throw ResolveError(.invalidRelation, subject, quoted(word) + ": " + error.message + form)
      }
    }
    return found
  }

  /// The entries of a `p:` field.
  ///
  /// `subject` names the field in errors. Throws ``ResolveError`` with code `invalidRelation`.
  public static func provides(_ field: String, subject: String) throws(ResolveError)
    -> [AlpineProvides]
  {
    var found = [AlpineProvides]()
    for dependency in try dependencies(field, subject: subject) {
      guard !dependency.isConflict, (dependency.constraint?.comparison ?? .equal) == .equal else {
        throw ResolveError(
          .invalidRelation, subject,
          "\"\(dependency)\" is not provided; expected name or name=version")
      }
      found.append(AlpineProvides(name: dependency.name, version: dependency.constraint?.version))
    }
    return found
  }

  /// One entry of a recipe's list of packages: as ``world(_:)``, and `name=version` stands for every revision where the
  /// version names none, as the published image definitions write it: `ca-certificates-bundle=20260611`.
  ///
  /// Throws ``ResolveError`` with code `invalidRequest`.
  public static func request(_ text: String) throws(ResolveError) -> AlpineDependency {
    let dependency = try world(text)
    guard let constraint = dependency.constraint, constraint.comparison == .equal,
      constraint.version.withoutRevision == constraint.version.description
    else { return dependency }
    return AlpineDependency(
      name: dependency.name, tag: dependency.tag,
      constraint: AlpineConstraint([.equal, .anyRevision], constraint.version),
      isConflict: dependency.isConflict)
  }

  /// One entry of the world.
  ///
  /// Throws ``ResolveError`` with code `invalidRequest`.
  public static func world(_ text: String) throws(ResolveError) -> AlpineDependency {
    do throws(Fault) {
      return try parse(text.utf8)
    } catch {
      let form =
        "; expected name, name@tag, !name, or one of these with =, <, <=, >, >=, ~, <~ or >~ and a version"
      throw ResolveError(
        .invalidRequest, text.isEmpty ? "\"\"" : String(text.prefix(80)),
        error.message + (error.badVersion.map { remedy(text, $0) } ?? form))
    }
  }

  /// What to write in the place of a version that is none: a revision as Debian writes it lacks an `r`.
  private static func remedy(_ text: String, _ version: String) -> String {
    let parts = version.split(separator: "-", omittingEmptySubsequences: false)
    if parts.count == 2, version.utf8.count < 80, text.hasSuffix(version) {
      let written = "\(parts[0])-r\(parts[1])"
      if AlpineVersion.reasonInvalid(written) == nil {
        return "; Alpine writes revisions -rN: \(text.dropLast(version.count))\(written)"
      }
    }
    return "; expected \(AlpineVersion.form)"
  }

  private struct Fault: Error {
    let message: String
    /// The version that is none, where that is the fault; the message then says nothing of what was expected.
    var badVersion: String?
    init(_ message: String) { self.message = message }
  }

  private static func parse(_ text: some Sequence<UInt8>) throws(Fault) -> AlpineDependency {
    var rest = Array(text)[...]
    guard rest.count <= lengthLimit else { throw Fault("it is over \(lengthLimit) bytes") }
    let isConflict = rest.first == UInt8(ascii: "!")
    if isConflict { rest.removeFirst() }
    let signStart = rest.firstIndex(where: isDependencySign) ?? rest.endIndex
    let signEnd = rest[signStart...].firstIndex { !isDependencySign($0) } ?? rest.endIndex
    let (name, tag) = try self.name(rest[..<signStart])
    var constraint: AlpineConstraint?
    if signStart < rest.endIndex {
      constraint = try self.constraint(rest[signStart..<signEnd], rest[signEnd...])
    }
    return AlpineDependency(name: name, tag: tag, constraint: constraint, isConflict: isConflict)
  }

  private static func name(_ bytes: ArraySlice<UInt8>) throws(Fault) -> (String, tag: String?) {
    let at = bytes.firstIndex(of: UInt8(ascii: "@"))
    let name = bytes[..<(at ?? bytes.endIndex)]
    guard !name.isEmpty else { throw Fault("a name is missing") }
    if let byte = name.first(where: { !isDependencyNameByte($0) }) {
      throw Fault("\(quoted([byte])) may not stand in a name")
    }
    guard let at else { return (String(decoding: name, as: UTF8.self), nil) }
    let tag = bytes[(at + 1)...]
    guard !tag.isEmpty else { throw Fault("a tag is missing after \"@\"") }
    if let byte = tag.first(where: { !isDependencyNameByte($0) }) {
      throw Fault("\(quoted([byte])) may not stand in a tag")
    }
    return (String(decoding: name, as: UTF8.self), String(decoding: tag, as: UTF8.self))
  }

  private static func constraint(_ sign: ArraySlice<UInt8>, _ version: ArraySlice<UInt8>)
    throws(Fault) -> AlpineConstraint
  {
    var comparison = AlpineConstraint.Comparison()
    for byte in sign {
      switch byte {
      case UInt8(ascii: "<"): comparison.insert(.less)
      case UInt8(ascii: ">"): comparison.insert(.greater)
      case UInt8(ascii: "="): comparison.insert(.equal)
      default: comparison.formUnion([.equal, .prefix])
      }
    }
    if comparison == [.less, .greater] {
      throw Fault("a package cannot be asked for by its checksum; name a version instead")
    }
    if comparison.isSuperset(of: [.less, .equal, .greater]) {
      throw Fault("\(quoted(sign)) allows every version; leave it and the version out")
    }
    let text = String(decoding: version, as: UTF8.self)
    guard !text.isEmpty else { throw Fault("a version is missing after \(quoted(sign))") }
    do throws(ResolveError) {
      return AlpineConstraint(comparison, try AlpineVersion(parsing: text))
    } catch {
      guard let reason = AlpineVersion.reasonInvalid(text) else {
        throw Fault("a version is over \(AlpineVersion.lengthLimit) bytes")
      }
      var fault = Fault("\(quoted(version)) is not an Alpine version: \(reason)")
      fault.badVersion = text
      throw fault
    }
  }

  private static func quoted(_ bytes: some Collection<UInt8>) -> String {
    let isPrintable = bytes.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    guard isPrintable else {
      return bytes.count == 1
        ? "byte 0x" + String(bytes.first ?? 0, radix: 16) : "an entry that is not printable ASCII"
    }
    return "\"\(String(decoding: bytes.prefix(80), as: UTF8.self))\""
  }
}

@inline(__always) func isDependencySign(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: "<") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: ">")
    || byte == UInt8(ascii: "~")
}

/// What may stand in a name that is provided: a package name's bytes and `,`, `:`, `/`, `[`, `]`.
///
/// apk itself takes any other byte as well, and so do indexes: `py3.11:x%y`, `cmd:[`. All printable ones are allowed.
private func isDependencyNameByte(_ byte: UInt8) -> Bool {
  byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "@") && byte != UInt8(ascii: "!")
}
