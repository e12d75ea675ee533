import OCIImage

/// Turns the data member of a package, or another archive, into entries, and refuses what could not be unpacked safely.
struct DataUnpacker {
  /// What messages call the whole that is unpacked.
  enum Noun: String {
    case package, archive
  }

  /// `name:architecture`, which names the package's sets of hard links.
  private let package: String
  private let noun: Noun
  private let subject: String
  private let sink: ContentSink
  private let limits: UnpackLimits
  private var places: [TreePath: Int] = [:]
  private var unpacked: Int64 = 0

  private(set) var entries: [(path: TreePath, entry: FileEntry)] = []
  /// Of each entry in the archive: what it is, its size in bytes, and its place in ``entries`` but for the root.
  private(set) var headers: [(kind: ArchiveEntry.Kind, size: Int64, place: Int?)] = []

  init(
    package: String, noun: Noun = .package, subject: String, sink: ContentSink,
    limits: UnpackLimits
  ) {
    self.package = package
    self.noun = noun
    self.subject = subject
    self.sink = sink
    self.limits = limits
  }

  mutating func unpack(
    _ tar: borrowing ArchiveReader, isCancelled: () -> Bool
  ) throws(ComposeError) {
    while let header = try tar.next() {
      try checkCancelled(isCancelled)
      // Every entry of the archive counts, for one that stands twice is kept in `headers`, too.
      guard headers.count <= limits.entries else { throw tooManyEntries }
      let path = try Self.treePath(header.name ?? [], noun: noun, subject: subject)
      if path.isRoot {
        guard header.kind == .directory else {
          throw ComposeError(
            .unsafePath, subject, "ships something other than a directory at /")
        }
        headers.append((header.kind, header.size, nil))
        continue
      }
      guard entries.count < limits.entries else { throw tooManyEntries }
      try checkPlace(of: path, header: header)
      headers.append((header.kind, header.size, places[path] ?? entries.count))
      let entry = try entry(for: header, at: path, in: tar, isCancelled: isCancelled)
      if places[path] != nil { continue }
      places[path] = entries.count
      entries.append((path, entry))
    }
    try sink.flush()
  }

  /// A member's name as a path of the tree.
  ///
  /// Throws `unsafePath` for a name that is empty, absolute, climbs with `..`, or is too long.
  static func treePath(
    _ name: [UInt8], noun: Noun = .package, subject: String
  ) throws(ComposeError) -> TreePath {
    let shown = "\"\(String(decoding: name.prefix(300), as: UTF8.self))\""
    let fault: String
    if name.isEmpty {
      fault = "has an entry without a name"
    } else if name.first == UInt8(ascii: "/") {
      fault = "has the absolute path \(shown)"
    } else if let path = TreePath(name) {
      return path
    } else if name.split(separator: UInt8(ascii: "/")).contains(where: {
      $0.elementsEqual("..".utf8)
    }) {
      fault = "has the path \(shown), which climbs out of the tree with \"..\""
    } else {
      fault =
        "has the path \(shown)…, which is over \(TreePath.maximumLength) bytes or has a name over 255"
    }
    throw ComposeError(
      .unsafePath, subject, fault + "; expected paths inside the tree; do not use this \(noun)")
  }

  /// One path, one entry; and no entry below something that is no directory.
  private func checkPlace(of path: TreePath, header: ArchiveEntry) throws(ComposeError) {
    if let place = places[path] {
      guard header.kind == .directory, entries[place].entry.isDirectory else {
        throw ComposeError(
          .invalidArchive, subject, "ships \(path) twice; expected one entry a path")
      }
    }
    var parent = path.parent
    while !parent.isRoot {
      if let place = places[parent] {
        guard entries[place].entry.isDirectory else {
          throw ComposeError(
            .unsafePath, subject,
            "ships \(path) below \(parent), which is no directory in the same \(noun); "
              + "expected a directory; do not use this \(noun)")
        }
        return
      }
      parent = parent.parent
    }
  }

