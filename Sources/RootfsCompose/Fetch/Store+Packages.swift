import OCIImage

/// Which file of the store is the Alpine package with a checksum: `apk/<SHA-256 of the checksum>` holds its digest.
///
/// An index names packages by a checksum that is not of the whole file. What is remembered saves a transfer and nothing
/// else: the file is checked against the checksum each time.
extension Store {
  private func path(ofChecksum checksum: String) -> String {
    "\(directory)/apk/\(Digest.sha256(of: Array(checksum.utf8)).hex)"
  }

  /// The digest of the file that was fetched for a checksum; nil where none was.
  func rememberedPackage(checksum: String) -> Digest? {
    let sink = MemorySink(subject: "", limit: 128)
    let copied = try? LocalFile(path: path(ofChecksum: checksum))
      .copy(into: sink, cancellation: CancellationFlag())
    return copied == nil ? nil : Digest(String(decoding: sink.bytes, as: UTF8.self))
  }

  func remember(_ digest: Digest, ofPackage checksum: String) {
    do throws(ComposeError) {
      try Self.makeDirectory(directory + "/apk")
      try replace(path(ofChecksum: checksum), with: Array(digest.description.utf8))
    } catch {
      // Without it, the next run fetches the file again.
    }
  }
}
