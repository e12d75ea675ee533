import CLibArchive
import OCIImage
import RootfsCompose

import func Glibc.__errno_location

/// A root file system as text, one line a path, for whole expectations in tests.
///
/// `"/dir/": "dir 0755"`, `"/dir/file": "file 0644 cc55e2ec"` (the first eight digits of the SHA-256, `empty` for an
/// empty file), `"/link": "symlink target"`; a trailing `1000:1000` where the owner is not root's, `<1>` for the
/// first set of hard links in path order, `char 0666 1,3` for a device, `name=hex` for extended attributes.
public enum RootfsDump {
  /// The dump of a tree, without its root.
  public static func dump(_ tree: FileTree) -> [String: String] {
    var result = [String: String]()
    var groups = [FileEntry.LinkGroup: Int]()
    for path in tree.sortedPaths where !path.isRoot {
      guard let entry = tree[path] else { continue }
      var fact = Fact(mode: Int(entry.mode), uid: Int(entry.uid), gid: Int(entry.gid))
      switch entry.kind {
      case .directory: fact.kind = "dir"
      case .regular(let content, let group):
        fact.kind = "file"
        let digest = (try? content.digest())?.hex.prefix(8) ?? "unreadable"
        fact.detail = content.count == 0 ? "empty" : String(digest)
        if let group {
          let number = groups[group] ?? groups.count + 1
          groups[group] = number
          fact.links = number
        }
      case .symlink(let target):
        fact.kind = "symlink"
        fact.detail = String(decoding: target, as: UTF8.self)
      case .characterDevice(let major, let minor):
        fact.kind = "char"
        fact.detail = "\(major),\(minor)"
      case .blockDevice(let major, let minor):
        fact.kind = "block"
        fact.detail = "\(major),\(minor)"
      case .fifo: fact.kind = "fifo"
      }
      fact.attributes = entry.xattrs
      result[path.description + (entry.isDirectory ? "/" : "")] = fact.text
    }
    return result
  }

  /// The dump of a tar archive in memory (compressed or not), read by libarchive; its root is left out.
  public static func dump(tar bytes: [UInt8]) throws -> [String: String] {
    guard let archive = archive_read_new() else {
      throw TestSupportError("libarchive: out of memory")
    }
    defer { archive_read_free(archive) }
    func failure() -> TestSupportError {
      TestSupportError("libarchive: \(String(cString: archive_error_string(archive)))")
    }
    archive_read_support_filter_all(archive)
    archive_read_support_format_tar(archive)
    archive_read_set_options(archive, "hdrcharset=BINARY")
    return try bytes.withUnsafeBytes { buffer in
      guard archive_read_open_memory(archive, buffer.baseAddress, buffer.count) == ARCHIVE_OK
      else { throw failure() }
      var facts = [String: Fact]()
      var links = [(path: String, target: String)]()
      var entry: OpaquePointer?
      while true {
        __errno_location().pointee = 0
        let code = archive_read_next_header(archive, &entry)
        if code == ARCHIVE_EOF { break }
        guard code == ARCHIVE_OK || code == ARCHIVE_WARN, let entry else { throw failure() }
        let path = normalised(archive_entry_pathname(entry))
        if path == "/" { continue }
        if let target = archive_entry_hardlink(entry) {
          links.append((path, normalised(target)))
        } else {
          facts[path] = try fact(of: entry, in: archive)
        }
      }
      number(links, in: &facts)
      return Dictionary(
        uniqueKeysWithValues: facts.map { ($0 + ($1.kind == "dir" ? "/" : ""), $1.text) })
    }
  }

  /// The dump's lines, sorted.
  public static func lines(_ dump: [String: String]) -> [String] {
    dump.map { "\($0): \($1)" }.sorted()
  }

  private struct Fact {
    var kind = ""
    var mode: Int
    var uid: Int
    var gid: Int
    var detail = ""
    var links = 0
    var attributes = [String: [UInt8]]()

    var text: String {
      let digits = String(mode, radix: 8)
      var words = [kind]
      if kind != "symlink" {
        words.append(String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits)
      }
      if !detail.isEmpty { words.append(detail) }
      if links > 0 { words.append("<\(links)>") }
      if uid != 0 || gid != 0 { words.append("\(uid):\(gid)") }
      for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
        let hex = value.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        words.append("\(name)=\(hex)")
      }
      return words.joined(separator: " ")
    }
  }

  private static func fact(of entry: OpaquePointer, in archive: OpaquePointer) throws -> Fact {
    var fact = Fact(
      mode: Int(archive_entry_perm(entry)), uid: Int(archive_entry_uid(entry)),
      gid: Int(archive_entry_gid(entry)))
    switch archive_entry_filetype(entry) {
    case UInt32(S_IFDIR): fact.kind = "dir"
    case UInt32(S_IFREG):
      fact.kind = "file"
      let content = try data(of: archive)
      fact.detail = content.isEmpty ? "empty" : String(Digest.sha256(of: content).hex.prefix(8))
    case UInt32(S_IFLNK):
      fact.kind = "symlink"
      fact.detail = archive_entry_symlink(entry).map { String(cString: $0) } ?? ""
    case UInt32(S_IFIFO): fact.kind = "fifo"
    case let type:
      fact.kind = type == UInt32(S_IFCHR) ? "char" : "block"
      fact.detail = "\(archive_entry_rdevmajor(entry)),\(archive_entry_rdevminor(entry))"
    }
    archive_entry_xattr_reset(entry)
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var size = 0
    while archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK, let name {
      fact.attributes[String(cString: name)] = Array(
        UnsafeRawBufferPointer(start: value, count: size))
    }
    return fact
  }

  private static func data(of archive: OpaquePointer) throws -> [UInt8] {
    var result = [UInt8]()
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = archive_read_data(archive, &buffer, buffer.count)
      guard count >= 0 else {
        throw TestSupportError("libarchive: \(String(cString: archive_error_string(archive)))")
      }
      if count == 0 { return result }
      result += buffer[..<count]
    }
  }

  private static func normalised(_ name: UnsafePointer<CChar>?) -> String {
    let text = name.map { String(cString: $0) } ?? ""
    return "/" + text.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  /// Gives each set of hard links the number it has in path order.
  private static func number(
    _ links: [(path: String, target: String)], in facts: inout [String: Fact]
  ) {
    var heads = [String: String]()
    for (path, target) in links {
      let head = heads[target] ?? target
      heads[path] = head
      heads[head] = head
      facts[path] = facts[head]
    }
    var numbers = [String: Int]()
    for path in facts.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      guard let head = heads[path] else { continue }
      let number = numbers[head] ?? numbers.count + 1
      numbers[head] = number
      facts[path]?.links = number
    }
  }
}
