import PkgResolve
import Testing

@Suite struct LockfileTests {
  private let digest = "sha256:" + String(repeating: "0c", count: 32)

  private func lock() -> Lockfile {
    func package(_ name: String) -> Lockfile.Package {
      Lockfile.Package(
        name: name, version: "1:2.0-1", architecture: "amd64", source: "src 2.0-1",
        url: "http://example.org/debian/pool/\(name).deb", size: 12, digest: digest,
        suite: "trixie", reason: "requested")
    }
    return Lockfile(
      tool: "dhi-compose 0.1.0", recipe: digest, request: digest, distribution: "debian-13",
      epoch: 1_700_000_000,
      indexes: [
        Lockfile.Index(
          url: "http://example.org/InRelease", suite: "trixie", digest: digest,
          date: "2025-01-01T00:00:00Z", packages: ["main/binary-amd64": digest])
      ], files: [],
      platforms: [
        "linux/amd64": .init(packages: [package("bash"), package("curl")], epoch: 1_700_000_000)
      ])
  }

  @Test func `the encoding is canonical and comes back`() throws {
    let bytes = try lock().encoded()
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(
      text.hasPrefix(
        """
        {
          "distribution": "debian-13",
          "epoch": 1700000000,
          "files": [],
          "indexes": [
            {
              "date": "2025-01-01T00:00:00Z",
              "digest": "\(digest)",
              "packages": {
                "main/binary-amd64": "\(digest)"
              },
              "suite": "trixie",
              "url": "http://example.org/InRelease"
            }
          ],
          "platforms": {
            "linux/amd64": {

        """))
    #expect(text.hasSuffix("\n}\n"))
    #expect(!text.hasSuffix("\n\n"))
    let again = try Lockfile(decoding: bytes, name: "x.lock.json")
    #expect(again == lock())
    #expect(try again.encoded() == bytes)
  }

  @Test(arguments: [
    ("Q1" + String(repeating: "A", count: 27) + "=", true),
    ("Q2" + String(repeating: "+", count: 43) + "=", true),
    ("Q1" + String(repeating: "A", count: 28), false),
    ("Q1" + String(repeating: "A", count: 43) + "=", false),
    ("Q1" + String(repeating: "=", count: 28), false), ("Q1=", false), ("", false),
  ]) func `a checksum is a digest of its function's length`(checksum: String, isOne: Bool) throws {
    var lock = lock()
    #expect(!String(decoding: try lock.encoded(), as: UTF8.self).contains("checksum"))
    lock.platforms["linux/amd64"]?.packages[1].checksum = checksum
    let bytes = try lock.encoded()
    guard !isOne else {
      #expect(try Lockfile(decoding: bytes, name: "x.lock.json") == lock)
      return
    }
    let error = #expect(throws: ResolveError.self) {
      try Lockfile(decoding: bytes, name: "x.lock.json")
    }
    #expect(
      error?.description.contains(
        "linux/amd64: package \"curl\": \"\(checksum)\" is no checksum; expected Q1 or Q2 and a digest"
      )
        == true)
  }

  @Test func `text of any kind comes back`() throws {
    var lock = lock()
    lock.tool = "a\"b\\c/d\n\t\u{1}é\u{1F600}"
    #expect(try Lockfile(decoding: lock.encoded(), name: "x").tool == lock.tool)
  }

  @Test(arguments: [
    (
      "{\"name\": \"x\"}",
      "x.json: is no lock: it names no schema; expected what \"dhi-compose lock\" writes"
    ),
    (
      "[1]",
      "x.json: is no lock: it is no JSON object; make it anew with \"dhi-compose lock\""
    ),
  ])
  func `another document is no lock`(text: String, message: String) {
    let error = #expect(throws: ResolveError.self) {
      try Lockfile(decoding: Array(text.utf8), name: "x.json")
    }
    #expect(error?.description == message)
  }

  @Test(arguments: [
    ("\"schema\": 1", "\"schema\": 2", "x.lock.json: has schema 2, made by a newer version"),
    ("\"schema\": 1", "\"schema\": 0", "x.lock.json: has schema 0; expected 1"),
    ("\"schema\": 1", "\"schema\": \"1\"", "x.lock.json: schema is not of the type Int"),
    ("\"epoch\": 1700000000", "\"epoch\": -1", "x.lock.json: epoch -1 is negative"),
    (
      "\"epoch\": 1700000000,\n      \"packages\"", "\"epoch\": -1,\n      \"packages\"",
      "x.lock.json: epoch -1 of linux/amd64 is negative"
    ),
    ("\"epoch\": 1700000000", "\"epoch\": 1e400", "x.lock.json: "),
    ("\"distribution\": \"debian-13\",", "", "x.lock.json: distribution is missing"),
    ("sha256:0c", "sha256:0", "x.lock.json: recipe: \"sha256:00c"),
    (
      "\"size\": 12", "\"size\": -12",
      "x.lock.json: linux/amd64: package \"bash\": size -12 is negative"
    ),
    (
      "\"name\": \"bash\"", "\"name\": \"zsh\"",
      "x.lock.json: linux/amd64: package \"curl\" stands after \"zsh\""
    ),
    (
      "\"name\": \"bash\"", "\"name\": \"curl\"",
      "x.lock.json: linux/amd64: package \"curl\" stands after"
    ),
    (
      "\"name\": \"bash\"", "\"name\": \"../x\"",
      "x.lock.json: linux/amd64: package \"../x\": expected a"
    ),
    ("linux/amd64", "linux", "x.lock.json: platform \"linux\": expected os/architecture"),
    ("{", "", "x.lock.json: is no JSON"),
  ])
  func `refuses what cannot be right`(from: String, to: String, message: String) throws {
    let text = String(decoding: try lock().encoded(), as: UTF8.self)
    let changed =
      from == "sha256:0c"
      ? text.replacing("\"recipe\": \"\(from)", with: "\"recipe\": \"\(to)")
      : text.replacing(from, with: to, maxReplacements: 1)
    #expect(changed != text)
    let error = #expect(throws: ResolveError.self) {
      try Lockfile(decoding: Array(changed.utf8), name: "x.lock.json")
    }
    #expect(error?.code == .invalidLock)
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }
}
