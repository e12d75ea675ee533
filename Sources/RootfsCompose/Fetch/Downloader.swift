import OCIImage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file whose digest is known before it is fetched.
public struct RemoteFile: Sendable, Hashable {
  /// Tried in their order. http, https, file, or absolute paths.
  public var urls: [String]
  /// SHA-256 of the whole file.
  public var digest: Digest
  /// In bytes, where known.
  public var size: Int64?

  public init(urls: [String], digest: Digest, size: Int64? = nil) {
    self.urls = urls
    self.digest = digest
    self.size = size
  }
}

/// How far a file has come.
public struct FetchProgress: Sendable {
  /// Without credentials.
  public let url: String
  /// In bytes.
  public let received: Int64
  /// In bytes, where known.
  public let total: Int64?
}

/// Fetches files into a store, several at once.
public final class Downloader: Sendable {
  /// Is told how far a transfer has come, on the thread that carries it out.
  public typealias ProgressHandler = @Sendable (FetchProgress) -> Void

  /// Where fetched files go.
  public let store: Store
  let pool: BlockingPool
  private let client: HTTPClient
  /// Documents that a bundle brought, by their URLs: they stand for what the URLs give.
  private let documents: [String: Digest]

  /// Whether no server may be asked.
  var isOffline: Bool { client.isOffline }

  /// No file fetched by digest is larger. In bytes.
  static let largestFile: Int64 = 16 << 30

  /// Fetches over libcurl, `downloads` files at a time.
  ///
  /// `environment` gives CA settings; libcurl reads the proxy variables itself. The credentials in `mirrors` serve
  /// all URLs of the same origin: locks hold URLs without. Where `isOffline` is true, no server is asked for anything:
  /// what is neither in the store nor in a folder of the host is an error.
  public convenience init(
    store: Store, downloads: Int, environment: [String: String], userAgent: String,
    mirrors: [String] = [], isOffline: Bool = false
  ) throws(ComposeError) {
    try self.init(
      store: store, downloads: downloads, environment: environment, userAgent: userAgent,
      mirrors: mirrors, isOffline: isOffline, documents: [:])
  }

  convenience init(
    store: Store, downloads: Int, environment: [String: String], userAgent: String,
    mirrors: [String], isOffline: Bool, documents: [String: Digest]
  ) throws(ComposeError) {
    var options = CurlTransport.Options(environment: environment)
    options.userAgent = userAgent
    var client = HTTPClient(transport: CurlTransport(options: options))
    for mirror in mirrors {
      let url = try ResourceURL(mirror)
      if case .web(let origin, _) = url.place, let credentials = url.credentials {
        client.credentials[origin] = credentials
      }
    }
    client.isOffline = isOffline
    self.init(store: store, client: client, downloads: downloads, documents: documents)
  }

  init(
    store: Store, client: HTTPClient, downloads: Int, documents: [String: Digest] = [:]
  ) {
    self.store = store
    self.client = client
    self.documents = documents
    pool = BlockingPool(threads: downloads, name: "download")
  }

  /// The file with the digest, from the store or from the first URL that has it. A file in the store needs no
  /// network.
  ///
  /// Throws ``ComposeError``: `digestMismatch`, `notFound`, `network`, `storeUnwritable`, `cancelled`.
  public func fetch(
    _ file: RemoteFile, progress: ProgressHandler? = nil
  ) async throws -> StoredFile {
    try await pool.run { [self] flag in
      if let stored = try store.open(file.digest, size: file.size, cancellation: flag) {
        return stored
      }
      return try PartialDownload(store: store, client: client, file: file, cancellation: flag)
        .fetch(progress: progress)
    }
  }

  /// A file whose digest is not known yet, of at most `limit` bytes. The digest found is what a lock records.
  public func fetchUnpinned(
    url: String, limit: Int64, progress: ProgressHandler? = nil
  ) async throws -> StoredFile {
    if let digest = documents[ResourceURL.redacted(url)] {
      return try await fetch(RemoteFile(urls: [url], digest: digest), progress: progress)
    }
    return try await fetchUnpinned(url: url, size: nil, limit: limit, progress: progress) { _, _ in
    }.file
  }

  /// The same for a file that something else than its digest vouches for: `examine` is given it before the store takes
  /// it in, and where it throws, nothing of the file is left. A transfer of over `size` bytes is ended.
  func fetchUnpinned<Finding: Sendable>(
    url: String, size: Int64?, limit: Int64, progress: ProgressHandler?,
    examine: @escaping @Sendable (StoredFile, CancellationFlag) throws -> Finding
  ) async throws -> (file: StoredFile, finding: Finding) {
    try await pool.run { [self] flag in
      let url = try ResourceURL(url)
      let entry = try store.workFile()
      let sink = FileSink(
        descriptor: entry.descriptor, path: entry.path, subject: url.text, size: size,
        limit: limit, progress: progress.map { report in { report(.init(url, $0, nil)) } })
      _ = try client.get(url, into: sink, cancellation: flag)
      guard let digest = sink.finish() else {
        throw ComposeError(.storeUnwritable, entry.path, "was finished twice")
      }
      let file = StoredFile(
        path: entry.path, digest: digest, size: sink.count, held: .holding(entry.descriptor))
      let finding = try examine(file, flag)
      fchmod(entry.descriptor, 0o644)
      let stored = try store.admit(file)
      entry.disown()
      return (stored, finding)
    }
  }

  /// A small document that changes under its URL, such as InRelease, asked for anew each time; a server that says it
  /// is unchanged spares the transfer. Its bytes are as trustworthy as the URL: callers verify them each time.
  func document(url: ResourceURL, limit: Int64, useCache: Bool = true) async throws -> [UInt8] {
    try await pool.run { [self] flag in
      if let digest = documents[url.text],
        let file = try store.open(digest, cancellation: flag)
      {
        return try store.read(file, limit: limit)
      }
      return try KeyedDocument(store: store, url: url, limit: limit)
        .fetch(client: client, useCache: useCache, cancellation: flag)
    }
  }
}

extension FetchProgress {
  init(_ url: ResourceURL, _ received: Int64, _ total: Int64?) {
    self.init(url: url.text, received: received, total: total)
  }
}
