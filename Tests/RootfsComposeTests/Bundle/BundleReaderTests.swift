import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

@testable import RootfsCompose

@Suite("What is taken for a bundle")
struct BundleReaderTests {
  private let scratch: TemporaryDirectory

  init() throws { scratch = try TemporaryDirectory() }

  private static let package = Array("what a package may hold".utf8)

  private func sample() -> BundleMembers {
    var members = BundleMembers()
    members.add("recipes/a/a.yaml", .recipe, Array("name: a\n".utf8))
    members.add("recipes/a/a.lock.json", .lock, Array("{}\n".utf8))
    members.add(folder: "recipes/a/empty")
    members.add("packages/a_1_all.deb", .package, Self.package)
    return members
  }

  private func image() -> BundleManifest.Image {
    .init(
      recipe: "recipes/a/a.yaml", lock: "recipes/a/a.lock.json", distribution: "debian-13",
      platforms: ["linux/amd64"])
  }

  /// The bytes of a small bundle.
  private func bundle(_ members: BundleMembers? = nil) throws -> [UInt8] {
    let draft = BundleDraft(images: [image()], members: (members ?? sample()).all)
    let path = scratch.file("made.tar")
    try scratch.write([UInt8](), to: "made.tar")
    let handle = Store.open(path, O_WRONLY)
    defer { close(handle) }
    try draft.write(to: handle, name: path)
    return try scratch.read("made.tar")
  }

  private func read(_ bytes: [UInt8], store: Store) throws(ComposeError) -> BundleManifest {
    let path = scratch.file("b.tar")
    do {
      try scratch.write(bytes, to: "b.tar")
    } catch {
      throw ComposeError(.outputUnwritable, path, "\(error)")
    }
    let folder = try store.privateDirectory()
    return try BundleReader(path: path, store: store, folder: folder.path).read()
  }

  /// What reading says, the folder's path left out; nil where it says nothing.
  private func refusal(_ bytes: [UInt8]) throws -> String? {
    let store = try Store(directory: scratch.file("store"))
    do throws(ComposeError) {
      _ = try read(bytes, store: store)
      return nil
    } catch {
      return error.description.replacing(scratch.path + "/", with: "")
    }
  }

  /// A bundle with a manifest of one's own, as a hostile tool might write it.
  private func bundle(manifest: BundleManifest) throws -> [UInt8] {
    let bytes = try manifest.encoded()
    let first = BundleManifest.entry(
      name: BundleManifest.memberName(of: bytes), size: Int64(bytes.count))
    return try TarArchive.encode(
      [(first, bytes)]
        + manifest.members.map { ($0.entry, $0.kind == .folder ? [] : content($0)) })
  }

  private func manifest(_ members: [BundleManifest.Member]) -> BundleManifest {
    var manifest = BundleDraft(images: [image()], members: sample().all).manifest
    manifest.members += members
    return manifest
  }

  private func member(_ path: String, size: Int64? = nil) -> BundleManifest.Member {
    .init(
      path: path, kind: .package, size: size ?? Int64(Self.package.count),
      digest: Digest.sha256(of: Self.package).description)
  }

  private func content(_ member: BundleManifest.Member) -> [UInt8] {
    switch member.kind {
    case .recipe: Array("name: a\n".utf8)
    case .lock: Array("{}\n".utf8)
    default: Self.package
    }
  }

