import FoundationEssentials
import TestSupport
import Testing

/// `why PATH` and `why-not PATH`: whole outputs.
@Suite struct WhyPathTests {
  private static func bench(_ more: String = "") throws -> Bench {
    try Bench(Bench.recipe(packages: ["hello", "os-info"], more))
  }

  private func expect(
    _ words: [String], _ bench: Bench, _ code: Int32, _ text: String,
    _ sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try bench.ask(words[0], Array(words.dropFirst()))
    #expect(outcome.exitCode == code, "\(outcome.errors)", sourceLocation: sourceLocation)
    let said = code == 0 ? outcome.output : outcome.errors
    let other = code == 0 ? outcome.errors : outcome.output
    #expect(said == text, sourceLocation: sourceLocation)
    #expect(other == "", sourceLocation: sourceLocation)
  }

  @Test func aFileIsToldWithItsPackageItsChainAndWhatTouchedIt() throws {
    let bench = try Self.bench()
    try expect(
      ["why", "/usr/bin/hello-su"], bench, 0,
      """
      /usr/bin/hello-su: file of 8 B, mode 0755, owner 0:0
      shipped by hello 1.0-1 of trixie:
        sample.yaml:8:7: hello
      what touched it:
        setuid changed it: set-user-ID or set-group-ID bit

      """)
    try expect(
      ["why", "/lib/greet/libgreet.so.1"], bench, 0,
      """
      /usr/lib/greet/libgreet.so.1: link to libgreet.so.1.0, mode 0777, owner 0:0
      asked for as /lib/greet/libgreet.so.1, which leads there
      leads to /usr/lib/greet/libgreet.so.1.0, of libgreet1
      shipped by libgreet1 1.0-1 of trixie:
        sample.yaml:8:7: hello
          hello 1.0-1 depends on libgreet (>= 1.0), which libgreet1 provides

      """)
    try expect(
      ["why", "/usr/share/greet/words"], bench, 0,
      """
      /usr/share/greet/words: file of 9 B, mode 0644, owner 0:0
      the same file as /usr/share/greet/words.copy
      shipped by libgreet1 1.0-1 of trixie:
        sample.yaml:8:7: hello
          hello 1.0-1 depends on libgreet (>= 1.0), which libgreet1 provides

      """)
  }

  @Test func aFileThatNoPackageShipsIsToldByWhoMadeIt() throws {
    let bench = try Self.bench("paths:\n  - {type: file, path: /srv/note, content: text}\n")
    try expect(
      ["why", "/srv/note"], bench, 0,
      """
      /srv/note: file of 4 B, mode 0644, owner 0:0
      what touched it:
        recipe-paths added it: the recipe's paths (sample.yaml:11:5)

      """)
  }

  @Test func aDirectoryIsToldByWhatItHolds() throws {
    try expect(
      ["why", "/usr/share/hello/"], Self.bench(), 0,
      """
      /usr/share/hello: directory, mode 0755, owner 0:0
      holds 4 files, 22 B, of 1 package:
        hello-data: 4 files, 22 B
      what touched it:
        merged-usr added it: a directory that no package ships, for what is below

      """)
  }

  @Test func aPatternListsWhatMatchesIt() throws {
    let bench = try Self.bench()
    try expect(
      ["why", "/usr/bin/hello*"], bench, 0,
      """
      /usr/bin/hello     hello
      /usr/bin/hello-su  hello

      """)
    try expect(
      ["why-not", "/usr/share/man/**"], bench, 0,
      """
      /usr/share/man/man1             documentation: documentation
      /usr/share/man/man1/hello.1.gz  documentation: documentation

      """)
    try expect(
      ["why", "/usr/bin/[x-z]*"], bench, 1,
      "error: /usr/bin/[x-z]*: nothing in the image matches it\n")
  }

