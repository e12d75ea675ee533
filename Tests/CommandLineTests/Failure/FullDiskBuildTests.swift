import Glibc
import TestSupport
import Testing

/// A disk without space, as store and as output.
@Suite struct FullDiskBuildTests {
  /// A file system of `kilobytes` in memory, until the last reference goes.
  private final class SmallDisk {
    let path: String

    init?(_ path: String, kilobytes: Int) {
      guard
        mount("tmpfs", path, "tmpfs", 0, "size=\(kilobytes)k") == 0
      else { return nil }
      self.path = path
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }
  }

  static let canMount: Bool = {
    guard geteuid() == 0, let scratch = try? TemporaryDirectory() else { return false }
    return SmallDisk(scratch.path, kilobytes: 64) != nil
  }()

  /// A package of two megabytes that do not compress.
  private static func bench() throws -> Bench {
    var bulky = DebBuilder("bulky", compression: .none)
    var state: UInt64 = 1
    bulky.file(
      "/usr/share/bulky/data",
      bytes: (0..<2_000_000).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
      })
    return try Bench(Bench.recipe(packages: ["bulky"]), publishing: [bulky])
  }

  @Test(.enabled(if: canMount, "mounting needs root"))
  func aFullStoreIsNamedAndLeavesNothing() throws {
    let bench = try Self.bench()
    let place = try bench.scratch.makeDirectory("store")
    let disk = try #require(SmallDisk(place, kilobytes: 1024))
    let outcome = try bench.run("build", ["--quiet", "-o", bench.output], mirror: bench.ownArchive)
    #expect(outcome.exitCode == 73, "\(outcome.errors)")
    #expect(outcome.errors.contains(disk.path), "\(outcome.errors)")
    #expect(outcome.errors.lowercased().contains("no space left on"), "\(outcome.errors)")
    #expect(bench.isWithoutOutput)
    #expect(try bench.leftovers() == [])
  }

  @Test(.enabled(if: canMount, "mounting needs root"), arguments: ["oci", "oci-archive", "tar"])
  func aFullDiskUnderTheOutputIsNamedAndLeavesNothing(format: String) throws {
    let bench = try Self.bench()
    let place = try bench.scratch.makeDirectory("result")
    let disk = try #require(SmallDisk(place, kilobytes: 1024))
    let outcome = try bench.run(
      "build", ["--quiet", "--format", format, "-o", bench.output], mirror: bench.ownArchive)
    #expect(outcome.exitCode == 73, "\(outcome.errors)")
    #expect(
      outcome.errors
        == "error: \(bench.output): cannot write: no space left on the file system; free some, "
        + "or choose another directory\n")
    #expect(FileListing.names(in: disk.path) == [])
  }
}
