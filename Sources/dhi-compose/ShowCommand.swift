import ArgumentParser
import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose

struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what an image or a lock holds.",
    discussion: """
      Takes an image layout, an OCI archive, or a NAME.lock.json.

      Example:
        dhi-compose show out/python --platform linux/amd64

      \(ExitStatus.table)
      """)

  @Argument(help: "An image layout, an OCI archive or a lock.", completion: .file())
  var path: String

  @OptionGroup var platform: PlatformOption

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try reportingErrors {
      let wanted = try platform.platforms()
      if path.hasSuffix(".json") {
        try show(lock: wanted)
      } else {
        try show(image: wanted)
      }
    }
  }

  private func show(lock wanted: [Platform]?) throws {
    guard var lock = try LockFiles.read(path) else {
      throw ComposeError(.inputUnreadable, path, "not found; name a lock or an image")
    }
    if let wanted {
      lock.platforms = lock.platforms.filter { wanted.map(\.description).contains($0.key) }
    }
    if json {
      Console.write(String(decoding: try lock.encoded(), as: UTF8.self), to: 1)
      return
    }
    Console.print("lock          \(path), by \(lock.tool)")
    Console.print("distribution  \(lock.distribution)")
    Console.print("epoch         \(ImageConfiguration.timestamp(lock.epoch))")
    for index in lock.indexes {
      Console.print("index         \(index.suite) of \(index.date), \(index.url)")
    }
    for file in lock.files {
      Console.print("file          \(file.source), \(byteText(file.size)), \(file.digest)")
    }
    for (name, platform) in lock.platforms.sorted(by: { $0.key < $1.key }) {
      Console.print(
        "\n\(name): \(platform.packages.count) packages, "
          + "\(byteText(platform.packages.packedBytes)) packed")
      Table.print(
        platform.packages.map {
          [$0.name, $0.version, $0.architecture, byteText($0.size), $0.suite, $0.reason]
        })
      show(choices: platform.choices ?? [])
    }
    if let image = lock.image {
      Console.print("\nimage, \(image.compression) by \(image.compressor)")
      if let index = image.index { Console.print("  index        \(index)") }
      for (name, manifest) in image.manifests.sorted(by: { $0.key < $1.key }) {
        Console.print("  \(name)  \(manifest.manifest)")
      }
    }
  }

  private func show(choices: [Lockfile.Choice]) {
    guard !choices.isEmpty else { return }
    Console.print("\nchosen among several:")
    Table.print(
      choices.map { choice in
        [
          "  " + choice.chosen, choice.package.map { "for \($0)" } ?? "as asked for",
          choice.relation, choice.reason,
        ]
      })
  }

  private func show(image wanted: [Platform]?) throws {
    guard
      ![".yaml", ".yml"].contains(where: path.hasSuffix)
        || !FileManager.default.fileExists(atPath: path)
    else {
      throw ComposeError(
        .invalidRecipe, path,
        "is a recipe; show takes an image or a lock, and `dhi-compose resolve` shows what a recipe comes to"
      )
    }
    let image = try Image(contentsOf: path)
    let chosen = image.platformImages.filter { wanted?.contains($0.platform) ?? true }
    if let missing = wanted?.first(where: { !image.platforms.contains($0) }) {
      let there = image.platforms.map(\.description).joined(separator: ", ")
      throw ComposeError(.notFound, path, "holds no image for \(missing), only for \(there)")
    }
    let parts = try chosen.map { ShownImage($0, try ImageContents(of: $0, in: image)) }
    if json {
      let index = ShownIndex(
        digest: image.digest.description, size: image.size, platforms: parts)
      Console.write(try JSONOutput.text(index) + "\n", to: 1)
      return
    }
    Console.print("\(image.digest)  \(path), \(byteText(image.size)) packed")
    for part in parts { part.print() }
  }
}

/// What `show --json` prints of an image.
private struct ShownIndex: Encodable {
  let digest: String
  let size: Int64
  let platforms: [ShownImage]
}

/// One platform of an image.
private struct ShownImage: Encodable {
  let platform: String
  let manifest: String
  let created: String?
  let config: ImageConfiguration.Execution?
  let size: Int64
  let unpackedSize: Int64
  let files: Int
  let setIDPaths: [String]
  let packages: [ImageContents.Package]

  init(_ image: PlatformImage, _ contents: ImageContents) {
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
