import Testing

@testable import RootfsCompose

@Suite("One-line sources, apt's sources, distributions")
struct DebianSourceTests {
  private func read(_ line: String) throws(ComposeError) -> DebianSource {
    try DebianSource(line: line, subject: "recipe.yaml:4:7", workingDirectory: "/recipes")
  }

  @Test(
    "Messages show no password, wherever in a line it stands",
    arguments: [
      "deb [x=https://u:secret@a.example/k] https://u:secret@b.example/d trixie main",
      "deb https://u:sec/ret@h.example/d trixie main", "deb u:secret@h.example/d trixie main",
    ])
  func redaction(line: String) {
    #expect {
      try read(line)
    } throws: { error in
      !"\(error)".contains("sec")
    }
  }

  @Test("Options, suite and components")
  func oneLine() throws {
    let source = try read(
      "deb [signed-by=/a.gpg,/b.gpg arch=amd64,arm64] https://h.example/debian/ trixie main contrib"
    )
    #expect(source.base == "https://h.example/debian")
    #expect(source.suite == "trixie")
    #expect(source.components == ["main", "contrib"])
    #expect(source.signedBy == ["/a.gpg", "/b.gpg"])
    #expect(source.architectures == ["amd64", "arm64"])
  }

  @Test(
    "Places become absolute",
    arguments: [
      ("/srv/debian/", "file:///srv/debian"), ("file:/srv/debian", "file:///srv/debian"),
      ("file:///srv/a%20b", "file:///srv/a%20b"), ("./m/../n", "file:///recipes/n"),
      ("http://H.example:8080/d//", "http://h.example:8080/d//"),
    ])
  func places(text: String, expected: String) throws {
    let base = try read("deb \(text) trixie main").base
    #expect(base.lowercased() == expected)
  }

  @Test(
    "What cannot be read is refused, with its place",
    arguments: [
      "deb", "deb http://h.example/debian", "deb [signed-by=/a http://h.example trixie main",
      "deb [trusted=yes] http://h.example/d trixie main", "deb-src http://h.example/d trixie main",
      "deb http://h.example/d ./", "deb http://h.example/d trixie", "https://h.example/alpine/main",
      "deb ftp://h.example/d trixie main", "deb http://h.example/d ../x main",
      "deb http://h.example/d trixie main/..", "deb [color=red] http://h.example/d trixie main",
      "deb mirror+file:/etc/mirrors trixie main", "deb cdrom:[Debian]/ trixie main",
    ])
  func refused(line: String) {
    let error = #expect(throws: ComposeError.self) { try read(line) }
    #expect(error?.subject == "recipe.yaml:4:7" || error?.code == .invalidRecipe)
  }

  @Test(
    "A line of Alpine's is told from one that lacks its first word",
    arguments: [
      ("https://h.example/alpine/main", true), ("@edge https://h.example/alpine/main", true),
      ("http://h.example/debian trixie main", false),
      ("debs http://h.example/d trixie main", false),
    ])
  func alpinesLine(line: String, isAlpines: Bool) {
    let error = #expect(throws: ComposeError.self) { try read(line) }
    #expect(error?.code == (isAlpines ? .unsupportedRecipe : .invalidRecipe))
    #expect(error?.description.contains("Alpine") == isAlpines)
  }

  @Test("Credentials stay out of messages, public bases and file URLs")
  func redaction() throws {
    let source = try read("deb http://me:p%40ss@h.example/debian trixie main")
    #expect(source.base == "http://me:p%40ss@h.example/debian")
    #expect(source.publicBase == "http://h.example/debian")
    #expect(try source.url(of: "pool/a_1+b~c.deb") == "http://h.example/debian/pool/a_1+b~c.deb")
    let error = #expect(throws: ComposeError.self) {
      try read("deb http://me:secret@h.example/d ./")
    }
    #expect(error?.description.contains("secret") == false)
    #expect(error?.description.contains("http://h.example/d ./") == true)
  }

  @Test(
    "A package's file name cannot leave the archive", arguments: ["../x", "a//b", "/etc/x", ""])
  func fileNames(path: String) throws {
    let source = try read("deb http://h.example/debian trixie main")
    #expect(throws: ComposeError.self) { try source.url(of: path) }
  }

  @Test("Distributions by name; an unknown one lists the known")
  func distributions() throws {
    #expect(try Distribution.named("debian-12").codename == "bookworm")
    #expect(
      try Distribution.named("debian-13").suites == ["trixie", "trixie-updates", "trixie-security"])
    let unknown = #expect(throws: ComposeError.self) { try Distribution.named("debian-1") }
    #expect(
      unknown?.description
        == "distribution: unknown distribution \"debian-1\"; expected debian-12, debian-13, or an Alpine 3.x release such as alpine-3.22"
    )
    let old = #expect(throws: ComposeError.self) { try Distribution.named("alpine-2.7") }
    #expect(
      old?.description
        == "distribution: unknown distribution \"alpine-2.7\"; expected debian-12, debian-13, or an Alpine 3.x release such as alpine-3.22 (edge is no release: name it as a repository with a tag)"
    )
    let alpine = try Distribution.named("alpine-3.22")
    #expect(alpine.family == .alpine && alpine.codename == "v3.22" && alpine.version == "3.22")
    #expect(alpine.architecture(of: .linuxARM64) == "aarch64")
    for name in ["alpine-2.7", "alpine-3", "alpine-3.x", "alpine-3.1234"] {
      #expect(throws: ComposeError.self) { try Distribution.named(name) }
    }
  }

  @Test("apt's one-line files: the archive and its security, whatever release the host runs")
  func aptLines() throws {
    let scratch = try ScratchDirectory()
    try scratch.write(
      "sources.list",
      """
      # deb http://commented.example/debian bookworm main
      deb cdrom:[Debian GNU/Linux 12]/ bookworm main
      deb https://third.example/linux/debian bookworm stable
      deb [signed-by=/usr/share/keyrings/x.gpg] https://other.example/debian bookworm main
      deb https://cli.example/packages stable main
      deb-src http://m.example/debian bookworm main
      deb http://m.example/debian/ bookworm main contrib # comment
      deb http://s.example/debian-security bookworm-security main
      """.utf8)
    #expect(
      AptSources.host(root: scratch.path)
        == AptSources(
          archive: "http://m.example/debian", security: "http://s.example/debian-security"))
  }

  @Test("apt's .sources files, in the order of their names, disabled ones left out")
  func aptStanzas() throws {
    let scratch = try ScratchDirectory()
    try scratch.write(
      "sources.list.d/a.sources",
      "Types: deb\nURIs: http://off.example/debian\nSuites: trixie\nComponents: main\nEnabled: no\n"
        .utf8)
    try scratch.write(
      "sources.list.d/b.sources",
      """
      # comment
      Types: deb deb-src
      URIs: mirror+file:/etc/apt/mirrors/debian.list https://m.example/debian
      Suites: bookworm bookworm-updates
      Components: main
      Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

      Types: deb
      URIs: https://m.example/debian-security
      Suites: bookworm-security
      Components: main
      """.utf8)
    try scratch.write("sources.list.d/c.sources.disabled", "Types: deb\n".utf8)
    #expect(
      AptSources.host(root: scratch.path)
        == AptSources(
          archive: "https://m.example/debian", security: "https://m.example/debian-security"))
    #expect(AptSources.host(root: scratch.path + "/none") == AptSources())
  }
}
