// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "dhi-compose",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "dhi-compose", targets: ["dhi-compose"]),
    .library(name: "RootfsCompose", targets: ["RootfsCompose"]),
    .library(name: "PkgResolve", targets: ["PkgResolve"]),
    .library(name: "OCIImage", targets: ["OCIImage"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CLibArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(
      name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CLZMA", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    // Headers only, so that no pkg-config: the program loads libcurl itself, when it first needs it.
    .systemLibrary(name: "CCurl"),
    .systemLibrary(name: "CLinux"),
    .target(name: "PkgResolve", swiftSettings: strict),
    .target(
      name: "OCIImage", dependencies: ["CLinux", "CDeflate", "CZlib", "CZstd", "COpenSSL"],
      swiftSettings: strict),
    .target(
      name: "RootfsCompose",
      dependencies: [
        "PkgResolve", "OCIImage", "CLibArchive", "CCurl", "CDeflate", "CLZMA", "COpenSSL", "CZlib",
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "dhi-compose",
      dependencies: [
        "RootfsCompose",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["RootfsCompose", "OCIImage", "CLibArchive", "COpenSSL"],
      path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "PkgResolveTests", dependencies: ["PkgResolve", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "OCIImageTests", dependencies: ["OCIImage", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "RootfsComposeTests", dependencies: ["RootfsCompose", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests", dependencies: ["dhi-compose", "TestSupport"],
      swiftSettings: strict),
  ]
)
