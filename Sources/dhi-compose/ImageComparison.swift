import FoundationEssentials
import OCIImage
import PkgResolve
import RootfsCompose

/// Several images side by side, as `show` prints them: what one who chooses between them wants to know.
struct ImageComparison {
  private struct Column {
    let path: String
    let digest: String
    let size: Int64
    let platforms: [ShownImage]
  }

  private let columns: [Column]
  /// In the order in which the images have them.
  private let platforms: [String]

  /// Reads the images. Throws ``ComposeError`` or `OCIError`, with `notFound` where none is for a platform wanted.
  init(_ paths: [String], platforms wanted: [Platform]?) throws {
    columns = try paths.map { path in
      let image = try ImageInput.image(at: path)
      let chosen = image.platformImages.filter { wanted?.contains($0.platform) ?? true }
      return Column(
        path: path, digest: image.digest.description, size: image.size,
        platforms: try chosen.map {
          ShownImage(
            $0, try ImageContents(of: $0, in: image), try ImageSummary(of: $0, in: image))
        })
    }
    var seen = [String]()
    for image in columns.flatMap(\.platforms) where !seen.contains(image.platform) {
      seen.append(image.platform)
    }
    platforms = seen
    for platform in wanted ?? [] where !platforms.contains(platform.description) {
      throw ComposeError(
        .notFound, paths.joined(separator: ", "), "none holds an image for \(platform)")
    }
  }

  private func images(_ platform: String) -> [ShownImage?] {
    columns.map { column in column.platforms.first { $0.platform == platform } }
  }

  private var comparison: Comparison {
    Comparison(
      heads: Comparison.heads(columns.map(\.path)), common: [],
      sections: platforms.map { platform in
        let images = images(platform)
        return Comparison.Section(
          platform: platform, holders: images.indices.filter { images[$0] != nil },
          rows: Self.rows(images), packages: Self.packages(images))
      })
  }

  private static func packages(_ images: [ShownImage?]) -> PackageComparison {
    PackageComparison(images.map { $0?.packages.map { ($0.name, $0.version) } })
  }

  func print() { comparison.print() }

  private static func rows(_ images: [ShownImage?]) -> [ComparisonTable.Row] {
    let there = images.map { $0 != nil }
    func row(_ label: String, _ text: (ShownImage) -> String) -> ComparisonTable.Row {
      let cells = images.map { $0.map(text) }
      return ComparisonTable.Row(label, cells, of: cells, there: there)
    }
    func sizes(
      _ label: String, _ size: (ShownImage) -> Int64, _ text: (Int64) -> String = { "\($0)" }
    ) -> ComparisonTable.Row {
      let values = images.map { $0.map(size) }
      return ComparisonTable.Row(
        label, Comparison.relative(values, text), of: values, there: there)
    }
    return [
      row("distribution") { $0.distributionText },
      row("libc") { $0.libraryText },
      sizes("packed", { $0.size }, byteText),
      sizes("unpacked", { $0.unpackedSize }, byteText),
      sizes("files", { Int64($0.files) }),
      sizes("packages", { Int64($0.packages.count) }),
      row("shell") { list($0.summary?.shells ?? []) },
      row("package manager") { list($0.summary?.packageManagers ?? []) },
      row("setuid") { list($0.setIDPaths) },
      row("CA certificates") { $0.certificateText },
      row("time zones") { $0.summary.map { $0.timeZones == 0 ? "none" : "\($0.timeZones)" } ?? "" },
      row("user") { $0.config?.user ?? "0:0" },
      row("entrypoint") { words($0.config?.entrypoint) },
      row("cmd") { words($0.config?.command) },
      row("work-dir") { $0.config?.workingDirectory ?? "/" },
      row("stop-signal") { $0.config?.stopSignal ?? "SIGTERM" },
      row("ports") { list($0.config?.exposedPorts.sorted() ?? []) },
    ] + environment(images)
      + [
        row("created") { $0.created ?? "unknown" },
        ComparisonTable.Row(
          "manifest", images.map { $0.map { String($0.manifest.prefix(19)) + "…" } },
          of: images.map { $0?.manifest }, there: there),
      ]
  }

  /// A row for each variable that differs, and one for the names of the rest.
  private static func environment(_ images: [ShownImage?]) -> [ComparisonTable.Row] {
    let variables = images.map { image in
      image.map { image in
        Dictionary(
          (image.config?.environment ?? []).map { text in
            let sign = text.firstIndex(of: "=") ?? text.endIndex
            return (String(text[..<sign]), String(text[sign...].dropFirst()))
          }, uniquingKeysWith: { $1 })
      }
    }
    let names = Set(variables.flatMap { $0.map { Array($0.keys) } ?? [] }).sorted()
    let rows = names.map { name in
      let values = variables.map { $0?[name] }
      return ComparisonTable.Row(
        "env \(name)", values, of: values, there: images.map { $0 != nil })
    }
    let same = rows.filter { !$0.differs }.map { String($0.label.dropFirst(4)) }
    guard !same.isEmpty else { return rows }
    let text = same.joined(separator: " ")
    return [
      ComparisonTable.Row("env, the same", images.map { $0 == nil ? nil : text }, differs: false)
    ]
      + rows.filter(\.differs)
  }

  private static func words(_ words: [String]?) -> String {
    let text = (words ?? []).joined(separator: " ")
    return text.isEmpty ? "none" : text
  }

  /// A few names of many.
  private static func list(_ names: [String]) -> String {
    if names.isEmpty { return "none" }
    let more = names.count > 6 ? " and \(names.count - 6) more" : ""
    return names.prefix(6).joined(separator: " ") + more
  }
}

extension ImageComparison {
  /// What `show --json` prints of several images.
  private struct Report: Encodable {
    struct Image: Encodable {
      let path: String
      let digest: String
      let size: Int64
      let platforms: [ShownImage]
    }
    struct Platform: Encodable {
      let platform: String
      /// The rows that differ, by their names in the table.
      let differing: [String]
      /// Versions in the order of the images, null where one has no such package.
      let packages: PackageComparison
    }
    let images: [Image]
    let comparison: [Platform]
  }

  func json() throws -> String {
    let differing = comparison.differing
    return try JSONOutput.text(
      Report(
        images: columns.map {
          Report.Image(path: $0.path, digest: $0.digest, size: $0.size, platforms: $0.platforms)
        },
        comparison: platforms.map { platform in
          Report.Platform(
            platform: platform, differing: differing[platform] ?? [],
            packages: Self.packages(images(platform)))
        }))
  }
}

extension ShownImage {
  fileprivate var distributionText: String {
    guard let release = summary?.release else { return "unknown" }
    let identity = [release.id, release.versionID].compactMap { $0 }.joined(separator: " ")
    return release.prettyName ?? (identity.isEmpty ? "unknown" : identity)
  }

  /// With the versions of the packages that bring them.
  fileprivate var libraryText: String {
    let names = summary?.libraries ?? []
    if names.isEmpty { return "none" }
    return names.map { name in
      let package = packages.first { $0.name == (name == "glibc" ? "libc6" : name) }
      return ([name] + (package.map { [$0.version] } ?? [])).joined(separator: " ")
    }.joined(separator: ", ")
  }

  fileprivate var certificateText: String {
    guard let bundle = summary?.certificateBundle else { return "none" }
    return "\(bundle.certificates) in \(bundle.path)"
  }
}
