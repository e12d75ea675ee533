/// The platform an image is for.
///
/// Source: OCI image-spec, image-index.md, `platform`.
public struct Platform: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// GOARCH: `amd64`, `arm64`.
  public let architecture: String
  /// GOOS: `linux`.
  public let os: String
  /// The CPU variant (`v7` for 32-bit ARM); `v8` for arm64, which has no other.
  ///
  /// Source: OCI image-spec, image-index.md, "Platform Variants".
  public let variant: String?

  public init(os: String, architecture: String, variant: String? = nil) {
    self.os = os
    self.architecture = architecture
    // An arm64 image whose tool left the variant out is the same platform as one that names v8.
    self.variant = variant ?? (architecture == "arm64" ? "v8" : nil)
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

  /// `linux/amd64`, with the variant where it is not the only one: `linux/arm/v7`.
  public var description: String {
    let plain = os + "/" + architecture
    guard let variant, !(architecture == "arm64" && variant == "v8") else { return plain }
    return plain + "/" + variant
  }

  public static func < (left: Platform, right: Platform) -> Bool {
    left.description < right.description
  }

  private enum CodingKeys: String, CodingKey {
    case architecture, os, variant
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      os: try container.decode(String.self, forKey: .os),
      architecture: try container.decode(String.self, forKey: .architecture),
      variant: try container.decodeIfPresent(String.self, forKey: .variant))
  }
}
