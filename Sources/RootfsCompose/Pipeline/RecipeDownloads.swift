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
    for item in items(platforms) where !locked.contains(where: { $0.source == item.url }) {
      let file = try await fetch(item)
      locked.append(
        Lockfile.File(source: item.url, digest: file.digest.description, size: file.size))
    }
    return locked.sorted { $0.source < $1.source }
  }

  /// The host's path of each locked file's verified content, by URL as the recipe writes it.
  func paths(_ platforms: [Platform], lock: Lockfile) async throws -> [String: String] {
    var paths = [String: String]()
    for item in items(platforms) where paths[item.url] == nil {
      guard let locked = lock.files.first(where: { $0.source == item.url }),
        let digest = Digest(locked.digest)
      else {
        throw ComposeError(
          .lockMismatch, item.location.description,
          "the lock does not hold \(item.url); run `dhi-compose lock \(recipe.path)`")
      }
      if isRemote(item) {
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

  private func isRemote(_ item: Definition.FileItem) -> Bool { item.url.contains("://") }

  private func fetch(_ item: Definition.FileItem) async throws -> StoredFile {
    let expected = item.checksum.flatMap { Digest($0) }
    guard isRemote(item) else {
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
    let path = try RecipeFolder(path: recipe.folder).resolve(item.url, item.location)
    let content = try RecipeFolder.load(path, limit: RecipeFolder.maximumFileSize, spool: nil)
    return StoredFile(path: path, digest: content.digest, size: Int64(content.count))
  }
}
