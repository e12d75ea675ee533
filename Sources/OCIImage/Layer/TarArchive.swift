/// Tar archives: a whole one in memory, for small ones that lie in an image as a file, and the parts of one that is
/// written piece by piece.
public enum TarArchive {
  /// What stands before a member's content: the same entry always gives the same bytes.
  ///
  /// Throws ``OCIError`` (`invalidEntry`) for an entry that no reader could unpack.
  public static func header(of entry: TarEntry) throws(OCIError) -> [UInt8] {
    try TarHeader.encode(entry)
  }

  /// How many zero bytes follow a content of `size` bytes.
  public static func padding(after size: Int64) -> Int { TarHeader.padding(size) }

  /// What stands after the last member.
  public static let end = TarHeader.end

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
