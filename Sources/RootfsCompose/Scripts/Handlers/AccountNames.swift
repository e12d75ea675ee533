/// Numbers of users and groups by name: the tree's own files first, then, for Debian, its fixed ones.
struct AccountNames {
  private var users: [String: UInt32] = [:]
  private var groups: [String: UInt32] = [:]
  private let family: Distribution.Family

  /// Users with a number below 100 that Debian allocates for good and scripts name.
  ///
  /// Source: Debian Policy 9.2.2; base-passwd's `users-and-groups` document.
  private static let fixedUsers: [String: UInt32] = [
    "root": 0, "daemon": 1, "bin": 2, "sys": 3, "games": 5, "man": 6, "lp": 7, "mail": 8,
    "news": 9, "uucp": 10, "proxy": 13, "www-data": 33, "backup": 34, "list": 38, "irc": 39,
    "nobody": 65534,
  ]

  private static let fixedGroups: [String: UInt32] = [
    "root": 0, "daemon": 1, "bin": 2, "sys": 3, "adm": 4, "tty": 5, "disk": 6, "lp": 7, "mail": 8,
    "news": 9, "uucp": 10, "man": 12, "proxy": 13, "kmem": 15, "dialout": 20, "sudo": 27,
    "audio": 29, "www-data": 33, "backup": 34, "operator": 37, "list": 38, "irc": 39, "src": 40,
    "shadow": 42, "utmp": 43, "video": 44, "sasl": 45, "plugdev": 46, "staff": 50, "games": 60,
    "users": 100, "nogroup": 65534,
  ]

  init(_ tree: FileTree, family: Distribution.Family = .debian) throws(ComposeError) {
    self.family = family
    users = try Self.numbers(tree["etc/passwd"])
    groups = try Self.numbers(tree["etc/group"])
  }

  private static func numbers(_ entry: FileEntry?) throws(ComposeError) -> [String: UInt32] {
    guard let content = entry?.content, content.count <= 1 << 20 else { return [:] }
    var numbers: [String: UInt32] = [:]
    for line in try content.text().split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count >= 3, let number = UInt32(fields[2]) else { continue }
      // As the C library does, the first line of a name counts.
      let name = String(fields[0])
      if numbers[name] == nil { numbers[name] = number }
    }
    return numbers
  }

  func uid(of name: String) -> UInt32? {
    UInt32(name) ?? users[name] ?? (family == .debian ? Self.fixedUsers[name] : nil)
  }

  func gid(of name: String) -> UInt32? {
    UInt32(name) ?? groups[name] ?? (family == .debian ? Self.fixedGroups[name] : nil)
  }

  /// By name only, digits too.
  func account(named name: String) -> UInt32? { users[name] }
  func group(named name: String) -> UInt32? { groups[name] }
  var userNames: Set<String> { Set(users.keys) }
  var groupNames: Set<String> { Set(groups.keys) }
  func hasUser(_ name: String) -> Bool { users[name] != nil }
  func hasGroup(_ name: String) -> Bool { groups[name] != nil }
  func isTaken(uid: UInt32) -> Bool { users.values.contains(uid) }
  func isTaken(gid: UInt32) -> Bool { groups.values.contains(gid) }
  static func isFixed(group name: String, gid: UInt32) -> Bool { fixedGroups[name] == gid }
}
