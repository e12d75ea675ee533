import Foundation
import OCIImage
import Testing

@Suite struct ImageReadTests {
  @Test(arguments: [[Platform.linuxAMD64], [.linuxAMD64, .linuxARM64]])
  func whatWasWrittenIsReadBack(platforms: [Platform]) throws {
    let sample = try SampleImage()
    let image = try sample.image(platforms, layerCount: 2)
    try image.write(to: .layout(sample.path("layout")))
    try image.write(to: .archive(sample.path("archive")))
    for name in ["layout", "archive"] {
      let read = try Image(contentsOf: sample.path(name))
      #expect(read.digest == image.digest)
      #expect(read.size == image.size)
      #expect(read.platforms == platforms)
      #expect(read.referenceName == "1.0")
      #expect(read.index == image.index)
      for (left, right) in zip(read.platformImages, image.platformImages) {
        #expect(left.configuration == right.configuration)
        #expect(left.manifest == right.manifest)
        #expect(left.descriptor == right.descriptor)
      }
      // Written again from where it was read, it is the same file.
      try read.write(to: .archive(sample.path("again")))
      #expect(try sample.directory.read("again") == sample.directory.read("archive"))
    }
  }

  @Test(
    .enabled(if: HostProgram.isInstalled("tar")), arguments: ["ustar", "gnu", "pax"])
  func archivesOfOtherToolsAreRead(format: String) throws {
    let sample = try SampleImage()
    let image = try sample.image()
    try image.write(to: .layout(sample.path("layout")))
    let packed = try HostProgram.run(
      "tar",
      ["--format", format, "-cf", sample.path("archive"), "-C", sample.path("layout"), "."])
    #expect(packed.status == 0, "\(packed.errors)")
    let read = try Image(contentsOf: sample.path("archive"))
    #expect(read.digest == image.digest)
    for blob in read.blobs {
      var bytes = [UInt8]()
      try read.readBlob(blob) { bytes.append(contentsOf: $0) }
      #expect(Digest.sha256(of: bytes) == blob.digest)
    }
  }

  @Test func damagedDocumentsAreRefused() throws {
    let sample = try SampleImage()
    let image = try sample.image([.linuxAMD64, .linuxARM64])
    let documents =
      [image.digest] + image.platformImages.flatMap { [$0.digest, $0.manifest.config.digest] }
    for digest in documents {
      try image.write(to: .layout(sample.path("layout")))
      let name = "layout/blobs/sha256/" + digest.hex
      var bytes = try sample.directory.read(name)
      bytes[bytes.count / 2] ^= 1
      try sample.directory.write(name, bytes)
      let error = #expect(throws: OCIError.self) { try Image(contentsOf: sample.path("layout")) }
      #expect(error?.code == .digestMismatch)
    }
  }

