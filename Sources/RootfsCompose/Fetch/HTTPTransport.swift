/// Status and header fields of a response, the field names in lower case.
struct HTTPHead: Sendable, Equatable {
  var status: Int
  var fields: [String: String] = [:]

  subscript(name: String) -> String? { fields[name] }
}

/// One GET.
struct HTTPRequest: Sendable {
  var url: ResourceURL
  /// Sent to `url` alone.
  var credentials: Credentials?
  var fields: [(name: String, value: String)] = []
}

/// Takes the bytes of a transfer as they come.
protocol TransferSink: AnyObject {
  /// How many bytes it holds: where a broken transfer goes on.
  var count: Int64 { get }

  /// Drops all bytes it holds.
  func restart() throws(ComposeError)

  func write(_ bytes: UnsafeRawBufferPointer) throws(ComposeError)
}

/// Why a transfer failed below HTTP.
struct TransportFailure: Error {
  /// How often it is worth another try.
  enum Retry { case never, once, often }

  var message: String
  var retry: Retry
}

/// What carries out HTTP requests.
protocol HTTPTransport: Sendable {
  /// Carries out one request and follows no redirect. Blocks the thread.
  ///
  /// Before the first byte of a body, `begin` is called with the head; it says whether the body is wanted, and
  /// bytes of an unwanted one are dropped. Throws ``TransportFailure``, ``ComposeError`` where `begin` or `sink`
  /// does, and ``ComposeError`` with the code `cancelled`.
  func get(
    _ request: HTTPRequest, into sink: any TransferSink, cancellation: CancellationFlag,
    begin: @escaping (HTTPHead) throws -> Bool
  ) throws -> HTTPHead
}
