/// A blob on its way into a store. One thread at a time may use it.
final class BlobIngest: @unchecked Sendable {
  private let store: BlobStore
  private var staged: StagedPath?
  private let file: OutputFile
  private var size: Int64 = 0
  /// Bytes that the kernel was told to begin to write to the disk.
  private var started: Int64 = 0

  /// So much is written before the disk is told of it. In bytes.
  private static let writeBackSize: Int64 = 8 << 20

  init(store: BlobStore, staged: consuming StagedPath) throws(OCIError) {
    self.store = store
    file = try staged.openFile()
    self.staged = consume staged
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(OCIError) {
    try file.write(bytes)
    size += Int64(bytes.count)
    // The sync at the end, if any, then has little left to wait for.
    if size - started >= Self.writeBackSize {
      file.startWriteBack(at: started, count: size - started)
      started = size
    }
  }

  /// Gives the blob the name that its digest makes, and returns its size. A damaged blob under that name is replaced.
  func finish(_ digest: Digest) throws(OCIError) -> Int64 {
    try store.isStaging ? file.makeReadable() : file.complete()
    if let staged = staged.take() { try staged.publish(as: store.path(of: digest)) }
    if !store.isStaging {
      try syncDirectory(
        BlobSource.blobDirectory(in: store.directory), subject: store.directory,
        code: .storeUnwritable)
    }
    return size
  }
}
