/// File capabilities are rights as good as a set-user-ID bit. Source: capabilities(7).
struct CapabilitiesRule: PathRule {
  let name = "capabilities"
  let summary = "drops file capabilities"
  let variants: Set<Definition.Variant> = [.runtime, .helm]

  private static let attribute = "security.capability"

  func judge(of tree: ComposedTree, context: HardeningContext) -> Judge {
    { _, entry in
      guard entry.xattrs[Self.attribute] != nil else { return nil }
      return .change("file capability") { $0.xattrs[Self.attribute] = nil }
    }
  }
}
