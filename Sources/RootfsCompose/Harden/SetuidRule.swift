/// Programs must not gain another user's or group's rights, nor directories hand their group on.
struct SetuidRule: PathRule {
  let name = "setuid"
  let summary = "clears set-user-ID and set-group-ID bits"
  let variants: Set<Definition.Variant> = [.runtime, .helm]

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    { _, entry in
      guard !entry.isSymlink, entry.mode & 0o6000 != 0 else { return nil }
      return .change("set-user-ID or set-group-ID bit") { $0.mode &= ~0o6000 }
    }
  }
}
