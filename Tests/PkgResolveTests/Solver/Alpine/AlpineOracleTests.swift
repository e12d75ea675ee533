import PkgResolve
import Testing

/// Against apk-tools' own solver cases and what apk 3.0.6 puts into an empty root.
@Suite(.enabled(if: AlpineOracle.isThere)) struct AlpineOracleTests {
  private static let changes = "changes a root that is not empty"

  /// The cases that are skipped, and why.
  private static let skipped = [
    "basic2": changes, "basic3": changes, "basic4": changes, "basic5": changes, "basic6": changes,
    "basic7": changes, "basic9": changes, "basic12": changes, "basic13": changes,
    "basic14": changes, "basic15": changes, "basic17": changes, "basic18": changes,
    "basic20": changes, "basic21": changes, "conflict3": changes, "installif4": changes,
    "basic8": "creates a package of its own (add -t)",
    "basic10": "goes on in spite of what is missing (--force-broken-world)",
    "basic11": "goes on in spite of what is missing (--force-broken-world)",
  ]

  @Test func `apk-tools' solver cases from an empty root come out the same`() throws {
    let cases = try AlpineOracle.cases()
    #expect(cases.count == 41)
    var compared = 0
    for test in cases {
      let reason = Self.skipped[test.name]
      #expect((test.installed != nil) == (reason == Self.changes), "\(test.name)")
      guard reason == nil else { continue }
      let names = test.arguments.filter { !$0.hasPrefix("-") && $0 != "add" }
      let found = AlpineOracle.outcome(
        try AlpineOracle.request(names, standing: test.world), in: try AlpineOracle.pool(of: test))
      #expect((try? found.get()) == test.packages, "\(test.name): \(found)")
      compared += 1
    }
    #expect(compared + Self.skipped.count == 41)
  }

  @Test func `the recorded sets come out as apk's`() throws {
    let pool = try AlpineOracle.pool.get()
    let answers = try AlpineOracle.recordedAnswers()
    #expect(answers.count == 33)
    for answer in answers {
      let found = AlpineOracle.outcome(try AlpineOracle.request(answer.request), in: pool)
      guard let expected = answer.packages else {
        #expect((try? found.get()) == nil, "\(answer.name)")
        continue
      }
      switch found {
      case .success(let lines):
        let extra = lines.filter { !expected.contains($0) }
        let missing = expected.filter { !lines.contains($0) }
        #expect(
          extra.isEmpty && missing.isEmpty, "\(answer.name): extra \(extra), missing \(missing)")
      case .failure(let error): Issue.record("\(answer.name): \(error)")
      }
    }
  }
}
