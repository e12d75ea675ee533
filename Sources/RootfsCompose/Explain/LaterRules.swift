import PkgResolve

/// The rules that would drop a path, did an earlier one not: each wants its own line in a recipe.
struct LaterRules {
  private let shipped: ShippedContents
  /// In the order they run.
  private let rules: [(name: String, judge: PathRule.Judge)]

  init(_ composition: Composition, _ definition: Definition) {
    shipped = composition.shipped
    var ledger = Ledger()
    ledger.owners = composition.ledger.owners
    for record in composition.ledger.records where record.action == .dropped {
      guard let package = record.package, let path = TreePath(record.path) else { continue }
      ledger.owners[path] = package
    }
    let tree = ComposedTree(tree: shipped.installed, ledger: ledger)
    // The policy has been read once before, for the composition.
    guard
      let context = try? HardeningContext(HardeningPolicy(definition), tree: shipped.installed)
    else {
      rules = []
      return
    }
    let all = HardeningRules.all.filter { $0.variants.contains(definition.variant) }
    rules = (all.filter { !$0.runsLast } + all.filter(\.runsLast)).map { rule in
      let judge = (rule as? any PathRule).flatMap { try? $0.judge(of: tree, context: context) }
      return (
        rule.name,
        { path, entry in
          context.permission(for: rule, at: path) == nil ? judge?(path, entry) : nil
        }
      )
    }
  }

  func dropping(_ path: TreePath, after rule: String) -> [String] {
    guard let entry = shipped.entry(at: path) else { return [] }
    let index = rules.firstIndex { $0.name == rule }
    // A recipe's excludes come before all rules; what else drops a path is not to be kept from it.
    guard index != nil || rule == "excludes" else { return [] }
    return rules[(index.map { $0 + 1 } ?? 0)...].filter { _, judge in
      if case .drop = judge(path, entry)?.remedy { true } else { false }
    }.map(\.name)
  }
}
