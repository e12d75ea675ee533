import Foundation
import PkgResolve
import TestSupport
import Testing

/// Scenarios of apt's own integration tests, on an empty root.
@Suite(.enabled(if: SharedData.root != nil)) struct AptScenarioTests {
  private struct Scenario: Decodable {
    struct Case: Decodable {
      struct Package: Decodable {
        let name: String
        let version: String
      }
      let cmd: [String]
      let ok: Bool
      let install: [Package]
    }
    let scenario: String
    let archs: [String]
    let packages: [[String: String]]
    let cases: [Case]
  }

  @Test func `every scenario ends as with apt`() throws {
    let root = try #require(SharedData.root)
    let text = try String(
      contentsOfFile: "\(root)/oracles/apt-integration/scenarios.jsonl", encoding: .utf8)
    let scenarios = try text.split(separator: "\n").map {
      try JSONDecoder().decode(Scenario.self, from: Data($0.utf8))
    }
    #expect(scenarios.count == 9)
    var different = [String]()
    for scenario in scenarios {
      for run in scenario.cases where try !isSame(run, in: scenario) {
        different.append(Self.words(of: run).joined(separator: " "))
      }
    }
    // A root of two architectures, which an image is not.
    #expect(
      different == [
        "libsame:armel", "libsame:armel libsame:amd64", "libsame:*", "libsame:a*",
        "libsame:linux-*", "foo-prv3", "foo-prv4", "foo-prv5", "foo-prv5",
      ])
  }

  private static func words(of run: Scenario.Case) -> [String] {
    var words = [String]()
    var takesValue = false
    for word in run.cmd.dropFirst() {
      if word.hasPrefix("-") {
        takesValue = ["-o", "-so", "-st", "--solver"].contains(word)
      } else {
        if !takesValue && word != "install" { words.append(word) }
        takesValue = false
      }
    }
    return words
  }

  private func isSame(_ run: Scenario.Case, in scenario: Scenario) throws -> Bool {
    let words = Self.words(of: run)
    // apt's "name-" keeps a package out without counting a dependency on it as met: a pool without it.
    let removed = words.filter { $0.hasSuffix("-") }.map { String($0.dropLast()) }
    var suites = [String: [Stanza]]()
    for package in scenario.packages where !removed.contains(package["Package"] ?? "") {
      let fields = package.filter { $0.key != "release" }.sorted { $0.key < $1.key }
      suites[package["release"] ?? "", default: []].append(Stanza(fields: fields.map { ($0, $1) }))
    }
    // "experimental" is marked NotAutomatic, to which apt gives the priority 1.
    let pool = try PackagePool(
      architecture: scenario.archs[0],
      indexes: suites.sorted { $0.key < $1.key }.map { suite, stanzas in
        try index(stanzas, suite: suite, priority: suite == "experimental" ? 1 : 500)
      })
    do {
      let found = try ConflictDrivenSolver().solve(
        request(words.filter { !$0.hasSuffix("-") }), in: pool)
      let expected = run.install.map { "\($0.name)=\($0.version)" }
      return run.ok && found.lines.sorted() == expected.sorted()
    } catch is ResolveError {
      return !run.ok
    }
  }
}
