import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// `resolve` with indexes given by hand: no recipe, no network, and the store left alone.
@Suite struct ResolveFilesTests {
  @Test func anEmptyIndexBesideAnotherIsASuiteWithoutPackages() throws {
    let bench = try IndexBench()
    try bench.scratch.write("", to: "updates.Packages")
    let outcome = try bench.run(["resolve", "--packages", "Packages", "updates.Packages", "app"])
    #expect(outcome.errors == "")
    #expect(outcome.output == IndexBench.list)
  }

  @Test func aFileThatOnlySharesANameIsNoIndex() throws {
    let bench = try IndexBench()
    try bench.scratch.write("", to: "app")
    try bench.scratch.write("note: nothing\n", to: "libapp")
    let outcome = try bench.run(["resolve", "--packages", "Packages", "app", "libapp"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("app=1.0-1 amd64\n"))
  }

  /// Every order in which files and names may be written.
  @Test(arguments: [
    "--packages Packages --arch amd64 app", "--packages Packages app", "app --packages Packages",
    "--packages=Packages app", "--packages Packages other --arch amd64 app",
    "--packages Packages other app", "--packages Packages --packages other app",
    "--packages other --packages Packages app --arch amd64", "--arch=amd64 --packages Packages app",
    "--packages Packages --arch amd64 -- app", "--packages ./Packages app/Packages",
    "--packages main=Packages other app/main", "--packages - app", "--packages - --arch amd64 app",
  ])
  func filesAndNamesAreToldApart(_ words: String) throws {
    let bench = try IndexBench()
    try bench.scratch.write(IndexBench.stanza("extra", "1"), to: "other")
    // A file of a package's name is no index.
    try bench.scratch.write("#!/bin/sh\n: app\n", to: "app")
    let outcome = try bench.run(
      ["resolve"] + words.split(separator: " ").map(String.init),
      input: words.contains(" - ") ? IndexBench.stanzas.joined() : "",
      environment: ["XDG_CACHE_HOME": "/dev/null/nowhere"])
    #expect(outcome.errors == "")
    #expect(outcome.output == IndexBench.list)
    #expect(outcome.exitCode == 0)
  }

  @Test(arguments: [Compression.xz, .gzip])
  func compressedFiles(_ compression: Compression) throws {
    let bench = try IndexBench()
    let bytes = try compression.compress(Array(IndexBench.stanzas.joined().utf8))
    try bench.scratch.write(bytes, to: "main" + compression.suffix)
    let outcome = try bench.run(
      ["resolve", "--packages", "main" + compression.suffix, "app/main", "doc"])
    #expect(
      outcome.output == "app=1.0-1 amd64\ndoc=2 all\ngawk=5 amd64\nlibapp=1.2 amd64\n")
    try bench.scratch.write(Array(bytes.dropLast(bytes.count / 2)), to: "cut")
    let cut = try bench.run(["resolve", "--packages", "cut", "app"])
    #expect(cut.exitCode == 65)
    #expect(cut.errors.hasPrefix("error: cut: cannot be decompressed: "))
    #expect(cut.errors.hasSuffix("; the file is cut short or damaged: fetch it again\n"))
    // The compression is told by the bytes, not by the name.
    try bench.scratch.write(bytes, to: "plain")
    #expect(try bench.run(["resolve", "--packages", "plain", "app"]).output == IndexBench.list)
  }

