@testable import PkgResolve

/// A Packages index, and every value of each of its records.
func debianIndex(_ bytes: [UInt8]) {
  parse(bytes) { origin, demanding, threads throws(ResolveError) in
    try PackageIndex.parse(
      bytes, origin: origin, requirePackageFiles: demanding, threads: threads)
  }
}

/// An APKINDEX, likewise.
func alpineIndex(_ bytes: [UInt8]) {
  parse(bytes) { origin, demanding, threads throws(ResolveError) in
    try AlpineIndex.parse(
      bytes, origin: origin, requirePackageFiles: demanding, threads: threads)
  }
}

/// The kept form of an index. Its checksum is set right first, for no fuzzer guesses one; what it guards against, a
/// file that was changed on purpose, is what is tried here.
func keptIndex(_ bytes: [UInt8]) {
  var bytes = bytes
  if bytes.count >= TableLayout.headerSize {
    store(TableLayout.magic, in: &bytes, at: TableLayout.Header.magic)
    store(TableLayout.version, in: &bytes, at: TableLayout.Header.version)
    let checksum = bytes.withUnsafeBytes {
      tableChecksum(UnsafeRawBufferPointer(rebasing: $0[TableLayout.Header.checked...]))
    }
    store(checksum, in: &bytes, at: TableLayout.Header.checksum)
  }
  guard let table = try? PackageTable(kept: TableBytes(bytes), origin: origin) else { return }
  require(table.keptBytes == bytes, "a table keeps its bytes")
  walk(table)
}

let origin = PackageOrigin(
  name: "fuzz", url: "http://example.org/", suite: "fuzz", component: "main")

/// However it is parsed, the table is the same, and is read back from its kept form.
private func parse(
  _ bytes: [UInt8], _ parse: (PackageOrigin, Bool, Int) throws(ResolveError) -> PackageTable
) {
  for demanding in [true, false] {
    do throws(ResolveError) {
      let table = try parse(origin, demanding, 1)
      walk(table)
      let kept = table.keptBytes
      require((try? parse(origin, demanding, 3))?.keptBytes == kept, "threads do not matter")
      let again = try PackageTable(kept: TableBytes(kept), origin: origin)
      require(again.keptBytes == kept && again.count == table.count, "a kept table is the same")
    } catch {
      require(error.code != .invalidIndex || !error.description.contains("kept"), error.description)
    }
  }
}

/// Reads everything, and finds every record by its name.
private func walk(_ table: PackageTable) {
  for record in table {
    _ = (record.description, record.architecture, record.digest, record.filename, record.line)
    _ = (record.sourceName, record.sourceVersion, record.size, record.installedSize)
    require(record.size >= 0 && (record.installedSize ?? 0) >= 0, "sizes are not negative")
    if table.format == .debian { readDebian(record) } else { readAlpine(record) }
    for row in table.rows(named: record.name) { _ = table[row].name }
  }
  for name in table.packageNames {
    // A forged table may hold a name twice, of which one has no rows.
    for row in table.rows(named: name) { _ = table[row].name }
    for provision in table.provisions(of: name) { _ = table[provision.row].name + provision.item }
  }
  for name in ["", "a", "base", "libc6", "so:libc.so"] {
    for provision in table.provisions(of: name) { _ = table[provision.row].name + provision.item }
  }
  guard let pool = try? PackagePool(architecture: "amd64", indexes: [table, table]) else { return }
  for name in Array(table.packageNames.prefix(20)) + ["a", "base"] {
    for id in pool.candidates(named: name) + pool.providers(of: name) { _ = pool[id].name }
  }
}

private func readDebian(_ record: PackageRecord) {
  _ = (record.debianVersion, record.multiArch, record.priority, record.isEssential)
  _ = record.debianVersion < record.debianVersion
  _ = try? record.requirements
  _ = try? record.conflicts
  _ = try? record.breaks
  _ = try? record.replaces
  _ = try? record.provides
}

private func readAlpine(_ record: PackageRecord) {
  _ = (record.providerPriority, record.replacesPriority, record.hasUnknownField)
  for text in [record.dependsText, record.installIfText, record.replacesText] {
    _ = try? AlpineDependencyParser.dependencies(text, subject: "fuzz")
  }
  _ = try? AlpineDependencyParser.provides(record.providesText, subject: "fuzz")
}

private func store(_ value: some FixedWidthInteger, in bytes: inout [UInt8], at offset: Int) {
  withUnsafeBytes(of: value.littleEndian) {
    bytes.replaceSubrange(offset..<offset + $0.count, with: $0)
  }
}
