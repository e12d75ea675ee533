import PkgResolve
import RootfsCompose

extension DifferenceDocument {
  /// `2 packages upgraded, 1 added`.
  static func counts(of packages: [PackageDifference]) -> [String] {
    let kinds: [PackageDifference.Change] = [
      .added, .removed, .upgraded, .downgraded, .changed, .replaced,
    ]
    return kinds.compactMap { kind in
      let count = packages.count { $0.change == kind }
      return count == 0 ? nil : counted(count, "package") + " " + kind.rawValue
    }
  }

  /// Updates from a security suite first, then by name.
  ///
  /// - Parameter size: what the sizes are: `packed`, `installed`.
  static func packages(_ packages: [PackageDifference], size: String) -> [Table] {
    guard !packages.isEmpty else { return [] }
    let hasSuites = packages.contains { ($0.after ?? $0.before)?.suite != nil }
    let sorted = packages.filter(\.isSecurityUpdate) + packages.filter { !$0.isSecurityUpdate }
    return [
      Table(
        title: "packages",
        columns: ["package", "change", "before", "after", size] + (hasSuites ? ["from"] : []),
        rows: sorted.map { package in
          [
            Cell(foreign: package.name), Cell(own: package.change.rawValue),
            Cell(foreign: text(package.before, package.after)),
            Cell(foreign: text(package.after, package.before)),
            Cell(own: signedBytes(package.sizeChange)),
          ] + (hasSuites ? [origin(of: package)] : [])
        })
    ]
  }

  private static func text(
    _ side: PackageDifference.Side?, _ other: PackageDifference.Side?
  ) -> String? {
    guard let side else { return nil }
    let differs = other.map { $0.architecture != side.architecture } ?? false
    return side.version + (differs ? " (\(side.architecture))" : "")
  }

  private static func origin(of package: PackageDifference) -> Cell {
    guard let suite = package.after?.suite else { return "" }
    return Cell(foreign: suite + (package.isSecurityUpdate ? " (security)" : ""))
  }

  static func settings(_ settings: [SettingDifference], _ title: String) -> [Table] {
    guard !settings.isEmpty else { return [] }
    return [
      Table(
        title: title, columns: ["setting", "before", "after"],
        rows: settings.map {
          [
            Cell(foreign: $0.name), Cell(foreign: shortened($0.before)),
            Cell(foreign: shortened($0.after)),
          ]
        })
    ]
  }

  /// A value that is a digest, cut so that two fit a line.
  private static func shortened(_ value: String?) -> String? {
    value.map { $0.hasPrefix("sha256:") && $0.count == 71 ? short($0) : $0 }
  }
}
