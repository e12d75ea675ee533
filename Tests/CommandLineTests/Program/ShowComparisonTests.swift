import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// `show` of several images or locks.
@Suite struct ShowComparisonTests {
  private let scratch: TemporaryDirectory

  init() throws { scratch = try TemporaryDirectory() }

  private static let bundle = "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"

  /// Images as the two distributions make them, each with its own inventory.
  private func writeBoth() throws -> (glibc: String, musl: String) {
    func package(_ name: String, _ version: String) -> String {
      "Package: \(name)\nVersion: \(version)\nArchitecture: all\n"
    }
    var glibc = LayeredImage([
      [
        "etc/ssl/certs/ca-certificates.crt": .file(Self.bundle + Self.bundle),
        "usr/bin/su": .file("su", mode: 0o4755),
        "usr/lib/os-release": "PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nID=debian\n",
        "usr/lib/x86_64-linux-gnu/libc.so.6": "x",
        "usr/share/zoneinfo/UTC": "x",
        "var/lib/dpkg/status.d/base-files": .file(package("base-files", "13.8")),
        "var/lib/dpkg/status.d/libc6": .file(package("libc6", "2.41-12")),
        "var/lib/dpkg/status.d/tzdata": .file(package("tzdata", "2025b-4+deb13u1")),
        "var/lib/dpkg/status.d/zlib": .file(package("zlib", "1:1.2-1")),
      ]
    ])
    glibc.execution = .init(
      user: "65532:65532", exposedPorts: ["80/tcp"],
      environment: ["PATH=/usr/bin:/bin", "LANG=C"], entrypoint: ["/usr/bin/app"])
    glibc.platforms = [.linuxAMD64, .linuxARM64]
    var musl = LayeredImage([
      [
        "bin/sh": .link("/bin/busybox"),
        "etc/os-release": "PRETTY_NAME=\"Alpine Linux v3.22\"\nID=alpine\n",
        "etc/ssl/certs/ca-certificates.crt": .file(Self.bundle),
        "lib/ld-musl-x86_64.so.1": "x", "sbin/apk": "x",
        "usr/share/zoneinfo/UTC": "x",
        "lib/apk/db/installed":
          "P:musl\nV:1.2.5-r10\nA:x86_64\n\nP:tzdata\nV:2025b-r0\nA:x86_64\n\nP:zlib\nV:1.3.1-r2\nA:x86_64\n\n",
      ]
    ])
    musl.execution = .init(
      user: "65532:65532", environment: ["PATH=/bin", "LANG=C"], entrypoint: ["/usr/bin/app"])
    let paths = (scratch.file("static-glibc"), scratch.file("static-musl"))
    try glibc.write(to: paths.0)
    try musl.write(to: paths.1)
    return paths
  }

  /// A row with its spaces made one.
  private func rows(_ text: String) -> [String] {
    text.split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
  }

