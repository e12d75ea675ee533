import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Parses the text of an index in parts that are cut between records.
enum IndexText {
  typealias Parser = @Sendable (IndexPart) throws(ResolveError) -> TableChunk

  static func parse(
    _ bytes: Span<UInt8>, threads: Int, format: IndexFormat, requiresPackageFiles: Bool,
    origin: PackageOrigin, _ parser: Parser
  ) throws(ResolveError) -> PackageTable {
    guard bytes.count <= PackageIndex.sizeLimit else {
      throw ResolveError(
        .invalidIndex, origin.name,
        "is over \(PackageIndex.sizeLimit >> 30) GiB; expected an index")
    }
    let chunks = try bytes.withUnsafeBufferPointer { text throws(ResolveError) in
      let parts = IndexPart.parts(of: text, count: threads, origin: origin)
      guard parts.count > 1 else { return [try parser(parts[0])] }
      return try concurrently(parts, parser)
    }
    return try TableAssembly.table(
      of: chunks, format: format, requiresPackageFiles: requiresPackageFiles, origin: origin)
  }

  /// The first part that fails, in the order of the text, gives the error: the same as when there is one part only.
  private static func concurrently(
    _ parts: [IndexPart], _ parser: Parser
  ) throws(ResolveError) -> [TableChunk] {
    var results = [Result<TableChunk, ResolveError>?](repeating: nil, count: parts.count)
    results.withUnsafeMutableBufferPointer { results in
      // Each iteration writes to a place of its own.
      nonisolated(unsafe) let results = results
      DispatchQueue.concurrentPerform(iterations: parts.count) { position in
        results[position] = Result { () throws(ResolveError) in try parser(parts[position]) }
      }
    }
    var chunks = [TableChunk]()
    for case .some(let result) in results { chunks.append(try result.get()) }
    return chunks
  }
}

/// A range of an index's text that starts and ends between records.
///
/// Unchecked because nobody writes to the text while it is parsed.
struct IndexPart: @unchecked Sendable {
  /// The whole text.
  let text: UnsafePointer<UInt8>
  let start: Int
  let end: Int
  let origin: PackageOrigin

  /// At most `count` parts that are about equally long.
  static func parts(
    of text: UnsafeBufferPointer<UInt8>, count: Int, origin: PackageOrigin
  ) -> [IndexPart] {
    // An empty text has no address; no byte of this one is read.
    let base = text.baseAddress ?? UnsafePointer(bitPattern: 1).unsafelyUnwrapped
    var parts = [IndexPart]()
    var start = 0
    let count = max(1, min(count, 256))
    for number in 1...count {
      let target = max(start, text.count / count * number)
      let end = number == count ? text.count : boundary(in: text, from: target)
      guard end > start || (number == count && parts.isEmpty) else { continue }
      parts.append(IndexPart(text: base, start: start, end: end, origin: origin))
      start = end
    }
    return parts
  }

  /// The end of the first empty line at or after a place that may be anywhere in a line.
  private static func boundary(in text: UnsafeBufferPointer<UInt8>, from place: Int) -> Int {
    var place = place
    while place < text.count {
      guard text[place] == UInt8(ascii: "\n") else {
        place += 1
        continue
      }
      place += 1
      if place < text.count, text[place] == UInt8(ascii: "\r") { place += 1 }
      if place < text.count, text[place] == UInt8(ascii: "\n") { return place + 1 }
    }
    return text.count
  }

  /// Number of the line, from 1, that a place of the text is in. Counted only where something is wrong.
  func line(of place: Int) -> Int {
    var line = 1
    var position = 0
    while position < place, let next = memchr(text + position, 10, place - position) {
      position = UnsafeRawPointer(next) - UnsafeRawPointer(text) + 1
      line += 1
    }
    return line
  }

  /// The end of the line that starts at `start`: the place of its line feed, or the end of the part.
  @inline(__always)
  func lineEnd(from start: Int) -> Int {
    guard let feed = memchr(text + start, 10, end - start) else { return end }
    return UnsafeRawPointer(feed) - UnsafeRawPointer(text)
  }

  func string(_ extent: Extent) -> String {
    String(
      decoding: UnsafeBufferPointer(start: text + Int(extent.start), count: Int(extent.count)),
      as: UTF8.self)
  }

  func bytes(_ extent: Extent) -> [UInt8] {
    Array(UnsafeBufferPointer(start: text + Int(extent.start), count: Int(extent.count)))
  }

  func fault(_ message: String, at place: Int) -> ResolveError {
    ResolveError(.invalidIndex, "\(origin.name):\(line(of: place))", message)
  }
}

/// A range of an index's text, in half the memory of `Range<Int>`: an index is at most 1 GiB.
struct Extent {
  var start: UInt32 = 0
  var count: UInt32 = 0
  @inline(__always) var isEmpty: Bool { count == 0 }
  @inline(__always) var end: Int { Int(start) + Int(count) }
  @inline(__always) var length: Int { Int(count) }
}
