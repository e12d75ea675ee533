import OCIImage
import PkgResolve
import Testing

@testable import RootfsCompose

struct ImageMetadataTests {
  @Test("What differs between platforms is filled in for each")
  func perPlatform() throws {
    let recipe = try Recipe(
      text: """
        # syntax=dhi.io/build:2-debian13
        vars: {ARCH: '#{ target.arch == "amd64" ? "x86_64" : "aarch64" }'}
        environment: {LIBRARIES: "/usr/lib/${ARCH}-linux-gnu"}
        work-dir: /srv/${target.arch}
        cmd: ["${ARCH}"]
        annotations: {of: "${ARCH}"}
        """, path: "r.yaml")
    for (platform, name) in [(Platform.linuxAMD64, "x86_64"), (.linuxARM64, "aarch64")] {
      let metadata = ImageMetadata(
        definition: recipe.definition.substituted(for: platform), epoch: 0)
      let config = metadata.configuration(user: "65532:65532", layers: [nil]).config
      #expect(config?.environment.contains("LIBRARIES=/usr/lib/\(name)-linux-gnu") == true)
      #expect(config?.workingDirectory == "/srv/\(platform.architecture)")
      #expect(config?.command == [name])
      #expect(metadata.annotations["of"] == name)
    }
  }
}
