/// Accounts of packages that the recipe gives other numbers, and what of the tree goes along with them.
///
/// A number that several accounts had says of no file which of them it belongs to; such files keep theirs, and so do
/// root's.
struct AccountRenumbering {
  private struct Step {
    let number: UInt32
    let reason: String
  }

  /// By old number.
  private var users: [UInt32: Step] = [:]
  private var groups: [UInt32: Step] = [:]

  /// Compares the tables as packages left them with those of the image.
  init(
    passwords: (before: AccountTable, after: AccountTable),
    groups: (before: AccountTable, after: AccountTable)
  ) {
    users = Self.steps(passwords, "user", field: 2)
    self.groups = Self.steps(groups, "group", field: 2)
    // A user's own group need not be listed; then its number is that user's alone.
    let listed = Set(groups.before.rows.compactMap(\.id))
    for (old, step) in Self.steps(passwords, "group of the user", field: 3)
    where !listed.contains(old) {
      self.groups[old] = step
    }
  }

  private static func steps(
    _ table: (before: AccountTable, after: AccountTable), _ what: String, field: Int
  ) -> [UInt32: Step] {
    var names: [UInt32: Set<String>] = [:]
    for row in table.before.rows {
      if let number = row.number(field) { names[number, default: []].insert(row.name) }
    }
    var steps: [UInt32: Step] = [:]
    for (old, holders) in names where old != 0 {
      guard holders.count == 1, let name = holders.first,
        table.before.row(named: name)?.number(field) == old,
        let new = table.after.row(named: name)?.number(field), new != old
      else { continue }
      steps[old] = Step(number: new, reason: "the \(what) \(name) is \(new), no longer \(old)")
    }
    return steps
  }

  /// Gives each entry its owner's new numbers, all at once: two accounts may have changed places.
  func apply(to tree: inout ComposedTree, rule: String) {
    if users.isEmpty && groups.isEmpty { return }
    for (path, entry) in tree.tree.entries {
      let user = users[entry.uid]
      let group = groups[entry.gid]
      let reasons = [user?.reason, group?.reason].compactMap { $0 }
      if reasons.isEmpty { continue }
      tree.change(path, rule: rule, reason: reasons.joined(separator: "; ")) {
        if let user { $0.uid = user.number }
        if let group { $0.gid = group.number }
      }
    }
  }
}