  @Test func whatDiffersIsMarked() throws {
    let (glibc, musl) = try writeBoth()
    let outcome = try ComposeProgram.run(["show", glibc, musl])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let rows = rows(outcome.output)
    for row in [
      "linux/amd64 static-glibc static-musl",
      "≠ distribution Debian GNU/Linux 13 (trixie) Alpine Linux v3.22",
      "≠ libc glibc 2.41-12 musl 1.2.5-r10", "≠ packages 4 3 (-25%)", "≠ files 9 6 (-33%)",
      "≠ shell none /bin/sh", "≠ package manager none /sbin/apk", "≠ setuid /usr/bin/su none",
      "≠ CA certificates 2 in 1 in", "/etc/ssl/certs/ca-certificates.crt", "time zones 1 1",
      "user 65532:65532 65532:65532",
      "entrypoint /usr/bin/app /usr/bin/app", "≠ ports 80/tcp none", "env, the same LANG LANG",
      "≠ env PATH /usr/bin:/bin /bin", "packages in both: 2, 1 of different versions",
      "≈ tzdata 2025b-4+deb13u1 2025b-r0", "≠ zlib 1:1.2-1 1.3.1-r2", "only in static-glibc: 2",
      "base-files 13.8", "libc6 2.41-12", "only in static-musl: 1", "musl 1.2.5-r10",
      "linux/arm64: only in static-glibc",
      "≠ different ≈ the same version of the program, packaged differently",
    ] {
      #expect(rows.contains { $0.hasPrefix(row) }, "\(row) in \(outcome.output)")
    }
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 96 })
    let one = try ComposeProgram.run(["show", glibc, musl, "--platform", "linux/amd64"])
    #expect(one.exitCode == 0)
    #expect(!one.output.contains("linux/arm64"))
    #expect(outcome.output.hasPrefix(one.output.prefix(one.output.count / 2)))
  }

  /// A carriage return and a newline are one character to Swift; a terminal ends the line all the same.
  @Test func noValueOfAnImageStandsWhereARowBegins() throws {
    var image = LayeredImage([["etc/x": "x"]])
    image.execution = .init(user: "1:1", entrypoint: ["/app\r\nforged"])
    let path = scratch.file("image")
    try image.write(to: path)
    let outcome = try ComposeProgram.run(["show", path, path])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("forged"))
    #expect(!outcome.output.contains("\nforged"))
  }

  @Test func theSameAsData() throws {
    let (glibc, musl) = try writeBoth()
    let outcome = try ComposeProgram.run(["show", "--json", glibc, musl])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let report = try JSON.object(outcome.output)
    #expect(report["images"]?.items.map { $0["path"]?.text } == [glibc, musl])
    let summary = report["images"]?.items.last?["platforms"]?.items.first?["summary"]
    #expect(summary?["libraries"]?.items == ["musl"])
    #expect(summary?["release"]?["id"] == "alpine")
    #expect(summary?["certificateBundle"]?["certificates"] == .number(1))
    let amd64 = try #require(report["comparison"]?.items.first)
    #expect(amd64["platform"] == "linux/amd64")
    let differing = amd64["differing"]?.items ?? []
    #expect(differing.contains("libc"))
    #expect(!differing.contains("user"))
    let packages = amd64["packages"]?.items ?? []
    #expect(packages.map { $0["name"]?.text } == ["base-files", "libc6", "musl", "tzdata", "zlib"])
    #expect(packages.first?["versions"] == .array(["13.8", .null]))
    #expect(packages.last?["versions"] == .array(["1:1.2-1", "1.3.1-r2"]))
  }

  @Test func anImageIsLikeItself() throws {
    let (glibc, _) = try writeBoth()
    let outcome = try ComposeProgram.run(["show", glibc, glibc, glibc])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(!outcome.output.contains("≠"))
    // Columns of one name are told apart by the whole path.
    #expect(outcome.output.contains("packages in several: 4\n"))
    #expect(outcome.output.hasSuffix("\nnothing differs\n"))
  }

  /// What one of three lacks is no difference between the others.
  @Test func aPlatformIsComparedAmongThoseThatHaveIt() throws {
    let (glibc, musl) = try writeBoth()
    let outcome = try ComposeProgram.run(
      ["show", glibc, musl, glibc, "--platform", "linux/arm64"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(rows(outcome.output).contains("packages 4 - 4"), "\(outcome.output)")
    #expect(outcome.output.contains("packages in both: 4\n"))
    #expect(!outcome.output.contains("≠"), "\(outcome.output)")
    let alone = try ComposeProgram.run(["show", glibc, musl, "--platform", "linux/arm64"])
    #expect(
      alone.output == """
        linux/arm64: only in static-glibc

        nothing is compared, for no platform is in two of them

        """)
  }

  @Test func aLongValueIsCut() throws {
    var image = LayeredImage([["etc/hosts": "x"]])
    image.execution = .init(entrypoint: [String(repeating: "x", count: 100_000)])
    try image.write(to: scratch.file("long"))
    let outcome = try ComposeProgram.run(["show", scratch.file("long"), scratch.file("long")])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 96 })
    #expect(lines.contains { $0.contains("x…") })
    #expect(lines.count < 150)
  }

  @Test func locksAreComparedByTheirPackages() throws {
    let bench = try Bench()
    #expect(try bench.run("lock").exitCode == 0)
    let other = bench.scratch.file("other.lock.json")
    try FileManager.default.moveItem(atPath: bench.lock, toPath: other)
    try bench.scratch.write(Bench.recipe(packages: ["hello-data", "demoshell"]), to: "sample.yaml")
    #expect(try bench.run("lock").exitCode == 0)
    let outcome = try ComposeProgram.run(["show", bench.lock, other])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let rows = rows(outcome.output)
    for row in [
      "sample.lock.json other.lock.json", "distribution debian-13 debian-13",
      "indexes trixie of 2025-01-01T00:00:00Z", "linux/amd64 sample.lock.json other.lock.json",
      "≠ packages 2 5 (+150%)", "packages in both: 2", "demoshell 3.0, ", "hello-data 1:2.0, ",
      "only in sample.lock.json: 0", "only in other.lock.json: 3", "hello 1.0-1, ",
    ] {
      #expect(rows.contains { $0.hasPrefix(row) }, "\(row) in \(outcome.output)")
    }
    let json = try JSON.object(
      ComposeProgram.run(["show", "--json", bench.lock, other]).output)
    #expect(json["locks"]?.items.last?["lock"]?["distribution"] == "debian-13")
    #expect(json["comparison"]?.items.first?["differing"]?.items.contains("packages") == true)
  }

  @Test func likeIsComparedWithLike() throws {
    let (glibc, musl) = try writeBoth()
    let mixed = try ComposeProgram.run(["show", glibc, "x.lock.json"])
    #expect(mixed.exitCode == 64)
    #expect(
      mixed.errors.hasPrefix(
        "Error: show compares images with images and locks with locks; x.lock.json is a lock\n"))
    let missing = try ComposeProgram.run(["show", glibc, scratch.file("nowhere")])
    #expect(missing.exitCode == 66)
    #expect(missing.output == "")
    let platform = try ComposeProgram.run(
      ["show", glibc, musl, "--platform", "linux/arm64"])
    #expect(platform.exitCode == 0)
    let none = try ComposeProgram.run(["show", musl, musl, "--platform", "linux/arm64"])
    #expect(none.exitCode == 69)
    #expect(none.errors.hasSuffix(": none holds an image for linux/arm64\n"))
  }
}
