/// What a script can learn of its surroundings without anything being run.
struct ShellEnvironment {
  let package: String
  let architecture: String
  let tree: FileTree
  var family = Distribution.Family.debian
  /// The control member.
  var script = ""

  /// What dpkg or apk sets for scripts, with the answers of an unattended installation.
  ///
  /// Source: dpkg(1), "Internal environment"; apk-package(5), and apk-tools 2.14, which sets `PATH` alone.
  var variables: [String: String] {
    if family == .alpine {
      return [
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "APK_PACKAGE": package, "APK_SCRIPT": script,
      ]
    }
    return [
      "DPKG_ROOT": "", "DPKG_MAINTSCRIPT_PACKAGE": package,
      "DPKG_MAINTSCRIPT_ARCH": architecture, "DPKG_ADMINDIR": "/var/lib/dpkg",
      "DEBIAN_FRONTEND": "noninteractive", "DPKG_RUNNING_VERSION": "1.22",
      "DEBCONF_RECONFIGURE": "",
    ]
  }

  /// Where scripts start; nil where that is not told.
  var workingDirectory: String? { family == .alpine ? "/" : nil }

  /// Whether a variable that the script has not set is known to be unset: apk hands on no others than ``variables``.
  func knowsVariable(_ name: String) -> Bool {
    let shellsOwn = [
      "PWD", "OLDPWD", "HOME", "IFS", "PPID", "OPTIND", "OPTARG", "RANDOM", "HOSTNAME", "SHLVL",
      "PS1", "PS2", "PS4", "LINENO", "_",
    ]
    guard family == .alpine, let first = name.first, first.isLetter || first == "_" else {
      return false
    }
    return !shellsOwn.contains(name)
  }

  /// A path with the directory it starts from in front of it.
  static func absolute(_ path: String, in directory: String?) -> String {
    guard let directory, !path.isEmpty, !path.hasPrefix("/") else { return path }
    return directory.hasSuffix("/") ? directory + path : directory + "/" + path
  }

  /// `busybox mkdir -p x` is `mkdir -p x`.
  func withoutBusybox(_ words: [ShellWalk.Word]) -> [ShellWalk.Word] {
    guard family == .alpine, words.count > 1, words[0].isKnown, words[1].isKnown,
      words[0].text.split(separator: "/").last == "busybox", !words[1].text.hasPrefix("-")
    else { return words }
    return Array(words.dropFirst())
  }

  func entry(_ path: String, followsLast: Bool = true) -> FileEntry? {
    guard path.hasPrefix("/"), let raw = TreePath(path),
      let resolved = tree.resolve(raw, followLast: followsLast)
    else { return nil }
    return tree[resolved]
  }

  /// Whether a program is there.
  ///
  /// Nil where it is not and might be: a full Debian system might have it, and busybox's links are made later.
  func hasProgram(_ name: String) -> Bool? {
    if programPath(name) != nil { return true }
    return mightHaveProgram(name) ? nil : false
  }

  /// Where a program of the tree is; nil where there is none.
  func programPath(_ name: String) -> String? {
    let places =
      name.hasPrefix("/")
      ? [name]
      : ["/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"].map { $0 + name }
    return places.first { entry($0)?.isRegular == true }
  }

  private func mightHaveProgram(_ path: String) -> Bool {
    guard family == .alpine else { return true }
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    return BusyboxApplets.folder(of: name) != nil
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
      return isProgram && mightHaveProgram(path) ? nil : false
    case "-b", "-c", "-p", "-S", "-u", "-g", "-k", "-t": return false
    default: return nil
    }
  }

  /// What `readlink` and `realpath` print of a path in the tree, which may start in `directory`; nil for options not
  /// known here.
  func readLink(_ arguments: [String], in directory: String? = nil) -> String? {
    let follows = arguments.contains { ["-f", "-e", "-m"].contains($0) }
    let paths = arguments.filter { !$0.hasPrefix("-") }
      .map { Self.absolute($0, in: directory) }
    guard paths.count == 1, paths[0].hasPrefix("/"), let path = TreePath(paths[0]),
      arguments.count == (follows ? 2 : 1)
    else { return nil }
    if follows { return tree.resolve(path).map { $0.description + "\n" } }
    guard let place = tree.resolve(path, followLast: false) else { return nil }
    guard let target = tree[place]?.linkTarget else { return "" }
    return String(decoding: target, as: UTF8.self) + "\n"
  }

  /// The most paths that one pattern is expanded to.
  private static let maximumPaths = 4096

  /// The paths an unquoted pattern names, in byte order; nil where it cannot be told.
  ///
  /// A pattern that does not start at the root starts in `directory`. `work` grows by the characters compared.
  func glob(_ pattern: String, in directory: String? = nil, work: inout Int) -> [String]? {
    let isRelative = !pattern.hasPrefix("/")
    guard pattern.utf8.count <= 1024, !isRelative || directory != nil else { return nil }
    let parts = pattern.split(separator: "/").map(String.init)
    guard !parts.isEmpty, !parts.contains("..") else { return nil }
    var found = [isRelative ? "" : "/"]
    for part in parts {
      var next: [String] = []
      for path in found {
        let prefix = path.isEmpty || path == "/" ? path : path + "/"
        let place = path.isEmpty ? directory ?? "/" : Self.absolute(path, in: directory)
        for name in names(matching: part, in: place, &work) {
          guard next.count < Self.maximumPaths else { return nil }
          next.append(prefix + name)
        }
      }
      found = next
    }
    return found
  }

  private func names(
    matching part: String, in path: String, _ work: inout Int
  ) -> [String] {
    work += part.utf8.count
    guard work <= ShellWalk.maximumComparisons, let raw = TreePath(path),
      let resolved = tree.resolve(raw),
      tree[resolved]?.isDirectory == true
    else { return [] }
    guard ShellPattern.hasWildcards(part) else {
      return TreePath(part).flatMap { tree[resolved.appending($0)] } == nil ? [] : [part]
    }
    let children = tree.children(of: resolved)
    work += children.reduce(0) { $0 + $1.name.count * part.utf8.count }
    guard work <= ShellWalk.maximumComparisons else { return [] }
    return children.map(\.nameText).filter {
      ShellPattern.matches(part, $0) && (!$0.hasPrefix(".") || part.hasPrefix("."))
    }
  }
}
