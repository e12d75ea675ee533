/// Goes through the records of all indexes once, for what no table can be asked.
struct AlpineSurvey {
  /// Records of a package that an earlier record is of as well.
  private(set) var repeats = Set<AlpinePool.ID>()
  /// By package that more than one index has: the bits of the tags of all of them.
  private(set) var sharedTags = [AlpinePool.ID: UInt64]()
  /// By name: the packages whose install_if names it.
  private(set) var triggers = [String: [AlpinePool.ID]]()
  /// By package: the names that must be there for its install_if to hold.
  private(set) var conditions = [AlpinePool.ID: [String]]()
  private var known = [Digest: (id: AlpinePool.ID, tags: UInt64)]()

  init(count: Int) { known.reserveCapacity(count) }

  /// `bit` is that of the index's tag.
  mutating func add(_ table: PackageTable, base: Int, bit: UInt64) {
    for row in table.indices {
      let id = AlpinePool.ID(base + row)
      if let digest = Digest(table.text(.checksum, row: row)) {
        if let same = known[digest] {
          repeats.insert(id)
          sharedTags[same.id] = same.tags | bit
          known[digest]?.tags |= bit
          continue
        }
        known[digest] = (id, bit)
      }
      let installIf = table.text(.installIf, row: row)
      if !installIf.isEmpty { addTriggers(installIf, id) }
    }
  }

  private mutating func addTriggers(_ text: UnsafeRawBufferPointer, _ id: AlpinePool.ID) {
    var required = [String]()
    for word in text.split(separator: UInt8(ascii: " ")) {
      let isConflict = word.first == UInt8(ascii: "!")
      let rest = isConflict ? word.dropFirst() : word
      let end = rest.firstIndex(where: isDependencySign) ?? rest.endIndex
      let name = String(decoding: rest[..<end], as: UTF8.self)
      if isConflict { continue }
      if !required.contains(name) { triggers[name, default: []].append(id) }
      required.append(name)
    }
    conditions[id] = required
  }

  /// A `C:` field, by which apk knows that two records are of one package.
  private struct Digest: Hashable {
    private let words: (UInt64, UInt64, UInt64, UInt64)
    /// The whole field where it is not of the usual length.
    private let text: [UInt8]

    /// nil where the field is empty.
    init?(_ field: UnsafeRawBufferPointer) {
      guard !field.isEmpty else { return nil }
      guard field.count == 30, field[29] == UInt8(ascii: "=") else {
        words = (0, 0, 0, 0)
        text = Array(field)
        return
      }
      text = []
      // Base64 leaves bits over: "Q1…E=" and "Q1…F=" are one SHA-1 digest, and for apk one package.
      words = (
        field.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
        field.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
        field.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
        UInt64(field.loadUnaligned(fromByteOffset: 24, as: UInt32.self).littleEndian)
          | UInt64(Self.highBits(of: field[28])) << 32
      )
    }

    /// The upper four of the six bits that a digit of Base64 stands for.
    private static func highBits(of digit: UInt8) -> UInt8 {
      switch digit {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): (digit - UInt8(ascii: "A")) >> 2
      case UInt8(ascii: "a")...UInt8(ascii: "z"): (digit - UInt8(ascii: "a") + 26) >> 2
      case UInt8(ascii: "0")...UInt8(ascii: "9"): (digit - UInt8(ascii: "0") + 52) >> 2
      default: 15
      }
    }

    static func == (left: Self, right: Self) -> Bool {
      left.words == right.words && left.text == right.text
    }

    func hash(into hasher: inout Hasher) {
      hasher.combine(words.0)
      hasher.combine(words.1)
      hasher.combine(words.2)
      hasher.combine(words.3)
      hasher.combine(text)
    }
  }
}
