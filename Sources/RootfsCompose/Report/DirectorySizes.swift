/// Where in the tree an image's bytes lie: a few dozen directories that together hold all of it.
struct DirectorySizes {
  /// No more directories than these are told apart.
  private static let maximumCount = 36
  /// A directory is told apart where it holds at least this part of all.
  private static let smallestShare: Int64 = 400

  private let totals: [TreePath: ImageReport.Share]
  private let children: [TreePath: [TreePath]]

  init(_ files: [ReportedFiles.File]) {
    var totals: [TreePath: ImageReport.Share] = [.root: ImageReport.Share()]
    var children = [TreePath: [TreePath]]()
    for file in files {
      var directory = Self.place(of: file.path)
      while true {
        if totals[directory] == nil, !directory.isRoot {
          children[directory.parent, default: []].append(directory)
        }
        totals[directory, default: ImageReport.Share()].add(file.size)
        if directory.isRoot { break }
        directory = directory.parent
      }
    }
    self.totals = totals
    self.children = children
  }

  /// What lies deeper counts for the directory at this depth.
  private static let deepest = 16

  private static func place(of path: TreePath) -> TreePath {
    let parts = path.components.dropLast()
    guard parts.count > deepest else { return path.parent }
    return TreePath(Array(parts.prefix(deepest).joined(separator: "/".utf8))) ?? .root
  }

  /// The largest first. Each is counted without those of its directories that are listed too.
  func list() -> [ImageReport.Directory] {
    let all = totals[.root]?.size ?? 0
    var listed: [TreePath: ImageReport.Share] = [.root: totals[.root] ?? ImageReport.Share()]
    var split = Set<TreePath>()
    while listed.count < Self.maximumCount, let next = largest(of: listed, notIn: split) {
      split.insert(next)
      let parts = (children[next] ?? []).filter {
        (totals[$0]?.size ?? 0) > max(0, all / Self.smallestShare)
      }
      .sorted { (totals[$1]?.size ?? 0, $0) < (totals[$0]?.size ?? 0, $1) }
      for part in parts.prefix(Self.maximumCount - listed.count + 1) {
        guard let share = totals[part] else { continue }
        listed[part] = share
        listed[next]?.files -= share.files
        listed[next]?.size -= share.size
      }
    }
    return listed.filter { $0.value.files > 0 }
      .sorted { ($1.value.size, $0.key) < ($0.value.size, $1.key) }
      .map { path, share in
        let isRest = share.files != totals[path]?.files
        return ImageReport.Directory(path: path.description, share: share, isRest: isRest)
      }
  }

  /// What is worth a look inside: nil where nothing large is left whole.
  private func largest(
    of listed: [TreePath: ImageReport.Share], notIn split: Set<TreePath>
  ) -> TreePath? {
    listed.filter { !split.contains($0.key) && children[$0.key] != nil }
      .max { ($0.value.size, $1.key) < ($1.value.size, $0.key) }?.key
  }
}
