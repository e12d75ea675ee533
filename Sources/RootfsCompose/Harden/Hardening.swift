/// Runs the rules over a tree and proves the result.
public struct Hardening: Sendable {
  /// What the recipe places is noted here before ``noteExceptions(_:)`` and ``prove(_:)``.
  public var context: HardeningContext
  private let rules: [any HardeningRule]

  /// Throws ``ComposeError`` where the policy has an unknown rule or a bad pattern.
  public init(_ policy: HardeningPolicy, tree: FileTree = FileTree()) throws(ComposeError) {
    context = try HardeningContext(policy, tree: tree)
    rules = HardeningRules.all.filter { $0.variants.contains(policy.variant) }
  }

  /// First pass, over what packages and script handlers put there.
  public func applyToPackages(_ tree: inout ComposedTree) throws(ComposeError) {
    for rule in rules where !rule.runsLast { try rule.apply(to: &tree, context: context) }
  }

  /// Second pass, after the recipe's own accounts, paths and files.
  public func applyLast(_ tree: inout ComposedTree) throws(ComposeError) {
    for rule in rules where rule.runsLast { try rule.apply(to: &tree, context: context) }
  }

  /// Checks every rule once more over the whole tree, which it does not change: others may read it meanwhile.
  ///
  /// Throws ``ComposeError`` with code `hardening`: at the recipe's own line where the recipe places the path.
  public func prove(_ tree: ComposedTree) throws(ComposeError) {
    for rule in rules {
      let violations = try rule.violations(in: tree, context: context)
      guard let first = violations.first else { continue }
      if let path = violations.first(where: { context.placed[$0] != nil }),
        let location = context.placed[path]
      {
        throw ComposeError(
          .hardening, location.description,
          """
          \(path) breaks the hardening rule "\(rule.name)" (\(rule.summary)); change it, or except the path \
          from the rule under the recipe's key "compose"
          """)
      }
      let more = violations.count > 1 ? " and \(violations.count - 1) more" : ""
      throw ComposeError(
        .hardening, first.description,
        """
        this path\(more) breaks the hardening rule "\(rule.name)" (\(rule.summary)) after all rules ran; drop the \
        path with the recipe's excludes, or except it from the rule under the recipe's key "compose"
        """)
    }
  }

  /// Records what exceptions let pass of the recipe's own paths, and warns of those that let nothing pass.
  public func noteExceptions(_ tree: inout ComposedTree) throws(ComposeError) {
    try noteExcepted(&tree)
    warnOfUnusedExceptions(&tree)
  }

  /// Records the recipe's own paths that an exception lets pass: no rule has acted on them before.
  private func noteExcepted(_ tree: inout ComposedTree) throws(ComposeError) {
    if context.exceptions.isEmpty { return }
    for rule in rules where rule.bindsRecipe {
      guard let rule = rule as? any PathRule else { continue }
      for finding in try rule.findings(in: tree, context) where context.placed[finding.path] != nil
      {
        guard let permission = finding.permission else { continue }
        tree.keep(finding.path, rule: rule.name, reason: permission)
      }
    }
  }

  private func warnOfUnusedExceptions(_ tree: inout ComposedTree) {
    for exception in context.exceptions {
      let used = tree.ledger.records.contains { record in
        record.action == .kept && record.rule == exception.rule
          && TreePath(record.path).map(exception.covers) == true
      }
      if !used {
        tree.warn(
          "\(exception.location): the exception to the hardening rule \"\(exception.rule)\" matched nothing"
        )
      }
    }
  }
}

/// The rules, in the order they run.
public enum HardeningRules {
  public static let all: [any HardeningRule] = [
    SetuidRule(), CapabilitiesRule(), DeviceNodesRule(), WorldWritableRule(), FileModesRule(),
    DocumentationRule(), LocalesRule(), CachesAndLogsRule(), ShellsRule(), PackageManagersRule(),
    HostIntegrationRule(), DanglingLinksRule(), EmptyDirectoriesRule(), AccountsRule(),
  ]
}
