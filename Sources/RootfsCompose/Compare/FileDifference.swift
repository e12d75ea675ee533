import PkgResolve

/// A path that two images do not have alike. Times are not compared: they are those of the build.
public struct FileDifference: Sendable, Encodable, Equatable {
  public enum Change: String, Sendable, Encodable {
    case added, removed, content, mode, owner, capabilities, device
    /// `file` → `symlink`.
    case kind
    case linkTarget = "link target"
    case attributes = "extended attributes"
  }

  /// One thing about the path that changed.
  public struct Aspect: Sendable, Encodable, Equatable {
    public let change: Change
    public let before: String?
    public let after: String?
    /// Whether it gives or takes rights: set-user-ID, set-group-ID, capabilities, who may write, devices.
    public let isSecurityRelevant: Bool
  }

  public let path: String
  /// Which package's it is, as the image's own inventory says; nil for what is of none.
  public let package: String?
  /// At least one.
  public let aspects: [Aspect]
  /// Of a regular file, in bytes; nil for all else.
  public let sizeBefore: Int64?
  public let sizeAfter: Int64?

  public var isAdded: Bool { aspects.first?.change == .added }
  public var isRemoved: Bool { aspects.first?.change == .removed }
  public var isSecurityRelevant: Bool { aspects.contains(where: \.isSecurityRelevant) }

  /// Bytes that it adds; below zero where it takes some.
  public var sizeChange: Int64 { (sizeAfter ?? 0) - (sizeBefore ?? 0) }

  /// nil where both are alike.
  init?(_ path: TreePath, package: String?, _ before: LayerEntry?, _ after: LayerEntry?) {
    let aspects = Self.aspects(before, after)
    guard !aspects.isEmpty else { return nil }
    self.path = path.description
    self.package = package
    self.aspects = aspects
    sizeBefore = before.flatMap { $0.kind == .file ? $0.size : nil }
    sizeAfter = after.flatMap { $0.kind == .file ? $0.size : nil }
  }

  private static func aspects(_ before: LayerEntry?, _ after: LayerEntry?) -> [Aspect] {
    switch (before, after) {
    case (nil, nil): return []
    case (nil, let after?):
      return [
        Aspect(
          change: .added, before: nil, after: after.summary, isSecurityRelevant: after.hasRights)
      ]
    case (let before?, nil):
      return [
        Aspect(
          change: .removed, before: before.summary, after: nil,
          isSecurityRelevant: before.hasRights)
      ]
    case (let before?, let after?): return changes(before, after)
    }
  }

  private static func changes(_ before: LayerEntry, _ after: LayerEntry) -> [Aspect] {
    var aspects = [Aspect]()
    func add(_ change: Change, _ old: String?, _ new: String?, _ isRelevant: Bool = false) {
      aspects.append(
        Aspect(change: change, before: old, after: new, isSecurityRelevant: isRelevant))
    }
    guard before.kind == after.kind else {
      let isRelevant = before.hasRights || after.hasRights
      return [
        Aspect(
          change: .kind, before: before.summary, after: after.summary,
          isSecurityRelevant: isRelevant)
      ]
    }
    if before.digest != after.digest || before.size != after.size {
      // Of one size, the digests tell them apart.
      let isLike = before.size == after.size
      func text(_ entry: LayerEntry) -> String {
        entry.sizeText + (isLike ? ", sha256:\(entry.digest?.hex.prefix(8) ?? "")…" : "")
      }
      add(.content, text(before), text(after))
    }
    if before.linkTarget != after.linkTarget {
      add(.linkTarget, before.targetText, after.targetText)
    }
    if before.device != after.device {
      add(.device, before.deviceText, after.deviceText, true)
    }
    // A link's mode is never looked at.
    if before.mode != after.mode, before.kind != .symlink {
      let isRelevant =
        (before.mode ^ after.mode) & 0o6000 != 0 || !before.isOpenToAll && after.isOpenToAll
      add(.mode, before.modeText, after.modeText, isRelevant)
    }
    if before.uid != after.uid || before.gid != after.gid {
      add(.owner, before.ownerText, after.ownerText, (before.mode | after.mode) & 0o6000 != 0)
    }
    if before.xattrs != after.xattrs {
      let name = FileCapabilities.attribute
      let (old, new) = (before.xattrs[name], after.xattrs[name])
      if old != new {
        add(.capabilities, old.map(FileCapabilities.text), new.map(FileCapabilities.text), true)
      }
      let others = Set(before.xattrs.keys).union(after.xattrs.keys).sorted()
        .filter { $0 != name && before.xattrs[$0] != after.xattrs[$0] }
      if !others.isEmpty {
        func names(_ entry: LayerEntry) -> String? {
          let there = others.filter { entry.xattrs[$0] != nil }
          return there.isEmpty ? nil : there.joined(separator: " ")
        }
        add(.attributes, names(before), names(after))
      }
    }
    return aspects
  }
}

extension LayerEntry {
  /// Whether it gives whoever runs, opens or writes it more than the usual.
  var hasRights: Bool {
    kind == .characterDevice || kind == .blockDevice || kind == .file && mode & 0o6000 != 0
      || isOpenToAll || xattrs[FileCapabilities.attribute] != nil
  }

  /// Whether every account may write it, or put in the place of what it holds something else.
  fileprivate var isOpenToAll: Bool {
    switch kind {
    case .symlink: false
    case .directory: mode & 0o1002 == 0o002
    default: mode & 0o002 != 0
    }
  }

  fileprivate var sizeText: String { byteText(size) }
  fileprivate var modeText: String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
  fileprivate var ownerText: String { "\(uid):\(gid)" }
  fileprivate var targetText: String? { linkTarget.map { String(decoding: $0, as: UTF8.self) } }
  fileprivate var deviceText: String? { device.map { "\($0.major):\($0.minor)" } }

  /// `1.2 kB, mode 4755`, `symlink to dash`: what it is, with the rights that are not the usual ones.
  fileprivate var summary: String {
    var parts: [String]
    switch kind {
    case .file: parts = [sizeText]
    case .symlink, .hardLink: return "\(kind.rawValue) to \(targetText ?? "")"
    case .characterDevice, .blockDevice: parts = ["\(kind.rawValue) \(deviceText ?? "")"]
    default: parts = [kind.rawValue]
    }
    if mode & 0o7000 != 0 || isOpenToAll { parts.append("mode \(modeText)") }
    if uid != 0 || gid != 0 { parts.append("owner \(ownerText)") }
    if let bytes = xattrs[FileCapabilities.attribute] { parts.append(FileCapabilities.text(bytes)) }
    return parts.joined(separator: ", ")
  }
}
