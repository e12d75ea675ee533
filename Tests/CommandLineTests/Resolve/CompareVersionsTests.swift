import FoundationEssentials
import TestSupport
import Testing

@Suite struct CompareVersionsTests {
  static func run(_ ordering: String, _ input: String) throws -> HostProgram.Outcome {
    try HostProgram(path: ComposeProgram.path).run(
      ["compare-versions", ordering], environment: ComposeProgram.environment,
      input: Array(input.utf8))
  }

  @Test func aLineAnAnswer() throws {
    let debian = try Self.run(
      "--debian", "1.0~rc1\t1.0\n1:1\t2\n1.0\t0:1.0-0\nx\t1\n\t\n1.0\t1.0\r\n1\t2")
    #expect(debian.output == "<\n>\n=\ninvalid\ninvalid\n=\n<\n")
    #expect(debian.errors == "")
    #expect(debian.exitCode == 0)
    let alpine = try Self.run(
      "--alpine",
      "1.0_rc1\t1.0\n1.1-r1\t1.1-r0\n1\t1\n1.0.\t1\n3.11.9-r0\t~\t3.11\n3.1\t~\t3.11\n1\t~\tx\n3.6.9_post1\t~\t3.6\n"
    )
    #expect(alpine.output == "<\n>\n=\ninvalid\ntrue\nfalse\nfalse\ntrue\n")
    #expect(alpine.exitCode == 0)
    #expect(try Self.run("--debian", "").output == "")
  }

  @Test(arguments: [
    ("--debian", "1\t2\n1\n", "<\n", "error: <stdin>:2: expected A<TAB>B, found no tab\n"),
    ("--debian", "\n", "", "error: <stdin>:1: expected A<TAB>B, found no tab\n"),
    ("--debian", "1\t~\t2", "", "error: <stdin>:1: expected A<TAB>B, found 3 fields\n"),
    (
      "--alpine", "1\t<\t2\n", "",
      "error: <stdin>:1: expected A<TAB>B or A<TAB>~<TAB>B, found 3 fields\n"
    ),
    (
      "--alpine", "1\t2\t3\t4\n", "",
      "error: <stdin>:1: expected A<TAB>B or A<TAB>~<TAB>B, found 4 fields\n"
    ),
  ])
  func aLineOfAnotherFormIsNamed(
    _ ordering: String, _ input: String, _ output: String, _ errors: String
  ) throws {
    let outcome = try Self.run(ordering, input)
    #expect(outcome.exitCode == 65)
    #expect(outcome.output == output)
    #expect(outcome.errors == errors)
  }

  @Test func filesAndFaults() throws {
    let scratch = try TemporaryDirectory()
    try scratch.write("1\t2\nx\n", to: "pairs")
    func run(_ arguments: String...) throws -> HostProgram.Outcome {
      try ComposeProgram.run(["compare-versions"] + arguments, directory: scratch.path)
    }
    let wrong = try run("--debian", "pairs")
    #expect(wrong.output == "<\n")
    #expect(wrong.errors == "error: pairs:2: expected A<TAB>B, found no tab\n")
    #expect(try run("--debian", "none").exitCode == 66)
    #expect(try run("pairs").exitCode == 64)
    #expect(try run("--debian", "--alpine", "pairs").exitCode == 64)
    try scratch.write(String(repeating: "1", count: 3 << 20), to: "long")
    let long = try run("--debian", "long")
    #expect(long.exitCode == 65)
    #expect(long.errors == "error: long:1: is over 1048576 bytes long\n")
  }

  /// A reader that waits for an answer before it asks again gets it.
  @Test func answersAreNotHeldBack() throws {
    let bash = try #require(HostProgram.find("bash"))
    let outcome = try bash.run(
      [
        "-c",
        """
        coproc compare { "$0" compare-versions --debian; }
        for pair in '1\\t2' '2\\t1' '1\\t1'; do
          printf "$pair\\n" >&"${compare[1]}"
          read -r -t 60 answer <&"${compare[0]}" || exit 1
          printf '%s' "$answer"
        done
        """, ComposeProgram.path,
      ], environment: ComposeProgram.environment)
    #expect(outcome.output == "<>=")
    #expect(outcome.exitCode == 0)
  }

  @Test func linesOverManyReadsAreAllAnswered() throws {
    let count = 30_000
    let input = (0..<count).map { "\($0)-\(String(repeating: "1", count: $0 % 50 + 1))\t15000\n" }
    let outcome = try Self.run("--debian", input.joined())
    let expected = (0..<count).map { $0 < 15_000 ? "<" : ">" }
    #expect(outcome.output.split(separator: "\n").map(String.init) == expected)
  }

  /// The vectors of dpkg and apt, and of apk.
  @Test(.enabled(if: SharedData.root != nil))
  func recordedAnswers() throws {
    let root = try #require(SharedData.root) + "/oracles"
    for name in ["apt-t", "dpkg-perl-t", "real-pairs"] {
      let text = try String(
        contentsOf: URL(filePath: "\(root)/debian-version/\(name).tsv"), encoding: .utf8)
      let rows = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        .map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
      let outcome = try Self.run("--debian", rows.map { "\($0[0])\t\($0[2])\n" }.joined())
      #expect(outcome.output == rows.map { "\($0[1])\n" }.joined(), "\(name)")
    }
  }
}
