import Testing

@testable import RootfsCompose

/// Libraries are input too: nothing that claims to be one may crash the reader.
struct ELFLibraryTests {
  /// A minimal 64-bit library whose one segment holds everything, with `DT_STRTAB` and `DT_SONAME`.
  private func library(soname: String, change: (inout [UInt8]) -> Void = { _ in }) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 240)
    func put(_ value: UInt64, _ offset: Int, _ size: Int) {
      for index in 0..<size {
        bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
      }
    }
    bytes.replaceSubrange(0..<6, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1])
    put(3, 16, 2)
    put(62, 18, 2)
    put(64, 32, 8)
    put(56, 54, 2)
    put(2, 56, 2)
    put(1, 64, 4)
    put(0x1000, 80, 8)
    put(512, 96, 8)
    put(2, 120, 4)
    put(176, 128, 8)
    put(48, 152, 8)
    put(5, 176, 8)
    put(0x1000 + 224, 184, 8)
    put(14, 192, 8)
    put(1, 200, 8)
    bytes.replaceSubrange(225..<240, with: [UInt8](repeating: 0, count: 15))
    bytes = Array(bytes.prefix(225)) + Array(soname.utf8) + [0]
    change(&bytes)
    return bytes
  }

  @Test func readsTheName() {
    let found = ELFLibrary(library(soname: "libdemo.so.1"))
    #expect(found?.soname == "libdemo.so.1")
    #expect(found?.machine == 62)
  }

  @Test func survivesEveryDamage() {
    let whole = library(soname: "libdemo.so.1")
    var read = 0
    for offset in whole.indices {
      for value: UInt8 in [0x00, 0x7f, 0x80, 0xff] {
        var bytes = whole
        bytes[offset] = value
        if ELFLibrary(bytes) != nil { read += 1 }
        for next in offset..<min(offset + 8, bytes.count) { bytes[next] = value }
        if ELFLibrary(bytes)?.soname == "libdemo.so.1" { read += 1 }
      }
      #expect(ELFLibrary(Array(whole.prefix(offset)))?.soname != "libdemo.so.1")
    }
    #expect(read > 0)
  }
}
