import Testing

@testable import RootfsCompose

@Suite("Which repositories Alpine's packages come from")
struct AlpineRepositorySelectionTests {
  private let official = "https://dl-cdn.alpinelinux.org/alpine"

  private func located(_ text: String) -> Located<String> {
    Located(text, at: SourceLocation(file: "r.yaml", line: 2, column: 3))
  }

  private func choose(
    options: [String] = [], mirror: String? = nil, environment: [String: String] = [:],
    recipe: [String] = [], recipesMirror: String? = nil, host: String? = nil
  ) throws -> [String] {
    var compose = ComposeOptions()
    compose.mirror = recipesMirror.map(located)
    let sources = try AlpineRepositorySelection(
      distribution: .alpine("3.22"), repositories: options, mirror: mirror,
      environment: environment, host: host, workingDirectory: "/folder"
    ).sources(repositories: recipe.map(located), compose: compose)
    return sources.map { source in
      (source.tag.map { "@\($0) " } ?? "") + source.bases.joined(separator: " or ")
        + (source.isOptional ? " optional" : "")
    }
  }

  private func onMirror(_ mirror: String, optional: Bool = true) -> [String] {
    [
      "\(mirror)/v3.22/main or \(mirror)" + (optional ? " optional" : ""),
      "\(mirror)/v3.22/community or \(mirror) optional",
    ]
  }

  @Test("The recipe's repositories stand as they are")
  func recipe() throws {
    let entries = ["\(official)/v3.22/main", "@edge \(official)/edge/testing", "/srv/own/"]
    #expect(
      try choose(recipe: entries) == [
        "\(official)/v3.22/main", "@edge \(official)/edge/testing", "file:///srv/own",
      ])
    #expect(try choose(recipe: [entries[0], entries[0]]).count == 1)
  }

  @Test("The option comes before the environment, the recipe and the host")
  func order() throws {
    let host = "# comment\nhttp://host.example/alpine/v3.19/main\n"
    let environment = ["DHI_ALPINE_MIRROR": "http://env.example/alpine"]
    #expect(
      try choose(mirror: "http://opt.example/a", environment: environment, host: host)
        == onMirror("http://opt.example/a"))
    #expect(
      try choose(environment: environment, recipesMirror: "http://r.example/a")
        == onMirror("http://env.example/alpine"))
    #expect(
      try choose(
        environment: ["DHI_ALPINE_MIRROR": ""], recipesMirror: "http://r.example/a", host: host)
        == onMirror("http://r.example/a", optional: false))
    #expect(
      try choose(host: host) == onMirror("http://host.example/alpine", optional: false))
  }

  @Test("A mirror stands in for Alpine's own repositories wherever they are served from")
  func mirror() throws {
    let entries = [
      "https://images.example/apk/alpine/v3.24/main", "\(official)/v3.24/main",
      "@t \(official)/edge/testing", "https://third.example/packages/alpine/v3.24/main",
      "https://own.example/repo",
    ]
    #expect(
      try choose(mirror: "../mirror", recipe: entries) == [
        "file:///mirror/v3.24/main or file:///mirror optional",
        "@t file:///mirror/edge/testing or file:///mirror optional",
        "https://third.example/packages/alpine/v3.24/main", "https://own.example/repo",
      ])
    #expect(
      try choose(mirror: "http://m.example/alpine/v3.21/main", recipe: [entries[1]])
        == ["http://m.example/alpine/v3.21/main"])
    #expect(
      try choose(mirror: "http://m.example/alpine", recipe: ["https://own.example/repo"])
        == onMirror("http://m.example/alpine") + ["https://own.example/repo"])
  }

  @Test("The recipe's mirror serves Alpine's own repositories where the recipe names none of them")
  func recipesMirror() throws {
    #expect(
      try choose(recipe: ["https://own.example/repo"], recipesMirror: "http://r.example/a")
        == onMirror("http://r.example/a", optional: false) + ["https://own.example/repo"])
    #expect(
      try choose(recipe: ["\(official)/v3.22/main"], recipesMirror: "http://r.example/a")
        == ["\(official)/v3.22/main"])
  }

  @Test("Repositories given by option stand in for all others")
  func options() throws {
    #expect(
      try choose(
        options: ["./x", "@edge http://a.example/edge"], mirror: "http://m.example/",
        recipe: ["https://own.example/repo"])
        == ["file:///folder/x optional", "@edge http://a.example/edge optional"])
  }

  @Test(
    "What is no repository is refused with its place",
    arguments: [
      ("deb http://a.example/debian trixie main", "is an archive of Debian's"),
      ("@ http://a.example/x", "expected a tag after \"@\""),
      ("http://a.example/x main", "expected \"URL\" or \"@tag URL\""),
      ("ftp://a.example/x", "ftp://a.example/x"),
    ])
  func refused(entry: String, part: String) {
    let error = #expect(throws: ComposeError.self) { try choose(recipe: [entry]) }
    #expect(error?.subject == "r.yaml:2:3")
    #expect(error?.message.contains(part) == true, "\(error?.description ?? "")")
  }

  @Test("Where none is known, the ways to name one are told")
  func none() {
    let error = #expect(throws: ComposeError.self) { try choose(host: "# nothing\n") }
    #expect(
      error?.description
        == "alpine-3.22: no repository is known; name them in the recipe's contents.repositories, with --repository URL, "
        + "or a mirror with --mirror URL or DHI_ALPINE_MIRROR in the environment")
  }
}
