import PkgResolve

extension Recipe {
  /// What can be told of a valid recipe before any archive is read.
  public struct Preflight: Sendable {
    /// What is wrong with it in any case.
    public var faults: [ComposeError] = []
    /// What this version does not compose: building it is refused.
    public var refusals: [ComposeError] = []
  }

  /// Looks at what the schema cannot say: keys that composing cannot serve, the distribution and what does not belong
  /// to it, names of hardening rules.
  public func preflight() -> Preflight {
    var result = Preflight(refusals: unsupportedKeys())
    func look(_ body: () throws(ComposeError) -> Void) {
      do throws(ComposeError) {
        try body()
      } catch {
        if error.code == .unsupportedRecipe {
          result.refusals.append(error)
        } else {
          result.faults.append(error)
        }
      }
    }
    var family: Distribution.Family?
    if let distribution {
      look { () throws(ComposeError) in
        family = try Distribution.named(distribution, subject: path).family
      }
    }
    if let family {
      result.refusals += foreignKeys(to: family)
      for entry in definition.contents.repositories {
        look { () throws(ComposeError) in try Self.read(repository: entry, of: family) }
      }
      result.faults += malformedPackages(of: family)
    }
    look { () throws(ComposeError) in
      _ = try HardeningContext(HardeningPolicy(definition))
    }
    return result
  }

  /// What only the other family's archives have.
  private func foreignKeys(to family: Distribution.Family) -> [ComposeError] {
    guard family == .alpine else { return [] }
    let compose = definition.compose
    var found = [(location: SourceLocation, message: String)]()
    if let snapshot = compose.snapshot {
      found.append(
        (
          snapshot.location,
          "compose.snapshot is for Debian's packages, and Alpine has no snapshot service; remove it: "
            + "the lock pins what was found"
        ))
    }
    if let mirror = compose.securityMirror {
      found.append(
        (
          mirror.location,
          "compose.security-mirror is for Debian's packages, and Alpine has no such archive; remove it"
        ))
    }
    if let pin = compose.pins.first {
      found.append(
        (
          pin.location,
          "compose.pins is for Debian's packages; for Alpine's, give a repository a tag "
            + "(\"@edge URL\") and ask for name@edge"
        ))
    }
    return found.map { ComposeError(.unsupportedRecipe, $0.location.description, $0.message) }
  }

  /// Entries of contents.packages that are none of the family's.
  private func malformedPackages(of family: Distribution.Family) -> [ComposeError] {
    var found = [ComposeError]()
    var told = Set<String>()
    for platform in definition.platforms {
      for entry in definition.substituted(for: platform).contents.packages {
        let place = entry.location.description
        do throws(ResolveError) {
          switch family {
          case .debian: _ = try PackageRequest(parsing: entry.value, location: place)
          case .alpine:
            var request = AlpineRequest()
            try request.add(entry: entry.value, location: place)
          }
        } catch {
          guard told.insert(error.description).inserted else { continue }
          found.append(
            ComposeError(.invalidRecipe, error.subject, error.message, underlying: error))
        }
      }
    }
    return found
  }

  /// Throws where an entry of contents.repositories cannot be one of the family's.
  private static func read(
    repository entry: Located<String>, of family: Distribution.Family
  ) throws(ComposeError) {
    let place = entry.location.description
    switch family {
    case .debian: _ = try DebianSource(line: entry.value, subject: place)
    case .alpine: _ = try AlpineSource(entry: entry.value, subject: place)
    }
  }
}
