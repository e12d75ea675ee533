/// What a script can learn of its surroundings without anything being run.
struct ShellEnvironment {
  let package: String
  let architecture: String
  let tree: FileTree

  /// What dpkg sets for maintainer scripts, with the answers of an unattended installation.
  ///
  /// Source: dpkg(1), "Internal environment".
  var variables: [String: String] {
    [
      "DPKG_ROOT": "", "DPKG_MAINTSCRIPT_PACKAGE": package,
      "DPKG_MAINTSCRIPT_ARCH": architecture, "DPKG_ADMINDIR": "/var/lib/dpkg",
      "DEBIAN_FRONTEND": "noninteractive", "DPKG_RUNNING_VERSION": "1.22",
      "DEBCONF_RECONFIGURE": "",
    ]
  }

  func entry(_ path: String, followsLast: Bool = true) -> FileEntry? {
    guard path.hasPrefix("/"), let raw = TreePath(path),
      let resolved = tree.resolve(raw, followLast: followsLast)
    else { return nil }
    return tree[resolved]
  }

  /// Whether a program is there; nil where it is not, for a full system might have it.
  func hasProgram(_ name: String) -> Bool? {
    let places =
      name.hasPrefix("/")
      ? [name]
      : ["/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"].map { $0 + name }
    return places.contains { entry($0)?.isRegular == true } ? true : nil
  }

  /// Decides a test of one file; nil where it cannot be known.
  func test(_ sign: String, _ path: String) -> Bool? {
    guard path.hasPrefix("/") || path.isEmpty else { return nil }
    if path.isEmpty { return false }
    if sign == "-L" || sign == "-h" { return entry(path, followsLast: false)?.isSymlink ?? false }
    let entry = entry(path)
    switch sign {
    case "-e", "-r", "-w": return entry != nil
    case "-f": return entry?.isRegular ?? false
    case "-d": return entry?.isDirectory ?? false
    case "-s": return (entry?.content?.count ?? 0) > 0
    case "-x":
      if let entry { return entry.isDirectory || entry.mode & 0o111 != 0 }
      let isProgram = ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"].contains {
        path.hasPrefix($0)
      }
      return isProgram ? nil : false
    case "-b", "-c", "-p", "-S", "-u", "-g", "-k", "-t": return false
    default: return nil
    }
  }

  /// What `readlink` and `realpath` print of a path in the tree; nil for options not known here.
  func readLink(_ arguments: [String]) -> String? {
    let follows = arguments.contains { ["-f", "-e", "-m"].contains($0) }
    let paths = arguments.filter { !$0.hasPrefix("-") }
    guard paths.count == 1, paths[0].hasPrefix("/"), let path = TreePath(paths[0]),
      arguments.count == (follows ? 2 : 1)
    else { return nil }
    if follows { return tree.resolve(path).map { $0.description + "\n" } }
    guard let place = tree.resolve(path, followLast: false) else { return nil }
    guard let target = tree[place]?.linkTarget else { return "" }
    return String(decoding: target, as: UTF8.self) + "\n"
  }

  /// The paths an unquoted pattern names, in byte order; nil where it cannot be told.
  func glob(_ pattern: String) -> [String]? {
    guard pattern.hasPrefix("/"), let slash = pattern.lastIndex(of: "/") else { return nil }
    let directory = String(pattern[..<slash])
    guard !ShellPattern.hasWildcards(directory), let path = TreePath(directory) else { return nil }
    guard let resolved = tree.resolve(path), tree[resolved]?.isDirectory == true else { return [] }
    let last = String(pattern[pattern.index(after: slash)...])
    return tree.children(of: resolved).map(\.nameText)
      .filter { ShellPattern.matches(last, $0) && (!$0.hasPrefix(".") || last.hasPrefix(".")) }
      .map { directory + "/" + $0 }
  }
}
