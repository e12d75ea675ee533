import CCurl

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// User name and password, decoded.
struct Credentials: Hashable, Sendable {
  let user: String
  let password: String
}

/// A place that bytes are fetched from: an http or https URL, or a local file.
///
/// The text never holds credentials: they are taken out when a URL is read, so that no message and no lock can
/// show them. Source: RFC 3986.
struct ResourceURL: Hashable, Sendable, CustomStringConvertible {
  enum Place: Hashable, Sendable {
    /// `origin` is scheme, host and port: `https://host:443`.
    case web(origin: String, isSecure: Bool)
    case file(path: String)
  }

  /// The URL without credentials and fragment.
  let text: String
  let place: Place
  let credentials: Credentials?

  var description: String { text }

  /// Reads an http, https or file URL, or an absolute path.
  ///
  /// Throws ``ComposeError``, the subject without credentials: `invalidRecipe`, and `missingTool` where the host has no
  /// libcurl to read a web URL with.
  init(_ text: String) throws(ComposeError) {
    if let path = try Self.localPath(text) {
      self.init(path: path)
      return
    }
    guard let parts = try WebURLParts(text) else { throw Self.invalid(text) }
    self.init(parts: parts)
  }

  /// A local file or directory. `path` is absolute.
  init(path: String) {
    text = "file://" + Self.encoded(path: path)
    place = .file(path: path)
    credentials = nil
  }

  private init(parts: WebURLParts) {
    text = parts.text
    place = .web(
      origin: "\(parts.scheme)://\(parts.host):\(parts.port)", isSecure: parts.scheme == "https")
    credentials = parts.user.map { Credentials(user: $0, password: parts.password ?? "") }
  }

  /// The base of a mirror: as a URL, but a relative path is allowed and a slash at the end is dropped.
  static func base(_ text: String, workingDirectory: String) throws(ComposeError) -> ResourceURL {
    var text = text
    if !text.contains("://") && !text.hasPrefix("file:") && !text.hasPrefix("/") {
      guard text.hasPrefix("./") || text.hasPrefix("../") || text == "." || text == ".." else {
        throw invalid(text)
      }
      text = workingDirectory + "/" + text
    }
    while text.count > 1 && text.hasSuffix("/") && !text.hasSuffix("//") { text.removeLast() }
    let url = try ResourceURL(text)
    guard case .file(let path) = url.place else { return url }
    return ResourceURL(path: normalized(path))
  }

  /// The URL that a redirect leads to; nil where it is none of http and https. Credentials it carries are dropped.
  func redirected(to location: String) -> ResourceURL? {
    // It was libcurl that met the redirect, so that it is there.
    (try? WebURLParts(location, relativeTo: text)).map { ResourceURL(parts: $0) }
  }

