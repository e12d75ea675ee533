import FoundationEssentials
import TestSupport
import Testing

@testable import RootfsCompose

@Suite struct AlpineKeySearchTests {
  private let directory: TemporaryDirectory
  private let key: AlpineSigningKey

  init() throws {
    directory = try TemporaryDirectory()
    key = try .shared()
  }

  private func search(_ entries: [String], host: String = "host") -> AlpineKeySearch {
    let located = entries.enumerated().map {
      Located($0.element, at: SourceLocation(file: "r.yaml", line: $0.offset + 1, column: 3))
    }
    return AlpineKeySearch(
      recipe: located, recipeFolder: directory.path, hostFolder: directory.file(host))
  }

  private func failure(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func builtInKeysOnAHostWithoutAny() throws {
    let prefix = "alpine-devel@lists.alpinelinux.org-"
    #expect(
      try search([]).local().names
        == ["4a6a0840", "5261cecb", "58199dcc", "6165ee59", "616ae350"].map {
          prefix + $0 + ".rsa.pub"
        })
  }

  @Test(.enabled(if: SharedData.root != nil)) func builtInKeysAreAlpines() throws {
    let folder = try #require(SharedData.root) + "/alpine/keys/"
    let keys = try search([]).local()
    for name in keys.names {
      let theirs = Array(try Data(contentsOf: URL(filePath: folder + name)))
      let own = try #require(keys[name]).pem
      #expect(words(own) == words(theirs), "\(name)")
    }
  }

  private func words(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
  }

  @Test func recipeBeforeHostBeforeBuiltIn() throws {
    let shipped = "alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub"
    let stranger = try AlpineSigningKey.stranger()
    try directory.write(key.publicKey, to: "keys/\(key.name)")
    try directory.write(stranger.publicKey, to: "host/\(key.name)")
    try directory.write(stranger.publicKey, to: "host/\(shipped)")
    try directory.write("not a key", to: "host/README")
    let keys = try search(["keys/\(key.name)"]).local()
    #expect(keys.names.count == 6)
    #expect(keys[key.name]?.origin == directory.file("keys/\(key.name)"))
    #expect(keys[key.name]?.pem == key.publicKey)
    #expect(keys[shipped]?.origin == directory.file("host/\(shipped)"))
    let absolute = try search([directory.file("keys/\(key.name)")], host: "none").local()
    #expect(absolute[key.name]?.pem == key.publicKey)
  }

  @Test func keysThatAreNone() throws {
    try directory.write("hello", to: "text.rsa.pub")
    try directory.write(key.publicKey + key.publicKey, to: "two.rsa.pub")
    let short = try AlpineSigningKey(name: "short.rsa.pub", bits: 1024)
    try directory.write(short.publicKey, to: "short.rsa.pub")
    let openssl = try #require(HostProgram.find("openssl"))
    let private25519 = try openssl.check(["genpkey", "-algorithm", "ed25519"]).standardOutput
    try directory.write(private25519, to: "private.rsa.pub")
    try directory.write(
      try openssl.check(["pkey", "-pubout"], input: private25519).standardOutput,
      to: "ed25519.rsa.pub")
    let none =
      "holds no RSA public key; expected one key in PEM, \"-----BEGIN PUBLIC KEY-----\""
    for (name, fault) in [
      ("text", none), ("two", none), ("private", none), ("ed25519", none),
      ("short", "holds an RSA key of 1024 bits; expected 2048 to 16384"),
    ] {
      let file = "\(name).rsa.pub"
      #expect(
        failure { _ = try search([file]).local() }
          == "r.yaml:1:3: keyring \(directory.file(file)): \(fault)")
    }
    #expect(
      failure { _ = try search(["missing.rsa.pub"]).local() }
        == "r.yaml:1:3: keyring \(directory.file("missing.rsa.pub")): cannot be opened: No such file "
        + "or directory; check the path, which is relative to the recipe")
    try directory.write("hello", to: "host/bad.rsa.pub")
    #expect(
      failure { _ = try search([]).local() } == "\(directory.file("host/bad.rsa.pub")): \(none)")
  }

  @Test func remoteKeysOnlyWhereASignatureNamesThem() throws {
    try directory.write(key.publicKey, to: "file.rsa.pub")
    let search = search([
      "https://example.org/keys/a.rsa.pub?x=1", "https://example.org/b.rsa.pub", "file.rsa.pub",
      "https://example.org/file.rsa.pub",
    ])
    #expect(try search.remote(named: []) == [])
    #expect(try search.remote(named: ["other.rsa.pub", "file.rsa.pub"]) == [])
    let found = try search.remote(named: ["b.rsa.pub", "a.rsa.pub"])
    #expect(found.map(\.name) == ["a.rsa.pub", "b.rsa.pub"])
    #expect(found.map(\.url.text).last == "https://example.org/b.rsa.pub")
    #expect(found.map(\.location.line) == [1, 2])
    #expect(
      failure { _ = try self.search(["http://example.org/a.rsa.pub"]).remote(named: []) }
        == "r.yaml:1:3: keyring http://example.org/a.rsa.pub: expected an https URL or a file; keys "
        + "fetched over http could be anybody's")
  }

  @Test func aFetchedKeyReplacesTheHosts() throws {
    let stranger = try AlpineSigningKey.stranger()
    try directory.write(stranger.publicKey, to: "host/\(key.name)")
    var keys = try search([]).local()
    try keys.add(key.name, pem: key.publicKey, origin: "late")
    #expect(keys[key.name]?.pem == stranger.publicKey)
    try keys.add(key.name, pem: key.publicKey, origin: "fetched", replacing: true)
    #expect(keys[key.name]?.pem == key.publicKey)
  }
}
