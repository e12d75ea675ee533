import OCIImage
import TestSupport
import Testing

@testable import RootfsCompose

/// What tells one image from another, path by path.
@Suite struct ImageDifferenceTests {
  private let scratch: TemporaryDirectory

  init() throws { scratch = try TemporaryDirectory() }

  private func difference(
    _ before: LayeredImage, _ after: LayeredImage, platforms: [Platform]? = nil
  ) async throws -> ImageDifference {
    try before.write(to: scratch.file("a"))
    try after.write(to: scratch.file("b"))
    return try await ImageDifference.between(
      Image(contentsOf: scratch.file("a")), Image(contentsOf: scratch.file("b")),
      platforms: platforms)
  }

  /// `! PATH CHANGE: BEFORE → AFTER (PACKAGE)`
  private func files(
    _ before: KeyValuePairs<String, LayeredImage.Content>,
    _ after: KeyValuePairs<String, LayeredImage.Content>
  ) async throws -> [String] {
    let platforms = try await difference(LayeredImage([before]), LayeredImage([after])).platforms
    return platforms.flatMap(\.files).flatMap { file in
      file.aspects.map { aspect in
        (aspect.isSecurityRelevant ? "! " : "")
          + "\(file.path) \(aspect.change.rawValue): \(aspect.before ?? "-") → \(aspect.after ?? "-")"
          + (file.package.map { " (\($0))" } ?? "")
      }
    }
  }

  private func member(
    _ text: String = "x", mode: Int = 0o644, uid: Int = 0, attribute: String? = nil,
    _ value: [UInt8] = []
  ) -> LayeredImage.Content {
    var member = TarBuilder.Member([], mode: mode, uid: uid, content: Array(text.utf8))
    if let attribute { member.pax = [("SCHILY.xattr." + attribute, value)] }
    return .member(member)
  }

  private static let netRaw: [UInt8] = [1, 0, 0, 2, 0, 32, 0, 0] + [UInt8](repeating: 0, count: 12)

