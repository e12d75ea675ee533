/// Writes tar archives byte by byte, hostile ones too: no name, link or size is checked.
///
/// Source of the format: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header"; tar(5) for GNU's.
public struct TarBuilder: Sendable {
  /// How a name over 100 bytes is written.
  public enum LongNames: Sendable {
    /// GNU's `L` and `K` records, as dpkg-deb writes them.
    case gnu
    /// The pax records `path` and `linkpath`.
    case pax
  }

  /// One member: its header's fields and its bytes.
  public struct Member: Sendable {
    public var name: [UInt8]
    /// The type flag: `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` directory, `6` FIFO.
    public var type: Character
    public var mode: Int
    public var uid: Int
    public var gid: Int
    /// At most 32 bytes each; none where empty.
    public var userName = ""
    public var groupName = ""
    /// In seconds since 1970.
    public var mtime: Int
    public var linkName: [UInt8]
    public var deviceMajor = 0
    public var deviceMinor = 0
    public var content: [UInt8]
    /// The size in the header; that of `content` where nil.
    public var statedSize: Int?
    /// Extra pax records, in order.
    public var pax: [(key: String, value: [UInt8])] = []

    public init(
      _ name: [UInt8], type: Character = "0", mode: Int = 0o644, uid: Int = 0, gid: Int = 0,
      mtime: Int = DebBuilder.defaultTime, linkName: [UInt8] = [], content: [UInt8] = []
    ) {
      self.name = name
      self.type = type
      self.mode = mode
      self.uid = uid
      self.gid = gid
      self.mtime = mtime
      self.linkName = linkName
      self.content = content
    }
  }

  public var members: [Member] = []
  public var longNames = LongNames.gnu

  public init() {}

  /// The whole archive, its two zero blocks at the end included.
  public func bytes() -> [UInt8] {
    members.flatMap(encode) + [UInt8](repeating: 0, count: 1024)
  }

  private func encode(_ member: Member) -> [UInt8] {
    var result = [UInt8]()
    var records = member.pax
    for (key, type, value) in [("path", "L", member.name), ("linkpath", "K", member.linkName)] {
      guard value.count > 100 else { continue }
      switch longNames {
      case .pax: records.append((key, value))
      case .gnu:
        var extra = Member(Array("././@LongLink".utf8), type: Character(type), mtime: 0)
        extra.content = value + [0]
        result += block(extra)
      }
    }
    if !records.isEmpty {
      var extra = Member(Array("PaxHeaders/member".utf8), type: "x", mtime: 0)
      extra.content = records.flatMap { Self.paxRecord($0.key, $0.value) }
      result += block(extra)
    }
    return result + block(member)
  }

  private func block(_ member: Member) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ bytes: some Collection<UInt8>, at offset: Int) {
      header.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    }
    func octal(_ value: Int, width: Int) -> [UInt8] {
      let digits = String(value, radix: 8)
      return Array((String(repeating: "0", count: width - digits.utf8.count) + digits).utf8)
    }
    let size = member.statedSize ?? member.content.count
    put(member.name.prefix(100), at: 0)
    put(octal(member.mode, width: 7), at: 100)
    put(octal(member.uid, width: 7), at: 108)
    put(octal(member.gid, width: 7), at: 116)
    put(octal(size, width: 11), at: 124)
    put(octal(member.mtime, width: 11), at: 136)
    put(Array("        ".utf8), at: 148)
    put([member.type.asciiValue ?? 0x30], at: 156)
    put(member.linkName.prefix(100), at: 157)
    put(Array("ustar\u{0}00".utf8), at: 257)
    put(member.userName.utf8.prefix(32), at: 265)
    put(member.groupName.utf8.prefix(32), at: 297)
    put(octal(member.deviceMajor, width: 7), at: 329)
    put(octal(member.deviceMinor, width: 7), at: 337)
    put(octal(header.reduce(0) { $0 + Int($1) }, width: 6) + [0, 0x20], at: 148)
    let padding = (512 - member.content.count % 512) % 512
    return header + member.content + [UInt8](repeating: 0, count: padding)
  }

  /// `LENGTH KEY=VALUE\n`, where LENGTH counts itself.
  static func paxRecord(_ key: String, _ value: [UInt8]) -> [UInt8] {
    let rest = Array(" \(key)=".utf8) + value + [0x0a]
    var length = rest.count
    while String(length).utf8.count + rest.count != length {
      length = String(length).utf8.count + rest.count
    }
    return Array(String(length).utf8) + rest
  }
}

extension TarBuilder.Member {
  /// A sparse file in GNU's pax format 1.0: `segments` of data at their offsets, holes between them.
  ///
  /// Source: GNU tar's manual, "Storing Sparse Files", "PAX Format, Version 1.0".
  public static func sparse(
    _ name: [UInt8], size: Int, segments: [(offset: Int, bytes: [UInt8])]
  ) -> TarBuilder.Member {
    var map = Array("\(segments.count)\n".utf8)
    for segment in segments {
      map += Array("\(segment.offset)\n\(segment.bytes.count)\n".utf8)
    }
    map += [UInt8](repeating: 0, count: (512 - map.count % 512) % 512)
    var member = TarBuilder.Member(
      Array("./GNUSparseFile.0/member".utf8), content: map + segments.flatMap(\.bytes))
    member.pax = [
      ("GNU.sparse.major", Array("1".utf8)), ("GNU.sparse.minor", Array("0".utf8)),
      ("GNU.sparse.name", name), ("GNU.sparse.realsize", Array("\(size)".utf8)),
    ]
    return member
  }
}
