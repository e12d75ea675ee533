import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Bounds how many content files are open at once: the packages of many images are more than a process may have
/// descriptors. Those that were opened first are closed first, and opened again when they are read.
final class OpenContentFiles: Sendable {
  static let shared = OpenContentFiles(most: DescriptorLimit.share(of: 3, most: 8192))

  private struct Place {
    weak var file: ContentFile?
  }

  private let most: Int
  /// Files that are open; one that must stay so may exceed the bound.
  private let count = Atomic<Int>(0)
  /// In the order in which they were opened.
  private let places = Mutex<[Place]>([])

  init(most: Int) { self.most = max(1, most) }

  var openCount: Int { count.load(ordering: .relaxed) }

  /// Notes that a file is open now, and closes others where that is one too many.
  func noteOpened(_ file: ContentFile) {
    count.add(1, ordering: .relaxed)
    places.withLock { places in
      places.append(Place(file: file))
      if places.count > 2 * most { places.removeAll { $0.file == nil } }
      var candidates = places.count - 1
      while candidates > 0, openCount > most {
        candidates -= 1
        let oldest = places.removeFirst()
        guard let file = oldest.file else { continue }
        // Where this was its last reference, its end takes no lock of this.
        if file.closeWhereIdle() { noteClosed() } else { places.append(oldest) }
      }
    }
  }

  func noteClosed() { count.subtract(1, ordering: .relaxed) }
}

/// How many descriptors the process may have beside those that it had from the start.
enum DescriptorLimit {
  /// A `part`-th of them as the limit was when this was first asked, at most `most`.
  static func share(of part: Int, most: Int) -> Int {
    share(of: part, most: most, limit: limit, taken: taken)
  }

  /// - Parameters:
  ///   - limit: of the process; below zero where there is none.
  ///   - taken: descriptors that are open for others' use. A caller may hand on any number of its own.
  static func share(of part: Int, most: Int, limit: Int, taken: Int) -> Int {
    limit < 0 ? most : max(8, min(most, (limit - min(max(taken, 0), limit)) / max(1, part)))
  }

  private static let limit = sysconf(Int32(_SC_OPEN_MAX))
  /// Whoever hands on any begins at the low numbers.
  private static let taken = (0..<1024).count { fcntl($0, F_GETFD) >= 0 }
}
