/// Gives a tar archive's bytes piece by piece, decompressed on the way.
protocol TarSource: AnyObject {
  /// The compressed bytes consumed so far, of this archive and what lies before it.
  var offset: Int64 { get }

  /// The next bytes, valid until the next call; nil at the archive's end.
  func next() throws(ComposeError) -> UnsafeRawBufferPointer?
}

extension GzipMembers: TarSource {}

/// Feeds a tar archive from a source to libarchive's reader.
final class TarFeed {
  private let source: any TarSource
  private let scanner: TarScanner?
  private let start: Int64
  /// Why reading stopped. libarchive's callbacks can only say that it did.
  private(set) var failure: ComposeError?

  /// Feeds the archive that `source` has begun. `scanner` sees every byte of it.
  init(_ source: any TarSource, scanner: TarScanner? = nil) {
    self.source = source
    self.scanner = scanner
    start = source.offset
  }

  /// The compressed bytes consumed so far.
  var packedBytes: Int64 { source.offset - start }

  /// The next bytes, valid until the next call; nil at the end and after a failure.
  func next() -> UnsafeRawBufferPointer? {
    guard failure == nil else { return nil }
    do throws(ComposeError) {
      guard let bytes = try source.next() else { return nil }
      try scanner?.consume(bytes)
      return bytes
    } catch {
      failure = error
      return nil
    }
  }

  /// Reads what the archive's reader left, up to the end of the source; false where that is over `limit` bytes.
  func finish(limit: Int) throws(ComposeError) -> Bool {
    var left = limit
    while let bytes = next() {
      guard bytes.count <= left else { return false }
      left -= bytes.count
    }
    if let failure { throw failure }
    try scanner?.finish()
    return true
  }
}
