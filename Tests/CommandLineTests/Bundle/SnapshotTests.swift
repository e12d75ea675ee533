import FoundationEssentials
import TestSupport
import Testing

@Suite("Back in time, by a service with the snapshot service's addresses")
struct SnapshotTests {
  private static let moment = "20250102T000000Z"

  /// A bench, and a folder as the service has it: `archive/debian/TIME/` and `archive/debian-security/TIME/`.
  private struct Past {
    let bench: Bench
    let server: LoopbackServer
    var service: String { server.url + "/archive" }

    init(_ recipe: String, at moments: [String], validUntil: String? = nil) throws {
      bench = try Bench(recipe)
      let service = bench.scratch.file("service/archive")
      let publisher = try SampleArchive.publisher(in: bench.ownArchive)
      try bench.publish(SamplePackages.all(), with: publisher, validUntil: validUntil)
      try publisher.publish([], suite: "vendor")
      for archive in ["debian", "debian-security"] {
        _ = try bench.scratch.makeDirectory("service/archive/" + archive)
        for moment in moments {
          try FileManager.default.copyItem(
            atPath: bench.ownArchive, toPath: "\(service)/\(archive)/\(moment)")
        }
      }
      server = try LoopbackServer(serving: bench.scratch.file("service"))
    }

    func run(_ command: String, _ more: [String]) throws -> HostProgram.Outcome {
      try ComposeProgram.run([command, bench.recipe, "--store", bench.store] + more)
    }
  }

  @Test("A recipe's timestamp resolves all three suites then, though they have long expired")
  func recipe() throws {
    let past = try Past(
      Bench.recipe(packages: ["hello"], "compose:\n  snapshot: \(Self.moment)\n"),
      at: [Self.moment], validUntil: "Wed, 08 Jan 2025 00:00:00 UTC")
    let vendor = "deb file://\(past.bench.ownArchive) vendor main"
    let recipe = try past.bench.text(past.bench.recipe)
    try past.bench.scratch.write(
      recipe.replacing("contents:\n", with: "contents:\n  repositories: [\"\(vendor)\"]\n"),
      to: "sample.yaml")
    let outcome = try past.run("lock", ["--snapshot-mirror", past.service])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(
      outcome.errors.contains(
        "warning: \(past.bench.recipe):6:18: file://\(past.bench.ownArchive) is read as it is now, for "
          + "the snapshot service keeps Debian's own archives\n"), "\(outcome.errors)")
    let lock = try past.bench.text(past.bench.lock)
    for (archive, suite) in [
      ("debian", "trixie"), ("debian", "trixie-updates"), ("debian-security", "trixie-security"),
    ] {
      #expect(
        lock.contains("\(past.service)/\(archive)/\(Self.moment)/dists/\(suite)/InRelease"))
    }
    #expect(lock.contains("\(past.service)/debian/\(Self.moment)/pool/"))
  }

  @Test("--snapshot gives the same image, and SOURCE_DATE_EPOCH still has its say")
  func option() throws {
    let past = try Past(Bench.recipe(packages: ["hello"]), at: [Self.moment])
    let output = ["--output", past.bench.output, "--quiet"]
    let named = try past.run(
      "build", ["--snapshot", Self.moment, "--snapshot-mirror", past.service] + output)
    #expect(named.exitCode == 0, "\(named.errors)")
    let mirror = try past.run("build", ["--mirror", past.bench.ownArchive] + output)
    #expect(mirror.output == named.output)
    let dated = try ComposeProgram.run(
      ["lock", past.bench.recipe, "--store", past.bench.store, "--snapshot", Self.moment],
      environment: ["DHI_DEBIAN_SNAPSHOT": past.service, "SOURCE_DATE_EPOCH": "1234567890"])
    #expect(dated.exitCode == 0, "\(dated.errors)")
    #expect(try past.bench.text(past.bench.lock).contains("\"epoch\": 1234567890"))
    let both = try past.run("build", ["--snapshot", Self.moment, "--mirror", "/srv"])
    #expect(both.exitCode == 64)
  }

  @Test("A package that has left its mirror comes from the snapshot of its index")
  func fallback() throws {
    // An index is dated 2025-01-01; its newest packages are in a later snapshot only.
    let past = try Past(Bench.recipe(packages: ["hello"]), at: [Self.moment])
    let bench = past.bench
    let mirror = ["--mirror", bench.ownArchive]
    #expect(try past.run("lock", mirror).exitCode == 0)
    let digest = try past.run("build", mirror + ["--output", bench.output]).output
    try FileManager.default.removeItem(atPath: bench.ownArchive + "/pool")
    try bench.forgetAll()
    let outcome = try past.run(
      "build",
      mirror + ["--snapshot-mirror", past.service, "--output", bench.output, "--locked"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output == digest)
    #expect(
      outcome.errors.contains(
        "; the snapshot service has it: \(past.service)/debian/\(Self.moment)/pool/main/"),
      "\(outcome.errors)")
  }

  @Test("Where nobody has a package, every place is named, and what to do")
  func nowhere() throws {
    let past = try Past(Bench.recipe(packages: ["hello"]), at: [])
    let bench = past.bench
    let mirror = ["--mirror", bench.ownArchive]
    #expect(try past.run("lock", mirror).exitCode == 0)
    try FileManager.default.removeItem(atPath: bench.ownArchive + "/pool")
    try bench.forgetAll()
    let outcome = try past.run("build", mirror + ["--snapshot-mirror", past.service])
    #expect(outcome.exitCode == 69)
    for text in [
      "none of 3 places has it: file://\(bench.ownArchive)/pool/main/",
      "; \(past.service)/debian/20250101T000000Z/pool/main/",
      "; \(past.service)/debian/20250102T000000Z/pool/main/",
      "; name a mirror that has it with --mirror, or lock anew\n",
    ] {
      #expect(outcome.errors.contains(text), "\(outcome.errors)")
    }
    let off = try past.run("build", mirror + ["--snapshot-mirror", "none"])
    #expect(off.exitCode == 69)
    #expect(!off.errors.contains(past.service))
  }
}

