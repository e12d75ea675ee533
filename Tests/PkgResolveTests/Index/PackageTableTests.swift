import Testing

@testable import PkgResolve

@Suite struct PackageTableTests {
  private let origin = PackageOrigin(name: "main", url: "u", suite: "s", component: "c")

  private func debian(_ stanzas: [Stanza]) throws -> PackageTable {
    try index(stanzas)
  }

  private var stanzas: [Stanza] {
    [
      Stanza("libc6", "2.41-12", ["Provides": "libc6-abi (= 2.41), glibc:any"]),
      Stanza("bash", "1:5.2-2+b1", ["Depends": "libc6 (>= 2.38)", "Installed-Size": "7"]),
      Stanza("libc6", "2.41-13", ["Provides": "libc6-abi (= 2.41)", "Multi-Arch": "same"]),
      Stanza("dash", "0.5", ["Essential": "yes", "Priority": "required", "Source": "x (1)"]),
    ]
  }

  /// All that a record says, in one line.
  private func text(_ record: PackageRecord) -> String {
    let relations = [
      try? record.requirements.description, try? record.provides.description,
      try? record.conflicts.description, try? record.breaks.description,
      try? record.replaces.description,
    ]
    return "\(record) \(record.debianVersion) \(record.architecture) \(record.size) \(record.line) "
      + "\(record.installedSize ?? -1) \(record.digest ?? "-") \(record.filename) "
      + "\(record.sourceName) \(record.sourceVersion) \(record.multiArch) \(record.priority) "
      + "\(record.isEssential) \(relations) \(record.dependsText) \(record.providesText) "
      + "\(record.installIfText) \(record.replacesText) \(record.providerPriority) "
      + "\(record.replacesPriority) \(record.hasUnknownField)"
  }

  /// All that can be read from a table.
  private func everything(_ table: PackageTable) -> [String] {
    var lines = table.map(text)
    for name in Array(table.packageNames) + ["libc6-abi", "glibc", "so:a", "none"] {
      lines.append("\(name) \(table.rows(named: name)) \(table.provisions(of: name))")
    }
    if let pool = try? PackagePool(architecture: "amd64", indexes: [table]) {
      for name in pool.names + ["libc6-abi"] {
        lines.append("\(name) \(pool.candidates(named: name)) \(pool.providers(of: name))")
      }
    }
    return lines
  }

