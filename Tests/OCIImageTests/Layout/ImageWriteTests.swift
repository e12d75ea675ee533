import Foundation
import OCIImage
import Testing

@Suite struct ImageWriteTests {
  /// Every path below a directory, with the mode and the digest of what is there.
  private func dump(_ path: String) throws -> [String] {
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return try names.sorted().map { name in
      let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
      let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
      let content = FileManager.default.contents(atPath: path + "/" + name)
      let digest = content.map { String(Digest.sha256(of: [UInt8]($0)).hex.prefix(8)) } ?? "dir"
      return "\(name) \(String(mode, radix: 8)) \(digest)"
    }
  }

  @Test func layoutHoldsEveryBlobUnderItsDigest() throws {
    let sample = try SampleImage()
    let image = try sample.image([.linuxARM64, .linuxAMD64])
    try image.write(to: .layout(sample.path("made/for/it")))
    let lines = try dump(sample.path("made/for/it"))
    #expect(lines.count == 4 + 1 + 6)
    #expect(lines.contains("blobs 755 dir") && lines.contains("blobs/sha256 755 dir"))
    for blob in image.blobs {
      #expect(lines.contains("blobs/sha256/\(blob.digest.hex) 644 \(blob.digest.hex.prefix(8))"))
    }
    #expect(try sample.directory.mode("made/for/it") == 0o755)
    #expect(try sample.directory.names("made/for") == ["it"])
    #expect(image.platforms == [.linuxAMD64, .linuxARM64])
    #expect(image.size == image.blobs.reduce(0) { $0 + $1.size })
    let text = String(decoding: try sample.directory.read("made/for/it/index.json"), as: UTF8.self)
    #expect(
      text == #"{"manifests":[{"annotations":{"org.opencontainers.image.ref.name":"#
        + #""1.0"},"digest":"\#(image.digest)","#
        + #""mediaType":"application/vnd.oci.image.index.v1+json","#
        + #""size":\#(image.descriptor.size)}],"#
        + #""mediaType":"application/vnd.oci.image.index.v1+json","schemaVersion":2}"#)
    #expect(
      try sample.directory.read("made/for/it/oci-layout")
        == Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
  }

