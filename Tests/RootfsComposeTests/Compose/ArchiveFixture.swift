import OCIImage
import TestSupport

@testable import RootfsCompose

/// Composes one item of `contents.files` whose download is made in test code.
struct ArchiveFixture {
  static let url = "https://example.org/app"

  let directory: TemporaryDirectory
  let spool: ContentSpool

  init() throws {
    directory = try TemporaryDirectory()
    spool = try ContentSpool(directory: directory.path)
  }

  static func item(
    _ path: String, includes: [String] = [], excludes: [String] = [],
    _ change: (inout Definition.FileItem) -> Void = { _ in }
  ) -> Definition.FileItem {
    var item = Definition.FileItem(location: SampleTree.location, url: url, path: path)
    item.includes = includes
    item.excludes = excludes
    change(&item)
    return item
  }

  func apply(
    _ items: [Definition.FileItem], _ archive: [UInt8], to tree: ComposedTree = ComposedTree(),
    placed: inout [TreePath: RootfsCompose.SourceLocation]
  ) throws -> ComposedTree {
    var tree = tree
    let host = try directory.write(archive, to: "download")
    try FilesEffect(
      items: items, platform: .linuxAMD64, downloads: [Self.url: host], spool: spool
    ).apply(to: &tree, placed: &placed)
    return tree
  }

  func apply(
    _ items: Definition.FileItem..., from archive: [UInt8], to tree: ComposedTree = ComposedTree()
  ) throws -> ComposedTree {
    var placed = [TreePath: RootfsCompose.SourceLocation]()
    return try apply(items, archive, to: tree, placed: &placed)
  }

  /// The error that composing ends with; nil where it does not.
  func failure(
    _ item: Definition.FileItem, from archive: [UInt8], to tree: ComposedTree = ComposedTree()
  ) throws -> ComposeError? {
    do {
      _ = try apply(item, from: archive, to: tree)
      return nil
    } catch let error as ComposeError {
      return error
    }
  }
}

extension TarBuilder {
  init(_ members: [Member]) {
    self.init()
    self.members = members
  }
}

extension TarBuilder.Member {
  static func file(_ name: String, _ text: String = "x", mode: Int = 0o644) -> Self {
    Self(Array(name.utf8), mode: mode, uid: 1000, gid: 1000, content: Array(text.utf8))
  }

  static func directory(_ name: String, mode: Int = 0o755) -> Self {
    Self(Array(name.utf8), type: "5", mode: mode, uid: 1000, gid: 1000)
  }

  static func link(_ name: String, _ target: String, type: Character = "2") -> Self {
    Self(Array(name.utf8), type: type, mode: 0o777, linkName: Array(target.utf8))
  }
}
