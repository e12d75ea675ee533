/// Hands one gzip member of a file to libarchive as the tar archive it holds.
final class TarFeed {
  private let members: GzipMembers
  private let scanner: TarScanner?
  private let start: Int64
  /// Why reading stopped. libarchive's callbacks can only say that it did.
  private(set) var failure: ComposeError?

  /// Feeds the member that `members` has begun. `scanner` sees every byte of it.
  init(_ members: GzipMembers, scanner: TarScanner? = nil) {
    self.members = members
    self.scanner = scanner
    start = members.offset
  }

  /// The compressed bytes consumed so far.
  var packedBytes: Int64 { members.offset - start }

  /// The next bytes, valid until the next call; nil at the end and after a failure.
  func next() -> UnsafeRawBufferPointer? {
    guard failure == nil else { return nil }
    do throws(ComposeError) {
      guard let bytes = try members.next() else { return nil }
      try scanner?.consume(bytes)
      return bytes
    } catch {
      failure = error
      return nil
    }
  }

  /// Reads what the archive's reader left, up to the member's end.
  func finish() throws(ComposeError) {
    while next() != nil {}
    if let failure { throw failure }
    try scanner?.finish()
  }
}
