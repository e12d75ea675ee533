import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose
import TestSupport
import Testing

/// What the commands say of a recipe for Alpine and of its lock.
@Suite struct AlpineCommandTests {
  /// Columns of a table: text between runs of spaces, the one with packed sizes left out, which zlib's version decides.
  private static func columns(_ text: String, without column: Int) -> [String] {
    text.split(separator: "\n").map { line in
      var words = line.replacing(/\x20\x20+/, with: "|").split(separator: "|").map(String.init)
      if words.indices.contains(column) { words.remove(at: column) }
      return words.joined(separator: " | ")
    }
  }

  @Test func theCommandsTellWhatIsChosen() throws {
    let bench = try AlpineBench(AlpineWholeImageTests.recipe)
    let options = ["--recipe", bench.recipe, "--mirror", bench.mirror, "--store", bench.store]
    func say(_ words: [String], _ code: Int32 = 0) throws -> String {
      let outcome = try ComposeProgram.run(words + options)
      #expect(outcome.exitCode == code, "\(outcome.errors)")
      return (outcome.output + outcome.errors).replacing(bench.scratch.path, with: "")
    }
    let list = try say(["resolve", "--format", "list"])
    #expect(
      list == """
        busybox=1.37.0-r0 x86_64
        greet-data=1.0-r3 x86_64
        greet-extra=0.1-r0 x86_64
        greet=2.0-r1 x86_64
        musl=1.2.5-r0 x86_64
        os-info=3.22.0-r0 x86_64

        """)
    let table = try say(["resolve"])
    #expect(
      Self.columns(table, without: 4).dropLast() == [
        "PACKAGE | VERSION | ARCH | SUITE | INSTALLED | REASON",
        "busybox | 1.37.0-r0 | x86_64 | v3.22/main | 56 B | greet depends on /bin/sh",
        "greet | 2.0-r1 | x86_64 | v3.22/main | 57 B | requested",
        "greet-data | 1.0-r3 | x86_64 | v3.22/main | 9 B | greet depends on greet-data>=1.0",
        "greet-extra | 0.1-r0 | x86_64 | @testing edge/testing | 18 B | requested",
        "musl | 1.2.5-r0 | x86_64 | v3.22/main | 17 B | greet depends on so:libc.musl-x86_64.so.1",
        "os-info | 3.22.0-r0 | x86_64 | v3.22/main | 140 B | requested",
      ])
    let why = try say(["why", "musl"])
    #expect(
      why == """
        /sample.yaml:12:7: greet=2.0
          greet 2.0-r1 depends on so:libc.musl-x86_64.so.1, which musl provides
        musl 1.2.5-r0 x86_64, \(try SampleApks.musl().bytes().count) B, 17 B installed; 1 other package \
        needs it: busybox

        """)
    let absent = try say(["why", "curl"], 1)
    #expect(
      absent == "error: curl: is not in the set; `dhi-compose why-not curl --recipe /sample.yaml "
        + "--mirror /mirror --store /store` says what keeps it out\n")
    let newer = try say(["why-not", "greet=3.0"])
    #expect(
      newer == """
        /sample.yaml:12:7: greet=2.0: cannot be installed together with greet=3.0:
          only one version of greet can be installed, 2.0-r1 or 3.0-r0
        leave one of them out, or ask for other versions

        """)
  }

  @Test func theLockHoldsWhatIsFetchedAndWhatVouchesForIt() throws {
    let bench = try AlpineBench(AlpineWholeImageTests.recipe)
    let outcome = try bench.run("lock", ["--json"])
    #expect(outcome.output == (try bench.text(bench.lock)))
    let lock = try Lockfile(decoding: outcome.standardOutput, name: bench.lock)
    func package(
      _ apk: ApkBuilder, in repository: String = "v3.22/main", suite: String = "v3.22/main",
      reason: String = "requested"
    ) throws -> Lockfile.Package {
      let bytes = try apk.bytes()
      return Lockfile.Package(
        name: apk.name, version: apk.version, architecture: "x86_64", source: apk.name,
        url: "file://\(bench.mirror)/\(repository)/x86_64/\(apk.fileName)",
        size: Int64(bytes.count),
        digest: Digest.sha256(of: bytes).description, checksum: try apk.checksum(), suite: suite,
        reason: reason)
    }
    #expect(
      lock.platforms["linux/amd64"]?.packages == [
        try package(SampleApks.busybox(), reason: "greet depends on /bin/sh"),
        try package(SampleApks.greet()),
        try package(SampleApks.data(), reason: "greet depends on greet-data>=1.0"),
        try package(
          SampleApks.testing()[0], in: "edge/testing", suite: "@testing edge/testing"),
        try package(SampleApks.musl(), reason: "greet depends on so:libc.musl-x86_64.so.1"),
        try package(SampleApks.osInformation()),
      ])
    #expect(lock.distribution == "alpine-3.22")
    #expect(lock.epoch == Int64(DebBuilder.defaultTime))
    #expect(
      lock.indexes.map { [$0.suite, $0.url, $0.signedBy, $0.date] } == [
        [
          "v3.22/main", "file://\(bench.main)/x86_64/APKINDEX.tar.gz", AlpineBench.keyName,
          "2025-01-01T00:00:00Z",
        ],
        [
          "@testing edge/testing", "file://\(bench.testing)/x86_64/APKINDEX.tar.gz",
          AlpineBench.keyName, "2025-01-01T00:00:00Z",
        ],
      ])
    let show = try ComposeProgram.run(["show", bench.lock])
    let lines = Self.columns(show.output.replacing(bench.scratch.path, with: ""), without: 4)
    let rows = Self.columns(show.output, without: 3).filter { $0.contains(" | x86_64 | ") }
    #expect(
      lines.prefix(5) == [
        "lock | /sample.lock.json, by \(ToolVersion.tool)", "distribution | alpine-3.22",
        "epoch | 2025-01-01T00:00:00Z",
        "index | v3.22/main of 2025-01-01T00:00:00Z, file:///mirror/v3.22/main/x86_64/APKINDEX.tar.gz",
        "index | @testing edge/testing of 2025-01-01T00:00:00Z, "
          + "file:///mirror/edge/testing/x86_64/APKINDEX.tar.gz",
      ])
    #expect(
      rows == [
        "busybox | 1.37.0-r0 | x86_64 | v3.22/main | greet depends on /bin/sh",
        "greet | 2.0-r1 | x86_64 | v3.22/main | requested",
        "greet-data | 1.0-r3 | x86_64 | v3.22/main | greet depends on greet-data>=1.0",
        "greet-extra | 0.1-r0 | x86_64 | @testing edge/testing | requested",
        "musl | 1.2.5-r0 | x86_64 | v3.22/main | greet depends on so:libc.musl-x86_64.so.1",
        "os-info | 3.22.0-r0 | x86_64 | v3.22/main | requested",
      ])
  }
}
