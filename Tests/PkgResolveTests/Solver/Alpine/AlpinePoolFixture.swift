import PkgResolve

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

  var text: String {
    var lines = ["P:\(name)", "V:\(version)", "A:\(architecture)", "S:1", "I:\(installedSize)"]
    if !depends.isEmpty { lines.append("D:\(depends)") }
    if !provides.isEmpty { lines.append("p:\(provides)") }
    if !installIf.isEmpty { lines.append("i:\(installIf)") }
    if priority > 0 { lines.append("k:\(priority)") }
    return lines.map { $0 + "\n" }.joined() + "\n"
  }
}

func alpinePool(_ stanzas: [AlpineStanza], tagged: [String: [AlpineStanza]] = [:]) throws
  -> AlpinePool
{
  func index(_ stanzas: [AlpineStanza], _ name: String, tag: String?) throws -> AlpinePool.Index {
    AlpinePool.Index(
      try AlpineOracle.table(stanzas.map(\.text).joined(), name: name), tag: tag)
  }
  var indexes = [try index(stanzas, "main", tag: nil)]
  for (tag, stanzas) in tagged.sorted(by: { $0.key < $1.key }) {
    indexes.append(try index(stanzas, tag, tag: tag))
  }
  return try AlpinePool(architecture: "x86_64", indexes: indexes)
}

/// The set chosen, as `name=version`, or the whole text of the refusal.
func alpineSolve(_ words: String..., in pool: AlpinePool) throws -> [String] {
  switch AlpineOracle.outcome(try AlpineOracle.request(words), in: pool) {
  case .success(let lines): lines
  case .failure(let error): [error.description]
  }
}
