import FoundationEssentials

/// The one way this project writes and reads the specification's JSON documents.
///
/// Keys sorted, no white space, slashes not escaped: the same value always makes the same bytes, so its digest is
/// stable. Documents of other tools keep the bytes they came with.
public enum CanonicalJSON {
  /// The largest document read, in bytes. Registries refuse larger manifests.
  public static let maximumSize = 4 << 20

  /// Throws ``OCIError`` (`invalidDocument`) for values that JSON cannot hold.
  public static func encode(_ value: some Encodable) throws(OCIError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(value))
    } catch {
      throw OCIError(
        .invalidDocument, "\(type(of: value))", "cannot be written as JSON: \(error)",
        underlying: error)
    }
  }

  /// Throws ``OCIError`` (`invalidDocument`, `limitExceeded`), naming `subject`.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], subject: String
  ) throws(OCIError) -> Value {
    guard bytes.count <= maximumSize else {
      throw OCIError(
        .limitExceeded, subject,
        "a document of \(bytes.count) bytes; at most \(maximumSize) are read")
    }
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw OCIError(
        .invalidDocument, subject, "not a valid \(type): \(explain(error))", underlying: error)
    }
  }

  private static func explain(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    switch error {
    case .keyNotFound(let key, let context):
      return "\(path(context))misses the key \"\(key.stringValue)\""
    case .typeMismatch(let type, let context):
      return "\(path(context))expected \(type)"
    case .valueNotFound(let type, let context):
      return "\(path(context))expected \(type), found null"
    case .dataCorrupted(let context):
      return "\(path(context))\(context.debugDescription)"
    @unknown default:
      return "\(error)"
    }
  }

  private static func path(_ context: DecodingError.Context) -> String {
    guard !context.codingPath.isEmpty else { return "" }
    return context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
      .joined(separator: ".") + ": "
  }
}
