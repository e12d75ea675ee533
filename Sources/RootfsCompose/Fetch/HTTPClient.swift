#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How often and after how long a failed request is tried again.
struct RetryPolicy: Sendable {
  /// Tries in all. A try that brought at least a mebibyte starts the count anew.
  var tries = 5
  /// The first pause, in seconds; each further one is twice as long.
  var firstPause = 0.5
  /// No pause is longer, whatever a server asks for. In seconds.
  var longestPause = 8.0
  /// Every pause is multiplied by it.
  var scale = 1.0

  func pause(beforeTry number: Int, retryAfter: Double?) -> Double {
    let doubled = firstPause * Double(1 << min(max(number - 1, 0), 10))
    return min(max(doubled, retryAfter ?? 0), longestPause) * scale
  }
}

/// Fetches with redirects, retries and resumption over a transport; reads local files by itself.
struct HTTPClient: Sendable {
  let transport: any HTTPTransport
  var retry = RetryPolicy()
  /// By origin, for URLs that carry none themselves: locks hold URLs without credentials.
  var credentials: [String: Credentials] = [:]
  /// Whether no server may be asked.
  var isOffline = false

  private static let mostRedirects = 10

  /// Fetches `url` into `sink`, from the bytes it holds already on. Blocks the thread.
  ///
  /// Returns the head of the last response: status 200, 206, or 304 where `fields` make the request conditional.
  /// Where the caller knows no digest (`isPinned` is false), a broken transfer is resumed only if the server names the
  /// version: else the halves of two versions could be joined.
  func get(
    _ url: ResourceURL, fields: [(name: String, value: String)] = [], isPinned: Bool = false,
    into sink: any TransferSink, cancellation: CancellationFlag
  ) throws -> HTTPHead {
    if case .file(let path) = url.place {
      return try LocalFile(path: path).copy(into: sink, cancellation: cancellation)
    }
    if isOffline { throw ComposeError.notInStore(url.text) }
    var state = TransferState(fields: fields, most: sink.count)
    while true {
      do {
        return try attempt(url, state: &state, into: sink, cancellation: cancellation)
      } catch let failure as RetriableFailure {
        // Measured against the most ever held, or a server that starts over could go on for ever.
        if sink.count - state.most >= 1 << 20 {
          state.tries = 0
          state.most = sink.count
        }
        state.tries += 1
        if !isPinned && state.validator == nil { try sink.restart() }
        let tries = failure.once ? min(2, retry.tries) : retry.tries
        guard state.tries < tries else { throw failure.error }
        try rest(
          retry.pause(beforeTry: state.tries, retryAfter: failure.retryAfter), cancellation)
      }
    }
  }

  private func attempt(
    _ url: ResourceURL, state: inout TransferState, into sink: any TransferSink,
    cancellation: CancellationFlag
  ) throws -> HTTPHead {
    let offset = sink.count
    var current = url
    var sent = url.credentials ?? credentials(for: url)
    let resumption = ResumptionCheck(offset: offset, sink: sink)
    for _ in 0...Self.mostRedirects {
      let request = HTTPRequest(url: current, credentials: sent, fields: state.fields(offset))
      let head: HTTPHead
      do {
        head = try transport.get(
          request, into: sink, cancellation: cancellation, begin: resumption.begin)
      } catch let failure as TransportFailure {
        state.validator = resumption.validator ?? state.validator
        let error = ComposeError(.network, url.text, failure.message)
        if failure.retry == .never { throw error }
        throw RetriableFailure(error: error, once: failure.retry == .once)
      }
      state.validator = resumption.validator ?? state.validator
      if [301, 302, 303, 307, 308].contains(head.status) {
        let next = try redirect(from: current, head, asked: url)
        if next.place != current.place { sent = nil }
        current = next
        continue
      }
      try judge(
        head, url: url, offset: offset, isConditional: !state.conditions.isEmpty, sink: sink)
      return head
    }
    throw ComposeError(
      .network, url.text, "over \(Self.mostRedirects) redirects; expected the file")
  }

  private func credentials(for url: ResourceURL) -> Credentials? {
    guard case .web(let origin, _) = url.place else { return nil }
    return credentials[origin]
  }

