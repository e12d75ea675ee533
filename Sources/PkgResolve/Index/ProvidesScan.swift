/// Finds the names in a Provides field without keeping any of it. It accepts what ``RelationParser`` accepts.
struct ProvidesScan {
  /// One name with what follows it.
  struct Item {
    let start: Int
    let nameLength: Int
    let length: Int
  }

  private let text: UnsafePointer<UInt8>
  private var position: Int
  private let end: Int
  /// Whether the scan stopped at something that is no name.
  private(set) var isMalformed = false

  init(_ text: UnsafePointer<UInt8>, _ field: Extent) {
    self.text = text
    position = Int(field.start)
    end = field.end
  }

  /// nil at the end and at what is malformed.
  mutating func next() -> Item? {
    while position < end, isBlank(text[position]) || text[position] == UInt8(ascii: ",") {
      position += 1
    }
    guard position < end else { return nil }
    isMalformed = true
    let start = position
    guard isLetter(text[start]) || isDigit(text[start]) else { return nil }
    while position < end, isNameByte(text[position]) { position += 1 }
    let nameLength = position - start
    if take(UInt8(ascii: ":")) {
      let qualifier = position
      while position < end, isArchitectureByte(text[position]) { position += 1 }
      if position == qualifier { return nil }
    }
    var length = position - start
    skipBlanks()
    if take(UInt8(ascii: "(")) {
      guard skipVersion() else { return nil }
      length = position - start
      skipBlanks()
    }
    guard position == end || take(UInt8(ascii: ",")) else { return nil }
    isMalformed = false
    return Item(start: start, nameLength: nameLength, length: length)
  }

  private mutating func skipVersion() -> Bool {
    skipBlanks()
    guard take(UInt8(ascii: "=")) else { return false }
    skipBlanks()
    let version = position
    while position < end, text[position] != UInt8(ascii: ")"), !isBlank(text[position]) {
      position += 1
    }
    if !isPlainVersion(text + version, position - version) {
      let bytes = Array(UnsafeBufferPointer(start: text + version, count: position - version))
      guard (try? DebianVersion(bytes[...])) != nil else { return false }
    }
    skipBlanks()
    return take(UInt8(ascii: ")"))
  }

  private mutating func skipBlanks() {
    while position < end, isBlank(text[position]) { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < end, text[position] == byte else { return false }
    position += 1
    return true
  }
}
