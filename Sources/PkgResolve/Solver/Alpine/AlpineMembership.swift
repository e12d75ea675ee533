/// Which of the packages that are in have a reason to be: the request leads to them, or an install_if does.
///
/// A virtual name leads to nothing by itself, and neither does a need whose tags the package's repository lacks.
struct AlpineMembership {
  enum Reason {
    case request(Int)
    case dependency(PackageID, AlpineDependency)
    case installIf
  }

  private let closure: AlpineClosure
  private let request: AlpineRequest
  private let search: Search<AlpineRules>
  /// In the order they were come by.
  private(set) var members = [PackageID]()
  /// By package: whether it is a member.
  private(set) var isMember: [Bool]
  /// By package: the tags that led to it.
  private(set) var tags: [UInt64]
  /// By package: what first led to it.
  private(set) var reasons: [Reason?]
  /// By package: whether something other than an install_if leads to it.
  private(set) var isRequired: [Bool]
  private var queue = [PackageID]()

  init(in search: Search<AlpineRules>) {
    self.search = search
    closure = search.rules.closure
    request = search.rules.request
    let count = closure.members.count
    isMember = Array(repeating: false, count: count)
    tags = Array(repeating: 0, count: count)
    reasons = Array(repeating: nil, count: count)
    isRequired = Array(repeating: false, count: count)
    for (index, need) in closure.requests.enumerated() where !need.dependency.isConflict {
      let bits = closure.pool.bit(ofTag: need.dependency.tag) ?? 1
      for candidate in need.candidates { reach(candidate, tags: bits, .request(index)) }
    }
    repeat { drain() } while triggerOne()
  }

  private mutating func reach(
    _ candidate: AlpineClosure.Candidate, tags bits: UInt64, _ reason: Reason
  ) {
    reach(candidate.package, isReason: candidate.isSelectable, tags: bits, reason)
  }

  private mutating func reach(
    _ package: PackageID, isReason: Bool, tags bits: UInt64, _ reason: Reason
  ) {
    guard search.value(Literal(in: package)) > 0 else { return }
    let place = Int(package)
    let before = tags[place]
    tags[place] |= bits
    if isReason {
      if case .installIf = reason {} else { isRequired[place] = true }
      if reasons[place] == nil { reasons[place] = reason }
    }
    if isMember[place] {
      if tags[place] != before { queue.append(package) }
    } else if reasons[place] != nil,
      closure[package].isAllowed(tags: tags[place])
    {
      isMember[place] = true
      members.append(package)
      queue.append(package)
    }
  }

  private mutating func drain() {
    var next = 0
    while next < queue.count {
      let package = queue[next]
      next += 1
      let bits = tags[Int(package)]
      for need in closure.members[Int(package)].needs {
        for candidate in need.candidates {
          reach(candidate, tags: bits, .dependency(package, need.dependency))
        }
      }
      for trigger in closure.triggered[Int(package)]
      where !hasExclusion(trigger) && holds(trigger) {
        reach(trigger, isReason: true, tags: tagsOfConditions(trigger), .installIf)
      }
    }
    queue.removeAll()
  }

  /// Takes in one package whose install_if names what must be absent: only once all else is known.
  private mutating func triggerOne() -> Bool {
    for package in members {
      for trigger in closure.triggered[Int(package)]
      where !isMember[Int(trigger)] && hasExclusion(trigger) && holds(trigger) {
        reach(trigger, isReason: true, tags: tagsOfConditions(trigger), .installIf)
        if isMember[Int(trigger)] { return true }
      }
    }
    return false
  }

  func hasExclusion(_ package: PackageID) -> Bool {
    closure.members[Int(package)].installIf.contains { $0.dependency.isConflict }
  }

  /// Whether all conditions of a package's install_if hold among the members.
  func holds(_ package: PackageID) -> Bool {
    closure.members[Int(package)].installIf.allSatisfy { condition in
      condition.dependency.isConflict
        != condition.candidates.contains {
          isMember[Int($0.package)] && !(condition.dependency.isConflict && $0.package == package)
        }
    }
  }

  /// As apk does, what install_if brings in may come from wherever its conditions might.
  func tagsOfConditions(_ package: PackageID) -> UInt64 {
    var bits: UInt64 = 1
    for condition in closure.members[Int(package)].installIf where !condition.dependency.isConflict
    {
      for candidate in condition.candidates where isMember[Int(candidate.package)] {
        bits |= tags[Int(candidate.package)]
      }
    }
    return bits
  }

  /// The members that meet a need.
  ///
  /// apk settles a name that one package alone provides before any install_if: what comes in by install_if only does
  /// not stand for such a name where it provides it without a version.
  func answers(to need: AlpineClosure.Need) -> [PackageID] {
    var found = [PackageID]()
    for candidate in need.candidates where isMember[Int(candidate.package)] {
      let isLate =
        need.providerCount == 1 && !candidate.isSelectable && !isRequired[Int(candidate.package)]
      if !isLate && !found.contains(candidate.package) { found.append(candidate.package) }
    }
    return found
  }
}
