import RootfsCompose

extension DifferenceDocument {
  /// What `update` did, or would do.
  init(_ renewals: [LockRenewal], isCheck: Bool) {
    title = Cell(own: isCheck ? "locks against the archives now" : "locks renewed")
    let states: [(LockRenewal.State, String)] = [
      (.updated, "updated"), (.outdated, "would change"), (.current, "up to date"),
      (.missing, "without a lock"),
    ]
    conclusion = states.compactMap { state, words in
      let count = renewals.count { $0.state == state }
      return count == 0
        ? nil : Self.counted(count, state == .missing ? "recipe" : "lock") + " " + words
    }.joined(separator: ", ")
    sections = renewals.flatMap(Self.sections)
  }

  private static func sections(_ renewal: LockRenewal) -> [Section] {
    guard let difference = renewal.difference else {
      return [
        Section(
          heading: Cell(foreign: renewal.recipe),
          notes: ["has no lock; `dhi-compose lock` makes one"])
      ]
    }
    let note =
      switch renewal.state {
      case .updated: "updated: " + conclusion(difference)
      case .outdated: "would change: " + conclusion(difference)
      default: current(difference)
      }
    let head = Section(heading: Cell(foreign: renewal.lock), notes: [note])
    guard !difference.isEmpty else { return [head] }
    return [head] + sections(difference, names: ("the lock as it was", "the new one"))
  }

  private static func current(_ difference: LockDifference) -> String {
    let newer = difference.origins.count { $0.name.hasPrefix("index") }
    return "up to date"
      + (newer == 0
        ? "" : "; \(counted(newer, "index", "indexes")) newer, with the same packages for it")
  }

  private static func counted(_ number: Int, _ one: String, _ many: String) -> String {
    number == 1 ? "1 \(one) is" : "\(number) \(many) are"
  }
}
