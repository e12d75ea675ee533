/// What went wrong while indexes were read or packages resolved.
public struct ResolveError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure. New codes may appear in later versions.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Value: String {
      case invalidVersion, invalidRelation, invalidIndex, invalidRequest, invalidLock
      case unknownPackage, unknownVersion, unsatisfiable
      case exhausted, cancelled, internalFault
    }

    private let value: Value
    public var description: String { value.rawValue }

    public static let invalidVersion = Code(value: .invalidVersion)
    public static let invalidRelation = Code(value: .invalidRelation)
    public static let invalidIndex = Code(value: .invalidIndex)
    public static let invalidRequest = Code(value: .invalidRequest)
    public static let invalidLock = Code(value: .invalidLock)
    /// A package that no index has.
    public static let unknownPackage = Code(value: .unknownPackage)
    /// A package that the indexes have, in other versions only.
    public static let unknownVersion = Code(value: .unknownVersion)
    /// No set of packages satisfies the request.
    public static let unsatisfiable = Code(value: .unsatisfiable)
    /// Given up before it was known whether there is a set.
    public static let exhausted = Code(value: .exhausted)
    public static let cancelled = Code(value: .cancelled)
    /// A fault of this library, found by its own checks.
    public static let internalFault = Code(value: .internalFault)
  }

  public let code: Code
  /// The package, file or version it is about.
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

  /// The same with a place (`nginx.yaml:14:7`) before its subject.
  func at(_ location: String?) -> ResolveError {
    guard let location else { return self }
    return ResolveError(code, "\(location): \(subject)", message, underlying: underlying)
  }
}
