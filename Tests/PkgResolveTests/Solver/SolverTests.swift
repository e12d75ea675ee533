import PkgResolve
import Testing

/// An index written in code, and what is asked of it.
private struct Scenario {
  var pool: PackagePool

  init(_ stanzas: String) throws {
    let text = stanzas.split(separator: "\n\n").map { stanza in
      let fields = stanza.split(separator: "\n").map(String.init)
      let name = fields.first.map { $0.dropFirst("Package: ".count) } ?? ""
      var all = fields
      for (field, value) in [
        ("Version", "1"), ("Architecture", "amd64"), ("Filename", "pool/\(name).deb"),
        ("Size", "10"), ("SHA256", String(repeating: "0", count: 64)),
      ] where !fields.contains(where: { $0.hasPrefix(field + ":") }) {
        all.append("\(field): \(value)")
      }
      return all.joined(separator: "\n")
    }.joined(separator: "\n\n")
    let origin = PackageOrigin(url: "https://mirror.example", suite: "trixie", component: "main")
    pool = PackagePool(
      [try PackageIndex.parse(Array(text.utf8), origin: origin, name: "Packages")],
      architecture: "amd64")
  }

  func solve(_ requests: String...) throws -> String {
    let requests = try requests.map { try PackageRequest(parsing: $0) }
    return try BacktrackingSolver().solve(requests, in: pool).packages
      .map { "\($0.package.name)=\($0.package.version)" }.joined(separator: " ")
  }

  func failure(_ requests: String...) -> String? {
    do {
      let parsed = try requests.map { try PackageRequest(parsing: $0, location: "r.yaml:4:7") }
      _ = try BacktrackingSolver().solve(parsed, in: pool)
      return nil
    } catch {
      return "\(error)"
    }
  }
}

@Suite struct SolverTests {
  @Test func takesTheLeftmostAlternativeAndTheNewestVersion() throws {
    let scenario = try Scenario(
      """
      Package: app
      Depends: bb | cc, dd (>= 1)

      Package: bb

      Package: cc

      Package: dd
      Version: 1

      Package: dd
      Version: 2
      """)
    #expect(try scenario.solve("app") == "app=1 bb=1 dd=2")
    #expect(try scenario.solve("app", "cc") == "app=1 cc=1 dd=2")
  }

  @Test func anUnversionedProvidesNeverMeetsAVersionedDependency() throws {
    let scenario = try Scenario(
      """
      Package: app
      Depends: mta (>= 2)

      Package: plain
      Provides: mta

      Package: versioned
      Provides: mta (= 3)
      """)
    #expect(try scenario.solve("app") == "app=1 versioned=1")
  }

  @Test func revisesAChoiceThatLeadsNowhere() throws {
    let scenario = try Scenario(
      """
      Package: app
      Depends: b | c, e

      Package: b

      Package: c

      Package: e
      Conflicts: b
      """)
    #expect(try scenario.solve("app") == "app=1 c=1 e=1")
  }

  @Test func anExcludedNameCountsAsMetAndIsNeverInstalled() throws {
    let scenario = try Scenario(
      """
      Package: app
      Depends: debconf (>= 0.5) | debconf-2.0, libc6

      Package: debconf

      Package: libc6
      """)
    #expect(try scenario.solve("app", "!debconf") == "app=1 libc6=1")
    #expect(try scenario.solve("app", "!debconf", "debconf") == "app=1 debconf=1 libc6=1")
    #expect(try scenario.solve("app", "!libc6", "!debconf") == "app=1")
  }

  @Test func ownNamesAreNotExcludedByOwnConflicts() throws {
    let scenario = try Scenario(
      """
      Package: app
      Conflicts: mta
      Provides: mta
      """)
    #expect(try scenario.solve("app") == "app=1")
  }

  @Test func aQualifiedDependencyNeedsAnAllowedPackage() throws {
    let scenario = try Scenario(
      """
      Package: app
      Depends: python3:any

      Package: python3
      Multi-Arch: allowed

      Package: other
      Depends: perl:any

      Package: perl
      """)
    #expect(try scenario.solve("app") == "app=1 python3=1")
    #expect(
      scenario.failure("other")
        == "r.yaml:4:7: other=1 depends on perl:any; but the archives have only perl=1 (trixie)")
  }

  @Test func failuresAreExplained() throws {
    let scenario = try Scenario(
      """
      Package: app
      Depends: lib

      Package: lib
      Depends: core (>= 2)

      Package: core
      Version: 1.9

      Package: left
      Conflicts: right

      Package: right

      Package: provider
      Provides: virtual
      """)
    #expect(
      scenario.failure("app")
        == "r.yaml:4:7: app=1 depends on lib; lib=1 depends on core (>= 2); but the archives have only core=1.9 (trixie)"
    )
    #expect(
      scenario.failure("left", "right")
        == "r.yaml:4:7: right; but left=1, which is chosen, conflicts with right")
    #expect(
      scenario.failure("virtual")
        == "r.yaml:4:7: virtual: is a virtual package; name one that provides it: provider")
    #expect(
      scenario.failure("lbi", "core=3", "core=1.9")
        == """
        r.yaml:4:7: lbi: no such package for amd64; near names: lib
          r.yaml:4:7: core=3: no such version for amd64; the archives have 1.9 (trixie)
        """)
  }
}
