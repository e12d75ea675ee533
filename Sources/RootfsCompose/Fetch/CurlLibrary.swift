import CCurl

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// libcurl's functions, loaded when the first web URL is read: the library brings thirty others with it, and to load
/// them takes longer than all else that the program does before it looks at its arguments.
///
/// The functions are pointers into a library that stays loaded, and thread-safe as libcurl says of them.
struct CurlLibrary: @unchecked Sendable {
  typealias Handle = UnsafeMutableRawPointer
  typealias Text = UnsafeMutablePointer<CChar>
  typealias List = UnsafeMutablePointer<curl_slist>

  let globalInit: @convention(c) (Int) -> CURLcode
  let easyInit: @convention(c) () -> Handle?
  /// Variadic, so that only ``CCurl`` can call it.
  let easySetopt: UnsafeMutableRawPointer
  let easyPerform: @convention(c) (Handle) -> CURLcode
  let easyReset: @convention(c) (Handle) -> Void
  let easyCleanup: @convention(c) (Handle) -> Void
  let easyStrerror: @convention(c) (CURLcode) -> UnsafePointer<CChar>?
  let listAppend: @convention(c) (List?, UnsafePointer<CChar>) -> List?
  let listFreeAll: @convention(c) (List?) -> Void
  let url: @convention(c) () -> OpaquePointer?
  let urlCleanup: @convention(c) (OpaquePointer) -> Void
  let urlSet: @convention(c) (OpaquePointer, CURLUPart, UnsafePointer<CChar>?, UInt32) -> CURLUcode
  let urlGet:
    @convention(c) (OpaquePointer, CURLUPart, UnsafeMutablePointer<Text?>, UInt32) -> CURLUcode
  let free: @convention(c) (UnsafeMutableRawPointer?) -> Void

  /// The names of the one binary interface that libcurl has had since 2006. Debian's builds for other TLS libraries
  /// have names of their own.
  static let names: [String] = {
    #if canImport(Darwin)
      ["libcurl.4.dylib"]
    #else
      ["libcurl.so.4", "libcurl-gnutls.so.4"]
    #endif
  }()

  private static let shared = CurlLibrary.load(names)

  /// Whether libcurl is ready for transfers; reading URLs asks nothing of it.
  static let isStarted: Bool =
    switch shared {
    case .success(let library): library.globalInit(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    case .failure: false
    }

  /// The library, for the URL `subject`, which holds no credentials.
  ///
  /// Throws ``ComposeError`` with the code `missingTool` where the host has none.
  static func loaded(for subject: String) throws(ComposeError) -> CurlLibrary {
    switch shared {
    case .success(let library): return library
    case .failure(let problem): throw problem.error(subject)
    }
  }

  /// Why no library could be loaded.
  struct LoadingProblem: Error {
    /// What the dynamic loader says.
    let reason: String

    func error(_ subject: String) -> ComposeError {
      ComposeError(
        .missingTool, subject,
        "cannot be fetched: libcurl cannot be loaded (\(reason)); install the package libcurl4, "
          + "or give --mirror with a local folder")
    }
  }

  /// The first of the libraries `names` that is there.
  static func load(_ names: [String]) -> Result<CurlLibrary, LoadingProblem> {
    var reasons = [String]()
    for name in names {
      guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
        reasons.append(dlerror().map { String(cString: $0) } ?? name)
        continue
      }
      do {
        return .success(try CurlLibrary(Symbols(library: library)))
      } catch {
        reasons.append(error.reason)
        dlclose(library)
      }
    }
    return .failure(LoadingProblem(reason: reasons.joined(separator: "; ")))
  }

  private init(_ symbols: Symbols) throws(LoadingProblem) {
    globalInit = try symbols.function("curl_global_init")
    easyInit = try symbols.function("curl_easy_init")
    easySetopt = try symbols.address("curl_easy_setopt")
    easyPerform = try symbols.function("curl_easy_perform")
    easyReset = try symbols.function("curl_easy_reset")
    easyCleanup = try symbols.function("curl_easy_cleanup")
    easyStrerror = try symbols.function("curl_easy_strerror")
    listAppend = try symbols.function("curl_slist_append")
    listFreeAll = try symbols.function("curl_slist_free_all")
    url = try symbols.function("curl_url")
    urlCleanup = try symbols.function("curl_url_cleanup")
    urlSet = try symbols.function("curl_url_set")
    urlGet = try symbols.function("curl_url_get")
    free = try symbols.function("curl_free")
  }
}

/// What a loaded library offers.
private struct Symbols {
  let library: UnsafeMutableRawPointer

  func address(_ name: String) throws(CurlLibrary.LoadingProblem) -> UnsafeMutableRawPointer {
    guard let address = dlsym(library, name) else {
      throw CurlLibrary.LoadingProblem(reason: dlerror().map { String(cString: $0) } ?? name)
    }
    return address
  }

  /// The function `name`, of the type that the caller knows it to have.
  func function<Function>(
    _ name: String, as type: Function.Type = Function.self
  ) throws(CurlLibrary.LoadingProblem) -> Function {
    unsafeBitCast(try address(name), to: type)
  }
}
