import Foundation
import OCIImage

@testable import RootfsCompose

/// A Debian archive in a directory, signed by gpg with a key made for it.
final class TestArchive: Sendable {
  let scratch: ScratchDirectory
  private let home: String

  /// The folder that holds `dists/`.
  var base: String { scratch.path + "/debian" }

  init() throws {
    scratch = try ScratchDirectory()
    home = scratch.path + "/gnupg"
    try FileManager.default.createDirectory(
      atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    for name in ["signer", "stranger"] {
      try gpg(["--passphrase", "", "--quick-generate-key", name, "ed25519", "sign", "never"])
      try gpg(["--armor", "--output", scratch.path + "/\(name).asc", "--export", name])
      try gpg(["--output", scratch.path + "/\(name).gpg", "--export", name])
    }
  }

  deinit {
    _ = try? RequiredProgram.run("gpgconf", ["--homedir", home, "--kill", "all"])
  }

  private func gpg(_ arguments: [String]) throws {
    try RequiredProgram.run("gpg", ["--homedir", home, "--batch", "--yes", "--quiet"] + arguments)
  }

  static let stanza = """
    Package: hello
    Version: 1.0-1
    Architecture: amd64
    Filename: pool/main/h/hello/hello_1.0-1_amd64.deb
    Size: 4
    SHA256: 0000000000000000000000000000000000000000000000000000000000000000


    """

  struct Options {
    var suite = "trixie"
    /// What Release says; the suite where nil.
    var named: String?
    var date = "Sat, 06 Sep 2025 10:00:00 UTC"
    var validUntil: String? = "Sat, 13 Sep 2025 10:00:00 UTC"
    var signers = ["signer"]
    var forms = ["xz", "gz", ""]
    var byHash = false
    var separatesAll = false
    var packages = TestArchive.stanza
  }

  /// Two days after the archive's date.
  static let now: Int64 = 1_757_325_600

  var suiteFolder: String { base + "/dists/trixie" }

  /// Writes one suite: indexes, Release, and InRelease signed for real.
  func publish(_ options: Options = Options()) throws {
    let folder = base + "/dists/" + options.suite
    var digests = ""
    for architecture in options.separatesAll ? ["amd64", "all"] : ["amd64"] {
      let index = "main/binary-\(architecture)/Packages"
      let plain = try scratch.write(
        "debian/dists/\(options.suite)/\(index)", options.packages.utf8)
      for form in ["xz", "gz", ""] {
        let file = form.isEmpty ? plain : plain + "." + form
        if form == "xz" { try RequiredProgram.run("xz", ["--keep", "--force", plain]) }
        if form == "gz" { try RequiredProgram.run("gzip", ["--keep", "--force", "-n", plain]) }
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: file)))
        let digest = Digest.sha256(of: bytes).hex
        let name = index + (form.isEmpty ? "" : "." + form)
        digests += " \(digest) \(bytes.count) \(name)\n"
        if options.byHash {
          try scratch.write(
            "debian/dists/\(options.suite)/main/binary-\(architecture)/by-hash/SHA256/\(digest)",
            bytes)
        }
        if !options.forms.contains(form) || options.byHash {
          try FileManager.default.removeItem(atPath: file)
        }
      }
    }
    let release = """
      Origin: Test
      Suite: \(options.named ?? options.suite)
      Codename: \(options.named ?? options.suite)
      Date: \(options.date)
      \(options.validUntil.map { "Valid-Until: \($0)\n" } ?? "")\
      Architectures: \(options.separatesAll ? "all " : "")amd64
      Components: main
      \(options.byHash ? "Acquire-By-Hash: yes\n" : "")\
      SHA256:
      \(digests)
      """
    let path = try scratch.write("debian/dists/\(options.suite)/Release", release.utf8)
    let signers = options.signers.flatMap { ["--local-user", $0] }
    try gpg(signers + ["--clear-sign", "--output", folder + "/InRelease", path])
  }

  /// A fetcher that knows the key in `keyring` and no other.
  func fetcher(
    keyring: String = "signer.asc", store: String = "store", allowExpired: Bool = false,
    searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
  ) throws -> DebianIndexFetcher {
    let downloader = try TestDownloads.downloader(store: scratch.path + "/" + store)
    let location = SourceLocation(file: "recipe.yaml", line: 3, column: 7)
    var fetcher = DebianIndexFetcher(
      downloader: downloader, distribution: .debian13,
      keyrings: KeyringSearch(
        recipe: [Located(keyring, at: location)], recipeFolder: scratch.path,
        hostFolder: scratch.path + "/none"),
      searchPath: searchPath)
    fetcher.now = Self.now
    fetcher.allowExpired = allowExpired
    return fetcher
  }
}

enum TestDownloads {
  /// A downloader over libcurl whose pauses are a thousandth.
  static func downloader(
    store: String, environment: [String: String] = [:], downloads: Int = 4
  ) throws -> Downloader {
    var retry = RetryPolicy()
    retry.scale = 0.001
    let transport = CurlTransport(options: .init(environment: environment))
    return Downloader(
      store: try Store(directory: store), client: HTTPClient(transport: transport, retry: retry),
      downloads: downloads)
  }

  /// The error that `body` throws; nil where it throws none or another type.
  static func error(_ body: () async throws -> Void) async -> ComposeError? {
    do {
      try await body()
      return nil
    } catch {
      return error as? ComposeError
    }
  }
}
