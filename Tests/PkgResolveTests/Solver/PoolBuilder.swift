import PkgResolve

/// Builds indexes and pools from a few words a package.
struct Stanza {
  var fields: [(String, String)]

  init(_ name: String, _ version: String = "1", _ fields: KeyValuePairs<String, String> = [:]) {
    self.fields = [("Package", name), ("Version", version)] + fields.map { ($0, $1) }
  }

  init(fields: [(String, String)]) { self.fields = fields }

  var text: String {
    var all = fields
    func fill(_ name: String, _ value: String) {
      if !all.contains(where: { $0.0 == name }) { all.append((name, value)) }
    }
    fill("Architecture", "amd64")
    fill("Filename", "pool/p_1_amd64.deb")
    fill("Size", "1000")
    fill("SHA256", String(repeating: "0a", count: 32))
    return all.map { "\($0): \($1)\n" }.joined() + "\n"
  }
}

func index(_ stanzas: [Stanza], suite: String = "trixie", priority: Int = 500) throws
  -> PackageTable
{
  let text = stanzas.map(\.text).joined()
  return try PackageIndex.parse(
    Array(text.utf8),
    origin: PackageOrigin(
      name: "\(suite) main", url: "http://example.org/debian", suite: suite, component: "main",
      priority: priority))
}

func pool(_ stanzas: Stanza...) throws -> PackagePool {
  try PackagePool(architecture: "amd64", indexes: [index(stanzas)])
}

func request(_ texts: [String]) throws -> ResolutionRequest {
  ResolutionRequest(try texts.map { .init(try PackageRequest(parsing: $0)) })
}

/// The set chosen, as `name=version` sorted by name.
func solve(_ texts: String..., in pool: PackagePool) throws -> [String] {
  try ConflictDrivenSolver().solve(request(texts), in: pool).lines
}

/// The whole text of the error that solving ends with.
func failure(_ texts: String..., in pool: PackagePool) throws -> String {
  do {
    let found = try ConflictDrivenSolver().solve(request(texts), in: pool)
    return "found \(found.lines)"
  } catch let error as ResolveError {
    return error.description
  }
}

extension Resolution {
  var lines: [String] { packages.map { "\($0.record.name)=\($0.record.version)" } }
}
