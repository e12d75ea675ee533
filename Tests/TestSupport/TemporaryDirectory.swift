import FoundationEssentials
import Glibc
import Synchronization

/// Directories that are still there. Those that static values hold go at the process's end.
private let leftovers = Mutex<Set<String>>([])

/// Has the process remove ``leftovers`` as it ends; made once.
private let removal: Void = {
  atexit {
    for path in leftovers.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
  }
}()

/// A directory of a test's own, removed with all it holds when the last reference goes, at the latest when the tests end.
public final class TemporaryDirectory: Sendable {
  public let path: String

  public init() throws {
    var template = Array("/tmp/dhi-compose-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw TestSupportError(
        "cannot make a temporary directory: \(String(cString: strerror(errno)))")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    _ = removal
    leftovers.withLock { [path] in _ = $0.insert(path) }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
    leftovers.withLock { [path] in _ = $0.remove(path) }
  }

  /// The path of `name` in the directory.
  public func file(_ name: String) -> String { path + "/" + name }

  /// Makes `name` a directory; it may be there already.
  public func makeDirectory(_ name: String) throws -> String {
    try FileManager.default.createDirectory(
      atPath: file(name), withIntermediateDirectories: true)
    return file(name)
  }

  /// Writes `bytes` to `name`, its directories made where they are missing; returns the path.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) throws -> String {
    try writeFile(bytes, to: file(name))
    return file(name)
  }

  /// Writes text, as ``write(_:to:)-([UInt8],String)``.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  /// The bytes of `name`.
  public func read(_ name: String) throws -> [UInt8] { try readFile(file(name)) }
}

/// A test's fixture that could not be made.
public struct TestSupportError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

func writeFile(_ bytes: [UInt8], to path: String) throws {
  if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
    try FileManager.default.createDirectory(
      atPath: String(path[..<slash]), withIntermediateDirectories: true)
  }
  try Data(bytes).write(to: URL(filePath: path))
}

func readFile(_ path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(filePath: path)))
}
