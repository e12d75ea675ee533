import PkgResolve
import Testing

@testable import RootfsCompose

@Suite("Where the snapshot service has what left the mirrors")
struct SnapshotServiceTests {
  private func index(
    _ suite: String, base: String = "http://m.example/debian", component: String = "main",
    date: String = "2025-09-06T10:11:12Z"
  ) -> Lockfile.Index {
    Lockfile.Index(
      url: "\(base)/dists/\(suite)/InRelease", suite: suite, digest: "", date: date,
      packages: ["\(component)/binary-amd64": ""])
  }

  private func package(_ url: String, suite: String) -> Lockfile.Package {
    Lockfile.Package(
      name: "a", version: "1", architecture: "amd64", source: "a", url: url, size: 1, digest: "",
      suite: suite, reason: "")
  }

  private func urls(
    _ path: String, _ index: Lockfile.Index, base: String = "http://m.example/debian"
  ) -> [String] {
    SnapshotService.named("/srv/snap/", environment: [:])?.urls(
      of: package(base + path, suite: index.suite), indexes: [index], distribution: .debian13)
      ?? ["none"]
  }

  @Test("A package is looked for as its index's archive was then, and a day later")
  func own() {
    #expect(
      urls("/pool/main/liba/liba/liba_1.deb", index("trixie")) == [
        "/srv/snap/debian/20250906T101112Z/pool/main/liba/liba/liba_1.deb",
        "/srv/snap/debian/20250907T101112Z/pool/main/liba/liba/liba_1.deb",
      ])
    let security = "http://m.example/debian-security"
    #expect(
      urls(
        "/pool/updates/main/b/bash/bash_1.deb", index("trixie-security", base: security),
        base: security
      ).first
        == "/srv/snap/debian-security/20250906T101112Z/pool/updates/main/b/bash/bash_1.deb")
  }

  @Test("Third parties' packages are looked for nowhere else")
  func foreign() {
    // Other suites and components, another archive than the index's, pools of another order, dates that are none.
    #expect(urls("/pool/main/a/a/a_1.deb", index("stable")) == [])
    #expect(urls("/pool/main/a/a/a_1.deb", index("trixie", component: "nginx")) == [])
    #expect(urls("/pool/main/a/a/a_1.deb", index("trixie"), base: "http://v.example/apt") == [])
    #expect(urls("/pool/amd64/main/a_1.deb", index("trixie")) == [])
    #expect(urls("/pool/a/a_1.deb", index("trixie")) == [])
    #expect(urls("/a_1.deb", index("trixie")) == [])
    #expect(urls("/pool/main/a/a/a_1.deb", index("trixie", date: "yesterday")) == [])
  }

  @Test("The option goes before the environment; none asks nobody")
  func named() {
    let environment = ["DHI_DEBIAN_SNAPSHOT": "http://e.example/archive"]
    #expect(
      SnapshotService.named(nil, environment: [:])?.base == "https://snapshot.debian.org/archive")
    #expect(
      SnapshotService.named(nil, environment: environment)?.base == "http://e.example/archive")
    #expect(SnapshotService.named("/srv/snap", environment: environment)?.base == "/srv/snap")
    #expect(SnapshotService.named("none", environment: environment) == nil)
    #expect(SnapshotService.named(nil, environment: ["DHI_DEBIAN_SNAPSHOT": "none"]) == nil)
  }

  private func choose(
    _ options: MirrorOptions, lines: [String] = [], snapshot: String? = nil,
    environment: [String: String] = [:]
  ) throws -> [String] {
    let place = SourceLocation(file: "r.yaml", line: 2, column: 3)
    var compose = ComposeOptions()
    compose.snapshot = snapshot.map { Located($0, at: place) }
    return try MirrorSelection(
      distribution: .debian13, options: options, environment: environment, host: AptSources()
    ).sources(repositories: lines.map { Located($0, at: place) }, compose: compose).map {
      "\($0.base) \($0.suite) \($0.moment.map(String.init) ?? "now") \($0.origin)"
    }
  }

  @Test("--snapshot moves all three suites, before every mirror; third parties stay")
  func option() throws {
    let options = MirrorOptions(
      snapshot: "20250906T101112Z", snapshotMirror: "http://s.example/archive")
    #expect(
      try choose(
        options, lines: ["deb http://v.example/apt stable main"],
        environment: ["DHI_DEBIAN_MIRROR": "/srv/debian"]) == [
          "http://s.example/archive/debian/20250906T101112Z trixie 1757153472 --snapshot-mirror",
          "http://s.example/archive/debian/20250906T101112Z trixie-updates 1757153472 --snapshot-mirror",
          "http://s.example/archive/debian-security/20250906T101112Z trixie-security 1757153472 "
            + "--snapshot-mirror",
          "http://v.example/apt stable now r.yaml:2:3",
        ])
    let error = #expect(throws: ComposeError.self) {
      try choose(MirrorOptions(snapshot: "yesterday"))
    }
    #expect(
      error?.description
        == "--snapshot: snapshot \"yesterday\": expected a time such as 20250906T101112Z")
    let none = #expect(throws: ComposeError.self) {
      try choose(MirrorOptions(snapshotMirror: "none"), snapshot: "20250906T101112Z")
    }
    #expect(none?.subject == "r.yaml:2:3")
  }

  @Test("A recipe's snapshot moves its own lines for Debian's archives; a dated base is a moment")
  func lines() throws {
    let lines = [
      "deb http://m.example/debian trixie main",
      "deb http://m.example/debian-security trixie-security main",
      "deb http://m.example/debian/20250101T000000Z trixie-backports main",
    ]
    #expect(
      try choose(
        MirrorOptions(snapshotMirror: "/srv/snap"), lines: lines, snapshot: "20250906T101112Z")
        == [
          "file:///srv/snap/debian/20250906T101112Z trixie 1757153472 r.yaml:2:3",
          "file:///srv/snap/debian-security/20250906T101112Z trixie-security 1757153472 r.yaml:2:3",
          "http://m.example/debian/20250101T000000Z trixie-backports 1735689600 r.yaml:2:3",
        ])
    #expect(
      try choose(MirrorOptions(mirror: "/srv/debian/20250101T000000Z"))[0]
        == "file:///srv/debian/20250101T000000Z trixie 1735689600 --mirror")
  }
}
