import OCIImage

/// The form of a recipe that its digests are made of: JSON with sorted keys and no layout.
///
/// Source: RFC 8785's idea, with keys in the order of their UTF-8 bytes; it is hashed, never read.
enum CanonicalRecipe {
  static func digest(_ tree: RecipeNode, distribution: String?) -> Digest {
    Digest.sha256(
      of: encode(.object(["definition": value(tree), "distribution": .optional(distribution)])))
  }

  static func requestDigest(_ definition: Definition, distribution: String?) -> Digest {
    let perPlatform = definition.platforms.sorted().map { platform in
      let contents = definition.substituted(for: platform).contents
      return Value.object([
        "platform": .text(platform.description),
        "packages": .list(Set(contents.packages.map(\.value)).sorted().map(Value.text)),
        "repositories": .list(contents.repositories.map { .text($0.value) }),
        "keyring": .list(Set(contents.keyring.map(\.value)).sorted().map(Value.text)),
      ])
    }
    let compose = definition.compose
    var request: [String: Value] = [
      "distribution": .optional(distribution),
      "snapshot": .optional(compose.snapshot?.value),
      "mirror": .optional(compose.mirror?.value),
      "security-mirror": .optional(compose.securityMirror?.value),
      "platforms": .list(perPlatform),
    ]
    // A recipe without pins keeps the digest that locks of older versions hold.
    if !compose.pins.isEmpty { request["pins"] = .list(compose.pins.map(pin)) }
    return Digest.sha256(of: encode(.object(request)))
  }

  private static func pin(_ pin: SuitePin) -> Value {
    .object([
      "suite": .text(pin.suite), "packages": .list(pin.packages.map(Value.text)),
      "priority": .literal(String(pin.priority)),
    ])
  }

  indirect enum Value {
    case null
    /// A boolean or a number, in its own writing.
    case literal(String)
    case text(String)
    case list([Value])
    case object([String: Value])

    static func optional(_ text: String?) -> Value { text.map(Value.text) ?? .null }
  }

  static func value(_ node: RecipeNode) -> Value {
    switch node.value {
    case .null: return .null
    case .boolean(let boolean): return .literal(boolean ? "true" : "false")
    case .integer(let integer): return .literal(String(integer))
    case .number(let source): return .literal(source)
    case .text(let text): return .text(text)
    case .list(let items): return .list(items.map(value))
    case .mapping(let entries):
      var object = [String: Value]()
      for entry in entries { object[entry.key] = value(entry.value) }
      return .object(object)
    }
  }

  static func encode(_ value: Value) -> [UInt8] {
    var bytes = [UInt8]()
    write(value, to: &bytes)
    return bytes
  }

  private static func write(_ value: Value, to bytes: inout [UInt8]) {
    switch value {
    case .null: bytes += "null".utf8
    case .literal(let literal): bytes += literal.utf8
    case .text(let text): write(text, to: &bytes)
    case .list(let items):
      bytes.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        write(item, to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let object):
      bytes.append(UInt8(ascii: "{"))
      let sorted = object.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (index, entry) in sorted.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        write(entry.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        write(entry.value, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20:
        bytes += "\\u00".utf8
        let digits = String(byte, radix: 16)
        bytes += ((byte < 16 ? "0" : "") + digits).utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
