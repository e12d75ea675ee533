@testable import PkgResolve

/// Lines that are versions: one order over all of them, equal ones hash alike, and each continues itself.
func alpineVersion(_ bytes: [UInt8]) {
  let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 4).prefix(4)
  let versions = lines.compactMap {
    try? AlpineVersion(parsing: String(decoding: $0, as: UTF8.self))
  }
  for version in versions {
    require(
      (try? AlpineVersion(parsing: version.description)) == version, "\(version) reads as it prints"
    )
    require(version.continues(version), "\(version) continues itself")
  }
  requireOrder(versions)
  // What no parser accepts comes from indexes, which apk takes as they are.
  let written = lines.map { AlpineVersion(asWritten: String(decoding: $0, as: UTF8.self)) }
  for left in written {
    for right in written { _ = (left < right, left == right, left.continues(right)) }
    _ = left.hashValue
  }
}

/// Each field's grammar; what is read prints as text that reads the same.
func alpineRelation(_ bytes: [UInt8]) {
  let text = String(decoding: bytes, as: UTF8.self)
  if let found = try? AlpineDependencyParser.dependencies(text, subject: "fuzz") {
    let printed = found.map(\.description).joined(separator: " ")
    let again = try? AlpineDependencyParser.dependencies(printed, subject: "fuzz")
    require(again == found, "\"\(printed)\" reads as it prints")
  }
  if let found = try? AlpineDependencyParser.provides(text, subject: "fuzz") {
    let printed = found.map(\.description).joined(separator: " ")
    let again = try? AlpineDependencyParser.provides(printed, subject: "fuzz")
    require(again == found, "\"\(printed)\" reads as it prints")
  }
  if let found = try? AlpineDependencyParser.world(text) {
    let again = try? AlpineDependencyParser.world(found.description)
    require(again == found, "\"\(found)\" reads as it prints")
  }
}

/// An APKINDEX, of which the first package and the last are asked for.
func alpineSolve(_ bytes: [UInt8]) {
  do throws(ResolveError) {
    let table = try AlpineIndex.parse(bytes, origin: origin, requirePackageFiles: false)
    guard let first = table.first, let last = table.last else { return }
    let pool = try AlpinePool(architecture: "x86_64", indexes: [.init(table)])
    let request = AlpineRequest([
      .init(try AlpineDependencyParser.world(first.name)),
      .init(try AlpineDependencyParser.world(last.name), isStanding: true),
    ])
    _ = try AlpineSolver(conflictLimit: 500).solve(request, in: pool)
  } catch {
    require(!error.description.contains("fault of the program"), error.description)
  }
}
