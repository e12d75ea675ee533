import FoundationEssentials
import TestSupport
import Testing

@testable import dhi_compose

/// Errors and warnings as GitHub Actions wants them.
@Suite struct AnnotationTests {
  @Test(arguments: [
    (
      "error: recipes/a.yaml:3:5: unknown key \"nme\"; did you mean \"name\"?",
      "::error file=recipes/a.yaml,line=3,col=5::unknown key \"nme\"; did you mean \"name\"?"
    ),
    (
      "warning: python: /home/ci/repo/a,b.yaml:12:1: 100% of\nit",
      "::warning file=a%2Cb.yaml,line=12,col=1::100%25 of%0Ait"
    ),
    ("error: out/x: cannot be written", "::error::out/x: cannot be written"),
    ("error: http://host:80/x: no answer", "::error::http://host:80/x: no answer"),
  ])
  func aLineBecomesACommand(line: String, command: String) {
    #expect(Annotations.command(for: line, workspace: "/home/ci/repo") == command)
  }

  @Test func aWorkspaceMayHaveAnyName() {
    #expect(
      Annotations.command(for: "error: /home/ré/po/a.yaml:3:5: x", workspace: "/home/ré/po")
        == "::error file=a.yaml,line=3,col=5::x")
  }

  @Test(arguments: ["note: a.yaml:1:1: x", "resolved linux/amd64: 8 packages", "errors: none", ""])
  func whatIsNoFaultIsNoCommand(line: String) {
    #expect(Annotations.command(for: line) == nil)
  }

  @Test func aWorkflowIsToldAndNobodyElse() throws {
    let scratch = try TemporaryDirectory()
    try scratch.write("name: [x]\n", to: "recipes/wrong.yaml")
    func errors(_ environment: [String: String?]) throws -> [Substring] {
      let outcome = try ComposeProgram.run(
        ["check", "recipes"], environment: environment, directory: scratch.path)
      #expect(outcome.exitCode == 65)
      return outcome.errors.split(separator: "\n")
    }
    let plain = try errors([:])
    #expect(!plain.isEmpty && plain.allSatisfy { $0.hasPrefix("error: recipes/wrong.yaml:") })
    let told = try errors(["GITHUB_ACTIONS": "true"])
    #expect(told.filter { !$0.hasPrefix("::") } == plain)
    let commands = told.filter { $0.hasPrefix("::error file=recipes/wrong.yaml,line=1,col=") }
    #expect(commands.count == plain.count)
  }
}
