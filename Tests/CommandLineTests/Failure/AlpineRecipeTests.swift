import TestSupport
import Testing

/// What a recipe cannot ask of its distribution is told before anything is fetched, by `check` as by the others.
@Suite struct AlpineRecipeTests {
  /// What `check` says on standard error, and that the others refuse the recipe with the same.
  private func refusal(
    _ recipe: String, isFault: Bool = false,
    _ sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws -> String {
    let bench = try AlpineBench(recipe, publishing: [])
    let check = try ComposeProgram.run(["check", bench.recipe])
    #expect(check.exitCode == (isFault ? 65 : 0), sourceLocation: sourceLocation)
    #expect(
      check.output == (isFault ? "" : "\(bench.recipe): valid, but build refuses it\n"),
      sourceLocation: sourceLocation)
    let told = check.errors.replacing(bench.scratch.path, with: "")
    let sources = ["--mirror", "http://nonexistent.invalid/"]
    #expect(
      try bench.refusal(65, sources: sources, sourceLocation)
        == told.replacing("note: ", with: "error: "), sourceLocation: sourceLocation)
    #expect(FileListing.names(in: bench.store) == [], sourceLocation: sourceLocation)
    return told
  }

  @Test func aLineOfDebians() throws {
    #expect(
      try refusal(
        AlpineBench.recipe(
          packages: ["musl"], repositories: ["deb https://a.example/debian trixie main"]))
        == "note: /sample.yaml:8:7: \"deb https://a.example/debian trixie main\" is an archive of "
        + "Debian's, and the image is made of Alpine's packages; expected the URL of an Alpine "
        + "repository\n")
  }

  @Test func whatOnlyDebiansArchivesHave() throws {
    let text =
      try refusal(
        AlpineBench.recipe(
          packages: ["musl"],
          """
          compose:
            snapshot: 20250101T000000Z
            security-mirror: https://a.example/debian-security
            pins: [{suite: trixie-backports, packages: [musl], priority: 900}]

          """))
    #expect(
      text
        == "note: /sample.yaml:10:13: compose.snapshot is for Debian's packages, and Alpine has no "
        + "snapshot service; remove it: the lock pins what was found\n"
        + "note: /sample.yaml:11:20: compose.security-mirror is for Debian's packages, and Alpine has no "
        + "such archive; remove it\n"
        + "note: /sample.yaml:12:18: compose.pins is for Debian's packages; for Alpine's, give a "
        + "repository a tag (\"@edge URL\") and ask for name@edge\n")
  }

  @Test func entriesInDebiansForm() throws {
    #expect(
      try refusal(
        AlpineBench.recipe(packages: ["wget=1.21.4-1", "curl:amd64", "musl", "wget/bookworm"]),
        isFault: true)
        == "error: /sample.yaml:8:7: wget=1.21.4-1: \"1.21.4-1\" is not an Alpine version: only \"r\" and a number may follow \"-\"; "
        + "Alpine writes revisions -rN: wget=1.21.4-r1\n"
        + "error: /sample.yaml:9:7: curl:amd64: \":arch\" is Debian's form; leave it out: curl\n"
        + "error: /sample.yaml:11:7: wget/bookworm: \"/suite\" is Debian's form; leave it out: wget\n"
    )
  }

  @Test func entriesInAlpinesFormForDebian() throws {
    let recipe = AlpineBench.recipe(packages: ["wget~1", "curl@edge"])
    #expect(
      try refusal(recipe.replacing("alpine3.22", with: "debian13"), isFault: true)
        == "error: /sample.yaml:8:7: wget~1: \"~\" before a version is Alpine's form; Debian's is "
        + "name=version\n"
        + "error: /sample.yaml:9:7: curl@edge: \"@\" before a tag is Alpine's form; Debian's is "
        + "name/suite\n")
  }

  @Test func aRepositoryThatIsNone() throws {
    let text =
      try refusal(
        AlpineBench.recipe(packages: ["musl"], repositories: ["https://a.example/x main"]),
        isFault: true)
    #expect(
      text
        == "error: /sample.yaml:8:7: contents.repositories[0]: expected \"deb [options] URL suite component…\", or a URL for Alpine, found \"https://a.example/x main\"\n"
    )
  }

  @Test func aRepositoryOfAlpinesForDebian() throws {
    let recipe = AlpineBench.recipe(
      packages: ["libc6"], repositories: ["https://dl-cdn.alpinelinux.org/alpine/v3.22/main"])
    #expect(
      try refusal(recipe.replacing("alpine3.22", with: "debian13"))
        == "note: /sample.yaml:8:7: \"https://dl-cdn.alpinelinux.org/alpine/v3.22/main\" is a repository "
        + "of Alpine's, and the image is made of Debian's packages; expected \"deb [signed-by=KEYRING] "
        + "URL suite component…\"\n")
  }
}
