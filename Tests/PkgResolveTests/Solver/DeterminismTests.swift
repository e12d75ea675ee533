import PkgResolve
import Testing

/// One answer, whatever the order of an index's stanzas and the seeds of the hash tables.
@Suite struct DeterminismTests {
  /// A fixed sequence of numbers, that of Knuth's MMIX.
  private struct Sequence: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // The low bits of such a sequence repeat early.
      return (state >> 32) | (state << 32)
    }
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
  }

  @Test func `shuffled stanzas give one answer, and one explanation`() throws {
    var solved = 0
    var refused = 0
    for seed in 1...12 {
      let stanzas = Self.stanzas(seed: UInt64(seed))
      let expected = try Self.answer(stanzas)
      if expected.hasPrefix("refused: ") { refused += 1 } else { solved += 1 }
      var random = Sequence(state: UInt64(seed))
      for _ in 0..<20 {
        let answer = try Self.answer(stanzas.shuffled(using: &random))
        #expect(answer == expected, "seed \(seed)")
      }
    }
    #expect(solved >= 3)
    #expect(refused >= 3)
  }

  @Test func `shuffled records give one answer of Alpine's rules, and one explanation`() throws {
    var solved = 0
    var refused = 0
    for seed in 1...12 {
      let stanzas = Self.alpineStanzas(seed: UInt64(seed))
      let expected = try Self.answer(stanzas)
      if expected.hasPrefix("refused: ") { refused += 1 } else { solved += 1 }
      var random = Sequence(state: UInt64(seed))
      for _ in 0..<20 {
        let answer = try Self.answer(stanzas.shuffled(using: &random))
        #expect(answer == expected, "seed \(seed)")
      }
    }
    #expect(solved >= 3)
    #expect(refused >= 3)
  }

  /// Thirty names in two versions each, with providers and install_if; odd seeds make many conflicts.
  private static func alpineStanzas(seed: UInt64) -> [AlpineStanza] {
    var random = Sequence(state: seed &* 7919)
    return (0..<60).map { number in
      let own = number / 2
      func relation() -> String {
        switch random.below(5) {
        case 0: "v\(random.below(8))"
        case 1: "so:\(random.below(8))>=1"
        case 2: "n\(random.below(30))=\(1 + random.below(2))"
        default: "n\(random.below(30))"
        }
      }
      var depends = (0..<random.below(4)).map { _ in relation() }
      for _ in 0..<random.below(seed % 2 == 0 ? 2 : 5) {
        depends.append("!n\((own + 1 + random.below(28)) % 30)")
      }
      let provides = (0..<random.below(3)).map { _ in
        random.below(2) == 0
          ? "v\(random.below(8))" : "so:\(random.below(8))=\(1 + random.below(2))"
      }
      return AlpineStanza(
        "n\(own)", "\(1 + number % 2)", depends: depends.joined(separator: " "),
        provides: provides.joined(separator: " "),
        installIf: random.below(6) == 0 ? "n\(random.below(30)) n\(random.below(30))" : "",
        priority: random.below(3))
    }
  }

  /// Forty names in two versions each, with many alternatives and providers; odd seeds make many conflicts.
  private static func stanzas(seed: UInt64) -> [Stanza] {
    var random = Sequence(state: seed &* 7919)
    return (0..<80).map { number in
      let own = number / 2
      func relation() -> String {
        switch random.below(4) {
        case 0: "v\(random.below(8))"
        case 1: "n\(random.below(40)) (= \(1 + random.below(2)))"
        default: "n\(random.below(40))"
        }
      }
      let depends = (0..<random.below(4)).map { _ in
        (0...random.below(3)).map { _ in relation() }.joined(separator: " | ")
      }
      let excluded = (0..<random.below(seed % 2 == 0 ? 3 : 10)).map { _ in
        "n\((own + 1 + random.below(38)) % 40)"
      }
      return Stanza(
        "n\(own)", "\(1 + number % 2)",
        [
          "Depends": depends.joined(separator: ", "),
          "Provides": (0..<random.below(3)).map { _ in "v\(random.below(8))" }
            .joined(separator: ", "),
          "Conflicts": excluded.joined(separator: ", "),
          "Priority": ["optional", "extra", "important"][random.below(3)],
          "Source": "s\(own / 3) (\(1 + number % 2))",
        ])
    }
  }

  private static func answer(_ stanzas: [Stanza]) throws -> String {
    let pool = try PackagePool(architecture: "amd64", indexes: [index(stanzas)])
    let request = try request(["n0", "n1", "n7", "n12"])
    return text { () throws(ResolveError) in try ConflictDrivenSolver().solve(request, in: pool) }
  }

  private static func answer(_ stanzas: [AlpineStanza]) throws -> String {
    let pool = try alpinePool(stanzas)
    let request = try AlpineOracle.request(["n0", "n1", "n7", "n12"])
    return text { () throws(ResolveError) in try AlpineSolver().solve(request, in: pool) }
  }

  /// All that a user gets to see of a resolution, or of its failure.
  private static func text(_ solve: () throws(ResolveError) -> Resolution) -> String {
    do {
      let found = try solve()
      return
        (found.packages.map { "\($0.record), \($0.reason): \($0.requirements)" }
        + found.choices.map { "\($0)" } + found.requests.map { "\($0)" } + found.waived
        + found.warnings).joined(separator: "\n")
    } catch {
      return "refused: \(error.code) \(error)"
    }
  }
}
