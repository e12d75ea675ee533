@testable import PkgResolve

/// Release files, `.sources`, `control`.
func controlStanza(_ bytes: [UInt8]) {
  guard let stanzas = try? ControlStanza.parse(bytes, name: "fuzz") else { return }
  for stanza in stanzas {
    require(!stanza.fields.isEmpty, "a stanza has fields")
    for field in stanza.fields {
      require(stanza[field.name] == field.value, "a field is found by its name")
      _ = stanza.lines(field.name)
      _ = stanza.words(field.name)
    }
  }
}

/// A Packages index, of which the first package and the last are asked for.
func debianSolve(_ bytes: [UInt8]) {
  guard let records = try? PackageIndex.parse(bytes, origin: origin),
    let first = records.first, let last = records.last,
    let pool = try? PackagePool(architecture: "amd64", indexes: [records])
  else { return }
  do throws(ResolveError) {
    let items = [
      ResolutionRequest.Item(try PackageRequest(parsing: first.name)),
      ResolutionRequest.Item(try PackageRequest(parsing: last.name)),
    ]
    _ = try ConflictDrivenSolver(conflictLimit: 500).solve(ResolutionRequest(items), in: pool)
  } catch {
    require(!error.description.contains("fault of the program"), error.description)
  }
}

/// Each relationship field's grammar; what is read prints as text that reads the same.
func debianRelation(_ bytes: [UInt8]) {
  let text = String(decoding: bytes, as: UTF8.self)
  if let groups = try? RelationParser.dependencies(text, subject: "fuzz") {
    let printed = groups.map(\.description).joined(separator: ", ")
    let again = try? RelationParser.dependencies(printed, subject: "fuzz")
    require(
      again?.map(\.description) == groups.map(\.description), "\"\(printed)\" reads as it prints")
  }
  _ = try? RelationParser.exclusions(text, subject: "fuzz")
  _ = try? RelationParser.provides(text, subject: "fuzz")
  _ = try? PackageRequest(parsing: text)
}

/// Lines that are versions: one order over all of them, and equal ones hash alike.
func debianVersion(_ bytes: [UInt8]) {
  let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 4).prefix(4)
  let versions = lines.compactMap {
    try? DebianVersion(parsing: String(decoding: $0, as: UTF8.self))
  }
  for version in versions {
    let again = try? DebianVersion(parsing: version.description)
    require(again == version, "\(version) reads as it prints")
    require(version.matches(requested: version) == .exact, "\(version) is what it asks for")
  }
  requireOrder(versions)
}

/// What every order must hold to, over each three of the values.
func requireOrder<Value: Comparable & Hashable & CustomStringConvertible>(_ values: [Value]) {
  for a in values {
    for b in values {
      let signs = [a < b, a == b, a > b].filter { $0 }
      require(signs.count == 1, "\(a) and \(b) have one order")
      require((a < b) == (b > a) && (a == b) == (b == a), "\(a) and \(b) have one order both ways")
      if a == b { require(a.hashValue == b.hashValue, "\(a) and \(b) hash alike") }
      for c in values {
        if a <= b && b <= c { require(a <= c, "\(a), \(b), \(c) stand in one row") }
        if a == b && b == c { require(a == c, "\(a), \(b), \(c) are one") }
      }
    }
  }
}
