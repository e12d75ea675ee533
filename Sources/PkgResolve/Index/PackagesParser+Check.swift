/// What a stanza's values must look like.
extension PackagesParser {
  /// The values of a stanza that are numbers.
  struct Checked {
    var flags: UInt32 = 0
    var size: UInt64 = 0
    var installedSize = UInt64.max
  }

  func check() throws(ResolveError) -> Checked {
    try require(.package)
    let name = value(.package)
    let first = part.text[Int(name.start)]
    guard isLetter(first) || isDigit(first), all(name, isNameByte) else {
      throw fault(.package, "expected a package name")
    }
    try require(.version)
    try checkVersion(value(.version))
    try require(.architecture)
    guard all(value(.architecture), isArchitectureByte) else {
      throw fault(.architecture, "expected an architecture")
    }
    var checked = Checked()
    if requiresPackageFiles {
      try require(.sha256)
      try require(.filename)
      try require(.size)
    }
    if !value(.sha256).isEmpty {
      guard value(.sha256).count == 64, all(value(.sha256), isHexadecimal) else {
        throw fault(.sha256, "expected 64 hexadecimal digits")
      }
      checked.flags |= TableLayout.Flags.hasDigest
    }
    if !value(.filename).isEmpty { try checkFilename(value(.filename)) }
    checked.flags |= try multiArch()
    checked.flags |= priority() << TableLayout.Flags.priorityShift
    if isEqual(value(.essential), "yes") { checked.flags |= TableLayout.Flags.essential }
    if has(.size) { checked.size = UInt64(try number(.size)) }
    if has(.installedSize) {
      let kibibytes = try number(.installedSize)
      guard kibibytes <= Int64.max >> 10 else {
        throw fault(.installedSize, "expected a number")
      }
      checked.installedSize = UInt64(kibibytes) << 10
    }
    return checked
  }

  private func require(_ field: IndexField) throws(ResolveError) {
    guard value(field).isEmpty else { return }
    let name = has(.package) ? part.string(value(.package)) + ": " : ""
    throw part.fault("\(name)the field \"\(field.name)\" is missing", at: stanzaStart)
  }

  private func checkVersion(_ extent: Extent) throws(ResolveError) {
    if isPlainVersion(part.text + Int(extent.start), Int(extent.count)) { return }
    do throws(DebianVersion.Fault) {
      _ = try DebianVersion(part.bytes(extent)[...])
    } catch {
      throw fault(.version, error.message)
    }
  }

  private func multiArch() throws(ResolveError) -> UInt32 {
    guard has(.multiArch) else { return 0 }
    let value = value(.multiArch)
    if isEqual(value, "no") { return UInt32(PackageRecord.MultiArch.no.rawValue) }
    if isEqual(value, "same") { return UInt32(PackageRecord.MultiArch.same.rawValue) }
    if isEqual(value, "foreign") { return UInt32(PackageRecord.MultiArch.foreign.rawValue) }
    if isEqual(value, "allowed") { return UInt32(PackageRecord.MultiArch.allowed.rawValue) }
    throw fault(.multiArch, "expected no, same, foreign or allowed")
  }

  private func priority() -> UInt32 {
    let value = value(.priority)
    if isEqual(value, "optional") { return UInt32(PackageRecord.Priority.optional.rawValue) }
    if isEqual(value, "required") { return UInt32(PackageRecord.Priority.required.rawValue) }
    if isEqual(value, "important") { return UInt32(PackageRecord.Priority.important.rawValue) }
    if isEqual(value, "standard") { return UInt32(PackageRecord.Priority.standard.rawValue) }
    if isEqual(value, "extra") { return UInt32(PackageRecord.Priority.extra.rawValue) }
    return UInt32(PackageRecord.Priority.unknown.rawValue)
  }

  private func number(_ field: IndexField) throws(ResolveError) -> Int64 {
    let extent = value(field)
    guard let number = decimal(part.text + Int(extent.start), Int(extent.count)) else {
      throw fault(field, "expected a number")
    }
    return number
  }

