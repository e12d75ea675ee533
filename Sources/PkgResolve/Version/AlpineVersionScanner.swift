/// Splits a version into its parts, from left to right.
struct AlpineVersionScanner {
  /// In the order in which they may follow one another.
  enum Kind: UInt8, Hashable {
    case firstNumber, number, letter, suffix, suffixNumber, hash, revision
  }

  /// The suffixes in ascending order; those before ``none`` mark what came before the release.
  enum Suffix: UInt8, Hashable, CaseIterable {
    case alpha, beta, pre, rc, none, cvs, svn, git, hg, p

    var name: StaticString {
      switch self {
      case .alpha: "alpha"
      case .beta: "beta"
      case .pre: "pre"
      case .rc: "rc"
      case .none: ""
      case .cvs: "cvs"
      case .svn: "svn"
      case .git: "git"
      case .hg: "hg"
      case .p: "p"
      }
    }
  }

  struct Part {
    let kind: Kind
    var suffix = Suffix.none
    /// The digits, the letter, the hash or the name of the suffix.
    let text: UnsafeBufferPointer<UInt8>

    /// The same bytes for all texts that count as one: of a number that is compared by value, without leading zeros.
    var meaning: UnsafeBufferPointer<UInt8> {
      switch kind {
      case .firstNumber, .suffixNumber, .revision:
        UnsafeBufferPointer(rebasing: text.drop { $0 == UInt8(ascii: "0") })
      case .number, .letter, .suffix, .hash: text
      }
    }
  }

  enum Step {
    case part(Part)
    case end
    case invalid(String)
  }

  private var rest: Slice<UnsafeBufferPointer<UInt8>>
  private var last: Kind?

  init(_ bytes: UnsafeBufferPointer<UInt8>) { rest = bytes[...] }

  mutating func next() -> Step {
    guard let last else { return digits(.firstNumber, after: "the start") }
    guard let first = rest.first else { return .end }
    switch first {
    case UInt8(ascii: "a")...UInt8(ascii: "z"):
      guard last <= .number else { return unexpected() }
      return part(.letter, take(1))
    case UInt8(ascii: "."):
      guard last <= .number else { return unexpected() }
      rest.removeFirst()
      return digits(.number, after: "\".\"")
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      guard last == .suffix else { return unexpected() }
      return digits(.suffixNumber, after: "the suffix")
    case UInt8(ascii: "_"):
      guard last <= .suffixNumber else { return unexpected() }
      rest.removeFirst()
      return suffix()
    case UInt8(ascii: "~"):
      guard last < .hash else { return unexpected() }
      rest.removeFirst()
      let hash = take(rest.prefix(while: isLowerHexadecimal).count)
      return hash.isEmpty ? .invalid("no hexadecimal digits follow \"~\"") : part(.hash, hash)
    case UInt8(ascii: "-"):
      guard last < .revision else { return unexpected() }
      guard rest.dropFirst().first == UInt8(ascii: "r") else {
        return .invalid("only \"r\" and a number may follow \"-\"")
      }
      rest.removeFirst(2)
      return digits(.revision, after: "\"-r\"")
    default: return unexpected()
    }
  }

  private mutating func suffix() -> Step {
    let name = take(rest.prefix { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }.count)
    guard !name.isEmpty else { return .invalid("no suffix follows \"_\"") }
    for suffix in Suffix.allCases {
      let known = UnsafeBufferPointer(
        start: suffix.name.utf8Start, count: suffix.name.utf8CodeUnitCount)
      if known.elementsEqual(name) { return part(.suffix, name, suffix) }
    }
    return .invalid(
      "\"_\(String(decoding: name, as: UTF8.self))\" is not one of _alpha, _beta, _pre, _rc, _cvs, _svn, _git, _hg, _p"
    )
  }

  private mutating func digits(_ kind: Kind, after place: String) -> Step {
    let digits = take(rest.prefix(while: isDigit).count)
    return digits.isEmpty ? .invalid("no digit follows \(place)") : part(kind, digits)
  }

  private mutating func part(
    _ kind: Kind, _ text: UnsafeBufferPointer<UInt8>, _ suffix: Suffix = .none
  ) -> Step {
    last = kind
    return .part(Part(kind: kind, suffix: suffix, text: text))
  }

  private mutating func take(_ count: Int) -> UnsafeBufferPointer<UInt8> {
    defer { rest = rest.dropFirst(count) }
    return UnsafeBufferPointer(rebasing: rest.prefix(count))
  }

  private func unexpected() -> Step {
    let text = String(decoding: rest.prefix(30), as: UTF8.self)
    return .invalid("\"\(text)\" may not stand after what is before it")
  }
}

extension AlpineVersionScanner.Kind: Comparable {
  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

private func isLowerHexadecimal(_ byte: UInt8) -> Bool {
  isDigit(byte) || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f"))
}
