import Glibc
import Synchronization

/// An RSA key made for the tests by the host's `openssl`, as Alpine's builders have one.
public struct AlpineSigningKey: Sendable {
  /// How a signature digests what it signs: the middle of `.SIGN.RSA.KEY`.
  public enum Algorithm: String, Sendable, CaseIterable {
    case sha1 = "RSA"
    case sha256 = "RSA256"
    case sha512 = "RSA512"
  }

  /// The public key's file name, by which signatures name it.
  public let name: String
  /// The public key in PEM.
  public let publicKey: [UInt8]
  private let privateKey: [UInt8]

  /// The key of this process's tests.
  public static func shared() throws -> AlpineSigningKey { try made.get() }

  /// Another key, which nobody trusts.
  public static func stranger() throws -> AlpineSigningKey { try other.get() }

  private static let made = Result { try AlpineSigningKey(name: "tests@example.org-1.rsa.pub") }
  private static let other = Result { try AlpineSigningKey(name: "stranger@example.org-2.rsa.pub") }

  /// Makes a key of `bits` bits.
  public init(name: String, bits: Int = 2048) throws {
    self.name = name
    let openssl = try Self.openssl()
    privateKey = try openssl.check(["genrsa", String(bits)]).standardOutput
    publicKey = try openssl.check(["pkey", "-pubout"], input: privateKey).standardOutput
  }

  /// The same key under another name.
  public func named(_ name: String) -> AlpineSigningKey {
    AlpineSigningKey(name: name, publicKey: publicKey, privateKey: privateKey)
  }

  private init(name: String, publicKey: [UInt8], privateKey: [UInt8]) {
    self.name = name
    self.publicKey = publicKey
    self.privateKey = privateKey
  }

  /// A signature of `bytes` (PKCS #1 v1.5).
  public func sign(_ bytes: [UInt8], algorithm: Algorithm = .sha1) throws -> [UInt8] {
    let scratch = try TemporaryDirectory()
    let path = try scratch.write(privateKey, to: "key.pem")
    let digest =
      switch algorithm {
      case .sha1: "-sha1"
      case .sha256: "-sha256"
      case .sha512: "-sha512"
      }
    return try Self.openssl().check(["dgst", digest, "-sign", path], input: bytes).standardOutput
  }

  /// A signature member for `bytes`: a tar archive without its end, in a gzip member.
  public func member(
    signing bytes: [UInt8], algorithms: [Algorithm] = [.sha1]
  ) throws -> [UInt8] {
    var tar = TarBuilder()
    for algorithm in algorithms {
      tar.members.append(
        .init(
          Array(".SIGN.\(algorithm.rawValue).\(name)".utf8),
          content: try sign(bytes, algorithm: algorithm)))
    }
    return try Compression.gzip.compress(tar.openBytes())
  }

  private static func openssl() throws -> HostProgram {
    guard let program = HostProgram.find("openssl") else {
      throw TestSupportError("openssl is missing: apt-get install openssl")
    }
    return program
  }
}

extension TarBuilder {
  /// The archive without the two zero blocks at its end, as Alpine cuts its members.
  public func openBytes() -> [UInt8] { Array(bytes().dropLast(1024)) }
}
