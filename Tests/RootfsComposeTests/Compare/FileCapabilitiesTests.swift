import Testing

@testable import RootfsCompose

/// Capabilities as `setcap` writes them.
@Suite struct FileCapabilitiesTests {
  private func attribute(_ words: [UInt32]) -> [UInt8] {
    words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
  }

  @Test func revisionsAreRead() {
    #expect(FileCapabilities.text(attribute([0x0200_0001, 1 << 13, 0, 0, 0])) == "cap_net_raw=ep")
    #expect(
      FileCapabilities.text(attribute([0x0200_0000, 0, 1 << 10 | 1, 0, 0]))
        == "cap_chown,cap_net_bind_service=i")
    #expect(
      FileCapabilities.text(attribute([0x0300_0000, 1, 0, 1 << 7, 0, 1000]))
        == "cap_chown,cap_bpf=p")
    #expect(
      FileCapabilities.text(attribute([0x0100_0001, 1 << 13, 1])) == "cap_chown=ei cap_net_raw=ep")
    #expect(FileCapabilities.text(attribute([0x0200_0000, 0, 0, 1 << 31, 0])) == "cap_63=p")
    #expect(FileCapabilities.text(attribute([0x0200_0000, 0, 0, 0, 0])) == "no capability")
  }

  @Test(arguments: [[], [1], [0, 0, 0, 2], [UInt8](repeating: 0xff, count: 20)])
  func otherBytesAreShownAsTheyAre(bytes: [UInt8]) {
    #expect(FileCapabilities.text(bytes).hasPrefix("unknown capabilities 0x"))
  }

  @Test func manyBytesAreCut() {
    #expect(FileCapabilities.text([UInt8](repeating: 0xab, count: 1 << 20)).count < 100)
  }
}
