import FoundationEssentials
import TestSupport
import Testing

/// The steps of the GitHub action and the GitLab template, run as a runner would run them.
@Suite struct StepsTests {
  private static let steps = Repository.root + "/ci/steps.sh"

  /// A repository with a recipe, its lock in the last commit, and images that the steps build.
  private static func repository(of bench: Bench) throws {
    try bench.scratch.write(Bench.recipe(packages: ["hello"]), to: "repository/recipes/sample.yaml")
    try bench.scratch.write(bench.scratch.read("archive.asc"), to: "repository/recipes/archive.asc")
    let locked = try ComposeProgram.run(
      ["lock", "recipes/sample.yaml", "--store", bench.store, "--mirror", bench.archive.directory],
      directory: bench.scratch.file("repository"))
    try #require(locked.exitCode == 0, "\(locked.errors)")
    let git = try #require(HostProgram.find("git"))
    let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    for arguments in [["init", "-q"], ["add", "."], identity + ["commit", "-q", "-m", "Lock"]] {
      try git.check(arguments, directory: bench.scratch.file("repository"))
    }
  }

  private static func run(
    _ steps: [String], _ bench: Bench, _ environment: [String: String?] = [:]
  ) throws -> HostProgram.Outcome {
    let program = try bench.scratch.makeDirectory("prefix/bin")
    if !bench.exists(program + "/dhi-compose") {
      try FileManager.default.createSymbolicLink(
        atPath: program + "/dhi-compose", withDestinationPath: ComposeProgram.path)
    }
    let settings: [String: String?] = [
      "DHI_PREFIX": bench.scratch.file("prefix"), "DHI_STORE": bench.store,
      "DHI_OPTIONS": "--mirror \(bench.archive.directory)", "HOME": bench.scratch.path,
      "GITHUB_PATH": nil, "GITHUB_BASE_REF": nil, "GITHUB_TOKEN": nil, "GITLAB_TOKEN": nil,
      "GITHUB_STEP_SUMMARY": nil, "CI_MERGE_REQUEST_DIFF_BASE_SHA": nil,
    ]
    return try #require(HostProgram.find("sh")).run(
      [Self.steps] + steps,
      environment: ComposeProgram.environment.merging(settings) { $1 }.merging(environment) { $1 },
      directory: bench.scratch.file("repository"))
  }

  @Test(.enabled(if: HostProgram.find("git") != nil, "needs git"))
  func allStepsFromACloneToAComment() throws {
    let bench = try Bench()
    try Self.repository(of: bench)
    let first = try Self.run([], bench, ["DHI_BASE": "HEAD"])
    #expect(first.exitCode == 0, "\(first.errors)")
    #expect(bench.exists(bench.scratch.file("repository/out/sample/index.json")))
    #expect(first.errors.contains("--- verifying out/sample\n"))
    #expect(first.output.hasSuffix("No lock has changed since HEAD.\n"))

    try bench.scratch.write(
      Bench.recipe(packages: ["hello", "os-info"]), to: "repository/recipes/sample.yaml")
    let stale = try Self.run(["build"], bench)
    #expect(stale.exitCode != 0)
    #expect(stale.errors.contains("made for other packages or sources"))
    let locked = try ComposeProgram.run(
      ["lock", "recipes/sample.yaml", "--store", bench.store, "--mirror", bench.archive.directory],
      directory: bench.scratch.file("repository"))
    #expect(locked.exitCode == 0, "\(locked.errors)")
    let summary = bench.scratch.file("summary.md")
    let second = try Self.run(
      [], bench, ["DHI_BASE": "HEAD", "GITHUB_STEP_SUMMARY": summary])
    #expect(second.exitCode == 0, "\(second.errors)")
    let report = try String(
      decoding: bench.scratch.read("repository/out/changes.md"), as: UTF8.self)
    let head = "### <code>sample.before.lock.json → sample.lock.json</code>\n"
    #expect(report.hasPrefix(head), "\(report)")
    #expect(report.contains("<code>os-info</code>"), "\(report)")
    #expect(try String(decoding: bench.scratch.read("summary.md"), as: UTF8.self) == report)
  }

  /// With a base that a shallow clone lacks, every lock would pass for new.
  @Test(.enabled(if: HostProgram.find("git") != nil, "needs git"))
  func aBaseThatIsNotThereIsAnError() throws {
    let bench = try Bench()
    try Self.repository(of: bench)
    let outcome = try Self.run(["diff"], bench, ["DHI_BASE": "origin/main"])
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("origin/main is no revision of this clone"))
    #expect(!bench.exists(bench.scratch.file("repository/out/changes.md")))
  }

  /// Names with spaces and dots: no recipe is taken for two, nor another's lock for its own.
  @Test(.enabled(if: HostProgram.find("git") != nil, "needs git"))
  func namesMayHoldSpacesAndDots() throws {
    let bench = try Bench()
    try Self.repository(of: bench)
    let folder = bench.scratch.file("repository/recipes")
    for name in ["sample.2", "with space"] {
      for ending in [".yaml", ".lock.json"] {
        try FileManager.default.copyItem(
          atPath: "\(folder)/sample\(ending)", toPath: "\(folder)/\(name)\(ending)")
      }
    }
    let store = bench.scratch.file("a store")
    let outcome = try Self.run(
      ["build", "verify", "diff"], bench,
      ["DHI_STORE": store, "DHI_OUTPUT": "images", "DHI_BASE": "HEAD"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(bench.exists(store))
    let verified = outcome.errors.split(separator: "\n").filter { $0.contains("verifying") }
    #expect(
      verified == [
        "--- verifying images/sample.2", "--- verifying images/sample",
        "--- verifying images/with space",
      ])
    let report = try String(
      decoding: bench.scratch.read("repository/images/changes.md"), as: UTF8.self)
    #expect(report.contains("### recipes/with space.lock.json\n\nNew: HEAD has no such lock.\n"))
    #expect(!report.contains("### recipes/sample.lock.json\n"))
  }

  @Test func aStepThatIsNoneIsRefused() throws {
    let bench = try Bench()
    _ = try bench.scratch.makeDirectory("repository")
    let outcome = try Self.run(["biuld"], bench)
    #expect(outcome.exitCode == 64)
    #expect(
      outcome.errors.hasSuffix(
        "unknown step biuld; expected install, check, build, verify, diff or comment\n"))
  }

  /// The action runs nothing that is not in the script.
  @Test func theTemplatesRunTheScript() throws {
    for (file, lines) in [
      ("github-action/action.yml", 3), ("gitlab/images.yml", 2),
    ] {
      let text = try String(
        contentsOf: URL(filePath: Repository.root + "/ci/" + file), encoding: .utf8)
      #expect(
        text.split(separator: "\n").count { $0.contains("/steps.sh") && !$0.contains("#") } == lines
      )
    }
  }
}
