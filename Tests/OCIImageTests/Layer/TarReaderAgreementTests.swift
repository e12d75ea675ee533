import Foundation
import OCIImage
import Testing

/// What other tar readers make of the archives that the layer writer writes.
@Suite struct TarReaderAgreementTests {
  private static let long = String(repeating: "d/", count: 60) + "file"
  private static let veryLong =
    String(repeating: "e", count: 200) + "/" + String(repeating: "f", count: 250)
  private static let splittable =
    String(repeating: "p", count: 120) + "/" + String(repeating: "q", count: 99)
  private static let binary: [UInt8] = [0x62, 0xFF, 0xFE, 0x63]
  private static let longBinary = binary + [UInt8](repeating: 0x7A, count: 150)

  static let members: [SampleImage.Member] = {
    let utf8 = Array("bücher".utf8)
    var members: [SampleImage.Member] = [
      .init(TarEntry(path: [], kind: .directory, mode: 0o755, mtime: 1)),
      .directory("dir"),
      .file("dir/setuid", Array("x".utf8), mode: 0o4755),
      .file("empty", []),
      .file("blocks", [UInt8](repeating: 7, count: 1024)),
      .file(long, Array("long".utf8)),
      .file(veryLong, Array("very long".utf8)),
      .file(splittable, Array("split".utf8)),
      .init(TarEntry(path: utf8, kind: .regular(size: 1), mode: 0o600), [1]),
      .init(TarEntry(path: binary, kind: .regular(size: 2), mode: 0o600), [1, 2]),
      .init(TarEntry(path: longBinary, kind: .regular(size: 3), mode: 0o600), [1, 2, 3]),
      .init(
        TarEntry(
          path: Array("link".utf8), kind: .symlink(target: Array(veryLong.utf8)), mode: 0o777)
      ),
      .init(TarEntry(path: Array("link2".utf8), kind: .symlink(target: binary), mode: 0o777)),
      .init(
        TarEntry(path: Array("hard".utf8), kind: .hardlink(target: Array(long.utf8)), mode: 0o644)),
    ]
    members.append(
      .init(
        TarEntry(
          path: Array("owned".utf8), kind: .regular(size: 0), mode: 0o644, uid: 4_000_000_000,
          gid: 3_000_000, mtime: -5)))
    members.append(
      .init(
        TarEntry(
          path: Array("attributes".utf8), kind: .regular(size: 0), mode: 0o644,
          xattrs: ["user.b": [0, 1, 0xFF, 0x0A], "user.a": Array("é".utf8)])))
    members.append(
      .init(TarEntry(path: Array("fifo".utf8), kind: .fifo, mode: 0o644, mtime: 1 << 40)))
    members.append(
      .init(
        TarEntry(
          path: Array("char".utf8), kind: .characterDevice(major: 1, minor: 3), mode: 0o666)))
    members.append(
      .init(
        TarEntry(path: Array("block".utf8), kind: .blockDevice(major: 8, minor: 300), mode: 0o660)))
    return members
  }()

  private static func archive() throws -> (SampleImage, String) {
    let sample = try SampleImage()
    let layer = try sample.layer(members, compression: .none)
    return (sample, sample.path("store/blobs/sha256/" + layer.descriptor.digest.hex))
  }

  /// Names as `ls --quoting-style=literal` would print them, directories with a slash.
  private static var names: [[UInt8]] {
    members.map { member in
      if member.entry.path.isEmpty { return Array("./".utf8) }
      return member.entry.kind == .directory ? member.entry.path + [0x2F] : member.entry.path
    }
  }

  @Test(.enabled(if: HostProgram.isInstalled("tar")))
  func gnuTarListsTheSameNames() throws {
    let (sample, path) = try Self.archive()
    let result = try HostProgram.run(
      "tar", ["--quoting-style=literal", "-tf", path], environment: ["LC_ALL": "C"])
    withExtendedLifetime(sample) {}
    #expect(result.status == 0)
    // GNU tar does not know POSIX's hdrcharset and takes the bytes as they are, which is what it asks for.
    let keyword = "Ignoring unknown extended header keyword 'hdrcharset'"
    let complaints = result.errors.split(separator: "\n").filter { !$0.hasSuffix(keyword) }
    #expect(complaints.isEmpty, "\(result.errors)")
    #expect(result.output.split(separator: 0x0A).map { Array($0) } == Self.names)
  }