  private func checkFilename(_ extent: Extent) throws(ResolveError) {
    let path = part.text + Int(extent.start)
    let count = Int(extent.count)
    guard path[0] != UInt8(ascii: "/") else {
      throw fault(.filename, "expected a relative path")
    }
    guard all(extent, { $0 > 0x20 && $0 != 0x7f }) else {
      throw fault(.filename, "white space and control characters may not stand in it")
    }
    for index in 1..<max(1, count)
    where path[index] == UInt8(ascii: ".") && path[index - 1] == UInt8(ascii: ".") {
      if (index == 1 || path[index - 2] == UInt8(ascii: "/"))
        && (index + 1 == count || path[index + 1] == UInt8(ascii: "/"))
      {
        throw fault(.filename, "\"..\" may not stand in it")
      }
    }
  }

  func writeDigest(_ digits: Extent, to place: UnsafeMutableRawPointer) {
    let text = part.text + Int(digits.start)
    for index in 0..<32 {
      let value = hexadecimal(text[2 * index]) << 4 | hexadecimal(text[2 * index + 1])
      place.storeBytes(of: value, toByteOffset: index, as: UInt8.self)
    }
  }

  @inline(__always)
  private func all(_ extent: Extent, _ accept: (UInt8) -> Bool) -> Bool {
    for index in Int(extent.start)..<extent.end where !accept(part.text[index]) { return false }
    return true
  }

  @inline(__always)
  private func isEqual(_ extent: Extent, _ text: StaticString) -> Bool {
    guard Int(extent.count) == text.utf8CodeUnitCount else { return false }
    let start = part.text + Int(extent.start)
    for index in 0..<text.utf8CodeUnitCount where start[index] != text.utf8Start[index] {
      return false
    }
    return true
  }

  func fault(_ field: IndexField, _ expected: String) -> ResolveError {
    let shown = String(part.string(value(field)).prefix(80))
    // The value may start on a later line than its field.
    var place = Int(value(field).start)
    let label = field.label.utf8CodeUnitCount
    while place > stanzaStart {
      place -= 1
      if (place == stanzaStart || part.text[place - 1] == UInt8(ascii: "\n"))
        && IndexField(part.text + place, min(label, part.end - place)) == field
      {
        break
      }
    }
    return part.fault("\(field.name) \"\(shown)\": \(expected)", at: place)
  }
}

/// Whether a version is of the usual form: nothing but letters, digits and what stands between them, after an epoch of
/// at most nine digits. Of any other it is not known whether it is one.
@inline(__always)
func isPlainVersion(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
  var start = 0
  while start < min(count, 9), isDigit(text[start]) { start += 1 }
  if start < count, text[start] == UInt8(ascii: ":") {
    start += 1
  } else {
    start = 0
  }
  guard start < count, start != 1, isDigit(text[start]), text[count - 1] != UInt8(ascii: "-") else {
    return false
  }
  for index in start..<count
  where !isUpstreamByte(text[index]) && text[index] != UInt8(ascii: "-") {
    return false
  }
  return true
}

/// A number of decimal digits only; nil where it is something else or over `Int64.max`. No digits make nothing.
@inline(__always)
func decimal(_ text: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
  guard count > 0 else { return nil }
  var value: Int64 = 0
  for index in 0..<count {
    guard isDigit(text[index]) else { return nil }
    let (product, overflow) = value.multipliedReportingOverflow(by: 10)
    let (sum, overflowToo) = product.addingReportingOverflow(Int64(text[index] & 15))
    if overflow || overflowToo { return nil }
    value = sum
  }
  return value
}

@inline(__always)
func isHexadecimal(_ byte: UInt8) -> Bool {
  let lower = byte | 0x20
  return isDigit(byte) || (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "f"))
}

/// The value of a hexadecimal digit.
@inline(__always)
private func hexadecimal(_ digit: UInt8) -> UInt8 { (digit & 15) &+ (digit >> 6) &* 9 }
