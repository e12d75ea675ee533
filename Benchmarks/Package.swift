// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "dhi-compose", path: "..")],
  targets: [
    .executableTarget(
      name: "resolve-benchmark",
      dependencies: [
        .product(name: "PkgResolve", package: "dhi-compose"),
        .product(name: "RootfsCompose", package: "dhi-compose"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "stages",
      dependencies: [
        .product(name: "PkgResolve", package: "dhi-compose"),
        .product(name: "OCIImage", package: "dhi-compose"),
        .product(name: "RootfsCompose", package: "dhi-compose"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "floor", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
      linkerSettings: ["lzma", "z", "zstd", "crypto"].map { .linkedLibrary($0) }),
    .executableTarget(
      name: "compressors", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
      linkerSettings: ["z", "deflate", "zstd"].map { .linkedLibrary($0) }),
  ]
)
