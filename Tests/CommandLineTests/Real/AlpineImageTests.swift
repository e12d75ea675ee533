import FoundationEssentials
import Glibc
import PkgResolve
import TestSupport
import Testing

/// The recipes for Alpine, from the packages of a real release, judged by running and scanning what they make.
@Suite(.enabled(if: AlpineMirror.root != nil, "needs the recorded Alpine packages"))
struct AlpineImageTests {
  @Test(arguments: ["static-musl", "base-musl", "alpine-base-dev", "wget", "wget-dev"])
  func aFolderAndAServerGiveOneImage(recipe: String) throws {
    let folder = try AlpineImage(recipe, repositories: [AlpineMirror.x86])
    let server = try LoopbackServer(serving: AlpineMirror.x86)
    let served = try AlpineImage(recipe, repositories: [server.url])
    #expect(folder.digest == served.digest)
    #expect(folder.digest.hasPrefix("sha256:"))
  }

  @Test(arguments: ["base-musl", "alpine-base-dev"])
  func twoArchitecturesShareAnIndex(recipe: String) throws {
    let image = try AlpineImage(
      recipe, repositories: [AlpineMirror.x86, AlpineMirror.arm],
      platforms: "linux/amd64,linux/arm64")
    #expect(Set(image.packages.keys) == ["linux/amd64", "linux/arm64"])
    #expect(image.packages["linux/arm64"]?.contains("musl=1.2.2-r0") == true)
    #expect(image.packages["linux/amd64"]?.contains("musl=1.2.4_git20230717-r4") == true)
  }

  @Test(.enabled(if: RuncBundle.isUsable, "needs root, umoci and runc"))
  func whatIsLinkedToMuslRuns() throws {
    let image = try AlpineImage("wget", repositories: [AlpineMirror.x86])
    let bundle = try image.bundle()
    let version = try bundle.run(["wget", "--version"])
    #expect(version.errors == "")
    #expect(version.output.hasPrefix("GNU Wget 1.21.4 built on linux-musl."))
    // Nothing of the image answers to the name of a shell.
    #expect(try bundle.run(["sh", "-c", "true"]).errors.contains("executable file not found"))
  }

  @Test(
    .enabled(if: RuncBundle.isUsable, "needs root, umoci and runc"),
    arguments: ["static-musl", "base-musl"])
  func aStaticallyLinkedProgramRuns(recipe: String) throws {
    let program = try #require(HostProgram.find("ldconfig"))
    let scratch = try TemporaryDirectory()
    try FileManager.default.copyItem(atPath: program.path, toPath: scratch.file("program"))
    let image = try AlpineImage(
      recipe, repositories: [AlpineMirror.x86], adding: "/program", from: scratch.file("program"))
    let outcome = try image.bundle().run(["/program", "--version"])
    #expect(outcome.output.hasPrefix("ldconfig"), "\(outcome.errors)")
  }

  @Test(.enabled(if: RuncBundle.isUsable, "needs root, umoci and runc"))
  func theDevelopmentImageHasAWorkingShellAndApk() throws {
    let image = try AlpineImage("alpine-base-dev", repositories: [AlpineMirror.x86])
    let bundle = try image.bundle()
    // Without a network, apk would warn that it has no index of the repository.
    let apk = "apk --repositories-file /dev/null"
    let script = "id -u; \(apk) info -v | sort; \(apk) audit; ls -l /bin/ls | sed 's/.* //'"
    let outcome = try bundle.run(["sh", "-c", script])
    #expect(outcome.errors == "")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.first == "0")
    #expect(lines.last == "/bin/busybox")
    let packages = (image.packages["linux/amd64"] ?? []).map {
      $0.replacing("=", with: "-")
    }
    #expect(packages.count > 8)
    #expect(Array(lines.dropFirst().prefix(packages.count)) == packages.sorted())
    // Of what packages ship and apk guards, the accounts alone differ. What apk itself keeps in /etc/apk is no
    // package's, and it says so on every system.
    #expect(
      lines.dropFirst(1 + packages.count).dropLast().filter { !$0.hasPrefix("A etc/apk/") }.sorted()
        == ["A etc/os-release", "U etc/group", "U etc/passwd", "U etc/shadow"])
  }

  @Test(
    .enabled(if: PackageScan.isPossible, "needs syft"),
    arguments: ["static-musl", "base-musl", "alpine-base-dev", "wget", "wget-dev"])
  func aScannerListsExactlyItsPackages(recipe: String) throws {
    let image = try AlpineImage(recipe, repositories: [AlpineMirror.x86])
    let scan = try PackageScan(layout: image.layout)
    #expect(scan.packages(ofType: "apk") == image.packages["linux/amd64"])
    #expect(scan.distribution == "alpine")
  }

  @Test func runtimeImagesHoldNothingAnIntruderLooksFor() throws {
    for recipe in ["static-musl", "base-musl", "wget"] {
      let dump = try AlpineImage(recipe, repositories: [AlpineMirror.x86]).dump()
      let names = Set(dump.keys.compactMap { $0.split(separator: "/").last.map(String.init) })
      for name in ["sh", "ash", "busybox", "bbsuid", "ls"] {
        #expect(!names.contains(name), "\(recipe): \(name) is in the image")
      }
      #expect(
        Set(dump.keys.filter { $0.contains("/apk/") })
          == ["/lib/apk/", "/lib/apk/db/", "/lib/apk/db/installed"])
      let modes = dump.filter { !$0.value.hasPrefix("symlink") }.compactMapValues { fact in
        fact.split(separator: " ").dropFirst().first.flatMap { UInt16($0, radix: 8) }
      }
      #expect(modes.filter { $0.value & 0o6000 != 0 }.isEmpty)
      #expect(modes.filter { $0.value & 0o0002 != 0 && $0.value & 0o1000 == 0 }.isEmpty)
    }
  }
}

