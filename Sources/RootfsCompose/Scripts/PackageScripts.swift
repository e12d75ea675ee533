/// The control members of one package that say what its installation does, as the archive ships them.
///
/// Source: deb-preinst(5), deb-postinst(5), deb-triggers(5), Debian Policy chapter 6; apk-package(5).
public struct PackageScripts: Sendable {
  /// The package's name, without its architecture.
  public let name: String
  public let version: String
  /// Control members by name: `preinst`, `postinst`, `triggers`, `config`; of an Alpine package `pre-install`,
  /// `post-install`, `trigger`. Others may be there and are ignored.
  public let scripts: [String: [UInt8]]

  /// The paths whose change runs an Alpine package's `trigger`; none of a Debian package, whose member `triggers` has them.
  public let triggers: [String]

  public init(
    name: String, version: String, scripts: [String: [UInt8]], triggers: [String] = []
  ) {
    self.name = name
    self.version = version
    self.scripts = scripts
    self.triggers = triggers
  }
}

/// What handlers know of the image beside its tree.
public struct ScriptContext: Sendable {
  public let family: Distribution.Family
  /// The distribution's name of the target: `amd64`, `aarch64`.
  public let architecture: String
  /// `debian-12`, `debian-13`, `alpine-3.22`.
  public let distribution: String
  /// The image's time, in seconds since 1970.
  public let epoch: Int64
  /// Whether the image is a runtime variant. Only development variants get package managers' state files.
  public let isRuntime: Bool

  public init(
    family: Distribution.Family = .debian, architecture: String, distribution: String,
    epoch: Int64, isRuntime: Bool
  ) {
    self.family = family
    self.architecture = architecture
    self.distribution = distribution
    self.epoch = epoch
    self.isRuntime = isRuntime
  }
}

/// A command that a maintainer script would reach at a first installation.
public struct ScriptStep: Sendable, Equatable {
  /// A file the command would write through a redirection.
  public struct Output: Sendable, Equatable {
    public let path: String
    public let appends: Bool
  }

  /// The control member: `preinst`, `postinst`, `config` or `triggers`; `pre-install`, `post-install` or `trigger`.
  public let script: String
  /// Counted from 1.
  public let line: Int
  /// The words after expansion; where a value is not known, as the script writes it.
  public let words: [String]
  /// Whether every word is known.
  public let isResolved: Bool
  /// Whether the command is reached for sure, and not under a condition that cannot be decided.
  public let isCertain: Bool
  public let outputs: [Output]
  /// What the command would write to its standard output, where that is known.
  public let text: String?
  /// The file mode mask (umask) in force.
  public let mask: UInt16
  /// What relative paths start from; nil where that is not known.
  let directory: String?
  /// The program's name, without directories.
  public let program: String

  init(
    script: String, line: Int, words: [String], isResolved: Bool, isCertain: Bool,
    outputs: [Output], text: String?, mask: UInt16, directory: String? = nil
  ) {
    self.script = script
    self.line = line
    self.words = words
    self.isResolved = isResolved
    self.isCertain = isCertain
    self.outputs = outputs
    self.text = text
    self.mask = mask
    self.directory = directory
    program = words.first.map { String($0.split(separator: "/").last ?? "") } ?? ""
  }

  /// The words after the program's name.
  public var arguments: ArraySlice<String> { words.dropFirst() }
}
