import FoundationEssentials
import OCIImage
import PkgResolve

/// The files that `contents.files` brings in.
struct RecipeDownloads: Sendable {
  let recipe: Recipe
  let downloader: Downloader

  /// The largest file, in bytes.
  private static let limit: Int64 = 1 << 30

  /// Fetches every file for the platforms and records its digest. Files in the recipe's folder are recorded too.
  func lock(_ platforms: [Platform]) async throws -> [Lockfile.File] {
    var locked = [Lockfile.File]()
    for item in items(platforms) {
      let source = ResourceURL.redacted(item.url)
      guard !locked.contains(where: { $0.source == source }) else { continue }
      let file = try await fetch(item)
      locked.append(
        Lockfile.File(source: source, digest: file.digest.description, size: file.size))
    }
    return locked.sorted { $0.source < $1.source }
  }

  /// The host's path of each locked file's verified content, by URL as the recipe writes it.
  func paths(_ platforms: [Platform], lock: Lockfile) async throws -> [String: String] {
    var paths = [String: String]()
    for item in items(platforms) where paths[item.url] == nil {
      let source = ResourceURL.redacted(item.url)
      guard let locked = lock.files.first(where: { $0.source == source }),
        let digest = Digest(locked.digest)
      else {
        throw ComposeError(
          .lockMismatch, item.location.description,
          "the lock does not hold \(source); run `dhi-compose lock \(recipe.path)`")
      }
      if let expected = item.checksum.flatMap({ Digest($0) }), expected != digest {
        throw ComposeError(
          .lockMismatch, item.location.description,
          "\(source): expected \(expected), the lock holds \(digest); run `dhi-compose lock \(recipe.path)`"
        )
      }
      if try isRemote(item) {
        let file = RemoteFile(urls: [item.url], digest: digest, size: locked.size)
        paths[item.url] = try await downloader.fetch(file).path
      } else {
        let file = try local(item)
        guard file.digest == digest else {
          throw ComposeError(
            .digestMismatch, item.location.description,
            "\(item.url): expected \(digest), as locked, found \(file.digest); run `dhi-compose lock \(recipe.path)`"
          )
        }
        paths[item.url] = file.path
      }
    }
    return paths
  }

  private func items(_ platforms: [Platform]) -> [Definition.FileItem] {
    platforms.flatMap { platform in
      recipe.definition.substituted(for: platform).contents.files
        .filter { $0.platforms.contains(platform) }
    }
  }

  /// Whether a file comes over https. A file URL is a path of the recipe's folder as any other: a recipe may not bring
  /// the host's own files into an image.
  private func isRemote(_ item: Definition.FileItem) throws(ComposeError) -> Bool {
    switch TextForm.scheme(of: item.url) {
    case nil, "file": return false
    case "https": return true
    default:
      // A scheme that differs between platforms is known only now.
      throw ComposeError(
        .unsupportedRecipe, item.location.description,
        "\(ResourceURL.redacted(item.url)): expected an https URL or a path relative to the recipe")
    }
  }

  private func fetch(_ item: Definition.FileItem) async throws -> StoredFile {
    let expected = item.checksum.flatMap { Digest($0) }
    guard try isRemote(item) else {
      let file = try local(item)
      guard expected == nil || expected == file.digest else {
        throw ComposeError(
          .digestMismatch, item.location.description,
          "\(item.url): expected \(item.checksum ?? ""), found \(file.digest)")
      }
      return file
    }
    if let expected {
      return try await downloader.fetch(RemoteFile(urls: [item.url], digest: expected))
    }
    return try await downloader.fetchUnpinned(url: item.url, limit: Self.limit)
  }

  private func local(_ item: Definition.FileItem) throws(ComposeError) -> StoredFile {
    let source = item.url.hasPrefix("file://") ? String(item.url.dropFirst(7)) : item.url
    let path = try RecipeFolder(path: recipe.folder).resolve(source, item.location)
    let content = try RecipeFolder.load(path, limit: RecipeFolder.maximumFileSize, spool: nil)
    return StoredFile(path: path, digest: try content.digest(), size: Int64(content.count))
  }
}
