import Testing

@testable import RootfsCompose

@Suite("Hardening of Alpine's layout")
struct AlpineHardeningTests {
  static let owners: [TreePath: String] = [
    "bin/busybox": "busybox", "bin/sh": "busybox-binsh", "bin/bbsuid": "busybox-suid",
    "etc/busybox-paths.d/busybox": "busybox", "sbin/apk": "apk-tools",
    "lib/libapk.so.2": "apk-tools", "etc/apk/keys/a.pub": "alpine-keys",
    "usr/share/apk/keys/a.pub": "alpine-keys", "sbin/openrc": "openrc",
    "lib/librc.so.1": "openrc", "etc/passwd": "alpine-baselayout-data",
    "etc/shadow": "alpine-baselayout-data", "etc/shells": "alpine-baselayout-data",
  ]

  /// What alpine-base makes of an image, in small, with the links that busybox's trigger makes.
  static func tree() throws -> ComposedTree {
    try SampleTree.make(
      [
        "bin/busybox": SampleTree.program("busybox"), "bin/sh": .symlink(to: "/bin/busybox"),
        "bin/ls": .symlink(to: "/bin/busybox"), "usr/bin/env": .symlink(to: "/bin/busybox"),
        "sbin/init": .symlink(to: "/bin/busybox"), "sbin/nologin": .symlink(to: "/bin/busybox"),
        "bin/bbsuid": SampleTree.program("bbsuid", mode: 0o4111),
        "bin/su": .symlink(to: "/bin/bbsuid"), "etc/busybox-paths.d/busybox": .file("/bin/ls\n"),
        "sbin/apk": SampleTree.program("apk"), "lib/libapk.so.2": SampleTree.program("libapk"),
        "lib/apk/db/installed": .file("P:ghost\n"), "lib/apk/exec": .directory(),
        "etc/apk/world": .file("x"), "etc/apk/keys/a.pub": .file("k"),
        "usr/share/apk/keys/a.pub": .file("k"), "var/lib/apk": .directory(),
        "var/cache/apk": .directory(), "var/cache/misc": .directory(),
        "sbin/openrc": SampleTree.program("openrc"), "lib/librc.so.1": SampleTree.program("librc"),
        "lib/rc/sh/functions.sh": .file("f"), "etc/init.d/sysctl": .file("s", mode: 0o755),
        "etc/init.d/functions.sh": .symlink(to: "/lib/rc/sh/functions.sh"),
        "etc/conf.d/fsck": .file("c"), "etc/runlevels/boot": .directory(),
        "etc/crontabs/root": .file("r", mode: 0o600), "etc/periodic/daily": .directory(),
        "var/spool/cron/crontabs": .symlink(to: "/etc/crontabs"), "etc/inittab": .file("i"),
        "etc/motd": .file("Welcome"), "etc/issue": .file("Welcome"), "etc/fstab": .file("f"),
        "etc/modprobe.d/kms.conf": .file("k"), "lib/sysctl.d/00-alpine.conf": .file("s"),
        "lib/mdev": .directory(), "lib/firmware": .directory(), "etc/profile": .file("p"),
        "etc/hosts": .file("h"), "etc/protocols": .file("p"), "etc/nsswitch.conf": .file("n"),
        "etc/alpine-release": .file("3.19.1\n"), "etc/secfixes.d/alpine": .file("s"),
        "lib/ld-musl-x86_64.so.1": SampleTree.program("musl"),
        "lib/libc.musl-x86_64.so.1": .symlink(to: "ld-musl-x86_64.so.1"),
        "etc/passwd": .file(
          """
          root:x:0:0:root:/root:/bin/ash
          bin:x:1:1:bin:/bin:/sbin/nologin
          sync:x:5:0:sync:/sbin:/bin/sync

          """),
        "etc/shadow": .file("root:::0:::::\nbin:!::0:::::\n", mode: 0o640),
        "etc/shells": .file("# valid login shells\n/bin/sh\n/bin/ash\n"),
        "tmp": .directory(mode: 0o1777), "var/run": .symlink(to: "/run"),
      ], owners: owners)
  }

  static func hardened(_ policy: HardeningPolicy) throws -> ComposedTree {
    var tree = try tree()
    let hardening = try Hardening(policy)
    try hardening.applyToPackages(&tree)
    try hardening.applyLast(&tree)
    try hardening.prove(tree)
    return tree
  }

