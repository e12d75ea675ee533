import Glibc
import OCIImage

/// Makes a signed repository of Debian packages in a directory: `pool/`, `dists/SUITE/InRelease`, indexes by hash.
///
/// Needs gpg on the machine. Source of the format: the Debian wiki's "DebianRepository/Format" and apt's manuals.
public final class AptRepositoryBuilder: Sendable {
  /// The repository's root: what a source line names.
  public let directory: String
  /// The public key, as gpgv, sqv and `signed-by` take it (binary).
  public let keyring: String
  /// The public key in ASCII armour.
  public let armouredKeyring: String
  /// The signing key's fingerprint, 40 upper-case hexadecimal digits.
  public let fingerprint: String

  private let scratch = try? TemporaryDirectory()
  private let gpg: HostProgram
  private let home: String

  /// Starts a repository in `directory` (made where it is missing) with a fresh key.
  public init(directory: String) throws {
    guard let gpg = HostProgram.find("gpg"), let scratch else {
      throw TestSupportError("gpg is missing: apt-get install gnupg")
    }
    self.gpg = gpg
    self.directory = directory
    home = try scratch.makeDirectory("gnupg")
    chmod(home, 0o700)
    let user = "Throwaway test key <nobody@example.org>"
    let common = ["--homedir", home, "--batch", "--no-tty"]
    try gpg.check(
      common + [
        "--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key", user,
        "rsa2048", "sign", "never",
      ])
    let listing = try gpg.check(common + ["--with-colons", "--fingerprint"]).output
    let line = listing.split(separator: "\n").first { $0.hasPrefix("fpr:") }
    fingerprint = line?.split(separator: ":").last.map(String.init) ?? ""
    keyring = scratch.file("keyring.gpg")
    armouredKeyring = scratch.file("keyring.asc")
    try writeFile(try gpg.check(common + ["--export"]).standardOutput, to: keyring)
    try writeFile(
      try gpg.check(common + ["--armor", "--export"]).standardOutput, to: armouredKeyring)
  }

  deinit {
    let agent = HostProgram.find("gpgconf")
    _ = try? agent?.run(["--homedir", home, "--kill", "gpg-agent"])
  }

  /// Writes packages to the pool and a suite's signed indexes, in place of those that were there.
  ///
  /// `date` and `validUntil` are as Release writes them: `Wed, 01 Jan 2025 00:00:00 UTC`. `Architecture: all`
  /// packages stand in every architecture's index.
  public func publish(
    _ packages: [DebBuilder], suite: String = "trixie", codename: String? = nil,
    component: String = "main", architectures: [String] = ["amd64"],
    date: String = "Wed, 01 Jan 2025 00:00:00 UTC", validUntil: String? = nil,
    indexCompressions: [Compression] = [.none, .gzip, .xz], byHash: Bool = true
  ) throws {
    var stanzas = [(architecture: String, text: String)]()
    for package in packages {
      let bytes = try package.bytes()
      let path = "pool/\(component)/\(package.name.prefix(1))/\(package.name)/\(package.fileName)"
      try writeFile(bytes, to: directory + "/" + path)
      let text =
        package.control + "Filename: \(path)\nSize: \(bytes.count)\n"
        + "SHA256: \(Digest.sha256(of: bytes).hex)\n"
      stanzas.append((package.architecture, text))
    }
    var listed = ""
    for architecture in architectures {
      let folder = "\(component)/binary-\(architecture)"
      let index = stanzas.filter { [architecture, "all"].contains($0.architecture) }
        .map(\.text).joined(separator: "\n")
      for compression in Compression.allCases {
        let bytes = try compression.compress(Array(index.utf8))
        let name = "Packages" + compression.suffix
        let hex = Digest.sha256(of: bytes).hex
        // Release lists the plain index even where a mirror has compressed ones only.
        if compression == .none || indexCompressions.contains(compression) {
          listed += " \(hex) \(bytes.count) \(folder)/\(name)\n"
        }
        guard indexCompressions.contains(compression) else { continue }
        let place = "\(directory)/dists/\(suite)/\(folder)"
        try writeFile(bytes, to: "\(place)/\(name)")
        if byHash { try writeFile(bytes, to: "\(place)/by-hash/SHA256/\(hex)") }
      }
    }
    var release = "Origin: Debian\nLabel: Debian\nSuite: \(suite)\n"
    release += "Codename: \(codename ?? suite)\nDate: \(date)\n"
    if let validUntil { release += "Valid-Until: \(validUntil)\n" }
    if byHash { release += "Acquire-By-Hash: yes\n" }
    release += "Architectures: \(architectures.joined(separator: " "))\n"
    release += "Components: \(component)\nDescription: made by a test\nSHA256:\n" + listed
    try sign(release, suite: suite)
  }

  /// Writes a suite's InRelease, signed, and its unsigned Release.
  public func sign(_ release: String, suite: String) throws {
    let place = "\(directory)/dists/\(suite)"
    let signed = try gpg.check(
      [
        "--homedir", home, "--batch", "--no-tty", "--digest-algo", "SHA512", "--clearsign",
      ], input: Array(release.utf8))
    try writeFile(Array(release.utf8), to: place + "/Release")
    try writeFile(signed.standardOutput, to: place + "/InRelease")
  }
}
