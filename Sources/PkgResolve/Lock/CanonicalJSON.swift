/// A JSON value with one encoding: keys sorted by their bytes, two spaces of indent, slashes as they are.
///
/// Foundation's own pretty printing is not fixed by any contract, and a lock's bytes must not change with it.
enum CanonicalJSON: Decodable {
  case null
  case bool(Bool)
  case number(Int64)
  case string(String)
  case array([CanonicalJSON])
  case object([String: CanonicalJSON])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([CanonicalJSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: CanonicalJSON].self))
    }
  }

  /// Appends the encoding, its first line at the present column.
  func write(to bytes: inout [UInt8], depth: Int = 0) {
    switch self {
    case .null: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .number(let value): bytes += String(value).utf8
    case .string(let value): Self.write(value, to: &bytes)
    case .array(let values):
      Self.writeBlock(values, "[", "]", to: &bytes, depth: depth) { value, bytes in
        value.write(to: &bytes, depth: depth + 1)
      }
    case .object(let values):
      let sorted = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      Self.writeBlock(sorted, "{", "}", to: &bytes, depth: depth) { pair, bytes in
        Self.write(pair.key, to: &bytes)
        bytes += ": ".utf8
        pair.value.write(to: &bytes, depth: depth + 1)
      }
    }
  }

  private static func writeBlock<Element>(
    _ elements: [Element], _ open: String, _ close: String, to bytes: inout [UInt8], depth: Int,
    _ write: (Element, inout [UInt8]) -> Void
  ) {
    bytes += open.utf8
    for (index, element) in elements.enumerated() {
      bytes += (index == 0 ? "\n" : ",\n").utf8
      bytes += repeatElement(UInt8(ascii: " "), count: 2 * (depth + 1))
      write(element, &bytes)
    }
    if !elements.isEmpty {
      bytes += "\n".utf8
      bytes += repeatElement(UInt8(ascii: " "), count: 2 * depth)
    }
    bytes += close.utf8
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes += "\\\"".utf8
      case UInt8(ascii: "\\"): bytes += "\\\\".utf8
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        bytes += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
