import Testing

@testable import PkgResolve

/// Against apk-tools' own solver cases and what apk 3.0.6 puts into an empty root.
@Suite(.enabled(if: AlpineOracle.isThere)) struct AlpineOracleTests {
  /// Cases that no resolver for an empty root can answer, and why.
  private static let notOurs = [
    "basic8": "creates a package of its own (add -t)",
    "basic10": "goes on in spite of what is missing (--force-broken-world)",
    "basic11": "goes on in spite of what is missing (--force-broken-world)",
  ]

  @Test func `apk-tools' solver cases from an empty root come out the same`() throws {
    let cases = try AlpineOracle.cases()
    #expect(cases.count == 41)
    var same = [String]()
    var skipped = [String]()
    for test in cases {
      if test.installed != nil || Self.notOurs[test.name] != nil {
        skipped.append(test.name)
        continue
      }
      let names = test.arguments.filter { !$0.hasPrefix("-") && $0 != "add" }
      let pool = try AlpineOracle.pool(of: test)
      let found = AlpineOracle.outcome(
        try AlpineOracle.request(names, standing: test.world), in: pool)
      #expect((try? found.get()) == test.packages, "\(test.name): \(found)")
      same.append(test.name)
    }
    print("same", same, "skipped", skipped)
  }

  @Test func `the recorded sets come out as apk's`() throws {
    let pool = try AlpineOracle.pool.get()
    let answers = try AlpineOracle.recordedAnswers()
    #expect(answers.count == 33)
    for answer in answers {
      let found = AlpineOracle.outcome(try AlpineOracle.request(answer.request), in: pool)
      switch (found, answer.packages) {
      case (.success(let lines), let expected?):
        let extra = lines.filter { !expected.contains($0) }
        let missing = expected.filter { !lines.contains($0) }
        #expect(
          extra.isEmpty && missing.isEmpty, "\(answer.name): extra \(extra), missing \(missing)")
      case (.failure(let error), let expected?):
        Issue.record("\(answer.name): \(error), expected \(expected)")
      case (.success(let lines), nil): Issue.record("\(answer.name): \(lines), expected a refusal")
      case (.failure(let error), nil): print(answer.name, error)
      }
    }
  }
}