  @Test func eachThingThatChangedIsNamed() async throws {
    let before: KeyValuePairs<String, LayeredImage.Content> = [
      "etc/gone": "12345", "etc/kept": "same", "etc/link": .link("a"), "etc/turned": "file",
      "etc/words": "one", "usr/bin/mode": .file("x", mode: 0o755), "usr/bin/owned": member(),
      "usr/bin/plain": member(), "usr/bin/tagged": member(attribute: "user.tag", [1]),
    ]
    let after: KeyValuePairs<String, LayeredImage.Content> = [
      "etc/kept": "same", "etc/link": .link("b"), "etc/new": .link("kept"),
      "etc/turned": .link("kept"), "etc/words": "three", "usr/bin/mode": .file("x", mode: 0o700),
      "usr/bin/owned": member(uid: 7),
      "usr/bin/plain": member(attribute: FileCapabilities.attribute, Self.netRaw),
      "usr/bin/tagged": member(attribute: "user.tag", [2]),
    ]
    #expect(
      try await files(before, after) == [
        "/etc/gone removed: 5 B → -", "/etc/link link target: a → b",
        "/etc/new added: - → symlink to kept", "/etc/turned kind: 4 B → symlink to kept",
        "/etc/words content: 3 B → 5 B", "/usr/bin/mode mode: 0755 → 0700",
        "/usr/bin/owned owner: 0:0 → 7:0", "! /usr/bin/plain capabilities: - → cap_net_raw=ep",
        "/usr/bin/tagged extended attributes: user.tag → user.tag",
      ])
  }

  @Test func whatGivesRightsIsMarked() async throws {
    let before: KeyValuePairs<String, LayeredImage.Content> = [
      "bin/gains": .file("x", mode: 0o755), "bin/loses": .file("x", mode: 0o2755),
      "bin/sealed": .file("x", mode: 0o666),
      "bin/su": .member(
        TarBuilder.Member([], mode: 0o4755, uid: 1, content: [1])), "var/open": .file("x"),
    ]
    var device = TarBuilder.Member([], type: "3", mode: 0o600)
    (device.deviceMajor, device.deviceMinor) = (1, 3)
    let after: KeyValuePairs<String, LayeredImage.Content> = [
      "bin/gains": .file("x", mode: 0o4755), "bin/loses": .file("x", mode: 0o755),
      "bin/new": .file("x", mode: 0o6755), "bin/sealed": .file("x", mode: 0o644),
      "bin/su": .member(TarBuilder.Member([], mode: 0o4755, content: [1])),
      "dev/null": .member(device),
      "tmp/": .member(TarBuilder.Member([], type: "5", mode: 0o1777)),
      "var/drop/": .member(TarBuilder.Member([], type: "5", mode: 0o777)),
      "var/open": .file("x", mode: 0o646),
    ]
    #expect(
      try await files(before, after) == [
        "! /bin/gains mode: 0755 → 4755", "! /bin/loses mode: 2755 → 0755",
        "! /bin/new added: - → 1 B, mode 6755", "/bin/sealed mode: 0666 → 0644",
        "! /bin/su owner: 1:0 → 0:0", "! /dev/null added: - → character device 1:3",
        "/tmp added: - → directory, mode 1777", "! /var/drop added: - → directory, mode 0777",
        "! /var/open mode: 0644 → 0646",
      ])
  }

  /// Where everybody may write, whatever it holds is not all there is to tell.
  @Test func aDirectoryOpenToAllIsToldThoughItHoldsFiles() async throws {
    let open = LayeredImage.Content.member(TarBuilder.Member([], type: "5", mode: 0o777))
    let found = try await files(
      ["usr/a": "1", "var/was/": open, "var/was/x": "1"],
      ["usr/a": "1", "srv/new/": open, "srv/new/x": "1", "srv/usual/x": "1"])
    #expect(
      found == [
        "! /srv/new added: - → directory, mode 0777", "/srv/new/x added: - → 1 B",
        "/srv/usual/x added: - → 1 B", "! /var/was removed: directory, mode 0777 → -",
        "/var/was/x removed: 1 B → -",
      ])
  }

  @Test func filesAreTheirPackagesAsTheInventorySays() async throws {
    let sums = "0123456789abcdef0123456789abcdef  usr/lib/liba.so.1.0\n"
    let stanza = "Package: liba\nVersion: 1.0\nArchitecture: amd64\n"
    let apk = "P:musl\nV:1.2-r0\nA:x86_64\nF:lib\nR:ld-musl.so\n\n"
    let found = try await files(
      ["var/lib/dpkg/status.d/liba": .file(stanza)],
      [
        "lib": .link("usr/lib"), "lib/apk/db/installed": .file(apk), "usr/lib/ld-musl.so": "m",
        "usr/lib/liba.so.1": .link("liba.so.1.0"), "usr/lib/liba.so.1.0": "a",
        "usr/share/own": "o", "var/lib/dpkg/status.d/liba": .file(stanza + "Section: libs\n"),
        "var/lib/dpkg/status.d/liba.md5sums": .file(sums),
      ])
    #expect(
      found == [
        "/lib added: - → symlink to usr/lib", "/lib/apk/db/installed added: - → 45 B",
        "/usr/lib/ld-musl.so added: - → 1 B (musl)",
        "/usr/lib/liba.so.1 added: - → symlink to liba.so.1.0 (liba)",
        "/usr/lib/liba.so.1.0 added: - → 1 B (liba)", "/usr/share/own added: - → 1 B",
        "/var/lib/dpkg/status.d/liba content: 47 B → 61 B (liba)",
        "/var/lib/dpkg/status.d/liba.md5sums added: - → 54 B (liba)",
      ])
  }

  /// dpkg's own database, with a list a package.
  @Test func dpkgsListsAreRead() async throws {
    let before = try await difference(
      LayeredImage([["var/lib/dpkg/status": "Package: a\nVersion: 1\n", "bin/a": "1"]]),
      LayeredImage([
        [
          "bin/a": "2", "var/lib/dpkg/info/a:amd64.list": "/.\n/bin\n/bin/a\n",
          "var/lib/dpkg/status": "Package: a\nVersion: 2\n\nPackage: b\nVersion: 1\n",
        ]
      ]))
    let platform = try #require(before.platforms.first)
    #expect(
      platform.packages.map { "\($0.name) \($0.change) \($0.sizeChange)" } == [
        // The list that names the file is the newer image's only.
        "a upgraded 16", "b added 0",
      ])
    #expect(platform.files.first { $0.path == "/bin/a" }?.package == "a")
  }

  @Test func aFileUnderAnotherNameIsTheSameFile() async throws {
    var link = TarBuilder.Member([], type: "1", linkName: Array("bin/a".utf8))
    link.mode = 0o755
    let file = LayeredImage.Content.file("same", mode: 0o755)
    #expect(
      try await files(["bin/a": file, "bin/b": file], ["bin/a": file, "bin/b": .member(link)]) == []
    )
  }

  @Test func upperLayersCoverLowerOnes() async throws {
    let flat = LayeredImage([["etc/a": "2", "etc/c": "3"]])
    let layered = LayeredImage([
      ["etc/a": "1", "etc/b": "1", "etc/c": "3"], ["etc/.wh.b": "", "etc/a": "2"],
    ])
    let difference = try await difference(layered, flat)
    #expect(difference.isEmpty)
    #expect(difference.digestBefore != difference.digestAfter)
  }

  @Test func layersThatBothHaveAreCounted() async throws {
    let shared: KeyValuePairs<String, LayeredImage.Content> = ["usr/lib/a": "shared"]
    let difference = try await difference(
      LayeredImage([shared, ["etc/a": "1"]]), LayeredImage([shared, ["etc/a": "2"]]))
    let platform = try #require(difference.platforms.first)
    #expect(platform.sharedLayers == 1)
    #expect(platform.sharedBytes == 2048)
    #expect(platform.files.map(\.path) == ["/etc/a"])
  }

  @Test func platformsArePaired() async throws {
    var both = LayeredImage([["etc/a": "1"]])
    both.platforms = [.linuxAMD64, .linuxARM64]
    let one = LayeredImage([["etc/a": "1"]])
    let all = try await difference(both, one)
    #expect(all.platforms.map(\.platform) == ["linux/amd64"])
    #expect(all.onlyBefore == ["linux/arm64"])
    #expect(all.onlyAfter == [])
    #expect(!all.isEmpty)
    let (a, b) = try (
      Image(contentsOf: scratch.file("a")), Image(contentsOf: scratch.file("b"))
    )
    let narrowed = try await ImageDifference.between(a, b, platforms: [.linuxAMD64])
    #expect(narrowed.isEmpty)
    let error = await #expect(throws: ComposeError.self) {
      try await ImageDifference.between(b, b, platforms: [.linuxARM64])
    }
    #expect(error?.code == .notFound)
  }

  @Test func settingsAreComparedOneByOne() async throws {
    var before = LayeredImage([["etc/a": "1"]])
    before.execution = .init(
      user: "65532:65532", exposedPorts: ["80/tcp"], environment: ["A=1", "B=2", "PATH=/bin"],
      entrypoint: ["/a b"], volumes: ["/data"], workingDirectory: "/", labels: ["l": "1"])
    var after = before
    after.execution = .init(
      user: "0", exposedPorts: ["80/tcp", "443/tcp"], environment: ["B=2", "A=3", "C=x=y"],
      entrypoint: ["/a", "b"], command: ["c"], workingDirectory: "/app", labels: ["l": "2"],
      stopSignal: "SIGINT")
    let settings = try await difference(before, after).platforms.flatMap(\.configuration)
    #expect(
      settings.map {
        ($0.isSecurityRelevant ? "! " : "") + "\($0.name): \($0.before ?? "-") → \($0.after ?? "-")"
      } == [
        "! user: 65532:65532 → 0", #"entrypoint: ["/a b"] → ["/a","b"]"#, "work-dir: / → /app",
        "env A: 1 → 3", "env PATH: /bin → -", "volume /data: mounted → -", "label l: 1 → 2",
        #"cmd: - → ["c"]"#, "stop-signal: - → SIGINT", "env C: - → x=y",
        "port 443/tcp: - → exposed",
      ])
  }

  /// Links that lead in a circle, or out of the image, are nobody's.
  @Test func hostileLinksEnd() async throws {
    let apk = "P:a\nV:1\nA:x\nF:loop\nR:x\nF:../up\nR:..\nF:out\nR:f\n\n"
    let found = try await files(
      ["etc/a": "1"],
      [
        "etc/a": "1", "lib/apk/db/installed": .file(apk), "loop": .link("loop2"),
        "loop2": .link("loop"), "out": .link("../../.."),
      ])
    #expect(found.count == 4)
    #expect(found.allSatisfy { !$0.contains("(") })
  }
}
