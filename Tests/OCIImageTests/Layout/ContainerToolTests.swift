import Foundation
import OCIImage
import Testing

/// What the container tools of the host make of our images.
@Suite struct ContainerToolTests {
  private func skopeo(_ arguments: String...) throws -> HostProgram.Result {
    try HostProgram.run("skopeo", ["--insecure-policy"] + arguments)
  }

  @Test(
    .enabled(if: HostProgram.isInstalled("skopeo")), arguments: LayerCompression.allCases)
  func skopeoInspectsAndCopiesEveryForm(compression: LayerCompression) throws {
    let sample = try SampleImage()
    let image = try sample.image(compression: compression, layerCount: 2)
    try image.write(to: .layout(sample.path("layout")))
    try image.write(to: .archive(sample.path("archive.tar")))
    try image.write(to: .dockerArchive(sample.path("docker.tar")))
    let sources = [
      "oci:" + sample.path("layout") + ":1.0",
      "oci-archive:" + sample.path("archive.tar") + ":1.0",
    ]
    for source in sources {
      let raw = try skopeo("inspect", "--raw", source)
      #expect(raw.status == 0, "\(raw.errors)")
      #expect(Digest.sha256(of: raw.output) == image.digest)
      let copy = try skopeo("copy", source, "dir:" + sample.path("copy"))
      #expect(copy.status == 0, "\(copy.errors)")
    }
    let docker = "docker-archive:" + sample.path("docker.tar")
    let tags = try skopeo("inspect", "--config", docker)
    #expect(tags.status == 0, "\(tags.errors)")
    let configuration = try CanonicalJSON.decode(
      ImageConfiguration.self, from: tags.output, subject: "skopeo")
    #expect(configuration == image.platformImages[0].configuration)
    let copy = try skopeo(
      "copy", docker + ":example.com/hello:1.0", "dir:" + sample.path("docker-copy"))
    #expect(copy.status == 0, "\(copy.errors)")
  }

  @Test(.enabled(if: HostProgram.isInstalled("skopeo")))
  func skopeoCopiesEveryPlatform() throws {
    let sample = try SampleImage()
    let image = try sample.image([.linuxAMD64, .linuxARM64])
    try image.write(to: .layout(sample.path("layout")))
    let source = "oci:" + sample.path("layout")
    let raw = try skopeo("inspect", "--raw", source)
    #expect(Digest.sha256(of: raw.output) == image.digest, "\(raw.errors)")
    let copy = try skopeo("copy", "--all", source, "oci:" + sample.path("copy") + ":x")
    #expect(copy.status == 0, "\(copy.errors)")
    #expect(try Image(contentsOf: sample.path("copy")).digest == image.digest)
    let archived = try skopeo("copy", "--all", source, "oci-archive:" + sample.path("copy.tar"))
    #expect(archived.status == 0, "\(archived.errors)")
    #expect(try Image(contentsOf: sample.path("copy.tar")).digest == image.digest)
    for architecture in ["amd64", "arm64"] {
      let result = try HostProgram.run(
        "skopeo", ["--override-arch", architecture, "inspect", "--config", source])
      #expect(result.status == 0, "\(result.errors)")
      let configuration = try CanonicalJSON.decode(
        ImageConfiguration.self, from: result.output, subject: "skopeo")
      #expect(configuration.architecture == architecture)
    }
  }

  @Test(.enabled(if: HostProgram.isInstalled("skopeo")))
  func dockerArchiveNeedsNoName() throws {
    let sample = try SampleImage()
    try sample.image(referenceName: nil).write(to: .dockerArchive(sample.path("a.tar")))
    try sample.image(referenceName: "localhost:5000/a/b").write(
      to: .dockerArchive(sample.path("b.tar")))
    #expect(try skopeo("inspect", "--config", "docker-archive:" + sample.path("a.tar")).status == 0)
    let named = try skopeo(
      "inspect", "--config", "docker-archive:\(sample.path("b.tar")):localhost:5000/a/b:latest")
    #expect(named.status == 0, "\(named.errors)")
  }

  @Test(
    .enabled(if: HostProgram.isInstalled("umoci")),
    arguments: [LayerCompression.none, .gzip])
  func umociUnpacks(compression: LayerCompression) throws {
    let sample = try SampleImage()
    let image = try sample.image(compression: compression, referenceName: "hello")
    try image.write(to: .layout(sample.path("layout")))
    let result = try HostProgram.run(
      "umoci",
      ["unpack", "--rootless", "--image", sample.path("layout") + ":hello", sample.path("bundle")])
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      try sample.directory.read("bundle/rootfs/etc/hello")
        == Array("hello from linux/amd64, layer 0\n".utf8))
    #expect(try sample.directory.read("bundle/rootfs/etc/long").count == 700_000)
  }

  /// Go's tar reader, which docker, podman and containerd use as well.
  @Test(.enabled(if: HostProgram.isInstalled("umoci")))
  func umociUnpacksEveryKindOfMember() throws {
    let sample = try SampleImage()
    let layer = try sample.layer(TarReaderAgreementTests.members)
    let image = try Image(
      platformImages: [try sample.platformImage(layers: [layer])], referenceName: "x",
      blobs: sample.blobs)
    try image.write(to: .layout(sample.path("layout")))
    let result = try HostProgram.run(
      "umoci",
      ["unpack", "--rootless", "--image", sample.path("layout") + ":x", sample.path("bundle")])
    #expect(result.status == 0, "\(result.errors)")
    try TarReaderAgreementTests.expectFiles(sample, "bundle/rootfs")
  }
}
