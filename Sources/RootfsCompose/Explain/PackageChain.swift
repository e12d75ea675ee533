import PkgResolve

/// How a locked package came into an image: from a line of the recipe, dependency by dependency.
///
/// Told from the reasons and choices that the lock records, so that it holds for the packages of the lock whatever the
/// archives have now.
public struct PackageChain: Sendable, Equatable {
  public let package: Lockfile.Package
  /// `python.yaml:14:7: python3`; nil where the lock's reasons lead to no line of the recipe.
  public let request: String?
  /// `python3 3.13.5-1 depends on python3.13 (>= 3.13.5-1~)`, from the request on.
  public let steps: [String]

  /// nil where the lock has no such package.
  public init?(to name: String, in lock: Lockfile.PlatformLock, of definition: Definition) {
    let packages = Dictionary(lock.packages.map { ($0.name, $0) }) { first, _ in first }
    guard let target = packages[name] else { return nil }
    package = target
    var steps = [String]()
    var current = target
    var seen: Set<String> = [name]
    while let (dependent, step) = Self.step(to: current, packages, lock.choices ?? []) {
      steps.append(step)
      guard let next = packages[dependent], seen.insert(dependent).inserted else { break }
      current = next
    }
    self.steps = steps.reversed()
    request = Self.request(for: current, definition, lock.choices ?? [])
  }

  private static let dependency = " depends on "
  private static let condition = "install_if: "

  /// What brought a package in, and the sentence that says so; nil where it was requested.
  private static func step(
    to package: Lockfile.Package, _ packages: [String: Lockfile.Package],
    _ choices: [Lockfile.Choice]
  ) -> (dependent: String, text: String)? {
    let reason = package.reason
    if reason.hasPrefix(condition) {
      let first = reason.dropFirst(condition.count).prefix { $0 != "," && $0 != " " }
      return (String(first), "\(package.name) comes in by its \(reason)")
    }
    let words = reason.split(separator: " ", maxSplits: 1)
    guard let dependent = words.first.map(String.init), reason.hasPrefix(dependent + dependency)
    else { return nil }
    let relation = String(reason.dropFirst(dependent.count + dependency.count))
    let version = packages[dependent].map { " " + $0.version } ?? ""
    var text = "\(dependent)\(version) depends on \(relation)"
    if !names(in: relation).contains(package.name) { text += ", which \(package.name) provides" }
    let choice = choices.first {
      $0.package == dependent && $0.relation == relation && $0.chosen == package.name
    }
    if let choice, !choice.others.isEmpty {
      let shown = choice.others.prefix(4).joined(separator: ", ")
      let more = choice.others.count > 4 ? " and more" : ""
      text += " (\(package.name) over \(shown)\(more): \(choice.reason))"
    }
    return (dependent, text)
  }

  /// The words of a relation that may be package names.
  private static func names(in relation: String) -> Set<String> {
    Set(
      relation.split { !($0.isASCII && ($0.isLetter || $0.isNumber) || "+-._".contains($0)) }
        .map(String.init))
  }

  private static func request(
    for package: Lockfile.Package, _ definition: Definition, _ choices: [Lockfile.Choice]
  ) -> String? {
    // A virtual name was asked for where the package's own is not.
    let virtual = choices.filter { $0.package == nil && $0.chosen == package.name }.map(\.relation)
    let entries = definition.contents.packages.filter { !$0.value.hasPrefix("!") }
    let entry =
      entries.first { HardeningPolicy.requestedPackages([$0.value]).contains(package.name) }
      ?? entries.first { virtual.contains($0.value) }
    guard let entry else { return nil }
    let takes = virtual.contains(entry.value) ? ", takes \(package.name)" : ""
    return "\(entry.location): \(entry.value)\(takes)"
  }
}
