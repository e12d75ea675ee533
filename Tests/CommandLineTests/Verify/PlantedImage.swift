import FoundationEssentials
import OCIImage
import TestSupport

/// An image of one platform, taken apart so that a test may change it, and written again as a valid image layout: every
/// digest, size and diff ID is what the changed bytes make it.
struct PlantedImage {
  var configuration: ImageConfiguration
  var manifest: Manifest
  var layers: [TarMembers]
  /// How `gzip` packs the layers.
  var gzipLevel: String?
  private var packed: [[UInt8]]
  private var unpacked: [[UInt8]]
  private let gzip: HostProgram

  init(_ layout: String) throws {
    guard let gzip = HostProgram.find("gzip") else { throw TestSupportError("gzip is missing") }
    self.gzip = gzip
    let image = try Image(contentsOf: layout)
    let part = image.platformImages[0]
    configuration = part.configuration
    manifest = part.manifest
    packed = try part.manifest.layers.map { layer in
      var bytes = [UInt8]()
      try image.readBlob(layer) { bytes += $0 }
      return bytes
    }
    unpacked = try packed.map { try gzip.check(["-dc"], input: $0).standardOutput }
    layers = unpacked.map(TarMembers.init)
  }

  /// The layer that holds a path, counted from nought.
  func layer(of path: String) throws -> Int {
    guard let position = layers.lastIndex(where: { $0.index(of: path) != nil }) else {
      throw TestSupportError("no layer holds \(path)")
    }
    return position
  }

  /// Changes the member of a path, in the uppermost layer that has it.
  mutating func change(_ path: String, _ body: (inout TarMembers.Member) -> Void) throws {
    let position = try layer(of: path)
    guard let index = layers[position].index(of: path) else { return }
    body(&layers[position].members[index])
    layers[position].members[index].seal()
  }

  /// Lays a layer over the others.
  mutating func append(_ layer: TarMembers) throws {
    layers.append(layer)
    unpacked.append(layer.bytes)
    packed.append(try gzip.check(["-cn"], input: layer.bytes).standardOutput)
    configuration.history?.append(.init(createdBy: "another tool"))
  }

  func write(to directory: String) throws {
    func put(_ bytes: [UInt8], _ type: String) throws -> Descriptor {
      let digest = Digest.sha256(of: bytes)
      let scratch = directory + "/blobs/sha256"
      try FileManager.default.createDirectory(
        atPath: scratch, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(filePath: scratch + "/" + digest.hex))
      return Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count))
    }
    var configuration = configuration
    var manifest = manifest
    configuration.rootfs.diffIDs = []
    manifest.layers = []
    for (position, layer) in layers.enumerated() {
      let bytes = layer.bytes
      let isUntouched = bytes == unpacked[position] && gzipLevel == nil
      let file =
        try isUntouched
        ? packed[position]
        : gzip.check(["-cn", gzipLevel ?? "-6"], input: bytes).standardOutput
      configuration.rootfs.diffIDs.append(Digest.sha256(of: bytes))
      manifest.layers.append(try put(file, MediaType.layerGzip))
    }
    let annotations = manifest.config.annotations
    manifest.config = try put(CanonicalJSON.encode(configuration), MediaType.configuration)
    manifest.config.annotations = annotations
    var descriptor = try put(CanonicalJSON.encode(manifest), MediaType.manifest)
    descriptor.platform = configuration.platform
    try Data(CanonicalJSON.encode(ImageIndex(manifests: [descriptor])))
      .write(to: URL(filePath: directory + "/index.json"))
    try Data(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)
      .write(to: URL(filePath: directory + "/oci-layout"))
  }
}

/// A tar archive as the blocks of its members.
///
/// Source of the format: POSIX.1-2017, pax, "ustar Interchange Format".
struct TarMembers {
  struct Member {
    var header: [UInt8]
    var content: [UInt8]
    /// Pax headers that stand before it.
    var prefix: [UInt8] = []

    var path: String {
      let prefix = Member.text(header[345..<500])
      let path = (prefix.isEmpty ? "" : prefix + "/") + Member.text(header[0..<100])
      return path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    var size: Int { Member.number(header[124..<136]) }

    mutating func setNumber(_ value: Int, at range: Range<Int>) {
      let digits = String(value, radix: 8)
      let width = range.count - 1
      let padded = String(repeating: "0", count: width - digits.count) + digits
      header.replaceSubrange(range, with: Array(padded.utf8) + [0])
    }

    mutating func setMode(_ mode: Int) { setNumber(mode, at: 100..<108) }
    mutating func setUser(_ uid: Int) { setNumber(uid, at: 108..<116) }
    mutating func setTime(_ seconds: Int) { setNumber(seconds, at: 136..<148) }

    mutating func setPath(_ path: String) {
      let bytes = Array(path.utf8)
      header.replaceSubrange(
        0..<100, with: bytes + [UInt8](repeating: 0, count: 100 - bytes.count))
    }

    mutating func setLink(_ target: String) {
      let bytes = Array(target.utf8)
      header.replaceSubrange(
        157..<257, with: bytes + [UInt8](repeating: 0, count: 100 - bytes.count))
    }

    /// Sets size and checksum.
    mutating func seal() {
      setNumber(content.count, at: 124..<136)
      header.replaceSubrange(148..<156, with: Array("        ".utf8))
      let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
      let field = String(repeating: "0", count: 6 - sum.count) + sum
      header.replaceSubrange(148..<156, with: Array(field.utf8) + [0, 0x20])
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
      String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    fileprivate static func number(_ field: ArraySlice<UInt8>) -> Int {
      Int(text(field).filter { $0 != " " }, radix: 8) ?? 0
    }
  }

  var members: [Member] = []
  /// What stands behind the last member.
  var end: [UInt8] = []

  init(_ bytes: [UInt8]) {
    var offset = 0
    var prefix = [UInt8]()
    while offset + 512 <= bytes.count, bytes[offset] != 0 {
      var member = Member(header: Array(bytes[offset..<(offset + 512)]), content: [])
      let start = offset + 512
      let isLink = [UInt8(ascii: "1"), UInt8(ascii: "2")].contains(member.header[156])
      let size = isLink ? 0 : member.size
      let next = start + (size + 511) / 512 * 512
      if member.header[156] == UInt8(ascii: "x") {
        prefix += bytes[offset..<next]
      } else {
        member.content = Array(bytes[start..<(start + size)])
        member.prefix = prefix
        prefix = []
        members.append(member)
      }
      offset = next
    }
    end = Array(bytes[offset...])
  }

  func index(of path: String) -> Int? { members.lastIndex { $0.path == path } }

  var bytes: [UInt8] {
    var result = [UInt8]()
    for member in members {
      result += member.prefix
      result += member.header
      result += member.content
      result += [UInt8](repeating: 0, count: (512 - member.content.count % 512) % 512)
    }
    return result + end
  }
}
