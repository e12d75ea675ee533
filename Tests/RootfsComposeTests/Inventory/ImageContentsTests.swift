import OCIImage
import TestSupport
import Testing

@testable import RootfsCompose

@Suite("Packages of an image, read back from it")
struct ImageContentsTests {
  private func packages(
    _ layers: KeyValuePairs<String, LayeredImage.Content>...
  ) throws -> [String] {
    let scratch = try TemporaryDirectory()
    try LayeredImage(layers).write(to: scratch.file("image"))
    let image = try Image(contentsOf: scratch.file("image"))
    let contents = try ImageContents(of: try #require(image.platformImages.first), in: image)
    return contents.packages.map { "\($0.name) \($0.version) \($0.architecture)" }
  }

  @Test("apk's database, in /lib or below a merged /usr", arguments: ["", "usr/"])
  func alpine(_ prefix: String) throws {
    let text = """
      C:Q1x=
      P:musl
      V:1.2.4-r4
      A:x86_64
      T:the musl c library (P:libc)
      F:lib
      R:P:odd
      Z:Q1y=

      P:no-version

      A:x86_64
      V:1.0-r0
      P:busybox


      """
    #expect(
      try packages([
        prefix + "lib/apk/db/installed": .file(text), "lib/apk/installed": "P:x\nV:1\n",
      ])
        == ["busybox 1.0-r0 x86_64", "musl 1.2.4-r4 x86_64"])
  }

  @Test("dpkg's database, whole or a file a package")
  func debian() throws {
    let stanza = "Package: libc6\nVersion: 2.41-12\nArchitecture: amd64\n"
    #expect(
      try packages([
        "var/lib/dpkg/status.d/libc6": .file(stanza), "var/lib/dpkg/status.d/libc6.md5sums": "x",
      ]) == ["libc6 2.41-12 amd64"])
    #expect(
      try packages(["var/lib/dpkg/status": .file(stanza + "\nPackage: tzdata\nVersion: 1\n")])
        == ["libc6 2.41-12 amd64", "tzdata 1 "])
  }
}
