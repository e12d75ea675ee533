import Testing

@testable import OCIImage

/// Values too large to be written whole in a test; the readers' own view is in ``TarReaderAgreementTests``.
@Suite struct TarHeaderTests {
  private func header(size: Int64) throws -> [UInt8] {
    try TarHeader.encode(TarEntry(path: [0x61], kind: .regular(size: size), mode: 0o644))
  }

  @Test func sizeOf8GiBNeedsAPaxRecord() throws {
    #expect(try header(size: (8 << 30) - 1).count == 512)
    let bytes = try header(size: 8 << 30)
    #expect(bytes.count == 3 * 512)
    #expect(bytes[512...].prefix(20).elementsEqual("19 size=8589934592\n\u{0}".utf8))
  }

  /// The length of a pax record counts its own digits, which is where implementations go wrong.
  @Test(arguments: [85, 86, 87, 88, 89, 90, 91, 980, 990, 991, 992, 993, 994])
  func paxRecordsKnowTheirLength(count: Int) throws {
    let path = [UInt8](repeating: 0x61, count: count)
    var records = PaxRecords()
    records.add("path", path, isText: true)
    let body = Array(try records.encode(subject: "x").dropFirst(512))
    let text = String(decoding: body.prefix { $0 != 0 }, as: UTF8.self)
    let length = try #require(Int(text.prefix { $0 != " " }))
    #expect(length == text.utf8.count)
    #expect(text.hasSuffix("\n"))
  }

  @Test func longestUstarNameNeedsNoPaxRecord() throws {
    let path = [UInt8](repeating: 0x70, count: 155) + [0x2F] + [UInt8](repeating: 0x71, count: 100)
    let fits = TarEntry(path: path, kind: .regular(size: 0), mode: 0o644)
    #expect(try TarHeader.encode(fits).count == 512)
    let over = TarEntry(path: path + [0x71], kind: .regular(size: 0), mode: 0o644)
    #expect(try TarHeader.encode(over).count == 3 * 512)
    // As a directory its name gets a slash, which is one byte too many.
    #expect(
      try TarHeader.encode(TarEntry(path: path, kind: .directory, mode: 0o755)).count == 3 * 512)
  }

  /// OCI image-spec, layer.md, "Whiteouts": engines would delete a file of another layer instead of making this one.
  @Test(arguments: ["usr/.wh.bash", ".wh..wh..opq", ".wh.a/b"])
  func whiteoutsAreRefused(path: String) {
    let error = #expect(throws: OCIError.self) {
      try TarHeader.encode(
        TarEntry(path: Array(path.utf8), kind: .regular(size: 0), mode: 0o644))
    }
    #expect(
      error?.description
        == "/\(path): in a layer, a name that begins with \".wh.\" deletes a file below; rename it")
  }

  @Test func deviceNumbersThatTarCannotHoldAreRefused() {
    let error = #expect(throws: OCIError.self) {
      try TarHeader.encode(
        TarEntry(
          path: [0x61], kind: .blockDevice(major: 1, minor: .max), mode: 0o600))
    }
    #expect(error?.description == "/a: device number 1:4294967295 is too large for tar")
  }
}
