import ArgumentParser
import FoundationEssentials
import Glibc
import PkgResolve
import RootfsCompose

/// The forms a resolution is printed in.
enum ResolutionFormat: String, ExpressibleByArgument, CaseIterable {
  case list, table, tree, json, dot, mermaid, svg

  /// Whether one document holds one platform only.
  var isGraph: Bool { [.dot, .mermaid, .svg].contains(self) }
}

struct ResolveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve",
    abstract: "Show the packages that a recipe or a list of names comes to.",
    usage: """
      dhi-compose resolve [<recipe>] [<options>]
      dhi-compose resolve --packages <file>... [--arch <arch>] <name>...
      dhi-compose resolve --apkindex [@<tag>=]<file>... [--world <dep>]... <name>...
      """,
    discussion: """
      Of a recipe: resolves against the archives as they are now, without composing anything. \
      With --packages or --apkindex: resolves names against indexes given by hand, without a \
      recipe, signatures or the network. Names are what a recipe's list of packages takes \
      (name, name=version, name:arch, name/suite, !name), or Alpine dependencies.

      Formats:
        list     NAME=VERSION ARCH, sorted by bytes; the default without a recipe;
                 of several platforms, each below a line "# linux/amd64";
                 of several distributions, below "# debian-13 linux/amd64"
        table    with suite, sizes and reasons; the default of a recipe
        tree     what each request brings in; (*) marks what was opened above
        json     everything, with stable keys, which the README lists
        dot      a graph for graphviz
        mermaid  a graph for Mermaid
        svg      the graph, drawn by graphviz's dot

      Example:
        dhi-compose resolve recipes/python.yaml --format tree
        dhi-compose resolve --packages main.Packages.xz security.Packages.xz --arch amd64 curl
        dhi-compose resolve --apkindex APKINDEX.tar.gz --world '!busybox' curl

      \(ExitStatus.table)
      """)

  @Argument(help: ArgumentHelp("A recipe, or names with --packages and --apkindex."))
  var names: [String] = []

  @Option(help: "The form of the answer.")
  var format: ResolutionFormat?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write to a file, whole or not at all (default: -, standard output).", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(name: .shortAndLong, help: "Say nothing but warnings and errors.")
  var quiet = false

  @OptionGroup var source: PackageSourceOptions

  private var wantedFormat: ResolutionFormat { format ?? (source.isByHand ? .list : .table) }

  private var isToFile: Bool { output != nil && output != "-" }

  private func check() throws {
    try source.check()
    if source.isByHand {
      guard !names.isEmpty || !source.world.isEmpty else {
        throw ValidationError("name at least one package\(source.filesTaken)")
      }
    } else if names.count > 1 || (!names.isEmpty && source.recipe != nil) {
      throw ValidationError(
        "resolve takes one recipe; names of packages go with --packages or --apkindex")
    }
    if output?.isEmpty == true { throw ValidationError("--output is empty; name a file") }
  }

  func run() async throws {
    let display = ProgressDisplay(
      style: ProgressDisplay.style(quiet: quiet || source.isByHand, json: format == .json))
    try await reportingErrors(display) {
      try check()
      var source = source
      if !source.isByHand, let recipe = names.first { source.recipe = recipe }
      let recipes = try source.recipes()
      try approve(recipes)
      let file = isToFile ? try output.map { try OutputFile($0) } : nil
      // Without a recipe there is one turn all the same.
      let turns = source.isByHand ? [nil] : recipes.map(Optional.some)
      var texts = [[UInt8]]()
      try await inTurn(turns, display) { recipe in
        let bytes = try await answer(source, recipe, isOneOfSeveral: turns.count > 1, display)
        display.finish()
        if file == nil {
          let isApart = !texts.isEmpty && ![.list, .json].contains(wantedFormat)
          Console.write((isApart ? Array("\n".utf8) : []) + bytes, to: STDOUT_FILENO)
        }
        texts.append(bytes)
      }
      try file?.write(Array(texts.joined(separator: wantedFormat == .list ? [] : [0x0A])))
    }
  }

  /// Told before anything is fetched.
  private func approve(_ recipes: [Recipe]) throws {
    if isToFile && wantedFormat == .json {
      try DistributionOption.refuseSeveral(recipes, "--output holds one JSON document")
    }
    if wantedFormat.isGraph {
      try DistributionOption.refuseSeveral(recipes, "\(wantedFormat.rawValue) shows one platform")
    }
    guard wantedFormat.isGraph, let recipe = recipes.first else { return }
    let platforms = try source.platform.platforms() ?? recipe.definition.platforms
    guard platforms.count > 1 else { return }
    let shown = platforms.map(\.description).joined(separator: ", ")
    throw ValidationError(
      "\(wantedFormat.rawValue) shows one platform; choose one of \(shown) with --platform")
  }

  private func answer(
    _ source: PackageSourceOptions, _ recipe: Recipe?, isOneOfSeveral: Bool,
    _ display: ProgressDisplay
  ) async throws -> [UInt8] {
    let parts = try await Self.solve(source.problems(of: recipe, names, display))
    for warning in parts.flatMap(\.resolution.warnings) { display.show(.warning(warning)) }
    let report = ResolutionReport(
      recipe: recipe?.path, distribution: recipe?.distribution, parts: parts)
    return try render(report, titled: isOneOfSeveral ? recipe?.distribution : nil)
  }

  /// Each on a thread of its own, in the order given.
  static func solve(_ problems: [ResolutionProblem]) async throws -> [ResolutionReport.Part] {
    let pool = BlockingPool(threads: problems.count, name: "solve")
    return try await withThrowingTaskGroup(of: (Int, Resolution).self) { group in
      for (position, problem) in problems.enumerated() {
        group.addTask { (position, try await pool.run { try problem.cancelled(by: $0).solve() }) }
      }
      var found = [Int: Resolution]()
      for try await (position, resolution) in group { found[position] = resolution }
      return problems.enumerated().compactMap { position, problem in
        found[position].map {
          ResolutionReport.Part(
            platform: problem.platform?.description, architecture: problem.architecture,
            resolution: $0)
        }
      }
    }
  }

  /// - Parameter title: what stands before the platforms' names, where one distribution of several is shown.
  private func render(_ report: ResolutionReport, titled title: String?) throws -> [UInt8] {
    let style = isToFile ? TextStyle.plain : Console.outputStyle
    if wantedFormat == .json { return report.json() }
    let texts = report.parts.map { part in
      switch wantedFormat {
      case .list: part.resolution.listText()
      case .table: part.resolution.tableText(style: style)
      case .tree: part.resolution.treeText(style: style)
      case .mermaid: part.resolution.mermaidText()
      case .dot, .svg, .json: part.resolution.dotText()
      }
    }
    if wantedFormat == .svg { return try GraphDrawing.svg(texts.joined()) }
    guard texts.count > 1 || title != nil else { return Array(texts.joined().utf8) }
    let prefix = title.map { $0 + " " } ?? ""
    let parts = zip(report.parts, texts).map { (prefix + ($0.platform ?? $0.architecture), $1) }
    if wantedFormat == .list {
      return Array(parts.map { "# \($0)\n\($1)" }.joined().utf8)
    }
    let titled = parts.map { "\($0):\n\($1)" }
    return Array(titled.joined(separator: "\n").utf8)
  }
}
