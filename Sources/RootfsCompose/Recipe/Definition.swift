import OCIImage

/// A place in a recipe file, counted from 1. Columns count characters.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
  public let file: String
  public let line: Int
  public let column: Int

  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String { "\(file):\(line):\(column)" }
}

/// A value of a recipe, with the place it stands at.
public struct Located<Value: Sendable>: Sendable {
  public let value: Value
  public let location: SourceLocation

  public init(_ value: Value, at location: SourceLocation) {
    self.value = value
    self.location = location
  }
}

extension Located: Equatable where Value: Equatable {}

/// An image definition as the published schema describes it, variables substituted.
///
/// Source: the JSON Schema of Docker Hardened Images definitions, plus the project's own key `compose`.
public struct Definition: Sendable {
  public enum Variant: String, Sendable, CaseIterable { case dev, runtime, helm }
  public enum Compression: String, Sendable, CaseIterable { case zstd, gzip }
  public enum Output: String, Sendable, CaseIterable { case layered, squashed }

  public var name: String?
  public var image: String?
  public var variant: Variant = .runtime
  public var flavor: String?
  public var entitlement: String?
  public var tags: [String] = []
  public var suffix: String?
  /// In the recipe's order; both supported ones where the recipe names none.
  public var platforms: [Platform] = Platform.supported
  /// nil where the recipe does not choose.
  public var compression: Compression?
  public var output: Output?
  public var dates = Dates()
  /// Resolved; one that differs between platforms as written.
  public var vars: [String: String] = [:]
  /// The variables that differ between platforms: names to architectures (GOARCH) to values. Texts hold them as
  /// `${NAME}` until ``substituted(for:)``.
  public var platformVars: [String: [String: String]] = [:]
  public var includes: [Located<String>] = []
  public var contents = Contents()
  public var accounts: Accounts?
  public var osRelease: OSRelease?
  public var workDir: String?
  public var stopSignal: String?
  public var environment: [String: String] = [:]
  public var paths: [PathItem] = []
  public var annotations: [String: String] = [:]
  public var labels: [String: String] = [:]
  public var entrypoint: [String] = []
  public var cmd: [String] = []
  public var ports: [Located<String>] = []
  public var tests: [TestItem] = []
  public var fipsCompliant = false
  public var stigCertified = false
  public var compose = ComposeOptions()
  /// What `${target.distribution}` stands for.
  var distribution: String?

  public init() {}

  public struct Dates: Sendable {
    public var type: String?
    public var url: String?
    public var release: String?
    public var endOfLife: String?
    public var endOfSupport: String?
  }

  public struct Contents: Sendable {
    public var repositories: [Located<String>] = []
    public var keyring: [Located<String>] = []
    public var packages: [Located<String>] = []
    public var files: [FileItem] = []
    /// The names of the builds (`build 1` where it has none): composing refuses them.
    public var builds: [Located<String>] = []
    public var mappings: [String: String] = [:]
    /// The names of the artifacts: composing refuses them for now.
    public var artifacts: [Located<String>] = []
  }

  public struct FileItem: Sendable {
    public var location: SourceLocation
    public var url: String
    public var condition: String?
    /// `sha256:…` as written.
    public var checksum: String?
    public var path: String
    public var includes: [String] = []
    public var excludes: [String] = []
    public var platforms: [Platform] = Platform.supported
    public var uid: UInt32?
    public var gid: UInt32?
    public var mode: UInt16?
    public var secretID: String?
    /// What the file holds, for the inventory; nil where the recipe does not say.
    public var spdx: SPDX?
  }

  /// A file's description for the inventory.
  public struct SPDX: Sendable {
    public struct Package: Sendable {
      public var name: String?
      /// Package URL.
      public var purl: String?
      public var license: String?
      public var path: String?
    }
    public var name: String?
    public var version: String?
    public var packages: [Package] = []
  }

  public struct PathItem: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
      case symlink, directory, file, delete, emptyfile
    }
    public var location: SourceLocation
    public var kind: Kind
    /// As written, for messages.
    public var path: String
    public var condition: String?
    public var content: String?
    /// A symlink's target, or the local file (relative to the recipe's folder) that a file is copied from.
    public var source: String?
    public var uid: UInt32?
    public var gid: UInt32?
    public var mode: UInt16?
    public var recursive = false
    public var platforms: [Platform] = Platform.supported
  }

  public struct Accounts: Sendable {
    public struct User: Sendable {
      public var location: SourceLocation
      public var name: String
      public var uid: UInt32
      public var gid: UInt32
      /// Mode of the home directory.
      public var mode: UInt16?
    }
    public struct Group: Sendable {
      public var location: SourceLocation
      public var name: String
      public var gid: UInt32
      public var members: [String] = []
    }
    /// Whether root is listed; nil where the recipe does not say.
    public var root: Bool?
    /// A user's name, or a number, or `uid:gid`.
    public var runAs: Located<String>?
    public var users: [User] = []
    public var groups: [Group] = []
  }

  public struct OSRelease: Sendable {
    public var name: String?
    public var id: String?
    public var idLike: String?
    public var versionID: String?
    public var versionCodename: String?
    public var prettyName: String?
    public var homeURL: String?
    public var bugReportURL: String?
  }

  public struct TestItem: Sendable {
    public var name: String?
    public var directory: String?
    public var commands: [String] = []
    public var exitCode: Int
    public var timeout: Int?
    public var output: String?
  }
}

/// The project's own keys, under `compose:`.
public struct ComposeOptions: Sendable {
  /// `debian-13`: where no `# syntax=` line names it.
  public var distribution: Located<String>?
  /// Moment of the archives to resolve against, `YYYYMMDDTHHMMSSZ`, for the snapshot service.
  public var snapshot: Located<String>?
  /// Base URL of a mirror of the distribution (holds `dists/`).
  public var mirror: Located<String>?
  /// Base URL of a mirror of the distribution's security archive.
  public var securityMirror: Located<String>?
  /// Which suites packages are preferred from; of those that name packages, the first that fits stands, else the first
  /// that names none.
  public var pins: [SuitePin] = []
  /// Path patterns kept although a rule or `excludes` drops them.
  public var includes: [Located<String>] = []
  /// Path patterns dropped from what packages ship.
  public var excludes: [Located<String>] = []
  /// Exceptions to hardening rules.
  public var exceptions: [HardeningException] = []

  public init() {}
}

/// How much the packages of a suite are preferred.
///
/// Source: apt_preferences(5).
public struct SuitePin: Sendable {
  public var location: SourceLocation
  public var suite: String
  /// Names, in which `*` stands for any letters; all packages where empty.
  public var packages: [String]
  /// 500 is usual, 100 what backports have; -1 keeps them out.
  public var priority: Int
}

/// Lets matching paths pass a hardening rule.
public struct HardeningException: Sendable {
  public var location: SourceLocation
  /// The rule's name.
  public var rule: String
  /// Path patterns (`/usr/bin/ping`, `/usr/share/doc/**`); all paths where empty.
  public var paths: [String]
  /// Why, for the ledger; nil where the recipe gives none.
  public var reason: String?
}
