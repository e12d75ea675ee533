import Foundation
import OCIImage
import Testing

@Suite struct LayerWriterTests {
  @Test func diffIDIsOneWhateverTheCompression() throws {
    let sample = try SampleImage()
    let layers = try LayerCompression.allCases.map { try sample.smallLayer(compression: $0) }
    #expect(Set(layers.map(\.diffID)).count == 1)
    #expect(Set(layers.map(\.uncompressedSize)).count == 1)
    #expect(layers[0].diffID == layers[0].descriptor.digest)
    #expect(layers[0].uncompressedSize == layers[0].descriptor.size)
  }

  @Test(
    .enabled(if: HostProgram.isInstalled("gzip") && HostProgram.isInstalled("zstd")),
    arguments: [(LayerCompression.gzip, "gzip"), (.zstd, "zstd")])
  func packersReadTheirFormat(compression: LayerCompression, program: String) throws {
    let sample = try SampleImage()
    let layer = try sample.smallLayer(compression: compression)
    let path = sample.path("store/blobs/sha256/" + layer.descriptor.digest.hex)
    // gzip insists on its suffix.
    let copy = sample.path("layer.gz")
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    let test = try HostProgram.run(program, ["-t", copy])
    #expect(test.status == 0, "\(test.errors)")
    let unpacked = try HostProgram.run(program, ["-dc", copy])
    #expect(Digest.sha256(of: unpacked.output) == layer.diffID)
  }

  @Test func gzipHeaderTellsNothingOfTheMachine() throws {
    let sample = try SampleImage()
    let layer = try sample.smallLayer()
    let bytes = try sample.directory.read("store/blobs/sha256/" + layer.descriptor.digest.hex)
    // RFC 1952: magic, deflate, no flags, time 0, no extra flags, system unknown.
    #expect(Array(bytes.prefix(10)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
  }

  /// The digest was worked out by a program of its own, from the format's description.
  @Test func archiveBytesAreFixed() throws {
    let sample = try SampleImage()
    let layer = try sample.layer(
      [
        .directory("etc"), .file("etc/hello", Array("hello\n".utf8)),
        .init(
          TarEntry(
            path: Array("bücher".utf8), kind: .symlink(target: [0x61]), mode: 0o777,
            mtime: 1_700_000_000, xattrs: ["user.b": [2], "user.a": [1]])),
      ], compression: .none)
    #expect(layer.uncompressedSize == 512 + 1024 + 1024 + 512 + 1024)
    #expect(
      layer.diffID.description
        == "sha256:13c36b567267b02d38a776864f2e8121a459caf43f6748721e576fa3f06ed7cf")
  }

  private struct Unreadable: Error {}

  @Test(arguments: LayerCompression.allCases)
  func contentThatCannotBeReadEndsTheLayer(compression: LayerCompression) throws {
    let sample = try SampleImage()
    let entry = TarEntry(path: [0x61], kind: .regular(size: 5 << 20), mode: 0o644)
    var writer = try LayerWriter(blobs: sample.blobs, compression: compression)
    var failed = false
    do {
      try writer.append(entry) { buffer, offset in
        if offset > 0 { throw Unreadable() }
        buffer.initializeMemory(as: UInt8.self, repeating: 1)
      }
    } catch is Unreadable {
      failed = true
    }
    #expect(failed)
    var finished: OCIError?
    do throws(OCIError) { _ = try writer.finish() } catch { finished = error }
    #expect(finished?.code == .invalidEntry)
    #expect(try sample.directory.names("store/ingest") == [])
    #expect(try sample.directory.names("store/blobs/sha256") == [])
  }

  @Test func layerWithAFailedEntryCannotBeFinished() throws {
    let sample = try SampleImage()
    var writer = try LayerWriter(blobs: sample.blobs, compression: .gzip)
    let failed: OCIError?
    do throws(OCIError) {
      try writer.append(TarEntry(path: [0x61], kind: .regular(size: 5), mode: 0o644))
      failed = nil
    } catch {
      failed = error
    }
    #expect(failed?.code == .invalidEntry)
    var finished: OCIError?
    do throws(OCIError) { _ = try writer.finish() } catch { finished = error }
    #expect(finished?.code == .invalidEntry)
  }

  @Test(arguments: ["/etc", "a/../b", "a//b", "./a", "a/", "a\u{0}b"])
  func unsafePathsAreRefused(path: String) throws {
    let sample = try SampleImage()
    let error = #expect(throws: OCIError.self) {
      try sample.layer([.file(path, [])])
    }
    #expect(error?.code == .invalidEntry)
  }
}
