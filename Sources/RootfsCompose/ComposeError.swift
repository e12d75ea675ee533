/// What went wrong while an image was composed.
///
/// `description` names the subject first (file, package, path or URL), says what was expected and found, and ends
/// with what to do.
public struct ComposeError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure. New codes may appear in later versions.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Value: String {
      case invalidRecipe, unsupportedRecipe, unverified, digestMismatch, notFound, network
      case invalidArchive, pathConflict, unsafePath, storeUnwritable, storeUnreadable
      case lockMismatch, outputUnwritable, unsatisfiable, missingTool, cancelled, limitExceeded
      case expired, inputUnreadable, hardening, unknownDistribution
    }

    private let value: Value
    public var description: String { value.rawValue }

    /// A recipe that breaks the schema or contradicts itself.
    public static let invalidRecipe = Code(value: .invalidRecipe)
    /// A recipe with a key that composing cannot serve.
    public static let unsupportedRecipe = Code(value: .unsupportedRecipe)
    /// A signature that is missing, wrong or by an unknown key.
    public static let unverified = Code(value: .unverified)
    /// Bytes that do not have the digest or size they were promised with.
    public static let digestMismatch = Code(value: .digestMismatch)
    /// Something a server or a directory does not have.
    public static let notFound = Code(value: .notFound)
    /// A server that cannot be reached or fails.
    public static let network = Code(value: .network)
    /// A package or an index that does not follow its format.
    public static let invalidArchive = Code(value: .invalidArchive)
    /// Two entries that cannot stand in one tree.
    public static let pathConflict = Code(value: .pathConflict)
    /// A path or link that leaves the tree.
    public static let unsafePath = Code(value: .unsafePath)
    public static let storeUnwritable = Code(value: .storeUnwritable)
    public static let storeUnreadable = Code(value: .storeUnreadable)
    /// A lock that disagrees with its recipe or with the image.
    public static let lockMismatch = Code(value: .lockMismatch)
    public static let outputUnwritable = Code(value: .outputUnwritable)
    /// No set of packages satisfies the request.
    public static let unsatisfiable = Code(value: .unsatisfiable)
    /// A program of the host that is needed and missing.
    public static let missingTool = Code(value: .missingTool)
    public static let cancelled = Code(value: .cancelled)
    /// Input over a bound.
    public static let limitExceeded = Code(value: .limitExceeded)
    /// A signed index past its `Valid-Until`.
    public static let expired = Code(value: .expired)
    /// A local file that cannot be read.
    public static let inputUnreadable = Code(value: .inputUnreadable)
    /// An image that breaks a hardening rule after all rules ran.
    public static let hardening = Code(value: .hardening)
    /// A distribution that was asked for and that the recipe is not for.
    public static let unknownDistribution = Code(value: .unknownDistribution)
  }

  public let code: Code
  /// The file (with `:line:column`), package, path or URL it is about.
  public let subject: String
  public let message: String
  public let underlying: (any Error)?

  public init(
    _ code: Code, _ subject: String, _ message: String, underlying: (any Error)? = nil
  ) {
    self.code = code
    self.subject = subject
    self.message = message
    self.underlying = underlying
  }

  public var description: String { subject.isEmpty ? message : subject + ": " + message }
}
