import OCIImage
import PkgResolve
import TestSupport
import Testing

@testable import RootfsCompose

/// What names the layers that are kept.
@Suite struct KeptLayersKeyTests {
  /// The same words, dealt out otherwise to the packages and the files of a lock.
  @Test func noListIsTakenForAnother() throws {
    let scratch = try TemporaryDirectory()
    try scratch.write("# syntax=dhi.io/build:2-debian13\nname: Sample\n", to: "sample.yaml")
    let recipe = try Recipe(contentsOf: scratch.file("sample.yaml"))
    let platform = Platform.supported[0]
    func key(_ packages: [Lockfile.Package], _ files: [Lockfile.File]) throws -> Digest {
      let lock = Lockfile(
        tool: "", recipe: "", request: "", distribution: "debian-13", epoch: 0, indexes: [],
        files: files, platforms: [platform.description: .init(packages: packages, epoch: 0)])
      return try #require(KeptLayers.key(of: recipe, lock: lock, platform: platform, epoch: 0))
    }
    func package(_ name: String) -> Lockfile.Package {
      Lockfile.Package(
        name: name, version: "v", architecture: "a", source: "", url: "", size: 0, digest: "d",
        suite: "", reason: "")
    }
    func file(_ source: String, _ digest: String) -> Lockfile.File {
      Lockfile.File(source: source, digest: digest, size: 0)
    }
    let packages = [package("one"), package("two")]
    let files = [
      file("one", "v"), file("a", "d"), file("", "two"), file("v", "a"), file("d", ""),
    ]
    #expect(try key(packages, []) == key(packages, []))
    #expect(try key(packages, []) != key([], files))
  }
}
