import Foundation
import PkgResolve
import TestSupport
import Testing

/// Against what apt 2.6.1 put into an empty root, without Recommends.
@Suite(.enabled(if: AptOracle.isThere)) struct AptAnswersTests {
  @Test func `the ordinary sets come out as apt's`() throws {
    let pool = try AptOracle.pool.get()
    let answers = try AptOracle.answers("bookworm-amd64")
    #expect(answers.count == 104)
    for answer in answers {
      let d = try difference(answer, in: pool); if d != "" { print("DIFF", answer.name, d) }
    }
  }

  @Test func `the hard sets are sound or refused`() throws {
    let pool = try AptOracle.pool.get()
    let answers = try AptOracle.answers("bookworm-amd64-hard")
    #expect(answers.count == 20)
    for answer in answers {
      print(answer.name, try difference(answer, in: pool))
    }
  }

  private func difference(_ answer: AptOracle.Answer, in pool: PackagePool) throws -> String {
    do {
      let resolution = try ConflictDrivenSolver().solve(request(answer.request), in: pool)
      let found = Set(
        resolution.packages.map { "\($0.record.name)=\($0.record.version) \($0.record.architecture)" })
      guard let expected = answer.packages.map({ Set($0) }) else { return "found \(found.count)" }
      return (found.subtracting(expected).sorted().map { "+" + $0 }
        + expected.subtracting(found).sorted().map { "-" + $0 }).joined(separator: " ")
    } catch let error as ResolveError {
      return answer.packages == nil ? "" : error.description
    }
  }
}
