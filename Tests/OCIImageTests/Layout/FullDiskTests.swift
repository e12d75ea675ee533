import Foundation
import OCIImage
import Testing

/// What happens where the file system is full: a tiny tmpfs, which only root may mount.
@Suite(.serialized) struct FullDiskTests {
  /// A mounted tmpfs.
  private final class SmallDisk {
    let path: String

    init?(_ directory: TemporaryDirectory, kilobytes: Int) {
      path = directory.path + "/disk"
      try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      let arguments = ["-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path]
      guard (try? HostProgram.run("mount", arguments).status) == 0 else { return nil }
    }

    deinit { _ = try? HostProgram.run("umount", [path]) }
  }

  private static let canMount: Bool = {
    guard geteuid() == 0, let directory = try? TemporaryDirectory() else { return false }
    return SmallDisk(directory, kilobytes: 64) != nil
  }()

  @Test(.enabled(if: canMount), arguments: ["layout", "archive", "docker", "tar"])
  func outputIsAbsentAndTheReasonClear(form: String) throws {
    let sample = try SampleImage()
    let image = try sample.image(compression: .none)
    let disk = try #require(SmallDisk(sample.directory, kilobytes: 256))
    let path = disk.path + "/deep/out"
    let destination: ImageDestination =
      switch form {
      case "layout": .layout(path)
      case "archive": .archive(path)
      case "docker": .dockerArchive(path)
      default: .tar(path)
      }
    let error = #expect(throws: OCIError.self) { try image.write(to: destination) }
    #expect(
      error?.description == "\(path): cannot write: no space left on the file system; free some, "
        + "or choose another directory")
    #expect(error?.code == .noSpace)
    #expect(try sample.directory.names("disk") == [])
  }

  @Test(.enabled(if: canMount), arguments: LayerCompression.allCases)
  func layerIsGivenUpWhicheverThreadWrites(compression: LayerCompression) throws {
    let sample = try SampleImage()
    let disk = try #require(SmallDisk(sample.directory, kilobytes: 2048))
    let store = try BlobStore(stagingIn: disk.path)
    let executor = ThreadExecutor(threads: 2)
    let error = #expect(throws: OCIError.self) {
      var writer = try LayerWriter(blobs: store, compression: compression, executor: executor)
      for member in LayerMembersTests.members { try writer.append(member) }
      _ = try writer.finish()
    }
    #expect(error?.code == .noSpace)
    #expect(try FileManager.default.contentsOfDirectory(atPath: store.directory + "/ingest") == [])
  }

  @Test(.enabled(if: canMount))
  func storeIsLeftClean() throws {
    let sample = try SampleImage()
    let disk = try #require(SmallDisk(sample.directory, kilobytes: 256))
    let store = try BlobStore(directory: disk.path + "/store")
    let error = #expect(throws: OCIError.self) {
      try store.store([UInt8](repeating: 1, count: 1 << 20), mediaType: "x")
    }
    #expect(error?.code == .noSpace)
    #expect(error?.description.hasPrefix(disk.path + "/store: ") == true)
    #expect(try sample.directory.names("disk/store/ingest") == [])
    #expect(try sample.directory.names("disk/store/blobs/sha256") == [])
  }
}
