/// Which of two packages that answer to a name apk would take.
///
/// Source: the order in which apk 3 compares providers.
struct AlpinePreference {
  enum Ground: Sendable {
    case tag, versionOfName, version, priority, index, name
  }

  private let closure: AlpineClosure
  /// By package that the request names: the tag it was asked for with.
  private var asked = [PackageID: UInt64]()

  init(_ request: AlpineRequest, _ closure: AlpineClosure) {
    self.closure = closure
    for need in closure.requests where !need.dependency.isConflict {
      let bit = closure.pool.bit(ofTag: need.dependency.tag) ?? 1
      for candidate in need.candidates { asked[candidate.package] = bit }
    }
  }

  /// The first candidate that none of the others beats, where the order is not that of the candidates.
  func best(_ candidates: [AlpineClosure.Candidate]) -> AlpineClosure.Candidate? {
    guard var best = candidates.first else { return nil }
    for candidate in candidates.dropFirst() where compare(candidate, best).isBefore {
      best = candidate
    }
    return best
  }

  /// Whether the left one is taken rather than the right one, and why.
  func compare(
    _ left: AlpineClosure.Candidate, _ right: AlpineClosure.Candidate
  ) -> (isBefore: Bool, ground: Ground) {
    let (a, b) = (isTagPreferred(left.package), isTagPreferred(right.package))
    if a != b { return (a, .tag) }
    switch AlpineVersionOrder(
      (left.version ?? .absent).description, (right.version ?? .absent).description)
    {
    case .less: return (false, .versionOfName)
    case .greater: return (true, .versionOfName)
    case .equal: break
    }
    let (leftPackage, rightPackage) = (closure[left.package], closure[right.package])
    if leftPackage.nameID == rightPackage.nameID {
      switch AlpineVersionOrder(
        leftPackage.version.description, rightPackage.version.description)
      {
      case .less: return (false, .version)
      case .greater: return (true, .version)
      case .equal: break
      }
    }
    if leftPackage.priority != rightPackage.priority {
      return (leftPackage.priority > rightPackage.priority, .priority)
    }
    if leftPackage.firstIndex != rightPackage.firstIndex {
      return (leftPackage.firstIndex < rightPackage.firstIndex, .index)
    }
    return (false, .name)
  }

  private func isTagPreferred(_ package: PackageID) -> Bool {
    if let bit = asked[package] { return closure[package].tags & bit != 0 }
    return closure[package].isAllowed(tags: 1)
  }
}
