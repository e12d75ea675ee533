#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a stanza's values must look like.
extension PackagesParser {
  /// The values of a stanza that are numbers.
  struct Checked {
    var flags: UInt32 = 0
    var size: UInt64 = 0
    var installedSize = UInt64.max
    var digest = PackedDigest()
    /// What is kept of the file name.
    var filename = Extent()
  }

  func check() throws(ResolveError) -> Checked {
    try require(.package)
    let name = value(.package)
    let first = part.text[Int(name.start)]
    guard isLetter(first) || isDigit(first), all(name, .name) else {
      throw fault(.package, "expected a package name")
    }
    try require(.version)
    try checkVersion(value(.version))
    try require(.architecture)
    guard all(value(.architecture), .architecture) else {
      throw fault(.architecture, "expected an architecture")
    }
    var checked = Checked()
    if requiresPackageFiles {
      try require(.sha256)
      try require(.filename)
      try require(.size)
    }
    if !value(.sha256).isEmpty {
      guard
        let digest = PackedDigest(part.text + Int(value(.sha256).start), Int(value(.sha256).count))
      else { throw fault(.sha256, "expected 64 hexadecimal digits") }
      checked.digest = digest
      checked.flags |= TableLayout.Flags.hasDigest
    }
    if !value(.filename).isEmpty {
      let folder = usualFolder()
      if folder != nil { checked.flags |= TableLayout.Flags.hasUsualFilename }
      checked.filename = folder ?? value(.filename)
      try checkFilename(checked.filename)
    }
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

  /// The folder of the file's name, where the rest of it follows from name, version and architecture; else nil.
  ///
  /// Such a rest needs no check of its own.
  private func usualFolder() -> Extent? {
    let filename = value(.filename)
    let architecture = value(.architecture)
    var version = value(.version)
    if let colon = memchr(part.text + Int(version.start), Int32(UInt8(ascii: ":")), version.length)
    {
      let after = UnsafeRawPointer(colon) - UnsafeRawPointer(part.text) + 1
      version = Extent(after, version.end)
    }
    var end = filename.end
    func endsWith(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
      guard end - Int(filename.start) >= count,
        memcmp(part.text + (end - count), text, count) == 0
      else { return false }
      end -= count
      return true
    }
    func endsWith(_ extent: Extent) -> Bool {
      endsWith(part.text + Int(extent.start), extent.length)
    }
    func endsWith(_ byte: UInt8) -> Bool {
      guard end > Int(filename.start), part.text[end - 1] == byte else { return false }
      end -= 1
      return true
    }
    let suffix: StaticString = ".deb"
    guard endsWith(suffix.utf8Start, 4), endsWith(architecture), endsWith(UInt8(ascii: "_")),
      endsWith(version), endsWith(UInt8(ascii: "_")), endsWith(value(.package))
    else { return nil }
    if end == Int(filename.start) { return Extent(end, end) }
    guard endsWith(UInt8(ascii: "/")), end > Int(filename.start) else { return nil }
    return Extent(Int(filename.start), end)
  }

  private func checkFilename(_ extent: Extent) throws(ResolveError) {
    guard !extent.isEmpty else { return }
    let path = part.text + Int(extent.start)
    let count = extent.length
    guard path[0] != UInt8(ascii: "/") else {
      throw fault(.filename, "expected a relative path")
    }
    for index in 0..<count {
      guard path[index] > 0x20 && path[index] != 0x7f else {
        throw fault(.filename, "white space and control characters may not stand in it")
      }
      guard path[index] == UInt8(ascii: "."), index + 1 < count,
        path[index + 1] == UInt8(ascii: "."), index == 0 || path[index - 1] == UInt8(ascii: "/"),
        index + 2 == count || path[index + 2] == UInt8(ascii: "/")
      else { continue }
      throw fault(.filename, "\"..\" may not stand in it")
    }
  }

  @inline(__always)
  private func all(_ extent: Extent, _ set: ByteSet) -> Bool {
    set.containsAll(part.text + Int(extent.start), extent.length)
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
