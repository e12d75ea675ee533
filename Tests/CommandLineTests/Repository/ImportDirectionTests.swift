import FoundationEssentials
import Testing

/// Reads the `import` lines of every source file: modules depend on each other one way only.
@Suite struct ImportDirectionTests {
  static let system: Set<String> = [
    "Foundation", "FoundationEssentials", "Dispatch", "Synchronization", "Glibc", "Musl", "Darwin",
    "Swift", "_Concurrency",
  ]

  /// What each module may import beyond ``system``.
  static let allowed: [String: Set<String>] = [
    "PkgResolve": [],
    "OCIImage": ["CDeflate", "CZlib", "CZstd", "COpenSSL", "CLinux"],
    "RootfsCompose": [
      "PkgResolve", "OCIImage", "CLibArchive", "CCurl", "CDeflate", "CLZMA", "COpenSSL", "CZlib",
      "Yams",
    ],
    "dhi-compose": ["RootfsCompose", "PkgResolve", "OCIImage", "ArgumentParser"],
  ]

  /// Modules that one folder alone may import.
  static let onlyIn: [String: String] = ["Yams": "Sources/RootfsCompose/Recipe/"]

  @Test(arguments: allowed.keys.sorted())
  func importsRunOneWay(module: String) throws {
    let allowed = try #require(Self.allowed[module]).union(Self.system)
    let files = try Repository.swiftFiles(below: "Sources/\(module)")
    #expect(!files.isEmpty)
    for (path, text) in files {
      for imported in Self.imports(of: text) {
        #expect(allowed.contains(imported), "\(path) imports \(imported)")
        if let folder = Self.onlyIn[imported] {
          #expect(path.hasPrefix(folder), "\(path) imports \(imported); only \(folder) may")
        }
      }
    }
  }

  @Test func theReaderSeesEveryFormOfImport() {
    let text = """
      import A
      @preconcurrency import B
      public import C.D
      internal import struct E.F
        import G
      // import H
      let text = "import I"
      @testable import J
      """
    #expect(Self.imports(of: text) == ["A", "B", "C", "E", "G", "J"])
  }

  static func imports(of text: String) -> [String] {
    let kinds: Set<Substring> = [
      "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
    ]
    return text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard let index = words.firstIndex(of: "import") else { return nil }
      let before = words[..<index]
      let modifiers: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
      guard before.allSatisfy({ $0.hasPrefix("@") || modifiers.contains($0) }) else { return nil }
      guard let name = words[(index + 1)...].first(where: { !kinds.contains($0) }) else {
        return nil
      }
      return String(name.split(separator: ".")[0])
    }
  }
}

/// The project's own files.
enum Repository {
  static let root: String = {
    "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
  }()

  /// Swift files below a folder, as (path from the root, text).
  static func swiftFiles(below folder: String) throws -> [(path: String, text: String)] {
    let base = root + "/" + folder
    return try FileManager.default.subpathsOfDirectory(atPath: base).sorted()
      .filter { $0.hasSuffix(".swift") }
      .map { ("\(folder)/\($0)", try String(contentsOfFile: "\(base)/\($0)", encoding: .utf8)) }
  }
}
