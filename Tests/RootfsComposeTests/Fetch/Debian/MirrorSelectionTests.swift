import Testing

@testable import RootfsCompose

@Suite("Which mirror packages come from")
struct MirrorSelectionTests {
  private let host = AptSources(
    archive: "http://host.example/debian", security: "http://host.example/debian-security")

  private func located(_ text: String) -> Located<String> {
    Located(text, at: SourceLocation(file: "r.yaml", line: 2, column: 3))
  }

  private func choose(
    option: String? = nil, securityOption: String? = nil, environment: [String: String] = [:],
    repositories: [String] = [], mirror: String? = nil, snapshot: String? = nil,
    host: AptSources = AptSources()
  ) throws -> [String] {
    var compose = ComposeOptions()
    compose.mirror = mirror.map(located)
    compose.snapshot = snapshot.map(located)
    let sources = try MirrorSelection(
      distribution: .debian13,
      options: MirrorOptions(mirror: option, securityMirror: securityOption),
      environment: environment, host: host, workingDirectory: "/folder"
    ).sources(repositories: repositories.map(located), compose: compose)
    return sources.map { source in
      let bases = ([source.base] + source.fallbacks).joined(separator: " or ")
      return "\(bases) \(source.suite) \(source.components.joined(separator: ","))"
        + (source.isOptional ? " optional" : "") + (source.trustsArchiveKeys ? "" : " foreign")
    }
  }

  private func implied(_ base: String, _ security: String, optional: Bool = true) -> [String] {
    let mark = optional ? " optional" : ""
    return [
      "\(base) trixie main", "\(base) trixie-updates main\(mark)",
      "\(security) trixie-security main\(mark)",
    ]
  }

  @Test("The option goes before all others, then the environment, the recipe, the host")
  func order() throws {
    let environment = ["DHI_DEBIAN_MIRROR": "http://env.example/debian"]
    #expect(
      try choose(
        option: "http://opt.example/debian", environment: environment,
        mirror: "http://recipe.example/debian", host: host)
        == implied(
          "http://opt.example/debian",
          "http://opt.example/debian-security or http://opt.example/debian"))
    #expect(
      try choose(environment: environment, mirror: "http://recipe.example/debian", host: host)[0]
        == "http://env.example/debian trixie main")
    #expect(
      try choose(
        environment: ["DHI_DEBIAN_MIRROR": ""], mirror: "http://recipe.example/debian", host: host)[
          0]
        == "http://recipe.example/debian trixie main")
    #expect(
      try choose(host: host)
        == implied(
          "http://host.example/debian", "http://host.example/debian-security", optional: false))
  }

  @Test("The security archive: named, beside, or in the same base")
  func security() throws {
    #expect(
      try choose(option: "/srv/debian", securityOption: "http://s.example/sec")
        == implied("file:///srv/debian", "http://s.example/sec"))
    #expect(
      try choose(
        option: "./flat", environment: ["DHI_DEBIAN_SECURITY_MIRROR": "http://s.example/sec"])
        == implied("file:///folder/flat", "http://s.example/sec"))
    #expect(try choose(option: "/srv/flat") == implied("file:///srv/flat", "file:///srv/flat"))
  }

  @Test("A recipe's own suites imply no others, and give way to a named mirror")
  func recipeLines() throws {
    let lines = [
      "deb http://own.example/debian trixie main", "deb http://vendor.example/apt stable main",
      "deb http://vendor.example/nginx trixie nginx",
    ]
    let foreign = [
      "http://vendor.example/apt stable main foreign",
      "http://vendor.example/nginx trixie nginx foreign",
    ]
    #expect(
      try choose(repositories: lines, mirror: "http://recipe.example/debian", host: host)
        == ["http://own.example/debian trixie main"] + foreign)
    #expect(
      try choose(option: "/srv/flat", repositories: lines, host: host)
        == implied("file:///srv/flat", "file:///srv/flat") + foreign)
    #expect(
      try choose(repositories: Array(lines.dropFirst()), host: host)
        == implied(
          "http://host.example/debian", "http://host.example/debian-security", optional: false)
        + foreign)
  }

  @Test("A timestamp means the snapshot service, before the host's sources")
  func snapshot() throws {
    let service = "https://snapshot.debian.org/archive"
    #expect(
      try choose(snapshot: "20250906T101112Z", host: host)
        == implied(
          "\(service)/debian/20250906T101112Z", "\(service)/debian-security/20250906T101112Z",
          optional: false))
    #expect(
      try choose(mirror: "http://m.example/debian", snapshot: "20250906T101112Z")[0]
        == "http://m.example/debian trixie main")
    let error = #expect(throws: ComposeError.self) { try choose(snapshot: "2025-09-06") }
    #expect(
      error?.description
        == "r.yaml:2:3: snapshot \"2025-09-06\": expected a time such as 20250906T101112Z")
  }

  @Test("No mirror at all is an error that names the ways")
  func none() {
    let error = #expect(throws: ComposeError.self) { try choose() }
    #expect(
      error?.description == "debian-13: no mirror is known; name one with --mirror URL, with "
        + "DHI_DEBIAN_MIRROR in the environment, with compose.mirror in the recipe, or give a time "
        + "of Debian's snapshot service as compose.snapshot")
  }

  @Test("A mirror that is no URL is reported with who named it")
  func badMirror() {
    let error = #expect(throws: ComposeError.self) { try choose(option: "h.example/debian") }
    #expect(error?.subject == "--mirror")
  }
}
