#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file or directory in the store's `tmp/` that belongs to this process while it is locked.
final class WorkEntry: Sendable {
  let path: String
  let descriptor: Int32
  private let isDirectory: Bool

  fileprivate init(path: String, descriptor: Int32, isDirectory: Bool) {
    self.path = path
    self.descriptor = descriptor
    self.isDirectory = isDirectory
  }

  deinit {
    if isDirectory { Store.removeFlatDirectory(path) } else { unlink(path) }
    close(descriptor)
  }
}

extension Store {
  /// A new empty file in `tmp/`, removed with the value.
  func workFile() throws(ComposeError) -> WorkEntry { try workEntry(isDirectory: false) }

  /// A new directory in `tmp/` that nobody else may enter, removed with the value. It holds no directories.
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
    let entry = WorkEntry(path: path, descriptor: descriptor, isDirectory: isDirectory)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Self.unwritable(path, "cannot be locked")
    }
    return entry
  }

  /// Removes what no living process holds: all of it in `tmp/`, and broken downloads untouched for a week.
  ///
  /// What cannot be removed stays: a store that is only read from serves as well.
  func removeLeftovers() {
    let gate = Self.open(workDirectory + "/.gate", O_RDWR | O_CREAT)
    guard gate >= 0 else { return }
    defer { close(gate) }
    guard flock(gate, LOCK_EX | LOCK_NB) == 0 else { return }
    // A spool has a name for a moment only, and is not locked; taking that name away early does no harm.
    for name in Self.names(in: workDirectory)
    where name.hasPrefix("work.") || name.hasPrefix("spool.") {
      Self.removeIfUnlocked(workDirectory + "/" + name, olderThan: nil)
    }
    for name in Self.names(in: directory + "/partial") {
      Self.removeIfUnlocked(directory + "/partial/" + name, olderThan: 7 * 86_400)
    }
  }

  private static func removeIfUnlocked(_ path: String, olderThan age: Int?) {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return }
    if let age, status.st_mtim.tv_sec > time(nil) - age { return }
    if status.st_mode & S_IFMT == S_IFDIR { removeFlatDirectory(path) } else { unlink(path) }
  }

  fileprivate static func removeFlatDirectory(_ path: String) {
    for name in names(in: path) { unlink(path + "/" + name) }
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
    guard fsync(entry.descriptor) == 0, rename(entry.path, path) == 0 else {
      throw Self.unwritable(path, "cannot be written")
    }
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
