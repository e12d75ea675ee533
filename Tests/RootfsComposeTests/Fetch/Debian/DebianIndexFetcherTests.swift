import Foundation
import OCIImage
import Testing

@testable import RootfsCompose

@Suite(
  "Indexes: signature, suite, dates and digests",
  .enabled(if: RequiredProgram.areInstalled("gpg", "gpgconf", "gpgv", "python3", "xz", "gzip")))
struct DebianIndexFetcherTests {
  private func source(_ base: String, _ suite: String = "trixie") -> DebianSource {
    DebianSource(base: base, suite: suite, components: ["main"])
  }

  private func error(_ fetcher: DebianIndexFetcher, _ source: DebianSource) async -> ComposeError? {
    await TestDownloads.error { _ = try await fetcher.fetch([source], architectures: ["amd64"]) }
  }

  @Test("A plain directory, a file: URL and a web server serve the same index")
  func places() async throws {
    let archive = try TestArchive()
    try archive.publish()
    let server = try TestServer(root: archive.scratch.path)
    for base in [archive.base, "file://" + archive.base, server.url + "/debian"] {
      let result = try await archive.fetcher().fetch([source(base)], architectures: ["amd64"])
      let index = try #require(result.indexes.first)
      #expect(result.indexes.count == 1)
      #expect(index.table.map(\.filename) == ["pool/main/h/hello/hello_1.0-1_amd64.deb"])
      #expect(index.date == "2025-09-06T10:00:00Z")
      #expect(index.validUntil == "2025-09-13T10:00:00Z")
      #expect(index.signedBy.count == 40)
      #expect(!index.expiredAccepted)
      #expect(index.name == "main/binary-amd64")
    }
  }

  @Test("Every compressed form is read, by hash or by name", arguments: ["xz", "gz", "", "hash"])
  func forms(form: String) async throws {
    let archive = try TestArchive()
    var options = TestArchive.Options()
    if form == "hash" { options.byHash = true } else { options.forms = [form] }
    try archive.publish(options)
    let result = try await archive.fetcher().fetch([source(archive.base)], architectures: ["amd64"])
    #expect(result.indexes.map { $0.table.map(\.name) } == [["hello"]])
  }

  @Test("Which form is taken does not depend on what the store holds")
  func formsInAStore() async throws {
    let archive = try TestArchive()
    var options = TestArchive.Options()
    func digest(_ store: String) async throws -> Digest? {
      try await archive.fetcher(store: store)
        .fetch([source(archive.base)], architectures: ["amd64"]).indexes.first?.indexDigest
    }
    options.forms = ["gz"]
    try archive.publish(options)
    let ofGzip = try await digest("used")
    #expect(try await digest("used") == ofGzip)
    options.forms = ["xz", "gz"]
    try archive.publish(options)
    let used = try await digest("used")
    #expect(try await digest("new") == used)
    #expect(used != ofGzip)
  }

  @Test("An index for all architectures is read where the archive keeps it apart")
  func architectureAll() async throws {
    let archive = try TestArchive()
    var options = TestArchive.Options()
    options.separatesAll = true
    try archive.publish(options)
    let result = try await archive.fetcher().fetch([source(archive.base)], architectures: ["amd64"])
    #expect(result.indexes.map(\.architecture) == ["amd64", "all"])
  }

  @Test("An empty index is no error")
  func emptyIndex() async throws {
    let archive = try TestArchive()
    var options = TestArchive.Options()
    options.packages = ""
    try archive.publish(options)
    let result = try await archive.fetcher().fetch([source(archive.base)], architectures: ["amd64"])
    #expect(result.indexes.map(\.table.count) == [0])
  }

  @Test("A parsed index serves while InRelease still vouches for the file it was made from")
  func keptTable() async throws {
    let archive = try TestArchive()
    try archive.publish()
    let fetcher = try archive.fetcher()
    let first = try await fetcher.fetch([source(archive.base)], architectures: ["amd64"])
    let folder = archive.suiteFolder + "/main/binary-amd64"
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      try FileManager.default.removeItem(atPath: folder + "/" + name)
    }
    try FileManager.default.removeItem(atPath: archive.scratch.path + "/store/sha256")
    let second = try await fetcher.fetch([source(archive.base)], architectures: ["amd64"])
    #expect(second.indexes.map { $0.table.map(\.name) } == [["hello"]])
    #expect(second.indexes.map(\.indexDigest) == first.indexes.map(\.indexDigest))

    let tables = archive.scratch.path + "/store/indexes"
    try FileManager.default.removeItem(atPath: tables)
    #expect(await error(fetcher, source(archive.base))?.code == .notFound)

