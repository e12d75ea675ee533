import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// A store with a few files, each last used at a moment of its own.
final class SampleStore {
  let scratch: TemporaryDirectory
  var path: String { scratch.file("store") }

  init() throws {
    scratch = try TemporaryDirectory()
    for (name, size, time) in [
      ("tmp/.gate", 0, 0), ("lock", 0, 0),
      ("sha256/aa/" + Self.hex("a"), 1_500_000, 1_767_323_045),
      ("sha256/bb/" + Self.hex("b"), 2_000, 1_770_000_000),
      ("images/blobs/sha256/" + Self.hex("c"), 300, 1_771_000_000),
      ("notes", 3, 1_771_000_000), ("built/" + Self.hex("d"), 40, 1_772_000_000),
    ] {
      let file = try scratch.write([UInt8](repeating: 1, count: size), to: "store/" + name)
      try Self.use(file, at: time)
    }
  }

  /// A name that a digest could have, of one letter.
  static func hex(_ letter: Character) -> String { String(repeating: letter, count: 64) }

  /// Has a file look as if it had been used at a moment, in seconds since 1970.
  static func use(_ path: String, at seconds: Int) throws {
    let time = timeval(tv_sec: seconds, tv_usec: 0)
    // Another process may have removed it.
    guard utimes(path, [time, time]) == 0 || errno == ENOENT else {
      throw TestSupportError("\(path): \(String(cString: strerror(errno)))")
    }
  }

  /// The subcommand's outcome, the folder's own path left out.
  func run(_ command: String, _ more: [String] = []) throws -> (
    code: Int32, output: String, errors: String
  ) {
    let outcome = try ComposeProgram.run(["cache", command, "--store", path] + more)
    func relative(_ text: String) -> String { text.replacing(scratch.path + "/", with: "") }
    return (outcome.exitCode, relative(outcome.output), relative(outcome.errors))
  }

  func files() throws -> [String] { try FileListing.files(below: path) }
}
