import PkgResolve
import Testing

/// Small random pools, solved again by trying every set.
@Suite struct ExhaustiveTests {
  private struct Package {
    let name: Int
    let version: Int
    var depends: [[(name: Int, version: Int?)]] = []
    var conflicts: [(name: Int, version: Int?)] = []

    func isNamed(_ relation: (name: Int, version: Int?)) -> Bool {
      name == relation.name && (relation.version ?? version) == version
    }
  }

  /// A fixed sequence of numbers, that of Knuth's MMIX.
  private struct Sequence {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  @Test func `finds a set if and only if there is one`() throws {
    var solved = 0
    var refused = 0
    for seed in 1...400 {
      let packages = Self.packages(seed: UInt64(seed))
      let exists = Self.hasAnswer(packages, requested: [0, 1])
      let pool = try PackagePool(
        architecture: "amd64", indexes: [index(packages.map(Self.stanza))])
      do {
        _ = try ConflictDrivenSolver().solve(request(["n0", "n1"]), in: pool)
        solved += 1
        #expect(exists, "seed \(seed)")
      } catch let error as ResolveError {
        refused += 1
        #expect(!exists, "seed \(seed): \(error)")
      }
    }
    #expect(solved > 50)
    #expect(refused > 50)
  }

  private static func packages(seed: UInt64) -> [Package] {
    var random = Sequence(state: seed &* 977)
    func relation() -> (name: Int, version: Int?) {
      (random.next(6), random.next(2) == 0 ? nil : 1 + random.next(2))
    }
    return (0..<12).map { number in
      var package = Package(name: number / 2, version: 1 + number % 2)
      for _ in 0..<random.next(4) {
        package.depends.append((0...random.next(2)).map { _ in relation() })
      }
      for _ in 0..<random.next(3) {
        let excluded = relation()
        if excluded.name != package.name { package.conflicts.append(excluded) }
      }
      return package
    }
  }

  private static func stanza(_ package: Package) -> Stanza {
    func text(_ relation: (name: Int, version: Int?)) -> String {
      "n\(relation.name)" + (relation.version.map { " (= \($0))" } ?? "")
    }
    let depends = package.depends.map { $0.map(text).joined(separator: " | ") }
    return Stanza(
      "n\(package.name)", "\(package.version)",
      [
        "Depends": depends.joined(separator: ", "),
        "Breaks": package.conflicts.map(text).joined(separator: ", "),
      ])
  }

  /// Tries each of the 3^6 ways to take no version or one of two of each name.
  private static func hasAnswer(_ packages: [Package], requested: [Int]) -> Bool {
    (0..<729).contains { code in
      var rest = code
      var members = [Package]()
      for name in 0..<6 {
        if rest % 3 > 0 { members.append(packages[2 * name + rest % 3 - 1]) }
        rest /= 3
      }
      return requested.allSatisfy { name in members.contains { $0.name == name } }
        && members.allSatisfy { member in
          member.depends.allSatisfy { group in
            members.contains { other in group.contains(where: other.isNamed) }
          }
            && !members.contains { other in member.conflicts.contains(where: other.isNamed) }
        }
    }
  }
}
