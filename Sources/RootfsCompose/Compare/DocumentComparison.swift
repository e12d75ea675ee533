import FoundationEssentials
import OCIImage

/// What differs in two JSON documents of images, key by key: what other tools write may hold keys that the specification
/// lists and this program has no use for.
enum DocumentComparison {
  /// More keys are not told.
  private static let most = 20

  /// - Parameter isTold: whether a key's value is compared elsewhere.
  static func deviations(
    _ level: Deviation.Level, expected: (Descriptor, Image), found: (Descriptor, Image),
    except isTold: (String) -> Bool = { _ in false }
  ) throws -> [Deviation] {
    let left = try values(expected)
    let right = try values(found)
    let keys = Set(left.keys).union(right.keys).filter { !isTold($0) && left[$0] != right[$0] }
    return keys.sorted().prefix(most).map { key in
      Deviation(level, .init(key), expected: left[key], found: right[key])
    }
  }

  /// The same values, in other bytes.
  static func encoding(
    _ level: Deviation.Level, expected: Descriptor, found: Descriptor
  ) -> Deviation {
    var deviation = Deviation(
      level, .encoding, expected: "\(expected.size) bytes, \(expected.digest)",
      found: "\(found.size) bytes, \(found.digest)")
    deviation.details = ["the same values are written in other bytes"]
    return deviation
  }

  /// By the path of keys that leads to each, `config.Env.0`.
  private static func values(_ document: (Descriptor, Image)) throws -> [String: String] {
    var bytes = [UInt8]()
    try document.1.readBlob(document.0) { (chunk) throws(OCIError) in bytes += chunk }
    let value = try OCIImage.CanonicalJSON.decode(
      Value.self, from: bytes, subject: document.0.digest.description)
    var result = [String: String]()
    value.flatten(into: &result, "")
    return result
  }

  private enum Value: Decodable {
    case object([String: Value])
    case array([Value])
    case scalar(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .scalar("null")
      } else if let value = try? container.decode(Bool.self) {
        self = .scalar("\(value)")
      } else if let value = try? container.decode(Int64.self) {
        self = .scalar("\(value)")
      } else if let value = try? container.decode(Double.self) {
        self = .scalar("\(value)")
      } else if let value = try? container.decode(String.self) {
        self = .scalar(ContentDetail.quoted(value))
      } else if let value = try? container.decode([Value].self) {
        self = .array(value)
      } else {
        self = .object(try container.decode([String: Value].self))
      }
    }

    func flatten(into result: inout [String: String], _ path: String) {
      func below(_ key: String) -> String { path.isEmpty ? key : path + "." + key }
      switch self {
      case .object(let object):
        if object.isEmpty { result[path] = "{}" }
        for (key, value) in object { value.flatten(into: &result, below(key)) }
      case .array(let array):
        if array.isEmpty { result[path] = "[]" }
        for (index, value) in array.enumerated() { value.flatten(into: &result, below("\(index)")) }
      case .scalar(let text): result[path] = text
      }
    }
  }
}