  @Test func anExplanationGoesToStandardErrorWithCode3() throws {
    let bench = try IndexBench()
    for format in ["list", "table", "tree", "json", "dot", "mermaid", "svg"] {
      let outcome = try bench.run(
        ["resolve", "--packages", "Packages", "--arch", "amd64", "app", "old", "--format", format])
      #expect(outcome.exitCode == 3)
      #expect(outcome.output == "")
      #expect(
        outcome.errors == """
          error: app: cannot be installed together with old:
            app 1.0-1 needs libapp (>= 1)
            old 1 conflicts with libapp
          leave one of them out, or ask for other versions

          """)
    }
  }

  @Test(arguments: [
    (
      "--packages Packages ap", 3,
      "error: ap: no such package for amd64 in Packages; near names: app\n"
    ),
    ("--packages Packages app=2", 3, "error: app=2: Packages has 1.0-1\n"),
    ("--packages none --arch amd64 app", 66, "error: none: cannot be read: No such file"),
    ("--packages Packages ./none app", 66, "error: ./none: cannot be read: No such file"),
    ("--packages Packages none.xz app", 66, "error: none.xz: cannot be read: No such file"),
    ("--packages . app", 66, "error: .: is a folder; name an index in it\n"),
    ("--packages broken app", 65, "error: broken:1: "),
    ("--packages Packages app$", 65, "error: app$: "),
    (
      "--packages Packages foreign --arch=s390x app", 64,
      "--arch s390x: the indexes hold amd64, arm64; choose one with --arch"
    ),
    (
      "--packages Packages --arch amd46 app", 64,
      "--arch amd46: the indexes hold amd64 only; choose it with --arch"
    ),
    (
      "--packages empty ./empty app", 65,
      "error: empty: holds no package; expected a Packages index\n"
    ),
    ("--packages - - app", 64, "- is given twice"),
    ("--packages - main=- app", 64, "- is given twice"),
    (
      "--packages Packages foreign app", 64, "the indexes hold amd64, arm64; choose one with --arch"
    ),
    ("--packages", 64, "Error: --packages: missing file"),
    ("--packages Packages", 64, "name at least one package"),
    (
      "--packages Packages --apkindex Packages app", 64,
      "--packages and --apkindex exclude each other"
    ),
    ("--packages Packages --recipe r.yaml app", 64, "--recipe and --packages exclude each other"),
    ("--packages Packages --world app app", 64, "--world goes with --apkindex"),
    ("--packages Packages --pin x app", 64, "--pin x: expected SUITE=PRIORITY"),
    (
      "--packages Packages --pin x=1 app", 64,
      "--pin x: no index is of that suite; there are Packages"
    ),
    ("--packages Packages --platform linux/amd64 app", 64, "choose with --arch"),
    ("--packages Packages --mirror x app", 64, "--mirror goes with a recipe; --packages fetches"),
    ("--packages Packages --security-mirror x app", 64, "--security-mirror goes with a recipe"),
    ("--packages Packages --allow-expired app", 64, "--allow-expired goes with a recipe"),
    ("--packages Packages --downloads 8 app", 64, "--downloads goes with a recipe"),
    ("--packages Packages --decoders 2 app", 64, "--decoders goes with a recipe"),
    ("--arch amd64 app", 64, "--arch goes with --packages or --apkindex"),
    ("app bpp", 64, "resolve takes one recipe"),
    ("--package Packages app", 64, "Unknown option '--package'. Did you mean '--packages'?"),
    ("--json app bpp", 64, "Unknown option '--json'"),
    ("--packages --arch amd64 app", 64, "--packages: missing file"),
    ("--arch amd64 app --packages", 64, "--packages: missing file"),
    (
      "--packages Packages foreign", 64,
      "name at least one package; taken for index files: Packages, foreign\nUsage: dhi-compose resolve "
    ),
    ("", 64, "this folder holds no recipe (*.yaml); name one"),
  ])
  func faultsHaveTheirCodes(_ words: String, _ code: Int32, _ message: String) throws {
    let bench = try IndexBench()
    try bench.scratch.write("no index\n", to: "broken")
    try bench.scratch.write("", to: "empty")
    try bench.scratch.write(IndexBench.stanza("app", "1", architecture: "arm64"), to: "foreign")
    let outcome = try bench.run(["resolve"] + words.split(separator: " ").map(String.init))
    #expect(outcome.exitCode == code, "\(outcome.errors)")
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    if message.hasSuffix("\n") { #expect(outcome.errors == message) }
  }

  @Test func aPinPrefersASuite() throws {
    let bench = try IndexBench([IndexBench.stanza("app", "1")])
    try bench.scratch.write(IndexBench.stanza("app", "2"), to: "new")
    func chosen(_ more: String...) throws -> String {
      try bench.run(["resolve", "--packages", "Packages", "new", "app"] + more).output
    }
    #expect(try chosen() == "app=2 amd64\n")
    #expect(try chosen("--pin", "Packages=990") == "app=1 amd64\n")
    #expect(try chosen("--pin", "new=100", "--pin=Packages=200") == "app=1 amd64\n")
  }

  @Test func anOutputFileIsWrittenWholeOrNotAtAll() throws {
    let bench = try IndexBench()
    let arguments = ["resolve", "--packages", "Packages", "--arch", "amd64", "--output", "list"]
    let outcome = try bench.run(arguments + ["app"])
    #expect(outcome.exitCode == 0 && outcome.output == "" && outcome.errors == "")
    #expect(String(decoding: try bench.scratch.read("list"), as: UTF8.self) == IndexBench.list)
    #expect(try bench.run(arguments + ["app", "old"]).exitCode == 3)
    #expect(String(decoding: try bench.scratch.read("list"), as: UTF8.self) == IndexBench.list)
    let missing = try bench.run(arguments.dropLast() + ["no/folder", "app"])
    #expect(missing.exitCode == 73)
    #expect(FileListing.names(in: bench.scratch.path) == ["Packages", "list"])
  }

  @Test func anOutputFileStaysWhatItIs() throws {
    let bench = try IndexBench()
    let folder = bench.scratch.path
    func write(_ name: String) throws -> HostProgram.Outcome {
      try bench.run(["resolve", "--packages", "Packages", "--output", name, "app"])
    }
    func text(_ name: String) throws -> String {
      String(decoding: try bench.scratch.read(name), as: UTF8.self)
    }
    #expect(try write("-").output == IndexBench.list)
    try bench.scratch.write("old", to: "list")
    #expect(chmod(folder + "/list", 0o640) == 0)
    #expect(symlink("list", folder + "/link") == 0 && symlink("new", folder + "/dangling") == 0)
    #expect(try write("link").exitCode == 0)
    #expect(try text("list") == IndexBench.list)
    var status = stat()
    #expect(stat(folder + "/list", &status) == 0 && status.st_mode & 0o777 == 0o640)
    #expect(try write("dangling").exitCode == 0)
    #expect(try text("new") == IndexBench.list)
    for link in ["link", "dangling"] {
      #expect(lstat("\(folder)/\(link)", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }
    #expect(mkfifo(folder + "/pipe", 0o600) == 0 && mkdir(folder + "/folder", 0o700) == 0)
    let pipe = try write("pipe")
    #expect(pipe.exitCode == 73 && pipe.output == "")
    #expect(pipe.errors == "error: pipe: is not a regular file; choose another path\n")
    #expect(lstat(folder + "/pipe", &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    let taken = try write("folder")
    #expect(taken.exitCode == 73)
    #expect(taken.errors == "error: folder: is a folder; name a file in it\n")
    #expect(
      FileListing.names(in: folder)
        == ["Packages", "dangling", "folder", "link", "list", "new", "pipe"])
  }

  @Test func everyFormatOnStandardOutput() throws {
    let bench = try IndexBench()
    func text(_ format: String) throws -> String {
      let outcome = try bench.run(
        ["resolve", "--packages", "Packages", "app", "--format", format])
      #expect(outcome.exitCode == 0 && outcome.errors == "", "\(outcome.errors)")
      return outcome.output
    }
    #expect(try text("list") == IndexBench.list)
    #expect(try text("table").hasPrefix("PACKAGE  VERSION  ARCH   SUITE     DOWNLOAD  INSTALLED"))
    #expect(try text("tree").hasPrefix("app\n└── app 1.0-1 amd64  1.0 kB\n    ├── libapp"))
    #expect(try text("dot").hasPrefix("digraph packages {\n"))
    #expect(try text("mermaid").hasPrefix("flowchart LR\n  p0[\"app<br/>"))
    let report = try JSON.object(try text("json"))
    #expect(report["format"] == .number(1))
    #expect(report["recipe"] == nil)
    let packages = report["resolutions"]?.items.first?["packages"]?.items
    #expect(packages?.map { $0["name"]?.text } == ["app", "gawk", "libapp"])
  }

  @Test func svgIsDrawnWhereGraphvizIs() throws {
    let bench = try IndexBench()
    let arguments = ["resolve", "--packages", "Packages", "app", "--format", "svg"]
    let missing = try bench.run(arguments, environment: ["PATH": "/nonexistent"])
    #expect(missing.exitCode == 69)
    #expect(missing.output == "")
    #expect(
      missing.errors
        == "error: dot: not found, and SVG needs it; install the package graphviz, or use --format dot\n"
    )
    _ = try #require(HostProgram.find("dot"), "apt-get install graphviz")
    let drawn = try bench.run(arguments)
    #expect(drawn.exitCode == 0, "\(drawn.errors)")
    #expect(drawn.output.contains("<svg ") && drawn.output.contains(">libapp</text>"))
  }

  /// The reader goes away before the text does: the program ends as others do, and says nothing.
  @Test func aPipeMayCloseEarly() throws {
    // More than a pipe holds.
    let needed = (1...12_000).map { "p\($0)" }
    let bench = try IndexBench(
      [IndexBench.stanza("p0", "1", "Depends: " + needed.joined(separator: ", "))]
        + needed.map { IndexBench.stanza($0, "1") })
    let bash = try #require(HostProgram.find("bash"))
    let outcome = try bash.run(
      [
        "-c", #""$0" resolve --packages Packages p0 | head -n 1; echo "${PIPESTATUS[0]}""#,
        ComposeProgram.path,
      ], environment: ComposeProgram.environment, directory: bench.scratch.path)
    #expect(outcome.output == "p0=1 amd64\n141\n")
    #expect(outcome.errors == "")
  }

  /// `script` of util-linux gives the program a terminal.
  @Test(arguments: [(nil, true), ("1", false), ("", true)] as [(String?, Bool)])
  func emphasisIsForTerminalsThatWantIt(noColour: String?, expected: Bool) throws {
    let bench = try IndexBench()
    let script = try #require(HostProgram.find("script"), "apt-get install bsdutils")
    let outcome = try script.run(
      [
        "--quiet", "--return", "--command",
        "\(ComposeProgram.path) resolve --packages Packages app --format table", "/dev/null",
      ], environment: ComposeProgram.environment.merging(["NO_COLOR": noColour]) { $1 },
      directory: bench.scratch.path)
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("\u{1B}[1mPACKAGE") == expected, "\(outcome.output)")
  }
}
