import FoundationEssentials
import TestSupport
import Testing

/// The recipes that come with the project, and those that others published.
@Suite struct RecipeFilesTests {
  @Test func ourRecipesAreValidAndWholly() throws {
    let names = FileListing.names(in: Repository.root + "/recipes").filter {
      $0.hasSuffix(".yaml")
    }
    #expect(
      names == [
        "alpine-base-dev.yaml", "base-musl.yaml", "base.yaml", "cc.yaml", "python-dev.yaml",
        "python.yaml", "static-both.yaml", "static-musl.yaml", "static.yaml", "wget-dev.yaml",
        "wget.yaml",
      ])
    let paths = names.map { Repository.root + "/recipes/" + $0 }
    let outcome = try ComposeProgram.run(["check"] + paths)
    #expect(outcome.exitCode == 0)
    // A note would name a key that composing refuses.
    #expect(outcome.errors == "")
    let answers = paths.flatMap { path in
      path.hasSuffix("/static-both.yaml")
        ? ["\(path): valid for debian-13\n", "\(path): valid for alpine-3.22\n"]
        : ["\(path): valid\n"]
    }
    #expect(outcome.output == answers.joined())
  }

  @Test(.enabled(if: SharedData.root != nil, "the published definitions are not here"))
  func publishedDefinitionsAreValid() throws {
    let folder = try #require(SharedData.root) + "/dhi/definitions"
    let paths = try FileListing.files(below: folder).filter { $0.hasSuffix(".yaml") }
      .map { folder + "/" + $0 }
    #expect(paths.count == 167)
    let outcome = try ComposeProgram.run(["check", "--quiet"] + paths)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.errors == "")
    #expect(outcome.output == "")
  }
}
