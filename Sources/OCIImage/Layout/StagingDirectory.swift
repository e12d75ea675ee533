import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A blob store's directory that is removed when nothing refers to it any more.
///
/// It is this process's alone: a blob has the digest that was found while it was written, until a link to it is part of an
/// output, where others may change it.
final class StagingDirectory: Sendable {
  let path: String
  private let staged: StagedPath
  private let linked = Mutex<Set<Digest>>([])

  init(_ staged: consuming StagedPath) {
    path = staged.path
    self.staged = staged
  }

  func path(of digest: Digest) -> String { BlobSource.path(of: digest, in: path) }

  /// Whether a blob's file may be in the hands of others.
  func isShared(_ digest: Digest) -> Bool { linked.withLock { $0.contains(digest) } }

  /// Makes a blob a file of an output, at `path`, without a copy; false where that is not possible.
  ///
  /// A blob becomes part of one output only, so that no two outputs share a file after the staging directory is gone.
  func link(_ digest: Digest, to path: String) -> Bool {
    guard linked.withLock({ $0.insert(digest).inserted }) else { return false }
    // Fails on another file system, and on one that has no links.
    if systemLink(self.path(of: digest), path) == 0 { return true }
    _ = linked.withLock { $0.remove(digest) }
    return false
  }
}

/// link(2), under a name that the method above does not hide.
private func systemLink(_ path: String, _ new: String) -> Int32 { link(path, new) }
