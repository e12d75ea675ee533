import FoundationEssentials
import Glibc
import OCIImage
import PkgResolve
import TestSupport
import Testing

/// `verify` of images that are what they should be, wherever they come from, and of what cannot be verified.
@Suite struct VerifyCommandTests {
  private let bench: VerifyBench

  init() throws { bench = try VerifyBench() }

  private func expectIdentical(
    _ outcome: HostProgram.Outcome, _ sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    #expect(
      outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.errors == "", sourceLocation: sourceLocation)
    #expect(outcome.output.hasSuffix(": identical manifest\n"), sourceLocation: sourceLocation)
    #expect(outcome.output.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
  }

  @Test func anImageAsItWasBuiltIsIdentical() throws {
    let outcome = try bench.run(["verify", bench.image, "sample.yaml"])
    let digest = try Image(contentsOf: bench.image).digest
    #expect(outcome.errors == "")
    #expect(
      outcome.output
        == "\(digest)  \(bench.image) is what sample.yaml and sample.lock.json give: identical manifest\n"
    )
    // What the test's own writer puts together is the same image.
    expectIdentical(try bench.verify { _ in })
  }

  /// The test's own folder is another clone, the store is cold, and the user is nobody.
  @Test func itIsTheSameForAnotherUserInAnotherCloneWithAColdStore() throws {
    let cold = bench.scratch.file("cold")
    expectIdentical(try bench.run(["verify", bench.image, "sample.yaml"], store: cold))
    guard getuid() == 0 else { return }
    try bench.plant { _ in }
    let place = bench.archive.split(separator: "/").dropLast().joined(separator: "/")
    chmod("/" + place, 0o755)
    expectIdentical(
      try ComposeProgram.runAsOrdinaryUser(
        [
          "verify", bench.scratch.file("image"), bench.scratch.file("sample.yaml"), "-q",
          "--store", bench.scratch.file("users-store"), "--mirror", bench.archive,
        ], in: bench.scratch))
  }

  @Test func theRecipeIsFoundByTheLocksNameAndTheLockByTheRecipes() throws {
    expectIdentical(try bench.run(["verify", bench.image, "--lock", "sample.lock.json"]))
    try FileManager.default.moveItem(atPath: bench.lock, toPath: bench.scratch.file("other.json"))
    expectIdentical(
      try bench.run(["verify", bench.image, "sample.yaml", "--lock", "other.json"]))
    let nameless = try bench.run(["verify", bench.image, "--lock", "other.json"])
    #expect(nameless.exitCode == 64)
    #expect(
      nameless.errors.hasPrefix(
        "Error: --lock other.json: its recipe cannot be told from its name; name the recipe\n"))
    let lockless = try bench.run(["verify", bench.image, "sample.yaml"])
    #expect(lockless.exitCode == 66)
    #expect(
      lockless.errors
        == "error: sample.lock.json: not found; `dhi-compose lock` makes one, --lock names another\n"
    )
    let neither = try bench.run(["verify", bench.image])
    #expect(neither.exitCode == 64)
    #expect(neither.errors.hasPrefix("Error: name the recipe, or its lock with --lock\n"))
  }

  @Test(.enabled(if: HostProgram.find("skopeo") != nil, "needs skopeo"))
  func aCopyIsIdenticalInWhateverForm() throws {
    let skopeo = try #require(HostProgram.find("skopeo"))
    for target in ["oci:copy:latest", "oci-archive:copy.tar"] {
      try skopeo.check(
        ["--insecure-policy", "copy", "-q", "oci:" + bench.image, target],
        directory: bench.scratch.path)
      let path = String(target.split(separator: ":")[1])
      expectIdentical(try bench.run(["verify", path, "sample.yaml"]))
    }
    // Docker's form holds neither the manifest nor the compressed layers.
    for (from, to) in [
      ("oci:" + bench.image, "docker-archive:docker.tar:example/sample:1"),
      ("docker-archive:docker.tar", "oci:back"),
    ] {
      try skopeo.check(
        ["--insecure-policy", "copy", "-q", from, to], directory: bench.scratch.path)
    }
    let back = try bench.run(["verify", "back", "sample.yaml", "--json"])
    #expect(back.exitCode == 1)
    let differences = try JSON.object(back.output)["differences"]?.items ?? []
    #expect(!differences.isEmpty)
    let levels = Set(differences.compactMap { $0["level"]?.text })
    #expect(levels.isSubset(of: ["config", "manifest", "layer"]))
    #expect(differences.allSatisfy { $0["path"] == nil })
  }

  @Test func oneOfSeveralPlatformsIsVerifiedAlone() throws {
    let bench = try Bench()
    let both = ["--platform", "linux/amd64,linux/arm64"]
    #expect(try bench.run("lock", both).exitCode == 0)
    _ = try bench.build(both)
    func verify(_ image: String, _ more: [String] = []) throws -> String {
      let outcome = try ComposeProgram.run(
        [
          "verify", image, bench.recipe, "-q", "--store", bench.store, "--mirror",
          bench.archive.directory,
        ] + more)
      #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
      return outcome.output
    }
    let image = try Image(contentsOf: bench.output)
    #expect(try verify(bench.output).hasSuffix("give: identical index and 2 manifests\n"))
    let one = try verify(bench.output, ["--platform", "linux/arm64"])
    #expect(one.hasPrefix(image.platformImages[1].digest.description))
    #expect(one.hasSuffix("give: identical manifest\n"))
    // As skopeo picks one manifest out of an index.
    let alone = bench.scratch.file("alone")
    try image.selecting(.linuxAMD64).write(to: .layout(alone))
    #expect(try verify(alone).hasSuffix("give: identical manifest\n"))
    let missing = try ComposeProgram.run([
      "verify", alone, bench.recipe, "-q", "--store", bench.store, "--platform", "linux/arm64",
    ])
    #expect(missing.exitCode != 0)
    #expect(
      missing.errors == "error: linux/arm64: the image is for linux/amd64; choose one of these\n")
  }

  @Test(arguments: ["none", "zstd"])
  func theLockSaysHowLayersArePacked(compression: String) throws {
    let lock = try bench.run(["lock", "sample.yaml", "--compression", compression])
    try #require(lock.exitCode == 0, "\(lock.errors)")
    let build = ["build", "sample.yaml", "-o", "image", "--compression"]
    #expect(try bench.run(build + [compression]).exitCode == 0)
    expectIdentical(try bench.run(["verify", "image", "sample.yaml"]))
    let other = try bench.run(["verify", bench.image, "sample.yaml"])
    #expect(other.exitCode == 1)
    #expect(other.output.contains("packed otherwise (compression only)\n"))
    // A lock that records no image leaves it to the image.
    try bench.changeLock { $0.image = nil }
    expectIdentical(try bench.run(["verify", "image", "sample.yaml"]))
    expectIdentical(try bench.run(["verify", bench.image, "sample.yaml"]))
  }

  @Test func aDamagedBlobIsAnErrorAndNoDifference() throws {
    try bench.plant { _ in }
    let image = try Image(contentsOf: bench.scratch.file("image"))
    let name = image.platformImages[0].manifest.layers[0].digest.hex
    let path = "image/blobs/sha256/" + name
    var bytes = try bench.scratch.read(path)
    bytes[bytes.count / 2] ^= 1
    try bench.scratch.write(bytes, to: path)
    let outcome = try bench.run(["verify", "image", "sample.yaml"])
    #expect(outcome.exitCode == 77)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("error: image/blobs/sha256/\(name): damaged: expected"))
  }

  @Test func aDiffIDThatIsNotTheLayersOwnIsFound() throws {
    // The layer changes, and the configuration still says what it said: the layer's own bytes count.
    try bench.plant { image in
      try image.change("usr/share/greet-data/one") { $0.content = Array("two\n".utf8) }
    }
    let folder = bench.scratch.file("image")
    let good = try Image(contentsOf: bench.image).platformImages[0]
    let part = try Image(contentsOf: folder).platformImages[0]
    var manifest = part.manifest
    let configuration = try CanonicalJSON.encode(good.configuration)
    manifest.config.digest = Digest.sha256(of: configuration)
    manifest.config.size = Int64(configuration.count)
    let bytes = try CanonicalJSON.encode(manifest)
    let digest = Digest.sha256(of: bytes)
    try bench.scratch.write(configuration, to: "image/blobs/sha256/" + manifest.config.digest.hex)
    try bench.scratch.write(bytes, to: "image/blobs/sha256/" + digest.hex)
    let descriptor = Descriptor(
      mediaType: MediaType.manifest, digest: digest, size: Int64(bytes.count))
    try bench.scratch.write(
      CanonicalJSON.encode(ImageIndex(manifests: [descriptor])), to: "image/index.json")
    let outcome = try bench.run(["verify", "image", "sample.yaml"])
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.output.hasPrefix(
        "image: is not what sample.yaml and sample.lock.json give: /usr/share/greet-data/one: content (greet-data 2.0), and 1 more difference\n"
      ), "\(outcome.output)")
    #expect(outcome.output.contains("\nconfig: diff ID\n"))
  }

  @Test func anExtraLayerWithAWhiteoutIsToldAsWhatItDoes() throws {
    let outcome = try bench.verify { image in
      var layer = image.layers[try image.layer(of: "usr/share/greet/words")]
      let words = try #require(layer.index(of: "usr/share/greet/words"))
      var gone = layer.members[words]
      gone.setPath("usr/share/greet-data/.wh.one")
      gone.content = []
      gone.seal()
      var changed = layer.members[words]
      changed.content = Array("good grief\n".utf8)
      changed.seal()
      layer.members = [gone, changed]
      try image.append(layer)
    }
    #expect(outcome.exitCode == 1)
    let heads = outcome.output.split(separator: "\n\n").dropFirst().compactMap {
      $0.split(separator: "\n").first.map(String.init)
    }
    #expect(
      heads.prefix(2) == [
        "/usr/share/greet/words: content (greet 1.2-3)",
        "/usr/share/greet-data/one: missing (greet-data 2.0)",
      ], "\(outcome.output)")
  }

  @Test func whatAnImageHoldsCannotPassForWhatIsSaidOfIt() throws {
    let outcome = try bench.verify { image in
      image.configuration.config?.environment.append(
        "X=\nlikely cause: none\u{1B}[2J" + String(repeating: "x", count: 5000))
      try image.change("usr/share/greet-data/one") { $0.setPath("usr/a\nlikely cause: b") }
    }
    #expect(outcome.exitCode == 1)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("likely cause: ") } == 1, "\(outcome.output)")
    #expect(lines.contains(#"/usr/a\u{a}likely cause: b: extra"#), "\(outcome.output)")
    #expect(lines.contains { $0.hasPrefix(#"  found     \u{a}likely cause: none\u{1b}[2Jxxx"#) })
    #expect(lines.allSatisfy { $0.count < 1100 && !$0.contains("\u{1B}") })
  }

  @Test func manyDifferencesAreCounted() throws {
    try bench.plant { image in
      for layer in image.layers.indices {
        for member in image.layers[layer].members.indices {
          image.layers[layer].members[member].setTime(5)
          image.layers[layer].members[member].seal()
        }
      }
    }
    let few = try bench.run(["verify", "image", "sample.yaml"]).output
    #expect(few.contains("--all shows them:\n"))
    let all = try bench.run(["verify", "image", "sample.yaml", "--all"]).output
    #expect(!all.contains("--all shows them"))
    func told(_ text: String) -> Int {
      text.split(separator: "\n").count { $0 == "  found     1970-01-01T00:00:05Z" }
    }
    #expect(told(few) == 20)
    #expect(told(all) > 20)
    let json = try bench.run(["verify", "image", "sample.yaml", "--json"])
    #expect(json.exitCode == 1)
    let document = try JSON.object(json.output)
    #expect(document["differences"]?.items.count == told(all))
    #expect(document["verdict"] == "different")
    #expect(document["causes"]?.items.first?["kind"] == "image changed")
  }

  @Test func jsonOfAnEqualImage() throws {
    let outcome = try bench.run(["verify", bench.image, "sample.yaml", "--json"])
    #expect(outcome.exitCode == 0)
    let document = try JSON.object(outcome.output)
    #expect(document["verdict"] == "identical")
    #expect(document["differences"] == .array([]))
    #expect(document["digest"] == document["rebuilt"])
    #expect(document["platforms"]?["linux/amd64"]?["identical"] == .boolean(true))
  }

  @Test func aLockWithoutTheImagesPlatformIsRefused() throws {
    try bench.changeLock { lock in
      lock.platforms["linux/arm64"] = lock.platforms.removeValue(forKey: "linux/amd64")
    }
    let outcome = try bench.run(["verify", bench.image, "sample.yaml"])
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.errors
        == "error: sample.lock.json: holds no packages for linux/amd64, only for linux/arm64; choose with --platform what to verify\n"
    )
  }

  @Test func musl() throws {
    let bench = try AlpineBench()
    let options = ["-q", "--store", bench.store, "--mirror", bench.mirror]
    for arguments in [["lock", bench.recipe], ["build", bench.recipe, "-o", bench.output]] {
      let outcome = try ComposeProgram.run(arguments + options)
      try #require(outcome.exitCode == 0, "\(outcome.errors)")
    }
    let verify = { (image: String) in
      try ComposeProgram.run(["verify", image, bench.recipe] + options)
    }
    expectIdentical(try verify(bench.output))
    var planted = try PlantedImage(bench.output)
    try planted.change("lib/apk/db/installed") { $0.content += Array("x".utf8) }
    try planted.write(to: bench.scratch.file("planted"))
    let outcome = try verify(bench.scratch.file("planted"))
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("/lib/apk/db/installed: content"), "\(outcome.output)")
  }
}
