import ArgumentParser
import PkgResolve
import RootfsCompose

struct WhyNotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why-not",
    abstract: "Show what keeps a package, a version of it, or a file out of an image.",
    usage: """
      dhi-compose why-not <path> [--recipe <file>] [--platform <os/arch>] [<options>]
      dhi-compose why-not <package>[=<version>] [--recipe <file>] [--platform <os/arch>] [<options>]
      dhi-compose why-not <package>[=<version>] --packages <file>... --for <name>... [--arch <arch>]
      dhi-compose why-not <package>[=<version>] --apkindex [@<tag>=]<file>... --for <name>... [--world <dep>]...
      """,
    discussion: """
      Asks for the package besides what the recipe asks for. Where that cannot be, prints why; \
      where it can, what it would change; both are answers, and the exit code is 0. It is 3 where \
      the package is unknown, or where even without it no set of packages satisfies what is asked \
      for. Resolves anew, as `resolve` does.

      What begins with a slash is a path in the image: prints the rule that dropped it with its \
      reason, the package that ships it, and the lines of the recipe that would keep it. The exit \
      code is 1 where the path is in the image, or where nothing put it there.

      Example:
        dhi-compose why-not openssl --recipe recipes/python.yaml
        dhi-compose why-not /usr/bin/dash --recipe recipes/python.yaml
        dhi-compose why-not sendmail-bin --packages Packages.xz --for postfix

      \(ExitStatus.table)
      """)

  @Argument(
    help: ArgumentHelp(
      "The package, and its version where one is meant; or a path in the image.",
      valueName: "package[=version]"))
  var package: String

  @OptionGroup var request: RequestOptions

  func validate() throws {
    if try request.isPath(package) { return }
    try AskedPackage(text: package).validate("why-not")
  }

  func run() async throws {
    let display = request.display()
    try await reportingErrors(display) {
      if try request.isPath(package) {
        return try await PathQuestion(package, request).ask(.whyNot, display)
      }
      let problems = try await request.problems(display)
      let package = package
      let answers = try await PlatformAnswers(problems) { problem in
        .init(text: try Self.answer(package, problem), isFound: true)
      }
      display.finish()
      try answers.print()
    }
  }

  private static func answer(_ package: String, _ problem: ResolutionProblem) throws -> String {
    let present = try problem.solve()
    let kept = problem.exclusions(of: package).map { place in
      "\(place) keeps it out and counts dependencies on it as met\n"
    }.joined()
    let wanted: Resolution
    do throws(ResolveError) {
      wanted = try problem.solve(adding: [package])
    } catch {
      guard error.code == .unsatisfiable || error.code == .unknownVersion else { throw error }
      return kept + Console.harmless("\(error)\n")
    }
    let change = ResolutionChange(from: present, to: wanted)
    if change.isEmpty {
      let members = wanted.requests.last?.packages.map { wanted.packages[$0].label } ?? []
      return kept
        + Console.harmless("\(package): is in the set: \(members.joined(separator: ", "))\n")
    }
    return kept
      + Console.harmless("\(package): \(reason(package, present, isKeptOut: !kept.isEmpty))\n")
      + "asked for, it would change the set:\n" + change.text
  }

  /// Why a package that could be there is not.
  private static func reason(
    _ package: String, _ present: Resolution, isKeptOut: Bool
  ) -> String {
    if isKeptOut { return "nothing excludes it otherwise" }
    let name = String(package.prefix { !"=/:<>~@".contains($0) })
    if let other = present.packages.first(where: { $0.record.name == name }) {
      return "nothing excludes it, but the set has \(other.label)"
    }
    let rejections = present.rejections(of: name)
    return rejections.isEmpty
      ? "nothing excludes it, and nothing that is asked for needs it"
      : "nothing excludes it; " + rejections.joined(separator: "; ")
  }
}
