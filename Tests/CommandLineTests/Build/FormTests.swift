import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// The forms of one image: layouts, archives, compressions, layers, platforms.
@Suite struct FormTests {
  @Test(arguments: [("gzip", "tar+gzip"), ("zstd", "tar+zstd"), ("none", "tar")])
  func theCompressionIsTheOneAskedFor(option: String, mediaType: String) throws {
    let bench = try Bench()
    _ = try bench.build(["--compression", option])
    let manifest = try Self.manifest(bench)
    let expected = "application/vnd.oci.image.layer.v1." + mediaType
    #expect(!manifest.layers.isEmpty)
    #expect(manifest.layers.allSatisfy { $0.mediaType == expected })
  }

  @Test func theRecipesCompressionHoldsUntilAnOptionSaysOtherwise() throws {
    let bench = try Bench(Bench.smallRecipe + "compression: zstd\n")
    let recipes = try bench.build()
    let option = try bench.build(["--compression", "zstd"])
    #expect(recipes == option)
    #expect(try bench.build(["--compression", "gzip"]) != recipes)
    #expect(try Self.manifest(bench).layers.allSatisfy { $0.mediaType.hasSuffix("tar+gzip") })
  }

  @Test func squashedIsOneLayerOfTheSameFiles() throws {
    let bench = try Bench()
    let layered = bench.scratch.file("layered.tar")
    #expect(try bench.run("build", ["--format", "tar", "-o", layered]).exitCode == 0)
    _ = try bench.build()
    #expect(try Self.manifest(bench).layers.count == 2)
    try bench.scratch.write(Bench.smallRecipe + "output: squashed\n", to: "sample.yaml")
    let squashed = bench.scratch.file("squashed.tar")
    #expect(try bench.run("build", ["--format", "tar", "-o", squashed]).exitCode == 0)
    _ = try bench.build()
    #expect(try Self.manifest(bench).layers.count == 1)
    #expect(
      try RootfsDump.dump(tar: bench.scratch.read("layered.tar"))
        == RootfsDump.dump(tar: bench.scratch.read("squashed.tar")))
  }

  @Test func everyFormatIsReadByOthers() throws {
    let bench = try Bench()
    let skopeo = try #require(HostProgram.find("skopeo"), "apt-get install skopeo")
    for (format, transport) in [
      ("oci", "oci"), ("oci-archive", "oci-archive"), ("docker-archive", "docker-archive"),
    ] {
      let path = bench.scratch.file("out." + format)
      let outcome = try bench.run("build", ["--format", format, "--output", path])
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      let config = try JSON.object(
        skopeo.check(["inspect", "--config", "\(transport):\(path)"]).output)
      #expect(config["config"]?["User"] == "65532:65532", "\(format)")
    }
  }

  @Test func theOutputsPlaceIsOutAndTheRecipesName() throws {
    let bench = try Bench()
    for (format, name) in [
      ("oci", "sample/index.json"), ("oci-archive", "sample.oci.tar"),
      ("docker-archive", "sample.docker.tar"), ("tar", "sample.tar"),
    ] {
      let outcome = try bench.run("build", ["--format", format], directory: bench.folder)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(bench.exists(bench.scratch.file("out/" + name)))
    }
  }

  @Test func severalRecipesGoIntoOneFolder() throws {
    let bench = try Bench()
    try bench.scratch.write(Bench.recipe(packages: ["os-info"]), to: "other.yaml")
    let outcome = try bench.run("build", [bench.scratch.file("other.yaml"), "-o", bench.output])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(FileListing.names(in: bench.output) == ["other", "sample"])
    #expect(outcome.output.split(separator: "\n").count == 2)
  }

  @Test func twoPlatformsMakeOneIndexOfTheImagesThatEachMakesAlone() throws {
    let bench = try Bench()
    let digest = try bench.build(["--platform", "linux/amd64,linux/arm64"])
    let together = try Image(contentsOf: bench.output)
    #expect(together.digest.description == digest)
    #expect(together.platforms.map(\.description) == ["linux/amd64", "linux/arm64"])
    let skopeo = try #require(HostProgram.find("skopeo"), "apt-get install skopeo")
    let raw = try JSON.object(skopeo.check(["inspect", "--raw", "oci:" + bench.output]).output)
    #expect(raw["mediaType"] == "application/vnd.oci.image.index.v1+json")
    #expect(raw["manifests"]?.items.count == 2)
    let copy = bench.scratch.file("copy")
    try skopeo.check(["copy", "--all", "oci:" + bench.output, "oci:" + copy])
    for platform in together.platformImages {
      let alone = try bench.build(["--platform", platform.platform.description])
      #expect(alone == platform.digest.description)
    }
    let packages = try ImagePackages.names(in: bench, platform: "linux/arm64")
    #expect(packages == ["demoshell", "hello", "hello-data", "libgreet1", "os-info"])
  }

  @Test func theLedgerNamesTheRuleForEachPath() throws {
    let bench = try Bench()
    let ledger = bench.scratch.file("ledger.json")
    _ = try bench.build(["--ledger", ledger])
    let records = try JSON.object(bench.text(ledger))["linux/amd64"]?["records"]?.items ?? []
    func rule(_ path: String) -> [String] {
      records.filter { $0["path"]?.text == path }.compactMap { $0["rule"]?.text }
    }
    #expect(rule("/usr/bin/dash") == ["shells"])
    #expect(rule("/usr/bin/hello-su") == ["setuid"])
    #expect(rule("/usr/share/doc/hello/changelog.Debian.gz") == ["documentation"])
    #expect(rule("/var/lib/hello") == ["world-writable", "file-modes"])
  }

  static func manifest(_ bench: Bench) throws -> Manifest {
    let image = try Image(contentsOf: bench.output)
    return try #require(image.platformImages.first).manifest
  }
}

/// What `show` says.
enum ImagePackages {
  static func names(in bench: Bench, platform: String) throws -> [String] {
    let outcome = try ComposeProgram.run(["show", bench.output, "--json", "--platform", platform])
    let shown = try JSON.object(outcome.output)
    return shown["platforms"]?.items.first?["packages"]?.items.compactMap { $0["name"]?.text } ?? []
  }
}
