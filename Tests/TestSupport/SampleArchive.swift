import FoundationEssentials
import Glibc

/// A signed archive of ``SamplePackages`` as the suite `trixie`, which a test may spoil.
public final class SampleArchive: Sendable {
  private let scratch: TemporaryDirectory
  /// What `--mirror` takes.
  public let directory: String
  /// The public key, armoured.
  public let key: String

  /// A copy of the archive that is made and signed once in a run of the tests.
  public init() throws {
    let original = try Self.original.get()
    scratch = try TemporaryDirectory()
    directory = scratch.file("archive")
    key = original.armouredKeyring
    try FileManager.default.copyItem(atPath: original.directory, toPath: directory)
  }

  /// A copy that ``AptRepositoryBuilder`` can publish to again.
  public static func publisher(in directory: String) throws -> AptRepositoryBuilder {
    try AptRepositoryBuilder(directory: directory)
  }

  /// Changes one byte in the middle of a file, its length as it was.
  public func flipByte(of name: String, at position: Double = 0.5) throws {
    var bytes = try readFile(directory + "/" + name)
    let index = Int(Double(bytes.count) * position)
    bytes[index] ^= 0x01
    try writeFile(bytes, to: directory + "/" + name)
  }

  /// The path of every file, relative to the archive, sorted.
  public func files() throws -> [String] { try FileListing.files(below: directory) }

  private static let original: Result<AptRepositoryBuilder, any Error> = Result {
    let builder = try AptRepositoryBuilder(directory: originalScratch.get().file("archive"))
    try builder.publishDistribution(
      SamplePackages.all(), architectures: SamplePackages.architectures)
    // What a static holds is never released: it goes when the tests end.
    atexit {
      if let path = try? SampleArchive.originalScratch.get().path {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
    return builder
  }

  private static let originalScratch = Result { try TemporaryDirectory() }
}

extension AptRepositoryBuilder {
  /// Publishes packages as `trixie`, and `trixie-updates` and `trixie-security` without any.
  public func publishDistribution(
    _ packages: [DebBuilder], architectures: [String] = ["amd64"], validUntil: String? = nil
  ) throws {
    try publish(packages, architectures: architectures, validUntil: validUntil)
    for suite in ["trixie-updates", "trixie-security"] {
      try publish(
        [], suite: suite, architectures: architectures, indexCompressions: [.gzip])
    }
  }
}

/// What a folder holds.
public enum FileListing {
  /// Every path below a folder that is no folder itself, relative to it, sorted; none where the folder is missing.
  public static func files(below directory: String) throws -> [String] {
    guard FileManager.default.fileExists(atPath: directory) else { return [] }
    return try FileManager.default.subpathsOfDirectory(atPath: directory).filter { name in
      var status = stat()
      return lstat(directory + "/" + name, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
    }.sorted()
  }

  /// The names in a folder, hidden ones too, sorted; none where the folder is missing.
  public static func names(in directory: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
  }
}
