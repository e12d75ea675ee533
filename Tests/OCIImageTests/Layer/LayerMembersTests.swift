import Foundation
import OCIImage
import Testing

/// Layers of many members: how they are cut, packed on threads, and read by others.
@Suite struct LayerMembersTests {
  /// Bytes that pack to about half.
  static func content(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed &* 2 &+ 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 60)
    }
  }

  /// Files of odd sizes, at and about the sizes at which layers are cut, among them two large ones.
  static let members: [SampleImage.Member] = {
    var members: [SampleImage.Member] = [.directory("a")]
    for number in 0..<60 {
      members.append(
        .file("a/file-\(number)", content(40_000 + number * 1_777, seed: UInt64(number))))
    }
    members.append(.file("a/large", content(5_000_001, seed: 100)))
    members.append(.file("a/exact", content(2 << 20, seed: 101)))
    members.append(.file("a/less", content((2 << 20) - 1, seed: 102)))
    members.append(.file("a/twice", content(4 << 20, seed: 103)))
    members.append(.file("a/empty", []))
    members.append(.file("a/one", [1]))
    return members
  }()

  @Test(arguments: LayerCompression.allCases)
  func threadsDoNotChangeTheBytes(compression: LayerCompression) throws {
    let sample = try SampleImage()
    let alone = try sample.layer(Self.members, compression: compression)
    for threads in [1, 2, 8] {
      let executor = ThreadExecutor(threads: threads)
      let layer = try sample.layer(Self.members, compression: compression, executor: executor)
      #expect(layer == alone, "\(threads) threads")
    }
    var bytes = [UInt8]()
    try sample.blobs.read(alone.descriptor) { bytes.append(contentsOf: $0) }
    #expect(Int64(bytes.count) == alone.descriptor.size)
  }

  @Test(arguments: LayerCompression.allCases)
  func busyThreadsDoNotHoldUpTheWriter(compression: LayerCompression) throws {
    let sample = try SampleImage()
    let alone = try sample.layer(Self.members, compression: compression)
    let busy = BusyExecutor(threads: 1)
    #expect(try sample.layer(Self.members, compression: compression, executor: busy) == alone)
    #expect(busy.waiting > 0)
    // What comes too late finds nothing to do.
    busy.runAll()
    #expect(try sample.directory.names("store/ingest") == [])
  }

  /// Members that no thread comes for do not pile up, however many threads there are.
  @Test func busyThreadsDoNotFillTheMemory() throws {
    let sample = try SampleImage()
    let cache = MemoryMemberCache()
    var writer = try LayerWriter(
      blobs: sample.blobs, compression: .zstd, executor: BusyExecutor(threads: 64), cache: cache)
    for number in 0..<8 {
      try writer.append(.file("large-\(number)", Self.content(2 << 20, seed: UInt64(number))))
    }
    #expect(cache.state.withLock { $0.kept } >= 4)
  }

  /// The writer runs on the executor's only thread, as it does in the pipeline.
  @Test func writerOnTheOnlyThreadEnds() async throws {
    let sample = try SampleImage()
    let alone = try sample.layer(Self.members)
    let blobs = sample.blobs
    let executor = ThreadExecutor(threads: 1)
    let layer = try await withCheckedThrowingContinuation { continuation in
      executor.execute {
        continuation.resume(
          with: Result {
            var writer = try LayerWriter(blobs: blobs, compression: .gzip, executor: executor)
            for member in Self.members { try writer.append(member) }
            return try writer.finish()
          })
      }
    }
    #expect(layer == alone)
  }

  @Test func abandonedWriterLeavesNothing() throws {
    let sample = try SampleImage()
    let busy = BusyExecutor(threads: 4)
    let threads = ThreadExecutor(threads: 2)
    for executor in [busy, threads] as [any LayerExecutor] {
      var writer = try LayerWriter(blobs: sample.blobs, compression: .gzip, executor: executor)
      for member in Self.members { try writer.append(member) }
    }
    #expect(busy.waiting > 0)
    #expect(try sample.directory.names("store/ingest") == [])
    busy.runAll()
    #expect(try sample.directory.names("store/blobs/sha256") == [])
  }

  @Test(arguments: [LayerCompression.gzip, .zstd])
  func aFileMoreChangesFewMembers(compression: LayerCompression) throws {
    let sample = try SampleImage()
    var members = (0..<400).map { number in
      SampleImage.Member.file(
        "usr/lib/module-\(number)", Self.content(60_000, seed: UInt64(number)))
    }
    let cache = MemoryMemberCache()
    _ = try sample.layer(members, compression: compression, cache: cache)
    let count = cache.state.withLock { $0.kept }
    #expect(count >= 10)
    #expect(cache.state.withLock { $0.found } == 0)
    members.insert(.file("usr/lib/added", Self.content(60_000, seed: 999)), at: 150)
    let cached = try sample.layer(members, compression: compression, cache: cache)
    let state = cache.state.withLock { $0 }
    #expect(state.kept - count <= 3)
    #expect(state.found >= count - 3)
    #expect(try sample.layer(members, compression: compression) == cached)
  }

  @Test func largeFileIsCutFromItsOwnStart() throws {
    let sample = try SampleImage()
    let large = SampleImage.Member.file("large", Self.content(9_000_000, seed: 1))
    let cache = MemoryMemberCache()
    _ = try sample.layer([.file("a", [1]), large], cache: cache)
    let count = cache.state.withLock { $0.kept }
    #expect(count == 6)
    _ = try sample.layer([.directory("b"), .file("c", [2, 3]), large], cache: cache)
    #expect(cache.state.withLock { $0.found } == 5)
  }

  @Test(arguments: [LayerCompression.gzip, .zstd])
  func membersAreKeptByCompressor(compression: LayerCompression) throws {
    let sample = try SampleImage()
    let cache = MemoryMemberCache()
    let first = try sample.layer(Self.members, compression: compression, cache: cache)
    let again = try sample.layer(Self.members, compression: compression, cache: cache)
    #expect(first == again)
    let state = cache.state.withLock { $0 }
    #expect(state.found == state.kept)
    #expect(Set(state.members.keys.map(\.compressor)) == [try #require(compression.compressor)])
  }

  @Test func layersOfManyMembersAreReadBack() throws {
    let sample = try SampleImage()
    for compression in LayerCompression.allCases {
      let layer = try sample.layer(Self.members, compression: compression)
      let image = try Image(
        platformImages: [try sample.platformImage(layers: [layer])], blobs: sample.blobs)
      try image.write(to: .layout(sample.path("layout")))
      let read = try Image(contentsOf: sample.path("layout"))
      try read.write(to: .tar(sample.path("out.tar")))
      #expect(Digest.sha256(of: try sample.directory.read("out.tar")) == layer.diffID)
    }
  }

  @Test(
    .enabled(if: HostProgram.isInstalled("gzip") && HostProgram.isInstalled("zstd")),
    arguments: [(LayerCompression.gzip, "gzip"), (.zstd, "zstd")])
  func packersReadAllMembers(compression: LayerCompression, program: String) throws {
    let sample = try SampleImage()
    let layer = try sample.layer(Self.members, compression: compression)
    let path = sample.path("store/blobs/sha256/" + layer.descriptor.digest.hex)
    let test = try HostProgram.run(program, ["-dc", path])
    #expect(test.status == 0, "\(test.errors)")
    #expect(Digest.sha256(of: test.output) == layer.diffID)
  }

  @Test(.enabled(if: HostProgram.isInstalled("python3")))
  func pythonReadsAllMembers() throws {
    let sample = try SampleImage()
    let layer = try sample.layer(Self.members)
    let path = sample.path("store/blobs/sha256/" + layer.descriptor.digest.hex)
    let program = """
      import gzip, hashlib, sys, tarfile
      data = gzip.open(sys.argv[1]).read()
      print(hashlib.sha256(data).hexdigest(), len(tarfile.open(sys.argv[1], "r:gz").getnames()))
      """
    let result = try HostProgram.run("python3", ["-c", program, path])
    #expect(result.text == "\(layer.diffID.hex) \(Self.members.count)\n", "\(result.errors)")
  }

  @Test(.enabled(if: HostProgram.isInstalled("bsdtar")), arguments: LayerCompression.allCases)
  func libarchiveListsAllMembers(compression: LayerCompression) throws {
    let sample = try SampleImage()
    let layer = try sample.layer(Self.members, compression: compression)
    let path = sample.path("store/blobs/sha256/" + layer.descriptor.digest.hex)
    let result = try HostProgram.run("bsdtar", ["-tf", path])
    #expect(result.text.split(separator: "\n").count == Self.members.count, "\(result.errors)")
  }

  @Test(.enabled(if: HostProgram.isInstalled("skopeo")), arguments: LayerCompression.allCases)
  func skopeoUnpacksAllMembers(compression: LayerCompression) throws {
    let sample = try SampleImage()
    let layer = try sample.layer(Self.members, compression: compression)
    let image = try Image(
      platformImages: [try sample.platformImage(layers: [layer])], referenceName: "x",
      blobs: sample.blobs)
    try image.write(to: .layout(sample.path("layout")))
    let copy = try HostProgram.run(
      "skopeo",
      [
        "--insecure-policy", "copy", "--dest-decompress", "oci:" + sample.path("layout") + ":x",
        "dir:" + sample.path("copy"),
      ])
    #expect(copy.status == 0, "\(copy.errors)")
    #expect(
      Digest.sha256(of: try sample.directory.read("copy/" + layer.diffID.hex)) == layer.diffID)
  }

  @Test(
    .enabled(if: HostProgram.isInstalled("umoci")), arguments: [LayerCompression.none, .gzip])
  func umociUnpacksAllMembers(compression: LayerCompression) throws {
    let sample = try SampleImage()
    let layer = try sample.layer(Self.members, compression: compression)
    let image = try Image(
      platformImages: [try sample.platformImage(layers: [layer])], referenceName: "x",
      blobs: sample.blobs)
    try image.write(to: .layout(sample.path("layout")))
    let result = try HostProgram.run(
      "umoci",
      ["unpack", "--rootless", "--image", sample.path("layout") + ":x", sample.path("bundle")])
    #expect(result.status == 0, "\(result.errors)")
    for member in Self.members where member.entry.size > 0 {
      let path = String(decoding: member.entry.path, as: UTF8.self)
      #expect(try sample.directory.read("bundle/rootfs/" + path) == member.content, "\(path)")
    }
  }
}
