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
    expect(
      outcome,
      """
      image: is not what sample.yaml and sample.lock.json give: /usr/bin/greet: content (greet 1.2-3)
      likely cause: the image was changed after it was built, or built from something else: the rebuild is what the lock records

      /usr/bin/greet: content (greet 1.2-3)
        in        linux/amd64, content, layer 1
        expected  12 bytes, sha256:#1
        found     12 bytes, sha256:#2
        package   greet 1.2-3
        first difference at byte 7 of 12: expected 04 05 06 07 08, found 14 05 06 07 08

      linux/amd64: expected manifest sha256:#3
      linux/amd64: found    manifest sha256:#4

      """)
  }

  @Test func oneLineOfText() throws {
    let outcome = try bench.verify { image in
      try image.change("usr/share/greet/words") {
        $0.content = Array("good day\nand good bye\n".utf8)
      }
    }
    expect(
      outcome,
      """
      image: is not what sample.yaml and sample.lock.json give: /usr/share/greet/words: content (greet 1.2-3)
      likely cause: the image was changed after it was built, or built from something else: the rebuild is what the lock records

      /usr/share/greet/words: content (greet 1.2-3)
        in        linux/amd64, content, layer 1
        expected  24 bytes, sha256:#1
        found     22 bytes, sha256:#2
        package   greet 1.2-3
        at line 2:
        - "and good night"
        + "and good bye"

      linux/amd64: expected manifest sha256:#3
      linux/amd64: found    manifest sha256:#4

      """)
  }

  @Test func theMode() throws {
    let outcome = try bench.verify { image in
      try image.change("usr/bin/greet-admin") { $0.setMode(0o4755) }
    }
    expect(
      outcome,
      """
      image: is not what sample.yaml and sample.lock.json give: /usr/bin/greet-admin: mode (greet 1.2-3)
      likely cause: the image was changed after it was built, or built from something else: the rebuild is what the lock records

      /usr/bin/greet-admin: mode (greet 1.2-3)
        in        linux/amd64, tar header, layer 2
        expected  0755
        found     4755
        package   greet 1.2-3
        rule      setuid changed it: set-user-ID or set-group-ID bit

      linux/amd64: expected manifest sha256:#1
      linux/amd64: found    manifest sha256:#2

      """)
  }

  @Test func theUser() throws {
    let outcome = try bench.verify { image in
      try image.change("usr/share/greet-data/one") { $0.setUser(1000) }
    }
    expect(
      outcome,
      """
      image: is not what sample.yaml and sample.lock.json give: /usr/share/greet-data/one: owner (greet-data 2.0)
      likely cause: the image was changed after it was built, or built from something else: the rebuild is what the lock records

      /usr/share/greet-data/one: owner (greet-data 2.0)
        in        linux/amd64, tar header, layer 1
        expected  0:0
        found     1000:0
        package   greet-data 2.0

      linux/amd64: expected manifest sha256:#1
      linux/amd64: found    manifest sha256:#2

      """)
  }

  @Test func theTime() throws {
    let outcome = try bench.verify { image in
      try image.change("usr/share/greet-data/two") { $0.setTime(1_700_000_000) }
    }
    expect(
      outcome,
      """
      image: is not what sample.yaml and sample.lock.json give: /usr/share/greet-data/two: time (greet-data 2.0)
      likely cause: the image was changed after it was built, or built from something else: the rebuild is what the lock records

      /usr/share/greet-data/two: time (greet-data 2.0)
        in        linux/amd64, tar header, layer 1
        expected  2025-01-01T00:00:00Z
        found     2023-11-14T22:13:20Z
        package   greet-data 2.0

      linux/amd64: expected manifest sha256:#1
      linux/amd64: found    manifest sha256:#2

      """)
  }

  @Test func theLinkTarget() throws {
    let outcome = try bench.verify { image in
      try image.change("usr/share/greet/phrases") { $0.setLink("/etc/passwd") }
    }
    expect(
      outcome,
      """
      image: is not what sample.yaml and sample.lock.json give: /usr/share/greet/phrases: link target (greet 1.2-3)
      likely cause: the image was changed after it was built, or built from something else: the rebuild is what the lock records

      /usr/share/greet/phrases: link target (greet 1.2-3)
        in        linux/amd64, tar header, layer 1
        expected  "words"
        found     "/etc/passwd"
        package   greet 1.2-3

      linux/amd64: expected manifest sha256:#1
      linux/amd64: found    manifest sha256:#2

      """)
  }

  @Test func theOrderOfEntries() throws {
    let outcome = try bench.verify { image in
      let layer = try image.layer(of: "usr/share/greet-data/one")
      let from = try #require(image.layers[layer].index(of: "usr/share/greet-data/two"))
      let moved = image.layers[layer].members.remove(at: from)
      let place = try #require(image.layers[layer].index(of: "usr/share/greet-data/one"))
      image.layers[layer].members.insert(moved, at: place)
    }
    expect(
      outcome,
      """
      image: is not what sample.yaml and sample.lock.json give: /usr/share/greet-data/two: order of entries (greet-data 2.0)
      likely cause: the image was changed after it was built, or built from something else: the rebuild is what the lock records

      /usr/share/greet-data/two: order of entries (greet-data 2.0)
        in        linux/amd64, layer 1
        expected  after /usr/share/greet-data/three
        found     after /usr/share/greet-data
        package   greet-data 2.0

      linux/amd64: expected manifest sha256:#1
      linux/amd64: found    manifest sha256:#2

      """)
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
    expect(
      outcome,
      """
      image: is not what sample.yaml and sample.lock.json give: /usr/share/greet/secret: extra
      likely cause: the image was changed after it was built, or built from something else: the rebuild is what the lock records

      /usr/share/greet/secret: extra
        in        linux/amd64, layer 2
        expected  none
        found     file, mode 0644, owner 0:0, 9 bytes, sha256:#1
        package   none ships it

      linux/amd64: expected manifest sha256:#2
      linux/amd64: found    manifest sha256:#3

      """)
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
    expect(
      outcome,
      """
      image: is not what sample.yaml and sample.lock.json give: /usr/share/man/man1/greet.1.gz: extra (greet 1.2-3)
      likely cause: the image was changed after it was built, or built from something else: the rebuild is what the lock records

      /usr/share/man/man1/greet.1.gz: extra (greet 1.2-3)
        in        linux/amd64, layer 1
        expected  none
        found     file, mode 0644, owner 0:0, 7 bytes, sha256:#1
        package   greet 1.2-3
        rule      documentation dropped it: documentation

      linux/amd64: expected manifest sha256:#2
      linux/amd64: found    manifest sha256:#3

      """)
  }

  @Test func aMissingFile() throws {
    let outcome = try bench.verify { image in
      let layer = try image.layer(of: "usr/share/greet-data/three")
      image.layers[layer].members.removeAll { $0.path == "usr/share/greet-data/three" }
    }
    expect(
      outcome,
      """
      image: is not what sample.yaml and sample.lock.json give: /usr/share/greet-data/three: missing (greet-data 2.0)
      likely cause: the image was changed after it was built, or built from something else: the rebuild is what the lock records

      /usr/share/greet-data/three: missing (greet-data 2.0)
        in        linux/amd64, layer 1
        expected  file, mode 0644, owner 0:0, 6 bytes, sha256:#1
        found     none
        package   greet-data 2.0

      linux/amd64: expected manifest sha256:#2
      linux/amd64: found    manifest sha256:#3

      """)
  }

  @Test func theEnvironment() throws {
    let outcome = try bench.verify { image in
      image.configuration.config?.environment.removeAll { $0.hasPrefix("GREETING=") }
      image.configuration.config?.environment += ["GREETING=hi", "LD_PRELOAD=/usr/lib/x.so"]
    }
    expect(
      outcome,
      """
      image: is not what sample.yaml and sample.lock.json give: config: env GREETING, and 1 more difference
      likely cause: the image was changed after it was built, or built from something else: the rebuild is what the lock records

      config: env GREETING
        in        linux/amd64, config
        expected  hello
        found     hi

      config: env LD_PRELOAD
        in        linux/amd64, config
        expected  none
        found     /usr/lib/x.so

      linux/amd64: expected manifest sha256:#1
      linux/amd64: found    manifest sha256:#2

      """)
  }

  @Test func theEntrypoint() throws {
    let outcome = try bench.verify { image in
      image.configuration.config?.entrypoint = ["/usr/bin/greet", "--debug mode"]
    }
    expect(
      outcome,
      """
      image: is not what sample.yaml and sample.lock.json give: config: entrypoint
      likely cause: the image was changed after it was built, or built from something else: the rebuild is what the lock records

      config: entrypoint
        in        linux/amd64, config
        expected  "/usr/bin/greet"
        found     "/usr/bin/greet" "--debug mode"

      linux/amd64: expected manifest sha256:#1
      linux/amd64: found    manifest sha256:#2

      """)
  }

  /// However long what is the same before it.
  @Test func theEndOfALongEntrypoint() throws {
    let word = String(repeating: "a", count: 120)
    let outcome = try bench.verify { image in
      image.configuration.config?.entrypoint = ["/usr/bin/greet", word + "1"]
    }
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("found     \"/usr/bin/greet\" \"\(word)1\"\n"))
  }

  @Test func anotherGzipLevel() throws {
    let outcome = try bench.verify { $0.gzipLevel = "-9" }
    let masked = outcome.output.replacing(/[0-9]+ bytes/, with: "N bytes")
      .replacing(/libdeflate [0-9.]+/, with: "libdeflate X")
    #expect(outcome.exitCode == 1)
    #expect(
      VerifyBench.numbered(masked) == """
        image: holds what sample.yaml and sample.lock.json give, packed otherwise (compression only)
        likely cause: the image was packed by another compressor or level than libdeflate X level 6, which the lock records

        layer: compression only
          in        linux/amd64, layer
          expected  gzip (libdeflate X level 6), N bytes
          found     gzip (the slowest level, its header says), N bytes
          2 layers unpack to the same bytes and are packed differently

        linux/amd64: expected manifest sha256:#1
        linux/amd64: found    manifest sha256:#2

        """)
  }

  /// What is planted beside another packing is no matter of packing.
  @Test func aManifestsKeyBesideAnotherGzipLevel() throws {
    let outcome = try bench.verify { image in
      image.gzipLevel = "-9"
      image.manifest.config.annotations = ["planted": "yes"]
    }
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.output.hasPrefix(
        "image: is not what sample.yaml and sample.lock.json give: manifest: config.annotations.planted"
      ), "\(outcome.output)")
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
    #expect(
      VerifyBench.numbered(masked) == """
        image: is not what sample.yaml and sample.lock.json give: /usr/share/greet/words: content (greet 1.2-3), and 1 more difference
        likely cause: greet 1.2-3 was replaced under its version: file://MIRROR/pool/main/g/greet/greet_1.2-3_amd64.deb now has sha256:#1, the lock names sha256:#2

        /usr/share/greet/words: content (greet 1.2-3)
          in        linux/amd64, content, layer 1
          expected  24 bytes, sha256:#3
          found     27 bytes, sha256:#4
          package   greet 1.2-3
          at line 2:
          - "and good night"
          + "and good riddance"

        /var/lib/dpkg/status.d/greet.md5sums: content
          in        linux/amd64, content, layer 2
          expected  56 bytes, sha256:#5
          found     56 bytes, sha256:#6
          package   none ships it
          rule      inventory added it: the packages of the image, for scanners
          at line 1:
          - "e2427752ae5b65da70904102cb7950e0  usr/share/greet/words"
          + "ed81fc6dede6101f636f7a8034554951  usr/share/greet/words"

        linux/amd64: expected manifest sha256:#7
        linux/amd64: found    manifest sha256:#8

        """)
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
      VerifyBench.numbered(outcome.output).replacing(bench.image, with: "image") == """
        image: is not what sample.yaml and sample.lock.json give: config: env GREETING
        likely cause: sample.yaml has changed since the lock was made: expected sha256:#1, found sha256:#2
        and: the image is what the lock records; it is the rebuild that comes out differently

        config: env GREETING
          in        linux/amd64, config
          expected  good evening
          found     hello

        linux/amd64: expected manifest sha256:#3
        linux/amd64: found    manifest sha256:#4

        """)
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
    expect(
      try bench.run(["verify", "image", "sample.yaml"]),
      """
      image: is not what sample.yaml and sample.lock.json give: /usr/bin/greet-admin: mode (greet 1.2-3)
      likely cause: another tool version: the lock was made by dhi-compose 0.0.9, this is dhi-compose 0.1.0
      and: the image is what the lock records; it is the rebuild that comes out differently

      /usr/bin/greet-admin: mode (greet 1.2-3)
        in        linux/amd64, tar header, layer 2
        expected  0755
        found     4755
        package   greet 1.2-3
        rule      setuid changed it: set-user-ID or set-group-ID bit

      linux/amd64: expected manifest sha256:#1
      linux/amd64: found    manifest sha256:#2

      """)
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
