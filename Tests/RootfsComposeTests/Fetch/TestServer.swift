import Foundation
import TestSupport

/// A web server on loopback in a process of its own: Python's, with the misbehaviour that tests need.
///
/// `/drop/FILE` breaks off half-way where no range is asked for, `/flaky/FILE` fails twice with 503, `/busy/FILE`
/// always, `/liar/FILE` answers a range with another one, `/echo` shows the request's head, `/log` all requests so
/// far, `/unchanged` answers 304 to all, and `/to/URL` redirects (`/to-path/PATH` to a path of the same server).
final class TestServer: Sendable {
  let port: Int
  private let scratch: ScratchDirectory
  private let program: BackgroundProgram
  private let scheme: String

  var url: String { "\(scheme)://127.0.0.1:\(port)" }

  init(root: String, certificate: String? = nil, key: String? = nil) throws {
    scratch = try ScratchDirectory()
    program = try BackgroundProgram(
      "python3",
      ["-c", Self.script, scratch.path, root] + [certificate, key].compactMap { $0 })
    guard let port = Int(try scratch.awaitText("port")) else {
      throw TestSupportError("the test server did not start")
    }
    self.port = port
    scheme = certificate == nil ? "http" : "https"
  }

  private static let script = #"""
    import http.server, os, ssl, sys, threading, hashlib, time
    state, root = sys.argv[1:3]
    log, counts, lock = [], {}, threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def log_message(self, *args): pass
        def answer(self, status, body=b"", fields=()):
            self.send_response(status)
            for name, value in fields: self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def do_GET(self):
            path = self.path
            if path == "/log":
                with lock: body = "".join(line + "\n" for line in log)
                return self.answer(200, body.encode())
            asked = self.headers.get("Range")
            with lock:
                log.append("%s port=%d range=%s authorization=%s" % (
                    path, self.client_address[1], asked, self.headers.get("Authorization")))
                counts[path] = counts.get(path, 0) + 1
                count = counts[path]
            if path == "/unchanged": return self.answer(304)
            if path == "/echo": return self.answer(200, str(self.headers).encode())
            if path.startswith("/to/"): return self.answer(302, b"moved", [("Location", path[4:])])
            if path.startswith("/to-path/"):
                return self.answer(302, b"moved", [("Location", path[8:])])
            first, _, rest = path[1:].partition("/")
            mode = first if first in ("drop", "flaky", "busy", "liar") else None
            name = rest if mode else path[1:]
            if mode == "busy" or (mode == "flaky" and count <= 2):
                return self.answer(503, b"busy", [("Retry-After", "1")])
            file = os.path.join(root, name)
            if not os.path.isfile(file): return self.answer(404, b"no such file")
            data = open(file, "rb").read()
            tag = '"%s"' % hashlib.sha256(data).hexdigest()[:16]
            if self.headers.get("If-None-Match") == tag: return self.answer(304)
            if asked and self.headers.get("If-Range", tag) == tag:
                start = int(asked[6:].split("-")[0])
                if start >= len(data): return self.answer(416)
                told = start + 1 if mode == "liar" else start
                return self.answer(206, data[start:], [("ETag", tag), (
                    "Content-Range", "bytes %d-%d/%d" % (told, len(data) - 1, len(data)))])
            if mode in ("drop", "liar") and count == 1:
                self.send_response(200)
                self.send_header("ETag", tag)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[:len(data) // 2])
                self.wfile.flush()
                self.close_connection = True
                return
            self.answer(200, data, [("ETag", tag)])

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        def handle_error(self, request, address): pass

    server = Server(("127.0.0.1", 0), Handler)
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    parent = os.getppid()
    def watch():
        # Without the test, no server.
        while os.getppid() == parent: time.sleep(1)
        os._exit(0)
    threading.Thread(target=watch, daemon=True).start()
    with open(state + "/new", "w") as file: file.write(str(server.server_address[1]))
    os.rename(state + "/new", state + "/port")
    server.serve_forever()
    """#
}

/// A certificate authority and a certificate for 127.0.0.1, made by openssl.
struct TestAuthority {
  let authority, certificate, key: String

  init(in directory: ScratchDirectory) throws {
    let folder = directory.path
    authority = folder + "/ca.pem"
    certificate = folder + "/server.pem"
    key = folder + "/server.key"
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    try RequiredProgram.run(
      "openssl",
      ["req", "-x509"] + curve
        + ["-keyout", folder + "/ca.key", "-out", authority, "-subj", "/CN=Test CA", "-days", "2"])
    try RequiredProgram.run(
      "openssl",
      ["req"] + curve
        + ["-keyout", key, "-out", folder + "/server.csr", "-subj", "/CN=127.0.0.1"])
    let names = try directory.write("names", "subjectAltName=IP:127.0.0.1\n".utf8)
    try RequiredProgram.run(
      "openssl",
      [
        "x509", "-req", "-in", folder + "/server.csr", "-CA", authority, "-CAkey",
        folder + "/ca.key", "-CAcreateserial", "-out", certificate, "-days", "2", "-extfile", names,
      ])
  }
}