  /// Follows a redirect: to http and https only, and from https never back to http.
  private func redirect(
    from current: ResourceURL, _ head: HTTPHead, asked: ResourceURL
  ) throws(ComposeError) -> ResourceURL {
    guard let location = head["location"], let next = current.redirected(to: location) else {
      throw ComposeError(
        .network, asked.text, "status \(head.status) leads to no http or https URL")
    }
    if case .web(_, true) = current.place, case .web(_, false) = next.place {
      throw ComposeError(
        .network, asked.text, "redirects from https to http; give the mirror's https URL")
    }
    return next
  }

  private func judge(
    _ head: HTTPHead, url: ResourceURL, offset: Int64, isConditional: Bool,
    sink: any TransferSink
  ) throws {
    switch head.status {
    case 200, 206: return
    case 304 where isConditional && offset == 0: return
    case 416 where offset > 0:
      // The bytes held are not the beginning of what the server has.
      try sink.restart()
      throw RetriableFailure(
        error: ComposeError(.network, url.text, "status 416: the server refuses to resume"))
    case 403, 404, 410:
      throw ComposeError(.notFound, url.text, "status \(head.status): the server does not have it")
    case 401, 407:
      throw ComposeError(
        .network, url.text,
        "status \(head.status): the server wants a user name and a password; "
          + "give them in the URL")
    case 408, 429, 500...599:
      throw RetriableFailure(
        error: ComposeError(
          .network, url.text, "status \(head.status): the server fails; try again later"),
        retryAfter: head["retry-after"].flatMap(Self.seconds))
    default:
      throw ComposeError(.network, url.text, "status \(head.status); expected 200")
    }
  }

  /// Reads `Retry-After`: seconds or a date. Source: RFC 9110 §10.2.3.
  private static func seconds(_ text: String) -> Double? {
    if let seconds = UInt32(text) { return Double(seconds) }
    guard let date = ArchiveDate(internet: text) else { return nil }
    return Double(max(0, min(date.seconds - Int64(time(nil)), 1 << 20)))
  }

  private func rest(_ seconds: Double, _ cancellation: CancellationFlag) throws(ComposeError) {
    var left = seconds
    while left > 0 {
      try cancellation.check()
      let slice = min(left, 0.05)
      usleep(useconds_t(slice * 1_000_000))
      left -= slice
    }
  }
}

/// What one try tells the next.
private struct TransferState {
  let conditions: [(name: String, value: String)]
  var tries = 0
  /// The most bytes ever held.
  var most: Int64
  /// What the server named the version whose bytes are held by: a strong ETag, else a date.
  var validator: String?

  init(fields: [(name: String, value: String)], most: Int64) {
    conditions = fields
    self.most = most
  }

  func fields(_ offset: Int64) -> [(name: String, value: String)] {
    guard offset > 0 else { return conditions }
    var fields = [(name: "Range", value: "bytes=\(offset)-")]
    if let validator { fields.append((name: "If-Range", value: validator)) }
    return fields
  }
}

private struct RetriableFailure: Error {
  var error: ComposeError
  var once = false
  var retryAfter: Double?
}

/// Judges the head of a response against what was asked for, before its first byte is taken.
private final class ResumptionCheck {
  private let offset: Int64
  private let sink: any TransferSink
  private(set) var validator: String?

  init(offset: Int64, sink: any TransferSink) {
    self.offset = offset
    self.sink = sink
  }

  func begin(_ head: HTTPHead) throws -> Bool {
    switch head.status {
    case 200:
      if sink.count > 0 { try sink.restart() }
    case 206:
      // `bytes 500-999/1000`. Source: RFC 9110 §14.4.
      guard let range = head["content-range"], range.hasPrefix("bytes "),
        let start = Int64(range.dropFirst(6).prefix { $0 != "-" }), start == offset, offset > 0
      else {
        try sink.restart()
        throw TransportFailure(
          message: "the server resumes at another place than asked for", retry: .often)
      }
    default:
      return false
    }
    if let tag = head["etag"], !tag.hasPrefix("W/") {
      validator = tag
    } else {
      validator = head["last-modified"]
    }
    return true
  }
}
