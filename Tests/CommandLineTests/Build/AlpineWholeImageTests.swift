import FoundationEssentials
import OCIImage
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

  static let expected: [String: String] = directories(
    "/bin", "/etc", "/etc/greet", "/home", "/lib", "/lib/apk", "/lib/apk/db", "/usr", "/usr/bin",
    "/usr/lib", "/usr/share", "/usr/share/greet", "/usr/share/man", "/usr/share/man/man1", "/var",
    "/var/lib"
  ).merging(shipped) { $1 }.merging(added) { $1 }

  /// What packages ship, after the rules.
  private static let shipped: [String: String] = [
    "/etc/greet/greet.conf": file("greeting=hello\n"),
    "/etc/os-release": "symlink ../usr/lib/os-release",
    "/lib/ld-musl-x86_64.so.1": file("\u{7F}ELF musl x86_64\n", "0755"),
    "/lib/libc.musl-x86_64.so.1": "symlink ld-musl-x86_64.so.1",
    "/usr/bin/greet": file("\u{7F}ELF greet 2.0-r1 x86_64\n", "0755"),
    "/usr/bin/greet-su": file("\u{7F}ELF su\n", "4755"),
    "/usr/lib/greet-extra": file("\u{7F}ELF extra x86_64\n", "0755"),
    "/usr/share/greet/words": file("good day\n", "0644", " <1>"),
    "/usr/share/greet/words.copy": file("good day\n", "0644", " <1>"),
    "/usr/share/man/man1/greet.1.gz": file("manual\n"),
    "/var/lib/greet/": "dir 0775 101:101",
    "/var/lib/greet/state": file("0\n", "0664", " 101:101"),
  ]

  /// What the recipe and the packages' scripts add, and the inventory.
  private static let added: [String: String] = [
    "/app/": "dir 0750 65532:65532",
    "/app/greet": "symlink ../usr/bin/greet",
    "/etc/group": file("root:x:0:root\ngreet:x:101:greet\napp:x:65532:\n"),
    "/etc/passwd": file(
      """
      root:x:0:0:root:/root:/sbin/nologin
      greet:x:101:101:greet:/var/lib/greet:/sbin/nologin
      app:x:65532:65532::/home/app:/sbin/nologin

      """),
    "/etc/shadow": file(
      // The day of the epoch: 2025-01-01.
      "root:*::0:::::\ngreet:!:20089:0:99999:7:::\napp:!:::::::\n", "0640", " 0:42"),
    "/home/app/": "dir 0700 65532:65532",
    "/lib/apk/db/installed": file((try? installed()) ?? ""),
    "/root/": "dir 0700",
    "/tmp/": "dir 1777",
    "/usr/lib/os-release": file(
      "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.0\nPRETTY_NAME=\"Sample\"\n"),
  ]

  /// The record that apk keeps of a package: what it is, and what the image has of its files.
  private static func record(
    of apk: ApkBuilder, size installed: Int, _ relations: String, _ files: String
  ) throws -> String {
    """
    C:\(try apk.checksum())
    P:\(apk.name)
    V:\(apk.version)
    A:x86_64
    S:\(try apk.bytes().count)
    I:\(installed)
    T:a package made by a test
    U:https://example.org/
    L:MIT
    o:\(apk.name)
    t:1735689600

    """ + relations + files + "\n"
  }

  private static func sum(_ text: String) -> String {
    "Z:Q1" + Data(TestDigest.sha1(Array(text.utf8))).base64EncodedString() + "\n"
  }

  /// `/lib/apk/db/installed`, by packages' names.
  private static func installed() throws -> String {
    let greet = try record(
      of: SampleApks.greet(), size: 57,
      "D:greet-data>=1.0 so:libc.musl-x86_64.so.1 /bin/sh\np:cmd:greet=2.0-r1\n",
      "F:etc\nF:etc/greet\nR:greet.conf\n" + sum("greeting=hello\n")
        + "F:usr\nF:usr/bin\nR:greet\na:0:0:755\n" + sum("\u{7F}ELF greet 2.0-r1 x86_64\n")
        + "R:greet-su\na:0:0:4755\n" + sum("\u{7F}ELF su\n")
        + "F:usr/share\nF:usr/share/man\nF:usr/share/man/man1\nR:greet.1.gz\n" + sum("manual\n")
        + "F:var\nF:var/lib\nF:var/lib/greet\nM:101:101:775\nR:state\na:101:101:664\n" + sum("0\n"))
    let data = try record(
      of: SampleApks.data(), size: 9, "",
      "F:usr\nF:usr/share\nF:usr/share/greet\nR:words\n" + sum("good day\n") + "R:words.copy\n"
        + sum("good day\n"))
    let extra = try record(
      of: SampleApks.testing()[0], size: 18, "D:greet\n",
      "F:usr\nF:usr/lib\nR:greet-extra\na:0:0:755\n" + sum("\u{7F}ELF extra x86_64\n"))
    // Its files were a shell's: none is in the image.
    let busybox = try record(
      of: SampleApks.busybox(), size: 56, "k:60\nD:so:libc.musl-x86_64.so.1\np:/bin/sh\n",
      "F:bin\nF:etc\n")
    let musl = try record(
      of: SampleApks.musl(), size: 17, "p:so:libc.musl-x86_64.so.1=1\n",
      "F:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\n" + sum("\u{7F}ELF musl x86_64\n")
        + "R:libc.musl-x86_64.so.1\na:0:0:777\n" + sum("ld-musl-x86_64.so.1"))
    let information = try record(
      of: SampleApks.osInformation(), size: 140, "",
      "F:etc\nR:group\n" + sum("root:x:0:root\n") + "R:os-release\na:0:0:777\n"
        + sum("../usr/lib/os-release") + "R:passwd\n"
        + sum("root:x:0:0:root:/root:/bin/sh\n") + "R:shadow\na:0:42:640\n"
        + sum("root:*::0:::::\n") + "F:usr\nF:usr/lib\nR:os-release\n"
        + sum(
          "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.0\nPRETTY_NAME=\"Alpine Linux v3.22\"\n"
        ))
    return busybox + greet + data + extra + musl + information
  }

  @Test func theRootFileSystemIsExactlyAsAsked() throws {
    let bench = try AlpineBench(Self.recipe)
    let installed = try bench.file("lib/apk/db/installed")
    #expect(installed == (try Self.installed()))
    #expect(RootfsDump.lines(try bench.dump()) == RootfsDump.lines(Self.expected))
  }

  @Test func aServerGivesWhatAFolderGives() throws {
    let bench = try AlpineBench(Self.recipe)
    let server = try LoopbackServer(serving: bench.mirror)
    let digest = try bench.build()
    try FileManager.default.removeItem(atPath: bench.store)
    #expect(try bench.build(sources: ["--mirror", server.url]) == digest)
    #expect(try bench.run("lock", sources: ["--mirror", server.url]).exitCode == 0)
    try FileManager.default.removeItem(atPath: bench.store)
    #expect(try bench.build(["--locked"]) == digest)
  }

  /// Where a shell is kept, so are its links, but what another package ships in their places.
  @Test func aDevelopmentImageKeepsTheShell() throws {
    let bench = try AlpineBench(
      Self.recipe.replacing(
        "image: example/sample\n", with: "image: example/sample\nvariant: dev\n"))
    let programs = try bench.dump().filter { $0.key.contains("bin/") }
    let expected = Self.expected.filter { $0.key.contains("bin/") }.merging([
      "/bin/busybox": Self.file("\u{7F}ELF busybox x86_64\n", "0755"),
      "/bin/ls": "symlink /bin/busybox",
      "/bin/sh": "symlink /bin/busybox",
      "/usr/bin/env": "symlink /bin/busybox",
    ]) { $1 }
    #expect(RootfsDump.lines(programs) == RootfsDump.lines(expected))
  }
}
