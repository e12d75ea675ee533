/// Gathers the packages of indexes, interning names once.
struct AlpinePoolBuilder {
  private let architecture: String
  private var packages = [AlpinePool.Package]()
  private var tags = [""]
  private var origins = [String]()
  private var names = [String]()
  private var nameIDs = [String: AlpinePool.NameID]()
  /// By digest: packages that more than one index may have.
  private var known = [String: AlpinePool.ID]()

  /// More tags than this are refused.
  private static let tagLimit = 62

  init(architecture: String) { self.architecture = architecture }

  /// Throws ``ResolveError`` with code `invalidRequest` where there are too many tags.
  mutating func add(_ records: [AlpineRecord], index: Int, tag: String?) throws(ResolveError) {
    var bit: UInt64 = 1
    if let tag {
      let place = tags.dropFirst().firstIndex(of: tag) ?? tags.count
      if place == tags.count { tags.append(tag) }
      guard place <= Self.tagLimit else {
        throw ResolveError(
          .invalidRequest, "@\(tag)", "there are more than \(Self.tagLimit) tags; name fewer")
      }
      bit = 1 << UInt64(place)
    }
    if let origin = records.first?.origin.name, !origins.contains(origin) { origins.append(origin) }
    for record in records { add(record, index: index, bit: bit) }
  }

  private mutating func add(_ record: AlpineRecord, index: Int, bit: UInt64) {
    let digest = Self.canonical(record.digest)
    if let same = known[digest] {
      packages[Int(same)].tags |= bit
      return
    }
    if !digest.isEmpty { known[digest] = AlpinePool.ID(packages.count) }
    let name = intern(record.name)
    var package = AlpinePool.Package(
      record: record, name: name, provides: [], firstIndex: index, tags: bit)
    if !record.architecture.isEmpty,
      record.architecture != architecture && record.architecture != "noarch"
    {
      package.fault = "is for \(record.architecture), not for \(architecture)"
    }
    addProvides(of: record, to: &package)
    packages.append(package)
  }

  /// As apk does, takes any sign for `=` and any version as it is, and reads no further than what it cannot read.
  private mutating func addProvides(of record: AlpineRecord, to package: inout AlpinePool.Package) {
    for word in record.provides.utf8.split(separator: UInt8(ascii: " ")) {
      let end = word.firstIndex(where: isDependencySign)
      guard word.first != UInt8(ascii: "!"), let text = String(word[..<(end ?? word.endIndex)]),
        !text.isEmpty, !text.contains("@")
      else { return }
      var version: AlpineVersion?
      if let end {
        let start = word[end...].firstIndex { !isDependencySign($0) } ?? word.endIndex
        version = AlpineVersion(asWritten: String(word[start...]) ?? "")
      }
      let name = intern(text)
      let isTwice =
        name == package.name
        || package.provides.contains {
          $0.name == name && ($0.version != nil || version != nil)
        }
      if isTwice && package.fault == nil { package.fault = "provides \(text) more than once" }
      if name != package.name { package.provides.append((name, version)) }
    }
  }

  /// Without the bits that Base64 leaves over: `Q1…E=` and `Q1…F=` are one SHA-1 digest, and for apk one package.
  private static func canonical(_ digest: String) -> String {
    guard digest.utf8.count == 30, digest.utf8.last == UInt8(ascii: "=") else { return digest }
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    var bytes = Array(digest.utf8)
    guard let place = digits.firstIndex(of: bytes[28]) else { return digest }
    let value = digits.distance(from: digits.startIndex, to: place) & ~3
    bytes[28] = digits[digits.index(digits.startIndex, offsetBy: value)]
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func intern(_ name: String) -> AlpinePool.NameID {
    if let id = nameIDs[name] { return id }
    let id = AlpinePool.NameID(names.count)
    nameIDs[name] = id
    names.append(name)
    return id
  }

  consuming func pool() -> AlpinePool {
    var providers = [[AlpinePool.Provider]](repeating: [], count: names.count)
    var triggers = [AlpinePool.NameID: [AlpinePool.ID]]()
    for (index, package) in packages.enumerated() {
      let id = AlpinePool.ID(index)
      providers[Int(package.name)].append(
        AlpinePool.Provider(
          package: id, version: AlpineVersion(asWritten: package.record.version)))
      for (name, version) in package.provides {
        providers[Int(name)].append(AlpinePool.Provider(package: id, version: version))
      }
      addTriggers(of: package, id, to: &triggers)
    }
    for name in providers.indices where providers[name].count > 1 {
      providers[name].sort { isBefore($0.package, $1.package) }
    }
    for (name, ids) in triggers where ids.count > 1 { triggers[name] = ids.sorted(by: isBefore) }
    return AlpinePool(
      architecture: architecture, packages: packages, tags: tags, origins: origins, names: names,
      nameIDs: nameIDs, providers: providers, triggers: triggers)
  }

  private func addTriggers(
    of package: AlpinePool.Package, _ id: AlpinePool.ID,
    to triggers: inout [AlpinePool.NameID: [AlpinePool.ID]]
  ) {
    for word in package.record.installIf.utf8.split(separator: UInt8(ascii: " ")) {
      let end = word.firstIndex(where: isDependencySign) ?? word.endIndex
      guard let text = String(word[..<end]), let name = nameIDs[text] else { continue }
      if triggers[name]?.last != id { triggers[name, default: []].append(id) }
    }
  }

  /// By name, then version, newest first, then index: the same however the stanzas of an index are ordered.
  private func isBefore(_ leftID: AlpinePool.ID, _ rightID: AlpinePool.ID) -> Bool {
    let left = packages[Int(leftID)]
    let right = packages[Int(rightID)]
    if left.name != right.name { return left.record.name < right.record.name }
    switch AlpineVersionOrder(left.record.version, right.record.version) {
    case .greater: return true
    case .less: return false
    case .equal: break
    }
    if left.firstIndex != right.firstIndex { return left.firstIndex < right.firstIndex }
    return left.record.digest < right.record.digest
  }
}
