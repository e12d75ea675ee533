import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The folder that a recipe stands in: local sources are read from it and from nowhere else.
struct RecipeFolder {
  struct Item {
    /// Below the source named, `/` between components; empty for the source itself.
    let relativePath: String
    let hostPath: String
    let isDirectory: Bool
    let isExecutable: Bool
  }

  /// The largest local file, in bytes.
  static let maximumFileSize = 256 << 20
  /// The most files and directories below one source.
  static let maximumItems = 20_000

  let path: String

  /// The host's path of a source, symbolic links resolved.
  ///
  /// Throws ``ComposeError`` at `location` where the source is absolute, climbs out of the folder by `..` or by a
  /// link, or is not there.
  func resolve(_ source: String, _ location: SourceLocation) throws(ComposeError) -> String {
    let parts = source.utf8.split(separator: UInt8(ascii: "/"))
    guard !source.isEmpty, !source.hasPrefix("/"), !source.utf8.contains(0),
      !parts.contains(where: { $0.elementsEqual("..".utf8) })
    else {
      throw ComposeError(
        .unsafePath, location.description,
        "the source \"\(source)\" is not a path below the recipe's folder; write it relative, without \"..\""
      )
    }
    guard let root = Self.realPath(path) else {
      throw ComposeError(.inputUnreadable, path, "cannot find the recipe's folder: \(errnoText())")
    }
    guard let real = Self.realPath(path + "/" + source) else {
      throw ComposeError(
        .inputUnreadable, location.description,
        "cannot find the source \"\(source)\" in the recipe's folder: \(errnoText())")
    }
    guard real == root || real.hasPrefix(root == "/" ? "/" : root + "/") else {
      throw ComposeError(
        .unsafePath, location.description,
        "the source \"\(source)\" is a link that leads out of the recipe's folder; copy the file into it"
      )
    }
    return real
  }

  /// A source and, for a directory, all below it in byte order.
  func items(_ source: String, _ location: SourceLocation) throws(ComposeError) -> [Item] {
    var items = [Item]()
    var pending = [""]
    while let relative = pending.popLast() {
      guard items.count < Self.maximumItems else {
        throw ComposeError(
          .limitExceeded, location.description,
          "the source \"\(source)\" holds over \(Self.maximumItems) files; name a smaller directory"
        )
      }
      let host = try resolve(relative.isEmpty ? source : source + "/" + relative, location)
      var status = stat()
      guard stat(host, &status) == 0 else {
        throw ComposeError(.inputUnreadable, host, "cannot look at it: \(errnoText())")
      }
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      items.append(
        Item(
          relativePath: relative, hostPath: host, isDirectory: isDirectory,
          isExecutable: status.st_mode & S_IXUSR != 0))
      guard isDirectory else { continue }
      for name in try Self.names(in: host) {
        pending.append(relative.isEmpty ? name : relative + "/" + name)
      }
    }
    return items.sorted {
      $0.relativePath.utf8.lexicographicallyPrecedes($1.relativePath.utf8)
    }
  }

  /// A regular file of the host as content: in memory, or in the spool where there is one and the file is large.
  static func load(
    _ hostPath: String, limit: Int, spool: ContentSpool?
  ) throws(ComposeError) -> Content {
    let bytes = try withFile(hostPath, limit: limit) { (descriptor, size) throws(ComposeError) in
      try readAll(descriptor, size: size, hostPath)
    }
    let largeFile = 1 << 20
    guard let spool, bytes.count > largeFile else { return Content(bytes) }
    do {
      return try bytes.withUnsafeBytes { try spool.append($0) }
    } catch let error as ComposeError {
      throw error
    } catch {
      throw ComposeError(.storeUnwritable, "spool file", "cannot write", underlying: error)
    }
  }

  /// Hands `body` a regular file of the host, open for reading, and its size in bytes.
  static func withFile<Result>(
    _ hostPath: String, limit: Int,
    _ body: (_ descriptor: Int32, _ size: Int) throws(ComposeError) -> Result
  ) throws(ComposeError) -> Result {
    let descriptor = open(hostPath, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw ComposeError(.inputUnreadable, hostPath, "cannot open it: \(errnoText())")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw ComposeError(.inputUnreadable, hostPath, "is not a regular file; expected one")
    }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw ComposeError(
        .limitExceeded, hostPath, "is \(size) bytes; expected at most \(limit)")
    }
    return try body(descriptor, size)
  }

  private static func readAll(
    _ descriptor: Int32, size: Int, _ hostPath: String
  ) throws(ComposeError) -> [UInt8] {
    var failure: String?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      filled = 0
      while filled < size, failure == nil {
        let got = read(descriptor, buffer.baseAddress! + filled, size - filled)
        if got < 0 && errno == EINTR { continue }
        if got <= 0 {
          failure = got == 0 ? "it shrank while it was read" : errnoText()
        } else {
          filled += got
        }
      }
    }
    if let failure { throw ComposeError(.inputUnreadable, hostPath, "cannot read it: \(failure)") }
    return bytes
  }

  private static func names(in hostPath: String) throws(ComposeError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: hostPath)
    } catch {
      throw ComposeError(
        .inputUnreadable, hostPath, "cannot list the directory", underlying: error)
    }
  }

  private static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
