import PkgResolve
import Testing

@testable import RootfsCompose

/// Which packages two sets do not have alike.
@Suite struct PackageDifferenceTests {
  private func side(
    _ name: String, _ version: String, _ architecture: String = "amd64", size: Int64 = 10,
    suite: String? = nil, digest: String? = nil
  ) -> PackageDifference.Side {
    PackageDifference.Side(
      name, version: version, architecture: architecture, size: size, suite: suite, digest: digest)
  }

  private func changes(
    _ before: [PackageDifference.Side], _ after: [PackageDifference.Side],
    _ family: Distribution.Family? = .debian
  ) -> [String] {
    PackageDifference.between(before, after, order: family).map { "\($0.name) \($0.change)" }
  }

  @Test func eachDistributionHasItsOrderOfVersions() {
    // The tilde sorts before the end for Debian, letters and numbers differently for apk.
    #expect(changes([side("a", "1.0~rc1")], [side("a", "1.0")]) == ["a upgraded"])
    #expect(changes([side("a", "1:0.9")], [side("a", "1.0")]) == ["a downgraded"])
    #expect(changes([side("a", "1.10")], [side("a", "1.9")]) == ["a downgraded"])
    #expect(changes([side("a", "1.0_rc1-r0")], [side("a", "1.0-r0")], .alpine) == ["a upgraded"])
    #expect(changes([side("a", "1.0-r10")], [side("a", "1.0-r9")], .alpine) == ["a downgraded"])
  }

  @Test func versionsOfTwoDistributionsHaveNoOrder() {
    #expect(changes([side("a", "1.0")], [side("a", "2.0")], nil) == ["a changed"])
  }

  @Test func textsThatAreNoVersionsDifferAllTheSame() {
    #expect(changes([side("a", "x y")], [side("a", "1.0")]) == ["a changed"])
    // dpkg calls both one version.
    #expect(changes([side("a", "1.0")], [side("a", "0:1.0-0")]) == ["a changed"])
  }

  @Test func whatComesAndGoesIsInTheOrderOfNames() {
    #expect(
      changes([side("z", "1"), side("b", "1")], [side("b", "1"), side("a", "1"), side("y", "1")])
        == ["a added", "y added", "z removed"])
  }

  @Test func theSameVersionOfAnotherFileIsReplaced() {
    #expect(
      changes([side("a", "1", digest: "x")], [side("a", "1", digest: "y")]) == ["a replaced"])
    #expect(changes([side("a", "1", digest: "x")], [side("a", "1", digest: "x")]) == [])
  }

  /// A name that stands for two architectures is two packages; one that only changed its architecture is one.
  @Test func architecturesTellPackagesOfOneNameApart() {
    #expect(
      changes(
        [side("a", "1", "amd64"), side("a", "1", "i386")], [side("a", "2", "i386")])
        == ["a removed", "a upgraded"])
    #expect(changes([side("a", "1", "amd64")], [side("a", "1", "all")]) == ["a changed"])
  }

  @Test func securitySuitesAreKnownByTheirNames() {
    func isSecurity(_ suite: String?) -> Bool? {
      PackageDifference.between(
        [side("a", "1")], [side("a", "2", suite: suite)], order: .debian
      ).first?.isSecurityUpdate
    }
    #expect(isSecurity("trixie-security") == true)
    #expect(isSecurity("buster/updates") == true)
    #expect(isSecurity("trixie-updates") == false)
    #expect(isSecurity("v3.22/main") == false)
    #expect(isSecurity(nil) == false)
    let gone = PackageDifference.between(
      [side("a", "1", suite: "trixie-security")], [], order: .debian)
    #expect(gone.map(\.isSecurityUpdate) == [false])
  }

  @Test func sizesAreTheDifferenceOfBoth() {
    let all = PackageDifference.between(
      [side("a", "1", size: 5), side("b", "1", size: 7)], [side("a", "2", size: 9)], order: .debian)
    #expect(all.map(\.sizeChange) == [4, -7])
  }
}
