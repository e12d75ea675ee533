/// Where a layer that is compressed is cut into members.
///
/// The places depend on the entries alone. Most are chosen by the entries' paths, so that after a file more or less the
/// cuts soon fall where they fell before, and all other members stay as they were; a large file is cut from its own start.
enum MemberCut {
  /// No member ends before it has as many bytes, but for the last and for one that a large file follows.
  static let smallest = 1 << 20
  /// No member is larger.
  static let largest = 4 << 20
  /// A file of at least this size begins a member, and again at each multiple of it.
  static let largeFile: Int64 = 2 << 20

  /// Whether a member that holds `count` bytes ends before `entry`, whose headers take `header` bytes.
  static func isBefore(_ entry: TarEntry, header: Int, count: Int) -> Bool {
    if count == 0 { return false }
    if entry.size >= largeFile { return true }
    let size = header + Int(entry.size) + TarHeader.padding(entry.size)
    if count + size > largest { return true }
    return count >= smallest && isChosen(entry.path)
  }

  /// Bytes of content from `offset` on up to the next cut within an entry.
  static func bytesUntilNext(in entry: TarEntry, offset: Int64) -> Int64 {
    guard entry.size >= largeFile else { return entry.size - offset }
    return min(largeFile - offset % largeFile, entry.size - offset)
  }

  /// True of one path in sixteen.
  ///
  /// Source: FNV-1a of 64 bits; its high bits are the better mixed ones.
  private static func isChosen(_ path: [UInt8]) -> Bool {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in path { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash >> 60 == 0
  }
}
