import TestSupport
import Testing

/// `why` and `why-not` with indexes given by hand.
@Suite struct WhyCommandTests {
  static func run(_ words: String) throws -> HostProgram.Outcome {
    try IndexBench().run(words.split(separator: " ").map(String.init))
  }

  @Test func whyIsTheChainFromTheRequest() throws {
    let outcome = try Self.run("why libapp --packages Packages --arch amd64 --for app")
    #expect(outcome.errors == "")
    #expect(
      outcome.output == """
        app
          app 1.0-1 depends on libapp (>= 1)
        libapp 1.2 amd64, 1.0 kB, 10.2 kB installed

        """)
    #expect(try Self.run("why --packages Packages libapp --for app").output == outcome.output)
  }

  @Test func aNameMayBeQualifiedOrVirtual() throws {
    #expect(
      try Self.run("why libapp:amd64 --packages Packages --for app").output
        == Self.run("why libapp --packages Packages --for app").output)
    let outcome = try Self.run("why awk --packages Packages --for app")
    #expect(outcome.exitCode == 0 && outcome.errors == "")
    #expect(
      outcome.output == """
        awk: is a virtual name; gawk provides it
        app
          app 1.0-1 depends on awk, which gawk provides (gawk over mawk: the first by name of those with the priority unknown)
        gawk 5 amd64, 1.0 kB

        """)
    let absent = try Self.run("why awk --packages Packages --for doc")
    #expect(absent.exitCode == 1 && absent.output == "")
    #expect(absent.errors.hasPrefix("error: awk: is a virtual name, and what provides it is not"))
  }

  @Test(arguments: [
    (
      "why mawk --packages Packages --for app", 1,
      "error: mawk: is not in the set; `dhi-compose why-not mawk --packages Packages --for app` says what keeps it out\n"
    ),
    (
      "why libap --packages Packages --for app", 1,
      "error: libap: is not in the set; did you mean libapp?\n"
    ),
    (
      "why app --packages Packages --for app --for old", 3,
      "error: app: cannot be installed together with old:\n"
    ),
    ("why-not nosuch --packages Packages --for app", 3, "error: nosuch: no such package for amd64"),
    ("why-not old --packages Packages --for nosuch", 3, "error: nosuch: no such package for amd64"),
    ("why-not a$ --packages Packages --for app", 65, "error: a$: "),
    ("why app --packages Packages", 64, "name what is asked for with --for"),
    ("why app --for app", 64, "--for goes with --packages or --apkindex"),
    ("why !app --packages Packages --for app", 64, "!app: keeps a package out; why takes"),
    ("why-not !app --packages Packages --for app", 64, "why-not takes the package itself"),
    ("why app=1 --packages Packages --for app", 64, "app=1: why takes a name alone"),
    (
      "why app:arm64 --packages Packages --for app", 1,
      "error: app:arm64: is not in the set, which is for amd64\n"
    ),
    ("why", 64, "Missing expected argument '<package>'"),
  ])
  func faultsHaveTheirCodes(_ words: String, _ code: Int32, _ message: String) throws {
    let outcome = try Self.run(words)
    #expect(outcome.exitCode == code, "\(outcome.errors)")
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func whyNotIsTheConflict() throws {
    let outcome = try Self.run("why-not old=1 --packages Packages --for app")
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors == "")
    #expect(
      outcome.output == """
        app: cannot be installed together with old=1:
          app 1.0-1 needs libapp (>= 1)
          old 1 conflicts with libapp
        leave one of them out, or ask for other versions

        """)
    #expect(
      try Self.run("why-not libapp=7 --packages Packages --for app").output
        == "libapp=7: Packages has 1.2\n")
  }

  @Test func whyNotIsWhatWouldChange() throws {
    #expect(
      try Self.run("why-not mawk --packages Packages --for app").output == """
        mawk: nothing excludes it; app depends on awk, and gawk was taken: the first by name of those with the priority unknown
        asked for, it would change the set:
          add    mawk 1 amd64  1.0 kB
          remove gawk 5 amd64  1.0 kB
          1 added, 0 changed, 1 removed; download +0 B, installed +0 B

        """)
    #expect(
      try Self.run("why-not doc --packages Packages --for app").output == """
        doc: nothing excludes it, and nothing that is asked for needs it
        asked for, it would change the set:
          add    doc 2 all  1.0 kB
          1 added, 0 changed, 0 removed; download +1.0 kB, installed +0 B

        """)
    #expect(
      try Self.run("why-not libapp=1.2 --packages Packages --for app").output
        == "libapp=1.2: is in the set: libapp 1.2 amd64\n")
  }

  @Test func anotherVersionMayBeThere() throws {
    let bench = try IndexBench([
      IndexBench.stanza("app", "1", "Depends: lib"), IndexBench.stanza("lib", "2"),
      IndexBench.stanza("lib", "1"),
    ])
    let outcome = try bench.run(
      ["why-not", "lib=1", "--packages", "Packages", "--for", "app"])
    #expect(
      outcome.output == """
        lib=1: nothing excludes it, but the set has lib 2 amd64
        asked for, it would change the set:
          change lib 2 -> 1 amd64  1.0 kB
          0 added, 1 changed, 0 removed; download +0 B, installed +0 B

        """)
    #expect(outcome.exitCode == 0)
  }
}