  @Test("What is written is read, and its packages are in the store")
  func whole() throws {
    let store = try Store(directory: scratch.file("store"))
    let manifest = try read(bundle(), store: store)
    #expect(
      manifest.members.map(\.path) == [
        "packages/a_1_all.deb", "recipes/a/a.lock.json", "recipes/a/a.yaml", "recipes/a/empty",
      ])
    let stored = try #require(try store.open(Digest.sha256(of: Self.package)))
    #expect(try store.read(stored, limit: 100) == Self.package)
    #expect(try bundle() == bundle())
  }

  @Test("Whichever byte is changed has the bundle refused, with the file's name")
  func everyByte() throws {
    let good = try bundle()
    let paths = ["bundle-", "packages/a_1_all.deb", "recipes/a/"]
    for position in stride(from: 0, to: good.count, by: 3) {
      var bytes = good
      bytes[position] ^= 0x01
      let message = try #require(try refusal(bytes), "byte \(position)")
      #expect(message.hasPrefix("b.tar: "), "byte \(position): \(message)")
      let isEnd = position >= good.count - 1024
      let isFirstName = position < 512
      #expect(
        isEnd || isFirstName || paths.contains { message.hasPrefix("b.tar: " + $0) },
        "byte \(position): \(message)")
    }
  }

  @Test("A flipped byte of a package is told by its name, and does not reach the store")
  func flipped() throws {
    var bytes = try bundle()
    let start = try #require(bytes.firstRange(of: Self.package)).lowerBound
    bytes[start] ^= 0x20
    let changed = Digest.sha256(of: Array(bytes[start..<start + Self.package.count]))
    #expect(
      try refusal(bytes)
        == "b.tar: packages/a_1_all.deb: expected \(Digest.sha256(of: Self.package)), found "
        + "\(changed); it was damaged or changed: fetch it again, or make it anew")
    let files = try FileListing.files(below: scratch.file("store"))
    #expect(!files.contains { $0.hasPrefix("sha256/") || $0.hasPrefix("tmp/work.") })
  }

  @Test("A bundle that ends early is refused, wherever it ends")
  func truncated() throws {
    let good = try bundle()
    for count in stride(from: 0, to: good.count, by: 256) {
      let message = try #require(try refusal(Array(good[..<count])), "\(count) bytes")
      #expect(message.hasPrefix("b.tar"), "\(message)")
    }
    #expect(
      try refusal(Array(good.dropLast(1)))
        == "b.tar: ends within the archive's end; it was damaged or changed: fetch it again, or make "
        + "it anew")
    #expect(
      try refusal(good + [0])
        == "b.tar: goes on after its end; it was damaged or changed: fetch it again, or make it anew"
    )
  }

  @Test("Members beyond the manifest, in another order, or of another kind are refused")
  func otherMembers() throws {
    let good = try bundle()
    let plain = try manifest([]).encoded()
    let first = BundleManifest.entry(
      name: BundleManifest.memberName(of: plain), size: Int64(plain.count))
    let listed = manifest([]).members.map { ($0.entry, $0.kind == .folder ? [] : content($0)) }
    #expect(try TarArchive.encode([(first, plain)] + listed) == good)
    let extra = TarEntry(path: Array("packages/z".utf8), kind: .regular(size: 1), mode: 0o644)
    let more = try refusal(try TarArchive.encode([(first, plain)] + listed + [(extra, [1])]))
    #expect(more?.contains("a member that its manifest does not list") == true)
    for other in [
      Array(listed.reversed()), [listed[0], listed[0]] + listed.dropFirst(),
      [(TarEntry(path: listed[0].0.path, kind: .symlink(target: [0x61]), mode: 0o777), [])]
        + listed.dropFirst(),
    ] {
      let message = try refusal(try TarArchive.encode([(first, plain)] + other))
      #expect(message?.contains("its header is not the one that the manifest determines") == true)
    }
    #expect(
      try refusal(try TarArchive.encode(listed))
        == "b.tar: is no bundle; expected a file that \"dhi-compose bundle\" wrote, not compressed")
  }

  @Test(
    "A path that leaves the bundle's folder is refused",
    arguments: ["../x", "/etc/x", "a/../../x", "a//x", "./x", "a/./x", ""])
  func path(path: String) throws {
    let entry = member(path)
    var manifest = manifest([])
    manifest.members.insert(entry, at: 0)
    let bytes = try manifest.encoded()
    let first = BundleManifest.entry(
      name: BundleManifest.memberName(of: bytes), size: Int64(bytes.count))
    let message = try refusal(try TarArchive.encode([(first, bytes)]))
    #expect(
      message?.hasPrefix("b.tar: \(path): a layer's path") == true || path.isEmpty,
      "\(message ?? "")")
    #expect(message != nil)
  }

  @Test("What a manifest says is held against bounds and against itself")
  func manifestFaults() throws {
    let twice = try refusal(try bundle(manifest: manifest([member("p"), member("p")])))
    #expect(twice?.hasSuffix("lists p twice; expected each member once") == true)
    let clash = try refusal(
      try bundle(manifest: manifest([member("p"), member("p/q")])))
    #expect(clash == nil, "packages go to the store, by their digests: \(clash ?? "")")
    var claims = manifest([member("zzz", size: 1 << 33)])
    let promised = try claims.encoded()
    let head = BundleManifest.entry(
      name: BundleManifest.memberName(of: promised), size: Int64(promised.count))
    let listed = manifest([]).members.map { ($0.entry, $0.kind == .folder ? [] : content($0)) }
    let short = try refusal(
      try TarArchive.encode([(head, promised)] + listed).dropLast(1024)
        + TarArchive.header(of: member("zzz", size: 1 << 33).entry) + [1, 2, 3])
    #expect(short?.hasPrefix("b.tar: ends within zzz;") == true)
    claims.members[claims.members.count - 1].size = 1 << 40
    let large = try claims.encoded()
    let start = BundleManifest.entry(
      name: BundleManifest.memberName(of: large), size: Int64(large.count))
    #expect(
      try refusal(try TarArchive.encode([(start, large)]))?
        .contains("gives zzz 1099511627776 bytes; expected at most 17179869184") == true)
    claims = manifest([])
    claims.version = 2
    #expect(
      try refusal(try bundle(manifest: claims))?.contains("of version 2; expected") == true)
    claims = manifest([])
    claims.images[0].lock = "packages/a_1_all.deb"
    #expect(
      try refusal(try bundle(manifest: claims))?.contains("expected a recipe and a lock") == true)
    claims = manifest([member("zz")])
    claims.members[claims.members.count - 1].digest = "md5:1"
    #expect(try refusal(try bundle(manifest: claims))?.contains("gives zz no digest") == true)
  }

  @Test("A file and a folder of one name are refused")
  func clash() throws {
    var file = member("recipes/a/x")
    file.kind = .file
    var below = member("recipes/a/x/y")
    below.kind = .file
    let message = try refusal(try bundle(manifest: manifest([file, below])))
    #expect(message != nil)
  }

  @Test("A manifest in another form is refused, though it says the same")
  func form() throws {
    let bytes = try manifest([]).encoded() + [0x0a]
    let first = BundleManifest.entry(
      name: BundleManifest.memberName(of: bytes), size: Int64(bytes.count))
    let message = try refusal(try TarArchive.encode([(first, bytes)]))
    #expect(message?.contains("is not written as dhi-compose writes it") == true)
  }
}
