/// A Debian package version: `[epoch:]upstream[-revision]`.
///
/// Source: deb-version(7), Debian Policy §5.6.12. Two versions are equal where dpkg calls them equal (`1.0` and
/// `0:1.0-0`, `1.01` and `1.1`).
public struct DebianVersion: Sendable, CustomStringConvertible {
  public let epoch: UInt32
  public let upstream: String
  /// Empty where there is none, which sorts as `0`.
  public let revision: String
  /// As written.
  public let description: String

  /// Throws ``ResolveError`` (`invalidVersion`) with what dpkg would refuse.
  public init(parsing text: String) throws(ResolveError) {
    func refuse(_ message: String) -> ResolveError {
      ResolveError(
        .invalidVersion, "version \"\(text.prefix(80))\"",
        "\(message); expected [epoch:]upstream[-revision]")
    }
    let trimmed = text.utf8.drop { Self.isSpace($0) }
    let kept = trimmed.reversed().drop { Self.isSpace($0) }.reversed()
    var rest = String(decoding: Array(kept), as: UTF8.self)[...]
    guard !rest.isEmpty else { throw refuse("is empty") }
    guard !rest.utf8.contains(where: Self.isSpace) else { throw refuse("holds white space") }
    description = String(rest)
    if let colon = rest.firstIndex(of: ":") {
      let digits = rest[..<colon]
      guard !digits.isEmpty else { throw refuse("has an empty epoch") }
      guard digits.utf8.allSatisfy(Self.isDigit) else {
        throw refuse("has an epoch that is no number")
      }
      guard let number = Int32(digits) else { throw refuse("has an epoch over 2147483647") }
      epoch = UInt32(number)
      rest = rest[rest.index(after: colon)...]
      guard !rest.isEmpty else { throw refuse("has nothing after the epoch") }
    } else {
      epoch = 0
    }
    if let hyphen = rest.lastIndex(of: "-") {
      revision = String(rest[rest.index(after: hyphen)...])
      guard !revision.isEmpty else { throw refuse("has an empty revision") }
      rest = rest[..<hyphen]
    } else {
      revision = ""
    }
    upstream = String(rest)
    guard let first = upstream.utf8.first else { throw refuse("has an empty upstream version") }
    guard Self.isDigit(first) else { throw refuse("does not begin with a digit") }
    guard upstream.utf8.allSatisfy({ Self.isAllowed($0) || $0 == 0x2D || $0 == 0x3A }) else {
      throw refuse("has a character that no upstream version may hold")
    }
    guard revision.utf8.allSatisfy(Self.isAllowed) else {
      throw refuse("has a character that no revision may hold")
    }
  }

  /// Whether a recipe's `name=version` means this version: the same, or the same but for an epoch or a Debian revision
  /// that the recipe leaves out. A revision's own suffix (`+b1`) is never left out.
  public func satisfies(requested: DebianVersion) -> Bool {
    if self == requested { return true }
    let epochLeftOut = !requested.description.contains(":")
    guard requested.epoch == epoch || epochLeftOut else { return false }
    let (sameUpstream, hasRevision) = (
      Self.order(upstream, requested.upstream) == 0, !requested.revision.isEmpty
    )
    return sameUpstream && (!hasRevision || Self.order(revision, requested.revision) == 0)
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    isDigit(byte) || isLetter(byte) || byte == 0x2B || byte == 0x2E || byte == 0x7E
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  /// The weight of a byte in a non-digit part: `~` before the end, the end before letters, letters before the rest.
  private static func weight(_ byte: UInt8) -> Int {
    if byte == 0x7E { return -1 }
    return isLetter(byte) ? Int(byte) : Int(byte) + 256
  }

  /// Negative, zero or positive as dpkg orders two upstream versions or two revisions.
  static func order(_ left: String, _ right: String) -> Int {
    var left = left
    var right = right
    return left.withUTF8 { left in right.withUTF8 { right in order(left, right) } }
  }

  private static func order(
    _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
  ) -> Int {
    var (i, j) = (0, 0)
    while i < left.count || j < right.count {
      while (i < left.count && !isDigit(left[i])) || (j < right.count && !isDigit(right[j])) {
        let a = i < left.count && !isDigit(left[i]) ? weight(left[i]) : 0
        let b = j < right.count && !isDigit(right[j]) ? weight(right[j]) : 0
        if a != b { return a - b }
        i += 1
        j += 1
      }
      while i < left.count, left[i] == 0x30 { i += 1 }
      while j < right.count, right[j] == 0x30 { j += 1 }
      var difference = 0
      while i < left.count, isDigit(left[i]), j < right.count, isDigit(right[j]) {
        if difference == 0 { difference = Int(left[i]) - Int(right[j]) }
        i += 1
        j += 1
      }
      if i < left.count, isDigit(left[i]) { return 1 }
      if j < right.count, isDigit(right[j]) { return -1 }
      if difference != 0 { return difference }
    }
    return 0
  }
}

extension DebianVersion: Comparable {
  public static func == (left: DebianVersion, right: DebianVersion) -> Bool {
    left.epoch == right.epoch && order(left.upstream, right.upstream) == 0
      && order(left.revision, right.revision) == 0
  }

  public static func < (left: DebianVersion, right: DebianVersion) -> Bool {
    if left.epoch != right.epoch { return left.epoch < right.epoch }
    let upstream = order(left.upstream, right.upstream)
    if upstream != 0 { return upstream < 0 }
    return order(left.revision, right.revision) < 0
  }
}
