import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A path that a finished output replaces.
struct OutputTarget {
  /// As the user gave it, for messages.
  let path: String
  /// With symbolic links followed, so that what a link points to is replaced, and not the link.
  private let target: String
  private let parent: String
  private let prefix: String
  /// The directories above the target that are not there yet, outermost first.
  private let missing: [String]

  init(_ path: String) throws(OCIError) {
    self.path = path
    var trimmed = path[...]
    while trimmed.count > 1 && trimmed.hasSuffix("/") { trimmed.removeLast() }
    let last = trimmed.split(separator: "/").last
    guard let last, last != ".", last != "..", !path.utf8.contains(0) else {
      throw OCIError(
        .outputUnwritable, path, "is no place for an output; give a path that ends in a name")
    }
    let target = Self.resolve(String(trimmed))
    self.target = target
    let name: String
    if let slash = target.lastIndex(of: "/") {
      parent = slash == target.startIndex ? "/" : String(target[..<slash])
      name = String(target[target.index(after: slash)...])
    } else {
      parent = "."
      name = target
    }
    // Six characters come after, ".old" after those, and a name has at most 255 bytes.
    let stem = name.utf8.count <= 200 ? name : Digest.sha256(of: Array(name.utf8)).hex
    prefix = "." + stem + ".dhi-"
    missing = Self.missingDirectories(parent)
  }

  /// Makes a new directory tree by `body`, which gets its path, and puts it in place of the target.
  func replaceLayout(_ body: (String) throws(OCIError) -> Void) throws(OCIError) {
    func replaceable() throws(OCIError) -> Occupant {
      let occupant = try occupant()
      guard occupant != .file else {
        throw OCIError(
          .outputExists, path, "is a file, and an image layout is a directory; remove it first")
      }
      return occupant
    }
    _ = try replaceable()
    try makingParents { () throws(OCIError) in
      let staged = try stage(.directory)
      try body(staged.path)
      guard fchmod(staged.descriptor, 0o755) == 0 else {
        throw OCIError(writing: path, .outputUnwritable, "cannot set the mode", errno)
      }
      // Another process may have put its image there in the meantime.
      if try replaceable() == .layout {
        try staged.publish(exchanging: target)
      } else {
        try staged.publish(as: target)
      }
    }
  }

  /// Makes a new file by `body` and puts it in place of the target.
  func replaceFile(_ body: (borrowing OutputFile) throws(OCIError) -> Void) throws(OCIError) {
    let occupant = try occupant()
    guard occupant == .nothing || occupant == .file else {
      throw OCIError(
        .outputExists, path, "is a directory, and this output is a file; choose another path")
    }
    guard occupant == .nothing || isArchive() else {
      throw OCIError(
        .outputExists, path,
        "is a file and no tar archive, so it is not replaced; remove it or choose another path")
    }
    try makingParents { () throws(OCIError) in
      let staged = try stage(.file)
      let file = try staged.openFile()
      try body(file)
      try file.complete()
      try staged.publish(as: target)
    }
  }

  /// A directory within a staged one, of mode 0755 whatever the umask.
  func makeDirectory(_ staged: String) throws(OCIError) {
    guard mkdir(staged, 0o755) == 0, chmod(staged, 0o755) == 0 else {
      throw OCIError(writing: path, .outputUnwritable, "cannot make a directory", errno)
    }
  }

  /// A file within a staged directory.
  func makeFile(_ staged: String) throws(OCIError) -> OutputFile {
    try OutputFile(creating: staged, subject: path, code: .outputUnwritable)
  }

  /// Waits until the disk has a file of a staged directory that was written elsewhere.
  func syncFile(_ staged: String) throws(OCIError) {
    let descriptor = open(staged, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      throw OCIError(writing: path, .outputUnwritable, "cannot open a file", errno)
    }
    try OutputFile(descriptor: descriptor, subject: path, code: .outputUnwritable).sync()
  }

  private func stage(_ kind: StagedPath.Kind) throws(OCIError) -> StagedPath {
    StagedPath.removeLeftovers(in: parent, prefix: prefix)
    return try StagedPath(
      kind, in: parent, prefix: prefix, subject: path, code: .outputUnwritable)
  }

  /// Makes the directories above the target, and removes them again where `body` fails.
  private func makingParents(_ body: () throws(OCIError) -> Void) throws(OCIError) {
    var made = [String]()
    do throws(OCIError) {
      for directory in missing {
        if mkdir(directory, 0o755) == 0 {
          made.append(directory)
        } else if errno != EEXIST {
          throw OCIError(writing: path, .outputUnwritable, "cannot make \(directory)", errno)
        }
      }
      try body()
      for directory in [parent] + made {
        try syncDirectory(directory, subject: path, code: .outputUnwritable)
      }
    } catch {
      // Only empty ones go: rmdir refuses the others.
      for directory in made.reversed() { rmdir(directory) }
      throw error
    }
  }
}

extension OutputTarget {
  private enum Occupant { case nothing, emptyDirectory, layout, file }

  /// Whether the target may be an archive that was written here before: empty, or with ustar's mark at its place.
  ///
  /// Source: pax(1), "ustar Interchange Format".
  private func isArchive() -> Bool {
    let descriptor = open(target, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var mark = [UInt8](repeating: 0, count: 5)
    let count = pread(descriptor, &mark, mark.count, 257)
    var status = stat()
    return mark == Array("ustar".utf8)
      || (count == 0 && fstat(descriptor, &status) == 0 && status.st_size == 0)
  }

  /// What is at the target now. Throws for what must not be replaced.
  private func occupant() throws(OCIError) -> Occupant {
    var status = stat()
    guard lstat(target, &status) == 0 else {
      if errno == ENOENT { return .nothing }
      throw OCIError(writing: path, .outputUnwritable, "cannot look", errno)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: break
    default:
      throw OCIError(
        .outputExists, path, "is neither a file nor a directory; choose another path")
    }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: target).sorted()
    } catch {
      throw OCIError(
        .outputUnwritable, path, "cannot read the directory: \(error)", underlying: error)
    }
    if names.isEmpty { return .emptyDirectory }
    let layout: Set = ["blobs", "index.json", "oci-layout"]
    let missing = layout.subtracting(names).sorted().first
    let foreign = names.first { !layout.contains($0) }
    guard missing == nil, foreign == nil else {
      let reason = foreign.map { "it holds \"\($0)\"" } ?? "it has no \"\(missing ?? "")\""
      throw OCIError(
        .outputExists, path,
        "is a directory and not an image layout (\(reason)), so it is not replaced; "
          + "choose another path or remove it")
    }
    return .layout
  }

  private static func missingDirectories(_ parent: String) -> [String] {
    var missing = [String]()
    var directory = parent
    var status = stat()
    while stat(directory, &status) != 0, errno == ENOENT {
      missing.insert(directory, at: 0)
      guard let slash = directory.lastIndex(of: "/"), slash != directory.startIndex else { break }
      directory = String(directory[..<slash])
    }
    return missing
  }

  /// realpath(3) of what exists; a path that does not is left as it is.
  private static func resolve(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
