import OCIImage
import PkgResolve

/// All that can be told of an image, gathered for one who wants to know it: the content of a report, whatever its form.
///
/// A pure function of what it is gathered from: no time of day, no path of the host.
public struct ImageReport: Sendable {
  /// The recipe's name, else the image's reference, else what it is.
  public var title: String
  /// `example/python:3.13`; nil where the image has no name.
  public var reference: String?
  /// The index's digest where there is one, else the manifest's.
  public var digest: String
  public var hasIndex: Bool
  /// Bytes of all blobs, packed.
  public var size: Int64
  public var platforms: [Platform]
  /// How it was made; nil of an image alone, which does not tell.
  public var build: Build?

  public struct Platform: Sendable {
    public var name: String
    public var manifest: String
    public var configuration: String
    /// RFC 3339.
    public var created: String?
    /// Packed bytes.
    public var size: Int64
    public var layers: [Layer]
    /// Of all files, hard links counted once.
    public var unpackedSize: Int64
    /// All that is no directory.
    public var files: Int
    /// `Debian GNU/Linux 13 (trixie)`, from os-release.
    public var release: String?
    /// Sorted by name.
    public var packages: [Package]
    /// What no package ships.
    public var unowned: Share
    public var directories: [Directory]
    public var users: [Account]
    public var groups: [Account]
    public var execution: ImageConfiguration.Execution
    /// Paths with a set-user-ID or set-group-ID bit, in byte order.
    public var setIDPaths: [String]
    /// Paths with capabilities, in byte order.
    public var capabilityPaths: [String]
    /// nil of an image alone.
    public var history: History?
  }

  public struct Layer: Sendable {
    public var digest: String
    public var diffID: String
    /// Packed bytes.
    public var size: Int64
    public var comment: String?
  }

  /// Files and their bytes.
  public struct Share: Sendable, Equatable {
    public var files = 0
    public var size: Int64 = 0
  }

  public struct Package: Sendable {
    public var name: String
    public var version: String
    public var architecture: String
    public var licence: PackageLicence
    /// `trixie-security`; nil of an image alone.
    public var suite: String?
    /// Source package, with its version where that differs.
    public var source: String?
    /// Why it is there; nil of an image alone.
    public var reason: String?
    /// What the image holds of it.
    public var share: Share
  }

  /// A directory, without what those of its directories hold that stand in the list themselves.
  public struct Directory: Sendable, Equatable {
    public var path: String
    public var share: Share
    /// Whether directories in it are listed by themselves.
    public var isRest: Bool
  }

  public struct Account: Sendable, Equatable {
    public var name: String
    public var number: String
    /// Of a user, the group's number; of a group, its members.
    public var belonging: String
    public var home: String = ""
    public var shell: String = ""
  }

  /// What was done on the way from the packages to the image.
  public struct History: Sendable {
    /// In the order of the rules.
    public var rules: [RuleDeeds]
    public var scripts: [Ledger.ScriptNote]
    public var warnings: [String]
  }

  /// What one rule did.
  public struct RuleDeeds: Sendable {
    public struct Deed: Sendable {
      public var path: String
      public var reason: String
      public var package: String?
      /// Of what was dropped.
      public var size: Int64
    }

    public var rule: String
    /// What the rule is for; nil of what is no rule of hardening.
    public var summary: String?
    public var dropped: [Deed] = []
    public var changed: [Deed] = []
    public var kept: [Deed] = []
    public var added: [Deed] = []
  }

  public struct Build: Sendable {
    /// `dhi-compose 0.1.0`
    public var tool: String
    public var compressor: String
    public var distribution: String
    /// In seconds since 1970.
    public var epoch: Int64
    public var recipe: String
    public var request: String
    public var variant: String
    public var indexes: [Lockfile.Index]
    public var files: [Lockfile.File]
  }
}