  @Test func whatIsNoImageIsRefused() throws {
    let sample = try SampleImage()
    func refusal(_ name: String) -> String? {
      #expect(throws: OCIError.self) { try Image(contentsOf: sample.path(name)) }?.description
    }
    #expect(refusal("absent") == "\(sample.path("absent")): cannot open: No such file or directory")
    #expect(
      refusal("store")
        == "\(sample.path("store")): is not an image layout: it has no \"oci-layout\"")
    try sample.directory.write("text", [UInt8](repeating: 0x41, count: 2000))
    #expect(
      refusal("text")
        == "\(sample.path("text")): is not an uncompressed tar archive: no valid header at byte 0")
    try sample.image().write(to: .tar(sample.path("rootfs")))
    #expect(
      refusal("rootfs")
        == "\(sample.path("rootfs")): is not an OCI archive: it has no \"oci-layout\"")
  }

  @Test func truncatedArchiveIsRefused() throws {
    let sample = try SampleImage()
    try sample.image().write(to: .archive(sample.path("archive")))
    let bytes = try sample.directory.read("archive")
    for count in [513, 1024, 2000, bytes.count / 2, bytes.count - 2500] {
      try sample.directory.write("short", Array(bytes.prefix(count)))
      #expect(throws: OCIError.self) { try Image(contentsOf: sample.path("short")) }
    }
  }

  @Test func severalImagesNeedAName() throws {
    let sample = try SampleImage()
    let one = try sample.image(referenceName: "one")
    let two = try sample.image([.linuxARM64], referenceName: "two")
    try one.write(to: .layout(sample.path("layout")))
    try two.write(to: .layout(sample.path("other")))
    let name = "layout/index.json"
    var index = try CanonicalJSON.decode(
      ImageIndex.self, from: sample.directory.read(name), subject: name)
    let other = try CanonicalJSON.decode(
      ImageIndex.self, from: sample.directory.read("other/index.json"), subject: name)
    index.manifests += other.manifests
    try sample.directory.write(name, CanonicalJSON.encode(index))
    for blob in two.blobs {
      let path = "/blobs/sha256/" + blob.digest.hex
      try sample.directory.write("layout" + path, sample.directory.read("other" + path))
    }
    let error = #expect(throws: OCIError.self) { try Image(contentsOf: sample.path("layout")) }
    #expect(
      error?.description
        == "\(sample.path("layout")): holds 2 images (one, two); name one of them")
    let read = try Image(contentsOf: sample.path("layout"), referenceName: "two")
    #expect(read.digest == two.digest)
    #expect(throws: OCIError.self) {
      try Image(contentsOf: sample.path("layout"), referenceName: "three")
    }
  }

  @Test func indexOfCountlessManifestsIsRefused() throws {
    let sample = try SampleImage()
    let image = try sample.image()
    try image.write(to: .layout(sample.path("layout")))
    let index = ImageIndex(manifests: Array(repeating: image.descriptor, count: 101))
    let bytes = try CanonicalJSON.encode(index)
    let descriptor = Descriptor(
      mediaType: MediaType.index, digest: .sha256(of: bytes), size: Int64(bytes.count))
    try sample.directory.write("layout/blobs/sha256/" + descriptor.digest.hex, bytes)
    try sample.directory.write(
      "layout/index.json", CanonicalJSON.encode(ImageIndex(manifests: [descriptor])))
    let error = #expect(throws: OCIError.self) { try Image(contentsOf: sample.path("layout")) }
    #expect(error?.code == .limitExceeded)
  }

  @Test func hostileSizesDoNotOverflow() throws {
    let sample = try SampleImage()
    let layer = try sample.smallLayer()
    try sample.image().write(to: .layout(sample.path("layout")))
    let huge = Descriptor(mediaType: MediaType.layerTar, digest: .sha256(of: [1]), size: .max)
    let other = Descriptor(mediaType: MediaType.layerTar, digest: layer.diffID, size: .max)
    var image = try sample.platformImage(layers: [layer, layer]).manifest
    image.layers = [huge, other]
    let configuration = try sample.platformImage(layers: [layer, layer])
    let bytes = try CanonicalJSON.encode(image)
    let manifest = Descriptor(
      mediaType: MediaType.manifest, digest: .sha256(of: bytes), size: Int64(bytes.count))
    try sample.directory.write("layout/blobs/sha256/" + manifest.digest.hex, bytes)
    let config = try CanonicalJSON.encode(configuration.configuration)
    try sample.directory.write("layout/blobs/sha256/" + image.config.digest.hex, config)
    try sample.directory.write(
      "layout/index.json", CanonicalJSON.encode(ImageIndex(manifests: [manifest])))
    let read = try Image(contentsOf: sample.path("layout"))
    #expect(read.size == .max)
    let error = #expect(throws: OCIError.self) { try read.write(to: .tar(sample.path("out"))) }
    #expect(error?.code == .unsupported)
    #expect(throws: OCIError.self) { try read.write(to: .archive(sample.path("out"))) }
  }
}
