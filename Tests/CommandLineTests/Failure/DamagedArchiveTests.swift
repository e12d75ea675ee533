import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// An archive that is not what it was when it was signed.
@Suite struct DamagedArchiveTests {
  /// A name in the archive, where its byte is flipped, and what the program says.
  @Test(arguments: [
    ("dists/trixie/InRelease", "dists/trixie/InRelease: "),
    ("pool/main/h/hello/hello_1.0-1_amd64.deb", "hello_1.0-1_amd64.deb: expected sha256:"),
  ])
  func aFlippedByteIsFoundBeforeUse(name: String, telling: String) throws {
    let bench = try Bench()
    let original = try Data(contentsOf: URL(filePath: bench.archive.directory + "/" + name))
    let promised = Digest.sha256(of: Array(original)).hex
    try bench.archive.flipByte(of: name)
    let outcome = try bench.run("build", ["--quiet", "-o", bench.output])
    #expect(outcome.exitCode == 77)
    #expect(outcome.errors.hasPrefix("error: "))
    #expect(outcome.errors.contains(telling), "\(outcome.errors)")
    #expect(outcome.output == "")
    #expect(bench.isWithoutOutput)
    // Other packages' downloads that were stopped may be resumed; the one that is wrong goes.
    #expect(try bench.leftovers().allSatisfy { $0.hasPrefix("partial/") })
    #expect(try !bench.leftovers().contains("partial/" + promised))
  }

  @Test func aFlippedByteInEveryPackagesFileIsFound() throws {
    let bench = try Bench()
    for name in try bench.archive.files()
    where name.contains("binary-amd64/Packages") || name.contains("binary-amd64/by-hash") {
      try bench.archive.flipByte(of: name)
    }
    let outcome = try bench.run("build", ["--quiet", "-o", bench.output])
    #expect(outcome.exitCode == 77)
    #expect(outcome.errors.contains("main/binary-amd64/"), "\(outcome.errors)")
    #expect(outcome.errors.contains("expected "), "\(outcome.errors)")
    #expect(bench.isWithoutOutput)
    #expect(try bench.leftovers() == [])
  }

  @Test func anArchiveSignedByAnotherKeyIsRefused() throws {
    let bench = try Bench()
    let archive = bench.scratch.file("stranger")
    try SampleArchive.publisher(in: archive).publish(SamplePackages.all())
    let outcome = try bench.run("build", ["--quiet", "-o", bench.output], mirror: archive)
    #expect(outcome.exitCode == 77)
    #expect(outcome.errors.hasPrefix("error: file://\(archive)/dists/trixie/InRelease: "))
    #expect(bench.isWithoutOutput)
  }

  @Test func anExpiredIndexNeedsTheOption() throws {
    let bench = try Bench(
      Bench.smallRecipe, publishing: SamplePackages.all(),
      validUntil: "Wed, 08 Jan 2025 00:00:00 UTC")
    let archive = bench.ownArchive
    let refused = try bench.run("build", ["--quiet", "-o", bench.output], mirror: archive)
    #expect(refused.exitCode == 77)
    #expect(refused.errors.contains("2025-01-08"), "\(refused.errors)")
    #expect(bench.isWithoutOutput)
    let accepted = try bench.run("lock", ["--allow-expired"], mirror: archive)
    #expect(accepted.exitCode == 0, "\(accepted.errors)")
    let lock = try JSON.object(bench.text(bench.lock))
    #expect(
      lock["indexes"]?.items.first { $0["suite"] == "trixie" }?["expiredAccepted"]
        == .boolean(true))
  }

  @Test func aDamagedFileInTheStoreIsFetchedAgain() throws {
    let bench = try Bench()
    let digest = try bench.build()
    for name in try FileListing.files(below: bench.store) where name.contains("sha256") {
      var bytes = try bench.scratch.read("store/" + name)
      guard !bytes.isEmpty else { continue }
      bytes[bytes.count / 2] ^= 0x20
      try bench.scratch.write(bytes, to: "store/" + name)
    }
    #expect(try bench.build() == digest)
  }
}
