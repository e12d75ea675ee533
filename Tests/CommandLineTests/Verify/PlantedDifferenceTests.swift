import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// What `verify` says of each kind of difference, word for word. Digests stand as numbers.
@Suite struct PlantedDifferenceTests {
  private let bench: VerifyBench

  init() throws { bench = try VerifyBench() }

  private func expect(
    _ outcome: HostProgram.Outcome, _ text: String,
    _ sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.exitCode == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.errors == "", sourceLocation: sourceLocation)
    #expect(VerifyBench.numbered(outcome.output) == text, sourceLocation: sourceLocation)
  }

  @Test func oneByteOfContent() throws {
    let outcome = try bench.verify { image in
      try image.change("usr/bin/greet") { $0.content[7] ^= 0x10 }
    }
    expect(outcome, "")
  }

  @Test func oneLineOfText() throws {
    let outcome = try bench.verify { image in
      try image.change("usr/share/greet/words") {
        $0.content = Array("good day\nand good bye\n".utf8)
      }
    }
    expect(outcome, "")
  }

  @Test func theMode() throws {
    let outcome = try bench.verify { image in
      try image.change("usr/bin/greet-admin") { $0.setMode(0o4755) }
    }
    expect(outcome, "")
  }

  @Test func theUser() throws {
    let outcome = try bench.verify { image in
      try image.change("usr/share/greet-data/one") { $0.setUser(1000) }
    }
    expect(outcome, "")
  }

  @Test func theTime() throws {
    let outcome = try bench.verify { image in
      try image.change("usr/share/greet-data/two") { $0.setTime(1_700_000_000) }
    }
    expect(outcome, "")
  }

  @Test func theLinkTarget() throws {
    let outcome = try bench.verify { image in
      try image.change("usr/share/greet/phrases") { $0.setLink("/etc/passwd") }
    }
    expect(outcome, "")
  }

  @Test func theOrderOfEntries() throws {
    let outcome = try bench.verify { image in
      let layer = try image.layer(of: "usr/share/greet-data/one")
      let from = try #require(image.layers[layer].index(of: "usr/share/greet-data/two"))
      let moved = image.layers[layer].members.remove(at: from)
      let place = try #require(image.layers[layer].index(of: "usr/share/greet-data/one"))
      image.layers[layer].members.insert(moved, at: place)
    }
    expect(outcome, "")
  }

  @Test func anExtraFile() throws {
    let outcome = try bench.verify { image in
      let layer = image.layers.count - 1
      var member = try #require(
        image.layers[try image.layer(of: "usr/share/greet-data/one")].members.last)
      member.setPath("usr/share/greet/secret")
      member.content = Array("surprise\n".utf8)
      member.seal()
      image.layers[layer].members.append(member)
    }
    expect(outcome, "")
  }

  /// A file that a rule dropped: the rule is named.
  @Test func aFileThatARuleDropped() throws {
    let outcome = try bench.verify { image in
      let layer = try image.layer(of: "usr/share/greet/words")
      let place = try #require(image.layers[layer].index(of: "usr/share/greet/words"))
      var member = image.layers[layer].members[place]
      member.setPath("usr/share/man/man1/greet.1.gz")
      member.content = Array("manual\n".utf8)
      member.seal()
      image.layers[layer].members.append(member)
    }
    expect(outcome, "")
  }

  @Test func aMissingFile() throws {
    let outcome = try bench.verify { image in
      let layer = try image.layer(of: "usr/share/greet-data/three")
      image.layers[layer].members.removeAll { $0.path == "usr/share/greet-data/three" }
    }
    expect(outcome, "")
  }

  @Test func theEnvironment() throws {
    let outcome = try bench.verify { image in
      image.configuration.config?.environment.removeAll { $0.hasPrefix("GREETING=") }
      image.configuration.config?.environment += ["GREETING=hi", "LD_PRELOAD=/tmp/x.so"]
    }
    expect(outcome, "")
  }

  @Test func theEntrypoint() throws {
    let outcome = try bench.verify { image in
      image.configuration.config?.entrypoint = ["/usr/bin/greet", "--debug mode"]
    }
    expect(outcome, "")
  }

  @Test func anotherGzipLevel() throws {
    let outcome = try bench.verify { $0.gzipLevel = "-9" }
    let masked = outcome.output.replacing(/[0-9]+ bytes/, with: "N bytes")
      .replacing(/libdeflate [0-9.]+/, with: "libdeflate X")
    #expect(outcome.exitCode == 1)
    #expect(VerifyBench.numbered(masked) == "")
  }

  @Test func aPackageReplacedUnderItsVersion() throws {
    // The archive moves on to another file of the same name, and someone builds from that.
    let other = try Bench(VerifyBench.recipe)
    try other.publish(
      VerifyBench.packages(words: "good day\nand good riddance\n"),
      with: SampleArchive.publisher(in: other.ownArchive))
    let built = try other.run(
      "build", ["-o", bench.scratch.file("image")], mirror: other.ownArchive)
    try #require(built.exitCode == 0, "\(built.errors)")
    let outcome = try bench.run(["verify", "image", "sample.yaml"], mirror: other.ownArchive)
    let masked = outcome.output.replacing(other.ownArchive, with: "MIRROR")
    #expect(outcome.exitCode == 1)
    #expect(VerifyBench.numbered(masked) == "")
    // Where the store holds no copy of the one that the lock names, the rebuild fails for want of it.
    try bench.changeLock { lock in
      for index in lock.platforms["linux/amd64"]?.packages.indices ?? 0..<0 {
        let url = lock.platforms["linux/amd64"]?.packages[index].url ?? ""
        lock.platforms["linux/amd64"]?.packages[index].url =
          url.replacing(bench.archive, with: other.ownArchive)
      }
    }
    let cold = try bench.run(
      ["verify", "image", "sample.yaml"], store: bench.scratch.file("cold"),
      mirror: other.ownArchive)
    #expect(cold.exitCode == 77, "\(cold.errors)")
    #expect(cold.errors.contains("greet_1.2-3_amd64.deb"), "\(cold.errors)")
  }

  @Test func theRecipeEdited() throws {
    try bench.replaceInRecipe("GREETING: hello", "GREETING: good evening")
    let outcome = try bench.run(["verify", bench.image, "sample.yaml"])
    #expect(outcome.exitCode == 1, "\(outcome.errors)")
    #expect(
      VerifyBench.numbered(outcome.output).replacing(bench.image, with: "image") == "")
  }

  @Test func theRecipeAskingForOtherPackages() throws {
    try bench.replaceInRecipe("[greet, os-info]", "[greet, os-info, greet-data]")
    let outcome = try bench.run(["verify", bench.image, "sample.yaml"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(
      outcome.errors
        == "note: sample.yaml has changed since the lock was made: it now asks for other packages or sources\n"
    )
  }

  @Test func anOlderToolVersionInTheLock() throws {
    // What an older version may have made of it, and recorded.
    try bench.plant { image in
      try image.change("usr/bin/greet-admin") { $0.setMode(0o4755) }
    }
    let older = try Image(contentsOf: bench.scratch.file("image")).platformImages[0]
    try bench.changeLock { lock in
      lock.tool = "dhi-compose 0.0.9"
      lock.image?.manifests["linux/amd64"]?.manifest = older.digest.description
      lock.image?.manifests["linux/amd64"]?.config = older.manifest.config.digest.description
      lock.image?.manifests["linux/amd64"]?.diffIDs =
        older.configuration.rootfs.diffIDs.map(\.description)
    }
    expect(try bench.run(["verify", "image", "sample.yaml"]), "")
  }

  @Test func anOlderToolVersionThatMadeTheSame() throws {
    try bench.changeLock { $0.tool = "dhi-compose 0.0.9" }
    let outcome = try bench.run(["verify", bench.image, "sample.yaml"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(
      outcome.errors
        == "note: another tool version: the lock was made by dhi-compose 0.0.9, this is dhi-compose 0.1.0\n"
    )
  }
}