/// The recorded packages of two releases.
enum AlpineMirror {
  static let root: String? = SharedData.root.map { $0 + "/alpine/mirror" }
  static var x86: String { (root ?? "") + "/v3.19.1-iso" }
  static var arm: String { (root ?? "") + "/v3.13.4-iso" }
}

/// An image composed from one of the project's recipes, or from one that a test writes.
struct AlpineImage {
  let scratch: TemporaryDirectory
  let layout: String
  let digest: String
  /// `name=version`, sorted, by platform.
  let packages: [String: [String]]
  private let arguments: [String]

  /// `adding` is the path of a program in the image that is copied from the host's path `from`.
  init(
    _ recipe: String, repositories: [String], platforms: String = "linux/amd64",
    adding path: String? = nil, from source: String = ""
  ) throws {
    var text = String(
      decoding: try Data(
        contentsOf: URL(filePath: Repository.root + "/recipes/\(recipe).yaml")), as: UTF8.self)
    if let path {
      text = text.replacing(
        "contents:\n",
        with: "contents:\n  files:\n    - {url: program, path: \(path), mode: \"0755\"}\n")
    }
    try self.init(
      name: recipe, text: text, program: path == nil ? nil : source, repositories: repositories,
      platforms: platforms)
  }

  init(
    name: String, text: String, program: String? = nil, repositories: [String],
    platforms: String = "linux/amd64"
  ) throws {
    scratch = try TemporaryDirectory()
    let recipe = scratch.file("\(name).yaml")
    try scratch.write(Array(text.utf8), to: "\(name).yaml")
    if let program {
      try FileManager.default.copyItem(atPath: program, toPath: scratch.file("program"))
    }
    layout = scratch.file("image")
    arguments =
      [recipe, "--store", scratch.file("store"), "--platform", platforms]
      + repositories.flatMap { ["--repository", $0] }
    let locked = try ComposeProgram.run(["lock"] + arguments)
    guard locked.succeeded else { throw TestSupportError(locked.errors) }
    let built = try ComposeProgram.run(["build"] + arguments + ["--output", layout])
    guard built.succeeded else { throw TestSupportError(built.errors) }
    digest = built.output.split(separator: "\n").joined()
    let file = "\(name).lock.json"
    let lock = try Lockfile(decoding: try scratch.read(file), name: file)
    packages = lock.platforms.mapValues { $0.packages.map { "\($0.name)=\($0.version)" }.sorted() }
  }

  /// The tree as one tar archive.
  func tar() throws -> String {
    let path = scratch.file("root.tar")
    let built = try ComposeProgram.run(
      ["build"] + arguments + ["--format", "tar", "--output", path])
    guard built.succeeded else { throw TestSupportError(built.errors) }
    return path
  }

  func dump() throws -> [String: String] {
    try RootfsDump.dump(tar: Array(Data(contentsOf: URL(filePath: try tar()))))
  }

  /// A file of the tree.
  func file(_ path: String) throws -> [UInt8] {
    guard let tar = HostProgram.find("tar") else { throw TestSupportError("tar is missing") }
    return try tar.check(["-xOf", try self.tar(), path]).standardOutput
  }

  func bundle() throws -> RuncBundle {
    try RuncBundle(layout: layout, at: scratch.file("bundle"))
  }
}
