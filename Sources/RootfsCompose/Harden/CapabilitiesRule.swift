/// File capabilities are rights as good as a set-user-ID bit, and an access control list grants what the mode does not
/// show. With them go the other attributes that speak to the kernel: labels of another machine's security modules,
/// and marks by which an overlay hides files. Only the `user` namespace means nothing to the kernel.
///
/// Source: capabilities(7), acl(5), xattr(7), "Extended attribute namespaces".
struct CapabilitiesRule: PathRule {
  let name = "capabilities"
  let summary = "drops file capabilities, access control lists and other attributes of the kernel"
  let variants: Set<Definition.Variant> = [.runtime, .helm]

  private static let capability = "security.capability"
  private static let overlays = ["user.overlay.", "user.fuseoverlayfs."]

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    { _, entry in
      if entry.xattrs.isEmpty { return nil }
      let found = entry.xattrs.keys.filter { !Self.isHarmless($0) }
      guard !found.isEmpty else { return nil }
      let reason =
        found.contains(Self.capability)
        ? "file capability" : "extended attribute \(found.sorted().joined(separator: ", "))"
      return .change(reason) { $0.xattrs = $0.xattrs.filter { Self.isHarmless($0.key) } }
    }
  }

  private static func isHarmless(_ name: String) -> Bool {
    name.hasPrefix("user.") && !overlays.contains(where: name.hasPrefix)
  }
}
