import Foundation
import OCIImage
import Testing

@testable import RootfsCompose

@Suite("Downloads over loopback", .enabled(if: RequiredProgram.areInstalled("python3")))
struct DownloaderTests {
  let scratch: ScratchDirectory
  let server: TestServer
  let bytes: [UInt8]
  let digest: Digest

  init() throws {
    scratch = try ScratchDirectory()
    bytes = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 11) }
    digest = .sha256(of: bytes)
    try scratch.write("www/file", bytes)
    server = try TestServer(root: scratch.path + "/www")
  }

  private func downloader(_ environment: [String: String] = [:]) throws -> Downloader {
    try TestDownloads.downloader(store: scratch.path + "/store", environment: environment)
  }

  private func file(_ path: String) -> RemoteFile {
    RemoteFile(urls: [server.url + path], digest: digest, size: Int64(bytes.count))
  }

  private func log(_ downloader: Downloader) async throws -> [String] {
    let log = try await downloader.fetchUnpinned(url: server.url + "/log", limit: 1 << 20)
    return String(decoding: try downloader.store.read(log, limit: 1 << 20), as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }

  private func expectEmptyStore() {
    #expect(scratch.names("store/sha256").isEmpty)
    #expect(scratch.names("store/partial").isEmpty)
    #expect(scratch.names("store/tmp").filter { $0 != ".gate" }.isEmpty)
  }

  @Test("A file comes once, and from then on without the network")
  func offline() async throws {
    let downloader = try downloader()
    let stored = try await downloader.fetch(file("/file"))
    #expect(try downloader.store.read(stored, limit: 4 << 20) == bytes)
    let nowhere = RemoteFile(urls: [], digest: digest)
    #expect(try await downloader.fetch(nowhere) == stored)
    #expect(scratch.names("store/partial").isEmpty)
  }

  @Test("A broken transfer goes on where it broke")
  func resume() async throws {
    let downloader = try downloader()
    _ = try await downloader.fetch(file("/drop/file"))
    let log = try await log(downloader)
    #expect(log.count == 2)
    #expect(log.last?.contains("range=bytes=\(bytes.count / 2)-") == true)
  }

  @Test("A server that resumes elsewhere is not believed")
  func liar() async throws {
    let downloader = try downloader()
    let stored = try await downloader.fetch(file("/liar/file"))
    #expect(try downloader.store.read(stored, limit: 4 << 20) == bytes)
    #expect(try await log(downloader).count == 3)
  }

  @Test("A server that is busy is asked again, but not for ever")
  func retries() async throws {
    let downloader = try downloader()
    _ = try await downloader.fetch(file("/flaky/file"))
    #expect(try await log(downloader).count == 3)
    let error = await TestDownloads.error {
      _ = try await downloader.fetchUnpinned(url: server.url + "/busy/file", limit: 100)
    }
    #expect(error?.code == .network)
    #expect(try await log(downloader).count { $0.hasPrefix("/busy") } == 5)
  }

  @Test("Pauses grow, follow Retry-After, and end at eight seconds")
  func pauses() {
    let retry = RetryPolicy()
    #expect((1...5).map { retry.pause(beforeTry: $0, retryAfter: nil) } == [0.5, 1, 2, 4, 8])
    #expect(retry.pause(beforeTry: 1, retryAfter: 3) == 3)
    #expect(retry.pause(beforeTry: 1, retryAfter: 3_600) == 8)
  }

  @Test("Wrong bytes are refused and leave nothing", arguments: [true, false])
  func mismatch(longer: Bool) async throws {
    var other = bytes
    if longer { other.append(0) } else { other[77] ^= 1 }
    try scratch.write("www/other", other)
    let downloader = try downloader()
    let error = await TestDownloads.error { _ = try await downloader.fetch(file("/other")) }
    #expect(error?.code == .digestMismatch)
    #expect(error?.subject == server.url + "/other")
    expectEmptyStore()
  }

  @Test("What a killed run left is gone on with, or replaced where it does not fit")
  func afterKill() async throws {
    let half = bytes.count / 2
    let downloader = try downloader()
    try scratch.write("store/partial/\(digest.hex)", bytes[..<half])
    _ = try await downloader.fetch(file("/file"))
    #expect(try await log(downloader).last?.contains("range=bytes=\(half)-") == true)
    try FileManager.default.removeItem(atPath: downloader.store.path(of: digest))
    try scratch.write("store/partial/\(digest.hex)", [UInt8](repeating: 7, count: half))
    let stored = try await downloader.fetch(file("/file"))
    #expect(try downloader.store.read(stored, limit: 4 << 20) == bytes)
    #expect(try await log(downloader).count == 3)
  }

  @Test("A download waits for the process that holds it, and takes over when that is killed")
  func takeOver() async throws {
    let downloader = try downloader()
    let partial = scratch.path + "/store/partial/" + digest.hex
    let holder = try BackgroundProgram(
      "python3",
      [
        "-c",
        "import fcntl,os,sys,time\nf=open(sys.argv[1],'wb')\nfcntl.flock(f,fcntl.LOCK_EX)\n"
          + "f.write(open(sys.argv[2],'rb').read(1000))\nf.flush()\n"
          + "os.mkdir(sys.argv[3])\ntime.sleep(600)",
        partial, scratch.path + "/www/file", scratch.path + "/held",
      ])
    while !FileManager.default.fileExists(atPath: scratch.path + "/held") { usleep(10_000) }
    async let stored = downloader.fetch(file("/file"))
    _ = try await self.log(downloader)
    #expect(try downloader.store.open(digest) == nil)
    holder.kill9()
    #expect(try await stored.size == Int64(bytes.count))
    #expect(try await log(downloader).last?.contains("range=bytes=1000-") == true)
  }

  @Test("Eight fetches of one file make one transfer")
  func concurrent() async throws {
    let first = try downloader()
    let second = try downloader()
    try await withThrowingTaskGroup(of: StoredFile.self) { group in
      for number in 0..<8 {
        group.addTask { try await (number % 2 == 0 ? first : second).fetch(file("/file")) }
      }
      for try await stored in group { #expect(stored.digest == digest) }
    }
    #expect(try await log(first).count == 1)
  }

  @Test("Requests to one server share a connection")
  func keepAlive() throws {
    // Without waiting in between, as tasks may on a busy machine: libcurl lets a connection go that rests too long.
    let client = HTTPClient(transport: CurlTransport(options: .init(environment: [:])))
    func get(_ path: String) throws -> [UInt8] {
      let sink = MemorySink(subject: path, limit: 1 << 20)
      _ = try client.get(
        ResourceURL(server.url + path), into: sink, cancellation: CancellationFlag())
      return sink.bytes
    }
    for path in ["/echo", "/to-path/echo", "/echo"] { _ = try get(path) }
    let lines = String(decoding: try get("/log"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 4)
    #expect(Set(lines.map { $0.split(separator: " ")[1] }).count == 1)
  }

  @Test("The second URL serves where the first does not")
  func secondURL() async throws {
    let downloader = try downloader()
    var file = file("/missing")
    file.urls.append(server.url + "/file")
    #expect(try await downloader.fetch(file).size == Int64(bytes.count))
  }

  @Test("A good mirror serves where the one before it has wrong bytes")
  func goodAfterWrong() async throws {
    try scratch.write("www/wrong", bytes.reversed())
    let downloader = try downloader()
    var file = file("/wrong")
    file.urls.append(server.url + "/file")
    #expect(try await downloader.fetch(file).digest == digest)
  }

  @Test("Wrong bytes are told of, though the next mirror lacks the file")
  func mismatchBeforeMissing() async throws {
    try scratch.write("www/wrong", bytes.reversed())
    let downloader = try downloader()
    var file = file("/wrong")
    file.urls.append(server.url + "/missing")
    let error = await TestDownloads.error { _ = try await downloader.fetch(file) }
    #expect(error?.code == .digestMismatch)
    expectEmptyStore()
  }

  @Test("A server that says \"unchanged\" unasked has sent no file")
  func unaskedUnchanged() async throws {
    let downloader = try downloader()
    let error = await TestDownloads.error {
      _ = try await downloader.fetchUnpinned(url: server.url + "/unchanged", limit: 1 << 20)
    }
    #expect(error?.message == "status 304; expected 200")
    expectEmptyStore()
  }

  @Test("A kept document that was damaged is fetched whole again")
  func damagedDocument() async throws {
    let downloader = try downloader()
    let url = try ResourceURL(server.url + "/file")
    for _ in 1...2 {
      #expect(try await downloader.document(url: url, limit: 4 << 20) == bytes)
    }
    let name = try #require(scratch.names("store/keyed").first)
    let kept = scratch.path + "/store/keyed/" + name
    try Data(try Data(contentsOf: URL(fileURLWithPath: kept)).dropLast())
      .write(to: URL(fileURLWithPath: kept))
    #expect(try await downloader.document(url: url, limit: 4 << 20) == bytes)
  }

  @Test("A corrupt file in the store is dropped and fetched anew")
  func corrupt() async throws {
    let downloader = try downloader()
    let stored = try await downloader.fetch(file("/file"))
    try Data(bytes.dropLast()).write(to: URL(fileURLWithPath: stored.path))
    #expect(try await downloader.fetch(file("/file")) == stored)
    #expect(try await log(downloader).count == 2)
  }

  @Test("Over the bound is refused")
  func bound() async throws {
    let downloader = try downloader()
    let error = await TestDownloads.error {
      _ = try await downloader.fetchUnpinned(url: server.url + "/file", limit: 1_000)
    }
    #expect(error?.code == .limitExceeded)
    expectEmptyStore()
  }

  @Test("A cancelled fetch ends with cancelled and leaves what it has for the next")
  func cancelled() async throws {
    let downloader = try downloader()
    let error = await TestDownloads.error {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { _ = try await downloader.fetch(file("/file")) }
        group.cancelAll()
        try await group.waitForAll()
      }
    }
    #expect(error?.code == .cancelled)
    #expect(try await downloader.fetch(file("/file")).size == Int64(bytes.count))
  }
}
