import Foundation
import OCIImage
import Testing

@Suite struct StagingTests {
  private let directory: TemporaryDirectory
  private var work: String { directory.path + "/work" }

  init() throws { directory = try TemporaryDirectory() }

  private func path(_ name: String) -> String { directory.path + "/" + name }

  /// An image whose blob store has gone out of scope: only the image refers to it.
  private func image(_ compression: LayerCompression = .none) throws -> Image {
    let sample = try SampleImage(blobs: BlobStore(stagingIn: work))
    return try sample.image(compression: compression)
  }

  private func layer(of image: Image) throws -> Descriptor {
    try #require(image.platformImages.first?.manifest.layers.first)
  }

  private func status(_ path: String) throws -> stat {
    var status = stat()
    try #require(stat(path, &status) == 0)
    return status
  }

  @Test func directoryGoesWithTheLastImage() throws {
    do {
      let image = try image()
      #expect(try directory.names("work").count == 1)
      let selected = try image.selecting(.linuxAMD64)
      try selected.write(to: .layout(path("out")))
      #expect(try directory.names("work").count == 1)
    }
    #expect(try directory.names("work") == [])
    _ = try Image(contentsOf: path("out"))
  }

  @Test func directoryThatIsDiscardedGoesAtOnce() throws {
    let blobs = try BlobStore(stagingIn: work)
    let image = try SampleImage(blobs: blobs).image(compression: .none)
    try image.write(to: .layout(path("out")))
    blobs.discard()
    #expect(try directory.names("work") == [])
    #expect(throws: OCIError.self) { try image.write(to: .layout(path("second"))) }
    #expect(try directory.names("") == ["out", "work"])
    _ = try Image(contentsOf: path("out"))
    blobs.discard()
  }

  @Test func layerBecomesPartOfTheLayoutWithoutACopy() throws {
    let digest: Digest
    do {
      let image = try image()
      digest = try layer(of: image).digest
      let staged = path("work/\(try directory.names("work")[0])/blobs/sha256/\(digest.hex)")
      try image.write(to: .layout(path("out")))
      let output = try status(path("out/blobs/sha256/" + digest.hex))
      #expect(try status(staged).st_ino == output.st_ino)
      #expect(output.st_mode & 0o7777 == 0o644)
      // A second output is independent of the first.
      try image.write(to: .layout(path("second")))
      #expect(try status(path("second/blobs/sha256/" + digest.hex)).st_ino != output.st_ino)
    }
    #expect(try status(path("out/blobs/sha256/" + digest.hex)).st_nlink == 1)
    for name in ["out", "second"] {
      try Image(contentsOf: path(name)).write(to: .archive(path(name + ".tar")))
    }
    #expect(try directory.read("out.tar") == directory.read("second.tar"))
  }

  @Test func layerThatIsMadeAgainIsLinkedAgain() throws {
    let sample = try SampleImage(blobs: BlobStore(stagingIn: work))
    var inodes = Set<UInt64>()
    for name in ["first", "second"] {
      let image = try sample.image(compression: .none)
      try image.write(to: .layout(path(name)))
      let file = try status(path("\(name)/blobs/sha256/\(layer(of: image).digest.hex)"))
      inodes.insert(UInt64(file.st_ino))
      #expect(file.st_nlink == 2)
    }
    #expect(inodes.count == 2)
  }

  @Test(.enabled(if: FileManager.default.isWritableFile(atPath: "/dev/shm")))
  func layoutOnAnotherFileSystemIsACopy() throws {
    let other = "/dev/shm/oci-image-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: other) }
    let digest: Digest
    do {
      let image = try image()
      digest = image.digest
      try image.write(to: .layout(other + "/out"))
      // What could not be linked there can be linked here.
      try image.write(to: .layout(path("out")))
      #expect(try status(path("out/blobs/sha256/" + layer(of: image).digest.hex)).st_nlink == 2)
    }
    for output in [other + "/out", path("out")] {
      let read = try Image(contentsOf: output)
      #expect(read.digest == digest)
      for blob in read.blobs { try read.readBlob(blob) { _ in } }
    }
  }

  @Test func layerThatAnOutputSharesIsCheckedBeforeItIsCopied() throws {
    let image = try image()
    let layer = try layer(of: image)
    try image.write(to: .archive(path("before.tar")))
    try image.write(to: .layout(path("out")))
    try image.write(to: .archive(path("after.tar")))
    #expect(try directory.read("before.tar") == directory.read("after.tar"))
    // In place, so that the staged file changes with it.
    let shared = open(path("out/blobs/sha256/" + layer.digest.hex), O_WRONLY)
    defer { close(shared) }
    try #require(pwrite(shared, [0xFF], 1, 700) == 1)
    for destination in [
      ImageDestination.layout(path("second")), .archive(path("a.tar")), .tar(path("t.tar")),
    ] {
      let error = #expect(throws: OCIError.self) { try image.write(to: destination) }
      #expect(error?.code == .digestMismatch)
    }
    #expect(try directory.names() == ["after.tar", "before.tar", "out", "work"])
  }

  @Test func leftoversOfKilledProcessesGoAndThoseOfLivingOnesStay() throws {
    let manager = FileManager.default
    for name in ["blobs-abc123", "blobs-living", "notes"] {
      try manager.createDirectory(
        atPath: path("work/\(name)/blobs/sha256"), withIntermediateDirectories: true)
      try directory.write("work/\(name)/blobs/sha256/x", [1])
    }
    // A living process holds its lock; here this test does.
    let living = open(path("work/blobs-living"), O_RDONLY)
    defer { close(living) }
    #expect(flock(living, LOCK_EX | LOCK_NB) == 0)
    let first = try BlobStore(stagingIn: work)
    let second = try BlobStore(stagingIn: work)
    #expect(first != second)
    #expect(first.isStaging && second.isStaging)
    let names = try directory.names("work")
    #expect(names.count == 4)
    #expect(names.contains("blobs-living") && names.contains("notes"))
    #expect(!names.contains("blobs-abc123"))
  }

  @Test func anImageWrittenTwiceToOnePlaceIsWhole() throws {
    let image = try image(.gzip)
    for _ in 0..<3 { try image.write(to: .layout(path("out"))) }
    let read = try Image(contentsOf: path("out"))
    for blob in read.blobs { try read.readBlob(blob) { _ in } }
    #expect(try directory.names() == ["out", "work"])
  }

  @Test func manyWritersOfOneLayoutLeaveAWholeOne() async throws {
    let image = try image()
    let output = path("out")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<6 {
        group.addTask { try image.write(to: .layout(number % 2 == 0 ? output : output + "2")) }
      }
      try await group.waitForAll()
    }
    for output in [output, output + "2"] {
      let read = try Image(contentsOf: output)
      for blob in read.blobs { try read.readBlob(blob) { _ in } }
    }
    #expect(try directory.names() == ["out", "out2", "work"])
  }
}
