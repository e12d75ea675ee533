import Foundation
import Testing

@testable import RootfsCompose

@Suite("Redirects, credentials and TLS", .enabled(if: RequiredProgram.areInstalled("python3")))
struct RedirectTests {
  let scratch: ScratchDirectory
  let server: TestServer

  init() throws {
    scratch = try ScratchDirectory()
    server = try TestServer(root: scratch.path)
  }

  private func downloader(_ environment: [String: String] = [:]) throws -> Downloader {
    try TestDownloads.downloader(store: scratch.path + "/store", environment: environment)
  }

  private func text(_ downloader: Downloader, _ url: String) async throws -> String {
    let file = try await downloader.fetchUnpinned(url: url, limit: 1 << 16)
    return String(decoding: try downloader.store.read(file, limit: 1 << 16), as: UTF8.self)
  }

  private func withCredentials(_ path: String) -> String {
    "http://user:p%40ss@127.0.0.1:\(server.port)\(path)"
  }

  @Test("Credentials go to the server they are for, also after a redirect within it")
  func sameOrigin() async throws {
    let downloader = try downloader()
    let encoded = "Authorization: Basic " + Data("user:p@ss".utf8).base64EncodedString()
    #expect(try await text(downloader, withCredentials("/echo")).contains(encoded))
    #expect(try await text(downloader, withCredentials("/to-path/echo")).contains(encoded))
  }

  @Test("A redirect to another port takes no credentials along")
  func crossOrigin() async throws {
    let other = try TestServer(root: scratch.path)
    let url = withCredentials("/to/\(other.url)/echo")
    let echo = try await text(try downloader(), url)
    #expect(echo.contains("User-Agent: dhi-compose"))
    #expect(!echo.contains("Authorization"))
  }

  @Test("Credentials that a redirect itself brings are not used")
  func broughtCredentials() async throws {
    let url = server.url + "/to/http://evil:evil@127.0.0.1:\(server.port)/echo"
    #expect(try await !text(try downloader(), url).contains("Authorization"))
  }

  @Test("Credentials of a mirror serve URLs of its origin that carry none")
  func credentialsOfMirror() async throws {
    let downloader = try Downloader(
      store: Store(directory: scratch.path + "/store"), downloads: 1, environment: [:],
      userAgent: "dhi-compose/test", mirrors: [withCredentials("/debian")])
    #expect(try await text(downloader, server.url + "/echo").contains("Authorization: Basic"))
    let other = try TestServer(root: scratch.path)
    #expect(try await !text(downloader, other.url + "/echo").contains("Authorization"))
  }

  @Test("Eleven redirects are too many, and other schemes are not followed")
  func bounds() async throws {
    let downloader = try downloader()
    let path = String(repeating: "/to-path", count: 11) + "/echo"
    #expect(
      await TestDownloads.error { _ = try await text(downloader, server.url + path) }?.code
        == .network)
    let ten = String(repeating: "/to-path", count: 10) + "/echo"
    #expect(try await text(downloader, server.url + ten).contains("Host"))
    let file = await TestDownloads.error {
      _ = try await text(downloader, server.url + "/to/file:///etc/hostname")
    }
    #expect(file?.message.contains("leads to no http or https URL") == true)
  }

  @Test("Messages show no credentials")
  func redaction() async throws {
    let downloader = try downloader()
    let error = await TestDownloads.error {
      _ = try await text(downloader, withCredentials("/missing"))
    }
    #expect(
      error?.description == "http://127.0.0.1:\(server.port)/missing: status 404: the server does "
        + "not have it")
  }

  @Test("No server and no host are clear errors")
  func unreachable() async throws {
    let downloader = try downloader()
    let refused = await TestDownloads.error {
      _ = try await text(downloader, "http://127.0.0.1:1/x")
    }
    #expect(refused?.code == .network)
    #expect(refused?.description.contains("http://127.0.0.1:1/x: cannot connect") == true)
    let unknown = await TestDownloads.error {
      _ = try await text(downloader, "http://nowhere.invalid/x")
    }
    #expect(
      unknown?.description == "http://nowhere.invalid/x: cannot resolve the host name; check the "
        + "network or give --mirror with another one")
  }

  @Test(
    "A private authority is trusted only where it is named; https never leads to http",
    .enabled(if: RequiredProgram.areInstalled("openssl")))
  func tls() async throws {
    let authority = try TestAuthority(in: scratch)
    let secure = try TestServer(
      root: scratch.path, certificate: authority.certificate, key: authority.key)
    let trusting = try downloader(["CURL_CA_BUNDLE": authority.authority])
    #expect(try await text(trusting, secure.url + "/echo").contains("Host"))
    #expect(try await text(trusting, server.url + "/to/\(secure.url)/echo").contains("Host"))
    let down = await TestDownloads.error {
      _ = try await text(trusting, secure.url + "/to/\(server.url)/echo")
    }
    #expect(down?.message.contains("from https to http") == true)
    let error = await TestDownloads.error {
      _ = try await text(try downloader(), secure.url + "/echo")
    }
    #expect(error?.code == .network)
    #expect(error?.message.contains("certificate is not trusted") == true)
  }
}
