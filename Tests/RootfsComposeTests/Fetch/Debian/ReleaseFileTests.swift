import Testing

@testable import RootfsCompose

@Suite("Release files")
struct ReleaseFileTests {
  @Test(
    "A suite that is not automatic is preferred less, as apt does",
    arguments: [
      ("", 500), ("NotAutomatic: no\nButAutomaticUpgrades: yes\n", 500),
      ("ButAutomaticUpgrades: yes\n", 500), ("NotAutomatic: yes\n", 1),
      ("NotAutomatic: yes\nButAutomaticUpgrades: yes\n", 100),
    ])
  func priority(fields: String, expected: Int) throws {
    let text = """
      Suite: trixie-backports
      Date: Sat, 06 Sep 2025 10:00:00 UTC
      \(fields)SHA256:
       \(String(repeating: "0", count: 64)) 1 main/binary-amd64/Packages

      """
    #expect(try ReleaseFile(Array(text.utf8), subject: "InRelease").priority == expected)
  }
}
