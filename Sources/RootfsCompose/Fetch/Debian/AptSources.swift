import PkgResolve

/// The Debian archives that a host's apt reads from.
public struct AptSources: Sendable, Hashable {
  /// Base URL of the Debian archive; nil where no entry names it.
  public var archive: String?
  /// Base URL of the security archive.
  public var security: String?

  public init(archive: String? = nil, security: String? = nil) {
    self.archive = archive
    self.security = security
  }

  /// Reads `sources.list`, then the files of `sources.list.d` by name, and takes the first entry for each archive.
  ///
  /// Only the places count, not the suites: the host may run another release than the image. Entries of third parties
  /// and of other distributions are passed over, and so are files and lines that cannot be read: apt reports those.
  public static func host(root: String = "/etc/apt") -> AptSources {
    var sources = AptSources()
    var files = [root + "/sources.list"]
    files += (DirectoryListing.names(in: root + "/sources.list.d") ?? [])
      .filter { $0.hasSuffix(".list") || $0.hasSuffix(".sources") }
      .map { root + "/sources.list.d/" + $0 }
    for file in files {
      let sink = MemorySink(subject: file, limit: 1 << 20)
      let read = try? LocalFile(path: file).copy(into: sink, cancellation: CancellationFlag())
      guard read != nil else { continue }
      let entries = file.hasSuffix(".sources") ? stanzas(sink.bytes, file) : lines(sink.bytes)
      for entry in entries { sources.take(entry) }
    }
    return sources
  }

  struct Entry: Equatable {
    var uris: [String]
    var suites: [String]
    var components: [String]
    var signedBy: String?
  }

  /// Source: sources.list(5), "One-line-style format".
  static func lines(_ bytes: [UInt8]) -> [Entry] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
      let line = line.prefix { $0 != "#" }
      guard let source = try? DebianSource(line: String(line), subject: "") else { return nil }
      return Entry(
        uris: [source.base], suites: [source.suite], components: source.components,
        signedBy: source.signedBy.first)
    }
  }

  /// Source: sources.list(5), "deb822-style format".
  static func stanzas(_ bytes: [UInt8], _ name: String) -> [Entry] {
    guard let stanzas = try? ControlStanza.parse(bytes, name: name) else { return [] }
    return stanzas.compactMap { stanza in
      func words(_ field: String) -> [String] { stanza.words(field).map(String.init) }
      guard words("Types").contains("deb"),
        !["no", "false", "0", "off", "without", "disable"].contains(stanza["Enabled"] ?? "yes")
      else { return nil }
      return Entry(
        uris: words("URIs"), suites: words("Suites"), components: words("Components"),
        signedBy: stanza["Signed-By"])
    }
  }

  private static let releases = [
    "stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid", "stable",
    "oldstable", "oldoldstable", "testing", "unstable",
  ]

  /// Takes an entry's places where they are Debian's own.
  mutating func take(_ entry: Entry) {
    let ownKeys = entry.signedBy.map { $0.contains("debian-archive-") } ?? true
    guard entry.components.contains("main"), ownKeys else { return }
    for uri in entry.uris {
      guard let url = try? ResourceURL.base(uri, workingDirectory: "/") else { continue }
      for suite in entry.suites {
        let release = suite.prefix { $0 != "-" && $0 != "/" }
        guard Self.releases.contains(String(release)) else { continue }
        let variant = suite.dropFirst(release.count)
        if variant == "-security" || variant == "/updates" {
          if security == nil, url.text.contains("security") { security = url.textWithCredentials }
        } else if ["", "-updates", "-backports"].contains(variant) {
          if archive == nil, Self.isArchive(url) { archive = url.textWithCredentials }
        }
      }
    }
  }

  /// Whether a base is that of the archive: `…/debian`, or the snapshot service's `…/debian/20250906T101112Z`.
  private static func isArchive(_ url: ResourceURL) -> Bool {
    let components = url.text.split(separator: "/")
    if components.last == "debian" { return true }
    return components.count > 1 && components[components.count - 2] == "debian"
      && components.last.flatMap { ArchiveDate(snapshot: $0) } != nil
  }
}
