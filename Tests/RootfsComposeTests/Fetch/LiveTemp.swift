import Foundation
import Testing

@testable import RootfsCompose

@Test func liveTemp() async throws {
  let host = AptSources.host()
  print("HOST", host)
  let sources = try MirrorSelection(
    distribution: .debian13, options: .init(), environment: [:], host: host
  ).sources(repositories: [], compose: ComposeOptions())
  for hostFolder in ["/usr/share/keyrings", "/nonexistent"] {
    let fetcher = IndexFetcher(
      downloader: try Downloader(
        store: Store(directory: "/tmp/fetch-scratch/livestore"), downloads: 4,
        environment: ProcessInfo.processInfo.environment, userAgent: "dhi-compose/test"),
      distribution: .debian13,
      keyrings: KeyringSearch(recipe: [], recipeFolder: "/", hostFolder: hostFolder))
    let start = Date()
    let result = try await fetcher.fetch(sources, architectures: ["amd64", "arm64"])
    for index in result.indexes {
      print(
        index.suite, index.name, index.packages.count, index.date, index.validUntil ?? "-",
        index.signedBy, index.inReleaseURL)
    }
    print(result.warnings, Date().timeIntervalSince(start))
  }
}
