import RootfsCompose
import TestSupport
import Testing

/// `.PKGINFO` and the control member around it.
@Suite struct ApkControlTests {
  private func failure(_ change: (inout ApkBuilder, [UInt8]) -> Void) throws -> String? {
    var builder = ApkBuilder("bad")
    builder.file("usr/x", "x")
    change(&builder, TestDigest.sha256(try Compression.gzip.compress(builder.data.bytes())))
    return try ApkFixture().failure(
      try builder.bytes(), name: "bad.apk", expecting: try builder.checksum())?.description
  }

  private static let good = [
    "pkgname = bad", "pkgver = 1-r0", "arch = x86_64", "builddate = 1", "datahash = HASH",
  ]

  @Test(arguments: 0..<5)
  func everyRequiredField(_ index: Int) throws {
    let name = Self.good[index].split(separator: " ")[0]
    func message(_ lines: [String]) throws -> String? {
      try failure { builder, hash in
        builder.packageInformation = lines.map { $0 + "\n" }.joined()
          .replacing("HASH", with: hash.hexadecimal)
      }
    }
    #expect(try message(Self.good) == nil)
    var lines = Self.good
    lines.remove(at: index)
    #expect(try message(lines) == "bad.apk: .PKGINFO: has no field \(name)")
    #expect(
      try message(Self.good + [Self.good[index]])
        == "bad.apk: .PKGINFO: has the field \(name) twice")
  }

  @Test(arguments: [
    ("pkgname = ../bad", "pkgname \"../bad\" is not valid; expected letters, digits and +_.-"),
    ("pkgname = a/b", "pkgname \"a/b\" is not valid; expected letters, digits and +_.-"),
    ("pkgname = ", "pkgname \"\" is not valid; expected letters, digits and +_.-"),
    ("pkgver = 1/2", "pkgver \"1/2\" is not valid; expected letters, digits and +_.~-"),
    ("pkgver = 1\r", "pkgver \"1\r\" is not valid; expected letters, digits and +_.~-"),
    ("arch = x86 64", "arch \"x86 64\" is not valid; expected letters, digits and _-"),
    ("builddate = -1", "builddate \"-1\" is not valid; expected seconds since 1970"),
    (
      "builddate = 99999999999999999999",
      "builddate \"99999999999999999999\" is not valid; expected seconds since 1970"
    ),
    ("datahash = 12", "datahash \"12\" is not valid; expected 64 hexadecimal digits"),
  ])
  func valuesThatAreNotValid(_ line: String, _ expected: String) throws {
    let name = line.split(separator: " ")[0]
    let message = try failure { builder, hash in
      let lines = Self.good.filter { !$0.hasPrefix(name) } + [line]
      builder.packageInformation = lines.map { $0 + "\n" }.joined()
        .replacing("HASH", with: hash.hexadecimal)
    }
    #expect(message == "bad.apk: .PKGINFO: the \(expected)")
  }

  private func control(_ members: [TarBuilder.Member]) throws -> String? {
    var tar = TarBuilder()
    tar.members = members
    let control = try Compression.gzip.compress(tar.openBytes())
    let data = try Compression.gzip.compress(TarBuilder().bytes())
    return try ApkFixture().failure(
      try AlpineSigningKey.shared().member(signing: control) + control + data, name: "bad.apk",
      expecting: nil)?.description
  }

  @Test func controlMember() throws {
    #expect(
      try control([.init(Array(".post-install".utf8))])
        == "bad.apk: has no .PKGINFO in its control member; expected a package")
    #expect(
      try control([.init(Array(".PKGINFO".utf8)), .init(Array("etc/passwd".utf8))])
        == "bad.apk: has \"etc/passwd\" in its control member; expected only files whose names begin "
        + "with a dot")
    #expect(
      try control([.init(Array(".PKGINFO".utf8), type: "2", linkName: Array("/etc/x".utf8))])
        == "bad.apk: has \".PKGINFO\" in its control member; expected only files whose names begin "
        + "with a dot")
    #expect(
      try control([.init(Array(".PKGINFO".utf8)), .init(Array(".PKGINFO".utf8))])
        == "bad.apk: has two control files called .PKGINFO")
  }

  @Test func filesThatAreNoScripts() throws {
    var builder = ApkBuilder("extra")
    builder.scripts = ["melange.yaml": "x", "pre-install": "#!/bin/sh\n"]
    builder.file("usr/x", "x")
    #expect(try ApkFixture().unpack(builder).scripts.keys.sorted() == ["pre-install"])
  }
}
