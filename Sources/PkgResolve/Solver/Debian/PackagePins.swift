/// Which suites packages are preferred from.
///
/// Of the pins that name packages the first that fits stands; where there is none, the first that names no package;
/// else what the suite itself says (``PackageOrigin/priority``).
/// Source: apt_preferences(5), "Assigning Priorities"; the specific form before the general one.
public struct PackagePins: Sendable, Equatable {
  public struct Pin: Sendable, Equatable {
    /// `trixie-backports`.
    public let suite: String
    /// Names, in which `*` stands for any letters; all packages where empty.
    public let packages: [String]
    /// Packages of a higher priority are taken even where they are older; those below 0 are never taken.
    public let priority: Int

    public init(suite: String, packages: [String] = [], priority: Int) {
      self.suite = suite
      self.packages = packages
      self.priority = priority
    }
  }

  public let pins: [Pin]

  public init(_ pins: [Pin] = []) { self.pins = pins }

  func priority(of name: String, from origin: PackageOrigin) -> Int {
    guard !pins.isEmpty else { return origin.priority }
    let here = pins.filter { $0.suite == origin.suite }
    let specific = here.first { $0.packages.contains { Self.matches($0.utf8, name.utf8) } }
    return (specific ?? here.first { $0.packages.isEmpty })?.priority ?? origin.priority
  }

  /// Whether a name is of a form in which `*` stands for any letters.
  private static func matches(_ pattern: String.UTF8View, _ name: String.UTF8View) -> Bool {
    let pattern = Array(pattern)
    let name = Array(name)
    var (p, n) = (0, 0)
    // Where the last star stood, and how much of the name it stands for so far.
    var star: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        star = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == name[n] {
        p += 1
        n += 1
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        p = last.pattern + 1
        n = last.name + 1
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
