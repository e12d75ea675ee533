/// The fields of a `Packages` index that are read; all others are passed over.
enum IndexField: Int, CaseIterable {
  case package, version, architecture, multiArch, priority, essential
  case depends, preDepends, conflicts, breaks, provides, replaces
  case source, filename, size, sha256, installedSize

  /// As the index writes it, with the colon.
  var label: StaticString {
    switch self {
    case .package: "Package:"
    case .version: "Version:"
    case .architecture: "Architecture:"
    case .multiArch: "Multi-Arch:"
    case .priority: "Priority:"
    case .essential: "Essential:"
    case .depends: "Depends:"
    case .preDepends: "Pre-Depends:"
    case .conflicts: "Conflicts:"
    case .breaks: "Breaks:"
    case .provides: "Provides:"
    case .replaces: "Replaces:"
    case .source: "Source:"
    case .filename: "Filename:"
    case .size: "Size:"
    case .sha256: "SHA256:"
    case .installedSize: "Installed-Size:"
    }
  }

  /// As the index writes it.
  var name: String { String("\(label)".dropLast()) }

  /// The field that a line starts with, names being compared without regard to case; nil for one that is passed over.
  ///
  /// The first eight bytes, in lower case, tell the fields apart; only then are the names compared.
  @inline(__always)
  init?(_ line: UnsafePointer<UInt8>, _ count: Int) {
    let candidate: IndexField
    switch Self.prefix(line, count) {
    case 0x3a65_6761_6b63_6170: candidate = .package
    case 0x3a6e_6f69_7372_6576: candidate = .version
    case 0x6365_7469_6863_7261: candidate = .architecture
    case 0x7261_2d69_746c_756d: candidate = .multiArch
    case 0x7974_6972_6f69_7270: candidate = .priority
    case 0x6169_746e_6573_7365: candidate = .essential
    case 0x3a73_646e_6570_6564: candidate = .depends
    case 0x6570_6564_2d65_7270: candidate = .preDepends
    case 0x7463_696c_666e_6f63: candidate = .conflicts
    case 0x7365_6469_766f_7270: candidate = .provides
    case 0x7365_6361_6c70_6572: candidate = .replaces
    case 0x656d_616e_656c_6966: candidate = .filename
    case 0x656c_6c61_7473_6e69: candidate = .installedSize
    case let prefix where prefix & 0xff_ffff_ffff_ffff == 0x3a_736b_6165_7262:
      candidate = .breaks
    case let prefix where prefix & 0xff_ffff_ffff_ffff == 0x3a_6563_7275_6f73: candidate = .source
    case let prefix where prefix & 0xff_ffff_ffff_ffff == 0x3a_3635_3261_6873: candidate = .sha256
    case let prefix where prefix & 0xff_ffff_ffff == 0x3a_657a_6973: candidate = .size
    default: return nil
    }
    let label = candidate.label
    guard count >= label.utf8CodeUnitCount else { return nil }
    var index = min(8, label.utf8CodeUnitCount - 1)
    while index < label.utf8CodeUnitCount - 1 {
      // Letters differ in this bit by case alone; of what else stands in a field's name, digits and "-" have it set.
      if label.utf8Start[index] | 0x20 != line[index] | 0x20 { return nil }
      index += 1
    }
    guard line[index] == UInt8(ascii: ":") else { return nil }
    self = candidate
  }

  @inline(__always)
  private static func prefix(_ line: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    let lower: UInt64 = 0x2020_2020_2020_2020
    if count >= 8 {
      return UInt64(littleEndian: UnsafeRawPointer(line).loadUnaligned(as: UInt64.self)) | lower
    }
    var prefix: UInt64 = 0
    for index in 0..<count { prefix |= UInt64(line[index]) << UInt64(8 * index) }
    return prefix | lower
  }
}