  @Test(
    "a runtime image loses what dependencies pulled in: busybox, apk and OpenRC with their links")
  func runtime() throws {
    let tree = try Self.hardened(.init())
    #expect(
      tree.outline == [
        "/bin dir 755", "/etc dir 755", "/etc/alpine-release file 644", "/etc/hosts file 644",
        "/etc/nsswitch.conf file 644", "/etc/passwd file 644", "/etc/protocols file 644",
        "/etc/secfixes.d dir 755", "/etc/secfixes.d/alpine file 644", "/etc/shadow file 640",
        "/lib dir 755", "/lib/firmware dir 755", "/lib/ld-musl-x86_64.so.1 file 755",
        "/lib/libc.musl-x86_64.so.1 link ld-musl-x86_64.so.1", "/sbin dir 755",
        "/tmp dir 1777", "/usr dir 755", "/usr/bin dir 755", "/usr/share dir 755", "/var dir 755",
        "/var/cache dir 755", "/var/cache/misc dir 755", "/var/lib dir 755",
        "/var/run link /run", "/var/spool dir 755", "/var/spool/cron dir 755",
      ])
    #expect(
      try tree.text(at: "etc/passwd") == """
        root:x:0:0:root:/root:/sbin/nologin
        bin:x:1:1:bin:/bin:/sbin/nologin
        sync:x:5:0:sync:/sbin:/sbin/nologin

        """)
    #expect(try tree.text(at: "etc/shadow") == "root:*::0:::::\nbin:!::0:::::\n")
    #expect(tree.ledger.warnings == [])
  }

  @Test("a recipe that names busybox keeps it with all its links, and is told so")
  func busybox() throws {
    let tree = try Self.hardened(.init(requestedPackages: ["busybox"]))
    let programs = tree.outline.filter { $0.contains("bin/") }
    #expect(
      programs == [
        "/bin/bbsuid file 511", "/bin/busybox file 755", "/bin/ls link /bin/busybox",
        "/bin/sh link /bin/busybox", "/bin/su link /bin/bbsuid", "/sbin/init link /bin/busybox",
        "/sbin/nologin link /bin/busybox", "/usr/bin/env link /bin/busybox",
      ])
    #expect(tree.tree["etc/busybox-paths.d/busybox"] != nil)
    #expect(
      try tree.text(at: "etc/passwd")?.hasPrefix("root:x:0:0:root:/root:/sbin/nologin") == true)
    #expect(try tree.text(at: "etc/shells") == "# valid login shells\n/bin/sh\n")
    #expect(
      tree.ledger.warnings == [
        """
        the image keeps a shell, because the recipe names its package: /bin/bbsuid, /bin/busybox, /bin/sh, \
        and 5 other names of it
        """
      ])
  }

  @Test("a package of links to busybox keeps it too")
  func shellLink() throws {
    let tree = try Self.hardened(.init(requestedPackages: ["busybox-binsh"]))
    #expect(tree.tree["bin/busybox"] != nil && tree.tree["bin/sh"] != nil)
  }

  @Test("a recipe that names apk-tools keeps apk, its keys and its state")
  func apk() throws {
    let tree = try Self.hardened(.init(requestedPackages: ["apk-tools"]))
    for path: TreePath in [
      "sbin/apk", "lib/libapk.so.2", "etc/apk/keys/a.pub", "lib/apk/exec", "var/cache/apk",
      "var/lib/apk",
    ] {
      #expect(tree.tree[path] != nil)
    }
    #expect(tree.tree["bin/busybox"] == nil)
    #expect(
      tree.ledger.warnings == [
        "the image keeps a package manager, because the recipe names its package: /sbin/apk"
      ])
  }

  @Test("a dev image keeps its tools, and no account without a password")
  func dev() throws {
    let tree = try Self.hardened(.init(variant: .dev))
    for path: TreePath in ["bin/sh", "sbin/apk", "sbin/openrc", "etc/init.d/sysctl"] {
      #expect(tree.tree[path] != nil)
    }
    #expect(tree.tree["bin/bbsuid"]?.mode == 0o4111)
    #expect(try tree.text(at: "etc/shadow") == "root:*::0:::::\nbin:!::0:::::\n")
  }

  @Test("an empty password can be excepted")
  func password() throws {
    let tree = try Self.hardened(
      .init(exceptions: [SampleTree.exception("accounts", "/etc/shadow")]))
    #expect(try tree.text(at: "etc/shadow")?.hasPrefix("root:::0") == true)
  }

  @Test("the names that a recipe asks for, without version and tag")
  func names() {
    #expect(
      HardeningPolicy.requestedPackages([
        "busybox=1.36.1-r15", "a@edge", "b>=2", "c~3", "d<4", "e", "!f", "libc6:amd64",
        "bash/trixie-backports", "/bin/zsh",
      ]) == ["busybox", "a", "b", "c", "d", "e", "libc6", "bash", "/bin/zsh"])
  }

  @Test("a merged /usr hides nothing from the rules")
  func mergedUsr() throws {
    var tree = try SampleTree.make(
      [
        "bin": .symlink(to: "usr/bin"), "lib": .symlink(to: "usr/lib"),
        "sbin": .symlink(to: "usr/bin"), "usr/sbin": .symlink(to: "bin"),
        "usr/bin/busybox": SampleTree.program("busybox"),
        "usr/bin/sh": .symlink(to: "/bin/busybox"), "usr/bin/wc": .symlink(to: "/bin/busybox"),
        "usr/bin/bbsuid": SampleTree.program("bbsuid", mode: 0o4111),
        "usr/bin/su": .symlink(to: "/bin/bbsuid"), "usr/bin/apk": SampleTree.program("apk"),
        "usr/bin/app": SampleTree.program("app", mode: 0o4755),
        "usr/lib/apk/db/installed": .file("P:ghost\n"), "usr/lib/rc/sh/functions.sh": .file("f"),
        "usr/lib/mdev/settle": .file("m"), "usr/lib/ld-musl-x86_64.so.1": SampleTree.program("c"),
        "etc/passwd": .file("root::0:0:root:/root:/bin/sh\na:x:1:1::/:/sbin/nologin\n"),
        "tmp": .directory(mode: 0o777),
      ])
    let hardening = try Hardening(.init())
    try hardening.applyToPackages(&tree)
    try hardening.applyLast(&tree)
    try hardening.prove(tree)
    #expect(
      tree.outline == [
        "/bin link usr/bin", "/etc dir 755", "/etc/passwd file 644", "/lib link usr/lib",
        "/sbin link usr/bin", "/tmp dir 1777", "/usr dir 755", "/usr/bin dir 755",
        "/usr/bin/app file 755", "/usr/lib dir 755", "/usr/lib/ld-musl-x86_64.so.1 file 755",
        "/usr/sbin link bin",
      ])
    #expect(
      try tree.text(at: "etc/passwd")
        == "root:*:0:0:root:/root:/sbin/nologin\na:x:1:1::/:/sbin/nologin\n")
  }
}
