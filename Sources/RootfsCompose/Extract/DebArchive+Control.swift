import PkgResolve

extension DebArchive {
  struct Control {
    let name: String
    let version: String
    let architecture: String
    let stanza: ControlStanza
    let members: [String: [UInt8]]
  }

  /// Moves to the control member and reads it.
  static func readControl(
    _ archive: borrowing ArchiveReader, limits: UnpackLimits, isCancelled: () -> Bool
  ) throws(ComposeError) -> Control {
    let subject = archive.subject
    guard let name = try nextMember(archive) else {
      throw ComposeError(
        .invalidArchive, subject, "ends before its control member; expected control.tar")
    }
    guard let compression = compression(of: name, base: "control.tar", in: controlCompressions)
    else {
      throw ComposeError(
        .invalidArchive, subject,
        "has the member \(name) where control.tar is expected, plain or packed as .gz, .xz or .zst")
    }
    var members = try archive.readTar(member: name, compression: compression) {
      (tar) throws(ComposeError) in
      try controlMembers(tar, limits: limits, isCancelled: isCancelled)
    }
    guard let control = members.removeValue(forKey: "control") else {
      throw ComposeError(.invalidArchive, subject, "has no control file in its \(name)")
    }
    let stanza = try stanza(control, subject: subject)
    return Control(
      name: try field("Package", of: stanza, subject: subject, extra: "+-._"),
      version: try field("Version", of: stanza, subject: subject, extra: "+-.~:_"),
      architecture: try field("Architecture", of: stanza, subject: subject, extra: "-"),
      stanza: stanza, members: members)
  }

  private static func controlMembers(
    _ tar: borrowing ArchiveReader, limits: UnpackLimits, isCancelled: () -> Bool
  ) throws(ComposeError) -> [String: [UInt8]] {
    var members = [String: [UInt8]]()
    var left = limits.controlBytes
    while let entry = try tar.next() {
      let path = try DataUnpacker.treePath(entry.name ?? [], subject: tar.subject)
      if isCancelled() {
        throw ComposeError(.cancelled, tar.subject, "unpacking was cancelled")
      }
      if entry.kind == .directory { continue }
      let name = String(path.description.dropFirst())
      guard entry.kind == .regular, !name.isEmpty else {
        throw ComposeError(
          .invalidArchive, tar.subject,
          "has \(path) in its control archive, which is no regular file; expected files only")
      }
      guard members[name] == nil else {
        throw ComposeError(.invalidArchive, tar.subject, "has two control members called \(name)")
      }
      guard members.count < limits.controlMembers else {
        throw ComposeError(
          .limitExceeded, tar.subject, "has over \(limits.controlMembers) control members")
      }
      let bytes = try tar.contents(of: "control member \(name)", limit: left)
      left -= bytes.count
      members[name] = bytes
    }
    return members
  }

  private static func stanza(
    _ bytes: [UInt8], subject: String
  ) throws(ComposeError) -> ControlStanza {
    let stanzas: [ControlStanza]
    do throws(ResolveError) {
      stanzas = try ControlStanza.parse(bytes, name: "control")
    } catch {
      throw ComposeError(.invalidArchive, subject, error.description, underlying: error)
    }
    guard stanzas.count == 1, let stanza = stanzas.first else {
      throw ComposeError(
        .invalidArchive, subject, "control: has \(stanzas.count) stanzas; expected one")
    }
    return stanza
  }

  /// A field that later becomes part of a path or a document: letters, digits and `extra` only.
  ///
  /// Source: Debian Policy §5.6.1, §5.6.8 and §5.6.12, as loosely as dpkg reads them.
  private static func field(
    _ name: String, of stanza: ControlStanza, subject: String, extra: String
  ) throws(ComposeError) -> String {
    guard let value = stanza[name], let first = value.utf8.first else {
      throw ComposeError(.invalidArchive, subject, "control: has no field \(name)")
    }
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
      default: false
      }
    }
    let allowed = Set(extra.utf8)
    guard isAlphanumeric(first), value.utf8.count <= 255,
      value.utf8.allSatisfy({ isAlphanumeric($0) || allowed.contains($0) })
    else {
      throw ComposeError(
        .invalidArchive, subject,
        "control: the \(name) \"\(value.prefix(80))\" is not valid; "
          + "expected letters, digits and \(extra)")
    }
    return value
  }
}
