import FoundationEssentials
import PkgResolve
import TestSupport
import Testing

@Suite struct DebianVersionTests {
  private static func rows(_ file: String) throws -> [[String]] {
    let root = try #require(SharedData.root)
    let text = try String(contentsOfFile: "\(root)/oracles/debian-version/\(file)", encoding: .utf8)
    return text.split(separator: "\n").dropFirst().map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test(
    .enabled(if: SharedData.root != nil),
    arguments: ["apt-t.tsv", "dpkg-perl-t.tsv", "real-pairs.tsv"])
  func `orders as dpkg and apt do`(file: String) throws {
    let rows = try Self.rows(file)
    #expect(rows.count > 50)
    for row in rows {
      let left = try DebianVersion(parsing: row[0])
      let right = try DebianVersion(parsing: row[2])
      let found = left < right ? "<" : left == right ? "=" : ">"
      #expect(found == row[1], "\(row[0]) \(row[1]) \(row[2])")
      #expect(
        (right < left ? "<" : right == left ? "=" : ">") == ["<": ">", ">": "<"][found] ?? "=")
      if found == "=" { #expect(left.hashValue == right.hashValue) }
      #expect(left.description == row[0])
    }
  }

  @Test(.enabled(if: SharedData.root != nil))
  func `parses what dpkg parses and refuses what it refuses or warns of`() throws {
    let rows = try Self.rows("parse.tsv")
    #expect(rows.count > 50)
    for row in rows {
      let text = row[0].replacing("\\t", with: "\t")
      guard row[1] == "ok" else {
        #expect(throws: ResolveError.self, "\(text)") { try DebianVersion(parsing: text) }
        continue
      }
      let version = try DebianVersion(parsing: text)
      #expect(String(version.epoch) == row[2])
      #expect(String(Substring(version.upstream)) == row[3])
      #expect(version.revision.map { String(Substring($0)) } ?? "" == row[4])
    }
  }

  @Test(arguments: [
    "", " ", "1:", ":1", "1-", "a:1", "-1:1", "4294967296:1", "1 2", "abc", "1_2", "1:2-3:4",
    "1\u{0}",
    "1é", "+1:2",
  ])
  func `refuses invalid forms`(text: String) {
    let error = #expect(throws: ResolveError.self) { try DebianVersion(parsing: text) }
    #expect(error?.code == .invalidVersion)
  }

  @Test func `equal versions hash alike however they are written`() throws {
    let forms = ["1.0", "0:1.0", "1.0-0", "1.00", "01.0-00", "1."]
    let versions = try Set(forms.map { try DebianVersion(parsing: $0) })
    #expect(versions.count == 1)
    #expect(try DebianVersion(parsing: "1.0~") < DebianVersion(parsing: "1.0"))
  }

  @Test func `numbers of any length are compared`() throws {
    let digits = String(repeating: "9", count: 400)
    #expect(try DebianVersion(parsing: digits) < DebianVersion(parsing: digits + "0"))
  }

  @Test(arguments: [
    ("8.14.1-2+deb13u3", "8.14.1", DebianVersion.Match.partial),
    ("2:9.1.1230-2", "9.1.1230-2", .partial),
    ("2:9.1.1230-2", "9.1.1230", .partial),
    ("2:9.1.1230-2", "2:9.1.1230", .partial),
    ("2:9.1.1230-2", "1:9.1.1230-2", .none),
    ("5.2.37-2+b5", "5.2.37-2", .none),
    ("5.2.37-2+b5", "5.2.37", .partial),
    ("1.2-3-1", "1.2-3", .partial),
    ("1.2-3", "1.2-3", .exact),
    ("1.2-0", "1.2", .exact),
    ("8.14.1-2", "8.14", .none),
  ])
  func `a request may leave out epoch and revision`(
    version: String, requested: String, expected: DebianVersion.Match
  ) throws {
    let match = try DebianVersion(parsing: version).matches(requested: .init(parsing: requested))
    #expect(match == expected)
  }
}
