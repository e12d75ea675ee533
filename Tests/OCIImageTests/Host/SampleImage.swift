import OCIImage

/// Small images and layers, composed as the composer would.
struct SampleImage {
  let directory: TemporaryDirectory
  let blobs: BlobStore

  init() throws {
    directory = try TemporaryDirectory()
    blobs = try BlobStore(directory: directory.path + "/store")
  }

  /// With blobs in a store of the caller's.
  init(blobs: BlobStore) throws {
    directory = try TemporaryDirectory()
    self.blobs = blobs
  }

  func path(_ name: String) -> String { directory.path + "/" + name }

  /// A member of a layer, with its content.
  struct Member {
    let entry: TarEntry
    let content: [UInt8]

    static func directory(_ path: String) -> Member {
      Member(TarEntry(path: Array(path.utf8), kind: .directory, mode: 0o755))
    }

    static func file(_ path: String, _ content: [UInt8], mode: UInt16 = 0o644) -> Member {
      Member(
        TarEntry(path: Array(path.utf8), kind: .regular(size: Int64(content.count)), mode: mode),
        content)
    }

    init(_ entry: TarEntry, _ content: [UInt8] = []) {
      self.entry = entry
      self.content = content
    }
  }

  func layer(
    _ members: [Member], compression: LayerCompression = .gzip,
    executor: (any LayerExecutor)? = nil, cache: (any LayerMemberCache)? = nil
  ) throws -> Layer {
    var writer = try LayerWriter(
      blobs: blobs, compression: compression, executor: executor, cache: cache)
    for member in members { try writer.append(member) }
    return try writer.finish()
  }

  /// A layer with one file, `/hello`, and more bytes than one buffer holds.
  func smallLayer(
    _ text: String = "hello\n", compression: LayerCompression = .gzip
  ) throws -> Layer {
    let long = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    return try layer(
      [
        .directory("etc"), .file("etc/hello", Array(text.utf8)), .file("etc/long", long),
      ], compression: compression)
  }

  func platformImage(
    _ platform: Platform = .linuxAMD64, layers: [Layer]
  ) throws -> PlatformImage {
    let created = ImageConfiguration.timestamp(1_700_000_000)
    let configuration = ImageConfiguration(
      created: created,
      config: ImageConfiguration.Execution(
        user: "65532", exposedPorts: ["80/tcp"], environment: ["PATH=/usr/bin:/bin"],
        entrypoint: ["/usr/bin/hello"], command: ["--loud"], workingDirectory: "/home",
        labels: ["a": "b"], stopSignal: "SIGINT"),
      history: layers.map { _ in ImageConfiguration.History(created: created, createdBy: "test") })
    return try PlatformImage(
      platform: platform, configuration: configuration, layers: layers,
      annotations: [Annotation.created: created])
  }

  func image(
    _ platforms: [Platform] = [.linuxAMD64], compression: LayerCompression = .gzip,
    referenceName: String? = "example.com/hello:1.0", layerCount: Int = 1
  ) throws -> Image {
    let images = try platforms.map { platform in
      let layers = try (0..<layerCount).map {
        try smallLayer("hello from \(platform), layer \($0)\n", compression: compression)
      }
      return try platformImage(platform, layers: layers)
    }
    return try Image(
      platformImages: images, annotations: [Annotation.title: "hello"],
      referenceName: referenceName, blobs: blobs)
  }
}

extension LayerWriter {
  mutating func append(_ member: SampleImage.Member) throws {
    try append(member.entry) { buffer, offset in
      member.content.withUnsafeBytes { content in
        let start = Int(offset)
        buffer.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: content[start..<start + buffer.count]))
      }
    }
  }
}
