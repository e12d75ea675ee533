import RootfsCompose
import TestSupport
import Testing

/// Files that are no whole package: an error, never a crash, never a part taken for the whole.
@Suite struct MalformedPackageTests {
  private func members(_ change: (inout [(name: String, bytes: [UInt8])]) throws -> Void) throws
    -> ComposeError
  {
    var builder = DebBuilder("bad", compression: .xz)
    builder.file("/usr/x", "x")
    var members = try builder.members()
    try change(&members)
    return try #require(
      try DebFixture().failure(DebBuilder.archive(members), name: "bad.deb"))
  }

  @Test func containerOfWrongShape() throws {
    #expect(
      try members { $0.remove(at: 0) }.description
        == "bad.deb: does not begin with the member debian-binary; expected a Debian package")
    #expect(
      try members { $0[0].bytes = Array("3.0\n".utf8) }.description
        == "bad.deb: is of format \"3.0\"; expected 2.0")
    #expect(
      try members { $0.swapAt(1, 2) }.description
        == "bad.deb: has the member data.tar.xz where control.tar is expected, plain or packed as "
        + ".gz, .xz or .zst")
    #expect(
      try members { $0.removeSubrange(1...) }.description
        == "bad.deb: ends before its control member; expected control.tar")
    #expect(
      try members { $0.remove(at: 2) }.description
        == "bad.deb: ends before its data member; expected data.tar")
    #expect(try members { $0.append($0[2]) }.description.contains("second member data.tar.xz"))
    #expect(try members { $0[2].name = "data.tar.lz4" }.description.contains("data.tar.lz4"))
  }

  @Test func membersThatAreNotWhatTheirNameSays() throws {
    for name in ["data.tar", "data.tar.gz", "data.tar.zst", "data.tar.bz2", "data.tar.lzma"] {
      let error = try members { $0[2].name = name }
      #expect(error.code == .invalidArchive, "\(name)")
      #expect(error.description.hasPrefix("bad.deb: its \(name) cannot be read: "), "\(error)")
    }
    let twice = try members { $0[2].bytes = try Compression.xz.compress($0[2].bytes) }
    #expect(twice.code == .invalidArchive)
    let plain = try members { $0[2].bytes = DebBuilder("x").data.bytes() }
    #expect(plain.code == .invalidArchive)
  }

  @Test(arguments: [
    "", "Package: bad\nVersion: 1\n", "Package: bad\nArchitecture: all\n",
    "Package: ../bad\nVersion: 1\nArchitecture: all\n",
    "Package: bad\nVersion: 1/2\nArchitecture: all\n",
    "Package: bad\nVersion: 1\nArchitecture: a b\n",
    "Package: bad\nVersion: 1\nArchitecture: all\n\nPackage: worse\n", "no colon\n",
  ])
  func controlStanza(_ text: String) throws {
    let error = try members {
      var tar = TarBuilder()
      tar.members = [.init(Array("./control".utf8), content: Array(text.utf8))]
      $0[1] = ("control.tar", tar.bytes())
    }
    #expect(error.code == .invalidArchive)
    #expect(error.description.hasPrefix("bad.deb: control:"), "\(error)")
  }

  @Test func controlArchive() throws {
    let none = try members { $0[1] = ("control.tar", TarBuilder().bytes()) }
    #expect(none.description == "bad.deb: has no control file in its control.tar")
    let link = try members {
      var tar = TarBuilder()
      tar.members = [.init(Array("./control".utf8), type: "2", linkName: Array("/etc/x".utf8))]
      $0[1] = ("control.tar", tar.bytes())
    }
    #expect(link.code == .invalidArchive)
  }

  @Test(arguments: [Compression.none, .gzip, .xz, .zstd])
  func everyTruncation(_ compression: Compression) throws {
    var builder = DebBuilder("bad", compression: compression)
    builder.file("/usr/x", String(repeating: "text ", count: 1000))
    let bytes = try builder.bytes()
    let fixture = try DebFixture()
    for length in stride(from: 0, to: bytes.count - 1, by: compression == .none ? 37 : 3) {
      let error = try fixture.failure(Array(bytes[..<length]), name: "bad.deb")
      #expect(error?.code == .invalidArchive, "\(length) of \(bytes.count)")
    }
  }

  @Test func garbage() throws {
    let fixture = try DebFixture()
    var generator = Generator(state: 7)
    for size in [0, 1, 8, 60, 68, 1000, 100_000] {
      let noise = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
      #expect(try fixture.failure(noise, name: "a.deb") != nil)
      let zeros = [UInt8](repeating: 0, count: size)
      #expect(try fixture.failure(zeros, name: "a.deb") != nil)
      #expect(try fixture.failure(Array("!<arch>\n".utf8) + noise, name: "a.deb") != nil)
    }
  }

  /// Whatever byte is wrong, the end is an error or entries, never a crash.
  @Test(arguments: [Compression.none, .xz, .zstd])
  func flippedBytes(_ compression: Compression) throws {
    var builder = DebBuilder("bad", compression: compression)
    builder.directory("/usr")
    builder.file("/usr/x", String(repeating: "text", count: 300))
    builder.hardLink("/usr/y", to: "/usr/x")
    builder.symlink("/usr/z", to: "x")
    builder.file("/usr/cap", "c", attribute: "security.capability", value: [1, 2, 3])
    builder.file("/" + String(repeating: "long/", count: 60), "l")
    builder.add(.sparse(Array("./s".utf8), size: 5000, segments: [(100, [1]), (4000, [2])]))
    builder.scripts["postinst"] = "#!/bin/sh\n"
    let bytes = try builder.bytes()
    let fixture = try DebFixture()
    var generator = Generator(state: 42)
    var refused = 0
    for _ in 0..<300 {
      var flipped = bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        flipped[Int.random(in: flipped.indices, using: &generator)] ^=
          1 << UInt8.random(in: 0...7, using: &generator)
      }
      if try fixture.failure(flipped, name: "bad.deb") != nil { refused += 1 }
    }
    #expect(refused > 0)
  }

  /// SplitMix64: the same flips in every run.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return mixed ^ (mixed >> 31)
    }
  }
}
