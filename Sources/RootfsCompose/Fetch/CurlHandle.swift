import CCurl

/// One of libcurl's easy handles, with the connections it keeps open. Used by one thread at a time.
final class CurlHandle: @unchecked Sendable {
  private let curl: CurlLibrary
  private let handle: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>

  /// Throws ``TransportFailure``, and ``ComposeError`` with the code `missingTool` and the subject `url`.
  init(for url: ResourceURL) throws {
    curl = try CurlLibrary.loaded(for: url.text)
    guard CurlLibrary.isStarted, let handle = curl.easyInit() else {
      throw TransportFailure(message: "libcurl cannot start", retry: .never)
    }
    self.handle = handle
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl.easyCleanup(handle)
    errorText.deallocate()
  }

  func perform(
    _ request: HTTPRequest, options: CurlTransport.Options, exchange: CurlExchange
  ) throws -> HTTPHead {
    curl.easyReset(handle)
    errorText[0] = 0
    let fields = HeaderList(request.fields, curl)
    try set(request, options: options)
    try check(dhi_curl_set_list(curl.easySetopt, handle, CURLOPT_HTTPHEADER, fields.list))
    try setCallbacks(exchange)
    let code = withExtendedLifetime((fields, exchange)) { curl.easyPerform(handle) }
    // The handle rests with no pointer to what this call owns.
    curl.easyReset(handle)
    if let failure = exchange.failure { throw failure }
    if code == CURLE_ABORTED_BY_CALLBACK && exchange.isCancelled {
      throw ComposeError(.cancelled, "", "cancelled")
    }
    if code == CURLE_OK {
      try exchange.finish()
    } else if !exchange.endedByChoice {
      throw failure(code)
    }
    return exchange.head
  }

  private func set(_ request: HTTPRequest, options: CurlTransport.Options) throws {
    try check(dhi_curl_set_pointer(curl.easySetopt, handle, CURLOPT_ERRORBUFFER, errorText))
    try check(dhi_curl_set_string(curl.easySetopt, handle, CURLOPT_URL, request.url.text))
    try check(dhi_curl_set_string(curl.easySetopt, handle, CURLOPT_USERAGENT, options.userAgent))
    if let credentials = request.credentials {
      try check(dhi_curl_set_string(curl.easySetopt, handle, CURLOPT_USERNAME, credentials.user))
      try check(
        dhi_curl_set_string(curl.easySetopt, handle, CURLOPT_PASSWORD, credentials.password))
    }
    if let path = options.authorities {
      try check(dhi_curl_set_string(curl.easySetopt, handle, CURLOPT_CAINFO, path))
    }
    if let path = options.authorityDirectory {
      try check(dhi_curl_set_string(curl.easySetopt, handle, CURLOPT_CAPATH, path))
    }
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
      (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
      (CURLOPT_CONNECTTIMEOUT, options.connectTimeout), (CURLOPT_LOW_SPEED_LIMIT, 16),
      (CURLOPT_LOW_SPEED_TIME, options.stallTimeout), (CURLOPT_NOPROGRESS, 0),
      (CURLOPT_TCP_KEEPALIVE, 1),
    ]
    // Only a wish: libcurl 7.88 refuses it on a handle whose last transfer failed (code 43), though curl_easy_reset
    // was called.
    _ = dhi_curl_set_long(curl.easySetopt, handle, CURLOPT_BUFFERSIZE, 128 << 10)
    for (option, value) in numbers {
      try check(dhi_curl_set_long(curl.easySetopt, handle, option, value))
    }
  }

  private func setCallbacks(_ exchange: CurlExchange) throws {
    let context = Unmanaged.passUnretained(exchange).toOpaque()
    try check(dhi_curl_set_pointer(curl.easySetopt, handle, CURLOPT_WRITEDATA, context))
    try check(dhi_curl_set_pointer(curl.easySetopt, handle, CURLOPT_HEADERDATA, context))
    try check(dhi_curl_set_pointer(curl.easySetopt, handle, CURLOPT_XFERINFODATA, context))
    try check(
      dhi_curl_set_data_callback(curl.easySetopt, handle, CURLOPT_HEADERFUNCTION) {
        bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let exchange = Unmanaged<CurlExchange>.fromOpaque(context).takeUnretainedValue()
        let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return exchange.take(line: line) ? line.count : 0
      })
    try check(
      dhi_curl_set_data_callback(curl.easySetopt, handle, CURLOPT_WRITEFUNCTION) {
        bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let exchange = Unmanaged<CurlExchange>.fromOpaque(context).takeUnretainedValue()
        let body = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return exchange.take(body: body) ? body.count : 0
      })
    try check(
      dhi_curl_set_progress_callback(curl.easySetopt, handle) { context, _, _, _, _ in
        guard let context else { return 1 }
        let exchange = Unmanaged<CurlExchange>.fromOpaque(context).takeUnretainedValue()
        return exchange.isCancelled ? 1 : 0
      })
  }

  private func check(_ code: CURLcode) throws {
    guard code == CURLE_OK else {
      throw TransportFailure(message: text(code), retry: .never)
    }
  }

  private func text(_ code: CURLcode) -> String {
    let detail = String(cString: errorText)
    guard detail.isEmpty else { return detail }
    return curl.easyStrerror(code).map { String(cString: $0) } ?? "code \(code.rawValue)"
  }

  private func failure(_ code: CURLcode) -> TransportFailure {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST:
      TransportFailure(
        message:
          "cannot resolve the host name; check the network or give --mirror with another one",
        retry: .once)
    case CURLE_COULDNT_RESOLVE_PROXY:
      TransportFailure(
        message: "cannot resolve the proxy's host name; check http_proxy and https_proxy",
        retry: .once)
    case CURLE_COULDNT_CONNECT:
      TransportFailure(
        message:
          "cannot connect (\(text(code))); check the network or give --mirror with another one",
        retry: .often)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
      TransportFailure(
        message: "the server's certificate is not trusted (\(text(code))); "
          + "name the authority's file in SSL_CERT_FILE",
        retry: .never)
    case CURLE_OPERATION_TIMEDOUT, CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR,
      CURLE_RECV_ERROR, CURLE_SSL_CONNECT_ERROR:
      TransportFailure(
        message: "the transfer broke (\(text(code))); try again, or give --mirror with another one",
        retry: .often)
    default:
      TransportFailure(message: "the transfer failed (\(text(code)))", retry: .never)
    }
  }
}

/// A list of header fields as libcurl takes it.
private final class HeaderList {
  private let curl: CurlLibrary
  private(set) var list: UnsafeMutablePointer<curl_slist>?

  init(_ fields: [(name: String, value: String)], _ curl: CurlLibrary) {
    self.curl = curl
    for field in fields {
      if let longer = curl.listAppend(list, field.name + ": " + field.value) { list = longer }
    }
  }

  deinit { curl.listFreeAll(list) }
}
