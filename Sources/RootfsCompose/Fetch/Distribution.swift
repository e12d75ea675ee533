/// A release of a distribution that images are composed from.
public struct Distribution: Hashable, Sendable, CustomStringConvertible {
  /// `debian-13`: what recipes name it by.
  public let identifier: String
  /// `trixie`
  public let codename: String
  /// `13`
  public let version: String

  public static let debian12 = Distribution(
    identifier: "debian-12", codename: "bookworm", version: "12")
  public static let debian13 = Distribution(
    identifier: "debian-13", codename: "trixie", version: "13")

  /// All that can be composed, oldest first.
  public static let known = [debian12, debian13]

  public var description: String { identifier }

  /// The suites that the name of the distribution implies, the main one first.
  public var suites: [String] { [codename, updatesSuite, securitySuite] }

  public var updatesSuite: String { codename + "-updates" }
  public var securitySuite: String { codename + "-security" }

  /// The components that the name of the distribution implies.
  public var components: [String] { ["main"] }

  /// The components that Debian's archive has. Source: Debian Policy §2.2.
  public static let archiveComponents: Set<String> = [
    "main", "contrib", "non-free", "non-free-firmware",
  ]

  /// Files below /usr/share/keyrings with the keys of the archive, the one to prefer first.
  public var keyringFiles: [String] {
    [
      "debian-archive-keyring.gpg", "debian-archive-keyring.pgp",
      "debian-archive-\(codename)-automatic.gpg",
      "debian-archive-\(codename)-security-automatic.gpg", "debian-archive-\(codename)-stable.gpg",
    ]
  }

  /// Whether a source has only this distribution's own suites and components.
  func owns(suite: String, components: [String]) -> Bool {
    let own = suites + [codename + "-proposed-updates", codename + "-backports"]
    return own.contains(suite) && components.allSatisfy(Self.archiveComponents.contains)
  }

  /// The distribution with an identifier.
  ///
  /// Throws ``ComposeError`` with the code `invalidRecipe`, its subject `subject`, where it is unknown.
  public static func named(
    _ identifier: String, subject: String = "distribution"
  ) throws(ComposeError) -> Distribution {
    if let distribution = known.first(where: { $0.identifier == identifier }) {
      return distribution
    }
    if identifier.hasPrefix("alpine") {
      throw ComposeError(
        .unsupportedRecipe, subject,
        "Alpine images (\"\(identifier)\") cannot be composed yet; this version composes "
          + list(known))
    }
    throw ComposeError(
      .invalidRecipe, subject,
      "unknown distribution \"\(identifier)\"; expected \(list(known))")
  }

  private static func list(_ all: [Distribution]) -> String {
    all.map(\.identifier).joined(separator: " or ")
  }
}
