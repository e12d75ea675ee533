import OCIImage

/// A release of a distribution that images are composed from.
public struct Distribution: Hashable, Sendable, CustomStringConvertible {
  /// Whose packages and archives a distribution has.
  public enum Family: Hashable, Sendable {
    case debian, alpine

    /// The family's name of a platform's architecture: `amd64`, `x86_64`.
    func architecture(of platform: Platform) -> String {
      switch (self, platform.architecture) {
      case (.debian, let name): name
      case (.alpine, "amd64"): "x86_64"
      case (.alpine, "arm64"): "aarch64"
      case (.alpine, let name): name
      }
    }
  }

  public let family: Family
  /// `debian-13`, `alpine-3.22`: what recipes name it by.
  public let identifier: String
  /// `trixie`; for Alpine, the branch: `v3.22`.
  public let codename: String
  /// `13`, `3.22`
  public let version: String

  public static let debian12 = Distribution(
    family: .debian, identifier: "debian-12", codename: "bookworm", version: "12")
  public static let debian13 = Distribution(
    family: .debian, identifier: "debian-13", codename: "trixie", version: "13")

  /// Debian's that can be composed, oldest first. Of Alpine, every version 3 can.
  public static let known = [debian12, debian13]

  /// A version of Alpine: `3.22`.
  public static func alpine(_ version: String) -> Distribution {
    Distribution(
      family: .alpine, identifier: "alpine-" + version, codename: "v" + version, version: version)
  }

  public var description: String { identifier }

  /// The distribution's name of a platform's architecture: `amd64`, `x86_64`.
  public func architecture(of platform: Platform) -> String {
    family.architecture(of: platform)
  }

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
    let alpine = "alpine-3."
    if identifier.hasPrefix(alpine) {
      let minor = identifier.utf8.dropFirst(alpine.utf8.count)
      if (1...3).contains(minor.count), minor.allSatisfy({ (0x30...0x39).contains($0) }) {
        return Self.alpine(String(identifier.dropFirst("alpine-".count)))
      }
    }
    let names = known.map(\.identifier).joined(separator: ", ")
    throw ComposeError(
      .invalidRecipe, subject,
      "unknown distribution \"\(identifier)\"; expected \(names), or an Alpine 3.x release such as alpine-3.22"
        + (identifier.hasPrefix("alpine")
          ? " (edge is no release: name it as a repository with a tag)" : ""))
  }
}
