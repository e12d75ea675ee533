/// Where the regular files of an uncompressed tar archive lie, so that they can be read at random.
///
/// Reads ustar, pax and GNU names, which is what container tools write.
///
/// Sources: POSIX.1-2017, pax; GNU tar manual, "Basic Tar Format".
struct ArchiveIndex: Sendable {
  struct Member: Sendable {
    let offset: Int64
    let size: Int64
  }

  let path: String
  /// By name, without `./` in front. Of two members of one name the later one counts.
  private(set) var members: [String: Member] = [:]

  private static let maximumMembers = 100_000
  /// Of a member that only names another one.
  private static let maximumNameSize: Int64 = 1 << 20

  /// Throws ``OCIError`` (`notFound`, `inputUnreadable`, `invalidArchive`, `limitExceeded`).
  init(_ path: String) throws(OCIError) {
    self.path = path
    let file = try InputFile(path, code: .inputUnreadable)
    var offset: Int64 = 0
    var overrides = Overrides()
    while offset + 512 <= file.size {
      let block = try Self.read(file, at: offset, count: 512)
      if block.allSatisfy({ $0 == 0 }) { break }
      let header = try Header(block, path: path, offset: offset)
      let isMeta = "xgLK".utf8.contains(header.typeFlag)
      let size = isMeta ? header.size : overrides.size ?? header.size
      let data = offset + 512
      guard size <= file.size - data else {
        throw OCIError(.invalidArchive, path, "ends within \"\(header.name)\"; copy it again")
      }
      if isMeta {
        guard size <= Self.maximumNameSize else {
          throw OCIError(
            .limitExceeded, path, "a tar header of \(size) bytes; at most 1 MiB is read")
        }
        overrides.take(header.typeFlag, try Self.read(file, at: data, count: Int(size)))
      } else {
        try add(overrides.name ?? header.name, header.typeFlag, Member(offset: data, size: size))
        overrides = Overrides()
      }
      offset = data + size + Int64(TarHeader.padding(size))
    }
  }

  /// The bytes of a small member. Throws ``OCIError`` (`notFound`, `limitExceeded`).
  func document(_ name: String) throws(OCIError) -> [UInt8] {
    guard let member = members[name] else {
      throw OCIError(.notFound, path, "is not an OCI archive: it has no \"\(name)\"")
    }
    guard member.size <= CanonicalJSON.maximumSize else {
      throw OCIError(.limitExceeded, path, "\"\(name)\" is larger than a document may be")
    }
    return try Self.read(
      InputFile(path, code: .inputUnreadable), at: member.offset, count: Int(member.size))
  }

  private mutating func add(_ name: String, _ typeFlag: UInt8, _ member: Member) throws(OCIError) {
    guard typeFlag == UInt8(ascii: "0") || typeFlag == 0 else { return }
    guard members.count < Self.maximumMembers else {
      throw OCIError(.limitExceeded, path, "more than \(Self.maximumMembers) members")
    }
    members[name.hasPrefix("./") ? String(name.dropFirst(2)) : name] = member
  }

  private static func read(
    _ file: borrowing InputFile, at offset: Int64, count: Int
  ) throws(OCIError) -> [UInt8] {
    var bytes = [UInt8]()
    bytes.reserveCapacity(count)
    try file.forEachChunk(at: offset, count: Int64(count)) { bytes.append(contentsOf: $0) }
    return bytes
  }
}

extension ArchiveIndex {
  private struct Header {
    let name: String
    let size: Int64
    let typeFlag: UInt8

    init(_ block: [UInt8], path: String, offset: Int64) throws(OCIError) {
      let sum = block.enumerated().reduce(0) {
        $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element))
      }
      guard Header.number(block[148..<156]) == Int64(sum),
        let size = Header.number(block[124..<136])
      else {
        throw OCIError(
          .invalidArchive, path,
          "is not an uncompressed tar archive: no valid header at byte \(offset)")
      }
      let isPosix = block[257..<263].elementsEqual("ustar\u{0}".utf8)
      let prefix = isPosix ? Header.text(block[345..<500]) : ""
      name = (prefix.isEmpty ? "" : prefix + "/") + Header.text(block[0..<100])
      self.size = size
      typeFlag = block[156]
    }

    static func text(_ field: ArraySlice<UInt8>) -> String {
      String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Octal digits, or GNU's base-256 form, which the first byte's high bit marks.
    static func number(_ field: ArraySlice<UInt8>) -> Int64? {
      if let first = field.first, first & 0x80 != 0 {
        var value = Int64(first & 0x7F)
        for byte in field.dropFirst() {
          guard value < Int64(1) << 54 else { return nil }
          value = value << 8 | Int64(byte)
        }
        return value
      }
      let digits = text(field).drop { $0 == " " }.prefix { $0 != " " }
      return digits.isEmpty ? 0 : Int64(digits, radix: 8).flatMap { $0 < 0 ? nil : $0 }
    }
  }

  /// What pax records and GNU's long names say about the next member.
  private struct Overrides {
    var name: String?
    var size: Int64?

    mutating func take(_ typeFlag: UInt8, _ bytes: [UInt8]) {
      switch typeFlag {
      case UInt8(ascii: "L"): name = Header.text(bytes[...])
      case UInt8(ascii: "x"): takeRecords(bytes[...])
      default: break
      }
    }

    private mutating func takeRecords(_ bytes: ArraySlice<UInt8>) {
      var rest = bytes
      while let space = rest.firstIndex(of: UInt8(ascii: " ")),
        let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
        length > space - rest.startIndex + 1, length <= rest.count
      {
        let record = rest[(space + 1)..<(rest.startIndex + length - 1)]
        rest = rest.dropFirst(length)
        guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { continue }
        let value = String(decoding: record[(equals + 1)...], as: UTF8.self)
        if record[..<equals].elementsEqual("path".utf8) { name = value }
        if record[..<equals].elementsEqual("size".utf8) {
          size = Int64(value).flatMap { $0 < 0 ? nil : $0 }
        }
      }
    }
  }
}
