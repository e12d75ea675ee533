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
    let judge = AlpineJudge(request, in: pool)
    return (0..<(1 << pool.count)).contains(where: judge.isAnswer)
  }
}

/// Judges sets of packages, each a number whose bits are members, by the words of apk-package(5) alone.
private struct AlpineJudge {
  /// What must be there: any of `meets`; those of `leads` by this alone.
  private struct Need {
    var meets = 0
    var leads = 0
    /// A name that one package alone provides, and only as a virtual one, is settled before any install_if.
    var isEarly = false
  }

  private struct Package {
    var needs = [Need]()
    var excludes = 0
    var conditions = [Int]()
    var isBroken = false
  }

  private var requests = [Need]()
  private var packages = [Package]()

  init(_ request: AlpineRequest, in pool: AlpinePool) {
    func need(_ dependency: AlpineDependency, by own: Int? = nil) -> Need {
      let all = pool.providers(of: dependency.name)
      var need = Need(isEarly: all.count == 1 && all.allSatisfy { !$0.isSelectable })
      for provider in all where dependency.matches(provider.version) {
        need.meets |= 1 << Int(provider.package)
        if provider.isSelectable { need.leads |= 1 << Int(provider.package) }
        if Int(provider.package) == own { need.isEarly = false }
      }
      return need
    }
    requests = request.items.map { need($0.dependency) }
    for id in 0..<pool.count {
      var package = Package()
      let itself = pool.package(AlpinePool.ID(id))
      package.isBroken = itself.fault != nil
      for dependency in (try? pool.depends(of: AlpinePool.ID(id))) ?? [] {
        if dependency.isConflict {
          package.excludes |= need(dependency).meets & ~(1 << id)
        } else {
          package.needs.append(need(dependency, by: id))
        }
      }
      for (name, version) in itself.names {
        for rival in pool.providers(of: name)
        where Int(rival.package) != id && (version != nil || rival.version != nil) {
          package.excludes |= 1 << Int(rival.package)
        }
      }
      package.conditions = pool.installIf(of: AlpinePool.ID(id)).map { need($0).meets }
      packages.append(package)
    }
  }

  func isAnswer(_ members: Int) -> Bool {
    var required = 0
    for request in requests { required |= request.leads & members }
    for (id, package) in packages.enumerated() where members & 1 << id != 0 {
      if package.isBroken || package.excludes & members != 0 { return false }
      for need in package.needs { required |= need.leads & members }
    }
    func isMet(_ need: Need) -> Bool {
      need.meets & (need.isEarly ? required : members) != 0
    }
    guard requests.allSatisfy(isMet) else { return false }
    for (id, package) in packages.enumerated() where members & 1 << id != 0 {
      guard package.needs.allSatisfy(isMet) else { return false }
    }
    return reached(among: members) == members
  }

  private func reached(among members: Int) -> Int {
    var reached = 0
    for request in requests { reached |= request.leads & members }
    var before = -1
    while before != reached {
      before = reached
      for (id, package) in packages.enumerated() where members & 1 << id != 0 {
        if reached & 1 << id != 0 {
          for need in package.needs { reached |= need.leads & members }
        } else if !package.conditions.isEmpty,
          package.conditions.allSatisfy({ $0 & reached != 0 })
        {
          reached |= 1 << id
        }
      }
    }
    return reached
  }
}
