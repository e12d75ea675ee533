import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file or directory in the store's `tmp/` that belongs to this process while it is locked.
final class WorkEntry: Sendable {
  let path: String
  let descriptor: Int32
  private let wasMoved = Atomic<Bool>(false)

  fileprivate init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  /// Leaves what stands at the path alone from now on: it is another's if it is there at all.
  func disown() { wasMoved.store(true, ordering: .relaxed) }

  deinit {
    if !wasMoved.load(ordering: .relaxed) { Store.removeTree(path) }
    close(descriptor)
  }
}

extension Store {
  /// A new empty file in `tmp/`, removed with the value.
  func workFile() throws(ComposeError) -> WorkEntry { try workEntry(isDirectory: false) }

  /// A new directory in `tmp/` that nobody else may enter, removed with the value and all it holds.
  func privateDirectory() throws(ComposeError) -> WorkEntry { try workEntry(isDirectory: true) }

  private func workEntry(isDirectory: Bool) throws(ComposeError) -> WorkEntry {
    // Held while an entry is made and not locked yet, so that nobody takes it for a dead process's.
    let gate = Self.open(workDirectory + "/.gate", O_RDWR | O_CREAT)
    guard gate >= 0 else { throw Self.unwritable(workDirectory, "cannot be written") }
    defer { close(gate) }
    while flock(gate, LOCK_SH) != 0 {
      guard errno == EINTR else { throw Self.unwritable(workDirectory, "cannot be locked") }
    }
    var template = Array((workDirectory + "/work.XXXXXX").utf8CString)
    let made = isDirectory ? (mkdtemp(&template) != nil ? 0 : -1) : mkstemp(&template)
    guard made >= 0 else { throw Self.unwritable(workDirectory, "cannot be written") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let descriptor = isDirectory ? Self.open(path, O_RDONLY | O_DIRECTORY) : made
    guard descriptor >= 0 else { throw Self.unwritable(path, "cannot be opened") }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    let entry = WorkEntry(path: path, descriptor: descriptor)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Self.unwritable(path, "cannot be locked")
    }
    return entry
  }

  /// Removes what no living process holds: all of it in `tmp/`, and broken downloads untouched for a week.
  ///
  /// What cannot be removed stays: a store that is only read from serves as well.
  static func removeLeftovers(in directory: String) {
    let work = directory + "/tmp"
    let gate = open(work + "/.gate", O_RDWR | O_CREAT)
    guard gate >= 0 else { return }
    defer { close(gate) }
    guard flock(gate, LOCK_EX | LOCK_NB) == 0 else { return }
    // A spool has a name for a moment only, and is not locked; taking that name away early does no harm.
    for name in names(in: work) where name.hasPrefix("work.") || name.hasPrefix("spool.") {
      _ = removeIfUnlocked(work + "/" + name)
    }
    let week = Int64(time(nil)) - 7 * 86_400
    for name in names(in: directory + "/partial") {
      _ = removeIfUnlocked(directory + "/partial/" + name) { $0.seconds < week }
    }
  }

  /// Removes what nobody has locked, where `condition` agrees to the time of its last use; says whether it is gone.
  static func removeIfUnlocked(
    _ path: String, where condition: (UseTime) -> Bool = { _ in true }
  ) -> Bool {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return errno == ENOENT }
    defer { close(descriptor) }
    var status = stat()
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0,
      condition(UseTime(status))
    else { return false }
    removeTree(path)
    return access(path, F_OK) != 0
  }

  /// Removes a file, or a directory with all it holds; follows no link. What cannot be removed stays.
  static func removeTree(_ path: String) {
    guard unlink(path) != 0, errno == EISDIR || errno == EPERM else { return }
    for name in names(in: path) { removeTree(path + "/" + name) }
    rmdir(path)
  }

  private static func names(in directory: String) -> [String] {
    DirectoryListing.names(in: directory) ?? []
  }

  /// Replaces the file at `path` by `bytes`, whole or not at all.
  func replace(_ path: String, with bytes: [UInt8]) throws(ComposeError) {
    let replaced = bytes.withUnsafeBytes { bytes in
      Result { () throws(ComposeError) in try replace(path, withBytes: bytes) }
    }
    try replaced.get()
  }

  func replace(_ path: String, withBytes bytes: UnsafeRawBufferPointer) throws(ComposeError) {
    let entry = try workFile()
    try Self.write(bytes, to: entry.descriptor, path: entry.path)
    try Self.move(entry.path, to: path)
    entry.disown()
  }

  /// Moves a whole file to its place in a folder of the store, which is made where it is missing. What else stands
  /// there, such as a folder of the file's name, gives way: it is none of ours.
  static func move(_ path: String, to target: String) throws(ComposeError) {
    if rename(path, target) == 0 { return }
    let folder = target.lastIndex(of: "/").map { String(target[..<$0]) } ?? ""
    switch errno {
    case ENOENT: try makeDirectory(folder)
    case ENOTDIR:
      unlink(folder)
      try makeDirectory(folder)
    case EISDIR, EEXIST, ENOTEMPTY: removeTree(target)
    default: throw unwritable(target, "cannot be written")
    }
    guard rename(path, target) == 0 else { throw unwritable(target, "cannot be written") }
  }

  static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
  ) throws(ComposeError) {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      #if canImport(Glibc)
        let count = Glibc.write(descriptor, start, rest.count)
      #else
        let count = Musl.write(descriptor, start, rest.count)
      #endif
      if count < 0 {
        if errno == EINTR { continue }
        throw unwritable(path, "cannot be written")
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }
}

/// The entries of a directory, sorted, without `.` and `..`.
enum DirectoryListing {
  /// nil where the directory cannot be read.
  static func names(in directory: String) -> [String]? {
    guard let stream = opendir(directory) else { return nil }
    defer { closedir(stream) }
    var names = [String]()
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
