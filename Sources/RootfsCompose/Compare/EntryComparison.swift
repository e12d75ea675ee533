import OCIImage

/// What two entries of one path differ in.
enum EntryComparison {
  /// The attributes that differ, the most telling first. Entries of different kinds differ in nothing else.
  static func deviations(
    _ path: TreePath, expected: LayerEntry, found: LayerEntry, layer: Int
  ) -> [Deviation] {
    guard expected != found else { return [] }
    guard expected.kind == found.kind else {
      return [
        Deviation(
          .header, .kind, path: path, expected: text(expected), found: text(found), layer: layer)
      ]
    }
    var result = [Deviation]()
    func compare<Value: Equatable>(
      _ attribute: Deviation.Attribute, _ value: (LayerEntry) -> Value,
      _ text: (LayerEntry) -> String?
    ) {
      guard value(expected) != value(found) else { return }
      result.append(
        Deviation(
          attribute == .content ? .content : .header, attribute, path: path,
          expected: text(expected), found: text(found), layer: layer))
    }
    compare(.content, { [$0.digest?.hex, "\($0.size)"] }, content)
    compare(.linkTarget, { $0.linkTarget }, { $0.linkTarget.map(quoted) })
    for name in Set(expected.xattrs.keys).union(found.xattrs.keys).sorted() {
      let isCapability = name == "security.capability"
      let attribute = isCapability ? .capability : Deviation.Attribute("attribute " + name)
      compare(attribute, { $0.xattrs[name] }, { $0.xattrs[name].map(hexadecimal) })
    }
    compare(.mode, { $0.mode }, { octal($0.mode) })
    compare(.owner, { [$0.uid, $0.gid] }, { "\($0.uid):\($0.gid)" })
    compare(
      .ownerName, { [$0.userName, $0.groupName] }, { "\($0.userName):\($0.groupName)" })
    compare(.device, { $0.device }, { $0.device.map { "\($0.major):\($0.minor)" } })
    compare(.time, { [$0.mtime, $0.nanoseconds] }, time)
    return result
  }

  /// An entry in a few words, where it stands alone.
  static func text(_ entry: LayerEntry) -> String {
    let head = "\(entry.kind.rawValue), mode \(octal(entry.mode)), owner \(entry.uid):\(entry.gid)"
    switch entry.kind {
    case .file: return "\(head), \(content(entry))"
    case .symlink, .hardLink:
      return "\(entry.kind.rawValue) to \(quoted(entry.linkTarget ?? []))"
    default: return head
    }
  }

  private static func content(_ entry: LayerEntry) -> String {
    "\(entry.size) bytes, " + (entry.digest?.description ?? "")
  }

  static func octal(_ mode: UInt16) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// At most 32 bytes.
  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = bytes.prefix(32).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return bytes.count > 32 ? "\(digits)… (\(bytes.count) bytes)" : digits
  }

  /// Times that no date of RFC 3339 can hold are told in seconds.
  private static func time(_ entry: LayerEntry) -> String {
    let isDate = (0...253_402_300_799).contains(entry.mtime)
    let whole =
      isDate ? ImageConfiguration.timestamp(entry.mtime) : "\(entry.mtime) seconds since 1970"
    return entry.nanoseconds == 0 ? whole : "\(whole) and \(entry.nanoseconds) ns"
  }

  private static func quoted(_ bytes: [UInt8]) -> String { ContentDetail.quoted(bytes[...]) }
}
