import CLinux
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file or directory under a hidden temporary name, which is renamed into place whole or removed.
///
/// Its lock tells other processes that someone still writes it: the kernel drops the lock when the process ends, even
/// by `kill -9`, and the next run then removes what was left. A process ID in the name would not do, since containers
/// that share a directory number their processes apart.
struct StagedPath: ~Copyable {
  enum Kind { case file, directory }

  let path: String
  /// Of the file or directory, which is locked.
  let descriptor: Int32
  private let subject: String
  private let code: OCIError.Code
  private var isPublished = false

  /// Makes the file (mode 0600) or directory (mode 0700) in `directory`. Its name is `prefix` and six characters.
  init(
    _ kind: Kind, in directory: String, prefix: String, subject: String, code: OCIError.Code
  ) throws(OCIError) {
    self.subject = subject
    self.code = code
    (path, descriptor) = try Self.make(
      kind, template: directory + "/" + prefix + "XXXXXX", subject: subject, code: code)
  }

  deinit {
    if !isPublished { try? FileManager.default.removeItem(atPath: path) }
    close(descriptor)
  }

  private static func make(
    _ kind: Kind, template: String, subject: String, code: OCIError.Code
  ) throws(OCIError) -> (String, Int32) {
    while true {
      var name = Array(template.utf8CString)
      var descriptor: Int32 = -1
      switch kind {
      case .file: descriptor = mkstemp(&name)
      case .directory:
        if mkdtemp(&name) != nil {
          descriptor = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
          // Another process may have taken it for left behind already.
          if descriptor < 0 && errno == ENOENT { continue }
        }
      }
      guard descriptor >= 0 else {
        throw OCIError(writing: subject, code, "cannot make a temporary \(kind)", errno)
      }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      // Where the file system has no locks, nobody removes what was left, which is no worse than untidy.
      while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
      // Another process may have taken it for left behind before it was locked.
      var status = stat()
      if fstat(descriptor, &status) == 0 && status.st_nlink > 0 {
        let path = name.withUnsafeBufferPointer { buffer in
          String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return (path, descriptor)
      }
      close(descriptor)
    }
  }

  /// The staged file, to be written. Its own descriptor holds the lock, so this is a second one.
  borrowing func openFile() throws(OCIError) -> OutputFile {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else {
      throw OCIError(writing: subject, code, "cannot write a temporary file", errno)
    }
    return OutputFile(descriptor: copy, subject: subject, code: code)
  }

  /// Renames into place. What stood there before is replaced in one step.
  consuming func publish(as target: String) throws(OCIError) {
    guard rename(path, target) == 0 else {
      throw OCIError(writing: subject, code, "cannot rename the finished output", errno)
    }
    isPublished = true
  }

  /// Renames a directory into the place of one that is there, and removes that one.
  ///
  /// Where the file system cannot exchange names, the old one is moved aside first, and back if that fails.
  consuming func publish(exchanging target: String) throws(OCIError) {
    // What is under the temporary name afterwards is the old output, which goes with `self`.
    if dhi_exchange(path, target) == 0 { return }
    let aside = path + ".old"
    guard rename(target, aside) == 0 else {
      throw OCIError(writing: subject, code, "cannot move the old output aside", errno)
    }
    guard rename(path, target) == 0 else {
      let number = errno
      _ = rename(aside, target)
      throw OCIError(writing: subject, code, "cannot rename the finished output", number)
    }
    isPublished = true
    try? FileManager.default.removeItem(atPath: aside)
  }

  /// Removes what killed processes left in `directory` under `prefix`; what a living one locks stays.
  static func removeLeftovers(in directory: String, prefix: String) {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
      return
    }
    for name in names where name.hasPrefix(prefix) {
      let rest = name.utf8.count - prefix.utf8.count
      guard rest == 6 || (rest == 10 && name.hasSuffix(".old")) else { continue }
      let path = directory + "/" + name
      let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
  }
}
