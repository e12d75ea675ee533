/// What tells two resolutions apart, by package name.
public struct ResolutionChange: Sendable {
  let added: [PackageRecord]
  let removed: [PackageRecord]
  let changed: [(from: PackageRecord, to: PackageRecord)]

  public init(from old: Resolution, to new: Resolution) {
    let before = Dictionary(old.packages.map { ($0.record.name, $0.record) }) { first, _ in first }
    let after = Dictionary(new.packages.map { ($0.record.name, $0.record) }) { first, _ in first }
    added = new.packages.map(\.record).filter { before[$0.name] == nil }
    removed = old.packages.map(\.record).filter { after[$0.name] == nil }
    changed = new.packages.map(\.record).compactMap { record in
      guard let other = before[record.name],
        (other.version, other.architecture) != (record.version, record.architecture)
      else { return nil }
      return (other, record)
    }
  }

  public var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }

  /// A line a package, then the sums: `2 added, 0 changed, 1 removed; download +1.2 MB, …`.
  public var text: String {
    var lines = [String]()
    func line(_ verb: String, _ record: PackageRecord, _ version: String) -> String {
      let installed = record.installedSize.map { ", \(byteText($0)) installed" } ?? ""
      return "  " + verb
        + printable(" \(record.name) \(version) \(record.architecture)")
        + "  \(byteText(record.size))\(installed)"
    }
    for record in added { lines.append(line("add   ", record, record.version)) }
    for (old, new) in changed {
      lines.append(line("change", new, "\(old.version) -> \(new.version)"))
    }
    for record in removed { lines.append(line("remove", record, record.version)) }
    lines.append(
      "  \(added.count) added, \(changed.count) changed, \(removed.count) removed; "
        + "download \(difference(\.size)), installed \(difference { $0.installedSize ?? 0 })")
    return lines.map { $0 + "\n" }.joined()
  }

  private func difference(_ size: (PackageRecord) -> Int64) -> String {
    func sum(_ records: [PackageRecord]) -> Int64 {
      records.reduce(0) { saturatingSum($0, max(0, size($1))) }
    }
    // Both sums are zero or more, so that their difference always is a number.
    let bytes = sum(added + changed.map(\.to)) - sum(removed + changed.map(\.from))
    return bytes < 0 ? "-" + byteText(-bytes) : "+" + byteText(bytes)
  }
}
