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
  private let staged: Mutex<StagedPath?>
  /// The files that outputs share.
  private let linked = Mutex<[Digest: UInt64]>([:])

  init(_ staged: consuming StagedPath) {
    path = staged.path
    self.staged = Mutex(consume staged)
  }

  /// Removes the directory now, whoever still refers to it.
  func remove() { staged.withLock { $0 = nil } }

  func path(of digest: Digest) -> String { BlobSource.path(of: digest, in: path) }

  /// Whether a blob's file may be in the hands of others.
  func isShared(_ digest: Digest, inode: UInt64) -> Bool { linked.withLock { $0[digest] == inode } }

  /// Makes a blob of `size` bytes a file of an output, at `path`, without a copy; false where that is not possible.
  ///
  /// A file becomes part of one output only, so that no two outputs share it after the staging directory is gone. One
  /// that the same blob was written to again since is another file.
  func link(_ digest: Digest, size: Int64, to path: String) -> Bool {
    let blob = self.path(of: digest)
    return linked.withLock { linked in
      guard let file = try? InputFile(blob, code: .storeUnreadable), file.size == size,
        linked[digest] != file.inode
      else { return false }
      // Fails on another file system, and on one that has no links.
      guard systemLink(blob, path) == 0 else { return false }
      // The blob may have been written again just now.
      if let output = try? InputFile(path, code: .outputUnwritable) {
        linked[digest] = output.inode
      } else {
        linked[digest] = file.inode
      }
      return true
    }
  }
}

/// link(2), under a name that the method above does not hide.
private func systemLink(_ path: String, _ new: String) -> Int32 { link(path, new) }
