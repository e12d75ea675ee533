import Testing

@testable import RootfsCompose

/// What a script would reach at a first installation, without anything being run.
struct ShellWalkTests {
  private func steps(
    _ script: String, _ entries: [String: String] = [:], as member: String = "postinst"
  ) throws -> [String] {
    let package = scriptPackage("demo", [member: "#!/bin/sh\n" + script])
    let scene = ScriptScene(
      tree: try scriptTree(entries), packages: [package], context: scriptContext())
    let reading = ScriptReading(script: member, of: package, in: scene)
    #expect(reading.failure == nil)
    return reading.steps.map { step in
      let marks = (step.isCertain ? "" : "?") + (step.isResolved ? "" : "$")
      return marks + step.words.joined(separator: "|")
        + step.outputs.map { ($0.appends ? ">>" : ">") + $0.path }.joined()
    }
  }

  @Test func decidesTheArgumentsOfAFirstInstallation() throws {
    let script = """
      if [ "$1" = configure ] && [ -n "$2" ]; then upgrade; fi
      if [ "$1" = configure ] && [ -z "$2" ]; then first; fi
      if dpkg --compare-versions "$2" lt-nl 1.2; then upgrade; fi
      if dpkg --compare-versions "$2" lt 1.2; then first; fi
      case "$1" in
        triggered|abort-*) other ;;
        (configure) configured "a b" ;;
        *) never ;;
      esac
      exit 0
      never
      """
    #expect(try steps(script) == ["first", "first", "configured|a b"])
    #expect(try steps("case $1 in upgrade) no;; install) yes;; esac", as: "preinst") == ["yes"])
  }

  @Test func marksWhatCannotBeDecided() throws {
    #expect(try steps("if some-program; then a; else b; fi") == ["some-program", "?a", "?b"])
    #expect(try steps("x=$(some-program); a $x") == ["some-program", "$a|$x"])
    #expect(try steps("some-program && exit 0; a") == ["some-program", "?a"])
    #expect(try steps("some-program || exit 1; a") == ["some-program", "a"])
    #expect(try steps("for f in $UNSET; do a $f; done") == ["?$a|$f"])
    #expect(try steps("while read line; do a $line; done < /etc/x") == ["?$a|$line"])
  }

  @Test func expandsWords() throws {
    #expect(try steps("a='x y'; b $a \"$a\" ${a#x } ${none:-}") == ["$b|x|y|x y|y|${none:-}"])
    #expect(try steps("f() { g \"$2\" ${3:-$1.z}; }; f 1 2") == ["g|2|1.z"])
    #expect(try steps("for u in a b; do c /x/$u; done") == ["c|/x/a", "c|/x/b"])
    #expect(try steps("f() { echo \"--s $1\"; }; u --i $(f 1; f 2)") == ["u|--i|--s|1|--s|2"])
    #expect(try steps("a `echo x` \\\n  b # comment") == ["a|x|b"])
    #expect(
      try steps("a /etc/d/*.c", ["etc/d/2.c": "", "etc/d/1.c": "", "etc/d/n": ""])
        == ["a|/etc/d/1.c|/etc/d/2.c"])
  }

  @Test func readsHereDocumentsAndRedirections() throws {
    let script = """
      cat > /etc/demo <<-EOF
      \tone
      \ttwo
      \tEOF
      echo x >> /etc/demo
      echo y >/dev/null 2>&1
      """
    let package = scriptPackage("demo", ["postinst": "#!/bin/sh\n" + script])
    let scene = ScriptScene(tree: FileTree(), packages: [package], context: scriptContext())
    let found = ScriptReading(script: "postinst", of: package, in: scene).steps
    #expect(found.map(\.text) == ["one\ntwo\n", "x\n"])
    #expect(found.map(\.outputs.first?.appends) == [false, true])
  }

  @Test func asksTheTree() throws {
    let entries = ["etc/there": "x", "etc/link": "@there"]
    #expect(try steps("[ -e /etc/there ] && a; [ -f /etc/none ] || b", entries) == ["a", "b"])
    #expect(try steps("[ \"$(readlink /etc/link)\" = there ] && a", entries) == ["a"])
    #expect(
      try steps("rm -f /etc/there; [ -e /etc/there ] || a", entries) == ["rm|-f|/etc/there", "a"])
  }

  @Test(arguments: [
    "if true; then a", "a \"b", "a $(b", "case x in", "a ${b", "))", "f() {", "a `b",
  ])
  func refusesWhatIsNoScript(_ text: String) throws {
    let package = scriptPackage("demo", ["postinst": "#!/bin/sh\n" + text])
    let scene = ScriptScene(tree: FileTree(), packages: [package], context: scriptContext())
    let failure = ScriptReading(script: "postinst", of: package, in: scene).failure
    #expect(failure?.hasPrefix("cannot be read as a shell script: line ") == true)
  }

  @Test(arguments: [
    String(repeating: "(", count: 100_000), String(repeating: "$(", count: 100_000),
    String(repeating: "if a; then ", count: 50_000), String(repeating: "${a:-", count: 50_000),
    String(repeating: "a && ", count: 100_000) + "b", "f() { f; f; f; }\nf",
    "x=aaaaaaaa\n" + String(repeating: "x=$x$x\n", count: 5_000) + "a $x",
    "f() { for i in 1 2 3 4 5 6 7 8 9; do g; done; }\ng() { for i in 1 2 3 4 5 6 7 8 9; do f; done; }\nf",
    "a=" + String(repeating: "*", count: 5_000) + "\ncase " + String(repeating: "b", count: 5_000)
      + " in $a) x;; esac",
    String(repeating: "for i in 1 2 3 4; do ", count: 24) + String(repeating: " done;", count: 24),
    "x=\(String(repeating: "a", count: 250))\n"
      + String(repeating: "y=${x%%\(String(repeating: "*?", count: 125))b}\n", count: 1_000),
  ])
  func endsWhateverTheScript(_ text: String) {
    let package = scriptPackage("demo", ["postinst": "#!/bin/sh\n" + text])
    let scene = ScriptScene(tree: FileTree(), packages: [package], context: scriptContext())
    let reading = ScriptReading(script: "postinst", of: package, in: scene)
    #expect(reading.failure != nil || reading.steps.count <= ShellWalk.maximumCommands)
  }

  @Test func namesOtherLanguages() {
    let other = ScriptReading(
      script: "postinst", of: scriptPackage("demo", ["postinst": "#!/usr/bin/perl\n1;"]),
      in: ScriptScene(tree: FileTree(), packages: [], context: scriptContext()))
    #expect(other.failure == "is not a shell script (perl) and is not read")
  }
}
