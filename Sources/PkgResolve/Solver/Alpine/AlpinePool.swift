/// All packages that may be chosen for one architecture, with dense ids, and which of them answers to which name.
struct AlpinePool: Sendable {
  typealias ID = Int32
  typealias NameID = Int32

  /// One package that answers to a name, its own or one that it provides.
  struct Provider: Sendable {
    let package: ID
    /// nil where the name is provided without one.
    let version: AlpineVersion?
  }

  /// One package, once for all the indexes that have it.
  struct Package: Sendable {
    let record: AlpineRecord
    let name: NameID
    /// Names that it provides, without its own.
    var provides: [(name: NameID, version: AlpineVersion?)]
    /// Place of the first index that has it.
    let firstIndex: Int
    /// Bits of the tags whose indexes have it; bit 0 stands for those without a tag.
    var tags: UInt64
    /// Why it cannot be installed, if so: `is for aarch64`.
    var fault: String?
  }

  let architecture: String
  let packages: [Package]
  /// Names of tags, by bit; the first stands for no tag.
  let tags: [String]
  /// Names of the origins, in the order of the indexes.
  let origins: [String]
  let names: [String]
  private let nameIDs: [String: NameID]
  /// By name: in one order, however the indexes are ordered.
  private let providers: [[Provider]]
  /// By name: the packages whose install_if names it.
  private let triggers: [NameID: [ID]]

  init(
    architecture: String, packages: [Package], tags: [String], origins: [String], names: [String],
    nameIDs: [String: NameID], providers: [[Provider]], triggers: [NameID: [ID]]
  ) {
    self.architecture = architecture
    self.packages = packages
    self.tags = tags
    self.origins = origins
    self.names = names
    self.nameIDs = nameIDs
    self.providers = providers
    self.triggers = triggers
  }

  subscript(id: ID) -> AlpineRecord { packages[Int(id)].record }

  func package(_ id: ID) -> Package { packages[Int(id)] }

  /// nil where no package has or provides the name.
  func id(ofName name: String) -> NameID? { nameIDs[name] }

  func providers(of name: NameID) -> [Provider] { providers[Int(name)] }

  func providers(of name: String) -> [Provider] {
    nameIDs[name].map { providers[Int($0)] } ?? []
  }

  /// The packages that answer to a name in a version that the dependency asks for.
  func matches(_ dependency: AlpineDependency) -> [Provider] {
    providers(of: dependency.name).filter { dependency.matches($0.version) }
  }

  /// Whether a request for the name alone may choose the package: it has the name or provides it with a version, or
  /// it declares a provider_priority.
  func isSelectable(_ provider: Provider) -> Bool {
    provider.version != nil || self[provider.package].providerPriority > 0
  }

  func triggers(naming name: NameID) -> [ID] { triggers[name] ?? [] }

  /// Bit of a tag; nil where no index has it.
  func bit(ofTag tag: String?) -> UInt64? {
    guard let tag else { return 1 }
    return tags.dropFirst().firstIndex(of: tag).map { 1 << UInt64($0) }
  }

  /// Whether a package may be taken where these tags are allowed.
  ///
  /// As apk does, one that installs no files is allowed from anywhere.
  func isAllowed(_ id: ID, tags: UInt64) -> Bool {
    package(id).tags & (tags | 1) != 0 || self[id].installedSize == 0
  }

  /// `bash-5.2.21-r0`.
  func describe(_ id: ID) -> String { "\(self[id].name)-\(self[id].version)" }

  /// What a package needs and excludes.
  ///
  /// Throws ``ResolveError`` with code `invalidRelation`.
  func depends(of id: ID) throws(ResolveError) -> [AlpineDependency] {
    try AlpineDependencyParser.dependencies(self[id].depends, subject: "D:")
  }

  /// Conditions under which a package is installed by itself; none where they cannot be read, as for apk.
  func installIf(of id: ID) -> [AlpineDependency] {
    let text = self[id].installIf
    guard !text.isEmpty else { return [] }
    return (try? AlpineDependencyParser.dependencies(text, subject: "i:")) ?? []
  }
}
