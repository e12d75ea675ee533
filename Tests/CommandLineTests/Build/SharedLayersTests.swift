import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// Layers of packages, which images that hold the same package have in common.
@Suite struct SharedLayersTests {
  /// A package with a file that is large enough for a layer of its own, and that does not pack well.
  private static func large(
    _ name: String, depends: String? = nil, size: Int = 600 << 10
  ) -> DebBuilder {
    var package = DebBuilder(name, fields: depends.map { [("Depends", $0)] } ?? [])
    var state = UInt32(truncatingIfNeeded: name.utf8.reduce(1) { $0 &* 31 &+ Int($1) })
    let bytes = (0..<size).map { _ -> UInt8 in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: state >> 27)
    }
    package.directory("/usr")
    package.directory("/usr/lib")
    package.directory("/usr/lib/\(name)")
    package.file("/usr/lib/\(name)/data", bytes: bytes)
    package.hardLink("/usr/lib/\(name)/again", to: "/usr/lib/\(name)/data")
    package.symlink("/usr/lib/\(name)/link", to: "data")
    return package
  }

  private static func image(_ bench: Bench, _ recipe: String, _ name: String) throws -> Image {
    try bench.scratch.write(recipe, to: name + ".yaml")
    let output = bench.scratch.file("images/" + name)
    let outcome = try ComposeProgram.run([
      "build", bench.scratch.file(name + ".yaml"), "--store", bench.store, "--mirror",
      bench.ownArchive, "--output", output,
    ])
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    return try Image(contentsOf: output)
  }

  private static func titles(_ image: Image) -> [String?] {
    image.platformImages.first?.configuration.history?.map(\.comment) ?? []
  }

  private static func layers(_ image: Image) -> [Digest] {
    image.platformImages.first?.manifest.layers.map(\.digest) ?? []
  }

  @Test func imagesShareTheLayersOfTheSamePackages() throws {
    var other = Self.large("small", size: 1000)
    other.timestamp += 1000
    let bench = try Bench(
      Bench.smallRecipe,
      publishing: [
        Self.large("base"), Self.large("app", depends: "lib"), Self.large("lib", depends: "base"),
        other,
      ])
    let one = try Self.image(bench, Bench.recipe(packages: ["app"]), "one")
    let two = try Self.image(
      bench,
      Bench.recipe(packages: ["lib", "small"], "environment: {A: b}\nentrypoint: [/usr/lib/x]\n"),
      "two")
    let own = "what the image has of its own"
    #expect(Self.titles(one) == ["base 1.0-1", "lib 1.0-1", "app 1.0-1", own])
    #expect(Self.titles(two) == ["base 1.0-1", "lib 1.0-1", "1 package", own])
    #expect(Self.layers(one).prefix(2) == Self.layers(two).prefix(2))
    #expect(Set(Self.layers(one)).intersection(Self.layers(two)).count == 2)
  }

  @Test func theSummarySaysWhatIsShared() throws {
    let bench = try Bench(Bench.smallRecipe, publishing: [Self.large("base"), Self.large("lib")])
    try bench.scratch.write(Bench.recipe(packages: ["base"]), to: "one.yaml")
    try bench.scratch.write(Bench.recipe(packages: ["base", "lib"]), to: "two.yaml")
    let outcome = try ComposeProgram.run(
      ["build", "one.yaml", "two.yaml", "--store", bench.store, "--mirror", bench.ownArchive],
      directory: bench.folder)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let images = try ["one", "two"].map { try Image(contentsOf: bench.scratch.file("out/" + $0)) }
    let layers = images.flatMap { $0.platformImages.flatMap(\.manifest.layers) }
    #expect(layers.count == 5)
    let line = try #require(
      outcome.errors.split(separator: "\n").first { $0.hasPrefix("5 layers of ") })
    #expect(line.contains("; 4 of ") && line.hasSuffix(" with shared ones counted once"))
  }

  @Test func whatTheRecipeChangesIsInTheLastLayer() throws {
    let bench = try Bench(Bench.smallRecipe, publishing: [Self.large("base")])
    let plain = try Self.image(bench, Bench.recipe(packages: ["base"]), "plain")
    let edited = try Self.image(
      bench,
      Bench.recipe(
        packages: ["base"],
        "paths:\n  - {type: file, path: /usr/lib/base/data, content: other}\n"),
      "edited")
    #expect(Self.layers(plain).count == 2)
    let added = try Self.image(
      bench,
      Bench.recipe(
        packages: ["base"], "paths:\n  - {type: file, path: /usr/lib/base/new, content: new}\n"),
      "added")
    #expect(Self.layers(added).first == Self.layers(plain).first)
    #expect(Self.layers(added).last != Self.layers(plain).last)
    #expect(Self.layers(edited).first != Self.layers(plain).first)
  }

  @Test func layersAreBoundedAndUnpackToTheSameTree() throws {
    let packages = (1...40).map { Self.large("p\($0)", size: (513 + $0) << 10) }
    let bench = try Bench(Bench.smallRecipe, publishing: packages)
    let recipe = Bench.recipe(packages: packages.map(\.name))
    let layered = try Self.image(bench, recipe, "layered")
    #expect(Self.layers(layered).count == 24)
    #expect(Set(Self.layers(layered)).count == 24)
    #expect(Self.titles(layered).suffix(2) == ["18 packages", "what the image has of its own"])
    let squashed = try Self.image(bench, recipe + "output: squashed\n", "squashed")
    #expect(Self.layers(squashed).count == 1)
    let unpacked = try ["layered", "squashed"].map { name in
      let path = bench.scratch.file(name + ".tar")
      let outcome = try ComposeProgram.run([
        "build", bench.scratch.file(name + ".yaml"), "--store", bench.store, "--mirror",
        bench.ownArchive, "--output", path, "--format", "tar",
      ])
      try #require(outcome.exitCode == 0, "\(outcome.errors)")
      return path
    }
    let tar = try #require(HostProgram.find("tar"))
    let listings = try unpacked.enumerated().map { number, path in
      let folder = try bench.scratch.makeDirectory("root\(number)")
      try tar.check(["-C", folder, "-xf", path])
      return try #require(HostProgram.find("find")).check(
        [folder, "-printf", "%P %y %m %T@ %n %s %l\n"]
      ).output.split(separator: "\n").filter { !$0.hasPrefix(" ") }.sorted()
    }
    #expect(listings[0].count > 120)
    #expect(listings[0] == listings[1])
  }
}