  /// The URL of a path below this one.
  ///
  /// Throws ``ComposeError`` with the code `unsafePath` where a component is empty, `.` or `..`.
  func appending(path: String) throws(ComposeError) -> ResourceURL {
    let components = path.split(separator: "/", omittingEmptySubsequences: false)
    guard components.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }), !path.contains("\0")
    else {
      throw ComposeError(
        .unsafePath, text,
        "names the file \"\(path)\"; expected a path below the archive's base without \"..\"")
    }
    if case .file(let base) = place {
      return ResourceURL(path: (base == "/" ? "" : base) + "/" + path)
    }
    // libcurl writes a URL without a path as "http://host/".
    let base = text.hasSuffix("/") ? text : text + "/"
    return try ResourceURL(base + Self.encoded(path: path)).with(credentials)
  }

  func with(_ credentials: Credentials?) -> ResourceURL {
    ResourceURL(text: text, place: place, credentials: credentials)
  }

  private init(text: String, place: Place, credentials: Credentials?) {
    self.text = text
    self.place = place
    self.credentials = credentials
  }

  /// A URL, a path or a line with several URLs, for messages and locks: without user names and passwords.
  static func redacted(_ text: String) -> String {
    var result = ""
    var rest = text
    while let scheme = rest.range(of: "://") {
      result += rest[..<scheme.upperBound]
      let tail = rest[scheme.upperBound...]
      let authority = tail.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
      let start = authority.lastIndex(of: "@").map { tail.index(after: $0) } ?? tail.startIndex
      rest = String(tail[start...])
    }
    return result + rest
  }

  private static func invalid(_ text: String) -> ComposeError {
    // Where a name and a password end is anybody's guess in what is no URL: at the last @, to be sure.
    let shown = text.lastIndex(of: "@").map { "…" + text[$0...] } ?? text
    return ComposeError(
      .invalidRecipe, shown,
      "expected an http, https or file URL, or a path that begins with / or ./")
  }

  private static func localPath(_ text: String) throws(ComposeError) -> String? {
    guard !text.utf8.contains(0) else { throw invalid(text) }
    if text.hasPrefix("/") { return text }
    guard text.hasPrefix("file:") else { return nil }
    var rest = text.dropFirst(5)
    if rest.hasPrefix("//") {
      rest = rest.dropFirst(2)
      if rest.hasPrefix("localhost/") { rest = rest.dropFirst(9) }
    }
    guard rest.hasPrefix("/"), let path = decoded(String(rest)) else { throw invalid(text) }
    return path
  }

  private static func decoded(_ text: String) -> String? {
    var bytes = [UInt8]()
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), value != 0
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func encoded(path: String) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/+:@=,".utf8)
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes = [UInt8]()
    for byte in path.utf8 {
      if plain.contains(byte) {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func normalized(_ path: String) -> String {
    var components = [Substring]()
    for component in path.split(separator: "/") where component != "." {
      if component == ".." { _ = components.popLast() } else { components.append(component) }
    }
    return "/" + components.joined(separator: "/")
  }
}

extension String {
  /// The first place where `needle` stands.
  fileprivate func range(of needle: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(needle) {
        return start..<index(start, offsetBy: needle.count)
      }
      start = index(after: start)
    }
    return nil
  }
}

/// An http or https URL as libcurl's parser reads it, so that checks and transfers cannot disagree about it.
private struct WebURLParts {
  let scheme, host, port, text: String
  let user, password: String?

  /// Throws ``ComposeError`` with the code `missingTool`.
  init?(_ text: String, relativeTo base: String? = nil) throws(ComposeError) {
    let curl = try CurlLibrary.loaded(for: ResourceURL.redacted(text))
    guard let handle = curl.url() else { return nil }
    defer { curl.urlCleanup(handle) }
    func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
      Self.part(part, of: handle, UInt32(flags), curl)
    }
    if let base, curl.urlSet(handle, CURLUPART_URL, base, 0) != CURLUE_OK { return nil }
    guard curl.urlSet(handle, CURLUPART_URL, text, 0) == CURLUE_OK,
      let scheme = part(CURLUPART_SCHEME),
      scheme == "http" || scheme == "https",
      let host = part(CURLUPART_HOST),
      let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT)
    else { return nil }
    self.scheme = scheme
    self.host = host.lowercased()
    self.port = port
    user = part(CURLUPART_USER, CURLU_URLDECODE)
    password = part(CURLUPART_PASSWORD, CURLU_URLDECODE)
    guard curl.urlSet(handle, CURLUPART_USER, nil, 0) == CURLUE_OK,
      curl.urlSet(handle, CURLUPART_PASSWORD, nil, 0) == CURLUE_OK,
      curl.urlSet(handle, CURLUPART_FRAGMENT, nil, 0) == CURLUE_OK,
      let whole = part(CURLUPART_URL)
    else { return nil }
    self.text = whole
  }

  private static func part(
    _ part: CURLUPart, of handle: OpaquePointer, _ flags: UInt32, _ curl: CurlLibrary
  ) -> String? {
    var pointer: UnsafeMutablePointer<CChar>?
    guard curl.urlGet(handle, part, &pointer, flags) == CURLUE_OK, let pointer else { return nil }
    defer { curl.free(pointer) }
    return String(cString: pointer)
  }
}
