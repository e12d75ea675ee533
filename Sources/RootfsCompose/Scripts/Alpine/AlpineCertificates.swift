/// Alpine's `update-ca-certificates`: the bundle of authorities, a link for each, and by its hook `certhash` OpenSSL's
/// links by subject hash.
///
/// Local certificates follow in byte order; Alpine's own tool takes them as the directory has them. Of authorities with
/// one subject every one gets its link (`.0`, `.1`); Alpine's `c_rehash` gives a new directory the last one's only.
/// Source: Alpine's ca-certificates, update-ca.c and c_rehash.c.
struct AlpineCertificates: ScriptHandler {
  let name = "ca-certificates"
  private static let reason = "update-ca-certificates"
  private static let configuration: TreePath = "etc/ca-certificates.conf"
  private static let shipped: TreePath = "usr/share/ca-certificates"
  private static let local: TreePath = "usr/local/share/ca-certificates"
  private static let hooks: TreePath = "etc/ca-certificates/update.d"
  /// In bytes. One file may be listed any number of times.
  private static let maximumBundle = 64 << 20
  /// In bytes.
  private static let maximumConfiguration = 1 << 20

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    step.program == "update-ca-certificates" && step.outputs.isEmpty
      ? "makes /etc/ssl/certs with ca-certificates.crt" : nil
  }

  func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {
    guard let directory = tree.tree.resolve(CertificateLinks.directory),
      tree.tree[directory]?.isDirectory == true
    else {
      tree.warn("/etc/ssl/certs: is not there; update-ca-certificates makes no bundle in it")
      return
    }
    let enabled = try enabled(in: tree.tree)
    var bundle: [UInt8] = []
    var links: [TreePath: TreePath] = [:]
    for path in enabled {
      try append(path, to: &bundle, &tree)
      guard let link = CertificateLinks.name(for: path, prefix: "ca-cert-") else { continue }
      links[directory.appending(link)] = path
    }
    try replaceLinks(links, in: directory, &tree)
    var entry = FileEntry.file(Content(bundle))
    // The bundle is made anew and put in the place of whatever has its name.
    entry.mode = 0o644
    try tree.put(
      entry, at: directory.appending("ca-certificates.crt"), rule: name, reason: Self.reason)
    try runHooks(in: &tree)
  }

  /// The certificates that the configuration enables, in its order, then the local ones.
  private func enabled(in tree: FileTree) throws(ComposeError) -> [TreePath] {
    var paths: [TreePath] = []
    let content = tree[Self.configuration]?.content
    guard content?.count ?? 0 <= Self.maximumConfiguration else {
      throw ComposeError(
        .limitExceeded, Self.configuration.description,
        "is \(content?.count ?? 0) bytes; expected at most 1 MiB")
    }
    for line in (try content?.bytes() ?? []).split(separator: UInt8(ascii: "\n")) {
      guard line.first != UInt8(ascii: "#"), line.first != UInt8(ascii: "!"),
        let below = TreePath(line), !below.isRoot
      else { continue }
      paths.append(Self.shipped.appending(below))
    }
    return paths + tree.children(of: Self.local).filter { $0.name.first != UInt8(ascii: ".") }
  }

  private func append(
    _ path: TreePath, to bundle: inout [UInt8], _ tree: inout ComposedTree
  ) throws(ComposeError) {
    let place = tree.tree.resolve(path)
    if let content = place.flatMap({ tree.tree[$0]?.content }) {
      guard content.count <= Self.maximumBundle - bundle.count else {
        throw ComposeError(
          .limitExceeded, path.description,
          "makes the bundle of authorities larger than 64 MiB; exclude what is no certificate")
      }
      bundle += try content.bytes()
    } else if place.flatMap({ tree.tree[$0] })?.isDirectory != true {
      tree.warn("\(path): listed in /etc/ca-certificates.conf, and not in the tree")
    }
    // The tool ends each certificate with one more newline.
    bundle.append(UInt8(ascii: "\n"))
  }

  /// Sets the links to certificates, and drops those to certificates that are no longer enabled.
  private func replaceLinks(
    _ links: [TreePath: TreePath], in directory: TreePath, _ tree: inout ComposedTree
  ) throws(ComposeError) {
    let own = [Self.shipped, Self.local].map { Array(($0.description + "/").utf8) }
    for path in tree.tree.children(of: directory) {
      guard let target = tree.tree[path]?.linkTarget, links[path] == nil,
        own.contains(where: { target.starts(with: $0) })
      else { continue }
      tree.drop(path, rule: name, reason: "its certificate is not enabled")
    }
    for (link, certificate) in links.sorted(by: { $0.key < $1.key }) {
      let standing = tree.tree[link]
      guard standing == nil || standing?.isSymlink == true else { continue }
      let entry = FileEntry(
        kind: .symlink(target: [UInt8(ascii: "/")] + certificate.bytes), mode: 0o777)
      try tree.put(entry, at: link, rule: name, reason: Self.reason)
    }
  }

  /// The package's own hook calls `c_rehash`; any other is named.
  private func runHooks(in tree: inout ComposedTree) throws(ComposeError) {
    for hook in tree.tree.children(of: Self.hooks) {
      guard let place = tree.tree.resolve(hook), let entry = tree.tree[place],
        entry.mode & 0o111 != 0, let content = entry.content
      else { continue }
      let text = content.count <= 1 << 12 ? try content.text() : ""
      if hook.nameText == "certhash", text.contains("c_rehash") {
        try CertificateLinks.linkHashes(in: &tree, rule: name)
      } else {
        tree.warn("\(hook): update-ca-certificates would run this hook; it is not run")
      }
    }
  }
}
