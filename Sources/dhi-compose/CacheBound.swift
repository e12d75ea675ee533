import ArgumentParser

/// Reads the bounds of `cache prune`.
enum CacheBound {
  private static let units: [(names: [String], bytes: Int64)] = [
    (["k", "kb"], 1000), (["m", "mb"], 1_000_000), (["g", "gb"], 1_000_000_000),
    (["t", "tb"], 1_000_000_000_000), (["ki", "kib"], 1 << 10), (["mi", "mib"], 1 << 20),
    (["gi", "gib"], 1 << 30), (["ti", "tib"], 1 << 40), (["b"], 1),
  ]

  private static let spans: [(names: [String], seconds: Int64)] = [
    (["s"], 1), (["m"], 60), (["h"], 3600), (["d"], 86_400), (["w"], 7 * 86_400),
  ]

  /// Bytes. Throws `ValidationError`.
  static func size(_ text: String) throws -> Int64 {
    try amount(
      of: text, units: units.map { ($0.names, $0.bytes) },
      expected: "expected a number with a unit, such as 500M, 2G or 1.5GiB")
  }

  /// Seconds. Throws `ValidationError`.
  static func age(_ text: String) throws -> Int64 {
    try amount(
      of: text, units: spans.map { ($0.names, $0.seconds) },
      expected: "expected a number with a unit, such as 90m, 12h, 30d or 8w")
  }

  /// A number, which may have a few decimals, times its unit. Zero needs none.
  private static func amount(
    of text: String, units: [([String], Int64)], expected: String
  ) throws -> Int64 {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let suffix = text.dropFirst(number.count).lowercased()
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.count <= 15 }),
      let whole = Int64(parts[0]), let fraction = Int64(parts.count == 2 ? parts[1] : "0")
    else { throw ValidationError(expected) }
    if suffix.isEmpty, whole == 0, fraction == 0 { return 0 }
    guard let unit = units.first(where: { $0.0.contains(suffix) })?.1 else {
      throw ValidationError(expected)
    }
    let scale = parts.count == 2 ? parts[1].reduce(Int64(1)) { ten, _ in ten * 10 } : 1
    let (base, overflow) = whole.multipliedReportingOverflow(by: unit)
    let (part, partOverflow) = fraction.multipliedReportingOverflow(by: unit)
    let (sum, sumOverflow) = base.addingReportingOverflow(part / scale)
    guard !overflow, !partOverflow, !sumOverflow else { throw ValidationError("is too large") }
    return sum
  }
}
