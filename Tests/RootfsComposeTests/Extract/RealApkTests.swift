import FoundationEssentials
import RootfsCompose
import TestSupport
import Testing

/// Alpine's own packages, as it released them, with Alpine's own keys.
@Suite(.enabled(if: SharedData.root != nil)) struct RealApkTests {
  struct Mirror: Sendable {
    let folder: String
    let count: Int
    let signer: String
  }

  static let mirrors = [
    Mirror(
      folder: "v3.19.1-iso/x86_64", count: 100,
      signer: "alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub"),
    Mirror(
      folder: "v3.13.4-iso/aarch64", count: 65,
      signer: "alpine-devel@lists.alpinelinux.org-58199dcc.rsa.pub"),
  ]

  /// The built-in keys alone.
  static func builtInKeys() throws -> AlpineKeys {
    try AlpineKeySearch(recipe: [], recipeFolder: "/", hostFolder: "/nowhere").local()
  }

  static func folder(_ mirror: Mirror) throws -> String {
    try #require(SharedData.root) + "/alpine/mirror/" + mirror.folder
  }

  /// `C:` by file name.
  static func checksums(_ index: AlpineSignedIndex) -> [String: String] {
    var found = [String: String]()
    for record in String(decoding: index.text, as: UTF8.self).split(separator: "\n\n") {
      var values = [Substring: String]()
      for line in record.split(separator: "\n") {
        values[line.prefix(2)] = String(line.dropFirst(2))
      }
      if let name = values["P:"], let version = values["V:"] {
        found["\(name)-\(version).apk"] = values["C:"]
      }
    }
    return found
  }

  @Test(arguments: mirrors)
  func everyPackageOfTheMirror(_ mirror: Mirror) throws {
    let folder = try Self.folder(mirror)
    let keys = try Self.builtInKeys()
    let directory = try TemporaryDirectory()
    let spool = try ContentSpool(directory: directory.path)
    let index = try AlpineSignedIndex.open(
      try Array(Data(contentsOf: URL(filePath: folder + "/APKINDEX.tar.gz"))), keys: keys,
      subject: "APKINDEX")
    #expect(index.signer == mirror.signer)
    let checksums = Self.checksums(index)
    #expect(checksums.count == mirror.count)
    for (file, checksum) in checksums.sorted(by: { $0.key < $1.key }) {
      let path = folder + "/" + file
      let package = try ApkArchive.unpack(
        path: path, subject: file, expecting: checksum, keys: keys, spool: spool)
      #expect("\(package.name)-\(package.version).apk" == file)
      #expect(package.apk?.checksum == checksum)
      // The package's own signature vouches for it as well.
      let signed = try ApkArchive.unpack(
        path: path, subject: file, expecting: nil, keys: keys, spool: spool)
      #expect(signed.apk == package.apk)
      let identity = try ApkArchive.identify(path: path, subject: file, checksum: checksum)
      #expect(identity.name == package.name)
      #expect(identity.buildDate == package.timestamp)
      #expect(package.apk?["builddate"] == String(package.timestamp))
    }
  }

  @Test(
    .enabled(if: HostProgram.find("tar") != nil),
    arguments: ["busybox-1.36.1-r15", "alpine-baselayout-data-3.4.3-r2", "wget-1.21.4-r0"])
  func sameListAsTar(_ name: String) throws {
    let path = try Self.folder(Self.mirrors[0]) + "/\(name).apk"
    guard FileManager.default.fileExists(atPath: path) else {
      Issue.record("\(name) is not in the mirror")
      return
    }
    let directory = try TemporaryDirectory()
    let package = try ApkArchive.unpack(
      path: path, subject: name, expecting: nil, keys: try Self.builtInKeys(),
      spool: try ContentSpool(directory: directory.path))
    let tar = try #require(HostProgram.find("tar"))
    let listing = try tar.check(
      ["--warning=none", "--numeric-owner", "-tvzf", path], environment: ["TZ": "UTC"]
    ).output
    // Permissions, owner, size, day, time, name.
    let listed = listing.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 5) }
      .filter { !($0.last?.hasPrefix(".") ?? true) }
    #expect(listed.count == package.entries.count)
    for (line, each) in zip(listed, package.entries) {
      let name = String(each.path.description.dropFirst())
      let entry = each.entry
      #expect(line[0] == permissions(entry))
      #expect(line[1] == "\(entry.uid)/\(entry.gid)")
      switch entry.kind {
      case .symlink(let target):
        #expect(line[5] == name + " -> " + String(decoding: target, as: UTF8.self))
      case .directory: #expect(line[5] == name + "/")
      default:
        #expect(line[5] == name)
        let bytes = try #require(entry.content).bytes()
        #expect(line[2] == String(bytes.count))
        #expect(package.apk?.checksums[each.path] == TestDigest.sha1(bytes))
      }
    }
  }

  private func permissions(_ entry: FileEntry) -> String {
    let type =
      switch entry.kind {
      case .directory: "d"
      case .symlink: "l"
      default: "-"
      }
    var letters = Array("rwxrwxrwx").enumerated().map { index, letter in
      entry.mode >> (8 - index) & 1 == 1 ? letter : "-"
    }
    let special: [(bit: UInt16, place: Int, set: Character, clear: Character)] = [
      (0o4000, 2, "s", "S"), (0o2000, 5, "s", "S"), (0o1000, 8, "t", "T"),
    ]
    for each in special where entry.mode & each.bit != 0 {
      letters[each.place] = letters[each.place] == "x" ? each.set : each.clear
    }
    return type + String(letters)
  }
}
