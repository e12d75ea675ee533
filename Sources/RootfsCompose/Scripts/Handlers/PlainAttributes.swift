/// The owners and modes that plain commands set, held back until the accounts they name are made.
///
/// A file that is moved later on takes its own along, and one that is removed or replaced leaves none behind. Modes
/// are set here once more for what other handlers made, as the home of a system user.
struct PlainAttributes {
  private enum Change {
    case owner(String)
    case mode(UInt16)
  }

  private struct Pending {
    var place: TreePath
    /// As the script names it.
    let path: String
    let change: Change
    let reason: String
  }

  let rule: String
  private var pending: [Pending] = []

  init(rule: String) { self.rule = rule }

  /// Notes what a command does; to be called in the commands' order, with the tree after all of them.
  mutating func note(_ deed: PlainDeed, reason: String, in tree: FileTree) {
    func place(_ path: String, followsLast: Bool = false) -> TreePath? {
      TreePath(path).flatMap { tree.resolve($0, followLast: followsLast) }
    }
    func hold(_ place: TreePath?, _ path: String, _ change: Change) {
      guard let place else { return }
      pending.append(Pending(place: place, path: path, change: change, reason: reason))
    }
    switch deed {
    case .setOwner(let path, let owner): hold(place(path), path, .owner(owner))
    case .setMode(let path, let mode):
      hold(place(path, followsLast: true), path, .mode(mode))
    case .makeDirectory(let path, let mode, let owner, _):
      guard let owner else { return }
      let place = place(path, followsLast: true)
      hold(place, path, .owner(owner))
      if let mode { hold(place, path, .mode(mode)) }
    case .remove(let path), .removeDirectory(let path): forget(place(path), path)
    case .link(_, let path):
      // `ln -s TARGET DIRECTORY` links inside the directory.
      guard let place = place(path), tree[place]?.isDirectory != true else { return }
      forget(place, path)
    case .copy(_, let to, keepsMode: true):
      let target = place(to, followsLast: true)
      pending.removeAll { if case .mode = $0.change { $0.place == target } else { false } }
    case .move(let from, let to):
      guard let source = place(from), var target = place(to, followsLast: true) else { return }
      if tree[target]?.isDirectory == true, let name = TreePath(source.nameText) {
        target = target.appending(name)
      }
      forget(target, to)
      for index in pending.indices where pending[index].place == source {
        pending[index].place = target
      }
    case .copy, .touch, .write: break
    }
  }

  /// Compares the script's words too: a link that came later may lead the place elsewhere.
  private mutating func forget(_ place: TreePath?, _ path: String) {
    pending.removeAll { $0.place == place || $0.path == path }
  }

  /// Sets what was noted. Throws ``ComposeError`` where the accounts cannot be read.
  func apply(
    to tree: inout ComposedTree, family: Distribution.Family
  ) throws(ComposeError) {
    let accounts = try AccountNames(tree.tree, family: family)
    for each in pending {
      switch each.change {
      case .owner(let owner): setOwner(owner, each, accounts, &tree)
      case .mode(let mode):
        tree.change(each.place, rule: rule, reason: each.reason) {
          if !$0.isSymlink { $0.mode = mode }
        }
      }
    }
  }

  private func setOwner(
    _ owner: String, _ each: Pending, _ accounts: AccountNames, _ tree: inout ComposedTree
  ) {
    let names = owner.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let user = names.first.map(String.init) ?? ""
    let group = names.count > 1 ? String(names[1]) : ""
    let uid = user.isEmpty ? nil : accounts.uid(of: user)
    let gid = group.isEmpty ? nil : accounts.gid(of: group)
    if (!user.isEmpty && uid == nil) || (!group.isEmpty && gid == nil) {
      tree.warn(
        "\(each.path): \(each.reason) gives it to \(owner), who is not known; it stays root's")
      return
    }
    tree.change(each.place, rule: rule, reason: each.reason) { entry in
      if let uid { entry.uid = uid }
      if let gid { entry.gid = gid }
    }
  }
}
