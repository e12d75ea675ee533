import PkgResolve
import TestSupport
import Testing

@testable import RootfsCompose

/// Packages of one run: decoded once, and no recipe's way to them is another's.
@Suite struct SharedPackagesTests {
  private let fixture: ExpanderFixture
  private let workers = BlockingPool(threads: 2, name: "test")

  init() throws { fixture = try ExpanderFixture() }

  private func package(_ name: String) throws -> (Lockfile.Package, StoredFile) {
    var builder = DebBuilder(name)
    builder.file("/usr/\(name)", name)
    let file = try fixture.file(try builder.bytes())
    let package = Lockfile.Package(
      name: name, version: "1.0", architecture: "amd64", source: name,
      url: "file:///pool/\(name).deb", size: file.size, digest: file.digest.description,
      suite: "here",
      reason: "requested")
    return (package, file)
  }

  @Test func aMirrorThatFailsOneRecipeDoesNotFailAnother() async throws {
    let packages = SharedPackages(expander: fixture.expander, workers: workers)
    let (package, file) = try package("one")
    let failure = ComposeError(.notFound, "a", "is not there")
    await #expect(throws: ComposeError.self) {
      try await packages.package(
        package, sources: "a", keys: AlpineKeys(), observe: { _ in }, fetch: { throw failure })
    }
    let fetched = Counter()
    for _ in 0..<2 {
      let unpacked = try await packages.package(
        package, sources: "b", keys: AlpineKeys(), observe: { _ in },
        fetch: {
          _ = fetched.next()
          return file
        })
      #expect(unpacked.name == "one")
    }
    #expect(fetched.next() == 2)
  }

  @Test func whatIsForgottenComesFromTheStore() async throws {
    let packages = SharedPackages(expander: fixture.expander, workers: workers, entryLimit: 1)
    let fetched = Counter()
    let opened = Counter()
    for name in ["one", "two", "one", "two", "two"] {
      let (package, file) = try package(name)
      let unpacked = try await packages.package(
        package, sources: "", keys: AlpineKeys(),
        observe: { event in
          if case .fetched(_, _, fromStore: true) = event { _ = opened.next() }
        },
        fetch: {
          _ = fetched.next()
          return file
        })
      #expect(unpacked.name == name)
      #expect(try unpacked.entries.last?.entry.content?.text() == name)
    }
    #expect(fetched.next() == 3)
    #expect(opened.next() == 3)
  }
}
