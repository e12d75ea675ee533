/// How apk orders two versions, or two texts that are no versions.
///
/// apk compares part by part and looks no further than the first difference, so that it orders texts whose invalid
/// part it never comes to: `1.0` is before `1.0bc`.
/// Source: apk-package(5), "version"; the vectors of apk-tools.
public enum AlpineVersionOrder: Sendable {
  case less, equal, greater

  /// With `isPrefix`, a left text that continues the right one counts as equal to it.
  public init(_ left: String, _ right: String, isPrefix: Bool = false) {
    var left = left
    var right = right
    self = left.withUTF8 { leftBytes in
      right.withUTF8 { rightBytes in
        Self.compare(leftBytes, rightBytes, isPrefix)
      }
    }
  }

  private static func compare(
    _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>, _ isPrefix: Bool
  ) -> Self {
    var leftScanner = AlpineVersionScanner(left)
    var rightScanner = AlpineVersionScanner(right)
    while true {
      let a = leftScanner.next()
      let b = rightScanner.next()
      guard case .part(let leftPart) = a, case .part(let rightPart) = b,
        leftPart.kind == rightPart.kind
      else {
        if isPrefix, case .end = b { return .equal }
        return divergence(a, b)
      }
      let order = compare(leftPart, rightPart)
      if order != .equal { return order }
    }
  }

  /// All parts so far were equal: what has more of them is greater, unless the next marks what came before a release.
  private static func divergence(
    _ left: AlpineVersionScanner.Step, _ right: AlpineVersionScanner.Step
  )
    -> Self
  {
    if rank(left) == rank(right) { return .equal }
    if isBeforeRelease(left) { return .less }
    if isBeforeRelease(right) { return .greater }
    return rank(left) > rank(right) ? .less : .greater
  }

  private static func rank(_ step: AlpineVersionScanner.Step) -> UInt8 {
    switch step {
    case .part(let part): part.kind.rawValue
    case .end: 100
    case .invalid: 101
    }
  }

  private static func isBeforeRelease(_ step: AlpineVersionScanner.Step) -> Bool {
    guard case .part(let part) = step, part.kind == .suffix else { return false }
    return part.suffix.rawValue < AlpineVersionScanner.Suffix.none.rawValue
  }

  private static func compare(_ left: AlpineVersionScanner.Part, _ right: AlpineVersionScanner.Part)
    -> Self
  {
    switch left.kind {
    case .firstNumber, .suffixNumber, .revision: return byValue(left.text, right.text)
    case .number:
      // As Gentoo does: a number with a leading zero is a decimal fraction, and both are compared as text.
      let zero = UInt8(ascii: "0")
      return left.text.first == zero || right.text.first == zero
        ? byText(left.text, right.text) : byValue(left.text, right.text)
    case .suffix:
      let (a, b) = (left.suffix.rawValue, right.suffix.rawValue)
      return a == b ? .equal : a < b ? .less : .greater
    case .letter, .hash: return byText(left.text, right.text)
    }
  }

  private static func byValue(
    _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
  ) -> Self {
    let a = left.drop { $0 == UInt8(ascii: "0") }
    let b = right.drop { $0 == UInt8(ascii: "0") }
    if a.count != b.count { return a.count < b.count ? .less : .greater }
    return byText(UnsafeBufferPointer(rebasing: a), UnsafeBufferPointer(rebasing: b))
  }

  private static func byText(
    _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
  ) -> Self {
    for (a, b) in zip(left, right) where a != b { return a < b ? .less : .greater }
    return left.count == right.count ? .equal : left.count < right.count ? .less : .greater
  }
}
