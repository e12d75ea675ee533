import OCIImage

/// The distribution's form of a package, with what vouches for it.
public enum PackageForm: Sendable {
  case debian
  /// `checksum` is the index's `C:`; signatures by one of `keys` must fit.
  case alpine(checksum: String, keys: AlpineKeys)

  var checksum: String? {
    switch self {
    case .debian: nil
    case .alpine(let checksum, _): checksum
    }
  }
}

/// Decodes packages, each once: what is decoded stays in the store, and is opened from there.
public struct PackageExpander: Sendable {
  private let store: Store
  private let threads: DecoderThreads

  /// Uses up to `threads` threads more for packages whose compressed form can be shared out, all of them together.
  public init(store: Store, threads: Int) {
    self.store = store
    self.threads = DecoderThreads(threads)
  }

  /// The package that the store has decoded already; nil where it has none. Nothing of the package's own file is read.
  public func stored(_ digest: Digest, form: PackageForm) -> UnpackedPackage? {
    store.expandedPackage(digest, checksum: form.checksum)
  }

  /// Decodes a package and keeps it, in the place of what was kept of it.
  ///
  /// `subject` is what messages call the package. `isCancelled` is asked at every block. A package that is refused
  /// leaves nothing. Throws ``ComposeError`` as ``DebArchive`` and ``ApkArchive`` do, and `storeUnwritable`.
  public func expand(
    _ file: StoredFile, subject: String, form: PackageForm,
    isCancelled: @escaping () -> Bool = { false }
  ) throws(ComposeError) -> UnpackedPackage {
    try store.keepingExpanded(file.digest, checksum: form.checksum) { sink throws(ComposeError) in
      try file.withOpenPath { path throws(ComposeError) in
        switch form {
        case .debian:
          try DebArchive.unpack(
            path: path, subject: subject, sink: sink, threads: threads,
            isCancelled: isCancelled)
        case .alpine(let checksum, let keys):
          try ApkArchive.unpack(
            path: path, subject: subject, expecting: checksum, keys: keys, sink: sink,
            isCancelled: isCancelled)
        }
      }
    }
  }
}
