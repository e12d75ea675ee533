import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose

/// What `show --json` prints of an image.
struct ShownIndex: Encodable {
  let digest: String
  let size: Int64
  let platforms: [ShownImage]
}

/// One platform of an image.
struct ShownImage: Encodable {
  let platform: String
  let manifest: String
  let created: String?
  let config: ImageConfiguration.Execution?
  let size: Int64
  let unpackedSize: Int64
  let files: Int
  let setIDPaths: [String]
  let packages: [ImageContents.Package]
  /// Read where images are compared.
  let summary: ImageSummary?

  init(_ image: PlatformImage, _ contents: ImageContents, _ summary: ImageSummary? = nil) {
    self.summary = summary
    platform = image.platform.description
    manifest = image.digest.description
    created = image.configuration.created
    config = image.configuration.config
    size = image.size
    unpackedSize = contents.size
    files = contents.files
    setIDPaths = contents.setIDPaths
    packages = contents.packages
  }

  func print() {
    Console.print("\n\(platform)  \(manifest)")
    Console.print("  created     \(created ?? "unknown")")
    Console.print("  user        \(config?.user ?? "0:0")")
    if let config {
      if !config.entrypoint.isEmpty {
        Console.print("  entrypoint  \(config.entrypoint.joined(separator: " "))")
      }
      if !config.command.isEmpty {
        Console.print("  cmd         \(config.command.joined(separator: " "))")
      }
      for value in config.environment { Console.print("  env         \(value)") }
      for port in config.exposedPorts.sorted() { Console.print("  port        \(port)") }
    }
    Console.print(
      "  size        \(byteText(size)) packed, \(byteText(unpackedSize)) in \(files) files")
    Console.print(
      "  setuid      \(setIDPaths.isEmpty ? "none" : setIDPaths.joined(separator: " "))")
    Console.print("  packages    \(packages.count)")
    Table.print(packages.map { [$0.name, $0.version, $0.architecture] })
  }
}

/// Columns, each as wide as its widest cell.
enum Table {
  static func print(_ rows: [[String]]) {
    var widths = [Int]()
    for row in rows {
      for (index, cell) in row.enumerated() {
        if index == widths.count { widths.append(0) }
        widths[index] = max(widths[index], cell.count)
      }
    }
    for row in rows {
      let cells = row.enumerated().map { index, cell in
        index == row.count - 1
          ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
      }
      Console.print("    " + cells.joined(separator: "  "))
    }
  }
}