    var options = TestArchive.Options()
    options.packages = TestArchive.stanza.replacing("hello", with: "other")
    try archive.publish(options)
    let third = try await fetcher.fetch([source(archive.base)], architectures: ["amd64"])
    #expect(third.indexes.map { $0.table.map(\.name) } == [["other"]])
  }

  @Test("A flipped byte in InRelease is refused")
  func flippedInRelease() async throws {
    let archive = try TestArchive()
    try archive.publish()
    let path = archive.suiteFolder + "/InRelease"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacingOccurrences(of: "Origin: Test", with: "Origin: Tesu")
      .write(toFile: path, atomically: true, encoding: .utf8)
    let error = await error(try archive.fetcher(), source(archive.base))
    #expect(error?.code == .unverified)
    #expect(
      error?.description == "file://\(archive.suiteFolder)/InRelease: the signature does not fit "
        + "the text: it was changed after it was signed; do not use this mirror, or name the right "
        + "keyring")
  }

  @Test("Text outside of the signed part is refused", arguments: [true, false])
  func textAround(before: Bool) async throws {
    let archive = try TestArchive()
    try archive.publish()
    let path = archive.suiteFolder + "/InRelease"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try (before ? "Origin: Evil\n" + text : text + "Origin: Evil\n")
      .write(toFile: path, atomically: true, encoding: .utf8)
    #expect(await error(try archive.fetcher(), source(archive.base))?.code == .unverified)
  }

  @Test("A flipped byte in Packages is refused, and the store keeps nothing of it")
  func flippedPackages() async throws {
    let archive = try TestArchive()
    try archive.publish()
    let path = archive.suiteFolder + "/main/binary-amd64/Packages.xz"
    var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    bytes[bytes.count / 2] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let error = await error(try archive.fetcher(), source(archive.base))
    #expect(error?.code == .digestMismatch)
    #expect(archive.scratch.names("store/sha256").isEmpty)
    #expect(archive.scratch.names("store/partial").isEmpty)
  }

  @Test("A key that signed nothing here is refused, with the reason")
  func wrongKey() async throws {
    let archive = try TestArchive()
    try archive.publish()
    let error = await error(try archive.fetcher(keyring: "stranger.asc"), source(archive.base))
    #expect(error?.code == .unverified)
    #expect(error?.message.contains("stranger.asc does not have") == true)
  }

  @Test("One good signature of two is enough; a binary keyring serves as well")
  func twoSigners() async throws {
    let archive = try TestArchive()
    var options = TestArchive.Options()
    options.signers = ["stranger", "signer"]
    try archive.publish(options)
    let result = try await archive.fetcher(keyring: "signer.gpg")
      .fetch([source(archive.base)], architectures: ["amd64"])
    #expect(result.indexes.count == 1)
  }

  @Test("The archive's own keys do not vouch for a foreign key's signature")
  func archiveKeys() async throws {
    let archive = try TestArchive()
    try archive.publish()
    var own = source(archive.base)
    own.trustsArchiveKeys = true
    var fetcher = try archive.fetcher()
    fetcher.keyrings.recipe = []
    let error = await error(fetcher, own)
    #expect(error?.code == .unverified)
    #expect(error?.message.contains("built-in Debian archive keys does not have") == true)
  }

  @Test("A missing signature is refused")
  func unsigned() async throws {
    let archive = try TestArchive()
    try archive.publish()
    try FileManager.default.removeItem(atPath: archive.suiteFolder + "/InRelease")
    try FileManager.default.copyItem(
      atPath: archive.suiteFolder + "/Release", toPath: archive.suiteFolder + "/InRelease")
    let error = await error(try archive.fetcher(), source(archive.base))
    #expect(error?.code == .unverified)
    #expect(error?.message.hasPrefix("is not signed") == true)
  }

  @Test("An expired index is refused, or let pass and marked")
  func expired() async throws {
    let archive = try TestArchive()
    var options = TestArchive.Options()
    options.validUntil = "Sun, 07 Sep 2025 10:00:00 UTC"
    try archive.publish(options)
    let error = await error(try archive.fetcher(), source(archive.base))
    #expect(error?.code == .expired)
    let result = try await archive.fetcher(allowExpired: true)
      .fetch([source(archive.base)], architectures: ["amd64"])
    #expect(result.indexes.map(\.expiredAccepted) == [true])
    var snapshot = source(archive.base)
    snapshot.moment = TestArchive.now - 2 * 86_400
    let then = try await archive.fetcher().fetch([snapshot], architectures: ["amd64"])
    #expect(then.indexes.map(\.expiredAccepted) == [true])
  }

  @Test("An index from the future is refused")
  func future() async throws {
    let archive = try TestArchive()
    var options = TestArchive.Options()
    options.date = "Mon, 08 Sep 2025 10:00:11 UTC"
    try archive.publish(options)
    let error = await error(try archive.fetcher(), source(archive.base))
    #expect(error?.code == .unverified)
    #expect(error?.message.contains("in the future") == true)
  }

  @Test("Another suite under the name of the one asked for is refused")
  func swappedSuite() async throws {
    let archive = try TestArchive()
    var options = TestArchive.Options()
    options.named = "bookworm"
    try archive.publish(options)
    let error = await error(try archive.fetcher(), source(archive.base))
    #expect(error?.code == .unverified)
    #expect(error?.message.contains("expected the suite trixie, found suite bookworm") == true)
  }

  @Test("Keys over plain http are refused")
  func plainKeyring() async throws {
    let archive = try TestArchive()
    try archive.publish()
    let fetcher = try archive.fetcher(keyring: "http://127.0.0.1:9/key.asc")
    #expect(await error(fetcher, source(archive.base))?.code == .invalidRecipe)
  }

  @Test(
    "A keyring is fetched over https, with a private authority",
    .enabled(if: RequiredProgram.areInstalled("openssl")))
  func remoteKeyring() async throws {
    let archive = try TestArchive()
    try archive.publish()
    let authority = try TestAuthority(in: archive.scratch)
    let server = try TestServer(
      root: archive.scratch.path, certificate: authority.certificate, key: authority.key)
    var fetcher = try archive.fetcher(keyring: server.url + "/signer.asc")
    fetcher.downloader = try TestDownloads.downloader(
      store: archive.scratch.path + "/tls", environment: ["SSL_CERT_FILE": authority.authority])
    let result = try await fetcher.fetch([source(archive.base)], architectures: ["amd64"])
    #expect(result.indexes.count == 1)
  }

  @Test("Without gpgv and a fit sqv, the packages to install are named")
  func noProgram() async throws {
    let archive = try TestArchive()
    try archive.publish()
    let fetcher = try archive.fetcher(searchPath: archive.scratch.path)
    let error = await error(fetcher, source(archive.base))
    #expect(error?.code == .missingTool)
    #expect(error?.message.contains("install the package gpgv") == true)
  }

  @Test("A suite that an optional source lacks is a warning, for security a loud one")
  func optionalSuite() async throws {
    let archive = try TestArchive()
    try archive.publish()
    var security = source(archive.scratch.path + "/debian-security", "trixie-security")
    security.fallbacks = [archive.base]
    security.isOptional = true
    let result = try await archive.fetcher()
      .fetch([source(archive.base), security], architectures: ["amd64"])
    #expect(result.indexes.count == 1)
    #expect(result.warnings.count == 1)
    #expect(result.warnings.first?.contains("WITHOUT SECURITY UPDATES") == true)
    security.isOptional = false
    #expect(await error(try archive.fetcher(), security)?.code == .notFound)
  }

  @Test("An unchanged InRelease is asked for with its tag and verified again")
  func conditional() async throws {
    let archive = try TestArchive()
    try archive.publish()
    let server = try TestServer(root: archive.scratch.path)
    let fetcher = try archive.fetcher()
    for _ in 0..<2 {
      let result = try await fetcher.fetch(
        [source(server.url + "/debian")], architectures: ["amd64"])
      #expect(result.indexes.count == 1)
    }
    let kept = archive.scratch.names("store/keyed")
    #expect(kept.count == 1)
    let path = archive.scratch.path + "/store/keyed/" + (kept.first ?? "")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    // Tampered with down to its digest: the signature still tells.
    var lines = text.replacingOccurrences(of: "Origin: Test", with: "Origin: Evil")
      .split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
    lines[2] = Digest.sha256(of: Array(lines[3].utf8)).description
    try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    #expect(await error(fetcher, source(server.url + "/debian"))?.code == .unverified)
  }

  @Test("A component or architecture that the archive lacks is named")
  func missingIndex() async throws {
    let archive = try TestArchive()
    try archive.publish()
    let fetcher = try archive.fetcher()
    let error = await TestDownloads.error {
      _ = try await fetcher.fetch([source(archive.base)], architectures: ["arm64"])
    }
    #expect(error?.code == .notFound)
    #expect(error?.message.contains("lists no main/binary-arm64/Packages") == true)
  }
}
