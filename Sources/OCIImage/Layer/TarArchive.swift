/// A whole tar archive in memory, for small ones that lie in an image as a file.
public enum TarArchive {
  /// The members in the order given, then the end blocks.
  ///
  /// Throws ``OCIError`` (`invalidEntry`) for an entry that no reader could unpack, or whose size is not its content's.
  public static func encode(
    _ members: [(entry: TarEntry, content: [UInt8])]
  ) throws(OCIError) -> [UInt8] {
    var bytes = [UInt8]()
    for (entry, content) in members {
      guard entry.size == Int64(content.count) else {
        throw OCIError(
          .invalidEntry, entry.subject,
          "declared with \(entry.size) bytes, and \(content.count) were given")
      }
      bytes += try TarHeader.encode(entry) + content
      bytes += [UInt8](repeating: 0, count: TarHeader.padding(entry.size))
    }
    return bytes + TarHeader.end
  }
}
