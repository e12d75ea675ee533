import Testing

@testable import PkgResolve

/// Small random pools, solved again by trying every set.
@Suite struct AlpineExhaustiveTests {
  /// A fixed sequence of numbers, that of Knuth's MMIX.
  private struct Sequence {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  @Test func `finds a set if and only if there is one`() throws {
    var solved = 0
    var refused = 0
    var virtual = 0
    for seed in 1...300 {
      let pool = try Self.pool(seed: UInt64(seed))
      let request = try AlpineOracle.request(["n0", seed % 3 == 0 ? "v1" : "n1"])
      let exists = Self.hasAnswer(request, in: pool)
      switch AlpineOracle.outcome(request, in: pool) {
      case .success:
        solved += 1
        #expect(exists, "seed \(seed)")
      case .failure(let error):
        refused += 1
        if error.description.contains("virtual") { virtual += 1 }
        #expect(!exists, "seed \(seed): \(error)")
      }
    }
    #expect(solved > 100)
    #expect(refused > 100)
    #expect(virtual > 5)
  }

  @Test func `the order of an index's stanzas is of no account`() throws {
    for seed in 1...150 {
      var random = Sequence(state: UInt64(seed) &* 31)
      var stanzas = Self.stanzas(seed: UInt64(seed))
      let request = try AlpineOracle.request(["n0", "n1"])
      let expected = AlpineOracle.outcome(request, in: try alpinePool(stanzas))
      for position in stanzas.indices.reversed() {
        stanzas.swapAt(position, random.next(position + 1))
      }
      let found = AlpineOracle.outcome(request, in: try alpinePool(stanzas))
      #expect("\(found)" == "\(expected)", "seed \(seed)")
    }
  }

  private static func pool(seed: UInt64) throws -> AlpinePool {
    try alpinePool(stanzas(seed: seed))
  }

  /// Eleven packages, two versions of some, that need, exclude and provide one another at random.
  private static func stanzas(seed: UInt64) -> [AlpineStanza] {
    var random = Sequence(state: seed &* 977)
    func name() -> String {
      random.next(3) == 0 ? "v\(random.next(3))" : "n\(random.next(7))"
    }
    func relation() -> String {
      ["", "", "=1", "=2", ">1", "<2"][random.next(6)]
    }
    return (0..<11).map { number in
      let own = number < 8 ? number / 2 : number - 4
      var stanza = AlpineStanza("n\(own)", number < 8 ? "\(1 + number % 2)" : "1")
      var depends = (0..<random.next(3)).map { _ in name() + relation() }
      if random.next(4) == 0 { depends.append("!" + name() + relation()) }
      stanza.depends = depends.joined(separator: " ")
      if random.next(2) == 0 {
        stanza.provides =
          "v\(random.next(3))" + (random.next(3) == 0 ? "=\(1 + random.next(2))" : "")
        if random.next(2) == 0 { stanza.priority = 1 + random.next(2) }
      }
      if number == 10 { stanza.installIf = "n\(random.next(3)) n\(3 + random.next(3))" }
      return stanza
    }
  }

  /// Tries every set of packages.
  private static func hasAnswer(_ request: AlpineRequest, in pool: AlpinePool) -> Bool {
    let count = pool.count
    return (0..<(1 << count)).contains { code in
      var members = [AlpinePool.ID]()
      for bit in 0..<count where code & (1 << bit) != 0 { members.append(AlpinePool.ID(bit)) }
      return AlpineJudge(members, in: pool).isAnswer(to: request)
    }
  }
}

/// Judges a set by the words of apk-package(5) alone, sharing nothing with the solver but the pool.
private struct AlpineJudge {
  let members: Set<AlpinePool.ID>
  let pool: AlpinePool

  init(_ members: [AlpinePool.ID], in pool: AlpinePool) {
    self.members = Set(members)
    self.pool = pool
  }

  func isAnswer(to request: AlpineRequest) -> Bool {
    guard request.items.allSatisfy({ isMet($0.dependency) }) else { return false }
    for member in members {
      guard pool.package(member).fault == nil, !hasRival(member),
        (try? pool.depends(of: member))?.allSatisfy({ isMet($0, by: member) }) ?? false
      else { return false }
    }
    return reached(from: request) == members
  }

  private func isMet(_ dependency: AlpineDependency, by owner: AlpinePool.ID? = nil) -> Bool {
    let found = pool.matches(dependency).filter { members.contains($0.package) }
    if dependency.isConflict { return found.allSatisfy { $0.package == owner } }
    // A name that one package alone provides, and only as a virtual one, is settled before any install_if.
    return found.contains { provider in
      pool.providers(of: dependency.name).count > 1 || provider.isSelectable
        || provider.package == owner || isRequired(provider.package)
    }
  }

  private func isRequired(_ package: AlpinePool.ID) -> Bool {
    pool.installIf(of: package).isEmpty
      || members.contains { member in
        ((try? pool.depends(of: member)) ?? []).contains { dependency in
          !dependency.isConflict
            && pool.matches(dependency).contains { $0.package == package && $0.isSelectable }
        }
      }
  }

  private func hasRival(_ member: AlpinePool.ID) -> Bool {
    pool.package(member).names.contains { name, _ in
      let providers = pool.providers(of: name).filter { members.contains($0.package) }
      return providers.count > 1 && providers.contains { $0.version != nil }
    }
  }

  private func reached(from request: AlpineRequest) -> Set<AlpinePool.ID> {
    var reached = Set<AlpinePool.ID>()
    func follow(_ dependency: AlpineDependency) {
      guard !dependency.isConflict else { return }
      for provider in pool.matches(dependency)
      where members.contains(provider.package) && provider.isSelectable {
        reached.insert(provider.package)
      }
    }
    for item in request.items { follow(item.dependency) }
    var before = -1
    while before != reached.count {
      before = reached.count
      for member in reached { ((try? pool.depends(of: member)) ?? []).forEach(follow) }
      for member in members {
        let conditions = pool.installIf(of: member)
        if !conditions.isEmpty,
          conditions.allSatisfy({ condition in
            pool.matches(condition).contains { reached.contains($0.package) }
          })
        {
          reached.insert(member)
        }
      }
    }
    return reached
  }
}
