import OCIImage
import RootfsCompose

/// A tree as a tar archive in memory, hard links as files of their own.
enum RootfsArchive {
  static func bytes(of tree: FileTree) throws -> [UInt8] {
    var members = [(entry: TarEntry, content: [UInt8])]()
    for path in tree.sortedPaths where !path.isRoot {
      guard let entry = tree[path] else { continue }
      let kind: TarEntry.Kind =
        switch entry.kind {
        case .directory: .directory
        case .regular(let content, _): .regular(size: Int64(content.count))
        case .symlink(let target): .symlink(target: target)
        case .characterDevice(let major, let minor): .characterDevice(major: major, minor: minor)
        case .blockDevice(let major, let minor): .blockDevice(major: major, minor: minor)
        case .fifo: .fifo
        }
      members.append(
        (
          TarEntry(
            path: path.bytes, kind: kind, mode: entry.mode, uid: entry.uid, gid: entry.gid,
            mtime: 0, xattrs: entry.xattrs),
          try entry.content?.bytes() ?? []
        ))
    }
    return try TarArchive.encode(members)
  }
}
