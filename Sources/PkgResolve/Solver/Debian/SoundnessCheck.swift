/// Judges a set of packages without regard to how it was found.
struct SoundnessCheck {
  private let selection: RequestSelection
  private let pool: PackagePool

  init(_ selection: RequestSelection, in pool: PackagePool) {
    self.selection = selection
    self.pool = pool
  }

  /// Throws ``ResolveError`` with code `internalFault` where the set is unsound or more than the request leads to.
  func verify(_ packages: [PackageID]) throws(ResolveError) {
    let faults = try faults(of: packages)
    guard faults.isEmpty else {
      throw ResolveError(
        .internalFault, selection.wanted.first?.subject ?? "",
        "the solver's answer is unsound (\(faults.prefix(5).joined(separator: "; "))); this is a fault of the "
          + "program: please report it")
    }
  }

  /// What is wrong with a set, in its order; empty where it is sound.
  func faults(of packages: [PackageID]) throws(ResolveError) -> [String] {
    let members = Set(packages)
    var faults = [String]()
    for wanted in selection.wanted where !wanted.candidates.contains(where: members.contains) {
      faults.append("\(wanted.description) was asked for and is absent")
    }
    var names = Set<String>()
    var leads = [PackageID: [PackageID]]()
    for package in packages {
      let record = pool[package]
      if !names.insert(record.name).inserted {
        faults.append("\(record.name) is there twice")
      }
      if selection.excluded.contains(record.name) {
        faults.append("\(record.name) is there in spite of !\(record.name)")
      }
      for dependency in try record.requirements {
        let met = dependency.alternatives.flatMap(pool.matches).filter(members.contains)
        leads[package, default: []] += met
        if met.isEmpty && !isWaived(dependency) { faults.append("\(record) lacks \(dependency)") }
      }
      for relation in try record.conflicts + record.breaks {
        for other in pool.excluded(by: relation, of: package) where members.contains(other) {
          faults.append("\(record) excludes \(pool[other])")
        }
      }
    }
    return faults + unreachable(packages, leads)
  }

  private func isWaived(_ dependency: Dependency) -> Bool {
    if dependency.alternatives.contains(where: { selection.excluded.contains($0.name) }) {
      return true
    }
    let candidates = dependency.alternatives.flatMap(pool.matches)
    return !candidates.isEmpty
      && candidates.allSatisfy { selection.excluded.contains(pool[$0].name) }
  }

  private func unreachable(
    _ packages: [PackageID], _ leads: [PackageID: [PackageID]]
  ) -> [String] {
    var open = selection.wanted.flatMap(\.candidates).filter(Set(packages).contains)
    var reached = Set(open)
    while let package = open.popLast() {
      for next in leads[package] ?? [] where reached.insert(next).inserted { open.append(next) }
    }
    return packages.filter { !reached.contains($0) }.map { "nothing leads to \(pool[$0])" }
  }
}
