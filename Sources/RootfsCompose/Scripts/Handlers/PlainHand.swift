/// Carries a ``PlainDeed`` out in a tree, all but the owners: those are ``PlainAttributes``' part.
struct PlainHand {
  var tree: ComposedTree
  let rule: String
  var reason = ""
  var mask: UInt16 = 0o022

  mutating func perform(_ deed: PlainDeed) throws(ComposeError) {
    switch deed {
    case .makeDirectory(let path, let mode, let owner, let withParents):
      try makeDirectory(path, mode, owner, withParents)
    case .link(let target, let path): try link(target, path)
    case .copy(let from, let to, let keepsMode): try copy(from, to, keepsMode)
    case .move(let from, let to): try move(from, to)
    case .touch(let path):
      if let place = place(path, followsLast: true), tree.tree[place] == nil {
        try put(.file("", mode: 0o666 & ~mask), place)
      }
    case .write(let path, let text, let appends): try write(path, text, appends)
    case .setMode(let path, let mode):
      if let place = place(path, followsLast: true) {
        tree.change(place, rule: rule, reason: reason) { if !$0.isSymlink { $0.mode = mode } }
      }
    case .setOwner: break
    case .remove(let path):
      if let place = place(path), tree.tree[place]?.isDirectory == false {
        tree.drop(place, rule: rule, reason: reason)
      }
    case .removeDirectory(let path): removeDirectory(path)
    }
  }

  /// Where a path stands once the links on its way are followed, as `/lib` is `/usr/lib`.
  private func place(_ path: String, followsLast: Bool = false) -> TreePath? {
    TreePath(path).flatMap { tree.tree.resolve($0, followLast: followsLast) }
  }

  private mutating func put(_ entry: FileEntry, _ place: TreePath) throws(ComposeError) {
    try tree.put(entry, at: place, rule: rule, reason: reason)
  }

  private mutating func makeDirectory(
    _ path: String, _ mode: UInt16?, _ owner: String?, _ withParents: Bool
  ) throws(ComposeError) {
    guard let place = place(path, followsLast: true), !place.isRoot else { return }
    guard tree.tree[place] == nil else {
      // `install -d`, other than `mkdir -p`, also sets the mode of a directory that is there.
      if owner != nil, let mode, tree.tree[place]?.isDirectory == true {
        tree.change(place, rule: rule, reason: reason) { $0.mode = mode }
      }
      return
    }
    let parent = place.parent
    if tree.tree[parent] == nil {
      guard withParents else {
        tree.warn("\(path): \(reason) makes this directory, and \(parent) is not there")
        return
      }
      try makeDirectory(parent.description, nil, nil, true)
    }
    try put(.directory(mode: mode ?? (0o777 & ~mask)), place)
  }

  private mutating func link(_ target: String, _ path: String) throws(ComposeError) {
    guard var place = place(path) else { return }
    if tree.tree[place]?.isDirectory == true {
      // `ln -s TARGET DIRECTORY` links inside the directory.
      guard let name = TreePath(target)?.nameText, let last = TreePath(name) else { return }
      place = place.appending(last)
    }
    try put(.symlink(to: target), place)
  }

  private mutating func copy(
    _ from: String, _ to: String, _ keepsMode: Bool
  ) throws(ComposeError) {
    guard let source = place(from, followsLast: true), let content = tree.tree[source]?.content,
      let mode = tree.tree[source]?.mode, let target = target(to, from: from)
    else {
      tree.warn("\(from): \(reason) copies this file to \(to), and it is not in the tree")
      return
    }
    try put(.file(content, mode: keepsMode ? mode & 0o777 : mode & 0o777 & ~mask), target)
  }

  private mutating func move(_ from: String, _ to: String) throws(ComposeError) {
    guard let source = place(from), let entry = tree.tree[source], !entry.isDirectory,
      let target = target(to, from: from)
    else { return }
    tree.drop(source, rule: rule, reason: reason)
    try put(entry, target)
  }

  private func target(_ to: String, from: String) -> TreePath? {
    guard let target = place(to, followsLast: true) else { return nil }
    guard tree.tree[target]?.isDirectory == true else { return target }
    guard let name = TreePath(from)?.nameText, let last = TreePath(name) else { return nil }
    return target.appending(last)
  }

  private mutating func write(
    _ path: String, _ text: String, _ appends: Bool
  ) throws(ComposeError) {
    guard let place = place(path, followsLast: true) else { return }
    let existing = tree.tree[place]
    var bytes: [UInt8] = []
    if appends, let content = existing?.content { bytes = try content.bytes() }
    bytes += Array(text.utf8)
    var entry = existing?.isRegular == true ? existing : nil
    entry?.kind = .regular(Content(bytes), linkGroup: nil)
    try put(entry ?? .file(Content(bytes), mode: 0o666 & ~mask), place)
  }

  private mutating func removeDirectory(_ path: String) {
    guard let place = place(path), tree.tree[place]?.isDirectory == true else { return }
    if tree.tree.children(of: place).isEmpty {
      tree.drop(place, rule: rule, reason: reason)
    } else {
      tree.warn("\(path): \(reason) removes this directory, and it is not empty")
    }
  }
}
