import PkgResolve
import RootfsCompose

/// What is said of a path, for one platform.
struct PathAnswer {
  typealias Answer = PlatformAnswers.Answer

  /// How many paths of a pattern are listed.
  private static let maximumPaths = 200
  /// How many packages of a directory are listed.
  private static let maximumShares = 12

  private let composition: Composition
  private let lock: Lockfile.PlatformLock?
  private let recipe: Recipe
  /// The words that ask the same of another command.
  private let options: [String]?

  init(
    _ composition: Composition, _ lock: Lockfile.PlatformLock?, _ recipe: Recipe,
    repeating options: [String]?
  ) {
    self.composition = composition
    self.lock = lock
    self.recipe = recipe
    self.options = options
  }

  func answer(_ asked: AskedPath, _ kind: PathQuestion.Kind) -> Answer {
    let account = PathAccount(of: asked.path, in: composition)
    // A name that holds a pattern's signs is one first of all.
    if case .unknown = account.state, let pattern = asked.pattern {
      return matches(of: pattern, kind)
    }
    let (lines, isFound) =
      switch kind {
      case .why: why(account)
      case .whyNot: whyNot(account)
      }
    return Answer(text: text(lines), isFound: isFound)
  }

  /// A file's name may hold line ends.
  private func text(_ lines: [String]) -> String {
    lines.map { Console.harmless($0.replacing("\n", with: "\\u{a}")) + "\n" }.joined()
  }

  private func command(_ name: String, _ path: TreePath) -> String {
    let words = ["dhi-compose", name, path.description] + (options ?? [])
    return "`" + words.map(LoadingAdvice.quoted).joined(separator: " ") + "`"
  }

  // MARK: why

  private func why(_ account: PathAccount) -> (lines: [String], isFound: Bool) {
    switch account.state {
    case .present(let entry):
      return (presence(account, entry), true)
    case .dropped(let record):
      let line =
        "\(account.path): is not in the image: \(record.rule) dropped it (\(record.reason)); "
        + "\(command("why-not", account.path)) says how to keep it"
      return ([line], false)
    case .unknown(let near):
      return (absence(account.asked, near), false)
    }
  }

  private func presence(_ account: PathAccount, _ entry: FileEntry) -> [String] {
    var lines = [account.path.description + ": " + Self.description(entry)]
    if account.asked != account.path {
      lines.append("asked for as \(account.asked), which leads there")
    }
    if entry.isSymlink { lines.append(destination(account)) }
    if let holdings = account.holdings { lines += list(holdings) }
    if !account.hardLinks.isEmpty {
      let names = account.hardLinks.prefix(10).map(\.description).joined(separator: ", ")
      let more = account.hardLinks.count > 10 ? " and \(account.hardLinks.count - 10) more" : ""
      lines.append("the same file as \(names)\(more)")
    }
    lines += shipment(account.package)
    let deeds = account.deeds.filter { $0.action != .dropped }
    if account.package == nil, deeds.isEmpty {
      lines.append("no package ships it: it is there to hold what does")
    }
    return lines + history(account.deeds)
  }

  /// `file of 6.8 MB, mode 0755, owner 0:0`
  private static func description(_ entry: FileEntry) -> String {
    let kind =
      switch entry.kind {
      case .directory: "directory"
      case .regular(let content, _): "file of \(byteText(Int64(content.count)))"
      case .symlink(let target): "link to \(String(decoding: target, as: UTF8.self))"
      case .characterDevice(let major, let minor): "character device \(major):\(minor)"
      case .blockDevice(let major, let minor): "block device \(major):\(minor)"
      case .fifo: "fifo"
      }
    let digits = String(entry.mode, radix: 8)
    let mode = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    let attributes = entry.xattrs.keys.sorted().joined(separator: ", ")
    return "\(kind), mode \(mode), owner \(entry.uid):\(entry.gid)"
      + (attributes.isEmpty ? "" : ", with \(attributes)")
  }

  private func destination(_ account: PathAccount) -> String {
    guard let destination = account.destination else { return "leads in a circle" }
    guard destination.isThere else {
      return "leads to \(destination.path), which is not in the image"
    }
    return "leads to \(destination.path), "
      + (destination.package.map { "of \($0)" } ?? "which no package ships")
  }

  private func list(_ holdings: DirectoryHoldings) -> [String] {
    let packages = holdings.shares.count { $0.package != nil }
    let of = packages == 1 ? "1 package" : "\(packages) packages"
    guard holdings.files > 0 else { return ["holds no files"] + dropped(holdings) }
    let head =
      "holds \(Self.files(holdings.files)), \(byteText(holdings.size))"
      + (packages == 0 ? "" : ", of \(of)") + ":"
    let rest = holdings.shares.count - Self.maximumShares
    return [head]
      + holdings.shares.prefix(Self.maximumShares).map { share in
        "  \(share.package ?? "no package"): \(Self.files(share.files)), \(byteText(share.size))"
      } + (rest > 0 ? ["  and \(rest) more"] : []) + dropped(holdings)
  }