  @Test(.enabled(if: HostProgram.isInstalled("bsdtar")))
  func bsdtarListsTheSameNames() throws {
    let (sample, path) = try Self.archive()
    let result = try HostProgram.run("bsdtar", ["-tf", path], environment: ["LC_ALL": "C.UTF-8"])
    withExtendedLifetime(sample) {}
    #expect(result.status == 0, "\(result.errors)")
    // bsdtar prints bytes that are no text of the locale as octal numbers, so those two names differ.
    let listed = result.text.split(separator: "\n").map(String.init)
    let texts = Self.names.map { String(validating: $0, as: UTF8.self) }
    #expect(listed.count == texts.count)
    for (name, text) in zip(listed, texts) where text != nil { #expect(name == text) }
    #expect(texts.count { $0 == nil } == 2)
  }

  @Test(.enabled(if: HostProgram.isInstalled("python3")))
  func pythonReadsEveryField() throws {
    let (sample, path) = try Self.archive()
    let script = """
      import sys, tarfile, binascii
      h = lambda s: binascii.hexlify(s.encode("utf-8", "surrogateescape")).decode()
      with tarfile.open(sys.argv[1], encoding="utf-8", errors="surrogateescape") as archive:
          for m in archive:
              assert m.uname == "" and m.gname == ""
              x = {k[13:]: binascii.hexlify(v.encode("utf-8", "surrogateescape")).decode()
                   for k, v in m.pax_headers.items() if k.startswith("SCHILY.xattr.")}
              print(h(m.name), m.type.decode(), oct(m.mode), m.uid, m.gid, int(m.mtime), m.size,
                    h(m.linkname) or "-", m.devmajor, m.devminor,
                    ",".join(f"{k}={x[k]}" for k in sorted(x)) or "-")
      """
    let result = try HostProgram.run("python3", ["-c", script, path])
    withExtendedLifetime(sample) {}
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.text.split(separator: "\n").map(String.init)
    #expect(lines == Self.members.map { Self.pythonLine($0.entry) })
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String(format: "%02x", $0) }.joined()
  }

  private static func pythonLine(_ entry: TarEntry) -> String {
    var type = "0"
    var link: [UInt8] = []
    var device: (UInt32, UInt32) = (0, 0)
    switch entry.kind {
    case .regular: break
    case .directory: type = "5"
    case .symlink(let target): (type, link) = ("2", target)
    case .hardlink(let target): (type, link) = ("1", target)
    case .characterDevice(let major, let minor): (type, device) = ("3", (major, minor))
    case .blockDevice(let major, let minor): (type, device) = ("4", (major, minor))
    case .fifo: type = "6"
    }
    let xattrs = entry.xattrs.sorted { $0.key < $1.key }.map { "\($0.key)=\(hex($0.value))" }
    let path = entry.path.isEmpty ? Array(".".utf8) : entry.path
    return [
      hex(path), type, "0o" + String(entry.mode, radix: 8), "\(entry.uid)", "\(entry.gid)",
      "\(entry.mtime)", "\(entry.size)", link.isEmpty ? "-" : hex(link), "\(device.0)",
      "\(device.1)", xattrs.isEmpty ? "-" : xattrs.joined(separator: ","),
    ].joined(separator: " ")
  }

  @Test(
    .enabled(if: HostProgram.isInstalled("tar") && HostProgram.isInstalled("bsdtar")),
    arguments: ["tar", "bsdtar"])
  func extractedFilesAreTheSame(program: String) throws {
    let (sample, path) = try Self.archive()
    let target = sample.path("out")
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    // Devices and foreign owners need root, which the test may not be.
    let result = try HostProgram.run(
      program,
      [
        "-xf", path, "-C", target, "--no-same-owner", "--exclude", "char", "--exclude", "block",
      ], environment: ["LC_ALL": "C.UTF-8"])
    #expect(result.status == 0, "\(result.errors)")
    try Self.expectFiles(sample, "out")
  }

  /// What every reader must have unpacked, whatever it makes of owners and devices.
  static func expectFiles(_ sample: SampleImage, _ target: String) throws {
    #expect(try sample.directory.read(target + "/" + Self.long) == Array("long".utf8))
    #expect(try sample.directory.read(target + "/hard") == Array("long".utf8))
    #expect(try sample.directory.read(target + "/" + Self.veryLong) == Array("very long".utf8))
    #expect(try sample.directory.read(target + "/" + Self.splittable) == Array("split".utf8))
    #expect(try sample.directory.read(target + "/bücher") == [1])
    #expect(try size(Array(sample.path(target).utf8) + [0x2F] + Self.binary) == 2)
    #expect(try size(Array(sample.path(target).utf8) + [0x2F] + Self.longBinary) == 3)
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: sample.path(target) + "/link")
        == Self.veryLong)
  }

  private static func size(_ path: [UInt8]) throws -> Int64 {
    var status = stat()
    let result = (path + [0]).withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { name in
        name.baseAddress.map { lstat($0, &status) } ?? -1
      }
    }
    return result == 0 ? Int64(status.st_size) : -1
  }

  /// Whether the file system of the temporary directory holds user attributes.
  private static let holdsAttributes: Bool = {
    guard let probe = try? TemporaryDirectory() else { return false }
    let script = "import os, sys; os.setxattr(sys.argv[1], 'user.probe', b'1')"
    return (try? HostProgram.run("python3", ["-c", script, probe.path]).status) == 0
  }()

  @Test(
    .enabled(
      if: holdsAttributes && HostProgram.isInstalled("tar") && HostProgram.isInstalled("bsdtar")),
    arguments: [["tar", "--xattrs", "--xattrs-include=*"], ["bsdtar", "--xattrs"]])
  func extendedAttributesArriveOnDisk(command: [String]) throws {
    let (sample, path) = try Self.archive()
    let target = sample.path("out")
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    let result = try HostProgram.run(
      command[0], Array(command.dropFirst()) + ["-xf", path, "-C", target, "attributes"])
    #expect(result.status == 0, "\(result.errors)")
    let script = "import os, sys; print(os.getxattr(sys.argv[1], 'user.b').hex())"
    let value = try HostProgram.run("python3", ["-c", script, target + "/attributes"])
    #expect(value.text == "0001ff0a\n", "\(value.errors)")
  }
}
