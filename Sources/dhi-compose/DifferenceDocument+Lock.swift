import PkgResolve
import RootfsCompose

extension DifferenceDocument {
  /// Two locks.
  init(_ difference: LockDifference, names: (String, String)) {
    title = Cell(foreign: "\(names.0) → \(names.1)")
    conclusion = Self.conclusion(difference)
    sections = Self.sections(difference, names: names)
  }

  static func conclusion(_ difference: LockDifference) -> String {
    guard difference.isEmpty else {
      let packages = difference.platforms.map { platform in
        let changes = counts(of: platform.packages) + securityCount(platform.packages)
        return (difference.platforms.count > 1 ? "\(platform.platform): " : "")
          + (changes.isEmpty ? "no package differs" : changes.joined(separator: ", "))
      }
      let settings = difference.settings.count
      return (packages + (settings > 0 ? [counted(settings, "setting") + " changed"] : []))
        .joined(separator: "; ")
    }
    return "nothing differs"
      + (difference.origins.isEmpty
        ? "" : " but what the locks were made with")
  }

  private static func securityCount(_ packages: [PackageDifference]) -> [String] {
    let count = packages.count(where: \.isSecurityUpdate)
    return count == 0 ? [] : ["\(count) of them from a security suite"]
  }

  static func sections(_ difference: LockDifference, names: (String, String)) -> [Section] {
    var sections = difference.platforms.filter { !$0.packages.isEmpty }.map { platform in
      let (old, new) = (platform.before, platform.after)
      let summary = Table(
        title: "summary", columns: ["", "before", "after", "change"],
        rows: [
          [
            "packages", "\(old.packages)", "\(new.packages)",
            Cell(own: signed(new.packages - old.packages)),
          ],
          [
            "packed", Cell(own: byteText(old.packed)), Cell(own: byteText(new.packed)),
            Cell(own: signedBytes(new.packed - old.packed)),
          ],
        ])
      return Section(
        heading: Cell(foreign: platform.platform),
        tables: [summary] + packages(platform.packages, size: "packed"))
    }
    sections += alone(difference.onlyBefore, names.0) + alone(difference.onlyAfter, names.1)
    let rest =
      settings(difference.settings, "recipe and image")
      + settings(difference.origins, "made with (no difference)").map { table in
        var table = table
        table.isFolded = true
        return table
      }
    if !rest.isEmpty { sections.append(Section(tables: rest)) }
    return sections
  }

  /// Two recipes.
  init(_ difference: RecipeDifference, names: (String, String)) {
    title = Cell(foreign: "\(names.0) → \(names.1)")
    let entries = difference.entries
    conclusion =
      entries.isEmpty
      ? "nothing differs but comments and layout, if anything"
      : [RecipeDifference.Change.added, .removed, .changed, .reordered].compactMap { change in
        let count = entries.count { $0.change == change }
        return count == 0 ? nil : "\(count) \(change.rawValue)"
      }.joined(separator: ", ")
    guard !entries.isEmpty else {
      sections = []
      return
    }
    let table = Table(
      title: "recipe", columns: ["key", "change", "line", "before", "line", "after"],
      rows: entries.map { entry in
        func line(_ number: Int?) -> Cell { number.map { "\($0)" } ?? "" }
        return [
          Cell(foreign: entry.key), Cell(own: entry.change.rawValue), line(entry.lineBefore),
          Cell(foreign: entry.before), line(entry.lineAfter), Cell(foreign: entry.after),
        ]
      })
    sections = [Section(tables: [table])]
  }
}
