#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Says to pruning that a process works with a store: a shared lock on the file `lock` in it, for as long as the value
/// lives. The kernel takes the lock of a killed process away.
///
/// Nothing depends on it but what pruning spares: a file that is pruned while a build wants it is made again.
final class StoreSession: Sendable {
  /// In the store's folder.
  static let fileName = "lock"

  private let descriptor: Int32

  /// nil where the store's file system has no locks, or the store cannot be written and nobody ever could lock it.
  init?(directory: String) {
    guard let descriptor = Self.open(directory, O_CREAT) else { return nil }
    self.descriptor = descriptor
    // Pruning holds it for the moment in which it looks.
    for _ in 0..<100 {
      if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return }
      guard errno == EWOULDBLOCK || errno == EINTR else { break }
      usleep(1_000)
    }
    return nil
  }

  deinit { close(descriptor) }

  /// Whether a process works with the store now. Where that cannot be told, one may.
  static func isHeld(in directory: String) -> Bool {
    guard let descriptor = open(directory, 0) else { return errno != ENOENT }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0
  }

  private static func open(_ directory: String, _ flags: Int32) -> Int32? {
    let path = directory + "/" + fileName
    var descriptor = Store.open(path, O_RDWR | flags)
    if descriptor < 0, errno == EACCES || errno == EROFS {
      descriptor = Store.open(path, O_RDONLY)
    }
    return descriptor < 0 ? nil : descriptor
  }
}