  @Test func aDroppedFileIsToldWithTheLinesThatKeepIt() throws {
    let bench = try Self.bench()
    try expect(
      ["why-not", "/usr/share/man/man1/hello.1.gz"], bench, 0,
      """
      /usr/share/man/man1/hello.1.gz: dropped by documentation, which drops documentation, manual and info pages; copyright files stay
      reason: documentation
      shipped by hello 1.0-1 of trixie:
        sample.yaml:8:7: hello
      to keep it, add to sample.yaml:
        compose:
          includes: [/usr/share/man/man1/hello.1.gz]

      """)
    try expect(
      ["why-not", "/bin/sh"], bench, 0,
      """
      /usr/bin/sh: dropped by shells, which drops shells, links to them and their entries in /etc/shells
      reason: leads to the shell /usr/bin/dash
      asked for as /bin/sh, which leads there
      shipped by demoshell 3.0 of trixie:
        sample.yaml:8:7: hello
          hello 1.0-1 depends on libgreet (>= 1.0), which libgreet1 provides
          libgreet1 1.0-1 depends on demoshell
      to keep it, add to sample.yaml:
        compose:
          exceptions:
            - rule: shells
              paths: [/usr/bin/sh, /usr/bin/dash]
              reason: say here what needs it
      a recipe that names the package demoshell itself in contents.packages keeps it too

      """)
  }

  /// The lines are put into the recipe as they are printed, and the file is there.
  @Test(arguments: [
    "/bin/sh", "/usr/share/man/man1/hello.1.gz", "/usr/share/doc/hello/changelog.Debian.gz",
    "/usr/share/locale/de/LC_MESSAGES/hello.mo", "/usr/share/hello/unwanted",
  ])
  func theLinesKeepThePath(path: String) throws {
    let excludes =
      path.hasSuffix("unwanted") ? "compose:\n  excludes: [/usr/share/hello/unwanted]\n" : ""
    let bench = try Self.bench(excludes)
    let answer = try bench.ask("why-not", [path])
    try #require(answer.exitCode == 0, "\(answer.errors)")
    let lines = answer.output.split(separator: "\n").drop { !$0.hasPrefix("to keep it") }
      .dropFirst().prefix { $0.hasPrefix("  ") }.map { $0.dropFirst(2) }
    try #require(lines.first == "compose:")
    let added = excludes.isEmpty ? lines[...] : lines.dropFirst()
    try bench.scratch.write(
      bench.text(bench.recipe) + added.map { $0 + "\n" }.joined(), to: "sample.yaml")
    let kept = try bench.ask("why", [path])
    #expect(kept.exitCode == 0, "\(kept.errors)")
    let again = try bench.ask("why-not", [path])
    #expect(again.exitCode == 1)
    #expect(again.errors.contains(": is in the image, shipped by "))
  }

  private static let odd = [
    // A rule that tidies up comes first, and the one that guards the image after it; and the other way round.
    "/var/cache/apt/x.bin", "/usr/share/bash-completion/completions/apt",
    "/usr/share/man/man8/apt.8.gz",
    // Bytes that are no text, two in a row; a mark upon a pattern's sign; what an editor hides.
    "/usr/share/doc/apt/*\u{301}x", "/usr/share/doc/apt/a\u{202E}b\u{2028}c\u{E000}",
    "/usr/share/doc/apt/a\u{1}b",
  ]

  @Test(arguments: odd.indices)
  func theLinesKeepWhatSeveralRulesDrop(number: Int) throws {
    let path = Self.odd[number]
    var apt = DebBuilder("apt")
    apt.file(path, "text\n")
    let app = DebBuilder("app", fields: [("Depends", "apt")])
    let bench = try Bench(Bench.recipe(packages: ["app"]), publishing: [apt, app])
    func ask(_ command: String) throws -> HostProgram.Outcome {
      try ComposeProgram.run(
        [
          command, path.replacing("*", with: "\\*"), "--recipe", "sample.yaml", "--store",
          bench.store, "--mirror", bench.ownArchive, "--quiet",
        ], directory: bench.folder)
    }
    let answer = try ask("why-not")
    try #require(answer.exitCode == 0, "\(answer.errors)")
    let lines = answer.output.split(separator: "\n").drop { !$0.hasPrefix("to keep it") }
      .dropFirst().prefix { $0.hasPrefix("  ") }.map { $0.dropFirst(2) }
    try #require(lines.first == "compose:", "\(answer.output)")
    try bench.scratch.write(
      bench.text(bench.recipe) + lines.map { $0 + "\n" }.joined(), to: "sample.yaml")
    let kept = try ask("why")
    #expect(kept.exitCode == 0, "\(kept.errors) \(lines)")
    #expect(!kept.errors.contains("matched nothing"))
  }

