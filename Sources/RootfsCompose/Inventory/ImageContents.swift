import OCIImage
import PkgResolve

/// What the layers of a composed image hold, read back from the image alone.
public struct ImageContents: Sendable {
  public struct Package: Sendable, Encodable, Equatable {
    public let name: String
    public let version: String
    public let architecture: String
  }

  /// As the image's own inventory lists them, sorted by name.
  public private(set) var packages: [Package] = []
  /// Regular files, hard links not counted again.
  public private(set) var files = 0
  /// Bytes of all regular files.
  public private(set) var size: Int64 = 0
  /// Paths with the set-user-ID or set-group-ID bit.
  public private(set) var setIDPaths: [String] = []

  private static let inventoryLimit = 64 << 20

  /// Reads all layers. Throws ``ComposeError`` or `OCIError` where one cannot be read.
  public init(of platformImage: PlatformImage, in image: Image) throws {
    for layer in platformImage.manifest.layers {
      try image.forEachEntry(of: layer) { (entry, reader) throws(ComposeError) in
        try read(entry, reader)
      }
    }
    packages.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private mutating func read(
    _ entry: ArchiveEntry, _ reader: borrowing ArchiveReader
  ) throws(ComposeError) {
    guard let path = entry.name.flatMap({ TreePath($0) }) else { return }
    if entry.mode & 0o6000 != 0 { setIDPaths.append(path.description) }
    guard entry.kind == .regular else { return }
    // A sparse file may call itself as large as a number can be.
    let (sum, overflow) = size.addingReportingOverflow(max(entry.size, 0))
    files += 1
    size = overflow ? .max : sum
    if DebianInventory.isRead(at: path) {
      let text = try reader.contents(of: path.description, limit: Self.inventoryLimit)
      packages += try Self.debianPackages(text, at: path)
    } else if AlpineInventory.isRead(at: path) {
      let text = try reader.contents(of: path.description, limit: Self.inventoryLimit)
      packages += Self.alpinePackages(text)
    }
  }

  static func debianPackages(
    _ text: [UInt8], at path: TreePath
  ) throws(ComposeError) -> [Package] {
    do throws(ResolveError) {
      return try ControlStanza.parse(text, name: path.description).compactMap { stanza in
        guard let name = stanza["Package"], let version = stanza["Version"] else { return nil }
        return Package(
          name: name, version: version, architecture: stanza["Architecture"] ?? "")
      }
    } catch {
      throw ComposeError(.invalidArchive, path.description, error.message, underlying: error)
    }
  }

  /// The packages of apk's `installed`: lines with a letter and a colon, an empty line after each package.
  static func alpinePackages(_ text: [UInt8]) -> [Package] {
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return lines.split(whereSeparator: \.isEmpty).compactMap { lines in
      func value(_ field: Character) -> String? {
        lines.first { $0.starts(with: "\(field):".utf8) }
          .map { String(decoding: $0.dropFirst(2), as: UTF8.self) }
      }
      guard let name = value("P"), let version = value("V") else { return nil }
      return Package(name: name, version: version, architecture: value("A") ?? "")
    }
  }
}
