/// `/usr/lib/os-release`: the package's, with the recipe's fields in the place of its own.
///
/// Source: os-release(5). Fields that the recipe leaves out keep the package's value, so that scanners still find `ID`
/// and `VERSION_ID`.
struct OSReleaseEffect {
  private static let rule = "recipe-os-release"
  private static let vendorFile: TreePath = "usr/lib/os-release"
  private static let systemFile: TreePath = "etc/os-release"
  /// The largest file read, in bytes.
  private static let maximumSize = 1 << 20

  let release: Definition.OSRelease
  let distribution: DistributionIdentity

  func apply(to tree: inout ComposedTree) throws(ComposeError) {
    let place = Self.place(in: tree.tree)
    var lines = try Self.lines(at: place, in: tree.tree) ?? distribution.osRelease
    for (key, value) in try fields() {
      let line = "\(key)=\(Self.quoted(value, key: key))"
      if let index = lines.firstIndex(where: { $0.hasPrefix(key + "=") }) {
        lines[index] = line
      } else {
        lines.append(line)
      }
    }
    let content = Content(Array(lines.map { $0 + "\n" }.joined().utf8))
    if tree.tree[place]?.content != content {
      try tree.put(
        .file(content), at: place, rule: Self.rule, reason: "the recipe's fields of os-release")
    }
    if tree.tree[Self.systemFile] == nil {
      try tree.put(
        .symlink(to: "../usr/lib/os-release"), at: Self.systemFile, rule: Self.rule,
        reason: "programs read os-release here")
    }
  }

  /// A distribution that keeps the file in `/etc` goes on doing so.
  private static func place(in tree: FileTree) -> TreePath {
    for path in [vendorFile, systemFile] {
      if let landing = tree.resolve(path), tree[landing]?.isRegular == true { return landing }
    }
    return vendorFile
  }

  private static func lines(
    at path: TreePath, in tree: FileTree
  ) throws(ComposeError) -> [String]? {
    guard let content = tree[path]?.content else { return nil }
    guard content.count <= maximumSize else {
      throw ComposeError(
        .limitExceeded, path.description, "is \(content.count) bytes; expected at most 1 MiB")
    }
    return try content.text().split(separator: "\n").map(String.init)
  }

  private func fields() throws(ComposeError) -> [(String, String)] {
    let all: [(key: String, recipeKey: String, value: String?)] = [
      ("NAME", "name", release.name), ("ID", "id", release.id),
      ("ID_LIKE", "id-like", release.idLike), ("VERSION_ID", "version-id", release.versionID),
      ("VERSION_CODENAME", "version-codename", release.versionCodename),
      ("PRETTY_NAME", "pretty-name", release.prettyName), ("HOME_URL", "home-url", release.homeURL),
      ("BUG_REPORT_URL", "bug-report-url", release.bugReportURL),
    ]
    var fields = [(String, String)]()
    for field in all {
      guard let value = field.value else { continue }
      guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), value.utf8.count <= 4096 else {
        throw ComposeError(
          .invalidRecipe, "os-release.\(field.recipeKey)",
          "holds a control character or is over 4096 bytes; expected one line of text")
      }
      fields.append((field.key, value))
    }
    return fields
  }

  /// Identifiers stand bare, as distributions write them; all else in double quotes.
  private static func quoted(_ value: String, key: String) -> String {
    let bareKeys = ["ID", "ID_LIKE", "VERSION_CODENAME"]
    let isPlain = value.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        true
      default: false
      }
    }
    if bareKeys.contains(key) && isPlain && !value.isEmpty { return value }
    var result = "\""
    for character in value {
      if "\"\\$`".contains(character) { result.append("\\") }
      result.append(character)
    }
    return result + "\""
  }
}
