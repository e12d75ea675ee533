import OCIImage

/// Which file of the store an Alpine repository has for a checksum: `apk/<SHA-256 of URL and checksum>` holds its digest.
///
/// An index names packages by a checksum that is not of the whole file: repositories may have the same package under
/// signatures of their own, and a lock must name what its URL gives. What is remembered saves a transfer and nothing
/// else: the file is checked against the checksum each time.
extension Store {
  private func path(of url: ResourceURL, checksum: String) -> String {
    "\(directory)/apk/\(Digest.sha256(of: Array((url.text + "\n" + checksum).utf8)).hex)"
  }

  /// The digest of the file that was fetched from a URL for a checksum; nil where none was.
  func rememberedPackage(from url: ResourceURL, checksum: String) -> Digest? {
    SmallFile.contents(of: path(of: url, checksum: checksum), limit: 128)
      .flatMap { Digest(String(decoding: $0, as: UTF8.self)) }
  }

  func remember(_ digest: Digest, ofPackage checksum: String, from url: ResourceURL) {
    do throws(ComposeError) {
      try replace(
        path(of: url, checksum: checksum), with: Array(digest.description.utf8))
    } catch {
      // Without it, the next run fetches the file again.
    }
  }
}
