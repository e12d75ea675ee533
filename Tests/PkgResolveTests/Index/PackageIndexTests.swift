import PkgResolve
import Testing

@Suite struct PackageIndexTests {
  private func parse(_ text: String) throws -> PackageTable {
    try PackageIndex.parse(
      Array(text.utf8),
      origin: PackageOrigin(name: "main", url: "http://h/d", suite: "trixie", component: "main"))
  }

  private let digest = String(repeating: "0b", count: 32)

  private var stanza: String {
    """
    Package: libc6
    Source: glibc (2.41-12)
    Version: 2.41-12+b1
    architecture: amd64
    Multi-Arch: same
    Priority: optional
    Section: libs
    Installed-Size: 13000
    Depends: libgcc-s1,
     libcrypt1 (>= 1:4.4.10-10)
    Description: GNU C Library
     .
     Depends: not a field
    Filename: pool/main/g/glibc/libc6_2.41-12+b1_amd64.deb
    Size: 2847956
    SHA256: \(digest)

    """
  }

  @Test func `reads every field that matters`() throws {
    let records = try parse("\n" + stanza + "\n\n" + stanza.replacing("libc6\n", with: "libc6-b\n"))
    #expect(records.map(\.name) == ["libc6", "libc6-b"])
    let record = try #require(records.first)
    #expect(record.version == "2.41-12+b1")
    #expect(record.architecture == "amd64")
    #expect(record.multiArch == .same)
    #expect(record.priority == .optional)
    #expect(!record.isEssential)
    #expect(record.sourceName == "glibc")
    #expect(record.sourceVersion == "2.41-12")
    #expect(record.installedSize == 13_312_000)
    #expect(record.size == 2_847_956)
    #expect(record.digest == "sha256:" + digest)
    #expect(record.filename == "pool/main/g/glibc/libc6_2.41-12+b1_amd64.deb")
    #expect(
      try record.depends.map(\.description) == ["libgcc-s1", "libcrypt1 (>= 1:4.4.10-10)"])
    #expect(record.line == 2)
    #expect(record.origin.suite == "trixie")
  }

  @Test func `line ends may be those of DOS, and the last may be missing`() throws {
    let text = stanza.replacing("\n", with: "\r\n")
    #expect(try parse(text).map(\.filename) == parse(stanza).map(\.filename))
    #expect(try parse(String(stanza.dropLast())).count == 1)
    #expect(try parse("").isEmpty)
    #expect(try parse("\n\n").isEmpty)
  }

  @Test func `comments may stand between fields, not inside one that is read`() throws {
    let text = stanza.replacing("Priority:", with: "# Depends: x\nPriority:")
      .replacing(" .\n", with: " .\n# a comment\n")
    let record = try #require(parse(text).first)
    #expect(record.multiArch == .same)
    #expect(record.priority == .optional)
    #expect(try record.depends.count == 2)
    let error = #expect(throws: ResolveError.self) {
      try parse(stanza.replacing(" libcrypt1", with: "# a comment\n libcrypt1"))
    }
    #expect(
      error?.description
        == "main:11: a comment stands inside a field; expected it between fields")
  }

  @Test(arguments: [
    ("Version: 2.41-12+b1\n", "", "main:1: libc6: the field \"Version\" is missing"),
    ("Package: libc6\n", "", "main:1: the field \"Package\" is missing"),
    ("Package: libc6\n", "Package:\n", "main:1: : the field \"Package\" is missing"),
    ("Package: libc6\n", "Package: ../x\n", "main:1: Package \"../x\": expected a package name"),
    (
      "Version: 2.41-12+b1", "Version: x",
      "main:3: Version \"x\": the upstream part does not start with a digit"
    ),
    ("Size: 2847956", "Size: 2e6", "main:15: Size \"2e6\": expected a number"),
    ("Size: 2847956", "Size: -1", "main:15: Size \"-1\": expected a number"),
    (
      "Size: 2847956", "Size: 99999999999999999999",
      "main:15: Size \"99999999999999999999\": expected a number"
    ),
    (
      "Installed-Size: 13000", "Installed-Size: x",
      "main:8: Installed-Size \"x\": expected a number"
    ),
    ("SHA256: 0b", "SHA256: zz", "main:16: SHA256 \"zz"),
    ("SHA256: 0b", "SHA256: 0", "main:16: SHA256 \"00b"),
    ("Filename: pool", "Filename: /pool", "main:14: Filename \"/pool"),
    ("Filename: pool", "Filename: ../pool", "main:14: Filename \"../pool"),
    ("Filename: pool", "Filename: pool/..", "main:14: Filename \"pool/.."),
    ("Filename: pool", "Filename: a b", "main:14: Filename \"a b"),
    ("Multi-Arch: same", "Multi-Arch: both", "main:5: Multi-Arch \"both\": expected no, same"),
    (
      "Section: libs", "Section libs",
      "main:7: \"Section libs\" is no field; expected \"Field: value\""
    ),
    (
      "Section: libs", "size: 1\nSection: libs",
      "main:16: the field \"Size\" stands twice in one stanza"
    ),
    ("Package: libc6\n", " x\nPackage: libc6\n", "main:1: a continuation line before any field"),
    (
      "architecture: amd64", "Architecture: a/b",
      "main:4: Architecture \"a/b\": expected an architecture"
    ),
  ])
  func `refuses what cannot be right`(from: String, to: String, message: String) {
    let text = stanza.replacing(from, with: to, maxReplacements: 1)
    #expect(text != stanza)
    let error = #expect(throws: ResolveError.self) { try parse(text) }
    #expect(error?.code == .invalidIndex)
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }

  @Test func `bytes that are no text do no harm`() throws {
    var bytes = Array(stanza.utf8)
    for position in stride(from: 0, to: bytes.count, by: 3) {
      let kept = bytes[position]
      for byte: UInt8 in [0, 0xff, 0x0a, 0x20] {
        bytes[position] = byte
        let records = try? PackageIndex.parse(
          bytes, origin: PackageOrigin(name: "m", url: "u", suite: "s", component: "c"))
        if let records { for record in records { _ = try? record.requirements } }
      }
      bytes[position] = kept
    }
    #expect(try PackageIndex.parse(bytes, origin: parse(stanza)[0].origin).count == 1)
  }

  @Test func `records of other architectures stay out of a pool`() throws {
    let pool = try PackagePool(
      architecture: "arm64",
      indexes: [
        index([
          Stanza("a", "1", ["Architecture": "arm64"]), Stanza("b", "1", ["Architecture": "all"]),
          Stanza("c"),
        ])
      ])
    #expect(pool.candidates(named: "a").map { pool[$0].name } == ["a"])
    #expect(pool.candidates(named: "b").map { pool[$0].name } == ["b"])
    #expect(pool.candidates(named: "c").isEmpty)
  }

  @Test func `an index given by hand need not say where its packages' files are`() throws {
    let text = "Package: a\nVersion: 1\nArchitecture: all\n"
    let origin = PackageOrigin(name: "m", url: "u", suite: "s", component: "c")
    let table = try PackageIndex.parse(
      Array(text.utf8), origin: origin, requirePackageFiles: false)
    let record = try #require(table.first)
    #expect(record.digest == nil)
    #expect(record.filename == "")
    #expect(record.size == 0)
    #expect(record.installedSize == nil)
    #expect(!table.requiresPackageFiles)
    let error = #expect(throws: ResolveError.self) { try parse(text) }
    #expect(error?.description == "main:1: a: the field \"SHA256\" is missing")
    let wrong = Array((text + "Filename: /etc/passwd\n").utf8)
    #expect(throws: ResolveError.self) {
      try PackageIndex.parse(wrong, origin: origin, requirePackageFiles: false)
    }
  }

  @Test func `a malformed Provides is refused with the index, named as a relation`() throws {
    let provides = [
      "a (>= 1)", "a (= 1", "a b", "+a", "a:", "a (= x)", "a [amd64]", "a | b", "a ()",
    ]
    for text in provides {
      let error = #expect(throws: ResolveError.self, "\(text)") {
        try index([Stanza("x"), Stanza("p", "1", ["Provides": text])])
      }
      #expect(error?.code == .invalidRelation)
      #expect(error?.description.hasPrefix("trixie main:8: p: Provides: ") == true)
    }
    for text in ["", ",", "a,", " a , b:any , c (= 1:2-3) ", "a(=1)", "a,\n b"] {
      let table = try index([Stanza("p", "1", ["Provides": text])])
      let names = try table[0].provides.map(\.name)
      #expect(names.allSatisfy { table.provisions(of: $0).count == 1 }, "\(text)")
    }
  }
}