  @Test func orderOfPlatformsDoesNotChangeTheDigest() throws {
    let sample = try SampleImage()
    let one = try sample.image([.linuxARM64, .linuxAMD64])
    let other = try sample.image([.linuxAMD64, .linuxARM64])
    #expect(one.digest == other.digest)
    #expect(try sample.image([.linuxAMD64]).digest == one.selecting(.linuxAMD64).digest)
    #expect(throws: OCIError.self) {
      try Image(platformImages: one.platformImages + one.platformImages, blobs: sample.blobs)
    }
    #expect(throws: OCIError.self) { try Image(platformImages: [], blobs: sample.blobs) }
  }

  @Test(arguments: ["archive", "docker", "tar"])
  func filesAreTheSameEachTimeAndReplaceTheOldOne(form: String) throws {
    let sample = try SampleImage()
    let image = try sample.image()
    func destination(_ path: String) -> ImageDestination {
      switch form {
      case "archive": .archive(path)
      case "docker": .dockerArchive(path)
      default: .tar(path)
      }
    }
    try sample.directory.write("one", [1, 2, 3])
    let refused = #expect(throws: OCIError.self) {
      try image.write(to: destination(sample.path("one")))
    }
    #expect(refused?.code == .outputExists)
    #expect(try sample.directory.read("one") == [1, 2, 3])
    try sample.directory.write("one", [])
    try image.write(to: destination(sample.path("one")))
    try image.write(to: destination(sample.path("one")))
    try image.write(to: destination(sample.path("two")))
    #expect(try sample.directory.read("one") == sample.directory.read("two"))
    #expect(try sample.directory.mode("one") == 0o644)
    #expect(try sample.directory.mode("two") == 0o644)
    #expect(try sample.directory.names() == ["one", "store", "two"])
  }

  @Test func newLayoutReplacesAnOldOneWhole() throws {
    let sample = try SampleImage()
    let path = sample.path("out")
    try sample.image([.linuxARM64]).write(to: .layout(path))
    let image = try sample.image([.linuxAMD64], compression: .none)
    try image.write(to: .layout(path + "/"))
    #expect(try Image(contentsOf: path).digest == image.digest)
    #expect(try sample.directory.names("out/blobs/sha256").count == 3)
    #expect(try sample.directory.names() == ["out", "store"])
  }

  @Test func layoutBehindASymbolicLinkIsReplacedThere() throws {
    let sample = try SampleImage()
    try sample.image([.linuxARM64]).write(to: .layout(sample.path("real")))
    try FileManager.default.createSymbolicLink(
      atPath: sample.path("link"), withDestinationPath: "real")
    let image = try sample.image()
    try image.write(to: .layout(sample.path("link")))
    #expect(try Image(contentsOf: sample.path("real")).digest == image.digest)
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: sample.path("link")) == "real")
  }

  @Test func emptyDirectoryBecomesALayout() throws {
    let sample = try SampleImage()
    try FileManager.default.createDirectory(
      atPath: sample.path("out"), withIntermediateDirectories: false)
    try sample.image().write(to: .layout(sample.path("out")))
    #expect(try sample.directory.names("out") == ["blobs", "index.json", "oci-layout"])
  }

  @Test func directoryThatIsNoLayoutIsKept() throws {
    let sample = try SampleImage()
    let image = try sample.image()
    try image.write(to: .layout(sample.path("out")))
    try sample.directory.write("out/thesis.tex", [1])
    let error = #expect(throws: OCIError.self) {
      try image.write(to: .layout(sample.path("out")))
    }
    #expect(
      error?.description == "\(sample.path("out")): is a directory and not an image layout "
        + "(it holds \"thesis.tex\"), so it is not replaced; choose another path or remove it")
    #expect(try sample.directory.read("out/thesis.tex") == [1])
    let file = #expect(throws: OCIError.self) {
      try image.write(to: .archive(sample.path("out")))
    }
    #expect(file?.code == .outputExists)
    try sample.directory.write("file", [2])
    let layout = #expect(throws: OCIError.self) {
      try image.write(to: .layout(sample.path("file")))
    }
    #expect(layout?.code == .outputExists)
    #expect(try sample.directory.names() == ["file", "out", "store"])
  }

  @Test(arguments: ["", "/", ".", "..", "a/.."])
  func pathsWithoutANameAreRefused(path: String) throws {
    let image = try SampleImage().image()
    let error = #expect(throws: OCIError.self) { try image.write(to: .layout(path)) }
    #expect(error?.code == .outputUnwritable)
  }

  @Test func deviceIsNoOutput() throws {
    let image = try SampleImage().image()
    let error = #expect(throws: OCIError.self) { try image.write(to: .tar("/dev/null")) }
    #expect(error?.code == .outputExists)
  }

  @Test(arguments: ["layout", "archive", "docker", "tar"])
  func damagedBlobLeavesTheOldOutputAndNothingElse(form: String) throws {
    let sample = try SampleImage()
    let old = try sample.image([.linuxARM64])
    let image = try sample.image()
    func destination(_ path: String) -> ImageDestination {
      switch form {
      case "layout": .layout(path)
      case "archive": .archive(path)
      case "docker": .dockerArchive(path)
      default: .tar(path)
      }
    }
    try old.write(to: destination(sample.path("out")))
    let before = try dump(sample.path("out")) + [String(try sample.directory.mode("out"))]
    let layer = try #require(image.platformImages.first?.manifest.layers.first)
    let name = "store/blobs/sha256/" + layer.digest.hex
    var bytes = try sample.directory.read(name)
    bytes[bytes.count / 2] ^= 1
    try sample.directory.write(name, bytes)
    let error = #expect(throws: OCIError.self) {
      try image.write(to: destination(sample.path("out")))
    }
    #expect([.digestMismatch, .invalidArchive].contains(error?.code))
    #expect(throws: OCIError.self) { try image.write(to: destination(sample.path("new/deep/out"))) }
    #expect(try dump(sample.path("out")) + [String(try sample.directory.mode("out"))] == before)
    #expect(try sample.directory.names() == ["out", "store"])
  }

  @Test func leftoversOfAKilledRunGoWithTheNextOne() throws {
    let sample = try SampleImage()
    let stale = sample.path(".out.dhi-abcdef")
    try FileManager.default.createDirectory(
      atPath: stale + "/blobs", withIntermediateDirectories: true)
    try sample.directory.write(".out.dhi-abcdef/blobs/x", [1])
    try sample.directory.write(".out.dhi-living", [1])
    try sample.directory.write(".other.dhi-abcdef", [1])
    // A living process holds its lock; here this test does.
    let living = open(sample.path(".out.dhi-living"), O_RDONLY)
    defer { close(living) }
    #expect(flock(living, LOCK_EX | LOCK_NB) == 0)
    try sample.image().write(to: .layout(sample.path("out")))
    #expect(
      try sample.directory.names() == [".other.dhi-abcdef", ".out.dhi-living", "out", "store"])
  }

  @Test func severalPlatformsDoNotFitIntoOneRootFileSystem() throws {
    let sample = try SampleImage()
    let image = try sample.image([.linuxARM64, .linuxAMD64])
    let error = #expect(throws: OCIError.self) {
      try image.write(to: .dockerArchive(sample.path("out")))
    }
    #expect(
      error?.description == "\(sample.path("out")): a docker archive holds one platform, and the "
        + "image is for linux/amd64, linux/arm64; choose one platform, or write a layout or an "
        + "OCI archive")
    #expect(throws: OCIError.self) { try image.write(to: .tar(sample.path("out"))) }
    try image.selecting(.linuxARM64).write(to: .tar(sample.path("out")))
    #expect(try sample.directory.names() == ["out", "store"])
    #expect(throws: OCIError.self) {
      try image.selecting(Platform(os: "linux", architecture: "s390x"))
    }
  }

  @Test func singleLayerIsTheRootFileSystemAsItIs() throws {
    let sample = try SampleImage()
    for compression in LayerCompression.allCases {
      let image = try sample.image(compression: compression)
      try image.write(to: .tar(sample.path("out")))
      let diffID = image.platformImages[0].configuration.rootfs.diffIDs[0]
      #expect(Digest.sha256(of: try sample.directory.read("out")) == diffID)
    }
  }

  @Test(.enabled(if: HostProgram.isInstalled("tar")), arguments: LayerCompression.allCases)
  func severalLayersMakeOneArchive(compression: LayerCompression) throws {
    let sample = try SampleImage()
    let first = try sample.layer([.directory("a"), .file("a/x", [1])], compression: compression)
    let second = try sample.layer([.directory("a"), .file("a/y", [2])], compression: compression)
    let image = try Image(
      platformImages: [try sample.platformImage(layers: [first, second])], blobs: sample.blobs)
    try image.write(to: .tar(sample.path("out")))
    let result = try HostProgram.run("tar", ["-tf", sample.path("out")])
    #expect(result.text == "a/\na/x\na/\na/y\n", "\(result.errors)")
    #expect(result.errors.isEmpty)
    try image.write(to: .layout(sample.path("layout")))
    let read = try Image(contentsOf: sample.path("layout"))
    let error = #expect(throws: OCIError.self) { try read.write(to: .tar(sample.path("again"))) }
    #expect(error?.code == .unsupported)
  }

  @Test func namesThatDockerWouldNotLoadAreRefused() throws {
    let sample = try SampleImage()
    let bad = try sample.image(referenceName: "Hello World")
    let error = #expect(throws: OCIError.self) {
      try bad.write(to: .dockerArchive(sample.path("out")))
    }
    #expect(error?.code == .invalidReference)
    #expect(try sample.directory.names() == ["store"])
  }
}
