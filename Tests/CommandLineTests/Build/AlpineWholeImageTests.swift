import FoundationEssentials
import OCIImage
import PkgResolve
import TestSupport
import Testing

/// One recipe for Alpine that uses nearly every key, from the program's command line to the bytes of the image.
@Suite struct AlpineWholeImageTests {
  static let recipe = """
    # syntax=dhi.io/build:2-alpine3.22
    name: Sample
    image: example/sample
    tags: ["1.2"]
    platforms: [linux/amd64]
    contents:
      keyring: ["\(AlpineBench.keyName)"]
      repositories:
        - https://dl-cdn.alpinelinux.org/alpine/v3.22/main
        - "@testing https://dl-cdn.alpinelinux.org/alpine/edge/testing"
      packages:
        - greet=2.0
        - greet-extra@testing
        - os-info
    accounts:
      run-as: app
      users: [{name: app, uid: 65532, gid: 65532}]
      groups: [{name: app, gid: 65532}]
    os-release:
      pretty-name: Sample
    paths:
      - {type: directory, path: /app, uid: 65532, gid: 65532, mode: "0750"}
      - {type: symlink, path: /app/greet, source: ../usr/bin/greet}
    entrypoint: [/usr/bin/greet]
    compose:
      includes: [/usr/share/man/man1/greet.1.gz]
      exceptions:
        - {rule: setuid, paths: [/usr/bin/greet-su], reason: the test needs it}

    """

  /// A regular file as ``RootfsDump`` writes it.
  private static func file(_ text: String, _ mode: String = "0644", _ rest: String = "") -> String {
    let digits = text.isEmpty ? "empty" : String(Digest.sha256(of: Array(text.utf8)).hex.prefix(8))
    return "file \(mode) \(digits)" + rest
  }

  private static func directories(_ paths: String...) -> [String: String] {
    Dictionary(uniqueKeysWithValues: paths.map { ($0 + "/", "dir 0755") })
  }

  static let expected: [String: String] = [:]

  @Test func theRootFileSystemIsExactlyAsAsked() throws {
    let bench = try AlpineBench(Self.recipe)
    let dump = try bench.dump()
    #expect(RootfsDump.lines(dump) == RootfsDump.lines(Self.expected))
    let t1 = try bench.file("lib/apk/db/installed")
    #expect(t1 == "")
    let t2 = try bench.file("etc/passwd")
    #expect(t2 == "")
    let t3 = try bench.file("etc/group")
    #expect(t3 == "")
    let t4 = try bench.file("usr/lib/os-release")
    #expect(t4 == "")
  }

  /// Where a shell is kept, so are its links, and the database of apk's that names it.
  @Test func aDevelopmentImageKeepsTheShell() throws {
    let bench = try AlpineBench(
      Self.recipe.replacing(
        "image: example/sample\n", with: "image: example/sample\nvariant: dev\n"))
    let dump = try bench.dump()
    let links = dump.filter { $0.key.contains("bin/") }
    #expect(RootfsDump.lines(links) == [])
  }

  // MARK: What the commands say of it

  @Test func theCommandsTellWhatIsChosen() throws {
    let bench = try AlpineBench(Self.recipe)
    let mirror = ["--recipe", bench.recipe, "--store", bench.store, "--mirror", bench.mirror]
    func say(_ words: [String], _ code: Int32 = 0) throws -> String {
      let outcome = try ComposeProgram.run(words + mirror)
      #expect(outcome.exitCode == code, "\(outcome.errors)")
      return outcome.output + outcome.errors
    }
    let t5 = try say(["resolve", "--format", "list"])
    #expect(t5 == "")
    let t6 = try say(["resolve"])
    #expect(t6 == "")
    let t7 = try say(["why", "musl"])
    #expect(t7 == "")
    let t8 = try say(["why", "curl"], 1)
    #expect(t8 == "")
    let t9 = try say(["why-not", "greet=3.0"])
    #expect(t9 == "")
    #expect(try bench.run("lock").exitCode == 0)
    let show = try ComposeProgram.run(["show", bench.lock])
    #expect(show.output.replacing(bench.scratch.path, with: "") == "")
    let lock = try bench.run("lock", ["--json"])
    #expect(lock.output == (try bench.text(bench.lock)))
    #expect(lock.output == "")
  }
}
