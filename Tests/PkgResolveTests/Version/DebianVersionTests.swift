import FoundationEssentials
import PkgResolve
import TestSupport
import Testing

@Suite struct DebianVersionTests {
  @Test(
    .enabled(if: SharedData.root != nil, "needs ../shared/data"),
    arguments: ["apt-t.tsv", "dpkg-perl-t.tsv", "real-pairs.tsv"])
  func ordersAsTheDistributionsToolsDo(file: String) throws {
    let root = try #require(SharedData.root)
    let text = try String(contentsOfFile: "\(root)/oracles/debian-version/\(file)", encoding: .utf8)
    var judged = 0
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard columns.count == 3 else { continue }
      let left = try DebianVersion(parsing: columns[0])
      let right = try DebianVersion(parsing: columns[2])
      let found = left < right ? "<" : left == right ? "=" : ">"
      #expect(found == columns[1], "\(line)")
      judged += 1
    }
    #expect(judged > 10)
  }

  @Test(.enabled(if: SharedData.root != nil, "needs ../shared/data"))
  func refusesWhatDpkgRefuses() throws {
    let root = try #require(SharedData.root)
    let text = try String(
      contentsOfFile: "\(root)/oracles/debian-version/parse.tsv", encoding: .utf8)
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      let written = columns[0].replacing("\\n", with: "\n").replacing("\\t", with: "\t")
      let version = try? DebianVersion(parsing: written)
      guard columns[1] == "ok" else {
        #expect(version == nil, "\(line)")
        continue
      }
      #expect(version.map { String($0.epoch) } == columns[2], "\(line)")
      #expect(version?.upstream == columns[3], "\(line)")
      let revision = columns.count > 4 ? columns[4] : ""
      #expect(version?.revision == revision, "\(line)")
    }
  }

  @Test(arguments: [
    ("8.14.1", "8.14.1-2+deb13u3", true), ("9.1-2", "2:9.1-2", true), ("5.2-2", "5.2-2", true),
    ("5.2-2", "5.2-2+b5", false), ("2:9.1", "9.1-1", false), ("0:9.1-1", "2:9.1-1", false),
    ("9.1", "2:9.1-7", true),
  ])
  func aRequestMayLeaveOutEpochAndRevision(
    requested: String, version: String, satisfied: Bool
  ) throws {
    let version = try DebianVersion(parsing: version)
    #expect(version.satisfies(requested: try DebianVersion(parsing: requested)) == satisfied)
  }
}
