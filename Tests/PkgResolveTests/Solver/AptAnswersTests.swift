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
    var different = [String]()
    for answer in answers where try !isSame(answer, in: pool) { different.append(answer.name) }
    // apt pins nginx alone to the suite and refuses, for it never considers the nginx-common of that suite; a search of
    // all versions finds it.
    #expect(different == ["set-release-target"])
  }

  @Test func `the hard sets come out as apt's or another way`() throws {
    let pool = try AptOracle.pool.get()
    let answers = try AptOracle.answers("bookworm-amd64-hard")
    #expect(answers.count == 20)
    var different = [String]()
    for answer in answers where try !isSame(answer, in: pool) { different.append(answer.name) }
    // Of the packages that provide emacsen, apt takes the one last in its cache; the first by name is as good.
    #expect(different == ["hard060"])
  }

  @Test func `a suite can be asked for, and its own dependencies follow`() throws {
    let pool = try AptOracle.pool.get()
    let lines = try solve("nginx/bookworm", in: pool)
    #expect(lines.contains("nginx=1.22.1-9+deb12u9"))
    #expect(lines.contains("nginx-common=1.22.1-9+deb12u9"))
  }

  /// Whether both chose the same packages or both refused.
  private func isSame(_ answer: AptOracle.Answer, in pool: PackagePool) throws -> Bool {
    do {
      let resolution = try ConflictDrivenSolver().solve(request(answer.request), in: pool)
      return answer.packages
        == resolution.packages.map {
          "\($0.record.name)=\($0.record.version) \($0.record.architecture)"
        }.sorted()
    } catch is ResolveError {
      return answer.packages == nil
    }
  }
}
