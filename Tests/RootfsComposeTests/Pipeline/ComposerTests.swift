import Foundation
import OCIImage
import PkgResolve
import RootfsCompose
import Synchronization
import TestSupport
import Testing

/// The library's road from a recipe to an image, as a program that embeds it walks it.
@Suite struct ComposerTests {
  /// A folder with a recipe and an archive.
  private struct Bench {
    let scratch: TemporaryDirectory
    let archive: SampleArchive

    init(_ recipe: (SampleArchive) -> String = { _ in ComposerTests.recipe }) throws {
      scratch = try TemporaryDirectory()
      archive = try SampleArchive()
      try FileManager.default.copyItem(atPath: archive.key, toPath: scratch.file("archive.asc"))
      try scratch.write(recipe(archive), to: "sample.yaml")
    }

    func recipe() throws -> Recipe { try Recipe(contentsOf: scratch.file("sample.yaml")) }

    func composer(mirror: Bool = true, decoders: Int = 2) -> Composer {
      Composer(
        store: .directory(scratch.file("store")), limits: Limits(downloads: 2, decoders: decoders),
        options: ComposerOptions(
          mirror: mirror ? archive.directory : nil,
          snapshotMirror: "none",
          environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"],
          aptConfiguration: nil))
    }
  }

  private static let recipe = """
    # syntax=dhi.io/build:2-debian13
    name: Sample
    contents:
      keyring: [archive.asc]
      packages: [hello, os-info]

    """

  @Test func theRoadOfTheReadme() async throws {
    let bench = try Bench()
    let recipe = try bench.recipe()
    let composer = bench.composer()
    let events = Mutex([String]())
    let lock = try await composer.resolve(recipe, for: [.linuxAMD64])
    let image = try await composer.compose(recipe, lock: lock) { event in
      events.withLock { $0.append(event.description) }
    }
    let path = bench.scratch.file("out")
    try await image.write(to: .layout(path))
    #expect(try Image(contentsOf: path).digest == image.digest)
    #expect(image.platforms == [.linuxAMD64])
    let seen = events.withLock { $0 }
    #expect(seen.contains("in the store: hello_1.0-1_amd64, 1.1 kB"), "\(seen)")
    #expect(seen.contains { $0.hasPrefix("unpacked linux/amd64 5/5: ") }, "\(seen)")
    #expect(seen.contains { $0.hasPrefix("hardened linux/amd64: ") }, "\(seen)")
    #expect(seen.count { $0.hasPrefix("layer of linux/amd64: ") } == 2, "\(seen)")
  }

  @Test func aLockAloneMakesTheImageAgain() async throws {
    let bench = try Bench()
    let recipe = try bench.recipe()
    let lock = try await bench.composer().resolve(recipe, for: Platform.supported)
    let first = try await bench.composer().compose(recipe, lock: lock)
    let again = try Lockfile(decoding: lock.encoded(), name: "lock")
    let second = try await bench.composer(decoders: 1).compose(recipe, lock: again)
    #expect(first.digest == second.digest)
    #expect(first.platforms == Platform.supported)
    let part = try await bench.composer().compose(recipe, lock: again, platforms: [.linuxARM64])
    #expect(part.digest == first.platformImages.last?.digest)
  }

  @Test func composersShareAStoreAtOneTime() async throws {
    let bench = try Bench()
    let recipe = try bench.recipe()
    let digests = try await withThrowingTaskGroup(of: Digest.self) { group in
      for decoders in 1...4 {
        group.addTask {
          let composer = bench.composer(decoders: decoders)
          let lock = try await composer.resolve(recipe, for: [.linuxAMD64])
          return try await composer.compose(recipe, lock: lock).digest
        }
      }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(digests.count == 1)
  }

  @Test func aRepositoryOfTheRecipesOwnIsRead() async throws {
    let byMirror = try Bench()
    let recipe = try byMirror.recipe()
    let lock = try await byMirror.composer().resolve(recipe, for: [.linuxAMD64])
    let expected = try await byMirror.composer().compose(recipe, lock: lock).digest
    let byLine = try Bench { archive in
      Self.recipe.replacing("  keyring: [archive.asc]\n", with: "")
        + "  repositories:\n    - deb [signed-by=\(archive.key)] file://\(archive.directory) trixie main\n"
    }
    let other = try byLine.recipe()
    let composer = byLine.composer(mirror: false)
    let otherLock = try await composer.resolve(other, for: [.linuxAMD64])
    #expect(otherLock.indexes.map(\.suite) == ["trixie"])
    #expect(try await composer.compose(other, lock: otherLock).digest == expected)
  }

  @Test func withoutAMirrorTheErrorSaysHowToNameOne() async throws {
    let bench = try Bench()
    let recipe = try bench.recipe()
    await #expect {
      try await bench.composer(mirror: false).resolve(recipe, for: [.linuxAMD64])
    } throws: { error in
      "\(error)".hasPrefix("debian-13: no mirror is known; name one with --mirror URL, ")
    }
  }

  @Test func aLockWithoutThePlatformIsRefused() async throws {
    let bench = try Bench()
    let recipe = try bench.recipe()
    let lock = try await bench.composer().resolve(recipe, for: [.linuxAMD64])
    await #expect {
      try await bench.composer().compose(recipe, lock: lock, platforms: [.linuxARM64])
    } throws: { error in
      (error as? ComposeError)?.code == .lockMismatch
        && "\(error)".contains("the lock holds no packages for linux/arm64")
    }
  }

  @Test func aLocalFileThatChangedSinceTheLockIsRefused() async throws {
    let bench = try Bench { _ in
      Self.recipe + "  files:\n    - {url: site.conf, path: /etc/site.conf}\n"
    }
    try bench.scratch.write("one\n", to: "site.conf")
    let recipe = try bench.recipe()
    let lock = try await bench.composer().resolve(recipe, for: [.linuxAMD64])
    #expect(lock.files.map(\.source) == ["site.conf"])
    _ = try await bench.composer().compose(recipe, lock: lock)
    try bench.scratch.write("two\n", to: "site.conf")
    await #expect {
      try await bench.composer().compose(recipe, lock: lock)
    } throws: { error in
      (error as? ComposeError)?.code == .digestMismatch
        && "\(error)".contains("site.conf: expected \(Digest.sha256(of: Array("one\n".utf8)))")
    }
  }

  @Test func aCancelledTaskStopsAndLeavesNothing() async throws {
    let bench = try Bench()
    let recipe = try bench.recipe()
    let lock = try await bench.composer().resolve(recipe, for: [.linuxAMD64])
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await bench.composer().compose(recipe, lock: lock).digest
    }
    await #expect {
      try await task.value
    } throws: { error in
      error is CancellationError || (error as? ComposeError)?.code == .cancelled
    }
    let work = bench.scratch.file("store/tmp")
    #expect(FileListing.names(in: work).allSatisfy { !$0.hasPrefix("work.") })
  }
}
