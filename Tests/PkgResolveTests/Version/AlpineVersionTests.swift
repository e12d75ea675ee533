import FoundationEssentials
import PkgResolve
import TestSupport
import Testing

@Suite struct AlpineVersionTests {
  private static let signs = ["<", "=", ">", "~", "<~", ">~", "!~"]

  private static func lines() throws -> [String] {
    let root = try #require(SharedData.root)
    let text = try String(
      contentsOfFile: "\(root)/oracles/alpine-version/version.data", encoding: .utf8)
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.prefix { $0 != "#" })
    }
  }

  /// Whether `left sign right` holds for apk, which looks at no more of either text than it must.
  private static func holds(_ left: String, _ sign: String, _ right: String) -> Bool {
    let isPrefix = sign.contains("~")
    let order = AlpineVersionOrder(left, right, isPrefix: isPrefix)
    return switch sign {
    case "<": order == .less
    case "=", "~": order == .equal
    case ">": order == .greater
    case "<~": order != .greater
    case ">~": order != .less
    default: order != .equal
    }
  }

  @Test(.enabled(if: SharedData.root != nil))
  func `every fact of apk-tools holds`() throws {
    let lines = try Self.lines()
    #expect(lines.count == 396)  // 395 and what follows the last line's end
    var compared = 0
    var valid = 0
    var invalid = 0
    for line in lines {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
      if words.count == 3 {
        try #require(Self.signs.contains(words[1]), "\(line)")
        #expect(Self.holds(words[0], words[1], words[2]), "\(line)")
        let back = ["<": ">", ">": "<", "=": "="][words[1]]
        if let back { #expect(Self.holds(words[2], back, words[0]), "\(line)") }
        compared += 1
      } else if let word = words.first, word.hasPrefix("!") {
        #expect(throws: ResolveError.self, "\(line)") {
          try AlpineVersion(parsing: String(word.dropFirst()))
        }
        invalid += 1
      } else if let word = words.first {
        #expect(try AlpineVersion(parsing: word).description == word)
        valid += 1
      }
    }
    #expect((compared, valid, invalid) == (378, 3, 12))
  }

  @Test(arguments: [
    ("", "no digit follows the start"), ("a1", "no digit follows the start"),
    (" 1", "no digit follows the start"), ("1 ", "\" \" may not stand after what is before it"),
    ("1.", "no digit follows \".\""), ("1..2", "no digit follows \".\""),
    ("1bc", "\"c\" may not stand after what is before it"),
    ("1b2", "\"2\" may not stand after what is before it"),
    ("1B", "\"B\" may not stand after what is before it"),
    ("1_", "no suffix follows \"_\""),
    ("1_foo", "\"_foo\" is not one of _alpha, _beta, _pre, _rc, _cvs, _svn, _git, _hg, _p"),
    ("1_pr", "\"_pr\" is not one of _alpha, _beta, _pre, _rc, _cvs, _svn, _git, _hg, _p"),
    ("1_p1.2", "\".2\" may not stand after what is before it"),
    ("1~", "no hexadecimal digits follow \"~\""), ("1~G", "no hexadecimal digits follow \"~\""),
    ("1~ag", "\"g\" may not stand after what is before it"),
    ("1~a_p", "\"_p\" may not stand after what is before it"),
    ("1-1", "only \"r\" and a number may follow \"-\""),
    ("1-r", "no digit follows \"-r\""), ("1-r1~a", "\"~a\" may not stand after what is before it"),
    ("1:2", "\":2\" may not stand after what is before it"),
    ("1é", "\"é\" may not stand after what is before it"),
  ])
  func `an invalid form is refused with its reason`(text: String, reason: String) {
    let error = #expect(throws: ResolveError.self) { try AlpineVersion(parsing: text) }
    #expect(error?.code == .invalidVersion)
    #expect(
      error?.description == (text.isEmpty ? "\"\"" : text) + ": is not an Alpine version: \(reason)"
        + "; expected number{.number}{letter}{_suffix{number}}{~hash}{-r#}")
  }

  @Test func `a version of absurd length is refused`() {
    #expect(throws: ResolveError.self) {
      try AlpineVersion(parsing: String(repeating: "1", count: 1025))
    }
  }

  @Test func `an order as written ascends`() throws {
    let ascending = [
      "0", "1_alpha", "1_alpha1", "1_beta", "1_pre2", "1_rc1", "1_rc1-r1", "1", "1-r0", "1-r1",
      "1~0a", "1~0b", "1_cvs", "1_svn", "1_git", "1_git20240101", "1_hg", "1_p", "1_p0", "1_p1",
      "1_p1_p1", "1a", "1b", "1.0", "1.01", "1.1", "1.2", "1.10", "2", "10",
    ]
    let versions = try ascending.map { try AlpineVersion(parsing: $0) }
    for (i, left) in versions.enumerated() {
      for (j, right) in versions.enumerated() {
        #expect((left < right) == (i < j), "\(left) < \(right)")
        #expect((left == right) == (i == j), "\(left) == \(right)")
      }
    }
  }

  @Test(arguments: [("01.2", "1.2"), ("1_p01-r1", "1_p1-r01"), ("0", "00")])
  func `equal versions hash alike however they are written`(left: String, right: String) throws {
    let versions = try Set([left, right].map { try AlpineVersion(parsing: $0) })
    #expect(versions.count == 1)
  }

  @Test func `numbers of any length are compared`() throws {
    let digits = String(repeating: "9", count: 400)
    #expect(try AlpineVersion(parsing: digits) < AlpineVersion(parsing: digits + "0"))
    #expect(
      try AlpineVersion(parsing: "1_git\(digits)") < AlpineVersion(parsing: "1_git1\(digits)"))
  }

  @Test(arguments: [
    ("3.11.9-r0", "3.11", true), ("3.11.9-r0", "3.1", false), ("3.11", "3.11.9", false),
    ("3.11_rc1", "3.11", true), ("3.11", "3.11", true), ("3.11a-r1", "3.11a", true),
  ])
  func `a version continues a prefix`(version: String, prefix: String, expected: Bool) throws {
    #expect(
      try AlpineVersion(parsing: version).continues(AlpineVersion(parsing: prefix)) == expected)
  }
}
