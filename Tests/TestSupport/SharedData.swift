import FoundationEssentials

/// The real data beside the project, where a machine has it.
public enum SharedData {
  /// `../shared/data` from the project's root; nil where it is absent.
  public static let root: String? = {
    let project = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let path = "/" + project + "/../shared/data"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()
}
