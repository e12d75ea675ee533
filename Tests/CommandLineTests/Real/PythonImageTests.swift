import FoundationEssentials
import Glibc
import PkgResolve
import RootfsCompose
import TestSupport
import Testing

/// `recipes/python.yaml` from the Debian mirror that this machine's apt uses, judged by running and scanning it.
@Suite(
  .serialized,
  .enabled(if: PythonImage.isReachable, "needs a host with Debian's archive in its apt sources"))
struct PythonImageTests {
  @Test(.enabled(if: RuncBundle.isUsable, "needs root, umoci and runc"))
  func runsItsStandardLibraryAsAnOrdinaryUser() throws {
    let program = """
      import ssl, sqlite3, lzma, bz2, ctypes, zoneinfo, readline, curses, uuid, decimal, os
      authorities = len(ssl.create_default_context().get_ca_certs())
      zone = zoneinfo.ZoneInfo("Europe/Berlin")
      curses.setupterm("xterm")
      table = sqlite3.connect(":memory:").execute("select 6 * 7").fetchone()
      try:
          open("/written", "w")
      except OSError as error:
          readonly = error.strerror
      print(os.getuid(), os.getgid(), authorities > 100, zone.key, table, readonly)
      """
    let image = try PythonImage.built.get()
    let outcome = try image.run(["python3", "-c", program])
    #expect(outcome.errors == "")
    #expect(outcome.output == "65532 65532 True Europe/Berlin (42,) Read-only file system\n")
  }

  @Test func holdsNothingAnIntruderLooksFor() throws {
    let dump = try PythonImage.built.get().dump
    // dpkg's name is also that of folders, which scanners read: only what is no directory can run.
    let files = dump.keys.filter { !$0.hasSuffix("/") }
    let names = Set(files.compactMap { $0.split(separator: "/").last.map(String.init) })
    for name in ["sh", "bash", "dash", "busybox", "apt", "apt-get", "dpkg", "perl"] {
      #expect(!names.contains(name), "\(name) is in the image")
    }
    let modes = dump.compactMapValues { fact -> UInt16? in
      let words = fact.split(separator: " ")
      guard words.count > 1, words[0] != "symlink" else { return nil }
      return UInt16(words[1], radix: 8)
    }
    #expect(modes.filter { $0.value & 0o6000 != 0 }.keys.sorted() == [])
    #expect(modes.filter { $0.value & 0o0002 != 0 } == ["/tmp/": 0o1777])
    #expect(!dump.keys.contains { $0.hasPrefix("/usr/share/man/") })
    #expect(dump["/usr/share/doc/libc6/copyright"] != nil)
  }

  @Test func isSmall() throws {
    let image = try PythonImage.built.get()
    #expect(image.packedSize <= 19_000_000)
    #expect(image.unpackedSize <= 52_000_000)
  }

  @Test(.enabled(if: PackageScan.isPossible, "needs syft"))
  func aScannerListsExactlyItsPackages() throws {
    let image = try PythonImage.built.get()
    let found = try PackageScan(layout: image.layout).packages(ofType: "deb")
    #expect(found == image.lockedPackages)
    #expect(found.count > 25)
  }
}

/// The image, built once for all tests of the suite.
struct PythonImage: Sendable {
  let scratch: TemporaryDirectory
  let layout: String
  let packedSize: Int64
  let unpackedSize: Int64
  let lockedPackages: [String]
  let dump: [String: String]

  static let isReachable: Bool = {
    let host = AptSources.host()
    guard let archive = host.archive, let curl = HostProgram.find("curl") else { return false }
    let url = archive + "/dists/trixie/InRelease"
    let reply = try? curl.run(["--silent", "--head", "--fail", "--max-time", "20", url])
    return reply?.succeeded == true
  }()

  static let built = Result { try PythonImage() }

  private init() throws {
    scratch = try TemporaryDirectory()
    let recipe = scratch.file("python.yaml")
    try FileManager.default.copyItem(
      atPath: Repository.root + "/recipes/python.yaml", toPath: recipe)
    let platform = ["--platform", Self.platform, "--store", scratch.file("store")]
    func program(_ arguments: [String]) throws -> HostProgram.Outcome {
      let outcome = try ComposeProgram.run(arguments + platform)
      guard outcome.succeeded else { throw TestSupportError(outcome.errors) }
      return outcome
    }
    _ = try program(["lock", recipe])
    layout = scratch.file("python")
    let report = try program(["build", recipe, "--locked", "--output", layout, "--json"])
    _ = try program(
      ["build", recipe, "--locked", "--format", "tar", "--output", scratch.file("python.tar")])
    dump = try RootfsDump.dump(tar: scratch.read("python.tar"))
    let sizes = try JSONDecoder().decode(Report.self, from: Data(report.standardOutput))
    packedSize = sizes.platforms[Self.platform]?.size ?? .max
    unpackedSize = sizes.platforms[Self.platform]?.unpackedSize ?? .max
    let lock = try Lockfile(
      decoding: try scratch.read("python.lock.json"), name: "python.lock.json")
    lockedPackages = (lock.platforms[Self.platform]?.packages ?? [])
      .map { "\($0.name)=\($0.version)" }.sorted()
  }

  /// Runs a command in the image with runc, as the image's user, on a read-only root.
  func run(_ command: [String]) throws -> HostProgram.Outcome {
    try RuncBundle(layout: layout, at: scratch.file("bundle")).run(command)
  }

  private static let platform: String = {
    #if arch(arm64)
      "linux/arm64"
    #else
      "linux/amd64"
    #endif
  }()

  private struct Report: Decodable {
    struct Platform: Decodable {
      let size: Int64
      let unpackedSize: Int64
    }
    let platforms: [String: Platform]
  }
}
