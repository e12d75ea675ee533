// swift-tools-version: 6.2
import PackageDescription

// The parsers are compiled here once more, from the same sources: libFuzzer sees only code that was instrumented, and
// a dependency cannot be. Checks of debug builds stay on, so that what would be undefined traps instead.
let sanitized: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .unsafeFlags([
    "-sanitize=fuzzer,address", "-assert-config", "Debug", "-enforce-exclusivity=checked",
    "-enable-testing",
  ]),
]

let package = Package(
  name: "dhi-compose-fuzz",
  targets: [
    .systemLibrary(name: "CLibArchive", pkgConfig: "libarchive"),
    .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
    .systemLibrary(name: "CLZMA", pkgConfig: "liblzma"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto"),
    .systemLibrary(name: "CLinux"),
    .target(name: "PkgResolve", swiftSettings: sanitized),
    .target(
      name: "OCIImage", dependencies: ["CLinux", "CDeflate", "CZlib", "CZstd", "COpenSSL"],
      swiftSettings: sanitized),
    // Links to those of its files that read packages: no network, no recipes.
    .target(
      name: "RootfsCompose",
      dependencies: [
        "PkgResolve", "OCIImage", "CDeflate", "CLibArchive", "CLZMA", "COpenSSL", "CZlib",
      ],
      swiftSettings: sanitized),
    .target(name: "CLibFuzzer"),
    .executableTarget(
      name: "Fuzz", dependencies: ["PkgResolve", "OCIImage", "RootfsCompose", "CLibFuzzer"],
      swiftSettings: sanitized,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]),
  ]
)
