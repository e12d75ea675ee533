import Foundation
import Testing

@testable import RootfsCompose

/// Bytes compared with those of the host's own `update-ca-certificates` and `ldconfig` (packages ca-certificates,
/// openssl, libc-bin).
struct HostToolsTests {
  private static let tool = "/usr/sbin/update-ca-certificates"
  private static let certificates = "/usr/share/ca-certificates"

  private static var hasCertificates: Bool {
    FileManager.default.isExecutableFile(atPath: tool)
      && FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")
      && FileManager.default.fileExists(atPath: certificates + "/mozilla")
  }

  private static var hasLoaderTools: Bool {
    FileManager.default.isExecutableFile(atPath: "/sbin/ldconfig")
      && FileManager.default.fileExists(atPath: "/lib/x86_64-linux-gnu/libc.so.6")
  }

  private func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(program) failed")
    return String(decoding: output, as: UTF8.self)
  }

  private func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    let directory = NSTemporaryDirectory() + "/scripts-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try body(directory)
  }

  /// One certificate, with OpenSSL's notes behind it or without; not two of them, nor half of one.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
  func subjectsAreHashedAsOpenSSLDoes() throws {
    try withTemporaryDirectory { directory in
      let (plain, trusted) = (directory + "/plain.pem", directory + "/trusted.pem")
      _ = try run(
        "/usr/bin/openssl",
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
          "-subj", "/C=XY/CN=An Authority", "-keyout", directory + "/key.pem", "-out", plain,
        ])
      _ = try run(
        "/usr/bin/openssl",
        ["x509", "-in", plain, "-addtrust", "serverAuth", "-trustout", "-out", trusted])
      let hash = try run("/usr/bin/openssl", ["x509", "-in", plain, "-noout", "-subject_hash"])
      let pem = try Array(Data(contentsOf: URL(fileURLWithPath: plain)))
      let noted = try Array(Data(contentsOf: URL(fileURLWithPath: trusted)))
      let reader = CertificateReader()
      let subject = reader.subject(ofOnlyCertificateIn: pem)
      #expect(subject?.hash == UInt32(hash.prefix(8), radix: 16))
      let same = reader.subject(ofOnlyCertificateIn: noted)
      #expect(noted.count > pem.count && same?.fingerprint == subject?.fingerprint)
      for other in [pem + noted, Array(pem.dropLast(pem.count / 2)), []] {
        let none = reader.subject(ofOnlyCertificateIn: other)
        #expect(none?.hash == nil)
      }
    }
  }

  /// The tree of the host's own certificates, and the script that asks for the bundle.
  private func composedCertificates() throws -> ComposedTree {
    var tree = FileTree()
    let files = try #require(FileManager.default.enumerator(atPath: Self.certificates))
    for case let name as String in files {
      let path = Self.certificates + "/" + name
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
        !isDirectory.boolValue
      else { continue }
      let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
      try tree.insert(.file(Content(bytes)), at: try #require(TreePath(path)))
    }
    var result = ComposedTree(tree: tree)
    let script = """
      #!/bin/sh
      cat > /etc/ca-certificates.conf <<EOF
      # A comment.
      EOF
      update-ca-certificates --hooksdir ""
      """
    try ScriptHandlers.apply(
      to: &result, packages: [scriptPackage("ca-certificates", ["postinst": script])],
      context: scriptContext())
    return result
  }

  @Test(.enabled(if: hasCertificates, "update-ca-certificates is not installed"))
  func certificatesAreByteIdentical() throws {
    let result = try composedCertificates()
    try withTemporaryDirectory { directory in
      let configuration = directory + "/conf"
      let etc = directory + "/certs"
      try FileManager.default.createDirectory(atPath: etc, withIntermediateDirectories: true)
      let text = try #require(try result.tree["etc/ca-certificates.conf"]?.content?.text())
      #expect(text.hasPrefix("# A comment.\nmozilla/"))
      try Data(text.utf8).write(to: URL(fileURLWithPath: configuration))
      _ = try run(
        Self.tool,
        [
          "--certsconf", configuration, "--certsdir", Self.certificates, "--localcertsdir",
          directory + "/none", "--etccertsdir", etc, "--hooksdir", "",
        ])
      let expected = try FileManager.default.contentsOfDirectory(atPath: etc).sorted()
      let found = result.tree.children(of: "etc/ssl/certs").map(\.nameText).sorted()
      #expect(found == expected)
      #expect(expected.count > 200)
      for name in expected {
        let entry = result.tree[try #require(TreePath("etc/ssl/certs/" + name))]
        if let target = entry?.linkTarget {
          #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: etc + "/" + name)
              == String(decoding: target, as: UTF8.self))
        } else {
          let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: etc + "/" + name)))
          #expect(try entry?.content?.bytes() == bytes)
        }
      }
    }
  }

  @Test func listedAndLocalCertificatesFollowTheirOrder() throws {
    let result = try composedScripts(
      [scriptPackage("ca-certificates", ["postinst": "#!/bin/sh\nupdate-ca-certificates\n"])],
      to: [
        "etc/ca-certificates.conf": "# x\n!mozilla/off.crt\nmozilla/b (1).crt\nmozilla/a.crt\n",
        "usr/share/ca-certificates/mozilla/a.crt": "A",
        "usr/share/ca-certificates/mozilla/b (1).crt": "B\n",
        "usr/share/ca-certificates/mozilla/off.crt": "OFF\n",
        "usr/local/share/ca-certificates/z.crt": "Z\n",
        "usr/local/share/ca-certificates/n/y.crt": "Y",
        "usr/local/share/ca-certificates/x.pem": "X",
      ])
    #expect(
      try result.entryText("etc/ssl/certs/ca-certificates.crt") == "file 644 0:0 \"B\nA\nY\nZ\n\"")
    #expect(
      result.tree.children(of: "etc/ssl/certs").map(\.nameText)
        == ["a.pem", "b_=1=.pem", "ca-certificates.crt", "y.pem", "z.pem"])
  }

  @Test(.enabled(if: hasLoaderTools, "ldconfig or the host's libraries are missing"))
  func loaderCacheListsWhatLdconfigLists() throws {
    let libraries = ["libc.so.6", "libm.so.6", "libresolv.so.2", "libdl.so.2", "libpthread.so.0"]
    var tree = FileTree()
    try tree.insert(.file("include /etc/ld.so.conf.d/*.conf\n"), at: "etc/ld.so.conf")
    try tree.insert(.file("# more\n/opt/demo/lib\n"), at: "etc/ld.so.conf.d/demo.conf")
    for (index, name) in libraries.enumerated() {
      let directory = index == 4 ? "opt/demo/lib/" : "usr/lib/x86_64-linux-gnu/"
      let bytes = try Array(
        Data(contentsOf: URL(fileURLWithPath: "/lib/x86_64-linux-gnu/" + name)))
      try tree.insert(
        .file(Content(bytes), mode: 0o755), at: try #require(TreePath(directory + name)))
    }
    try tree.insert(.symlink(to: "usr/lib"), at: "lib")
    var result = ComposedTree(tree: tree)
    try ScriptHandlers.apply(
      to: &result, packages: [scriptPackage("libc-bin", ["postinst": "#!/bin/sh\nldconfig\n"])],
      context: scriptContext())
    try withTemporaryDirectory { root in
      for path in result.tree.sortedPaths where !path.isRoot {
        let place = root + path.description
        let entry = try #require(result.tree[path])
        if let target = entry.linkTarget {
          try FileManager.default.createSymbolicLink(
            atPath: place, withDestinationPath: String(decoding: target, as: UTF8.self))
        } else if let content = entry.content {
          try Data(try content.bytes()).write(to: URL(fileURLWithPath: place))
        } else {
          try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true)
        }
      }
      let ours = root + "/etc/ours"
      try FileManager.default.moveItem(atPath: root + "/etc/ld.so.cache", toPath: ours)
      _ = try run("/sbin/ldconfig", ["-X", "-r", root])
      func entries(_ cache: String) throws -> [String] {
        try run("/sbin/ldconfig", ["-p", "-C", cache]).split(separator: "\n")
          .filter { $0.hasPrefix("\t") }.map(String.init)
      }
      let expected = try entries(root + "/etc/ld.so.cache")
      #expect(expected.count == libraries.count)
      #expect(try entries(ours) == expected)
    }
  }

  @Test func noLoaderCacheWhereNoneIsNeeded() throws {
    let result = try composedScripts(
      [scriptPackage("libc-bin", ["postinst": "#!/bin/sh\nldconfig\n"])],
      to: ["usr/lib/x86_64-linux-gnu/libx.so.1": "x", "etc/ld.so.conf": "/usr/lib\n"])
    #expect(try result.entryText("etc/ld.so.cache") == "nothing")
  }
}
