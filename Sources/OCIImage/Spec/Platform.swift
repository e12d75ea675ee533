/// The platform an image is for.
///
/// Source: OCI image-spec, image-index.md, `platform`.
public struct Platform: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// GOARCH: `amd64`, `arm64`.
  public let architecture: String
  /// GOOS: `linux`.
  public let os: String

  public init(os: String, architecture: String) {
    self.os = os
    self.architecture = architecture
  }

  public static let linuxAMD64 = Platform(os: "linux", architecture: "amd64")
  public static let linuxARM64 = Platform(os: "linux", architecture: "arm64")

  /// The platforms that can be composed, in the order they stand in an index.
  public static let supported: [Platform] = [.linuxAMD64, .linuxARM64]

  /// Reads `linux/amd64` or `linux/arm64`; nil for anything else.
  public init?(_ text: String) {
    guard let platform = Self.supported.first(where: { $0.description == text }) else {
      return nil
    }
    self = platform
  }

  public var description: String { os + "/" + architecture }

  public static func < (left: Platform, right: Platform) -> Bool {
    left.description < right.description
  }
}
