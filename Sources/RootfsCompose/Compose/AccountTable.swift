/// `/etc/passwd`, `/etc/group` or one of their shadows as lines of fields; lines that are not accounts are kept as they
/// are.
///
/// Source: passwd(5), group(5), shadow(5), gshadow(5).
struct AccountTable {
  struct Row {
    /// `name:password:id:…`, split at the colons.
    var fields: [[UInt8]]

    var name: String { String(decoding: fields.first ?? [], as: UTF8.self) }

    /// The number in the third field; nil where there is none.
    var id: UInt32? { number(2) }

    func number(_ index: Int) -> UInt32? {
      guard fields.indices.contains(index) else { return nil }
      return UInt32(String(decoding: fields[index], as: UTF8.self))
    }
  }

  static let passwordFile: TreePath = "etc/passwd"
  static let groupFile: TreePath = "etc/group"
  static let shadowFile: TreePath = "etc/shadow"
  static let groupShadowFile: TreePath = "etc/gshadow"

  /// The largest file read, in bytes.
  static let maximumSize = 4 << 20

  var rows: [Row] = []

  /// The table at a path, links followed; empty where no file is. Throws where it is over ``maximumSize``.
  init(at path: TreePath, in tree: FileTree) throws(ComposeError) {
    guard let content = tree[Self.location(of: path, in: tree)]?.content else { return }
    guard content.count <= Self.maximumSize else {
      throw ComposeError(
        .limitExceeded, path.description, "is \(content.count) bytes; expected at most 4 MiB")
    }
    rows = try content.bytes().split(separator: UInt8(ascii: "\n")).map { line in
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      return Row(fields: fields.map(Array.init))
    }
  }

  /// Where the file itself lies if the path is a link.
  static func location(of path: TreePath, in tree: FileTree) -> TreePath {
    tree.resolve(path) ?? path
  }

  /// The row that has a name; nil where none has.
  func row(named name: String) -> Row? { rows.first { $0.fields.count > 2 && $0.name == name } }

  /// The first row that has a number; nil where none has.
  func row(id: UInt32) -> Row? { rows.first { $0.id == id } }

  /// Puts other numbers into the fields of the row that has a name.
  mutating func renumber(_ name: String, _ numbers: [Int: UInt32]) {
    guard let index = rows.firstIndex(where: { $0.name == name }) else { return }
    for (field, number) in numbers {
      while rows[index].fields.count <= field { rows[index].fields.append([]) }
      rows[index].fields[field] = Array(String(number).utf8)
    }
  }

  mutating func append(_ fields: [String]) {
    rows.append(Row(fields: fields.map { Array($0.utf8) }))
  }

  /// Whether texts fit into a field each.
  ///
  /// Judged by bytes: to Swift, a carriage return and a newline are one character, and so are a colon and an accent.
  static func areFields(_ texts: [String]) -> Bool {
    let ends = [UInt8(ascii: ":"), UInt8(ascii: "\n")]
    return !texts.contains { $0.utf8.contains(where: ends.contains) }
  }

  var content: Content {
    var bytes = [UInt8]()
    for row in rows {
      bytes += row.fields.joined(separator: [UInt8(ascii: ":")])
      bytes.append(UInt8(ascii: "\n"))
    }
    return Content(bytes)
  }
}
