import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// An image that is gone and would come out as it was: its layers are written from what composing came to before.
@Suite struct KeptLayersTests {
  private static func expanded(_ bench: Bench) throws -> [String] {
    try FileListing.files(below: bench.store + "/expanded").map { bench.store + "/expanded/" + $0 }
  }

  /// Damages the tables of all decoded packages, which nothing but composing reads; returns what tells whether one was
  /// made anew.
  private static func spoilTables(_ bench: Bench) throws -> [String: [UInt8]] {
    var spoiled = [String: [UInt8]]()
    for path in try expanded(bench) {
      var bytes = Array(try Data(contentsOf: URL(filePath: path)))
      bytes[bytes.count - 40] ^= 1
      try Data(bytes).write(to: URL(filePath: path))
      spoiled[path] = bytes
    }
    return spoiled
  }

  private static func areSpoiled(_ spoiled: [String: [UInt8]]) throws -> Bool {
    try spoiled.allSatisfy { try Array(Data(contentsOf: URL(filePath: $0.key))) == $0.value }
  }

  private static func again(_ bench: Bench, _ more: [String] = []) throws -> HostProgram.Outcome {
    if bench.exists(bench.output) { try FileManager.default.removeItem(atPath: bench.output) }
    let outcome = try bench.run("build", ["--output", bench.output] + more)
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    return outcome
  }

  @Test(arguments: [[], ["--compression", "none"], ["--compression", "zstd"]])
  func theImageIsTheSameAndNothingIsComposed(options: [String]) throws {
    let bench = try Bench()
    // To resolve is to read the tables too.
    #expect(try bench.run("lock").exitCode == 0)
    let first = try Self.again(bench, options)
    let spoiled = try Self.spoilTables(bench)
    #expect(!spoiled.isEmpty)
    let second = try Self.again(bench, options)
    #expect(second.output == first.output)
    #expect(try Self.areSpoiled(spoiled))
    #expect(try Image(contentsOf: bench.output).digest.description + "\n" == first.output)
    // Composed after all, which finds the damage, the image is still the same.
    let ledger = bench.scratch.file("ledger.json")
    #expect(try Self.again(bench, options + ["--ledger", ledger]).output == first.output)
    #expect(bench.exists(ledger))
    #expect(try !Self.areSpoiled(spoiled))
  }

  @Test func whatTheRecipeTheLockOrALocalFileChangesIsComposedAnew() throws {
    let bench = try Bench(
      Bench.smallRecipe + "paths:\n  - {type: file, path: /etc/own, source: own.txt}\n")
    let own = try bench.scratch.write("one", to: "own.txt")
    #expect(try bench.run("lock").exitCode == 0)
    let first = try Self.again(bench)
    // Touched only now, or in the future: another change could not be told from this one.
    try SampleStore.use(own, at: time(nil) + 100_000)
    var spoiled = try Self.spoilTables(bench)
    #expect(try Self.again(bench).output == first.output)
    #expect(try !Self.areSpoiled(spoiled))
    try SampleStore.use(own, at: 1_767_323_045)
    sleep(4)
    _ = try Self.again(bench)
    spoiled = try Self.spoilTables(bench)
    #expect(try Self.again(bench).output == first.output)
    #expect(try Self.areSpoiled(spoiled))
    try bench.scratch.write("two", to: "own.txt")
    #expect(try Self.again(bench).output != first.output)
    try bench.scratch.write("one", to: "own.txt")
    #expect(try Self.again(bench).output == first.output)
    let recipe = try String(decoding: bench.scratch.read("sample.yaml"), as: UTF8.self)
    try bench.scratch.write(recipe + "annotations: {a: b}\n", to: "sample.yaml")
    #expect(try Self.again(bench).output != first.output)
  }

  @Test func whatIsDamagedOrGoneIsMadeAgain() throws {
    let bench = try Bench()
    let first = try Self.again(bench)
    let folder = bench.store + "/built"
    let records = FileListing.names(in: folder).filter { $0.hasSuffix(".layers") }
    #expect(records.count == 1)
    let record = URL(filePath: folder + "/" + (try #require(records.first)))
    let bytes = Array(try Data(contentsOf: record))
    for position in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 20)) {
      var damaged = bytes
      damaged[position] ^= 0x40
      try Data(damaged).write(to: record)
      #expect(try Self.again(bench).output == first.output)
    }
    try Data(bytes.prefix(bytes.count / 2)).write(to: record)
    #expect(try Self.again(bench).output == first.output)
    for path in try Self.expanded(bench) { unlink(path) }
    #expect(try Self.again(bench).output == first.output)
  }

  @Test func whatWasSaidIsSaidAgain() throws {
    var package = DebBuilder("odd")
    package.file("/usr/lib/odd", "odd")
    package.scripts["postinst"] = "#!/bin/sh\nodd-program --set-up\n"
    let bench = try Bench(Bench.recipe(packages: ["odd"]), publishing: [package])
    func errors() throws -> [Substring] {
      if bench.exists(bench.output) { try FileManager.default.removeItem(atPath: bench.output) }
      let outcome = try bench.run("build", ["--output", bench.output], mirror: bench.ownArchive)
      // Layers are told of as they are done.
      return outcome.errors.split(separator: "\n").sorted()
    }
    let first = try errors()
    #expect(first.contains { $0.hasPrefix("warning: ") })
    #expect(try errors() == first)
  }
}
