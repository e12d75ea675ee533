import FoundationEssentials
import Glibc
import RootfsCompose

/// Draws graphs with graphviz where the host has it.
enum GraphDrawing {
  /// The SVG of a graph in the DOT language.
  ///
  /// Throws ``ComposeError`` with code `missingTool` where there is no `dot`, or it fails.
  static func svg(_ graph: String) throws -> [UInt8] {
    let searchPath = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    guard let program = ChildProcess.find("dot", searchPath: searchPath) else {
      throw ComposeError(
        .missingTool, "dot",
        "not found, and SVG needs it; install the package graphviz, or use --format dot")
    }
    var template = Array(
      FileManager.default.temporaryDirectory.path.utf8CString.dropLast()
        + "/dhi-compose.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw ComposeError(
        .outputUnwritable, "TMPDIR", "no folder can be made: \(String(cString: strerror(errno)))")
    }
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let source = folder + "/graph.dot"
    let drawing = folder + "/graph.svg"
    try OutputFile(source).write(Array(graph.utf8))
    let outcome = try ChildProcess(
      executable: program, arguments: ["-Tsvg", "-o", drawing, source]
    ).run(in: folder)
    guard outcome.status == 0, let svg = try? Data(contentsOf: URL(filePath: drawing)) else {
      throw ComposeError(
        .missingTool, program,
        "failed with exit code \(outcome.status): \(outcome.errors.prefix(300))")
    }
    return Array(svg)
  }
}
