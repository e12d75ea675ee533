import Foundation
import OCIImage
import PkgResolve
import TestSupport
import Testing

@testable import RootfsCompose

/// How Alpine's packages come into the store, and where a lock's are looked for.
@Suite struct AlpineFetchTests {
  private let scratch: TemporaryDirectory
  private let package: ApkBuilder

  init() throws {
    scratch = try TemporaryDirectory()
    var package = ApkBuilder("hello")
    package.file("usr/hello", "hello")
    self.package = package
    let repository = try AlpineRepositoryBuilder(directory: scratch.file("main"))
    try repository.publish([package])
    try repository.writeKey(to: scratch.path)
    try scratch.write(
      """
      # syntax=dhi.io/build:2-alpine3.22
      name: Sample
      contents:
        repositories: [\(scratch.file("main"))]
        keyring: [\(repository.key.name)]
        packages: [hello]

      """, to: "sample.yaml")
  }

  private func recipe() throws -> Recipe { try Recipe(contentsOf: scratch.file("sample.yaml")) }

  private func composer(repositories: [String] = []) -> Composer {
    Composer(
      store: .directory(scratch.file("store")), limits: Limits(downloads: 1, decoders: 1),
      options: ComposerOptions(
        repositories: repositories, environment: [:], aptConfiguration: nil, apkConfiguration: nil))
  }

  @Test("A store that remembers another file for a checksum costs a transfer and no more")
  func swappedFile() async throws {
    let lock = try await composer().resolve(try recipe(), for: [.linuxAMD64])
    let store = try Store(directory: scratch.file("store"))
    var bytes = try package.bytes()
    bytes[bytes.count / 2] ^= 1
    let other = Digest.sha256(of: bytes)
    try scratch.write(bytes, to: "store/sha256/\(other.hex.prefix(2))/\(other.hex)")
    #expect(try store.open(other)?.size == Int64(bytes.count))
    let checksum = try package.checksum()
    let url = ResourceURL(path: scratch.file("main/x86_64/\(package.fileName)"))
    store.remember(other, ofPackage: checksum, from: url)
    #expect(try await composer().resolve(try recipe(), for: [.linuxAMD64]) == lock)
    #expect(
      store.rememberedPackage(from: url, checksum: checksum)?.description
        == lock.platforms["linux/amd64"]?.packages.first?.digest)
  }

  @Test("A wrong index that was kept is not believed to be unchanged for ever")
  func keptIndexOfAnother() async throws {
    let place = "main/x86_64/APKINDEX.tar.gz"
    let index = try scratch.read(place)
    let server = try LoopbackServer(serving: scratch.path)
    let composer = composer(repositories: [server.url + "/main"])
    try scratch.write("<html>Sign in to this network</html>", to: place)
    let error = await #expect(throws: ComposeError.self) {
      try await composer.resolve(try recipe(), for: [.linuxAMD64])
    }
    #expect(error?.code == .invalidArchive)
    // Older than what was kept, so that the server says it is unchanged.
    try scratch.write(index, to: place)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -7200)], ofItemAtPath: scratch.file(place))
    let lock = try await composer.resolve(try recipe(), for: [.linuxAMD64])
    #expect(lock.platforms["linux/amd64"]?.packages.map(\.name) == ["hello"])
  }

  @Test(
    "The path of a locked package is what its URL ends with, whatever the URL is",
    arguments: [
      ("https://a.example/v3.22/main/x86_64/a.apk", "/x86_64/a.apk"), ("a.apk", nil),
      ("x86_64/a.apk", nil), ("/", nil), ("//", "//"),
    ])
  func mirrorsOfAnyURL(url: String, path: String?) throws {
    let locked = Lockfile.Package(
      name: "a", version: "1", architecture: "x86_64", source: "a", url: url, size: 1, digest: "",
      suite: "", reason: "")
    let mirrors = try PackageMirrors(composer: composer(), recipe: try recipe())
    #expect(
      mirrors.urls(of: locked) == [url]
        + (path.map { ["file://\(scratch.file("main"))" + $0] } ?? []))
  }

  @Test("Debian has no architecture noarch")
  func identities() throws {
    let wanted = PackageIdentity("a", "1", "amd64")
    let found = PackageIdentity("a", "1", "noarch")
    try wanted.check(found, of: .alpine, subject: "a", promisedBy: .index)
    let error = #expect(throws: ComposeError.self) {
      try wanted.check(found, of: .debian, subject: "a", promisedBy: .index)
    }
    #expect(
      error?.description
        == "a: holds a=1 noarch; the index promised a=1 amd64; tell the operator of the archive")
  }

  @Test("A lock that was edited is to blame, not the index")
  func editedLock() async throws {
    var lock = try await composer().resolve(try recipe(), for: [.linuxAMD64])
    let url = try #require(lock.platforms["linux/amd64"]?.packages.first?.url)
    let version = try #require(lock.platforms["linux/amd64"]?.packages.first?.version)
    lock.platforms["linux/amd64"]?.packages[0].name = "other"
    let edited = lock
    let error = await #expect(throws: ComposeError.self) {
      try await composer().compose(try recipe(), lock: edited)
    }
    #expect(
      error?.description
        == "\(url): holds hello=\(version) x86_64; the lock promised other=\(version) x86_64; renew it "
        + "with `dhi-compose lock \(scratch.file("sample.yaml"))`, and if that does not help, tell the "
        + "operator of the archive")
  }

  @Test("A tag may be followed by any blank")
  func repositoryAfterATab() throws {
    _ = try composer(repositories: ["@edge\thttps://me:secret@h.example/edge/main"]).downloader()
  }
}
