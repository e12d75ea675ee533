/// What went wrong while an image was made, written or read.
///
/// `description` names the subject first (file, path or digest), says what was expected and found, and ends with
/// what to do.
public struct OCIError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure. New codes may appear in later versions.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Value: String {
      case invalidDocument, invalidArchive, invalidEntry, invalidImage, invalidReference
      case digestMismatch, notFound, unsupported, limitExceeded, compressorFailure
      case storeUnwritable, storeUnreadable, outputUnwritable, outputExists, noSpace
      case inputUnreadable
    }

    private let value: Value
    public var description: String { value.rawValue }

    /// A JSON document that breaks the image specification.
    public static let invalidDocument = Code(value: .invalidDocument)
    /// A tar archive, a compressed layer or a layout that breaks its format.
    public static let invalidArchive = Code(value: .invalidArchive)
    /// A layer entry that tar cannot hold, or whose content has another size than declared.
    public static let invalidEntry = Code(value: .invalidEntry)
    /// Parts that do not make one image: a platform twice, history that does not fit the layers.
    public static let invalidImage = Code(value: .invalidImage)
    /// A reference name that the destination's format does not allow.
    public static let invalidReference = Code(value: .invalidReference)
    /// A blob whose bytes do not have the digest or size it is known by.
    public static let digestMismatch = Code(value: .digestMismatch)
    public static let notFound = Code(value: .notFound)
    /// Something the format allows and this program does not do.
    public static let unsupported = Code(value: .unsupported)
    /// Input over a bound.
    public static let limitExceeded = Code(value: .limitExceeded)
    public static let compressorFailure = Code(value: .compressorFailure)
    public static let storeUnwritable = Code(value: .storeUnwritable)
    public static let storeUnreadable = Code(value: .storeUnreadable)
    public static let outputUnwritable = Code(value: .outputUnwritable)
    /// A path that holds something else, which is not replaced.
    public static let outputExists = Code(value: .outputExists)
    /// A file system, or a user's share of it, that is full.
    public static let noSpace = Code(value: .noSpace)
    public static let inputUnreadable = Code(value: .inputUnreadable)
  }

  public let code: Code
  /// The file, path or digest it is about.
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
