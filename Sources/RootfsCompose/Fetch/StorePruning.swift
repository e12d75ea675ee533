#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a store is to be bounded by.
public struct StoreBounds: Sendable {
  /// In bytes; nil sets none.
  public var size: Int64?
  /// The longest time since a file's last use, in seconds; nil sets none.
  public var age: Int64?

  /// In bytes and seconds; nil sets no bound.
  public init(size: Int64? = nil, age: Int64? = nil) {
    self.size = size
    self.age = age
  }
}

/// What pruning a store came to.
public struct StorePruning: Sendable {
  /// What was removed, or would be.
  public let removed: [StoreArea: StoreSum]
  /// What would have been removed, had it not been in use.
  public let spared: StoreSum
  /// What is left, whatever its area.
  public let remaining: StoreSum
  /// Whether a build worked with the store.
  public let isInUse: Bool
  /// Why some of it could not be removed.
  public let failure: ComposeError?

  /// Where a build is at work, what was used in so many seconds before is left to it.
  static let quietTime: Int64 = 3600

  /// Removes files from a store until it keeps its bounds: first what older versions of the program left in a form of
  /// their own, then what was used least recently, whatever its area.
  ///
  /// What other programs put there stays. Safe at any moment: builds make anew what they do not find, and read on
  /// what they hold open; where the process is killed, the rest stays. Where a build runs, what was used within the
  /// last hour is spared. With `isDryRun`, nothing is removed.
  public init(_ census: StoreCensus, to bounds: StoreBounds, isDryRun: Bool = false) {
    isInUse = StoreSession.isHeld(in: census.directory)
    let now = Int64(time(nil))
    var gone = [StoreCensus.Entry]()
    if !isDryRun {
      Store.removeLeftovers(in: census.directory)
      gone = census.entries.filter { [.work, .partial].contains($0.area) && !census.holds($0) }
    }
    let plan = Plan(
      census.without(gone), bounds, now: now, sparedSince: isInUse ? now - Self.quietTime : nil)
    var removal = Removal(directory: census.directory)
    let removed = gone + plan.chosen.filter { isDryRun || removal.remove($0) }
    if !isDryRun { removal.removeEmptyFolders() }
    self.removed = StoreCensus.sums(removed)
    spared = StoreCensus.sum(plan.spared)
    failure = removal.failure
    remaining = StoreCensus.sum(census.without(removed))
  }

  /// Which files go.
  struct Plan {
    private(set) var chosen = [StoreCensus.Entry]()
    private(set) var spared = [StoreCensus.Entry]()

    /// `sparedSince` in seconds since 1970: what was used later stays.
    init(_ entries: [StoreCensus.Entry], _ bounds: StoreBounds, now: Int64, sparedSince: Int64?) {
      var size = entries.lazy.map(\.size).saturatingSum
      // What can be made again without the network goes first of what was used at the same moment.
      let order = entries.filter(\.area.isPrunable).sorted {
        ($0.area == .outdated ? 0 : 1, $0.lastUse, $1.area, $0.path)
          < ($1.area == .outdated ? 0 : 1, $1.lastUse, $0.area, $1.path)
      }
      for entry in order {
        let isTooOld = bounds.age.map { entry.lastUse.seconds < now - $0 } ?? false
        guard isTooOld || bounds.size.map({ size > $0 }) ?? false else { continue }
        if let sparedSince, entry.lastUse.seconds > sparedSince {
          spared.append(entry)
        } else {
          chosen.append(entry)
          size -= entry.size
        }
      }
    }
  }

  private struct Removal {
    let directory: String
    private(set) var failure: ComposeError?
    private var folders = Set<String>()

    init(directory: String) { self.directory = directory }

    /// Whether the file is gone. One that was used since it was counted stays.
    mutating func remove(_ entry: StoreCensus.Entry) -> Bool {
      let path = directory + "/" + entry.path
      if entry.area == .partial {
        return Store.removeIfUnlocked(path) { $0 == entry.lastUse }
      }
      var status = stat()
      guard lstat(path, &status) == 0 else { return errno == ENOENT }
      guard UseTime(status) == entry.lastUse else { return false }
      guard unlink(path) == 0 || errno == ENOENT else {
        failure = failure ?? failed(path)
        return false
      }
      if entry.area == .outdated { folders.insert(entry.path) }
      return true
    }

    private func failed(_ path: String) -> ComposeError {
      ComposeError(
        .storeUnwritable, path,
        "cannot be removed: \(errnoText()); run this as the store's owner")
    }

    /// Nobody writes into the folders of outdated forms any more; the others' are few and stay.
    func removeEmptyFolders() {
      for path in folders.sorted() {
        var path = path[...]
        while let slash = path.lastIndex(of: "/") {
          path = path[..<slash]
          guard rmdir(directory + "/" + path) == 0 else { break }
        }
      }
    }
  }
}
