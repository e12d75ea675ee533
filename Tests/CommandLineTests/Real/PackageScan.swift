import FoundationEssentials
import TestSupport

/// What syft finds in an image layout.
struct PackageScan: Decodable {
  struct Artifact: Decodable {
    let name: String
    let version: String
    let type: String
  }
  struct Distribution: Decodable { let id: String }

  private let artifacts: [Artifact]
  private let distro: Distribution

  static let isPossible = HostProgram.find("syft") != nil

  init(layout: String) throws {
    guard let syft = HostProgram.find("syft") else { throw TestSupportError("syft is missing") }
    let scan = try syft.check(
      ["scan", "oci-dir:" + layout, "--output", "json", "--quiet"],
      environment: ["SYFT_CHECK_FOR_APP_UPDATE": "false"])
    self = try JSONDecoder().decode(Self.self, from: Data(scan.standardOutput))
  }

  /// `debian`, `alpine`
  var distribution: String { distro.id }

  /// `name=version` of the packages of a type, `deb` or `apk`, sorted.
  func packages(ofType type: String) -> [String] {
    artifacts.filter { $0.type == type }.map { "\($0.name)=\($0.version)" }.sorted()
  }
}
