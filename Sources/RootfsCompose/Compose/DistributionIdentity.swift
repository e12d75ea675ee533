/// What `os-release` says of a distribution where no package brings the file, and how it shuts accounts out.
///
/// Source: os-release(5); the files of Debian's base-files and of Alpine's alpine-release.
public struct DistributionIdentity: Sendable, Equatable {
  /// `debian`.
  public var id: String
  /// `Debian GNU/Linux`.
  public var name: String
  /// `13`.
  public var versionID: String
  /// `trixie`; nil where the distribution has no code names.
  public var codename: String?

  public init(id: String, name: String, versionID: String, codename: String?) {
    self.id = id
    self.name = name
    self.versionID = versionID
    self.codename = codename
  }

  public init(_ distribution: Distribution) {
    switch distribution.family {
    case .debian:
      self.init(
        id: "debian", name: "Debian GNU/Linux", versionID: distribution.version,
        codename: distribution.codename)
    case .alpine:
      self.init(
        id: "alpine", name: "Alpine Linux", versionID: distribution.version, codename: nil)
    }
  }

  /// The lines of `os-release`, in the distribution's own order.
  var osRelease: [String] {
    if id == "alpine" {
      return [
        "NAME=\"\(name)\"", "ID=alpine", "VERSION_ID=\(versionID)",
        "PRETTY_NAME=\"\(name) v\(versionID)\"",
      ]
    }
    let full = codename.map { "\(versionID) (\($0))" } ?? versionID
    var lines = [
      "PRETTY_NAME=\"\(name) \(full)\"", "NAME=\"\(name)\"", "VERSION_ID=\"\(versionID)\"",
      "VERSION=\"\(full)\"",
    ]
    if let codename { lines.append("VERSION_CODENAME=\(codename)") }
    return lines + ["ID=\(id)"]
  }

  /// The program that stands for a shell in accounts that do not log in, where the distribution has it.
  var nologin: String { id == "alpine" ? "/sbin/nologin" : "/usr/sbin/nologin" }
}
