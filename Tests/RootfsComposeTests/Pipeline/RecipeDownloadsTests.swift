import Foundation
import OCIImage
import PkgResolve
import Testing

@testable import RootfsCompose

struct RecipeDownloadsTests {
  let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private func downloads(_ item: String) throws -> RecipeDownloads {
    let recipe = try Recipe(
      text: """
        # syntax=dhi.io/build:2-debian13
        vars: {SCHEME: '#{ target.arch == "amd64" ? "http" : "https" }'}
        contents:
          files:
            - {path: /x, \(item)}
        """, path: scratch.path + "/r.yaml")
    return RecipeDownloads(
      recipe: recipe, downloader: try TestDownloads.downloader(store: scratch.path + "/store"))
  }

  private func error(locking item: String) async throws -> ComposeError? {
    let downloads = try downloads(item)
    return await TestDownloads.error { _ = try await downloads.lock([.linuxAMD64]) }
  }

  @Test("A file URL names no file outside the recipe's folder")
  func hostFile() async throws {
    #expect(try await error(locking: "url: file:///etc/hostname")?.code == .unsafePath)
    try scratch.write("beside", "text".utf8)
    let locked = try await downloads("url: file://beside").lock([.linuxAMD64])
    #expect(locked.map(\.size) == [4])
  }

  @Test("A scheme that only one platform has is refused for it")
  func plainHTTP() async throws {
    let item = "url: \"${SCHEME}://u:secret@127.0.0.1:1/x\""
    let error = try await error(locking: item)
    #expect(error?.code == .unsupportedRecipe)
    #expect(error?.description.contains("secret") == false)
  }

  @Test("A checksum that changed since the lock was made is not passed over")
  func changedChecksum() async throws {
    let locked = Digest.sha256(of: Array("old".utf8))
    let wanted = Digest.sha256(of: Array("new".utf8))
    let downloads = try downloads("url: https://127.0.0.1:1/x, checksum: \"\(wanted)\"")
    let lock = Lockfile(
      tool: "t", recipe: "", request: "", distribution: "debian-13", epoch: 0, indexes: [],
      files: [.init(source: "https://127.0.0.1:1/x", digest: locked.description, size: 3)],
      platforms: [:])
    let error = await TestDownloads.error {
      _ = try await downloads.paths([.linuxAMD64], lock: lock)
    }
    #expect(error?.code == .lockMismatch)
  }
}
