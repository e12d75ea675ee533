/// Makes a `.deb` in memory.
///
/// Source of the format: deb(5). Entries are written in the order they were added, with names as given after `./`;
/// nothing adds parent directories or checks anything, so that a hostile package can be made too.
public struct DebBuilder: Sendable {
  /// 2025-01-01T00:00:00Z.
  public static let defaultTime = 1_735_689_600

  public var name: String
  public var version: String
  public var architecture: String
  /// Further control fields, in order.
  public var fields: [(name: String, value: String)]
  /// Control members but `control` by name: `postinst`, `md5sums`…
  public var scripts: [String: String] = [:]
  public var data = TarBuilder()
  public var compression = Compression.xz
  public var controlCompression: Compression?
  /// The time of the ar members, in seconds since 1970.
  public var timestamp = DebBuilder.defaultTime

  public init(
    _ name: String, version: String = "1.0-1", architecture: String = "amd64",
    fields: [(name: String, value: String)] = [], compression: Compression = .xz
  ) {
    self.name = name
    self.version = version
    self.architecture = architecture
    self.fields = fields
    self.compression = compression
  }

  /// `NAME_VERSION_ARCH.deb`, the epoch left out.
  public var fileName: String {
    let bare = version.split(separator: ":", maxSplits: 1).last.map(String.init) ?? version
    return "\(name)_\(bare)_\(architecture).deb"
  }

  /// The package's stanza, as `control` holds it.
  public var control: String {
    let required = [
      ("Package", name), ("Version", version), ("Architecture", architecture),
      ("Maintainer", "Nobody <nobody@example.org>"),
    ]
    let description = fields.contains { $0.name == "Description" }
    let last = description ? [] : [("Description", "a package made by a test")]
    return (required + fields.map { ($0.name, $0.value) } + last).map { "\($0.0): \($0.1)\n" }
      .joined()
  }

  // MARK: Entries

  public mutating func directory(_ path: String, mode: Int = 0o755, uid: Int = 0, gid: Int = 0) {
    add(.init(Self.stored(path + "/"), type: "5", mode: mode, uid: uid, gid: gid))
  }

  public mutating func file(
    _ path: String, _ text: String = "", mode: Int = 0o644, uid: Int = 0, gid: Int = 0
  ) {
    file(path, bytes: Array(text.utf8), mode: mode, uid: uid, gid: gid)
  }

  public mutating func file(
    _ path: String, bytes: [UInt8], mode: Int = 0o644, uid: Int = 0, gid: Int = 0
  ) {
    add(.init(Self.stored(path), mode: mode, uid: uid, gid: gid, content: bytes))
  }

  public mutating func symlink(_ path: String, to target: String) {
    add(.init(Self.stored(path), type: "2", mode: 0o777, linkName: Array(target.utf8)))
  }

  /// A hard link to an entry of this package.
  public mutating func hardLink(_ path: String, to target: String) {
    add(.init(Self.stored(path), type: "1", linkName: Self.stored(target)))
  }

  public mutating func characterDevice(_ path: String, major: Int, minor: Int) {
    var member = TarBuilder.Member(Self.stored(path), type: "3", mode: 0o666)
    member.deviceMajor = major
    member.deviceMinor = minor
    add(member)
  }

  public mutating func fifo(_ path: String) { add(.init(Self.stored(path), type: "6")) }

  /// A file with an extended attribute, as a `SCHILY.xattr` pax record.
  public mutating func file(
    _ path: String, _ text: String, mode: Int = 0o644, attribute: String, value: [UInt8]
  ) {
    var member = TarBuilder.Member(Self.stored(path), mode: mode, content: Array(text.utf8))
    member.pax = [("SCHILY.xattr." + attribute, value)]
    add(member)
  }

  /// Any member, its name as it is.
  public mutating func add(_ member: TarBuilder.Member) { data.members.append(member) }

  /// `./` and the path without its leading slash: how dpkg-deb writes names.
  public static func stored(_ path: String) -> [UInt8] {
    Array(("./" + path.drop { $0 == "/" }).utf8)
  }

  // MARK: The archive

  /// The ar members of the package: `debian-binary`, the control member, the data member.
  public func members() throws -> [(name: String, bytes: [UInt8])] {
    var tar = TarBuilder()
    tar.members = [.init(Array("./".utf8), type: "5", mode: 0o755)]
    tar.members.append(.init(Array("./control".utf8), content: Array(control.utf8)))
    let executable: Set = ["preinst", "postinst", "prerm", "postrm", "config"]
    for (name, text) in scripts.sorted(by: { $0.key < $1.key }) {
      tar.members.append(
        .init(
          Array("./\(name)".utf8), mode: executable.contains(name) ? 0o755 : 0o644,
          content: Array(text.utf8)))
    }
    let control = controlCompression ?? compression
    return [
      ("debian-binary", Array("2.0\n".utf8)),
      ("control.tar" + control.suffix, try control.compress(tar.bytes())),
      ("data.tar" + compression.suffix, try compression.compress(data.bytes())),
    ]
  }

  public func bytes() throws -> [UInt8] { Self.archive(try members(), time: timestamp) }

  /// An ar archive in the common format of deb(5): 60-byte headers, members padded to even offsets.
  public static func archive(
    _ members: [(name: String, bytes: [UInt8])], time: Int = DebBuilder.defaultTime
  ) -> [UInt8] {
    func field(_ text: String, _ width: Int) -> [UInt8] {
      Array((text + String(repeating: " ", count: max(0, width - text.utf8.count))).utf8)
    }
    var result = Array("!<arch>\n".utf8)
    for (name, bytes) in members {
      result += field(name, 16) + field(String(time), 12) + field("0", 6) + field("0", 6)
      result += field("100644", 8) + field(String(bytes.count), 10) + [0x60, 0x0a]
      result += bytes
      if !bytes.count.isMultiple(of: 2) { result.append(0x0a) }
    }
    return result
  }

  /// Writes the package to `directory` under ``fileName``; returns the path.
  @discardableResult
  public func write(to directory: String) throws -> String {
    let path = directory + "/" + fileName
    try writeFile(try bytes(), to: path)
    return path
  }
}
