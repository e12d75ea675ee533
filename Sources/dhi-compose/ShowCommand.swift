import ArgumentParser
import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose

struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what an image or a lock holds, or compare several.",
    discussion: """
      Takes an image layout, an OCI archive, or a NAME.lock.json. Two or more images, or two or \
      more locks, are shown side by side, platform by platform, with a mark before what differs: \
      distribution and libc, sizes, what a container runs as and with, and packages.

      --report writes what an image alone tells as one HTML page; `build --report` knows more.

      Example:
        dhi-compose show out/python --platform linux/amd64
        dhi-compose show out/static-debian-13 out/static-alpine-3.22

      \(ExitStatus.table)
      """)

  @Argument(help: "Image layouts, OCI archives or locks.", completion: .file())
  var paths: [String]

  @OptionGroup var platform: PlatformOption

  @Flag(help: "Print JSON.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Write a report of one image, an HTML page that needs nothing else; - is standard output.",
      valueName: "file"),
    completion: .file(extensions: ["html"]))
  var report: String?

  func validate() throws {
    guard !paths.isEmpty else { throw ValidationError("name an image or a lock") }
    let locks = paths.filter(Self.isLock)
    guard locks.isEmpty || locks.count == paths.count else {
      throw ValidationError(
        "show compares images with images and locks with locks; \(locks[0]) is a lock")
    }
    guard let report else { return }
    if report.isEmpty { throw ValidationError("--report is empty; name a file") }
    if json { throw ValidationError("--report and --json exclude each other") }
    if let lock = locks.first {
      throw ValidationError("--report goes with an image; \(lock) is a lock")
    }
    if paths.count > 1 { throw ValidationError("--report goes with one image") }
  }

  private static func isLock(_ path: String) -> Bool { path.hasSuffix(".json") }

  func run() async throws {
    try reportingErrors {
      let wanted = try platform.platforms()
      guard let path = paths.first, paths.count == 1 else { return try compare(wanted) }
      if let report { return try write(report, of: path, wanted) }
      if Self.isLock(path) {
        try show(lock: path, wanted)
      } else {
        try show(image: path, wanted)
      }
    }
  }

  private func compare(_ wanted: [Platform]?) throws {
    if paths.allSatisfy(Self.isLock) {
      let locks = try paths.map(Self.lock)
      let comparison = try LockComparison(paths, locks, platforms: wanted)
      if json { Console.write(try comparison.json() + "\n", to: 1) } else { comparison.print() }
      return
    }
    try paths.forEach(Self.refuseRecipe)
    let comparison = try ImageComparison(paths, platforms: wanted)
    if json { Console.write(try comparison.json() + "\n", to: 1) } else { comparison.print() }
  }

  private static func lock(_ path: String) throws -> Lockfile {
    guard let lock = try LockFiles.read(path) else {
      throw ComposeError(.inputUnreadable, path, "not found; name a lock or an image")
    }
    return lock
  }

  private static func refuseRecipe(_ path: String) throws {
    guard
      ![".yaml", ".yml"].contains(where: path.hasSuffix)
        || !FileManager.default.fileExists(atPath: path)
    else {
      throw ComposeError(
        .invalidRecipe, path,
        "is a recipe; show takes an image or a lock, and `dhi-compose resolve` shows what a recipe comes to"
      )
    }
  }

  private func show(lock path: String, _ wanted: [Platform]?) throws {
    var lock = try Self.lock(path)
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

  private static func image(_ path: String, with wanted: [Platform]?) throws -> Image {
    try refuseRecipe(path)
    let image = try ImageInput.image(at: path)
    if let missing = wanted?.first(where: { !image.platforms.contains($0) }) {
      let there = image.platforms.map(\.description).joined(separator: ", ")
      throw ComposeError(.notFound, path, "holds no image for \(missing), only for \(there)")
    }
    return image
  }

  private func write(_ name: String, of path: String, _ wanted: [Platform]?) throws {
    let image = try Self.image(path, with: wanted)
    let file = name == "-" ? nil : try OutputFile(name)
    let bytes = HTMLReport(try ImageReport(of: image, platforms: wanted)).bytes
    if let file { try file.write(bytes) } else { Console.write(bytes, to: 1) }
  }

  private func show(image path: String, _ wanted: [Platform]?) throws {
    let image = try Self.image(path, with: wanted)
    let chosen = image.platformImages.filter { wanted?.contains($0.platform) ?? true }
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