  private mutating func entry(
    for header: ArchiveEntry, at path: TreePath, in tar: borrowing ArchiveReader,
    isCancelled: () -> Bool
  ) throws(ComposeError) -> FileEntry {
    guard let uid = UInt32(exactly: header.uid), let gid = UInt32(exactly: header.gid) else {
      throw ComposeError(
        .invalidArchive, subject,
        "gives \(path) the owner \(header.uid):\(header.gid); expected numbers of 32 bits")
    }
    guard let attributes = header.attributes(limit: limits.attributeBytes) else {
      throw ComposeError(
        .limitExceeded, subject,
        "gives \(path) over \(limits.attributeBytes) bytes of extended attributes")
    }
    let kind: FileEntry.Kind
    switch header.kind {
    case .regular:
      kind = .regular(
        try content(of: header, at: path, in: tar, isCancelled: isCancelled), linkGroup: nil)
    case .hardLink:
      return try hardLink(header, at: path, in: tar)
    case .directory: kind = .directory
    case .symlink:
      kind = .symlink(target: try symlinkTarget(header.linkTarget ?? [], at: path))
    case .fifo: kind = .fifo
    case .characterDevice, .blockDevice:
      guard let major = header.deviceMajor, let minor = header.deviceMinor else {
        throw ComposeError(.invalidArchive, subject, "gives \(path) impossible device numbers")
      }
      kind =
        header.kind == .blockDevice
        ? .blockDevice(major: major, minor: minor) : .characterDevice(major: major, minor: minor)
    case .unknown:
      throw ComposeError(
        .invalidArchive, subject,
        "ships \(path), which is of no kind that a tar archive can hold; expected a file, "
          + "directory, link, device or FIFO")
    }
    return FileEntry(
      kind: kind, mode: header.mode, uid: uid, gid: gid, mtime: header.mtime, xattrs: attributes)
  }

  /// The target of a symbolic link: any text that does not climb above the root.
  private func symlinkTarget(_ target: [UInt8], at path: TreePath) throws(ComposeError) -> [UInt8] {
    guard !target.isEmpty, target.count < TreePath.maximumLength else {
      throw ComposeError(
        .unsafePath, subject,
        "ships the symbolic link \(path) with a target of \(target.count) bytes; "
          + "expected 1 to \(TreePath.maximumLength - 1)")
    }
    guard path.resolvingLink(target) != nil else {
      throw ComposeError(
        .unsafePath, subject,
        "ships the symbolic link \(path) to \"\(String(decoding: target, as: UTF8.self))\", which "
          + "leads out of the tree; expected a target inside it; do not use this \(noun)")
    }
    return target
  }

  /// A further name of an earlier file, which joins it in one set of links.
  private mutating func hardLink(
    _ header: ArchiveEntry, at path: TreePath, in tar: borrowing ArchiveReader
  ) throws(ComposeError) -> FileEntry {
    let target = try Self.treePath(header.hardLinkTarget ?? [], noun: noun, subject: subject)
    guard let place = places[target],
      case .regular(let content, let group) = entries[place].entry.kind
    else {
      throw ComposeError(
        .unsafePath, subject,
        "ships \(path) as a hard link to \(target), which is no file before it in the same "
          + "\(noun); expected an earlier regular file")
    }
    try tar.forEachBlock { (block, _) throws(ComposeError) in
      guard block.isEmpty else {
        throw ComposeError(
          .invalidArchive, subject, "ships \(path) as a hard link with data of its own")
      }
    }
    let links = group ?? FileEntry.LinkGroup(package: package, number: place)
    entries[place].entry.kind = .regular(content, linkGroup: links)
    return entries[place].entry
  }

  private var tooManyEntries: ComposeError {
    ComposeError(.limitExceeded, subject, "has over \(limits.entries) entries")
  }

  private func checkCancelled(_ isCancelled: () -> Bool) throws(ComposeError) {
    if isCancelled() { throw ComposeError(.cancelled, subject, "unpacking was cancelled") }
  }
}

extension DataUnpacker {
  /// Copies a file to the sink.
  private mutating func content(
    of header: ArchiveEntry, at path: TreePath, in tar: borrowing ArchiveReader,
    isCancelled: () -> Bool
  ) throws(ComposeError) -> Content {
    let (total, overflow) = unpacked.addingReportingOverflow(header.size)
    guard header.size >= 0, !overflow, total <= limits.unpackedBytes else {
      throw ComposeError(
        .limitExceeded, subject,
        "unpacks to over \(limits.unpackedBytes) bytes at \(path); expected less")
    }
    let before = unpacked
    unpacked = total
    var writer = try ContentWriter(sink, size: header.size)
    try tar.forEachBlock { (block, offset) throws(ComposeError) in
      try checkCancelled(isCancelled)
      guard writer.accepts(block.count, at: offset) else {
        throw ComposeError(
          .invalidArchive, subject, "gives \(path) more data than its \(header.size) bytes")
      }
      try checkRatio(before + offset + Int64(block.count), packed: tar.packedBytes)
      try writer.write(block, at: offset)
    }
    try checkRatio(total, packed: tar.packedBytes)
    return try writer.finish()
  }

  private func checkRatio(_ bytes: Int64, packed: Int64) throws(ComposeError) {
    guard bytes > limits.ratioFloor else { return }
    let (most, overflow) = max(packed, 1).multipliedReportingOverflow(by: limits.ratio)
    guard overflow || bytes <= most else {
      throw ComposeError(
        .limitExceeded, subject,
        "unpacks to over \(limits.ratio) times its size; expected no archive bomb")
    }
  }
}
