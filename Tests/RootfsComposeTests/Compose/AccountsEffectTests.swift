import Testing

@testable import RootfsCompose

@Suite("Accounts of a recipe")
struct AccountsEffectTests {
  typealias Accounts = Definition.Accounts

  static func user(_ name: String, _ uid: UInt32, _ gid: UInt32, mode: UInt16? = nil)
    -> Accounts.User
  {
    .init(location: SampleTree.location, name: name, uid: uid, gid: gid, mode: mode)
  }

  static func group(_ name: String, _ gid: UInt32, _ members: String...) -> Accounts.Group {
    .init(location: SampleTree.location, name: name, gid: gid, members: members)
  }

  static func accounts(_ users: [Accounts.User], _ groups: [Accounts.Group] = []) -> Accounts {
    var accounts = Accounts()
    accounts.users = users
    accounts.groups = groups
    return accounts
  }

  static func applied(_ accounts: Accounts?, to tree: ComposedTree) throws -> ComposedTree {
    var tree = tree
    var effect = try AccountsEffect(accounts, tree: tree.tree)
    try effect.apply(to: &tree)
    return tree
  }

  @Test("an image that names none gets root and nonroot")
  func standard() throws {
    let tree = try Self.applied(nil, to: ComposedTree())
    #expect(
      tree.outline == [
        "/etc dir 755", "/etc/group file 644", "/etc/passwd file 644", "/home dir 755",
        "/home/nonroot dir 700 65532:65532", "/root dir 700",
      ])
    #expect(
      try tree.text(at: "etc/passwd") == """
        root:x:0:0:root:/root:/usr/sbin/nologin
        nonroot:x:65532:65532::/home/nonroot:/usr/sbin/nologin

        """)
    #expect(try tree.text(at: "etc/group") == "root:x:0:\nnonroot:x:65532:\n")
  }

  @Test("accounts join those of Alpine's baselayout, with its nologin and in its shadow")
  func alpine() throws {
    var tree = try SampleTree.make([
      "etc/passwd": .file("root:x:0:0:root:/root:/bin/ash\nbin:x:1:1:bin:/bin:/sbin/nologin\n"),
      "etc/group": .file("root:x:0:root\nbin:x:1:root,bin,daemon\n"),
      "etc/shadow": .file("root:::0:::::\nbin:!::0:::::\n", mode: 0o640),
      "root": .directory(mode: 0o700),
    ])
    var effect = try AccountsEffect(
      Self.accounts([Self.user("app", 1000, 1000)], [Self.group("app", 1000, "app")]),
      tree: tree.tree, nologin: DistributionIdentity(.alpine("3.19")).nologin)
    try effect.apply(to: &tree)
    #expect(
      try tree.text(at: "etc/passwd") == """
        root:x:0:0:root:/root:/bin/ash
        bin:x:1:1:bin:/bin:/sbin/nologin
        app:x:1000:1000::/home/app:/sbin/nologin

        """)
    #expect(
      try tree.text(at: "etc/group") == "root:x:0:root\nbin:x:1:root,bin,daemon\napp:x:1000:app\n")
    #expect(
      try tree.text(at: "etc/shadow") == "root:::0:::::\nbin:!::0:::::\napp:!:::::::\n")
    #expect(tree.tree["etc/shadow"]?.mode == 0o640)
  }

  @Test("a recipe's accounts join those that packages bring")
  func merge() throws {
    let packages = try SampleTree.make([
      "etc/passwd": .file(
        "root:*:0:0:root:/root:/bin/bash\ndaemon:*:1:1::/usr/sbin:/bin/sh\n# x\n"),
      "etc/group": .file("root:*:0:\ndaemon:*:1:\nstaff:*:50:old\n"),
      "root": .directory(mode: 0o700),
    ])
    let tree = try Self.applied(
      Self.accounts(
        [
          Self.user("app", 1000, 1000, mode: 0o750), Self.user("_apt", 42, 65532),
          Self.user("daemon", 1, 1), Self.user("app", 1000, 1000, mode: 0o750),
        ],
        [Self.group("web", 82), Self.group("staff", 50, "app", "old"), Self.group("app", 1000)]),
      to: packages)
    #expect(
      try tree.text(at: "etc/passwd") == """
        root:*:0:0:root:/root:/bin/bash
        daemon:*:1:1::/usr/sbin:/bin/sh
        # x
        app:x:1000:1000::/home/app:/usr/sbin/nologin
        _apt:x:42:65532::/nonexistent:/usr/sbin/nologin

        """)
    #expect(
      try tree.text(at: "etc/group") == """
        root:*:0:
        daemon:*:1:
        staff:*:50:old,app
        web:x:82:
        app:x:1000:
        _apt:x:65532:

        """)
    #expect(
      tree.outline == [
        "/etc dir 755", "/etc/group file 644", "/etc/passwd file 644", "/home dir 755",
        "/home/app dir 750 1000:1000", "/root dir 700",
      ])
    #expect(
      tree.deeds == [
        "changed /etc/passwd [recipe-accounts] accounts of the image",
        "changed /etc/group [recipe-accounts] accounts of the image",
        "added /home/app [recipe-accounts] home of app",
      ])
  }

  @Test("the recipe's numbers stand before those of packages, and a warning tells both")
  func otherNumbers() throws {
    let packages = try SampleTree.make([
      "etc/passwd": .file("www-data:*:33:33::/var/www:\n"), "etc/group": .file("www-data:*:33:\n"),
    ])
    let accounts = Self.accounts(
      [Self.user("www-data", 82, 82)], [Self.group("www-data", 82)])
    let tree = try Self.applied(accounts, to: packages)
    #expect(
      try tree.text(at: "etc/passwd")
        == "root:x:0:0:root:/root:/usr/sbin/nologin\nwww-data:*:82:82::/var/www:\n")
    #expect(try tree.text(at: "etc/group") == "root:x:0:\nwww-data:*:82:\n")
    #expect(
      tree.ledger.warnings == [
        "recipe.yaml:7:3: the group \"www-data\" gets the number 82; packages gave it 33",
        "recipe.yaml:7:3: the user \"www-data\" gets the numbers 82:82; packages gave it 33:33",
      ])
  }

  @Test("a package's nonroot that is root is given the number that the image runs as")
  func nonrootOfAPackage() throws {
    let packages = try SampleTree.make(["etc/passwd": .file("nonroot:x:0:0::/:\n")])
    let tree = try Self.applied(Self.accounts([], []), to: packages)
    #expect(
      try tree.text(at: "etc/passwd")
        == "root:x:0:0:root:/root:/usr/sbin/nologin\nnonroot:x:65532:65532::/:\n")
    #expect(
      tree.ledger.warnings == [
        "the user \"nonroot\" gets the numbers 65532:65532; packages gave it 0:0"
      ])
  }

  @Test("files follow an account to its other numbers, where they surely were its own")
  func filesFollow() throws {
    let packages = try SampleTree.make([
      "etc/group": .file("_d:x:101:\nshared:x:33:\ntwin:x:102:\nsame:x:102:\n"),
      "etc/passwd": .file(
        "_d:x:100:101::/:\na:x:104:33::/:\nb:x:105:106::/:\ntwin:x:103:102::/:\nsame:x:103:102::/:\n"
      ),
      "srv/a": .directory(uid: 104, gid: 33), "srv/b": .directory(uid: 105, gid: 106),
      "srv/root": .directory(), "srv/twin": .directory(uid: 103, gid: 102),
      "var/lib/d": .directory(mode: 0o750, uid: 100, gid: 101),
      "var/log/d": .directory(mode: 0o2750, uid: 100, gid: 4),
    ])
    let tree = try Self.applied(
      Self.accounts(
        [
          Self.user("_d", 999, 998), Self.user("a", 105, 34), Self.user("b", 104, 107),
          Self.user("twin", 900, 900), Self.user("new", 1000, 1000),
        ],
        [Self.group("_d", 998), Self.group("twin", 900)]),
      to: packages)
    #expect(
      tree.outline == [
        "/etc dir 755", "/etc/group file 644", "/etc/passwd file 644", "/home dir 755",
        "/home/new dir 700 1000:1000", "/root dir 700", "/srv dir 755", "/srv/a dir 755 105:33",
        "/srv/b dir 755 104:107", "/srv/root dir 755", "/srv/twin dir 755 103:102", "/var dir 755",
        "/var/lib dir 755", "/var/lib/d dir 750 999:998", "/var/log dir 755",
        "/var/log/d dir 2750 999:4",
      ])
    #expect(
      tree.deeds == [
        "changed /srv/a [recipe-accounts] the user a is 105, no longer 104",
        "changed /srv/b [recipe-accounts] the user b is 104, no longer 105; the group of the user b is 107, no longer 106",
        "changed /var/lib/d [recipe-accounts] the user _d is 999, no longer 100; the group _d is 998, no longer 101",
        "changed /var/log/d [recipe-accounts] the user _d is 999, no longer 100",
        "changed /etc/passwd [recipe-accounts] accounts of the image",
        "changed /etc/group [recipe-accounts] accounts of the image",
        "added /root [recipe-accounts] home of root",
        "added /home/new [recipe-accounts] home of new",
      ])
  }

  @Test("where the image has shadow files, accounts have their lines there")
  func shadows() throws {
    let shadow = FileEntry.file(
      Content(Array("root:*:20000:0:99999:7:::\n".utf8)), mode: 0o640, gid: 42)
    let groupShadow = FileEntry.file(
      Content(Array("root:*::\nstaff:!:boss:old\n".utf8)), mode: 0o640, gid: 42)
    let packages = try SampleTree.make([
      "etc/group": .file("root:x:0:\nstaff:x:50:old\n"),
      "etc/gshadow": groupShadow,
      "etc/passwd": .file("root:x:0:0:root:/root:/bin/bash\n"),
      "etc/shadow": shadow,
    ])
    let tree = try Self.applied(
      Self.accounts([Self.user("app", 1000, 1000)], [Self.group("staff", 50, "app")]), to: packages)
    #expect(
      try tree.text(at: "etc/shadow") == "root:*:20000:0:99999:7:::\napp:!:::::::\n")
    #expect(
      try tree.text(at: "etc/gshadow") == "root:*::\nstaff:!:boss:old,app\napp:!::\n")
    #expect(
      tree.outline.filter { $0.contains("shadow") }
        == ["/etc/gshadow file 640 0:42", "/etc/shadow file 640 0:42"])
  }

  @Test("root keeps its number")
  func rootIsZero() throws {
    #expect {
      try Self.applied(Self.accounts([Self.user("root", 5, 5)]), to: ComposedTree())
    } throws: {
      "\($0)" == "recipe.yaml:7:3: root has the numbers 0:0 in every image; leave it out"
    }
  }

  @Test(
    "a name that would break the file is refused",
    arguments: ["", "a:b", "a\nroot::0:0::/:", "../x", "-x", "12", "a/b", "ä"])
  func badName(name: String) {
    #expect {
      try Self.applied(Self.accounts([Self.user(name, 1000, 1000)]), to: ComposedTree())
    } throws: {
      "\($0)" == """
        recipe.yaml:7:3: the user name "\(name)" is not one; expected at most 32 letters, digits, "_", "-" and "."
        """
    }
  }

  @Test("a member that is no user is a warning")
  func unknownMember() throws {
    let tree = try Self.applied(
      Self.accounts([], [Self.group("web", 82, "ghost")]), to: ComposedTree())
    #expect(
      tree.ledger.warnings == ["recipe.yaml:7:3: the group \"web\" has no such user \"ghost\""])
  }

  @Test(
    "run-as becomes numbers",
    arguments: [
      ("root", "0:0"), ("app", "1000:1001"), ("1000", "1000:1001"), ("77", "77:77"),
      ("app:web", "1000:82"), ("5:6", "5:6"), ("web-user", "82:82"),
    ])
  func runAs(text: String, expected: String) throws {
    var definition = Definition()
    var accounts = Self.accounts(
      [Self.user("app", 1000, 1001), Self.user("web-user", 82, 82)], [Self.group("web", 82)])
    accounts.runAs = Located(text, at: SampleTree.location)
    definition.accounts = accounts
    let tree = try Self.applied(accounts, to: ComposedTree())
    #expect(try RunAs(definition: definition).user(in: tree.tree) == expected)
  }

  @Test(
    "a run-as that means nothing is refused where it stands",
    arguments: [
      (
        "ap",
        "run-as names the user \"ap\", which the image's /etc/passwd does not have; did you mean \"app\"?"
      ),
      (
        "app:nothing-like-it",
        "run-as names the group \"nothing-like-it\", which the image's /etc/group does not have; list it under accounts"
      ),
      ("a:b:c", "run-as is \"a:b:c\"; expected a user, a number, or user:group"),
      ("", "run-as is \"\"; expected a user, a number, or user:group"),
    ])
  func badRunAs(text: String, message: String) throws {
    var definition = Definition()
    var accounts = Self.accounts([Self.user("app", 1000, 1001)])
    accounts.runAs = Located(text, at: SampleTree.location)
    definition.accounts = accounts
    let tree = try Self.applied(accounts, to: ComposedTree())
    #expect {
      try RunAs(definition: definition).user(in: tree.tree)
    } throws: {
      "\($0)" == "recipe.yaml:7:3: " + message
    }
  }

  @Test("without run-as a runtime image is not root's, a dev image is")
  func standardRunAs() throws {
    var definition = Definition()
    #expect(try RunAs(definition: definition).user(in: FileTree()) == "65532:65532")
    definition.accounts = Self.accounts([Self.user("app", 1000, 1001)])
    #expect(try RunAs(definition: definition).user(in: FileTree()) == "1000:1001")
    definition.variant = .dev
    #expect(try RunAs(definition: definition).user(in: FileTree()) == "0:0")
  }
}