  private func dropped(_ holdings: DirectoryHoldings) -> [String] {
    guard !holdings.dropped.isEmpty else { return [] }
    let rules = holdings.dropped.map { "\($0.rule) \($0.count)" }.joined(separator: ", ")
    return ["paths dropped below it, by rule: \(rules)"]
  }

  private static func files(_ count: Int) -> String { count == 1 ? "1 file" : "\(count) files" }

  /// The package and how it came in; nothing where no package ships the path.
  private func shipment(_ package: String?) -> [String] {
    guard let package else { return [] }
    let definition = recipe.definition.substituted(for: composition.platform)
    guard let lock, let chain = PackageChain(to: package, in: lock, of: definition) else {
      return ["shipped by \(package)"]
    }
    return ["shipped by \(package) \(chain.package.version) of \(chain.package.suite):"]
      + [chain.request ?? "no line of the recipe leads to it"].map { "  " + $0 }
      + chain.steps.map { "    " + $0 }
  }

  private func history(_ deeds: [Ledger.Record]) -> [String] {
    guard !deeds.isEmpty else { return [] }
    return ["what touched it:"]
      + deeds.map { deed in
        let place = place(of: deed).map { " (\($0))" } ?? ""
        return "  \(deed.rule) \(deed.action.rawValue) it: \(deed.reason)\(place)"
      }
  }

  /// Where the recipe says so, of what the recipe itself puts there.
  private func place(of deed: Ledger.Record) -> SourceLocation? {
    guard let path = TreePath(deed.path) else { return nil }
    let definition = recipe.definition.substituted(for: composition.platform)
    let places =
      switch deed.rule {
      case "recipe-paths": definition.paths.map { ($0.path, $0.location) }
      case "recipe-files": definition.contents.files.map { ($0.path, $0.location) }
      default: [(String, SourceLocation)]()
      }
    // The last one that covers a path has the last word.
    return places.last { TreePath($0.0).map(path.isWithin) == true }?.1
  }

  // MARK: why-not

  private func whyNot(_ account: PathAccount) -> (lines: [String], isFound: Bool) {
    switch account.state {
    case .present:
      let owner = account.package.map { ", shipped by \($0)" } ?? ""
      let line =
        "\(account.path): is in the image\(owner); \(command("why", account.path)) says how it got there"
      return ([line], false)
    case .dropped(let record): return (deed(account, record), true)
    case .unknown(let near): return (absence(account.asked, near), false)
    }
  }

  private func deed(_ account: PathAccount, _ record: Ledger.Record) -> [String] {
    let definition = recipe.definition.substituted(for: composition.platform)
    let summary = HardeningRules.all.first { $0.name == record.rule }.map {
      ", which \($0.summary)"
    }
    let kept = KeptPath(
      account.path, droppedBy: record, in: composition, of: definition)
    var lines = ["\(account.path): dropped by \(record.rule)\(summary ?? "")"]
    lines.append("reason: \(record.reason)")
    if account.asked != account.path {
      lines.append("asked for as \(account.asked), which leads there")
    }
    lines += shipment(account.package)
    let before = account.deeds.filter { $0 != record }
    lines += history(before)
    if !kept.recipeLines.isEmpty {
      lines.append("to keep it, add to \(recipe.path):")
      lines += kept.recipeLines.map { "  " + $0 }
    }
    return lines + kept.remarks
  }

  private func absence(_ asked: TreePath, _ near: [TreePath]) -> [String] {
    let advice =
      near.isEmpty
      ? "" : "; did you mean \(near.map(\.description).joined(separator: ", "))?"
    return [
      "\(asked): no package of the image ships it, and nothing else puts it there\(advice)",
      "which other packages of the archives would is not known: their Contents indexes are not read",
    ]
  }

  // MARK: Patterns

  private func matches(of pattern: PathPattern, _ kind: PathQuestion.Kind) -> Answer {
    let rows: [(path: String, detail: String)] =
      switch kind {
      case .why:
        composition.tree.sortedPaths.filter(pattern.matches).map { path in
          (path.description, composition.ledger.owners[path] ?? "no package")
        }
      case .whyNot:
        composition.ledger.records.filter { record in
          record.action == .dropped
            && TreePath(record.path).map { pattern.matches($0) && composition.tree[$0] == nil }
              == true
        }.map { ($0.path, "\($0.rule): \($0.reason)") }.sorted { $0.0 < $1.0 }
      }
    guard !rows.isEmpty else {
      let what = kind == .why ? "nothing in the image matches" : "nothing that was dropped matches"
      return Answer(text: text(["\(pattern): \(what) it"]), isFound: false)
    }
    let shown = rows.prefix(Self.maximumPaths)
    let width = min(60, shown.map(\.path.count).max() ?? 0)
    let lines = shown.map { row in
      row.path + String(repeating: " ", count: max(0, width - row.path.count)) + "  " + row.detail
    }
    let more = rows.count > shown.count ? ["and \(rows.count - shown.count) more"] : []
    return Answer(text: text(lines + more), isFound: true)
  }
}
