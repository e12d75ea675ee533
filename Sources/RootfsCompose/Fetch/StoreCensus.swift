#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// When a file of a store was last used.
struct UseTime: Sendable, Comparable {
  /// Since 1970.
  let seconds: Int64
  let nanoseconds: Int64

  init(_ status: stat) {
    seconds = Int64(status.st_mtim.tv_sec)
    nanoseconds = Int64(status.st_mtim.tv_nsec)
  }

  static func < (one: UseTime, other: UseTime) -> Bool {
    (one.seconds, one.nanoseconds) < (other.seconds, other.nanoseconds)
  }
}

/// How many files there are of something, and how large.
public struct StoreSum: Sendable, Equatable {
  /// How many there are.
  public private(set) var files = 0
  /// In bytes.
  public private(set) var size: Int64 = 0
  /// The use that was longest ago, in seconds since 1970; nil where there is no file.
  public private(set) var oldestUse: Int64?
  /// The latest use, in seconds since 1970; nil where there is no file.
  public private(set) var newestUse: Int64?

  /// Of no file.
  public init() {}

  mutating func add(_ entry: StoreCensus.Entry) {
    files += 1
    size = [size, entry.size].saturatingSum
    oldestUse = min(oldestUse ?? .max, entry.lastUse.seconds)
    newestUse = max(newestUse ?? .min, entry.lastUse.seconds)
  }
}

/// The files that a store holds.
public struct StoreCensus: Sendable {
  struct Entry: Sendable {
    /// From the store's folder.
    let path: String
    let area: StoreArea
    /// In bytes.
    let size: Int64
    let lastUse: UseTime
  }

  /// As it was given.
  public let directory: String
  let entries: [Entry]

  /// Counts the files of the store in `directory`; nil where there is no such directory, or it is empty.
  ///
  /// Builds may work with the store meanwhile. Throws ``ComposeError``: `inputUnreadable` where the directory is none,
  /// or something else than a store; `storeUnreadable`.
  public init?(directory: String) throws(ComposeError) {
    self.directory = directory
    guard let names = try Self.names(in: directory), !names.isEmpty else { return nil }
    guard access(directory + "/tmp/.gate", F_OK) == 0 else {
      throw ComposeError(
        .inputUnreadable, directory,
        "is no store, for it has no file tmp/.gate; name the folder that builds keep their downloads in"
      )
    }
    var entries = [Entry]()
    for name in names where name != StoreSession.fileName {
      try Self.count([name], below: directory, into: &entries)
    }
    self.entries = entries
  }

  /// How deep folders of a store may lie: far deeper than any of ours.
  private static let greatestDepth = 32

  private static func count(
    _ path: [String], below directory: String, into entries: inout [Entry]
  ) throws(ComposeError) {
    let relative = path.joined(separator: "/")
    var status = stat()
    // What is gone by now was pruned or moved.
    guard relative != "tmp/.gate", lstat(directory + "/" + relative, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      entries.append(
        Entry(
          path: relative, area: StoreArea(of: path), size: Int64(status.st_size),
          lastUse: UseTime(status)))
      return
    }
    guard path.count < greatestDepth else { return }
    for name in try names(in: directory + "/" + relative) ?? [] {
      try count(path + [name], below: directory, into: &entries)
    }
  }

  private static func names(in directory: String) throws(ComposeError) -> [String]? {
    if let names = DirectoryListing.names(in: directory) { return names }
    if errno == ENOENT { return nil }
    let isFile = errno == ENOTDIR
    throw ComposeError(
      isFile ? .inputUnreadable : .storeUnreadable, directory,
      isFile
        ? "is no folder; name the one that builds keep their downloads in"
        : "cannot be read: \(errnoText()); run this as the store's owner")
  }

  /// The sum of each area that has files.
  public var areas: [StoreArea: StoreSum] { Self.sums(entries) }

  /// The sum of all files.
  public var total: StoreSum { Self.sum(entries) }

  func without(_ gone: [Entry]) -> [Entry] {
    let paths = Set(gone.map(\.path))
    return entries.filter { !paths.contains($0.path) }
  }

  /// Whether a file that was counted is still there.
  func holds(_ entry: Entry) -> Bool {
    var status = stat()
    return lstat(directory + "/" + entry.path, &status) == 0
  }

  static func sums(_ entries: some Sequence<Entry>) -> [StoreArea: StoreSum] {
    entries.reduce(into: [:]) { $0[$1.area, default: StoreSum()].add($1) }
  }

  static func sum(_ entries: some Sequence<Entry>) -> StoreSum {
    entries.reduce(into: StoreSum()) { $0.add($1) }
  }
}
