import FoundationEssentials
import TestSupport
import Testing

/// What the program says of itself.
@Suite struct HelpTests {
  @Test(arguments: [
    [], ["build"], ["lock"], ["check"], ["show"], ["verify"], ["diff"], ["update"], ["resolve"],
    ["why"], ["why-not"],
    ["compare-versions"], ["cache"], ["cache", "show"], ["cache", "prune"],
  ])
  func helpHoldsAnExampleAndTheExitCodes(command: [String]) throws {
    let outcome = try ComposeProgram.run(command + ["--help"])
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors == "")
    #expect(outcome.output.contains("Example:\n"))
    let name = command.first ?? "build"
    #expect(outcome.output.contains("dhi-compose \(name) "))
    for (code, meaning) in try Self.documentedCodes() {
      let line = "  \(code)" + String(repeating: " ", count: 5 - code.count) + meaning
      #expect(outcome.output.contains(line), "\(line)")
    }
  }

  /// The README's table of exit codes, as the help writes it.
  private static func documentedCodes() throws -> [(code: String, meaning: String)] {
    let readme = try String(
      contentsOf: URL(filePath: Repository.root + "/README.md"), encoding: .utf8)
    let rows = readme.split(separator: "\n").drop { $0 != "| Exit code | Meaning |" }
      .dropFirst(2).prefix { $0.hasPrefix("|") }
    try #require(rows.count == 11)
    return rows.map { row in
      let cells = row.split(separator: "|").map { $0.trimmingPrefix(" ") }
      var meaning = cells[1]
      while meaning.hasSuffix(" ") { meaning.removeLast() }
      return (
        String(cells[0].prefix { $0.isNumber }),
        meaning.prefix(1).lowercased() + meaning.dropFirst()
      )
    }
  }

  @Test func theVersionIsANumberAlone() throws {
    let outcome = try ComposeProgram.run(["--version"])
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
  }

  @Test func aMisspeltCommandIsNamedWithTheOneMeant() throws {
    let outcome = try ComposeProgram.run(["biuld", "x.yaml"])
    #expect(outcome.exitCode == 64)
    #expect(outcome.errors == "error: unknown command \"biuld\"; did you mean \"build\"?\n")
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionsKnowEverySubcommand(shell: String) throws {
    let outcome = try ComposeProgram.run(["--generate-completion-script", shell])
    #expect(outcome.exitCode == 0)
    for word in [
      "build", "lock", "check", "show", "verify", "resolve", "why-not", "cache", "platform",
      "locked",
    ] {
      #expect(outcome.output.contains(word), "\(word)")
    }
    guard shell == "bash" else { return }
    let bash = try #require(HostProgram.find("bash"))
    try bash.check(["-n"], input: outcome.standardOutput)
  }
}