@Suite("No server is asked")
struct OfflineTests {
  @Test("What the store holds suffices to build and to lock; what it lacks is named")
  func store() throws {
    let bench = try Bench(Bench.recipe(packages: ["hello"]))
    let server = try LoopbackServer(serving: bench.archive.directory)
    func run(_ command: String, _ more: [String] = []) throws -> HostProgram.Outcome {
      try bench.run(command, more, mirror: server.url)
    }
    let cold = try run("build", ["--offline", "--output", bench.output])
    #expect(cold.exitCode == 69)
    // Of three suites, whichever was looked for first.
    let line = try #require(cold.errors.split(separator: "\n").first)
    #expect(line.hasPrefix("error: \(server.url)/dists/trixie"), "\(cold.errors)")
    #expect(
      line.hasSuffix(
        "/InRelease: not in the store, and --offline forbids fetching it; run the command once "
          + "without --offline, or give --bundle a file that holds it"), "\(cold.errors)")
    #expect(try run("lock").exitCode == 0)
    let lock = try bench.text(bench.lock)
    let digest = try run("build", ["--output", bench.output]).output
    try bench.forgetOutput()
    let built = try run("build", ["--offline", "--locked", "--output", bench.output])
    #expect(built.exitCode == 0, "\(built.errors)")
    #expect(built.output == digest)
    try FileManager.default.removeItem(atPath: bench.lock)
    let anew = try run("lock", ["--offline"])
    #expect(anew.exitCode == 0, "\(anew.errors)")
    #expect(try bench.text(bench.lock) == lock)
    try bench.forgetAll()
    let missing = try run("build", ["--offline", "--quiet", "--output", bench.output])
    #expect(missing.exitCode == 69)
    #expect(
      missing.errors.contains(
        ".deb: not in the store, and --offline forbids fetching it; run the command once without "
          + "--offline, or give --bundle a file that holds it\n"), "\(missing.errors)")
    #expect(bench.isWithoutOutput)
  }

  @Test("Of Alpine's packages the same")
  func alpine() throws {
    let bench = try AlpineBench()
    let server = try LoopbackServer(serving: bench.mirror)
    let source = ["--mirror", server.url]
    let cold = try bench.run("lock", ["--offline"], sources: source)
    #expect(cold.exitCode == 69)
    #expect(cold.errors.contains("APKINDEX.tar.gz: not in the store, and --offline forbids"))
    #expect(try bench.run("lock", [], sources: source).exitCode == 0)
    let digest = try bench.build(sources: source)
    try bench.forgetOutput()
    #expect(try bench.build(["--offline", "--locked"], sources: source) == digest)
  }
}
