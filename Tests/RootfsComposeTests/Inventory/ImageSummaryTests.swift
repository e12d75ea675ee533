import OCIImage
import TestSupport
import Testing

@testable import RootfsCompose

struct ImageSummaryTests {
  private func summary(
    _ layers: KeyValuePairs<String, LayeredImage.Content>...
  ) throws -> ImageSummary {
    let scratch = try TemporaryDirectory()
    try LayeredImage(layers).write(to: scratch.file("image"))
    let image = try Image(contentsOf: scratch.file("image"))
    return try ImageSummary(of: try #require(image.platformImages.first), in: image)
  }

  @Test func aMuslImageIsKnownByItsFiles() throws {
    let summary = try summary([
      "bin/busybox": .file("x", mode: 0o755), "bin/sh": .link("/bin/busybox"), "sbin/apk": "x",
      "etc/os-release": .file(
        "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.1\n"
          + "PRETTY_NAME=\"Alpine \\\"L\\\"\"\n"),
      "etc/ssl/certs/ca-certificates.crt": .file(
        "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n# x\n"
          + "-----BEGIN CERTIFICATE-----\nB\n-----END CERTIFICATE-----\n"),
      "etc/ssl/cert.pem": .link("certs/ca-certificates.crt"),
      "lib/ld-musl-x86_64.so.1": "x", "lib/libc.musl-x86_64.so.1": .link("ld-musl-x86_64.so.1"),
      "usr/share/zoneinfo/Europe/Berlin": "TZif", "usr/share/zoneinfo/UTC": .link("Etc/UTC"),
      "usr/share/zoneinfo/right/Europe/Berlin": "TZif", "usr/share/zoneinfo/zone.tab": "x",
    ])
    #expect(
      summary.release
        == ImageSummary.Release(id: "alpine", versionID: "3.22.1", prettyName: "Alpine \"L\""))
    #expect(summary.libraries == ["musl"])
    #expect(summary.shells == ["/bin/busybox", "/bin/sh"])
    #expect(summary.packageManagers == ["/sbin/apk"])
    #expect(
      summary.certificateBundle
        == ImageSummary.CertificateBundle(
          path: "/etc/ssl/certs/ca-certificates.crt", certificates: 2))
    #expect(summary.timeZones == 2)
  }

  @Test func anImageForStaticProgramsHasNeitherLibraryNorShell() throws {
    let summary = try summary([
      "etc/os-release": .link("../usr/lib/os-release"),
      "usr/lib/os-release": "ID=debian\r\nVERSION_ID='13'\nnonsense\n",
      // A folder of dpkg's name is no program, nor is a shell's documentation.
      "var/lib/dpkg/status.d/tzdata": "Package: tzdata\nVersion: 1\n",
      "usr/share/doc/bash": "x",
    ])
    #expect(summary.release == ImageSummary.Release(id: "debian", versionID: "13", prettyName: nil))
    #expect(summary.libraries == [])
    #expect(summary.shells == [])
    #expect(summary.packageManagers == [])
    #expect(summary.certificateBundle == nil)
    #expect(summary.timeZones == 0)
  }

  @Test func anUpperLayerHidesWhatItRemovesAndReplaces() throws {
    let summary = try summary(
      [
        "bin/sh": "x", "usr/bin/apt": "x", "usr/bin/dpkg": "x",
        "usr/lib/x86_64-linux-gnu/libc.so.6": "x", "usr/lib/os-release": "ID=debian\n",
        "usr/share/zoneinfo/UTC": "x", "usr/share/zoneinfo/Asia/Tokyo": "x",
      ],
      [
        "bin/.wh.sh": "", "usr/bin/.wh..wh..opq": "", "usr/bin/rpm": "x",
        "usr/lib/os-release": .link("elsewhere"), "usr/share/.wh.zoneinfo": "",
        "usr/share/zoneinfo/Europe/Paris": "x",
      ])
    #expect(summary.shells == [])
    #expect(summary.packageManagers == ["/usr/bin/rpm"])
    #expect(summary.libraries == ["glibc"])
    #expect(summary.release == nil)
    #expect(summary.timeZones == 1)
  }
}
