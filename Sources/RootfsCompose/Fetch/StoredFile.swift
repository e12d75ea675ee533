import OCIImage
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file whose bytes were found to have its digest.
///
/// One of the store stays readable while the value lives, whether or not pruning has taken its name away: what was
/// hashed is what is read.
public struct StoredFile: Sendable, Hashable {
  /// Absolute. What it names may go at any time; ``openForReading()`` is the sure way to the bytes.
  public let path: String
  /// SHA-256 of the bytes.
  public let digest: Digest
  /// In bytes.
  public let size: Int64
  private let held: HeldDescriptor?

  init(path: String, digest: Digest, size: Int64, held: HeldDescriptor? = nil) {
    self.path = path
    self.digest = digest
    self.size = size
    self.held = held
  }

  /// The same file under the name that it was moved to.
  func moved(to path: String) -> StoredFile {
    StoredFile(path: path, digest: digest, size: size, held: held)
  }

  public static func == (one: StoredFile, other: StoredFile) -> Bool {
    one.path == other.path && one.digest == other.digest && one.size == other.size
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(digest) }

  /// Hands on a path that opens this very file while `body` runs, for C libraries that open files themselves.
  func withOpenPath<Result, Failure: Error>(
    _ body: (String) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(held) {} }
    return try body(held?.path ?? path)
  }

  /// A descriptor at the file's beginning, with an offset of its own; the caller closes it.
  ///
  /// Throws ``ComposeError`` with the code `storeUnreadable`.
  func openForReading() throws(ComposeError) -> Int32 {
    let descriptor = withOpenPath { Store.open($0, O_RDONLY | O_NONBLOCK) }
    guard descriptor >= 0 else {
      throw ComposeError(
        .storeUnreadable, path, "cannot be opened any more: \(errnoText()); run the command again")
    }
    return descriptor
  }
}

/// A descriptor that is closed with the value.
final class HeldDescriptor: Sendable {
  private let number: Int32

  /// Downloads, outputs and decoded packages want some too.
  private static let most = DescriptorLimit.share(of: 4, most: 256)
  private static let count = Atomic<Int>(0)
  private static let isListed = access("/proc/self/fd", X_OK) == 0

  /// Holds the file that is open as `descriptor`, which stays the caller's; nil where many are held already, or /proc
  /// is not mounted: such a file is found by its name alone.
  static func holding(_ descriptor: Int32) -> HeldDescriptor? {
    guard isListed, count.load(ordering: .relaxed) < most else { return nil }
    let number = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    return number < 0 ? nil : HeldDescriptor(number)
  }

  private init(_ number: Int32) {
    self.number = number
    Self.count.add(1, ordering: .relaxed)
  }

  deinit {
    close(number)
    Self.count.subtract(1, ordering: .relaxed)
  }

  /// Opens the file anew, at its beginning. Source: proc_pid_fd(5).
  var path: String { "/proc/self/fd/\(number)" }
}
