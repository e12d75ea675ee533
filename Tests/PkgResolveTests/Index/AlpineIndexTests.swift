import PkgResolve
import TestSupport
import Testing

@Suite struct AlpineIndexTests {
  private let origin = PackageOrigin(
    name: "APKINDEX", url: "http://h/v3.22/main", suite: "v3.22", component: "main")

  private func parse(_ text: String, requirePackageFiles: Bool = true) throws -> PackageTable {
    try AlpineIndex.parse(
      Array(text.utf8), origin: origin, requirePackageFiles: requirePackageFiles)
  }

  private let record = """
    C:Q1eVpkasfqZAukAXFYbgwt4xAMZWU=
    P:musl
    V:1.2.5-r10
    A:x86_64
    S:404620
    I:663552
    T:the musl c library (libc) implementation
    U:https://musl.libc.org/
    L:MIT
    o:musl-src
    m:Somebody <nobody@example.org>
    t:1732551413
    c:8a6ef8e9e6ef8e9e6ef8e9e6ef8e9e6ef8e9e6ef
    D:so:libx.so.1 !uclibc
    p:so:libc.musl-x86_64.so.1=1 cmd:ldd=1.2.5-r10 virtual
    i:base other
    r:glibc
    k:100
    q:7

    """

  @Test func `reads every field that matters`() throws {
    let table = try parse(record + "\n" + record.replacing("P:musl", with: "P:b"))
    #expect(table.format == .alpine)
    #expect(table.map(\.name) == ["musl", "b"])
    let first = try #require(table.first)
    #expect(first.version == "1.2.5-r10")
    #expect(first.architecture == "x86_64")
    #expect(first.size == 404_620)
    #expect(first.installedSize == 663_552)
    #expect(first.digest == "Q1eVpkasfqZAukAXFYbgwt4xAMZWU=")
    #expect(first.filename == "musl-1.2.5-r10.apk")
    #expect(first.sourceName == "musl-src")
    #expect(first.sourceVersion == "1.2.5-r10")
    #expect(first.dependsText == "so:libx.so.1 !uclibc")
    #expect(first.providesText == "so:libc.musl-x86_64.so.1=1 cmd:ldd=1.2.5-r10 virtual")
    #expect(first.installIfText == "base other")
    #expect(first.replacesText == "glibc")
    #expect(first.providerPriority == 100)
    #expect(first.replacesPriority == 7)
    #expect(!first.hasUnknownField)
    #expect(first.line == 1)
    #expect(table[1].line == 21)
    #expect(
      table.provisions(of: "cmd:ldd").map(\.item) == ["cmd:ldd=1.2.5-r10", "cmd:ldd=1.2.5-r10"])
    #expect(table.provisions(of: "virtual").map(\.row) == [0, 1])
    #expect(table.provisions(of: "so:libc.musl-x86_64.so.1").count == 2)
  }

  @Test func `an index given by hand may hold names and versions only`() throws {
    let text = "P:a\nV:1\n\nP:b\nV:2\nD:a"
    let table = try parse(text, requirePackageFiles: false)
    #expect(table.map(\.description) == ["a 1", "b 2"])
    #expect(table[0].digest == nil)
    #expect(table[0].architecture == "")
    #expect(table[0].size == 0)
    #expect(table[0].installedSize == nil)
    #expect(table[0].sourceName == "a")
    #expect(table[0].installIfText.isEmpty)
    let error = #expect(throws: ResolveError.self) { try parse(text) }
    #expect(error?.description == "APKINDEX:1: a: the field \"C:\" is missing")
  }

  @Test func `an unknown upper-case field marks the package, a lower-case one does not`() throws {
    let text = "P:a\nV:1\nX:new\n\nP:b\nV:2\nx:new\n"
    let table = try parse(text, requirePackageFiles: false)
    #expect(table.map(\.hasUnknownField) == [true, false])
  }

  @Test(arguments: [
    ("P:musl\n", "", "APKINDEX:1: the field \"P:\" is missing"),
    ("V:1.2.5-r10\n", "", "APKINDEX:1: musl: the field \"V:\" is missing"),
    ("S:404620\n", "", "APKINDEX:1: musl: the field \"S:\" is missing"),
    ("P:musl", "P:../x", "APKINDEX:2: P: \"../x\": expected a package name"),
    ("P:musl", "P:a=1", "APKINDEX:2: P: \"a=1\": expected a package name"),
    ("V:1.2.5-r10", "V:1/2", "APKINDEX:3: V: \"1/2\": expected a version"),
    ("A:x86_64", "A:", "APKINDEX:4: A: \"\": expected an architecture"),
    ("S:404620", "S:4e6", "APKINDEX:5: S: \"4e6\": expected a number"),
    (
      "S:404620", "S:99999999999999999999", "APKINDEX:5: S: \"99999999999999999999\": expected a nu"
    ),
    (
      "k:100", "k:4294967296",
      "APKINDEX:18: k: \"4294967296\": expected a number of at most 32 bits"
    ),
    (
      "C:Q1", "C:X1", "APKINDEX:1: C: \"X1eVpkasfqZAukAXFYbgwt4xAMZWU=\": expected \"Q1\" or \"Q2\""
    ),
    ("T:the", "the", "APKINDEX:7: \"the musl c library (libc) implementation\" is no field"),
    ("T:the", "T", "APKINDEX:7: \"T musl"),
    ("L:MIT", "F:etc", "APKINDEX:9: \"F:\" lists installed files; expected an APKINDEX"),
    ("q:7", "k:7", "APKINDEX:19: the field \"k:\" stands twice in one record"),
  ])
  func `refuses what cannot be right`(from: String, to: String, message: String) {
    let text = record.replacing(from, with: to, maxReplacements: 1)
    #expect(text != record)
    let error = #expect(throws: ResolveError.self) { try parse(text) }
    #expect(error?.code == .invalidIndex)
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }

  @Test func `a list that is written in parts is one`() throws {
    let text = "P:a\nV:1\nD:b\np:c=1\nr:x\ni:d\np:e f\nD:g h\ni:j\nr:y\n\nP:k\nV:2\nD:l\n"
    let table = try parse(text, requirePackageFiles: false)
    #expect(table.map(\.dependsText) == ["b g h", "l"])
    #expect(table[0].providesText == "c=1 e f")
    #expect(table[0].installIfText == "d j")
    #expect(table[0].replacesText == "x y")
    for (name, item) in [("c", "c=1"), ("e", "e"), ("f", "f")] {
      #expect(table.provisions(of: name).map(\.item) == [item])
    }
  }

  @Test func `the table does not depend on where the index is cut`() throws {
    var text = ""
    for number in 0..<50 {
      text +=
        record.replacing("P:musl", with: "P:p\(number % 17)") + (number % 5 == 0 ? "\n\n" : "\n")
    }
    let whole = try parse(text).keptBytes
    for threads in [2, 3, 5, 16, 49] {
      let cut = try AlpineIndex.parse(Array(text.utf8), origin: origin, threads: threads)
      #expect(cut.keptBytes == whole)
    }
  }

  @Test func `bytes that are no text do no harm`() throws {
    var bytes = Array((record + "\n" + record).utf8)
    var parsed = 0
    for position in bytes.indices {
      let kept = bytes[position]
      for byte: UInt8 in [0, 0xff, 0x0a, 0x20, 0x3a] {
        bytes[position] = byte
        guard let table = try? AlpineIndex.parse(bytes, origin: origin) else { continue }
        parsed += 1
        for record in table { _ = record.providesText + record.filename + (record.digest ?? "") }
      }
      bytes[position] = kept
    }
    #expect(parsed > 100)
  }
}
