/// The extended header that stands before a member whose values ustar cannot hold.
///
/// Source: POSIX.1-2017, pax, "pax Extended Header".
struct PaxRecords {
  private var body = [UInt8]()
  private var isBinary = false

  mutating func add(_ key: String, _ value: String) { add(key, Array(value.utf8), isText: true) }

  /// `isText`: the value ought to be UTF-8, and readers must be told where it is not.
  mutating func add(_ key: String, _ value: [UInt8], isText: Bool) {
    if isText && !TarHeader.isUTF8(value) { isBinary = true }
    body += Self.record(key, value)
  }

  /// The header block and its records; empty where there are none.
  ///
  /// Throws ``OCIError`` (`invalidEntry`) where the records are larger than readers take (1 MiB, Go's limit).
  consuming func encode(subject: @autoclosure () -> String) throws(OCIError) -> [UInt8] {
    if body.isEmpty { return [] }
    // "BINARY": paths and link targets are bytes as they are. Readers that do not know it take them so anyway.
    if isBinary { body = Self.record("hdrcharset", Array("BINARY".utf8)) + body }
    guard body.count <= 1 << 20 else {
      throw OCIError(
        .invalidEntry, subject(),
        "names and attributes take \(body.count) bytes; at most 1 MiB fits")
    }
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: TarHeader.blockSize, alignment: 16)
    defer { memory.deallocate() }
    let block = UstarBlock(in: memory)
    // Readers ignore the name; a fixed one packs best.
    block.set(name: Array("././@PaxHeader".utf8)[...], isDirectory: false)
    block.set(typeFlag: UInt8(ascii: "x"))
    block.set(mode: 0o644)
    _ = block.set(size: Int64(body.count))
    block.seal()
    let padding = [UInt8](repeating: 0, count: TarHeader.padding(Int64(body.count)))
    return [UInt8](memory) + body + padding
  }

  /// `LENGTH KEY=VALUE\n`, where LENGTH counts its own digits too.
  private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
    let rest = key.utf8.count + value.count + 3
    // The digits added may carry the length over a power of ten, and so ask for one digit more.
    let estimate = rest + String(rest).utf8.count
    let length = rest + String(estimate).utf8.count
    return Array("\(length) \(key)=".utf8) + value + [UInt8(ascii: "\n")]
  }
}
