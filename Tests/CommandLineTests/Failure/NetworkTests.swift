import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// No network, a slow one, and an end half-way.
@Suite struct NetworkTests {
  @Test func aServerThatIsNotThereIsNamed() throws {
    let bench = try Bench()
    let url: String
    do {
      // Its port is free again as soon as the server is gone.
      let server = try LoopbackServer(serving: bench.archive.directory)
      url = server.url
    }
    let outcome = try bench.run("build", ["--quiet", "-o", bench.output], mirror: url)
    #expect(outcome.exitCode == 69, "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("error: \(url)/dists/trixie"), "\(outcome.errors)")
    #expect(outcome.errors.contains("/InRelease: cannot connect ("), "\(outcome.errors)")
    #expect(outcome.errors.hasSuffix("check the network or give --mirror with another one\n"))
    #expect(bench.isWithoutOutput)
    #expect(try bench.leftovers() == [])
  }

  @Test func aNameThatDoesNotResolveIsNamed() throws {
    let bench = try Bench()
    let outcome = try bench.run(
      "build", ["--quiet", "-o", bench.output], mirror: "http://nonexistent.invalid/debian")
    #expect(outcome.exitCode == 69, "\(outcome.errors)")
    #expect(outcome.errors.contains("nonexistent.invalid"), "\(outcome.errors)")
    #expect(bench.isWithoutOutput)
  }

  @Test func aMirrorWithoutTheSuiteIsNamed() throws {
    let bench = try Bench()
    try FileManager.default.removeItem(atPath: bench.archive.directory + "/dists/trixie")
    let outcome = try bench.run("build", ["--quiet", "-o", bench.output])
    #expect(outcome.exitCode == 69, "\(outcome.errors)")
    #expect(outcome.errors.contains("/dists/trixie/InRelease: "), "\(outcome.errors)")
    #expect(bench.isWithoutOutput)
  }

  @Test func aLockAndAWarmStoreNeedNoNetwork() throws {
    let bench = try Bench()
    #expect(try bench.run("lock").exitCode == 0)
    let digest = try bench.build()
    let outcome = try bench.run(
      "build", ["--locked", "--quiet", "-o", bench.output],
      mirror: "http://nonexistent.invalid/debian")
    #expect(outcome.output == digest + "\n", "\(outcome.errors)")
  }

  /// Sends the first half of each package, and the rest once the folder holds a file `go`.
  static let slowServer = """
    import functools, http.server, os, sys, time
    root = sys.argv[1]
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments): pass
        def copyfile(self, source, out):
            data = source.read()
            if not self.path.endswith((".deb", ".apk")):
                out.write(data)
                return
            half = len(data) // 2
            out.write(data[:half])
            out.flush()
            open(os.path.join(root, "half"), "w").close()
            while not os.path.exists(os.path.join(root, "go")): time.sleep(0.01)
            out.write(data[half:])
        def handle_one_request(self):
            try: super().handle_one_request()
            except OSError: self.close_connection = True
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=root))
    print("port", server.server_address[1], flush=True)
    server.serve_forever()
    """

  @Test(arguments: [SIGKILL, SIGINT, SIGTERM])
  func aRunAfterOneThatWasEndedHalfWaySucceeds(signal: Int32) throws {
    let bench = try Bench()
    let expected = try bench.build()
    try FileManager.default.removeItem(atPath: bench.output)
    try FileManager.default.removeItem(atPath: bench.store)
    let server = try LoopbackServer(serving: bench.archive.directory, script: Self.slowServer)
    let half = bench.archive.directory + "/half"
    let running = try HostProgram(path: ComposeProgram.path).start(
      bench.arguments("build", ["-o", bench.output], mirror: server.url),
      environment: ComposeProgram.environment)
    for _ in 0..<6000 where !bench.exists(half) { usleep(10_000) }
    try #require(bench.exists(half))
    usleep(100_000)
    running.signal(signal)
    let ended = try running.wait()
    #expect(ended.exitCode == 128 + signal, "\(ended.errors)")
    #expect(ended.output == "")
    #expect(bench.isWithoutOutput)
    #expect(try !bench.leftovers().isEmpty)
    #expect(
      FileManager.default.createFile(atPath: bench.archive.directory + "/go", contents: nil))
    let outcome = try bench.run("build", ["-o", bench.output], mirror: server.url)
    #expect(outcome.output == expected + "\n", "\(outcome.errors)")
    #expect(try bench.leftovers() == [])
    #expect(FileListing.names(in: bench.scratch.file("result")) == ["image"])
  }

  @Test func whatBecameOfEachIsToldWhenSeveralAreInterrupted() throws {
    let bench = try Bench()
    try bench.scratch.write("name: [\n", to: "broken.yaml")
    let server = try LoopbackServer(serving: bench.archive.directory, script: Self.slowServer)
    let half = bench.archive.directory + "/half"
    let running = try HostProgram(path: ComposeProgram.path).start(
      bench.arguments(
        "build", [bench.scratch.file("broken.yaml"), "-o", bench.scratch.file("result")],
        mirror: server.url),
      environment: ComposeProgram.environment)
    for _ in 0..<6000 where !bench.exists(half) { usleep(10_000) }
    try #require(bench.exists(half))
    running.signal(SIGINT)
    let ended = try running.wait()
    #expect(ended.exitCode == 130, "\(ended.errors)")
    let errors = ended.errors.split(separator: "\n").filter { $0.hasPrefix("error: ") }
    #expect(errors.count == 2, "\(ended.errors)")
    #expect(errors.first?.hasPrefix("error: broken: ") == true, "\(ended.errors)")
    #expect(errors.last == "error: interrupted; 1 image failed, 1 image interrupted")
    #expect(bench.isWithoutOutput)
  }
}
