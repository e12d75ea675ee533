import CCurl
import Synchronization

/// HTTP and HTTPS over libcurl: proxies from the environment, keep-alive, TLS by the system's library.
final class CurlTransport: HTTPTransport {
  struct Options: Sendable {
    var userAgent = "dhi-compose"
    /// In seconds.
    var connectTimeout = 20
    /// A transfer that stays below 16 bytes a second for so many seconds has failed.
    var stallTimeout = 30
    /// PEM file with the certificate authorities to trust; nil for libcurl's own.
    var authorities: String?
    /// Directory with the same, or several separated by colons.
    var authorityDirectory: String?

    /// The CA settings that curl (`CURL_CA_BUNDLE`) and OpenSSL (`SSL_CERT_FILE`, `SSL_CERT_DIR`) read.
    init(environment: [String: String] = [:]) {
      func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
      authorities = value("CURL_CA_BUNDLE") ?? value("SSL_CERT_FILE")
      authorityDirectory = value("SSL_CERT_DIR")
    }
  }

  private let options: Options
  /// Handles at rest, with their open connections. The one used last is taken first, so that connections are warm.
  private let idle = Mutex<[CurlHandle]>([])

  init(options: Options) {
    self.options = options
  }

  func get(
    _ request: HTTPRequest, into sink: any TransferSink, cancellation: CancellationFlag,
    begin: @escaping (HTTPHead) throws -> Bool
  ) throws -> HTTPHead {
    try cancellation.check()
    let handle = try idle.withLock { $0.popLast() } ?? CurlHandle(for: request.url)
    defer { idle.withLock { $0.append(handle) } }
    let exchange = CurlExchange(sink: sink, cancellation: cancellation, begin: begin)
    return try handle.perform(request, options: options, exchange: exchange)
  }
}

/// What libcurl's callbacks work on while one request runs. Used by one thread.
final class CurlExchange {
  private let sink: any TransferSink
  private let cancellation: CancellationFlag
  private let begin: (HTTPHead) throws -> Bool
  private(set) var head = HTTPHead(status: 0)
  /// An error of the project's own that ended the transfer.
  private(set) var failure: (any Error)?
  private var headSize = 0
  private var wantsBody: Bool?
  private var dropped = 0

  init(
    sink: any TransferSink, cancellation: CancellationFlag,
    begin: @escaping (HTTPHead) throws -> Bool
  ) {
    self.sink = sink
    self.cancellation = cancellation
    self.begin = begin
  }

  var isCancelled: Bool { cancellation.isCancelled }

  /// Takes one line of the head; false ends the transfer.
  func take(line bytes: UnsafeRawBufferPointer) -> Bool {
    headSize += bytes.count
    guard headSize <= 256 << 10 else { return false }
    // Some servers end lines with LF alone. A CR or LF that stayed would break the request that a value is sent in.
    let line = String(decoding: bytes.prefix { $0 != 0x0d && $0 != 0x0a }, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      // A 1xx response comes before the real one, and each has its own head.
      let status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      head = HTTPHead(status: status)
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...]
      head.fields[line[..<colon].lowercased()] = String(value.trimmingBlanks())
    }
    return true
  }

  /// Takes bytes of the body; false ends the transfer.
  func take(body bytes: UnsafeRawBufferPointer) -> Bool {
    do {
      try cancellation.check()
      guard try startBody() else {
        // A short body of no interest is read to its end: the connection can then be used again.
        dropped += bytes.count
        return dropped <= 64 << 10
      }
      try sink.write(bytes)
      return true
    } catch {
      failure = error
      return false
    }
  }

  /// Calls `begin` where no byte of a body did.
  func finish() throws { _ = try startBody() }

  private func startBody() throws -> Bool {
    if let wantsBody { return wantsBody }
    let answer = try begin(head)
    wantsBody = answer
    return answer
  }

  /// Whether the transfer ended early only because its body is of no interest.
  var endedByChoice: Bool { failure == nil && wantsBody == false && dropped > 64 << 10 }
}

extension StringProtocol {
  /// Without spaces and tabs at both ends.
  func trimmingBlanks() -> SubSequence {
    var text = self[...]
    while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
    while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
    return text
  }
}
