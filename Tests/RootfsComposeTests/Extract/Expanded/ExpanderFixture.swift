import FoundationEssentials
import OCIImage
import TestSupport

@testable import RootfsCompose

/// A store of a test's own, and packages that lie beside it as if they had been fetched.
struct ExpanderFixture: Sendable {
  let directory: TemporaryDirectory
  let store: Store
  let expander: PackageExpander

  init(threads: Int = 1) throws {
    directory = try TemporaryDirectory()
    store = try Store(directory: directory.file("store"))
    expander = PackageExpander(store: store, threads: threads)
  }

  /// Writes a package's bytes to a file.
  func file(_ bytes: [UInt8]) throws -> StoredFile {
    let digest = Digest.sha256(of: bytes)
    let path = try directory.write(bytes, to: digest.hex)
    return StoredFile(path: path, digest: digest, size: Int64(bytes.count))
  }

  func expand(
    _ file: StoredFile, form: PackageForm = .debian, isCancelled: @escaping () -> Bool = { false }
  ) throws -> UnpackedPackage {
    try expander.expand(file, subject: "it.deb", form: form, isCancelled: isCancelled)
  }

  /// The kept form's file, from the store's folder.
  func name(_ file: StoredFile) -> String {
    "store/expanded/1/\(file.digest.hex.prefix(2))/\(file.digest.hex)"
  }

  /// All files in the store but its locks.
  func files() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: store.directory).sorted().filter {
      var isDirectory = false
      return FileManager.default.fileExists(
        atPath: store.directory + "/" + $0, isDirectory: &isDirectory)
        && !isDirectory && $0 != "tmp/.gate" && $0 != "lock"
    }
  }

  /// A package with an entry of every kind.
  static func everyKind() -> DebBuilder {
    var deb = DebBuilder(
      "every", version: "1:2.10-3", fields: [("Depends", "a, b"), ("Description", "x\n more\n .")])
    deb.scripts = ["postinst": "#!/bin/sh\n", "conffiles": "", "md5sums": "ü"]
    deb.directory("/usr")
    deb.directory("/usr/bin", mode: 0o1777, uid: 3, gid: 2_000_000)
    deb.file("/usr/bin/hello", "hello, world\n", mode: 0o4755, uid: 0, gid: 5)
    deb.file("/usr/bin/empty", "")
    deb.hardLink("/usr/bin/hi", to: "/usr/bin/hello")
    deb.hardLink("/usr/bin/none", to: "/usr/bin/empty")
    deb.symlink("/usr/bin/greet", to: "../bin/hello")
    deb.characterDevice("/dev/null", major: 1, minor: 3)
    var block = TarBuilder.Member(DebBuilder.stored("/dev/sda"), type: "4", mode: 0o660)
    block.deviceMajor = 8
    deb.add(block)
    deb.fifo("/run/pipe")
    deb.file("/usr/bin/ping", "p", attribute: "security.capability", value: [1, 0, 2])
    deb.add(.init([0x2e, 0x2f, 0xe9, 0xff], content: [1]))
    deb.add(
      .sparse(
        Array("./usr/sparse".utf8), size: 300_000,
        segments: [(100_000, Array("one".utf8)), (200_000, Array("two".utf8))]))
    // One that is gathered with others, one that is written from where it lies, one that ends with a hole.
    deb.file("/usr/middle", bytes: bytes(20_000))
    deb.file("/usr/big", bytes: bytes(700_001))
    deb.add(.sparse(Array("./usr/hole".utf8), size: 9_000, segments: [(10, [7])]))
    return deb
  }

  static func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
  }

  /// All that two packages differ in.
  static func differences(_ one: UnpackedPackage, _ other: UnpackedPackage) throws -> [String] {
    var found = [String]()
    if (one.name, one.version, one.architecture) != (other.name, other.version, other.architecture)
    {
      found.append("identity")
    }
    if one.control != other.control || one.apk != other.apk { found.append("metadata") }
    if one.scripts != other.scripts { found.append("scripts") }
    if one.timestamp != other.timestamp { found.append("timestamp") }
    if one.entries.map(\.path) != other.entries.map(\.path) {
      found.append("paths")
    } else {
      for (left, right) in zip(one.entries, other.entries) {
        let bytes = (try left.entry.content?.bytes(), try right.entry.content?.bytes())
        if left.entry != right.entry || bytes.0 != bytes.1 { found.append(left.path.description) }
      }
    }
    return found
  }
}
