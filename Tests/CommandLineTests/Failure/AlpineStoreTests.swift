import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// What the store holds of Alpine's repositories saves time only: it is verified each time, and what does not verify is
/// fetched again.
@Suite struct AlpineStoreTests {
  @Test func aWarmStoreTrustsNobodysKey() throws {
    let bench = try AlpineBench()
    _ = try bench.build(sources: ["--repository", bench.main])
    try FileManager.default.removeItem(atPath: bench.scratch.file("result"))
    let subject = "error: file:///mirror/v3.22/main/x86_64/APKINDEX.tar.gz: "
    try bench.scratch.write(AlpineSigningKey.stranger().publicKey, to: AlpineBench.keyName)
    #expect(
      try bench.refusal(77)
        == subject
        + "its RSA signature by \(AlpineBench.keyName) (the key of /\(AlpineBench.keyName)) "
        + "does not fit; it was changed after it was signed, or the signature is another file's: use "
        + "another mirror\n")
    try bench.scratch.write(
      AlpineBench.smallRecipe.replacing("[\"\(AlpineBench.keyName)\"]", with: "[]"),
      to: "sample.yaml")
    #expect(
      try bench.refusal(77)
        == subject
        + "is signed by no trusted key, only by \(AlpineBench.keyName); if you trust that "
        + "key, add its file to contents.keyring\n")
  }

  @Test func damagedFilesAreFetchedAgain() throws {
    let bench = try AlpineBench()
    let digest = try bench.build()
    let files = try FileListing.files(below: bench.store).filter { !$0.hasPrefix("tmp/") }
    #expect(files.contains { $0.hasPrefix("sha256/") })
    #expect(files.contains { $0.hasPrefix("apk/") })
    for name in files {
      var bytes = try bench.scratch.read("store/" + name)
      guard !bytes.isEmpty else { continue }
      bytes[bytes.count / 2] ^= 0x20
      try bench.scratch.write(bytes, to: "store/" + name)
    }
    #expect(try bench.build() == digest)
  }

  /// Nor is a package kept whose own signature, by a key that is trusted, does not fit: once the mirror is mended, the
  /// same store serves.
  @Test func aPackageWhoseSignatureDoesNotFitIsNotKept() throws {
    let key = try AlpineSigningKey.shared()
    var package = ApkBuilder("musl")
    package.file("lib/x", "x")
    package.key = try AlpineSigningKey.stranger().named(key.name)
    let bench = try AlpineBench(AlpineBench.recipe(packages: ["musl"]), publishing: [package])
    let refused = try bench.refusal(77)
    #expect(refused.contains("does not fit"), "\(refused)")
    #expect(try FileListing.files(below: bench.store).filter { $0.hasPrefix("sha256/") } == [])
    package.key = key
    try AlpineRepositoryBuilder(directory: bench.main).publish([package])
    #expect(try bench.build(sources: ["--repository", bench.main]).hasPrefix("sha256:"))
  }

  /// The store remembers which file an index's checksum was of. One that is another package's is not taken for it.
  @Test func aRememberedFileThatIsAnotherIsFetchedAgain() throws {
    let bench = try AlpineBench()
    let digest = try bench.build()
    let names = try FileListing.files(below: bench.store).filter { $0.hasPrefix("apk/") }
    try #require(names.count == 5)
    let texts = try names.map { try bench.scratch.read("store/" + $0) }
    for (name, text) in zip(names, texts[1...] + texts[..<1]) {
      try bench.scratch.write(text, to: "store/" + name)
    }
    #expect(try bench.build() == digest)
    // Of the size that the index names, too.
    let size = try Data(
      contentsOf: URL(filePath: bench.main + "/x86_64/" + SampleApks.greet().fileName)
    ).count
    let other = [UInt8](repeating: 1, count: size)
    let hex = Digest.sha256(of: other).hex
    try bench.scratch.write(other, to: "store/sha256/\(hex.prefix(2))/\(hex)")
    for name in names { try bench.scratch.write("sha256:" + hex, to: "store/" + name) }
    #expect(try bench.build() == digest)
  }

  /// The checksum of an index leaves the signature out, so that two mirrors may have one package in two files. A lock
  /// names the one that its URL gives.
  @Test func oneMirrorsFileIsNotTakenForAnothers() throws {
    let bench = try AlpineBench(AlpineBench.recipe(packages: ["musl"]))
    let resigned = bench.scratch.file("resigned")
    let repository = try AlpineRepositoryBuilder(directory: resigned)
    for (folder, key) in [
      (bench.main, try AlpineSigningKey.stranger()), (resigned, repository.key),
    ] {
      var musl = SampleApks.musl()
      musl.key = key.named("x.rsa.pub")
      try AlpineRepositoryBuilder(directory: folder).publish([musl])
    }
    _ = try bench.build(sources: ["--repository", bench.main])
    let sources = ["--repository", resigned]
    #expect(try bench.run("lock", sources: sources).exitCode == 0)
    let file = try bench.scratch.read("resigned/x86_64/" + SampleApks.musl().fileName)
    #expect(try bench.text(bench.lock).contains(Digest.sha256(of: file).description))
    try FileManager.default.removeItem(atPath: bench.store)
    _ = try bench.build(["--locked"], sources: sources)
  }
}
