import FoundationEssentials
import OCIImage
import PkgResolve

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What was built before, and where it lies: an image that would come out the same again is recognised before anything
/// is read but the recipe and its lock.
///
/// `built/<key>` in the store holds a checksum and the record. The key covers all that an image depends on: the recipe,
/// the lock, the files of the recipe's folder that go into it, the program, and how and where the image is written.
public struct FinishedImages: Sendable {
  private let store: Store

  init(store: Store) { self.store = store }

  /// What names one build. `form` is everything else that the caller's choice of options changes, and `output` is where
  /// the image goes.
  ///
  /// nil where no build can be recognised: a local file of the recipe was touched only now, or cannot be read.
  public func key(
    of recipe: Recipe, lock: [UInt8], platforms: [Platform], form: [String], output: String
  ) -> Digest? {
    guard let program = Self.program, let sources = Self.localSources(of: recipe, platforms),
      let place = Self.absolute(output)
    else { return nil }
    let parts: [String] =
      [
        ToolVersion.tool, program, recipe.path, recipe.recipeDigest.hex,
        recipe.distribution ?? "", Digest.sha256(of: lock).hex, place,
        platforms.map(\.description).joined(separator: ","),
      ] + form + sources
    return Self.key(parts)
  }

  /// No part can be mistaken for two.
  static func key(_ parts: [String]) -> Digest {
    let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
    return Digest.sha256(of: Array(text.utf8))
  }

  /// What tells this program from another build of it; nil where /proc is not mounted.
  static var program: String? { FileIdentity("/proc/self/exe")?.digest.hex }

  /// What ``note(_:output:report:)`` was given for a key, where the output is still as it was left then.
  public func report(of key: Digest, output: String) -> [UInt8]? {
    guard let body = Self.body(at: path(of: key), limit: 16 << 20),
      let record = try? JSONDecoder().decode(Record.self, from: Data(body)),
      record.files == Self.files(of: output)
    else { return nil }
    return Array(record.report.utf8)
  }

  /// Remembers an image that was just written.
  public func note(_ key: Digest, output: String, report: [UInt8]) {
    guard let files = Self.files(of: output),
      let body = try? JSONEncoder().encode(
        Record(files: files, report: String(decoding: report, as: UTF8.self)))
    else { return }
    Self.write(Array(body), to: path(of: key), store)
  }

  /// What a file of `built/` holds behind its checksum; nil where there is none that it fits.
  static func body(at path: String, limit: Int) -> [UInt8]? {
    guard let bytes = SmallFile.contents(of: path, limit: limit), bytes.count > 65
    else { return nil }
    let body = Array(bytes[65...])
    return bytes[..<64].elementsEqual(Digest.sha256(of: body).hex.utf8) ? body : nil
  }

  static func write(_ body: [UInt8], to path: String, _ store: Store) {
    do throws(ComposeError) {
      try store.replace(path, with: Array((Digest.sha256(of: body).hex + "\n").utf8) + body)
    } catch {
      // Without it, the next run does the work once more.
    }
  }

  private func path(of key: Digest) -> String { store.directory + "/built/" + key.hex }

  private struct Record: Codable {
    /// The output's files and what the file system says of each.
    let files: [String: String]
    let report: String
  }

  /// The files that an output consists of, by their path in it; nil where it is not there.
  private static func files(of output: String) -> [String: String]? {
    var files = [String: String]()
    if let identity = FileIdentity(output) { return ["": identity.withoutChangeTime] }
    for folder in ["", "/blobs/sha256"] {
      guard let names = DirectoryListing.names(in: output + folder) else { return nil }
      for name in names {
        guard let identity = FileIdentity("\(output)\(folder)/\(name)") else { continue }
        files["\(folder)/\(name)"] = identity.withoutChangeTime
      }
    }
    return files
  }

  private static func absolute(_ path: String) -> String? {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  /// The files of the recipe's folder that go into the image, each with what the file system says of it.
  static func localSources(of recipe: Recipe, _ platforms: [Platform]) -> [String]? {
    var found = [String]()
    let folder = RecipeFolder(path: recipe.folder)
    let now = Int64(time(nil))
    for platform in platforms {
      let definition = recipe.definition.substituted(for: platform)
      let files = definition.contents.files.filter { TextForm.scheme(of: $0.url) != "https" }
        .map { ($0.url.hasPrefix("file://") ? String($0.url.dropFirst(7)) : $0.url, $0.location) }
      let paths = definition.paths.compactMap { item in
        item.kind == .symlink ? nil : item.source.map { ($0, item.location) }
      }
      for (source, location) in files + paths {
        guard let items = try? folder.items(source, location) else { return nil }
        for item in items {
          guard item.isDirectory || FileIdentity(item.hostPath)?.isSettled(at: now) == true else {
            return nil
          }
          let identity = FileIdentity(item.hostPath)?.digest.hex ?? "directory"
          found += [source, item.relativePath, item.hostPath, identity]
        }
      }
    }
    return found
  }
}

extension ComposerSession {
  /// What was built before with the same store.
  public var finished: FinishedImages { FinishedImages(store: downloader.store) }
}