  @Test func `a kept table says what the parsed one says`() throws {
    let table = try debian(stanzas)
    let kept = try PackageTable(kept: TableBytes(table.keptBytes), origin: origin)
    #expect(everything(kept) == everything(table))
    #expect(kept.format == .debian)
    #expect(kept.requiresPackageFiles)
    #expect(kept[0].origin == origin)
    #expect(kept.rows(named: "libc6") == [0, 2])
    #expect(
      kept.provisions(of: "libc6-abi").map(\.item) == ["libc6-abi (= 2.41)", "libc6-abi (= 2.41)"])
    #expect(kept.provisions(of: "glibc").map(\.item) == ["glibc:any"])
    #expect(kept.rows(named: "libc6-abi").isEmpty)
    #expect(kept.rows(named: "").isEmpty)
  }

  @Test func `an empty index makes an empty table`() throws {
    let table = try PackageIndex.parse([], origin: origin)
    let kept = try PackageTable(kept: TableBytes(table.keptBytes), origin: origin)
    #expect(kept.isEmpty)
    #expect(kept.rows(named: "a").isEmpty)
  }

  @Test func `any changed or missing byte is noticed`() throws {
    let bytes = try debian(stanzas).keptBytes
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 1 << UInt8(position % 8)
      #expect(throws: ResolveError.self, "byte \(position)") {
        try PackageTable(kept: TableBytes(damaged), origin: origin)
      }
      #expect(throws: ResolveError.self) {
        try PackageTable(kept: TableBytes(Array(bytes[..<position])), origin: origin)
      }
    }
    #expect(throws: ResolveError.self) {
      try PackageTable(kept: TableBytes(bytes + [0]), origin: origin)
    }
  }

  /// Sets the checksum right, as a forger would.
  private func sealed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    let sum = bytes.withUnsafeBytes {
      tableChecksum(UnsafeRawBufferPointer(rebasing: $0[TableLayout.Header.checked...]))
    }
    withUnsafeBytes(of: sum.littleEndian) {
      bytes.replaceSubrange(TableLayout.Header.checksum..<TableLayout.Header.checked, with: $0)
    }
    return bytes
  }

  @Test func `a forged table is refused, or reading it ends within its bytes`() throws {
    let bytes = try debian(stanzas).keptBytes
    #expect(sealed(bytes) == bytes)
    var refused = 0
    var accepted = 0
    for offset in stride(from: 8, to: bytes.count - 3, by: 4) {
      for value: UInt32 in [0, 1, 2, 3, 5, 60, 200, 1 << 16, 1 << 31, .max - 1, .max] {
        var forged = bytes
        withUnsafeBytes(of: value.littleEndian) {
          forged.replaceSubrange(offset..<(offset + 4), with: $0)
        }
        if let table = try? PackageTable(kept: TableBytes(sealed(forged)), origin: origin) {
          accepted += 1
          _ = everything(table)
        } else {
          refused += 1
        }
      }
    }
    #expect(refused > 500)
    #expect(accepted > 500)
  }

  @Test func `a search in a forged table without a free slot ends`() throws {
    let names = (0..<600).map { "p\($0)" }
    var bytes = try debian(names.map { Stanza($0) }).keptBytes
    let layout = try PackageTable(kept: TableBytes(bytes), origin: origin).layout
    #expect(layout.slotCount > TableLayout.probeLimit)
    for slot in 0..<layout.slotCount {
      let number = layout.slots + slot * TableLayout.slotSize + 4
      if bytes[number..<(number + 4)].allSatisfy({ $0 == 0 }) { bytes[number] = 1 }
    }
    let forged = try PackageTable(kept: TableBytes(sealed(bytes)), origin: origin)
    #expect(forged.rows(named: "none").isEmpty)
    #expect(forged.rows(named: "p599") == [599])
  }

  /// Tables that an earlier program kept are found by the version alone. Where this fails, the form has changed: give
  /// ``TableLayout/version`` the next number, and this test with it.
  @Test func `tables of one version have one form`() throws {
    let alpine =
      "C:Q1eVpkasfqZAukAXFYbgwt4xAMZWU=\nP:a\nV:1-r0\nS:2\nI:3\nD:b\np:c=1 d\ni:e\nk:4\nq:5\n"
    let sums = try [
      debian(stanzas), AlpineIndex.parse(Array(alpine.utf8), origin: origin),
    ].map { table in
      table.withKeptBytes {
        tableChecksum(UnsafeRawBufferPointer(rebasing: $0[TableLayout.Header.checked...]))
      }
    }
    #expect(TableLayout.version == 2)
    #expect(sums == [8_704_478_765_964_793_799, 8_525_798_888_856_610_544])
  }

  @Test func `the table does not depend on where the index is cut`() throws {
    var text = ""
    for number in 0..<40 {
      let name = "p\(number % 13)"
      text += Stanza(name, "\(number)", ["Provides": "v\(number % 3), w (= \(number))"]).text
      if number % 7 == 0 { text += "\n# a comment\n\n" }
    }
    let whole = try PackageIndex.parse(Array(text.utf8), origin: origin)
    let dos = Array(text.replacing("\n", with: "\r\n").utf8)
    let wholeDos = try PackageIndex.parse(dos, origin: origin)
    #expect(wholeDos.keptBytes == whole.keptBytes)
    for threads in [2, 3, 4, 7, 16, 39, 300] {
      let cut = try PackageIndex.parse(Array(text.utf8), origin: origin, threads: threads)
      #expect(cut.keptBytes == whole.keptBytes, "\(threads) threads")
      let cutDos = try PackageIndex.parse(dos, origin: origin, threads: threads)
      #expect(cutDos.keptBytes == whole.keptBytes, "\(threads) threads")
    }
  }

  @Test func `errors do not depend on where the index is cut`() throws {
    var stanzas = (0..<30).map { Stanza("p\($0)").text }
    stanzas[11] = stanzas[11].replacing("Size: 1000", with: "Size: x")
    stanzas[23] = stanzas[23].replacing("Version", with: "Vision")
    for threads in [1, 2, 3, 8, 29] {
      let error = #expect(throws: ResolveError.self) {
        try PackageIndex.parse(Array(stanzas.joined().utf8), origin: origin, threads: threads)
      }
      #expect(error?.description == "main:82: Size \"x\": expected a number")
    }
  }

  @Test func `shuffled stanzas hold the same packages and providers`() throws {
    let forward = try debian(stanzas)
    let backward = try debian(stanzas.reversed())
    for name in ["libc6", "bash", "dash"] {
      func versions(_ table: PackageTable) -> [String] {
        table.rows(named: name).map { table[$0].version }.sorted()
      }
      #expect(versions(forward) == versions(backward))
    }
    for name in ["libc6-abi", "glibc"] {
      func providers(_ table: PackageTable) -> [String] {
        table.provisions(of: name).map { "\(table[$0.row]) \($0.item)" }.sorted()
      }
      #expect(providers(forward) == providers(backward))
    }
  }

  @Test func `names that differ are told apart, however many there are`() throws {
    let names = (0..<3000).map { "name\($0)" + String(repeating: "x", count: $0 % 20) }
    let table = try debian(names.map { Stanza($0) })
    for (row, name) in names.enumerated() { #expect(table.rows(named: name) == [row]) }
    #expect(Array(table.packageNames) == names)
  }

  @Test func `file names come back as they were`() throws {
    let names = [
      "pool/main/p/p_1_amd64.deb", "p_1_amd64.deb", "x/q_1_amd64.deb", "pool//p_1_amd64.deb",
      "p/1.deb", "xp_1_amd64.deb", "pool/../x".replacing("..", with: "..."),
    ]
    for name in names {
      #expect(try debian([Stanza("p", "1", ["Filename": name])]).map(\.filename) == [name])
      let epoch = try debian([Stanza("p", "2:1", ["Filename": name])])
      #expect(epoch.map(\.filename) == [name])
    }
    for name in ["/p_1_amd64.deb", "../p_1_amd64.deb", "a/../p_1_amd64.deb", "a b/p_1_amd64.deb"] {
      #expect(throws: ResolveError.self) { try debian([Stanza("p", "1", ["Filename": name])]) }
    }
  }

  @Test func `digests come back in lower case, and nothing else is one`() throws {
    let digits = "0123456789abcdefABCDEF"
    let text = String(repeating: digits, count: 3).prefix(64)
    let table = try debian([Stanza("p", "1", ["SHA256": String(text)])])
    #expect(table.map(\.digest) == ["sha256:" + text.lowercased()])
    for byte in UInt8(1)..<128 where !digits.utf8.contains(byte) && byte != 10 && byte != 13 {
      var wrong = Array(text.utf8)
      wrong[17] = byte
      #expect(throws: ResolveError.self, "byte \(byte)") {
        try debian([Stanza("p", "1", ["SHA256": String(decoding: wrong, as: UTF8.self)])])
      }
    }
  }

  /// Names of eight bytes with one and the same hash: each step of the hash is undone.
  private func collidingNames(_ count: Int) -> [[UInt8]] {
    let factor: UInt64 = 0x9e37_79b9_7f4a_7c15
    var inverse = factor
    for _ in 0..<6 { inverse = inverse &* (2 &- factor &* inverse) }
    var names = [[UInt8]]()
    var number: UInt64 = 0
    while names.count < count {
      number += 1
      var hash = number &* inverse
      hash ^= hash >> 29 ^ hash >> 58
      hash = hash &* inverse
      hash ^= hash >> 32
      let word = hash &* inverse ^ 8
      let name = withUnsafeBytes(of: word.littleEndian) { Array($0) }
      if name.allSatisfy({ $0 > 0x20 && $0 != 0x7f && !"/=<>~@!".utf8.contains($0) }) {
        names.append(name)
      }
    }
    return names
  }

  @Test func `names chosen to collide are looked up, and too many of them refused`() throws {
    func parse(_ names: [[UInt8]]) throws -> PackageTable {
      let text = names.flatMap { Array("P:".utf8) + $0 + Array("\nV:1\n\n".utf8) }
      return try AlpineIndex.parse(text, origin: origin, requirePackageFiles: false)
    }
    let names = collidingNames(1100)
    let hashes = names.map { name in
      name.withUnsafeBufferPointer { $0.baseAddress.map { tableHash($0, 8) } }
    }
    #expect(Set(hashes).count == 1)
    let table = try parse(Array(names.prefix(1000)))
    #expect(table.count == 1000)
    #expect(Array(table.packageNames).count == 1000)
    let error = #expect(throws: ResolveError.self) { try parse(names) }
    #expect(error?.description.hasPrefix("main: its names were chosen") == true)
  }

  @Test func `too many packages or provided names are refused before they take the memory`() throws
  {
    let provides = "P:a\nV:1\np:" + String(repeating: "b ", count: TableLayout.countLimit + 1)
    let error = #expect(throws: ResolveError.self) {
      try AlpineIndex.parse(Array(provides.utf8), origin: origin, requirePackageFiles: false)
    }
    #expect(
      error?.description
        == "main: holds over 2097152 packages, or as many provided names; expected fewer")
  }
}
