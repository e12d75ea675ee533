import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// One recipe that uses nearly every key, from the program's command line to the bytes of the image.
@Suite struct WholeImageTests {
  static let siteDigest = Digest.sha256(of: Array("site\n".utf8)).description

  static let recipe = """
    # syntax=dhi.io/build:2-debian13
    name: Sample
    image: example/sample
    tags: ["1.2", latest]
    platforms: [linux/amd64]
    vars:
      VERSION: "1.2"
    contents:
      keyring: [archive.asc]
      packages:
        - hello=1.0
        - os-info
      files:
        - url: files/site.conf
          checksum: \(siteDigest)
          path: /etc/site/site.conf
          mode: "0640"
          gid: 65532
    accounts:
      run-as: app
      users: [{name: app, uid: 65532, gid: 65532}]
      groups: [{name: app, gid: 65532}]
    os-release:
      pretty-name: Sample ${VERSION}
    paths:
      - {type: directory, path: /app, uid: 65532, gid: 65532, mode: "0750"}
      - {type: file, path: /app/config, content: "version=${VERSION}\\n", uid: 65532}
      - {type: emptyfile, path: /app/empty, mode: "0600"}
      - {type: symlink, path: /app/hello, source: ../usr/bin/hello}
      - {type: delete, path: /usr/share/hello/unwanted}
    environment: {GREETING: "hello ${VERSION}"}
    entrypoint: [/usr/bin/hello]
    cmd: [--greet, world]
    ports: ["8080", 53/udp]
    labels: {vendor: example}
    annotations: {org.opencontainers.image.licenses: MIT}
    work-dir: /app
    stop-signal: SIGINT
    compose:
      includes: [/usr/share/man/man1/hello.1.gz]
      excludes: [/usr/share/hello/large/**]
      exceptions:
        - {rule: setuid, paths: [/usr/bin/hello-su], reason: the test needs it}

    """

  static func bench() throws -> Bench {
    let bench = try Bench(recipe)
    try bench.scratch.write("site\n", to: "files/site.conf")
    return bench
  }

  /// A regular file as ``RootfsDump`` writes it.
  private static func file(_ text: String, _ mode: String = "0644", _ rest: String = "") -> String {
    let digits = text.isEmpty ? "empty" : String(Digest.sha256(of: Array(text.utf8)).hex.prefix(8))
    return "file \(mode) \(digits)" + rest
  }

  private static func status(_ package: DebBuilder) -> String {
    let lines = package.control.split(separator: "\n").map { $0 + "\n" }
    return file(lines[0] + "Status: install ok installed\n" + lines.dropFirst().joined())
  }

  private static func directories(_ paths: String...) -> [String: String] {
    Dictionary(uniqueKeysWithValues: paths.map { ($0 + "/", "dir 0755") })
  }

  static let expected: [String: String] = shipped.merging(added) { $1 }.merging(inventory) { $1 }

  /// What packages ship, after the merged `/usr` and the rules.
  private static let shipped: [String: String] = directories(
    "/etc", "/etc/hello", "/usr", "/usr/bin", "/usr/lib", "/usr/lib/greet", "/usr/lib64",
    "/usr/sbin", "/usr/share", "/usr/share/doc", "/usr/share/doc/demoshell", "/usr/share/doc/hello",
    "/usr/share/greet", "/usr/share/hello", "/usr/share/man", "/usr/share/man/man1", "/var",
    "/var/lib", "/var/lib/hello"
  ).merging([
    "/bin": "symlink usr/bin",
    "/lib": "symlink usr/lib",
    "/lib64": "symlink usr/lib64",
    "/sbin": "symlink usr/sbin",
    "/etc/hello/hello.conf": file("greeting=hello\n"),
    "/etc/os-release": "symlink ../usr/lib/os-release",
    "/usr/bin/hello": file("\u{7F}ELF hello 1.0-1 amd64\n", "0755"),
    "/usr/bin/hello-su": file("\u{7F}ELF su\n", "4755"),
    "/usr/lib/greet/libgreet.so.1": "symlink libgreet.so.1.0",
    "/usr/lib/greet/libgreet.so.1.0": file("\u{7F}ELF greet amd64\n"),
    "/usr/share/doc/demoshell/copyright": file("Free too.\n"),
    "/usr/share/doc/hello/copyright": file("Free.\n"),
    "/usr/share/greet/words": file("good day\n", "0644", " <1>"),
    "/usr/share/greet/words.copy": file("good day\n", "0644", " <1>"),
    "/usr/share/hello/data": file("data\n"),
    "/usr/share/man/man1/hello.1.gz": file("manual\n"),
    "/var/lib/hello/state": file("0\n", "0664", " 7:8"),
  ]) { $1 }

