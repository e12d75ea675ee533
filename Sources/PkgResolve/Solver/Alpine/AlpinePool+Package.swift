extension AlpinePool {
  /// One package that answers to a name, its own or one that it provides.
  struct Provider: Sendable {
    let package: ID
    /// nil where the name is provided without one.
    let version: AlpineVersion?
    /// Whether a request for the name alone may choose the package: it has the name or provides it with a version, or
    /// it declares a provider_priority.
    let isSelectable: Bool

    init(package: ID, version: AlpineVersion?, priority: Int) {
      self.package = package
      self.version = version
      isSelectable = version != nil || priority > 0
    }
  }

  /// What choosing needs of one package, once for all the indexes that have it.
  struct Package: Sendable {
    let name: String
    let nameID: NameID
    let version: AlpineVersion
    let priority: Int
    /// Names that it provides, without its own.
    private(set) var provides = [(name: NameID, version: AlpineVersion?)]()
    /// Place of the first index that has it.
    let firstIndex: Int
    /// Bits of the tags whose indexes have it; bit 0 stands for those without a tag.
    let tags: UInt64
    /// Whether it installs no files.
    let isEmpty: Bool
    /// Why it cannot be installed, if so: `is for aarch64`.
    private(set) var fault: String?
    private let digest: String

    init(_ record: PackageRecord, index: Int, tags: UInt64, in pool: AlpinePool) {
      name = record.name
      nameID = pool.id(ofName: name)
      version = AlpineVersion(asWritten: record.version)
      priority = record.providerPriority
      firstIndex = index
      self.tags = tags
      isEmpty = record.installedSize ?? 0 == 0
      digest = record.digest ?? ""
      let architecture = record.architecture
      if !architecture.isEmpty && architecture != pool.architecture && architecture != "noarch" {
        fault = "is for \(architecture), not for \(pool.architecture)"
      } else if record.hasUnknownField {
        fault = "has a field that only a newer apk understands"
      }
      let text = Array(record.providesText.utf8)
      text.withUnsafeBytes { bytes in
        for word in bytes.split(separator: UInt8(ascii: " ")) {
          if let provided = ProvidedName(UnsafeRawBufferPointer(rebasing: word)) {
            add(provided, in: pool)
          }
        }
      }
    }

    private mutating func add(_ provided: ProvidedName, in pool: AlpinePool) {
      let id = pool.id(ofName: provided.name)
      let isTwice =
        id == nameID
        || provides.contains { $0.name == id && ($0.version != nil || provided.version != nil) }
      if isTwice && fault == nil { fault = "provides \(provided.name) more than once" }
      if id != nameID { provides.append((id, provided.version)) }
    }

    /// Its own name and those that it provides.
    var names: [(name: NameID, version: AlpineVersion?)] { [(nameID, version)] + provides }

    /// Whether it may be taken where these tags are allowed.
    ///
    /// As for apk, one that installs no files is allowed from anywhere.
    func isAllowed(tags allowed: UInt64) -> Bool { tags & (allowed | 1) != 0 || isEmpty }

    /// `bash-5.2.21-r0`.
    var description: String { "\(name)-\(version)" }

    /// Orders packages by name, then version, newest first, then index.
    var key: Key { Key(name: name, version: version, index: firstIndex, digest: digest) }

    struct Key: Comparable {
      let name: String
      let version: AlpineVersion
      let index: Int
      let digest: String

      static func < (left: Self, right: Self) -> Bool {
        if left.name != right.name { return left.name < right.name }
        switch AlpineVersionOrder(left.version.description, right.version.description) {
        case .greater: return true
        case .less: return false
        case .equal: break
        }
        if left.index != right.index { return left.index < right.index }
        return left.digest < right.digest
      }
    }
  }

  /// The packages that answer to a name in a version that the dependency asks for.
  func matches(_ dependency: AlpineDependency) -> [Provider] {
    providers(of: dependency.name).filter { dependency.matches($0.version) }
  }

  /// `bash-5.2.21-r0`.
  func describe(_ id: ID) -> String { package(id).description }

  /// What a package needs and excludes, without what counts as met.
  ///
  /// Throws ``ResolveError`` with code `invalidRelation`.
  func depends(of id: ID) throws(ResolveError) -> [AlpineDependency] {
    try statedDepends(of: id).filter { !isWaived($0) }
  }

  /// What a package needs and gets nothing for, because a package is excluded.
  func waivedDepends(of id: ID) -> [AlpineDependency] {
    guard !excluded.isEmpty, let stated = try? statedDepends(of: id) else { return [] }
    return stated.filter(isWaived)
  }

  private func statedDepends(of id: ID) throws(ResolveError) -> [AlpineDependency] {
    try AlpineDependencyParser.dependencies(self[id].dependsText, subject: "D:")
  }

  private func isWaived(_ dependency: AlpineDependency) -> Bool {
    guard !excluded.isEmpty, !dependency.isConflict else { return false }
    if excluded.contains(dependency.name) { return true }
    return matches(dependency).isEmpty
      && excludedProviders(of: self.id(ofName: dependency.name))
        .contains { dependency.matches($0.version) }
  }

  /// Conditions under which a package is installed by itself; none where they cannot be read, as for apk.
  func installIf(of id: ID) -> [AlpineDependency] {
    let text = self[id].installIfText
    guard !text.isEmpty else { return [] }
    return (try? AlpineDependencyParser.dependencies(text, subject: "i:")) ?? []
  }
}

/// One word of a `p:` field as apk reads it: any sign counts as `=`, and any version is taken as it is.
struct ProvidedName {
  let name: String
  let version: AlpineVersion?

  /// nil where it names nothing.
  init?(_ word: UnsafeRawBufferPointer) {
    let end = word.firstIndex(where: isDependencySign) ?? word.endIndex
    guard end > 0, word[0] != UInt8(ascii: "!"), !word[..<end].contains(UInt8(ascii: "@")) else {
      return nil
    }
    name = String(decoding: word[..<end], as: UTF8.self)
    let start = word[end...].firstIndex { !isDependencySign($0) } ?? word.endIndex
    version =
      start == word.endIndex
      ? nil : AlpineVersion(asWritten: String(decoding: word[start...], as: UTF8.self))
  }
}