  @Test func aPathThatIsNotThereIsToldSo() throws {
    let bench = try Self.bench()
    try expect(
      ["why", "/usr/bin/helo"], bench, 1,
      """
      error: /usr/bin/helo: no package of the image ships it, and nothing else puts it there; did you mean /usr/bin/hello?
      which other packages of the archives would is not known: their Contents indexes are not read

      """)
    let dropped = try bench.ask("why", ["/bin/sh"])
    #expect(dropped.exitCode == 1)
    #expect(
      dropped.errors.hasPrefix(
        "error: /usr/bin/sh: is not in the image: shells dropped it (leads to the shell /usr/bin/dash); `dhi-compose why-not /usr/bin/sh "
      ))
    #expect(
      try bench.ask("why-not", ["/nothing/like/it"]).errors.hasPrefix(
        "error: /nothing/like/it: no package of the image ships it, and nothing else puts it there\n"
      ))
    let climbing = try bench.ask("why", ["/usr/../etc"])
    #expect(climbing.exitCode == 65)
    #expect(climbing.errors.hasPrefix("error: /usr/../etc: is no path in an image; expected"))
  }

  /// A lock holds, whatever the archive has now.
  @Test func theLockIsFollowed() throws {
    let bench = try Self.bench()
    #expect(try bench.run("lock").exitCode == 0)
    let before = try bench.ask("why", ["/bin/hello"])
    try SampleArchive.publisher(in: bench.archive.directory)
      .publishDistribution(SamplePackages.all(hello: "2.0-1"), architectures: ["amd64", "arm64"])
    let after = try bench.ask("why", ["/bin/hello"])
    #expect(after.exitCode == 0, "\(after.errors)")
    #expect(after.output == before.output)
    #expect(after.output.contains("shipped by hello 1.0-1 of trixie:\n"))
    try bench.scratch.write(
      Bench.recipe(packages: ["hello", "os-info", "demoshell"]), to: "sample.yaml")
    let stale = try bench.ask("why", ["/bin/hello"])
    #expect(stale.exitCode == 1)
    #expect(stale.errors.contains("sample.lock.json: made for other packages or sources"))
  }

  @Test func eachPlatformAnswers() throws {
    let bench = try Bench(
      Bench.smallRecipe.replacing("[linux/amd64]", with: "[linux/amd64, linux/arm64]")
        + "paths:\n  - {type: file, path: /srv/note, content: text, platforms: [linux/amd64]}\n")
    let outcome = try bench.ask("why", ["/srv/note"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(
      outcome.output == """
        linux/amd64:
        /srv/note: file of 4 B, mode 0644, owner 0:0
        what touched it:
          recipe-paths added it: the recipe's paths (sample.yaml:11:5)

        linux/arm64:
        /srv/note: no package of the image ships it, and nothing else puts it there
        which other packages of the archives would is not known: their Contents indexes are not read

        """)
    // What all answer alike is said once.
    #expect(
      try bench.ask("why", ["/usr/share/hello/data"]).output.hasPrefix(
        "/usr/share/hello/data: file"))
  }

  @Test func withIndexesGivenByHandAPathIsNoPath() throws {
    let outcome = try ComposeProgram.run(
      ["why", "/bin/sh", "--packages", "Packages", "--for", "app"])
    #expect(outcome.exitCode == 64)
    #expect(
      outcome.errors.contains(
        "/bin/sh: is a path, and which package ships it is known of a recipe's image only; use --recipe"
      ))
  }

  @Test func namesInAPackageDoNotSteerTheTerminal() throws {
    var deb = DebBuilder("odd")
    deb.file("/usr/share/odd/\u{1B}[2Jx\u{A}y", "text\n")
    let bench = try Bench(Bench.recipe(packages: ["odd"]), publishing: [deb])
    let outcome = try ComposeProgram.run(
      [
        "why", "/usr/share/odd/*", "--recipe", bench.recipe, "--store", bench.store, "--mirror",
        bench.ownArchive,
      ])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output == "/usr/share/odd/\\u{1b}[2Jx\\u{a}y  odd\n")
  }
}

extension Bench {
  /// Runs a subcommand that names the recipe with `--recipe`, in the recipe's folder.
  fileprivate func ask(
    _ command: String, _ words: [String]
  ) throws -> HostProgram.Outcome {
    try ComposeProgram.run(
      [command] + words
        + ["--recipe", "sample.yaml", "--store", store, "--mirror", archive.directory, "--quiet"],
      directory: folder)
  }
}
