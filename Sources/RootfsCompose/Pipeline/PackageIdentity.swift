/// What an index calls a package, and what the package calls itself.
struct PackageIdentity: Equatable, CustomStringConvertible {
  let name: String
  let version: String
  let architecture: String

  init(_ name: String, _ version: String, _ architecture: String) {
    self.name = name
    self.version = version
    self.architecture = architecture
  }

  /// `libc6=2.41-12 amd64`
  var description: String { "\(name)=\(version) \(architecture)" }

  /// What named the package.
  enum Source {
    case index
    /// The lock of the recipe at a path.
    case lock(recipe: String)
  }

  /// An index that names one package and delivers another is an attack or a broken mirror; a lock that does may have been
  /// edited.
  ///
  /// An Alpine index gives packages for every architecture that of the repository: apk-index(8), `--rewrite-arch`. Throws
  /// ``ComposeError`` with the code `invalidArchive`.
  func check(
    _ found: PackageIdentity, of family: Distribution.Family, subject: String,
    promisedBy source: Source
  ) throws(ComposeError) {
    let isForAll = family == .alpine && found.architecture == "noarch"
    let isSame =
      found.name == name && found.version == version
      && (found.architecture == architecture || isForAll)
    guard isSame else {
      let operatorHint = "tell the operator of the archive"
      let blame =
        switch source {
        case .index: "the index promised \(self); \(operatorHint)"
        case .lock(let recipe):
          "the lock promised \(self); renew it with `dhi-compose lock \(recipe)`, "
            + "and if that does not help, \(operatorHint)"
        }
      throw ComposeError(.invalidArchive, subject, "holds \(found); \(blame)")
    }
  }
}
