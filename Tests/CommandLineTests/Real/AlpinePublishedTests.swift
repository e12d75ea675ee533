import FoundationEssentials
import TestSupport
import Testing

/// Published definitions with their repositories replaced by the packages of one older release.
@Suite(.enabled(if: AlpineMirror.root != nil, "needs the recorded Alpine packages"))
struct AlpinePublishedTests {
  private static let releases = ["alpine-3.22", "alpine-3.23", "alpine-3.24"]

  private static func definitions() throws -> [String] {
    let folder = (SharedData.root ?? "") + "/dhi/definitions"
    return try FileListing.files(below: folder).filter { path in
      releases.contains { path.hasPrefix("static/\($0)/") || path.hasPrefix("alpine-base/\($0)/") }
    }.map { folder + "/" + $0 }
  }

  /// What the release has of the packages that these definitions ask for in one version.
  private static let there = [
    "ca-certificates-bundle": "20230506-r0", "busybox": "1.36.1-r15", "ssl_client": "1.36.1-r15",
  ]

  @Test func whatTheRepositoryLacksIsSaidToTheVersion() throws {
    let paths = try Self.definitions()
    #expect(paths.count == 12)
    let scratch = try TemporaryDirectory()
    for path in paths {
      let outcome = try ComposeProgram.run([
        "resolve", path, "--store", scratch.file("store"), "--repository", AlpineMirror.x86,
        "--platform", "linux/amd64",
      ])
      #expect(outcome.exitCode == 3, "\(path)")
      let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
      var expected = [String]()
      for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        let entry = line.trimming { $0 == " " || $0 == "-" }
        let name = String(entry.prefix { $0 != "=" })
        let place = "\(path):\(index + 1):7: \(entry): "
        if entry == "libgcc" {
          expected.append(place + "no package has or provides this name in")
        } else if let version = Self.there[name], entry.contains("=") {
          expected.append(place + "there is only \(version) (")
        }
      }
      let lines = outcome.errors.split(separator: "\n").filter { $0.contains(path) }
        .map { $0.hasPrefix("error: ") ? $0.dropFirst("error: ".count) : $0 }
      #expect(!expected.isEmpty)
      #expect(lines.count == expected.count, "\(outcome.errors)")
      for (line, start) in zip(lines, expected) { #expect(line.hasPrefix(start), "\(line)") }
    }
  }

  @Test func theyComposeOfTheVersionsThatAreThere() throws {
    for path in try Self.definitions() {
      var text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
      for name in Self.there.keys {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
          line.hasPrefix("    - \(name)=") ? "    - \(name)" : String(line)
        }
        text = lines.filter { $0 != "    - libgcc" }.joined(separator: "\n")
      }
      let image = try AlpineImage(
        name: "published", text: text, repositories: [AlpineMirror.x86])
      #expect(image.packages["linux/amd64"]?.count ?? 0 >= 3, "\(path)")
      #expect(try image.dump()["/etc/ssl/certs/ca-certificates.crt"] != nil, "\(path)")
      #expect((try image.dump()["/bin/sh"] != nil) == path.contains("/alpine-base/"), "\(path)")
    }
  }
}

extension Substring {
  fileprivate func trimming(_ isOut: (Character) -> Bool) -> Substring {
    var rest = drop(while: isOut)
    while let last = rest.last, isOut(last) { rest.removeLast() }
    return rest
  }
}
