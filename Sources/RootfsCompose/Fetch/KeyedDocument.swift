import OCIImage

/// A document kept in the store by its URL, with what its server called that version.
struct KeyedDocument {
  let store: Store
  let url: ResourceURL
  /// In bytes.
  let limit: Int64

  func fetch(
    client: HTTPClient, useCache: Bool, cancellation: CancellationFlag
  ) throws -> [UInt8] {
    guard case .web = url.place else {
      let sink = MemorySink(subject: url.text, limit: limit)
      _ = try client.get(url, into: sink, cancellation: cancellation)
      return sink.bytes
    }
    let kept = useCache || client.isOffline ? load() : nil
    if client.isOffline, let kept { return kept.body }
    let sink = MemorySink(subject: url.text, limit: limit)
    let head = try client.get(
      url, fields: kept?.conditions ?? [], into: sink, cancellation: cancellation)
    if head.status == 304, let kept { return kept.body }
    try save(head, sink.bytes)
    return sink.bytes
  }

  private struct Kept {
    var tag: String
    var date: String
    var body: [UInt8]

    var conditions: [(name: String, value: String)] {
      if !tag.isEmpty { return [(name: "If-None-Match", value: tag)] }
      return date.isEmpty ? [] : [(name: "If-Modified-Since", value: date)]
    }
  }

  private var path: String {
    store.directory + "/keyed/" + Digest.sha256(of: Array(url.text.utf8)).hex
  }

  /// Three lines, ETag, Last-Modified and the document's digest, before the document. A file that is none is passed
  /// over, and so is one that was damaged: a server that says "unchanged" would keep it for ever.
  private func load() -> Kept? {
    guard let bytes = SmallFile.contents(of: path, limit: Int(limit) + 4_096) else { return nil }
    let parts = bytes.split(
      separator: UInt8(ascii: "\n"), maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, parts[2].elementsEqual(Self.digestLine(Array(parts[3]))) else {
      return nil
    }
    return Kept(
      tag: String(decoding: parts[0], as: UTF8.self),
      date: String(decoding: parts[1], as: UTF8.self), body: Array(parts[3]))
  }

  private func save(_ head: HTTPHead, _ body: [UInt8]) throws(ComposeError) {
    let tag = head["etag"] ?? ""
    let date = head["last-modified"] ?? ""
    guard tag.utf8.count + date.utf8.count < 4_000 else { return }
    try store.replace(
      path, with: Array("\(tag)\n\(date)\n".utf8) + Self.digestLine(body) + [0x0a] + body)
  }

  private static func digestLine(_ body: [UInt8]) -> [UInt8] {
    Array(Digest.sha256(of: body).description.utf8)
  }
}
