import OCIImage

extension ApkArchive {
  /// Unpacks the data member, the last of the file; its entries; by path, the SHA-1 of each file
  /// and link target, and the owners whose names matter.
  func unpackData(
    _ control: ApkControl, sink: ContentSink
  ) throws(ComposeError) -> (
    entries: [(path: TreePath, entry: FileEntry)], checksums: [TreePath: [UInt8]],
    owners: [TreePath: OwnerNames]
  ) {
    try members.begin("data member")
    let scanner = try TarScanner(subject: subject)
    let feed = TarFeed(members.members, scanner: scanner)
    let unpacker = try ArchiveReader.readTar(feed, part: "data member", subject: subject) {
      (tar) throws(ComposeError) in
      var unpacker = DataUnpacker(
        package: "\(control.name):\(control.architecture)", subject: subject, sink: sink,
        limits: limits)
      // The members look at the flag themselves at every block.
      try unpacker.unpack(tar, isCancelled: { false })
      return unpacker
    }
    try members.checkEnd(after: "data member")
    for (path, _) in unpacker.entries { try checkPrintable(path) }
    let checksums = try checksums(of: unpacker, scanned: scanner.entries)
    return (
      unpacker.entries.filter { !Self.isPassedOver($0.path) },
      checksums.filter { !Self.isPassedOver($0.key) },
      Self.owners(of: unpacker, scanned: scanner.entries)
    )
  }

  /// apk's database has a line a path, and apk refuses what would forge another.
  private func checkPrintable(_ path: TreePath) throws(ComposeError) {
    guard path.bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return }
    let shown = path.bytes.map { byte -> String in
      let digits = String(byte, radix: 16)
      return byte < 0x20 || byte == 0x7F
        ? "\\x" + (byte < 0x10 ? "0" : "") + digits
        : String(decoding: [byte], as: UTF8.self)
    }
    throw ComposeError(
      .unsafePath, subject,
      "ships \"/\(shown.joined())\", a path with a control character, which apk refuses; do not use this package"
    )
  }

  /// Packages without files hold a file `.dummy`; like all entries whose names begin with a dot, apk passes over it.
  private static func isPassedOver(_ path: TreePath) -> Bool {
    path.bytes.first == UInt8(ascii: ".")
  }

  /// The names of owners that may stand for other numbers than the entries have. Hard links have the first name's.
  private static func owners(
    of unpacker: DataUnpacker, scanned: [TarScanner.Entry]
  ) -> [TreePath: OwnerNames] {
    var owners = [TreePath: OwnerNames]()
    var seen = Set<Int>()
    for (header, entry) in zip(unpacker.headers, scanned) {
      guard let place = header.place, seen.insert(place).inserted else { continue }
      let (path, unpacked) = unpacker.entries[place]
      if header.kind == .hardLink, case .regular(_, .some(let group)) = unpacked.kind {
        owners[path] = owners[unpacker.entries[group.number].path]
      } else if entry.owner.sayMore(than: unpacked.uid, unpacked.gid), !isPassedOver(path) {
        owners[path] = entry.owner
      }
    }
    return owners
  }

  /// Compares each entry with its checksum, where it has one.
  private func checksums(
    of unpacker: DataUnpacker, scanned: [TarScanner.Entry]
  ) throws(ComposeError) -> [TreePath: [UInt8]] {
    guard scanned.count == unpacker.headers.count else { throw disagreement }
    var checksums = [TreePath: [UInt8]]()
    for (header, entry) in zip(unpacker.headers, scanned) {
      let isFile = header.kind == .regular
      guard header.kind == Self.kind(entry.type), !isFile || header.size == entry.size else {
        throw disagreement
      }
      guard let place = header.place else { continue }
      let (path, unpacked) = unpacker.entries[place]
      guard !entry.hasDotName || Self.isPassedOver(path) else {
        throw ComposeError(
          .invalidArchive, subject,
          "ships \(path) under a name that begins with ./, which apk passes over; "
            + "expected names such as usr/bin/env")
      }
      let found: [UInt8]
      switch (header.kind, unpacked.kind) {
      case (.regular, _):
        guard let computed = entry.computed else { throw disagreement }
        found = computed
      case (.hardLink, .regular(_, .some(let group))):
        guard let computed = checksums[unpacker.entries[group.number].path] else {
          throw disagreement
        }
        found = computed
      case (.symlink, .symlink(let target)):
        found = try ChecksumHasher.digest(.sha1, of: target, subject: subject)
      default: continue
      }
      if let recorded = entry.recorded, recorded != found {
        throw ComposeError(
          .digestMismatch, subject,
          "\(path) has the SHA-1 \(hexadecimalText(found)), the package says "
            + "\(hexadecimalText(recorded)); the package was built wrongly: do not use it")
      }
      checksums[path] = found
    }
    return checksums
  }

  private var disagreement: ComposeError {
    ComposeError(
      .invalidArchive, subject,
      "its data member's tar archive can be read in two ways; do not use this package")
  }

  private static func kind(_ type: UInt8) -> ArchiveEntry.Kind {
    switch UnicodeScalar(type) {
    case "0": .regular
    case "1": .hardLink
    case "2": .symlink
    case "3": .characterDevice
    case "4": .blockDevice
    case "5": .directory
    case "6": .fifo
    default: .unknown
    }
  }
}