  /// What the recipe adds.
  private static let added: [String: String] = directories("/etc/site", "/home").merging([
    "/app/": "dir 0750 65532:65532",
    "/app/config": file("version=1.2\n", "0644", " 65532:0"),
    "/app/empty": "file 0600 empty",
    "/app/hello": "symlink ../usr/bin/hello",
    "/etc/group": file("root:x:0:\napp:x:65532:\n"),
    "/etc/passwd": file(
      "root:x:0:0:root:/root:/usr/sbin/nologin\n"
        + "app:x:65532:65532::/home/app:/usr/sbin/nologin\n"),
    "/etc/site/site.conf": file("site\n", "0640", " 0:65532"),
    "/home/app/": "dir 0700 65532:65532",
    "/root/": "dir 0700",
    "/tmp/": "dir 1777",
    "/usr/lib/os-release": file(
      "PRETTY_NAME=\"Sample 1.2\"\nVERSION_ID=\"13\"\nID=debian\n"),
  ]) { $1 }

  private static let inventory: [String: String] = directories(
    "/var/lib/dpkg", "/var/lib/dpkg/status.d"
  ).merging(
    [
      SamplePackages.hello(), SamplePackages.library(), SamplePackages.shell(),
      SamplePackages.data(), SamplePackages.osRelease(),
    ].flatMap { package in
      let path = "/var/lib/dpkg/status.d/" + package.name
      // The set-user-ID bit is excepted and the manual included, so that both are as they were shipped.
      let sums = """
        0123456789abcdef0123456789abcdef  usr/bin/hello
        00000000000000000000000000000001  usr/bin/hello-su
        00000000000000000000000000000002  usr/share/doc/hello/copyright
        00000000000000000000000000000003  usr/share/man/man1/hello.1.gz

        """
      return [
        (path, status(package)),
        (path + ".md5sums", package.name == "hello" ? file(sums) : "file 0644 empty"),
      ]
    }
  ) { $1 }

  @Test func theRootFileSystemIsExactlyAsAsked() throws {
    let bench = try Self.bench()
    let file = bench.scratch.file("root.tar")
    let outcome = try bench.run("build", ["--format", "tar", "--output", file])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let dump = try RootfsDump.dump(tar: try bench.scratch.read("root.tar"))
    #expect(RootfsDump.lines(dump) == RootfsDump.lines(Self.expected))
  }

  @Test func theConfigurationAndTheManifestSayWhatTheRecipeSays() throws {
    let bench = try Self.bench()
    _ = try bench.build()
    let skopeo = try #require(HostProgram.find("skopeo"), "apt-get install skopeo")
    let source = "oci:" + bench.output
    let config = try JSON.object(skopeo.check(["inspect", "--config", source]).output)
    #expect(config["architecture"] == "amd64")
    #expect(config["created"] == "2025-01-01T00:00:00Z")
    let execution = try #require(config["config"])
    #expect(execution["User"] == "65532:65532")
    #expect(execution["Entrypoint"] == .array(["/usr/bin/hello"]))
    #expect(execution["Cmd"] == .array(["--greet", "world"]))
    #expect(execution["WorkingDir"] == "/app")
    #expect(execution["StopSignal"] == "SIGINT")
    #expect(
      execution["ExposedPorts"] == .object(["8080/tcp": .object([:]), "53/udp": .object([:])]))
    #expect(execution["Labels"] == .object(["vendor": "example"]))
    #expect(
      execution["Env"]
        == .array([
          "GREETING=hello 1.2",
          "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ]))
    let manifest = try JSON.object(skopeo.check(["inspect", "--raw", source]).output)
    #expect(
      manifest["annotations"]
        == .object([
          "org.opencontainers.image.created": "2025-01-01T00:00:00Z",
          "org.opencontainers.image.licenses": "MIT",
          "org.opencontainers.image.title": "Sample",
          "org.opencontainers.image.version": "1.2",
        ]))
    #expect(manifest["layers"]?.items.count == 2)
  }

  @Test func umociUnpacksWhatTheTarHolds() throws {
    let bench = try Self.bench()
    _ = try bench.build()
    let umoci = try #require(HostProgram.find("umoci"), "apt-get install umoci")
    let bundle = bench.scratch.file("bundle")
    try umoci.check(["unpack", "--rootless", "--image", bench.output + ":1.2", bundle])
    let tar = try #require(HostProgram.find("tar"), "apt-get install tar")
    let packed = try tar.check(["-C", bundle + "/rootfs", "-c", "."]).standardOutput
    let kinds = try RootfsDump.dump(tar: packed).mapValues(Self.withoutOwner)
    #expect(
      RootfsDump.lines(kinds) == RootfsDump.lines(Self.expected.mapValues(Self.withoutOwner)))
  }

  /// An ordinary user cannot give files away, so that their owners are not compared.
  private static func withoutOwner(_ fact: String) -> String {
    fact.split(separator: " ").filter { !($0.contains(":") && $0.first?.isNumber == true) }
      .joined(separator: " ")
  }
}
