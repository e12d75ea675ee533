/// A package's control member, its checksum compared before anything of it was parsed.
struct ApkControl {
  let name: String
  let version: String
  let architecture: String
  /// In seconds since 1970.
  let buildDate: Int64
  /// SHA-256 of the compressed data member.
  let dataHash: [UInt8]
  let fields: [ApkMetadata.Field]
  /// Without their leading dots.
  let scripts: [String: [UInt8]]

  /// Source: apk-package(5), "Scripts".
  private static let scriptNames: Set<String> = [
    "pre-install", "post-install", "pre-upgrade", "post-upgrade", "pre-deinstall",
    "post-deinstall", "trigger",
  ]

  /// Reads the tar archive of the control member.
  init(tar: [UInt8], subject: String, limits: UnpackLimits) throws(ComposeError) {
    var members = try ArchiveReader.readTar(tar, part: "control member", subject: subject) {
      (tar) throws(ComposeError) in try Self.members(tar, limits: limits)
    }
    guard let info = members.removeValue(forKey: "PKGINFO") else {
      throw ComposeError(
        .invalidArchive, subject, "has no .PKGINFO in its control member; expected a package")
    }
    let reader = PackageInformation(info, subject: subject)
    fields = reader.fields
    name = try reader.word("pkgname", extra: "+_.-")
    version = try reader.word("pkgver", extra: "+_.~-")
    architecture = try reader.word("arch", extra: "_-")
    buildDate = try reader.time("builddate")
    let hash = try reader.value("datahash")
    guard let digest = hexadecimal(hash.utf8), digest.count == 32 else {
      throw reader.fault("datahash", hash, "expected 64 hexadecimal digits")
    }
    dataHash = digest
    scripts = members.filter { Self.scriptNames.contains($0.key) }
  }

  private static func members(
    _ tar: borrowing ArchiveReader, limits: UnpackLimits
  ) throws(ComposeError) -> [String: [UInt8]] {
    var members = [String: [UInt8]]()
    var left = limits.controlBytes
    while let entry = try tar.next() {
      let path = String(decoding: (entry.name ?? []).prefix(300), as: UTF8.self)
      guard path.hasPrefix("."), !path.contains("/"), entry.kind == .regular else {
        throw ComposeError(
          .invalidArchive, tar.subject,
          "has \"\(path)\" in its control member; expected only files whose names begin with a dot")
      }
      let name = String(path.dropFirst())
      guard members[name] == nil else {
        throw ComposeError(.invalidArchive, tar.subject, "has two control files called .\(name)")
      }
      guard members.count < limits.controlMembers else {
        throw ComposeError(
          .limitExceeded, tar.subject, "has over \(limits.controlMembers) control files")
      }
      let bytes = try tar.contents(of: "control file .\(name)", limit: left)
      left -= bytes.count
      members[name] = bytes
    }
    return members
  }
}

/// The lines of `.PKGINFO`. Source: apk-package(5); apk-v2(5).
private struct PackageInformation {
  let fields: [ApkMetadata.Field]
  private let subject: String

  /// apk passes over lines that are not `NAME = VALUE`, and so does this: older packages break long values.
  init(_ bytes: [UInt8], subject: String) {
    self.subject = subject
    let separator = Array(" = ".utf8)
    fields = bytes.split(separator: 0x0a).compactMap { line in
      guard line.first != UInt8(ascii: "#"), let place = Self.place(of: separator, in: line) else {
        return nil
      }
      return ApkMetadata.Field(
        String(decoding: line[..<place], as: UTF8.self),
        String(decoding: line[(place + separator.count)...], as: UTF8.self))
    }
  }

  private static func place(of needle: [UInt8], in line: ArraySlice<UInt8>) -> Int? {
    line.indices.first { line[$0...].starts(with: needle) }
  }

  func value(_ name: String) throws(ComposeError) -> String {
    let values = fields.filter { $0.name == name }
    guard let value = values.first?.value else {
      throw ComposeError(.invalidArchive, subject, ".PKGINFO: has no field \(name)")
    }
    guard values.count == 1 else {
      throw ComposeError(.invalidArchive, subject, ".PKGINFO: has the field \(name) twice")
    }
    return value
  }

  /// A value that later becomes part of a path or a document: letters, digits and `extra` only.
  func word(_ name: String, extra: String) throws(ComposeError) -> String {
    let value = try value(name)
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
      default: false
      }
    }
    guard let first = value.utf8.first, isAlphanumeric(first), value.utf8.count <= 255,
      value.utf8.allSatisfy({ isAlphanumeric($0) || extra.utf8.contains($0) })
    else { throw fault(name, value, "expected letters, digits and \(extra)") }
    return value
  }

  /// Seconds since 1970, up to the year 9999.
  func time(_ name: String) throws(ComposeError) -> Int64 {
    let value = try value(name)
    guard let number = TarNumber.decimal(Array(value.utf8)[...]), number <= 253_402_300_799 else {
      throw fault(name, value, "expected seconds since 1970")
    }
    return Int64(number)
  }

  func fault(_ name: String, _ value: String, _ advice: String) -> ComposeError {
    ComposeError(
      .invalidArchive, subject,
      ".PKGINFO: the \(name) \"\(value.prefix(80))\" is not valid; \(advice)")
  }
}
