import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// The repository that other tests build on is one that real tools believe.
@Suite struct AptRepositoryBuilderTests {
  @Test func gpgvBelievesIt() throws {
    let directory = try TemporaryDirectory()
    let repository = try AptRepositoryBuilder(directory: directory.file("repository"))
    var builder = DebBuilder("hello", fields: [("Depends", "libc6")])
    builder.file("/usr/bin/hello", "hi")
    var common = DebBuilder("common", architecture: "all")
    common.file("/usr/share/common", "x")
    try repository.publish(
      [builder, common], architectures: ["amd64", "arm64"],
      validUntil: "Wed, 08 Jan 2025 00:00:00 UTC")

    let suite = "repository/dists/trixie"
    let gpgv = try #require(HostProgram.find("gpgv"))
    let inRelease = directory.file(suite + "/InRelease")
    try gpgv.check(["--keyring", repository.keyring, inRelease])
    #expect(repository.fingerprint.count == 40)
    let release = String(decoding: try directory.read(suite + "/Release"), as: UTF8.self)
    #expect(release.contains("\nValid-Until: Wed, 08 Jan 2025 00:00:00 UTC\n"))

    for (architecture, names) in [("amd64", ["hello", "common"]), ("arm64", ["common"])] {
      let folder = suite + "/main/binary-\(architecture)"
      let packages = try directory.read(folder + "/Packages")
      let digest = Digest.sha256(of: packages).hex
      #expect(
        release.contains("\(digest) \(packages.count) main/binary-\(architecture)/Packages\n"))
      #expect(try directory.read(folder + "/by-hash/SHA256/" + digest) == packages)
      let lines = String(decoding: packages, as: UTF8.self).split(separator: "\n")
      #expect(lines.filter { $0.hasPrefix("Package: ") }.map { String($0.dropFirst(9)) } == names)
      let xz = try #require(HostProgram.find("xz"))
      let unpacked = try xz.check(["-dc", directory.file(folder + "/Packages.xz")])
      #expect(unpacked.standardOutput == packages)
    }

    let tampered = String(decoding: try directory.read(suite + "/InRelease"), as: UTF8.self)
      .replacing("Suite: trixie", with: "Suite: forged")
    try directory.write(tampered, to: "forged")
    let refused = try gpgv.run(["--keyring", repository.keyring, directory.file("forged")])
    #expect(!refused.succeeded)
  }

  @Test func dpkgReadsThePackage() throws {
    let directory = try TemporaryDirectory()
    for compression in Compression.allCases where ![.bzip2, .lzma].contains(compression) {
      var builder = DebBuilder("hello", compression: compression)
      builder.scripts["postinst"] = "#!/bin/sh\n"
      builder.directory("/usr")
      builder.file("/usr/" + String(repeating: "long/", count: 40) + "x", "hello")
      let path = try builder.write(to: directory.path)
      let dpkg = try #require(HostProgram.find("dpkg-deb"))
      #expect(try dpkg.check(["--field", path, "Version"]).output == "1.0-1\n")
      let tar = try dpkg.check(["--fsys-tarfile", path]).standardOutput
      #expect(tar == builder.data.bytes())
    }
  }

  @Test func programsAreRunAsAsked() throws {
    let directory = try TemporaryDirectory()
    let shell = try #require(HostProgram.find("sh"))
    let script = "cat; pwd; echo \"$ONE-${HOME-unset}\" >&2; exit 3"
    let outcome = try shell.run(
      ["-c", script], environment: ["ONE": "1", "HOME": nil as String?], directory: directory.path,
      input: Array("in\n".utf8))
    #expect(outcome.exitCode == 3)
    #expect(outcome.output == "in\n\(directory.path)\n")
    #expect(outcome.errors == "1-unset\n")
    let running = try shell.start(["-c", "exec sleep 100"])
    running.signal(9)
    #expect(try running.wait().exitCode == 137)
    #expect(HostProgram.find("no-such-program") == nil)
  }
}
