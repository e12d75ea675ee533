/// `update-ca-certificates`: the bundle of authorities, a link for each and OpenSSL's links by subject hash, byte
/// for byte as Debian's tool makes them.
///
/// Source: update-ca-certificates(8) and its configuration file; openssl-rehash(1).
struct CACertificates: ScriptHandler {
  let name = "ca-certificates"
  private static let configuration: TreePath = "etc/ca-certificates.conf"
  private static let directory: TreePath = "etc/ssl/certs"
  private static let shipped: TreePath = "usr/share/ca-certificates"
  private static let local: TreePath = "usr/local/share/ca-certificates"
  private static let reason = "update-ca-certificates"
  /// In bytes. One file may be listed any number of times.
  private static let maximumBundle = 64 << 20

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    switch step.program {
    case "update-ca-certificates": return "makes /etc/ssl/certs with ca-certificates.crt"
    case "dpkg-trigger":
      let isOurs = step.arguments.contains { $0.hasPrefix("update-ca-certificates") }
      return isOurs ? "makes /etc/ssl/certs with ca-certificates.crt" : nil
    default: break
    }
    guard package.name == "ca-certificates" else { return nil }
    let paths = step.arguments + step.outputs.map(\.path)
    if paths.contains(where: { $0.hasPrefix("/etc/ca-certificates.conf") }) {
      return "/etc/ca-certificates.conf enables every certificate shipped"
    }
    if paths.contains("/usr/local/share/ca-certificates") {
      return "makes /usr/local/share/ca-certificates, root's"
    }
    let keepsAnswers = step.words.first.map { $0 == "debconf-set-selections" } ?? false
    return keepsAnswers ? "debconf's answers are not kept" : nil
  }

  func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {
    let all = steps.flatMap(\.steps)
    let localPath = "/usr/local/share/ca-certificates"
    if all.contains(where: { $0.arguments.contains(localPath) }), tree.tree[Self.local] == nil {
      try tree.put(.directory(), at: Self.local, rule: name, reason: "for local authorities")
    }
    try writeConfiguration(header: Self.header(all), in: &tree)
    try makeBundle(in: &tree)
    let hooks = tree.tree.children(of: "etc/ca-certificates/update.d")
    for hook in hooks where (tree.tree[hook]?.mode ?? 0) & 0o111 != 0 {
      tree.warn("\(hook): update-ca-certificates would run this hook; it is not run")
    }
  }

  /// The comment that opens the configuration file, as the postinst's here-document has it.
  private static func header(_ steps: [ScriptStep]) -> String {
    steps.first { step in
      step.program == "cat" && step.outputs.contains { $0.path == "/etc/ca-certificates.conf" }
    }?.text ?? ""
  }

  private func writeConfiguration(
    header: String, in tree: inout ComposedTree
  ) throws(ComposeError) {
    guard tree.tree[Self.configuration] == nil else { return }
    let names = Self.certificates(below: Self.shipped, in: tree.tree).compactMap {
      $0.relative(to: Self.shipped)?.bytes
    }
    var bytes = Array(header.utf8)
    for name in names { bytes += name + [UInt8(ascii: "\n")] }
    try tree.put(
      .file(Content(bytes)), at: Self.configuration, rule: name,
      reason: "every certificate shipped is enabled, debconf's default answer")
  }

  /// Regular files named `*.crt`, in byte order.
  private static func certificates(below directory: TreePath, in tree: FileTree) -> [TreePath] {
    tree.paths(below: directory).filter { path in
      guard path.name.suffix(4).elementsEqual(".crt".utf8), let place = tree.resolve(path) else {
        return false
      }
      return tree[place]?.isRegular == true
    }
  }

  private func makeBundle(in tree: inout ComposedTree) throws(ComposeError) {
    var bundle: [UInt8] = []
    try tree.put(
      tree.tree[Self.directory] ?? .directory(), at: Self.directory, rule: name,
      reason: Self.reason)
    for path in try enabled(in: tree.tree) {
      guard let place = tree.tree.resolve(path), let content = tree.tree[place]?.content else {
        tree.warn("\(path): listed in /etc/ca-certificates.conf, and not in the tree")
        continue
      }
      guard content.count <= Self.maximumBundle - bundle.count else {
        throw ComposeError(
          .limitExceeded, path.description,
          "makes the bundle of authorities larger than 64 MiB; exclude what is no certificate")
      }
      bundle += try content.bytes()
      if let last = bundle.last, last != UInt8(ascii: "\n") { bundle.append(UInt8(ascii: "\n")) }
      guard let link = CertificateLinks.name(for: path).map(Self.directory.appending) else {
        continue
      }
      try tree.put(
        .symlink(to: path.description), at: link, rule: name, reason: Self.reason)
    }
    try CertificateLinks.linkHashes(in: &tree, rule: name)
    guard !bundle.isEmpty else {
      tree.warn("/etc/ssl/certs/ca-certificates.crt: no authority is in the tree; not made")
      return
    }
    try tree.put(
      .file(Content(bundle)), at: "etc/ssl/certs/ca-certificates.crt", rule: name,
      reason: Self.reason)
  }

  /// The certificates the configuration enables, in its order, then the local ones in byte order.
  private func enabled(in tree: FileTree) throws(ComposeError) -> [TreePath] {
    let text = try tree[Self.configuration]?.content?.bytes() ?? []
    var paths: [TreePath] = []
    for line in text.split(separator: UInt8(ascii: "\n")) {
      guard line.first != UInt8(ascii: "#"), line.first != UInt8(ascii: "!"),
        let below = TreePath(Self.trimmed(line)), !below.isRoot
      else { continue }
      paths.append(Self.shipped.appending(below))
    }
    return paths + Self.certificates(below: Self.local, in: tree)
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    let start = line.drop(while: isBlank)
    guard let last = start.lastIndex(where: { !isBlank($0) }) else { return [] }
    return start[...last]
  }
}
