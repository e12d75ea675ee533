/// Makes a signed repository of Alpine packages in a directory: `ARCH/APKINDEX.tar.gz` and `ARCH/NAME-VERSION.apk`.
///
/// Source of the format: apk-index(5); Alpine's wiki, "Apk spec", "Index Format V2".
public struct AlpineRepositoryBuilder: Sendable {
  /// The repository's root: what a line of /etc/apk/repositories names.
  public let directory: String
  public var key: AlpineSigningKey
  public var algorithms = [AlpineSigningKey.Algorithm.sha1]
  /// The time of the index's entries, in seconds since 1970.
  public var date = DebBuilder.defaultTime
  public var description = "v3.22.0-1-gtest"
  /// Lists `noarch` packages under the index's own architecture, as Alpine's do (`apk index --rewrite-arch`).
  public var rewritesArchitecture = true

  /// A repository in `directory`, which is made where it is missing, signed with the tests' key.
  public init(directory: String) throws {
    self.directory = directory
    key = try .shared()
  }

  /// Writes the public key to `folder` under its name; returns the path.
  @discardableResult
  public func writeKey(to folder: String) throws -> String {
    try writeFile(key.publicKey, to: folder + "/" + key.name)
    return folder + "/" + key.name
  }

  /// Writes packages and an architecture's signed index, in place of the index that was there.
  public func publish(_ packages: [ApkBuilder], architecture: String = "x86_64") throws {
    let folder = directory + "/" + architecture
    var records = [String]()
    for package in packages {
      let bytes = try package.bytes()
      try writeFile(bytes, to: folder + "/" + package.fileName)
      records.append(
        try Self.record(
          of: package, size: bytes.count, architecture: rewritesArchitecture ? architecture : nil))
    }
    try writeFile(try index(records), to: folder + "/APKINDEX.tar.gz")
  }

  /// Writes an architecture's index as it is given.
  public func publish(index bytes: [UInt8], architecture: String = "x86_64") throws {
    try writeFile(bytes, to: "\(directory)/\(architecture)/APKINDEX.tar.gz")
  }

  /// Writes a file beside an index that calls it the package given, of the size given.
  public func publish(
    file bytes: [UInt8], as package: ApkBuilder, size: Int? = nil, architecture: String = "x86_64"
  ) throws {
    try writeFile(bytes, to: "\(directory)/\(architecture)/\(package.fileName)")
    let record = try Self.record(
      of: package, size: size ?? bytes.count, architecture: architecture)
    try publish(index: try index([record]), architecture: architecture)
  }

  /// A package's record in an index, under its own architecture where `architecture` is nil.
  public static func record(
    of package: ApkBuilder, size: Int, architecture: String? = nil
  ) throws -> String {
    let installed = package.data.members.reduce(0) { $0 + $1.content.count }
    var lines = [
      "C:\(try package.checksum())", "P:\(package.name)", "V:\(package.version)",
      "A:\(architecture ?? package.architecture)", "S:\(size)", "I:\(installed)",
      "T:a package made by a test",
      "U:https://example.org/", "L:MIT", "o:\(package.name)", "t:\(package.buildDate)",
    ]
    for (letter, field) in [("D", "depend"), ("p", "provides"), ("i", "install_if")] {
      let values = package.fields.filter { $0.name == field }.map(\.value)
      if !values.isEmpty { lines.append("\(letter):\(values.joined(separator: " "))") }
    }
    if let priority = package.fields.first(where: { $0.name == "provider_priority" }) {
      lines.append("k:\(priority.value)")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The bytes of `APKINDEX.tar.gz` with these records, signed.
  public func index(_ records: [String]) throws -> [UInt8] {
    let content = try indexMember(records)
    return try key.member(signing: content, algorithms: algorithms) + content
  }

  /// The part of an index that is signed.
  public func indexMember(_ records: [String]) throws -> [UInt8] {
    var tar = TarBuilder()
    tar.members = [
      .init(Array("DESCRIPTION".utf8), mtime: date, content: Array(description.utf8)),
      .init(
        Array("APKINDEX".utf8), mtime: date,
        content: Array(records.map { $0 + "\n" }.joined().utf8)),
    ]
    return try Compression.gzip.compress(tar.bytes())
  }
}
