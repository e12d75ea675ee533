/// Which of two packages that answer to a name apk would take.
///
/// Source: the order in which apk 3 compares providers.
struct AlpinePreference {
  enum Ground: Sendable {
    case tag, versionOfName, version, priority, index, name
  }

  private let pool: AlpinePool
  private let closure: AlpineClosure
  /// By package that the request names: the tag it was asked for with.
  private var asked = [PackageID: UInt64]()

  init(_ request: AlpineRequest, _ closure: AlpineClosure) {
    self.closure = closure
    pool = closure.pool
    for need in closure.requests where !need.dependency.isConflict {
      let bit = pool.bit(ofTag: need.dependency.tag) ?? 1
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
    let (leftID, rightID) = (
      closure.members[Int(left.package)].id, closure.members[Int(right.package)].id
    )
    let (leftRecord, rightRecord) = (pool[leftID], pool[rightID])
    if leftRecord.name == rightRecord.name {
      switch AlpineVersionOrder(leftRecord.version, rightRecord.version) {
      case .less: return (false, .version)
      case .greater: return (true, .version)
      case .equal: break
      }
    }
    if leftRecord.providerPriority != rightRecord.providerPriority {
      return (leftRecord.providerPriority > rightRecord.providerPriority, .priority)
    }
    let (leftIndex, rightIndex) = (
      pool.package(leftID).firstIndex, pool.package(rightID).firstIndex
    )
    if leftIndex != rightIndex { return (leftIndex < rightIndex, .index) }
    return (false, .name)
  }

  private func isTagPreferred(_ package: PackageID) -> Bool {
    let id = closure.members[Int(package)].id
    if let bit = asked[package] { return pool.package(id).tags & bit != 0 }
    return pool.isAllowed(id, tags: 1)
  }
}
