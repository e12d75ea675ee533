import Glibc
import TestSupport
import Testing

/// `resolve`, `why` and `why-not` with Alpine indexes given by hand.
@Suite struct ResolveAlpineTests {
  static func record(_ name: String, _ version: String, _ fields: String...) -> String {
    (["P:\(name)", "V:\(version)", "A:x86_64", "S:1000", "I:4096"] + fields)
      .joined(separator: "\n") + "\n\n"
  }

  static let index =
    record("app", "1.0-r0", "D:so:libapp.so.1 cmd:sh")
    + record("libapp", "1.2-r0", "p:so:libapp.so.1=1.2")
    + record("busybox", "1.36-r0", "p:cmd:sh=1.36", "k:10")
    + record("dash", "0.5-r0", "p:cmd:sh=0.5")
    + record("old", "1-r0", "D:!libapp")

  static let list =
    "app=1.0-r0 x86_64\nbusybox=1.36-r0 x86_64\nlibapp=1.2-r0 x86_64\n"

  static func bench() throws -> IndexBench {
    let bench = try IndexBench()
    try bench.scratch.write(index, to: "APKINDEX")
    return bench
  }

  static func run(_ words: String) throws -> HostProgram.Outcome {
    try bench().run(words.split(separator: " ").map(String.init))
  }

  @Test(arguments: [
    "resolve --apkindex APKINDEX app", "resolve --apkindex APKINDEX --arch x86_64 app",
    "resolve --apkindex APKINDEX --world app", "resolve --apkindex APKINDEX --world libapp app",
    "resolve --apkindex APKINDEX --world !old --world !dash app>=1",
    "resolve app --apkindex=APKINDEX", "resolve --apkindex APKINDEX APKINDEX app",
  ])
  func namesAndConstraints(_ words: String) throws {
    let outcome = try Self.run(words)
    #expect(outcome.errors == "")
    #expect(outcome.output == Self.list)
    #expect(outcome.exitCode == 0)
  }

  @Test func aConstraintThatStandsChangesTheChoice() throws {
    let outcome = try Self.run("resolve --apkindex APKINDEX --world !busybox app")
    #expect(outcome.output == "app=1.0-r0 x86_64\ndash=0.5-r0 x86_64\nlibapp=1.2-r0 x86_64\n")
  }

  @Test func whatNoMachineRunsIsNotInstalled() throws {
    let bench = try Self.bench()
    try bench.scratch.write("P:odd\nV:1\nA:odd\n\nP:plain\nV:1\n\n", to: "strange")
    #expect(try bench.run(["resolve", "--apkindex", "strange", "plain"]).exitCode == 0)
    let outcome = try bench.run(["resolve", "--apkindex", "strange", "odd"])
    #expect(outcome.exitCode == 3)
    #expect(outcome.errors.contains("is for odd"), "\(outcome.errors)")
    #expect(outcome.output == "")
  }

  @Test func aPackedIndexIsReadFromItsArchive() throws {
    let bench = try Self.bench()
    var tar = TarBuilder()
    tar.members = [("DESCRIPTION", "v1"), ("APKINDEX", Self.index)].map { name, text in
      TarBuilder.Member(Array(name.utf8), content: Array(text.utf8))
    }
    try bench.scratch.write(try Compression.gzip.compress(tar.bytes()), to: "APKINDEX.tar.gz")
    let outcome = try bench.run(["resolve", "--apkindex", "APKINDEX.tar.gz", "app"])
    #expect(outcome.errors == "")
    #expect(outcome.output == Self.list)
  }

  @Test func aTagIsForThoseThatNameIt() throws {
    let bench = try Self.bench()
    try bench.scratch.write(Self.record("libapp", "2.0-r0", "p:so:libapp.so.1=2.0"), to: "edge")
    func list(_ names: String...) throws -> String {
      try bench.run(["resolve", "--apkindex", "APKINDEX", "@edge=edge"] + names).output
    }
    #expect(try list("app") == Self.list)
    #expect(try list("libapp@edge") == "libapp=2.0-r0 x86_64\n")
  }

  @Test func severalIndexesAreToldApartByNameOrPath() throws {
    let bench = try Self.bench()
    #expect(mkdir(bench.scratch.path + "/more", 0o700) == 0)
    try bench.scratch.write(Self.record("extra", "1-r0"), to: "more/APKINDEX")
    func table(_ words: String) throws -> String {
      try bench.run(
        ["resolve", "--format", "table", "--apkindex"]
          + words.split(separator: " ").map(String.init)
      ).output
    }
    #expect(try table("APKINDEX libapp").contains("x86_64  APKINDEX "))
    let both = try table("APKINDEX more/APKINDEX libapp extra")
    #expect(both.contains("x86_64  more/APKINDEX ") && both.contains("x86_64  APKINDEX  "))
    let named = try table("main=APKINDEX @more=more/APKINDEX libapp extra@more")
    #expect(named.contains("x86_64  main ") && named.contains("x86_64  @more "))
  }

  @Test(arguments: [
    ("resolve --apkindex @=APKINDEX app", 64, "@=APKINDEX: the tag is empty; expected @TAG=FILE"),
    ("resolve --apkindex APKINDEX app old", 3, "error: "),
    ("resolve --apkindex APKINDEX nosuch", 3, "nosuch"),
    ("resolve --apkindex APKINDEX app>>", 65, "error: app>>: "),
    ("resolve --apkindex Packages app", 65, "error: Packages: is a Debian index; use --packages\n"),
    (
      "resolve --packages APKINDEX app", 65, "error: APKINDEX: is an Alpine index; use --apkindex\n"
    ),
    (
      "resolve --apkindex APKINDEX --arch aarch64 app", 64,
      "--arch aarch64: the indexes hold x86_64 only; choose it with --arch"
    ),
    ("resolve --apkindex APKINDEX", 64, "name at least one package"),
    (
      "why dash --apkindex APKINDEX --world !old --for app", 1,
      "`dhi-compose why-not dash --apkindex APKINDEX --world '!old' --for app` says"
    ),
  ])
  func faultsHaveTheirCodes(_ words: String, _ code: Int32, _ message: String) throws {
    let outcome = try Self.run(words)
    #expect(outcome.exitCode == code, "\(outcome.errors)")
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func whyNamesTheProvider() throws {
    let outcome = try Self.run("why libapp --apkindex APKINDEX --for app")
    #expect(outcome.errors == "")
    #expect(
      outcome.output == """
        app
          app 1.0-r0 depends on so:libapp.so.1, which libapp provides
        libapp 1.2-r0 x86_64, 1.0 kB, 4.0 kB installed

        """)
  }

  @Test func whyNotExplains() throws {
    let outcome = try Self.run("why-not old --apkindex APKINDEX --for app")
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("old-1-r0 conflicts with libapp"))
    #expect(outcome.output.contains("libapp"))
    let other = try Self.run("why-not dash --apkindex APKINDEX --for app")
    #expect(
      other.output.contains("asked for, it would change the set:\n  add    dash 0.5-r0 x86_64"))
  }
}
