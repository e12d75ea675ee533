import PkgResolve
import Testing

@Suite struct RelationTests {
  @Test func `reads alternatives, qualifiers and constraints`() throws {
    let groups = try RelationParser.dependencies(
      "libc6 (>= 2.38),\n python3:any(>>3.13~)|  python3-minimal:amd64 ( = 1:2.0-1 ) , debconf (>= 0.5) | debconf-2.0,",
      subject: "test")
    #expect(
      groups.map(\.description) == [
        "libc6 (>= 2.38)", "python3:any (>> 3.13~) | python3-minimal:amd64 (= 1:2.0-1)",
        "debconf (>= 0.5) | debconf-2.0",
      ])
    #expect(groups[1].alternatives[0].qualifier == "any")
    #expect(groups[1].alternatives[1].constraint?.comparison == .equal)
  }

  @Test func `the obsolete signs mean or equal`() throws {
    let relations = try RelationParser.exclusions("a (< 1), b (> 2)", subject: "test")
    #expect(relations.map(\.description) == ["a (<= 1)", "b (>= 2)"])
  }

  @Test(arguments: [
    ("<<", [true, false, false]), ("<=", [true, true, false]), ("=", [false, true, false]),
    (">=", [false, true, true]), (">>", [false, false, true]),
  ])
  func `constraints compare by meaning`(sign: String, expected: [Bool]) throws {
    let relation = try RelationParser.exclusions("a (\(sign) 2.0-0)", subject: "test")[0]
    let allowed = try ["1.9", "0:2.0", "2.0-0+b1"].map {
      try relation.constraint?.allows(DebianVersion(parsing: $0))
    }
    #expect(allowed == expected)
  }

  @Test func `reads provides`() throws {
    let provides = try RelationParser.provides("awk, libssl3 (= 3.5.1-1), x:any", subject: "test")
    #expect(provides.map(\.description) == ["awk", "libssl3 (= 3.5.1-1)", "x:any"])
    #expect(provides[0].version == nil)
  }

  @Test(arguments: [
    ("a b", "test: unexpected \"b\"; expected \",\" or the end"),
    ("a (>= 1", "test: expected \")\", found the end"),
    ("a (=> 1)", "test: expected <<, <=, =, >= or >>, found \"=> 1)\""),
    ("a (>= )", "test: \"\" is no version: it is empty"),
    ("a (>= x)", "test: \"x\" is no version: the upstream part does not start with a digit"),
    ("| a", "test: expected a package name, found \"| a\""),
    ("a |", "test: expected a package name, found the end"),
    ("a |, b", "test: expected a package name, found \", b\""),
    ("a:", "test: expected an architecture, found the end"),
    (
      "a [amd64]",
      "test: \"[amd64]\": architecture lists and build profiles are for source packages only"
    ),
    (
      "a <!nocheck>",
      "test: \"<!nocheck>\": architecture lists and build profiles are for source packages only"
    ),
    ("${misc:Depends}", "test: expected a package name, found \"${misc:Depends}\""),
  ])
  func `refuses malformed dependencies`(text: String, message: String) {
    let error = #expect(throws: ResolveError.self) {
      try RelationParser.dependencies(text, subject: "test")
    }
    #expect(error?.description == message)
    #expect(error?.code == .invalidRelation)
  }

  @Test func `provides takes one version and conflicts no alternatives`() {
    #expect(throws: ResolveError.self) { try RelationParser.provides("a (>= 1)", subject: "") }
    #expect(throws: ResolveError.self) { try RelationParser.provides("a | b", subject: "") }
    #expect(throws: ResolveError.self) { try RelationParser.exclusions("a | b", subject: "") }
  }
}

@Suite struct PackageRequestTests {
  @Test func `reads every form`() throws {
    let full = try PackageRequest(parsing: "libstdc++6:amd64=1:14.2.0-19")
    #expect(full.name == "libstdc++6")
    #expect(full.architecture == "amd64")
    #expect(full.version == "1:14.2.0-19")
    #expect(full.description == "libstdc++6:amd64=1:14.2.0-19")
    let pinned = try PackageRequest(parsing: "nginx/bookworm-updates")
    #expect(pinned.name == "nginx")
    #expect(pinned.suite == "bookworm-updates")
    let excluded = try PackageRequest(parsing: "!libbz2-1.0")
    #expect(excluded.isExclusion)
    #expect(excluded.name == "libbz2-1.0")
    #expect(try PackageRequest(parsing: "curl").version == nil)
  }

  @Test(arguments: [
    "", "!", "-x", "a b", "a=", "a:", "a/", "a/b/c", "a/b=1", "!a=1", "a=1=2", "a=x", "é", "a\u{0}",
    "../x", "!!a",
    String(repeating: "a", count: 2000),
  ])
  func `refuses all else`(text: String) {
    let error = #expect(throws: ResolveError.self) { try PackageRequest(parsing: text) }
    #expect(error?.code == .invalidRequest)
  }

  @Test(arguments: [
    ("wget~1", "\"~\" before a version is Alpine's form; Debian's is name=version"),
    ("wget>1", "\">\" before a version is Alpine's form; Debian's is name=version"),
    ("wget>=1:2", "\">\" before a version is Alpine's form; Debian's is name=version"),
    ("wget@edge", "\"@\" before a tag is Alpine's form; Debian's is name/suite"),
    (
      "wget=x",
      "\"x\" is not a Debian version: the upstream part does not start with a digit; "
        + "expected [epoch:]upstream[-revision]"
    ),
    (
      "wget/",
      "\"\" is no suite; expected name, name=version, name:arch, name/suite or !name"
    ),
  ])
  func `says where and what form is meant`(text: String, message: String) {
    let error = #expect(throws: ResolveError.self) {
      try PackageRequest(parsing: text, location: "r.yaml:4:7")
    }
    #expect(error?.code == .invalidRequest)
    #expect(error?.description == "r.yaml:4:7: \(text): \(message)")
  }
}
