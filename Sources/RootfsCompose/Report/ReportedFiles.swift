import OCIImage
import PkgResolve

/// The files of an image's tree with their owners: what the parts of a report are counted from.
struct ReportedFiles {
  struct File {
    let path: TreePath
    /// In bytes; nought for every name of a hard link but the first.
    let size: Int64
    let mode: UInt16
    let hasCapabilities: Bool
    /// nil where no package ships it.
    let package: String?
  }

  /// All that is no directory, in byte order.
  let files: [File]
  /// A file's bytes, links followed; nil where there is none, or too large a one.
  let contents: (TreePath) -> [UInt8]?

  static let contentLimit = 4 << 20

  var total: ImageReport.Share {
    ImageReport.Share(files: files.count, size: files.lazy.map(\.size).saturatingSum)
  }

  /// What of each package is there, by name, and what is no package's.
  func shares() -> (packages: [String: ImageReport.Share], unowned: ImageReport.Share) {
    var packages = [String: ImageReport.Share]()
    var unowned = ImageReport.Share()
    for file in files {
      if let package = file.package {
        packages[package, default: ImageReport.Share()].add(file.size)
      } else {
        unowned.add(file.size)
      }
    }
    return (packages, unowned)
  }

  var setIDPaths: [String] {
    files.filter { $0.mode & 0o6000 != 0 }.map(\.path.description)
  }

  var capabilityPaths: [String] { files.filter(\.hasCapabilities).map(\.path.description) }

  func text(_ path: TreePath) -> String? {
    contents(path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The name that os-release gives the system.
  var release: String? {
    let places: [TreePath] = ["etc/os-release", "usr/lib/os-release"]
    return places.lazy.compactMap(text).first.flatMap { ImageSummary.Release($0).prettyName }
  }

  /// Of a Debian package, from its copyright file.
  func licence(of package: String) -> PackageLicence {
    guard let name = TreePath(package) else { return .unknown }
    let folder: TreePath = "usr/share/doc"
    let path = folder.appending(name).appending("copyright")
    guard let bytes = contents(path) else { return .unknown }
    return PackageLicence(copyright: bytes, at: path.description)
  }

  func users() -> [ImageReport.Account] {
    rows("etc/passwd", fields: 7).map { fields in
      ImageReport.Account(
        name: fields[0], number: fields[2], belonging: fields[3], home: fields[5],
        shell: fields[6])
    }
  }

  func groups() -> [ImageReport.Account] {
    rows("etc/group", fields: 4).map { fields in
      ImageReport.Account(name: fields[0], number: fields[2], belonging: fields[3])
    }
  }

  /// Source: passwd(5), group(5).
  private func rows(_ path: TreePath, fields: Int) -> [[String]] {
    (contents(path) ?? []).split(separator: UInt8(ascii: "\n")).prefix(10_000).compactMap { line in
      let parts = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      return parts.count >= fields && !parts[0].isEmpty ? parts : nil
    }
  }
}

extension ImageReport.Share {
  mutating func add(_ bytes: Int64) {
    files += 1
    size = [size, bytes].saturatingSum
  }
}

extension ReportedFiles {
  init(_ composition: Composition) {
    let tree = composition.tree
    var groups = Set<FileEntry.LinkGroup>()
    files = tree.entries.compactMap { path, entry in
      guard !entry.isDirectory else { return nil }
      var size: Int64 = 0
      if case .regular(let content, let group) = entry.kind,
        group.map({ groups.insert($0).inserted }) ?? true
      {
        size = Int64(content.count)
      }
      return File(
        path: path, size: size, mode: entry.mode,
        hasCapabilities: entry.xattrs["security.capability"] != nil,
        package: composition.ledger.owners[path])
    }
    contents = { path in
      guard let content = tree.resolve(path).flatMap({ tree[$0]?.content }),
        content.count <= Self.contentLimit
      else { return nil }
      return try? content.bytes()
    }
  }
}
