import ArgumentParser
import OCIImage
import PkgResolve
import RootfsCompose

/// The exit codes of every subcommand, as `--help` and the README list them.
enum ExitStatus {
  /// A check found a difference, or a failure that fits nothing below.
  static let failure = ExitCode(1)
  /// No set of packages satisfies the request, or a package or version is unknown.
  static let unsatisfiable = ExitCode(3)
  /// `update --check` found a lock that `update` would change.
  static let outdated = ExitCode(10)
  /// The command line is wrong (EX_USAGE).
  static let usage = ExitCode(64)
  /// A recipe, lock, index or package is wrong (EX_DATAERR).
  static let badData = ExitCode(65)
  /// A file that was named cannot be read (EX_NOINPUT).
  static let noInput = ExitCode(66)
  /// A server, or a program of the host, is not there (EX_UNAVAILABLE).
  static let unavailable = ExitCode(69)
  /// An output or the store cannot be written (EX_CANTCREAT).
  static let cannotCreate = ExitCode(73)
  /// A signature or digest is wrong (EX_NOPERM).
  static let unverified = ExitCode(77)
  /// Interrupted by a signal.
  static let interrupted = ExitCode(130)

  static let table = """
    Exit codes:
      0    done
      1    a difference, nothing found (`why`), or another failure
      3    no set of packages satisfies the request
      10   `update --check` found a lock that `update` would change
      64   wrong usage
      65   a recipe, lock, index or package is malformed or unsafe
      66   an input file cannot be read
      69   a server or a needed program is not available
      73   the output or the store cannot be written
      77   a signature or digest does not verify
      130  interrupted (143 by SIGTERM: 128 and the signal's number)
    """

  /// The code for an error of any module.
  static func code(for error: any Error) -> ExitCode {
    switch error {
    case let error as ComposeError: code(for: error.code)
    case let error as RecipeErrors: error.errors.first.map { code(for: $0.code) } ?? badData
    case let error as ResolveError:
      switch error.code {
      case .unknownPackage, .unknownVersion, .unsatisfiable: unsatisfiable
      case .exhausted, .internalFault: failure
      case .cancelled: interrupted
      default: badData
      }
    case let error as OCIError:
      switch error.code {
      case .outputUnwritable, .storeUnwritable, .outputExists, .noSpace: cannotCreate
      case .notFound, .inputUnreadable: noInput
      case .digestMismatch: unverified
      default: badData
      }
    case is CancellationError: interrupted
    default: failure
    }
  }

  private static func code(for code: ComposeError.Code) -> ExitCode {
    switch code {
    case .invalidRecipe, .unsupportedRecipe, .invalidArchive, .pathConflict, .unsafePath,
      .limitExceeded, .hardening:
      badData
    case .unknownDistribution: usage
    case .unsatisfiable: unsatisfiable
    case .unverified, .digestMismatch, .expired: unverified
    case .network, .notFound, .missingTool: unavailable
    case .inputUnreadable: noInput
    case .storeUnwritable, .storeUnreadable, .outputUnwritable: cannotCreate
    case .cancelled: interrupted
    default: failure
    }
  }
}
