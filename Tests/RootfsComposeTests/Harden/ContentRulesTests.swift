import Testing

@testable import RootfsCompose

@Suite("Hardening rules about contents")
struct ContentRulesTests {
  static let shells: KeyValuePairs<TreePath, FileEntry> = [
    "bin": .symlink(to: "usr/bin"),
    "usr/bin/bash": SampleTree.program("bash"), "usr/bin/rbash": .symlink(to: "bash"),
    "usr/bin/dash": SampleTree.program("dash"), "usr/bin/sh": .symlink(to: "dash"),
    "usr/bin/lsh": .symlink(to: "../../bin/sh"), "usr/bin/copy": SampleTree.program("dash"),
    "usr/bin/ls": SampleTree.program("ls"), "usr/share/bash/sh": .file("not in a bin directory"),
    "etc/shells": .file("# shells\n/bin/sh\n/bin/bash\n"),
  ]
  static let shellOwners: [TreePath: String] = ["usr/bin/bash": "bash", "usr/bin/dash": "dash"]

  @Test("shells drops programs, links to them and copies")
  func shells() throws {
    let tree = try SampleTree.make(Self.shells, owners: Self.shellOwners)
    let hardened = try SampleTree.applying(ShellsRule(), to: tree)
    #expect(
      hardened.outline == [
        "/bin link usr/bin", "/etc dir 755", "/usr dir 755", "/usr/bin dir 755",
        "/usr/bin/ls file 755", "/usr/share dir 755", "/usr/share/bash dir 755",
        "/usr/share/bash/sh file 644",
      ])
    #expect(
      hardened.deeds == [
        "dropped /usr/bin/sh [shells] leads to the shell /usr/bin/dash",
        "dropped /usr/bin/rbash [shells] leads to the shell /usr/bin/bash",
        "dropped /usr/bin/lsh [shells] leads to the shell /usr/bin/dash",
        "dropped /usr/bin/dash [shells] shell",
        "dropped /usr/bin/copy [shells] leads to the shell /usr/bin/dash",
        "dropped /usr/bin/bash [shells] shell", "dropped /etc/shells [shells] no shell is left",
      ])
    #expect(hardened.ledger.warnings == [])
  }

  @Test("shells keeps the one whose package the recipe names, and says so")
  func namedShell() throws {
    let tree = try SampleTree.make(Self.shells, owners: Self.shellOwners)
    let hardened = try SampleTree.applying(
      ShellsRule(), to: tree, .init(requestedPackages: ["bash", "ls"]))
    #expect(
      hardened.outline.filter { $0.hasPrefix("/usr/bin/") } == [
        "/usr/bin/bash file 755", "/usr/bin/ls file 755", "/usr/bin/rbash link bash",
      ])
    #expect(try hardened.text(at: "etc/shells") == "# shells\n/bin/bash\n")
    #expect(
      hardened.ledger.warnings == [
        "the image keeps a shell, because the recipe names its package: /usr/bin/bash, /usr/bin/rbash"
      ])
  }

  @Test("shells can be excepted by path")
  func exceptedShell() throws {
    let tree = try SampleTree.make(Self.shells, owners: Self.shellOwners)
    let hardened = try SampleTree.applying(
      ShellsRule(), to: tree,
      .init(exceptions: [SampleTree.exception("shells", "/usr/bin/dash", "/usr/bin/sh")]))
    #expect(
      hardened.outline.filter { $0.hasPrefix("/usr/bin/") } == [
        "/usr/bin/dash file 755", "/usr/bin/ls file 755", "/usr/bin/sh link dash",
      ])
  }

  static let managers: KeyValuePairs<TreePath, FileEntry> = [
    "usr/bin/apt-get": SampleTree.program("apt-get"), "usr/bin/dpkg": SampleTree.program("dpkg"),
    "usr/sbin/start-stop-daemon": SampleTree.program("ssd"),
    "usr/bin/aptlink": .symlink(to: "apt-get"), "usr/bin/perl": SampleTree.program("perl"),
    "etc/apt/sources.list": .file("x"), "var/lib/dpkg/info/a.list": .file("x"),
    "var/lib/dpkg/status.d/a": .file("x"), "usr/share/doc/dpkg/copyright": .file("x"),
  ]
  static let managerOwners: [TreePath: String] = [
    "usr/bin/apt-get": "apt", "usr/bin/dpkg": "dpkg", "usr/sbin/start-stop-daemon": "dpkg",
    "usr/bin/perl": "perl-base", "etc/apt/sources.list": "apt",
    "usr/share/doc/dpkg/copyright": "dpkg",
  ]

  @Test("package-managers keeps the inventory, copyright files and perl")
  func packageManagers() throws {
    let tree = try SampleTree.make(Self.managers, owners: Self.managerOwners)
    let hardened = try SampleTree.applying(PackageManagersRule(), to: tree)
    #expect(
      hardened.outline == [
        "/etc dir 755", "/usr dir 755", "/usr/bin dir 755", "/usr/bin/perl file 755",
        "/usr/sbin dir 755", "/usr/share dir 755", "/usr/share/doc dir 755",
        "/usr/share/doc/dpkg dir 755", "/usr/share/doc/dpkg/copyright file 644", "/var dir 755",
        "/var/lib dir 755", "/var/lib/dpkg dir 755", "/var/lib/dpkg/status.d dir 755",
        "/var/lib/dpkg/status.d/a file 644",
      ])
  }

  @Test("package-managers keeps what the recipe names or excepts")
  func namedManagers() throws {
    let tree = try SampleTree.make(Self.managers, owners: Self.managerOwners)
    let named = try SampleTree.applying(
      PackageManagersRule(), to: tree, .init(requestedPackages: ["apt", "dpkg"]))
    #expect(named.outline == tree.outline)
    #expect(
      named.ledger.warnings == [
        "the image keeps a package manager, because the recipe names its package: "
          + "/usr/bin/apt-get, /usr/bin/dpkg"
      ])
    let excepted = try SampleTree.applying(
      PackageManagersRule(), to: tree, .init(exceptions: [SampleTree.exception("package-managers")])
    )
    #expect(excepted.outline == tree.outline)
  }

  @Test("documentation keeps what licences ask for and the links that lead there")
  func documentation() throws {
    let tree = try SampleTree.make([
      "usr/share/doc/libc6/copyright": .file("c"), "usr/share/doc/libc6/NEWS.gz": .file("n"),
      "usr/share/doc/libc6/examples/copyright": .file("c"),
      "usr/share/doc/libgcc": .symlink(to: "libc6"),
      "usr/share/doc/nested": .symlink(to: "libc6/sub"),
      "usr/share/doc/libc6/sub/copyright": .file("c"),
      "usr/share/doc/linked/copyright": .symlink(to: "../libc6/legal"),
      "usr/share/doc/libc6/legal": .file("c"),
      "usr/share/doc/empty": .symlink(to: "nothing"), "usr/share/doc/only/README": .file("r"),
      "usr/share/man/man1/a.1.gz": .file("m"), "usr/share/info/dir": .file("i"),
      "usr/share/common-licenses/GPL-3": .file("g"),
    ])
    let hardened = try SampleTree.applying(
      DocumentationRule(), to: tree,
      .init(exceptions: [SampleTree.exception("documentation", "/usr/share/man/**/*.1.gz")]))
    #expect(
      hardened.outline == [
        "/usr dir 755", "/usr/share dir 755", "/usr/share/common-licenses dir 755",
        "/usr/share/common-licenses/GPL-3 file 644", "/usr/share/doc dir 755",
        "/usr/share/doc/libc6 dir 755", "/usr/share/doc/libc6/copyright file 644",
        "/usr/share/doc/libc6/legal file 644", "/usr/share/doc/libc6/sub dir 755",
        "/usr/share/doc/libc6/sub/copyright file 644", "/usr/share/doc/libgcc link libc6",
        "/usr/share/doc/linked dir 755", "/usr/share/doc/linked/copyright link ../libc6/legal",
        "/usr/share/doc/nested link libc6/sub", "/usr/share/man dir 755",
        "/usr/share/man/man1 dir 755",
        "/usr/share/man/man1/a.1.gz file 644",
      ])
  }

  static let locales: KeyValuePairs<TreePath, FileEntry> = [
    "usr/lib/locale/C.utf8/LC_CTYPE": .file("c"), "usr/lib/locale/de_DE/LC_CTYPE": .file("d"),
    "usr/share/locale/de/LC_MESSAGES/a.mo": .file("a"), "usr/share/i18n/charmaps/X.gz": .file("x"),
  ]

  @Test("locales keeps C.UTF-8, and all where the recipe names the package or the paths")
  func locales() throws {
    let tree = try SampleTree.make(Self.locales)
    let hardened = try SampleTree.applying(LocalesRule(), to: tree)
    #expect(
      hardened.outline == [
        "/usr dir 755", "/usr/lib dir 755", "/usr/lib/locale dir 755",
        "/usr/lib/locale/C.utf8 dir 755", "/usr/lib/locale/C.utf8/LC_CTYPE file 644",
        "/usr/share dir 755",
      ])
    let named = try SampleTree.applying(
      LocalesRule(), to: tree, .init(requestedPackages: ["locales"]))
    #expect(named.outline == tree.outline)
    let included = try SampleTree.applying(
      LocalesRule(), to: tree,
      .init(includes: [Located("/usr/share/locale/de", at: SampleTree.location)]))
    #expect(
      included.outline.filter { $0.contains("/de") } == [
        "/usr/share/locale/de dir 755", "/usr/share/locale/de/LC_MESSAGES dir 755",
        "/usr/share/locale/de/LC_MESSAGES/a.mo file 644",
      ])
    #expect(
      included.deeds.filter { $0.hasPrefix("kept") } == [
        "kept /usr/share/locale/de/LC_MESSAGES/a.mo [locales] the recipe includes it"
      ])
  }

  @Test("caches-and-logs drops files and keeps directories")
  func caches() throws {
    let tree = try SampleTree.make([
      "var/cache/ldconfig/aux-cache": .file("x"), "var/log/app/today": .file("x"),
      "var/log/keep": .file("x"), "var/lib/dpkg/status-old": .file("x"),
      "var/lib/app/state": .file("x"),
    ])
    let hardened = try SampleTree.applying(
      CachesAndLogsRule(), to: tree,
      .init(exceptions: [SampleTree.exception("caches-and-logs", "/var/log/keep")]))
    #expect(
      hardened.outline == [
        "/var dir 755", "/var/cache dir 755", "/var/cache/ldconfig dir 755", "/var/lib dir 755",
        "/var/lib/app dir 755", "/var/lib/app/state file 644", "/var/lib/dpkg dir 755",
        "/var/log dir 755", "/var/log/app dir 755", "/var/log/keep file 644",
      ])
  }

  @Test("host-integration keeps start-up files only where a shell stays")
  func hostIntegration() throws {
    let entries: KeyValuePairs<TreePath, FileEntry> = [
      "etc/cron.d/job": .file("x"), "usr/lib/systemd/system/a.service": .file("x"),
      "etc/profile": .file("x"), "etc/hosts": .file("x"), "etc/default/a": .file("x"),
    ]
    var tree = try SampleTree.make(entries)
    let policy = HardeningPolicy(exceptions: [
      SampleTree.exception("host-integration", "/etc/default/a")
    ])
    let without = try SampleTree.applying(HostIntegrationRule(), to: tree, policy)
    #expect(
      without.outline == [
        "/etc dir 755", "/etc/default dir 755", "/etc/default/a file 644", "/etc/hosts file 644",
        "/usr dir 755", "/usr/lib dir 755",
      ])
    try tree.put(SampleTree.program("b"), at: "bin/bash", rule: "test", reason: "test")
    let with = try SampleTree.applying(HostIntegrationRule(), to: tree, policy)
    #expect(with.tree["etc/profile"] != nil)
  }

  @Test("dangling-links drops only links whose target a rule dropped, chains too")
  func danglingLinks() throws {
    var tree = try SampleTree.make([
      "usr/bin/vi": SampleTree.program("vi"), "etc/alternatives/vi": .symlink(to: "/usr/bin/vi"),
      "usr/bin/editor": .symlink(to: "/etc/alternatives/vi"),
      "usr/bin/kept": .symlink(to: "vi"), "etc/mtab": .symlink(to: "/proc/mounts"),
    ])
    tree.drop("usr/bin/vi", rule: "shells", reason: "test")
    let hardened = try SampleTree.applying(
      DanglingLinksRule(), to: tree,
      .init(exceptions: [SampleTree.exception("dangling-links", "/usr/bin/kept")]))
    #expect(
      hardened.outline == [
        "/etc dir 755", "/etc/alternatives dir 755", "/etc/mtab link /proc/mounts", "/usr dir 755",
        "/usr/bin dir 755", "/usr/bin/kept link vi",
      ])
  }

  @Test("empty-directories drops what other rules emptied, from the third level on")
  func emptyDirectories() throws {
    var tree = try SampleTree.make([
      "usr/share/a/b/file": .file("x"), "usr/share/c/file": .file("x"),
      "usr/share/shipped-empty": .directory(), "var/log/file": .file("x"),
    ])
    for path in ["usr/share/a/b/file", "usr/share/c/file", "var/log/file"] as [TreePath] {
      tree.drop(path, rule: "documentation", reason: "test")
    }
    let hardened = try SampleTree.applying(
      EmptyDirectoriesRule(), to: tree,
      .init(exceptions: [SampleTree.exception("empty-directories", "/usr/share/c")]))
    #expect(
      hardened.outline == [
        "/usr dir 755", "/usr/share dir 755", "/usr/share/c dir 755",
        "/usr/share/shipped-empty dir 755", "/var dir 755", "/var/log dir 755",
      ])
  }

  @Test("directories that programs write in stay with their owners when their files go")
  func writtenDirectories() throws {
    var tree = try SampleTree.make([
      "etc/app/conf.d/x": .file("x"), "home/app/a/x": .file("x"), "media/a/b/x": .file("x"),
      "mnt/a/b/x": .file("x"), "opt/app/a/x": .file("x"), "run/app/a/x": .file("x"),
      "srv/app/a/x": .file("x"), "usr/share/app/x": .file("x"), "var/cache/app/x": .file("x"),
      "var/log/nginx": .directory(mode: 0o750, uid: 33, gid: 4),
      "var/log/nginx/access.log": .file("x"),
    ])
    for path in tree.tree.sortedPaths where path.nameText == "x" && !path.isWithin("var") {
      tree.drop(path, rule: "documentation", reason: "test")
    }
    tree = try SampleTree.applying(CachesAndLogsRule(), to: tree)
    let hardened = try SampleTree.applying(EmptyDirectoriesRule(), to: tree)
    #expect(
      hardened.outline == [
        "/etc dir 755", "/etc/app dir 755", "/home dir 755", "/home/app dir 755",
        "/home/app/a dir 755", "/media dir 755", "/media/a dir 755", "/media/a/b dir 755",
        "/mnt dir 755", "/mnt/a dir 755", "/mnt/a/b dir 755", "/opt dir 755", "/opt/app dir 755",
        "/opt/app/a dir 755", "/run dir 755", "/run/app dir 755", "/run/app/a dir 755",
        "/srv dir 755", "/srv/app dir 755", "/srv/app/a dir 755", "/usr dir 755",
        "/usr/share dir 755", "/var dir 755", "/var/cache dir 755", "/var/cache/app dir 755",
        "/var/log dir 755", "/var/log/nginx dir 750 33:4",
      ])
  }
}
