import PkgResolve
import Testing

@Suite struct AlpineDependencyTests {
  @Test(arguments: [
    "bash", "bash=5.2.21-r0", "bash<6", "bash<=6", "bash>5", "bash>=5", "bash~5.2", "bash<~5.2",
    "bash>~5.2", "!bash", "!bash<5", "so:libz.so.1", "cmd:[", "pc:zlib>=1.2", "/bin/sh",
    "bash@edge", "bash@edge=5", "py3.11:jinja2", "gtk+3.0", ".build-deps=20240101",
  ])
  func `an entry is written back as it was read`(text: String) throws {
    #expect(try AlpineDependencyParser.world(text).description == text)
  }

  @Test(arguments: [("a=~1", "a~1"), ("a~=1", "a~1"), ("a=<1", "a<=1"), ("a~>1", "a>~1")])
  func `signs may stand in any order`(text: String, canonical: String) throws {
    #expect(try AlpineDependencyParser.world(text).description == canonical)
  }

  @Test func `parts are told apart`() throws {
    let dependency = try AlpineDependencyParser.world("!so:libfoo.so.1@edge>=1.2-r3")
    #expect(dependency.name == "so:libfoo.so.1")
    #expect(dependency.tag == "edge")
    #expect(dependency.isConflict)
    #expect(dependency.constraint?.comparison == [.greater, .equal])
    #expect(dependency.constraint?.version.description == "1.2-r3")
  }

  private static let form =
    "; expected name, name@tag, !name, or one of these with =, <, <=, >, >=, ~, <~ or >~ and a version"

  @Test(arguments: [
    ("", "\"\": a name is missing"), ("!", "!: a name is missing"), ("=1", "=1: a name is missing"),
    ("a=", "a=: a version is missing after \"=\""),
    (
      "a><Q1abc=",
      "a><Q1abc=: a package cannot be asked for by its checksum; name a version instead"
    ),
    ("a<=>1", "a<=>1: \"<=>\" allows every version; leave it and the version out"),
    ("a@", "a@: a tag is missing after \"@\""), ("@a", "@a: a name is missing"),
    ("a@b@c", "a@b@c: \"@\" may not stand in a tag"),
    ("a b", "a b: byte 0x20 may not stand in a name"),
    ("!!a", "!!a: \"!\" may not stand in a name"),
    ("é", "é: byte 0xc3 may not stand in a name"),
  ])
  func `an invalid entry is refused with its reason`(text: String, message: String) {
    let error = #expect(throws: ResolveError.self) { try AlpineDependencyParser.world(text) }
    #expect(error?.code == .invalidRequest)
    #expect(error?.description == message + Self.form)
  }

  @Test(arguments: [
    (
      "a>1.x",
      "a>1.x: \"1.x\" is not an Alpine version: no digit follows \".\"; expected "
        + "number{.number}{letter}{_suffix{number}}{~hash}{-r#}"
    ),
    (
      "wget=1.21.4-1",
      "wget=1.21.4-1: \"1.21.4-1\" is not an Alpine version: only \"r\" and a number may follow \"-\"; Alpine writes revisions -rN: "
        + "wget=1.21.4-r1"
    ),
    (
      "!a@edge>=1-x",
      "!a@edge>=1-x: \"1-x\" is not an Alpine version: only \"r\" and a number may follow \"-\"; expected "
        + "number{.number}{letter}{_suffix{number}}{~hash}{-r#}"
    ),
  ])
  func `a version that is none is told with one form`(text: String, message: String) {
    let error = #expect(throws: ResolveError.self) { try AlpineDependencyParser.world(text) }
    #expect(error?.description == message)
  }

  @Test func `a field is split at spaces`() throws {
    let found = try AlpineDependencyParser.dependencies(
      " /bin/sh  so:libc.musl-x86_64.so.1 !foo<2 ", subject: "a: D")
    #expect(found.map(\.description) == ["/bin/sh", "so:libc.musl-x86_64.so.1", "!foo<2"])
    let provided = try AlpineDependencyParser.provides("cmd:sh=1.36-r15 /bin/sh", subject: "a: p")
    #expect(provided.map(\.description) == ["cmd:sh=1.36-r15", "/bin/sh"])
  }

  @Test func `a fault in a field names the field`() {
    let tag = #expect(throws: ResolveError.self) {
      try AlpineDependencyParser.dependencies("a b@edge", subject: "main:7: x: D")
    }
    #expect(tag?.description == "main:7: x: D: \"b@edge\": a tag may stand in the world only")
    #expect(tag?.code == .invalidRelation)
    for text in ["!a", "a<2", "a~2"] {
      let error = #expect(throws: ResolveError.self) {
        try AlpineDependencyParser.provides(text, subject: "main:7: x: p")
      }
      #expect(
        error?.description
          == "main:7: x: p: \"\(text)\" is not provided; expected name or name=version")
    }
  }

  @Test(arguments: [
    ("a", "1", true), ("a=1", "1", true), ("a=1", "1-r0", false), ("a~1", "1.2-r0", true),
    ("a<2", "2", false), ("a<=2", "2", true), ("a>2", "2.0", true), ("a>=2", "1", false),
    ("a<~1.2", "1.2.9", true), ("a<~1.2", "1.3", false), ("a>~1.2", "1.2_rc1", true),
    ("!a>1", "2", true),
  ])
  func `a version is matched`(text: String, version: String, expected: Bool) throws {
    let dependency = try AlpineDependencyParser.world(text)
    #expect(dependency.matches(try AlpineVersion(parsing: version)) == expected)
  }

  @Test(arguments: [
    ("a", true), ("a<5", true), ("a<=5", true), ("a>5", false), ("a=5", false), ("a~5", false),
  ])
  func `a name without a version is older than any`(text: String, expected: Bool) throws {
    #expect(try AlpineDependencyParser.world(text).matches(nil) == expected)
  }
}
