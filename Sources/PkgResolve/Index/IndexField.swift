/// The fields of a `Packages` index that are read; all others are passed over.
enum IndexField: Int, CaseIterable {
  case package, version, architecture, multiArch, priority, section, essential
  case depends, preDepends, conflicts, breaks, provides, replaces
  case source, filename, size, sha256, installedSize

  /// As the index writes it.
  var name: StaticString {
    switch self {
    case .package: "Package"
    case .version: "Version"
    case .architecture: "Architecture"
    case .multiArch: "Multi-Arch"
    case .priority: "Priority"
    case .section: "Section"
    case .essential: "Essential"
    case .depends: "Depends"
    case .preDepends: "Pre-Depends"
    case .conflicts: "Conflicts"
    case .breaks: "Breaks"
    case .provides: "Provides"
    case .replaces: "Replaces"
    case .source: "Source"
    case .filename: "Filename"
    case .size: "Size"
    case .sha256: "SHA256"
    case .installedSize: "Installed-Size"
    }
  }

  /// The field of that name, without regard to case; nil for one that is passed over.
  init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    // Length and first letter leave at most two candidates, of which the first to agree in all bytes is it.
    let first = bytes[range.lowerBound] | 0x20
    let candidates: (IndexField, IndexField?)
    switch (range.count, first) {
    case (4, UInt8(ascii: "s")): candidates = (.size, nil)
    case (6, UInt8(ascii: "b")): candidates = (.breaks, nil)
    case (6, UInt8(ascii: "s")): candidates = (.sha256, .source)
    case (7, UInt8(ascii: "p")): candidates = (.package, nil)
    case (7, UInt8(ascii: "v")): candidates = (.version, nil)
    case (7, UInt8(ascii: "s")): candidates = (.section, nil)
    case (7, UInt8(ascii: "d")): candidates = (.depends, nil)
    case (8, UInt8(ascii: "p")): candidates = (.priority, .provides)
    case (8, UInt8(ascii: "f")): candidates = (.filename, nil)
    case (8, UInt8(ascii: "r")): candidates = (.replaces, nil)
    case (9, UInt8(ascii: "e")): candidates = (.essential, nil)
    case (9, UInt8(ascii: "c")): candidates = (.conflicts, nil)
    case (10, UInt8(ascii: "m")): candidates = (.multiArch, nil)
    case (11, UInt8(ascii: "p")): candidates = (.preDepends, nil)
    case (12, UInt8(ascii: "a")): candidates = (.architecture, nil)
    case (14, UInt8(ascii: "i")): candidates = (.installedSize, nil)
    default: return nil
    }
    if candidates.0.isNamed(bytes, range) {
      self = candidates.0
    } else if let second = candidates.1, second.isNamed(bytes, range) {
      self = second
    } else {
      return nil
    }
  }

  private func isNamed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    name.withUTF8Buffer { expected in
      var index = 0
      while index < expected.count {
        // Letters differ in this bit by case alone; of what else stands in a field's name, digits and "-" have it set.
        if expected[index] | 0x20 != bytes[range.lowerBound + index] | 0x20 { return false }
        index += 1
      }
      return true
    }
  }
}
