import PkgResolve

/// What the inventory needs of one installed package.
public struct InventoryPackage: Sendable {
  public var name: String
  public var control: ControlStanza
  /// The control member `md5sums`; nil where the package has none.
  public var md5sums: [UInt8]?
  /// The control member `conffiles`; nil where the package has none.
  public var conffiles: [UInt8]?
  /// Other control members (`postinst`, `triggers`, `symbols`…) by name, for images that keep dpkg.
  public var members: [String: [UInt8]]

  public init(
    name: String, control: ControlStanza, md5sums: [UInt8]?, conffiles: [UInt8]?,
    members: [String: [UInt8]] = [:]
  ) {
    self.name = name
    self.control = control
    self.md5sums = md5sums
    self.conffiles = conffiles
    self.members = members
  }
}

/// The content of every file as packages shipped it, taken right after the merge, so that a later change shows.
public struct ShippedContents: Sendable {
  private let contents: [TreePath: Content]

  public init(of tree: FileTree) {
    var contents = [TreePath: Content]()
    for path in tree.sortedPaths {
      if let content = tree[path]?.content { contents[path] = content }
    }
    self.contents = contents
  }

  /// Whether a path still holds what was shipped there.
  func isUnchanged(_ path: TreePath, in tree: FileTree) -> Bool {
    guard let now = tree[path]?.content else { return false }
    return contents[path] == now
  }
}
