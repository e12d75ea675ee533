import Glibc

/// Python's file server over a folder, on a free port of 127.0.0.1, until the last reference goes.
public final class LoopbackServer {
  public let url: String
  private var running: RunningProgram?

  /// Serves a folder. Where `script` is given it runs in the place of `http.server`, with the folder as its argument; its
  /// first line names the port.
  public init(serving directory: String, script: String? = nil) throws {
    guard let python = HostProgram.find("python3") else {
      throw TestSupportError("python3 is missing: apt-get install python3")
    }
    let arguments =
      script.map { ["-u", "-c", $0, directory] }
      ?? ["-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", directory, "0"]
    let program = try python.start(arguments)
    var port: Substring?
    for _ in 0..<6000 where port == nil {
      // Python writes the words of a line one by one: only a whole line names the port.
      let output = try program.outputSoFar()
      if let end = output.firstIndex(of: "\n") {
        port = output[..<end].split(separator: "port ").last
      } else {
        usleep(10_000)
      }
    }
    running = consume program
    let digits = port?.prefix { $0.isNumber } ?? ""
    guard !digits.isEmpty else {
      throw TestSupportError("python3 started no server in a minute")
    }
    url = "http://127.0.0.1:\(digits)"
  }

  deinit {
    guard let program = running.take() else { return }
    program.signal(SIGKILL)
    _ = try? program.wait()
  }
}
