import PkgResolve

/// The order in which apk installs packages: each after what it depends on, begun at the world's names in their order.
///
/// It decides which account gets the first free number. A package that is wanted because others are there follows the
/// last of them. Source: apk-tools 2.14 and 3.0, `solver.c`, `cset_gen_name_change`.
struct AlpineInstallationOrder {
  private enum Task {
    /// Takes the package after its dependencies.
    case take(Int)
    /// Takes it if all of its `install_if` is there.
    case consider(Int)
    case append(Int)
  }

  /// The places of the packages in the array given.
  private(set) var places = [Int]()

  private let packages: [UnpackedPackage]
  /// The package that stands for each name: its own, else the first that provides it.
  private var packageByName = [String: Int]()
  private var dependents = [String: [Int]]()
  private var conditions = [Int: [String]]()
  private var isTaken: [Bool]
  private var tasks = [Task]()

  /// `world` has the names asked for.
  init(_ packages: [UnpackedPackage], world: [String]) {
    self.packages = packages
    isTaken = Array(repeating: false, count: packages.count)
    let sorted = packages.indices.sorted {
      AlpineInventory.stands(packages[$0].name, before: packages[$1].name)
    }
    for index in sorted { packageByName[packages[index].name] = index }
    for index in sorted {
      for name in Self.names("provides", of: packages[index])
      where packageByName[name] == nil { packageByName[name] = index }
      let condition = Self.names("install_if", of: packages[index])
      conditions[index] = condition
      for name in Set(condition) { dependents[name, default: []].append(index) }
    }
    let names = Set(world).sorted { AlpineInventory.stands($0, before: $1) }
    for index in names.compactMap({ packageByName[$0] }) + sorted { take(index) }
  }

  /// The names in a field of relations, conflicts left out.
  private static func names(_ field: String, of package: UnpackedPackage) -> [String] {
    let words = (package.apk?.values(field) ?? []).flatMap { $0.split(separator: " ") }
    return words.compactMap { word in
      let parsed = try? AlpineDependencyParser.dependencies(String(word), subject: "")
      return parsed?.first.flatMap { $0.isConflict ? nil : $0.name }
    }
  }

  /// Not by calling itself: a chain of dependencies may be longer than a thread's stack is deep.
  private mutating func take(_ first: Int) {
    tasks.append(.take(first))
    while let task = tasks.popLast() {
      switch task {
      case .take(let index), .consider(let index):
        guard !isTaken[index], isWanted(task) else { continue }
        isTaken[index] = true
        tasks.append(.append(index))
        let needs = Self.names("depend", of: packages[index]).compactMap { packageByName[$0] }
        tasks += needs.reversed().map { .take($0) }
      case .append(let index):
        places.append(index)
        tasks += waiting(for: packages[index]).reversed().map { .consider($0) }
      }
    }
  }

  /// The packages not taken whose `install_if` has a name of this one, each once, however often either says the name.
  private func waiting(for package: UnpackedPackage) -> [Int] {
    var seenNames = Set<String>()
    var seen = Set<Int>()
    let names = [package.name] + Self.names("provides", of: package)
    return names.filter { seenNames.insert($0).inserted }.flatMap { dependents[$0] ?? [] }
      .filter { !isTaken[$0] && seen.insert($0).inserted }
  }

  private func isWanted(_ task: Task) -> Bool {
    guard case .consider(let index) = task else { return true }
    return (conditions[index] ?? []).allSatisfy { name in
      packageByName[name].map { isTaken[$0] } ?? false
    }
  }
}
