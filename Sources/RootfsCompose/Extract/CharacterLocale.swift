#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The calling thread's character set.
///
/// libarchive converts the names in pax records from UTF-8 to the locale's character set, so that a process in the
/// C locale would see `?` for every letter outside ASCII. The thread's own locale is set, never the process's.
/// (The conversion also composes decomposed letters, and nothing turns that off. Names outside pax records, which
/// are all that dpkg itself reads or writes, and those under `hdrcharset=BINARY` stay byte for byte.)
enum CharacterLocale {
  /// Made once and never freed: to read it from its files takes longer than to unpack a small package.
  nonisolated(unsafe) private static let utf8 = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)

  /// Runs `body` with UTF-8 as the thread's character set.
  ///
  /// Where the C library has no C.UTF-8, libarchive warns of each name it cannot convert, and that is an error.
  static func withUTF8<Result>(
    _ body: () throws(ComposeError) -> Result
  ) throws(ComposeError) -> Result {
    guard let utf8 else { return try body() }
    let previous = uselocale(utf8)
    defer { uselocale(previous) }
    return try body()
  }
}
