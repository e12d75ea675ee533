/// The links that make up a directory of authorities: one for each certificate, and OpenSSL's by subject hash.
enum CertificateLinks {
  static let directory: TreePath = "etc/ssl/certs"

  /// `NAME.pem` for a certificate's `NAME.crt`, with the characters replaced that a shell minds.
  static func name(for path: TreePath, prefix: String = "") -> TreePath? {
    var name = Array(path.name)
    if name.count > 4, name.suffix(4).elementsEqual(".crt".utf8) { name.removeLast(4) }
    for index in name.indices {
      switch name[index] {
      case UInt8(ascii: " "), UInt8(ascii: ","): name[index] = UInt8(ascii: "_")
      case UInt8(ascii: "("), UInt8(ascii: ")"): name[index] = UInt8(ascii: "=")
      default: break
      }
    }
    return TreePath(Array(prefix.utf8) + name + Array(".pem".utf8))
  }

  /// `HHHHHHHH.N` for each file that holds one certificate, as `openssl rehash` and Alpine's `c_rehash` link them.
  static func linkHashes(in tree: inout ComposedTree, rule: String) throws(ComposeError) {
    guard let directory = tree.tree.resolve(directory) else { return }
    let endings = [".pem", ".crt", ".cer"]
    let reader = CertificateReader()
    var taken: [UInt32: [CertificateSubject]] = [:]
    for path in tree.tree.children(of: directory) {
      let name = path.nameText
      let ending = name.suffix(4).lowercased()
      guard endings.contains(ending), name != "ca-certificates.crt",
        let place = tree.tree.resolve(path),
        let content = tree.tree[place]?.content, content.count <= 1 << 20,
        let subject = reader.subject(ofOnlyCertificateIn: try content.bytes())
      else { continue }
      let same = taken[subject.hash] ?? []
      if same.contains(where: { $0.fingerprint == subject.fingerprint }) { continue }
      taken[subject.hash] = same + [subject]
      let digits = String(subject.hash, radix: 16)
      let padded = String(repeating: "0", count: 8 - digits.count) + digits
      guard let link = TreePath("\(padded).\(same.count)") else { continue }
      try tree.put(
        FileEntry(kind: .symlink(target: Array(path.name)), mode: 0o777),
        at: directory.appending(link), rule: rule, reason: "OpenSSL's subject hash")
    }
  }
}
