import FoundationEssentials
import OCIImage
import RootfsCompose

/// Images that are named on the command line.
enum ImageInput {
  /// How many images of a folder are named.
  private static let maximumNames = 10

  /// Reads an image. Where the path is there and holds none, the error says what is read, and which images a folder
  /// holds.
  ///
  /// - Parameter reads: what the subcommand takes, for messages.
  static func image(
    at path: String, reads: String = "show reads image layouts, OCI archives and locks"
  ) throws -> Image {
    do throws(OCIError) {
      return try Image(contentsOf: path)
    } catch {
      guard error.subject == path, [.notFound, .invalidArchive].contains(error.code),
        FileManager.default.fileExists(atPath: path)
      else { throw error }
      let images = images(in: path)
      guard images.isEmpty else {
        let more = images.count - maximumNames
        throw OCIError(
          error.code, path,
          "is no image, and holds these: \(images.prefix(maximumNames).joined(separator: ", "))"
            + (more > 0 ? " and \(more) more" : "") + "; name the one that is meant")
      }
      guard error.message.hasPrefix("is ") else { throw error }
      throw OCIError(
        error.code, path,
        "\(reads); this \(error.message)")
    }
  }

  /// The layouts that a folder holds, in the order of their names.
  private static func images(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let start = folder.hasSuffix("/") ? folder : folder + "/"
    return names.sorted().map { start + $0 }.filter {
      FileManager.default.fileExists(atPath: $0 + "/oci-layout")
    }
  }
}
