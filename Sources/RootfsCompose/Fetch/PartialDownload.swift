import OCIImage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One download by digest: `partial/<hex>` is locked, filled, checked, and moved to its place.
struct PartialDownload {
  let store: Store
  let client: HTTPClient
  let file: RemoteFile
  let cancellation: CancellationFlag

  private var path: String { store.directory + "/partial/" + file.digest.hex }

  func fetch(progress: Downloader.ProgressHandler?) throws -> StoredFile {
    let descriptor = try lock()
    defer {
      removeIfEmpty(descriptor)
      // The file may be held open for long: whoever waits for the lock would wait as long.
      flock(descriptor, LOCK_UN)
      close(descriptor)
    }
    // Another process or thread may have brought it while this one waited for the lock.
    if let stored = try store.open(file.digest, size: file.size, cancellation: cancellation) {
      unlink(path)
      return stored
    }
    var failure: (any Error)?
    var tried = [TriedPlaces.Place]()
    for text in file.urls {
      do {
        return try fetch(ResourceURL(text), descriptor, progress: progress)
      } catch let error as ComposeError where error.code == .storeUnwritable {
        unlink(path)
        throw error
      } catch let error as ComposeError where error.code == .cancelled {
        throw error
      } catch {
        // Wrong bytes on one mirror matter more than that the next lacks the file.
        if (failure as? ComposeError)?.code != .digestMismatch { failure = error }
        tried.append(.init(url: ResourceURL.redacted(text), error: error))
      }
    }
    if tried.count > 1, let error = failure as? ComposeError, error.underlying == nil {
      throw ComposeError(
        error.code, error.subject, error.message, underlying: TriedPlaces(places: tried))
    }
    throw failure
      ?? ComposeError(.notFound, file.digest.description, "is not in the store and has no URL")
  }

  /// An empty file is of no use to the next run. The lock is held, so that the name is still this file's, unless it
  /// was moved to its place.
  private func removeIfEmpty(_ descriptor: Int32) {
    var held = stat()
    var named = stat()
    guard fstat(descriptor, &held) == 0, held.st_size == 0, stat(path, &named) == 0,
      held.st_ino == named.st_ino, held.st_dev == named.st_dev
    else { return }
    unlink(path)
  }

  private func fetch(
    _ url: ResourceURL, _ descriptor: Int32, progress: Downloader.ProgressHandler?
  ) throws -> StoredFile {
    let sink = FileSink(
      descriptor: descriptor, path: path, subject: url.text, size: file.size,
      limit: Downloader.largestFile,
      progress: progress.map { report in { report(.init(url, $0, file.size)) } })
    try sink.adopt(cancellation: cancellation)
    let resumed = sink.count > 0
    do {
      try transfer(url, into: sink)
      return try admit(sink, descriptor, url)
    } catch let error as ComposeError where error.code == .digestMismatch {
      // Emptied and not removed: the next URL fills the same file.
      try sink.restart()
      guard resumed else { throw error }
    }
    // What an earlier run left did not fit: the file is fetched whole.
    do {
      try transfer(url, into: sink)
      return try admit(sink, descriptor, url)
    } catch let error as ComposeError where error.code == .digestMismatch {
      try sink.restart()
      throw error
    }
  }

  private func transfer(_ url: ResourceURL, into sink: FileSink) throws {
    if let size = file.size, sink.count == size, size > 0 { return }
    _ = try client.get(url, isPinned: true, into: sink, cancellation: cancellation)
  }

  private func admit(
    _ sink: FileSink, _ descriptor: Int32, _ url: ResourceURL
  ) throws(ComposeError) -> StoredFile {
    if let size = file.size, sink.count != size {
      throw ComposeError(
        .digestMismatch, url.text, "expected \(size) bytes, found \(sink.count); \(Self.advice)")
    }
    let count = sink.count
    guard let found = sink.finish(), found == file.digest else {
      throw ComposeError(
        .digestMismatch, url.text,
        "expected \(file.digest), found another digest in its \(count) bytes; \(Self.advice)")
    }
    return try store.admit(
      StoredFile(path: path, digest: found, size: count, held: .holding(descriptor)))
  }

  private static let advice =
    "the mirror may be changing, or the file is not the one that was promised: "
    + "try again, or lock anew"

  /// Opens the partial file and waits until no other process or thread holds it.
  private func lock() throws(ComposeError) -> Int32 {
    while true {
      let descriptor = Store.open(path, O_RDWR | O_CREAT)
      guard descriptor >= 0 else { throw Store.unwritable(path, "cannot be written") }
      while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        guard errno == EWOULDBLOCK || errno == EINTR else {
          let error = Store.unwritable(path, "cannot be locked")
          close(descriptor)
          throw error
        }
        usleep(20_000)
        do throws(ComposeError) {
          try cancellation.check()
        } catch {
          close(descriptor)
          throw error
        }
      }
      // The holder before may have moved the file to its place or removed it: then this is no longer it.
      var held = stat()
      var named = stat()
      if fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino,
        held.st_dev == named.st_dev
      {
        return descriptor
      }
      close(descriptor)
    }
  }
}

/// Where a file was looked for in vain, and why each place could not serve it.
struct TriedPlaces: Error {
  struct Place {
    /// Without credentials.
    let url: String
    let error: any Error

    /// Whether it was not asked.
    var isOutOfReach: Bool { (error as? ComposeError)?.isNotInStore == true }

    var description: String {
      guard let error = error as? ComposeError else { return "\(url): \(error)" }
      return "\(url): \(error.message)"
    }
  }

  let places: [Place]
}
