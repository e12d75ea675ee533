@testable import PkgResolve

/// A package of a small index, in a few words.
struct AlpineStanza {
  let name: String
  var version = "1"
  var architecture = "x86_64"
  var depends = ""
  var provides = ""
  var installIf = ""
  var priority = 0
  var installedSize: Int64 = 1

  init(
    _ name: String, _ version: String = "1", depends: String = "", provides: String = "",
    installIf: String = "", priority: Int = 0, architecture: String = "x86_64",
    installedSize: Int64 = 1
  ) {
    self.name = name
    self.version = version
    self.depends = depends
    self.provides = provides
    self.installIf = installIf
    self.priority = priority
    self.architecture = architecture
    self.installedSize = installedSize
  }

  func record(in index: String, line: Int) -> AlpineRecord {
    AlpineRecord(
      name: name, version: version, architecture: architecture,
      digest: "\(index)/\(name)-\(version)", depends: depends, provides: provides,
      installIf: installIf, providerPriority: priority, size: 1, installedSize: installedSize,
      origin: PackageOrigin(name: index, url: "", suite: "", component: ""), line: line)
  }
}

func alpinePool(_ stanzas: [AlpineStanza], tagged: [String: [AlpineStanza]] = [:]) throws
  -> AlpinePool
{
  func records(_ stanzas: [AlpineStanza], _ index: String) -> [AlpineRecord] {
    stanzas.enumerated().map { $1.record(in: index, line: $0) }
  }
  return try AlpineOracle.pool(
    [(records(stanzas, "main"), nil)]
      + tagged.sorted { $0.key < $1.key }.map { (records($0.value, $0.key), $0.key) })
}

/// The set chosen, as `name=version`, or the whole text of the refusal.
func alpineSolve(_ words: String..., in pool: AlpinePool) throws -> [String] {
  switch AlpineOracle.outcome(try AlpineOracle.request(words), in: pool) {
  case .success(let lines): lines
  case .failure(let error): [error.description]
  }
}
