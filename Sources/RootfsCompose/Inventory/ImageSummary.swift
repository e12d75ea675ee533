import OCIImage
import PkgResolve

/// What tells one image from another at a glance, read from its layers: whose files it has, and what a program in it can
/// count on.
public struct ImageSummary: Sendable, Encodable, Equatable {
  /// Source: os-release(5).
  public struct Release: Sendable, Encodable, Equatable {
    /// `debian`, `alpine`
    public var id: String?
    /// `13`, `3.22.1`
    public var versionID: String?
    public var prettyName: String?
  }

  public struct CertificateBundle: Sendable, Encodable, Equatable {
    public let path: String
    public let certificates: Int
  }

  /// Of `/etc/os-release`, else of `/usr/lib/os-release`; nil where neither is a file.
  public private(set) var release: Release?
  /// `glibc`, `musl`: those whose library is there, sorted; none in an image for static programs.
  public private(set) var libraries: [String] = []
  /// Paths of shells, and of links by their names, sorted.
  public private(set) var shells: [String] = []
  /// Paths of package managers' programs, sorted.
  public private(set) var packageManagers: [String] = []
  /// The first of the places where TLS libraries look.
  public private(set) var certificateBundle: CertificateBundle?
  /// Zones below `/usr/share/zoneinfo`, links included.
  public private(set) var timeZones = 0

  /// Reads all layers, an upper one's whiteouts applied. Throws ``ComposeError`` or `OCIError` where one cannot be read.
  public init(of platformImage: PlatformImage, in image: Image) throws {
    var survey = LayerSurvey()
    for layer in platformImage.manifest.layers { try survey.read(layer, of: image) }
    let paths = survey.findings.keys.sorted()
    for path in paths {
      switch survey.findings[path] {
      case .library(let name): if !libraries.contains(name) { libraries.append(name) }
      case .shell: shells.append(path.description)
      case .packageManager: packageManagers.append(path.description)
      case .timeZone: timeZones += 1
      case .release, .certificates, nil: break
      }
    }
    libraries.sort()
    release =
      LayerSurvey.releasePlaces.lazy.compactMap { place in
        if case .release(let text)? = survey.findings[place] { Release(text) } else { nil }
      }.first
    certificateBundle =
      LayerSurvey.bundlePlaces.lazy.compactMap { place in
        guard case .certificates(let count)? = survey.findings[place] else { return nil }
        return CertificateBundle(
          path: place.description, certificates: count)
      }.first
  }
}

extension ImageSummary.Release {
  /// Lines `NAME=value`, the value bare or in quotes; what is none is passed over, as the format wants.
  init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      guard let sign = line.firstIndex(of: "=") else { continue }
      let value = Self.unquoted(line[line.index(after: sign)...])
      switch line[..<sign] {
      case "ID": id = value
      case "VERSION_ID": versionID = value
      case "PRETTY_NAME": prettyName = value
      default: break
      }
    }
  }

  private static func unquoted(_ value: Substring) -> String {
    guard let quote = value.first, quote == "\"" || quote == "'", value.count > 1,
      value.last == quote
    else { return String(value) }
    let inside = value.dropFirst().dropLast()
    guard quote == "\"" else { return String(inside) }
    var result = ""
    var isEscaped = false
    for character in inside {
      if character == "\\", !isEscaped {
        isEscaped = true
      } else {
        result.append(character)
        isEscaped = false
      }
    }
    return result
  }
}

/// The paths of an image that say what it is, layer by layer.
private struct LayerSurvey {
  enum Finding {
    case release(String)
    case library(String)
    case shell, packageManager, timeZone
    /// How many.
    case certificates(Int)
  }

  static let releasePlaces: [TreePath] = ["etc/os-release", "usr/lib/os-release"]
  static let bundlePlaces: [TreePath] = [
    "etc/ssl/certs/ca-certificates.crt", "etc/ssl/cert.pem", "etc/pki/tls/certs/ca-bundle.crt",
  ]
  private static let zones: TreePath = "usr/share/zoneinfo"
  private static let managers: Set<String> = [
    "apk", "apt", "apt-get", "aptitude", "dnf", "dpkg", "microdnf", "opkg", "pacman", "rpm",
    "tdnf", "yum", "zypper",
  ]

  private static let releaseLimit = 1 << 20
  private static let bundleLimit = 16 << 20
  /// No image has as many.
  private static let findingLimit = 200_000

  private(set) var findings: [TreePath: Finding] = [:]

  mutating func read(_ layer: Descriptor, of image: Image) throws {
    var own = [TreePath: Finding]()
    var covered = Set<TreePath>()
    try image.forEachEntry(of: layer) { (entry, reader) throws(ComposeError) in
      guard let path = entry.name.flatMap({ TreePath($0) }), !path.isRoot else { return }
      if let hidden = LayerEntry.whiteout(path) {
        covered.insert(hidden)
        return
      }
      own[path] = try Self.finding(path, entry, reader)
      // What was there is not what is there.
      if findings[path] != nil { covered.insert(path) }
      guard own.count <= Self.findingLimit else {
        throw ComposeError(
          .limitExceeded, layer.digest.description,
          "holds over \(Self.findingLimit) shells, time zones and the like")
      }
    }
    if !covered.isEmpty {
      findings = findings.filter { path, _ in
        var above = path
        while !above.isRoot {
          if covered.contains(above) { return false }
          above = above.parent
        }
        return true
      }
    }
    findings.merge(own) { $1 }
  }

  private static func finding(
    _ path: TreePath, _ entry: ArchiveEntry, _ reader: borrowing ArchiveReader
  ) throws(ComposeError) -> Finding? {
    switch entry.kind {
    case .regular, .hardLink, .symlink: break
    default: return nil
    }
    let isFile = entry.kind == .regular
    if isFile, releasePlaces.contains(path), entry.size <= Int64(releaseLimit) {
      let bytes = try reader.contents(of: path.description, limit: releaseLimit)
      return .release(String(decoding: bytes, as: UTF8.self))
    }
    if isFile, bundlePlaces.contains(path), entry.size <= Int64(bundleLimit) {
      return .certificates(
        certificates(in: try reader.contents(of: path.description, limit: bundleLimit)))
    }
    if ShellsRule.isShell(path) { return .shell }
    let name = path.nameText
    if ["bin", "sbin"].contains(path.parent.nameText), managers.contains(name) {
      return .packageManager
    }
    if name == "libc.so.6" { return .library("glibc") }
    if name.hasPrefix("ld-musl-") { return .library("musl") }
    return path.isWithin(zones) && isZone(path) ? .timeZone : nil
  }

  private static let certificateHead = Array("-----BEGIN CERTIFICATE-----".utf8)

  private static func certificates(in bytes: [UInt8]) -> Int {
    bytes.split(separator: UInt8(ascii: "\n")).count { $0.starts(with: certificateHead) }
  }

  /// Zones and their regions begin with a capital letter; tables and the second copies `posix` and `right` do not.
  private static func isZone(_ path: TreePath) -> Bool {
    var path = path
    while path != zones {
      guard let first = path.name.first, (0x41...0x5A).contains(first) else { return false }
      path = path.parent
    }
    return true
  }
}
