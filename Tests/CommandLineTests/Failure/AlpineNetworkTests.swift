import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// Servers of Alpine's packages that fail half-way, and runs that end there.
@Suite struct AlpineNetworkTests {
  /// Drops the connection in the middle of each package: always, or, where the folder holds a file `once`, the first time.
  private static let droppingServer = """
    import functools, http.server, os, sys
    root = sys.argv[1]
    seen = set()
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments): pass
        def copyfile(self, source, out):
            data = source.read()
            isAgain = self.path in seen and os.path.exists(os.path.join(root, "once"))
            seen.add(self.path)
            if self.path.endswith(".apk") and not isAgain:
                data = data[:len(data) // 2]
            out.write(data)
            self.close_connection = True
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=root))
    print("port", server.server_address[1], flush=True)
    server.serve_forever()
    """

  @Test func aServerThatDropsTheConnection() throws {
    let bench = try AlpineBench(AlpineBench.recipe(packages: ["musl"]))
    let server = try LoopbackServer(serving: bench.mirror, script: Self.droppingServer)
    let outcome = try bench.run(
      "build", ["--quiet", "-o", bench.output],
      sources: ["--repository", server.url + "/v3.22/main"])
    #expect(outcome.exitCode == 69)
    let size = try Data(
      contentsOf: URL(filePath: bench.main + "/x86_64/musl-1.2.5-r0.apk")
    ).count
    #expect(
      outcome.errors
        == "error: \(server.url)/v3.22/main/x86_64/musl-1.2.5-r0.apk: the transfer broke (transfer closed "
        + "with \(size - size / 2) bytes remaining to read); try again, or give --mirror with another one\n"
    )
    #expect(outcome.output == "")
    #expect(bench.isWithoutOutput)
    #expect(try bench.leftovers() == [])
    #expect(try bench.storedFiles() == [])
  }

  @Test func aServerThatDropsTheConnectionOnce() throws {
    let bench = try AlpineBench()
    let digest = try bench.build()
    try FileManager.default.removeItem(atPath: bench.store)
    try bench.scratch.write("", to: "mirror/once")
    let server = try LoopbackServer(serving: bench.mirror, script: Self.droppingServer)
    #expect(try bench.build(sources: ["--mirror", server.url]) == digest)
    #expect(try bench.leftovers() == [])
  }

  @Test(arguments: [SIGKILL, SIGTERM])
  func aRunAfterOneThatWasEndedHalfWaySucceeds(signal: Int32) throws {
    let bench = try AlpineBench()
    let expected = try bench.build()
    try FileManager.default.removeItem(atPath: bench.output)
    try FileManager.default.removeItem(atPath: bench.store)
    let server = try LoopbackServer(serving: bench.mirror, script: NetworkTests.slowServer)
    let half = bench.mirror + "/half"
    let running = try HostProgram(path: ComposeProgram.path).start(
      bench.arguments("build", ["-o", bench.output], sources: ["--mirror", server.url]),
      environment: ComposeProgram.environment)
    for _ in 0..<6000 where !FileManager.default.fileExists(atPath: half) { usleep(10_000) }
    try #require(FileManager.default.fileExists(atPath: half))
    running.signal(signal)
    let ended = try running.wait()
    #expect(ended.exitCode == 128 + signal, "\(ended.errors)")
    #expect(ended.output == "")
    #expect(bench.isWithoutOutput)
    // What cannot be resumed is left only where there was no time to remove it.
    #expect(try bench.leftovers().isEmpty == (signal != SIGKILL))
    try bench.scratch.write("", to: "mirror/go")
    #expect(try bench.build(sources: ["--mirror", server.url]) == expected)
    #expect(try bench.leftovers() == [])
    #expect(FileListing.names(in: bench.scratch.file("result")) == ["image"])
  }

  @Test func aLockAndAWarmStoreNeedNoNetwork() throws {
    let bench = try AlpineBench()
    #expect(try bench.run("lock").exitCode == 0)
    let digest = try bench.build()
    #expect(
      try bench.build(["--locked"], sources: ["--mirror", "http://nonexistent.invalid/alpine"])
        == digest)
  }
}
