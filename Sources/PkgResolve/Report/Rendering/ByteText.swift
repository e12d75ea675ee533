/// A size for a person: `812 B`, `3.4 kB`, `17.9 MB`; decimal units.
public func byteText(_ bytes: Int64) -> String {
  let units = ["kB", "MB", "GB", "TB"]
  guard bytes >= 1000 else { return "\(bytes) B" }
  var tenths = bytes / 100
  var unit = 0
  while tenths >= 10_000, unit < units.count - 1 {
    tenths /= 1000
    unit += 1
  }
  return "\(tenths / 10).\(tenths % 10) \(units[unit])"
}
