@testable import OCIImage
@testable import RootfsCompose

/// An Alpine package. The first byte says which part of it the rest is; what vouches for the part is made to fit, for
/// no mutation would ever find a checksum.
///
/// `f` the file as it is; `s` the tar archive of a signature member; `c` that of the control member; `d` that of the
/// data member.
func apkArchive(_ bytes: [UInt8]) {
  let rest = Array(bytes.dropFirst())
  switch bytes.first {
  case UInt8(ascii: "f"): unpack(rest, expecting: nil)
  case UInt8(ascii: "s"):
    let signature = gzip(rest)
    let control = gzip([])
    unpack(signature + control, expecting: checksum(of: control))
    if let file = try? GzipMembers(signature, subject: "fuzz", isCancelled: { false }) {
      _ = try? ApkMembers(members: file, noun: .index).signatures(rest)
    }
  case UInt8(ascii: "c"):
    let control = gzip(rest)
    unpack(control + gzip([]), expecting: checksum(of: control))
  case UInt8(ascii: "d"):
    let data = gzip(withHeaderSums(rest))
    let hash = hexadecimalText(digest(.sha256, data))
    let control = gzip(
      tar(
        ".PKGINFO",
        "pkgname = fuzz\npkgver = 1\narch = noarch\nbuilddate = 1\ndatahash = \(hash)\n"))
    unpack(control + data, expecting: checksum(of: control))
  default: return
  }
}

/// The tar archive with the sums of its headers made right, as far as its framing can be followed.
private func withHeaderSums(_ archive: [UInt8]) -> [UInt8] {
  var archive = archive
  var start = 0
  while start + 512 <= archive.count, archive[start..<(start + 512)].contains(where: { $0 != 0 }) {
    archive.replaceSubrange((start + 148)..<(start + 156), with: "        ".utf8)
    let sum = archive[start..<(start + 512)].reduce(0) { $0 + Int($1) }
    archive.replaceSubrange((start + 148)..<(start + 155), with: (octal(sum, 6) + "\u{0}").utf8)
    let size = TarNumber.octal(archive[(start + 124)..<(start + 136)]) ?? 0
    guard size <= archive.count else { break }
    start += 512 + (Int(size) + 511) / 512 * 512
  }
  return archive
}

private func octal(_ value: Int, _ width: Int) -> String {
  let digits = String(value, radix: 8)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// What is given back must hold together.
private func unpack(_ file: [UInt8], expecting: String?) {
  var limits = UnpackLimits()
  limits.unpackedBytes = 1 << 20
  limits.controlBytes = 1 << 20
  guard let members = try? GzipMembers(file, subject: "fuzz", isCancelled: { false }),
    let spool = try? ContentSpool(directory: "/tmp"),
    let package = try? ApkArchive(members, limits: limits).unpack(
      expecting: expecting, keys: AlpineKeys(), sink: ContentSink(spool))
  else { return }
  require(package.apk?.size == Int64(file.count), "the whole file was read")
  let checksums = package.apk?.checksums ?? [:]
  var paths = Set<TreePath>()
  for (path, entry) in package.entries {
    require(!path.isRoot && paths.insert(path).inserted, "\(path) stands once")
    switch entry.kind {
    case .regular(let content, _):
      require(
        checksums[path] == (try? content.bytes()).map { digest(.sha1, $0) },
        "\(path) has its own checksum")
    case .symlink(let target):
      require(checksums[path] == digest(.sha1, target), "\(path) has its target's checksum")
      require(path.resolvingLink(target) != nil, "\(path) stays in the tree")
    default: require(checksums[path] == nil, "\(path) has no checksum")
    }
  }
}

private func digest(_ function: ChecksumHasher.Function, _ bytes: [UInt8]) -> [UInt8] {
  (try? ChecksumHasher.digest(function, of: bytes, subject: "fuzz")) ?? []
}

private func checksum(of control: [UInt8]) -> String? {
  try? ApkChecksum(.sha1, of: control, subject: "fuzz").text
}

private func gzip(_ bytes: [UInt8]) -> [UInt8] {
  bytes.withUnsafeBytes { (try? GzipPacker().pack($0)) ?? [] }
}

/// A tar archive with one file, its end left out.
private func tar(_ name: String, _ text: String) -> [UInt8] {
  var header = [UInt8](repeating: 0, count: 512)
  func put(_ text: String, at offset: Int) {
    header.replaceSubrange(offset..<(offset + text.utf8.count), with: text.utf8)
  }
  put(name, at: 0)
  put(octal(0o644, 7), at: 100)
  put(octal(0, 7), at: 108)
  put(octal(0, 7), at: 116)
  put(octal(text.utf8.count, 11), at: 124)
  put(octal(0, 11), at: 136)
  put("        0", at: 148)
  put("ustar\u{0}00", at: 257)
  put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
  let padding = (512 - text.utf8.count % 512) % 512
  return header + Array(text.utf8) + [UInt8](repeating: 0, count: padding)
}
