import Foundation
import OCIImage
import Testing

@Suite struct BlobStoreTests {
  private func bytes(_ store: BlobStore, _ descriptor: Descriptor) throws -> [UInt8] {
    var read = [UInt8]()
    try store.read(descriptor) { read.append(contentsOf: $0) }
    return read
  }

  @Test func storedBytesComeBack() throws {
    let directory = try TemporaryDirectory()
    let store = try BlobStore(directory: directory.path + "/deep/store")
    let content = [UInt8](repeating: 3, count: 3_000_001)
    let descriptor = try store.store(content, mediaType: MediaType.layerTar)
    #expect(store.contains(descriptor))
    #expect(descriptor.digest == .sha256(of: content))
    #expect(try bytes(store, descriptor) == content)
    #expect(try bytes(store, try store.store([], mediaType: "x")) == [])
    #expect(try directory.names("deep/store/ingest") == [])
    #expect(try directory.mode("deep/store/blobs/sha256/" + descriptor.digest.hex) == 0o644)
  }

  @Test func damagedBlobIsRefusedAndReplacedByTheNextIngest() throws {
    let directory = try TemporaryDirectory()
    let store = try BlobStore(directory: directory.path)
    let descriptor = try store.store([1, 2, 3], mediaType: "x")
    let name = "blobs/sha256/" + descriptor.digest.hex
    try directory.write(name, [1, 2, 4])
    let flipped = #expect(throws: OCIError.self) { try bytes(store, descriptor) }
    #expect(flipped?.code == .digestMismatch)
    #expect(
      flipped?.description == "\(directory.path)/\(name): damaged: expected \(descriptor.digest), "
        + "found \(Digest.sha256(of: [1, 2, 4])); delete it and make it again")
    try directory.write(name, [1, 2])
    #expect(!store.contains(descriptor))
    let short = #expect(throws: OCIError.self) { try bytes(store, descriptor) }
    #expect(short?.code == .digestMismatch)
    _ = try store.store([1, 2, 3], mediaType: "x")
    #expect(try bytes(store, descriptor) == [1, 2, 3])
  }

  @Test func storeThatCannotBeMadeSaysWhy() throws {
    let directory = try TemporaryDirectory()
    try directory.write("file", [])
    let path = directory.path + "/file/store"
    let error = #expect(throws: OCIError.self) { try BlobStore(directory: path) }
    #expect(error?.code == .storeUnwritable)
    #expect(
      error?.description
        == "\(path)/blobs/sha256: cannot make the store's directory: Not a directory")
  }

  @Test func missingBlobIsNotFound() throws {
    let directory = try TemporaryDirectory()
    let store = try BlobStore(directory: directory.path)
    let descriptor = Descriptor(mediaType: "x", digest: .sha256(of: [9]), size: 1)
    #expect(throws: OCIError.self) { try bytes(store, descriptor) }
    #expect(!store.contains(descriptor))
  }

  @Test func abandonedWriterLeavesNothing() throws {
    let directory = try TemporaryDirectory()
    let store = try BlobStore(directory: directory.path)
    do {
      var writer = try LayerWriter(blobs: store, compression: .gzip)
      try writer.append(TarEntry(path: [0x61], kind: .directory, mode: 0o755))
      #expect(try directory.names("ingest").count == 1)
    }
    #expect(try directory.names("ingest") == [])
  }

  @Test func leftoversOfKilledProcessesGoAndThoseOfLivingOnesStay() throws {
    let directory = try TemporaryDirectory()
    let store = try BlobStore(directory: directory.path)
    try directory.write("ingest/blob-abc123", [1])
    try directory.write("ingest/notes", [1])
    var writer = try LayerWriter(blobs: store, compression: .none)
    let second = try BlobStore(directory: directory.path)
    #expect(try directory.names("ingest").count == 2)
    #expect(try directory.names("ingest").contains("notes"))
    #expect(try !directory.names("ingest").contains("blob-abc123"))
    try writer.append(TarEntry(path: [0x61], kind: .directory, mode: 0o755))
    let layer = try writer.finish()
    #expect(second.contains(layer.descriptor))
  }

  @Test func manyWritersOfOneBlobAgree() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path
    let content = (0..<400_000).map { UInt8(truncatingIfNeeded: $0) }
    let digests = try await withThrowingTaskGroup(of: Digest.self) { group in
      for _ in 0..<8 {
        group.addTask {
          try BlobStore(directory: path).store(content, mediaType: "x").digest
        }
      }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(digests == [.sha256(of: content)])
    #expect(try directory.names("ingest") == [])
    #expect(try directory.names("blobs/sha256") == digests.map(\.hex))
  }
}
